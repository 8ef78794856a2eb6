from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from tiny_models import with_adapter  # noqa: E402

from harness.models.local import attention  # noqa: E402
from harness.models.local.attention import attend, causal_bias  # noqa: E402
from harness.models.local.model import LocalModel  # noqa: E402
from harness.models.local.packed_rows import KVCache, pack  # noqa: E402
from harness.models.local.packing import can_pack, packing  # noqa: E402

SHARED = [7, 12, 9, 30, 41, 17, 8, 5, 99, 200]
RESTS = [[11, 15, 60], [44], [80, 81, 82, 83, 84, 85, 86], [11, 15, 61]]


@pytest.fixture(params=[2**22, 0], ids=["kept", "fused"])
def both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Attention that keeps its weights, and torch's own."""
    monkeypatch.setattr(attention, "KEPT", request.param)
    yield


def rows(repeat: int = 1) -> list[list[int]]:
    return [SHARED * repeat + rest for rest in RESTS]


def apart(module: Any, row: list[int]) -> torch.Tensor:
    return module(input_ids=torch.tensor([row])).logits[0]


def together(module: Any, given: list[list[int]], prefix: int) -> Any:
    packed = pack(given, prefix, torch.device("cpu"))
    with packing(module):
        out = module(
            input_ids=packed.ids, position_ids=packed.positions, pack=packed, use_cache=False
        )
    return packed, out.logits[0]


@pytest.mark.parametrize("repeat", [1, 3])  # 30 tokens are more than Gemma's window of 24
@pytest.mark.parametrize("shared", [True, False])
def test_packed_rows_have_the_logits_that_they_have_apart(
    model: LocalModel, both_ways: None, repeat: int, shared: bool
):
    given = rows(repeat)
    prefix = len(SHARED) * repeat if shared else 0
    packed, logits = together(model.module, given, prefix)
    assert packed.ids.numel() == prefix + sum(len(row) - prefix for row in given)
    for number, row in enumerate(given):
        expected = apart(model.module, row)
        for column in range(prefix, len(row)):
            found = logits[packed.index(number, column)]
            assert torch.allclose(found, expected[column], atol=2e-4, rtol=1e-4)


@pytest.mark.parametrize("shared", [True, False])
def test_gradients_are_those_of_the_rows_apart(fresh: LocalModel, both_ways: None, shared: bool):
    module, given = fresh.module.train(), rows(3)
    weights = dict(module.named_parameters())

    def gradients(loss: torch.Tensor) -> dict[str, torch.Tensor]:
        module.zero_grad()
        loss.backward()
        return {name: weight.grad.clone() for name, weight in weights.items()}

    expected = gradients(sum(apart(module, row)[-1].logsumexp(-1) for row in given))
    packed, logits = together(module, given, len(SHARED) * 3 if shared else 0)
    ends = [packed.index(number, len(row) - 1) for number, row in enumerate(given)]
    found = gradients(logits[ends].logsumexp(-1).sum())
    for name, value in expected.items():
        close = torch.allclose(found[name], value, atol=1e-5, rtol=1e-3)
        assert close, f"{name}: {(found[name] - value).abs().max()}"


def test_nothing_leaks_from_row_to_row(model: LocalModel):
    one, other = rows(), rows()
    other[2] = SHARED + [301, 302, 303, 304, 305, 306, 307]
    (packed, before), (_, after) = (together(model.module, each, 10) for each in (one, other))
    for number, row in enumerate(one):
        place = packed.index(number, len(row) - 1)
        assert torch.equal(before[place], after[place]) == (number != 2)


def test_recomputed_activations_give_the_same_gradients(fresh: LocalModel):
    fresh.module = with_adapter(fresh.module, "lora").train()
    base = fresh.module.get_base_model()
    found = []
    for recompute in (False, True):
        if recompute:
            base.gradient_checkpointing_enable({"use_reentrant": False})
            base.enable_input_require_grads()
        fresh.module.zero_grad()
        packed = pack(rows(), 10, torch.device("cpu"))
        with packing(fresh.module):
            fresh.module(
                input_ids=packed.ids, position_ids=packed.positions, pack=packed, use_cache=False
            ).logits.logsumexp(-1).sum().backward()
        found.append([p.grad.clone() for p in fresh.module.parameters() if p.grad is not None])
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(*found, strict=True))


def test_rows_that_are_read_on_see_what_was_read(model: LocalModel, both_ways: None):
    device, module = torch.device("cpu"), model.module
    before = KVCache()
    store = KVCache()
    given, prefix = rows(3), len(SHARED) * 3
    with packing(module), torch.no_grad():
        first = pack([given[0][:prefix]], 0, device, store=before)
        module(input_ids=first.ids, position_ids=first.positions, pack=first, use_cache=False)
        store = KVCache(before)
        starts = [prefix] * len(given)
        rests = [row[prefix:] for row in given]
        read = pack(rests, 0, device, starts=starts, store=store)
        module(input_ids=read.ids, position_ids=read.positions, pack=read, use_cache=False)
        kept = torch.tensor([0, 2, 3])
        store.keep(kept)
        given = [given[i] for i in kept]
        for token in (19, 300, 22):
            longest = max(map(len, given))
            store.reserve(longest + 1 - prefix)
            step = pack([[token]] * 3, 0, device, starts=[len(row) for row in given], store=store)
            given = [[*row, token] for row in given]
            logits = module(
                input_ids=step.ids, position_ids=step.positions, pack=step, use_cache=False
            ).logits[0]
    for row, found in zip(given, logits, strict=True):
        assert torch.allclose(found, apart(module, row)[-1], atol=2e-4, rtol=1e-4)


def test_attention_has_the_right_derivatives(both_ways: None):
    torch.manual_seed(0)
    sizes = {"queries": (2, 3, 4, 5), "keys": (2, 2, 3, 5), "values": (2, 2, 3, 5)}
    given = [torch.randn(size, dtype=torch.float64, requires_grad=True) for size in sizes.values()]
    shared = [torch.randn(2, 4, 5, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    bias = causal_bias(torch.arange(4, 7)[None], 7, 5)

    def run(q: Any, k: Any, v: Any, sk: Any, sv: Any) -> torch.Tensor:
        return attend(q, (k, v), (sk, sv), bias, 0.3)

    assert torch.autograd.gradcheck(run, (*given, *shared))


def test_a_copy_of_its_keys_for_each_head_is_the_same_attention():
    """As CUDA's fused kernels want it."""
    torch.manual_seed(0)
    queries, keys = torch.randn(2, 6, 5, 8), torch.randn(2, 2, 5, 8)
    sdpa = torch.nn.functional.scaled_dot_product_attention
    mask = causal_bias(torch.arange(5)[None], 5, 3)[:, None]
    shared = sdpa(queries, keys, keys.exp(), attn_mask=mask, enable_gqa=True)
    own = (attention._a_copy_each(each, 6) for each in (keys, keys.exp()))
    assert torch.allclose(sdpa(queries, *own, attn_mask=mask), shared, atol=1e-6)


def test_the_mask_knows_order_and_window():
    seen = causal_bias(torch.tensor([[2, 3], [4, 5]]), 6, 3) == 0
    assert seen[0].int().tolist() == [[1, 1, 1, 0, 0, 0], [0, 1, 1, 1, 0, 0]]
    assert seen[1].int().tolist() == [[0, 0, 1, 1, 1, 0], [0, 0, 0, 1, 1, 1]]


def test_who_can_be_packed(fresh: LocalModel):
    assert can_pack(fresh.module)
    assert can_pack(with_adapter(fresh.module, "lora"))
    fresh.module.config.attention_dropout = 0.1
    assert not can_pack(fresh.module)


def test_the_models_own_attention_comes_back(model: LocalModel):
    with packing(model.module):
        assert model.module.config._attn_implementation != "sdpa"
    assert model.module.config._attn_implementation == "sdpa"
