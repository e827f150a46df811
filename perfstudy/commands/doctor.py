"""``perfstudy doctor``: whether this machine can be trusted for timing today."""

from typing import Any

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
        output.say(f"{name:>13}  {_describe(identity[name])}")
    output.say(f"{'browser':>13}  {_describe_browser()}")
    for name, value in passing.items():
        output.say(f"{name:>13}  {_describe(value)}")
    found = environment.list_warnings(identity, passing)
    said = "\n".join(f"warning: {warning}" for warning in found)
    output.say(said or "nothing found that speaks against measuring now.")


def _describe_browser() -> str:
    """Return the browser that pages are measured in, or why there is none."""
    from perfstudy.drivers.browser.find import find_browser
    from perfstudy.errors import PerfstudyError

    try:
        return find_browser().product
    except PerfstudyError as error:
        return str(error)


def _describe(value: Any) -> str:
    """Return a fact in words: ``none``, ``yes``, ``13.5, 10.2, 8.1``."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_describe, value))
    return f"{value:.3g}" if isinstance(value, float) else str(value)
