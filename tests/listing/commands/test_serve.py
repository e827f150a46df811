"""``perfstudy serve``: a curl line that works, and nothing left after Ctrl-C."""

import os
import re
import select
import shlex
import signal
import subprocess
import sys
import termios
import urllib.request
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

HOME = Path(__file__).resolve().parents[2] / ".perfstudy" / "test"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_served_variant_answers_and_leaves_nothing_behind(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "perfstudy", "serve", "--variant", "index+gunicorn", "--scale", "tiny"]
    environment = os.environ | {"PERFSTUDY_HOME": str(HOME)}
    serving = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment, start_new_session=True
    )
    assert serving.stdout is not None
    line = next(line for line in serving.stdout if line.startswith("curl"))
    header, url = shlex.split(line)[3:5]
    request = urllib.request.Request(url, headers=dict([header.split(": ", 1)]))
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
        assert b'"programs"' in answer.read()
    children = psutil.Process(serving.pid).children(recursive=True)
    assert children
    os.kill(serving.pid, number)
    assert serving.wait(timeout=60) == (-9 if number == signal.SIGKILL else 130)
    _, alive = psutil.wait_procs(children, timeout=60)
    assert not [child for child in alive if child.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize("width", [20, 80, 140])
def test_the_curl_line_is_one_command_however_wide_the_terminal(width: int) -> None:
    shown = on_a_terminal(["serve", "--scale", "tiny"], width, until=b'/api/programs?limit=2"')
    lines = shown.decode().splitlines()
    line = next(line for line in lines if line.startswith("curl"))
    program, *_, header, url = shlex.split(line)
    assert program == "curl"
    assert header.startswith("Authorization: Bearer ")
    assert url.endswith("/api/programs?limit=2")
    facts = dict(line.split(maxsplit=1) for line in lines if re.match(r"(variant|scale|url|tenant|token|log) ", line))
    assert url.startswith(facts["url"] + "/")
    assert header.endswith(" " + facts["token"])
    assert facts["log"].endswith("service.log")


def on_a_terminal(arguments: list[str], width: int, until: bytes) -> bytes:
    """What the command line writes to a terminal of that width until *until* has come, broken or not; it ends then."""
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, width))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    environment |= {"PERFSTUDY_HOME": str(HOME), "TERM": "xterm"}
    command = [sys.executable, "-m", "perfstudy", *arguments]
    running = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
    )
    os.close(theirs)
    shown = b""
    try:
        while until not in b"".join(shown.split()) and select.select([ours], [], [], 120)[0]:
            shown += os.read(ours, 4096)
    except OSError:  # the program ended: what it wrote has to tell
        pass
    finally:
        running.send_signal(signal.SIGINT)
        while running.poll() is None:
            with suppress(OSError):
                os.read(ours, 4096)
        os.close(ours)
    return shown
