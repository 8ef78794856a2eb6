"""A verb's options, made of the fields of the models that they fill in."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterator, Sequence
from inspect import Parameter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from harness.config import RunConfig, flag_of, model_of, spelling_of
from harness.errors import UsageError, nearest

if TYPE_CHECKING:
    from harness.analysis.words import Language

__all__ = [
    "language_of",
    "DATA_DIR",
    "GRADING",
    "JSON",
    "PRICES",
    "QUIET",
    "RESULTS",
    "Fields",
    "Values",
    "of",
    "of_results",
    "pairs",
]

Values = dict[str, Any]  # by name of a field: what was given for it

JSON = typer.Option(False, "--json", help="Print one JSON object.")
QUIET = typer.Option(False, "--quiet", "-q", help="No progress.")
TABLES = (".csv", ".tsv", ".jsonl", ".json", ".xlsx", ".parquet")
EXAMPLE = "Example: --data rows.csv --input question --target answer --kind qa"


def _fields(model: type) -> dict[str, FieldInfo]:
    if issubclass(model, BaseModel):
        return model.model_fields
    hints = get_type_hints(model)
    every = dataclasses.fields(model)  # type: ignore[arg-type]
    fields = {each.name: each.metadata["option"] for each in every if "option" in each.metadata}
    for name, field in fields.items():
        field.annotation = hints[name]
    return fields


def _option(name: str, field: FieldInfo, default: Any = ..., text: str = "") -> tuple[Any, Any]:
    """Returns the type and the option of a field. Models check values: here all is text."""
    kind, flag = field.annotation, flag_of(field)
    names, metavar = flag.spellings(name), flag.metavar
    if default is ... and not field.is_required():
        default = field.get_default(call_default_factory=True)
    if get_origin(kind) is Literal:
        metavar, kind = f"[{'|'.join(get_args(kind))}]", str
    elif any(get_origin(each) in (dict, tuple) for each in get_args(kind)):
        kind = str | None  # the model divides it
    elif get_origin(kind) in (dict, tuple):
        default, kind = None, list[str] | None
    elif kind is bool and not flag.names:
        names = (f"{names[0]}/--no-{names[0][2:]}",)
    help_, panel = text or field.description, flag.panel
    return kind, typer.Option(
        default, *names, help=help_, metavar=metavar, envvar=flag.env, rich_help_panel=panel
    )


def of(model: type, name: str, default: Any = ..., text: str = "") -> Any:
    """Returns the option of one field, if wanted with another default or help text."""
    return _option(name, _fields(model)[name], default, text)[1]


class Fields:
    """Stands in a verb's signature for the options of a model's fields, by default all of them.

    The model is pydantic's, or a dataclass of `choice` fields; the verb gets a dict of values.
    `table` names an argument of the verb that may be a file of rows, as ``--data`` is.
    """

    def __init__(
        self, model: type, *names: str, but: Sequence[str] = (), table: str | None = None
    ) -> None:
        self.fields = {
            name: field
            for name, field in _fields(model).items()
            if (name in names or not names) and name not in but
        }
        self.table = table

    def parameters(self) -> list[Parameter]:
        """Returns the options as parameters of a function."""
        return [
            Parameter(key, Parameter.KEYWORD_ONLY, default=option, annotation=kind)
            for name, field in self.fields.items()
            for key, kind, option in _spread(name, field)
        ]

    def take(self, given: Values) -> Values:
        """Takes the fields' values out of all that were given."""
        if self.table and Path(str(given[self.table])).suffix.lower() in TABLES:
            given["data_path"] = given["data_path"] or given[self.table]
        return {name: _value(name, field, given) for name, field in self.fields.items()}


def _spread(name: str, field: FieldInfo) -> Iterator[tuple[str, object, object]]:
    model = model_of(field)
    if model is None:
        yield name, *_option(name, field)
        return
    for own, inner in model.model_fields.items():
        kind, option = _option(own, inner, None if inner.is_required() else ...)
        yield f"{name}_{own}", kind | None, option


def _value(name: str, field: FieldInfo, given: Values) -> object:
    if model := model_of(field):
        return _nested(model, {own: given.pop(f"{name}_{own}") for own in model.model_fields})
    value = given.pop(name)
    if get_origin(field.annotation) is dict:
        return pairs(value, spelling_of(name, field))
    return tuple(value or ()) if get_origin(field.annotation) is tuple else value


def _nested(model: type[BaseModel], values: Values) -> Values | None:
    """Returns the values of a model within; None where the field that it requires isn't given."""
    fields = model.model_fields
    first = next(name for name, field in fields.items() if field.is_required())
    if values[first] is not None:
        return values
    for name, value in values.items():
        if name != first and value != fields[name].default:
            needed = f"{spelling_of(first, fields[first])} {flag_of(fields[first]).metavar}"
            raise UsageError(f"{spelling_of(name, fields[name])} goes with {needed}", EXAMPLE)
    return None


def language_of(name: str) -> Language:
    """Returns a language of the report and the recommendation.

    Raises:
        UsageError: There are no messages in it.
    """
    from harness.analysis.words import LANGUAGES

    if name not in LANGUAGES:
        raise UsageError(f"there is no language {name!r}", nearest(name, LANGUAGES))
    return name


def of_results(results: Path) -> str:
    """Returns ``--results`` as a command needs it, after a space; nothing where it is the usual."""
    usual = RunConfig.model_fields["results"].default
    return "" if results == usual else f" --results {shlex.quote(str(results))}"


def pairs(values: Sequence[str] | None, flag: str) -> Values:
    """Reads ``key=value`` options; a value with commas is a list.

    Raises:
        UsageError: There is no ``=``.
    """
    read: Values = {}
    for text in values or []:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"{flag} {text!r} is no key=value", f"Example: {flag} k=3")
        read[key.strip()] = value.split(",") if "," in value else value
    return read


GRADING = ("judge_url", "judge_max_cost", "allow_unpriced", "limit", "prices")
RESULTS = of(RunConfig, "results")
PRICES = of(RunConfig, "prices")
DATA_DIR = of(RunConfig, "data_dir")
