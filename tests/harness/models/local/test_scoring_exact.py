from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny_models import with_adapter

from harness.devices import Device
from harness.models.local import scoring
from harness.models.local.model import LocalModel, load_local
from harness.types import Prompt, ScoreRequest, Section
from tests.harness.models.local.naive import agrees, naive

CPU = Device("cpu", 0, "", "float32")
SETTINGS = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
WORDS = ["profit", "the claim", "복직", "net", "12.5", "denied,", "육아 휴직", "a", "\n", "?"]
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map(" ".join)
passages = st.sampled_from(["", "지급 보험금은 손해액에서 자기부담금을 뺀다. " * 3, "Up 8 %. " * 9])
instructions = st.sampled_from(["", "Answer the question.", "Positive or negative? " * 4])
options = st.lists(
    st.lists(st.sampled_from(WORDS[:-2]), min_size=1, max_size=5).map(" ".join),
    min_size=1,
    max_size=5,
    unique=True,
)


@st.composite
def prompts(draw: st.DrawFn) -> Prompt:
    sections = [Section("instructions", draw(instructions)), Section("passage", draw(passages))]
    kept = [section for section in sections if section.text]
    return Prompt((*kept, Section("question", draw(texts))))


asked = st.lists(st.tuples(prompts(), options), min_size=1, max_size=6)
budgets = st.integers(1, 300)


def llama(folder: Callable[[str], Path]) -> LocalModel:
    return load_local(folder("tiny_llama"), device=CPU)


def gemma(folder: Callable[[str], Path]) -> LocalModel:
    return load_local(folder("tiny_gemma3"), device=CPU)


def four_bit(folder: Callable[[str], Path]) -> LocalModel:
    pytest.importorskip("bitsandbytes")
    model = load_local(folder("tiny_llama_base"), device=CPU, quantization="nf4")
    for layer in model.module.modules():
        if hasattr(layer, "support_avx512bf16_for_cpu"):
            layer.support_avx512bf16_for_cpu = False  # that kernel computes in 16 bits
    return model


def adapted(kind: str) -> Callable[[Callable[[str], Path]], LocalModel]:
    def make(folder: Callable[[str], Path]) -> LocalModel:
        model = gemma(folder)
        model.module = with_adapter(model.module, kind)
        return model

    return make


def merged(folder: Callable[[str], Path]) -> LocalModel:
    model = adapted("lora")(folder)
    model.module = model.module.merge_and_unload()
    return model


MODELS: dict[str, Any] = {
    "llama": llama,
    "gemma3": gemma,
    "nf4": four_bit,
    "lora": adapted("lora"),
    "merged": merged,
}


@pytest.fixture(scope="module", params=MODELS)
def exact(request: pytest.FixtureRequest) -> LocalModel:
    return MODELS[request.param](request.getfixturevalue)


@SETTINGS
@given(asked=asked, budget=budgets)
def test_scores_are_those_of_one_forward_pass_each(
    exact: LocalModel, asked: list[tuple[Prompt, list[str]]], budget: int
):
    requests = [
        ScoreRequest(str(number), prompt, tuple(options))
        for number, (prompt, options) in enumerate(asked)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(scoring.TOKEN_BUDGET, "cpu", budget)
        found = {scores.id: scores for scores in exact.score(requests)}
    assert set(found) == {request.id for request in requests}
    for request in requests:
        agrees(found[request.id], naive(exact, request))


@pytest.mark.slow
@SETTINGS
@given(lists=st.lists(asked, min_size=2, max_size=3))
def test_a_session_gives_each_list_what_it_gets_alone(
    exact: LocalModel, lists: list[list[tuple[Prompt, list[str]]]]
):
    session = exact.session()
    for asked in lists:
        requests = [
            ScoreRequest(str(number), prompt, tuple(options))
            for number, (prompt, options) in enumerate(asked)
        ]
        for scores in session.score(requests):
            agrees(scores, naive(exact, requests[int(scores.id)]))
