"""A fictional Korean non-life insurer: facts invented from a seed, as questions and answers.

Everything here is synthetic. The package may be loaded by its location under any name, so its
modules import each other relatively.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from .documents import write_documents as write_files
from .ko import KOREAN
from .language import Language
from .questions import questions
from .world import Draw, Fact, World, check

LANGUAGES: dict[str, Language] = {language.code: language for language in (KOREAN,)}
VERSIONS = (1,)


def build(world: int = 7, version: int = 1, language: str = "ko") -> World:
    """Invents a company.

    Args:
        world: The seed of the company and all its facts.
        version: Which state of that world.
        language: Language of all its texts.

    Returns:
        The company with its facts; equal arguments give equal worlds.

    Raises:
        ValueError: There is no such language or version.
    """
    if version not in VERSIONS:
        raise ValueError(f"the insurer has no version {version!r}; there is {_listed(VERSIONS)}")
    if language not in LANGUAGES:
        raise ValueError(
            f"the insurer is not written in {language!r}; there is {_listed(LANGUAGES)}"
        )
    spoken, draw = LANGUAGES[language], Draw(world)
    facts = check(fact for area in spoken.areas for fact in area.facts(draw))
    return World(world, version, language, spoken.company_name(draw), facts)


def rows(world: int = 7, version: int = 1, language: str = "ko") -> Iterator[dict[str, Any]]:
    """Yields the insurer's questions and answers.

    Args:
        world: The seed of the company and all its facts.
        version: Which state of that world.
        language: Language of questions and answers.

    Returns:
        Rows of plain JSON values: id, question, answer, accepted, split (train, dev, test), fact
        (the cluster), category, kind, slice (seen: training shows the fact in other wordings;
        unseen: it does not), answerable.

    Raises:
        ValueError: There is no such language or version.
    """
    return questions(build(world, version, language), LANGUAGES[language])


def write(
    folder: Path, world: int = 7, version: int = 1, language: str = "ko"
) -> dict[str, int | str]:
    """Writes a world to look at: its documents, and the rows as ``rows.jsonl``.

    Args:
        folder: Is made if it isn't there.
        world: The seed of the company and all its facts.
        version: Which state of that world.
        language: Language of all.

    Returns:
        The company's name, and how many documents and rows were written.

    Raises:
        ValueError: There is no such language or version.
        ImportError: A package of the extra ``documents`` is missing.
    """
    company = build(world, version, language)
    lines = list(questions(company, LANGUAGES[language]))
    files = write_files(LANGUAGES[language].documents(company), folder / "documents")
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / "rows.jsonl").write_text(text, encoding="utf-8")
    return {"company": company.company, "documents": len(files), "rows": len(lines)}


def write_documents(
    folder: Path, world: int = 7, version: int = 1, language: str = "ko"
) -> list[Path]:
    """Writes a world's documents.

    Args:
        folder: Is made if it isn't there.
        world: The seed of the company and all its facts.
        version: Which state of that world.
        language: Language of all.

    Returns:
        The files.

    Raises:
        ValueError: There is no such language or version.
        ImportError: A package of the extra ``documents`` is missing.
    """
    company = build(world, version, language)
    return write_files(LANGUAGES[language].documents(company), folder)


def _listed(values: Iterable[object]) -> str:
    return ", ".join(repr(value) for value in values)


__all__ = ["LANGUAGES", "VERSIONS", "Fact", "World", "build", "rows", "write", "write_documents"]
