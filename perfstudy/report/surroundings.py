"""Build the last sections: the environment, and the command to repeat."""

from collections.abc import Iterator, Mapping
from typing import Any

from perfstudy import formatting
from perfstudy.report.material import Material
from perfstudy.report.parts import Code, Part, Section, Text, table
from perfstudy.results.resultset import repeat_command

FOLDED = {
    "settings": "The servers' settings, as declared",
    "servers.postgresql_settings": "PostgreSQL's settings, where they differ from the default",
}
"""Parts of the identity that are long and folded away, with their titles."""


def environment(material: Material) -> list[Section]:
    """Return the section on the machine and its servers, if they were recorded."""
    if not material.environment:
        return []
    identity = dict(flatten(material.environment))
    short = {k: v for k, v in identity.items() if not k.startswith(tuple(FOLDED))}
    parts: list[Part] = [
        Text("Runs may be pooled only where all of this is equal."),
        table("identity", "The machine, the software and the servers", ("what", "value"), _name_setting(short)),
    ]
    passing = dict(flatten({k: v for k, v in material.telemetry.items() if v}))
    if passing:
        parts.append(table("telemetry", "What passed while it ran", ("what", "value"), _name_setting(passing)))
    for name in FOLDED:
        lines = [f"{k.removeprefix(name + '.')} = {v}" for k, v in identity.items() if k.startswith(f"{name}.")]
        if lines:
            title = (
                "The servers' settings, as declared" if name == "settings" else "PostgreSQL's settings, where changed"
            )
            parts.append(Code("\n".join(lines), summary=title))
    return [Section("environment", "Where it was measured", "Environment", parts)]


def _name_setting(values: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name.replace("_", " ").replace(".", ": "), value) for name, value in values.items()]


def flatten(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield (name, value in words) of nested mappings, names joined by dots."""
    for key, inner in value.items():
        name = f"{prefix}{key}"
        if isinstance(inner, Mapping):
            yield from flatten(inner, f"{name}.")
        else:
            yield name, _words(inner)


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(_words(inner) for inner in value)
    if isinstance(value, float):
        return formatting.short(value)
    return "none" if value is None else str(value)


def reproduction(material: Material) -> list[Section]:
    """Return the section with the command that repeats the study."""
    parts: list[Part] = [
        Text("The same schedule, drawn from the same seed, on the same data:"),
        Code(repeat_command(material)),
        Text("What was measured here can be exported, and read on another machine by perfstudy import:"),
        Code(f"perfstudy results {material.name} --format parquet --output {material.name}.parquet"),
    ]
    return [Section("reproduce", "How to reproduce it", "Reproduce", parts)]
