"""Whether a run fits into memory: said before a model is loaded, and right in its order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("transformers")

from harness.analysis.summary import spends
from harness.config import DataSource, run_config
from harness.costs.memory import HOST_CHURN, HOST_LIBRARIES, HOST_SLACK
from harness.costs.workload import Serving, Training, Workload
from harness.devices import Device
from harness.errors import UsageError
from harness.records.ledger import totals
from harness.records.reading import read_record
from harness.runs import estimate_here as here
from harness.runs.runner import run
from harness.strategy.adaptation import Adaptation
from harness.strategy.registry import create_strategy
from tests.heard import Heard

RECORDS = Path(__file__).parents[3] / "results" / "korean-insurance"
PROGRAM = 435 * 2**20  # bytes of the program with its libraries, as it was measured
LONGEST = 1.5  # the longest batch, in batches of mean length


def trained() -> Iterator[Path]:
    for path in sorted(RECORDS.glob("*/run.json")):
        if totals(spends(path.parent)[0]).get("train") and read_record(path.parent).model:
            yield path.parent


@pytest.mark.parametrize("folder", list(trained()), ids=lambda folder: folder.name)
def test_the_peak_of_committed_trainings_is_told_within_a_factor_of_two(folder: Path) -> None:
    record, spent = read_record(folder), totals(spends(folder)[0])["train"]
    strategy = create_strategy(record.config.strategy, record.config.set)
    assert isinstance(strategy, Adaptation) and record.model and record.model.architecture
    planned = strategy.weights.workload()
    assert planned is not None
    positions = spent.usage.computed_tokens / spent.quantities["steps"] / planned.accumulation
    training = Training(
        method=planned.method,
        tokens=0,
        steps=1,
        micro_batches=1,
        batch=1,
        length=round(LONGEST * positions),
        mean_length=positions,
        scored_fraction=spent.usage.scored_positions / spent.usage.computed_tokens,
        rank=planned.rank,
        **({"targets": planned.targets} if planned.targets else {}),
        quantization=strategy.weights.quantization,
        kbit_prepared=planned.float32_rest,
        recompute=planned.recompute,
    )
    process = PROGRAM + HOST_LIBRARIES
    said = training.memory(
        record.model.architecture, process=process, slack=HOST_SLACK, churn=HOST_CHURN
    )
    assert spent.peak_memory_bytes is not None
    assert 1 / 2 < said.total / spent.peak_memory_bytes < 2


def test_there_are_committed_trainings_of_three_kinds() -> None:
    kinds = {read_record(folder).strategy.name.partition("+")[0] for folder in trained()}
    assert kinds >= {"lora", "qlora", "full-finetune"}


@pytest.fixture
def workload() -> Workload:
    training = Training(
        method="lora", tokens=1, steps=1, micro_batches=1, batch=16, length=512, mean_length=512,
        rank=16, scored_fraction=0.1,
    )  # fmt: skip
    return Workload(training, Serving(requests=10, prompt=512, longest=512, batch=4))


@pytest.mark.parametrize(("gigabytes", "said"), [(100, "fits"), (9, "tight"), (1, "doesn't fit")])
def test_the_verdict(workload: Workload, gigabytes: float, said: str) -> None:
    from harness.costs.known import known_models

    gemma = known_models()["gemma-3-270m"]
    text = here.verdict(Device("cuda", dtype="bfloat16"), workload, gemma, gigabytes * 1e9)
    assert text.startswith(said) and re.search(r"\d (MiB|GiB)", text)


@pytest.fixture
def go(tmp_path: Path, tiny_llama: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    table = tmp_path / "rows.csv"
    lines = [f"profit rose {n},up\nsales fell {n},down" for n in range(40)]
    table.write_text("text,label\n" + "\n".join(lines) + "\n", encoding="utf-8")

    def go(free: float | None, strategy: str = "lora", **more: Any) -> list[str]:
        if free is not None:
            monkeypatch.setattr(here, "free_memory_bytes", lambda device: free)
            monkeypatch.setattr(here, "_own", lambda device: 0.0)
        listener = Heard()
        run(
            run_config(
                strategy=strategy, data=DataSource(path=table, input="text", target="label"),
                model=str(tiny_llama), results=tmp_path / "results", device="cpu", latency=False,
                set={"lora.max_steps": 1} if strategy == "lora" else {}, **more,
            ),
            listener,
        )  # fmt: skip
        return listener.said

    return go


@pytest.mark.parametrize("strategy", ["lora", "zero-shot"])
def test_a_run_says_its_verdict(go: Any, strategy: str) -> None:
    assert any(re.match(r"Memory: fits \(about \d", text) for text in go(None, strategy))


def test_what_cannot_fit_is_refused_before_anything_is_written(go: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"doesn't fit: .* of 95 MiB") as raised:
        go(1e8)
    assert "--force" in raised.value.hint
    assert not list((tmp_path / "results").glob("*/run.json"))
    assert any("it is tried" in text for text in go(1e8, force=True))
