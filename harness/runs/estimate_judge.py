"""What a judge behind a server will be asked, before it is: its own prompts, about right answers.

What it is asked next depends on what it said. So each request is answered here with one statement,
in the form that it wants; a real judge may find more of them, and is then asked for more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from harness.costs.book import PriceBook
from harness.costs.tokens import api_price, token_usd
from harness.metrics.ragas import JUDGED, Case
from harness.models.endpoint import Endpoint
from harness.models.endpoint.guess import longest_of, tokens_in, tokens_of
from harness.models.endpoint.requests import body_of
from harness.records.server import ENDS
from harness.runs.judging.evaluate import Evaluator
from harness.runs.judging.judge import AnswerT, Judge, request_for
from harness.runs.plan import Plan
from harness.runs.servers import named_judge
from harness.types import Generation, GenRequest, Passage, Row, Usage

__all__ = ["estimate_judge"]

ROWS = 8
STATEMENT = "The answer gives the amount that the passage names."
"""Stands for each text that a judge writes."""
NOTE = "of the right answers with one statement each: a judge that finds more is asked for more"


class _Recorder:
    """A model that notes what it is asked."""

    def __init__(self) -> None:
        self.requests: list[GenRequest] = []
        self.said = 0.0  # tokens of the answers

    def generate(self, requests: Iterable[GenRequest]) -> Iterator[Generation]:
        for request in requests:
            self.note(request, STATEMENT)
            yield Generation(request.id, STATEMENT, "stop", Usage())

    def note(self, request: GenRequest, answer: str) -> None:
        self.requests.append(request)
        self.said += tokens_of(answer, 1)


class _Listener(Judge):
    """A judge that is asked all, and answers in the form that is wanted."""

    def __init__(self, recorder: _Recorder) -> None:
        super().__init__(recorder)  # type: ignore[arg-type]
        self._recorder = recorder

    def ask(self, text: str, form: type[AnswerT]) -> AnswerT:
        answer = _filled(form)
        assert isinstance(answer, form)
        self._recorder.note(request_for(text, form), answer.model_dump_json())
        return answer


def _filled(kind: Any) -> Any:
    """Returns a value of a type: one of each list, a sentence for a text."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind(**{name: _filled(each.annotation) for name, each in kind.model_fields.items()})
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    if within := get_args(kind):
        one = _filled(within[0])
        return [one] if get_origin(kind) is list else one
    return {int: 1, float: 1.0, bool: True}.get(kind, STATEMENT)


def estimate_judge(
    plan: Plan, book: PriceBook, found: Callable[[Row], Sequence[Passage]]
) -> dict[str, float | None]:
    """Returns the tokens and dollars of all test rows: least, expected, most.

    Args:
        plan: Of a run with a judge behind a server.
        book: Prices of its tokens.
        found: Returns the passages that a row is answered with.
    """
    from harness.retrieval.embedders import EmbedderConfig, open_embedder

    names = [name for name in plan.evaluated if name in JUDGED]
    endpoint, recorder = named_judge(plan.config, plan.task), _Recorder()
    assert isinstance(endpoint, Endpoint)
    rows = plan.rows.test[:ROWS]
    cases = [
        Case(
            *(row.id, row.example.query.text, row.example.target),
            row.example.target if row.answerable else "",
            tuple(passage.text for passage in found(row)),
        )
        for row in rows
    ]
    hashed = lambda: open_embedder(EmbedderConfig(model="hashed"))  # noqa: E731
    for _ in Evaluator(names, plan.task.language, _Listener(recorder), hashed).evaluate(cases):
        pass
    bodies = [body_of(endpoint, request) for request in recorder.requests]
    share, price = len(plan.rows.test) / max(1, len(rows)), api_price(endpoint.name, book=book)
    said = (len(bodies), recorder.said, sum(map(longest_of, bodies)))
    value: dict[str, float | None] = {"judge_requests": round(share * len(bodies))}
    for end, name in enumerate(ENDS):
        read = round(share * sum(tokens_in(body, end) for body in bodies))
        usage = Usage(input_tokens=read, output_tokens=round(share * said[end]))
        value[f"{name}_judge_tokens"] = usage.input_tokens + usage.output_tokens
        value[f"{name}_judge_usd"] = token_usd(usage, price) if price else None
    return value
