"""Write the report as a folder of static files.

The file's name holds a digest of its bytes, so that it can be cached for ever; it lies there compressed
too. ``index.html`` leads to the latest one, and ``_headers`` says how each is to be served, in the form that several
hosts of static pages read.
"""

import gzip
from hashlib import sha256
from pathlib import Path

from perfstudy.model.files import make_folder
from perfstudy.model.files import write as write_file

DIGITS = 16
INDEX = "index.html"
HEADERS = """\
/report-*
  Cache-Control: public, max-age=31536000, immutable
/index.html
  Cache-Control: no-cache
/
  Cache-Control: no-cache
"""
REDIRECT = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Report</title>
<meta http-equiv="refresh" content="0; url={name}">
<p><a href="{name}">Report</a></p>
</html>
"""


def write(page: bytes, folder: Path) -> Path:
    """Write the report *page* into *folder*, and return its path.

    Raises:
        PerfstudyError: the folder cannot be written to.
    """
    name = f"report-{sha256(page).hexdigest()[:DIGITS]}.html"
    files = {
        name: page,
        f"{name}.gz": gzip.compress(page, 9, mtime=0),
        "_headers": HEADERS.encode(),
        INDEX: REDIRECT.format(name=name).encode(),
    }
    make_folder(folder)
    for file, content in files.items():
        write_file(folder / file, content)
    return folder / name
