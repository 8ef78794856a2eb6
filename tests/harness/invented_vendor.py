"""A test double of a vendor's API: a server on loopback that answers as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def said(text: str = "2년", *, finish: str = "stop", usage: bool = True, **message: Any) -> Any:
    counted = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15,
               "prompt_tokens_details": {"cached_tokens": 4},
               "completion_tokens_details": {"reasoning_tokens": 2}}  # fmt: skip
    message = {"role": "assistant", "content": text, **message}
    return 200, {
        "id": "x", "object": "chat.completion", "created": 0, "model": "m-2026",
        "choices": [{"index": 0, "finish_reason": finish, "message": message}],
        **({"usage": counted} if usage else {}),
    }  # fmt: skip


class InventedVendor:
    """A server on loopback that answers as it is told, and counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []  # as they came, by request
        self.answer: Callable[[int, dict[str, Any]], tuple[int, Any]] = lambda n, body: said()
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                vendor.asked.append(body)
                vendor.keys.append(self.headers["authorization"])
                status, value = vendor.answer(len(vendor.asked), body)
                data = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
