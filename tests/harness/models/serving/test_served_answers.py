"""The same model in process and behind each server: the same answers, the same tokens."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from harness import devices
from harness.cli import app
from harness.models.endpoint import Endpoint, EndpointModel
from harness.models.local.model import LocalModel, load_local
from harness.models.serving import Served
from harness.models.sources.fetch import resolve
from harness.types import GenRequest, Prompt, Section
from tests.documents import commands

pytestmark = [pytest.mark.slow, pytest.mark.model]

QUESTIONS = (
    "What is the capital of France?",
    "Name three colours.",
    "Is a loan an asset of the bank that gives it? Answer yes or no.",
    "What does an insurer pay after a claim?",
    "Say the word blue.",
    "How many days has a week?",
)
ROUNDED = {"llama.cpp": 0.4}  # 8 bits a weight: how far apart two tokens may lie, in logits
EXACT = 1e-3  # float32


def asked() -> list[GenRequest]:
    told = Section("instructions", "Answer in a few words.")
    return [
        GenRequest(str(n), Prompt((told, Section("question", question))), max_tokens=12)
        for n, question in enumerate(QUESTIONS)
    ]


@pytest.fixture(scope="module")
def local(real_folder: Path) -> LocalModel:
    return load_local(resolve(str(real_folder)), device=devices.select("cpu", "float32"))


def gap(local: LocalModel, request: GenRequest, mine: str, theirs: str) -> float:
    """How much likelier our token was where two answers part, in logits."""
    own, other = (local.encoder.encode(request.prompt, text).ids for text in (mine, theirs))
    at = next(n for n, (a, b) in enumerate(zip(own, other, strict=False)) if a != b)
    with torch.inference_mode():
        logits = local.module(input_ids=torch.tensor([own[:at]])).logits[0, -1]
    return float(logits[own[at]] - logits[other[at]])


def test_a_server_gives_the_answers_and_counts_the_tokens_of_the_model_in_process(
    served: Served, local: LocalModel
) -> None:
    requests = asked()
    model = EndpointModel(Endpoint(served.name, served.base_url), None)
    theirs = {each.id: each for each in model.generate(requests)}
    ours = {each.id: each for each in local.generate(requests)}
    alike = 0
    for request in requests:
        mine, its = ours[request.id], theirs[request.id]
        assert its.usage.input_tokens == mine.usage.input_tokens
        if mine.text == its.text:
            alike += 1
            assert its.usage.output_tokens == mine.usage.output_tokens, (mine, its)
        else:
            limit = ROUNDED.get(served.program, EXACT)
            assert abs(gap(local, request, mine.text, its.text)) < limit, (mine.text, its.text)
    assert alike >= (3 if served.program in ROUNDED else len(requests) - 1)


def test_version_memory_and_time_of_a_server_are_known(served: Served) -> None:
    assert any(mark.isdigit() for mark in served.version)
    assert 150 * 2**20 < served.peak_bytes() < 8 * 2**30
    assert served.processor_seconds() > 0.5


def test_the_command_of_the_page_on_servers_runs_against_each(
    served: Served, tmp_path: Path
) -> None:
    (line,) = [each for each in commands("docs/servers.md") if each.startswith("harness run")]
    given = line.replace("NAME", served.name).replace("http://127.0.0.1:8000/v1", served.base_url)
    words = [*shlex.split(given)[1:], "--results", str(tmp_path), "--json"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["status"] == "finished"
    assert found["ledger"]["serve"]["tokens"]["output_tokens"] >= found["n"] > 0
