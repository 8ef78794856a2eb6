"""Reads a YAML file with a model's fields; what is wrong is said with its line and what to do."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from harness.decoding import check_yaml, file_bytes
from harness.errors import DataError, HarnessError
from harness.task.wording import explain, kind_of

__all__ = ["Misdeclared", "located", "read_values", "read_yaml"]

FormT = TypeVar("FormT", bound=BaseModel)

SHOWN = 60  # characters of a value in a message
_TEXT, _MERGE = "tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"


class Misdeclared(DataError, ValueError):
    """A declaration that can't work; `at` is where it stands in the file: fields and numbers."""

    def __init__(self, message: str, hint: str, *at: str | int) -> None:
        super().__init__(message, hint)
        self.at = at


def read_yaml(path: Path, form: type[FormT], what: str, hint: str) -> FormT:
    """Reads a YAML file with a pydantic model's fields.

    Raises:
        DataError: The first thing that is wrong, with its line.
    """
    node = _fields(path, what, hint)
    values = _constructed(path, node)
    try:
        return form.model_validate(values)
    except ValidationError as error:
        # A misspelt field is also a missing one: the spelling is the cause.
        first = min(error.errors(), key=lambda each: each["type"] != "extra_forbidden")
        cause = first.get("ctx", {}).get("error")
        if isinstance(cause, Misdeclared):
            at, message, fix = (*first["loc"], *cause.at), cause.message, cause.hint
        else:
            at = first["loc"]
            value = _walk(node, at)[1]
            message, fix = explain(first, form, value.value if _is_scalar(value) else None)
        line = _line(_walk(node, at)[0])
        raise DataError(f"{path.name}, line {line}: {message}", fix or hint) from error


def read_values(path: Path, what: str, hint: str) -> dict[str, object]:
    """Reads a YAML file's fields, which nobody has looked at; errors are those of `read_yaml`."""
    return _constructed(path, _fields(path, what, hint))


def _fields(path: Path, what: str, hint: str) -> MappingNode:
    node = _composed(path, hint)
    if not isinstance(node, MappingNode):
        raise DataError(f"{path.name}, line {_line(node)}: a {what} begins with fields", hint)
    _check_keys(path, node)
    return node


def located(error: HarnessError, path: Path | None) -> HarnessError:
    """Puts the file and the line before an error that knows its place in a declaration."""
    if path is not None and error.at:
        line = _line(_walk(_composed(path, ""), error.at)[0])
        error.message, error.at = f"{path.name}, line {line}: {error.message}", ()
    return error


def _composed(path: Path, hint: str) -> Node:
    """Returns the file's nodes, which know their lines."""
    data = file_bytes(path)
    try:
        text = unicodedata.normalize("NFC", data.decode("utf-8-sig"))
        check_yaml(text, path.name)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DataError(
            f"{path.name}, line {line}: not UTF-8", "Save the file as UTF-8."
        ) from error
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise DataError(
            f"{path.name}, line {line}: a control character", "Leave it out."
        ) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        written = (text.splitlines() or [""])[min(line, len(text.splitlines())) - 1]
        if "\t" in written[: len(written) - len(written.lstrip())]:
            message, fix = "a tab before the field", "Indent with spaces."
        else:
            message = f"no YAML: {error.problem}"
            fix = "Check the indentation and brackets; quote a text that holds ': ' or ' #'."
        raise DataError(f"{path.name}, line {line}: {message}", fix) from error
    if node is None:
        raise DataError(f"{path.name}, line 1: the file is empty", hint)
    return node


def _check_keys(path: Path, root: Node) -> None:
    """Raises where a field's name is no text, or is given twice: YAML would take the last one."""
    for node in _nodes(root, set()):
        seen: dict[str, int] = {}
        for key, _ in node.value if isinstance(node, MappingNode) else ():
            where, line = f"{path.name}, line {_line(key)}", _line(key)
            if key.tag not in (_TEXT, _MERGE):
                what = f"the name {key.value}" if _is_scalar(key) else "a name"
                raise DataError(
                    f"{where}: {what} is read as {kind_of(key.tag)}, not as text",
                    f'Quote it: "{key.value}"' if _is_scalar(key) else "Quote it.",
                )
            if key.value in seen:
                raise DataError(
                    f"{where}: {key.value!r} is there twice, first in line {seen[key.value]}",
                    "Leave one of them out.",
                )
            seen[key.value] = line


def _constructed(path: Path, root: MappingNode) -> dict[str, object]:
    """Returns the values; a scalar that can't be read is named with its line."""
    for node in _nodes(root, set()):
        try:
            if _is_scalar(node) and node.tag != _MERGE:
                yaml.SafeLoader("").construct_object(node)
        except Exception as error:  # PyYAML's own, and what a wrong tag leads it to
            raise DataError(
                f"{path.name}, line {_line(node)}: {_short(node.value)!r} can't be read",
                f'Quote it: "{_short(node.value)}"',
            ) from error
    try:
        values: dict[str, object] = yaml.SafeLoader("").construct_document(root)
    except Exception as error:  # of a tag on a list or on fields
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or f"a tag doesn't fit ({error})"
        raise DataError(
            f"{path.name}, line {mark.line + 1 if mark else 1}: no YAML: {why}",
            "Leave tags and anchors out.",
        ) from error
    return values


def _nodes(node: Node, seen: set[int]) -> Iterator[Node]:
    if id(node) in seen:  # an anchor can be used again, even in itself
        return
    seen.add(id(node))
    yield node
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield from _nodes(key, seen)
            yield from _nodes(value, seen)
    elif isinstance(node, SequenceNode):
        for item in node.value:
            yield from _nodes(item, seen)


def _walk(node: Node, at: Sequence[str | int]) -> tuple[Node, Node]:
    """Returns what names a place, and what stands there: as far down as the file goes."""
    name = node
    for step in at:
        if isinstance(node, MappingNode):
            pairs = [pair for pair in node.value if pair[0].value == str(step)]
            if not pairs:
                break
            name, node = pairs[0]
        elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
            name = node = node.value[step]
        else:
            break
    return name, node


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def _is_scalar(node: Node) -> bool:
    return isinstance(node, ScalarNode)


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1
