"""The locustfile as text, for Locust itself is not installed: what it asks for is what the service describes."""

import ast
from collections.abc import Iterator
from json import loads
from urllib.parse import parse_qsl, urlsplit

import pytest

from perfstudy.drivers.http import Client
from perfstudy.lab import RunningService
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.variant import BASELINE
from perfstudy.paths import PROJECT

TREE = ast.parse((PROJECT / "benchmarks" / "locustfile.py").read_text(encoding="utf-8"))

TARGETS = {
    node.targets[0].id: ast.literal_eval(node.value)
    for node in TREE.body
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
}


def requests() -> Iterator[str]:
    """The names of the targets that tasks ask for."""
    for node in ast.walk(TREE):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
            assert [keyword.arg for keyword in node.keywords] == ["headers"]
            assert isinstance(node.args[0], ast.Name)
            yield node.args[0].id


@pytest.fixture(scope="module")
def service(lab: Lab, tiny: Database) -> Iterator[RunningService]:
    tiny.reconcile(BASELINE)
    with lab.serve(BASELINE, tiny, key_prefix="locust") as service:
        yield service


def test_every_target_is_asked_for() -> None:
    assert sorted(requests()) == sorted(TARGETS)


def test_it_asks_for_what_the_service_describes(service: RunningService, tiny: Database) -> None:
    with Client(service.url, service.token(tiny.facts.tenant)) as client:
        described = loads(client.get("/api/openapi.json").body)
        for target in TARGETS.values():
            parts = urlsplit(target)
            path = described["paths"][parts.path]
            known = {parameter["name"] for parameter in path["parameters"]}
            assert "get" in path
            assert {name for name, _ in parse_qsl(parts.query)} <= known
            assert client.get(target).status == 200
    assert described["components"]["securitySchemes"].popitem()[1]["scheme"] == "bearer"
