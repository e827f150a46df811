"""Made-up frames of the shapes that a run gives: they show charts at work and are no results."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from perfstudy.listing.claims import CLAIMS
from perfstudy.model.labels import is_control, split_factors, without_control

PLANS = Path(__file__).parent / "plans"

MEDIANS = {
    "baseline": 0.046,
    "baseline (control)": 0.0462,
    "index": 0.041,
    "index+related+values": 0.0094,
    "index+related+values+connections": 0.0088,
    "index+related+values+connections+gunicorn": 0.0031,
    "index+related+values+connections+gunicorn+cache": 0.0035,
}
FULL = "index+related+values+connections+gunicorn+cache"
WARM = 0.0009
SCENARIOS = {"page": 1.0, "all": 30.0, "business": 1.3, "type": 1.5}
NAMES = ("index", "related", "values", "connections", "gunicorn", "cache")


def plan(name: str) -> Any:
    """Return a plan that PostgreSQL 18 gave, of the file ``plans/NAME.json``."""
    return json.loads((PLANS / f"{name}.json").read_text())


def samples(
    blocks: int = 10, n: int = 30, scenarios: tuple[str, ...] = ("page",), scale: str = "small"
) -> pd.DataFrame:
    """Return log-normal samples around ``MEDIANS``, with block effects and a tail."""
    random = np.random.default_rng(7)
    frames = []
    for scenario in scenarios:
        for block in range(blocks):
            for label, median, temperature in [*((la, m, "cold") for la, m in MEDIANS.items()), (FULL, WARM, "warm")]:
                drift = random.normal(0, 0.03)
                logs = np.log(median * SCENARIOS.get(scenario, 1.0)) + drift + random.gamma(1.5, 0.05, n)
                frames.append(
                    pd.DataFrame(
                        {
                            "block": block,
                            "label": label,
                            "variant": label.removesuffix(" (control)"),
                            "scale": scale,
                            "scenario": scenario,
                            "temperature": temperature,
                            "n": range(n),
                            "seconds": np.exp(logs),
                        }
                    )
                )
    return pd.concat(frames, ignore_index=True)


def ladder(scenarios: tuple[str, ...] = ("page",)) -> pd.DataFrame:
    """Return a ladder's steps as ``findings.ladder`` does."""
    rungs = [(la, m, "cold") for la, m in MEDIANS.items() if "again" not in la]
    rungs.append((FULL, WARM, "warm"))
    rows = []
    for scenario in scenarios:
        for i, (label, median, temperature) in enumerate(rungs):
            step = min(i, 5)
            before, reference, _ = rungs[max(step - 1, 0)]
            names = [n for n in label.split("+") if n not in before.split("+")] if i else []
            rows.append(
                {
                    **_row(label, scenario, "small", temperature, median, reference / median),
                    "reference": before,
                    "step": step + 1,
                    "change": f"+ {'+'.join(names)}" if i else "baseline",
                }
            )
    return pd.DataFrame(rows)


def _row(label: str, scenario: str, scale: str, temperature: str, median: float, speedup: float) -> dict[str, Any]:
    median *= SCENARIOS.get(scenario, 1.0)
    return {
        "label": label,
        "variant": without_control(label),
        "role": "control" if is_control(label) else "variant" if split_factors(label) else "reference",
        "caches": "cache" in split_factors(label),
        "scale": scale,
        "scenario": scenario,
        "temperature": temperature,
        "median": median,
        "p95": median * 1.3,
        "n": 300,
        "blocks": 10,
        "reference": "baseline",
        "speedup": speedup,
        "low": speedup * 0.96,
        "high": speedup * 1.04,
        "floor": 1.03,
        "comparison": "" if label == "baseline" else "faster" if speedup > 1.05 else "equivalent",
        "indicative": False,
    }


def comparisons(
    scenarios: tuple[str, ...] = ("page",), scales: tuple[str, ...] = ("small",), growth: float = 0.4
) -> pd.DataFrame:
    """Return labels against the baseline; without the index, times grow with the scale."""
    rows = []
    for place, scale in enumerate(scales):
        for scenario in scenarios:
            base = MEDIANS["baseline"] * 10 ** (growth * place)
            for label, median in MEDIANS.items():
                grown = median * 10 ** (place * (growth if "index" not in label else 0.04))
                rows.append(_row(label, scenario, scale, "cold", grown, base / grown))
            rows.append(_row(FULL, scenario, scale, "warm", WARM, base / WARM))
    return pd.DataFrame(rows)


def machines() -> pd.DataFrame:
    """Return what three machines found of one variant, one of them in a single block, and the combined effect."""
    rows = [("machine 1", 4, 5.0, 4.6, 5.4), ("machine 2", 5, 5.3, 5.0, 5.6), ("machine 3", 1, 4.9, 0.0, np.inf)]
    columns = ["machine", "blocks", "speedup", "low", "high"]
    frame = pd.DataFrame([*rows, ("combined", 10, 5.1, 4.0, 6.5)], columns=columns)
    place = {"scale": "small", "scenario": "page", "temperature": "cold", "label": "index", "reference": "baseline"}
    return frame.assign(**place)


def depths() -> pd.DataFrame:
    """Return pages at growing offsets."""
    rows = []
    for offset in (0, 100, 500, 1000, 2000, 2651):
        for label, slope in (("baseline", 8e-6), (FULL, 1e-6)):
            median = MEDIANS[label] + slope * offset
            rows.append(_row(label, f"page@{offset}", "small", "cold", median, 1.0))
        rows.append(_row(FULL, f"page@{offset}", "small", "warm", WARM, 1.0))
    return pd.DataFrame(rows)


def lengths() -> pd.DataFrame:
    """Return answers of growing length."""
    return pd.DataFrame(
        [
            _row(label, f"rows@{count}", "small", "cold", MEDIANS[label] + slope * count, 1.0)
            for count in (20, 100, 500, 1000)
            for label, slope in (("baseline", 5e-4), (FULL, 2e-5))
        ]
    )


VERDICTS = {
    "index-queries": (1.32, "fell short"),
    "index-response": (1.12, "fell short"),
    "rows-response": (4.36, "exceeded"),
    "values-instances": (1.17, "inconclusive"),
    "connections-response": (1.07, "supported"),
    "gunicorn-response": (2.8, "supported"),
    "cache-hit": (3.4, "fell short"),
    "cache-warm-cold": (0.98, "refuted"),
    "together-response": (np.nan, "not testable here"),
    "together-cold": (13.1, "exceeded"),
    "together-warm": (51.0, "supported"),
}


def verdicts(scenarios: tuple[str, ...] = ("page",), indicative: bool = False) -> pd.DataFrame:
    """Return the verdicts on the study's claims as ``findings.verdicts`` does."""
    rows = []
    for claim in CLAIMS:
        for scenario in scenarios:
            speedup, verdict = VERDICTS.get(claim.id, (2.0, "supported"))
            speedup *= {"page": 1, "all": 1.2, "business": 0.95, "type": 1.05}[scenario]
            rows.append(
                {
                    "claim": claim.id,
                    "quote": claim.quote,
                    "source": claim.source,
                    "scale": "small",
                    "scenario": scenario,
                    "temperature": claim.temperature,
                    "variant": claim.variant,
                    "reference": claim.reference,
                    "quantity": claim.quantity,
                    "claimed": claim.range,
                    "claimed_low": claim.low,
                    "claimed_high": np.inf if claim.high is None else claim.high,
                    "median": 0.01,
                    "reference_median": 0.01 * speedup,
                    "speedup": speedup,
                    "low": speedup * 0.93,
                    "high": speedup * 1.07,
                    "floor": 1.03 if np.isfinite(speedup) else np.nan,
                    "p_adjusted": 0.001,
                    "verdict": verdict,
                    "indicative": indicative,
                    "reason": "the interval lies where it lies",
                }
            )
    return pd.DataFrame(rows)


def attribution(scenarios: tuple[str, ...] = ("page",)) -> pd.DataFrame:
    """Return a contribution of each optimization, those of the index none."""
    values = dict(zip(NAMES, (0.03, 1.1, 0.24, 0.11, 0.5, 1.3), strict=True))
    return pd.DataFrame(
        [
            {
                "scale": "small",
                "scenario": scenario,
                "temperature": temperature,
                "optimization": name,
                "shapley": value * (1 if temperature == "cold" or name == "cache" else 0.8),
                "low": value - 0.06,
                "high": value + 0.06,
                "main": value * 1.1,
                "main_low": value * 1.1 - 0.05,
                "main_high": value * 1.1 + 0.05,
            }
            for scenario in scenarios
            for temperature in ("cold", "warm")
            for name, value in values.items()
        ]
    )


def interactions(scenarios: tuple[str, ...] = ("page",)) -> pd.DataFrame:
    """Return an interaction for each pair, the strongest that of related and cache."""
    random = np.random.default_rng(3)
    rows = []
    for scenario in scenarios:
        for temperature in ("cold", "warm"):
            for i, one in enumerate(NAMES):
                for other in NAMES[i + 1 :]:
                    effect = -0.6 if (one, other) == ("related", "cache") else random.normal(0, 0.12)
                    rows.append(
                        {
                            "scale": "small",
                            "scenario": scenario,
                            "temperature": temperature,
                            "one": one,
                            "other": other,
                            "effect": effect,
                            "low": effect - 0.08,
                            "high": effect + 0.08,
                        }
                    )
    return pd.DataFrame(rows)


def costs() -> pd.DataFrame:
    """Return costs as the cost table has them, long."""
    rows = [
        ("index", "small", "index size", 2_342_912.0, "bytes", None, None),
        ("index", "small", "index build", 0.082, "seconds", None, None),
        ("index", "small", "sync of the tenant", 1.12, "times the baseline", 1.06, 1.19),
        ("index", "small", "update of one program", 1.05, "times the baseline", 0.98, 1.12),
        ("cache", "small", "memory of a cached page", 23_104.0, "bytes", None, None),
        ("cache", "small", "memory of a tenant's whole list", 2_621_440.0, "bytes", None, None),
        ("cache", "small", "answers may be out of date for", 60.0, "seconds", None, None),
        ("connections", "small", "idle connections after 20 clients, baseline", 0.0, "connections", None, None),
        ("connections", "small", "idle connections after 20 clients, connections", 20.0, "connections", None, None),
        ("connections", "small", "idle connections after 20 clients, gunicorn", 0.0, "connections", None, None),
        (
            "connections",
            "small",
            "idle connections after 20 clients, connections+gunicorn",
            2.0,
            "connections",
            None,
            None,
        ),
    ]
    return pd.DataFrame(rows, columns=["optimization", "scale", "quantity", "value", "unit", "low", "high"])


def phases() -> pd.DataFrame:
    """Return the service's account of a request for each label, milliseconds."""
    rows = [
        ("baseline", "cold", 4.1, 22.0, 14.0, 44.0, 46.0),
        ("index", "cold", 4.1, 18.2, 14.0, 39.0, 41.0),
        ("index+related+values", "cold", 4.0, 1.9, 1.1, 7.6, 9.4),
        ("index+related+values+connections+gunicorn", "cold", 0.0, 1.2, 0.9, 2.4, 3.1),
        (FULL, "cold", 0.0, 1.2, 0.9, 2.9, 3.5),
        (FULL, "warm", 0.0, 0.0, 0.2, 0.5, 0.9),
    ]
    return pd.DataFrame(rows, columns=["label", "temperature", "connect", "db", "serialize", "total", "response"])


def first_requests() -> pd.DataFrame:
    """Return the first request of ten processes of each label, and the usual ones."""
    random = np.random.default_rng(5)
    return pd.DataFrame(
        [
            {"label": label, "first": median * 3 * np.exp(random.normal(0, 0.1)) + 0.05, "usual": median}
            for label, median in MEDIANS.items()
            for _ in range(10)
        ]
    )


def hit_ratios() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a predicted curve and three measured points with intervals."""
    ttl = np.geomspace(1, 3600, 40)
    predicted = pd.DataFrame({"ttl": ttl, "ratio": 0.05 * ttl / (1 + 0.05 * ttl)})
    points = np.array([10.0, 60.0, 600.0])
    ratio = 0.05 * points / (1 + 0.05 * points) + np.array([0.02, -0.015, 0.004])
    return predicted, pd.DataFrame({"ttl": points, "ratio": ratio, "low": ratio - 0.03, "high": ratio + 0.03})


def steps() -> pd.DataFrame:
    """Return the steps of every order of three optimizations as ``orders.steps`` does."""
    after = {"index": ("baseline", "related", "cache", "related+cache"), "related": ("baseline", "index", "cache")}
    after["cache"] = ("baseline", "index", "related", "index+related+values+connections+gunicorn")
    return pd.DataFrame(
        [
            {
                **{"scale": "small", "scenario": "page", "temperature": "warm"},
                **{"optimization": name, "after": one, "orders": 1 + place, "speedup": 1.1**place * len(name)},
            }
            for name, before in after.items()
            for place, one in enumerate(before)
        ]
    )
