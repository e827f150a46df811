"""Store, export and publish results."""

from perfstudy.results.cells import CellResult, PlannedCell
from perfstudy.results.engine import StoreError
from perfstudy.results.resultset import ResultSet, Run, RunSummary
from perfstudy.results.store import DuplicateCell, Store

__all__ = ["CellResult", "DuplicateCell", "PlannedCell", "ResultSet", "Run", "RunSummary", "Store", "StoreError"]
