"""What is published of a claim, as a table that is the same at every run."""

from perfstudy.claims import CLAIMS
from perfstudy.displays import Grid
from perfstudy.errors import unknown
from perfstudy.numbers import with_interval
from perfstudy.results import publish

CAPTION = "Speed-ups with their 95% intervals"


def judged(*claims: str, name: str | None = None) -> Grid:
    """Return the published verdicts on *claims*, of all published sets or of the one called *name*.

    Raises:
        UsageError: there is no such claim, or no such set; the nearest are named.
    """
    known = [claim.id for claim in CLAIMS]
    for claim in claims:
        if claim not in known:
            raise unknown("claim", claim, known)
    if name is not None and name not in publish.listing():
        raise unknown("published result", name, publish.listing())
    frame = publish.verdicts()
    frame = frame[frame["claim"].isin(claims) & (True if name is None else frame["published"].eq(name))]
    rows: list[dict[str, str]] = [
        {
            **{column: row[column] for column in ("claim", "scale", "scenario", "claimed")},
            "measured": with_interval(row["speedup"], row["low"], row["high"]),
            "verdict": row["verdict"],
            "from": row["published"],
        }
        for row in frame.to_dict("records")
    ]
    place = {claim: i for i, claim in enumerate(claims)}
    ordered = sorted(rows, key=lambda row: (place[row["claim"]], row["from"]))
    return Grid([dict(row) for row in ordered], CAPTION)
