"""What a task file names lies in its folder or in the data folder: it may be somebody else's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.errors import DataError
from harness.task.task import Task, load_task

SECRET = "-----BEGIN OPENSSH PRIVATE KEY-----"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder that was received, beside one that is nobody else's business."""
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "key.jsonl").write_text(json.dumps({"q": SECRET, "a": "x", "id": "1"}))
    received = tmp_path / "received"
    (received / "data").mkdir(parents=True)
    (received / "data" / "rows.jsonl").write_text(json.dumps({"q": "?", "a": "x", "id": "1"}))
    return received


def task(place: Path, path: str, **corpus: Any) -> Task:
    value: dict[str, Any] = {
        "name": "t", "kind": "qa", "columns": {"input": "q", "target": "a"}, "split": "0/0/100",
        "source": {"files": [{"path": path}]}, "metrics": ["exact_match"], "primary": "exact_match",
    }  # fmt: skip
    value |= {"corpus": corpus} if corpus else {}
    (place / "t.yaml").write_text(json.dumps(value, indent=1))
    return load_task(str(place / "t.yaml"))


WAYS = [
    "../private/key.jsonl",
    "data/../../private/key.jsonl",
    "{}",
    "link.jsonl",
    "linked/key.jsonl",
]


@pytest.fixture(params=WAYS)
def outside(request: pytest.FixtureRequest, place: Path) -> str:
    private = place.parent / "private"
    (place / "link.jsonl").symlink_to(private / "key.jsonl")
    (place / "linked").symlink_to(private)
    return str(request.param).format(private / "key.jsonl")


def test_rows_outside_are_refused_with_the_line_and_what_to_do(place: Path, outside: str) -> None:
    with pytest.raises(DataError, match=r"t\.yaml, line \d+.*lies outside the folder") as caught:
        task(place, outside).load()
    assert "--data-dir" in caught.value.hint and SECRET not in str(caught.value)
    with pytest.raises(DataError, match="lies outside"):
        task(place, outside).load(data_dir=place / "data")


def test_passages_and_folders_outside_are_refused(place: Path, outside: str) -> None:
    named = task(place, "data/rows.jsonl", files=[{"path": outside}], text="q")
    folder = task(place, "data/rows.jsonl", folder=str(Path(outside).parent))
    if outside != "link.jsonl":  # whose folder is that of the task file
        with pytest.raises(DataError, match="lies outside"):
            folder.corpus(keep=place)
        with pytest.raises(DataError, match="lies outside"):
            folder.check_documents()
    for read in (lambda: named.corpus(keep=place), named.check_documents):
        with pytest.raises(DataError, match="lies outside"):
            read()


def test_the_user_allows_a_folder(place: Path, outside: str) -> None:
    allowed = place.parent / "private"
    assert task(place, outside).load(data_dir=allowed).test[0].example.query.text == SECRET
    named = task(place, "data/rows.jsonl", files=[{"path": outside}], text="q")
    corpus = named.corpus(keep=place, data_dir=allowed)
    assert corpus is not None and corpus.passages[0].text == SECRET


@pytest.mark.parametrize("path", ["data/rows.jsonl", "./data/../data/rows.jsonl", "{}"])
def test_files_beside_the_task_file_are_read(place: Path, path: str) -> None:
    path = path.format(place / "data" / "rows.jsonl")
    assert len(task(place, path).load().test) == 1
    assert task(place, path, folder="data").corpus(keep=place)
    assert task(place, path, folder=".").corpus(keep=place)


def test_links_in_the_data_folder_are_the_users(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = place.parent / "mine"
    mine.mkdir()
    (mine / "set").symlink_to(place.parent / "private")
    assert task(place, "set/key.jsonl").load(data_dir=mine).test
    monkeypatch.chdir(place.parent)
    assert task(place, "set/key.jsonl").load(data_dir=Path("./mine/../mine")).test
    with pytest.raises(DataError, match="lies outside"):
        task(place, "../private/key.jsonl").load(data_dir=mine)


def test_a_task_folder_that_is_reached_by_a_link_is_its_own(place: Path) -> None:
    task(place, "data/rows.jsonl")
    (place.parent / "link").symlink_to(place)
    assert load_task(str(place.parent / "link" / "t.yaml")).load().test
