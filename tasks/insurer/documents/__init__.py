"""The insurer's documents as real files: PDF, DOCX, HWPX, HTML, TXT and CSV."""

from __future__ import annotations

from .blocks import Document
from .extract import extract, locate
from .writers import write_documents

__all__ = ["Document", "extract", "locate", "write_documents"]
