"""Which row an answer is to: nothing is guessed, and nothing left out unsaid."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import DataError
from harness.runs.referee.log import Answer, Log
from harness.runs.referee.match import LEARNED, NONE, OTHER, SEVERAL, UNKNOWN, matched
from harness.types import Example, Query, Row
from tests.harness.runs.referee.test_logs import score, table


def row(id_: str, text: str, target: str = "yes") -> Row:
    return Row(Example(Query(id_, text), target, (target,)))


def log(*answers: Answer) -> Log:
    return Log("test", "t", answers)


def asked(text: str, id_: str = "", place: str = "line 1") -> Answer:
    return Answer(place, "yes", id_, {"prompt": text})


ROWS = [row("1", "Is theft covered?"), row("2", "Is fire covered?")]


def test_a_number_is_no_id_where_the_question_is_another() -> None:
    fit = matched(log(asked("is  FIRE covered?", "1")), ROWS)
    assert set(fit.answers) == {"2"}
    assert fit.by == {"prompt": 1}
    fit = matched(log(asked("Is hail covered?", "1"), asked("Is fire covered?", "9")), ROWS)
    assert fit.left == {OTHER: ["'1' (line 1)"]}


def test_an_id_counts_where_the_question_stands_in_the_prompt() -> None:
    fit = matched(log(asked("Answer briefly: Is theft covered? Now.", "1")), ROWS)
    assert fit.by == {"id": 1}


def test_an_answer_to_a_row_of_train_is_said() -> None:
    learned = [row("3", "Is hail covered?")]
    fit = matched(log(asked("Is hail covered?"), asked("Is fire covered?")), ROWS, learned)
    assert fit.left == {LEARNED: ["line 1"]}
    assert "--split 0/0/100" in fit.notes()[0]


def test_what_no_row_asks_is_named() -> None:
    answers = [asked(f"question {n}", place=f"line {n}") for n in range(9)]
    fit = matched(log(asked("Is fire covered?"), *answers), ROWS)
    assert len(fit.left[NONE]) == 9
    assert fit.notes() == [
        f"9 answers left out, {NONE}: line 0, line 1, line 2, line 3, line 4 and 4 more"
    ]


def test_a_question_of_several_rows_is_given_to_none_but_where_all_accept_the_same() -> None:
    same = [row("a", "Covered?"), row("b", "covered?"), ROWS[1]]
    twice = log(asked("Covered?", place="line 1"), asked("Covered?", place="line 2"))
    assert {i: a.place for i, a in matched(twice, same).answers.items()} == {
        "a": "line 1",
        "b": "line 2",
    }
    other = [row("a", "Covered?"), row("b", "covered?", "no"), ROWS[1]]
    fit = matched(log(asked("Covered?"), asked("Is fire covered?")), other)
    assert fit.left == {SEVERAL: ["line 1"]}


def test_two_answers_to_one_row_are_refused() -> None:
    answers = [asked("Is fire covered?", place=f"line {n}") for n in (1, 7)]
    with pytest.raises(DataError, match="line 7: this answers the row '2', as line 1 did"):
        matched(log(*answers), ROWS)


def test_a_log_of_another_task_is_refused_with_what_it_asks() -> None:
    with pytest.raises(DataError, match=r"no answer .* is to a test row.*'x' \(line 1\)"):
        matched(log(Answer("line 1", "yes", "x")), ROWS)


def test_unknown_ids_of_a_table_are_named(tmp_path: Path) -> None:
    rows = [
        {"question": f"Is case {n} covered?", "answer": "yes" if n % 2 else "no"} for n in range(4)
    ]
    given = ["--data", str(table(tmp_path, rows)), "--input", "question", "--target", "answer"]
    given += ["--split", "0/0/100"]
    file = table(
        tmp_path, [*rows, {"question": "Is case 9 covered?", "answer": "no"}], "answers.csv"
    )
    run = score(file, tmp_path, *given)
    assert run["metrics"]["accuracy"]["value"] == 1.0
    assert run["log"]["matched"] == {"question": 4}
    assert run["log"]["notes"] == [f"1 answer left out, {NONE}: answers.csv, line 6"]
    ids = {path["id"] for path in _predictions(run)}
    lines = [{"id": id_, "answer": "no"} for id_ in [*ids, "nobody"]]
    named = score(table(tmp_path, lines, "ids.csv"), tmp_path, *given)
    assert named["log"]["matched"] == {"id": 4}
    assert named["log"]["notes"] == [f"1 answer left out, {UNKNOWN}: 'nobody' (ids.csv, line 6)"]


def _predictions(run: dict[str, str]) -> list[dict[str, str]]:
    import json

    lines = Path(run["path"], "predictions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_answers_without_tokens_have_no_price(tmp_path: Path) -> None:
    rows = [
        {"question": f"Is case {n} covered?", "answer": "yes" if n % 2 else "no"} for n in range(4)
    ]
    given = ["--data", str(table(tmp_path, rows)), "--input", "question", "--target", "answer"]
    run = score(table(tmp_path, rows, "answers.csv"), tmp_path, *given, "--split", "0/0/100")
    assert run["cost"]["usd_per_1k_requests"] is None
    assert "don't say how many tokens" in run["notes"]["usd_per_1k_requests"]


def test_a_task_and_a_table_at_once_are_refused(tmp_path: Path) -> None:
    rows = table(tmp_path, [{"question": "a", "answer": "b"}])
    said = score(
        rows,
        tmp_path,
        *("--task", "fpb", "--data", str(rows), "--input", "question", "--target", "answer"),
        code=2,
    )
    assert "both name the rows" in said["said"]
