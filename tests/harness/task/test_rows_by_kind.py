"""What a row of each kind looks like in a table and in a task file, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.errors import DataError, UsageError
from harness.metrics.registry import kinds
from harness.records.keys import digest
from harness.task.table import task_from_data
from harness.task.task import TaskData, load_task


def turn(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def table(folder: Path, rows: list[dict[str, Any]], name: str = "rows.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def pairs(data: TaskData) -> list[tuple[str, str]]:
    rows = sorted([*data.train, *data.dev, *data.test], key=lambda row: int(row.origin.split()[-1]))
    return [(row.example.query.text, row.example.target) for row in rows]


def declared(folder: Path, rows: list[dict[str, Any]], kind: str, columns: Any, **more: Any) -> Any:
    table(folder, rows)
    metric = kinds()[kind].metrics[0]
    values = {"name": "t", "kind": kind, "source": {"files": [{"path": "rows.jsonl"}]}}
    values |= {"columns": columns, "metrics": [metric], "primary": metric, **more}
    path = folder / "t.yaml"
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
    return load_task(str(path))


def test_labels_of_a_set_stand_in_a_cell_in_three_ways(tmp_path: Path) -> None:
    rows = [{"x": "a", "y": "up|past"}, {"x": "b", "y": ["past", "up"]}, {"x": "c", "y": ""}]
    rows += [{"x": "d", "y": "past; Up"}, {"x": "e", "y": '["past"]'}, {"x": "f", "y": "none"}]
    task = task_from_data(table(tmp_path, rows), input="x", target="y", kind="multi_label")
    data = task.load()
    assert [target for _, target in pairs(data)] == [
        "past; up", "past; up", "none", "past; up", "past", "none",
    ]  # fmt: skip
    assert any("2 of 6 rows is that there is none" in note for note in data.notes)
    assert any("'Up' (1) as 'up'" in note for note in data.notes)
    assert "past, up" in task.spec.prompt.instructions


def test_labels_of_a_set_are_columns(tmp_path: Path) -> None:
    rows = [{"x": f"t{n}", "Up": n % 2, "News": bool(n % 3)} for n in range(4)]
    task = task_from_data(
        table(tmp_path, rows), input="x", flags="Up,News", kind="multi_label", labels="Up=up,News=n"
    )
    assert [target for _, target in pairs(task.load())] == ["none", "up; n", "n", "up"]
    with pytest.raises(DataError, match="line 5: '2' for the label 'Up' is neither 1 nor 0"):
        task_from_data(
            table(tmp_path, [*rows, {"x": "t", "Up": 2, "News": 0}]),
            input="x", flags="Up,News", kind="multi_label",
        ).load()  # fmt: skip
    flags = {"input": "x", "flags": ["Up", "News"]}
    again = declared(tmp_path, rows, "multi_label", flags)
    assert again.labels == ("Up", "News") and again.readout == "generate"
    with pytest.raises(DataError, match="flags names 'News', for which labels has no name"):
        declared(tmp_path, rows, "multi_label", flags, labels={"Up": "up"})
    with pytest.raises(DataError, match="'a;b' can't be one of several"):
        declared(tmp_path, rows, "multi_label", {"input": "x", "target": "y"}, labels={"a": "a;b"})


@pytest.mark.parametrize("written", [list, " ".join, json.dumps, str])
def test_tags_and_tokens_are_lists_or_texts(tmp_path: Path, written: Any) -> None:
    tokens, tags = ["Kim", "of", "Acme", "AG"], ["I-PER", "O", "I-ORG", "I-ORG"]
    rows = [{"w": written(tokens), "t": written(tags)}, {"w": written(["x"]), "t": written(["O"])}]
    task = task_from_data(table(tmp_path, rows), input="w", tags="t", kind="extraction")
    assert pairs(task.load()) == [("Kim of Acme AG", "PER: Kim\nORG: Acme AG"), ("x", "none")]
    assert task.labels == ("ORG", "PER") and task.spec.stop == ("\n\n",)
    assert task.spec.max_tokens == 256


def test_tags_that_dont_fit_name_the_row(tmp_path: Path) -> None:
    rows = [{"w": "a b", "t": "O O"}, {"w": "a b", "t": "O"}]
    with pytest.raises(DataError, match="line 2: 2 tokens and 1 tags"):
        task_from_data(table(tmp_path, rows), input="w", tags="t", kind="extraction")


def test_entities_stand_in_a_list(tmp_path: Path) -> None:
    rows = [{"x": "Kim", "e": [{"text": "Kim", "type": "PER"}]}, {"x": "b", "e": "[]"}]
    task = declared(tmp_path, rows, "extraction", {"input": "x", "target": "e"})
    assert pairs(task.load()) == [("Kim", "PER: Kim"), ("b", "none")]
    assert task.labels == ()
    short = declared(
        tmp_path, rows, "extraction", {"input": "x", "target": "e"}, labels={"ORG": "ORG"}
    )
    with pytest.raises(DataError, match="unknown type 'PER'"):
        short.load()


def test_a_context_stands_before_the_question_and_keeps_rows_together(tmp_path: Path) -> None:
    rows = [
        {"c": f"Table {n // 3}: 5 in millions", "q": f"What is {n}?", "a": str(n)}
        for n in range(90)
    ]
    task = task_from_data(
        table(tmp_path, rows), input="q", target="a", context="c", kind="numeric_qa"
    )
    data = task.load()
    row = data.test[0]
    context = f"Table {int(row.example.target) // 3}: 5 in millions"
    assert row.example.query.text == f"{context}\n\nQuestion: {row.question}"
    assert task.view.base_prompt(row.example.query).input_cue == ""  # it isn't said twice
    assert row.question == f"What is {row.example.target}?"
    texts = [{row.example.query.text.split(":")[0] for row in part}
             for part in (data.train, data.dev, data.test)]  # fmt: skip
    assert all(texts) and not (texts[0] & texts[2] or texts[1] & texts[2])


def test_an_input_of_several_turns_goes_with_every_kind(tmp_path: Path) -> None:
    talk = [turn("user", "Hi"), turn("assistant", "Yes?"), turn("user", "It rose.")]
    expected = "User: Hi\nAssistant: Yes?\nUser: It rose."
    rows = [{"m": "Plain text.", "y": "up", "f": 0}, {"m": talk, "y": "down", "f": 1}]
    labels = {"up": "up", "down": "down"}
    columns = {"input": "m", "target": "y"}
    found = pairs(declared(tmp_path, rows, "classification", columns, labels=labels).load())
    assert found == [("Plain text.", "up"), (expected, "down")]
    found = pairs(declared(tmp_path, rows, "multi_label", {"input": "m", "flags": ["f"]}).load())
    assert found == [("Plain text.", "none"), (expected, "f")]
    task = task_from_data(table(tmp_path, rows), input="m", flags="f", kind="multi_label")
    assert pairs(task.load()) == found


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "poetry", "target": "y"}, "unknown --kind 'poetry'"),
        (
            {"kind": "ranking", "target": "y"},
            "--kind ranking needs a task file: a row is a question and its gold",
        ),
        ({"kind": "decision", "target": "y"}, "--kind decision needs a task file"),
        ({"kind": "qa", "target": "y", "flags": "f"}, "flags are 0/1 columns"),
        ({"kind": "qa", "target": "y", "tags": "f"}, "tags are tags of tokens"),
        ({"kind": "qa", "target": "y", "tolerance": 0.1}, "tolerance are shares"),
        ({"kind": "multi_label", "target": "y", "flags": "f"}, "both name the right answers"),
        ({"kind": "numeric_qa", "target": "y"}, "'up' is no number"),
    ],
)
def test_what_doesnt_go_with_a_kind_is_refused(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    path = table(tmp_path, [{"x": f"t{n}", "y": "up", "f": 1} for n in range(3)])
    with pytest.raises((UsageError, DataError), match=message) as raised:
        task_from_data(path, input="x", **options).load()
    if "kind" in message:
        assert all(f"{name}: " in raised.value.hint for name in ("qa", "extraction", "spans"))


def test_fields_that_came_later_are_in_no_digest_where_they_are_absent(tmp_path: Path) -> None:
    rows = [{"x": "a", "y": "b"}]
    task = declared(tmp_path, rows, "qa", {"input": "x", "target": "y"})
    kept = task.spec.model_dump(mode="json")
    assert not {"context", "flags", "tags"} & kept["columns"].keys()
    for field in ("tolerance", "decision", "test_limit", "summary", "licence", "attribution"):
        kept.pop(field)
    for field in ("contamination", "published", "masks", "split", "date_format"):
        kept.pop(field)
    assert task.digest == digest(kept | {"labels": []})
