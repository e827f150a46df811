"""Rendering: the material of a run becomes one self-contained HTML file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from perfstudy import __version__
from perfstudy.findings.symbols import SYMBOLS
from perfstudy.model import files
from perfstudy.model.labels import is_own
from perfstudy.notebook.templates import open_templates
from perfstudy.report import first_screen, judgement, machines, opening, sections, surroundings
from perfstudy.report.material import Material, Reported, collect_material
from perfstudy.report.parts import Section

TEMPLATE = "report.html.j2"


def render(source: Reported, path: str | Path) -> Path:
    """Write the report of a run or published set, and return its path.

    Raises:
        PerfstudyError: the file cannot be written.
    """
    path = Path(path)
    files.write(path, document(collect_material(source)).encode())
    return path


def document(material: Material) -> str:
    """Return the report as HTML: no request leaves it, no script is in it."""
    return open_templates("perfstudy.report").get_template(TEMPLATE).render(**_content(material))


def _content(material: Material) -> Mapping[str, Any]:
    return {
        "title": _name_title(material),
        "first": first_screen.open_report(material) or opening.open_study(material),
        "name": material.name,
        "version": __version__,
        "facts": material.facts,
        "symbols": SYMBOLS,
        "trust": [*judgement.warnings(material), *judgement.describe_noise(material)],
        "sections": _sections(material),
    }


def _name_title(material: Material) -> str:
    """Return the title that the study declares, else its name, and its scale."""
    declared = str(material.declaration.get("title") or "")
    if is_own(material.declaration) and declared:
        return declared
    return f"{declared}, at {material.scale}" if declared else f"{material.study} at {material.scale}"


def _sections(material: Material) -> list[Section]:
    return [
        *judgement.verdicts(material),
        *machines.on_machines(material),
        *sections.all_sections(material),
        *surroundings.environment(material),
        *surroundings.reproduction(material),
    ]
