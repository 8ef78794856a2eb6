from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from tiny_models import with_adapter  # noqa: E402

from harness.models.local.forward import common_prefix, keeps_keys, selected_logits  # noqa: E402
from harness.models.local.model import LocalModel  # noqa: E402

ROWS, COLUMNS = torch.tensor([0, 1, 1, 2]), torch.tensor([39, 3, 29, 10])


def batch() -> tuple[Any, Any]:
    torch.manual_seed(0)
    mask = torch.ones(3, 40, dtype=torch.long)
    mask[1, 30:] = 0
    return torch.randint(5, 500, (3, 40)), mask


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("kind", ["none", "lora", "head"])
def test_logits_are_those_of_the_whole_pass(fresh: LocalModel, kind: str, masked: bool):
    module = fresh.module if kind == "none" else with_adapter(fresh.module, kind)
    ids, mask = batch()
    given = mask if masked else None
    whole = module(input_ids=ids, attention_mask=given).logits
    found = selected_logits(module, ids, given, ROWS, COLUMNS)
    torch.testing.assert_close(found, whole[ROWS, COLUMNS], atol=1e-5, rtol=0)


@pytest.mark.parametrize("kind", ["none", "lora"])
def test_gradients_are_those_of_the_whole_pass(fresh: LocalModel, kind: str):
    module = fresh.module if kind == "none" else with_adapter(fresh.module, kind)
    ids, mask = batch()

    def gradients(logits: Any) -> list[Any]:
        module.zero_grad()
        logits.logsumexp(-1).sum().backward()
        return [p.grad.clone() for p in module.parameters() if p.grad is not None]

    whole = gradients(module(input_ids=ids, attention_mask=mask).logits[ROWS, COLUMNS])
    found = gradients(selected_logits(module, ids, mask, ROWS, COLUMNS))
    assert len(whole) == len(found) > 0
    for one, other in zip(found, whole, strict=True):
        torch.testing.assert_close(one, other, atol=1e-3, rtol=1e-3)


def test_scaled_logits_stay_scaled():
    from transformers import CohereConfig, CohereForCausalLM, GraniteConfig, GraniteForCausalLM

    sizes = {
        "vocab_size": 600,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
    }
    ids, mask = batch()
    for model in (
        GraniteForCausalLM(GraniteConfig(**sizes, logits_scaling=4.0)),
        CohereForCausalLM(CohereConfig(**sizes, logit_scale=0.25)),
    ):
        whole = model.eval()(ids, attention_mask=mask).logits
        found = selected_logits(model, ids, mask, ROWS, COLUMNS)
        torch.testing.assert_close(found, whole[ROWS, COLUMNS], atol=1e-5, rtol=0)


def test_the_head_sees_the_chosen_positions_only(fresh: LocalModel):
    seen = []
    head = fresh.module.get_output_embeddings()
    handle = head.register_forward_hook(lambda layer, inputs, output: seen.append(output.shape))
    ids, mask = batch()
    selected_logits(fresh.module, ids, mask, ROWS, COLUMNS)
    handle.remove()
    assert seen == [(1, 4, 600)]
    assert not head._forward_pre_hooks


def test_a_recurrent_model_is_recognised():
    from transformers import LlamaConfig, LlamaForCausalLM

    sizes = {"vocab_size": 8, "hidden_size": 8, "intermediate_size": 8, "num_attention_heads": 1}
    model = LlamaForCausalLM(LlamaConfig(**sizes, num_hidden_layers=1))
    assert keeps_keys(model)
    model.config.layer_types = ["linear_attention"]
    assert not keeps_keys(model)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([[1, 2, 3], [1, 2], [1, 2, 4]], [1, 2]),
        ([[1], [2]], []),
        ([[1, 2]], [1, 2]),
        ([[], [1]], []),
    ],
)
def test_common_prefix(rows: list[list[int]], expected: list[int]):
    assert common_prefix(rows) == expected
