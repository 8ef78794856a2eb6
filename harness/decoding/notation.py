"""JSON and YAML of the user's: parsed within bounds, whatever they hold."""

from __future__ import annotations

import ast
import contextlib
import json
from collections.abc import Callable

import yaml

from harness.errors import DataError

__all__ = ["check_yaml", "literal", "parse_json"]

MOST_CHARACTERS = 2_000_000  # of YAML
MOST_NODES = 100_000  # of YAML; what an alias stands for counts each time
DEEPEST = 50


def parse_json(
    text: str,
    *,
    parse_float: Callable[[str], object] | None = None,
    object_pairs_hook: Callable[[list[tuple[str, object]]], object] | None = None,
) -> object:
    """Parses JSON as `json.loads` does; whatever is wrong is a `ValueError`."""
    try:
        return json.loads(text, parse_float=parse_float, object_pairs_hook=object_pairs_hook)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except ArithmeticError as error:  # of a decimal number
        raise ValueError("a number is too large") from error
    except json.JSONDecodeError:
        raise
    except ValueError as error:
        if "integer string conversion" not in str(error):
            raise
        raise ValueError("a number has thousands of digits") from error


def literal(text: str) -> object:
    """Reads a text that is one value, as JSON or as Python writes it; None where it is neither."""
    with contextlib.suppress(ValueError):
        return parse_json(text)
    with contextlib.suppress(ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return ast.literal_eval(text.strip())
    return None


def check_yaml(text: str, name: str) -> None:
    """Looks at a YAML text before anything is made of it.

    Raises:
        DataError: It is too long or too deep, or its aliases stand for too much.
        yaml.YAMLError: It is no YAML.
    """
    if len(text) > MOST_CHARACTERS:
        raise DataError(
            f"{name} has {len(text):,} characters, {MOST_CHARACTERS:,} are read",
            "Divide it; rows belong into a table.",
        )
    sizes: dict[str, int] = {}  # by anchor: nodes below it
    begun: list[tuple[str | None, int]] = []  # open collections: anchor, and nodes before
    nodes = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):  # one by one: nothing is built yet
        if isinstance(event, yaml.CollectionEndEvent):
            anchor, before = begun.pop()
            sizes |= {anchor: nodes - before} if anchor else {}
        elif isinstance(event, yaml.AliasEvent):
            if any(event.anchor == anchor for anchor, _ in begun):
                raise _refused(name, event, f"*{event.anchor} stands inside itself")
            nodes += sizes.get(event.anchor or "", 1)
        elif isinstance(event, yaml.NodeEvent):
            nodes += 1
            if isinstance(event, yaml.CollectionStartEvent):
                begun.append((event.anchor, nodes - 1))
        if len(begun) > DEEPEST:
            raise _refused(name, event, f"nested deeper than {DEEPEST} levels")
        if nodes > MOST_NODES:
            raise _refused(name, event, f"more than {MOST_NODES:,} values, aliases written out")


def _refused(name: str, event: yaml.Event, why: str) -> DataError:
    line = event.start_mark.line + 1 if event.start_mark else 1
    return DataError(f"{name}, line {line}: {why}", "Write less, and flatter.")
