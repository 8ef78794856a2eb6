"""Labels, options and answers of a table without a task file."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness.cli.verbs import app
from harness.errors import DataError, UsageError
from harness.task.table import task_from_data

NEWS = ("positive", "Positive", "POSITIVE ", "negative", "NEGATIVE", "neutral")


def table(folder: Path, *labels: str, name: str = "rows.csv") -> Path:
    path = folder / name
    rows = [f'text {n},"{label}"' for n, label in enumerate(labels)]
    path.write_text("\n".join(["text,label", *rows, ""]), encoding="utf-8")
    return path


def quiz(folder: Path, rows: list[dict[str, str]]) -> Path:
    path = folder / "quiz.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


QUIZ = [
    {"q": f"case {n}?", "A": "fire", "B": "motor", "C": "life", "answer": "ABC"[n % 3]}
    for n in range(60)
]


def run(folder: Path, path: Path, *options: str) -> tuple[int, str, list[dict[str, object]]]:
    """Runs `majority` on a table; returns exit code, output and predictions."""
    results = folder / "results"
    given = ["run", "--strategy", "tfidf", "--no-latency", "--offline", "--results", str(results)]
    result = CliRunner().invoke(app, [*given, "--data", str(path), *options])
    lines = [
        json.loads(line)
        for file in results.glob("*/predictions.jsonl")
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    error = str(result.exception) if result.exception else ""
    return result.exit_code, result.output + error, lines


@pytest.mark.parametrize(
    "labels",
    [
        ("1", "-1", "0"),
        (">10%", "<10%", "10%"),
        ("AA-", "AA+", "AA"),
        ("(1,000)", "1,000", "-1,000"),
        ("non-life", "non life", "life"),
        ("+", "-", "0.0"),
        ("긍정", "긍정 아님", "중"),
    ],
    ids=" ".join,
)
def test_a_classifier_answers_with_the_label_itself(
    tmp_path: Path, labels: tuple[str, ...]
) -> None:
    code, output, lines = run(
        tmp_path, table(tmp_path, *labels * 20), "--input", "text", "--target", "label"
    )
    assert code == 0, output
    assert lines and all(line["predicted"] == line["text"] for line in lines)
    assert all(line["correct"] == (line["text"] == line["target"]) for line in lines)


def test_spellings_of_one_label_are_one_and_said(tmp_path: Path) -> None:
    task = task_from_data(table(tmp_path, *NEWS * 10), input="text", target="label")
    assert task.labels == ("negative", "neutral", "positive")
    data = task.load()
    counts = Counter(row.example.target for row in [*data.train, *data.dev, *data.test])
    assert counts == {"positive": 30, "negative": 20, "neutral": 10}
    (note,) = [note for note in data.notes if "spellings" in note]
    assert "'Positive' (10), 'POSITIVE ' (10) as 'positive'" in note
    assert "'NEGATIVE' (10) as 'negative'" in note
    assert "neutral" not in note and "--labels" in note and "\n" not in note


def test_full_width_and_double_spaces_are_spellings_too(tmp_path: Path) -> None:
    path = table(tmp_path, *("very good", "Very  good", "ＢＡＤ", "BAD") * 5)
    task = task_from_data(path, input="text", target="label")
    assert task.labels == ("BAD", "very good")
    assert (
        task_from_data(table(tmp_path, *("a", "b") * 5), input="text", target="label").notes == ()
    )


def test_declared_labels_are_taken_as_they_are(tmp_path: Path) -> None:
    path = table(tmp_path, *("A", "a", "B") * 5)
    assert len(task_from_data(path, input="text", target="label").labels) == 2
    declared = {"A": "A", "a": "a", "B": "B"}
    task = task_from_data(path, input="text", target="label", labels=declared)
    assert (task.labels, task.notes) == (("A", "a", "B"), ())
    assert {row.example.target for row in task.load().train} <= {"A", "a", "B"}


def test_two_codes_may_have_one_label(tmp_path: Path) -> None:
    path = table(tmp_path, *("0", "1", "2") * 5)
    declared = {"0": "no", "1": "no ", "2": "so"}
    task = task_from_data(path, input="text", target="label", labels=declared)
    assert task.labels == ("no", "so")


def test_labels_that_differ_in_a_separator_are_apart_and_said(tmp_path: Path) -> None:
    path = table(tmp_path, *("non-life", "non life", "life") * 5)
    task = task_from_data(path, input="text", target="label")
    assert task.labels == ("life", "non life", "non-life")
    assert "'non life' and 'non-life' are labels of their own" in task.notes[0]
    signs = task_from_data(
        table(tmp_path, *("1", "-1", "AA", "AA-") * 5), input="text", target="label"
    )
    assert signs.notes == ()  # nothing forgives a sign


def test_codes_get_their_names(tmp_path: Path) -> None:
    path = table(tmp_path, *("0", "1", "2", "positive") * 15)
    code, output, lines = run(
        tmp_path, path, *("--input", "text", "--target", "label"),
        *("--labels", "0=negative,1=neutral, so to say,2=positive"),
    )  # fmt: skip
    assert code == 0, output
    assert {line["target"] for line in lines} <= {"negative", "neutral, so to say", "positive"}


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"0": "no", "1": "yes"}, "rows.csv, line 4: 'label' is '2', which --labels doesn't name"),
        ({"0": "no", "1": "yes", "2": "so", "3": "x"}, "--labels names '3', which no row has"),
    ],
)
def test_codes_that_do_not_fit_are_refused(
    tmp_path: Path, labels: dict[str, str], message: str
) -> None:
    path = table(tmp_path, *("0", "1", "2") * 5)
    with pytest.raises(Exception, match=message):
        task_from_data(path, input="text", target="label", labels=labels)


def test_options_of_a_multiple_choice_are_shown_and_read(tmp_path: Path) -> None:
    options = ("--kind", "multiple_choice", "--input", "q", "--target", "answer")
    path = quiz(tmp_path, QUIZ)
    code, output, _ = run(tmp_path, path, *options)
    assert code != 0 and "--choices A,B,C" in output
    code, output, lines = run(tmp_path, path, *options, "--choices", "A,B, C")
    assert code == 0, output
    assert {line["target"] for line in lines} <= {"fire", "motor", "life"}
    task = task_from_data(
        path, input="q", target="answer", kind="multiple_choice", choices=("A", "B", "C")
    )
    row = task.load().test[0]
    assert task.view.asked(row.example.query).endswith("A. fire\nB. motor\nC. life")


def test_targets_by_number_are_said(tmp_path: Path) -> None:
    path = quiz(tmp_path, [row | {"answer": str(n % 3 + 1)} for n, row in enumerate(QUIZ)])
    task = task_from_data(
        path, input="q", target="answer", kind="multiple_choice", choices=("A", "B", "C")
    )
    data = task.load()
    assert "the right options are read as numbers from 1" in data.notes
    assert {row.example.target for row in data.train} == {"fire", "motor", "life"}


@pytest.mark.parametrize("as_object", [False, True])
def test_options_may_stand_in_one_column_as_a_list(tmp_path: Path, as_object: bool) -> None:
    path = tmp_path / "quiz.jsonl"
    options = ["fire", "motor", "life"]
    cell = {"label": ["A", "B", "C"], "text": options} if as_object else options
    rows = [{"q": f"case {n}?", "choices": cell, "plain": "a", "answer": n % 3} for n in range(30)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    given = {"input": "q", "target": "answer", "kind": "multiple_choice"}
    data = task_from_data(path, **given, choices=("choices",)).load()
    assert {row.example.query.choices for row in data.train} == {("fire", "motor", "life")}
    assert "the right options are read as numbers from 0" in data.notes
    with pytest.raises(DataError, match="line 1: 'plain' is no list of options"):
        task_from_data(path, **given, choices=("plain",)).load()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": "text"}, "both the input and the target"),
        ({"choices": ("text", "label")}, "the kind is classification"),
        ({"kind": "multiple_choice"}, "needs the columns with the options"),
        ({"kind": "multiple_choice", "choices": ("text", "label")}, "can't be a column of options"),
        ({"kind": "multiple_choice", "choices": ("a", "b")}, "no column 'a'"),
        ({"kind": "qa", "labels": {"0": "no"}}, "--labels names the labels of a classification"),
    ],
)
def test_what_does_not_go_together_is_refused(
    tmp_path: Path, options: dict[str, object], message: str
) -> None:
    path = table(tmp_path, *("yes", "no") * 5)
    with pytest.raises(UsageError, match=message):
        task_from_data(path, **{"input": "text", "target": "label", **options})


def test_answers_that_are_too_long_are_said(tmp_path: Path) -> None:
    answers = ["two words", "one\nline break", "more words than fit into five tokens"] * 4
    path = quiz(tmp_path, [{"q": f"case {n}?", "a": text} for n, text in enumerate(answers)])
    task = task_from_data(path, input="q", target="a", kind="qa", max_tokens=5)
    assert task.max_tokens == 5
    notes = "\n".join(task.load().notes)
    assert "the answer of 4 of 12 rows (quiz.jsonl, line 3 first) has more words than" in notes
    assert "the answer of 4 of 12 rows (quiz.jsonl, line 2 first) goes on after" in notes
    assert task_from_data(path, input="q", target="a", kind="qa").max_tokens == 32


@pytest.mark.parametrize("value", ["0", "0=a,0=b", "=a", "0="])
def test_a_wrong_declaration_of_labels_names_the_option(tmp_path: Path, value: str) -> None:
    path = table(tmp_path, *("0", "1") * 5)
    code, output, _ = run(tmp_path, path, "--input", "text", "--target", "label", "--labels", value)
    assert code != 0 and f"--labels '{value}': it has to be CODE=NAME" in output


def test_predictions_from_elsewhere_are_compared_as_written(tmp_path: Path) -> None:
    rows = [
        {"id": f"m{n}", "q": f"case {n}", "a": "-3%", "b": "3%", "c": "0%", "answer": "AB"[n % 2]}
        | {"split": "test"}
        for n in range(20)
    ]
    quiz(tmp_path, rows)
    (tmp_path / "mc.yaml").write_text(
        "name: mc\nkind: multiple_choice\nsource: {files: [{path: quiz.jsonl}]}\n"
        "columns: {id: id, input: q, target: answer, choices: [a, b, c], split: split}\n"
        "metrics: [accuracy]\nprimary: accuracy\n"
    )
    for name, answers in {"text": ("-3%", "3%"), "letters": ("A", "B")}.items():
        file = tmp_path / f"{name}.csv"
        lines = [f"m{n},{answers[n % 2]}" for n in range(20)]
        file.write_text("\n".join(["id,answer", *lines, ""]))
        given = ["score", "--task", str(tmp_path / "mc.yaml"), "--from", str(file)]
        result = CliRunner().invoke(
            app, [*given, "--name", name, "--results", str(tmp_path / "r"), "--json"]
        )
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["metrics"]["accuracy"]["value"] == 1.0


def test_a_label_that_no_row_could_have_is_a_data_error(tmp_path: Path) -> None:
    path = table(tmp_path, *("yes", "") * 5)
    with pytest.raises(DataError, match="line 3: 'label' is empty"):
        task_from_data(path, input="text", target="label").load()
