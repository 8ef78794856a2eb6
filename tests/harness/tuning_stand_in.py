"""A stand-in for a vendor's fine-tuning, by OpenAI's protocol on loopback: nothing is trained.

What it "tunes" answers by look-up: a question of the training file with its answer there, any other
with the most frequent answer. So answers change with training, and measure no model.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from tests.harness.batch_stand_in import BatchStandIn
from tests.harness.invented_vendor import said

JOBS = "/fine_tuning/jobs"


class TuningStandIn(BatchStandIn):
    """Takes files and jobs, has a model after some looks, and answers as it, without a model."""

    purpose = "fine-tune"

    def __init__(self) -> None:
        super().__init__()
        self.status = "succeeded"
        self.refuses: tuple[int, Any] | None = None  # what it says of a job that it doesn't take
        self.error = {"code": "invalid_training_file", "message": "line 3 has no assistant turn"}
        self.per_row: int | None = 100  # trained tokens a row and epoch; None: it doesn't tell
        self.jobs: dict[str, dict[str, Any]] = {}
        self.bodies: list[dict[str, Any]] = []  # of all jobs that were asked for
        self.chats: list[dict[str, Any]] = []  # bodies of all questions
        self._learnt: dict[str, dict[str, str]] = {}  # question: answer, by model

    def chats_in(self, file: str) -> list[list[dict[str, str]]]:
        """Returns the chats of a file."""
        return [json.loads(line)["messages"] for line in self.files[file].splitlines()]

    def _reply(self, call: str, body: bytes, content: str) -> tuple[int, Any]:
        if call == "POST /chat/completions":
            self.chats.append(asked := json.loads(body))
            return self._answered(asked)
        if call == f"POST {JOBS}":
            return self._begun(json.loads(body))
        if call == f"GET {JOBS}":
            if not self.lists:
                return 404, {"error": {"message": "no such page"}}
            return 200, {"data": list(reversed(self.jobs.values()))}
        if call.startswith(f"GET {JOBS}/"):
            name = call.rpartition("/")[2]
            if name not in self.jobs:
                return 404, {"error": {"message": f"no job {name}"}}
            self._look(self.jobs[name])
            return 200, self.jobs[name]
        return super()._reply(call, body, content)

    def _begun(self, asked: dict[str, Any]) -> tuple[int, Any]:
        if self.refuses:
            return self.refuses
        assert asked["training_file"] in self.files
        self.bodies.append(asked)
        name = f"ftjob-{len(self.jobs)}"
        self.jobs[name] = {**asked, "id": name, "object": "fine_tuning.job", "looks": 0,
                           "status": "validating_files", "trained_tokens": None,
                           "fine_tuned_model": None, "error": None}  # fmt: skip
        return 200, self.jobs[name]

    def _look(self, job: dict[str, Any]) -> None:
        job["looks"] += 1
        if job["looks"] < self.looks:
            job["status"] = "running"
            return
        job["status"] = self.status
        chats = self.chats_in(job["training_file"])
        if self.status == "failed":
            job["error"] = self.error
        elif self.per_row is not None:
            epochs = job["hyperparameters"]["n_epochs"]
            job["trained_tokens"] = self.per_row * epochs * len(chats)
        if self.status == "succeeded":
            job["fine_tuned_model"] = model = f"ft:{job['model']}:stand-in::{job['id']}"
            self._learnt[model] = {chat[-2]["content"]: chat[-1]["content"] for chat in chats}

    def _answered(self, asked: dict[str, Any]) -> tuple[int, Any]:
        if (known := self._learnt.get(asked["model"])) is None:
            return said("?")
        usual = Counter(known.values()).most_common(1)[0][0]
        return said(known.get(asked["messages"][-1]["content"], usual))
