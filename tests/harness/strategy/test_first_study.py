"""A first study tries the ways that say so of themselves, from cheap to dear."""

from __future__ import annotations

from typing import ClassVar

import pytest

from harness.metrics.registry import kinds
from harness.strategy.first_study import first_ways, quickest_way
from harness.strategy.registry import find_part, strategies

PLAIN = ("majority", "tfidf", "zero-shot", "few-shot", "lora")
LOOKED_UP = ("bm25-answer", "rag", "lora+rag")


@pytest.mark.parametrize(
    ("kind", "documents", "ways"),
    [
        ("classification", False, PLAIN),
        ("classification", True, (*PLAIN, "rag", "lora+rag")),
        ("qa", False, PLAIN),
        ("qa", True, (*PLAIN, *LOOKED_UP)),
        ("ranking", True, ("bm25-answer",)),
        ("ranking", False, ("bm25-answer",)),
    ],
)
def test_ways_go_with_the_kind_and_those_that_look_up_with_documents(kind, documents, ways):
    assert first_ways(kind, documents) == ways


def test_every_kind_has_a_first_way():
    for kind in kinds():
        assert first_ways(kind, True), kind


def test_the_quickest_way_learns_unless_that_would_read_too_much():
    ways = (*PLAIN, *LOOKED_UP)
    assert quickest_way(ways, much=False) == "tfidf"
    assert quickest_way(ways, much=True) == "bm25-answer"
    assert quickest_way(PLAIN, much=True) == "majority"
    assert quickest_way(("bm25-answer",), much=False) == "bm25-answer"


def test_another_way_says_so_itself_and_a_variant_of_one_is_not_tried(monkeypatch):
    tuned = find_part("lora")

    class Variant(tuned):  # type: ignore[misc, valid-type]
        name: ClassVar[str] = "variant"

    class Answer(find_part("zero-shot")):  # type: ignore[misc]
        name: ClassVar[str] = "answer"
        tried_first: ClassVar[bool] = True

    for part in (Variant, Answer):
        monkeypatch.setitem(strategies().parts, part.name, part)
    assert first_ways("qa", False) == (*PLAIN[:2], "answer", *PLAIN[2:])
