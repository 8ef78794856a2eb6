"""Where each fact stands: file and span of its gold passages in the text that is extracted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .derived import passages
from .documents import extract, locate
from .language import Language
from .world import World


def gold_spans(world: World, language: Language, folder: Path) -> Iterator[dict[str, Any]]:
    """Finds every answerable fact's passages in the written documents.

    Args:
        world: The company and its facts.
        language: Says which file an area stands in.
        folder: Where its documents were written.

    Yields:
        id of the fact, document, start and end (characters of `documents.extract`'s text), and
        the text of the passage as the rows have it.

    Raises:
        ValueError: A passage is not in its document.
    """
    by_id = {fact.id: fact for fact in world.facts}
    texts = {file: extract(folder / file) for file in dict.fromkeys(language.files.values())}
    spans: dict[str, tuple[int, int]] = {}
    for fact in world.facts:
        if not (fact.asked and fact.answerable):
            continue
        for passage in passages(fact, by_id):
            file = language.files[passage.area]
            if passage.id not in spans:
                spans[passage.id] = _span(texts, file, passage.statement)
            start, end = spans[passage.id]
            yield {"id": fact.id, "document": file, "start": start, "end": end,
                   "text": passage.statement}  # fmt: skip


def _span(texts: Mapping[str, str], file: str, statement: str) -> tuple[int, int]:
    span = locate(texts[file], statement)
    if span is None:
        raise ValueError(f"{file} does not hold {statement!r}")
    return span
