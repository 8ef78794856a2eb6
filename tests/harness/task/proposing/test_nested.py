"""What is made of nested rows, one shape at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.task.proposing.annotations import span_of
from harness.task.proposing.gather import gather
from harness.task.proposing.proposal import propose
from harness.task.proposing.shapes import shaped
from harness.task.proposing.shaping import Shaped
from harness.task.proposing.trees import read_tree
from harness.task.tables import Layout, Line
from tests.harness.task.formats_nested import NESTED, written
from tests.harness.task.invented import facts, moods, table


def flat(rows: Sequence[dict[str, object]]) -> Shaped:
    found = shaped([Line(row, f"rows.json, item {n}") for n, row in enumerate(rows, 1)])
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("mark", "span"),
    [
        ([0, 5, "ORG"], (0, 5, "ORG")),
        ({"start": 0, "end": 5, "labels": ["ORG"]}, (0, 5, "ORG")),
        ({"start_offset": "0", "end_offset": "5", "label": "ORG"}, (0, 5, "ORG")),
        ({"entity": "ORG", "startPos": 0, "endPos": 4}, (0, 5, "ORG")),
        ({"category": "ORG", "offset": 0, "length": 5}, (0, 5, "ORG")),
        ({"startOffset": 0, "endOffset": 5, "displayName": "ORG"}, (0, 5, "ORG")),
        ({"term": "x", "polarity": "good", "category": "y", "from": 0, "to": 5}, None),
        ([1, 2, 3], None), ({"start": 0, "end": 5}, None), ("ORG", None),
    ],
)  # fmt: skip
def test_a_place_is_read_under_the_names_that_tools_use(mark: object, span: object) -> None:
    assert span_of(mark) == span


def test_a_mark_that_says_another_text_is_said() -> None:
    rows = [{"text": "Kim paid.", "spans": [{"start": 0, "end": 3, "label": "PER", "text": name}]} for name in ("Kim", "Lee")]  # fmt: skip
    found = flat(rows)
    assert (
        "1 marks name another text than stands at their place (rows.json, item 2 first)"
        in found.note
    )
    assert [row["entities"] for row in found.lines] == [[{"text": "Kim", "type": "PER"}]] * 2


def test_rows_of_one_document_stay_together() -> None:
    turns = [{"text": f"turn {n}", "act": "ab"[n % 2]} for n in range(4)]
    found = flat([{"topic": "x", "lines": turns}, {"topic": "x", "lines": turns[:2]}])
    assert [row["item"] for row in found.lines] == list("111122")
    assert found.lines[0].origin == "rows.json, item 1, lines 1"


def test_pieces_of_the_text_with_a_type_are_entities_and_no_rows() -> None:
    rows = [
        {"text": f"Kim paid Lee{k} again.", "names": [{"text": "Kim", "label": "PER"}, {"text": f"Lee{k}", "label": "PER"}]}
        for k in range(20)
    ]  # fmt: skip
    assert propose([Line(row, "x") for row in rows]).draft.kind == "extraction"


def test_a_list_of_several_is_never_cut_to_its_first() -> None:
    rows = [
        {"question": "q", "answer": f"{n}", "notes": [{"a": 1}] * (1 + (n == 3))} for n in range(9)
    ]
    assert shaped([Line(row, "x") for row in rows]) is None


def test_the_largest_list_is_read_and_another_large_one_is_a_doubt(tmp_path: Path) -> None:
    rows = [{"customer": k, **row} for k, row in enumerate(moods())]
    people = [{"id": k, "name": f"n{k}", "age": k} for k in range(60)]
    written(tmp_path / "a.json", {"export": {"people": people, "letters": rows}})
    tree = read_tree(tmp_path / "a.json")
    assert tree is not None and len(tree.parts["all"]) == 120
    assert "export.letters (120 rows) of a.json are read, not export.people (60" in tree.doubt


def test_a_table_in_a_folder_stands_before_what_lies_below_it(tmp_path: Path) -> None:
    table(tmp_path / "rows.csv", moods())
    for k in range(20):
        written(tmp_path / "results" / f"{k}" / "run.json", {"status": "finished", "seed": k})
        (tmp_path / "results" / f"{k}" / "log.txt").write_text("done", "utf-8")
    assert [part.path.name for part in gather([tmp_path], Layout()).parts] == ["rows.csv"]


def test_what_the_user_names_holds_whatever_the_format_says() -> None:
    rows = [
        {"context": c, "question": q, "answers": {"text": [a], "answer_start": [3]}, "level": "ab"[k % 2]}
        for k, (c, q, a) in enumerate(facts())
    ]  # fmt: skip
    lines = [Line(row, f"x {k}") for k, row in enumerate(rows)]
    assert propose(lines).draft.target == "answer"
    draft = propose(lines, {"target": "level"}).draft
    assert (draft.kind, draft.target, draft.abstain) == ("classification", "level", "")


def test_marked_places_are_taken_where_the_user_asks_for_them(tmp_path: Path) -> None:
    names = NESTED["intents-with-slots"].write(tmp_path)
    lines = gather([tmp_path / names[0]], Layout()).lines
    draft = propose(lines, {"kind": "extraction"}).draft
    assert (draft.kind, draft.target, draft.labels) == (
        "extraction",
        "entities",
        {"cover": "cover"},
    )
    assert propose(lines, {"target": "intent"}).draft.doubts == []
