"""Django's commands in a process of their own."""

import pytest

from perfstudy.errors import PerfstudyError
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.manage import manage
from perfstudy.listing.variant import BASELINE


def test_what_a_command_writes_comes_back(lab: Lab, tiny: Database) -> None:
    tiny.reconcile(BASELINE)
    assert "[X] 0014_baseline" in manage(lab.build_environment(tiny.url, BASELINE), "showmigrations", "ads")


def test_a_failing_command_is_quoted(lab: Lab, tiny: Database) -> None:
    with pytest.raises(PerfstudyError, match=r"perfstudy.listing.service sqlmigrate ads 9999` failed(?s:.*)9999"):
        manage(lab.build_environment(tiny.url, BASELINE), "sqlmigrate", "ads", "9999")
