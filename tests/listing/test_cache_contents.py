"""What a cache holds, in words; and that reading it runs nobody's code."""

import json
import pickle

import pytest

from perfstudy.listing import cache_contents
from perfstudy.listing.lab import Lab

DOCUMENT = {"programs": [{}, {}], "total_count": 2, "from_cache": True}


class Trap:
    """Unpickling one would call a function of the writer's choice."""

    def __reduce__(self) -> object:
        return print, ("trapped",)


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (pickle.dumps(DOCUMENT, protocol=5), "pickle of programs (2), total_count, from_cache"),
        (json.dumps(DOCUMENT).encode(), "JSON of programs (2), total_count, from_cache"),
        (
            b"version 17\n" + json.dumps(DOCUMENT).encode(),
            "version, refresh time, JSON of programs (2), total_count, from_cache",
        ),
        (
            b"version 17 signature\n" + json.dumps(DOCUMENT).encode(),
            "version, refresh time, signature, JSON of programs (2), total_count, from_cache",
        ),
        (b"9Zk_-abc", "a version"),
        (b"", "nothing"),
        (pickle.dumps([1], protocol=5), "pickle of list"),
    ],
)
def test_shapes_are_told(payload: bytes, said: str) -> None:
    assert cache_contents.describe_shape(payload) == said


def test_a_pickle_of_code_is_not_run(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(pickle.UnpicklingError, match="no plain data"):
        cache_contents.describe_shape(pickle.dumps(Trap()))
    assert not capsys.readouterr().out


def test_keys_are_shown_without_what_differs_from_run_to_run(lab: Lab) -> None:
    prefix = f"{lab.key_prefix}:kept"
    with lab.redis.client() as redis:
        redis.set(f"{prefix}:programs:{'0123456789abcdef' * 4}", json.dumps(DOCUMENT), px=59_500)
        rows = cache_contents.list_entries(redis, prefix)
        lab.clear_cache(prefix)
    (row,) = rows
    assert row["key"] == "programs:01234567…"
    assert row["lives at most"] == "60 s"
