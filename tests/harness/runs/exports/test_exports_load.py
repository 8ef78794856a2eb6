from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")

import torch
import transformers
from safetensors.torch import load_file

from harness.errors import UsageError
from harness.models.sources.cache import sha256_of
from harness.models.sources.gguf import convert
from harness.records.predictions import stored_predictions
from harness.records.reading import read_metrics, read_record
from harness.runs.exports import export
from harness.runs.exports.commands import serve_commands
from harness.runs.exports.weights import weights_of
from tests.two_labels import STEPS, run_of_two_labels, write_two_labels


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    write_two_labels(folder, 20)
    return folder


def scores(folder: Path) -> dict[str, dict[str, float]]:
    lines = stored_predictions(folder, read_record(folder))
    return {line["id"]: line["scores"] for line in lines}


def logits(model: Any, tokenizer: Any) -> torch.Tensor:
    given = tokenizer("Text: profit rose in unit 3", return_tensors="pt")
    with torch.no_grad():
        found: torch.Tensor = model.eval()(input_ids=given.input_ids).logits
    return found


def test_merged_weights_answer_as_the_run_did(room: Path, tiny_llama_base: Path) -> None:
    for strategy in ("lora", "full-finetune"):
        folder = run_of_two_labels(room, tiny_llama_base, strategy, set=STEPS)
        out = room / f"{strategy}-merged"
        manifest = export(folder, "merged", out, model=str(tiny_llama_base))
        again = run_of_two_labels(room, out, "zero-shot")
        plain = scores(run_of_two_labels(room, tiny_llama_base, "zero-shot"))
        for id_, given in scores(folder).items():
            assert scores(again)[id_] == pytest.approx(given, abs=2e-4)
            assert plain[id_] != pytest.approx(given, abs=1e-2)
        assert {"model.safetensors", "tokenizer.json", "generation_config.json"} <= set(
            manifest["files"]
        )
        for name, file in manifest["files"].items():
            assert file["sha256"] == sha256_of(out / name)
        assert str(room) not in "".join(path.read_text() for path in out.glob("*.json"))
    assert manifest["quality"]["metric"] == "macro_f1" or manifest["quality"]["value"] is not None


def test_plain_libraries_load_what_was_exported(room: Path, tiny_llama_base: Path) -> None:
    import peft

    folder = run_of_two_labels(room, tiny_llama_base, "lora", set=STEPS)
    merged, adapter = room / "plain-merged", room / "plain-peft"
    export(folder, "merged", merged, model=str(tiny_llama_base))
    manifest = export(folder, "peft", adapter, model=str(tiny_llama_base))
    whole = transformers.AutoModelForCausalLM.from_pretrained(str(merged))
    base = transformers.AutoModelForCausalLM.from_pretrained(str(tiny_llama_base))
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(adapter))
    before = logits(base, tokenizer)
    beside = logits(peft.PeftModel.from_pretrained(base, str(adapter)), tokenizer)
    torch.testing.assert_close(logits(whole, tokenizer), beside, atol=1e-4, rtol=1e-4)
    assert (before - beside).abs().max() > 0.01
    kept = json.loads((adapter / "adapter_config.json").read_text())
    assert kept["base_model_name_or_path"] == tiny_llama_base.name == manifest["model"]["name"]
    pytest.importorskip("lm_eval")
    from lm_eval.models.huggingface import HFLM

    from harness.runs.lm_eval.tasks import library

    with library():
        lm = HFLM(str(merged), device="cpu", dtype="float32")
    assert (logits(lm.model, tokenizer) - beside).abs().max() < 1e-4


def test_learnt_tokens_are_exported_as_they_are(
    room: Path, tiny_llama_base: Path, tmp_path: Path
) -> None:
    import peft

    given = {name: value for name, value in STEPS.items() if name != "learning_rate"}
    folder = run_of_two_labels(room, tiny_llama_base, "prompt-tuning", set=given | {"tokens": 4})
    with pytest.raises(UsageError, match="can't be added to the weights"):
        export(folder, "merged", tmp_path / "merged", model=str(tiny_llama_base))
    export(folder, "peft", tmp_path / "peft", model=str(tiny_llama_base))
    base = transformers.AutoModelForCausalLM.from_pretrained(str(tiny_llama_base))
    found = peft.PeftModel.from_pretrained(base, str(tmp_path / "peft"))
    assert found.active_peft_config.num_virtual_tokens == 4


def test_figures_are_read_by_lm_eval(room: Path, tiny_llama_base: Path) -> None:
    lm_utils = pytest.importorskip("lm_eval.utils")
    folder, out = run_of_two_labels(room, tiny_llama_base, "zero-shot"), room / "figures"
    export(folder, "lm-eval", out)
    (file,), (samples,) = out.glob("results_*.json"), out.glob("samples_*.jsonl")
    found, metrics = json.loads(file.read_text()), read_metrics(folder)
    assert metrics is not None
    values = found["results"]["rows"]
    assert values["accuracy,none"] == metrics.metrics["accuracy"].value
    assert values["accuracy_stderr,none"] > 0 or values["accuracy,none"] in (0, 1)
    assert "|accuracy" in lm_utils.make_table(found).replace(" ", "")
    lines = [json.loads(line) for line in samples.read_text().splitlines()]
    assert len(lines) == found["n-samples"]["rows"]["effective"] == metrics.n
    assert lm_utils.get_results_filenames([str(each) for each in out.iterdir()]) == [str(file)]


def test_what_cannot_be_exported_is_said(room: Path, tiny_llama_base: Path, tmp_path: Path) -> None:
    zero = run_of_two_labels(room, tiny_llama_base, "zero-shot")
    counted = run_of_two_labels(room, tiny_llama_base, "majority")
    lora = run_of_two_labels(room, tiny_llama_base, "lora", set=STEPS)
    full = run_of_two_labels(room, tiny_llama_base, "full-finetune", set=STEPS)
    beside = run_of_two_labels(room, tiny_llama_base, "adapter", set=STEPS)
    cases = (
        (zero, "merged", None, "no weights of its own: zero-shot"),
        (counted, "merged", None, "no weights of a language model"),
        (full, "peft", str(tiny_llama_base), "trained a whole model"),
        (beside, "peft", str(tiny_llama_base), "an adapter that peft doesn't know"),
        (beside, "merged", str(tiny_llama_base), "can't be added to the weights"),
        (lora, "merged", None, "the model of .* isn't here"),
        (lora, "merged", str(full.parent / "artifacts"), "isn't here|isn't the model"),
        (lora, "gguf", None, "the model of .* isn't here"),
        (zero, "peft", None, "no weights of its own: zero-shot"),
        (lora, "onnx", None, "there is no export to 'onnx'"),
    )
    for folder, kind, model, words in cases:
        with pytest.raises(UsageError, match=words):
            export(folder, kind, tmp_path / "out", model=model)
        assert not (tmp_path / "out").exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(UsageError, match="isn't empty"):
        export(lora, "merged", tmp_path / "full")


def test_what_a_server_serves_is_the_model_that_answered(
    room: Path, tiny_llama_base: Path, tmp_path: Path
) -> None:
    folder, model = (
        run_of_two_labels(room, tiny_llama_base, "lora", set=STEPS),
        str(tiny_llama_base),
    )
    served, file = tmp_path / "tuned", tmp_path / "file"
    manifest = export(folder, "vllm", served, model=model)
    again = scores(run_of_two_labels(room, served, "zero-shot"))
    for id_, given in scores(folder).items():
        assert again[id_] == pytest.approx(given, abs=2e-4)
    command, check, measure = serve_commands(folder, manifest, served)
    assert f"vllm serve {served} --served-model-name tuned --dtype float32" in command
    assert f"--max-model-len {manifest['context']}" in command and manifest["context"] == 512
    assert check == "curl http://127.0.0.1:8000/v1/models"
    assert measure == f"harness run --from {folder.name} --as vllm"

    manifest = export(folder, "gguf", file, model=model, type_="f32")
    (name,) = manifest["files"]
    assert name == f"{tiny_llama_base.name}-f32.gguf"
    assert manifest["tokens"].startswith(("9 texts have the same", "not compared: Install"))
    assert manifest["tensors"] == {"f32": 21}
    assert [path.name for path in tmp_path.iterdir()].count("file") == 1
    assert len(list(tmp_path.iterdir())) == 2, "what was written on the way is gone"
    back = tmp_path / "back"
    back.mkdir()
    convert(file / name, back)
    whole = load_file(served / "model.safetensors")
    for key, tensor in load_file(back / "model.safetensors").items():
        assert torch.equal(tensor, whole[key].bfloat16()), key
    command, *_ = serve_commands(folder, manifest, file)
    assert command.startswith(f"llama-server -m {file / name} --alias {name[:-5]} -c 2048 ")
    with pytest.raises(UsageError, match="--type is of GGUF files"):
        export(folder, "vllm", tmp_path / "no", model=model, type_="q8_0")
    with pytest.raises(UsageError, match="no type 'q5_0'"):
        export(folder, "gguf", tmp_path / "no", model=model, type_="q5_0")


def test_a_model_as_it_is_can_be_served(room: Path, tiny_llama_base: Path, tmp_path: Path) -> None:
    folder = run_of_two_labels(room, tiny_llama_base, "zero-shot")
    manifest = export(folder, "vllm", tmp_path / "plain", model=str(tiny_llama_base))
    assert scores(run_of_two_labels(room, tmp_path / "plain", "zero-shot")) == scores(folder)
    assert manifest["model"]["name"] == tiny_llama_base.name


def test_weights_beside_quantised_ones_are_merged_only_if_asked_for(
    room: Path, tiny_llama_base: Path, tmp_path: Path
) -> None:
    pytest.importorskip("bitsandbytes")
    folder = run_of_two_labels(room, tiny_llama_base, "qlora", set=STEPS)
    found = weights_of(folder)
    assert found.kind == "peft" and found.base is None
    model = str(tiny_llama_base)
    for kind in ("merged", "vllm", "gguf"):
        with pytest.raises(UsageError, match="trained beside nf4 weights") as caught:
            export(folder, kind, tmp_path / "out", model=model)
        assert "--merge-quantised" in caught.value.hint
        assert not (tmp_path / "out").exists()
    manifest = export(folder, "merged", tmp_path / "out", model=model, merge_quantised=True)
    assert manifest["differs"].startswith("it answered with nf4 weights")
    plain, given = (scores(run_of_two_labels(room, each, "zero-shot")) for each in (
        tiny_llama_base, tmp_path / "out",
    ))  # fmt: skip
    for id_, own in scores(folder).items():
        assert given[id_] == pytest.approx(own, rel=0.01)
    assert (
        max(abs(plain[id_][key] - own[key]) for id_, own in scores(folder).items() for key in own)
        > 0.1
    )
