"""The report as a page: whole by itself, well formed, and readable by everyone on anything."""

import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from perfstudy import charts
from perfstudy.errors import PerfstudyError
from perfstudy.findings.symbols import SYMBOLS
from perfstudy.report.judgement import count_verdicts, warnings
from perfstudy.report.material import Material
from perfstudy.report.render import document
from perfstudy.results.published import Published
from perfstudy.results.resultset import repeat_command
from tests.charts import factories as frames
from tests.report import factories, shop

VOID = {"meta", "br", "img", "link", "input", "hr", "source", "col", "wbr"}


class Page(HTMLParser):
    """Reads a page strictly: every element is closed by its own tag, in order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, dict[str, str]]] = []
        self.elements: list[tuple[str, dict[str, str], tuple[str, ...]]] = []
        self.text: list[tuple[str, str]] = []
        self.feed(html)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        given = {name: value or "" for name, value in attrs}
        self.elements.append((tag, given, tuple(name for name, _ in self.open)))
        if tag not in VOID:
            self.open.append((tag, given))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1][0] == tag, f"</{tag}> closes <{self.open[-1][0]}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and self.open:
            self.text.append((self.open[-1][0], data.strip()))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [given for name, given, _ in self.elements if name == tag]

    def sections(self) -> list[str]:
        """Return the anchors of the sections."""
        return [given["id"] for given in self.all("div") if given.get("class") == "content"]

    def texts(self, tag: str) -> list[str]:
        return [text for name, text in self.text if name == tag]


@pytest.fixture(scope="module")
def material() -> Material:
    return factories.material()


@pytest.fixture(scope="module")
def html(material: Material) -> str:
    return document(material)


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_sections_come_in_order(page: Page) -> None:
    expected = "verdicts ladder samples phases attribution plans work costs environment reproduce"
    assert page.sections() == expected.split()
    targets = [given["href"] for tag, given, inside in page.elements if tag == "a" and "nav" in inside]
    assert targets == ["#top", *(f"#{name}" for name in page.sections())]


def test_what_a_link_leads_to_is_opened_by_the_browser(page: Page) -> None:
    """A browser opens a fold whose content is the target of a link, but not one that is the target itself."""
    folded = {given["id"] for tag, given, inside in page.elements if "id" in given and "details" in inside}
    assert set(page.sections()) <= folded
    claims = {given["href"][1:] for tag, given, inside in page.elements if tag == "a" and "tbody" in inside}
    assert claims
    assert claims <= folded


def test_report_opens_with_the_answer(page: Page, material: Material) -> None:
    header = [(tag, given) for tag, given, inside in page.elements if "header" in inside]
    figures = [given["id"] for tag, given in header if tag == "figure"]
    assert figures == ["opening-page", "opening-all"]
    assert (
        "page 13× as fast as the baseline with an empty cache and 51× with a warm one, and all 13× and 51×."
        in page.texts("strong")[0]
    )
    more = page.texts("p")[1]
    assert more.startswith("The largest step is + gunicorn + cache, warm for page")
    tested = material.verdicts[material.verdicts["verdict"] != "not testable here"]
    here = tested[tested["scenario"].isin(["page", "all"])]
    assert f"Of {len(here)} verdicts on {here['claim'].nunique()} claims:" in more
    order = [given.get("id") or given.get("class") for tag, given in header if tag in ("figure", "table", "dl", "p")]
    places = [order.index(name) for name in ("answer", "opening-page", "claims", "actions-title", "warnings-title")]
    assert places == sorted(places)


def test_scenarios_of_the_second_rank_are_folded_away(page: Page) -> None:
    folds = {given["id"]: inside.count("details") for tag, given, inside in page.elements if tag == "figure"}
    assert {folds["opening-page"], folds["opening-all"]} == {0}
    assert {folds["phases-small-page"], folds["phases-small-all"], folds["verdicts-chart"]} == {1}
    assert {folds["phases-small-business"], folds["phases-small-type"], folds["verdicts-others"]} == {2}


def test_a_published_figure_is_marked_in_the_chart() -> None:
    beside = frames.verdicts().assign(published_speedup=lambda frame: 1.1 * frame["speedup"], published_scale="medium")
    drawn = charts.verdicts(beside)
    strokes = [line for line in drawn.axes[0].lines if line.get_marker() == "|"]
    assert len(strokes) == beside["speedup"].notna().sum()
    assert "The upright stroke is the published figure, at medium." in drawn.caption


def test_page_asks_for_nothing(html: str, page: Page) -> None:
    assert not re.search(r"(https?:)?//[\w.-]+\.\w", html), "no address of another place"
    assert not page.all("script")
    assert not page.all("link")
    assert "@import" not in html
    for _, given, _ in page.elements:
        for name in ("src", "href", "xlink:href", "srcset"):
            assert given.get(name, "#").startswith(("#", "data:")), given


def test_page_is_small(html: str) -> None:
    assert len(html.encode()) < 3_000_000


def test_ids_are_unique_and_references_lead_somewhere(page: Page) -> None:
    ids = Counter(given["id"] for _, given, _ in page.elements if "id" in given)
    assert [name for name, count in ids.items() if count > 1] == []
    named = [given[n] for _, given, _ in page.elements for n in ("aria-labelledby", "aria-describedby") if n in given]
    links = [given["href"][1:] for _, given, _ in page.elements if given.get("href", "").startswith("#")]
    assert set(named) | set(links) <= set(ids)


def test_language_title_and_viewport_are_there(page: Page) -> None:
    assert page.all("html") == [{"lang": "en"}]
    assert page.texts("title") == ["ladder at small: performance study"]
    metas = page.all("meta")
    assert {"charset": "utf-8"} in metas
    assert any(m.get("name") == "viewport" and "width=device-width" in m["content"] for m in metas)
    assert any(m.get("name") == "color-scheme" for m in metas)


def test_headings_skip_no_level(page: Page) -> None:
    levels = [int(tag[1]) for tag, *_ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_image_has_a_text(page: Page) -> None:
    drawings = page.all("svg")
    assert len(drawings) > 20
    for given in drawings:
        assert given["role"] == "img"
        assert len(given["aria-label"]) > 40
    # Images within a drawing are parts of it, which its own text describes.
    assert all("svg" in inside for tag, _, inside in page.elements if tag == "image")
    assert all("alt" in given for given in page.all("img"))


def test_every_figure_has_two_widths_and_a_caption(page: Page) -> None:
    figures, single = len(page.all("figure")), len([f for f in page.all("figure") if f["id"].startswith("opening-")])
    classes = Counter(given.get("class") for given in page.all("div"))
    assert classes["wide"] == classes["narrow"] == figures - single
    assert len(page.all("figcaption")) == figures
    assert len(page.all("svg")) == 2 * figures - single


def test_every_table_has_a_caption_and_scopes(page: Page) -> None:
    tables = len(page.all("table"))
    assert tables == len(page.all("caption")) == len(page.texts("caption"))
    for tag, given, inside in page.elements:
        if tag == "th":
            assert given["scope"] in ("col", "row", "rowgroup")
            assert given["scope"] == "col" or "tbody" in inside
    for tag, given, _ in page.elements:
        if given.get("class") == "scroll":
            assert given["tabindex"] == "0", f"a keyboard reaches what scrolls in <{tag}>"


def test_verdicts_stand_in_words_beside_their_colours(page: Page, material: Material) -> None:
    tested = material.verdicts[material.verdicts["verdict"] != "not testable here"]
    badges = [given["class"] for given in page.all("span") if given.get("class", "").startswith("verdict ")]
    words = [text for text in page.texts("span") if text in SYMBOLS]
    at_once = tested["scenario"].isin(material.headline).sum()
    assert len(badges) == len(words) == at_once + len(count_verdicts(material)) + len(tested)
    assert [badge.removeprefix("verdict ") for badge in badges] == [word.replace(" ", "-") for word in words]


def test_tally_counts_an_untested_claim_once(material: Material) -> None:
    counted = dict(count_verdicts(material))
    assert counted["not testable here"] == 1
    verdicts = material.verdicts
    assert counted["supported"] == (verdicts["verdict"] == "supported").sum()


def test_claims_that_cannot_be_tested_stand_apart(page: Page, material: Material) -> None:
    assert "untested" in [given.get("id") for given in page.all("table")]
    assert "together-response" in page.texts("th")
    assert "claim-together-response" not in [given.get("id") for given in page.all("th")]
    nothing = material.verdicts.assign(verdict="not testable here")
    only = Page(document(Material(name="x", study="aa", scale="tiny", verdicts=nothing)))
    assert len(only.all("table")) == 1


def css(html: str) -> str:
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style is not None
    return style.group(1)


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


TEXT = ("ink", "faint", "link", "supported", "exceeded", "short", "excluded", "refuted", "open", "warn")


@pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "print"])
@pytest.mark.parametrize("ground", ["paper", "panel"])
def test_text_contrasts_with_its_ground(html: str, scheme: int, ground: str) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1."""
    roots = re.findall(r":root \{(.*?)\}", css(html), re.DOTALL)
    colours = dict(re.findall(r"--(\w+): (#\w{6})", roots[scheme]))
    for name in TEXT:
        low, high = sorted((luminance(colours[name]), luminance(colours[ground])))
        assert (high + 0.05) / (low + 0.05) >= 4.5, f"{name} on {ground}"


def test_every_variable_is_declared(html: str) -> None:
    declared = set(re.findall(r"(--\w+):", css(html)))
    used = set(re.findall(r"var\((--\w+)", html))
    assert used <= declared


def test_page_knows_phones_paper_and_dark(html: str) -> None:
    queries = re.findall(r"@media ([^{]+) \{", css(html))
    assert queries == [
        "(prefers-color-scheme: dark)",
        "screen and (min-width: 68rem)",
        "screen and (max-width: 40rem)",
        "print",
    ]


def test_what_a_run_lacks_is_left_out() -> None:
    bare = Material(name="aa-tiny-x", study="aa", scale="tiny")
    page = Page(document(bare))
    assert page.sections() == ["reproduce"]
    assert not page.all("svg")


PLACES = ("comparisons", "name", "study", "scale")
"""What every section needs to know where it was measured."""


@pytest.mark.parametrize(
    ("section", "data"),
    [
        ("verdicts", ["verdicts"]),
        ("ladder", ["ladder"]),
        ("samples", ["samples"]),
        ("phases", ["cells"]),
        ("attribution", ["attribution", "interactions"]),
        ("plans", ["plans"]),
        ("work", ["evidence"]),
        ("costs", ["costs"]),
        ("environment", ["environment"]),
    ],
)
def test_each_section_needs_its_data_alone(section: str, data: list[str]) -> None:
    whole = factories.material(("page",))
    page = Page(document(Material(**{name: getattr(whole, name) for name in (*PLACES, *data)})))
    assert page.sections() == [section, "reproduce"]


def test_several_scales_have_curves() -> None:
    scales = ("tiny", "small", "medium")
    several = Material(name="x", study="scale", scale="tiny", comparisons=frames.comparisons(scales=scales))
    page = Page(document(several))
    assert page.sections() == ["growth", "reproduce"]
    assert [f["id"] for f in page.all("figure")] == ["scale-page"]


def test_depths_have_a_curve() -> None:
    deep = Material(name="x", study="depth", scale="small", comparisons=frames.depths())
    page = Page(document(deep))
    assert "depth-small" in [f["id"] for f in page.all("figure")]
    assert [scenario for _, scenario in deep.places()] == ["page@0", "page@2651"], "the ends stand for the rest"


def test_answers_of_several_lengths_have_a_curve() -> None:
    page = Page(document(Material(name="x", study="size", scale="small", comparisons=frames.lengths())))
    figures = [f["id"] for f in page.all("figure")]
    assert "rows-small" in figures
    assert "depth-small" not in figures


def test_text_from_elsewhere_is_escaped() -> None:
    sly = "<script>alert('x')</script> & \"more\""
    verdicts = frames.verdicts().assign(quote=sly, reason=sly)
    plans = [row | {"sql": sly} for row in factories.plans(("page",))]
    given = {"comparisons": frames.comparisons(), "verdicts": verdicts, "plans": plans, "excluded": {"index": sly}}
    html = document(Material(name=sly, study=sly, scale="small", **given))
    assert "<script" not in html
    assert Page(html).texts("q")[0] == sly


def test_warnings_say_what_to_do() -> None:
    busy = factories.PASSING | {"load": [1.9, 1.0, 1.0]}
    told = warnings(
        factories.material(
            finished=False,
            blocks=3,
            verdicts=frames.verdicts(indicative=True),
            excluded={"index": "3 of 40 answers differ"},
            telemetry={"before": busy, "after": None},
        )
    )
    text = "\n".join(told)
    assert "perfstudy run --resume ladder-small-20260101-120000-abcd" in text
    assert "--blocks 10" in text
    assert "index is excluded: 3 of 40 answers differ" in text
    assert "load of 1.9 on 2 CPUs" in text


def test_command_repeats_the_study() -> None:
    declared = factories.material()
    assert repeat_command(declared) == (
        "perfstudy run --study ladder --scale small --scenario page --scenario all --scenario business "
        "--scenario type --blocks 10 --requests 30 --seed 1"
    )
    assert repeat_command(factories.material(notes={"command": "perfstudy run"})) == "perfstudy run"


def test_unwritable_place_is_said(tmp_path: Path) -> None:
    from perfstudy.report import render

    with pytest.raises(PerfstudyError, match=r"cannot be written.*name another place"):
        render(bare_set(), tmp_path / "missing" / "report.html")


def bare_set() -> Published:
    """Return a published set of verdicts and costs alone."""
    record: dict[str, Any] = {"id": "x", "study": "ladder", "scale": "small", "seed": 1, "blocks": 10, "identity": "0"}
    record |= {"declaration": {}, "environment": factories.IDENTITY, "telemetry": {"before": factories.PASSING}}
    cells = factories.cells(("page",)).iloc[:0].assign(middle_ns=[])
    tables = {"cells": cells, "verdicts": frames.verdicts(), "costs": frames.costs()}
    return Published("a-set", record | {"notes": {}, "excluded": {}}, tables, {"evidence": [], "plans": []})


def test_a_set_without_samples_shows_its_verdicts(tmp_path: Path) -> None:
    from perfstudy.report import render

    path = render(bare_set(), tmp_path / "report.html")
    page = Page(path.read_text())
    assert page.sections() == ["verdicts", "costs", "environment", "reproduce"]


def test_many_variants_still_make_a_page() -> None:
    """Curves of a full factorial show what tells most; every sample is shown all the same."""
    from itertools import combinations

    from perfstudy.report.sections import principal

    labels = ["+".join(c) or "baseline" for n in range(7) for c in combinations(frames.NAMES, n)]
    chosen = principal(labels)
    assert len(chosen) == 1 + 6 + 1
    assert {"baseline", "index", frames.FULL} <= set(chosen)
    assert principal(labels[:5]) == labels[:5]


def test_the_title_is_the_one_that_the_study_declares() -> None:
    material = factories.material(declaration={"title": "Step by step", "scales": ["small"]})
    assert Page(document(material)).texts("title") == ["Step by step, at small: performance study"]


def test_the_command_of_an_own_study_has_all_that_shaped_the_run() -> None:
    declared = shop.declare()
    for arm in declared["arms"]:
        arm["ref"] = "HEAD~1" if arm["role"] == "variant" else "HEAD"
    declared |= {"scenarios": ["search"], "variants": ["pool"], "requests": 3, "until": "width", "width": 0.05}
    assert repeat_command(factories.material(declaration=declared)) == (
        "perfstudy run orders.py --scenario search --variant pool --base HEAD --head 'HEAD~1' --blocks 10 --requests 3 "
        "--seed 1 --until 5%"
    )
