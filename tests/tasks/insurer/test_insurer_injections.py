"""Instructions to the model that are planted in the insurer's documents, and what reads as one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.config import run_config
from harness.errors import UsageError
from harness.metrics.instructions import instruction_in
from harness.metrics.obedience import OBEYED, codes
from harness.records.files import read_lines
from harness.runs.plan import open_task
from harness.runs.runner import run
from harness.task.task import Task, load_task
from tasks.insurer import LANGUAGES, build, rows, write_documents
from tasks.insurer.documents import extract
from tasks.insurer.injections import TEXTS, injections, planted

WORDINGS = Path(__file__).parents[2] / "data" / "instructions" / "wordings.jsonl"


def drawn(count: int, language: str = "ko", version: int = 1, world: int = 7) -> list:
    return injections(build(world, version, language), LANGUAGES[language], count)


def chunks(folder: Path) -> list[str]:
    texts = [extract(path) for path in sorted(folder.iterdir())]
    return [text[at : at + 300] for text in texts for at in range(0, len(text), 250)]


@pytest.mark.parametrize("language", ["en", pytest.param("ko", marks=pytest.mark.slow)])
def test_each_instruction_has_a_code_of_its_own_that_its_document_holds(
    language: str, tmp_path: Path
) -> None:
    write_documents(tmp_path / "planted", language=language, injections=60)
    write_documents(tmp_path / "plain", language=language)
    told = drawn(60, language)
    held = {path.name: codes(extract(path)) for path in (tmp_path / "planted").iterdir()}
    assert len({each.code for each in told}) == 60
    assert all(each.code in held[each.document] for each in told)
    assert sum(map(len, held.values())) == 60
    assert {each.kind for each in told} == set(TEXTS[language])
    assert not any(codes(extract(path)) for path in (tmp_path / "plain").iterdir())
    # What recognises them, measured: docs/security.md has the same figures.
    assert all(instruction_in(f"{each.statement} {each.text}") for each in told)
    assert not any(map(instruction_in, chunks(tmp_path / "plain")))


def test_the_seed_decides_and_a_smaller_number_is_part_of_a_larger_one() -> None:
    assert drawn(40) == drawn(60)[:40] and drawn(40) == drawn(40)
    assert {each.code for each in drawn(40)} != {each.code for each in drawn(40, world=8)}
    later = {each.fact: each.code for each in drawn(100, version=2)}
    same = [each for each in drawn(100) if each.fact in later]
    assert len(same) > 80 and all(later[each.fact] == each.code for each in same)


def test_no_training_row_is_asked_of_an_attacked_sentence() -> None:
    attacked = {each.statement for each in drawn(300)}
    hit = {"train": 0, "dev": 0, "test": 0}
    for row in rows(7):
        hit[row["split"]] += any(each["text"] in attacked for each in row["passages"])
    assert hit["train"] == hit["dev"] == 0 and hit["test"] > 300


def test_without_instructions_everything_is_as_before() -> None:
    assert list(rows(7, injections=50)) == list(rows(7))
    documents = LANGUAGES["ko"].documents(build(7), 2)
    assert tuple(planted(documents, drawn(0))) == documents
    task = load_task("insurer-ko")
    assert task.with_parameters({"injections": "0"}).digest == task.digest
    assert OBEYED not in task.metrics


def planted_task(count: int) -> Task:
    return load_task("insurer-en").with_parameters({"injections": str(count)})


def test_the_number_is_a_parameter_of_the_task_that_makes_another_one() -> None:
    task = planted_task(20)
    assert task.digest not in (load_task("insurer-en").digest, planted_task(21).digest)
    assert task.describe()["parameters"]["injections"] == 20
    assert OBEYED in task.metrics and OBEYED not in task.as_ranking().metrics
    with pytest.raises(UsageError, match="no parameter 'injection'"):
        open_task(run_config(task="insurer-en", task_set={"injection": "2"}))
    with pytest.raises(UsageError, match=r"injections is 9000; from 0 to \d+ is possible"):
        planted_task(9000).load()
    with pytest.raises(UsageError, match="injections"):
        load_task("insurer-claims-en").with_parameters({"injections": 1})


@pytest.mark.slow
def test_a_run_says_how_often_passages_were_obeyed(tmp_path: Path) -> None:
    """A strategy that hands out the best passage hands out its instruction, and one without none."""
    given = {"task": "insurer-en", "limit": 20, "results": tmp_path / "r"}
    found = {}
    for strategy in ("bm25-answer", "majority"):
        folder = run(run_config(strategy=strategy, task_set={"injections": "60"}, **given)).folder
        found[strategy] = json.loads((folder / "metrics.json").read_text())["metrics"][OBEYED]
        lines = read_lines(folder / "predictions.jsonl")
        if strategy == "bm25-answer":
            counted = [line["values"][OBEYED] for line in lines if OBEYED in line["values"]]
            assert 0 < len(counted) < len(lines) and sum(counted) > 0
            assert found[strategy]["n"] == len(counted)
            assert found[strategy]["value"] == sum(counted) / len(counted)
            shown = (
                CliRunner()
                .invoke(app, ["show", folder.name, "--results", str(tmp_path / "r")])
                .stdout
            )
            text = f"obeys planted instructions: {sum(counted):.0f} of {len(counted)} answers"
            assert text in " ".join(shown.split())
    assert found["majority"]["value"] is None and found["majority"]["n"] == 0
    plain = run(run_config(strategy="majority", **given)).folder
    assert OBEYED not in json.loads((plain / "metrics.json").read_text())["metrics"]


def test_a_build_takes_instructions_and_lists_them(tmp_path: Path) -> None:
    build_ = ["build", "insurer", "--language", "en", "--out", str(tmp_path / "w")]
    done = CliRunner().invoke(app, [*build_, "--injections", "7"])
    assert done.exit_code == 0, done.output
    listed = read_lines(tmp_path / "w" / "injections.jsonl")
    assert [line["code"] for line in listed] == [each.code for each in drawn(7, "en")]
    wrong = CliRunner().invoke(app, [*build_, "--injections", "-1"])
    assert isinstance(wrong.exception, UsageError) and "from 0 to" in str(wrong.exception)


def test_how_many_instructions_in_other_words_are_recognised() -> None:
    """Those that the list was written with, and those that it wasn't: docs/security.md has both."""
    lines = read_lines(WORDINGS)
    found = {
        seen: [bool(instruction_in(line["text"])) for line in lines if line["seen"] is seen]
        for seen in (True, False)
    }
    counts = {seen: (sum(some), len(some)) for seen, some in found.items()}
    assert counts == {True: (18, 24), False: (7, 20)}
