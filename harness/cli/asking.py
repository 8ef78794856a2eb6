"""Asks on a terminal about each proposal: Enter accepts, anything else changes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import typer

from harness.cli.output import Json, console
from harness.errors import HarnessError

if TYPE_CHECKING:
    from harness.task.proposing.guess import Guess
    from harness.task.proposing.proposal import Proposal

__all__ = ["ask_about"]

WISHES = {"cluster": "group", "labels": "labels", "split": "split", "metric": "metric"}
WISHES |= {name: name for name in ("input", "target", "kind")}
NONE = "-"


def ask_about(
    proposal: Proposal, doubts: Sequence[str], again: Callable[[Json], Proposal]
) -> Proposal:
    """Goes through the proposals; a change proposes the others anew, with it."""
    out = console()
    out.print("Enter accepts a proposal; anything else is what it should be.", style="dim")
    for text in doubts:
        out.print(f"? {text}", style="yellow")
    done = set[str]()
    while guess := _next(proposal, done):
        done.add(guess.field)
        out.print(f"{guess.field}: {guess.value}", style="yellow" if guess.doubtful else "bold")
        out.print(f"  {guess.why}", style="dim")
        if guess.options:
            out.print(f"  or: {', '.join(guess.options)}", style="dim")
        proposal = _changed(proposal, guess, again, out.print)
    return proposal


def _next(proposal: Proposal, done: set[str]) -> Guess | None:
    last = {guess.field: guess for guess in proposal.draft.guesses if guess.field in WISHES}
    return next((guess for name, guess in last.items() if name not in done), None)


def _changed(
    proposal: Proposal, guess: Guess, again: Callable[[Json], Proposal], say: Callable[[str], None]
) -> Proposal:
    while True:
        answer = typer.prompt(f"  {guess.field}", default="", show_default=False).strip()
        if not answer or answer == guess.value:
            return proposal
        try:
            return again({WISHES[guess.field]: _read(guess.field, answer)})
        except HarnessError as error:
            say(f"  {error}")


def _read(field: str, answer: str) -> object:
    if field != "labels":
        return answer
    pairs = [part.partition("=") for part in answer.split(",")]
    return {code.strip(): name.strip() for code, _, name in pairs}
