"""The user's files as they come: encodings of text, and bounds of archives, JSON and YAML."""

from __future__ import annotations

from harness.decoding.archives import Bounds, Refused, archive_names
from harness.decoding.text import decode, is_utf16, table_text

__all__ = ["Bounds", "Refused", "archive_names", "decode", "is_utf16", "table_text"]
