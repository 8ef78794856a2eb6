from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from tiny_models import with_adapter  # noqa: E402

from harness.devices import Device  # noqa: E402
from harness.errors import UsageError  # noqa: E402
from harness.models.local import decoding, forward, generation  # noqa: E402
from harness.models.local.model import LocalModel, load_local  # noqa: E402
from harness.types import Generation, GenRequest, Prompt, Sampling, Section  # noqa: E402

QUESTIONS = [
    "Revenue fell.",
    "지급 보험금은 어떻게 계산합니까?",
    "The claim was denied because the premium had not been paid for three months. " * 2,
    "up",
    "육아 휴직 기간",
]


@pytest.fixture(params=["packed", "padded"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How a batch is run: in packs, or as models that can't be packed need it."""
    if request.param == "padded":
        monkeypatch.setattr(generation, "can_pack", lambda module: False)
    return str(request.param)


def requests(ask: Any, *, examples: int = 2, **options: Any) -> list[GenRequest]:
    return [
        GenRequest(str(i), ask(q, examples), **{"max_tokens": 12, **options})
        for i, q in enumerate(QUESTIONS)
    ]


def by_id(model: LocalModel, asked: list[GenRequest]) -> dict[str, Generation]:
    found = {result.id: result for result in model.generate(asked)}
    assert set(found) == {request.id for request in asked}
    return found


@torch.no_grad()
def reference(model: LocalModel, request: GenRequest) -> list[int]:
    """The greedy tokens of transformers' own generate()."""
    ids = model.encode(request.prompt).ids
    module = model.module
    output = module.generate(
        input_ids=torch.tensor([ids]),
        attention_mask=torch.ones(1, len(ids), dtype=torch.long),
        do_sample=False,
        max_new_tokens=request.max_tokens,
        eos_token_id=sorted(model.end_ids),
        pad_token_id=model.pad_id,
    )
    return output[0, len(ids) :].tolist()


def same(model: LocalModel, asked: list[GenRequest]) -> dict[str, Generation]:
    found = by_id(model, asked)
    for request in asked:
        tokens = reference(model, request)
        text = model.tokenizer.decode(tokens, skip_special_tokens=True).strip()
        assert found[request.id].text == text
        assert found[request.id].usage.output_tokens == len(tokens)
        ended = tokens[-1] in model.end_ids
        assert found[request.id].finish == ("stop" if ended else "length")
    return found


@pytest.mark.parametrize("examples", [0, 3])
def test_greedy_text_is_that_of_transformers(model: LocalModel, way: str, ask: Any, examples: int):
    # With three examples the prompt is longer than Gemma's window of 24 tokens, and 40 new
    # tokens leave it even without.
    same(model, requests(ask, examples=examples, max_tokens=40))


def test_rows_may_ask_for_different_lengths(model: LocalModel, way: str, ask: Any):
    asked = [replace(r, max_tokens=3 + 9 * i) for i, r in enumerate(requests(ask))]
    same(model, asked)


def test_without_a_shared_prefix(model: LocalModel, way: str, ask: Any, monkeypatch: Any):
    monkeypatch.setattr(forward, "MIN_SHARED", 10_000)
    same(model, requests(ask))


def test_a_model_that_cannot_be_batched(model: LocalModel, ask: Any, monkeypatch: Any):
    monkeypatch.setattr(generation, "can_pack", lambda module: False)
    for place in (forward, generation, decoding):
        monkeypatch.setattr(place, "keeps_keys", lambda module: False)
    same(model, requests(ask))


def test_an_adapter(fresh: LocalModel, ask: Any):
    fresh.module = with_adapter(fresh.module, "lora")
    same(fresh, requests(ask))


def test_4_bit_weights(tiny_llama: Path, way: str, ask: Any):
    model = load_local(tiny_llama, device=Device("cpu", 0, "", "float32"), quantization="nf4")
    model.module = with_adapter(model.module, "lora")
    same(model, requests(ask))


def test_what_begins_alike_is_held_once(model: LocalModel, ask: Any, monkeypatch: Any):
    stores = []
    made = decoding.KVCache.__init__

    def noted(self: Any, *given: Any) -> None:
        made(self, *given)
        stores.append(self)

    monkeypatch.setattr(decoding.KVCache, "__init__", noted)
    asked = requests(ask)
    by_id(model, asked)
    shared, rows = stores
    longest = max(model.count_tokens(request.prompt) for request in asked)
    assert shared.columns > 30
    assert rows.columns <= longest - shared.columns + 32


def test_end_tokens_end_a_row_early(model: LocalModel, way: str, ask: Any):
    asked = requests(ask)
    third = reference(model, asked[0])[2]
    before, model.end_ids = model.end_ids, model.end_ids | {third}
    try:
        found = same(model, asked)
    finally:
        model.end_ids = before
    assert found["0"].finish == "stop"
    assert found["0"].usage.output_tokens <= 3


def test_a_stop_string_ends_the_text_before_it(model: LocalModel, ask: Any):
    asked = requests(ask)
    plain = by_id(model, asked)["0"].text
    stop = plain[4:6]
    found = by_id(model, [replace(asked[0], stop=(stop, "never"))])["0"]
    assert found.text == plain[: plain.index(stop)].strip()
    assert found.finish == "stop"
    assert found.usage.output_tokens < 12


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_stop_is_found_wherever_tokens_end(model: LocalModel, ask: Any, length: int):
    request = requests(ask, max_tokens=24)[0]
    text = by_id(model, [request])["0"].text
    stops = {text[at : at + length] for at in range(1, len(text) - length)}
    # Half a character isn't text yet, and blanks at either end are stripped.
    stops = {stop for stop in stops if "\ufffd" not in stop and stop.strip() == stop}
    found = by_id(model, [replace(request, id=stop, stop=(stop,)) for stop in sorted(stops)])
    assert found
    for stop, result in found.items():
        assert result.text == text[: text.index(stop)].strip()
        assert result.usage.output_tokens < 24 or result.finish == "stop"


def test_the_earliest_stop_wins(model: LocalModel, ask: Any):
    request = requests(ask)[0]
    plain = by_id(model, [request])["0"].text
    found = by_id(model, [replace(request, stop=(plain[5], plain[1]))])["0"]
    assert found.text == plain[: min(plain.index(plain[5]), plain.index(plain[1]))].strip()


def test_a_finished_row_leaves_the_batch(model: LocalModel, way: str, ask: Any):
    asked = requests(ask)
    asked[2] = replace(asked[2], max_tokens=30)
    found = by_id(model, asked)
    steps = sum(result.usage.decode_steps for result in found.values())
    assert steps == max(result.usage.output_tokens for result in found.values()) - 1
    assert sum(1 for result in found.values() if result.usage.decode_steps) == 1
    for request in asked:
        usage = found[request.id].usage
        assert usage.input_tokens == model.count_tokens(request.prompt)
        assert usage.scored_positions == usage.output_tokens


def test_computed_positions_add_up(model: LocalModel, way: str, ask: Any):
    ran = []
    handle = model.module.register_forward_pre_hook(
        lambda module, args, kwargs: ran.append(kwargs["input_ids"].numel()), with_kwargs=True
    )
    found = by_id(model, requests(ask))
    handle.remove()
    assert sum(result.usage.computed_tokens for result in found.values()) == sum(ran)


def test_sampling_repeats_and_is_each_requests_own(model: LocalModel, way: str, ask: Any):
    hot = Sampling(temperature=1.5, seed=3)
    asked = requests(ask, sampling=hot)
    first = by_id(model, asked)
    alone = {request.id: by_id(model, [request])[request.id] for request in asked}
    assert {i: r.text for i, r in first.items()} == {i: r.text for i, r in alone.items()}
    other = by_id(model, [replace(r, sampling=replace(hot, seed=4)) for r in asked])
    assert [first[i].text for i in first] != [other[i].text for i in first]
    twins = by_id(model, [replace(asked[0], id="a"), replace(asked[0], id="b")])
    assert twins["a"].text != twins["b"].text


def test_a_tiny_nucleus_is_greedy(model: LocalModel, ask: Any):
    narrow = requests(ask, sampling=Sampling(temperature=1.0, top_p=1e-6))
    greedy = by_id(model, requests(ask))
    assert {i: r.text for i, r in by_id(model, narrow).items()} == {
        i: r.text for i, r in greedy.items()
    }


def test_the_nucleus_keeps_what_reaches_top_p():
    logits = torch.tensor([0.5, 0.3, 0.2]).log()
    generator = torch.Generator().manual_seed(0)
    drawn = {generation._sample(logits, Sampling(1.0, 0.6), generator) for _ in range(200)}
    assert drawn == {0, 1}


def test_memory_that_runs_out_halves_the_batch(
    model: LocalModel, way: str, ask: Any, monkeypatch: Any
):
    expected = {i: r.text for i, r in by_id(model, requests(ask)).items()}
    step = generation._Batch._step

    def scarce(self: Any, tokens: list[int]) -> Any:
        if len(tokens) > 2:
            raise torch.OutOfMemoryError("out of memory")
        return step(self, tokens)

    monkeypatch.setattr(generation._Batch, "_step", scarce)
    found = by_id(model, requests(ask))
    assert {i: r.text for i, r in found.items()} == expected
    assert all(r.usage.output_tokens == r.usage.scored_positions for r in found.values())


def test_batches_keep_to_their_limits(model: LocalModel, ask: Any):
    rows = [generation._row(model, i, r) for i, r in enumerate(requests(ask))]
    batches = list(generation.plan(rows, 2, 10**6))
    assert [len(batch) for batch in batches] == [2, 2, 1]
    assert batches[0][0].index == 2  # the longest
    assert [len(batch) for batch in generation.plan(rows, 9, 1)] == [1] * 5


def test_a_prompt_longer_than_the_context_is_refused(model: LocalModel):
    prompt = Prompt((Section("question", "net profit " * 600),))
    with pytest.raises(UsageError, match=r"Request r7 takes \d+ tokens, .* reads 512"):
        list(model.generate([GenRequest("r7", prompt)]))


def test_nothing_to_generate(model: LocalModel):
    assert list(model.generate([])) == []


@torch.no_grad()
def test_confidence_is_the_geometric_mean_of_the_tokens_probabilities(
    model: LocalModel, way: str, ask: Any
):
    asked = [replace(r, max_tokens=3 + 2 * i) for i, r in enumerate(requests(ask))]
    wanted = [replace(r, confidence=i != 1) for i, r in enumerate(asked)]
    found, plain = by_id(model, wanted), by_id(model, asked)
    for request in wanted:
        result = found[request.id]
        assert replace(result, confidence=None).text == plain[request.id].text
        assert plain[request.id].confidence is None
        if not request.confidence:
            assert result.confidence is None
            continue
        prompt, tokens = model.encode(request.prompt).ids, reference(model, request)
        logits = model.module(input_ids=torch.tensor([prompt + tokens])).logits[0].float()
        given = logits[len(prompt) - 1 : -1].log_softmax(-1)
        right = given[range(len(tokens)), tokens].mean().exp().item()
        assert result.confidence == pytest.approx(right, abs=2e-4)
        alone = by_id(model, [request])[request.id].confidence
        assert alone == pytest.approx(right, abs=2e-4)
