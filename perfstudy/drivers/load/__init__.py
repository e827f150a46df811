"""Load: requests that start when they are due, and are timed from then.

They start whether or not the service keeps up.
"""

from perfstudy.drivers.load.arrivals import KINDS, draw_arrivals
from perfstudy.drivers.load.capacity import Limit, Step, find_capacity
from perfstudy.drivers.load.open_loop import Load, generate_load, run_open_loop
from perfstudy.drivers.load.tally import Tally, merge_tallies, restore_tally

__all__ = [
    "KINDS",
    "Limit",
    "Load",
    "Step",
    "Tally",
    "draw_arrivals",
    "find_capacity",
    "generate_load",
    "merge_tallies",
    "restore_tally",
    "run_open_loop",
]
