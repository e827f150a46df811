"""The script that makes the odd plans still brings PostgreSQL to the same ones."""

import json

import pytest

from perfstudy.listing.lab import Lab
from tests.plans import make


def test_the_script_still_gives_the_same_types_of_nodes(lab: Lab) -> None:
    with lab.postgres.connect() as connection:
        if connection.info.server_version // 10000 != 18:
            pytest.skip("the folder holds plans of PostgreSQL 18, and other versions may plan otherwise")
    now = {name: make.types(plan) for name, plan in make.plans(lab.postgres).items()}
    kept = {path.stem: make.types(json.loads(path.read_text())) for path in make.FOLDER.glob("*.json")}
    assert now == kept


def test_nothing_of_the_machine_is_in_the_folder() -> None:
    texts = "".join(path.read_text() for path in make.FOLDER.glob("*.json"))
    for word in ("/home", "/root", "/tmp", "/var", "password", "127.0.0.1", "localhost"):
        assert word not in texts
