"""Words that stand out in a notebook: verdicts in colour, and SQL highlighted."""

from html import escape

from perfstudy.charts.style import GREEN, GREY, INK, VERDICTS, VERMILION

COLOURS = {
    **{word: colour for word, (colour, _) in VERDICTS.items()},
    **{"faster": GREEN, "equivalent": GREY, "slower": VERMILION},
    **{"met": GREEN, "open": GREY, "not met": VERMILION},
}
TOKENS = (
    *(("k", "keyword"), ("kp", "keyword"), ("kn", "keyword"), ("kc", "keyword"), ("c1", "comment"), ("sd", "string")),
    *(("s1", "string"), ("s2", "string"), ("mi", "number"), ("o", "operator")),
)
CODE_STYLE = "<style>{}</style>".format(
    "".join(
        f".jp-RenderedHTMLCommon .highlight .{token} {{ color: var(--jp-mirror-editor-{name}-color); }}"
        for token, name in TOKENS
    )
    + ".highlight code, pre.highlight { white-space: pre-wrap; overflow-wrap: break-word; }"
)
"""JupyterLab has colours for code that follow its theme; the site has those of the class ``highlight``."""


class Verdict(str):
    """A verdict, which a notebook shows on a ground of its colour."""

    def _repr_html_(self) -> str:
        if self not in COLOURS:
            return escape(self)
        style = f"background:{_pale(COLOURS[self])};color:{INK};border-radius:.3em;padding:.05em .4em"
        return f'<span style="{style};white-space:nowrap">{escape(self)}</span>'


class Sql(str):
    """A statement, which a notebook shows with its keywords highlighted."""

    def _repr_html_(self) -> str:
        return f'<span class="highlight"><code>{highlight(self)}</code></span>'


def highlight(code: str, language: str = "sql") -> str:
    """Return *code* as HTML, its tokens in the short classes of Pygments."""
    import pygments
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name

    lexer = get_lexer_by_name("postgresql" if language == "sql" else language, stripnl=False, ensurenl=False)
    return str(pygments.highlight(code, lexer, HtmlFormatter(nowrap=True)))


def _pale(colour: str) -> str:
    """Return a tint of *colour* on which dark text has a contrast of at least 7 to 1."""
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(255 - 0.4 * (255 - part)):02x}" for part in parts)
