"""A judge in this process: the likeliest of the verdict's words, so that there always is one."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from harness import devices
from harness.errors import needs
from harness.models.endpoint.journal import Journal
from harness.models.sources.catalog import ModelFolder
from harness.records.keys import digest
from harness.runs.judging.judge import Asked, Judge
from harness.types import ScoreRequest, Usage

if TYPE_CHECKING:
    from harness.models.local.model import LocalModel

__all__ = ["LocalJudge"]


class LocalJudge(Judge):
    """Scores each verdict after the prompt, many cases at once; their shared prefix runs once.

    What is longer than the model's context has no verdict.
    """

    def __init__(self, folder: ModelFolder, journal: Path) -> None:
        self.requests, self.failed = 0, 0
        self._lock = threading.Lock()
        self._folder, self._journal = folder, Journal(journal)
        self._device = devices.select()
        self.device_class = self._device.device_class

    @cached_property
    def _model(self) -> LocalModel:
        with needs("a local model", "local"):
            from harness.models.local.model import load_local
        return load_local(self._folder, device=self._device)

    def paid(self) -> tuple[Usage, int]:
        """Returns the tokens of all responses in the journal; all say theirs."""
        total = Usage()
        total.add(self._journal.total)
        return total, self._journal.unknown

    def described(self) -> dict[str, object]:
        """Returns nothing: there is no server."""
        return {}

    def close(self) -> None:
        """Does nothing: no request is under way elsewhere."""

    def _verdicts(self, asked: Mapping[str, Asked]) -> Iterator[tuple[str, str | None]]:
        waiting: list[ScoreRequest] = []
        keys: dict[str, str] = {}
        for id_, each in asked.items():
            prompt = each.prompt(f"Reply with one of these: {', '.join(each.verdicts)}.")
            keys[id_] = digest({"id": id_, "judge": self._folder.digest, "form": prompt.cue,
                                "text": [section.text for section in prompt.sections]})  # fmt: skip
            if (line := self._journal.answer(keys[id_])) is not None:
                yield id_, line["text"]
            elif self._fits(request := ScoreRequest(id_, prompt, each.verdicts)):
                waiting.append(request)
            else:
                yield id_, None
        for scores in self._model.score(waiting) if waiting else ():
            best = max(range(len(scores.logprobs)), key=scores.logprobs.__getitem__)
            verdict = asked[scores.id].verdicts[best]
            line = {"key": keys[scores.id], "text": verdict, "finish": "stop"}
            self._journal.keep(line | {"usage": scores.usage.as_dict()})
            self._count(requests=True)
            yield scores.id, verdict

    def _fits(self, request: ScoreRequest) -> bool:
        limit = self._model.context_length
        longest = max(map(len, request.continuations))  # a token is a character at least
        return limit is None or self._model.count_tokens(request.prompt) + longest <= limit
