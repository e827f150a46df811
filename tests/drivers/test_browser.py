"""Finding and starting a browser: which one, what it is given, and what is said where there is none."""

import json
import re
import stat
from pathlib import Path

import psutil
import pytest

from perfstudy.drivers.browser import find, pinned
from perfstudy.drivers.browser.process import BrowserProcess, choose_sandbox
from perfstudy.errors import NotInstalledError, PerfstudyError, UsageError
from tests.browser import FOUND, needs_browser


def test_the_lock_has_a_hash_for_each_package_and_no_address() -> None:
    text = (pinned.HERE / "package-lock.json").read_text(encoding="utf-8")
    packages = {name: one for name, one in json.loads(text)["packages"].items() if name}
    assert packages[f"node_modules/{pinned.PACKAGE}"]["version"] == pinned.read_version()
    assert all(one["integrity"].startswith("sha512-") for one in packages.values())
    assert "://" not in text


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Leave no browser to be found: an empty path and an empty home."""
    monkeypatch.delenv("PERFSTUDY_BROWSER", raising=False)
    monkeypatch.setenv("PERFSTUDY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(find, "APPLICATIONS", ())
    return tmp_path


def make_program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\necho 'Chromium 1.2.3 built on here'\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_the_one_that_is_named_comes_first_then_the_pinned_then_an_installed_one(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotInstalledError, match=r"perfstudy\.drivers\.browser"):
        find.find_browser()
    installed = make_program(nowhere / "chromium")
    assert find.find_browser().path == installed
    if pinned.is_supported():
        own = make_program(pinned.program())
        assert find.find_browser().path == own
    named = make_program(nowhere / "named")
    monkeypatch.setenv("PERFSTUDY_BROWSER", str(named))
    assert find.find_browser() == find.Browser(named)
    assert find.find_browser().product == "Chromium 1.2.3"


@pytest.mark.parametrize(
    ("user", "said", "flags"),
    [
        (0, "", ("--no-sandbox",)),
        (1000, "", ()),
        (1000, "FATAL:zygote.cc No usable sandbox! If you", ("--no-sandbox",)),
    ],
)
def test_a_browser_keeps_its_sandbox_where_it_can_have_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, user: int, said: str, flags: tuple[str, ...]
) -> None:
    program = make_program(tmp_path / "chromium")
    program.write_text(f"#!/bin/sh\necho '{said}' >&2\n", encoding="utf-8")
    monkeypatch.setattr("os.geteuid", lambda: user)
    assert choose_sandbox(find.Browser(program)) == flags


def test_a_program_that_cannot_start_is_no_matter_of_its_sandbox(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert choose_sandbox(find.Browser(tmp_path / "missing")) == ()


@pytest.mark.parametrize("name", ["missing", "."])
def test_a_name_that_is_no_program_is_refused(nowhere: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("PERFSTUDY_BROWSER", str(nowhere / name))
    with pytest.raises(UsageError, match="is no program"):
        find.find_browser()


def test_a_program_that_is_no_browser_says_so(tmp_path: Path) -> None:
    broken = make_program(tmp_path / "broken")
    broken.write_text("#!/bin/sh\necho no display >&2; exit 3\n", encoding="utf-8")
    with pytest.raises(PerfstudyError, match=r"did not start: the browser has ended.*no display"):
        BrowserProcess(find.Browser(broken))
    with pytest.raises(UsageError, match="no browser that runs here"):
        _ = find.Browser(broken).product


@needs_browser
def test_a_browser_starts_answers_and_leaves_nothing() -> None:
    assert isinstance(FOUND, find.Browser)
    with BrowserProcess(FOUND) as browser:
        major = re.search(r"[\d.]+", FOUND.product)
        assert major is not None
        assert browser.product.endswith(major[0])
        assert stat.S_IMODE(browser.profile.stat().st_mode) == 0o700
        with pytest.raises(PerfstudyError, match=r"refused Nothing\.known"):
            browser.connection.ask("Nothing.known")
        profile = f"--user-data-dir={browser.profile}"
    assert browser.closed
    assert not [one for one in psutil.process_iter(["cmdline"]) if profile in (one.info["cmdline"] or ())]
