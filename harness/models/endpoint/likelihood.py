"""How likely given texts are as the answer, where a server gives log-probabilities of what it reads.

The form is vLLM's: chat whose last turn is an answer that is begun (``continue_final_message``), with
``prompt_logprobs``. The prompt is asked alone, too: with its tokens each request with an answer has
to begin, and what follows them has to say the answer. So the boundary is found by tokens, in the
server's own template; where it isn't found, nothing is scored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.models.endpoint.names import Endpoint
from harness.models.endpoint.parameters import LONGEST
from harness.models.endpoint.reply import Malformed, line_of
from harness.models.endpoint.requests import body_of
from harness.models.render import check_apart
from harness.records.files import Json
from harness.records.keys import digest
from harness.types import GenRequest, ScoreRequest, Scores, Usage

__all__ = ["HINT", "NEEDED", "Part", "Unable", "part_line", "parts_of", "scores_of"]

HINT = "Use --readout generate: the model then writes its answer."
NEEDED = ("prompt_logprobs", "continue_final_message", "add_generation_prompt")
ROUNDING = 1e-3  # by which a log-probability may be above 0


class Unable(Malformed):
    """The server doesn't say how likely a given text is, or not of which tokens."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Part:
    """One of the requests that score a row."""

    body: Json
    after: int | None = None  # the part with whose tokens it begins; None: it is the prompt alone
    text: str | None = None  # what the others say; None: they end an answer
    found: Counter[str] = field(default_factory=Counter)  # what was masked, by kind


def parts_of(endpoint: Endpoint, request: ScoreRequest) -> list[Part]:
    """Returns what scores a row: the prompt alone, then with each continuation.

    Where an end is scored too, each continuation comes again with it.
    """
    asked = GenRequest(request.id, request.prompt)

    def part(after: int | None = None, answer: str | None = None, *, begun: bool = False) -> Part:
        found = Counter[str]()
        body = body_of(endpoint, asked, found, answer)
        body = {name: value for name, value in body.items() if name not in LONGEST}
        body |= {LONGEST[0]: 1, "prompt_logprobs": 0}
        body |= {"add_generation_prompt": answer is None, "continue_final_message": begun}
        return Part(body, after, body["messages"][-1]["content"] if begun else None, found)

    parts = [part(), *(part(0, text, begun=True) for text in request.continuations)]
    if request.ended:
        parts += [part(at, text) for at, text in enumerate(request.continuations, 1)]
    return parts


def part_line(part: Part, before: Sequence[Json], answer: Json) -> Json:
    """Checks an answer, and returns what is kept of it: a line of the journal.

    ``read`` has the number and the digest of all its tokens; ``scored`` has, of those after the
    part before (`before`: their lines), number, log-probability, and rank among all tokens.

    Raises:
        Unable: There are no log-probabilities, or it isn't found which are the continuation's.
        Malformed: Something else is missing, or of another type.
    """
    line = line_of(answer)
    try:
        tokens = _tokens(answer.get("prompt_logprobs"))
        ids = [number for number, *_ in tokens]
        scored = [] if part.after is None else _after(before[part.after]["read"], ids, tokens, part)
    except Unable as error:
        error.usage = None if line["usage"] is None else Usage(**line["usage"])
        raise
    return {**line, "read": [len(ids), digest(ids)], "scored": [each[:3] for each in scored]}


def _after(
    first: Sequence[object], ids: list[int], tokens: list[tuple[int, float, int, str]], part: Part
) -> list[tuple[int, float, int, str]]:
    """Returns the tokens that are scored: those after the first ones."""
    count = int(str(first[0]))
    rest = tokens[count:]
    if not rest or [count, digest(ids[:count])] != list(first):
        raise Unable("the tokens of the prompt aren't those with which prompt and answer begin")
    if part.text is None:
        return rest[:1]
    said = "".join(text for *_, text in rest)
    if said.strip() != part.text.strip():
        raise Unable(f"the tokens after the prompt say {said[:80]!r}, and not {part.text[:80]!r}")
    return rest


def _tokens(given: object) -> list[tuple[int, float, int, str]]:
    """Reads number, log-probability, rank and text of each token; the first has no likelihood."""
    if not isinstance(given, list) or given[:1] != [None]:
        raise Unable("the server gives no log-probabilities of what it reads (prompt_logprobs)")
    return [(-1, 0.0, 1, ""), *map(_token, given[1:])]


def _token(given: object) -> tuple[int, float, int, str]:
    wrong = Unable("prompt_logprobs isn't one token a place, with its log-probability and rank")
    if not isinstance(given, dict) or len(given) != 1:
        raise wrong
    ((number, about),) = given.items()
    if not (isinstance(about, dict) and str(number).isdecimal()):
        raise wrong
    value, rank, text = about.get("logprob"), about.get("rank"), about.get("decoded_token")
    if not (isinstance(value, float | int) and value <= ROUNDING):
        raise wrong
    if not (isinstance(rank, int) and isinstance(text, str)):
        raise wrong
    return int(number), float(value), rank, text


def scores_of(
    request: ScoreRequest, lines: Sequence[Json], usage: Usage, *, metered: bool, replayed: bool
) -> Scores:
    """Adds up the likelihoods of a row's continuations, by the lines of all its parts.

    Raises:
        DataError: Two continuations are the same tokens.
    """
    count = len(request.continuations)
    scored = [
        [token for line in lines[at::count] for token in line["scored"]]
        for at in range(1, count + 1)
    ]
    check_apart(request.continuations, [[number for number, *_ in each] for each in scored])
    return Scores(
        request.id,
        tuple(sum(value for _, value, _ in each) for each in scored),
        tuple(map(len, scored)),
        tuple(all(rank == 1 for *_, rank in each) for each in scored),
        usage,
        metered=metered,
        replayed=replayed,
    )
