"""Load: requests that start when they are due, whether or not the service keeps up, timed from that moment on."""

from perfstudy.load.arrivals import KINDS, arrivals
from perfstudy.load.capacity import Limit, Step, capacity
from perfstudy.load.generator import Load, generate, run
from perfstudy.load.tally import Tally, merged, restored

__all__ = [
    "KINDS",
    "Limit",
    "Load",
    "Step",
    "Tally",
    "arrivals",
    "capacity",
    "generate",
    "merged",
    "restored",
    "run",
]
