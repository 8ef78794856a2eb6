"""Rows as chat models are tuned with become inputs, answers and instructions."""

from __future__ import annotations

import json

import pytest

from harness.errors import DataError
from harness.task.table import task_from_data

SYSTEM = {"role": "system", "content": "Say the mood."}


def turn(role, content):
    return {"role": role, "content": content}


def asked(text, answer, *before):
    return [*before, turn("user", text), turn("assistant", answer)]


def load(tmp_path, rows, **options):
    """Returns the task of a table, and its rows in the order of the file."""
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    task = task_from_data(path, **{"kind": "qa"} | options)
    data = task.load()
    rows = sorted([*data.train, *data.dev, *data.test], key=lambda row: int(row.origin.split()[-1]))
    return task, [(row.example.query.text, row.example.target) for row in rows], data.notes


SHARED = [{"messages": asked(f"question {n}", f"answer {n}", SYSTEM)} for n in range(6)]
EXPECTED = [(f"question {n}", f"answer {n}") for n in range(6)]
SHAREGPT = [
    {
        "conversations": [
            {"from": "system", "value": "Say the mood."},
            {"from": "human", "value": f"question {n}"},
            {"from": "gpt", "value": f"answer {n}"},
        ]
    }
    for n in range(6)
]
SHAREGPT_APART = [
    {"system": "Say the mood.", "conversations": row["conversations"][1:]} for row in SHAREGPT
]
ALPACA = [
    {"instruction": "Say the mood.", "input": f"question {n}", "output": f"answer {n}"}
    for n in range(6)
]
COMPLETIONS = [
    {"prompt": [SYSTEM, turn("user", f"question {n}")],
     "completion": [turn("assistant", f"answer {n}")]}
    for n in range(6)
]  # fmt: skip
DOLLY = [
    {"instruction": "Say the mood.", "context": f"question {n}", "response": f"answer {n}"}
    for n in range(6)
]
WRITTEN = [{"messages": json.dumps(row["messages"])} for row in SHARED]  # as a CSV holds them
REPRESENTED = [{"messages": repr(row["messages"])} for row in SHARED]
EVALS = [
    {"input": [SYSTEM, turn("user", f"question {n}")], "ideal": f"answer {n}"} for n in range(6)
]
PARTS = [
    {"messages": asked([{"type": "text", "text": f"question {n}"}], f"answer {n}", SYSTEM)}
    for n in range(6)
]


@pytest.mark.parametrize(
    ("rows", "options"),
    [
        (SHARED, {}), (SHARED, {"input": "messages"}), (PARTS, {}),
        (SHARED, {"input": "messages", "target": "messages"}), (SHAREGPT, {}), (SHAREGPT_APART, {}), (DOLLY, {}), (WRITTEN, {}), (REPRESENTED, {}),
        (SHAREGPT, {"input": "conversations"}), (ALPACA, {}), (COMPLETIONS, {}),
        (ALPACA, {"input": "instruction", "target": "output"}),
        (ALPACA, {"input": "input", "target": "output"}), (EVALS, {"input": "input", "target": "ideal"}),
    ],
)  # fmt: skip
def test_a_format_is_recognised(tmp_path, rows, options):
    task, read, notes = load(tmp_path, rows, **options)
    assert read == EXPECTED
    assert task.spec.prompt.instructions == "Say the mood."
    assert "became the instructions" in notes[0]


def test_prompt_and_completion_are_columns(tmp_path):
    rows = [{"prompt": f"question {n}", "completion": f" answer {n}"} for n in range(6)]
    assert load(tmp_path, rows)[1] == EXPECTED


def test_different_system_prompts_stand_before_the_inputs(tmp_path):
    other = {"messages": asked("question 6", "answer 6", turn("system", "Be brief."))}
    task, read, notes = load(tmp_path, [*SHARED, other])
    assert read[0][0] == "Say the mood.\n\nquestion 0" and read[6][0] == "Be brief.\n\nquestion 6"
    assert "Say the mood." not in task.spec.prompt.instructions
    assert "before the inputs" in notes[0]


def test_different_instructions_stand_before_the_inputs(tmp_path):
    rows = [*ALPACA, {"instruction": "Name a colour.", "input": "", "output": "red"}]
    read = load(tmp_path, rows)[1]
    assert read[0][0] == "Say the mood.\n\nquestion 0" and read[6] == ("Name a colour.", "red")


def test_a_history_stays_in_the_input(tmp_path):
    row = {"instruction": "And for 2?", "input": "", "output": "20%"}
    row["history"] = [["Rate for 1?", "10%"]]
    read = load(tmp_path, [{**ALPACA[0], "history": []}, row])[1]
    assert read[1] == ("User: Rate for 1?\nAssistant: 10%\nUser: And for 2?", "20%")


def test_earlier_turns_stay_in_the_input(tmp_path):
    turns = asked("And for 2?", "20%", SYSTEM, *asked("Rate for 1?", "10%"))
    _, read, notes = load(tmp_path, [*SHARED, {"messages": turns}])
    assert read[6] == ("User: Rate for 1?\nAssistant: 10%\nUser: And for 2?", "20%")
    assert "1 of 7 inputs are transcripts" in notes[0]


def test_labels_are_read_out_of_conversations(tmp_path):
    moods = ["up", "down"] * 8
    rows = [{"messages": asked(f"news {n}", mood, SYSTEM)} for n, mood in enumerate(moods)]
    task, read, _ = load(tmp_path, rows, kind="classification")
    assert task.labels == ("down", "up") and read[0] == ("news 0", "up")
    assert task.spec.prompt.instructions == "Say the mood.\nAnswer with one of: down, up."


def test_a_column_of_ones_own_may_hold_the_answer(tmp_path):
    rows = [{"messages": [SYSTEM, turn("user", f"news {n}")], "gold": "up"} for n in range(6)]
    assert load(tmp_path, rows, target="gold")[1][0] == ("news 0", "up")


def test_a_task_file_reads_conversations_too(tmp_path):
    from harness.task.task import load_task

    text = "\n".join(map(json.dumps, SHARED))
    (tmp_path / "rows.jsonl").write_text(text, encoding="utf-8")
    task = {
        "name": "mine", "kind": "qa", "source": {"files": [{"path": "rows.jsonl"}]},
        "columns": {"input": "messages", "target": "messages"},
        "metrics": ["exact_match"], "primary": "exact_match",
    }  # fmt: skip
    (tmp_path / "mine.yaml").write_text(json.dumps(task), encoding="utf-8")
    data = load_task(str(tmp_path / "mine.yaml")).load()
    texts = {row.example.query.text for row in [*data.train, *data.dev, *data.test]}
    assert texts == {f"Say the mood.\n\nquestion {n}" for n in range(6)}


@pytest.mark.parametrize(
    ("turns", "why"),
    [
        ([SYSTEM, turn("user", "x")], "last turn is the user's"),
        ([turn("assistant", "x")], "no turn is a user's"),
        ([turn("user", "x"), turn("assistant", "")], "turn 2 .assistant. is empty"),
        ([turn("user", "x"), turn("assistant", None) | {"tool_calls": [{"id": "1"}]}], "calls a tool"),
        ([turn("user", [{"type": "image_url", "image_url": "x"}]), turn("assistant", "y")], "image_url"),
        ([turn("narrator", "x"), turn("assistant", "y")], "unknown role 'narrator'"),
    ],
)  # fmt: skip
def test_a_conversation_that_is_no_text_is_refused_with_its_row(tmp_path, turns, why):
    with pytest.raises(DataError, match=f"rows.jsonl, line 7.*{why}"):
        load(tmp_path, [*SHARED, {"messages": turns}])
