"""Files from elsewhere are data: nothing in them runs, whatever they are loaded by."""

from __future__ import annotations

import json
import pickle  # noqa: TID251 - the attack itself
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.config import run_config
from harness.costs.book import load_book
from harness.errors import HarnessError
from harness.retrieval.loaders import load_file
from harness.runs.runner import run
from harness.runs.study import read_study
from harness.task.task import load_task

pytestmark = pytest.mark.filterwarnings("ignore")


class Touch:
    """Touches a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize(
    "read", [load_task, read_study, load_book], ids=["task", "study", "prices"]
)
def test_no_yaml_file_runs_code(read: Callable[..., object], tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    for tag in (f"!!python/object/apply:os.mknod ['{touched}']",
                f"!!python/object/new:subprocess.check_output [['touch', '{touched}']]"):  # fmt: skip
        path = tmp_path / "file.yaml"
        path.write_text(f"name: {tag}\n", encoding="utf-8")
        with pytest.raises(HarnessError):
            read(str(path) if read is load_task else path)
    assert not touched.exists()


def asked(model: Path, results: Path) -> None:
    lines = [json.dumps({"q": f"question {n}", "a": f"{n}"}) for n in range(40)]
    results.mkdir(exist_ok=True)
    (results / "rows.jsonl").write_text("\n".join(lines), encoding="utf-8")
    data = {"path": results / "rows.jsonl", "input": "q", "target": "a", "kind": "qa"}
    run(run_config(strategy="zero-shot", model=str(model), data=data, results=results, limit=2,
                   latency=False, ragas="off"))  # fmt: skip


@pytest.mark.slow
def test_no_chat_template_leaves_its_sandbox(tiny_llama: Path, tmp_path: Path) -> None:
    model, touched = tmp_path / "model", tmp_path / "touched"
    shutil.copytree(tiny_llama, model)
    attack = "{{ cycler.__init__.__globals__.os.mknod('%s') }}{{ messages }}" % touched  # noqa: UP031
    (model / "chat_template.jinja").write_text(attack, encoding="utf-8")
    config = json.loads((model / "tokenizer_config.json").read_text(encoding="utf-8"))
    config["chat_template"] = attack
    (model / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(Exception, match=r"unsafe|undefined|Security"):
        asked(model, tmp_path / "r")
    assert not touched.exists()


@pytest.mark.slow
def test_no_model_brings_code(tiny_llama: Path, tmp_path: Path) -> None:
    model, touched = tmp_path / "model", tmp_path / "touched"
    shutil.copytree(tiny_llama, model)
    (model / "evil.py").write_text(f"import os\nos.mknod({str(touched)!r})\n", encoding="utf-8")
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    names = ("AutoConfig", "AutoModelForCausalLM", "AutoTokenizer")
    config |= {"model_type": "evil", "auto_map": dict.fromkeys(names, "evil.Evil")}
    (model / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(HarnessError):
        asked(model, tmp_path / "r")
    assert not touched.exists()


@pytest.mark.parametrize("kind", ["embedder", "reranker"])
def test_no_pickled_encoder_is_loaded(kind: str, tiny_llama: Path, tmp_path: Path) -> None:
    from harness.retrieval.embedders import EmbedderConfig, open_embedder
    from harness.retrieval.rerank import RerankConfig, Reranker

    folder, touched = tmp_path / "encoder", tmp_path / "touched"
    shutil.copytree(tiny_llama, folder)
    for path in folder.glob("*.safetensors*"):
        path.unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Touch(touched)))
    with pytest.raises((OSError, HarnessError), match="safetensors|model"):
        if kind == "embedder":
            open_embedder(EmbedderConfig(model=str(folder)))
        else:
            Reranker(RerankConfig(model=str(folder)))
    assert not touched.exists()


def test_no_member_of_an_archive_is_written_anywhere(tmp_path: Path) -> None:
    docx = pytest.importorskip("docx")
    (tmp_path / "a" / "docs").mkdir(parents=True)
    file, path = docx.Document(), tmp_path / "a" / "docs" / "leave.docx"
    file.add_paragraph("Leave lasts two years.")
    file.save(str(path))
    with zipfile.ZipFile(path, "a") as archive:
        for name in ("../evil.txt", str(tmp_path / "evil.txt"), "word/../../evil.txt"):
            archive.writestr(name, "evil")
    before = sorted(tmp_path.rglob("*"))
    assert "two years" in load_file(path).page_content
    assert sorted(tmp_path.rglob("*")) == before
