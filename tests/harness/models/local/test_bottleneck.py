"""Bottleneck adapters: in each architecture, trained, saved, loaded, packed and generated with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from tiny_models import ARCHITECTURES, tiny_of  # noqa: E402

from harness import devices  # noqa: E402
from harness.costs.memory import TrainingSetup, activation_bytes  # noqa: E402
from harness.errors import DataError, UsageError  # noqa: E402
from harness.models.local.bottleneck import Bottleneck, attach_bottlenecks  # noqa: E402
from harness.models.local.fused_mlp import FusedMlps  # noqa: E402
from harness.models.local.model import LocalModel, load_local  # noqa: E402
from harness.models.local.tiny import tiny_llama  # noqa: E402
from harness.training.targets import adapted  # noqa: E402
from harness.types import GenRequest, Prompt, ScoreRequest, Section  # noqa: E402
from strategies.adapter import Adapter  # noqa: E402

CPU = devices.select("cpu", "float32")
IDS = torch.tensor([[7, 12, 9, 30, 41, 17, 8, 5], [99, 200, 11, 15, 60, 44, 3, 80]])
SHARED = "Is the policy holder covered when the insured vehicle is stolen abroad, number"
HOUSLBY = Adapter(reduction=4)


def _prompt(text: str) -> Prompt:
    return Prompt((Section("question", text),))


def _logits(model: LocalModel) -> Any:
    with torch.no_grad():
        return model.module(input_ids=IDS).logits


def _shaken(model: LocalModel) -> None:
    """Gives all adapters random weights, as a training would."""
    torch.manual_seed(3)
    for layer in model.module.modules():
        if isinstance(layer, Bottleneck):
            torch.nn.init.normal_(layer.up.weight, std=0.3)
            torch.nn.init.normal_(layer.up.bias, std=0.1)


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_llama(tmp_path_factory.mktemp("llama"))


@pytest.fixture(scope="module")
def trained(llama: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    model = load_local(llama, device=CPU)
    HOUSLBY.attach(model)
    _shaken(model)
    folder = tmp_path_factory.mktemp("adapter")
    HOUSLBY.save(model, folder)
    return folder


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("kind", ["houlsby", "pfeiffer"])
def test_each_architecture_gets_adapters_that_are_saved_and_loaded(architecture, kind, tmp_path):
    strategy = Adapter(kind=kind, reduction=4)
    model = load_local(tiny_of(architecture, tmp_path / "model"), device=CPU)
    frozen = {name: weight.clone() for name, weight in model.module.state_dict().items()}
    before = _logits(model)
    strategy.attach(model)
    assert torch.equal(before, _logits(model)), "what was just attached changes nothing"
    per_block = 2 if kind == "houlsby" else 1
    layers = [each for each in model.module.modules() if isinstance(each, Bottleneck)]
    assert len(layers) == per_block * model.module.config.num_hidden_layers
    learning = [each for each in model.module.parameters() if each.requires_grad]
    assert sum(each.numel() for each in learning) == strategy.workload().trainable(
        model.info.architecture
    )
    assert f"in {len(layers) // per_block} of" in str(adapted(model.module)["adapted"])

    _shaken(model)
    after = _logits(model)
    assert not torch.allclose(before, after, atol=1e-2)
    strategy.save(model, tmp_path / "adapter")
    again = load_local(tmp_path / "model", device=CPU, adapter=tmp_path / "adapter", merge=False)
    assert again.info.adapter == "beside"
    torch.testing.assert_close(_logits(again), after)
    own = again.module.state_dict()
    assert all(torch.equal(own[name], weight) for name, weight in frozen.items())


def test_gradients_reach_every_adapter_and_nothing_else(llama):
    model = load_local(llama, device=CPU)
    HOUSLBY.attach(model)
    _shaken(model)
    model.module(input_ids=IDS, labels=IDS).loss.backward()
    for name, weight in model.module.named_parameters():
        assert (weight.grad is not None) == ("_adapter." in name), name
        assert weight.grad is None or weight.grad.abs().sum() > 0, name


def test_what_computes_in_16_bits_gets_adapters_in_32(llama):
    model = load_local(llama, device=devices.select("cpu", "bfloat16"))
    HOUSLBY.attach(model)
    learning = {each.dtype for each in model.module.parameters() if each.requires_grad}
    assert learning == {torch.float32}
    assert _logits(model).dtype == torch.bfloat16


def test_packs_and_batches_of_any_size_give_what_one_text_alone_gives(llama, trained):
    model = load_local(llama, device=CPU, adapter=trained)
    assert not model.unshared
    requests = [
        ScoreRequest(str(n), _prompt(f"{SHARED} {n}?"), (" Yes", " No", " Yes, theft"))
        for n in range(9)
    ]
    together = {each.id: each.logprobs for each in model.score(requests)}
    for request in requests:
        (alone,) = model.score([request])
        assert together[request.id] == pytest.approx(alone.logprobs, abs=1e-4)
        ids = model.encode(request.prompt, " Yes", end=False)
        with torch.no_grad():
            logits = model.module(input_ids=torch.tensor([ids.ids])).logits[0].log_softmax(-1)
        plain = sum(logits[at - 1, ids.ids[at]] for at in range(ids.prompt_length, len(ids.ids)))
        assert together[request.id][0] == pytest.approx(float(plain), abs=1e-4)


def test_generation_in_a_batch_is_what_it_is_alone(llama, trained):
    model = load_local(llama, device=CPU, adapter=trained)
    bare = load_local(llama, device=CPU)
    requests = [GenRequest(str(n), _prompt(f"{SHARED} {n}?"), max_tokens=6) for n in range(5)]
    together = {each.id: each.text for each in model.generate(requests)}
    assert together == {r.id: next(model.generate([r])).text for r in requests}
    assert together != {each.id: each.text for each in bare.generate(requests)}


def test_blocks_stay_fused_under_adapters(llama, trained):
    plain, model = load_local(llama, device=CPU), load_local(llama, device=CPU, adapter=trained)
    assert len(FusedMlps(model.module)) == len(FusedMlps(plain.module))
    expected = _logits(model)
    with FusedMlps(model.module).fused():
        torch.testing.assert_close(_logits(model), expected)


def test_blocks_that_cannot_be_found_are_named(llama):
    model = load_local(llama, device=CPU)
    for block in model.module.model.layers:
        block.forward_layer = block.mlp
        del block.mlp
    with pytest.raises(UsageError, match="a block has self_attn, .*forward_layer") as error:
        attach_bottlenecks(model.module, "houlsby", 16, "relu")
    assert "lora" in error.value.hint


@pytest.mark.parametrize("damage", ["json", "weights", "other"])
def test_a_damaged_or_foreign_adapter_is_refused(llama, trained, tmp_path, damage):
    for file in trained.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config, weights = tmp_path / "bottleneck.json", tmp_path / "bottleneck.safetensors"
    if damage == "json":
        config.write_text('{"kind": "sideways", "reduction": 4, "activation": "relu"}')
    elif damage == "weights":
        weights.write_bytes(weights.read_bytes()[:100])
    else:
        config.write_text(config.read_text().replace('"reduction": 4', '"reduction": 8'))
    with pytest.raises(DataError, match="adapter"):
        load_local(llama, device=CPU, adapter=tmp_path)


def test_a_folder_without_an_adapter_names_what_it_lacks(llama, tmp_path):
    with pytest.raises(DataError) as error:
        load_local(llama, device=CPU, adapter=tmp_path)
    assert "adapter_config.json or bottleneck.json" in error.value.hint


def test_an_adapter_keeps_what_the_layer_before_it_gives(llama):
    sizes = load_local(llama, device=CPU).info.architecture
    each = {
        targets: activation_bytes(sizes, TrainingSetup(method="adapters", targets=targets))
        for targets in ((), ("down_proj",), ("o_proj", "down_proj"))
    }
    none, one, two = each.values()
    assert one - none == two - one == 2 * sizes.hidden * sizes.layers
