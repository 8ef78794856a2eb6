"""Hostile texts in every place that a verb prints: nothing steers the terminal, nothing is lost."""

from __future__ import annotations

import csv
import json
import re
import sys
import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cli.output import print_json
from harness.cli.screen import Screen, guard
from harness.cli.verbs import PANELS
from harness.config import run_config
from harness.records.files import read_json, read_lines, write_json, write_lines
from harness.runs.runner import run
from harness.text import json_visible, visible
from tests.terminal import on_a_terminal

ACTS = (
    "\x1b[95;105m\x1b]52;c;aGk=\x07\x1b]8;;http://evil.example\x1b\\\x1b[2J\u202e\u2066\u200f\u061c"
    "\x9b31m\x9d0;title\x9c\x08\r\x7f"
)
TEXT = "[red]한글[/red][link=http://evil.example]\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}:smile:[/link]"
HOSTILE = ACTS + TEXT
# What the program's own styles and bars are written with; nothing of ACTS.
OWN = re.compile(rb"\x1b\[(?!95)[\d;]*m|\x1b\[(?:\?25[lh]|2K|1A)|\r(?=\x1b\[(?:2K|1A)|\n)")
FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def hostile_docs(folder: Path) -> None:
    folder.mkdir()
    (folder / f"leave{ACTS.replace('/', '')}.txt").write_text(
        f"Parental leave{HOSTILE} lasts two years.", encoding="utf-8"
    )
    (folder / "bad\x1b]0;x\x07[red].pdf").write_bytes(b"no pdf")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a hostile table, documents, a study and two finished hostile records."""
    root = tmp_path_factory.mktemp("hostile")
    hostile_docs(root / "docs")
    with (root / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["q", f"label{TEXT}\x1b[95m"])
        writer.writerows(
            [[f"claim {n}{HOSTILE}", ("yes", "no")[n % 2] + HOSTILE] for n in range(60)]
        )
    (root / "study.yaml").write_text(
        json.dumps({"name": "s", "matrix": {"strategy": ["majority", HOSTILE]}}), encoding="utf-8"
    )
    for strategy in ("majority", "tfidf"):
        given = {"path": root / "rows.csv", "input": "q", "target": f"label{TEXT}\x1b[95m"}
        folder = run(run_config(strategy=strategy, data=given, results=root / "r")).folder
        record = read_json(folder / "run.json")
        for at in (("task", "summary"), ("task", "licence"), ("provenance", "machine", "cpu")):
            *path, last = at
            value = record
            for name in path:
                value = value.setdefault(name, {})
            value[last] = f"{value.get(last)}{HOSTILE}"
        record["provenance"]["command"] = HOSTILE
        write_json(folder / "run.json", record)
        lines = read_lines(folder / "predictions.jsonl")
        for line in lines:
            line |= {"text": f"no{HOSTILE}"}
        write_lines(folder / "predictions.jsonl", lines)
    return root


def commands(place: Path) -> dict[str, list[list[str]]]:
    first, second = sorted(path.name for path in (place / "r").glob("*_s0_*"))
    r, column = ["--results", "r"], f"label{TEXT}\x1b[95m"
    data = ["--data", "rows.csv", "--input", "q", "--target", column]
    return {
        "init": [["init", "--strategy", HOSTILE], ["init", "--strategy", "brief", "--out", HOSTILE]],
        "export": [["export", HOSTILE, "--to", "merged", *r], ["export", first, "--to", HOSTILE, *r],
                   ["export", first, "--to", "lm-eval", *r]],
        "validate": [["validate", *data], ["validate", f"{ACTS}.yaml"]],
        "build": [["build", HOSTILE, "--out", "x"], ["build", "insurer", f"--{HOSTILE}"]],
        "models": [["models", "fetch", HOSTILE]],
        "run": [["run", "--strategy", HOSTILE], ["run", *data, "--strategy", "majority", "--seed", "1", *r],
                ["run", *data, "--strategy", "majority", "--set", f"a{HOSTILE}=1", *r, "--json"]],
        "study": [["study", f"{ACTS}.yaml"], ["study", "study.yaml", "--list", *r]],
        "ask": [["ask", "--docs", "docs", "--strategy", "bm25-answer", f"Parental leave?{HOSTILE}", *r],
                ["ask", "--docs", "docs", "--strategy", "bm25-answer", "Parental leave?", *r, "--json"]],
        "score": [["score", "--task", HOSTILE, "--from", f"{ACTS}.csv", "--name", HOSTILE]],
        "rescore": [["rescore", HOSTILE, *r]],
        "predict": [["predict", HOSTILE, "--rate", "1", *r], ["predict", first, "--rate", HOSTILE, *r]],
        "show": [["show", first, *r], ["show", first, "--json", *r], ["show", HOSTILE, *r]],
        "compare": [["compare", first, second, *r], ["compare", first, HOSTILE, *r]],
        "recommend": [["recommend", *r], ["recommend", "--task", HOSTILE, *r]],
        "report": [["report", *r, "--out", f"page{TEXT.replace('/', '')}\x1b[95m.html"]],
        "list": [["list", "runs", *r], ["list", "strategies"], ["list", HOSTILE],
                 ["list", "runs", "--json", *r]],
        "prices": [["prices", "show", HOSTILE], ["prices", "list", "--prices", f"{ACTS}.yaml"]],
        "doctor": [["doctor", HOSTILE]],
    }  # fmt: skip


def test_every_verb_is_tried(place: Path) -> None:
    assert set(commands(place)) == {name for names in PANELS.values() for name in names}


@pytest.mark.slow
@pytest.mark.parametrize("colours", [True, False], ids=["colours", "NO_COLOR"])
def test_nothing_steers_the_terminal(place: Path, colours: bool) -> None:
    tried = [each for some in commands(place).values() for each in some]
    tried = tried if colours else tried[::3]  # the same words go through the same place
    written = on_a_terminal(tried, place, NO_COLOR="" if colours else "1")
    shown = 0
    for arguments, output in zip(tried, written, strict=True):
        assert output, arguments
        if not colours:
            assert b"\x1b" not in output, arguments
        text = OWN.sub(b"", output.replace(b"\r\n", b"\n")).decode("utf-8")
        assert not FORBIDDEN.findall(text.replace("\n", "")), (arguments, text)
        assert "95;105m" not in text or "\\x1b[95;105m" in text or "\\u001b[95;105m" in text
        shown += "[red]한글[/red]" in "".join(text.split())
    assert shown > (10 if colours else 2)  # as it was written, neither dropped nor read as markup


@given(st.text())
def test_what_is_shown_can_be_read_back_and_json_is_the_same(text: str) -> None:
    assert not FORBIDDEN.search(visible(text).replace("\r\n", ""))
    written = json_visible(json.dumps({"a": text}, ensure_ascii=False))
    assert json.loads(written) == {"a": text} and not FORBIDDEN.search(written)
    visible(text).encode("utf-8")
    written.encode("utf-8")


def test_there_is_no_other_console() -> None:
    made = [
        path.name
        for path in (Path(__file__).parents[3] / "harness").rglob("*.py")
        if path.name != "screen.py" and re.search(r"\bConsole\(", path.read_text(encoding="utf-8"))
    ]
    assert made == []


def test_plain_text_stays_as_it_is() -> None:
    plain = "육아휴직은 2년\tA\n\N{MAN}\u200d\N{WOMAN} café\r\nمرحبا"
    assert visible(plain) == plain == json_visible(plain)
    assert visible("a\x1b[31mb\u202ec\rd\udc80") == "a\\x1b[31mb\\u202ec\\x0dd\\udc80"


def test_lone_surrogates_and_marks_of_direction_leave_json_as_escapes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_json({"answer": "\udc80\u202eevil\x9b"})
    out = capsys.readouterr().out
    assert (
        "\\udc80\\u202eevil\\u009b" in out and json.loads(out)["answer"] == "\udc80\u202eevil\x9b"
    )


def test_a_console_reads_neither_markup_nor_emoji_codes(capsys: pytest.CaptureFixture[str]) -> None:
    Screen(width=200).print(TEXT, markup=True)
    assert capsys.readouterr().out == f"{TEXT}\n"


def test_tracebacks_and_prints_are_shown_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    guard()
    guard()  # once is enough
    print(HOSTILE)
    traceback.print_exception(ValueError(HOSTILE))
    Screen(stderr=True).print("styled", style="bold")
    out, err = capsys.readouterr()
    assert out == f"{visible(HOSTILE)}\n" and visible(HOSTILE) in err
    assert not FORBIDDEN.search(err.replace("\n", "")) and "styled" in err
