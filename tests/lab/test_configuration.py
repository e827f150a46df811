"""The declared settings."""

from collections import Counter

import pytest

from perfstudy.lab.configuration import POSTGRES, REDIS, Setting, to_plain


@pytest.mark.parametrize("settings", [POSTGRES, REDIS], ids=["postgres", "redis"])
def test_each_setting_is_declared_once_and_says_why(settings: tuple[Setting, ...]) -> None:
    assert max(Counter(setting.name for setting in settings).values()) == 1
    assert all(len(setting.reason) > 10 for setting in settings if setting.name != "log_timezone")
    assert len(to_plain(settings)) == len(settings)
