"""A judge in this process: a tiny random model, whose verdicts are nonsense but complete."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_judging_agreement import write_data

from harness.costs.book import load_book
from harness.models.sources.fetch import resolve
from harness.records.files import read_lines
from harness.records.ledger import read_ledger, totals
from harness.runs.judging.agreement import human_labels, measure_judge, measured
from harness.runs.judging.judge import version_of
from harness.runs.judging.opening import open_judge
from harness.runs.judging.questions import LABELS, asked_about

CASES = [asked_about(str(n), f"Amount {n}?", f"${n}00", "It is 9.") for n in range(6)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from harness.models.local.tiny import tiny_llama

    return tiny_llama(tmp_path_factory.mktemp("judge"), context=1024)


def opened(folder: Path, journal: Path):
    return open_judge(resolve(str(folder)), journal / "responses.jsonl", load_book())


def test_each_case_gets_the_likeliest_verdict_and_the_instructions_are_read_once(folder, tmp_path):
    judge = opened(folder, tmp_path)
    found = dict(judge.verdicts(CASES))
    assert set(found) == {str(n) for n in range(6)} and set(found.values()) <= set(LABELS)
    usage, unknown = judge.paid()
    assert (judge.requests, judge.failed, unknown) == (6, 0, 0)
    assert usage.computed_tokens < usage.input_tokens / 2
    from harness import devices
    from harness.models.local.model import load_local
    from harness.types import ScoreRequest

    form = f"Reply with one of these: {', '.join(LABELS)}."
    requests = [ScoreRequest(each.id, each.prompt(form), LABELS) for each in CASES]
    for scores in load_local(folder, device=devices.select()).score(requests):
        assert found[scores.id] == LABELS[scores.logprobs.index(max(scores.logprobs))]


def test_what_was_judged_is_kept_and_not_computed_again(folder, tmp_path, monkeypatch):
    found = dict(opened(folder, tmp_path).verdicts(CASES[:4]))
    again = opened(folder, tmp_path)
    rest = dict(again.verdicts(CASES))
    assert {id_: rest[id_] for id_ in found} == found
    assert len(read_lines(tmp_path / "responses.jsonl")) == 6
    monkeypatch.setattr("harness.models.local.model.load_local", None)
    third = opened(folder, tmp_path)
    assert dict(third.verdicts(CASES)) == rest
    assert third.paid() == again.paid()


def test_what_is_too_long_has_no_verdict(folder, tmp_path):
    judge = opened(folder, tmp_path)
    long = asked_about("long", "?", "a", "word " * 2000)
    found = dict(judge.verdicts([*CASES, long]))
    assert found.pop("long") is None
    assert None not in found.values()
    assert judge.failed == 1


def test_it_is_measured_as_a_servers_is(folder, tmp_path):
    rows, named = human_labels(write_data(tmp_path)), resolve(str(folder))
    found = measure_judge(named, rows, tmp_path, load_book())
    assert (found["n"], found["failed"], found["usd"]) == (48, 0, None)
    assert found["version"] == version_of(local=True)
    (place,) = (tmp_path / "judges").iterdir()
    spent = totals(read_ledger(place / "ledger.jsonl"))["judge"]
    assert spent.usage.as_dict() == found["tokens"]
    assert spent.device_seconds > 0
    again = measured(tmp_path, named)
    assert again is not None and again.kappa.value == found["kappa"]["value"]
