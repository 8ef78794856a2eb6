"""How much trains at a time: chosen before memory runs out, and the result is that of any number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from harness import devices  # noqa: E402
from harness.costs.known import known_models  # noqa: E402
from harness.costs.memory import HOST_SLACK, TrainingSetup  # noqa: E402
from harness.errors import HarnessError  # noqa: E402
from harness.models.local.model import load_local  # noqa: E402
from harness.models.render import Encoded  # noqa: E402
from harness.records.ledger import Ledger  # noqa: E402
from harness.training.loop import train  # noqa: E402
from harness.training.recipe import Recipe  # noqa: E402
from harness.training.room import Room, parts  # noqa: E402
from harness.types import Prompt, Section  # noqa: E402

GEMMA = known_models()["gemma-3-270m"]
SETUP = TrainingSetup("lora", trainable=4_000_000, scored_fraction=0.05, slack=HOST_SLACK)


def rows(*lengths: int) -> list[Encoded]:
    return [Encoded(list(range(length)), length - 1) for length in lengths]


def test_a_batch_is_divided_by_positions_with_padding() -> None:
    some = rows(10, 10, 30, 90)
    assert parts(some, None) == [some]
    assert [len(part) for part in parts(some, 90)] == [3, 1]
    assert [len(part) for part in parts(some, 60)] == [2, 1, 1]
    assert [len(part) for part in parts(some, 5)] == [1, 1, 1, 1]  # one row always runs


def test_the_room_follows_from_free_memory() -> None:
    room = Room(GEMMA, SETUP, free=20e9)
    assert room.positions(rows(100, 200), batch=8) is None
    most = [Room(GEMMA, SETUP, free).positions(rows(100, 200), 8) for free in (1.5e9, 0.8e9)]
    assert 1600 > most[0] > most[1] >= 200  # type: ignore[operator]
    assert room.needed(most[0] or 0) * 1.2 <= 1.5e9  # type: ignore[operator]
    wide = Room(GEMMA, SETUP, 1.5e9, wider=2).positions(rows(100, 200), 8)
    assert wide is not None and wide < most[0]  # type: ignore[operator]


def test_a_row_that_cannot_fit_is_refused_with_the_next_step() -> None:
    with pytest.raises(HarnessError, match=r"a row of 8,000 tokens needs about \d") as raised:
        Room(GEMMA, SETUP, 2e9).positions(rows(50, 8000), 8)
    most = int(raised.value.hint.partition("max_length=")[2].split()[0])
    assert 50 < most < 8000
    assert Room(GEMMA, SETUP, 2e9).positions(rows(50, most), 1) is None


@pytest.mark.parametrize("most", [40, 90])
def test_the_result_is_that_of_whole_batches(tiny_llama: Path, tmp_path: Path, most: int) -> None:
    device = devices.select("cpu", "float32")

    def fit(name: str, most: int | None) -> tuple[Any, Any]:
        model = load_local(tiny_llama, device=device)
        model.module.requires_grad_(True)
        prompts = [f"question {n} " + "and more " * (n % 5) for n in range(12)]
        encoded = [
            model.encode(Prompt((Section("question", text),)), f"answer {n % 3}")
            for n, text in enumerate(prompts)
        ]
        ledger = Ledger(tmp_path / f"{name}.jsonl")
        with ledger.phase("train") as spend:
            result = train(
                model.module, encoded, recipe=Recipe(max_steps=4, batch_size=6, evaluations=2),
                device=device.torch, seed=1, pad_id=model.pad_id, dev=encoded[:5],
                checkpoint_dir=tmp_path / name, ledger=ledger, spend=spend, most=most,
            )  # fmt: skip
        return model.module, result

    (whole, told), (divided, other) = fit("whole", None), fit("divided", most)
    assert told.rows_at_once == 6 and other.rows_at_once < 6
    assert other.positions_at_once <= max(most, 60) < told.positions_at_once
    for a, b in zip(whole.parameters(), divided.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-4)
    losses = [[line["loss"] for line in result.history] for result in (told, other)]
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)
    assert other.best_dev_loss == pytest.approx(told.best_dev_loss, rel=1e-4)
