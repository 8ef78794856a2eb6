"""What a strategy asks a model while it prepares, and how answers to dev rows are scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.metrics.aggregate import aggregate
from harness.metrics.registry import sign_of
from harness.metrics.score import Rules, read_row, score_row
from harness.records.files import append_lines, read_lines
from harness.strategy.own import answers
from harness.types import Estimate, Example, Output, Query, Row, Scored

if TYPE_CHECKING:
    from harness.records.ledger import Ledger

__all__ = ["Journal", "Scoring"]

CHUNK = 32
"""Questions asked before their answers are kept. Fixed: a resumed run forms the same batches."""
KEPT = ("id", "text", "finish", "scores", "error", "chosen", "excess", "confidence")


@dataclass(frozen=True)
class Scoring:
    """Scores answers to dev rows as those to test rows are scored: by the task's own rules."""

    rules: Rules
    metric: str  # the task's primary one
    rows: Mapping[str, Row]  # dev rows by id

    def read(self, query: Query, output: Output) -> Scored:
        """Returns what an answer says and what became of it, without knowing the right one."""
        return read_row(Row(Example(query, "")), output, self.rules)[0]

    def estimate(self, outputs: Sequence[Output]) -> Estimate:
        """Returns the primary metric of answers to dev rows."""
        scored = [score_row(self.rows[output.id], output, self.rules) for output in outputs]
        kind, labels = self.rules.kind, self.rules.choices
        return aggregate(scored, kind=kind, labels=labels, metrics=[self.metric])[self.metric]

    def said(self, estimate: Estimate) -> str:
        """Writes the primary metric of dev rows with its interval."""
        ends = (estimate.value, estimate.low, estimate.high)
        value, low, high = ("-" if each is None else f"{each:.3f}" for each in ends)
        return f"{self.metric} {value} [{low}, {high}] on {estimate.n} dev rows"

    def goodness(self, estimate: Estimate) -> float:
        """Returns a figure that is the greater, the better the answers are."""
        if estimate.value is None:
            return float("-inf")
        return sign_of(self.metric) * estimate.value


class Journal:
    """Answers that are kept as they come: after a kill, nothing that is there is asked again."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._kept: dict[tuple[str, str], Output] = {}
        for line in read_lines(file, fields={"who": str, "id": str}):
            who = line.pop("who")
            self._kept[who, line["id"]] = Output(**line)

    def of(self, who: str) -> dict[str, Output]:
        """Returns the answers of one name by id, without usage and passages."""
        return {id_: output for (name, id_), output in self._kept.items() if name == who}

    def ask(
        self, who: str, predictor: object, queries: Sequence[Query], ledger: Ledger, phase: str
    ) -> list[Output]:
        """Returns an answer to each query; asks what isn't there, and bills it before it is kept.

        `who` names what answers: the same question may be asked under several names.
        """
        for start in range(0, len(queries), CHUNK):
            chunk = queries[start : start + CHUNK]
            if all((who, query.id) in self._kept for query in chunk):
                continue
            with ledger.phase(phase) as spend:
                outputs = {query.id: Output(query.id, None, error="no answer") for query in chunk}
                for output in answers(predictor, chunk):
                    outputs[output.id] = output
                    spend.usage.add(output.usage)
                spend.count(requests=len(chunk))
                ledger.alive()
                append_lines(self._file, [_line(who, output) for output in outputs.values()])
            self._kept |= {(who, id_): output for id_, output in outputs.items()}
        return [self._kept[who, query.id] for query in queries]


def _line(who: str, output: Output) -> dict[str, object]:
    values = {name: getattr(output, name) for name in KEPT}
    return {"who": who, **values, "scores": dict(output.scores) if output.scores else None}
