from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
peft = pytest.importorskip("peft")

from harness import devices  # noqa: E402
from harness.models.local.fused_lora import fused_adapters  # noqa: E402
from harness.models.local.model import load_local  # noqa: E402

IDS = torch.tensor([[7, 12, 9, 30, 41, 17, 8, 5], [99, 200, 11, 15, 60, 44, 3, 80]])


@pytest.fixture(params=[None, "nf4"])
def quantization(request: pytest.FixtureRequest) -> Iterator[str | None]:
    yield request.param


def adapted(folder: Path, quantization: str | None = None, **options: Any) -> Any:
    module = load_local(
        folder, device=devices.select("cpu", "float32"), quantization=quantization
    ).module
    module.requires_grad_(False)
    torch.manual_seed(0)
    config = peft.LoraConfig(
        r=4,
        lora_alpha=6,
        target_modules=["q_proj", "v_proj", "down_proj"],
        init_lora_weights=False,
        task_type="CAUSAL_LM",
        **options,
    )
    return peft.get_peft_model(module, config).train()


def gradients(module: Any) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    module.zero_grad()
    logits = module(input_ids=IDS).logits
    logits.logsumexp(-1).sum().backward()
    return logits, {n: p.grad.clone() for n, p in module.named_parameters() if p.grad is not None}


def test_it_is_what_peft_computes(tiny_llama: Path, quantization: str | None):
    module = adapted(tiny_llama, quantization)
    expected, slopes = gradients(module)
    with fused_adapters(module) as layers:
        found, fused = gradients(module)
    assert layers == 6
    assert torch.allclose(found, expected, atol=2e-4)
    assert fused.keys() == slopes.keys() and len(fused) == 12
    for name, value in slopes.items():
        assert torch.allclose(fused[name], value, atol=1e-4, rtol=1e-3), name


def test_weights_stay_packed(tiny_llama: Path):
    module = adapted(tiny_llama, "nf4")
    with fused_adapters(module):
        gradients(module)
        module.eval()
        with torch.no_grad():
            module(input_ids=IDS)
    kinds = {
        layer.base_layer.weight.dtype for layer in module.modules() if hasattr(layer, "lora_A")
    }
    assert kinds == {torch.uint8}


def test_it_computes_in_the_type_of_the_model(tiny_llama: Path):
    module = adapted(tiny_llama).to(torch.bfloat16)
    for name, weight in module.named_parameters():
        if "lora_" in name:
            weight.data = weight.data.float()
    expected, slopes = gradients(module)
    with fused_adapters(module):
        found, fused = gradients(module)
    assert found.dtype == torch.bfloat16
    assert torch.allclose(found.float(), expected.float(), atol=1.0, rtol=0.1)
    for name, value in slopes.items():
        assert fused[name].dtype == torch.float32
        assert torch.cosine_similarity(fused[name].flatten(), value.flatten(), 0) > 0.99


@pytest.mark.parametrize(
    "options", [{"lora_dropout": 0.1}, {"use_dora": True}, {"lora_bias": True, "bias": "none"}]
)
def test_other_kinds_stay_as_peft_has_them(tiny_llama: Path, options: dict[str, Any]):
    module = adapted(tiny_llama, **options)
    with fused_adapters(module) as layers:
        gradients(module)
    assert layers == 0


def test_afterwards_all_is_as_before(tiny_llama: Path):
    module = adapted(tiny_llama)
    with fused_adapters(module):
        pass
    assert not any("forward" in vars(layer) for layer in module.modules())


def test_a_model_without_adapters(tiny_llama: Path):
    module = load_local(tiny_llama, device=devices.select("cpu", "float32")).module
    with fused_adapters(module) as layers:
        assert layers == 0
