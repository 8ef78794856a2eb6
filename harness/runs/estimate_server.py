"""What a server will be asked, before it is: the run's own requests, their tokens and dollars.

Only the server knows its tokens, so they are counted by characters. How long answers will be isn't
known either: between one token and the most that is allowed, and as long as the task's own answers
in between.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.costs.book import PriceBook
from harness.costs.tokens import (
    NO_BATCH_PRICE,
    TUNED,
    api_price,
    batch_factor,
    token_usd,
    training_price,
)
from harness.errors import UsageError
from harness.models.base import Pair
from harness.models.endpoint import Endpoint
from harness.models.endpoint.address import chat_address
from harness.models.endpoint.client import encoded
from harness.models.endpoint.guess import longest_of, tokens_in, tokens_of
from harness.models.endpoint.jobs import chats_of, trained_tokens
from harness.models.endpoint.likelihood import parts_of
from harness.models.endpoint.names import server_of
from harness.models.endpoint.requests import body_of
from harness.records.files import Json
from harness.records.ledger import Ledger
from harness.records.model import ModelInfo
from harness.records.schema import RunRecord
from harness.records.secrets import hide_url
from harness.records.server import ENDS, ServerRecord, Tokens
from harness.runs.plan import Plan
from harness.runs.prepare import LEDGER, context_of
from harness.runs.servers import by_vendor
from harness.strategy.adaptation import Adaptation
from harness.strategy.base import Prompting
from harness.strategy.context import Loader
from harness.types import Generation, GenRequest, Prompt, ScoreRequest, Scores, Usage

__all__ = ["UNPRICED", "estimate_asked", "served"]

AT_BEGIN = 16
"""Rows whose requests are made when a run begins; the others are taken to have their mean."""
UNPRICED = (
    "no price is known: add a row under `tokens` to a price book (--prices); the run is refused "
    "without one, unless --allow-unpriced or the server is this machine"
)


@dataclass
class _Recorder:
    """A model that notes what it is asked, calls a tool whenever it may, and says nothing."""

    info: ModelInfo
    endpoint: Endpoint
    requests: list[GenRequest | ScoreRequest] = field(default_factory=list)
    turns: list[int] = field(default_factory=list)  # of each request, how many came before it
    chats: list[Json] = field(default_factory=list)  # of the training file, for its vendor
    settings: Mapping[str, object] = field(default_factory=dict)  # of the job

    def generate(self, requests: Iterable[GenRequest]) -> Iterator[Generation]:
        for request in requests:
            turn = sum(each.id == request.id for each in self.requests)
            self.requests.append(request)
            self.turns.append(turn)
            question = request.prompt.sections[-1]
            text = question.query.text if question.query else question.text
            calls = tuple((tool.name, f"{text} {turn}") for tool in request.tools[:1])
            yield Generation(request.id, "", "stop", Usage(), calls=calls)

    def tune(
        self,
        pairs: Sequence[Pair],
        settings: Mapping[str, object],
        folder: Path,
        notify: Callable[[str], None],
    ) -> Json:
        self.chats, self.settings = chats_of(self.endpoint, pairs), settings
        return {"stand_in": False}

    def score(self, requests: Iterable[ScoreRequest]) -> Iterator[Scores]:
        for request in requests:
            self.requests.append(request)
            self.turns.append(0)
            yield Scores(request.id, (), (), (), Usage(), error="nothing was asked")

    def count_tokens(self, prompt: Prompt) -> int:
        raise UsageError(f"the tokenizer of {self.info.name} isn't known")


@dataclass(frozen=True)
class _Loader:
    """Loads a recorder in the place of the model behind a server."""

    recorder: _Recorder

    def __call__(self, **changes: object) -> _Recorder:
        return self.recorder  # `make_plan` refused what would change weights

    def other(self, name: str | None) -> Loader:
        raise UsageError("no other model can run beside one behind a server")


def served(plan: Plan, book: PriceBook, rows: int, show: int, notes: dict[str, str]) -> Json:
    """Returns figures of ``--dry-run``, and the notes with those on them.

    Args:
        plan: Of a run of a model behind a server.
        book: Prices of its tokens.
        rows: How many rows' requests are counted.
        show: How many requests are given as they will be sent, byte by byte.
        notes: What is known already.
    """
    assert isinstance(plan.model, Endpoint)
    if not isinstance(plan.strategy, Adaptation):
        return {
            "notes": notes | {"test_input_tokens": "not known of a whole strategy of one's own"}
        }
    sampled = max(rows, show)
    asked, there = _asked(plan if show else _drafted(plan), sampled)
    tokens, price = _expected(plan, asked, sampled), api_price(plan.model.name, book=book)
    training = _trained(plan.model, there, book, notes := dict(notes)) if there.chats else {}
    if training:
        price = api_price(f"{TUNED}{plan.model.name}", book=book) or price
    if tokens is None:
        return {"notes": notes | {"test_input_tokens": "nothing is asked"}}
    share = (batch_factor(price, book) or 1.0) if plan.config.wait and price else 1.0
    dollars = [token_usd(each, price, batch=share) if price else None for each in tokens.usages()]
    value: Json = {
        "test_input_tokens": tokens.input[1],
        "output_tokens_at_most": tokens.output[2],
        **{f"{end}_input_tokens": n for end, n in zip(ENDS, tokens.input, strict=True)},
        **{f"{end}_output_tokens": n for end, n in zip(ENDS, tokens.output, strict=True)},
        **{f"{end}_usd": usd for end, usd in zip(ENDS, dollars, strict=True)},
        **training,
    }
    notes = notes | {
        "tokens": "by characters, since only the server knows its tokens; none from its cache"
    }
    if any(each.turn for each in asked):
        notes["turns"] = "low is without a call of a tool, expected with one, high with all allowed"
    elif any(type(part).toolbox is not Prompting.toolbox for part in plan.strategy.prompting):
        notes["turns"] = "of the first turn: calls by lines of text take more"
    if plan.config.wait and share == 1:
        notes["wait"] = NO_BATCH_PRICE
    if dollars[2] is None:
        notes["usd"] = UNPRICED
    elif (plan.config.max_cost or math.inf) < dollars[2] + (value.get("high_train_usd") or 0):
        notes["max_cost"] = "--max-cost may end the run before all rows are answered"
    if show:
        first = [each.body for each in asked if not each.turn][:show]
        value["requests"] = _first(plan.model, there.chats[:show], first)
    return value | {"notes": notes}


def _trained(model: Endpoint, asked: _Recorder, book: PriceBook, notes: dict[str, str]) -> Json:
    """Returns what a vendor's training will take, and notes what that holds and what it doesn't."""
    tokens = [trained_tokens(asked.chats, asked.settings, end) for end in range(3)]
    rate = training_price(model.name, None, book)
    row = book.training_for(model.name)
    notes["training"] = "the vendor's, epochs included; its dollars come on top of those of answers"
    notes |= row.limits if row else {}
    if api_price(f"{TUNED}{model.name}", book=book) is None:
        notes["tuned"] = "answers at the price of the model as it is: a tuned one may cost more"
    if rate is None:
        notes["train_usd"] = UNPRICED.replace("`tokens`", "`training`")
    return {
        "train_tokens": tokens[1],
        **{f"{end}_train_tokens": n for end, n in zip(ENDS, tokens, strict=True)},
        **{
            f"{end}_train_usd": None if rate is None else n * rate / 1e6
            for end, n in zip(ENDS, tokens, strict=True)
        },
    }


def _first(endpoint: Endpoint, chats: Sequence[Json], bodies: Sequence[Json]) -> list[Json]:
    """Returns what is sent, byte by byte: lines of a training file, then requests."""
    files = f"{hide_url(server_of(endpoint.base_url)).rstrip('/')}/files"
    lines = [{"url": files, "body": encoded(chat).decode()} for chat in chats]
    return [*lines, *(_shown(endpoint, body) for body in bodies)]


def _shown(endpoint: Endpoint, body: Json) -> Json:
    url = chat_address(server_of(endpoint.base_url), endpoint.name)
    return {"url": hide_url(url), "body": encoded(body).decode()}


@dataclass(frozen=True)
class _Asked:
    """A request, and how many of its row come before it, each with a call of a tool."""

    body: Json
    turn: int


def _asked(plan: Plan, rows: int, artifact: Path | None = None) -> tuple[list[_Asked], _Recorder]:
    """Returns what is asked for the first test rows, as the run makes it, and who was asked.

    Args:
        rows: How many test rows.
        artifact: What was prepared; None prepares it in a folder that isn't kept, without labels
            being paid.

    Raises:
        UsageError: The strategy can't run behind a server.
    """
    assert isinstance(plan.model, Endpoint) and isinstance(plan.strategy, Adaptation)
    recorder = _Recorder(ModelInfo(name=plan.model.name), plan.model)
    queries = [plan.example(row).query for row in plan.rows.test[:rows]]
    with tempfile.TemporaryDirectory(prefix="adaptbench-") as name:
        folder = Path(name)
        context = context_of(plan, artifact or folder, Ledger(folder / LEDGER), _Loader(recorder))
        if artifact is None:
            plan.strategy.fit_prompting(context)
            if by_vendor(plan.strategy):
                plan.strategy.fit_weights(context)
        for _ in plan.strategy.predictor(context).predict(queries):
            pass
    order = {query.id: at for at, query in enumerate(queries)}
    found = sorted(
        zip(recorder.requests, recorder.turns, strict=True),
        key=lambda each: order.get(each[0].id, 0),
    )
    bodies = [_Asked(body, turn) for each, turn in found for body in _bodies(plan.model, each)]
    return bodies, recorder


def _bodies(endpoint: Endpoint, request: GenRequest | ScoreRequest) -> list[Json]:
    """Returns what a server is asked for a row: of a score, once with each label, and without."""
    if isinstance(request, ScoreRequest):
        return [part.body for part in parts_of(endpoint, request)]
    return [body_of(endpoint, request)]


def _drafted(plan: Plan) -> Plan:
    """Returns a plan whose promptings are quickly fitted, with prompts about as long."""
    assert isinstance(plan.strategy, Adaptation)
    prompting = tuple(part.draft() for part in plan.strategy.prompting)
    return replace(plan, strategy=plan.strategy.model_copy(update={"prompting": prompting}))


def estimate_asked(plan: Plan, artifact: Path, record: RunRecord) -> Tokens | None:
    """Notes in the record what a server's answers are expected to take, and returns it.

    Of a resumed run it is what it was; None without a server.
    """
    if record.server is not None or not isinstance(plan.model, Endpoint):
        return record.server.estimate if record.server else None
    if not isinstance(plan.strategy, Adaptation):  # its answers may cost more than a look
        return None
    estimate = _expected(plan, _asked(plan, AT_BEGIN, artifact)[0], AT_BEGIN)
    record.server = ServerRecord(estimate=estimate)
    return estimate


def _expected(plan: Plan, asked: Sequence[_Asked], sampled: int) -> Tokens | None:
    """Returns the tokens of all test rows, by the requests of some; None where nothing is asked."""
    if not asked:
        return None
    rows = len(plan.rows.test)
    share = rows / min(rows, sampled)
    # At each end, the turns of a row that are asked: without a call, with one, with all.
    ends = [[each.body for each in asked if each.turn < turns] for turns in (1, 2, len(asked) + 1)]
    read = [share * sum(tokens_in(body, end) for body in ends[end]) for end in range(3)]
    most = share * sum(map(longest_of, ends[2]))
    targets = [row.example.target for row in (*plan.rows.train, *plan.rows.dev)[:512]]
    usual = most / rows / 2
    if targets:
        usual = sum(tokens_of(each, 1) + 1 for each in targets) / len(targets)
    low, middle, high = map(round, read)
    written = (share * len(ends[0]), min(most, share * len(ends[1]) * usual), most)
    return Tokens(
        input=(low, middle, high), output=(round(written[0]), round(written[1]), round(most))
    )
