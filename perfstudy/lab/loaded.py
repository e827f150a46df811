"""The data of a service of one's own: what its commands put into a database."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from perfstudy.errors import PerfstudyError
from perfstudy.lab.sources import Source
from perfstudy.model.arm import Arm
from perfstudy.model.service import Facts, NoFacts, Progress

if TYPE_CHECKING:
    from perfstudy.lab.own import OwnLab


class LoadedData:
    """The data that the code of one arm loads."""

    rows: Mapping[str, int] = {}

    def __init__(self, lab: "OwnLab", arm: Arm, source: Source) -> None:
        """Take the *arm* that loads the data with its code, from *source*."""
        self._lab, self._arm, self._source = lab, arm, source

    def check(self, scale: str) -> None:
        """Accept every *scale*."""

    def checksum(self, scale: str) -> str:
        """Return what changes with the commit, the commands, or the study's files.

        A tree with changes of its own is loaded again by each process.
        """
        service = self._lab.service
        nonce = "" if self._source.lasts else self._lab.key_prefix
        known = [self._source.sha, self._source.lock, service.loading, service.folder, self._hash_files(), nonce]
        known += [sorted(map(str, self._arm.environment.items())), sorted(map(str, self._arm.settings.items()))]
        return hashlib.sha256(json.dumps(known).encode()).hexdigest()

    def load(self, url: str, scale: str, progress: Progress) -> None:
        """Fill the empty database at *url* by the service's commands, one after the other.

        Raises:
            PerfstudyError: one of them failed; the message has the last lines of its output.
        """
        name = unquote(urlsplit(url).path.lstrip("/"))
        self._lab.postgres.hand_over(name)
        commands = self._lab.service.loading
        for number, command in enumerate(commands):
            progress(f"loading the data of {self._arm.label}", number, len(commands))
            self._lab.run(command, self._arm, self._lab.postgres.url(name))
        progress(f"loading the data of {self._arm.label}", 1, 1)

    def facts(self, url: str, scale: str) -> Facts:
        """Return facts without a tenant."""
        return NoFacts()

    def _hash_files(self) -> str:
        """Return a hash of the files below ``{study}`` that the commands name."""
        base = Path(self._lab.study.file).parent
        hashed = hashlib.sha256()
        for part in " ".join(self._lab.service.loading).split():
            if part.startswith("{study}/"):
                try:
                    hashed.update((base / part.removeprefix("{study}/")).read_bytes())
                except OSError as error:
                    raise PerfstudyError(f"{part!r} of the load command cannot be read: {error.strerror}") from None
        return hashed.hexdigest()
