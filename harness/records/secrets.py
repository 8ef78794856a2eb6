"""What must never be written or printed: values of variables that hold keys, and passwords.

A secret is the value of a variable that holds a key, or what stands in an address that is used: its
password, a key in its query. It is taken out wherever something is written or printed, in every
form in which a server may send it back. Values of fewer than `SHORTEST` characters stay, since
they would be found in ordinary words.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

__all__ = [
    "REMOVED",
    "SHORTEST",
    "dumps",
    "forms",
    "hidden",
    "hide",
    "hide_url",
    "without_passwords",
]

REMOVED = "[removed]"
SHORTEST = 8
TOKENS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HUGGINGFACEHUB_API_TOKEN")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
ADDRESSES = (*PROXIES, "HARNESS_BASE_URL", "HARNESS_JUDGE_URL", "OPENAI_BASE_URL", "HF_ENDPOINT")
"""Variables whose value may hold a password."""

_KEY_NAME = re.compile(r"(?:^|_)API_?KEY$", re.IGNORECASE)
_USER = re.compile(r"(?<=://)[^\s/@'\"]+@")
_PAIR = re.compile(r"(?<=://)[^\s/@:'\"]*:[^\s/@'\"]+@")
_SECRET_NAME = re.compile(r"key|token|secret|passw|sig|code|auth", re.IGNORECASE)
_QUERY = re.compile(rf"([?&][\w.-]*(?:{_SECRET_NAME.pattern})[\w.-]*=)[^\s&#'\"]+", re.IGNORECASE)

Forms = tuple[str, ...]
_PLACE = "://"
_given: set[str] = set()  # secrets that no variable holds, such as a password in --base-url


def hide(*values: str | None) -> None:
    """Declares values secret, for this process."""
    _given.update(filter(None, values))


def hide_url(url: str) -> str:
    """Declares what is secret in an address, and returns the address without it."""
    _given.update(_secrets_of(url))
    return without_passwords(url)


def without_passwords(text: str) -> str:
    """Takes names, passwords and keys out of the addresses in a text."""
    return _QUERY.sub(rf"\g<1>{REMOVED}", _USER.sub(f"{REMOVED}@", text))


def forms() -> Forms:
    """Returns what has to be looked for now: the environment may have changed since."""
    return _forms_of(_secrets())


def hidden(text: str) -> str:
    """Takes the secrets out of a text."""
    return _without(text, forms())


def dumps(value: object, found: Forms | None = None, **how: Any) -> str:
    """Returns a value as JSON with no secret in it; who writes much looks for `forms` once.

    What is replaced are texts within the value, so that the result is JSON whatever a key is.
    """
    text = json.dumps(value, **how)
    found = forms() if found is None else found
    if _PLACE in text or any(each in text for each in found):
        return json.dumps(_within(value, found), **how)
    return text


def _within(value: object, forms: Forms) -> object:
    if isinstance(value, dict):
        return {_within(key, forms): _within(each, forms) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_within(each, forms) for each in value]
    return _without(value, forms) if isinstance(value, str) else value


def _without(text: str, forms: Forms) -> str:
    for form in forms:
        if form in text:
            text = text.replace(form, REMOVED)
    return _PAIR.sub(f"{REMOVED}@", text) if _PLACE in text else text


def _secrets() -> frozenset[str]:
    """Returns the secrets of this process; the environment is read anew, since it may change."""
    found = {os.environ.get(name, "") for name in _key_names(len(os.environ))}
    for name in ADDRESSES:
        if "@" in (url := os.environ.get(name, "")) or "?" in url:
            found.update(_secrets_of(url))
    return frozenset(each for each in _given | found if len(each) >= SHORTEST)


@lru_cache(1)
def _key_names(count: int) -> tuple[str, ...]:
    """Returns the variables that hold keys; looked for where their number (``count``) changes."""
    return (*TOKENS, *(name for name in os.environ if _KEY_NAME.search(name)))


def _secrets_of(url: str) -> Iterator[str]:
    """Yields what is secret in an address: its password, as it is sent, and keys in its query."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
    except ValueError:
        return
    if parts.username is not None:
        name, password = unquote(parts.username), unquote(parts.password or "")
        yield f"{parts.netloc.rpartition('@')[0]}@"
        yield base64.b64encode(f"{name}:{password}".encode()).decode().rstrip("=")
        yield password
    yield from (value for key, value in parse_qsl(parts.query) if _SECRET_NAME.search(key))


@lru_cache(8)
def _forms_of(secrets: frozenset[str]) -> Forms:
    """Returns the forms in which secrets may stand in a text, the longest first."""
    forms: set[str] = set()
    for secret in secrets:
        written = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret)}
        for _ in range(2):  # in JSON, and in JSON that is quoted in JSON
            written |= {json.dumps(each)[1:-1] for each in written} | {
                json.dumps(each, ensure_ascii=False)[1:-1] for each in written
            }
        forms |= written | set(_in_base64(secret))
    return tuple(sorted(forms, key=len, reverse=True))


def _in_base64(secret: str) -> Iterator[str]:
    """Yields what base64 of any text with the secret in it contains, whatever stands around it."""
    data = secret.encode(errors="surrogateescape")
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + data).decode().rstrip("=")
        # Letters that also hold bits of what stands before or after the secret say nothing.
        end = (shift + len(data)) * 8 // 6
        inner = coded[-(-shift * 8 // 6) : end]
        yield inner
        yield inner.translate(str.maketrans("+/", "-_"))
