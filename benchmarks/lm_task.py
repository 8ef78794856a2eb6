"""One task of lm-evaluation-harness, from prompts to metrics: our model as its `LM`, or its own.

Both sides run lm-eval's evaluator on the same rows with the same examples in each prompt, and give
every document's likelihoods.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.contract import CLOCKS, Benchmark, Done, Options
from benchmarks.scoring import agree, fastest_batch
from benchmarks.workloads import SHOTS, rows
from harness.runs.lm_eval.evaluator import evaluated
from harness.runs.lm_eval.tasks import library, load_tasks
from harness.runs.plan import SALT
from harness.task.splits import first
from harness.task.task import load_task

__all__ = ["BENCHMARK", "LmEval", "Ours", "write_task"]

PROBE = 8  # documents that a batch size is tried on
DRAWN = "-drawn"  # ends the name of a workload whose every prompt has examples of its own
YAML = """task: {name}_lm
dataset_path: json
dataset_kwargs: {{data_files: {{train: train.jsonl, test: test.jsonl}}}}
training_split: train
fewshot_split: train
fewshot_config: {{sampler: {sampler}}}
test_split: test
output_type: multiple_choice
doc_to_text: "{{{{text}}}}\\nAnswer:"
doc_to_choice: {labels}
doc_to_target: "{{{{label}}}}"
metric_list:
  - metric: acc
"""


def write_task(
    folder: Path,  # where to
    # name of the task; all prompts have the same examples, as in MMLU, unless it says that they are
    # drawn for each, as lm-eval does where a task doesn't say
    workload: str,
    items: int,  # how many test rows, the first by hash
) -> Path:
    """Writes the rows of a task, and a YAML file of lm-eval for them."""
    task = load_task(workload.removesuffix(DRAWN))
    data = rows(task)
    for name, part in (("train", first(data.train, 200, SALT)), ("test", data.test)):
        chosen = first(part, items, SALT) if name == "test" else part
        lines = [{"text": r.example.query.text, "label": r.example.target} for r in chosen]
        text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    path = folder / f"{workload}.yaml"
    labels = json.dumps(list(task.labels), ensure_ascii=False)
    sampler = "default" if workload.endswith(DRAWN) else "first_n"
    text = YAML.format(name=task.name, labels=labels, sampler=sampler)
    path.write_text(text, encoding="utf-8")
    return path


class _Side:
    """What both sides share: the model, and the task with its rows."""

    def __init__(self, options: Options) -> None:
        import datasets.config

        from harness import devices
        from harness.models.local.model import load_local
        from harness.models.sources.fetch import resolve

        self._folder = tempfile.TemporaryDirectory()
        datasets.config.HF_DATASETS_CACHE = Path(self._folder.name) / "cache"
        self.model = load_local(resolve(options.model), device=devices.select("cpu", options.dtype))
        file = write_task(Path(self._folder.name), options.workload, options.items or 0)
        with library():
            self._tasks = load_tasks([str(file)], shots=SHOTS[options.workload.removesuffix(DRAWN)])

    def ask(self, lm: Any, limit: int | None = None) -> Done:
        """Evaluates the task with a model of lm-eval's interface."""
        with library():
            results = evaluated(lm, self._tasks, limit=limit)
        ((name, samples),) = results["samples"].items()
        answers = [_likelihoods(sample["filtered_resps"]) for sample in samples]
        return Done(answers, figures={"acc": results["results"][name]["acc,none"]})


def _likelihoods(responses: Sequence[tuple[float, bool]]) -> list[list[float]]:
    return [[value for value, _ in responses], [1 for _ in responses]]


class Ours(_Side):
    """The harness."""

    def warm_up(self) -> Mapping[str, Any]:
        """Asks a few documents."""
        self._ask(PROBE)
        return {}

    def _ask(self, limit: int | None = None) -> Done:
        with library():
            from harness.runs.lm_eval.model import HarnessLM

            lm = HarnessLM(self.model)
        return self.ask(lm, limit)

    def run(self) -> Done:
        """Asks all of them."""
        return self._ask()


class LmEval(_Side):
    """lm-evaluation-harness' own model, at its best batch size."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        with library():
            from lm_eval.models.huggingface import HFLM

            self._peer = HFLM(
                pretrained=self.model.module, tokenizer=self.model.tokenizer, batch_size=1
            )
        self._clock = CLOCKS[options.clock]

    def warm_up(self) -> Mapping[str, Any]:
        """Tries batch sizes on the first documents, and keeps the fastest."""
        return fastest_batch(self._peer, self._seconds)

    def _seconds(self) -> float:
        since = self._clock()
        self.ask(self._peer, PROBE)
        return self._clock() - since

    def run(self) -> Done:
        """Asks all of them."""
        return self.ask(self._peer)


BENCHMARK = Benchmark(
    name="lm_task",
    summary="A task of lm-evaluation-harness by our model, against its own.",
    unit="documents",
    workloads={"fpb": 200, f"fpb{DRAWN}": 100},
    sides={"ours": "benchmarks.lm_task:Ours", "lm-eval": "benchmarks.lm_task:LmEval"},
    agree=agree,
    agreement_items={"fpb": 16, f"fpb{DRAWN}": 16},
)
