"""Build the site: ``python -m tools.docs.build``. A warning is an error."""

import sys
from pathlib import Path

from sphinx.cmd.build import build_main

from perfstudy.paths import PROJECT
from tools.docs import stage

FOLDER = PROJECT / "build" / "docs"


def build(folder: Path = FOLDER) -> int:
    """Write the site to *folder*, its sources to the folder beside it; return Sphinx's exit code."""
    sources = folder.with_name(f"{folder.name}-sources")
    stage.lay_out(sources)
    return build_main(
        ["-W", "--keep-going", "-q", "-b", "html", "-c", str(PROJECT / "docs"), str(sources), str(folder)]
    )


if __name__ == "__main__":
    status = build()
    if not status:
        print(FOLDER / "index.html")
    sys.exit(status)
