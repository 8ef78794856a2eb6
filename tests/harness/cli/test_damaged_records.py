"""Damaged, newer and foreign records: each reader names them, leaves them out, and shows the rest."""

import json
import shutil
import sys
from types import SimpleNamespace

import pytest

import harness
from harness.cli import main
from harness.records.files import read_lines, write_lines
from harness.records.reading import known_artifact, records_of
from harness.records.store import ARTIFACT, ARTIFACT_LEDGER, LEDGER, METRICS, PREDICTIONS, RUN
from harness.runs.study.state import States

RIGHT = [1, 0, 1, 1, 0, 1, 1, 1] * 5


def text(name, content):
    data = content if isinstance(content, bytes) else content.encode()
    return lambda folder: (folder / name).write_bytes(data)


def fields(name, **changed):
    def change(folder):
        path = folder / name
        path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changed))

    return change


def event(name, **changed):
    def change(folder):
        lines = read_lines(folder / name) or [{"event": "end", "span": "1", "phase": "serve"}]
        write_lines(folder / name, [{**lines[0], **changed}, *lines[1:]])

    return change


def directory(name):
    def change(folder):
        (folder / name).unlink()
        (folder / name).mkdir()

    return change


def dangling(folder):
    (folder / RUN).unlink()
    (folder / RUN).symlink_to(folder / RUN)


def lines(change):
    return lambda folder: write_lines(
        folder / PREDICTIONS, change(read_lines(folder / PREDICTIONS))
    )


KINDS = {
    "run-empty": text(RUN, ""),
    "run-list": text(RUN, "[]"),
    "run-number": text(RUN, "3"),
    "run-null": text(RUN, "null"),
    "run-half": text(RUN, '{"schema_version": 2, '),
    "run-bytes": text(RUN, b"\xff\xfe{}"),
    "run-zeros": text(RUN, b"\0" * 4096),
    "run-deep": text(RUN, "[" * 100_000),
    "run-long-number": text(RUN, '{"schema_version": ' + "9" * 5000 + "}"),
    "run-infinite": fields(RUN, wall_seconds=float("inf")),
    "run-unknown": fields(RUN, surprise=1),
    "run-type": fields(RUN, task="made"),
    "run-status": fields(RUN, status="half done"),
    "run-newer": fields(RUN, schema_version=99),
    "run-no-version": fields(RUN, schema_version="two"),
    "run-foreign": text(RUN, '{"name": "of another program"}'),
    "run-directory": directory(RUN),
    "run-loop": dangling,
    "metrics-empty": text(METRICS, ""),
    "metrics-list": text(METRICS, "[]"),
    "metrics-unknown": fields(METRICS, surprise=1),
    "metrics-type": fields(METRICS, metrics={"exact_match": 1}),
    "metrics-directory": directory(METRICS),
    "ledger-unknown": event(LEDGER, surprise=1),
    "ledger-type": event(LEDGER, seconds="long"),
    "ledger-usage": event(LEDGER, usage={"pages": 1}),
    "ledger-infinite": text(
        LEDGER, '{"event": "end", "span": "1", "phase": "x", "seconds": 1e999}'
    ),
    "ledger-no-event": text(LEDGER, "{}\n"),
    "ledger-middle": text(LEDGER, '{"event": \n{}\n'),
    "ledger-directory": directory(LEDGER),
    "artifact-ledger-type": event(ARTIFACT_LEDGER, quantities=[1]),
    "predictions-doubled": lines(lambda rows: rows * 2),
    "predictions-lost": lines(lambda rows: rows[:-1]),
    "predictions-missing": lambda folder: (folder / PREDICTIONS).unlink(),
    "predictions-directory": directory(PREDICTIONS),
}
READERS = {
    "list": ("list", "runs"),
    "recommend": ("recommend", "--task", "made", "--requests-per-month", "1000"),
    "report": ("report", "--format", "html,csv,json,markdown", "--out", "out/page.html"),
}
BESIDE = {
    "show": ("show", "made_good"),
    "compare": ("compare", "made_good", "made_other"),
    "seeds": ("compare", "made_good", "made_other", "--seeds", "--fail-on", "seconds=+10%"),
    "estimate": ("run", "--strategy", "majority", "--limit", "8", "--dry-run"),
}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    from tests.harness.conftest import write_record

    root = tmp_path_factory.mktemp("damaged")
    for name in ("good", "other"):
        write_record(root / "results", name, RIGHT)
    for kind, damage in KINDS.items():
        damage(write_record(root / "results", kind, RIGHT))
    for number, content in enumerate(("", "[]", '{"key": 1}', "\xff", "[" * 9999)):
        folder = root / "results" / "artifacts" / f"broken{number}-1"
        folder.mkdir(parents=True)
        (folder / ARTIFACT).write_text(content, encoding="latin-1")
        assert known_artifact(folder) is None
    update = root / "results" / "updates" / "one" / "update.json"
    update.parent.mkdir(parents=True)
    update.write_text('{"task": "made", "first": []}', encoding="utf-8")
    return root / "results"


@pytest.fixture
def command(results, capsys, monkeypatch):
    """Runs a verb in this process: its exit code, and what it printed."""

    def run(*arguments):
        monkeypatch.chdir(results.parent)
        monkeypatch.setattr(sys, "argv", ["harness", *arguments])
        try:
            main()
            code = 0
        except SystemExit as left:
            code = left.code or 0
        said = capsys.readouterr()
        assert "Traceback" not in said.err + said.out and "defect" not in said.err
        return code, said.out, said.err

    return run


def folder_of(results, kind):
    return next(results.glob(f"made_{kind}_s0*")).name


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_of_a_folder_names_what_it_leaves_out_and_shows_the_rest(results, command, reader):
    code, out, _ = command(*READERS[reader], "--json")
    assert code == 0
    value = json.loads(out)
    named = {each["run"]: each["reason"] for each in value["left_out"]}
    assert named.keys() == {folder_of(results, kind) for kind in KINDS}
    assert all(reason and "\n" not in reason for reason in named.values())
    assert 'good"' in out or "made_good" in out or value["runs"] == 2


def test_each_is_said_in_one_line_of_its_own(results, command, caplog):
    from harness.records import reading

    reading._warn.cache_clear()
    reading._known.clear()
    code, out, _ = command("list", "runs")
    assert code == 0 and "made_good" in out and "made_other" in out
    said = [record.getMessage() for record in caplog.records]
    assert all(text.startswith("left out: ") and "\n" not in text for text in said)
    for kind in KINDS:
        assert sum(folder_of(results, kind) + "/" in text for text in said) == 1, kind


@pytest.mark.parametrize("reader", BESIDE)
def test_a_damaged_record_beside_it_is_in_nobodys_way(command, reader):
    assert command(*BESIDE[reader])[0] in (0, 6)


def test_a_damaged_record_that_is_asked_for_is_refused_by_name(results, command):
    for kind in KINDS:
        name = folder_of(results, kind)
        verbs = [("show", name)]
        if kind.startswith(("run-t", "run-d", "predictions")):
            verbs += [("compare", name, "made_good")]
        for verb in verbs:
            code, _, said = command(*verb)
            assert code == 2, (verb, said)
            assert name in said.replace("\n", ""), (verb, said)


def test_a_cell_of_a_study_whose_record_or_state_is_damaged_waits_again(
    tmp_path, record_to, caplog
):
    states = States(tmp_path, "small")
    for kind in ("good", "predictions-lost", "ledger-middle", "run-type"):
        cell = SimpleNamespace(id=kind, values={})
        folder = record_to(tmp_path, kind, RIGHT)
        states.write(cell, status="finished", run=folder.name)
        assert states.read(cell)["status"] == "finished"
        if kind in KINDS:
            KINDS[kind](folder)
            assert states.read(cell)["status"] == "waiting"
            assert folder.name in caplog.messages[-1]
    for content in ("", "[]", "{}", '{"status": 1}', '{"status": "finished"}', "\xff"):
        (states.folder / "good.json").write_text(content, encoding="latin-1")
        assert states.read(SimpleNamespace(id="good"))["status"] == "waiting"
        assert "good.json" in caplog.messages[-1]


def test_the_frames_have_the_rest(results):
    made = harness.load_results(results)
    assert set(made.runs["strategy"]) == {"good", "other"}
    assert {name for name, _ in made.skipped} == {folder_of(results, kind) for kind in KINDS}


@pytest.mark.slow
def test_the_command_of_a_damaged_record_makes_the_next_attempt(tmp_path, command):
    line = ("run", "--strategy", "majority", "--limit", "8", "--no-latency", "--json")
    line += ("--results", str(tmp_path / "results"))
    first = json.loads(command(*line)[1])
    for number, kind in enumerate(("run-empty", "run-unknown", "run-newer", "run-directory"), 2):
        KINDS[kind](tmp_path / "results" / first["run_id"])
        code, out, _ = command(*line)
        assert code == 0 and json.loads(out)["run_id"].endswith(f"-{number}")
        first = json.loads(out)
    (artifact,) = (tmp_path / "results" / "artifacts").glob("*/artifact.json")
    artifact.write_text("{", encoding="utf-8")
    shutil.rmtree(tmp_path / "results" / first["run_id"])
    assert command(*line)[0] == 0
    assert len(list(records_of(tmp_path / "results"))) == 1
