"""Records in: CSV, XLSX, JSON and API rows -> SourceRecord -> models, all or none, idempotent by external id."""

from partners.ingest.kinds import KINDS
from partners.ingest.loading import LoadResult, load_rows
from partners.ingest.parsing import SourceRow
from partners.ingest.problems import BadRowsError, RowError, UnreadableFileError

__all__ = ["KINDS", "BadRowsError", "LoadResult", "RowError", "SourceRow", "UnreadableFileError", "load_rows"]
