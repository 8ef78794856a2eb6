"""The forms in which a trained model is deployed: each a record of its own beside the run."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")

import torch
from safetensors.torch import load_file

from harness import devices
from harness.analysis.compare import compare_runs
from harness.analysis.configurations import configurations_of
from harness.analysis.summary import understated
from harness.analysis.trials import read_trials
from harness.config import run_config
from harness.errors import UsageError
from harness.models.local.model import load_local
from harness.models.sources.catalog import ModelFolder
from harness.records.predictions import stored_predictions
from harness.records.reading import read_record
from harness.runs.forms import merged
from harness.runs.parity import Forms, answer_as
from harness.runs.runner import run
from tests.two_labels import STEPS, run_of_two_labels, write_two_labels


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forms")
    write_two_labels(folder, 20)
    return folder


def answered(room: Path, folder: Path, model: Path, *forms: str, **changes: Any) -> Forms:
    return answer_as(folder, forms, {"model": str(model), **changes}, data=room / "rows.jsonl")


def scores(folder: Path) -> dict[str, dict[str, float]]:
    lines = stored_predictions(folder, read_record(folder))
    return {line["id"]: line["scores"] for line in lines}


def test_a_form_is_a_record_beside_the_run_from_the_same_artifact(
    room: Path, tiny_llama_base: Path
) -> None:
    folder = run_of_two_labels(room, tiny_llama_base, "lora", set=STEPS | {"merge": "false"})
    forms = answered(room, folder, tiny_llama_base, "merged", "nf4")
    assert forms.reference == folder
    before, merged, nf4 = map(read_record, (folder, *forms.records.values()))
    assert len({record.keys.result for record in (before, merged, nf4)}) == 3
    assert {merged.artifact.name, nf4.artifact.name} == {before.artifact.name}
    assert merged.artifact.reused and nf4.artifact.reused
    assert [each.label.rpartition("as ")[2] for each in (merged, nf4)] == ["merged)", "nf4)"]
    assert "_nf4_" in forms.records["nf4"].name
    assert (merged.model.adapter, merged.model.quantization) == ("merged", None)
    assert (nf4.model.adapter, nf4.model.quantization) == ("merged", "nf4")
    rounded = scores(forms.records["nf4"])
    for id_, given in scores(folder).items():
        assert scores(forms.records["merged"])[id_] == pytest.approx(given, abs=2e-4)
        assert rounded[id_] != pytest.approx(given, abs=2e-4)
    again = answered(room, folder, tiny_llama_base, "nf4")
    assert again.records["nf4"] == forms.records["nf4"]
    found = compare_runs(forms.records["merged"], folder)
    assert (found["agreement"]["value"], found["flipped"]) == (1.0, 0)
    assert understated(nf4) == ""
    nf4.model = replace(nf4.model, weights_origin="Q4_1 GGUF, de-quantised to bfloat16")
    assert "4-bit before understate" in understated(nf4) and not understated(merged)
    runs, _ = read_trials(folder.parent, before.task.name, "all")
    names = [each.name for each in configurations_of(runs)]
    assert names == ["lora", "lora (as merged)", "lora (as nf4)"]


def test_a_run_in_a_form_trains_as_without_it(
    room: Path, tiny_llama_base: Path, tmp_path: Path
) -> None:
    write_two_labels(tmp_path, 20)
    found = []
    for place, form in ((room, "nf4"), (tmp_path, "trained")):
        folder = run_of_two_labels(place, tiny_llama_base, "lora", set=STEPS, seed=3, form=form)
        kept = read_record(folder).artifact
        assert not kept.reused
        path = place / "results" / "artifacts" / kept.name / "lora" / "adapter"
        found.append((kept.name, load_file(path / "adapter_model.safetensors")))
    (one, weights), (other, wanted) = found
    assert one == other and all(torch.equal(weights[name], wanted[name]) for name in wanted)


def test_what_was_scored_merged_is_the_merged_form(room: Path, tiny_llama_base: Path) -> None:
    folder = run_of_two_labels(room, tiny_llama_base, "lora", set=STEPS)
    assert read_record(folder).model.adapter == "merged"
    assert answered(room, folder, tiny_llama_base, "merged") == Forms(folder, {})


def test_what_was_trained_beside_nf4_is_merged_into_these_weights(
    room: Path, tiny_llama_base: Path
) -> None:
    dequantize_4bit = pytest.importorskip("bitsandbytes").functional.dequantize_4bit
    folder = run_of_two_labels(room, tiny_llama_base, "qlora", set=STEPS)
    forms = answered(room, folder, tiny_llama_base, "merged")
    model = read_record(forms.records["merged"]).model
    assert (model.adapter, model.quantization) == ("merged", None)
    assert model.weights_origin.endswith("nf4, de-quantised")
    artifact = folder.parent / "artifacts" / read_record(folder).artifact.name / "qlora" / "adapter"
    device = devices.select("cpu", "float32")
    base = ModelFolder(tiny_llama_base, "tiny")
    packed = load_local(base, device=device, quantization="nf4").module
    name = "model.layers.1.mlp.down_proj"
    layer, learnt = packed.get_submodule(name), load_file(artifact / "adapter_model.safetensors")
    a, b = (learnt[f"base_model.model.{name}.lora_{side}.weight"] for side in "AB")
    config = json.loads((artifact / "adapter_config.json").read_text())
    wanted = dequantize_4bit(layer.weight.data, layer.weight.quant_state)
    wanted = wanted + config["lora_alpha"] / config["r"] * (b @ a)
    found = merged(base, device, artifact, "nf4").module.get_submodule(name).weight
    torch.testing.assert_close(found, wanted, atol=1e-6, rtol=1e-5)


def test_by_another_readout_the_run_answers_again_too(room: Path, tiny_llama_base: Path) -> None:
    folder = run_of_two_labels(room, tiny_llama_base, "lora", set=STEPS)
    forms = answered(room, folder, tiny_llama_base, "nf4", readout="generate")
    assert forms.reference != folder
    kept = [read_record(each) for each in (forms.reference, forms.records["nf4"])]
    assert [each.readout for each in kept] == ["generate", "generate"]
    assert [each.config.form for each in kept] == ["trained", "nf4"]


def test_what_cannot_be_answered_in_a_form_is_refused(
    room: Path, tiny_llama_base: Path, tmp_path: Path
) -> None:
    folder = run_of_two_labels(room, tiny_llama_base, "lora", set=STEPS)
    with pytest.raises(UsageError, match="no form 'nf5'.*") as unknown:
        answered(room, folder, tiny_llama_base, "nf5")
    assert "nf4" in str(unknown.value.hint)
    with pytest.raises(UsageError, match="gives no likelihood") as unlike:
        answered(room, folder, tiny_llama_base, "nf4", "gguf-q8")
    assert "--readout generate" in str(unlike.value.hint)
    table = {"path": room / "rows.jsonl", "input": "text", "target": "label"}
    counted = run(run_config(strategy="majority", data=table, results=room / "results")).folder
    with pytest.raises(UsageError, match="no language model"):
        answer_as(counted, ["nf4"], {}, data=room / "rows.jsonl")
    soft = run_of_two_labels(room, tiny_llama_base, "adapter", set=STEPS)
    with pytest.raises(UsageError, match="can't be added to the weights"):
        answered(room, soft, tiny_llama_base, "merged")
    other = tmp_path / "rows.jsonl"
    other.write_text("".join((room / "rows.jsonl").read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(UsageError, match="was prepared from other rows"):
        answer_as(folder, ["nf4"], {"model": str(tiny_llama_base)}, data=other)
    shutil.copytree(folder, tmp_path / folder.name)
    with pytest.raises(UsageError, match="nothing prepared"):
        answered(room, tmp_path / folder.name, tiny_llama_base, "nf4")
