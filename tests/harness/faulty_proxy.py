"""A proxy on loopback that delays each request, and does wrong by some, before or after the server.

It counts the seconds by which it delayed, and what reached the server behind it.
"""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from hostile_server import HostileServer
from hostile_server import http as response

FAULTS = {  # shares of the requests
    "500": 0.02, "503": 0.01, "429": 0.005, "closed": 0.02, "cut": 0.005, "html": 0.005, "stalled": 0.01
}  # fmt: skip
RETRY_SECONDS = 0.2


class FaultyProxy(HostileServer):
    """Forwards to a server; which request meets which fault is drawn from a seed."""

    def __init__(self, server: str, delay: float, faults: Mapping[str, float] = FAULTS) -> None:
        super().__init__(self._forward)
        self._place, self.delay, self.faults = urlsplit(server), delay, dict(faults)
        self._rng, self._drawing = random.Random(7), threading.Lock()
        self.injected, self.held = (
            0.0,
            0.0,
        )  # seconds of delay, of all requests; of pauses asked for
        self.met = Counter[str]()
        self._own = threading.local()

    def _draw(self) -> tuple[str, float]:
        with self._drawing:
            fault = self._rng.choices(
                ["", *self.faults], [1 - sum(self.faults.values()), *self.faults.values()]
            )[0]
            delay = self.delay * self._rng.uniform(0.5, 1.5) * (10 if fault == "stalled" else 1)
            self.met[fault] += 1
            self.injected += delay
            self.held += RETRY_SECONDS if fault == "429" else 0
        return fault, delay

    def _forward(self, number: int, body: Any, head: bytes) -> Iterable[bytes]:
        fault, delay = self._draw()
        time.sleep(delay)
        if fault in ("500", "503"):
            yield response(f'{{"error": "{fault} of the proxy"}}', status=f"{fault} Fault")
        elif fault == "429":
            wait = f"retry-after-ms: {1000 * RETRY_SECONDS:.0f}"
            yield response('{"error": "too many"}', wait, status="429 Too Many Requests")
        elif fault == "html":
            yield response("<html>the proxy is sorry")
        elif fault == "closed":
            raise OSError("the connection ends without a word")
        else:
            data = self._asked_behind(body)
            yield response(data[: len(data) // 2] if fault == "cut" else data, length=len(data))
            if fault == "cut":
                raise OSError("the connection ends within the answer")

    def _asked_behind(self, body: Any) -> bytes:
        connection = getattr(self._own, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection(self._place.hostname, self._place.port)
            self._own.connection = connection
        connection.request("POST", self._place.path + "/chat/completions", json.dumps(body))
        return connection.getresponse().read()
