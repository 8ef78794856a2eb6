"""A vendor that keeps books: an OpenAI-compatible server on loopback that counts its answers."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["Vendor", "vendor"]

SECONDS = 0.03  # for an answer, so that a kill meets requests that are under way


class Vendor:
    """What was asked, by the digest of the request: each answer depends on its request alone."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: Counter[str] = Counter()

    def take(self) -> Counter[str]:
        """Returns what was asked since the last time."""
        asked, self.asked = self.asked, Counter()
        return asked


@contextmanager
def vendor() -> Iterator[Vendor]:
    """Runs the server for as long as the block takes."""
    books: list[Vendor] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            key = hashlib.sha256(body).hexdigest()
            books[0].asked[key] += 1
            time.sleep(SECONDS)
            data = json.dumps(_answer(key)).encode()
            try:
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except OSError:
                return  # who asked was killed meanwhile; the answer is paid all the same

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    books.append(Vendor(f"http://127.0.0.1:{server.server_port}/v1"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield books[0]
    finally:
        server.shutdown()


def _answer(key: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": f"{int(key[:4], 16)} euros"}
    return {
        "id": key[:12],
        "object": "chat.completion",
        "created": 0,
        "model": "invented-1",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {
            "prompt_tokens": 20 + int(key[4:6], 16) % 10,
            "completion_tokens": 3,
            "total_tokens": 23 + int(key[4:6], 16) % 10,
        },
    }
