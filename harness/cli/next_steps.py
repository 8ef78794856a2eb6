"""What comes after ``harness init``: commands with what each takes."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cli.output import Json
from harness.errors import HarnessError

if TYPE_CHECKING:
    from harness.task.proposing.guess import Draft

__all__ = ["Written", "data_folder", "next_commands"]

MOST_READ = 2_000_000  # characters of inputs


@dataclass
class Written:
    """The files that were written, and the folder in which the rows lie, if it is another one."""

    task: Path
    study: Path
    rows: Path | None
    data_dir: Path | None
    strategies: tuple[str, ...]
    fields: Json  # of the study's runs
    leaks: bool = False  # whether test rows stand in train or dev


def data_folder() -> Path | None:
    """Returns the folder of data sets that the environment names."""
    return Path(os.environ["HARNESS_DATA"]) if os.environ.get("HARNESS_DATA") else None


def _quickest(draft: Draft, strategies: Sequence[str]) -> str:
    """Returns the best way that takes seconds.

    A classifier with a class for each free answer reads all texts as often as there are answers.
    """
    from harness.strategy.first_study import quickest_way

    read = sum(len(str(line[draft.input])) for line in draft.lines)
    return quickest_way(strategies, much=not draft.labels and read > MOST_READ)


def next_commands(
    written: Written,
    name: str,
    draft: Draft,
    docs: Path | None,  # that the task file can't name
    *,
    estimate: bool,
) -> list[Json]:
    """Returns what to type next, with what each takes."""
    place = ["--data-dir", str(written.data_dir)] if written.data_dir else []
    first = _quickest(draft, written.strategies)
    documents = ["--docs", str(docs)] if docs else []
    run = ["run", "--strategy", first, "--task", str(written.task), *documents, *place]
    run += ["--drop-leaked"] if written.leaks else []
    study = ["study", str(written.study), *place]
    last = ["recommend", "--task", name]
    return [
        {"command": _shell(run), "about": "seconds, no language model takes part", "usd": 0.0},
        {"command": _shell(study)} | (_forecast(written) if estimate else {}),
        {"command": _shell(last), "about": "seconds, from the records", "usd": 0.0},
    ]


def _shell(words: Sequence[str]) -> str:
    return shlex.join(["harness", *words])


def _forecast(written: Written) -> Json:
    from harness.cli.output import usd
    from harness.cli.study import forecasts
    from harness.runs.study import States, read_study
    from harness.runs.study.edits import Edits
    from harness.runs.study.forecast import total
    from harness.text import duration

    results = Path("results")
    local: Json = {"results": results, "data_dir": written.data_dir or data_folder()}
    local |= {"prices": None, "force": False, "offline": True}
    try:
        config = read_study(str(written.study))
        states = States(results, config.name, Edits(local))
        each = forecasts(config.cells(), states, local)
        left = total(each)
    except HarnessError as error:
        return {"about": f"not estimated: {error.message}", "seconds": None, "usd": None}
    known = f"about {duration(left.seconds)}, {usd(left.usd)} for this machine"
    about = known if left.seconds else "of unknown length"
    if left.unknown and left.seconds:
        about += f", without {left.unknown} of {left.cells} whose length isn't known"
    notes = [one.note for one in each if one.basis == "unknown" and one.note]
    about += f" ({notes[0]})" if notes else ""
    return {"about": f"{left.cells} ways, {about}", "seconds": left.seconds, "usd": left.usd}
