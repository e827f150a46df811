"""The notebooks as a small site, for readers without Jupyter."""

from perfstudy.notebook.site.render import render

__all__ = ["render"]
