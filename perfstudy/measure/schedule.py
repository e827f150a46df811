"""The schedule: every cell of a study in its random order, drawn from one seed."""

from dataclasses import replace
from itertools import product
from random import Random

from perfstudy.measure.forecast import CORRECTED, NOTHING, Forecast, Known, plan_cells, plan_costs, plan_evidence
from perfstudy.model.arm import Arm
from perfstudy.model.scenario import ACTIONS, NOOP
from perfstudy.model.study import Study
from perfstudy.results import PlannedCell


def balance_orders(count: int, rows: int, random: Random) -> list[list[int]]:
    """Return *rows* orders of *count* things, each about equally often in each place.

    The rows of randomised cyclic Latin squares: within each group of *count* rows, every thing is
    in every place exactly once (Cochran and Cox, Experimental Designs, 1957, chapter 4).
    """
    orders: list[list[int]] = []
    while len(orders) < rows:
        things = random.sample(range(count), count)
        shifts = random.sample(range(count), count)
        places = random.sample(range(count), count)
        orders += [[things[(place + shift) % count] for place in places] for shift in shifts]
    return orders[:rows]


def draw_schedule(study: Study, seed: int) -> list[PlannedCell]:
    """Return the cells of *study* in order.

    The order is block by block, with the arms of each in a balanced random order. An arm's cells of one scale follow
    each other, because one service process serves them all; their scenarios are in random order, the no-op among them.
    The actions in a page follow its requests, page by page in a random order, each as :func:`order_actions` says.
    """
    random = Random(f"{seed}:{study.name}")
    groups = list(product(study.arms, study.scales))
    cells: list[PlannedCell] = []
    for block, order in enumerate(balance_orders(len(groups), study.blocks, random)):
        mine = [cell for index in order for cell in _draw_cells(study, block, *groups[index], random)]
        cells += [_place(cell, position) for position, cell in enumerate(mine)]
    return cells


def count(study: Study) -> int:
    """Return the number of cells of *study* without drawing the schedule."""
    random = Random()
    return study.blocks * sum(len(_draw_cells(study, 0, *group, random)) for group in product(study.arms, study.scales))


def _draw_cells(study: Study, block: int, arm: Arm, scale: str, random: Random) -> list[PlannedCell]:
    temperatures = ("cold", "warm") if arm.caches else ("cold",)
    asked = [study.scenario(name) for name in study.scenario_names if study.answers(arm, name)]
    questions = [(s.name, t) for s, t in product(asked, temperatures) if t == "cold" or s.can_be_warm]
    if study.measures_noop and NOOP not in study.scenarios:
        questions.append((NOOP, "cold"))
    random.shuffle(questions)
    questions = order_actions(study, questions)
    return [
        PlannedCell(
            block=block,
            position=0,
            label=arm.label,
            variant=arm.name,
            scale=scale,
            scenario=scenario,
            temperature=temperature,
        )
        for scenario, temperature in questions
    ]


def order_actions(study: Study, questions: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return *questions* with the actions in one page one after the other.

    They share a browser. It is opened cold and then warm, and what a page does not recover from comes last.
    """
    pages: dict[object, int] = {}

    def rank(question: tuple[str, str]) -> tuple[int, int, bool]:
        shape = study.scenario(question[0])
        if not shape.action:
            return -1, 0, False
        page = pages.setdefault(shape.name if shape.tenant else shape.target, len(pages))
        return page, ACTIONS.index(shape.action), question[1] == "warm"

    return sorted(questions, key=rank)


def _place(cell: PlannedCell, position: int) -> PlannedCell:
    return replace(cell, position=position)


def estimate_seconds(study: Study, known: Known = NOTHING) -> float:
    """Return roughly how many seconds *study* takes once its data are loaded.

    *known* is what an earlier run of it measured.
    """
    return _forecast(study, known).left()


def estimate_block(study: Study, known: Known = NOTHING) -> float:
    """Return roughly how many seconds one block of *study* takes."""
    forecast = _forecast(study, known)
    forecast.drop(lambda work: work[0] not in CORRECTED)
    return forecast.left() / study.blocks


def _forecast(study: Study, known: Known) -> Forecast:
    forecast, random = Forecast(), Random()
    groups = product(study.arms, study.scales)
    block = [cell for arm, scale in groups for cell in _draw_cells(study, 0, arm, scale, random)]
    plan_evidence(forecast, study, block)
    plan_cells(forecast, study, block, known, study.blocks)
    plan_costs(forecast, study)
    return forecast
