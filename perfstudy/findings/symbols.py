"""The words of verdicts in the order of display, each with its symbol."""

from collections.abc import Mapping

SYMBOLS: Mapping[str, str] = {
    "supported": "●",
    "exceeded": "▲",
    "fell short": "▼",
    "ruled out": "◀",
    "refuted": "✖",
    "inconclusive": "◆",
    "not testable here": "■",
    "invalid": "✚",
}
"""Beside the word of each verdict on a claim: the shape of its marker in the chart."""

COMPARED: Mapping[str, str] = {"faster": "▲", "equivalent": "●", "slower": "▼", "inconclusive": "◆", "invalid": "✚"}
"""Beside the word of each comparison."""
