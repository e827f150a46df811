"""Code that a notebook shows with its keywords highlighted."""

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


class Sql(str):
    """A statement, which a notebook shows with its keywords highlighted."""

    def _repr_html_(self) -> str:
        # JupyterLab puts each line of inline code on a ground of its own.
        plain = "background-color:transparent;padding:0"
        return f'<span class="highlight"><code style="{plain}">{highlight(self)}</code></span>'


def highlight(code: str, language: str = "sql") -> str:
    """Return *code* as HTML, its tokens in the short classes of Pygments."""
    import pygments
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name

    lexer = get_lexer_by_name("postgresql" if language == "sql" else language, stripnl=False, ensurenl=False)
    return str(pygments.highlight(code, lexer, HtmlFormatter(nowrap=True)))
