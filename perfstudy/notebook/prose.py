"""Fill in and check the numbers of prose, each followed by its address.

``The index makes a page 1.06 [1.01, 1.10]<!-- ladder-medium: index-response/page --> times as fast.``

``perfstudy.notebook.citations`` says what an address may be. A new number is written as ``?`` and filled in when
the notebook is run next. What the report says stands in double quotes and is checked against the claims' own words; a
figure that holds by definition or by arithmetic, and is no measurement, is followed by ``<!-- by definition -->``.
"""

import re
from collections.abc import Iterator
from html import escape

from perfstudy.model.catalog import list_claims
from perfstudy.notebook.citations import number

DEFINED = "by definition"

_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_UNIT = r"(?:times|seconds?|s|ms|µs|bytes|kB|MB|GB)"
_RATIO = rf"(?:{_NUMBER} to |at least )?{_NUMBER}(?: \[{_NUMBER}, {_NUMBER}\])?(?: {_UNIT}|×|%)?"
_WORDS = (
    r"supported|exceeded|fell short|ruled out|refuted|inconclusive|not testable here|invalid|faster|slower|equivalent"
    r"|met|not met|open"
)
_MARKED = re.compile(rf"(?P<text>\?|{_RATIO}|{_WORDS})(?P<close>\**)<!--\s*(?P<address>.*?)\s*-->")
_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_FIGURE = re.compile(
    rf"\[{_NUMBER}, {_NUMBER}\]|(?<![\w.]){_NUMBER}(?:(?: to |-){_NUMBER})?(?: {_UNIT}\b|\s?×|\s?%|-fold\b)"
)
_QUOTED = re.compile(r"\"([^\"\n]+)\"")
_APART = re.compile(r"```.*?```|`[^`\n]+`|95% intervals?", re.DOTALL)


def fill_citations(markdown: str) -> str:
    """Return *markdown* with each marked number as its address gives it now.

    Raises:
        UsageError: an address names nothing, or a comment follows no number.
    """
    return _MARKED.sub(_fill, markdown)


def _fill(found: re.Match[str]) -> str:
    if found["address"] == DEFINED:
        return found[0]
    return f"{number(found['address']).text}{found['close']}<!-- {found['address']} -->"


def list_sources(markdown: str) -> str:
    """Return *markdown* with each address moved into an element."""
    return _MARKED.sub(_element, markdown)


def _element(found: re.Match[str]) -> str:
    number_ = f'<span class="number" title="{escape(found["address"], quote=True)}">{found["text"]}</span>'
    return (found["text"] if found["address"] == DEFINED else number_) + found["close"]


def find_unbacked(markdown: str) -> Iterator[str]:
    """Yield the figures of *markdown* that no result backs."""
    rest = _MARKED.sub("", markdown)
    yield from (f"{comment.strip()!r} follows no number" for comment in _COMMENT.findall(rest))
    rest = _QUOTED.sub(lambda found: "" if _is_stated(found[1]) else found[0], _APART.sub("", rest))
    yield from _FIGURE.findall(rest)


def _is_stated(words: str) -> bool:
    """Whether the report, or a claim of the study's own, has these *words*."""
    return any(words in claim.quote for claim in list_claims())
