"""Build the section on the machines of a run that several measured."""

from perfstudy import charts
from perfstudy.report.material import Material
from perfstudy.report.parts import Part, Section, Text, figure, table
from perfstudy.report.sections import principal

COLUMNS = ("machine", "processor", "blocks", "differs from machine 1 in")


def on_machines(material: Material) -> list[Section]:
    """Return the section on the machines; none where one measured all."""
    machines = material.machines
    if not machines:
        return []
    rows = [
        (f"machine {number}", one.words, str(len(one.blocks)), one.name_differences(machines[0]))
        for number, one in enumerate(machines, 1)
    ]
    parts: list[Part] = [
        Text(
            "Every block ran whole on one machine, so that its own speed cancels in the ratio. Which machines measured "
            "is chance as well: the combined interval allows for how far their effects differ, and verdicts are read "
            "off it."
        ),
        table("machines-table", "The machines, and how many blocks each measured", COLUMNS, rows, "ttnt"),
    ]
    return [Section("machines", "On each machine", "Machines", [*parts, *_draw(material)])]


def _draw(material: Material) -> list[Part]:
    frame = material.on_machines
    frame = frame[frame["label"].isin(principal(material.labels))] if len(frame) else frame
    there = set(zip(frame["scale"], frame["scenario"], strict=True)) if len(frame) else set()
    return [
        figure(f"machines-{number}", charts.machines, frame, scenario=scenario, scale=scale)
        for number, (scale, scenario) in enumerate(material.places())
        if (scale, scenario) in there
    ]
