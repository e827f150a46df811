"""The lab: real servers, private to the project or already running elsewhere, and the service as any variant."""

from perfstudy.lab.lab import Database, Lab, secret
from perfstudy.lab.lease import Status, down, status, up
from perfstudy.lab.services import Service

__all__ = ["Database", "Lab", "Service", "Status", "down", "secret", "status", "up"]
