"""``harness build``: an invented world as files; or questions to one's own documents."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import JSON, QUIET, Fields, Values, of
from harness.cli.output import Json, console, emit, people_text, print_json, usd
from harness.cli.verbs import refuse, verb
from harness.config import RunConfig, choice, run_config
from harness.errors import UsageError, nearest, needs
from harness.text import duration

if TYPE_CHECKING:
    from harness.strategy.context import Monitor

__all__ = ["build"]

EPILOG = """Examples:

  harness build insurer --seed 7 --language ko --out insurer-7

  harness build insurer --seed 7 --language en --distractors 3 --near-twins 2 --out insurer-en-7

  harness build insurer --injections 40 --out insurer-attacked

  harness build questions --docs rules --n 100

  harness build questions --docs rules --ticked rules-questions.xlsx --by 'A. Kim'"""
QUESTIONS, WORLD = "questions", "An invented world"
DOCUMENTS = "Questions to your documents"
SERVER = ("base_url", "max_cost", "allow_unpriced", "rpm", "tpm", "prices", "mask_pii", "offline")


@dataclass(frozen=True)
class _World:
    """What an invented world may hold."""

    version: int = choice(1, "Which state of that world.", WORLD)
    distractors: int = choice(
        2, "Passages that answer nothing in each article of the documents, 0 to 3.", WORLD
    )
    near_twins: int = choice(
        0, "Look-alikes of some products, stated and never asked about, 0 to 3.", WORLD
    )
    injections: int = choice(
        0, "Instructions to the model that are planted in the documents, each with a code.", WORLD
    )


@dataclass(frozen=True)
class _Questions:
    """What is asked of one's own documents, or what came back."""

    docs: Path | None = choice(None, "Folder of documents.", DOCUMENTS)
    n: int = choice(100, "How many, a fifth of them unanswerable.", DOCUMENTS)
    ticked: Path | None = choice(
        None, "The sheet that came back: it becomes a task, beside it.", DOCUMENTS
    )
    by: str | None = choice(None, "With --ticked: who ticked.", DOCUMENTS)
    expert: str | None = choice(
        None, "With --ticked: row of the price book for an hour of that person.", DOCUMENTS
    )


@verb("build", epilog=EPILOG)
def build(
    what: str = typer.Argument(help="insurer, or questions."),
    seed: int = typer.Option(7, help="Which world, each another company; which passages."),
    language: str | None = typer.Option(
        None, help="Of a world, by default ko; of questions, by default the documents'."
    ),
    out: Path | None = typer.Option(
        None, help="Folder for a world; for questions an .xlsx, by default NAME-questions.xlsx."
    ),
    model: str | None = of(RunConfig, "model", text="With questions: what proposes them."),
    *,
    world: Annotated[Values, Fields(_World)],
    asked: Annotated[Values, Fields(_Questions)],
    server: Annotated[Values, Fields(RunConfig, *SERVER)],
    quiet: bool = QUIET,
    json_: bool = JSON,
) -> None:
    """Write an invented company's documents and questions, or questions to your own documents."""
    if what != QUESTIONS:
        refuse(["model", *asked, *server], f"`harness build {QUESTIONS}`")
        _world(what, seed, language or "ko", out, world, json_=json_)
        return
    refuse(world, "an invented world")
    from harness.cli.progress import terminal

    docs, sheet = asked["docs"], asked["ticked"]
    if docs is None:
        raise UsageError("questions to what?", "Name a folder: --docs FOLDER")
    if sheet is not None:
        proposing = {"seed", "language", "out", "model", "n", *server} - {"prices"}
        refuse(proposing, "questions that are proposed, without --ticked")
        with terminal(quiet=quiet or json_) as monitor:
            task = _task(sheet, docs, asked, server["prices"], monitor)
        emit(task | {"next": _next(task, docs)}, json_, _show_task)
        return
    refuse(("by", "expert"), "--ticked")
    from harness.runs.questions.build import MODEL, Wanted, build_questions

    out = out or Path(f"{docs.resolve().name}-{QUESTIONS}.xlsx")
    config = run_config(strategy="zero-shot", model=model or MODEL, **server)
    with terminal(quiet=quiet or json_) as monitor:
        wanted = Wanted(docs, out, asked["n"], language, seed)
        emit(build_questions(wanted, config, monitor), json_, _show_sheet)


def _world(
    name: str, seed: int, language: str, out: Path | None, options: Values, *, json_: bool
) -> None:
    from harness.strategy.registry import builtin_folder
    from harness.task.task import generator_module

    folder = builtin_folder("tasks")
    known = sorted(path.parent.name for path in folder.glob("*/__init__.py"))
    if name not in known:
        hint = nearest(name, [*known, QUESTIONS])
        raise UsageError(f"there is nothing called {name!r} to build", hint)
    if out is None:
        raise UsageError(f"where is {name} to be written?", "Name a folder: --out FOLDER")
    try:
        with needs("writing documents", "documents"):
            module = generator_module(folder, name)
            value = module.write(out, world=seed, language=language, **options)
    except ValueError as error:
        raise UsageError(str(error), "`harness build --help` shows what there is.") from error
    if json_:
        print_json({**value, "out": str(out)})
    else:
        print(
            f"{value['company']} (invented): {value['documents']} documents and "
            f"{value['rows']} rows in {out}"
        )


def _task(sheet: Path, docs: Path, asked: Values, prices: Path | None, monitor: Monitor) -> Json:
    """Makes a task of a sheet, and prices the minutes of whoever ticked."""
    from harness.costs.book import load_book
    from harness.runs.questions.ticked import task_of_sheet

    book, name = load_book(prices), asked["expert"]
    expert = book.expert(name).model_dump() if name else None  # first: a wrong name makes no task
    task = task_of_sheet(sheet, docs, asked["by"], monitor)
    return task | {"minutes_usd": book.people_usd(task["minutes"], name), "expert": expert}


def _next(task: Json, docs: Path) -> str:
    own = "" if task["inside"] else f" --docs {shlex.quote(str(docs))}"
    return f"harness run --task {shlex.quote(task['task'])}{own} --strategy rag"


def _show_sheet(about: Json) -> None:
    from harness.runs.questions.filters import FILTERS

    out, kept = console(), about["kept"]
    sorts = ", ".join(f"{count} {kind}" for kind, count in kept.items())
    out.print(
        f"{about['proposed']} proposed by {about['model']}, {sum(kept.values())} kept: {sorts}"
    )
    for name, count in about["dropped"].items():
        out.print(f"  {count:>4} dropped, {name}: {FILTERS[name]}", style="dim")
    if sum(kept.values()) < about["asked_for"]:
        out.print(
            f"fewer than {about['asked_for']}: there is no more to ask of {about['passages']} passages",
            style="yellow",
        )
    reason = f" ({about['usd_note']})" if about["usd"] is None else ""
    out.print(
        f"{about['requests']:,} requests · {about['input_tokens']:,} tokens in, "
        f"{about['output_tokens']:,} out · {duration(about['seconds'])} · {usd(about['usd'])}{reason}"
    )
    out.print(f"nobody has looked at them; tick them in: {about['out']}", markup=False)


def _show_task(task: Json) -> None:
    out = console()
    if task["looked_at"]:
        low, high = task["interval"]
        right = task["right_as_proposed"]
        took = people_text(task["minutes"], task["minutes_usd"], task["expert"])
        out.print(
            f"{right} of {task['looked_at']} were right as proposed: {right / task['looked_at']:.3f} "
            f"[{low:.3f}, {high:.3f}]; by {task['by']}: {took}",
            markup=False,
        )
    else:
        out.print("nobody looked at these questions: the task's name says so", style="yellow")
    out.print(f"{task['rows']} test rows: {task['task']}; next:", markup=False)
    out.print(f"  {task['next']}", markup=False)
