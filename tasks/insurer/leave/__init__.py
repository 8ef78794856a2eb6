"""Three questions to one PDF of the fictional Korean insurer, as published by a real insurer's study.

The first two are answered in the document on leave; the third, on what to wear, is not. Everything
here is synthetic: facts and document are those of the package above, made from its seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .. import LANGUAGES, build
from .. import rows as insurer_rows
from ..documents import write_documents as write_files

DOCUMENT = "휴직 및 복직 관리기준.pdf"
QUESTIONS = ("휴직 기간에 대하여 알려줘", "육아 휴직 기간 알려줘!", "근무복장 규정 알려줘!")
DISTRACTORS = 2


def rows(world: int = 7, version: int = 1) -> Iterator[dict[str, Any]]:
    """Yields the three questions, in the order of the study, and rows to tune a threshold by.

    Args:
        world: The seed of the company and all its facts.
        version: Which state of that world.

    Returns:
        Rows as of the package above. Test rows are the three; dev rows are those of the package
        above that the document answers, or that no document does.

    Raises:
        ValueError: There is no such version.
    """
    known = list(insurer_rows(world, version, "ko"))
    by_question = {row["question"]: row for row in known}
    asked = [by_question[question] for question in QUESTIONS]
    yield from (row | {"split": "test"} for row in asked)
    facts = {row["fact"] for row in asked}
    yield from (
        row
        for row in known
        if row["split"] == "dev"
        and row["fact"] not in facts
        and all(passage["document"] == DOCUMENT for passage in row["passages"])
    )


def write_documents(folder: Path, world: int = 7, version: int = 1) -> list[Path]:
    """Writes the document on leave as a PDF.

    Args:
        folder: Is made if it isn't there.
        world: The seed of the company and all its facts.
        version: Which state of that world.

    Returns:
        The file.

    Raises:
        ValueError: There is no such version.
        ImportError: A package of the extra ``documents`` is missing.
    """
    company = build(world, version, "ko")
    documents = LANGUAGES["ko"].documents(company, DISTRACTORS)
    return write_files((each for each in documents if each.file == DOCUMENT), folder)


__all__ = ["DOCUMENT", "QUESTIONS", "rows", "write_documents"]
