"""The page at ``/``: its switches, its headers and its assets."""

import re
from dataclasses import replace

import pytest

from perfstudy.errors import PerfstudyError
from perfstudy.listing.compiling import arm
from perfstudy.listing.variant import BASELINE

ASSET = re.compile(r"/(assets/app-[A-Z0-9]{8}\.(js|css))")
TYPES = {"js": "text/javascript", "css": "text/css"}


def test_the_page_needs_no_token_and_is_kept_nowhere(inside):
    answer = inside("baseline").get("/", None)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-embedder-policy"] == "require-corp"


def test_nothing_runs_but_the_service_s_own_files(inside):
    answer = inside("baseline").get("/", None)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'self'; ")
    assert "unsafe" not in policy
    assert "script-src" not in policy  # so that the default holds for scripts
    assert not re.search(rb"<script(?![^>]* src=)|<style| style=| on[a-z]+=", answer.body)


@pytest.mark.parametrize("search", ["page", "server"])
def test_the_page_says_where_its_text_is_searched(inside, search):
    answer = inside("baseline", PERFSTUDY_SEARCH=search).get("/", None)
    assert f'<html lang="en" data-on="" data-search="{search}">'.encode() in answer.body


def test_each_asset_is_kept_for_ever_under_the_hash_in_its_name(inside):
    service = inside("baseline")
    named = ASSET.findall(service.get("/", None).body.decode())
    assert sorted(kind for _, kind in named) == ["css", "js"]
    for name, kind in named:
        answer = service.get(f"/{name}", None)
        assert answer.status == 200
        assert answer.headers["content-type"].startswith(TYPES[kind])
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("name", ["app.js", "../index.html", "%2e%2e%2findex.html", "..%5cindex.html", ""])
def test_no_other_file_is_an_asset(inside, name):
    assert inside("baseline").get(f"/assets/{name}", None).status == 404


def test_a_token_is_taken_in_no_query(inside):
    """It would be logged there; the page has it in the fragment, which is sent to nobody."""
    service = inside("baseline")
    assert service.get("/api/programs?token=x", None).status == 401
    assert service.get("/api/programs?token=x").status == 400


def test_another_folder_may_hold_the_page(inside, tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "floor.js").write_text("1")
    (tmp_path / "index.html").write_text('<!doctype html><html lang="en" data-on="" data-search="page"><p>floor')
    service = inside("baseline", PERFSTUDY_PAGE=str(tmp_path))
    assert service.get("/", None).body.endswith(b"<p>floor")
    assert service.get("/assets/floor.js", None).body == b"1"


@pytest.mark.parametrize(("content", "reason"), [(None, "No such file"), ("<html>", "does not begin with")])
def test_a_folder_without_a_page_fails_at_the_start(lab, databases, tmp_path, content, reason):
    if content:
        (tmp_path / "index.html").write_text(content)
    plain = arm(BASELINE)
    shown = replace(plain, environment={**plain.environment, "PERFSTUDY_PAGE": str(tmp_path)})
    with pytest.raises(PerfstudyError, match=reason):
        lab.serve(shown, databases.of(BASELINE))
