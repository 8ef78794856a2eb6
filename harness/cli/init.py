"""``harness init``: writes the files to begin with."""

from __future__ import annotations

import re
from pathlib import Path

import typer

from harness.cli.drafts import DRAFTS, TEST
from harness.cli.options import JSON
from harness.cli.output import print_json
from harness.cli.verbs import verb
from harness.errors import UsageError, nearest

__all__ = ["init"]

EPILOG = """Examples:

  harness init --strategy short-answers

  harness init --strategy last-layers --part weights --out mine"""
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@verb("init", epilog=EPILOG)
def init(
    strategy: str = typer.Option(..., help="Name of the new strategy: small letters, digits, -."),
    part: str = typer.Option(
        "prompting", help="What it is: prompting, weights, or strategy, which is a whole one."
    ),
    out: Path = typer.Option(Path(), help="Folder to write into."),
    json_: bool = JSON,
) -> None:
    """Write a new strategy that works, and its test, to begin with."""
    if part not in DRAFTS:
        raise UsageError(f"there is no part {part!r}", nearest(part, DRAFTS))
    _check_name(strategy)
    stem = strategy.replace("-", "_")
    cls = "".join(word.capitalize() for word in strategy.split("-"))
    file, test = out / f"{stem}.py", out / f"test_{stem}.py"
    draft, example = DRAFTS[part]
    names = {"name": strategy, "cls": cls, "file": file.name, "test": test.name}
    _write({file: draft.substitute(names), test: TEST.substitute(names | example)})
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
