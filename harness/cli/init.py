"""``harness init``: writes the files to begin with."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template
from typing import Annotated

import typer
from pydantic import ValidationError

from harness.cli.options import JSON, Fields, Values
from harness.cli.output import print_json
from harness.cli.verbs import refuse, verb
from harness.config import DataSource, usage_error
from harness.errors import UsageError, nearest

__all__ = ["init"]

EPILOG = """Examples:

  harness init claims --data rows.xlsx

  harness init claims --data train.csv --data test.csv --yes

  harness init leave --data questions.csv --docs rules --kind qa

  harness init --strategy short-answers

  harness init --strategy last-layers --part weights --out mine"""
DRAFTS = {
    "prompting": {"parameter": "sentence", "value": "Be brief."},
    "weights": {"parameter": "word", "value": "bias"},
    "strategy": {"parameter": "shortest", "value": "3"},
}
"""By the kind of part: a parameter with another value, for the test. Each has its file in `FILES`."""
FILES = Path(__file__).with_name("drafts")
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
WISHES = ("input", "target", "group", "time", "split", "choices", "labels", "header_row", "sheet")
"""Options of a table that say what would be proposed."""


@verb("init", epilog=EPILOG)
def init(
    name: str = typer.Argument("", help="With --data: name of the new task."),
    data: list[Path] = typer.Option(
        [],
        help="Table of rows, or a folder with one for each split; may be given several times.",
        metavar="FILE",
    ),
    docs: Path | None = typer.Option(
        None, help="Documents that the rows are about: a folder, or a table with ids and texts."
    ),
    kind: str | None = typer.Option(None, help="Kind of task, if it isn't the proposed one."),
    *,
    wishes: Annotated[Values, Fields(DataSource, *WISHES)],
    yes: bool = typer.Option(False, "--yes", "-y", help="Take every proposal; ask nothing."),
    estimate: bool = typer.Option(True, help="Say what the study will take."),
    strategy: str | None = typer.Option(
        None, help="Name of a new strategy instead: small letters, digits, -."
    ),
    part: str = typer.Option(
        "prompting", help="What it is: prompting, weights, or strategy, which is a whole one."
    ),
    out: Path = typer.Option(Path(), help="Folder to write into."),
    json_: bool = JSON,
) -> None:
    """Make a task of your rows, or a new strategy that works, with the files to begin with."""
    if (strategy is None) == (not data):
        raise UsageError(
            "init what? A task of rows, or a strategy",
            "harness init NAME --data rows.xlsx, or: harness init --strategy NAME",
        )
    if strategy is not None:
        refuse(("name", "docs", "kind", "yes", "estimate", *wishes), "--data FILE")
        _new_strategy(strategy, part, out, json_)
        return
    refuse(("part",), "--strategy NAME")
    if not name:
        raise UsageError("the task has no name", f"harness init NAME --data {data[0]}")
    from harness.cli.new_task import Request, new_task
    from harness.task.tables import Layout

    said = {key: value for key, value in _checked(wishes).items() if value is not None}
    layout = Layout(said.pop("header_row", None), said.pop("sheet", None))
    said |= {"kind": kind} if kind else {}
    new_task(Request(name, data, docs, out, layout, said, yes, json_, estimate))


def _checked(wishes: Values) -> Values:
    """Reads the options as `harness run` reads those of a table."""
    try:
        source = DataSource(path=Path(), **wishes)
    except ValidationError as error:
        raise usage_error(DataSource, error, "init") from error
    return {key: getattr(source, key) for key in wishes}


def _new_strategy(strategy: str, part: str, out: Path, json_: bool) -> None:
    """Writes a strategy and its test."""
    if part not in DRAFTS:
        raise UsageError(f"there is no part {part!r}", nearest(part, DRAFTS))
    _check_name(strategy)
    stem = strategy.replace("-", "_")
    cls = "".join(word.capitalize() for word in strategy.split("-"))
    file, test = out / f"{stem}.py", out / f"test_{stem}.py"
    names = {"name": strategy, "cls": cls, "file": file.name, "test": test.name} | DRAFTS[part]
    _write({file: _filled(part, names), test: _filled("test", names)})
    reference = f"{file}:{cls}"
    commands = [
        f"python -m pytest {test}",
        f"harness validate {reference}",
        f"harness run --strategy {reference}",
    ]
    if json_:
        print_json({"files": [str(file), str(test)], "strategy": reference, "next": commands})
        return
    print(f"wrote {file} and {test}; next:", *commands, sep="\n  ")


def _filled(draft: str, names: dict[str, str]) -> str:
    text = (FILES / f"{draft}.py.txt").read_text(encoding="utf-8")
    return Template(text).substitute(names)


def _check_name(name: str) -> None:
    from harness.strategy.registry import strategies

    if not NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name of a strategy",
            "Small letters, digits and - between them: --strategy short-answers.",
        )
    if name in strategies().parts:
        raise UsageError(
            f"there is a strategy {name!r} already", "Give yours another name: --strategy NAME."
        )


def _write(files: dict[Path, str]) -> None:
    """Writes all files, or none where one is there."""
    there = [str(path) for path in files if path.exists()]
    if there:
        raise UsageError(
            f"there is {' and '.join(there)} already, and nothing was written",
            "Take another name or folder (--out), or move it away.",
        )
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
