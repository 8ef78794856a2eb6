"""The one reader of the user's tables: CSV, TSV, JSONL, JSON, XLSX, Parquet and Arrow."""

from __future__ import annotations

from harness.task.tables.chat import Chat, asked_text, read_chat
from harness.task.tables.read import FORMATS, read_table, refuse_other, stream_table
from harness.task.tables.table import Layout, Line, Stream, Table, empty_words, require_columns

__all__ = [
    "FORMATS",
    "Chat",
    "Layout",
    "Line",
    "Stream",
    "Table",
    "asked_text",
    "empty_words",
    "read_chat",
    "read_table",
    "refuse_other",
    "require_columns",
    "stream_table",
]
