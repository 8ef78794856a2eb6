"""Records predicted by one another, never by themselves."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.analysis.calibration import (
    Observation,
    calibrated_rate,
    leave_one_out,
    observe,
    records,
)
from harness.costs.book import load_book
from harness.costs.flops import training_flops
from harness.costs.gpu_runs import GpuRun, described
from harness.costs.known import known_models
from harness.records.ledger import Ledger, Spend
from harness.records.model import ModelInfo
from harness.records.reading import write_record
from harness.records.schema import RunRecord
from harness.types import Usage

BOOK = load_book()
SIZES = known_models()["smollm2-135m-instruct"]
WORK = ("train", "training", "bfloat16", "a CPU x2")


def seen(
    run: str, seconds: float, flops: float = 1e12, work: tuple[str, ...] = WORK
) -> Observation:
    return Observation(run, "lora", "train", work, flops, seconds, None)


def test_a_record_is_predicted_by_the_others_alone() -> None:
    found = leave_one_out([seen("a", 10), seen("b", 10), seen("c", 40)])
    by_run = {one.observation.run: one for one in found}
    # the others of a reached 1e11 and 0.25e11: 0.5e11 in the geometric mean
    assert by_run["a"].seconds == pytest.approx(20) and by_run["a"].error == pytest.approx(1)
    assert by_run["c"].seconds == pytest.approx(10) and by_run["c"].others == 2
    assert by_run["c"].error == pytest.approx(-0.75)


def test_other_work_doesn_t_count_and_nobody_predicts_himself() -> None:
    other = seen("b", 5, work=("train", "training", "float32", "a CPU x2"))
    first, second = leave_one_out([seen("a", 10), other])
    assert first.seconds is None and first.error is None and second.others == 0
    assert calibrated_rate([seen("a", 10), other], WORK) == pytest.approx(1e11)
    assert calibrated_rate([], WORK) is None


@given(seconds=st.lists(st.floats(1, 1e5), min_size=2, max_size=8))
def test_a_constant_rate_is_predicted_exactly(seconds: list[float]) -> None:
    rows = [seen(str(n), s, flops=1e10 * s) for n, s in enumerate(seconds)]
    for one in leave_one_out(rows):
        assert one.error == pytest.approx(0, abs=1e-9)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Two records of a training on a GPU, as a run writes them: quantities are made up."""

    def write(name: str, seconds: float, reused: bool = False, status: str = "finished") -> None:
        folder = tmp_path / name
        folder.mkdir()
        record: dict[str, Any] = {
            "run_id": name, "key": name, "keys": {"artifact": name, "result": name},
            "status": status, "strategy": {"name": "lora", "parameters": {}}, "config": {},
            "task": {"name": "t", "digest": "d", "kind": "qa", "rows": {"test": 1}},
            "readout": "loglikelihood", "metrics": [], "started": "2026-01-01T00:00:00+00:00",
            "device": {"device_class": "cuda:NVIDIA L4", "dtype": "bfloat16"},
            "artifact": {"name": name, "reused": reused},
            "model": ModelInfo("m", architecture=SIZES),
        }  # fmt: skip
        write_record(folder, RunRecord.model_validate(record))
        (folder / "predictions.jsonl").write_text("{}\n", encoding="utf-8")
        spend = Spend("train", seconds, "cuda:NVIDIA L4", finished=True)
        spend.usage = Usage(input_tokens=90_000, computed_tokens=100_000, scored_positions=1000)
        spend.count(trainable_parameters=4_884_480, sequences=1000, recompute=0, full=0)
        Ledger(folder / "artifact-ledger.jsonl").record(spend)
        quick = Spend("serve", 0.1, finished=True, usage=Usage(input_tokens=10))
        Ledger(folder / "ledger.jsonl").record(quick)

    write("one", 20.0)
    write("two", 30.0)
    write("again", 30.0, reused=True)
    write("stopped", 30.0, status="interrupted")
    return tmp_path


def test_a_record_s_work_is_counted_by_formula(results: Path) -> None:
    (one,) = observe(results / "one", BOOK)
    flops = training_flops(
        SIZES, tokens=100_000, trainable=4_884_480, scored_positions=1000, mean_length=100
    )
    assert one.flops == flops and one.rate == pytest.approx(flops / 20)
    assert one.mfu == pytest.approx(flops / 20 / 121e12)
    assert one.work[-1] == "cuda:NVIDIA L4"


def test_what_an_earlier_run_paid_for_or_didn_t_finish_isn_t_counted_twice(results: Path) -> None:
    found = records(results, BOOK)
    assert {one.run for one in found} == {"one", "two"}
    errors = [one.error for one in leave_one_out(found)]
    assert errors == [pytest.approx(0.5), pytest.approx(-1 / 3)]


def gpu_run(device: str = "cuda:NVIDIA L4", **values: Any) -> GpuRun:
    """As the GPU benchmark leaves it; every number is made up."""
    parts: tuple[dict[str, Any], ...] = (
        {"name": "agreement", "status": "ok"},
        {
            "name": "qlora", "status": "ok", "strategy": "qlora", "phase": "train",
            "weights": "nf4", "seconds": 10.0, "flops": 3e14, "mfu": 0.25,
        },
        {
            "name": "scoring", "status": "ok", "strategy": "zero-shot", "phase": "serve",
            "readout": "loglikelihood", "weights": "bfloat16", "seconds": 2.0, "flops": 1e14,
            "mfu": 0.41,
        },
        {"name": "generation", "status": "failed", "phase": "serve", "seconds": 9, "flops": 1e9},
        {"name": "lora", "status": "ok", "phase": "train", "seconds": 0.2, "flops": 1e12},
        {"name": "full", "status": "not run", "reason": "full: the budget of 480 s is used"},
    )  # fmt: skip
    made = {
        "dry_run": False, "date": "2001-01-01T00:00:00+00:00", "versions": {}, "device": device,
        "budget_seconds": 480, "seconds": 100, "gpu_hours": 100 / 3600, "parts": parts,
    }  # fmt: skip
    return GpuRun.model_validate(made | values)


def keep(folder: Path, name: str, run: GpuRun) -> None:
    (folder / "gpu").mkdir(exist_ok=True)
    (folder / "gpu" / name).write_text(run.model_dump_json(), encoding="utf-8")


def test_the_gpu_benchmark_is_read_beside_the_records(results: Path) -> None:
    before = records(results, BOOK)
    keep(results, "l4.json", gpu_run())
    train, serve = records(results, BOOK)[len(before) :]
    assert train.work == ("train", "training", "nf4", "cuda:NVIDIA L4")
    assert serve.work == ("serve", "loglikelihood", "bfloat16", "cuda:NVIDIA L4")
    assert (train.run, train.rate, train.mfu) == ("l4", 3e13, 0.25)
    # a run on that GPU is estimated at the rate that was measured
    assert calibrated_rate(records(results, BOOK), serve.work) == pytest.approx(5e13)
    # and parts of one file don't predict one another
    assert leave_one_out([train, serve])[0].seconds is None


def test_what_no_gpu_ran_calibrates_nothing(
    results: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = records(results, BOOK)
    keep(results, "dry.json", gpu_run(device="cpu", dry_run=True))
    keep(results, "odd.json", gpu_run(device="cpu"))
    (results / "gpu" / "damaged.json").write_text("{", encoding="utf-8")
    (results / "gpu" / "other.json").write_text('{"kind": "something else"}', encoding="utf-8")
    assert records(results, BOOK) == before and described(results) == ""
    assert caplog.text.count("is no run of the GPU benchmark") == 4  # two files, read twice


def test_doctor_says_what_ran_on_a_gpu(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from harness.runs.doctor import diagnose

    def told() -> str:
        checks = diagnose()["checks"]
        return str(next(c["detail"] for c in checks if c["name"] == "ran on a GPU"))

    monkeypatch.chdir(results)
    assert told() == "the CUDA paths have not been run by us"
    keep(results, "l4.json", gpu_run())
    (results / "results").mkdir()
    (results / "gpu").rename(results / "results" / "gpu")
    assert told() == (
        "NVIDIA L4, 2001-01-01: agreement, qlora, scoring, lora; not generation, full (l4.json)"
    )


def test_the_command_line_shows_the_error(results: Path) -> None:
    from typer.testing import CliRunner

    from harness.cli import app

    shown = CliRunner().invoke(app, ["prices", "calibrate", "--results", str(results)])
    assert shown.exit_code == 0 and "+50%" in shown.stdout and "-33%" in shown.stdout
    value = json.loads(
        CliRunner().invoke(app, ["prices", "calibrate", "--results", str(results), "--json"]).stdout
    )
    assert value["predictions"][0]["error"] == pytest.approx(0.5)
