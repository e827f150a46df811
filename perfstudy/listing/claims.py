"""The claims that the study judges: on single optimizations and on the whole."""

from perfstudy.listing.optimizations import FRONT_END, FURTHER, ORIGINAL
from perfstudy.model.claim import Claim

DATABASE_CHANGES = "index+related+values+connections"
EVERYTHING = f"{DATABASE_CHANGES}+gunicorn+cache"

TOGETHER: tuple[Claim, ...] = (
    Claim(
        id="together-response",
        quote="from 5 seconds to ~1 second through database and query optimizations",
        source="Overview",
        variant=DATABASE_CHANGES,
        reference="baseline",
        low=5,
        note="'~1 second' leaves the upper end open",
    ),
    Claim(
        id="together-cold",
        quote="first request (cold cache): 0.5-1.0 second",
        source="Expected results",
        variant=EVERYTHING,
        reference="baseline",
        low=5,
        high=10,
        note="stated in seconds, judged as a ratio to the 5 seconds of the baseline",
    ),
    Claim(
        id="together-warm",
        quote="subsequent requests (warm cache): 50-100 milliseconds",
        source="Expected results",
        variant=EVERYTHING,
        reference="baseline",
        low=50,
        high=100,
        temperature="warm",
        note="stated in seconds, judged as a ratio to the 5 seconds of the baseline",
    ),
)

REPORT_CLAIMS: tuple[Claim, ...] = (*(claim for o in ORIGINAL for claim in o.claims), *TOGETHER)
"""What the report says."""

CLAIMS: tuple[Claim, ...] = (*REPORT_CLAIMS, *(claim for o in FURTHER for claim in o.claims))
"""The study's own claims on further optimizations, stated before they were measured."""

PAGE_CLAIMS: tuple[Claim, ...] = tuple(claim for o in FRONT_END for claim in o.claims)
"""What the report advises and the study expects of the page, which is judged in a browser."""
