"""LoRA on each architecture: which layers it adapts, what it learns, and what is loaded again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from tiny_models import ARCHITECTURES, tiny_of  # noqa: E402

from harness import devices  # noqa: E402
from harness.errors import UsageError  # noqa: E402
from harness.models.local.fused_lora import fused_adapters  # noqa: E402
from harness.models.local.model import LocalModel, load_local  # noqa: E402
from harness.records.ledger import Ledger  # noqa: E402
from harness.training.loop import train  # noqa: E402
from harness.training.targets import adapted, choose  # noqa: E402
from harness.types import Prompt, Section  # noqa: E402
from strategies.lora import ALL_LINEAR, LoRA  # noqa: E402
from strategies.qlora import QLoRA  # noqa: E402

CPU = devices.select("cpu", "float32")
IDS = torch.tensor([[7, 12, 9, 30, 41, 17, 8, 5], [99, 200, 11, 15, 60, 44, 3, 80]])
# What the default stands for: all linear layers of the blocks.
DEFAULT = {
    "gpt2": ["c_attn", "c_proj", "c_fc"],
    "gpt_neox": ["query_key_value", "dense", "dense_h_to_4h", "dense_4h_to_h"],
    "phi3": ["o_proj", "qkv_proj", "gate_up_proj", "down_proj"],
} | dict.fromkeys(("mistral", "qwen2", "llama", "gemma3"), list(ALL_LINEAR))
CHOSEN = {
    "gpt2": "c_attn",
    "gpt_neox": "query_key_value",
    "phi3": "qkv_proj",
} | dict.fromkeys(("mistral", "qwen2", "llama", "gemma3"), "v_proj")


@pytest.fixture(scope="module", params=ARCHITECTURES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def folder(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_of(kind, tmp_path_factory.mktemp(kind))


def _fit(model: LocalModel, strategy: LoRA, room: Path) -> list[float]:
    """Trains with the loop that strategies use, and returns the losses of the steps."""
    rows = [
        model.encode(Prompt((Section("question", f"question {n}"),)), f"answer {n}")
        for n in range(4)
    ]
    losses: list[float] = []
    ledger = Ledger(room / "ledger.jsonl")
    with ledger.phase("train") as spend:
        train(
            model.module, rows, recipe=strategy.recipe(model), device=model.device.torch, seed=1,
            pad_id=model.pad_id, checkpoint_dir=room / "checkpoints", ledger=ledger, spend=spend,
            on_log=lambda line: losses.append(line.loss),
        )  # fmt: skip
    return losses


@torch.no_grad()
def _logits(model: LocalModel) -> Any:
    return model.module.eval()(input_ids=IDS).logits


def _settings(**values: Any) -> dict[str, Any]:
    return {
        "rank": 4, "max_steps": 3, "batch_size": 4, "accumulation": 1, "log_every": 1,
        "warmup_ratio": 0.0, "learning_rate": 0.01,
    } | values  # fmt: skip


@pytest.mark.parametrize("merge", [True, False])
def test_lora_learns_and_is_served_as_it_was_trained(
    kind: str, folder: Path, tmp_path: Path, merge: bool
) -> None:
    model = load_local(folder, device=CPU)
    before = _logits(model)
    strategy = LoRA(**_settings(merge=merge))
    assert strategy.notes(model) == ()
    strategy.attach(model)
    record = adapted(model.module)
    assert record["adapted_modules"] == dict.fromkeys(DEFAULT[kind], 2)
    assert sorted(str(record["adapted"]).removesuffix(" in 2 of 2 layers").split(", ")) == sorted(
        DEFAULT[kind]
    )
    losses = _fit(model, strategy, tmp_path)
    assert losses[-1] < losses[0]
    after = _logits(model)
    assert not torch.allclose(after, before, atol=1e-3)
    strategy.save(model, tmp_path / "adapter")
    again = load_local(folder, device=CPU, adapter=tmp_path / "adapter", merge=merge)
    assert torch.allclose(_logits(again), after, atol=2e-4, rtol=1e-3)


def test_qlora_learns_and_is_served_as_it_was_trained(
    kind: str, folder: Path, tmp_path: Path
) -> None:
    pytest.importorskip("bitsandbytes")
    model = load_local(folder, device=CPU, quantization="nf4")
    strategy = QLoRA(**_settings())
    strategy.attach(model)
    assert adapted(model.module)["adapted_modules"] == dict.fromkeys(DEFAULT[kind], 2)
    losses = _fit(model, strategy, tmp_path)
    assert losses[-1] < losses[0]
    after = _logits(model)
    strategy.save(model, tmp_path / "adapter")
    again = load_local(folder, device=CPU, quantization="nf4", adapter=tmp_path / "adapter")
    for layer in again.module.modules():
        if hasattr(layer, "support_avx512bf16_for_cpu"):
            layer.support_avx512bf16_for_cpu = False  # that kernel computes in 16 bits
    assert torch.allclose(_logits(again), after, atol=2e-3, rtol=1e-2)


def test_fusing_changes_no_gradient(kind: str, folder: Path) -> None:
    model = load_local(folder, device=CPU)
    LoRA(**_settings()).attach(model)
    module = model.module.eval()  # GPT-2 has dropout of its own
    for name, weight in module.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.1, generator=torch.Generator().manual_seed(0))

    def slopes() -> dict[str, Any]:
        module.zero_grad()
        module(input_ids=IDS).logits.logsumexp(-1).sum().backward()
        return {n: p.grad.clone() for n, p in module.named_parameters() if p.grad is not None}

    expected = slopes()
    with fused_adapters(module) as layers:
        assert (layers == 0) == (kind == "gpt2"), "Conv1D stays as peft has it"
        fused = slopes()
    assert fused.keys() == expected.keys() and len(fused) >= 12
    for name, value in expected.items():
        assert torch.allclose(fused[name], value, atol=1e-3, rtol=1e-3), name


def test_names_of_ones_own(kind: str, folder: Path) -> None:
    model = load_local(folder, device=CPU)
    strategy = LoRA(**_settings(targets=[CHOSEN[kind]]))
    assert strategy.notes(model) == ()
    strategy.attach(model)
    assert adapted(model.module)["adapted"] == f"{CHOSEN[kind]} in 2 of 2 layers"


def test_names_may_be_a_list_with_commas() -> None:
    assert LoRA(targets="q_proj, v_proj").targets == ("q_proj", "v_proj")
    assert QLoRA(targets="q_proj").targets == LoRA(targets=["q_proj"]).targets == ("q_proj",)


@pytest.mark.parametrize("name", ["q_prj", "mlp", "0", "proj"])
def test_names_that_no_layer_has_are_refused(kind: str, folder: Path, name: str) -> None:
    model = load_local(folder, device=CPU)
    strategy = LoRA(**_settings(targets=[name, "nothing"]))
    with pytest.raises(UsageError, match=f"no layer '{name}', 'nothing'") as caught:
        strategy.attach(model)
    assert all(name in str(caught.value) for name in DEFAULT[kind])


def test_names_of_which_only_some_are_there_are_said() -> None:
    import transformers

    config = transformers.AutoConfig.for_model(
        "phi3", vocab_size=40, hidden_size=16, intermediate_size=16, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=2, pad_token_id=0,
    )  # fmt: skip
    model = transformers.AutoModelForCausalLM.from_config(config)
    reference = QLoRA.presets["reference"]["targets"]
    chosen = choose(model, reference, ALL_LINEAR)
    assert chosen.names == ("o_proj",)
    (note,) = chosen.notes
    assert note == (
        "the model has no layer q_proj, k_proj, v_proj, gate_proj: only o_proj is adapted; "
        "it has o_proj, qkv_proj, gate_up_proj, down_proj"
    )


def _blocks(*layers: dict[str, Any]) -> Any:
    blocks = torch.nn.ModuleList(torch.nn.ModuleDict(layer) for layer in layers)
    return torch.nn.ModuleDict({"layers": blocks, "lm_head": torch.nn.Linear(4, 4)})


def _linear() -> Any:
    return torch.nn.Linear(4, 4)


def test_a_name_that_only_some_layers_have_is_said() -> None:
    module = _blocks(
        {"q_proj": _linear(), "gate": _linear()}, {"q_proj": _linear(), "gate": torch.nn.SiLU()}
    )
    chosen = choose(module, ["q_proj", "gate"], ALL_LINEAR)
    assert chosen.names == ("q_proj", "gate")
    assert chosen.notes == ("gate is in 1 of 2 layers only",)
    assert choose(module, ["layers.1.q_proj"], ALL_LINEAR).notes == (
        "layers.1.q_proj is in 1 of 2 layers only",
    )


def test_the_default_of_gemma_and_llama_is_as_it_was(tmp_path: Path) -> None:
    """Records of before stay what this code gives: the same modules, in the same order."""
    for kind in ("gemma3", "llama"):
        model = load_local(tiny_of(kind, tmp_path / kind), device=CPU)
        assert choose(model.module, LoRA().targets, ALL_LINEAR).names == ALL_LINEAR
        preset = QLoRA.presets["reference"]["targets"]
        chosen = choose(model.module, preset, ALL_LINEAR)
        assert chosen.names == preset and chosen.notes == ()


@pytest.mark.parametrize("name", ["lm_head", "embed_tokens"])
def test_a_tied_head_is_not_merged(tmp_path: Path, name: str) -> None:
    model = load_local(tiny_of("qwen2", tmp_path), device=CPU)
    with pytest.raises(UsageError, match=f"{name} can't be merged.*\n.*merge=false"):
        LoRA(**_settings(targets=[name])).attach(model)
    LoRA(**_settings(targets=[name], merge=False)).attach(model)
    assert adapted(model.module)["adapted"] == name


def test_an_untied_head_is(tmp_path: Path) -> None:
    model = load_local(tiny_of("llama", tmp_path), device=CPU)
    LoRA(**_settings(targets=["lm_head", "q_proj"])).attach(model)
    assert adapted(model.module)["adapted"] == "q_proj in 2 of 2 layers; lm_head"


def test_a_module_without_adapters_has_none_in_its_record() -> None:
    assert adapted(_blocks({"q_proj": _linear()})) == {}
