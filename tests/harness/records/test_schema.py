"""The record is typed: every version is read, what can't be read is named, no place is in it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from harness.config import DataSource, run_config
from harness.errors import DataError
from harness.records.migrations import MIGRATIONS
from harness.records.reading import read_record, records_of, write_record
from harness.records.schema import SCHEMA_VERSION, ArtifactRecord, Metrics, RunRecord, recorded
from harness.records.scrub import scrub, without_places

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = Path(__file__).parent / "golden"


def golden(folder: Path, name: str, **changes: Any) -> Path:
    """Copies a record as it was written once, changed on the way."""
    folder.mkdir(parents=True, exist_ok=True)
    value = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8")) | changes
    (folder / "run.json").write_text(json.dumps(value), encoding="utf-8")
    return folder


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("v*.json")), ids=lambda path: path.stem)
def test_records_of_every_version_are_read(path: Path, tmp_path: Path) -> None:
    shutil.copy(path, tmp_path / "run.json")
    record = read_record(tmp_path)
    old = json.loads(path.read_text(encoding="utf-8"))
    assert record.schema_version == SCHEMA_VERSION
    assert (record.run_id, record.key, record.status) == (old["run_id"], old["key"], old["status"])
    assert record.task.rows.test == old["task"]["rows"]["test"]
    write_record(tmp_path, record)
    assert read_record(tmp_path) == record


def test_every_older_version_has_a_migration_and_a_golden_record() -> None:
    assert sorted(MIGRATIONS) == list(range(1, SCHEMA_VERSION))
    versions = {int(path.name[1]) for path in GOLDEN.glob("v*-*.json")}
    assert versions == set(range(1, SCHEMA_VERSION + 1))


def test_what_version_1_said_otherwise_is_kept(tmp_path: Path) -> None:
    run = read_record(golden(tmp_path / "a", "v1-run"))
    assert run.device.device_class == "cpu" and run.model and run.model.architecture
    assert run.artifact and run.artifact.details.training
    score = read_record(golden(tmp_path / "b", "v1-score"))
    assert score.source and score.keys.artifact is None and score.artifact is None
    judged = read_record(golden(tmp_path / "c", "v1-judge")).judge
    assert judged and judged.measured and judged.measured.kappa.value == pytest.approx(0.82)
    stopped = read_record(golden(tmp_path / "d", "v1-interrupted"))
    assert stopped.status == "interrupted" and stopped.model is None and stopped.latency is None
    table = read_record(golden(tmp_path / "e", "v1-own-table")).config.data
    assert table and str(table.path) == "rows.csv" and table.prompt is not None


@pytest.mark.parametrize("name", ["run", "score"])
def test_a_migrated_record_says_what_one_of_today_says(name: str, tmp_path: Path) -> None:
    old, new = (golden(tmp_path / version, f"{version}-{name}") for version in ("v1", "v2"))
    assert read_record(old) == read_record(new)


@pytest.mark.parametrize(
    ("change", "said", "hint"),
    [
        ({"schema_version": 99}, "version 99", "upgrade"),
        ({"schema_version": None}, "no record of a run", "Take it out"),
        ({"schema_version": "2"}, "no record of a run", "Take it out"),
        ({"device": {}}, "needs 'device_class'|needs 'class'|device_class", "Restore"),
        ({"config": "none"}, "damaged", "Restore"),
        ({"status": "half done"}, "status", "Restore"),
        ({"surprise": 1}, "surprise", "Restore"),
    ],
)
@pytest.mark.parametrize("name", ["v1-run", "v2-run"])
def test_a_record_that_cannot_be_read_is_named(
    tmp_path: Path, name: str, change: dict[str, Any], said: str, hint: str
) -> None:
    folder = golden(tmp_path / "broken", name, **change)
    with pytest.raises(DataError, match=said) as refused:
        read_record(folder)
    assert str(folder / "run.json") in refused.value.message and hint in refused.value.hint
    golden(tmp_path / "whole", name, status="interrupted")  # a finished one has its rows
    damaged: list[tuple[Path, DataError]] = []
    assert [each.name for each, _ in records_of(tmp_path, damaged)] == ["whole"]
    assert [each for each, _ in damaged] == [folder]


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '"text"'])
def test_another_file_is_no_record(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(str(tmp_path / "run.json"))):
        read_record(tmp_path)


def test_a_record_takes_no_field_that_it_doesn_t_know(tmp_path: Path) -> None:
    record = read_record(golden(tmp_path, "v2-run"))
    with pytest.raises(ValidationError):
        record.status = "half done"  # type: ignore[assignment]
    with pytest.raises(ValueError, match="surprise"):
        record.surprise = 1  # type: ignore[attr-defined]


def fields(value: Any, name: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        for field, about in value.get("properties", {}).items():
            yield f"{value.get('title')}.{field}", about
        for each in value.values():
            yield from fields(each)


@pytest.mark.parametrize("kind", [RunRecord, ArtifactRecord, Metrics])
def test_every_field_is_described(kind: type[RunRecord]) -> None:
    schema = kind.model_json_schema()
    # a field that says no more than its part's docstring refers to it alone
    plain = [name for name, about in fields(schema) if not {"description", "$ref"} & about.keys()]
    parts = [name for name, part in schema["$defs"].items() if not part.get("description")]
    parts = [name for name in parts if name != "JsonValue"]
    assert plain == [] and parts == []


def test_nobody_looks_a_field_of_a_record_up_by_name() -> None:
    lookup = re.compile(r"""\brecord(\[["']|\.get\()|read_json\([^)]*\bRUN\)""")
    files = [
        path
        for part in ("harness", "benchmarks", "strategies")
        for path in (ROOT / part).rglob("*.py")
    ]
    assert len(files) > 200
    lines = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if lookup.search(line)
    ]
    assert lines == []


ABSOLUTE = re.compile(r"(?<![\w.~:])/(?:[\w.-]+/)*[\w.-]+")


def test_a_record_holds_no_place_of_the_machine(tmp_path: Path) -> None:
    """Every setting that can name a file names one by its absolute path."""
    home = tmp_path / "somewhere"
    home.mkdir()
    rows = "".join(f"profit rose {n},up\nsales fell {n},down\n" for n in range(40))
    (home / "rows.csv").write_text(f"text,label\n{rows}", encoding="utf-8")
    (home / "prompt.txt").write_text("Answer.", encoding="utf-8")
    (home / "rule.py").write_text("def rule(row):\n    return 1.0\n", encoding="utf-8")
    (home / "mine.py").write_text(
        "from strategies.majority import Majority\n\n\n"
        "class Mine(Majority):\n"
        '    name = "mine"\n'
        '    where: str = ""\n',
        encoding="utf-8",
    )
    (home / "prices.yaml").write_text("machines: []\n", encoding="utf-8")
    command = [
        sys.executable, "-m", "harness", "run", "--data", f"{home}/rows.csv", "--input", "text",
        "--target", "label", "--prompt", f"{home}/prompt.txt", "--strategy", f"{home}/mine.py:Mine",
        "--set", f"where={home}/index", "--metric", f"{home}/rule.py:rule",
        "--results", f"{home}/results", "--data-dir", str(home), "--json",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = (home / "results").glob("*/run.json")
    text = path.read_text(encoding="utf-8")
    assert ABSOLUTE.findall(text) == [] and str(tmp_path) not in text
    record = read_record(path.parent)
    assert record.strategy.name == "mine.py:Mine" and record.strategy.parameters["where"] == "index"
    assert record.config.data and str(record.config.data.path) == "rows.csv"
    assert "--metric rule.py:rule" in record.provenance.command
    (artifact,) = (home / "results" / "artifacts").glob("*/artifact.json")
    assert str(tmp_path) not in artifact.read_text(encoding="utf-8")


def test_committed_records_hold_no_place_of_a_machine() -> None:
    paths = list((ROOT / "results").rglob("run.json"))
    assert len(paths) >= 40
    for path in paths:
        assert ABSOLUTE.findall(path.read_text(encoding="utf-8")) == [], path


def test_settings_are_recorded_without_folders_and_limits(tmp_path: Path) -> None:
    data = DataSource(path=tmp_path / "t.csv", input="a", target="b", prompt=tmp_path / "p.txt")
    made = recorded(
        run_config(
            data=data, model=f"{tmp_path}/m", results=tmp_path,
            strategy=f"lora+{tmp_path}/mine.py:Mine", docs=tmp_path, max_cost=1.0,
            metrics=(f"{tmp_path}/rule.py:rule",), set={"rag.store": f"{tmp_path}/s", "k": 3},
        )
    )  # fmt: skip
    assert str(tmp_path) not in made.model_dump_json()
    assert (made.model, made.strategy) == ("m", "lora+mine.py:Mine")
    assert recorded(run_config(task=f"{tmp_path}/t.yaml")).task == "t.yaml"
    assert made.metrics == ("rule.py:rule",) and made.set == {"rag.store": "s", "k": 3}
    assert "results" not in made.model_dump() and "max_cost" not in made.model_dump()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("/no_think", "/no_think"),
        ("and/or", "and/or"),
        ("endpoint:/models/m", "endpoint:/models/m"),
        ("Answer /yes or /no.", "Answer /yes or /no."),
        ("/srv/data/rows.csv", "rows.csv"),
        ("/srv/mine.py:Mine", "mine.py:Mine"),
    ],
)
def test_only_a_whole_path_loses_its_folder(text: str, kept: str) -> None:
    assert without_places({"a": [text]}) == {"a": [kept]}


def test_places_outside_the_working_folder_leave_a_text_too() -> None:
    told = scrub("harness run --data-dir /srv/data --task='/srv/my task.yaml' http://host/v1/x")
    assert "/srv" not in told and "http://host/v1/x" in told
