"""Where a server is: whether it may be asked, whether it is this machine, whose form its address has."""

from __future__ import annotations

import ipaddress
import os
import re
from urllib.parse import SplitResult, parse_qs, quote, urlsplit, urlunsplit

from harness.errors import UsageError
from harness.records.secrets import hide_url

__all__ = [
    "ALLOWED",
    "address_of",
    "chat_address",
    "check_allowed",
    "deployment",
    "is_azure",
    "is_loopback",
]

ALLOWED = "HARNESS_ALLOWED_HOSTS"
"""Variable with the hosts that may be asked: ``api.openai.com, .corp.example, 127.0.0.1:8000``."""
_DEPLOYMENT = re.compile(r"/openai(?P<named>/deployments/[^/]+)?/?$")


def address_of(url: str) -> SplitResult:
    """Reads the address of a server.

    Raises:
        UsageError: It is none, or its host isn't on the list of those that may be asked.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(
            f"{hide_url(url)!r} is no address of a server",
            "Write it up to /v1: --base-url http://127.0.0.1:8000/v1",
        )
    check_allowed(parts)
    return parts


def check_allowed(parts: SplitResult) -> None:
    """Raises `UsageError` for a host that isn't on the list, where there is a list.

    An entry is a host, a host with its port, or ``.example.com`` for all hosts below it.
    """
    entries = re.split(r"[\s,]+", os.environ.get(ALLOWED, "").strip().lower())
    host = (parts.hostname or "").lower()
    port = parts.port or (443 if parts.scheme == "https" else 80)
    names = {host, f"{host}:{port}", f"[{host}]", f"[{host}]:{port}"}
    below = (f".{each.lstrip('*.')}" for each in entries if each.startswith((".", "*.")))
    if entries == [""] or names & set(entries) or any(map(host.endswith, below)):
        return
    raise UsageError(
        f"{host}:{port} isn't among the hosts that may be asked: {', '.join(entries)}",
        f"Add it to {ALLOWED}, if what is asked may go there.",
    )


def is_loopback(url: str | SplitResult) -> bool:
    """Whether a server is this machine, by its address: no name is looked up."""
    host = (urlsplit(url) if isinstance(url, str) else url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_azure(url: str) -> bool:
    """Whether an address is of Azure's form: below ``/openai``, with ``api-version``.

    Such a server wants its key in a header of another name.
    """
    parts = urlsplit(url)
    return "api-version" in parse_qs(parts.query) and bool(_DEPLOYMENT.search(parts.path))


def chat_address(url: str, name: str) -> str:
    """Returns where a model of a server is asked for chat."""
    parts = urlsplit(deployment(url, name))
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/chat/completions"))


def deployment(url: str, name: str) -> str:
    """Returns an address of Azure's with the deployment in its path; any other as it is."""
    parts = urlsplit(url)
    found = _DEPLOYMENT.search(parts.path)
    if not is_azure(url) or found is None or found["named"]:
        return url
    path = f"{parts.path.rstrip('/')}/deployments/{quote(name, safe='')}"
    return urlunsplit(parts._replace(path=path))
