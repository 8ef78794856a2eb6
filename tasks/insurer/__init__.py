"""A fictional non-life insurer: facts invented from a seed, as documents, questions and answers.

Everything here is synthetic. The package may be loaded by its location under any name, so its
modules import each other relatively.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from .builder import build_world
from .documents import write_documents as write_files
from .en import ENGLISH
from .gold import gold_spans
from .injections import injections as drawn_injections
from .injections import planted
from .ko import KOREAN
from .language import Language
from .questions import FORMS, make_rows
from .world import Fact, World, accepted

LANGUAGES: dict[str, Language] = {language.code: language for language in (KOREAN, ENGLISH)}
VERSIONS = (1, 2)
MOST_TWINS = 3
MOST_DISTRACTORS = 3


_built = lru_cache(maxsize=8)(build_world)


def build(world: int = 7, version: int = 1, language: str = "ko", near_twins: int = 0) -> World:
    """Invents a company.

    Args:
        world: The seed of the company and all its facts.
        version: Which state of that world: 2 changes, adds and removes some facts of 1.
        language: Language of all its texts.
        near_twins: How many look-alikes some products have, 0-3; they are stated, never asked.

    Returns:
        The company with its facts; equal arguments give equal worlds.

    Raises:
        ValueError: There is no such language or version, or too many twins are wanted.
    """
    if version not in VERSIONS:
        raise ValueError(f"the insurer has no version {version!r}; there is {_listed(VERSIONS)}")
    if language not in LANGUAGES:
        raise ValueError(
            f"the insurer is not written in {language!r}; there is {_listed(LANGUAGES)}"
        )
    _within("near_twins", near_twins, MOST_TWINS)
    return _built(world, version, LANGUAGES[language], near_twins)


def rows(
    world: int = 7,
    version: int = 1,
    language: str = "ko",
    questions: str = "short",
    distractors: int = 2,
    near_twins: int = 0,
    injections: int = 0,
) -> Iterator[dict[str, Any]]:
    """Yields the insurer's questions and answers.

    Args:
        world: The seed of the company and all its facts.
        version: Which state of that world.
        language: Language of questions and answers.
        questions: "short" answers, "description" (one to three sentences), or "all".
        distractors: For the documents alone; checked, and of no effect here.
        near_twins: For the documents alone; checked, and of no effect here.
        injections: For the documents alone; checked, and of no effect here.

    Returns:
        Rows of plain JSON values: id, question, answer, accepted, key_facts (of a description),
        split (train, dev, test), fact (the cluster), category, kind, slice (seen: training shows
        the fact in other wordings; unseen: it does not), answerable, change (what this version
        did to the fact), passages (document and text of each).

    Raises:
        ValueError: There is no such language, version or form of questions, or a number is too
            large.
    """
    if questions not in (*FORMS, "all"):
        raise ValueError(f"questions={questions!r}; there is {_listed((*FORMS, 'all'))}")
    _within("distractors", distractors, MOST_DISTRACTORS)
    _within("near_twins", near_twins, MOST_TWINS)
    first, company = build(world, 1, language), build(world, version, language)
    drawn_injections(company, LANGUAGES[language], injections)
    forms = FORMS if questions == "all" else (questions,)
    return make_rows(company, first, LANGUAGES[language], forms)


def changes(
    world: int = 7, old: int = 1, new: int = 2, language: str = "ko"
) -> dict[str, list[dict[str, str]]]:
    """Lists what a version does to the facts of another, which an update has to carry over.

    Args:
        world: The seed of the company and all its facts.
        old: A version.
        new: A later one.
        language: Language of the texts.

    Returns:
        Under "changed" the fact with its old and its new answer, under "added" with its new one,
        under "removed" with its old one.

    Raises:
        ValueError: There is no such language or version.
    """
    texts = [
        {fact.id: fact.value.text for fact in company.facts if fact.asked and fact.answerable}
        for company in (build(world, old, language), build(world, new, language))
    ]
    before, after = texts
    return {
        "changed": [{"fact": name, "old": before[name], "new": after[name]}
                    for name in before if name in after and before[name] != after[name]],
        "added": [{"fact": name, "new": after[name]} for name in after if name not in before],
        "removed": [{"fact": name, "old": before[name]} for name in before if name not in after],
    }  # fmt: skip


def write_documents(
    folder: Path,
    world: int = 7,
    version: int = 1,
    language: str = "ko",
    questions: str = "short",
    distractors: int = 2,
    near_twins: int = 0,
    injections: int = 0,
) -> list[Path]:
    """Writes the company's documents.

    Args:
        folder: Is made if it isn't there.
        world: The seed of the company and all its facts.
        version: Which state of that world.
        language: Language of all.
        questions: As in `rows`, of no effect here: one set of parameters does for both.
        distractors: How many passages that answer nothing stand in each article, 0-3.
        near_twins: How many look-alikes some products have, 0-3.
        injections: How many instructions to the model are planted in them.

    Returns:
        The files.

    Raises:
        ValueError: There is no such language or version, or a number is too large.
        ImportError: A package of the extra ``documents`` is missing.
    """
    _within("distractors", distractors, MOST_DISTRACTORS)
    company, written = build(world, version, language, near_twins), LANGUAGES[language]
    documents = written.documents(company, distractors)
    return write_files(planted(documents, drawn_injections(company, written, injections)), folder)


def write(
    folder: Path,
    world: int = 7,
    version: int = 1,
    language: str = "ko",
    distractors: int = 2,
    near_twins: int = 0,
    injections: int = 0,
) -> dict[str, int | str]:
    """Writes a world to look at: its documents, all rows, and where each fact stands.

    Args:
        folder: Is made if it isn't there; gets ``documents``, ``rows.jsonl`` and ``gold.jsonl``,
            and ``injections.jsonl`` where there are any.
        world: The seed of the company and all its facts.
        version: Which state of that world.
        language: Language of all.
        distractors: How many passages that answer nothing stand in each article, 0-3.
        near_twins: How many look-alikes some products have, 0-3.
        injections: How many instructions to the model are planted in the documents.

    Returns:
        The company's name, and how many documents and rows were written.

    Raises:
        ValueError: There is no such language or version, or a number is too large.
        ImportError: A package of the extra ``documents`` is missing.
    """
    place = folder / "documents"
    given = (world, version, language, "all", distractors, near_twins, injections)
    files = write_documents(place, *given)
    company = build(world, version, language, near_twins)
    lines = list(rows(world, version, language, "all"))
    _write_lines(folder / "rows.jsonl", lines)
    _write_lines(folder / "gold.jsonl", gold_spans(company, LANGUAGES[language], place))
    if drawn := drawn_injections(company, LANGUAGES[language], injections):
        _write_lines(folder / "injections.jsonl", map(asdict, drawn))
    return {"company": company.company, "documents": len(files), "rows": len(lines)}


def _write_lines(path: Path, lines: Iterable[dict[str, Any]]) -> None:
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")


def _within(name: str, number: int, most: int) -> None:
    if not 0 <= number <= most:
        raise ValueError(f"{name} is {number!r}; from 0 to {most} is possible")


def _listed(values: Iterable[object]) -> str:
    return ", ".join(repr(value) for value in values)


__all__ = [
    "LANGUAGES",
    "VERSIONS",
    "Fact",
    "World",
    "accepted",
    "build",
    "changes",
    "rows",
    "write",
    "write_documents",
]
