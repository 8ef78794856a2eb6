"""``study --list``: what cells will take, by what finished cells, earlier runs and a count say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.config import run_config
from harness.costs.book import load_book
from harness.errors import UsageError
from harness.records.files import read_json, write_json
from harness.records.schema import Machine
from harness.runs.runner import run
from harness.runs.study import States, StudyConfig, read_study
from harness.runs.study.forecast import Forecast, Forecaster, check_limit, total

pytest.importorskip("transformers")


@pytest.fixture
def task(tmp_path: Path) -> Path:
    lines = [{"text": f"{word} {n}", "label": word} for n in range(40) for word in ("up", "down")]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    value = {"name": "words", "kind": "classification",
             "source": {"files": [{"path": "rows.jsonl"}]},
             "columns": {"input": "text", "target": "label"},
             "labels": {"up": "up", "down": "down"}, "metrics": ["accuracy"],
             "primary": "accuracy"}  # fmt: skip
    (tmp_path / "words.yaml").write_text(json.dumps(value), encoding="utf-8")
    return tmp_path / "words.yaml"


@pytest.fixture
def study(task: Path, tiny_llama: Path) -> StudyConfig:
    return StudyConfig(
        name="f",
        defaults={"task": str(task), "model": str(tiny_llama), "latency": False, "device": "cpu"},
        matrix={"strategy": ["majority", "zero-shot", "lora"]},
        include=[{"strategy": "zero-shot", "seed": 1}, {"strategy": "majority", "task": "none.yaml"}],
        settings=[{"when": {"strategy": "lora"}, "then": {"set": {"epochs": 1, "batch_size": 4}}}],
    )  # fmt: skip


@pytest.fixture
def ask(study: StudyConfig, tmp_path: Path) -> Any:
    def asked() -> list[Forecast]:
        results = tmp_path / "results"
        made = Forecaster(results, load_book(), States(results, "f"))
        return [made.forecast(cell, cell.run_config(results=results)) for cell in study.cells()]

    return asked


def test_before_anything_ran_prompts_are_counted(ask: Any) -> None:
    majority, zero, lora, again, missing = ask()
    assert majority.basis == "light" and majority.seconds is None
    assert zero.basis == "estimate" and 0 < zero.seconds < lora.seconds
    assert again == zero  # another seed is the same work
    price = load_book().machine("aws-m7i.large").usd_per_hour
    assert lora.usd == pytest.approx(lora.seconds / 3600 * price)
    assert "rough" in lora.note and lora.memory_bytes > 1e6
    assert missing.basis == "unknown" and "none.yaml" in missing.note
    left = total([majority, zero, lora, again, missing])
    assert (left.cells, left.unknown) == (5, 1)
    assert left.seconds == pytest.approx(2 * zero.seconds + lora.seconds)


def test_runs_of_the_same_work_tell_and_finished_cells_are_measured(
    study: StudyConfig, ask: Any, tmp_path: Path
) -> None:
    results, cell = tmp_path / "results", study.cells()[1]
    folder = run(cell.run_config(results=results)).folder
    record = read_json(folder / "run.json") | {"wall_seconds": 123.0, "shared": False}
    write_json(folder / "run.json", record)
    _, zero, _, again, _ = ask()
    assert zero.basis == again.basis == "same" and zero.seconds == again.seconds == 123.0
    assert "1 earlier run of the same work" in zero.note and zero.usd is not None
    States(results, "f").write(cell, status="finished", run=folder.name, seconds=7.0, usd=0.5)
    _, zero, _, again, _ = ask()
    assert (zero.basis, zero.seconds, zero.usd) == ("finished", 7.0, 0.5)
    assert again.basis == "same" and total([zero, again]).cells == 1


def test_an_artifact_of_an_earlier_run_counts_in_full(
    study: StudyConfig, ask: Any, tmp_path: Path
) -> None:
    config = study.cells()[2].run_config(results=tmp_path / "results")
    folder = run(config).folder
    record = read_json(folder / "run.json")
    record["artifact"]["reused"], record["wall_seconds"] = True, 1.0
    write_json(folder / "run.json", record)
    assert ask()[2].seconds > 1.0


def test_rates_of_earlier_runs_make_the_estimate(ask: Any, task: Path, tiny_llama: Path) -> None:
    from harness.analysis import calibration
    from harness.runs.estimate import estimate

    config = run_config(strategy="lora", task=str(task), model=str(tiny_llama), device="cpu")
    rough = estimate(config, history=[])
    machine = Machine(cpu=_cpu(), threads=_threads())
    seen = [
        calibration.Observation("r", "lora", phase, calibration.work_of(
            phase, readout=rough["readout"], weights=rough["dtype"], device="cpu", machine=machine,
        ), 1e6, 1.0, None)
        for phase in ("train", "serve")
    ]  # fmt: skip
    slow = estimate(config, history=seen)
    half = estimate(config, history=[*seen, *seen][:1])
    assert slow["notes"]["seconds"].startswith("at the rates of earlier runs")
    assert "serve rough" in half["notes"]["seconds"]
    assert slow["seconds"] > half["seconds"] > 0


def _cpu() -> str:
    from harness.devices import cpu_name

    return cpu_name()


def _threads() -> int:
    from harness.devices import threads

    return threads()


def test_what_all_prompts_begin_with_is_read_once(task: Path, tiny_llama: Path) -> None:
    from harness.costs.workload import Serving
    from harness.models.local.sizes import architecture_of_folder
    from harness.runs.estimate import estimate

    made = estimate(run_config(strategy="few-shot", task=str(task), model=str(tiny_llama)))
    assert made["shared_prefix_tokens"] > made["test_input_tokens"] / made["test_rows"] / 2
    sizes = architecture_of_folder(tiny_llama)
    apart = Serving(requests=10, prompt=100, longest=100)
    shared = Serving(requests=10, prompt=100, longest=100, shared=90)
    assert shared.read == 90 + 10 * 10 and apart.read == 1000
    assert shared.flops(sizes) < apart.flops(sizes)


def test_the_command_shows_plan_and_estimate(study: StudyConfig, tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_text(json.dumps(study.model_dump()), encoding="utf-8")
    listed = ["study", str(file), "--list", "--results", str(tmp_path / "results")]
    shown = CliRunner().invoke(app, listed, env={"COLUMNS": "200"})
    assert shown.exit_code == 0, shown.output
    assert "5 of 5 cells to run: about" in shown.output and "without 1 of unknown" in shown.output
    value = json.loads(CliRunner().invoke(app, [*listed, "--json"]).stdout)
    assert value["forecast"]["cells"] == 5 and value["cells"][2]["forecast"]["seconds"] > 0
    assert not (tmp_path / "results").exists()  # nothing ran, nothing was written


def test_the_korean_study_has_what_makes_sense() -> None:
    cells = read_study("korean-insurance").cells()
    by_task: dict[str, list[str]] = {}
    for cell in cells:
        by_task.setdefault(cell.values["task"], []).append(cell.values["strategy"])
        assert cell.values["limit"] == 400
        assert cell.values.get("model", "gemma-3-270m") == "gemma-3-270m"
        if cell.values["task"] == "insurer-claims-ko" and "lora" in cell.values["strategy"]:
            assert cell.values["set"]["batch_size"] == 2
        if "few-shot" in cell.values["strategy"]:
            assert {8, 24} & set(cell.values["set"].values())
    assert len(by_task["insurer-ko"]) == 12 + 6  # three strategies on two more seeds
    assert len(cells) == 40
    assert "rag" not in " ".join(by_task["insurer-claims-ko"] + by_task["fpb-ko"])
    assert {"rag", "few-shot+oracle-rag", "qlora+rag"} <= set(by_task["ko-insurance-exam"])


@pytest.mark.slow
@pytest.mark.model
def test_the_korean_study_is_listed_offline(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Tasks whose rows aren't here say so; the others have a figure."""
    monkeypatch.delenv("HARNESS_DATA", raising=False)
    done = CliRunner().invoke(
        app, ["study", "korean-insurance", "--list", "--json", "--results", str(tmp_path)]
    )
    assert done.exit_code == 0, done.output
    cells = json.loads(done.stdout)["cells"]
    for cell in cells:
        made = cell["forecast"]
        known = made["basis"] in ("estimate", "light")
        assert known == ("insurer" in cell["label"]), cell
        assert known or "data" in made["note"]


def test_a_tuned_cell_takes_all_its_settings(study: StudyConfig, tmp_path: Path) -> None:
    lora = {"strategy": "lora", "set": {"batch_size": 4, "max_steps": 5}}
    tuned = study.model_copy(
        update={"matrix": {}, "include": [{**lora, "tune": n} for n in (2, 4)], "settings": []}
    )
    made = Forecaster(tmp_path, load_book(), States(tmp_path, "f"))
    two, four = (made.forecast(each, each.run_config(results=tmp_path)) for each in tuned.cells())
    assert "tune 2" in tuned.cells()[0].label
    assert 1.5 * two.seconds < four.seconds < 2.1 * two.seconds
    assert "4.0 settings" in four.note and four.usd == pytest.approx(
        four.seconds / 3600 * load_book().machine("aws-m7i.large").usd_per_hour
    )
    dollars = tuned.model_copy(update={"include": [{**lora, "tune_usd": 2 * two.usd}]}).cells()[0]
    spent = made.forecast(dollars, dollars.run_config(results=tmp_path))
    assert spent.seconds == pytest.approx(2 * two.seconds, rel=0.2)


def test_seeds_share_a_search_and_each_takes_its_own_training(
    study: StudyConfig, tmp_path: Path
) -> None:
    lora = {"strategy": "lora", "set": {"batch_size": 4, "max_steps": 5}}
    both = study.model_copy(
        update={
            "matrix": {},
            "include": [{**lora, "tune": 4, "seed": n} for n in (0, 1)],
            "settings": [],
        }
    )
    made = Forecaster(tmp_path, load_book(), States(tmp_path, "f"))
    first, second = (
        made.forecast(each, each.run_config(results=tmp_path)) for each in both.cells()
    )
    alone = both.model_copy(update={"include": [lora]}).cells()[0]
    assert second == made.forecast(alone, alone.run_config(results=tmp_path))
    assert first.seconds and second.seconds and first.seconds > 2 * second.seconds


def test_a_cell_that_cannot_be_tuned_is_refused_before_anything_runs(study: StudyConfig) -> None:
    cells = study.model_copy(update={"include": [{"strategy": "zero-shot", "tune": 4}]})
    with pytest.raises(UsageError, match="zero-shot can't be tuned"):
        cells.cells()


def test_a_study_over_its_limit_of_core_hours_does_not_start(tmp_path: Path, task: Path) -> None:
    file = tmp_path / "s.yaml"
    value = {"name": "s", "max_core_hours": 1e-9, "matrix": {"strategy": ["zero-shot"]},
             "defaults": {"task": str(task), "model": str(tmp_path / "none")}}  # fmt: skip
    file.write_text(json.dumps(value), encoding="utf-8")
    study = read_study(str(file))
    hour = Forecast(3600.0, 0.1, 1, "estimate", "")
    with pytest.raises(UsageError, match=r"1\.0 core-hours|core-hours, more than") as error:
        check_limit(study, [hour])
    assert "--force" in error.value.hint
    with pytest.raises(UsageError, match="nobody knows"):
        check_limit(study, [Forecast(None, None, None, "unknown", "")])
    check_limit(study.model_copy(update={"max_core_hours": 1e9}), [hour])
    arguments = ["study", str(file), "--results", str(tmp_path / "r"), "--offline"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code != 0 and not list(tmp_path.glob("r/*/run.json"))
