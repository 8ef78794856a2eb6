"""HWP 5, the binary format of Hangul 2002 to 2022, by syhwp where it is installed."""

from __future__ import annotations

from pathlib import Path

from harness.retrieval.loaders.base import DocumentText, Limits, LoadError, parsing

__all__ = ["load_hwp"]

CONVERT = "Save it as HWPX in Hangul (다른 이름으로 저장, 한글 표준 문서), then add that file."


def load_hwp(path: Path, limits: Limits, text: DocumentText) -> None:
    """Adds a binary Hangul document's paragraphs and tables; LoadError also without syhwp."""
    try:
        import syhwp
    except ImportError as error:
        raise LoadError(
            "is a binary HWP document, which needs the package syhwp",
            f"pip install syhwp. Or: {CONVERT}",
            "format",
        ) from error
    with parsing(CONVERT):
        try:
            blocks = syhwp.open(str(path)).blocks
        except syhwp.EncryptedDocumentError as error:
            raise LoadError(
                "is encrypted", f"Take the password off. {CONVERT}", "encrypted"
            ) from error
        for block in blocks:
            if isinstance(block, syhwp.Table):
                text.claim(block.n_cols * block.n_rows)  # as the file claims
                rows = [[""] * block.n_cols for _ in range(block.n_rows)]
                for cell in block.cells:
                    rows[cell.row][cell.col] = cell.text
                text.table(rows)
            elif isinstance(block, syhwp.Paragraph):
                text.line(block.text)
