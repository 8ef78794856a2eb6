"""A question to a server on loopback, past proxies."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping

from harness.records.files import Json

__all__ = ["ask"]

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(url: str, body: Mapping[str, object] | None = None, seconds: float = 5.0) -> Json:
    """Returns the JSON object that a GET gives, or a POST of a body; empty where it is no object.

    Raises:
        OSError: Nobody answers, or with an error.
    """
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with _DIRECT.open(request, timeout=seconds) as answer:
        read = answer.read()
    try:
        found = json.loads(read)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
