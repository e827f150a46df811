"""The three instruments: each that is installed asks a real server, and the others are said to be missing."""

from collections import defaultdict

import pytest

from benchmarks import instruments
from benchmarks.instruments import LOADS, OWN, Found, Request, Times
from perfstudy.drivers.load.connection import parse_target
from perfstudy.errors import PerfstudyError
from tests.drivers.load.server import serving


@pytest.mark.parametrize(("load", "instrument"), [(load, name) for load, names in LOADS.items() for name in names])
def test_an_instrument_reports_what_it_measured(load: str, instrument: str) -> None:
    if not instruments.is_installed(instrument):
        pytest.skip(f"{instrument} is not installed")
    with serving() as (url, _):
        times = LOADS[load][instrument](Request(url, "token", parse_target(url, instruments.PAGE), 1.0))
    assert 0 < times.median <= times.p99


@pytest.mark.parametrize("instrument", ["wrk", "h2load"])
def test_an_instrument_that_is_not_answered_says_so(instrument: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not instruments.is_installed(instrument):
        pytest.skip(f"{instrument} is not installed")
    monkeypatch.setattr(instruments, "PAGE", "/busy")
    with serving() as (url, _), pytest.raises(PerfstudyError, match=f"{instrument} was not answered"):
        LOADS["closed"][instrument](Request(url, "token", parse_target(url, "/busy"), 1.0))


@pytest.mark.parametrize(("text", "seconds"), [("9.00us", 9e-6), ("0.59ms", 0.00059), ("1.20s", 1.2)])
def test_wrk_s_units_are_read(text: str, seconds: float) -> None:
    assert instruments.read_percentile(f"     50%    1.00ms\n     99%   {text}\n", 99) == pytest.approx(seconds)


def test_what_is_missing_is_said_and_ratios_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    found: Found = defaultdict(list)
    for name in instruments.VARIANTS:
        found["closed", name, OWN] = [Times(0.001, 0.002)] * 2
        found["closed", name, "wrk"] = [Times(0.002, 0.002), Times(0.002, 0.002)]
        found["constant", name, OWN] = [Times(0.001, 0.002)]
        found["constant", name, "h2load"] = [Times(0.003, 0.001)]
    instruments.show(found)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["closed", "best", "h2load", "not", "installed"] in lines
    assert ["constant", "all", "h2load", "3.00", "ms", "1.00", "ms", "3.00", "0.50"] in lines
    assert ["closed", "all", "wrk", "2.00", "ms", "2.00", "ms", "2", "[2,", "2]", "1", "[1,", "1]"] in lines
