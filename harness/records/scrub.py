"""What a record leaves out of texts and settings: secrets, names of persons and hosts, folders."""

from __future__ import annotations

import contextlib
import getpass
import platform
import re
from functools import cache
from pathlib import Path
from typing import Any

from harness.records.secrets import REMOVED, hidden, without_passwords

__all__ = ["scrub", "without_places"]

_SECRET = re.compile(
    r"(sk-[A-Za-z0-9_-]{8,}|hf_[A-Za-z0-9]{8,}|(?i:bearer)\s+\S+|"
    r"(?i:(?:api[_-]?key|token|password|secret)\s*[=:]\s*)[^\s&]+)"
)
_PATH = re.compile(r"(?<![\w.~/:<>-])(?:/[^\s/'\"]+)*/([^\s/'\"]+)/?")
_PLACE = re.compile(r"(?:/[^\s/]+){2,}/?")


def scrub(text: str) -> str:
    """Takes keys, folders, user and host names out of a text.

    A path below the working folder begins there; of any other its last part stays.
    """
    text = _SECRET.sub(REMOVED, without_passwords(hidden(text)))
    here = str(Path.cwd())
    if len(here) > 1:
        text = re.sub(rf"{re.escape(here)}(?![^\s/\"'])/?", "", text)
    text = _PATH.sub(r"\1", text.replace(str(Path.home()), "~"))
    for name in _names():
        text = re.sub(rf"\b{re.escape(name)}\b", REMOVED, text)
    return text


@cache
def _names() -> tuple[str, ...]:
    """User and host names; ones so short or common that they are words stay."""
    names = [platform.node()]
    with contextlib.suppress(KeyError, OSError):  # no such user in this container
        names.append(getpass.getuser())
    return tuple(name for name in names if len(name) > 3 and name not in ("root", "localhost"))


def without_places(value: Any) -> Any:
    """Takes folders of this machine out of JSON values, a combination's parts each (`lora+f.py:A`).

    A text counts as a path if it is an absolute one and nothing else: the name that a server gives
    its model (``endpoint:/models/m``) stays, it is needed. An address loses its password.
    """
    if isinstance(value, dict):
        return {key: without_places(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [without_places(each) for each in value]
    if isinstance(value, str) and "/" in value:
        return without_passwords("+".join(_place(part) for part in value.split("+")))
    return value


def _place(text: str) -> str:
    if not text.startswith("/") or not (_PLACE.fullmatch(text) or _exists(text)):
        return text
    path, here = Path(text), Path.cwd()
    return str(path.relative_to(here)) if here in path.parents else path.name


def _exists(text: str) -> bool:
    return len(text) < 256 and "\0" not in text and len(text) > 1 and Path(text).exists()
