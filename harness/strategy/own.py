"""Code of the user's: whose fault an error is, and whether answers are what they have to be.

A strategy, a metric, a generator of rows or a plug-in may raise anything, end the program, or
answer with anything.
"""

from __future__ import annotations

import contextlib
import inspect
import sys
import sysconfig
import traceback
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path

from harness.errors import HarnessError, UsageError
from harness.types import Call, Output, Passage, Query, Usage

__all__ = ["answers", "blame"]

ROOT = Path(__file__).resolve().parents[2]
OURS = tuple(ROOT / name for name in ("harness", "strategies", "tasks"))
PYTHON = tuple({Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib")})
PACKAGES = tuple({Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib")})
LONGEST = 300  # characters of what an error says
SHOWN = 60  # characters of a value in a message
TEXT = (str, type(None))
FIELDS: dict[str, tuple[type, ...]] = {
    "text": TEXT,
    "finish": TEXT,
    "scores": (Mapping, type(None)),
    "usage": (Usage,),
    "evidence": (Sequence,),
    "error": TEXT,
    "calls": (Sequence,),
    "metered": (bool,),
    "chosen": (bool,),
    "excess": (str,),
    "confidence": (float, int, type(None)),
    "withheld": TEXT,
}


def blame(error: BaseException) -> UsageError | None:
    """Returns what went wrong in code of the user's, with its line; None where none was running."""
    if isinstance(error, (HarnessError, KeyboardInterrupt)):
        return None
    frames = [*_frames(error), *_frames(error.__cause__)]
    frame = next((each for each in reversed(frames) if _is_users(each.filename)), None)
    if frame is None:
        return None
    what = "it ended the program" if isinstance(error, SystemExit) else ""
    said = " ".join(f"{error}".split())[:LONGEST]
    what = what or f"{type(error).__name__}{': ' * bool(said)}{said}"
    return UsageError(
        f"{frame.filename}, line {frame.lineno}, in {frame.name}: {what}",
        "Correct the file. What was answered before is kept: the same command goes on.",
    )


def _frames(error: BaseException | None) -> traceback.StackSummary | tuple[()]:
    return traceback.extract_tb(error.__traceback__) if error else ()


def _is_users(filename: str) -> bool:
    path = Path(filename)
    if not path.is_file():  # ``<string>``, ``<frozen importlib>``
        return False
    path = path.resolve()
    if any(path.is_relative_to(folder) for folder in OURS):
        return False
    for folder in PACKAGES:
        if path.is_relative_to(folder):
            return path.relative_to(folder).parts[0].removesuffix(".py") in _plugins()
    return not any(path.is_relative_to(folder) for folder in PYTHON)


def _plugins() -> set[str]:
    """Returns the installed packages that add strategies."""
    points = entry_points(group="adaptbench.strategies")
    return {point.module.partition(".")[0] for point in points} & sys.modules.keys()


def answers(predictor: object, queries: Sequence[Query]) -> Iterator[Output]:
    """Yields what a predictor answers; an answer of a wrong form is that row's error.

    Raises:
        UsageError: It yields something else, for another query, or twice for one.
    """
    predict = getattr(predictor, "predict", None)
    if not callable(predict):
        raise UsageError(
            f"predictor() of the strategy gave {_kind(predictor)}, which has no predict()",
            "It returns an object whose predict(queries) yields an Output for each.",
        )
    given = predict(queries)
    if not hasattr(given, "__iter__"):
        raise _wrong(predictor, f"gave {_kind(given)}, not one Output for each query")
    asked = {query.id for query in queries}
    waiting = set(asked)
    for output in given:
        if not isinstance(output, Output):
            raise _wrong(predictor, f"yielded {_kind(output)}, not an Output")
        if not isinstance(output.id, str) or output.id not in waiting:
            again = isinstance(output.id, str) and output.id in asked
            which = "a second Output for" if again else "an Output for an unknown id,"
            raise _wrong(predictor, f"yielded {which} {str(output.id)[:SHOWN]!r}")
        waiting.discard(output.id)
        wrong = _wrong_field(output)
        yield Output(output.id, None, error=f"the strategy gave {wrong}") if wrong else output


def _wrong_field(output: Output) -> str:
    """Names the first field that isn't of its type; empty where all are."""
    for name, kinds in FIELDS.items():
        value = getattr(output, name)
        if not isinstance(value, kinds):
            return f"{_kind(value)} as {name}"
    scores: object = output.scores
    for choice, score in scores.items() if isinstance(scores, Mapping) else ():
        if not isinstance(choice, str) or not isinstance(score, (int, float)):
            return f"{_kind(score)} as the score of {str(choice)[:SHOWN]!r}"
    for name, kind in (("evidence", Passage), ("calls", Call)):
        for value in getattr(output, name):
            if not isinstance(value, kind):
                return f"{_kind(value)} in {name}"
    return ""


def _kind(value: object) -> str:
    return "None" if value is None else f"a value of type {type(value).__name__}"


def _wrong(predictor: object, what: str) -> UsageError:
    name = type(predictor).__qualname__
    place = name
    with contextlib.suppress(OSError, TypeError):  # no file: it was made in memory
        file = inspect.getsourcefile(type(predictor))
        _, line = inspect.getsourcelines(type(predictor).predict)  # type: ignore[attr-defined]
        place = f"{file}, line {line}, {name}"
    return UsageError(
        f"{place}: predict() {what}",
        "It yields one Output for each query, by the query's id. What was answered is kept.",
    )
