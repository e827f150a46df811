"""The lab: embedded or external servers, and a service that runs on them."""

from perfstudy.lab.lab import Database, Lab, secret
from perfstudy.lab.lease import Status, down, status, up
from perfstudy.lab.services import RunningService

__all__ = ["Database", "Lab", "RunningService", "Status", "down", "secret", "status", "up"]
