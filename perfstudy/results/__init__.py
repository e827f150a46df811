"""The store of results, exports of it, and the reviewed result sets that are published with the project."""

from perfstudy.results.cells import CellResult, PlannedCell
from perfstudy.results.engine import StoreError
from perfstudy.results.resultset import ResultSet, Run, RunSummary
from perfstudy.results.store import DuplicateCell, Store

__all__ = ["CellResult", "DuplicateCell", "PlannedCell", "ResultSet", "Run", "RunSummary", "Store", "StoreError"]
