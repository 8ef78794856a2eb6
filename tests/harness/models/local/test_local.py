from __future__ import annotations

import builtins
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from tiny_models import with_adapter  # noqa: E402

from harness.errors import DataError, MissingDependency, UsageError  # noqa: E402
from harness.models.local.model import LocalModel, load_local  # noqa: E402
from harness.models.local.sizes import architecture  # noqa: E402
from harness.models.sources.catalog import ModelFolder  # noqa: E402
from harness.types import GenRequest, ScoreRequest  # noqa: E402
from tests.harness.models.conftest import CPU  # noqa: E402


def test_the_record_names_the_model(tiny_llama: Path):
    info = load_local(ModelFolder(tiny_llama, "tiny", "abc", "random", "none"), device=CPU).info
    assert (info.name, info.digest, info.weights_origin, info.licence) == (
        "tiny",
        "abc",
        "random",
        "none",
    )
    assert info.chat
    assert (info.dtype, info.quantization) == ("float32", None)
    assert str(tiny_llama) not in json.dumps(info.as_dict())


def test_a_bare_folder_has_its_own_name(tiny_gemma3: Path):
    info = load_local(tiny_gemma3, device=CPU).info
    assert info.name == tiny_gemma3.name
    assert not info.chat


def test_sizes_are_counted_from_the_weights(tiny_llama: Path, tiny_gemma3: Path):
    llama = load_local(tiny_llama, device=CPU).info.architecture
    gemma = load_local(tiny_gemma3, device=CPU).info.architecture
    assert llama and gemma
    trunk = 2 * (2 * 64 * 64 + 2 * 64 * 32 + 3 * 64 * 128)
    assert llama.trunk_parameters == gemma.trunk_parameters == trunk
    assert llama.parameters == trunk + 2 * 600 * 64 + 5 * 64
    assert gemma.parameters == trunk + 600 * 64 + 2 * (4 * 64 + 2 * 16) + 64  # tied: once
    assert (llama.layers, llama.hidden, llama.kv_heads, llama.head_dim) == (2, 64, 2, 16)
    assert llama.vocabulary == gemma.vocabulary == 600


@pytest.mark.parametrize(("quantization", "dtype"), [("nf4", torch.uint8), ("int8", torch.int8)])
def test_quantised_weights_are_packed_and_answer(
    tiny_llama: Path, ask: Any, quantization: str, dtype: Any
):
    pytest.importorskip("bitsandbytes")
    plain = load_local(tiny_llama, device=CPU)
    packed = load_local(tiny_llama, device=CPU, quantization=quantization)
    assert packed.module.model.layers[0].self_attn.q_proj.weight.dtype == dtype
    assert packed.info.quantization == quantization
    assert packed.info.architecture == plain.info.architecture
    asked = [ScoreRequest(str(i), ask("up" * i), ("net profit", "net loss")) for i in (1, 2)]
    one, other = (next(iter(m.score(asked))).logprobs for m in (plain, packed))
    assert one != other
    assert one == pytest.approx(other, rel=0.5)
    assert next(iter(packed.generate([GenRequest("1", ask("q"), max_tokens=3)]))).text


def test_weights_that_stayed_unpacked_are_an_error(tiny_llama: Path, monkeypatch: Any):
    pytest.importorskip("bitsandbytes")
    from harness.models.local import model as local

    monkeypatch.setattr(local, "_bits_and_bytes", lambda quantization, device: None)
    with pytest.raises(MissingDependency, match="unpacked for nf4"):
        load_local(tiny_llama, device=CPU, quantization="nf4")


def test_missing_bitsandbytes_names_the_command(tiny_llama: Path, monkeypatch: Any):
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "bitsandbytes":
            raise ImportError("no bitsandbytes")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingDependency, match="pip install 'adaptbench\[local\]'"):
        load_local(tiny_llama, device=CPU, quantization="nf4")


def test_an_unknown_quantization_is_refused(tiny_llama: Path):
    with pytest.raises(UsageError, match="Did you mean 'nf4'"):
        load_local(tiny_llama, device=CPU, quantization="nf8")


def test_an_adapter_is_loaded_as_it_was_saved(fresh: LocalModel, tmp_path: Path, ask: Any):
    request = [ScoreRequest("1", ask("q"), ("net profit",))]
    folder = Path(fresh.module.config._name_or_path)
    plain = next(fresh.score(request)).logprobs
    fresh.module = with_adapter(fresh.module, "lora")
    trained = next(fresh.score(request)).logprobs
    fresh.module.save_pretrained(str(tmp_path / "adapter"))
    again = load_local(folder, device=CPU, adapter=tmp_path / "adapter")
    assert next(again.score(request)).logprobs == pytest.approx(trained, abs=1e-5)
    assert trained != plain
    assert again.info.architecture == fresh.info.architecture


def test_a_whole_trained_model_takes_the_weights_place(fresh: LocalModel, tmp_path: Path, ask: Any):
    request = [ScoreRequest("1", ask("q"), ("net profit",))]
    folder = Path(fresh.module.config._name_or_path)
    with torch.no_grad():
        for parameter in fresh.module.parameters():
            parameter.mul_(1.1)
    trained = next(fresh.score(request)).logprobs
    fresh.module.save_pretrained(str(tmp_path / "adapter"))
    again = load_local(folder, device=CPU, adapter=tmp_path / "adapter")
    assert next(again.score(request)).logprobs == pytest.approx(trained, abs=1e-5)
    head, table = again.module.get_output_embeddings(), again.module.get_input_embeddings()
    tied = head.weight.data_ptr() == table.weight.data_ptr()
    assert tied == again.module.config.tie_word_embeddings


def test_a_folder_without_adapter_is_refused(tiny_llama: Path, tmp_path: Path):
    with pytest.raises(DataError, match="holds no adapter"):
        load_local(tiny_llama, device=CPU, adapter=tmp_path)


def test_a_folder_that_is_no_model_is_refused(tiny_llama: Path, tmp_path: Path):
    with pytest.raises(DataError, match="no usable tokenizer"):
        load_local(tmp_path / "none", device=CPU)
    half = tmp_path / "half"
    shutil.copytree(tiny_llama, half)
    (half / "model.safetensors").unlink()
    with pytest.raises(DataError, match="can't be loaded"):
        load_local(half, device=CPU)


def test_loading_is_silent(tiny_llama: Path, capfd: pytest.CaptureFixture[str]):
    load_local(tiny_llama, device=CPU)
    assert capfd.readouterr() == ("", "")


def test_bfloat16_weights_answer(tiny_gemma3: Path, ask: Any):
    from harness.devices import Device

    model = load_local(tiny_gemma3, device=Device("cpu", dtype="bfloat16"))
    assert model.module.dtype == torch.bfloat16
    (scores,) = model.score([ScoreRequest("1", ask("q"), ("up", "down"))])
    assert all(value < 0 for value in scores.logprobs)


def test_the_count_is_what_the_model_reads(model: LocalModel, ask: Any):
    assert model.count_tokens(ask("q")) == len(model.encode(ask("q")).ids)
    assert model.count_tokens(ask("q", 3)) > model.count_tokens(ask("q", 0))


def test_attention_that_sdpa_cannot_cap_is_eager(tmp_path: Path):
    from harness.models.local.model import _attention

    (tmp_path / "config.json").write_text('{"attn_logit_softcapping": 50.0}')
    assert _attention(tmp_path) == "eager"
    assert _attention(tmp_path / "none") == "sdpa"


def test_architecture_of_a_model_with_position_embeddings():
    from transformers import GPT2Config, GPT2LMHeadModel

    sizes = architecture(
        GPT2LMHeadModel(GPT2Config(n_embd=16, n_layer=1, n_head=2, vocab_size=50, n_positions=8))
    )
    assert sizes.trunk_parameters == 12 * 16 * 16
    assert sizes.kv_heads == 2


def adapter(folder: Path, target: Path) -> Path:
    module = with_adapter(load_local(folder, device=CPU).module, "lora")
    module.save_pretrained(str(target))
    return target


def asked(ask: Any) -> tuple[list[GenRequest], list[ScoreRequest]]:
    questions = ["Revenue fell.", "육아 휴직 기간", "up"]
    return (
        [GenRequest(q, ask(q), max_tokens=6) for q in questions],
        [ScoreRequest(q, ask(q), ("positive", "negative")) for q in questions],
    )


@pytest.mark.parametrize("merge", [True, False])
def test_an_adapter_is_served_merged_or_beside(tiny_llama: Path, tmp_path: Path, merge: bool, ask):
    saved = adapter(tiny_llama, tmp_path / "adapter")
    model = load_local(tiny_llama, device=CPU, adapter=saved, merge=merge)
    assert model.info.adapter == ("merged" if merge else "beside")
    assert hasattr(model.module, "peft_config") != merge
    plain = load_local(tiny_llama, device=CPU)
    assert plain.info.adapter is None
    plain.module = with_adapter(plain.module, "lora")
    _, requests = asked(ask)
    expected = {scores.id: scores.logprobs for scores in plain.score(requests)}
    for scores in model.score(requests):
        assert scores.logprobs == pytest.approx(expected[scores.id], abs=1e-4)


def test_an_adapter_isnt_merged_into_few_bits(tiny_llama: Path, tmp_path: Path):
    saved = adapter(tiny_llama, tmp_path / "adapter")
    with pytest.raises(UsageError, match="rounded"):
        load_local(tiny_llama, device=CPU, adapter=saved, merge=True, quantization="nf4")


@pytest.mark.parametrize("folder", ["tiny_llama", "tiny_gemma3"])
@pytest.mark.parametrize("packs", [True, False])
def test_held_tokens_change_no_answer(request, folder: str, packs: bool, ask, monkeypatch: Any):
    if not packs:
        for place in ("generation", "scoring", "model"):
            monkeypatch.setattr(f"harness.models.local.{place}.can_pack", lambda module: False)
    model = load_local(request.getfixturevalue(folder), device=CPU)
    generated, scored = asked(ask)
    texts = {r.id: r.text for r in model.generate(generated)}
    logprobs = {r.id: r.logprobs for r in model.score(scored)}
    with model.holding([each.prompt for each in generated]) as held:
        assert held > 30
        for one in generated:
            (result,) = model.generate([one])
            assert result.text == texts[one.id]
            spent = result.usage.computed_tokens - result.usage.decode_steps
            assert spent == result.usage.input_tokens - held
        for each in scored:
            (scores,) = model.score([each])
            assert scores.logprobs == pytest.approx(logprobs[each.id], abs=1e-4)
            assert (scores.usage.computed_tokens < scores.usage.input_tokens) == packs
        (other,) = model.generate([GenRequest("x", ask("up", 0), max_tokens=3)])
        assert other.usage.computed_tokens >= other.usage.input_tokens
    assert model.prefix is None


def test_passes_are_counted(tiny_llama: Path, ask):
    model = load_local(tiny_llama, device=CPU)
    ran: list[int] = []
    generated, scored = asked(ask)
    for results in (model.generate(generated), model.score(scored)):
        ran.clear()
        handle = model.module.register_forward_pre_hook(lambda *_: ran.append(1))
        assert sum(result.usage.passes for result in results) == len(ran) > 0
        handle.remove()
    assert not model.module._forward_pre_hooks
