"""How verbs are added, and how their help is laid out: in panels, by what one wants to do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextvars import ContextVar
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, TypeVar, get_args, get_type_hints

import typer
from typer.core import TyperCommand, TyperGroup

from harness.cli.options import Fields
from harness.errors import UsageError

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter  # click itself, in earlier versions of typer

__all__ = ["PANELS", "app", "group", "refuse", "verb"]

Command = TypeVar("Command", bound=Callable[..., None])

PANELS = {  # in the order of ``harness --help``
    "Set up": ("init", "validate", "build", "models"),
    "Run": ("run", "study", "predict", "ask"),
    "Score": ("score", "rescore"),
    "Read and decide": ("show", "compare", "recommend", "report", "export"),
    "About": ("list", "prices", "doctor"),
}
ARGUMENTS, OPTIONS = "Arguments", "Options"
_given: ContextVar[Mapping[str, str]] = ContextVar("given", default={})  # noqa: B039 - never changed
"""What stands in the command itself: parameters of the verb, with their spelling."""


class Verb(TyperCommand):
    """A verb; help shows its options in panels."""

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Writes arguments, then options by panel; what would be alone in one comes last."""
        panels: dict[str, list[tuple[str, str]]] = {ARGUMENTS: []}
        for each in self.get_params(ctx):
            usual = ARGUMENTS if each.param_type_name == "argument" else OPTIONS
            if row := each.get_help_record(ctx):
                panels.setdefault(getattr(each, "rich_help_panel", None) or usual, []).append(row)
        shown = {
            title: rows
            for title, rows in panels.items()
            if title != OPTIONS and len(rows) > (title != ARGUMENTS)
        }
        rest = [row for title, rows in panels.items() if title not in shown for row in rows]
        for title, rows in (shown | {OPTIONS: rest}).items():
            with formatter.section(title):
                formatter.write_dl(rows)

    def invoke(self, ctx: Context) -> object:
        """Runs the verb, which may `refuse` what was given."""
        told = {each.name: each.opts[0] for each in self.params if _in_command(ctx, each.name)}
        token = _given.set(told)
        try:
            return super().invoke(ctx)
        finally:
            _given.reset(token)


def _in_command(ctx: Context, name: str | None) -> bool:
    """Whether a parameter was given by the command: not by its default or the environment."""
    source = ctx.get_parameter_source(name) if name else None
    return source is not None and source.name == "COMMANDLINE"


def refuse(names: Collection[str], where: str) -> None:
    """Refuses options of a verb that would have no effect here; ``where`` says what they go with.

    Raises:
        UsageError: The command has one of these parameters.
    """
    found = [spelled for name, spelled in _given.get().items() if name in names]
    if found:
        go = "goes" if len(found) == 1 else "go"
        raise UsageError(f"{', '.join(found)} {go} with {where}", "Here it would change nothing.")


class Verbs(TyperGroup):
    """The verbs; help shows them in panels."""

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Writes the verbs that have a panel."""
        for title, names in PANELS.items():
            with formatter.section(title):
                rows = [(name, self.commands[name].get_short_help_str(90)) for name in names]
                formatter.write_dl(rows)


app = typer.Typer(
    name="harness",
    cls=Verbs,
    help="Quality and cost of every way of adapting a language model, measured in one run.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def group(name: str, help_: str) -> typer.Typer:
    """Adds a group of verbs, and returns it."""
    verbs = typer.Typer(help=help_, no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(verbs, name=name)
    return verbs


def verb(name: str, *, epilog: str, within: typer.Typer = app) -> Callable[[Command], Command]:
    """Makes a verb of the function below, with options in place of its `Fields`."""

    def added(function: Command) -> Command:
        within.command(name, cls=Verb, epilog=epilog)(_with_options(function))
        return function

    return added


def _with_options(function: Callable[..., None]) -> Callable[..., None]:
    hints = get_type_hints(function, include_extras=True)
    held: dict[str, Fields] = {}
    options: list[Parameter] = []
    for name, parameter in signature(function).parameters.items():
        fields = next((each for each in get_args(hints[name]) if isinstance(each, Fields)), None)
        if fields is None:
            options.append(parameter.replace(annotation=hints[name], kind=Parameter.KEYWORD_ONLY))
        else:
            held[name] = fields
            options += fields.parameters()

    @wraps(function)
    def called(**given: object) -> None:
        taken = {name: fields.take(given) for name, fields in held.items()}
        function(**given, **taken)

    called.__signature__ = Signature(options)  # type: ignore[attr-defined]
    called.__annotations__ = {each.name: each.annotation for each in options}
    return called
