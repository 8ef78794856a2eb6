"""A server on loopback that writes whatever bytes a test gives it, as slowly as it likes."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from invented_vendor import said

Play = Callable[[int, dict[str, Any], bytes], Iterable[bytes]]


def http(body: bytes | str, *headers: str, status: str = "200 OK", length: int | None = None):
    """A whole response, with a length that may be wrong."""
    data = body.encode(errors="surrogatepass") if isinstance(body, str) else body
    size = len(data) if length is None else length
    lines = [f"HTTP/1.1 {status}", "content-type: application/json", f"content-length: {size}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + data


def right(text: str = "2", **changes: Any) -> bytes:
    """A right answer of chat; ``changes`` replace parts of it."""
    return http(json.dumps(said(text)[1] | changes))


class HostileServer:
    """Asks `play` for the bytes of each response, and writes them one after another."""

    def __init__(self, play: Play = lambda n, body, head: [right()]) -> None:
        self.play, self.asked, self.open, self.most = play, list[dict[str, Any]](), 0, 0
        self._lock = threading.Lock()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread, which waits for a peer
        self._thread.join(5)
        self._socket.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                talk = threading.Thread(
                    target=self._talk, args=(self._socket.accept()[0],), daemon=True
                )
                talk.start()

    def _talk(self, peer: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), peer, peer.makefile("rb") as file:
            while head := self._head(file):
                size = next(int(line[15:]) for line in head.lower().split(b"\r\n")
                            if line.startswith(b"content-length:"))  # fmt: skip
                body = json.loads(file.read(size))
                with self._lock:
                    self.asked.append(body)
                    number = len(self.asked)
                    self.open += 1
                    self.most = max(self.most, self.open)
                try:
                    for piece in self.play(number, body, head):
                        peer.sendall(piece)
                finally:
                    with self._lock:
                        self.open -= 1

    @staticmethod
    def _head(file: Any) -> bytes:
        lines = b""
        while line := file.readline():
            lines += line
            if line == b"\r\n":
                return lines
        return b""


def dripping(data: bytes, seconds: float) -> Iterable[bytes]:
    """One byte at a time."""
    for at in range(len(data)):
        time.sleep(seconds)
        yield data[at : at + 1]
