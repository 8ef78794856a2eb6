"""LoRA and QLoRA on labelled rows: `harness.training` against TRL, or against a plain loop.

All sides train the same adapter from the same start, on the same tokens, in the same batches
(sorted by length, which spares the peers padding), with the same schedule and AdamW; the loss is
on the answers only. Activations aren't recomputed.
"""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.contract import Agreement, Benchmark, Done, Options
from benchmarks.workloads import training_pairs
from harness.costs.flops import training_flops

__all__ = ["BENCHMARK", "Ours", "PlainLoop", "Trl", "agree"]

BATCH = 8
STRATEGIES = {"lora": "lora", "qlora": "qlora"}
SEED = 0
RELATIVE = 1e-3  # how far losses of a step may differ in float32


class _Work:
    """What all sides share: the model with its adapter, rows in tokens, and the plan."""

    def __init__(self, options: Options) -> None:
        import torch

        from harness import devices
        from harness.models.local.model import load_local
        from harness.models.sources.fetch import resolve
        from harness.strategy.registry import create_strategy
        from harness.training.recipe import plan_steps

        settings = {"epochs": 1, "batch_size": BATCH}
        weights: Any = create_strategy(STRATEGIES[options.workload], settings).weights
        self.model = load_local(
            resolve(options.model),
            device=devices.select("cpu", options.dtype),
            quantization=weights.quantization,
        )
        torch.manual_seed(SEED)
        weights.attach(self.model)
        self.exact = options.dtype == "float32"
        self.module = self.model.module
        self.recipe = weights.recipe(self.model)
        pairs = training_pairs("fpb", options.items or 0)
        self.rows = [self.model.encode(pair.prompt, pair.target) for pair in pairs]
        self.plan = plan_steps([len(row.ids) for row in self.rows], self.recipe, SEED)
        self._trained = [p for p in self.module.parameters() if p.requires_grad]
        self._start = [p.detach().clone() for p in self._trained]

    def reset(self) -> None:
        """Gives the adapter its first values."""
        for weight, value in zip(self._trained, self._start, strict=True):
            weight.data = value.to(weight.dtype, copy=True)
            weight.grad = None

    @property
    def batches(self) -> Iterator[list[Any]]:
        """The rows of each step."""
        for step in self.plan:
            yield [self.rows[row] for batch in step for row in batch]

    def done(
        self,
        losses: Sequence[float],  # of each step
        tokens: int,  # positions that went through the model
    ) -> Done:
        """Makes the result of a round."""
        figures = {"steps": len(losses), "tokens": tokens, "last_loss": round(losses[-1], 4)}
        least = sum(distinct_beginnings(batch) for batch in self.batches)
        return Done(list(losses), self._flops(tokens), self._flops(least), figures)

    def _flops(self, tokens: int) -> float:
        sizes = self.model.info.architecture
        assert sizes is not None
        return training_flops(
            sizes,
            tokens=tokens,
            trainable=sum(weight.numel() for weight in self._trained),
            scored_positions=sum(len(row.ids) - row.prompt_length for row in self.rows),
            mean_length=sum(len(row.ids) for row in self.rows) / len(self.rows),
        )


def distinct_beginnings(rows: Sequence[Any]) -> int:
    """Counts the positions that a step can't do without: what begins alike is the same.

    The last token of a row is predicted and never read.
    """
    seen: set[int] = set()
    for row in rows:
        beginning = 0
        for token in row.ids[:-1]:
            beginning = hash((beginning, token))  # of the tokens so far
            seen.add(beginning)
    return len(seen)


class Ours:
    """The harness."""

    def __init__(self, options: Options) -> None:
        self._work = _Work(options)

    def warm_up(self) -> Mapping[str, Any]:
        """Trains a few steps."""
        self._train(self._work.recipe.model_copy(update={"max_steps": 2}))
        return {"batch_size": BATCH}

    def run(self) -> Done:
        """Trains one epoch."""
        result, tokens = self._train(self._work.recipe)
        return self._work.done([line["loss"] for line in result.history], tokens)

    def _train(self, recipe: Any) -> tuple[Any, int]:
        from harness.records.ledger import Ledger, Spend
        from harness.training.loop import train

        work = self._work
        work.reset()
        spend = Spend("train")
        with tempfile.TemporaryDirectory() as folder:
            result = train(
                work.module,
                work.rows,
                recipe=recipe,
                device=work.model.device.torch,
                seed=SEED,
                pad_id=work.model.pad_id,
                checkpoint_dir=Path(folder),
                ledger=Ledger(Path(folder) / "ledger.jsonl"),
                spend=spend,
            )
        return result, spend.usage.computed_tokens


class _Peer:
    """A side that pads its batches."""

    def __init__(self, options: Options) -> None:
        self._work = _Work(options)

    def _optimizer(self) -> tuple[Any, Any]:
        """Returns the optimizer and the schedule that our side has."""
        import torch

        from harness.training.optimizers import learning_rate

        recipe, steps = self._work.recipe, len(self._work.plan)
        trained = [p for p in self._work.module.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(
            trained, lr=recipe.peak, weight_decay=recipe.weight_decay, fused=True
        )
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: learning_rate(min(step, steps - 1), steps, recipe) / recipe.peak
        )
        return optimizer, schedule

    def _tokens(self) -> int:
        return sum(len(batch) * max(len(row.ids) for row in batch) for batch in self._work.batches)


class PlainLoop(_Peer):
    """What anybody would write: pad, let transformers take the loss, step."""

    def warm_up(self) -> Mapping[str, Any]:
        """Trains a few steps."""
        self._train(2)
        return {"batch_size": BATCH}

    def run(self) -> Done:
        """Trains one epoch."""
        return self._work.done(self._train(len(self._work.plan)), self._tokens())

    def _train(self, steps: int) -> list[float]:
        import torch

        self._work.reset()
        module = self._work.module.train()
        optimizer, schedule = self._optimizer()
        losses = []
        for _, batch in zip(range(steps), self._work.batches, strict=False):
            loss = module(**self._padded(batch)).loss
            loss.backward()
            torch.nn.utils.clip_grad_norm_(
                [p for p in module.parameters() if p.requires_grad],
                self._work.recipe.max_grad_norm,
            )
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            losses.append(loss.item())
        return losses

    def _padded(self, batch: Sequence[Any]) -> dict[str, Any]:
        import torch

        width = max(len(row.ids) for row in batch)
        ids = torch.full((len(batch), width), self._work.model.pad_id)
        mask, labels = torch.zeros_like(ids), torch.full_like(ids, -100)
        for line, row in enumerate(batch):
            length = len(row.ids)
            ids[line, :length] = torch.tensor(row.ids)
            mask[line, :length] = 1
            labels[line, row.prompt_length : length] = ids[line, row.prompt_length : length]
        return {"input_ids": ids, "attention_mask": mask, "labels": labels}


class Trl(_Peer):
    """TRL's `SFTTrainer`, with loss on completions only, at the best of its settings."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._options = options
        self._trainer = self._make(mixed=not self._work.exact, micro=BATCH)

    def warm_up(self) -> Mapping[str, Any]:
        """Tries automatic mixed precision and micro-batches, and keeps the fastest."""
        if self._work.exact:
            return {}
        seconds: dict[tuple[bool, int], float] = {}
        for mixed in (True, False):
            for micro in (BATCH, BATCH // 2):
                self._trainer = self._make(mixed=mixed, micro=micro)
                self._train(1)
                since = time.perf_counter()
                self._train(1)
                seconds[mixed, micro] = time.perf_counter() - since
        mixed, micro = min(seconds, key=seconds.__getitem__)
        self._trainer = self._make(mixed=mixed, micro=micro)
        probed = {
            f"{'autocast' if m else 'plain'} {n}": round(s, 2) for (m, n), s in seconds.items()
        }
        return {"batch_size": BATCH, "micro_batch": micro, "autocast": mixed, "probed": probed}

    def run(self) -> Done:
        """Trains one epoch."""
        return self._work.done(self._train(len(self._work.plan)), self._tokens())

    def _train(self, steps: int) -> list[float]:
        self._work.reset()
        trainer = self._trainer
        trainer.args.max_steps = steps
        trainer.optimizer, trainer.lr_scheduler = self._optimizer()
        with _quiet():
            trainer.train()
        history = trainer.state.log_history
        return [line["loss"] for line in history if "loss" in line]

    def _make(self, *, mixed: bool, micro: int) -> Any:
        import trl
        from datasets import Dataset

        columns = [
            {
                "input_ids": row.ids,
                "completion_mask": [int(at >= row.prompt_length) for at in range(len(row.ids))],
            }
            for batch in self._work.batches
            for row in batch
        ]
        with _quiet(), tempfile.TemporaryDirectory() as folder:
            trainer = trl.SFTTrainer(
                model=self._work.module,
                processing_class=self._work.model.tokenizer,
                train_dataset=Dataset.from_list(columns),
                args=trl.SFTConfig(
                    output_dir=folder,
                    per_device_train_batch_size=micro,
                    gradient_accumulation_steps=BATCH // micro,
                    max_steps=len(self._work.plan),
                    max_grad_norm=self._work.recipe.max_grad_norm,
                    completion_only_loss=True,
                    max_length=None,
                    gradient_checkpointing=False,
                    train_sampling_strategy="sequential",
                    bf16=mixed,
                    use_cpu=True,
                    logging_steps=1,
                    report_to="none",
                    save_strategy="no",
                    disable_tqdm=True,
                ),
            )
        if self._work.exact:  # TRL rounds the adapters of a quantised model to bf16
            for weight in self._work.module.parameters():
                if weight.requires_grad:
                    weight.data = weight.data.float()
        return trainer


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps TRL's log lines off the terminal."""
    import datasets
    import transformers

    from harness.models.local.model import quiet_libraries

    datasets.disable_progress_bars()
    before = transformers.trainer_callback.PrinterCallback.on_log
    transformers.trainer_callback.PrinterCallback.on_log = lambda *args, **kwargs: None
    try:
        with quiet_libraries():
            yield
    finally:
        transformers.trainer_callback.PrinterCallback.on_log = before


def agree(
    ours: list[float],  # mean loss a label token of each step
    peer: list[float],
) -> Agreement:
    """Compares the losses of all steps."""
    gaps = [abs(a - b) / max(abs(b), 1e-3) for a, b in zip(ours, peer, strict=True)]
    same = sum(gap <= RELATIVE for gap in gaps if math.isfinite(gap))
    largest = max(abs(a - b) for a, b in zip(ours, peer, strict=True))
    rule = f"the loss of each step within {RELATIVE} of the other's"
    return Agreement(same / len(gaps), len(gaps), largest, rule)


BENCHMARK = Benchmark(
    name="training",
    summary="LoRA and QLoRA on labelled rows, against TRL or a plain loop.",
    unit="rows",
    workloads={"lora": 64, "qlora": 64},
    sides={
        "ours": "benchmarks.training:Ours",
        "trl": "benchmarks.training:Trl",
        "plain": "benchmarks.training:PlainLoop",
    },
    agree=agree,
    agreement_items={"lora": 24, "qlora": 24},
)
