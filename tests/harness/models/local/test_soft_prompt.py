"""Learnt tokens before the text: the same numbers as peft's own, whatever runs together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
peft = pytest.importorskip("peft")

from tiny_models import tiny_gemma3, tiny_of, with_adapter  # noqa: E402

from harness import devices  # noqa: E402
from harness.errors import DataError, UsageError  # noqa: E402
from harness.models.local import generation, scoring  # noqa: E402
from harness.models.local.model import LocalModel, load_local  # noqa: E402
from harness.models.local.soft_prompt import (  # noqa: E402
    Learnt,
    learnt_ids,
    put_learnt,
    refuse_wrapped,
    save_learnt,
    soft_prompt,
)
from harness.models.local.tiny import tiny_llama  # noqa: E402
from harness.types import GenRequest, Prompt, ScoreRequest, Section  # noqa: E402

CPU = devices.select("cpu", "float32")
KINDS = ("prompt", "prefix")
LABELS = ("positive", "negative", "net profit", "net loss")


@pytest.fixture(scope="module", params=["llama", pytest.param("gemma3", marks=pytest.mark.slow)])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    room = tmp_path_factory.mktemp(request.param)
    return tiny_llama(room) if request.param == "llama" else tiny_gemma3(room)


@pytest.fixture
def saved(folder: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A folder that peft wrote."""
    wrapped = with_adapter(load_local(folder, device=CPU).module, request.param)
    for weight in wrapped.prompt_encoder.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    wrapped.save_pretrained(str(tmp_path / "adapter"))
    return tmp_path / "adapter"


def _prompt(number: int) -> Prompt:
    text = "Question: is the policy holder covered? " + "Revenue fell. " * number
    return Prompt((Section("instructions", "Answer briefly."), Section("question", text)))


@torch.no_grad()
def _by_peft(module: Any, ids: list[int]) -> Any:
    return module(input_ids=torch.tensor([ids])).logits[0, -len(ids) :].log_softmax(-1)


@pytest.mark.parametrize("saved", KINDS, indirect=True)
def test_scores_are_those_of_peft(folder: Path, saved: Path, monkeypatch: Any):
    model = load_local(folder, device=CPU, adapter=saved)
    theirs = peft.PeftModel.from_pretrained(
        load_local(folder, device=CPU).module, str(saved)
    ).eval()
    asked = [ScoreRequest(str(n), _prompt(n), LABELS) for n in range(5)]
    together = {scores.id: scores for scores in model.score(asked)}
    for request in asked:
        for number, label in enumerate(LABELS):
            encoded = model.encode(request.prompt, label, end=False)
            text, start = encoded.ids[5:], encoded.prompt_length - 5
            read = _by_peft(theirs, text)
            expected = sum(float(read[at - 1, text[at]]) for at in range(start, len(text)))
            assert together[request.id].logprobs[number] == pytest.approx(expected, abs=2e-4)
    monkeypatch.setitem(scoring.TOKEN_BUDGET, "cpu", 1)
    for alone in model.score(asked):
        assert alone.logprobs == pytest.approx(together[alone.id].logprobs, abs=2e-4)


@pytest.mark.parametrize("saved", KINDS, indirect=True)
def test_texts_are_those_of_peft(folder: Path, saved: Path, monkeypatch: Any):
    model = load_local(folder, device=CPU, adapter=saved)
    theirs = peft.PeftModel.from_pretrained(
        load_local(folder, device=CPU).module, str(saved)
    ).eval()
    asked = [GenRequest(str(n), _prompt(n), (), 6) for n in range(5)]
    texts = {each.id: each.text for each in model.generate(asked)}
    for request in asked:
        ids = model.encode(request.prompt).ids[5:]
        new: list[int] = []
        while len(new) < 6 and not (new and new[-1] in model.end_ids):
            new.append(int(_by_peft(theirs, ids + new)[-1].argmax()))
        expected = model.tokenizer.decode(new, skip_special_tokens=True).strip()
        assert texts[request.id] == expected
    monkeypatch.setitem(generation.BATCH_ROWS, "cpu", 1)
    assert {each.id: each.text for each in model.generate(asked)} == texts


@pytest.mark.parametrize("saved", KINDS, indirect=True)
def test_learnt_tokens_are_computed_and_no_input(folder: Path, saved: Path):
    plain, soft = load_local(folder, device=CPU), load_local(folder, device=CPU, adapter=saved)
    request = [ScoreRequest("0", _prompt(1), LABELS)]
    (without,), (usage,) = plain.score(request), soft.score(request)
    assert usage.usage.input_tokens == without.usage.input_tokens
    assert usage.usage.computed_tokens == without.usage.computed_tokens + 5
    several = [ScoreRequest(str(n), _prompt(n), LABELS) for n in range(4)]
    more = sum(s.usage.computed_tokens for s in soft.score(several))
    assert more - sum(s.usage.computed_tokens for s in plain.score(several)) == 5  # once for all
    (text,) = soft.generate([GenRequest("0", _prompt(1), (), 2)])
    assert text.usage.input_tokens == without.usage.input_tokens
    # The window knows them, also where bytes alone say that a text fits.
    assert soft.window.needed(_prompt(60)) == plain.window.needed(_prompt(60), tokens=5)


@pytest.mark.parametrize("saved", KINDS, indirect=True)
def test_a_prefix_that_is_held_changes_no_number(folder: Path, saved: Path):
    model = load_local(folder, device=CPU, adapter=saved)
    asked = [ScoreRequest(str(n), _prompt(n), LABELS) for n in range(3)]
    expected = {scores.id: scores.logprobs for scores in model.score(asked)}
    session = model.session()
    for request in asked:
        (scores,) = session.score([request])
        assert scores.logprobs == pytest.approx(expected[request.id], abs=2e-4)
    with model.holding([request.prompt for request in asked]) as length:
        assert length > 5
        for request in asked:
            (scores,) = model.score([request])
            assert scores.logprobs == pytest.approx(expected[request.id], abs=2e-4)
            assert scores.usage.computed_tokens < scores.usage.input_tokens


def test_written_tokens_are_read_by_peft_and_by_us(folder: Path, tmp_path: Path):
    model = load_local(folder, device=CPU)
    before = {name: weight.clone() for name, weight in model.module.named_parameters()}
    torch.manual_seed(0)
    put_learnt(model.module, Learnt(torch.randn(4, 64)), 4)
    assert [name for name, each in model.module.named_parameters() if each.requires_grad] == [
        "model.embed_tokens.source.weight"
    ]
    config = peft.PromptTuningConfig(num_virtual_tokens=4, token_dim=64, task_type="CAUSAL_LM")
    tmp_path.mkdir(exist_ok=True)
    save_learnt(model.module, tmp_path, config)
    again = load_local(folder, device=CPU, adapter=tmp_path)
    assert soft_prompt(again.module).source.weight.equal(soft_prompt(model.module).source.weight)
    theirs = peft.PeftModel.from_pretrained(load_local(folder, device=CPU).module, str(tmp_path))
    ids = [7, 12, 9, 30]
    ours = again.module(input_ids=torch.tensor([learnt_ids(again.module) + ids])).logits
    torch.testing.assert_close(ours[0, 4:].log_softmax(-1), _by_peft(theirs.eval(), ids))
    for name, weight in again.module.named_parameters():
        if name in before:
            assert weight.equal(before[name])


def test_what_cannot_be_is_refused(folder: Path, tmp_path: Path):
    config = peft.PromptTuningConfig(num_virtual_tokens=4, token_dim=64, task_type="CAUSAL_LM")
    model = load_local(folder, device=CPU)
    put_learnt(model.module, Learnt(torch.randn(4, 32)), 4)  # of a narrower model
    save_learnt(model.module, tmp_path, config)
    with pytest.raises(DataError, match="don't fit this model"):
        load_local(folder, device=CPU, adapter=tmp_path)
    with pytest.raises(UsageError, match="PROMPT_TUNING"):
        refuse_wrapped(with_adapter(load_local(folder, device=CPU).module, "prompt"))
    gpt2 = load_local(tiny_of("gpt2", tmp_path / "gpt2"), device=CPU)
    with pytest.raises(UsageError, match="positions aren't rotary"):
        put_learnt(gpt2.module, Learnt(torch.randn(4, 256)), 4, (4, 16))
    keyed = load_local(folder, device=CPU)
    put_learnt(keyed.module, Learnt(torch.randn(4, 128)), 4, (2, 16))
    with pytest.raises(NotImplementedError, match="packs alone"):
        keyed.module(input_ids=torch.tensor([[600, 5]]))


def test_other_architectures_take_learnt_vectors(tmp_path: Path):
    torch.manual_seed(0)
    gpt2 = load_local(tiny_of("gpt2", tmp_path), device=CPU)
    put_learnt(gpt2.module, Learnt(torch.randn(4, 64)), 4)
    model = LocalModel(gpt2.module, gpt2.tokenizer, CPU, gpt2.info)
    asked = [ScoreRequest(str(n), _prompt(n), LABELS) for n in range(3)]
    for scores in model.score(asked):
        (alone,) = model.score([asked[int(scores.id)]])
        assert alone.logprobs == pytest.approx(scores.logprobs, abs=1e-4)
