"""A task's documents: from a folder, from ready passages, or written by its generator."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.config import run_config
from harness.errors import DataError, MissingDependency
from harness.runs.plan import open_task
from harness.task.corpus import corpus_of_folder, corpus_of_passages, keep_documents
from harness.types import Passage


def test_the_digest_is_that_of_names_and_content(tmp_path: Path):
    for folder, text in (("a", "one"), ("b", "one"), ("c", "two")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "rules.txt").write_text(text)
    one, same, other = (corpus_of_folder(tmp_path / name).digest for name in "abc")
    assert one == same != other
    (tmp_path / "b" / "rules.txt").rename(tmp_path / "b" / "guide.txt")
    assert corpus_of_folder(tmp_path / "b").digest != one


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_a_folder_without_documents_is_refused(tmp_path: Path, name: str):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no documents"):
        corpus_of_folder(tmp_path / name)


def test_written_documents_are_kept_once(tmp_path: Path):
    def write(folder: Path) -> None:
        folder.mkdir()
        (folder / "rules.txt").write_text("one")

    first, second = (keep_documents(write, tmp_path / "kept") for _ in range(2))
    assert first == second
    assert first.folder is not None
    assert [path.name for path in first.folder.iterdir()] == ["rules.txt"]
    assert [path.name for path in (tmp_path / "kept").iterdir()] == [first.folder.name]


def _task(folder: Path, corpus: dict[str, object]) -> str:
    (folder / "rows.jsonl").write_text(json.dumps({"q": "?", "a": "x"}), encoding="utf-8")
    task = {"name": "t", "kind": "qa", "columns": {"input": "q", "target": "a"},
            "source": {"files": [{"path": "rows.jsonl"}]}, "corpus": corpus,
            "metrics": ["exact_match"], "primary": "exact_match"}  # fmt: skip
    (folder / "t.yaml").write_text(json.dumps(task), encoding="utf-8")
    return str(folder / "t.yaml")


def test_ready_passages_carry_their_title(tmp_path: Path):
    lines = [{"n": 7, "head": "제7조", "body": "육아휴직은 2년으로 한다."}]
    (tmp_path / "law.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    files = [{"path": "law.jsonl"}]
    name = _task(tmp_path, {"files": files, "id": "n", "text": "body", "title": "head"})
    task = open_task(run_config(task=name))
    corpus = task.corpus(keep=tmp_path / "kept")
    assert corpus == corpus_of_passages((Passage("제7조\n육아휴직은 2년으로 한다.", "7"),))


def test_what_is_wrong_with_a_corpus_is_said(tmp_path: Path):
    task = open_task(run_config(task=_task(tmp_path, {"files": [{"path": "law.jsonl"}]})))
    with pytest.raises(MissingDependency, match=r"law\.jsonl"):
        task.corpus(keep=tmp_path)
    (tmp_path / "law.jsonl").write_text('{"id": 1}', encoding="utf-8")
    with pytest.raises(DataError, match="no column 'text'"):
        task.corpus(keep=tmp_path)
    with pytest.raises(DataError, match="names no folder"):
        open_task(run_config(task=_task(tmp_path, {}))).corpus(keep=tmp_path)


def test_the_users_own_folder_takes_the_place_of_the_declared_one(tmp_path: Path):
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "rules.txt").write_text("one")
    name = _task(tmp_path, {"files": [{"path": "law.jsonl"}]})
    task = open_task(run_config(task=name, docs=docs))
    assert task.corpus(keep=tmp_path) == corpus_of_folder(docs)


def test_the_insurer_writes_its_documents(tmp_path: Path):
    pytest.importorskip("reportlab")
    spec = {"name": "i", "kind": "qa", "language": "ko", "corpus": {},
            "source": {"generator": {"name": "insurer", "parameters": {"world": 8}}},
            "columns": {"input": "question", "target": "answer"},
            "metrics": ["exact_match"], "primary": "exact_match"}  # fmt: skip
    place = Path(__file__).resolve().parents[3] / "tasks"
    (tmp_path / "insurer").symlink_to(place / "insurer")
    (tmp_path / "i.yaml").write_text(json.dumps(spec), encoding="utf-8")
    corpus = open_task(run_config(task=str(tmp_path / "i.yaml"))).corpus(keep=tmp_path / "kept")
    assert corpus is not None
    assert corpus.folder is not None
    assert "지급보험금계산.txt" in {path.name for path in corpus.folder.iterdir()}
