"""How Sphinx makes the site; ``python -m tools.docs.build`` prepares its pages and calls it."""

import sys
from pathlib import Path
from typing import Any

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


def name_levels(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Give the sidebar's captions the level that a heading needs; furo gives them the role alone."""
    tree = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = tree.replace('role="heading"', 'role="heading" aria-level="2"')


def setup(app: Sphinx) -> None:
    """Follow furo, which makes the sidebar at the usual priority."""
    app.connect("html-page-context", name_levels, priority=900)
