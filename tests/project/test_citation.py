"""CITATION.cff: it has the form of the Citation File Format 1.2.0, and says what pyproject.toml says."""

from functools import cache
from typing import Any

import jsonschema
import pytest
import yaml

from perfstudy import __version__
from perfstudy.paths import PROJECT
from tests.project.declared import pyproject

TEXT = {"type": "string", "minLength": 1}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["cff-version", "message", "title", "authors"],
    "properties": {
        "cff-version": {"const": "1.2.0"},
        "type": {"enum": ["software", "dataset"]},
        "authors": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name"],
                "properties": {"name": TEXT},
            },
        },
        "keywords": {"type": "array", "minItems": 1, "uniqueItems": True, "items": TEXT},
        **dict.fromkeys(("message", "title", "abstract", "version", "license"), TEXT),
    },
}
"""The format's own rules for the keys that are used here; it allows no others in this file."""


@cache
def citation() -> dict[str, Any]:
    """CITATION.cff, parsed."""
    loaded: dict[str, Any] = yaml.safe_load((PROJECT / "CITATION.cff").read_text(encoding="utf-8"))
    return loaded


def test_it_has_the_form_of_the_format() -> None:
    jsonschema.validate(citation(), SCHEMA)


@pytest.mark.parametrize("key", ["cff-version", "message", "title", "authors"])
def test_a_missing_key_would_be_noticed(key: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({name: value for name, value in citation().items() if name != key}, SCHEMA)


def test_it_says_what_the_package_says() -> None:
    project = pyproject()["project"]
    names = {"title": "name", "abstract": "description", "authors": "authors", "license": "license"}
    assert {key: citation()[key] for key in names} == {key: project[name] for key, name in names.items()}
    assert citation()["keywords"] == project["keywords"]
    assert citation()["version"] == __version__
