"""Damaged, malicious and foreign files: refused with file and place, nothing written."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from harness.errors import DataError
from harness.runs.referee import read_logs
from tests.harness.runs.referee.test_logs import CHOICE, EVAL, FOO, WRITTEN


def test_an_unknown_file_is_told_what_is_known(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text("nothing of the kind")
    with pytest.raises(DataError, match=r"log\.txt is no log that is known") as caught:
        read_logs(path)
    for name in ("lm-eval", "inspect_ai", "promptfoo", "a table"):
        assert name in caught.value.hint


@pytest.mark.parametrize("path", [EVAL, FOO, WRITTEN], ids=lambda path: path.suffix)
@pytest.mark.parametrize("share", [0.3, 0.7, 0.98])
def test_a_log_that_was_cut_off_is_refused_by_its_name(
    path: Path, share: float, tmp_path: Path
) -> None:
    content = path.read_bytes()
    cut = tmp_path / path.name
    cut.write_bytes(content[: int(share * len(content))])
    with pytest.raises(DataError, match=path.name.partition("_")[0].partition(".")[0]) as caught:
        read_logs(cut)
    assert caught.value.hint


def test_the_line_of_a_damaged_sample_is_named(tmp_path: Path) -> None:
    lines = CHOICE.read_text().splitlines()
    path = tmp_path / CHOICE.name
    path.write_text("\n".join([*lines[:2], lines[2][:-30], *lines[3:]]))
    with pytest.raises(DataError, match="line 3: this is no JSON"):
        read_logs(path)


def changed(path: Path, folder: Path, **values: Any) -> Path:
    """A copy of lm-eval's samples with other values in the second line."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    lines[1] |= values
    out = folder / path.name
    out.write_text("\n".join(map(json.dumps, lines)))
    return out


@pytest.mark.parametrize(
    ("path", "values", "words"),
    [
        (CHOICE, {"filtered_resps": [["nan", "False"]] * 3}, "line 2: filtered_resps"),
        (CHOICE, {"filtered_resps": [["x", "False"]] * 3}, "line 2: filtered_resps"),
        (CHOICE, {"filtered_resps": []}, "line 2: filtered_resps"),
        (CHOICE, {"arguments": {}}, "line 2: arguments"),
        (CHOICE, {"arguments": {"a": {"b": 1}}}, "line 2: arguments"),
        (CHOICE, {"doc_id": 0}, "line 2: doc_id 0 stood in an earlier line"),
        (CHOICE, {"doc_id": "x"}, "line 2: doc_id"),
        (WRITTEN, {"resps": [[["-1.0", "False"]]]}, "line 2: resps"),
        (WRITTEN, {"resps": [[]]}, "line 2: resps"),
        (WRITTEN, {"resps": []}, "line 2: resps"),
    ],
)
def test_a_sample_that_lm_eval_would_not_write_is_refused(
    path: Path, values: dict[str, Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=words):
        read_logs(changed(path, tmp_path, **values))


def archive(folder: Path, members: dict[str, str | bytes]) -> Path:
    path = folder / "bad.eval"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


HEADER = json.dumps({"status": "success", "eval": {"eval_id": "x", "task": "t", "model": "a/b"}})
SAMPLE = {"id": 1, "epoch": 1, "input": "q", "target": "a", "output": {"completion": "a"}}


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"header.json": HEADER}, "has no samples"),
        ({"header.json": "[]"}, "header.json: the whole"),
        ({"header.json": "[" * 100_000}, "header.json: this is no JSON"),
        ({"header.json": HEADER, "samples/1.json": "{"}, "samples/1.json.*no JSON"),
        ({"header.json": HEADER, "samples/1.json": b"\xff\xfe"}, "samples/1.json.*no JSON"),
        ({"header.json": HEADER, "samples/1.json": "{}"}, "samples/1.json: id"),
        ({"header.json": HEADER, "samples/1.json": " " * 40_000_000}, "zip bomb|would unpack"),
        (
            {
                "header.json": HEADER,
                "samples/1.json": json.dumps(
                    SAMPLE | {"model_usage": {"a/b": {"input_tokens": -5}}}
                ),
            },
            "input_tokens",
        ),
    ],
)
def test_a_bad_archive_is_refused(
    members: dict[str, str | bytes], words: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=words):
        read_logs(archive(tmp_path, members))


def test_an_archive_packed_by_other_versions_is_read(tmp_path: Path) -> None:
    members = {"header.json": HEADER, "samples/1_epoch_1.json": json.dumps(SAMPLE)}
    (log,) = read_logs(archive(tmp_path, members))
    assert [answer.text for answer in log.answers] == ["a"]
    assert log.answers[0].score is None
    assert "the log has no tokens of the model" in log.notes


def test_a_changed_member_of_a_real_archive_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(EVAL) as file:
        member = file.getinfo("samples/leave-2_epoch_1.json")
    content = bytearray(EVAL.read_bytes())
    content[member.header_offset + 80 + member.compress_size // 2] ^= 0xFF
    path = tmp_path / "changed.eval"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"changed\.eval is damaged"):
        read_logs(path)


def test_results_of_promptfoo_without_a_list_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    for within in ({}, {"results": []}, {"results": {}}, {"results": [3]}):
        path.write_text(json.dumps({"evalId": "x", "results": within}))
        with pytest.raises(DataError, match=r"results\.json"):
            read_logs(path)


def test_a_log_that_says_nothing_of_right_answers_needs_a_task(tmp_path: Path) -> None:
    from harness.runs.referee.table import table_of_log

    value = json.loads(FOO.read_text())
    for each in value["results"]["results"]:
        each["testCase"]["assert"] = [{"type": "llm-rubric", "value": "is polite"}]
    path = tmp_path / "results.json"
    path.write_text(json.dumps(value))
    with pytest.raises(DataError, match="doesn't say what the right answers are") as caught:
        table_of_log(read_logs(path), tmp_path)
    assert "--task NAME" in caught.value.hint
