"""Format numbers as text: times, factors, intervals, bytes and counts."""

import math
from datetime import datetime
from math import floor, isfinite, log10
from typing import Any


def significant(value: float, digits: int = 3) -> str:
    """Return *value* with *digits* significant digits, never as a power of ten."""
    if not isfinite(value):
        return "-"
    if value == 0:
        return "0"
    rounded = round(value, digits - 1 - floor(log10(abs(value))))
    places = max(0, digits - 1 - floor(log10(abs(rounded))))
    return f"{rounded:,.{places}f}"


def duration(seconds: float, digits: int = 3) -> str:
    """Return a time in the unit that fits: ``380 µs``, ``48.2 ms``, ``1.23 s``."""
    if not isfinite(seconds):
        return "-"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if abs(seconds) >= 0.9995 * size:
            return f"{significant(seconds / size, digits)} {unit}"
    return f"{significant(seconds * 1e6, digits)} µs"


def ratio(value: float, digits: int = 2) -> str:
    """Return a factor: ``3.1×``, ``12×``, and ``1.04×`` near one."""
    if not isfinite(value):
        return "-"
    return f"{value:.2f}×" if 0.2 <= value < 1.995 else f"{significant(value, digits)}×"


def interval(low: float, high: float) -> str:
    """Return the ends of an interval of factors: ``2.9 to 3.3×``."""
    if not (isfinite(low) and isfinite(high)):
        return ""
    return f"{ratio(low)[:-1]} to {ratio(high)}"


def tick(value: float) -> str:
    """Return a round number with what it has of decimals: ``0.5``, ``2,000``."""
    return f"{value:,.10g}"


def short(value: float) -> str:
    """Return *value* in at most three significant digits: ``3``, ``36,400``."""
    return tick(float(f"{value:.3g}"))


def times(low: float, high: float | None = None) -> str:
    """Return a range of factors in words: ``3 to 5 times``, ``at least 2 times``."""
    return f"at least {short(low)} times" if high is None else f"{short(low)} to {short(high)} times"


def clock(seconds: float) -> str:
    """Return a round time, as at the ticks of an axis: ``0``, ``50 ms``, ``2.5 s``."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if abs(seconds) >= 0.9995 * size:
            return f"{tick(round(seconds / size, 6))} {unit}"
    return "0" if not seconds else f"{tick(round(seconds * 1e6, 6))} µs"


def count(value: float) -> str:
    """Return a count in short: ``435``, ``50 k``, ``1 M``."""
    for unit, size in ((" M", 1e6), (" k", 1e3)):
        if value >= size:
            return f"{tick(value / size)}{unit}"
    return tick(value)


def factor(value: float) -> str:
    """Return a factor with two decimals, or with three significant digits from ten on."""
    if not isfinite(value):
        return "-"
    return f"{value:.2f}" if value < 9.995 else significant(value)


def factor_with_interval(value: float, low: float, high: float) -> str:
    """Return a factor with its interval, if it has one: ``1.06 [1.01, 1.10]``."""
    if not (isfinite(low) and isfinite(high)):
        return factor(value)
    return f"{factor(value)} [{factor(low)}, {factor(high)}]"


def claimed_range(low: float, high: float, less: str) -> str:
    """Return a claimed range in short: ``3–5×``, ``≥ 10×``.

    From 1 on it is *less*, what less of the quantity is called.
    """
    if isfinite(high):
        return f"{low:.3g}–{high:.3g}×"
    return less if low == 1 else f"≥ {low:.3g}×"


def size_in_bytes(count: float) -> str:
    """Return bytes in the decimal unit that fits: ``34.6 MB``."""
    for unit, bytes_ in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if abs(count) >= bytes_:
            return f"{significant(count / bytes_)} {unit}"
    return f"{count:.0f} bytes"


def percent(share: float, digits: int | None = None) -> str:
    """Return a share of one in hundredths: ``13%``, or ``12.5%`` by *digits*."""
    return f"{share:.0%}" if digits is None else f"{100 * share:.{digits}g}%"


UNITLESS = ("times the baseline", "ratio", "times", "×")
"""Units in which 1 means no cost."""


def amount(value: float, unit: str) -> str:
    """Return a value with its unit, in the size that fits."""
    if math.isnan(value):
        return "-"
    if unit in ("s", "seconds"):
        return duration(value)
    if unit in UNITLESS:
        return ratio(value)
    if unit in ("B", "bytes") and abs(value) >= 1e3:
        return size_in_bytes(value)
    whole = f"{value:,.0f}" if float(value).is_integer() else significant(value)
    return f"{whole} {unit.removesuffix('s') if value == 1 else unit}".strip()


def time_cell(value: float | None) -> str:
    """Return a time for a table's cell; empty for nothing."""
    return "" if value is None or math.isnan(value) else duration(value)


def share_cell(value: float) -> str:
    """Return a share for a table's cell; empty where it is 0."""
    return percent(value, 2) if value > 0 else ""


def speedup_cell(row: Any) -> str:
    """Return a row's speed-up with its interval; empty where there is none."""
    return "" if math.isnan(row["speedup"]) else factor_with_interval(row["speedup"], row["low"], row["high"])


def cell(value: Any) -> str:
    """Return any value for a table's cell; empty for nothing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, datetime):
        return "" if value != value else f"{value:%Y-%m-%d %H:%M}"  # NaT alone differs from itself
    return f"{value:.4g}" if isinstance(value, float) else str(value)
