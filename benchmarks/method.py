"""Trials of the method: simulated studies of ten kinds, judged like real ones.

Run with ``python -m benchmarks.method --studies 1000 --seed 1``. For each world it prints in how many studies the
95% interval holds a true factor of 2 (*coverage*), how many call equals faster or slower (*alarms*), how many are
invalid, how many call a true gain of 1.40 equivalent (*wrong*), how many find a factor of 2 (*power*), and how many
hold it or conclude nothing (*safe*).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.common import make_parser
from perfstudy.analysis import Comparison, compare, measure_noise_floor

Array = NDArray[np.float64]
World = Callable[[np.random.Generator, Array], Array]
"""Draws the seconds of one study: from the arms' log effects to the shape (arms, blocks, requests)."""

BLOCKS, REQUESTS = 10, 40
FACTOR, SMALL = 2.0, 1.4
RESAMPLES = 200
"""Fewer than in a study, since the spread of studies exceeds that of resamples."""


@dataclass(frozen=True)
class Line:
    """The results of the *studies* of one world, as shares of them."""

    world: str
    studies: int
    coverage: float
    alarms: float
    invalid: float
    wrong: float
    power: float
    safe: float

    def __str__(self) -> str:
        shares = (self.coverage, self.alarms, self.invalid, self.wrong, self.power, self.safe)
        return f"{self.world:<26}" + "".join(f"{share:>10.3f}" for share in shares)


def draw_levels(random: np.random.Generator, effects: Array) -> Array:
    """Return the level of the log times of each cell.

    It is the sum of the arm's effect, the block's level and the process's own.
    """
    shape = (len(effects), BLOCKS, 1)
    return effects[:, None, None] + random.normal(0, 0.2, (1, BLOCKS, 1)) + random.normal(0, 0.05, shape)


def ordinary(random: np.random.Generator, effects: Array, scatter: float = 0.2) -> Array:
    """Draw lognormal request times around a level for each block and each process."""
    return 0.01 * np.exp(draw_levels(random, effects) + random.normal(0, scatter, (len(effects), BLOCKS, REQUESTS)))


def drift(random: np.random.Generator, effects: Array) -> Array:
    """Let the machine slow down by half over the study, for all arms alike."""
    return ordinary(random, effects) * np.linspace(1, 1.5, BLOCKS)[None, :, None]


def humps(random: np.random.Generator, effects: Array, share: float = 0.5) -> Array:
    """Make *share* of the requests three times as slow."""
    times = ordinary(random, effects, 0.1)
    return times * np.where(random.random(times.shape) < share, 3.0, 1.0)


def uneven(random: np.random.Generator, effects: Array) -> Array:
    """Draw a share of slow requests for each cell, about four in ten."""
    return humps(random, effects, random.uniform(0.25, 0.55, (len(effects), BLOCKS, 1)))  # type: ignore[arg-type]


def tails(random: np.random.Generator, effects: Array) -> Array:
    """Draw request noise from Student's t with two degrees of freedom."""
    noise = 0.2 * random.standard_t(2, (len(effects), BLOCKS, REQUESTS))
    return 0.01 * np.exp(draw_levels(random, effects) + np.clip(noise, -10, 10))


def bad_blocks(random: np.random.Generator, effects: Array) -> Array:
    """Make two blocks three times as slow for all arms, and noisier."""
    times = ordinary(random, effects)
    times[:, :2] = 3 * ordinary(random, effects, 0.6)[:, :2]
    return times


def coarse(random: np.random.Generator, effects: Array) -> Array:
    """Read the times off a clock whose tick is a fifth of a typical time."""
    return np.maximum(np.round(ordinary(random, effects) / 0.002), 1) * 0.002


def neighbours(random: np.random.Generator, effects: Array, memory: float = 0.9) -> Array:
    """Let noise depend on the request before: stationary AR(1) with 0.9."""
    noise = random.standard_normal((len(effects), BLOCKS, REQUESTS))
    for i in range(1, REQUESTS):
        noise[..., i] = memory * noise[..., i - 1] + np.sqrt(1 - memory**2) * noise[..., i]
    return 0.01 * np.exp(draw_levels(random, effects) + 0.4 * noise)


def waves(random: np.random.Generator, effects: Array, height: float = 0.2) -> Array:
    """Let each arm's level vary slowly in a sine wave of its own.

    It has a period of twenty blocks and a random phase.
    """
    phase = random.uniform(0, 2 * np.pi, (len(effects), 1, 1))
    return ordinary(random, effects) * np.exp(
        height * np.sin(2 * np.pi * np.arange(BLOCKS)[None, :, None] / 20 + phase)
    )


def bad_cell(random: np.random.Generator, effects: Array) -> Array:
    """Make one cell of one arm five times too slow."""
    times = ordinary(random, effects)
    times[random.integers(len(effects)), random.integers(BLOCKS)] *= 5
    return times


WORLDS: dict[str, World] = {
    "ordinary": ordinary,
    "drift": drift,
    "two humps": humps,
    "uneven humps": uneven,
    "heavy tails": tails,
    "bad blocks": bad_blocks,
    "coarse clock": coarse,
    "autocorrelated requests": neighbours,
    "autocorrelated blocks": waves,
    "one cell five times slower": bad_cell,
}


def simulate_study(world: World, factor: float, seed: int) -> Comparison:
    """Return the comparison of a variant of that true *factor*.

    It is judged against the noise floor of an A/A pair.
    """
    random = np.random.default_rng(seed)
    first, again, variant = (list(cells) for cells in world(random, np.array([0.0, 0.0, -np.log(factor)])))
    floor = measure_noise_floor(first, again, resamples=RESAMPLES, seed=seed)
    return compare(variant, first, floor, resamples=RESAMPLES, seed=seed)


def run_trial(name: str, studies: int, seed: int) -> Line:
    """Return the results of *studies* of the world called *name*."""
    seeds = range(seed * 1_000_000, seed * 1_000_000 + studies)
    equal, small, real = ([simulate_study(WORLDS[name], f, s) for s in seeds] for f in (1.0, SMALL, FACTOR))
    judged = [found.verdict.outcome for found in real]
    covered = np.array([not found.measured.judged.excludes(FACTOR) for found in real])
    return Line(
        name,
        studies,
        coverage=float(covered.mean()),
        alarms=float(np.mean([f.verdict.outcome in {"faster", "slower"} for f in equal])),
        invalid=judged.count("invalid") / studies,
        wrong=float(np.mean([f.verdict.outcome == "equivalent" for f in small])),
        power=judged.count("faster") / studies,
        safe=float(np.mean([o in {"invalid", "inconclusive"} or c for o, c in zip(judged, covered, strict=True)])),
    )


HEAD = f"{'world':<26}" + "".join(f"{name:>10}" for name in ("coverage", "alarms", "invalid", "wrong", "power", "safe"))


def main() -> None:
    """Print one line for each world."""
    parser = make_parser(__doc__, seed=1)
    parser.add_argument("--studies", type=int, default=1_000, help="studies of each world")
    parser.add_argument("--world", choices=WORLDS, action="append", help="one world alone")
    options = parser.parse_args()
    print(HEAD)
    for name in options.world or WORLDS:
        print(run_trial(name, options.studies, options.seed), flush=True)


if __name__ == "__main__":
    main()
