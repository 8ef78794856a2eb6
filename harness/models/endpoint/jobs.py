"""A vendor's fine-tuning: a file of chats, a job on it, its state, the name of the model it made.

The protocol is OpenAI's. What was begun stands in a file before it is waited for. After a kill a job
is found there, or among those of the server by its training file: no training is paid twice.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

from harness.errors import BudgetExceeded, DataError, HarnessError, MissingDependency, UsageError
from harness.models.base import Pair
from harness.models.endpoint.address import is_azure, is_loopback
from harness.models.endpoint.batch import id_of, state_at, uploaded
from harness.models.endpoint.client import Client, encoded
from harness.models.endpoint.failures import NO_MONEY, Failure, quoted
from harness.models.endpoint.guess import tokens_in
from harness.models.endpoint.names import Endpoint, server_of
from harness.models.endpoint.reply import json_of
from harness.models.endpoint.wire import Request
from harness.models.render import messages
from harness.records.files import Json, append_lines, read_lines

__all__ = ["FILE", "Jobs", "chats_of", "paid", "trained_tokens", "tuned_model"]

FILE = "jobs.jsonl"
"""In the artifact: what was uploaded, asked for, and became of it; the last line is the state."""
POLL_SECONDS = (5.0, 60.0)
"""Before the second look, and the longest; half as long again after each."""
TRIES = 4
PATH = "/fine_tuning/jobs"
ENDED = frozenset({"succeeded", "failed", "cancelled"})
AWAY = frozenset({"missing", "silent", "down"})
NEXT = {
    "key": "Set HARNESS_API_KEY to a key of this server.",
    "forbidden": "Ask the vendor whether this account may fine-tune this model.",
    "unknown": "Check --model and --base-url: the server has to have /files and /fine_tuning/jobs.",
    "quota": "Add to the account, then run the same command.",
}
AGAIN = "Do what it says, then run the same command."


class Limit(Protocol):
    """What training may cost, and how long may be waited for it."""

    def afford_training(self, tokens: int) -> None:
        """Raises where the limit doesn't pay for training on so many tokens."""

    def check_time(self) -> None:
        """Raises where the time is over."""


class Jobs:
    """Has one model trained, over interruptions.

    Raises:
        UsageError: The server's address is of Azure's older form.
    """

    def __init__(
        self,
        client: Client,
        endpoint: Endpoint,
        path: Path,  # keeps what was begun
        notify: Callable[[str], None],
        limit: Limit | None,
    ) -> None:
        self._client, self._endpoint, self._path = client, endpoint, path
        self._notify, self._limit, self._server = notify, limit, server_of(endpoint.base_url)
        if is_azure(self._server):
            raise UsageError(
                "fine-tuning jobs are for servers with OpenAI's form of address",
                "Give Azure's newer address: it ends in /openai/v1.",
            )

    def made(self, pairs: Sequence[Pair], settings: Mapping[str, object]) -> Json:
        """Returns the job that made a model of pairs.

        It has the ``model``, the ``job``, its ``tokens`` (null: not told), whether a ``stand_in`` for
        a vendor made it, and what was ``masked`` in what was uploaded.

        Raises:
            HarnessError: The server takes no job, or it failed; the same call goes on, or anew.
            BudgetExceeded: It may cost more than is allowed; none was asked for.
        """
        found = Counter[str]()
        chats = chats_of(self._endpoint, pairs, found)
        most = trained_tokens(chats, settings, 2)
        masked = None if self._endpoint.masks is None else dict(sorted(found.items()))
        last = _last(self._path)
        if "model" in last:
            return {**last, "masked": masked}
        if "job" in last and "ended" not in last:
            return {**self._waited(last["job"]), "masked": masked}
        file = "" if "ended" in last else last.get("file", "")
        try:
            if not file:
                self._afford(most)
                data = b"".join(encoded(chat) + b"\n" for chat in chats)
                file = uploaded(self._client, data, "adaptbench", "fine-tune")
                append_lines(self._path, [{"file": file}])
            body = {"model": self._endpoint.name, **settings, "training_file": file}
            job = self._created(body, file, most, asked="asked" in last)
        except Failure as failure:
            raise _refused(failure) from failure
        append_lines(self._path, [{"job": job, "file": file}])
        self._notify(f"job {job}: training on {len(chats):,} rows is asked for")
        return {**self._waited(job), "masked": masked}

    def _afford(self, tokens: int) -> None:
        if self._limit is not None:
            self._limit.afford_training(paid(self._path)[0] + tokens)

    def _created(self, body: Json, file: str, most: int, *, asked: bool) -> str:
        """Returns the id of the job on a file; `asked` says that there may be one already."""
        for tries in range(TRIES):
            if asked and (found := self._found(file)):
                return found
            if not asked:
                self._afford(most)
                append_lines(self._path, [{"file": file, "asked": True}])
            try:
                # Never sent again blindly: where its answer was lost, there may be a job.
                return id_of(json_of(self._client.call(Request(PATH, encoded(body), again=False))))
            except Failure as failure:
                if not (failure.again or failure.kind in ("silent", "form")):
                    append_lines(self._path, [{"file": ""}])  # no job, so the next has its own
                    raise
                if tries + 1 == TRIES:
                    raise
            asked = True
            time.sleep(POLL_SECONDS[0])
        raise AssertionError("each way out is above")

    def _found(self, file: str) -> str:
        """Looks for a job by its file, among the newest; empty where there is none."""
        try:
            data = self._client.call(Request(f"{PATH}?limit=100", method="GET"))
        except Failure as failure:
            if failure.kind not in ("unknown", "row"):
                raise
            raise UsageError(
                f"nobody knows whether there is a job on {file}: this server gives no list of them",
                f"Look at the vendor's page. Where there is none, delete {self._path}; else add the "
                f'line {{"job": "ITS ID"}} to it. Then run the same command.',
            ) from failure
        listed = json_of(data).get("data")
        for each in listed if isinstance(listed, list) else ():
            if isinstance(each, dict) and each.get("training_file") == file:
                return id_of(each)
        return ""

    def _waited(self, job: str) -> Json:
        pause, seen = POLL_SECONDS[0], None
        while True:
            lost = f"It may go on there. Where it is gone for good, delete {self._path}."
            at, again = f"{PATH}/{job}", partial(self._pause, POLL_SECONDS[0])
            state = state_at(self._client, at, f"job {job}", lost, again)
            status = state.get("status")
            if status != seen:
                seen, pause = status, POLL_SECONDS[0]
                self._notify(f"job {job}: {quoted(str(status))}")
            if status in ENDED:
                return self._ended(job, state)
            self._pause(pause)
            pause = min(POLL_SECONDS[1], pause * 1.5)

    def _pause(self, seconds: float) -> None:
        if self._limit is not None:
            self._limit.check_time()
        time.sleep(seconds)

    def _ended(self, job: str, state: Json) -> Json:
        status, tokens = state["status"], state.get("trained_tokens")
        if type(tokens) is not int or tokens < 0:
            tokens = 0 if status == "failed" else None
        line: Json = {"job": job, "ended": status, "tokens": tokens}
        if status == "succeeded":
            model = state.get("fine_tuned_model")
            if not isinstance(model, str) or not model:
                raise UsageError(
                    f"the job {job} succeeded, but names no model",
                    "Ask the vendor for it; the same command looks again, and trains nothing.",
                )
            line |= {
                "model": model,
                "stand_in": is_loopback(self._server) or bool(state.get("stand_in")),
            }
        append_lines(self._path, [line])
        if "model" not in line:
            raise _failed(job, state)
        return line


def _last(path: Path) -> Json:
    lines = read_lines(path)
    return lines[-1] if lines else {}


def tuned_model(path: Path) -> Json:
    """Returns the job that made a model. Raises `DataError`: there is none."""
    if "model" not in (last := _last(path)):
        raise DataError(f"{path}: no job made a model", "Run the command that began it again.")
    return last


def paid(path: Path) -> tuple[int, int]:
    """Returns the tokens that jobs trained on, and how many jobs don't tell theirs."""
    ended = [line["tokens"] for line in read_lines(path) if "ended" in line]
    return sum(tokens or 0 for tokens in ended), sum(tokens is None for tokens in ended)


def chats_of(
    endpoint: Endpoint, pairs: Sequence[Pair], found: Counter[str] | None = None
) -> list[Json]:
    """Returns the lines of a training file: each prompt as it will be asked, with its answer."""
    chats = []
    for pair in pairs:
        turns = [*messages(pair.prompt), {"role": "assistant", "content": pair.target}]
        endpoint.mask(turns, found)
        chats.append({"messages": turns})
    return chats


def trained_tokens(chats: Sequence[Json], settings: Mapping[str, object], end: int) -> int:
    """Returns the tokens that a job takes: at least, as a rule, at most (`end` 0 to 2)."""
    given = settings["hyperparameters"]
    assert isinstance(given, dict)
    epochs: float = given["n_epochs"]
    return round(epochs * sum(tokens_in(chat, end) for chat in chats))


def _refused(failure: Failure) -> HarnessError:
    kind: type[HarnessError] = MissingDependency if failure.kind in AWAY else UsageError
    if failure.kind == "quota":
        kind = BudgetExceeded
    text = f"the server takes no fine-tuning job: {failure.reason}"
    return kind(text, NEXT.get(failure.kind, AGAIN))


def _failed(job: str, state: Json) -> HarnessError:
    """Returns why a job made no model, with the next step."""
    if state["status"] == "cancelled":
        return UsageError(
            f"the job {job} was cancelled at the server", "The same command begins another one."
        )
    error = state.get("error")
    words = [error.get(name) for name in ("message", "code")] if isinstance(error, dict) else []
    said = quoted(" ".join(word for word in words if isinstance(word, str)) or "it doesn't say why")
    if NO_MONEY.search(said):
        return BudgetExceeded(f"the job {job} failed: {said}", NEXT["quota"])
    return DataError(
        f"the job {job} failed: {said}",
        "Correct what it names (`--dry-run --show 3` shows the file); the same command begins anew.",
    )
