"""Draw charts: frames in, a figure with a caption out.

Every function takes ``width`` in inches, ``style.WIDE`` or ``style.NARROW``, and returns a ``Chart``: a Figure that
displays in a notebook by itself, with ``caption`` and ``alt``.
"""

from perfstudy.charts import folder

folder.choose()  # before matplotlib is imported, which looks for it then

from perfstudy.charts.costside import costs, hit_ratio
from perfstudy.charts.curves import depth, rows, scale
from perfstudy.charts.distributions import ecdf, first_requests, samples
from perfstudy.charts.factorial import attribution, interactions
from perfstudy.charts.films import filmstrip, keys
from perfstudy.charts.forest import verdicts
from perfstudy.charts.limits import layers, lower_bounds, roofline
from perfstudy.charts.machines import machines
from perfstudy.charts.orders import orders
from perfstudy.charts.phases import waterfall
from perfstudy.charts.reading import reading
from perfstudy.charts.steps import ladder
from perfstudy.charts.style import Chart
from perfstudy.charts.tails import tail
from perfstudy.charts.trees import plan, plan_change

__all__ = [
    "Chart",
    "attribution",
    "costs",
    "depth",
    "describe",
    "ecdf",
    "filmstrip",
    "first_requests",
    "hit_ratio",
    "interactions",
    "keys",
    "ladder",
    "layers",
    "lower_bounds",
    "machines",
    "orders",
    "plan",
    "plan_change",
    "reading",
    "roofline",
    "rows",
    "samples",
    "scale",
    "tail",
    "verdicts",
    "waterfall",
]


def describe(chart: Chart) -> str:
    """Return in words what a chart shows."""
    return chart.alt
