"""Plain text and Markdown, whose headings become sections."""

from __future__ import annotations

import re
from pathlib import Path

from harness.retrieval.loaders.base import DocumentText, Limits, plain_text

__all__ = ["load_markdown", "load_text"]

_HEADING = re.compile(r"#{1,6}\s+(?=\S)")
_FENCE = re.compile(r"\s*(```|~~~)")


def load_text(path: Path, limits: Limits, text: DocumentText) -> None:
    """Adds a text file in any of the known encodings."""
    content, text.encoding = plain_text(path.read_bytes())
    text.line(content)


def load_markdown(path: Path, limits: Limits, text: DocumentText) -> None:
    """Adds a Markdown file as it is; its headings (not those in code) become sections."""
    content, text.encoding = plain_text(path.read_bytes())
    in_code = False
    for line in content.split("\n"):
        in_code ^= bool(_FENCE.match(line))
        heading = None if in_code else _HEADING.match(line)
        if heading:
            title = line[heading.end() :]
            text.mark(section=title.rstrip("#").rstrip() or title[:1])
        text.line(line)
