"""Names that become parts of ids, files and folders."""

import re

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,127}")
"""Studies and scales are parts of run ids and of folder names."""

ID = re.compile(rf"{NAME.pattern}-\d{{8}}-\d{{6}}-[a-z]{{4}}", re.ASCII)
"""Every run's id, that of an imported one as well."""

VARIANT = re.compile(r"[a-z0-9][a-z0-9_+-]{0,511}")
"""A variant that a study was narrowed to."""

FOLDER = re.compile(r"[a-z0-9][a-z0-9_+-]{0,199}")
"""The folder of a published set: a part of a path, and short enough for every file system."""
