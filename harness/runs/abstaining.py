"""Abstaining below a threshold of confidence, whatever the strategy: given, or chosen on dev."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, replace
from pathlib import Path

from harness.errors import DataError, UsageError
from harness.metrics.abstention import is_abstention
from harness.metrics.score import score_row
from harness.metrics.selective import NOTHING, Chosen, choose, confidence_of
from harness.models.endpoint import Endpoint
from harness.records.files import Json, append_lines, each_line
from harness.records.model import ModelInfo
from harness.runs.plan import Plan
from harness.runs.serving import CHUNK, serve
from harness.strategy.base import TUNE, HoldsModel, NamesModel, Predictor, WarmsUp
from harness.strategy.context import Context
from harness.strategy.own import answers
from harness.types import Output, Query, Row

__all__ = ["check_abstaining", "chosen_by", "describe_threshold", "learn_threshold", "predictor_of"]

FILE = "abstaining.jsonl"
FIELDS = {"id": str, "wrong": bool}  # of a line, beside confidence and loss
WORDS = {"ko": "모른다"}  # by language, where a task has no words of its own
OTHERWISE = "I don't know"
UNGIVEN = ("refused", "too_long")  # how what is no answer ended


def learn_threshold(plan: Plan, context: Context) -> None:
    """Answers the dev rows, and keeps how sure each answer is and what it costs, as phase ``tune``.

    Their labels are read. Nothing where no threshold is to be chosen; after an interruption it goes
    on with the rows that are missing.
    """
    if plan.strategy.abstain != TUNE:
        return
    examples, rows = context.dev[:], plan.rows.dev
    done = _kept(context.artifact).keys()
    chunks = [range(at, min(at + CHUNK, len(rows))) for at in range(0, len(rows), CHUNK)]
    waiting = [chunk for chunk in chunks if not all(rows[at].id in done for at in chunk)]
    if not waiting:
        return
    predictor = plan.strategy.predictor(replace(context, confidence=True))
    for chunk in waiting:
        queries = [examples[at].query for at in chunk]
        outputs = serve(predictor, queries, context.ledger, phase="tune")
        lines = [_line(plan, rows[at], outputs[rows[at].id]) for at in chunk]
        append_lines(context.artifact / FILE, lines)
        context.monitor.progress("tune", chunk.stop, len(rows))


def _line(plan: Plan, row: Row, output: Output) -> Json:
    sure, scored = _confidence(plan, output), score_row(row, output, plan.rules)
    about = {"wrong": not scored.correct, "loss": scored.values.get("expected_loss")}
    return {"id": row.id, "confidence": None if scored.outcome == "error" else sure, **about}


def _kept(artifact: Path) -> dict[str, Json]:
    """Returns what the dev rows came to, by id; a torn line is left out."""
    return {line["id"]: line for line in each_line(artifact / FILE, [], FIELDS)}


def chosen_by(plan: Plan, artifact: Path) -> Chosen | None:
    """Chooses the threshold by what the dev rows came to; None where it is given.

    Raises:
        DataError: The artifact lacks some of them.
    """
    if plan.strategy.abstain != TUNE:
        return None
    lines = _kept(artifact)
    ids = [row.id for row in plan.rows.dev] or list(lines)  # a plan without its rows takes all
    if missing := sum(id_ not in lines for id_ in ids):
        raise DataError(
            f"{artifact / FILE} lacks {missing} of {len(ids)} dev rows",
            "Restore the file, or run with --force: it prepares anew.",
        )
    kept = [each for id_ in ids if (each := lines[id_])["confidence"] is not None]
    costs = plan.rules.costs
    return choose(
        [each["confidence"] for each in kept],
        [each["wrong"] for each in kept],
        most=plan.strategy.abstain_error,
        losses=[each["loss"] for each in kept] if costs else None,
        handover=costs.handover if costs else 0.0,
    )


def describe_threshold(plan: Plan, artifact: Path) -> dict[str, object]:
    """Returns for the record what is abstained by; nothing where it isn't."""
    if plan.strategy.abstain is None:
        return {}
    chosen = chosen_by(plan, artifact)
    return {"abstaining": asdict(chosen) if chosen else {"threshold": plan.strategy.abstain}}


def predictor_of(plan: Plan, context: Context) -> Predictor:
    """Returns the plan's predictor, which abstains where the strategy says so."""
    if plan.strategy.abstain is None:
        return plan.strategy.predictor(context)
    chosen = chosen_by(plan, context.artifact)
    threshold = chosen.threshold if chosen else float(plan.strategy.abstain)
    if chosen and threshold == NOTHING:
        error = f"no threshold keeps the error within {plan.strategy.abstain_error:g}"
        why = "that costs least" if plan.rules.costs else f"{error} (--set abstain_error)"
        context.monitor.message(f"all answers are held back: on {chosen.rows} dev rows {why}")
    inner = plan.strategy.predictor(replace(context, confidence=True))
    return _Abstaining(plan, inner, threshold)


def check_abstaining(plan: Plan) -> None:
    """Refuses what can't say how sure it is, and a choice without dev rows.

    Raises:
        UsageError: The strategy's answers have no confidence.
        DataError: There is no dev row.
    """
    strategy = plan.strategy
    if strategy.abstain is None:
        return
    if isinstance(plan.model, Endpoint) or strategy.behind_api:
        raise _unsure("a server gives no probabilities", "a model that runs here")
    if strategy.constant:
        raise _unsure(f"{plan.config.strategy} gives one answer to everything", "another strategy")
    if strategy.readout == "retrieval":
        raise _unsure("there is no answer to hold back", "a strategy that answers")
    if strategy.abstain == TUNE and not plan.rows.dev:
        raise DataError(
            f"abstain=tune chooses a threshold on dev rows; {plan.task.name} has none",
            "Give it some (--split 70/10/20, or rows named dev), or a number: --set abstain=0.8.",
        )


def _unsure(why: str, instead: str) -> UsageError:
    return UsageError(
        f"abstain needs to know how sure each answer is, and {why}",
        f"Use {instead}; strategies that search can abstain by what they find: --set threshold.",
    )


def _confidence(plan: Plan, output: Output) -> float | None:
    """Returns how sure an answer is; None where none was given, or where it is an abstention."""
    if output.error is not None or output.text is None or output.finish in UNGIVEN:
        return None
    phrases = (plan.task.abstain,) if plan.task.abstain else ()
    sure = confidence_of(output)
    if not output.chosen and is_abstention(output.text, phrases):
        return None
    if sure is None:
        name = plan.config.strategy
        raise _unsure(f"an answer of {name} ({output.id}) doesn't say", "another strategy")
    return sure


class _Abstaining:
    """Holds answers back that aren't sure enough."""

    def __init__(self, plan: Plan, inner: Predictor, threshold: float) -> None:
        self._plan, self._inner, self._threshold = plan, inner, threshold
        self._words = plan.task.abstain or WORDS.get(plan.task.language, OTHERWISE)

    def predict(self, queries: Iterable[Query]) -> Iterator[Output]:
        """Yields an output for each query."""
        for output in answers(self._inner, list(queries)):
            sure = _confidence(self._plan, output)
            if sure is not None and sure < self._threshold:
                yield replace(output, text=self._words, withheld=output.text, confidence=sure)
            else:
                yield replace(output, confidence=sure)

    def warm(self, queries: Sequence[Query]) -> AbstractContextManager[int]:
        """Warms up what answers, where it can."""
        return self._inner.warm(queries) if isinstance(self._inner, WarmsUp) else nullcontext(0)

    @property
    def model(self) -> object:
        """The loaded model that answers, where there is one."""
        return self._inner.model if isinstance(self._inner, HoldsModel) else None

    @property
    def model_info(self) -> ModelInfo | None:
        """The model, where what answers names it."""
        return self._inner.model_info if isinstance(self._inner, NamesModel) else None
