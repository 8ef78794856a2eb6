"""Likelihoods from a server: what is summed, kept and refused. The server is a double of vLLM's form."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from invented_vendor import InventedVendor, said

from harness.config import RunConfig, run_config
from harness.errors import DataError, UsageError
from harness.models.endpoint import Endpoint, EndpointModel
from harness.records.files import read_lines
from harness.records.predictions import stored_predictions
from harness.records.reading import read_record
from harness.runs.estimate import estimate
from harness.runs.runner import run
from harness.types import Prompt, ScoreRequest, Section

WORDS = re.compile(r"<\|\w+\|>|\n|\s?\w+|\W")
LABELS = ("positive", "very positive", "중립")


def likely(number: int) -> tuple[float, int]:
    return -(number % 7 + 1) / 8, 1 + number % 2


class Served:
    """Answers as vLLM 0.32 does: its own template, a token a word, log-probabilities of the prompt."""

    def __init__(self, words: re.Pattern[str] = WORDS) -> None:
        self.words, self.known = words, dict[str, int]()

    def ids(self, text: str) -> list[int]:
        return [self.known.setdefault(word, len(self.known)) for word in self.words.findall(text)]

    def text(self, body: dict[str, Any]) -> str:
        turns = [
            f"<|start|>{turn['role']}\n{turn['content']}<|end|>\n" for turn in body["messages"]
        ]
        if body["continue_final_message"]:
            turns[-1] = turns[-1].removesuffix("<|end|>\n")
        return "".join(turns) + "<|start|>assistant\n" * body["add_generation_prompt"]

    def __call__(self, number: int, body: dict[str, Any]) -> tuple[int, Any]:
        assert (body["max_tokens"], body["prompt_logprobs"]) == (1, 0)
        names, ids = self.words.findall(self.text(body)), self.ids(self.text(body))
        told = [
            {
                str(i): dict(zip(("logprob", "rank"), likely(i), strict=True))
                | {"decoded_token": name}
            }
            for i, name in zip(ids, names, strict=True)
        ]
        status, answer = said("x", finish="length")
        return status, answer | {"prompt_logprobs": [None, *told[1:]]}


def row(number: int = 0, labels: tuple[str, ...] = LABELS, *, ended: bool = False) -> ScoreRequest:
    prompt = Prompt((Section("instructions", "Label it."), Section("question", f"Up {number} %")))
    return ScoreRequest(str(number), prompt, labels, ended=ended)


def model(vendor: InventedVendor, journal: Path | None = None, **more: Any) -> EndpointModel:
    return EndpointModel(Endpoint("m", vendor.url, more), journal)


@pytest.mark.parametrize("ended", [False, True])
def test_the_tokens_of_each_continuation_are_summed_and_no_others(
    vendor: InventedVendor, ended: bool
) -> None:
    served = vendor.answer = Served()
    (found,) = model(vendor, max_completion_tokens=9).score([row(ended=ended)])
    for label, total, count, greedy in zip(
        LABELS, found.logprobs, found.n_tokens, found.is_greedy, strict=True
    ):
        about = [likely(i) for i in served.ids(label + "<|end|>" * ended)]
        assert (total, count) == (pytest.approx(sum(value for value, _ in about)), len(about))
        assert greedy == all(rank == 1 for _, rank in about)
    requests = 1 + len(LABELS) * (2 if ended else 1)
    assert (len(vendor.asked), found.usage.input_tokens) == (requests, 10 * requests)


def test_what_was_paid_is_not_asked_again(vendor: InventedVendor, tmp_path: Path) -> None:
    vendor.answer, journal = Served(), tmp_path / "responses.jsonl"
    first = list(model(vendor, journal).score(map(row, range(20))))
    assert len(vendor.asked) == 20 * (1 + len(LABELS))
    lines = read_lines(journal)
    journal.write_text("".join(json.dumps(line) + "\n" for line in lines[:-2]), encoding="utf-8")
    vendor.asked.clear()
    again = {each.id: each for each in model(vendor, journal).score(map(row, range(20)))}
    assert len(vendor.asked) == 2
    assert {each.id: each.logprobs for each in first} == {
        id_: each.logprobs for id_, each in again.items()
    }
    assert 17 < sum(each.replayed for each in again.values()) < 20
    text = journal.read_text(encoding="utf-8")
    assert '"scored": [[' in text and "decoded_token" not in text


REFUSED = {"error": {"message": "Unrecognized request argument supplied: prompt_logprobs"}}


@pytest.mark.parametrize("answer", [said(), (400, REFUSED)], ids=["ignored", "refused"])
def test_a_server_that_cannot_is_found_out_by_one_request(
    vendor: InventedVendor, tmp_path: Path, answer: Any
) -> None:
    vendor.answer = lambda n, body: answer
    asked = model(vendor, tmp_path / "responses.jsonl")
    with pytest.raises(UsageError, match=r"(?s)prompt_logprobs.*--readout generate"):
        list(asked.score(map(row, range(20))))
    assert len(vendor.asked) == 1
    assert asked.paid()[0].input_tokens == (10 if answer[0] == 200 else 0), "what was paid is lost"


class Closes(Served):
    """Knows no answer that is begun, and says nothing of it."""

    def text(self, body: dict[str, Any]) -> str:
        return super().text(
            {**body, "continue_final_message": False, "add_generation_prompt": True}
        )


class Thinks(Served):
    """Lets an answer begin with a thought that a given one doesn't have."""

    def text(self, body: dict[str, Any]) -> str:
        return super().text(body) + "<|think|>\n" * body["add_generation_prompt"]


MERGES = re.compile(r"<\|\w+\|>|\n\w+|\n|\s?\w+|\W")


@pytest.mark.parametrize(
    "served", [Closes(), Thinks(), Served(MERGES)], ids=["closes", "thinks", "merges"]
)
def test_a_boundary_that_is_not_found_is_refused(vendor: InventedVendor, served: Served) -> None:
    vendor.answer = served
    with pytest.raises(UsageError, match=r"(?s)tokens.*--readout generate"):
        list(model(vendor).score([row()]))


def test_labels_of_the_same_tokens_are_refused(vendor: InventedVendor) -> None:
    served = Served()
    served.ids = lambda text: [0 if w in ("up", "UP") else len(w) for w in WORDS.findall(text)]  # type: ignore[method-assign]
    vendor.answer = served
    with pytest.raises(DataError, match="same tokens"):
        list(model(vendor).score([row(labels=("up", "UP"))]))


def test_a_row_that_fails_carries_its_error(vendor: InventedVendor) -> None:
    served, long = Served(), {"error": {"message": "maximum input length is 10 tokens"}}

    def answer(number: int, body: dict[str, Any]) -> tuple[int, Any]:
        text = body["messages"][1]["content"]
        refused = {"Up 3 %": (422, {"error": "no"}), "Up 5 %": (400, long)}
        return refused.get(text) or served(number, body)

    vendor.answer = answer
    found = {each.id: each for each in model(vendor).score(map(row, range(8)))}
    assert [id_ for id_, each in sorted(found.items()) if each.error] == ["3", "5"]
    assert (found["3"].finish, found["5"].finish) == ("stop", "too_long")


@pytest.fixture
def config(vendor: InventedVendor, tmp_path: Path) -> Any:
    lines = [{"text": f"Up {n} %", "label": ("up", "down")[n % 2]} for n in range(12)]
    table = tmp_path / "rows.jsonl"
    table.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")

    def made(**more: Any) -> RunConfig:
        data = {"path": table, "input": "text", "target": "label", "split": "0/0/100"}
        return run_config(**{
            "strategy": "zero-shot", "data": data, "model": "endpoint:m", "base_url": vendor.url,
            "readout": "loglikelihood", "results": tmp_path / "results", **more,
        })  # fmt: skip

    return made


def test_a_run_is_read_off_likelihoods_and_estimated_by_label(
    vendor: InventedVendor, config: Any
) -> None:
    vendor.answer = Served()
    value = estimate(config(), show=3)
    assert value["output_tokens_at_most"] == 12 * 3, "the prompt, and one request a label"
    shown = [json.loads(each["body"]) for each in value["requests"]]
    assert [each["continue_final_message"] for each in shown] == [False, True, True]
    folder = run(config()).folder
    record = read_record(folder)
    assert (record.readout, len(vendor.asked)) == ("loglikelihood", 12 * 3)
    assert shown[0] in vendor.asked and shown[2] in vendor.asked
    for line in stored_predictions(folder, record):
        assert line["scores"].keys() == {"up", "down"}
        assert line["text"] == max(line["scores"], key=line["scores"].get)


def test_batches_are_refused_and_an_endpoint_writes_unless_told(config: Any) -> None:
    with pytest.raises(UsageError, match="--wait"):
        estimate(config(wait=True))
    assert estimate(config(readout="auto"))["readout"] == "generate"


@pytest.mark.slow
def test_a_real_server_without_them_says_so(real_server: str) -> None:
    url, _, name = real_server.partition("|")
    with pytest.raises(UsageError, match=r"(?s)can't say how likely.*--readout generate"):
        list(EndpointModel(Endpoint(name, url), None).score([row()]))
