"""``perfstudy serve``: a curl line that works, and nothing left after Ctrl-C."""

import os
import shlex
import signal
import subprocess
import sys
import urllib.request
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
    assert serving.wait(timeout=20) == (-9 if number == signal.SIGKILL else 130)
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not [child for child in alive if child.status() != psutil.STATUS_ZOMBIE]
