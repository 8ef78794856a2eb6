"""What columns mean: what a text tells, what codes and headers say, options and marks within cells."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.errors import UsageError
from harness.task.proposing.codes import CodeBook, code_books, codes_named
from harness.task.proposing.heading import is_headless
from harness.task.proposing.hints import groups_nothing, is_final, option_columns, roles_of
from harness.task.proposing.lettered import lettered
from harness.task.proposing.profile import profiles
from harness.task.proposing.proposal import propose
from harness.task.proposing.telling import TOLD, told
from harness.task.tables import Line
from tests.harness.task.invented import moods, 후기


def lines_of(rows: Sequence[Mapping[str, object]]) -> list[Line]:
    return [Line(row, f"rows.csv, line {n}") for n, row in enumerate(rows, 2)]


def drafted(rows: Sequence[Mapping[str, object]], **wishes: object) -> Any:
    return propose(lines_of(rows), wishes).draft


@pytest.mark.parametrize("seed", range(5))
def test_a_text_tells_what_its_words_say_and_nothing_else(seed: int) -> None:
    draw = random.Random(seed)
    rows = [
        {"text": r["review"], "said": r["mood"], "few": "ab"[draw.random() < 0.1], "many": str(draw.randrange(6))}
        for r in moods()
    ]  # fmt: skip
    rows.sort(key=lambda row: str(row["said"]))
    lines = lines_of(rows)
    assert told(lines, "text", "said") > 0.5
    assert max(told(lines, "text", "few"), told(lines, "text", "many")) < TOLD
    assert told(lines[:30], "text", "said") == 0.0
    assert told(lines_of(후기()), "문의내용", "감정") > 0.5


def test_the_column_that_a_text_tells_goes_before_one_with_the_better_name() -> None:
    draw = random.Random(3)
    rows = [
        {"review": r["review"], "status": draw.choice("ab"), "mood": r["mood"]} for r in moods()
    ]
    draft = drafted(rows)
    target = next(guess for guess in draft.guesses if guess.field == "target")
    assert target.value == "mood" or target.doubtful
    rows = [{"review": r["review"], "v1": draw.choice("ab"), "v2": r["mood"]} for r in moods()]
    target = next(guess for guess in drafted(rows).guesses if guess.field == "target")
    assert target.value == "v2" and target.doubtful and "v1 could be meant" in target.why


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("MaritalStatus", "other"), ("성별", "other"), ("predicted_label", "other"), ("작업자1_라벨", "other"),
        ("answer_start", "other"), ("answer_text", "answer"), ("ground_truth", "answer"), ("is_fraud", "label"),
        ("is_test", "split"), ("지급여부", "label"), ("topics", "label"), ("통화ID", "id"),
    ],
)  # fmt: skip
def test_a_name_says_what_a_column_is(name: str, role: str) -> None:
    assert role in roles_of(name)


def test_names_of_counts_staff_and_gold() -> None:
    assert groups_nothing("months_as_customer") and groups_nothing("상담원ID")
    assert not groups_nothing("customer_id")
    assert is_final("gold_label") and is_final("최종라벨") and not is_final("label1")
    assert option_columns(["Option A", "Option B", "x"]) == ("Option A", "Option B")
    assert option_columns([f"option{k}" for k in range(1, 11)])[-1] == "option10"
    assert option_columns(["answer1", "answer2"]) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Which? A) one B) two C) three", ("Which?", ["one", "two", "three"])),
        ("1. Read it.\nWhich one?\n1. up\n2. down\n3. same", ("1. Read it.\nWhich one?", ["up", "down", "same"])),
        ("맞는 것은? ① 갑 ② 을 ③ 병 ④ 정", ("맞는 것은?", ["갑", "을", "병", "정"])),
        ("(A) yes (B) no (C) both", ("", ["yes", "no", "both"])),
        ("Plan A. is old", None), ("A) one C) two D) three", None), ("A) one B) two", None), ("", None),
    ],
)  # fmt: skip
def test_options_behind_letters_are_the_last_run(text: str, found: object) -> None:
    assert lettered(text) == found


@pytest.mark.parametrize(
    ("rows", "headless"),
    [
        ([{"up": "down", "the price rose a lot in may": f"it fell by {k} points in june"} for k in range(9)], False),
        ([{"up": ["up", "down"][k % 2], "the price rose a lot in may": f"it fell by {k} points in june"} for k in range(9)], True),
        ([{"3": k % 5, "the price rose a lot in may": f"it fell by {k} points in june"} for k in range(9)], True),
        ([{"0": k % 5, "1": f"it fell by {k} points in june again"} for k in range(9)], False),
        ([{"2019": k, "2020": k + 1, "item": "abc"[k % 3]} for k in range(9)], True),
        ([{"id": k, "label": "up"} for k in range(9)], False),
    ],
)  # fmt: skip
def test_a_first_row_that_could_be_any_row_is_no_header(rows: Any, headless: bool) -> None:
    assert is_headless(lines_of(rows)) is headless


def test_codes_are_named_by_a_small_table_a_list_or_their_own_column(tmp_path: Path) -> None:
    rows = lines_of([{"text": f"words {k}", "kind": k % 3 + 1} for k in range(60)])
    column = profiles(rows)["kind"]
    names = {"1": "paid", "2": "refused", "3": "open"}
    book = lines_of([{"code": code, "name": name, "since": "2020"} for code, name in names.items()])
    assert codes_named(column, [CodeBook("codes.csv", book)]) == (names, "codes.csv")
    assert codes_named(column, [CodeBook("few.csv", book[:2])])[0] == {}
    assert codes_named(column, [CodeBook("classes.txt", names=list(names.values()))])[0] == names
    assert codes_named(column, [CodeBook("classes.txt", names=["paid", "refused"])])[0] == {}
    others = lines_of([{"id": k, "title": f"headline {k}"} for k in range(1, 40)])
    assert codes_named(column, [CodeBook("news.csv", others)])[0] == {}
    several = lines_of(
        [{"field": "kind", "code": code, "name": name} for code, name in names.items()]
        + [{"field": "state", "code": code, "name": f"state {code}"} for code in names]
    )
    assert codes_named(column, [CodeBook("book.csv", several)])[0] == names
    own = lines_of([{"kind (1=paid; 2: refused, 3=open)": k % 3 + 1} for k in range(60)])
    assert codes_named(next(iter(profiles(own).values())), []) == (names, "the column's name")
    (tmp_path / "labels.txt").write_text("paid\nrefused\nopen\n")
    (tmp_path / "notes.txt").write_text("paid\nrefused\nopen\n")
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n")
    books = code_books([tmp_path / "rows.csv"], [None])
    assert [book.source for book in books] == ["labels.txt"]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["a", "b", "a, b", "c", "b, c"], "multi_label"),
        (["a/b", "a", "b", "c/a", "c"], "multi_label"),
        (["Sci/Tech", "World", "Sports"], "classification"),
        (["Money transfer, virtual currency", "Credit card", "Mortgage"], "classification"),
        (["car/new", "car/old", "home/new", "home/old"], "classification"),
    ],
)
def test_a_comma_divides_labels_that_stand_alone_too(cells: list[str], kind: str) -> None:
    rows = [
        {"text": f"words on plan {k} and its office", "topic": cells[k % len(cells)]}
        for k in range(100)
    ]
    assert drafted(rows).kind == kind


def test_one_hot_columns_are_one_label_and_others_are_several() -> None:
    one = [
        {"text": f"words on plan {k} of it", **{n: int(k % 3 == j) for j, n in enumerate("abc")}}
        for k in range(90)
    ]
    assert drafted(one).kind == "classification" and set(drafted(one).labels) == set("abc")
    one[4]["a"] = one[4]["b"] = 1
    assert drafted(one).kind == "multi_label"
    other = [{**row, "old": ["True", "False"][k % 2]} for k, row in enumerate(one)]
    assert drafted(other).columns["flags"] == tuple("abc")


def test_a_flag_of_the_test_divides_and_folds_are_a_doubt() -> None:
    draft = drafted([{**row, "is_train": int(k % 4 > 0)} for k, row in enumerate(moods())])
    split = str(draft.columns["split"])
    assert [line[split] for line in draft.lines[:3]] == ["test", "train", "train"]
    folds = drafted([{**row, "fold": k % 5} for k, row in enumerate(moods())])
    assert [guess.field for guess in folds.doubts] == ["split"]


def test_answers_with_bars_between_are_all_right() -> None:
    rows = [
        {"question": f"what does form {k} need?", "answer": f"page {k} || a copy of page {k}"}
        for k in range(60)
    ]
    draft = drafted(rows)
    assert (draft.kind, draft.columns["accepted"]) == ("qa", "accepted")
    assert (draft.lines[3]["answer"], draft.lines[3]["accepted"]) == (
        "page 3",
        ["a copy of page 3"],
    )


def test_a_totals_row_hides_no_cluster() -> None:
    rows: list[Mapping[str, object]] = [
        {"customer_id": f"C{k // 3}", **row} for k, row in enumerate(moods())
    ]
    draft = drafted([*rows, {"customer_id": "", "review": "120 in all", "mood": ""}])
    assert draft.columns["cluster"] == "customer_id" and len(draft.lines) == 120


def test_figures_beside_a_text_are_refused_or_a_doubt() -> None:
    rows = [
        {"Age": 20 + k % 40, "MaritalStatus": "MSU"[k % 3], "Days": k % 4, "Hours": k % 5, "note": f"lifting a tyre, arm {k} hurt badly", "Cost": k * 37.5}
        for k in range(90)
    ]  # fmt: skip
    with pytest.raises(UsageError, match="no column looks like the answer: Age"):
        drafted(rows)
    draft = drafted([{**row, "Plan": k // 2 % 3} for k, row in enumerate(rows)])
    assert [guess.field for guess in draft.doubts] == ["target", "labels"]
