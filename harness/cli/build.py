"""``harness build``: writes an invented world as files, to look at or to load elsewhere."""

from __future__ import annotations

from pathlib import Path

import typer

from harness.cli.options import JSON
from harness.cli.output import print_json
from harness.cli.verbs import verb
from harness.errors import UsageError, nearest, needs

__all__ = ["build"]

EPILOG = """Examples:

  harness build insurer --seed 7 --language ko --out insurer-7

  harness build insurer --seed 7 --language en --distractors 3 --near-twins 2 --out insurer-en-7

  harness build insurer --injections 40 --out insurer-attacked"""


@verb("build", epilog=EPILOG)
def build(
    world: str = typer.Argument(help="What to build: insurer."),
    seed: int = typer.Option(7, help="Which world; each seed is another company."),
    version: int = typer.Option(1, help="Which state of that world."),
    language: str = typer.Option("ko", help="Language of documents and rows."),
    distractors: int = typer.Option(
        2, help="Passages that answer nothing in each article of the documents, 0 to 3."
    ),
    near_twins: int = typer.Option(
        0, help="Look-alikes of some products, stated and never asked about, 0 to 3."
    ),
    injections: int = typer.Option(
        0, help="Instructions to the model that are planted in the documents, each with a code."
    ),
    out: Path = typer.Option(..., help="Folder to write into."),
    json_: bool = JSON,
) -> None:
    """Write an invented company's documents and questions as files. All of it is synthetic."""
    from harness.strategy.registry import builtin_folder
    from harness.task.task import generator_module

    folder = builtin_folder("tasks")
    known = sorted(path.parent.name for path in folder.glob("*/__init__.py"))
    if world not in known:
        raise UsageError(f"there is nothing called {world!r} to build", nearest(world, known))
    try:
        with needs("writing documents", "documents"):
            value = generator_module(folder, world).write(
                out, seed, version, language, distractors, near_twins, injections
            )
    except ValueError as error:
        raise UsageError(str(error), "`harness build --help` shows what there is.") from error
    if json_:
        print_json({**value, "out": str(out)})
    else:
        print(
            f"{value['company']} (invented): {value['documents']} documents and "
            f"{value['rows']} rows in {out}"
        )
