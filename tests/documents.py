"""What the documents show: their commands, their blocks of code, and their links."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import typer

from harness.cli import app

__all__ = ["PAGES", "ROOT", "blocks", "commands", "flat", "links", "text", "unknown"]

ROOT = Path(__file__).resolve().parents[1]
DOCS = sorted(path.name for path in ROOT.glob("docs/*.md"))
PAGES = ("README.md", "CONTRIBUTING.md", *(f"docs/{name}" for name in DOCS))


def text(page: str) -> str:
    """Returns a page, named from the root (``docs/costs.md``)."""
    return (ROOT / page).read_text(encoding="utf-8")


def flat(page: str) -> str:
    """Returns a page with its lines joined, so that a sentence is found however it is broken."""
    return " ".join(text(page).split())


def commands(page: str) -> list[str]:
    """Returns the indented lines that begin with harness or python -m harness, without comments."""
    lines = re.findall(r"^ {3,}(?:[A-Z_]+=\S+ )?(?:python -m )?(harness .+)$", text(page), re.M)
    return [line.split("  #")[0].strip() for line in lines]


def blocks(page: str, language: str) -> list[str]:
    """Returns the fenced blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", text(page), re.DOTALL)


def links(page: str) -> list[str]:
    """Returns what a page links to inside the repository."""
    targets = re.findall(r"\]\(([^)\s]+)\)", text(page))
    return [target for target in targets if "://" not in target]


def unknown(command: str) -> list[str]:
    """Returns the verbs and options of a command that ``--help`` doesn't show."""
    verb: Any = typer.main.get_command(app)
    words = shlex.split(command)[1:]
    while hasattr(verb, "commands"):
        name, *words = words
        verb = verb.commands.get(name)
        if verb is None or verb.hidden:
            return [name]
    shown = {
        name
        for option in verb.params
        if not getattr(option, "hidden", False)
        for name in (*option.opts, *option.secondary_opts)
    } | {"--help", "-h"}
    options = [word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)]
    return [option for option in options if option not in shown]
