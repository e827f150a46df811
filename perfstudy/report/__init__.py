"""The report of a run as one HTML file, and its summary in Markdown."""

from perfstudy.report.render import render
from perfstudy.report.summary import summarise

__all__ = ["render", "summarise"]
