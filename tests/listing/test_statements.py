"""The statements of the listing, as text."""

import pytest

from perfstudy.listing.statements import classify, select_ids


def test_the_statement_for_ids_quotes_what_it_is_given() -> None:
    assert select_ids("o'hara", "PAST", sort=False).endswith("username = 'o''hara' AND status = 'PAST'")
    assert select_ids("a", "PAST", limit=5).endswith("ORDER BY start_date DESC, program_id LIMIT 5")


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ('SELECT COUNT(*) AS "__count" FROM "ads_programregistry"', "count"),
        ('SELECT "ads_programregistry"."id" AS "id" FROM "ads_programregistry" LIMIT 20', "ids"),
        ('SELECT "ads_programregistry"."id", "ads_programregistry"."status" FROM "ads_programregistry"', "rows"),
        ('SELECT "ads_business"."name" FROM "ads_business" WHERE "ads_business"."id" = 1', "business"),
    ],
)
def test_a_statement_is_known_by_what_it_asks_for(statement: str, kind: str) -> None:
    assert classify(statement) == kind
