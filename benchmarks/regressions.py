"""Plant regressions of a known size in a small service, and count what CI would say.

``python benchmarks/regressions.py --slower 0 --slower 10 --runs 20`` measures a service of its own, whose requests take
so many per cent longer in one arm, by ``perfstudy run --fail-on slower`` in a process of its own. Exit code 3 is a
failed check, 0 a passed one. Nothing is simulated: each run has ten blocks with the A/A control, as a reader's has. A
difference below 5% does not count, so that a regression of 10% needs an interval of less than 5% to each side: with
``--decided`` a run goes on until it is.
"""

import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from time import monotonic

from benchmarks.common import make_parser
from perfstudy.commands import outcome
from perfstudy.paths import PROJECT

SERVICE = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LOOPS = int(float(sys.argv[2]) * 60_000)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self):
        total = sum(range(LOOPS))
        body = b"[1, 2, 3]"
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
STUDY = """
from perfstudy import Arm, Scenario, Service, Study

SERVICE = Service(command="{{python}} service.py {{port}} 1.0", python={python!r}, ready="/")
STUDY = Study(
    name="planted", title="A planted regression", service=SERVICE, reference="before", blocks={blocks},
    arms=(Arm("before"), Arm("after", command="{{python}} service.py {{port}} {factor}")),
    scenarios=(Scenario("list", "/list"),),
)
"""


def main() -> None:
    """Print a line for each size: how often the check failed, and how long a run took."""
    parser = make_parser(__doc__)
    parser.add_argument("--slower", type=float, action="append", help="per cent; more than once for several")
    parser.add_argument("--runs", type=int, default=20, help="runs of each size (default: 20)")
    parser.add_argument("--blocks", type=int, default=10, help="blocks of a run (default: 10)")
    parser.add_argument("--decided", action="store_true", help="go on until decided, for at most four times the blocks")
    options = parser.parse_args()
    print(f"{'slower':>7} {'runs':>5} {'failed (3)':>11} {'passed (0)':>11} {'other':>6} {'s a run':>8}")
    for percent in options.slower or (0.0, 10.0):
        start = monotonic()
        codes = Counter(run_once(percent, options.blocks, seed, options.decided) for seed in range(1, options.runs + 1))
        took = (monotonic() - start) / options.runs
        other = options.runs - codes[3] - codes[0]
        print(f"{percent:>6g}% {options.runs:>5} {codes[3]:>11} {codes[0]:>11} {other:>6} {took:>8.1f}", flush=True)


def run_once(percent: float, blocks: int, seed: int, decided: bool = False) -> int:
    """Return the exit code of one run with a regression of *percent*.

    If *decided*, it is looked at after *blocks*, twice and four times as many, and ends where all is decided.
    """
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "service.py").write_text(SERVICE)
        study = Path(folder) / "study.py"
        study.write_text(STUDY.format(python=sys.executable, blocks=blocks, factor=1 + percent / 100))
        command = [sys.executable, "-m", "perfstudy", "run", str(study), "--seed", str(seed), "--fail-on", "slower"]
        command += ["--until", "decided", "--blocks", str(4 * blocks)] if decided else []
        store = ["--store", str(Path(folder) / "store.sqlite")]
        return subprocess.run([*command, *store], cwd=PROJECT, capture_output=True).returncode


if __name__ == "__main__":
    outcome.run_app(main)
