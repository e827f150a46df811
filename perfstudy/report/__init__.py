"""The report of a run: one HTML file that holds everything it shows."""

from perfstudy.report.render import render

__all__ = ["render"]
