"""Weights that oneDNN laid out give the same numbers, and none that have changed since."""

from __future__ import annotations

import gc

import pytest

torch = pytest.importorskip("torch")

from harness.devices import cpu_has_bf16, select  # noqa: E402
from harness.models.local import laid_out  # noqa: E402
from harness.models.local.forward import inference_mode  # noqa: E402
from harness.models.local.model import load_local  # noqa: E402
from harness.types import GenRequest, Prompt, Section  # noqa: E402

pytestmark = pytest.mark.skipif(not cpu_has_bf16(), reason="a CPU without bfloat16")
IDS = torch.tensor([[7, 12, 9, 30, 41, 17, 8, 5], [99, 200, 11, 15, 60, 44, 3, 80]])


@pytest.fixture
def model(tiny_llama, monkeypatch):
    monkeypatch.setattr(laid_out, "SMALLEST", 1)
    return load_local(tiny_llama, device=select("cpu", "bfloat16"))


def _logits(module):
    with inference_mode(module):
        return module(input_ids=IDS).logits


def test_all_layers_give_the_same_numbers(model):
    expected = _logits(model.module)
    kept = laid_out.laid_out(model.module)
    layers = [m for m in model.module.modules() if type(m) is torch.nn.Linear]
    assert len(kept) == len(layers)
    assert torch.equal(_logits(model.module), expected)
    assert not any("forward" in vars(layer) for layer in layers)


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (33, 17), (16, 100)], ids=str)
def test_a_layer_of_any_shape_and_view(shape):
    generator = torch.Generator().manual_seed(0)
    layer = torch.nn.Linear(*shape, dtype=torch.bfloat16)
    inputs = torch.randn(2, shape[0], 6, generator=generator).bfloat16().transpose(1, 2)
    weight = torch.ops.mkldnn._reorder_linear_weight(layer.weight.detach())
    forward = laid_out._product(weight, layer.bias)
    with torch.no_grad():
        for given in (inputs, inputs[:, :1], inputs[:0], inputs.reshape(-1, shape[0])):
            # A bias may be added before or after rounding to bfloat16.
            torch.testing.assert_close(forward(given), layer(given), atol=0.01, rtol=0.01)


def test_they_are_used_while_somebody_keeps_them(model):
    kept = laid_out.laid_out(model.module)
    assert laid_out.laid_out(model.module) is kept
    del kept
    gc.collect()
    assert laid_out.current(model.module) is None


def test_changed_weights_are_never_answered_from_a_copy(model):
    kept = laid_out.laid_out(model.module)
    before = _logits(model.module)
    with torch.no_grad():
        for weight in model.module.parameters():
            weight.mul_(1.5)
    after = _logits(model.module)
    assert len(kept) and laid_out.current(model.module) is None
    assert not torch.allclose(after, before)
    assert torch.equal(_logits(model.module), after)
    assert laid_out.laid_out(model.module) is not kept
    assert torch.equal(_logits(model.module), after)


def test_they_are_left_where_memory_is_short(model, monkeypatch):
    monkeypatch.setattr(laid_out, "free_memory_bytes", lambda device: 1000)
    assert not len(laid_out.laid_out(model.module))


def test_float32_and_gradients_stay_as_they_are(tiny_llama, model):
    plain = load_local(tiny_llama, device=select("cpu", "float32"))
    assert not len(laid_out.laid_out(plain.module))
    kept = laid_out.laid_out(model.module)
    model.module(input_ids=IDS).logits.sum().backward()
    assert len(kept) and all(
        p.grad is not None for n, p in model.module.named_parameters() if "proj" in n
    )


def test_a_session_that_writes_keeps_them_and_lets_go(model):
    prompt = Prompt((Section("question", "Is the premium due?"),))
    requests = [GenRequest("0", prompt, max_tokens=20)]
    (expected,) = model.generate(requests)
    session = model.session()
    assert laid_out.current(model.module) is None
    session = model.session(writes=True)
    kept = laid_out.current(model.module)
    assert kept is not None
    assert [each.text for each in model.generate(requests)] == [expected.text]
    assert laid_out.current(model.module) is kept
    del session, kept
    gc.collect()
    assert laid_out.current(model.module) is None
