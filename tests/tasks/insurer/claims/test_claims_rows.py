"""The rows: shares, splits, worlds and versions, and the same bytes every time."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tasks.insurer.claims import LANGUAGES, rows
from tasks.insurer.claims.details import SCENARIOS

Row = dict[str, Any]
SPLITS = {"train": 420, "dev": 120, "test": 540}
CODE = """
import hashlib, json, sys
from tasks.insurer.claims import rows
text = json.dumps(list(rows(7, 1, sys.argv[1])), ensure_ascii=False)
print(hashlib.sha256(text.encode()).hexdigest())
"""


@pytest.fixture(scope="module", params=sorted(LANGUAGES))
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def made(language: str) -> list[Row]:
    return list(rows(7, 1, language))


def part(made: list[Row], split: str) -> list[Row]:
    return [row for row in made if row["split"] == split]


def test_enough_rows_of_every_decision_in_every_split(made):
    for split, count in SPLITS.items():
        mine = part(made, split)
        shares = {k: v / count for k, v in Counter(row["decision"] for row in mine).items()}
        assert len(mine) == count
        assert shares["pay"] == pytest.approx(0.6, abs=0.01)
        assert 0.15 < shares["documents"] < 0.25
        assert 0.15 < shares["deny"] < 0.25


def test_lines_are_balanced_and_every_trap_is_tested(made):
    tested = part(made, "test")
    assert set(Counter(row["line"] for row in tested).values()) == {90}
    traps = Counter(row["trap"] for row in tested)
    assert set(traps) == set(SCENARIOS)
    assert min(traps.values()) >= 10


def test_no_input_and_no_id_stands_twice(made):
    for name in ("input", "id"):
        assert len({row[name] for row in made}) == len(made)


def test_splits_share_no_policy_and_no_number(made):
    seen: dict[str, str] = {}
    for row in made:
        assert seen.setdefault(row["policy"], row["split"]) == row["split"]
    assert set(Counter(row["policy"] for row in made).values()) == {5}


def test_the_same_bytes_whatever_the_hash_seed(made, language):
    text = json.dumps(made, ensure_ascii=False)
    wanted = hashlib.sha256(text.encode()).hexdigest()
    for seed in ("0", "12345"):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        root = Path(__file__).parents[4]
        told = subprocess.run(
            [sys.executable, "-c", CODE, language], cwd=root, env=environment, text=True,
            capture_output=True, check=True,
        )  # fmt: skip
        assert told.stdout.strip() == wanted


def test_another_world_is_another_set(made, language):
    other = list(rows(8, 1, language))
    assert not {row["input"] for row in made} & {row["input"] for row in other}


def test_version_2_changes_terms_but_no_report(made, language):
    new = {row["id"]: row for row in rows(7, 2, language)}
    reports = [(row["input"].split("\n\n")[1], new[row["id"]]["input"]) for row in made]
    assert all(text in whole for text, whole in reports)
    moved = [row for row in made if row["answer"] != new[row["id"]]["answer"]]
    assert 0.08 < len(moved) / len(made) < 0.3
    assert {row["id"] for row in moved} == {k for k, v in new.items() if v["changed"] == "yes"}
    labels = Counter((row["decision"], new[row["id"]]["decision"]) for row in moved)
    assert labels["pay", "pay"] and labels["pay", "deny"] and labels["pay", "documents"]
    assert all(row["changed"] == "no" for row in made)


def test_unknown_languages_and_versions_are_refused():
    with pytest.raises(ValueError, match="'fr'"):
        list(rows(language="fr"))
    with pytest.raises(ValueError, match="version 3"):
        list(rows(version=3))


@pytest.mark.slow
def test_twenty_worlds_can_be_made(language):
    since = time.process_time()
    for world in range(20):
        for version in (1, 2):
            made = list(rows(world, version, language))
            assert len({row["input"] for row in made}) == len(made) == sum(SPLITS.values())
    assert (time.process_time() - since) / 40 < 5
