"""What all tests share: the figures that some of them find are printed at the end of the run."""

import pytest

CHECK = "method check"
"""The property under which a test records a figure, as ``record_property(CHECK, line)``."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the section *method checks*; where workers ran the tests, their reports bring the lines along."""
    reports = [report for key in ("passed", "failed") for report in terminalreporter.stats.get(key, [])]
    lines = [line for report in reports for key, line in getattr(report, "user_properties", []) if key == CHECK]
    if lines:
        terminalreporter.section("method checks")
        for line in dict.fromkeys(lines):
            terminalreporter.line(line)
