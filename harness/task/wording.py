"""Says in words what pydantic found wrong with a value of a YAML file, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, get_args

from pydantic import BaseModel

from harness.errors import nearest

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

__all__ = ["explain", "kind_of"]

_KINDS = {
    "bool": "true or false",
    "int": "a number",
    "float": "a number",
    "timestamp": "a date",
    "date": "a date",
    "datetime": "a date",
    "null": "nothing",
    "NoneType": "nothing",
    "map": "fields",
    "dict": "fields",
    "seq": "a list",
    "list": "a list",
    "str": "a text",
}
_LISTS = ("tuple_type", "list_type")
_FIELDS = ("model_type", "model_attributes_type", "dict_type", "mapping_type")


def kind_of(tag: str) -> str:
    """Says what YAML takes a value for, of its tag or the name of its type."""
    return _KINDS.get(tag.rpartition(":")[2], "something else")


def explain(error: ErrorDetails, form: type[BaseModel], raw: str | None) -> tuple[str, str]:
    """Returns what is wrong and what to do, which may be empty.

    `raw` is the value as it stands in the file, where it is a single one.
    """
    kind, at, value = error["type"], error["loc"], error["input"]
    where = ".".join(map(str, at))
    owner = _model_at(form, at[:-1])
    if kind == "extra_forbidden":
        inside = f"{where.rpartition('.')[0]}: " if len(at) > 1 else ""
        return f"{inside}unknown field {at[-1]!r}", nearest(str(at[-1]), owner.model_fields)
    if kind == "missing":
        return f"{where!r} is missing", _example(owner, str(at[-1]))
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", str(error["ctx"]["expected"]))
        return f"{where}: {value!r} is none of {', '.join(allowed)}", nearest(str(value), allowed)
    if kind == "string_type":
        return _no_text(where, value, raw)
    if kind in _LISTS:
        example = raw if raw is not None and re.fullmatch(r"[\w .-]+", raw) else '"..."'
        found = kind_of(type(value).__name__)
        return f"{where}: {found} stands where a list is expected", f"Write a list: [{example}]"
    if kind in _FIELDS:
        found = kind_of(type(value).__name__)
        names = ", ".join(_model_at(form, at).model_fields) if kind.startswith("model") else ""
        fix = f"It has the fields {names}." if names else 'Write {"name": "value"}.'
        return f"{where}: {found} stands where fields are expected", fix
    if kind == "string_pattern_mismatch":
        return f"{where}: {value!r} has a form that isn't allowed", _pattern_hint(owner, at)
    shown = raw if raw is not None else f"{value!r:.80}"
    message = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{where}: {shown!r}: {message}" if raw else f"{where}: {message}".lstrip(": "), ""


def _no_text(where: str, value: object, raw: str | None) -> tuple[str, str]:
    if value is None and not raw:
        return f"{where} is empty", "Write a text, or leave the field out."
    found = kind_of(type(value).__name__)
    if raw is None:
        return f"{where}: {found} stands where a text is expected", 'Write "text".'
    return f"{where}: {raw} is read as {found}, not as text", f'Quote it: "{raw}"'


def _example(model: type[BaseModel], name: str) -> str:
    field = model.model_fields[name]
    values = [value for value in get_args(field.annotation) if isinstance(value, str)]
    values = values or list(map(str, field.examples or ()))
    return f"Add it; it is one of {', '.join(values)}." if values else f"Add {name}: ..."


def _pattern_hint(model: type[BaseModel], at: Sequence[str | int]) -> str:
    field = model.model_fields.get(str(at[-1]))
    return (field.description or "") if field else ""


def _model_at(form: type[BaseModel], at: Sequence[str | int]) -> type[BaseModel]:
    """Returns the model whose fields stand at a place, or the last one on the way there."""
    for step in at:
        if field := form.model_fields.get(str(step)):
            form = next(_models(field.annotation), form)
    return form


def _models(kind: object) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for inner in get_args(kind):
        yield from _models(inner)
