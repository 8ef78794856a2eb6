"""Names to classes: built-in strategies, installed entry points, and ``path.py:Class``.

The built-in files are found by their location beside this package, never by ``import
strategies``, so that a folder of the user's with such a name doesn't get in the way. A file that
fails to load is a problem of its own; the others still work.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import ValidationError

from harness.errors import HarnessError, UsageError, nearest
from harness.strategy.adaptation import Adaptation
from harness.strategy.base import Frozen, Part, Prompting, Strategy, Weights

__all__ = ["Registered", "builtin_folder", "create_strategy", "load_object", "strategies"]

ENTRY_POINTS = "adaptbench.strategies"
_PACKAGE = "harness_strategies"


@dataclass
class Registered:
    """What was found.

    Attributes:
        parts: Classes by name.
        origins: Where each class comes from (``built-in``, a distribution, a file).
        problems: Files or entry points that failed to load, with the reason.
    """

    parts: dict[str, type[Part]] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    def add(self, part: type[Part], origin: str) -> None:
        """Registers a class; a name that is taken is a problem, not a replacement."""
        if part.name in self.parts and self.parts[part.name] is not part:
            self.problems[f"{origin}: {part.name}"] = "a strategy with this name exists already"
            return
        self.parts[part.name] = part
        self.origins[part.name] = origin


def builtin_folder(name: str) -> Path:
    """Returns the folder ``strategies`` or ``tasks`` that belongs to this installation."""
    return Path(__file__).resolve().parents[2] / name


@cache
def strategies() -> Registered:
    """Loads all built-in files and entry points, once."""
    found = Registered()
    folder = builtin_folder("strategies")
    _synthetic_package(_PACKAGE, folder)
    for path in sorted(folder.glob("[!_]*.py")):
        try:
            module = importlib.import_module(f"{_PACKAGE}.{path.stem}")
        except Exception as error:  # one broken file must not stop the rest
            found.problems[path.name] = f"{type(error).__name__}: {error}"
            continue
        for part in _parts_of(module):
            found.add(part, "built-in")
    for point in entry_points(group=ENTRY_POINTS):
        try:
            found.add(_checked(point.load(), point.value), point.value)
        except Exception as error:  # somebody else's package
            found.problems[point.value] = f"{type(error).__name__}: {error}"
    return found


def _synthetic_package(name: str, folder: Path) -> None:
    """Makes a folder importable under a name of ours, with relative imports inside it."""
    if name in sys.modules:
        return
    package = ModuleType(name)
    package.__path__ = [str(folder)]
    sys.modules[name] = package


def _parts_of(module: ModuleType) -> list[type[Part]]:
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Part)
        and value.__module__ == module.__name__
        and "name" in vars(value)
    ]


def load_object(reference: str) -> Any:
    """Loads ``path.py:Name`` from a file of the user's.

    Args:
        reference: A file and a name in it.

    Raises:
        UsageError: The file, or the name in it, doesn't exist, or the file fails to load.
    """
    file, _, name = reference.rpartition(":")
    path = Path(file).expanduser().resolve()
    if not path.is_file():
        raise UsageError(f"there is no file {file}", "Write it as path/to/file.py:Name.")
    spec = importlib.util.spec_from_file_location(f"harness_plugin_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{file} is no Python file", "Write it as path/to/file.py:Name.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise UsageError(
            f"{file} failed to load: {type(error).__name__}: {error}", "Mend the file, then again."
        ) from error
    if not hasattr(module, name):
        known = [key for key, value in vars(module).items() if callable(value)]
        raise UsageError(f"{file} has no {name!r}", nearest(name, known))
    return getattr(module, name)


def _checked(value: Any, reference: str) -> type[Part]:
    if not (isinstance(value, type) and issubclass(value, Part)):
        raise UsageError(
            f"{reference} is no strategy",
            "It has to be a class that derives from harness.strategy.Strategy, Weights or Prompting.",
        )
    if not value.name:
        raise UsageError(f"{reference} has no name", "Give the class: name: ClassVar[str] = '...'.")
    return value


def find_part(name: str) -> type[Part]:
    """Returns the class that a name, a ``name:VALUE`` or a ``path.py:Class`` stands for.

    Raises:
        UsageError: There is none, or it failed to load.
    """
    if (valued := _valued(name)) is not None:
        return valued[0]
    if ".py:" in name:
        return _checked(load_object(name), name)
    found = strategies()
    if name in found.parts:
        return found.parts[name]
    broken = found.problems.get(f"{name.replace('-', '_')}.py")
    if broken:
        raise UsageError(f"the strategy {name!r} failed to load: {broken}")
    raise UsageError(f"there is no strategy {name!r}", nearest(name, found.parts))


def _valued(name: str) -> tuple[type[Part], dict[str, Any]] | None:
    """Reads ``name:VALUE`` of a part that takes one: the class, and the parameter it sets."""
    prefix, colon, value = name.partition(":")
    part = strategies().parts.get(prefix)
    return (part, {part.reference: value}) if part and part.reference and colon else None


def create_strategy(expression: str, parameters: Mapping[str, Any] | None = None) -> Strategy:
    """Makes a strategy of what the user typed.

    Args:
        expression: A name, or weights and promptings joined by ``+`` (``qlora+few-shot``).
        parameters: Hyper-parameters, ``rank`` or ``lora.rank``; text is converted.

    Raises:
        UsageError: An unknown name or parameter, a bad value, or parts that don't go together.
    """
    typed = [name.strip() for name in _split(expression)]
    classes = [find_part(name) for name in typed]
    given = _by_part(classes, dict(parameters or {}))
    for valued in filter(None, map(_valued, typed)):
        given[valued[0].name] |= valued[1]
    parts = [_build(part, given[part.name]) for part in classes]
    whole = [part for part in parts if isinstance(part, Strategy)]
    if whole and len(parts) == 1:
        return whole[0]
    weights = [part for part in parts if isinstance(part, Weights)]
    prompting = tuple(part for part in parts if isinstance(part, Prompting))
    if whole or len(weights) > 1:
        names = ", ".join(part.name for part in (whole or weights))
        raise UsageError(
            f"{expression!r} can't be combined: {names}",
            "A combination is at most one way of changing weights, and promptings.",
        )
    return Adaptation(weights=weights[0] if weights else Frozen(), prompting=prompting)


def _split(expression: str) -> list[str]:
    names = expression.split("+")
    if not all(name.strip() for name in names) or len(set(names)) != len(names):
        raise UsageError(f"{expression!r} is no strategy", "Example: --strategy lora+few-shot.")
    return names


def _by_part(classes: list[type[Part]], given: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Sorts parameters by part; one without a prefix goes to the only part that has it."""
    sorted_: dict[str, dict[str, Any]] = {part.name: {} for part in classes}
    for key, value in given.items():
        prefix, _, name = key.rpartition(".")
        owners = [
            part.name
            for part in classes
            if prefix in ("", part.name)
            and (name in part.model_fields or (name == "preset" and part.presets))
        ]
        if len(owners) > 1:
            hint = " or ".join(f"{owner}.{name}" for owner in owners)
            raise UsageError(f"--set {key} is ambiguous", f"Write {hint}.")
        if not owners:
            known = [field for part in classes for field in part.model_fields]
            raise UsageError(f"no parameter is called {key!r}", nearest(name, known))
        sorted_[owners[0]][name] = value
    return sorted_


def _build(part: type[Part], values: dict[str, Any]) -> Part:
    preset = values.pop("preset", None)
    if preset is not None:
        if preset not in part.presets:
            raise UsageError(
                f"{part.name} has no preset {preset!r}", nearest(str(preset), part.presets)
            )
        values = {**part.presets[preset], **values}
    try:
        return part(**values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"]) or part.name
        raise UsageError(
            f"{part.name}: {where} = {first.get('input')!r}: {first['msg'].lower()}",
            f"`harness list strategies {part.name}` shows its parameters.",
        ) from error
    except TypeError as error:
        raise HarnessError(f"{part.name} can't be made: {error}") from error
