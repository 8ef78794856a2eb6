"""The insurer's documents as real files: PDF, DOCX, HWPX, TXT and CSV, in Korean."""

from __future__ import annotations

from .extract import extract, locate
from .plan import FILES, Document, documents
from .writers import write_documents

__all__ = ["FILES", "Document", "documents", "extract", "locate", "write_documents"]
