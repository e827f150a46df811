"""``perfstudy doctor``: whether this machine can be trusted for timing today."""

import typer

from perfstudy.commands import output


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command()(doctor)


def doctor() -> None:
    """Say what makes this machine untrustworthy for timing today."""
    from perfstudy.evidence import environment

    identity, passing = environment.collect_identity(), environment.read_telemetry()
    for name in ("cpu", "cpus", "memory_gib", "kernel", "container", "governor", "python"):
        output.say(f"{name:>12}  {'unknown' if identity[name] is None else identity[name]}")
    for name, value in passing.items():
        output.say(f"{name:>12}  {value}")
    found = environment.list_warnings(identity, passing)
    said = "\n".join(f"warning: {warning}" for warning in found)
    output.say(said or "nothing found that speaks against measuring now.")
