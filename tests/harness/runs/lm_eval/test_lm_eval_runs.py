from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("lm_eval")


from harness.analysis.compare import compare_runs
from harness.analysis.summary import summary
from harness.config import run_config
from harness.costs.book import load_book
from harness.errors import UsageError
from harness.records.predictions import stored_predictions
from harness.records.reading import read_metrics, read_record
from harness.runs.exports import export
from harness.runs.plan import open_task
from harness.runs.runner import run


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("results")


def config(task: str, results: Path, model: Path, **values: Any) -> Any:
    values = {"base_url": None} | values  # a server that the environment names
    return run_config(
        task=f"lm-eval:{task}",
        results=results,
        model=str(model),
        device="cpu",
        dtype="float32",
        **({"strategy": "zero-shot"} | values),
    )


@pytest.mark.parametrize("name", ["choice", "likelihood", "rolling", "written"])
def test_a_task_of_lm_eval_becomes_a_record(
    name: str, tasks: dict[str, str], results: Path, tiny_llama: Path
) -> None:
    asked = config(tasks[name], results, tiny_llama, limit=4)
    folder = run(asked).folder
    record, derived = read_record(folder), read_metrics(folder)
    assert record.status == "finished" and record.task.name == f"lm-eval:own_{name}"
    assert derived and derived.n == record.task.rows.test == 4
    kept = json.loads((folder / "lm-eval.json").read_text())["results"][f"own_{name}"]
    lines = list(stored_predictions(folder, record))
    for metric, figure in derived.metrics.items():
        assert figure.value == kept[f"{metric},none"]
        if metric in lines[0]["values"]:  # a mean over documents
            mean = sum(line["values"][metric] for line in lines) / 4
            assert mean == pytest.approx(figure.value)
    primary = {"choice": "acc", "likelihood": "acc", "rolling": "bits_per_byte"}
    assert derived.primary == primary.get(name, "exact_match")
    shown = summary(folder, load_book())
    assert shown["ledger"]["serve"]["quantities"]["requests"] == 4
    assert shown["ledger"]["serve"]["tokens"]["computed_tokens"] and shown["ledger"]["load"]
    assert run(asked).reused
    texts = [path.read_text() for path in folder.glob("*.json*")]
    assert not any(str(Path(tasks[name]).parent) in text for text in texts)
    with pytest.raises(UsageError, match="no weights of its own"):
        export(folder, "merged", results / "none")


def test_records_of_lm_eval_are_compared(
    tasks: dict[str, str], results: Path, tiny_llama: Path, tiny_llama_base: Path
) -> None:
    one, other = (
        run(config(tasks["rolling"], results, folder, limit=4)).folder
        for folder in (tiny_llama, tiny_llama_base)
    )
    found = compare_runs(one, other)
    assert found["metric"] == "bits_per_byte" and not found["higher_is_better"]
    values = [read_metrics(each).metrics["bits_per_byte"].value for each in (one, other)]  # type: ignore[union-attr]
    assert found["difference"] == pytest.approx(values[0] - values[1])
    shots = run(config(tasks["choice"], results, tiny_llama, task_set={"num_fewshot": 2})).folder
    plain = run(
        config(tasks["choice"], results, tiny_llama, task_set={"metric": "acc_norm"})
    ).folder
    assert read_record(shots).task.digest != read_record(plain).task.digest
    assert read_metrics(plain).primary == "acc_norm"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"strategy": "lora"}, "of a model as it is: lora has no part"),
        ({"strategy": "few-shot"}, "few-shot has no part"),
        ({"train_limit": 5}, "--train-limit does nothing"),
        ({"probe": ("default",)}, "--probe does nothing"),
        ({"base_url": "http://127.0.0.1"}, "--base-url does nothing"),
        ({"task_set": {"shots": 1}}, "no parameter 'shots'"),
        ({"task_set": {"num_fewshot": -1}}, "--task-set num_fewshot=-1"),
        ({"task_set": {"metric": "f2"}}, "no metric 'f2'"),
        ({"model": "endpoint:x"}, "needs a model that runs here|need a model that runs here"),
    ],
)
def test_what_has_no_effect_is_refused(
    values: dict[str, Any], words: str, tasks: dict[str, str], tmp_path: Path, tiny_llama: Path
) -> None:
    given = {"model": tiny_llama} | values
    with pytest.raises(UsageError, match=words):
        run(config(tasks["choice"], tmp_path, **given))
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_an_adapted_model_is_probed_by_a_task_of_lm_eval(
    tasks: dict[str, str], tmp_path: Path, tiny_llama: Path
) -> None:
    rows = [{"text": f"up {n}", "label": "up" if n % 2 else "down"} for n in range(30)]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    folder = run(
        run_config(
            strategy="lora",
            set={"max_steps": 3, "learning_rate": 0.02, "batch_size": 4},
            data={"path": tmp_path / "rows.jsonl", "input": "text", "target": "label"},
            model=str(tiny_llama),
            results=tmp_path / "results",
            device="cpu",
            dtype="float32",
            latency=False,
            probe=(f"lm-eval:{tasks['rolling']}",),
        )
    ).folder
    (probe,) = read_record(folder).probes
    scores = {(each.metric, each.adapted): each.value for each in probe.scores}
    before, after = (scores["bits_per_byte", adapted] for adapted in (False, True))
    assert before and after and before != after
    assert summary(folder, load_book())["ledger"]["probe"]["tokens"]["computed_tokens"]


def test_other_verbs_say_that_the_task_is_lm_evals(tasks: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="asked and scored by lm-eval"):
        open_task(config(tasks["choice"], tmp_path, tmp_path))
