"""Requests that may wait: uploaded as a file, answered within a day, at about half the price.

The protocol is OpenAI's: a file, a batch of it, its state, its files of answers and of errors. What
was submitted stands in a file beside the journal before it is waited for, and each batch has a name
of its own at the server: after a kill it is found there, and never submitted twice.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.errors import UsageError
from harness.models.endpoint.client import Client, encoded
from harness.models.endpoint.failures import Failure, failure_of, quoted
from harness.models.endpoint.reply import Malformed, json_of
from harness.models.endpoint.wire import Request, Response
from harness.records.files import Json, append_lines, read_lines
from harness.records.keys import digest

__all__ = ["Batches", "Result", "id_of", "uploaded"]

MOST_REQUESTS, MOST_BYTES = 10_000, 90 << 20
"""Of one file; OpenAI takes 50,000 and 200 MB. Smaller ones end earlier, and are read as a whole."""
ANSWER_BYTES = 64 << 10  # of one request, in the file of answers
POLL_SECONDS = (2.0, 60.0)
"""Before the second look, and the longest; half as long again after each."""
TRIES = 4
NAME = "adaptbench"  # of the metadata that names a batch
CHAT = "/v1/chat/completions"
ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
GONE = frozenset({"failed", "expired", "cancelled"})


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a request."""

    key: str
    batch: str  # id of the batch that it was in
    answer: Json | None = None  # a response of chat
    failure: Failure | None = None  # why there is none


def state_at(client: Client, path: str, what: str, lost: str, pause: Callable[[], None]) -> Json:
    """Asks how far something is at a server; a failure that may pass is waited out.

    Raises:
        UsageError: The server doesn't know it; `lost` says what to do then.
    """
    while True:
        try:
            return json_of(client.call(Request(path, method="GET")))
        except Failure as failure:
            if not failure.again and failure.kind != "silent":
                raise UsageError(
                    f"the server doesn't give the {what}: {failure.reason}", lost
                ) from failure
            pause()


class Batches:
    """Submits requests and waits for them, over interruptions."""

    def __init__(
        self,
        client: Client,
        path: Path,  # keeps what was submitted, a line a batch
        notify: Callable[[str], None],
        check: Callable[[], None],  # raises where nothing may be submitted or waited for any more
    ) -> None:
        self._client, self._path, self._notify, self._check = client, path, notify, check
        lines = read_lines(path)
        ended = {line["batch"] for line in lines if "ended" in line}
        self.open: dict[str, list[str]] = {  # keys by batch
            line["batch"]: line["keys"] for line in lines if "keys" in line
        }
        self.open = {batch: keys for batch, keys in self.open.items() if batch not in ended}
        self._stop = threading.Event()

    def submit(self, bodies: Mapping[str, Json]) -> None:
        """Submits requests by their keys, in as many batches as they need.

        Raises:
            HarnessError: The server takes none.
        """
        for part in _parts(bodies):
            keys = [key for key, _ in part]
            try:
                batch = self._submitted(part, digest([self._path.parent.name, keys])[:32])
            except Failure as failure:
                raise UsageError(
                    f"the server takes no batch: {failure.reason}",
                    "Leave --wait out, or use a server with OpenAI's batch API.",
                ) from failure
            append_lines(self._path, [{"batch": batch, "keys": keys}])
            self.open[batch] = keys
            self._notify(f"batch {batch}: {len(keys):,} requests are submitted")

    def results(self) -> Iterator[Result]:
        """Waits for what was submitted, and yields what became of each request.

        A batch counts as ended when all that it gave was taken from here.

        Raises:
            HarnessError: The server doesn't know a batch, refuses a whole one, or fails again and
                again; what was submitted is kept, and the same call goes on.
        """
        pause, seen = POLL_SECONDS[0], dict[str, object]()
        while self.open:
            for batch in list(self.open):
                state = self._state(batch)
                counts = state.get("request_counts") or {}
                done = (state.get("status"), counts.get("completed"), counts.get("failed"))
                if seen.get(batch) != done:
                    seen[batch], pause = done, POLL_SECONDS[0]
                    self._notify(_told(batch, state, len(self.open[batch])))
                if state.get("status") in ENDED:
                    yield from self._taken(batch, state)
                    append_lines(self._path, [{"batch": batch, "ended": state["status"]}])
                    del self.open[batch]
            if self.open:
                self._check()
                self._stop.wait(pause)
                pause = min(POLL_SECONDS[1], pause * 1.5)

    def _submitted(self, part: list[tuple[str, bytes]], name: str) -> str:
        """Returns the id of a batch; one of that name that the server has is taken."""
        file = ""
        for tries in range(TRIES):
            try:
                if found := self._found(name):
                    return found
                data = b"".join(line for _, line in part)
                file = file or uploaded(self._client, data, name, "batch")
                self._check()
                body = {"input_file_id": file, "endpoint": CHAT, "completion_window": "24h",
                        "metadata": {NAME: name}}  # fmt: skip
                # Never sent again blindly: where its answer was lost, there may be a batch.
                answer = self._call(Request("/batches", encoded(body), again=False))
                return id_of(answer)
            except Failure as failure:
                if tries + 1 == TRIES or not failure.again:
                    raise
                self._stop.wait(POLL_SECONDS[0] / 2)
        raise AssertionError("each way out is above")

    def _found(self, name: str) -> str:
        """Looks for a batch by its name, among the newest; empty where there is none."""
        try:
            listed = self._call(Request("/batches?limit=100", method="GET"))
        except Failure as failure:
            if failure.kind in ("unknown", "row"):  # this server gives no list
                return ""
            raise
        for each in listed.get("data") or []:
            named = isinstance(each, dict) and (each.get("metadata") or {}).get(NAME) == name
            if named and each.get("status") not in GONE:
                held = id_of(each)
                lines = read_lines(self._path)
                if not any(line.get("batch") == held and "ended" in line for line in lines):
                    return held
        return ""

    def _state(self, batch: str) -> Json:
        lost = f"Where it is gone for good, delete {self._path.name} in the run's folder."
        return state_at(self._client, f"/batches/{batch}", f"batch {batch}", lost, self._pause)

    def _pause(self) -> None:
        self._check()
        self._stop.wait(POLL_SECONDS[0])

    def _taken(self, batch: str, state: Json) -> Iterator[Result]:
        """Yields what a batch gave; a request of which neither file speaks has no answer."""
        missing = dict.fromkeys(self.open[batch])
        if state["status"] == "failed" and not state.get("output_file_id"):
            append_lines(self._path, [{"batch": batch, "ended": "failed"}])
            del self.open[batch]
            raise UsageError(
                f"the server refused the batch {batch}: {_errors(state)}",
                "Leave --wait out, or do what it says.",
            )
        for name in ("output_file_id", "error_file_id"):
            if isinstance(file := state.get(name), str) and file:
                for result in self._read(file, batch, len(missing)):
                    if result.key in missing:
                        del missing[result.key]
                        yield result
        for key in missing:
            reason = f"the batch {batch} ended as {state['status']!r} without it"
            yield Result(key, batch, failure=Failure("silent", reason, again=True))

    def _read(self, file: str, batch: str, count: int) -> Iterator[Result]:
        longest = max(16 << 20, ANSWER_BYTES * count)
        request = Request(f"/files/{file}/content", method="GET", longest=longest)
        while True:
            try:
                data = self._client.call(request)
                break
            except Failure as failure:
                if not failure.again:
                    raise UsageError(
                        f"the answers of the batch {batch} can't be read: {failure.reason}",
                        "Run the same command again: what was submitted is kept.",
                    ) from failure
                self._stop.wait(POLL_SECONDS[0])
        for line in data.splitlines():
            try:
                value = json_of(line)
            except Malformed:
                continue  # whose line it is isn't known: that request counts as missing
            yield _result(value, batch)

    def _call(self, request: Request) -> Json:
        return json_of(self._client.call(request))


def _parts(bodies: Mapping[str, Json]) -> Iterator[list[tuple[str, bytes]]]:
    """Yields the lines of each file, with their keys."""
    part, size = list[tuple[str, bytes]](), 0
    for key, body in bodies.items():
        asked = {"custom_id": key, "method": "POST", "url": CHAT, "body": body}
        line = encoded(asked) + b"\n"
        if part and (len(part) >= MOST_REQUESTS or size + len(line) > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append((key, line))
        size += len(line)
    if part:
        yield part


def _result(line: Json, batch: str) -> Result:
    """Reads a line of the file of answers, or of that of errors."""
    key, response, error = str(line.get("custom_id")), line.get("response"), line.get("error")
    if isinstance(response, dict):
        status, body = response.get("status_code"), response.get("body")
        if status == 200 and isinstance(body, dict):
            return Result(key, batch, body)
        if type(status) is int and status >= 300:
            refused = Response(status, {}, json.dumps(body).encode())
            return Result(key, batch, failure=failure_of(refused, None))
    said = quoted(json.dumps(error if error else line, ensure_ascii=False))
    return Result(key, batch, failure=Failure("silent", said, again=True))


def uploaded(client: Client, data: bytes, name: str, purpose: str) -> str:
    """Uploads a file, and returns its id at the server.

    Raises:
        Failure: The server doesn't take it, or has another number of bytes.
    """
    edge = uuid.uuid4().hex
    head = (
        f'--{edge}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n{purpose}\r\n--{edge}\r\n'
        f'Content-Disposition: form-data; name="file"; filename="{name}.jsonl"\r\n'
        "Content-Type: application/jsonl\r\n\r\n"
    )
    body = head.encode() + data + f"\r\n--{edge}--\r\n".encode()
    answer = json_of(
        client.call(Request("/files", body, content=f"multipart/form-data; boundary={edge}"))
    )
    if isinstance(there := answer.get("bytes"), int) and there != len(data):
        raise Malformed(f"the server has {there:,} of the {len(data):,} bytes of the file")
    return id_of(answer)


def id_of(value: Json) -> str:
    """Returns the id of a file, a batch or a job; `Malformed` where there is none."""
    if not isinstance(found := value.get("id"), str) or not found or "/" in found:
        raise Malformed("there is no id")
    return found


def _errors(state: Json) -> str:
    errors = state.get("errors")
    listed = errors.get("data") if isinstance(errors, dict) else None
    return quoted(json.dumps(listed or errors, ensure_ascii=False))


def _told(batch: str, state: Json, count: int) -> str:
    counts = state.get("request_counts") or {}
    return (
        f"batch {batch}: {state.get('status')}, {counts.get('completed') or 0:,} of {count:,} "
        f"answered, {counts.get('failed') or 0:,} failed"
    )
