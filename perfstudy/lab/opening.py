"""Start the lab of a study."""

from perfstudy.lab.lab import Lab
from perfstudy.model.catalog import find_catalog
from perfstudy.model.service import Progress
from perfstudy.model.study import Study


def open_lab(study: Study, progress: Progress | None = None) -> Lab:
    """Start the lab of *study*, of an installed service or of one's own.

    Raises:
        PerfstudyError: a server cannot be started or reached.
        UsageError: what the study names is not there.
    """
    if study.is_own:
        from perfstudy.lab.own import OwnLab  # with all that builds and checks out

        return OwnLab.start(study, progress)
    found: Lab = find_catalog(study.service.name).open_lab(progress)
    return found
