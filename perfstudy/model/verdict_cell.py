"""A verdict in a table: a word, on a ground of its colour where HTML is shown."""

from html import escape

from perfstudy.model.palette import GREEN, GREY, INK, VERDICTS, VERMILION

COLOURS = {
    **{word: colour for word, (colour, _) in VERDICTS.items()},
    **{"faster": GREEN, "equivalent": GREY, "slower": VERMILION},
    **{"met": GREEN, "open": GREY, "not met": VERMILION},
}


class Verdict(str):
    """A verdict, which a notebook shows on a ground of its colour."""

    def _repr_html_(self) -> str:
        if self not in COLOURS:
            return escape(self)
        style = f"background:{_pale(COLOURS[self])};color:{INK};border-radius:.3em;padding:.05em .4em"
        return f'<span style="{style};white-space:nowrap">{escape(self)}</span>'


def _pale(colour: str) -> str:
    """Return a tint of *colour* on which dark text has a contrast of at least 7 to 1."""
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(255 - 0.4 * (255 - part)):02x}" for part in parts)
