"""Version 2: what changes, what stays, and that version 1 doesn't notice."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tasks import insurer
from tasks.insurer import build, changes, rows, versions, write_documents
from tasks.insurer.documents import extract, locate

Row = dict[str, Any]


@pytest.fixture(scope="module", params=[7, 8])
def seed(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def both(seed: int) -> tuple[dict[str, Row], dict[str, Row]]:
    first, second = (
        {row["id"]: row for row in rows(seed, version, questions="all")} for version in (1, 2)
    )
    return first, second


def base(seed: int, version: int) -> dict[str, Any]:
    return {fact.id: fact for fact in build(seed, version).facts
            if fact.asked and not fact.support and fact.form == "short"}  # fmt: skip


def test_a_tenth_changes_and_ten_come_and_go(seed: int) -> None:
    first, second = base(seed, 1), base(seed, 2)
    told = [name for name, fact in first.items() if fact.answerable]
    counts = Counter(build(seed, 2).changes[name] for name in second
                     if name in build(seed, 2).changes)  # fmt: skip
    assert counts["changed"] >= 0.1 * len(told)
    assert counts["added"] >= 10
    assert counts["removed"] >= 10
    assert build(seed, 1).changes == {}


def test_changes_lists_old_and_new_texts(seed: int) -> None:
    first, second = ({fact.id: fact for fact in build(seed, version).facts} for version in (1, 2))
    listed = changes(seed)
    for line in listed["changed"]:
        assert first[line["fact"]].value.text == line["old"] != line["new"]
        assert second[line["fact"]].value.text == line["new"]
    for line in listed["removed"]:
        assert first[line["fact"]].value.text == line["old"]
        assert not second[line["fact"]].answerable
    for line in listed["added"]:
        assert line["fact"] not in first
    found = {line["fact"]: name for name, lines in listed.items() for line in lines}
    assert {name: change for name, change in build(seed, 2).changes.items()
            if second[name].answerable or change == "removed"} == found  # fmt: skip
    assert changes(seed, old=1, new=1) == {"changed": [], "added": [], "removed": []}


def test_a_changed_value_is_another_of_the_same_kind_and_nobody_elses(seed: int) -> None:
    first, second = base(seed, 1), base(seed, 2)
    old = {(fact.value.kind, fact.value.key) for fact in first.values()}
    for name, change in build(seed, 2).changes.items():
        if change == "changed" and name in second and second[name].value.kind != "yes_no":
            value = second[name].value
            assert value.kind == first[name].value.kind
            assert (value.kind, value.key) not in old


def test_rows_keep_their_ids_wordings_and_splits(both: tuple[dict[str, Row], ...]) -> None:
    first, second = both
    same = ("question", "split", "fact", "category", "slice")
    assert set(first) <= set(second)
    for name, row in first.items():
        assert [row[key] for key in same] == [second[name][key] for key in same]
        if second[name]["change"] == "unchanged":
            # What follows from a changed fact may have the same answer.
            told = {key: value for key, value in row.items() if key != "passages"}
            assert told == {key: value for key, value in second[name].items() if key != "passages"}
        assert row["change"] == "unchanged"
    assert {second[name]["change"] for name in set(second) - set(first)} == {"added"}


def test_what_was_removed_is_no_longer_known(both: tuple[dict[str, Row], ...]) -> None:
    _, second = both
    removed = [row for row in second.values() if row["change"] == "removed"]
    assert removed
    for row in removed:
        assert (row["answer"], row["kind"], row["answerable"]) == ("모른다", "unanswerable", False)
        assert row["passages"] == []


def test_training_shows_the_new_values(both: tuple[dict[str, Row], ...]) -> None:
    first, second = both
    changed = [name for name, row in second.items()
               if row["change"] == "changed" and row["split"] == "train"]  # fmt: skip
    assert changed
    assert all(first[name]["answer"] != second[name]["answer"] for name in changed)
    added = {row["split"] for row in second.values() if row["change"] == "added"}
    assert added == {"train", "dev", "test"}


def test_what_follows_follows(seed: int) -> None:
    by_id = {fact.id: fact for fact in build(seed, 2).facts}
    done = build(seed, 2).changes
    for fact in by_id.values():
        if fact.support:
            gone = [name for name in fact.support if done.get(name) == "removed"]
            if fact.form == "description":  # tells what is left
                assert fact.answerable
                value: Any = fact.value
                said = ["".join(texts) for texts in value.key_facts]
                assert not any(by_id[name].value.text in said for name in gone)
            else:
                assert fact.answerable != bool(gone), fact.id
            if done.get(fact.id) == "changed":
                assert any(done.get(name) in ("changed", "removed") for name in fact.support)


def test_documents_say_the_new_and_not_the_old(seed: int, tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("documents")
    texts = {path.name: extract(path) for path in write_documents(folder, seed, 2)}
    everything = "\n".join(texts.values())
    first, second = base(seed, 1), base(seed, 2)
    for name, change in build(seed, 2).changes.items():
        if name in second:
            if change != "removed":
                assert locate(everything, second[name].statement), name
            if change != "added":
                assert not locate(everything, first[name].statement), name
    history = [text.count("2025년") for file, text in texts.items() if not file.endswith(".csv")]
    assert all(history)


def test_version_1_is_the_same_whatever_version_2_does(monkeypatch: pytest.MonkeyPatch) -> None:
    before = list(rows(9))
    insurer._built.cache_clear()
    monkeypatch.setattr(versions, "CHANGED_SHARE", 0.5)
    monkeypatch.setattr(versions, "N_REMOVED", 60)
    assert list(rows(9, 2)) != before
    assert list(rows(9)) == before
    insurer._built.cache_clear()
