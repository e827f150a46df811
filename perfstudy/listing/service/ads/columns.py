"""Columns with another decoding than Django's."""

from typing import Any

from django.db import models

from perfstudy.listing import exact


class TooDeep:
    """A value that nests too deep to be read."""


class Lists(models.JSONField):
    """A JSON column that keeps the digits of its numbers; a JSONField to migrations."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """Return the value of the JSON text *value*."""
        if value is None:
            return None
        return TooDeep() if exact.is_too_deep(value) else exact.decode(value)

    def deconstruct(self) -> Any:
        """Return the column as a migration declares it."""
        name, _, arguments, named = super().deconstruct()
        return name, "django.db.models.JSONField", arguments, named
