"""Judges behind a server that binds what they say to a JSON schema, and behind one that refuses it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ragas")

from invented_vendor import InventedVendor, said
from test_judging_metrics import LEAVE, Held, evaluate, judge_at

from harness.metrics.ragas import JUDGED
from harness.runs.judging.judge import JudgeFailed
from harness.runs.judging.questions import LABELS, asked_about

ASKED = [asked_about(str(n), "?", f"{n}", "1") for n in range(20)]


def schema_of(body: dict[str, Any]) -> dict[str, Any]:
    form = body["response_format"]
    assert form["type"] == "json_schema" and form["json_schema"]["strict"]
    schema: dict[str, Any] = form["json_schema"]["schema"]
    return schema


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """All objects that a schema speaks of, at any depth."""
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for each in schema.values():
            yield from objects(each)


@pytest.fixture
def refusing(judging: InventedVendor) -> InventedVendor:
    """Says of a schema only that it can't read it, as a server with another grammar does."""
    by_rule, error = judging.answer, {"message": "Failed to compile the json_schema"}
    judging.answer = lambda n, body: (
        (400, {"error": error}) if "response_format" in body else by_rule(n, body)
    )
    return judging


def test_a_verdict_is_bound_to_the_words_that_there_are(judging: InventedVendor) -> None:
    judging.answer = lambda n, body: said(
        json.dumps({"reason": "", "verdict": schema_of(body)["properties"]["verdict"]["enum"][-1]})
    )
    judge = judge_at(judging)
    assert {verdict for _, verdict in judge.verdicts(ASKED)} == {LABELS[-1]}
    (body, *_) = judging.asked
    assert schema_of(body)["properties"]["verdict"]["enum"] == [*LABELS]
    assert [*schema_of(body)["properties"]] == schema_of(body)["required"] == ["reason", "verdict"]
    assert judge.described() == {"masked": None, "refused": {}, "structured": True}


def test_forms_of_ragas_are_closed_at_every_depth(judging: InventedVendor) -> None:
    found = evaluate(JUDGED, [LEAVE], judge_at(judging))["1"]
    assert set(found.states.values()) == {"scored"}
    schemas = [schema_of(body) for body in judging.asked]
    assert max(len([*objects(schema)]) for schema in schemas) == 2, "an object within another"
    for each in (each for schema in schemas for each in objects(schema)):
        assert each["required"] == [*each["properties"]]
        assert each["additionalProperties"] is False


def test_a_server_that_refuses_it_is_asked_for_text_and_this_is_said_once(
    refusing: InventedVendor, tmp_path: Path
) -> None:
    said_: list[str] = []
    judge = judge_at(refusing, tmp_path / "responses.jsonl", notify=said_.append)
    verdicts = dict(judge.verdicts(ASKED[:1])) | dict(judge.verdicts(ASKED))
    assert set(verdicts.values()) == {"Correct Answer", "Incorrect Answer"} and judge.failed == 0
    assert len(said_) == 1 and "answers are free text" in said_[0]
    told = {"masked": None, "refused": {"response_format": ""}, "structured": False}
    assert judge.described() == told
    before = len(refusing.asked)
    assert before == 1 + 20, "the first is asked twice, and no other"
    again = judge_at(refusing, tmp_path / "responses.jsonl", notify=said_.append)
    assert dict(again.verdicts(ASKED)) == verdicts
    assert again.described() == told, "as before, without a request"
    assert len(refusing.asked) == before
    assert again.ask('{"question": "?", "context": "a", "answer": "a"}', Held).verdict == 1
    assert "response_format" not in refusing.asked[-1] and len(refusing.asked) == before + 1
    assert len(said_) == 1


def test_text_without_a_verdict_has_failed_whether_it_is_bound_or_not(
    refusing: InventedVendor,
) -> None:
    by_rule = refusing.answer
    refusing.answer = lambda n, body: by_rule(n, body) if "response_format" in body else said("hm")
    judge = judge_at(refusing)
    assert set(dict(judge.verdicts(ASKED[:2])).values()) == {None}
    with pytest.raises(JudgeFailed, match="Held"):
        judge.ask("?", Held)
    assert judge.failed == 3
    refusing.answer = lambda n, body: said("hm")
    bound = judge_at(refusing)
    assert set(dict(bound.verdicts(ASKED[:2])).values()) == {None}
    assert bound.described()["structured"] is True, "it was given the schema"


def test_nothing_is_said_of_a_server_that_never_answered(judging: InventedVendor) -> None:
    judging.answer = lambda n, body: (400, {"error": {"message": "no such model"}})
    judge = judge_at(judging)
    assert dict(judge.verdicts(ASKED[:1])) == {"0": None}
    assert judge.described()["structured"] is None
