"""Numbers by address, against the published tables that they come from, and prose whose numbers do."""

import numpy as np
import pytest

from perfstudy import findings, number, published
from perfstudy.errors import UsageError
from perfstudy.formatting import factor, factor_with_interval, size_in_bytes
from perfstudy.listing import targets
from perfstudy.listing.claims import CLAIMS
from perfstudy.notebook.citations import EXAMPLE
from perfstudy.notebook.prose import fill_citations, find_unbacked

LADDER, FACTORIAL = "ladder-medium", "factorial-medium"


def test_a_claim_has_the_speed_up_and_the_verdict_of_the_published_table() -> None:
    table = published(LADDER).verdicts.set_index(["claim", "scenario"])
    row = table.loc[("index-response", "page")]
    assert number(EXAMPLE).text == factor_with_interval(row["speedup"], row["low"], row["high"])
    assert number(f"{EXAMPLE}/verdict").text == row["verdict"]
    assert number(f"{EXAMPLE}/claimed").text == row["claimed"] == number("claim: index-response").text


def test_a_variant_has_its_median_and_its_speed_up_over_the_baseline() -> None:
    cells = published(LADDER).cells.query("label == 'baseline' and scenario == 'all'")
    median = float(np.exp(np.log(cells["median_ns"].astype(float) / 1e9).mean()))
    assert number(f"{LADDER}: baseline/all/cold/median").text == f"{median:.2f} s"
    assert number(f"{LADDER}: baseline/all/cold").text == "1.00 [1.00, 1.00]"


def test_attributions_are_factors() -> None:
    shares = findings.attribution(published(FACTORIAL)).query("optimization == 'related' and temperature == 'cold'")
    assert number(f"{FACTORIAL}: shapley related/page/cold").text.startswith(
        factor(float(np.exp(shares["shapley"].iloc[0])))
    )
    pair = "interaction {}/page/cold"
    one, other = (number(f"{FACTORIAL}: {pair.format(p)}").text for p in ("related+values", "values+related"))
    assert one == other


def test_costs_have_units() -> None:
    assert number(f"{LADDER}: cost index size").text.endswith(" MB")
    assert number(f"{LADDER}: cost answers may be out of date for").text == "60 s"
    assert "[" in number("scale-tiny-to-large: cost sync of the tenant/index/large").text


def test_a_target_has_its_ratio_and_its_outcome() -> None:
    row = targets.judge(published("limits-medium")).query("scenario == 'page'").iloc[0]
    named = f"{row['target']}/page"
    assert number(f"limits-medium: target {named}").text == factor_with_interval(row["ratio"], row["low"], row["high"])
    assert number(f"limits-medium: outcome {named}").text == row["outcome"]


@pytest.mark.parametrize(
    ("value", "text"), [(0.942, "0.94"), (1, "1.00"), (9.994, "9.99"), (9.996, "10.0"), (251.4, "251"), (np.nan, "-")]
)
def test_factors_have_three_significant_digits_or_two_decimals(value: float, text: str) -> None:
    assert factor(value) == text
    assert factor_with_interval(value, np.nan, np.nan) == text


def test_sizes_are_decimal() -> None:
    assert [size_in_bytes(n) for n in (7, 7648, 34_553_856, 2.5e9)] == ["7 bytes", "7.65 kB", "34.6 MB", "2.50 GB"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("index", "no address"),
        ("ladder-medium:", "no address"),
        ("ladder-mediun: index-response/page", "ladder-medium"),
        ("ladder-medium: index-respond/page", "index-response|index"),
        ("ladder-medium: index-response/pages", "page"),
        ("ladder-medium: index-response", "name one scenario"),
        ("scale-tiny-to-large: cost index size", "name one scale"),
        ("ladder-medium: index/page/cold/reference", "'baseline'"),
        ("ladder-medium: shapley index/page/cold", "shapley|optimization"),
        ("limits-medium: target a hit/page", "against bare WSGI"),
        ("claim: indexes", "index-queries|index-response"),
    ],
)
def test_an_address_that_names_no_number_says_what_there_is(address: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        number(address)


def test_a_number_says_where_it_comes_from() -> None:
    shown = number(EXAMPLE)
    assert EXAMPLE in repr(shown)
    assert EXAMPLE in shown._repr_html_()


def test_prose_is_filled_in_and_corrected() -> None:
    right = number(EXAMPLE).text
    for before in ("?", "9.99 [9.98, 99.9]", "12", right):
        assert fill_citations(f"It is {before}<!-- {EXAMPLE} --> times.") == f"It is {right}<!-- {EXAMPLE} --> times."
    verdict = number(f"{EXAMPLE}/verdict").text
    assert (
        fill_citations(f"It is *fell short*<!-- {EXAMPLE}/verdict -->.")
        == f"It is *{verdict}*<!-- {EXAMPLE}/verdict -->."
    )
    assert fill_citations("At 95%<!-- by definition -->.") == "At 95%<!-- by definition -->."


OUTCOME = "limits-medium: outcome a hit, against bare WSGI and one GET/page"


@pytest.mark.parametrize(
    "kind", [f"{EXAMPLE}/verdict", "claim: index-queries", "ladder-medium: cost index size", OUTCOME]
)
def test_what_was_filled_in_is_found_again(kind: str) -> None:
    once = fill_citations(f"It is ?<!-- {kind} -->.")
    assert "?" not in once
    assert fill_citations(once.replace("It is", "Now")) == once.replace("It is", "Now")
    assert not list(find_unbacked(once))


@pytest.mark.parametrize(
    "prose",
    [
        "It is 3 times faster.",
        "It is 3.5× faster.",
        "It takes 1,200 ms.",
        "between [1.01, 1.10] and more",
        "a gain of 20%",
        "35 MB of index",
        "a tenfold, 10-fold gain",
        'The report says "42 times faster".',
        "It is large<!-- ladder-medium: index-response/page -->.",
    ],
)
def test_a_figure_that_no_result_backs_is_found(prose: str) -> None:
    assert list(find_unbacked(prose))


@pytest.mark.parametrize(
    "prose",
    [
        "A page of 20 of 2,671 programs, in 10 blocks, with 95% intervals.",
        f'The report says "{CLAIMS[0].quote}".',
        f"It is 1.06 [1.01, 1.10]<!-- {EXAMPLE} --> times as fast.",
        "`limit=20 ms`",
        "above 95%<!-- by definition -->",
    ],
)
def test_what_needs_no_result_is_left_alone(prose: str) -> None:
    assert not list(find_unbacked(prose))
