"""A performance study of a Django listing: optimizations, a lab, measurements and verdicts."""

__version__ = "0.1.0"
