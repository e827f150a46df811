"""Credit the gain of each step of a ladder, in any order of the steps.

A ladder measures one order of applying the optimizations. The same steps, taken in another order, get other credits,
though they end at the same place. Speed-ups are factors; frames in, frames out.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import factorial
from typing import Any

import numpy as np
import pandas as pd

from perfstudy import findings
from perfstudy.analysis.combine import average_blocks
from perfstudy.errors import UsageError, unknown
from perfstudy.findings.series import interval_columns

Set = frozenset[str]


def order_ladder(run: findings.Source, order: str, *, scenario: str = "", temperature: str = "warm") -> pd.DataFrame:
    """Return what each step of *order*, such as ``cache, index``, is credited with.

    Columns change, speedup, low, high, and ``reached``: the speed-up over the baseline by then.

    Raises:
        UsageError: a name is no optimization of the run's, stands twice, or a set on the way was not measured.
    """
    _, _, table = _table(run, scenario, temperature)
    names = _names(order, table, findings.find(run).factors)
    rungs = [Set(names[:step]) for step in range(len(names) + 1)]
    gains = average_blocks(np.column_stack([table[before] - table[after] for before, after in pairwise(rungs)]))
    reached = np.exp([np.mean(table[Set()] - table[after]) for after in rungs[1:]])
    return pd.DataFrame(
        [
            {"change": f"+ {name}", **interval_columns(gain.interval.exp()), "reached": total}
            for name, gain, total in zip(names, gains, reached, strict=True)
        ]
    )


def order_credits(
    run: findings.Source, *, scenario: str = "", temperature: str = "warm", **orders: str
) -> pd.DataFrame:
    """Return the speed-up credited to each optimization in each of *orders*.

    >>> order_credits(run, there="index, cache", back="cache, index")      # doctest: +SKIP
    """
    frame = pd.DataFrame(
        {
            name: _credit(order_ladder(run, order, scenario=scenario, temperature=temperature))
            for name, order in orders.items()
        }
    )
    return frame.reindex([name for name in findings.find(run).factors if name in frame.index])


def _credit(steps: pd.DataFrame) -> dict[str, float]:
    return dict(zip(steps["change"].str.removeprefix("+ "), steps["speedup"], strict=True))


def order_steps(run: findings.Source) -> pd.DataFrame:
    """Return every step of every order, with its speed-up.

    ``after`` is the set that the optimization is added to, and ``orders`` in how many orders of all that is so.
    """
    rows: list[dict[str, Any]] = []
    found = findings.find(run)
    for place, temperature, table in found.tables:
        where = {"scale": place.scale, "scenario": place.scenario, "temperature": temperature}
        rows += [where | step for step in _steps(table, found.factors, found.reference)]
    return pd.DataFrame(rows)


def best_order(run: findings.Source, *, scenario: str = "", temperature: str = "warm") -> str:
    """Return the order that takes the largest gain left at each step."""
    _, _, table = _table(run, scenario, temperature)
    means = {chosen: float(np.mean(logs)) for chosen, logs in table.items()}
    done: list[str] = []
    names = findings.find(run).factors
    while following := [name for name in names if name not in done and Set([*done, name]) in means]:
        done.append(min(following, key=lambda name: means[Set([*done, name])]))
    return ", ".join(done)


def best_steps(run: findings.Source, hits: float, *, scenario: str = "") -> pd.DataFrame:
    """Return the order that saves most at each step, by the share of hits.

    *hits* is from 0 to 1. Columns change, seconds (the mean response time by then, as medians give it) and speedup
    (over the step before). Only variants with a cache have hits; the first row is the reference.

    Raises:
        UsageError: no factorial was measured for *scenario*.
    """
    tables = [_table(run, scenario, temperature)[2] for temperature in ("cold", "warm")]
    cold, warm = ({chosen: float(np.exp(np.mean(logs))) for chosen, logs in table.items()} for table in tables)
    means = {chosen: (1 - hits) * cold[chosen] + hits * warm[chosen] for chosen in cold if chosen in warm}
    order: list[str] = []
    before = means[Set()]
    rows = [{"change": findings.find(run).reference, "seconds": before, "speedup": 1.0}]
    names = findings.find(run).factors
    while following := [name for name in names if name not in order and Set([*order, name]) in means]:
        order.append(min(following, key=lambda name: means[Set([*order, name])]))
        seconds = means[Set(order)]
        rows.append({"change": f"+ {order[-1]}", "seconds": seconds, "speedup": before / seconds})
        before = seconds
    return pd.DataFrame(rows)


def _steps(table: Mapping[Set, Any], factors: Sequence[str], reference: str) -> Iterator[dict[str, Any]]:
    names = [name for name in factors if any(name in chosen for chosen in table)]
    for name in names:
        for before in sorted((s for s in table if name not in s), key=lambda s: (len(s), sorted(s))):
            after = before | {name}
            if after in table:
                gain = float(np.exp(np.mean(table[before] - table[after])))
                orders = factorial(len(before)) * factorial(len(names) - len(before) - 1)
                said = "+".join(n for n in names if n in before) or reference
                yield {"optimization": name, "after": said, "orders": orders, "speedup": gain}


def _table(run: findings.Source, scenario: str, temperature: str) -> tuple[Any, str, Mapping[Set, Any]]:
    """Return the log medians of *scenario* at the first scale that has them.

    An empty *scenario* means the first one.

    Raises:
        UsageError: there are none.
    """
    for place, warmth, table in findings.find(run).tables:
        if warmth == temperature and (place.scenario == scenario if scenario else not place.is_noop):
            return place, warmth, table
    raise UsageError(
        f"no factorial was measured for {scenario!r}, {temperature}: "
        "run one with perfstudy run --study factorial, or use published('factorial-medium')"
    )


def _names(order: str, table: Mapping[Set, Any], factors: Sequence[str]) -> Sequence[str]:
    names = [name.strip() for name in order.split(",")]
    known = [name for name in factors if Set([name]) in table]
    for name in names:
        if name not in known:
            raise unknown("optimization", name, known)
    if len(set(names)) != len(names):
        raise UsageError(f"the order {order!r} names an optimization twice")
    for step in range(len(names) + 1):
        if Set(names[:step]) not in table:
            raise UsageError(f"the order {order!r} passes through {'+'.join(names[:step])}, which was not measured")
    return names
