"""A stand-in for OpenAI's batch API: its files and batches on loopback, no model behind them."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.harness.invented_vendor import said

Answer = Callable[[dict[str, Any]], tuple[int, Any] | None]


class BatchStandIn:
    """Takes files and batches, and has answers after some looks.

    `answer` gives a status and a body for each request; None: the batch ends without it.
    """

    purpose = "batch"  # of the files that it takes

    def __init__(self) -> None:
        self.answer: Answer = lambda body: said()
        self.looks, self.status = 2, "completed"  # before a batch ends, and how
        self.lose_next = 0  # answers to POST /batches whose connection breaks when all is done
        self.cut = 0  # bytes of a file that don't arrive
        self.down = 0  # requests that get a 500 first
        self.lists = True  # whether batches can be listed
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.asked: list[dict[str, Any]] = []  # bodies of all requests of all batches
        self.calls: list[str] = []
        self._lock = threading.Lock()
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                stand_in._serve(self, b"")

            def do_POST(self) -> None:
                stand_in._serve(self, self.rfile.read(int(self.headers["content-length"])))

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _serve(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        with self._lock:
            call = f"{handler.command} {handler.path.removeprefix('/v1').partition('?')[0]}"
            self.calls.append(call)
            if self.down:
                self.down -= 1
                status, value = 500, {"error": {"message": "down"}}
            else:
                status, value = self._reply(call, body, handler.headers.get("content-type", ""))
            if call in ("POST /batches", "POST /fine_tuning/jobs") and self.lose_next:
                self.lose_next -= 1
                handler.close_connection = True
                handler.connection.close()
                return
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        handler.send_response(status)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def _reply(self, call: str, body: bytes, content: str) -> tuple[int, Any]:
        if call == "POST /files":
            edge = re.search("boundary=(.*)", content)[1].encode()
            parts = body.split(b"--" + edge)
            assert f'name="purpose"\r\n\r\n{self.purpose}\r\n'.encode() in parts[1]
            name = f"file-{len(self.files)}"
            self.files[name] = parts[2].split(b"\r\n\r\n", 1)[1].removesuffix(b"\r\n")
            there = len(self.files[name]) - self.cut
            return 200, {"id": name, "object": "file", "bytes": there}
        if call == "POST /batches":
            asked = json.loads(body)
            assert (asked["endpoint"], asked["completion_window"]) == (
                "/v1/chat/completions",
                "24h",
            )
            lines = [json.loads(line) for line in self.files[asked["input_file_id"]].splitlines()]
            assert len({line["custom_id"] for line in lines}) == len(lines)
            self.asked += [line["body"] for line in lines]
            name = f"batch_{len(self.batches)}"
            self.batches[name] = {
                "id": name, "status": "validating", "metadata": asked["metadata"], "lines": lines,
                "looks": 0,
            }  # fmt: skip
            return 200, self._shown(name)
        if call == "GET /batches":
            if not self.lists:
                return 404, {"error": {"message": "no such page"}}
            return 200, {"data": [self._shown(name) for name in reversed(self.batches)]}
        if call.startswith("GET /batches/"):
            name = call.rpartition("/")[2]
            if name not in self.batches:
                return 404, {"error": {"message": f"No batch found with id {name}"}}
            self._advance(self.batches[name])
            return 200, self._shown(name)
        file = call.split("/")[2]
        return (200, self.files[file]) if file in self.files else (404, {"error": "no file"})

    def _shown(self, name: str) -> dict[str, Any]:
        return {
            key: each for key, each in self.batches[name].items() if key not in ("lines", "looks")
        }

    def _advance(self, batch: dict[str, Any]) -> None:
        batch["looks"] += 1
        if batch["looks"] < self.looks or batch["status"] not in ("validating", "in_progress"):
            batch["status"] = "in_progress" if batch["status"] == "validating" else batch["status"]
            return
        batch["status"] = self.status
        if self.status == "failed":
            batch["errors"] = {"data": [{"code": "model_not_found", "message": "no model m"}]}
            return
        fine, wrong = [], []
        for line in batch["lines"]:
            if (answer := self.answer(line["body"])) is None:
                if self.status == "expired":
                    error = {"code": "batch_expired", "message": "not in time"}
                    wrong.append({"custom_id": line["custom_id"], "response": None, "error": error})
                continue
            response = {"status_code": answer[0], "request_id": "r", "body": answer[1]}
            kept = {"custom_id": line["custom_id"], "response": response, "error": None}
            (fine if answer[0] == 200 else wrong).append(kept)
        for key, lines in (("output_file_id", fine), ("error_file_id", wrong)):
            if lines:
                batch[key] = f"{batch['id']}-{key}"
                text = "".join(json.dumps(line) + "\n" for line in reversed(lines))
                self.files[batch[key]] = text.encode()
        batch["request_counts"] = {
            "total": len(batch["lines"]), "completed": len(fine), "failed": len(wrong)
        }  # fmt: skip
