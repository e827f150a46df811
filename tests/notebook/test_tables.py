"""Published verdicts and costs, and declarations, as notebooks show them."""

from math import exp

import pytest

from perfstudy import costs, findings, judged, number, orders, published, tabulate
from perfstudy.errors import UsageError
from perfstudy.formatting import factor, factor_with_interval
from perfstudy.listing import declaration
from perfstudy.listing.optimizations import ALL
from perfstudy.listing.variant import smallest_variant


def test_a_claim_is_shown_with_its_verdict() -> None:
    shown = judged("index-response", name="ladder-medium")
    assert {row["scenario"] for row in shown.rows} == {"page", "all", "business", "type"}
    assert {row["from"] for row in shown.rows} == {"ladder-medium"}
    assert "ruled out" in repr(shown)


def test_without_a_set_all_of_them_are_shown_claim_by_claim() -> None:
    rows = judged("index-response", "index-queries").rows
    claims = [row["claim"] for row in rows]
    assert claims == sorted(claims, reverse=True)
    assert len({row["from"] for row in rows}) > 1


@pytest.mark.parametrize(("arguments", "name"), [(["index-answer"], None), (["index-response"], "ladder-median")])
def test_what_is_not_there_is_named_with_the_nearest(arguments: list[str], name: str | None) -> None:
    with pytest.raises(UsageError, match=r"index-response|ladder-medium"):
        judged(*arguments, name=name)


def test_a_declaration_has_a_row_for_each_seam() -> None:
    for optimization in ALL:
        rows = declaration(smallest_variant(optimization)).rows
        mine = [row["seam"] for row in rows if row["optimization"] == optimization.name]
        assert mine == list(optimization.seams)
    assert '"CONN_MAX_AGE": 600' in repr(declaration("connections"))
    assert "join_business: Fetch each row together with its business." in repr(declaration("related"))


def test_scales_and_scenarios_are_in_the_order_of_the_study() -> None:
    rows = judged("index-response", name="scale-tiny-to-large").rows
    assert list(dict.fromkeys(row["scale"] for row in rows)) == ["tiny", "small", "medium", "large"]
    assert [row["scenario"] for row in rows[:2]] == ["page", "business"]


def test_costs_have_a_column_for_each_scale() -> None:
    shown = costs("index", "scale-tiny-to-large")
    assert list(shown.rows[0]) == ["quantity", "tiny", "small", "medium", "large"]
    by_name = {row["quantity"]: row for row in shown.rows}
    assert by_name["index size"]["large"] == "251 MB"
    cost = number("scale-tiny-to-large: cost sync of the tenant/index/large").text
    assert str(by_name["sync of the tenant"]["large"]) == f"{cost} times"
    assert costs("values", "scale-tiny-to-large").rows == []
    with pytest.raises(UsageError, match="index"):
        costs("indexx", "scale-tiny-to-large")


def test_a_frame_is_shown_with_units_intervals_and_short_names() -> None:
    ladder = published("ladder-medium")
    compared = tabulate(findings.comparisons(ladder), "label", "temperature", "scenario", "median", "speedup").rows
    (row,) = [r for r in compared if (r["label"], r["temperature"], r["scenario"]) == ("all", "warm", "page")]
    assert str(row["median"]).endswith(" µs")
    assert row["speedup"] == number("ladder-medium: all/page/warm").text
    paid = {row["quantity"]: row["value"] for row in tabulate(ladder.costs, "quantity", "value").rows}
    assert paid["memory of a cached page"] == "7.65 kB"


def test_logarithms_are_shown_as_the_ratios_that_charts_draw() -> None:
    found = published("factorial-medium")
    pairs = findings.interactions(found)
    for row, shown in zip(pairs.to_dict("records"), tabulate(pairs, "effect").rows, strict=True):
        assert shown["effect"] == factor_with_interval(*(exp(row[name]) for name in ("effect", "low", "high")))
    gains = findings.attribution(found)
    both = tabulate(gains, "shapley", "main").rows[0]
    first = gains.iloc[0]
    assert str(both["shapley"]).startswith(f"{factor(exp(first['shapley']))} [")
    assert str(both["main"]).endswith(f", {factor(exp(first['main_high']))}]")


def test_a_frame_s_named_rows_come_first_and_an_empty_one_has_its_columns() -> None:
    credits = orders.order_credits(published("factorial-medium"), reported="index, related, values")
    assert [row["name"] for row in tabulate(credits).rows] == ["index", "related", "values"]
    assert tabulate(credits.iloc[:0], "reported").columns == ("reported",)
