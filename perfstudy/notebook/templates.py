"""Open the templates of pages: escaped, and strict about names."""

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
