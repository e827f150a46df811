"""How Sphinx makes the site; ``python -m tools.docs.build`` prepares its pages and calls it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sphinx.application import Sphinx

import perfstudy

project = "perfstudy"
author = copyright = "perfstudy contributors"
version = release = perfstudy.__version__
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 3
myst_enable_extensions = ["attrs_block"]
nb_execution_mode = "off"  # notebooks are shown as stored; `make test` compares their outputs
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = f"perfstudy {version}"
html_show_sphinx = False
html_domain_indices = False  # the API has a page for each room
html_copy_source = False
html_show_sourcelink = False
html_static_path = ["images"]
html_css_files = ["site.css"]


FOR_AXE = {
    'role="heading"': 'role="heading" aria-level="2"',
    '<aside class="sidebar-drawer"': '<aside aria-label="Pages" class="sidebar-drawer"',
    '<aside class="toc-drawer': '<aside aria-label="On this page" class="toc-drawer',
    "<pre>": '<pre tabindex="0">',
    '<div class="table-wrapper': '<div tabindex="0" class="table-wrapper',
}
"""What furo and Sphinx leave out: levels, names of landmarks, and keyboards' way to what scrolls sideways."""


def complete_pages(app: Sphinx, failure: Exception | None) -> None:
    """Write into every page what the theme leaves out."""
    for path in Path(app.outdir).rglob("*.html") if failure is None else ():
        text = path.read_text(encoding="utf-8")
        for left_out, written in FOR_AXE.items():
            text = text.replace(left_out, written)
        path.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Complete the pages once they are written."""
    app.connect("build-finished", complete_pages)
