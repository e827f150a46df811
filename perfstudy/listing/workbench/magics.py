"""The IPython extension of the study: ``%%explain`` and ``%variant``.

``%load_ext perfstudy.listing`` loads it.

``%%explain [VARIANT]`` shows PostgreSQL's plan of the cell's statement, on the database of the notebook's bench in the
schema of that variant. The statement runs in a read-only transaction that is rolled back, for at most 30 seconds.

``%variant NAME [SCENARIO or TARGET]`` serves a variant and tries it: the answer to a target such as
``/api/programs?limit=1``, or what one request of a scenario does.
"""

import re
from functools import partial
from typing import Any

import psycopg

from perfstudy import charts
from perfstudy.errors import UsageError
from perfstudy.evidence import plans
from perfstudy.listing.scenarios import find_scenario
from perfstudy.listing.variant import BASELINE, parse
from perfstudy.listing.workbench.bench import Bench
from perfstudy.notebook.display import AnswerView, PlanView, RequestView

TRIAL = "/api/programs?limit=1"
"""What ``%variant`` asks for where nothing is named."""


EXPLAINED = ("SELECT", "VALUES", "TABLE", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE", "EXECUTE", "DECLARE")
"""What a statement begins with that PostgreSQL explains; those that write it refuses later, with a reason."""
COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


def load_ipython_extension(shell: Any) -> None:
    """Register the magics in *shell*, an InteractiveShell; IPython calls this."""
    shell.register_magic_function(partial(explain, shell), "cell", "explain")
    shell.register_magic_function(partial(variant, shell), "line", "variant")


def explain(shell: Any, line: str, cell: str) -> PlanView:
    """Draw the plan of the *cell*'s statement under a variant; return its shape.

    Raises:
        UsageError: there is no bench, variant or statement, PostgreSQL refuses it (as it does any that writes), or it
            takes too long.
    """
    sql = cell.strip().rstrip(";").strip()
    if not sql:
        raise UsageError("%%explain has no statement: write one below it, such as SELECT * FROM ads_programregistry")
    view = PlanView(_explained(_bench(shell).database(parse(line.strip() or BASELINE.name)).url, sql), sql)
    data, metadata = charts.plan(view.plan, title="What PostgreSQL does with it")._repr_mimebundle_()
    shell.display_pub.publish(data, metadata)
    return view


def variant(shell: Any, line: str) -> AnswerView | RequestView:
    """Serve the variant in *line* and request the target or scenario after it.

    Raises:
        UsageError: there is no bench, variant or scenario of that name.
    """
    name, _, what = (part.strip() for part in line.strip().partition(" "))
    if not name:
        raise UsageError(f"%variant has no name: write %variant index+cache page, or %variant baseline {TRIAL}")
    chosen, bench = parse(name), _bench(shell)
    if not what or what.startswith("/"):
        return bench.get(chosen, what or TRIAL)
    return bench.look(chosen, find_scenario(what).name)


def _bench(shell: Any) -> Bench:
    """Return the notebook's bench: ``bench``, or else the one assigned last."""
    names: dict[str, Any] = shell.user_ns
    for value in (names.get("bench"), *reversed(names.values())):
        if isinstance(value, Bench):
            return value
    raise UsageError('this notebook has no bench yet: make one with bench = perfstudy.listing.Bench("tiny")')


def _explained(url: str, sql: str) -> plans.Plan:
    try:
        return plans.explain(url, sql, seconds=plans.LIMIT)
    except psycopg.errors.QueryCanceled:
        raise UsageError(
            f"the statement had not ended after {plans.LIMIT:g} s, and PostgreSQL stopped it: ask for fewer rows"
        ) from None
    except psycopg.Error as error:
        first = COMMENT.sub(" ", sql).strip("( \t\n").partition(" ")[0].split("\n")[0].upper()
        if isinstance(error, psycopg.errors.SyntaxError) and first.isalpha() and first not in EXPLAINED:
            raise UsageError(
                f"only statements that can be explained: SELECT, VALUES, TABLE, WITH; not {first}"
            ) from None
        said = str(error).strip().splitlines()[0]
        raise UsageError(f"PostgreSQL does not explain this statement: {said}") from None
