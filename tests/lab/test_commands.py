"""A reader's commands: what they get, what is kept of what they print, and that nothing of them is left."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.lab.commands import build_user_environment, fill, run_command, split_command
from perfstudy.lab.outputs import HEAD, TAIL, Hider
from perfstudy.lab.processes import wait_until

LEFT = "import sys, subprocess; print(subprocess.Popen(['tail', '-f', sys.argv[1]]).pid, flush=True);"
"""A program that leaves a child behind, which keeps its output open."""
RUN = "import sys; from pathlib import Path; from perfstudy.lab.commands import run_command as run;"


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., bytes]:
    """Run a Python program as a reader's command, with a log."""

    def start(program: str, *arguments: str, **options: Any) -> bytes:
        values = {"python": sys.executable} | options.pop("values", {})
        command = ("{python}", "-c", program, *arguments)
        return run_command(command, values, tmp_path, options.pop("environment", {}), tmp_path / "log", **options)

    return start


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("gunicorn shop.wsgi --bind {host}:{port}", ["gunicorn", "shop.wsgi", "--bind", "h h:80"]),
        ("run 'a b' \"{port}\" c\\ d", ["run", "a b", "80", "c d"]),
        (("run", "a 'b", "{port}"), ["run", "a 'b", "80"]),
        (
            """sh -c 'echo ${HOME} {} {"a": 1} {{port}} {{"b"}}'""",
            ["sh", "-c", 'echo ${HOME} {} {"a": 1} {port} {{"b"}}'],
        ),
    ],
)
def test_a_command_is_split_and_filled(command: str | tuple[str, ...], words: list[str]) -> None:
    assert split_command(command, {"host": "h h", "port": "80"}) == words


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("run {prot}", r"^{prot} in '{prot}' has no value: use {port}, or {{prot}} for the text itself$"),
        ("run 'a", "cannot be split: no closing quotation$"),
        *((empty, "names no program") for empty in ("", "  ", (), ("",))),
    ],
)
def test_a_command_that_cannot_be_read(command: str | tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        split_command(command, {"port": "80"})


def test_a_value_is_not_filled_again() -> None:
    assert fill("{a}{b}", {"a": "{b}", "b": "1"}) == "{b}1"


def test_nothing_of_ours_is_in_the_environment(
    run: Callable[..., bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = str(Path(sys.prefix, "bin"))
    theirs = tmp_path / "venv"
    (theirs / "bin").mkdir(parents=True)
    (theirs / "pyvenv.cfg").touch()
    monkeypatch.setenv("PATH", os.pathsep.join([ours, "/usr/bin", "/bin", f"{ours}/"]))
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "perfstudy.listing.service.settings")
    monkeypatch.setenv("KEPT", "of the reader")
    for name in ("PERFSTUDY_HOME", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME"):
        monkeypatch.setenv(name, str(tmp_path))
    values = {"python": str(theirs / "bin" / "python")}
    found = build_user_environment(values, {"FORMAT": "{levelname}", "PYTHONPATH": "src"})
    assert found["PATH"].split(os.pathsep) == [str(theirs / "bin"), "/usr/bin", "/bin"]
    assert (found["FORMAT"], found["PYTHONPATH"], found["KEPT"]) == ("{levelname}", "src", "of the reader")
    assert not found.keys() & {"PERFSTUDY_HOME", "VIRTUAL_ENV", "PYTHONHOME", "DJANGO_SETTINGS_MODULE"}
    assert run("import os; print(os.environ['SHOWN'], os.getcwd())", environment={"SHOWN": "1"}).split() == [
        *(b"1", os.fsencode(tmp_path)),
    ]


def test_the_output_is_returned_and_the_log_has_both_streams(run: Callable[..., bytes], tmp_path: Path) -> None:
    assert run("import sys; print('out'); print('err', file=sys.stderr); print(sys.stdin.read())") == b"out\n\n"
    assert sorted((tmp_path / "log").read_text().split()) == ["err", "out"]
    assert (tmp_path / "log").stat().st_mode & 0o077 == 0


def test_a_failure_shows_the_end_of_the_log(run: Callable[..., bytes]) -> None:
    lines = "print(*('\\x1b[31mline %d\\x1b[0m\\x07' % n for n in range(40)), 'x' * 5000, sep='\\n');"
    with pytest.raises(PerfstudyError) as caught:
        run(f"{lines} raise SystemExit(3)")
    first, *rest = str(caught.value).splitlines()
    assert "ended with exit status 3; its log is " in first
    assert rest[:-1] == [f"  line {n}" for n in range(29, 40)]
    assert set(rest[-1].strip()) == {"x"}
    assert len(rest[-1]) <= 300
    with pytest.raises(PerfstudyError, match=r"was ended by SIGKILL; its log is"):
        run("import os; os.kill(os.getpid(), 9)")


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("absent-program --now", r"there is no program 'absent-program'; install it, or write {python} -m$"),
        ("./data", r"'./data' cannot be run: Permission denied"),
        ("./broken", r"'./broken' cannot be run: Exec format error"),
    ],
)
def test_a_command_that_cannot_be_started(tmp_path: Path, command: str, message: str) -> None:
    (tmp_path / "data").touch()
    (tmp_path / "broken").touch(mode=0o755)
    with pytest.raises(UsageError, match=message):
        run_command(command, {}, tmp_path, {}, tmp_path / "log")
    with pytest.raises(UsageError, match=r"which is no folder: correct folder="):
        run_command(command, {}, tmp_path / "absent", {}, tmp_path / "log")


def test_secrets_are_hidden_wherever_they_are_shown(run: Callable[..., bytes], tmp_path: Path) -> None:
    values = {"postgres": "postgresql://shop:p%40ss@localhost/shop"}
    program = "import sys; print(*sys.argv[1:], 'p@ss'); sys.stdout.flush(); raise SystemExit(1)"
    with pytest.raises(PerfstudyError) as caught:
        run(program, "{postgres}", "hunter2", "hunter2hunter2", values=values, secrets={"hunter2", ""})
    shown = str(caught.value) + (tmp_path / "log").read_text()
    assert "postgresql://shop:***@localhost/shop *** ****** ***" in shown
    assert not [secret for secret in ("hunter", "p@ss", "p%40ss") if secret in shown]


def test_a_private_commands_output_is_only_returned(run: Callable[..., bytes], tmp_path: Path) -> None:
    assert run("print('token')", private=True) == b"token\n"
    assert (tmp_path / "log").read_text() == ""
    with pytest.raises(PerfstudyError) as caught:
        run("import sys; print('token', flush=True); print('reason', file=sys.stderr); sys.exit(1)", private=True)
    assert "reason" in str(caught.value)
    assert not [line for line in str(caught.value).splitlines()[1:] if "token" in line]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_a_secret_is_hidden_however_the_stream_is_cut(size: int) -> None:
    hider, text = Hider(["abc", "abcdef", "ca"]), b"abcdef abca abcde bcabcab" * 3
    pieces = [hider.hide(text[start : start + size]) for start in range(0, len(text), size)]
    whole = Hider(["abc", "abcdef", "ca"])
    assert b"".join([*pieces, hider.finish()]) == whole.hide(text) + whole.finish()
    assert b"abc" not in b"".join(pieces)


def test_a_hundred_megabytes_fill_neither_memory_nor_disk(run: Callable[..., bytes], tmp_path: Path) -> None:
    program = "import sys; print('first'); [sys.stdout.write('x' * (1 << 20)) for _ in range(100)]; print('\\nlast')"
    assert len(run(program)) == 1 << 20
    kept = (tmp_path / "log").read_bytes()
    assert kept.startswith(b"first\nxxx")
    assert kept.endswith(b"xxx\nlast\n")
    assert b" bytes are left out here " in kept
    assert len(kept) < HEAD + 2 * TAIL


def is_gone(pid: int) -> bool:
    """Whether a process has ended, reaped or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_a_process_that_a_command_leaves_behind_is_ended(run: Callable[..., bytes]) -> None:
    pid = int(run(LEFT, os.devnull))
    assert wait_until(lambda: is_gone(pid), 60)


def test_a_command_that_does_not_end_is_ended_with_its_children(tmp_path: Path) -> None:
    (tmp_path / "followed").touch()
    command = ("sh", "-c", "trap '' TERM; tail -f followed & echo started; wait; tail -f followed")
    with pytest.raises(PerfstudyError, match=r"did not end within 1 s; its log is "):
        run_command(command, {}, tmp_path, {}, tmp_path / "log", timeout=1)
    assert wait_until(lambda: not running_in(tmp_path), 60)


def running_in(folder: Path) -> list[int]:
    """The processes whose working folder is *folder*."""
    return [found.pid for found in psutil.process_iter(["cwd"]) if found.info["cwd"] == str(folder)]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_ends_takes_the_command_and_its_children_with_it(tmp_path: Path, number: int) -> None:
    program = f"{LEFT} import signal; signal.pause()"
    call = f"run(({sys.executable!r}, '-c', {program!r}, '/dev/null'), {{}}, Path('.'), {{}}, Path(sys.argv[1]))"
    log = tmp_path / "log"
    with subprocess.Popen([sys.executable, "-c", RUN + call, str(log)], stderr=subprocess.DEVNULL) as process:
        assert wait_until(lambda: log.exists() and log.read_text().endswith("\n"), 60)
        process.send_signal(number)
    pid = int(log.read_text())
    assert wait_until(lambda: is_gone(pid), 60)
