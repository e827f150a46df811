"""Claims about the page, which is measured on the recommended back end."""

from typing import Any

from perfstudy.model.claim import Claim

BACK_END = (
    "connections+gunicorn+cache+invalidate+single_flight+breaker+bytes+granian"
    "+page+json+prepared+covering+keyset+near+behind+bypass"
)
"""The variant ``best``, by its full name, on which the browser is what takes the time."""

SOURCE = "Frontend optimizations"
"""The section of the source report, which gives advice and no figures."""
OWN = "a claim of the study's own"


def claim_page(id: str, quote: str, *switches: str, over: tuple[str, ...] = (), **more: Any) -> Claim:
    """Return the claim that *switches* make the page faster than those of *over* do.

    Both are named in the order of the registry.
    """
    variant, reference = ("+".join((BACK_END, *names)) for names in (switches, over))
    return Claim(id=id, quote=quote, variant=variant, reference=reference, **more)
