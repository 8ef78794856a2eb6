"""A form behind a real llama.cpp: what was trained, asked in the tokens of the model in process."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

pytest.importorskip("torch")
pytest.importorskip("xllamacpp")
pytest.importorskip("gguf")

from harness.config import run_config
from harness.records.predictions import stored_predictions
from harness.records.reading import read_record
from harness.runs.load import Traffic, measure_load
from harness.runs.parity import answer_as
from harness.runs.runner import run
from tests.two_labels import write_two_labels


def test_a_gguf_form_reads_the_tokens_of_the_run_and_leaves_no_server(
    tmp_path: Path, tiny_llama: Path
) -> None:
    table = write_two_labels(tmp_path, 20)
    folder = run(
        run_config(
            strategy="lora",
            data={"path": table, "input": "text", "target": "label"},
            model=str(tiny_llama),
            results=tmp_path / "results",
            readout="generate",
            set={"max_steps": 3, "batch_size": 4, "learning_rate": 0.01},
            latency=False,
            device="cpu",
            dtype="float32",
        )
    ).folder
    before = {each.pid for each in psutil.Process().children(recursive=True)}
    forms = answer_as(folder, ["gguf-q8"], {"model": str(tiny_llama)}, data=table)
    record = read_record(forms.records["gguf-q8"])
    assert record.model.quantization == "q8_0" and record.config.form == "gguf-q8"
    assert record.server.program == "llama.cpp" and record.server.version
    assert record.server.processor_seconds > 0 and record.server.peak_memory_bytes > 2**20
    mine, theirs = (
        {line["id"]: line for line in stored_predictions(each, read_record(each))}
        for each in (folder, forms.records["gguf-q8"])
    )
    assert mine.keys() == theirs.keys()
    for name, line in mine.items():
        assert theirs[name]["usage"]["input_tokens"] == line["usage"]["input_tokens"]
        assert theirs[name]["usage"]["output_tokens"] > 0
    kept, given = forms.records["gguf-q8"], {"data": table, "model": str(tiny_llama)}
    (point,) = measure_load(kept, Traffic((20.0,), requests=10), given)
    assert point.requests == 10 and point.latency["p95"].value > 0
    assert {each.pid for each in psutil.Process().children(recursive=True)} <= before
