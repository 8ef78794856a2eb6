"""What changes a result changes the run's key, and nothing else does."""

import json
import os
import shutil

import pytest

from harness.config import run_config
from harness.runs.ask import ask_documents
from harness.runs.plan import make_plan
from harness.runs.runner import run
from harness.strategy.context import Monitor
from harness.task.corpus import corpus_of_folder, keep_documents

OWN = """
from typing import ClassVar
from harness.strategy import Prompting

class Own(Prompting):
    name: ClassVar[str] = "own"
    word: str = "briefly"
"""
STORE = """
class Store:
    kind = 1
"""
TASK = """
name: own-task
kind: classification
source: {files: [{path: rows.jsonl}]}
columns: {input: text, target: label, cluster: customer, slices: [part], split: split}
labels: {up: up, down: down}
prompt: {instructions: Say where it goes.}
metrics: [accuracy]
primary: accuracy
"""


@pytest.fixture
def place(tmp_path, tiny_llama, monkeypatch):
    """A folder with everything that a run may be made of."""
    rows = [
        {
            "text": f"row {n}", "label": ("up", "down")[n % 2], "customer": f"c{n}", "part": "a",
            "split": ("train", "dev", "test")[n % 3],
        }
        for n in range(90)
    ]  # fmt: skip
    text = "\n".join(json.dumps(row) for row in rows) + "\n"
    files = {
        "rows.jsonl": text, "prompt.txt": "Answer.", "own.py": OWN, "my_store.py": STORE,
        "task.yaml": TASK, "mine.py": "def mine(scored):\n    return 1.0\n",
        "docs/one.txt": "Leave takes two years.", "docs/two.txt": "Water damage is paid.",
        "prices.yaml": "{}",
    }  # fmt: skip
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    for name in ("model", "encoder", "reranker"):
        shutil.copytree(tiny_llama, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


TABLE = {"data": {"path": "rows.jsonl", "input": "text", "target": "label"}, "strategy": "tfidf"}
PROMPT = {"data": TABLE["data"] | {"prompt": "prompt.txt"}, "strategy": "tfidf"}
FILE = {"task": "task.yaml", "strategy": "tfidf"}
MODEL = {**FILE, "strategy": "zero-shot", "model": "model"}
RAG = {**MODEL, "strategy": "rag", "docs": "docs", "set": {"embedder": "encoder"}}


def keys(options):
    config = run_config(results="results", offline=True, device="cpu", **options)
    return make_plan(config, fetch=False).keys


def edit(name, old, new):
    """Returns an edit that keeps the file's length and time, so that only its content tells."""

    def change(place):
        path, before = place / name, (place / name).stat()
        content = path.read_text(encoding="utf-8")
        assert old in content
        path.write_text(content.replace(old, new, 1), encoding="utf-8")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    return change


def add(name, content):
    def change(place):
        (place / name).write_text(content, encoding="utf-8")

    return change


EDITED = {
    "a row's text": (TABLE, edit("rows.jsonl", "row 7", "row x")),
    "a row's label": (TABLE, edit("rows.jsonl", '"up"', '"dn"')),
    "a training row": (FILE, edit("rows.jsonl", '"row 3"', '"row x"')),
    "a test row": (FILE, edit("rows.jsonl", '"row 2"', '"row x"')),
    "the prompt's file": (PROMPT, edit("prompt.txt", "Answer", "Reply!")),
    "the task's prompt": (FILE, edit("task.yaml", "Say", "Put")),
    "the task's labels": (FILE, edit("task.yaml", "down: down", "down: nope")),
    "the task's metrics": (FILE, edit("task.yaml", "[accuracy]", "[accuracy, mcc]")),
    "own code": (MODEL | {"strategy": "own.py:Own"}, edit("own.py", "briefly", "at once")),
    "own code in a part": (
        MODEL | {"strategy": "few-shot+own.py:Own"}, edit("own.py", "briefly", "at once")
    ),
    "a model's template": (MODEL, add("model/chat_template.jinja", "{{ messages }}")),
    "a model's settings": (MODEL, edit("model/config.json", "rope", "nope")),
    "a document": (RAG, edit("docs/one.txt", "two", "ten")),
    "a new document": (RAG, add("docs/three.txt", "Hail is paid.")),
    "an embedder": (RAG, add("encoder/tokenizer_config.json", "{}")),
    "a reranker": (
        RAG | {"set": {"embedder": "encoder", "reranker": "reranker"}},
        add("reranker/config.json", "{}"),
    ),
    "a store's code": (
        RAG | {"set": {"embedder": "encoder", "store": "my_store:Store"}},
        edit("my_store.py", "1", "2"),
    ),
    "dev rows of a tuned threshold": (
        RAG | {"set": {"embedder": "encoder", "threshold": "tune"}},
        edit("rows.jsonl", '"row 1"', '"row x"'),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITED)
def test_an_edit_of_what_decides_results_changes_the_key(place, name):
    options, change = EDITED[name]
    before = keys(options)
    change(place)
    assert keys(options).result != before.result


CHOSEN = {
    "seed": 1, "limit": 10, "train_limit": 10, "set": {"c": 2.0}, "strategy": "majority",
}  # fmt: skip


@pytest.mark.parametrize("name", CHOSEN)
def test_an_option_that_decides_results_changes_the_key(place, name):
    assert keys(FILE | {name: CHOSEN[name]}).result != keys(FILE).result


@pytest.mark.parametrize(
    ("name", "value"), [("dtype", "float32"), ("readout", "generate"), ("long_rows", "cut")]
)
def test_how_a_model_answers_changes_the_key(place, name, value):
    usual = MODEL | {"dtype": "bfloat16", "readout": "loglikelihood"}
    assert keys(usual | {name: value}).result != keys(usual).result


def moved(name, to):
    def change(place):
        (place / name).rename(place / to)

    return change


SAME = {
    "another time of the table": (TABLE, {}, lambda place: (place / "rows.jsonl").touch()),
    "documents that no strategy reads": (FILE, {}, edit("docs/one.txt", "two", "ten")),
    "the same documents elsewhere": (RAG, {"docs": "papers"}, moved("docs", "papers")),
    "dev rows that nobody reads": (RAG, {}, edit("rows.jsonl", '"row 1"', '"row x"')),
    "training rows that nobody reads": (MODEL, {}, edit("rows.jsonl", '"row 3"', '"row x"')),
    "the price book": (FILE, {"prices": "prices.yaml", "label_usd": 2.0, "machine": "l4"}, None),
    "limits of money": (FILE, {"max_cost": 1.0}, None),
    "latency": (FILE, {"latency": False}, None),
    "a metric of one's own": (FILE, {"metrics": ("mine.py:mine",)}, None),
    "how texts are kept": (FILE, {"store_text": "masked"}, None),
    "slices and clusters": (FILE, {}, edit("rows.jsonl", '"part": "a"', '"part": "b"')),
    "the task's summary": (FILE, {}, add("task.yaml", TASK + "summary: Where it goes.\n")),
    "another strategy's file": (FILE, {}, edit("own.py", "briefly", "at once")),
}


@pytest.mark.parametrize("name", SAME)
def test_what_decides_no_result_leaves_the_key(place, name):
    options, more, change = SAME[name]
    before = keys(options)
    if change:
        change(place)
    assert keys(options | more) == before


def test_slices_and_clusters_are_made_anew_of_the_same_answers(place):
    config = run_config(results="results", latency=False, **FILE)
    first = run(config)
    old = json.loads((first.folder / "metrics.json").read_text(encoding="utf-8"))
    edit("rows.jsonl", '"customer": "c2", "part": "a"', '"customer": "c5", "part": "b"')(place)
    second = run(config)
    assert second == type(second)(first.folder, reused=True)
    new = json.loads((first.folder / "metrics.json").read_text(encoding="utf-8"))
    assert set(old["slices"]) == {"part=a"} and set(new["slices"]) == {"part=a", "part=b"}
    assert old["metrics"]["accuracy"]["value"] == new["metrics"]["accuracy"]["value"]


def test_kept_documents_that_were_edited_are_written_anew(tmp_path):
    def write(folder):
        folder.mkdir()
        (folder / "rules.txt").write_text("two years", encoding="utf-8")

    corpus = keep_documents(write, tmp_path)
    (corpus.folder / "rules.txt").write_text("ten years", encoding="utf-8")
    again = keep_documents(write, tmp_path)
    assert again == corpus and corpus_of_folder(again.folder).digest == again.digest


def test_a_question_to_a_folder_sees_an_edited_document(place):
    config = run_config(
        strategy="rag", set={"retriever": "bm25", "generate": False}, results=place / "results"
    )

    def ask():
        (answer,) = ask_documents(place / "docs", ["How long is leave?"], config, Monitor())
        return [passage.text for passage in answer.passages]

    assert any("two years" in text for text in ask())
    edit("docs/one.txt", "two", "ten")(place)
    assert not any("two years" in text for text in ask())
