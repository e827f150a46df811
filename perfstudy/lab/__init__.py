"""The lab: embedded or external servers, and a service that runs on them."""

from perfstudy.lab.lab import Lab
from perfstudy.lab.lease import Status, down, status, up
from perfstudy.lab.services import RunningService
from perfstudy.lab.state import secret
from perfstudy.lab.working_copy import Database

__all__ = ["Database", "Lab", "RunningService", "Status", "down", "secret", "status", "up"]
