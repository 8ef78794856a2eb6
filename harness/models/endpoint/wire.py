"""One HTTP request: it ends by a deadline, and no more of the response is read than is allowed.

A server may say anything, as slowly as it likes: every read counts towards the deadline, a body
is read up to a limit, a redirect isn't followed (it would take the key elsewhere), and nothing is
unpacked, since no packed response was asked for.
"""

from __future__ import annotations

import base64
import contextlib
import io
import select
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from http.client import (
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    HTTPSConnection,
    RemoteDisconnected,
)
from typing import cast
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from harness.errors import UsageError
from harness.models.endpoint.address import address_of, is_loopback
from harness.records.secrets import hide_url

__all__ = ["BODY_BYTES", "Broken", "NotReached", "Request", "Response", "Wire"]

BODY_BYTES = 16 << 20
"""Longest response; the vectors of 2,048 texts with 1,024 numbers each take about half of it."""
PIECE = 1 << 16
CONNECT_SECONDS = 10.0


class NotReached(Exception):
    """No connection: the server isn't there, or its certificate isn't trusted."""


class Broken(Exception):
    """The connection ended, or what came over it is no response; `begun`: some of it came."""

    def __init__(self, reason: str, *, begun: bool) -> None:
        super().__init__(reason)
        self.begun = begun


@dataclass(frozen=True, slots=True)
class Response:
    """What a server sent."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent."""

    path: str  # below the server's address
    body: bytes = b""
    method: str = "POST"
    content: str = "application/json"
    longest: int = BODY_BYTES  # bytes of a response
    again: bool = True  # whether it may be sent again where nobody knows what became of it


class Wire:
    """Sends requests to one server, from several threads; connections are used again."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        parts = address_of(url)
        self._parts, self._headers = parts, {**headers, **_basic("Authorization", parts)}
        self._proxy = _proxy_of(parts)
        self._idle: list[HTTPConnection] = []
        self._busy: set[HTTPConnection] = set()
        self._lock = threading.Lock()
        self._closed = False

    def send(self, request: Request, until: float) -> Response:
        """Sends a request, and reads the response; both end at ``until`` (monotonic seconds).

        Raises:
            NotReached: There is no connection.
            Broken: The connection ended, or the response breaks the rules of HTTP, or is too long.
            TimeoutError: It isn't there in time.
        """
        connection, begun = self._open(until), False
        kept = False
        try:
            headers = {**self._headers, "Content-Type": request.content}
            target = self._target(request.path)
            connection.request(request.method, target, request.body or None, headers)
            response = connection.getresponse()
            begun = True
            content, whole = _content(response, request.longest)
            kept = whole and not response.will_close
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Response(response.status, headers, content)
        except TimeoutError:
            raise
        except (OSError, HTTPException, ValueError) as error:
            came = isinstance(error, HTTPException) and not isinstance(error, RemoteDisconnected)
            raise Broken(_reason(error), begun=begun or came) from error
        finally:
            self._release(connection, kept)

    def close(self) -> None:
        """Ends all requests that are under way."""
        with self._lock:
            self._closed = True
            busy = list(self._busy)
        for connection in busy:
            with contextlib.suppress(OSError):
                if connection.sock is not None:
                    connection.sock.shutdown(socket.SHUT_RDWR)

    def _target(self, path: str) -> str:
        target = f"{self._parts.path.rstrip('/')}{path}"
        if self._parts.query:
            target += f"{'&' if '?' in path else '?'}{self._parts.query}"
        through = self._proxy is not None and self._parts.scheme == "http"
        return f"http://{_host(self._parts)}{target}" if through else target

    def _open(self, until: float) -> HTTPConnection:
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                break
            if connection.sock is not None and not _readable(connection.sock):
                cast(_Timed, connection).until = until
                return self._taken(connection)
            connection.close()  # the server ended it, or sent what nobody asked for
        connection = self._connection(until)
        try:
            connection.connect()
        except TimeoutError as error:
            raise NotReached("no connection in time") from error
        except (OSError, HTTPException, ValueError) as error:
            connection.close()
            raise NotReached(_reason(error)) from error
        return self._taken(connection)

    def _taken(self, connection: HTTPConnection) -> HTTPConnection:
        with self._lock:
            if not self._closed:
                self._busy.add(connection)
                return connection
        connection.close()
        raise Broken("it was interrupted", begun=False)

    def _release(self, connection: HTTPConnection, kept: bool) -> None:
        with self._lock:
            self._busy.discard(connection)
            if kept and not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def _connection(self, until: float) -> HTTPConnection:
        to = self._proxy or self._parts
        seconds = max(0.01, min(CONNECT_SECONDS, until - time.monotonic()))
        port = to.port or (443 if self._parts.scheme == "https" and self._proxy is None else 80)
        made: HTTPConnection
        if self._parts.scheme == "https":
            made = _Secure(str(to.hostname), port, timeout=seconds, context=self._trust)
            if self._proxy is not None:
                headers = _basic("Proxy-Authorization", self._proxy)
                made.set_tunnel(str(self._parts.hostname), self._parts.port or 443, headers)
        else:
            made = _Plain(str(to.hostname), port, timeout=seconds)
        cast(_Timed, made).until = until
        return made

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        with contextlib.suppress(ImportError):  # where the system has no certificates
            import certifi

            context.load_verify_locations(certifi.where())
        return context


class _Timed:
    """A connection whose reads end at its deadline, however little comes at a time."""

    until = 0.0


class _Plain(_Timed, HTTPConnection):
    def response_class(self, sock: socket.socket, **more: object) -> HTTPResponse:  # type: ignore[override]
        return HTTPResponse(cast(socket.socket, _Source(sock, self.until)), **more)  # type: ignore[arg-type]

    def send(self, data: object) -> None:
        if self.sock is not None:
            self.sock.settimeout(_left(self.until))
        super().send(data)  # type: ignore[arg-type]


class _Secure(_Plain, HTTPSConnection):
    pass


class _Source(io.RawIOBase):
    """What `HTTPResponse` reads from."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self._sock, self._until = sock, until
        self._file = sock.makefile("rb", buffering=0)  # keeps a socket open that is to be closed

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self, PIECE)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override]
        self._sock.settimeout(_left(self._until))
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _content(response: HTTPResponse, longest: int) -> tuple[bytes, bool]:
    """Returns a body, and whether it came to its end; of one that is too long nothing."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise HTTPException(f"a response packed as {encoding!r}, which nobody asked for")
    if (response.length or 0) > longest:
        raise HTTPException(_long(longest))
    pieces, size = list[bytes](), 0
    while piece := response.read(PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > longest:
            raise HTTPException(_long(longest))
    if response.length:
        raise HTTPException(f"the response was cut off: {response.length:,} bytes are missing")
    return b"".join(pieces), True


def _long(longest: int) -> str:
    return f"the response is longer than {longest >> 20} MiB"


def _reason(error: Exception) -> str:
    text = str(error.strerror if isinstance(error, OSError) and error.strerror else error)
    name = type(error).__name__
    return text if type(error) in (HTTPException, ConnectionRefusedError) else f"{name}: {text}"


def _readable(sock: socket.socket) -> bool:
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def _host(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]


def _basic(name: str, parts: SplitResult) -> dict[str, str]:
    """Returns the header for a name and a password that stand in an address."""
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {name: f"Basic {base64.b64encode(pair.encode()).decode()}"}


def _proxy_of(parts: SplitResult) -> SplitResult | None:
    """Returns the proxy that the environment names for an address; this machine needs none.

    Raises:
        UsageError: It is of a kind that isn't known.
    """
    named = getproxies().get(parts.scheme)
    if not named or is_loopback(parts) or proxy_bypass(_host(parts)):
        return None
    proxy = urlsplit(named if "://" in named else f"http://{named}")
    if proxy.scheme != "http" or not proxy.hostname:
        raise UsageError(
            f"the proxy {hide_url(named)} isn't of the form http://HOST:PORT",
            "Set NO_PROXY for this server, or another proxy.",
        )
    return proxy
