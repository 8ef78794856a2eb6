"""From a name to its class: built-in strategies, installed entry points, and ``path.py:Class``.

The built-in files are loaded by their location beside this package, never by ``import
strategies``, since the user may have a folder of that name. A file that fails to load is noted as
a problem, and the others still work.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.machinery import SourceFileLoader
from importlib.metadata import entry_points
from pathlib import Path
from types import CodeType, ModuleType
from typing import TypeVar

from pydantic import ValidationError

from harness.errors import UsageError, nearest
from harness.strategy.adaptation import Adaptation
from harness.strategy.base import Frozen, Labelling, Part, Pretraining, Prompting, Strategy, Weights
from harness.strategy.own import blame
from harness.strategy.space import Range

__all__ = [
    "SHARED",
    "Registered",
    "builtin_folder",
    "create_prompting",
    "create_strategy",
    "load_object",
    "open_space",
    "strategies",
]

ENTRY_POINTS = "adaptbench.strategies"
_PACKAGE = "harness_strategies"
SHARED = frozenset(Strategy.model_fields)  # parameters that every strategy has


@dataclass
class Registered:
    """The strategies, weights and promptings that there are."""

    parts: dict[str, type[Part]] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)  # ``built-in``, or an entry point's value
    problems: dict[str, str] = field(default_factory=dict)  # why a file or entry point doesn't load

    def add(self, part: type[Part], origin: str) -> None:
        """Registers a class; a name that another class has is noted as a problem."""
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
    registered = Registered()
    folder = builtin_folder("strategies")
    if _PACKAGE not in sys.modules:  # a package, so that the files may import each other
        package = sys.modules[_PACKAGE] = ModuleType(_PACKAGE)
        package.__path__ = [str(folder)]
    for path in sorted(folder.glob("[!_]*.py")):
        try:
            module = importlib.import_module(f"{_PACKAGE}.{path.stem}")
        except Exception as error:  # one broken file must not stop the rest
            registered.problems[path.name] = f"{type(error).__name__}: {error}"
            continue
        for part in _parts_of(module):
            registered.add(part, "built-in")
    for point in entry_points(group=ENTRY_POINTS):
        try:
            registered.add(_checked(point.load(), point.value), point.value)
        except (Exception, SystemExit) as error:  # somebody else's package may raise anything
            registered.problems[point.value] = f"{type(error).__name__}: {error}"
    return registered


def _parts_of(module: ModuleType) -> list[type[Part]]:
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Part)
        and value.__module__ == module.__name__
        and "name" in vars(value)
    ]


class _SourceAlone(SourceFileLoader):
    """Compiles a file as it is now.

    Python takes cached bytecode for current by the file's second and size: an edit of one digit
    within a second would run the old code under the new file's digest.
    """

    def get_code(self, fullname: str) -> CodeType:
        """Returns the code of the file, whatever lies in ``__pycache__``."""
        return self.source_to_code(self.get_data(self.path), self.path)


def load_object(reference: str) -> object:
    """Loads ``path.py:Name`` from a file of the user's; UsageError where that fails."""
    file, _, name = reference.rpartition(":")
    path = Path(file).expanduser().resolve()
    form = "Write it as path/to/file.py:Name."
    if not path.is_file():
        raise UsageError(f"there is no file {file}", form)
    module_name = f"harness_plugin_{path.stem}"
    loader = _SourceAlone(module_name, str(path))
    spec = importlib.util.spec_from_file_location(module_name, path, loader=loader)
    if spec is None or spec.loader is None:
        raise UsageError(f"{file} is no Python file", form)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # somebody else's code may raise anything, and end the program
        problem = f"{type(error).__name__}: {error}"
        failed = UsageError(f"{file} failed to load: {problem}", "Correct the file.")
        raise (blame(error) or failed) from error
    return attribute_of(module, name, file)


def attribute_of(module: ModuleType, name: str, place: str) -> object:
    """Returns what a module defines under a name; UsageError where there is no such name."""
    if not hasattr(module, name):
        raise UsageError(f"{place} has no {name!r}", nearest(name, vars(module)))
    return getattr(module, name)


def _checked(value: object, reference: str) -> type[Part]:
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
    registered = strategies()
    if name in registered.parts:
        return registered.parts[name]
    if problem := registered.problems.get(f"{name.replace('-', '_')}.py"):
        raise UsageError(f"the strategy {name!r} failed to load: {problem}")
    raise UsageError(f"there is no strategy {name!r}", nearest(name, registered.parts))


def _valued(name: str) -> tuple[type[Part], dict[str, str]] | None:
    """Returns the class that ``name:VALUE`` stands for, and the parameter that it sets."""
    prefix, colon, value = name.partition(":")
    part = strategies().parts.get(prefix)
    return (part, {part.reference: value}) if part and part.reference and colon else None


def create_strategy(expression: str, parameters: Mapping[str, object] | None = None) -> Strategy:
    """Makes a strategy of a name, or of weights and promptings (``qlora+few-shot``).

    Raises:
        UsageError: An unknown name or parameter, a bad value, or parts that don't go together.
    """
    # Parameters are named ``rank`` or ``lora.rank``; text is converted.
    names = [name.strip() for name in _split(expression)]
    classes = [find_part(name) for name in names]
    own = {name for part in classes for name in part.model_fields}
    shared = {key: value for key, value in (parameters or {}).items() if key in SHARED - own}
    follows = _following(classes)
    classes += map(find_part, follows)
    values = _by_part(
        classes, {key: value for key, value in (parameters or {}).items() if key not in shared}
    )
    for name, usual in follows.items():
        values[name] = {**usual, **values[name]}
    for valued in filter(None, map(_valued, names)):
        values[valued[0].name] |= valued[1]
    parts = [_build(part, values[part.name]) for part in classes]
    whole = [part for part in parts if isinstance(part, Strategy)]
    if whole and len(parts) == 1:
        return whole[0]
    weights = [part for part in parts if isinstance(part, Weights)]
    labelling = [part for part in parts if isinstance(part, Labelling)]
    pretraining = [part for part in parts if isinstance(part, Pretraining)]
    prompting = tuple(part for part in parts if isinstance(part, Prompting))
    twice = [kind for kind in (weights, labelling, pretraining) if len(kind) > 1]
    if whole or twice:
        conflicts = ", ".join(part.name for part in (whole or twice[0]))
        raise UsageError(
            f"{expression!r} can't be combined: {conflicts}",
            "A combination has at most one way of changing weights, of labelling and of "
            "pre-training each, and any promptings.",
        )
    learns = [part for part in (*weights, *prompting) if "train" in part.required]
    if labelling and not learns:
        name = labelling[0].name
        raise UsageError(
            f"{expression!r}: {name} makes training rows, and nothing here learns from them",
            f"Add what learns: {name}+lora, {name}+few-shot.",
        )
    combined: dict[str, object] = {
        "weights": weights[0] if weights else Frozen(),
        "prompting": prompting,
        "labelling": labelling[0] if labelling else None,
        "pretraining": pretraining[0] if pretraining else None,
    }
    return _build(Adaptation, combined | shared)


def create_prompting(expression: str, parameters: Mapping[str, object]) -> Adaptation:
    """Makes a model as it is with promptings, for what prompts another model than the run's.

    Raises:
        UsageError: It isn't that, answers nothing, or would try prompts: what that takes is the
            run's model's.
    """
    made = create_strategy(expression, parameters)
    if (
        not isinstance(made, Adaptation)
        or any(not isinstance(part, (Frozen, Prompting)) for part in made.parts)
        or any(part.tries for part in made.prompting)
        or made.readout == "retrieval"
        or made.abstain is not None
    ):
        raise UsageError(
            f"another model can't be asked by {expression}",
            "Only by promptings: zero-shot, few-shot, few-shot+rag.",
        )
    return made


def _following(classes: list[type[Part]]) -> Mapping[str, Mapping[str, object]]:
    """Returns the weights that come with a pre-training where none are named."""
    if any(issubclass(part, Weights) for part in classes):
        return {}
    return next((part.follows for part in classes if issubclass(part, Pretraining)), {})


def open_space(
    expression: str, parameters: Mapping[str, object]
) -> dict[str, Range | tuple[object, ...]]:
    """Returns what tuning may vary: the spaces of all parts, without what the user has set.

    Names are as ``--set`` takes them, with the part's name where there are several parts.
    """
    names = [name.strip() for name in _split(expression)]
    classes = [find_part(name) for name in names]
    follows = _following(classes)
    classes += map(find_part, follows)
    values = _by_part(classes, parameters)
    for name, usual in follows.items():
        values[name] = {**usual, **values[name]}
    for valued in filter(None, map(_valued, names)):
        values[valued[0].name] |= valued[1]
    space: dict[str, Range | tuple[object, ...]] = {}
    for part in classes:
        chosen = values[part.name]
        fixed = {*chosen, *part.presets.get(str(chosen.get("preset")), {})}
        prefix = f"{part.name}." if len(classes) > 1 else ""
        space |= {f"{prefix}{name}": part.space[name] for name in part.space if name not in fixed}
    return space


def _split(expression: str) -> list[str]:
    names = expression.split("+")
    if not all(name.strip() for name in names) or len(set(names)) != len(names):
        raise UsageError(f"{expression!r} is no strategy", "Example: --strategy lora+few-shot.")
    return names


def _by_part(
    classes: list[type[Part]], parameters: Mapping[str, object]
) -> dict[str, dict[str, object]]:
    """Sorts parameters by part; one without a prefix goes to the only part that has it."""
    by_part: dict[str, dict[str, object]] = {part.name: {} for part in classes}
    for key, value in parameters.items():
        prefix, _, name = key.rpartition(".")
        owners = [
            part.name
            for part in classes
            if prefix in ("", part.name)
            and (name in part.model_fields or (name == "preset" and part.presets))
        ]
        # A part with open parameters says itself which of them there are.
        open_ = [part for part in classes if part.model_config.get("extra") == "allow"]
        owners = owners or [part.name for part in open_ if prefix in ("", part.name)]
        if len(owners) > 1:
            hint = " or ".join(f"{owner}.{name}" for owner in owners)
            raise UsageError(f"--set {key} is ambiguous", f"Write {hint}.")
        if not owners:
            known = [field for part in classes for field in part.model_fields]
            raise UsageError(f"no parameter is called {key!r}", nearest(name, known))
        by_part[owners[0]][name] = value
    return by_part


Built = TypeVar("Built", bound=Part)


def _build(part: type[Built], values: dict[str, object]) -> Built:
    preset = values.pop("preset", None)
    if preset is not None:
        if preset not in part.presets:
            hint = nearest(str(preset), part.presets)
            raise UsageError(f"{part.name} has no preset {preset!r}", hint)
        values = {**part.presets[str(preset)], **values}
    try:
        return part(**values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"]) or part.name
        whose, names = (f"{part.name}: ", f" {part.name}") if part.name else ("", "")
        wrong = first["msg"].removeprefix("Value error, ").lower()
        wrong = f"{where} = {first.get('input')!r}: {wrong}"
        if first["type"] == "missing":
            wrong = f"{where} has to be given: --set {part.name}.{where}=..."
        raise UsageError(
            f"{whose}{wrong}", f"`harness list strategies{names}` shows its parameters."
        ) from error
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a constructor of the user's
        if (found := blame(error)) is not None:
            raise found from error
        if not isinstance(error, TypeError):
            raise
        raise UsageError(
            f"{part.name} can't be made: {error}", "Its parameters are fields of the class."
        ) from error
