"""What is done with the page of the listing in a browser, by name."""

from dataclasses import replace

import numpy as np

from perfstudy.errors import UsageError
from perfstudy.listing.dataset import Facts
from perfstudy.listing.dataset.population import list_tenants
from perfstudy.listing.dataset.scales import find_scale
from perfstudy.model.scenario import Scenario

TEXT = "green leaf"
"""What is typed: ten keys, of which the sixth changes nothing that is searched for."""

SUMMARIES = {
    "open": "the page is opened, until its first rows are painted",
    "keys": "ten keys are typed into the search, 120 ms apart, until each is painted",
    "choose": "another status is chosen, until its programs are painted",
    "elsewhere": "a button is clicked that concerns no card",
    "clear": "a search is emptied, until all programs are painted again",
    "scroll": "the list is scrolled, and each frame is timed",
}
ACTIONS = {name: "type" if name == "keys" else name for name in SUMMARIES}
"""The action of each scenario; there is a scenario ``type`` already, of requests."""
SECONDS = {"open": 1.6, "keys": 1.9, "choose": 1.6, "elsewhere": 1.1, "clear": 1.1, "scroll": 1.5}
"""The approximate seconds of a cell; that of ``open`` includes the start of a browser."""

PAGE_SCENARIOS = {
    name: Scenario(name, "/", summary=summary, action=ACTIONS[name], text=TEXT, seconds=SECONDS[name], warmups=0)
    for name, summary in SUMMARIES.items()
}
PAGE_SCENARIOS["keys-server"] = replace(
    PAGE_SCENARIOS["keys"],
    name="keys-server",
    target="/?search=server",
    seconds=SECONDS["open"] + SECONDS["keys"],
    summary="the same where the service searches: each text that is applied is a request",
)
OPENED = (20, 100, 300, 1000, 2671, 10_000)
"""The numbers of programs of the tenants whose page is opened."""


def open_for(programs: int) -> Scenario:
    """Return the scenario ``open`` for the tenant that has about so many *programs*."""
    return Scenario(
        f"open@{programs}",
        "/",
        summary=f"the page of a tenant of {programs} programs is opened, until its first rows are painted",
        action="open",
        tenant=lambda facts: find_tenant(facts, programs),
        series="rows",
        size=programs,
        seconds=SECONDS["open"],
        warmups=0,
    )


def find_tenant(facts: Facts, programs: int) -> str:
    """Return the tenant of the scale whose number of programs is nearest.

    Raises:
        UsageError: the nearest has less than nine tenths of them, or more than eleven tenths.
    """
    names, sizes = list_tenants(find_scale(facts.scale))
    nearest = int(np.argmin(np.abs(sizes - programs)))
    if abs(int(sizes[nearest]) - programs) > programs / 10:
        raise UsageError(
            f"scale {facts.scale!r} has no tenant of about {programs} programs, the nearest has {sizes[nearest]}: "
            "choose a larger scale"
        )
    return names[nearest]
