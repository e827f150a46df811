"""Django settings: the base merged with those of ``PERFSTUDY_VARIANT``."""

import os

from perfstudy.listing.service import configuration
from perfstudy.listing.variant import parse
from perfstudy.model import variables

# What the service itself reads, for the type checker.
PERFSTUDY_VARIANT: str
PERFSTUDY_DIRECT: bool
PERFSTUDY_FRONT: str | None
PERFSTUDY_STATEMENT_LOG: str
PERFSTUDY_REDIS: str
PERFSTUDY_PAGE: str
PERFSTUDY_FRONTEND: tuple[str, ...]
PERFSTUDY_SEARCH: str

globals().update(configuration.settings(parse(variables.VARIANT.read() or "baseline"), os.environ))
