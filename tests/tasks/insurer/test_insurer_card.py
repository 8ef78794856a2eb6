"""The data card's figures are those of world 7, and of the five worlds of the fairness tests."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from tasks.insurer import build, changes, rows, write
from tasks.insurer.ko.outlines import (
    claims,
    complaints,
    general,
    glossary,
    guide,
    leave,
    products,
    underwriting,
    welfare,
)
from tasks.insurer.ko.plan import documents

CARD = Path(__file__).resolve().parents[3] / "tasks" / "insurer" / "README.md"


@pytest.fixture(scope="module")
def card() -> str:
    return " ".join(CARD.read_text(encoding="utf-8").split())


def test_composition(card: str) -> None:
    facts = [fact for fact in build(7).facts if fact.asked]
    base = [fact for fact in facts if fact.form == "short" and not fact.support]
    told = sum(fact.answerable for fact in base)
    derived = sum(bool(fact.support) for fact in facts)
    rules = sum(not fact.asked for fact in build(7).facts)
    unanswerable = sum(not fact.answerable for fact in facts)
    assert f"{told} facts that documents state and that are asked for" in card
    assert f"{rules} that are only stated" in card
    assert f"{derived} that follow from them" in card
    assert f"{unanswerable} questions that no document answers" in card
    short = Counter(row["split"] for row in rows(7))
    assert (
        f"{short['train']:,} training, {short['dev']:,} dev and {short['test']:,} test rows" in card
    )
    described = Counter(row["split"] for row in rows(7, questions="description"))
    assert (f"{described['train']}, {described['dev']} and {described['test']}"
            " that ask for a description") in card  # fmt: skip


def test_rows_of_each_kind(card: str) -> None:
    some = list(rows(7, questions="all"))
    for kind in {row["kind"] for row in some}:
        counts = Counter((row["split"], row["slice"]) for row in some if row["kind"] == kind)
        cells = (counts["train", "seen"], counts["dev", "seen"], counts["test", "seen"],
                 counts["test", "unseen"])  # fmt: skip
        assert f"| {kind} | {' | '.join(map(str, cells))} |" in card


def test_documents_and_versions(card: str) -> None:
    lines = [line for document in documents(build(7), 2) for block in document.blocks
             for line in getattr(block, "lines", ())]  # fmt: skip
    assert f"{len(lines):,} numbered lines" in card
    outlines = (
        claims,
        complaints,
        general,
        glossary,
        guide,
        leave,
        products,
        underwriting,
        welfare,
    )
    notes = sum(len(outline.NOTES) for outline in outlines) + len(general.OFFICE_NOTES)
    assert f"{notes} different passages answer nothing" in card
    counts = {name: len(some) for name, some in changes(7).items()}
    assert (f"changes {counts['changed']} answers, adds {counts['added']} facts and removes"
            f" {counts['removed']}") in card  # fmt: skip


def test_pages_and_seconds(card: str, tmp_path: Path) -> None:
    import pypdf

    start = time.process_time()
    write(tmp_path, 7)
    assert time.process_time() - start < 10
    pages = sum(len(pypdf.PdfReader(path).pages) for path in tmp_path.rglob("*.pdf"))
    assert f"three PDF files of {pages} pages" in card
