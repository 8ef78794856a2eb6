"""The English data card's figures are those of world 7, computed again."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from pathlib import Path

import pytest

from tasks.insurer import build, changes, rows
from tasks.insurer.en import outlines
from tasks.insurer.en.plan import documents

CARD = Path(__file__).resolve().parents[3] / "tasks" / "insurer" / "en" / "README.md"


@pytest.fixture(scope="module")
def card() -> str:
    return " ".join(CARD.read_text(encoding="utf-8").split())


def test_composition(card: str) -> None:
    world = build(7, 1, "en")
    asked = [fact for fact in world.facts if fact.asked]
    told = [fact for fact in asked if fact.answerable and not fact.support]
    assert f"{len(told)} facts that documents state and that are asked for" in card
    assert f"{len(world.facts) - len(asked)} that are only stated" in card
    assert f"{sum(bool(fact.support) for fact in asked)} that follow from them" in card
    missing = sum(not fact.answerable for fact in asked)
    assert f"{missing} questions that no document answers" in card


def test_rows(card: str) -> None:
    some = list(rows(7, 1, "en", "all"))
    described = {row["id"] for row in rows(7, 1, "en", "description")}
    short = Counter(row["split"] for row in some if row["id"] not in described)
    long = Counter(row["split"] for row in some if row["id"] in described)
    splits = f"{short['train']} training, {short['dev']} dev and {short['test']:,} test rows"
    assert splits in card
    assert f"{long['train']}, {long['dev']} and {long['test']} that ask for a description" in card
    for kind in {row["kind"] for row in some}:
        counts = Counter((row["split"], row["slice"]) for row in some if row["kind"] == kind)
        parts = (("train", "seen"), ("dev", "seen"), ("test", "seen"), ("test", "unseen"))
        assert f"| {kind} | {' | '.join(str(counts[part]) for part in parts)} |" in card


def test_documents_and_versions(card: str) -> None:
    blocks = [block for document in documents(build(7, 1, "en"), 2) for block in document.blocks]
    lines = sum(len(getattr(block, "lines", ())) for block in blocks)
    assert f"{lines} numbered lines" in card
    names = [found.name for found in pkgutil.iter_modules(outlines.__path__)]
    modules = [importlib.import_module(f"{outlines.__name__}.{name}") for name in names]
    notes = sum(len(module.NOTES) for module in modules)
    assert f"{notes} different passages answer nothing" in card
    counts = {name: len(found) for name, found in changes(7, language="en").items()}
    assert (
        f"changes {counts['changed']} answers, adds {counts['added']} facts"
        f" and removes {counts['removed']}" in card
    )


def test_the_row_that_is_shown_is_one_of_world_7(card: str) -> None:
    row = next(row for row in rows(7, 1, "en") if row["id"] == "product.golf-liability.limit#w3")
    assert f'"question": "{row["question"]}"' in card
    for text in (row["answer"], row["slice"], row["passages"][0]["text"], *row["accepted"][:2]):
        assert text in card
