"""The templates of pages: escaped, strict about names, and without the lines of their own tags."""

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup


def open_templates(package: str) -> Environment:
    """Return the templates that stand in *package*, beside its modules."""
    environment = Environment(
        loader=PackageLoader(package, "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["svg"] = Markup
    return environment
