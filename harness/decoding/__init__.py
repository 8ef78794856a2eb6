"""The user's files as they come: encodings of text, and bounds of archives, JSON, YAML and XML."""

from __future__ import annotations

from harness.decoding.archives import Bounds, Refused, archive_members, archive_names
from harness.decoding.files import MOST_BYTES, check_size, ending_of, file_bytes, reading
from harness.decoding.lines import TextLines, table_lines
from harness.decoding.notation import check_yaml, literal, parse_json, parse_xml
from harness.decoding.text import decode, is_utf16, table_text
from harness.decoding.unpacking import ARCHIVES, unpack

__all__ = [
    "ARCHIVES",
    "MOST_BYTES",
    "Bounds",
    "Refused",
    "TextLines",
    "archive_members",
    "archive_names",
    "check_size",
    "check_yaml",
    "decode",
    "ending_of",
    "file_bytes",
    "is_utf16",
    "literal",
    "parse_json",
    "parse_xml",
    "reading",
    "table_lines",
    "table_text",
    "unpack",
]
