"""Represent a chart: a figure that needs no backend and has a caption.

Nothing here touches pyplot or the global settings of matplotlib, so charts can be made in any thread.
"""

import io
import re
from html import escape
from threading import Lock
from typing import Any
from zlib import crc32

import matplotlib
from matplotlib.figure import Figure

from perfstudy.charts import text as texts
from perfstudy.model.palette import GROUND, VARIABLES

_saving = Lock()


class Chart(Figure):
    """A figure with a caption, which displays in a notebook by itself.

    ``kind`` names the sort of chart, ``caption`` says what the data show, ``alt`` is both.
    """

    kind: str = "Chart"
    caption: str = ""

    @property
    def alt(self) -> str:
        """The text for those who do not see the image."""
        return f"{self.kind}. {self.caption}".strip()

    def draw(self, renderer: Any) -> None:
        """Draw the figure with every text as it stands."""
        texts.literal(self)
        super().draw(renderer)

    def png(self, dpi: int = 180) -> bytes:
        """Return the image on a ground of its own, so that it can be read on any page."""
        file = io.BytesIO()
        self.savefig(file, format="png", dpi=dpi, facecolor=GROUND)
        return file.getvalue()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """Display in a notebook, without a backend: in its ink, or else as an image."""
        width, height = (round(96 * inches) for inches in self.get_size_inches())
        described = {"width": width, "height": height, "alt": self.alt}
        return {"text/html": self.html(), "image/png": self.png(), "text/plain": repr(self)}, {"image/png": described}

    def html(self) -> str:
        """Return a ``<figure>`` with its caption, in the colour of the text around it."""
        ink = ";".join(f"{name}:{_mix(share)}" for name, share in zip(VARIABLES.values(), (100, 80, 50), strict=True))
        caption = f"<figcaption>{escape(self.caption)}</figcaption>" if self.caption else ""
        width = round(96 * self.get_size_inches()[0] * 1.3)
        svg = self.svg(f"{crc32(self.alt.encode()):x}")
        return f'<figure style="{ink};margin:0;max-width:{width}px">{svg}{caption}</figure>'

    def svg(self, key: str) -> str:
        """Return an ``<svg>`` element for a page, in the page's own greys.

        *key* keeps its ids apart from those of the page's other charts.
        """
        file = io.StringIO()
        # The settings of the writer are global, and read while it writes.
        with _saving, matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": key, "svg.image_inline": True}):
            self.savefig(
                file, format="svg", dpi=160, transparent=True, metadata={"Date": None, "Creator": None, "Type": None}
            )
        return _inline(file.getvalue(), self.alt)


def _mix(share: int) -> str:
    return f"color-mix(in srgb, currentColor {share}%, transparent)"


def _inline(svg: str, alt: str) -> str:
    body = svg[svg.index("<svg") :]
    opening, body = body.split(">", 1)
    box = re.search(r'viewBox="([^"]+)"', opening)
    assert box is not None
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    wanted = set(re.findall(r"(?:url\(#|href=\"#)([^)\"]+)", body))
    body = re.sub(r' id="([^"]*)"', lambda m: m.group(0) if m.group(1) in wanted else "", body)
    body = re.sub(r"\n\s*", "\n", re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)).replace("xlink:href", "href")
    for colour, variable in VARIABLES.items():
        body = body.replace(colour, f"var({variable},{colour})")
    return f'<svg viewBox="{box.group(1)}" role="img" aria-label="{escape(alt, quote=True)}">{body.strip()}'
