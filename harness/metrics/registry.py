"""All metrics and kinds by name, read from this package's modules when one is first needed."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import TypeVar

from harness import metrics as package
from harness.errors import UsageError, nearest
from harness.metrics import kinds as kinds_package
from harness.metrics.kind import Kind
from harness.metrics.metric import Metric

__all__ = ["check_kind", "check_metrics", "fitting", "is_money", "kinds", "known", "sign_of"]


Declared = TypeVar("Declared", Metric, Kind)


@cache
def known() -> Mapping[str, Metric]:
    """Returns every declared metric. Raises `UsageError`: two modules declare the same name."""
    return _by_name("metric", [(m, getattr(m, "METRICS", ())) for m in _modules(package)])


@cache
def kinds() -> Mapping[str, Kind]:
    """Returns every declared kind of task.

    Raises:
        UsageError: Two modules declare the same name.
    """
    return _by_name("kind", [(module, (module.KIND,)) for module in _modules(kinds_package)])


def _by_name(
    what: str, declared: Sequence[tuple[ModuleType, Sequence[Declared]]]
) -> dict[str, Declared]:
    found: dict[str, Declared] = {}
    for module, several in declared:
        for each in several:
            if each.name in found:
                name = f"{module.__name__} declares the {what} {each.name!r} a second time"
                raise UsageError(name, "Give it another name.")
            found[each.name] = each
    return found


def _modules(folder: ModuleType) -> Iterator[ModuleType]:
    for item in pkgutil.iter_modules(folder.__path__):
        yield importlib.import_module(f"{folder.__name__}.{item.name}")


def check_kind(name: str, among: Collection[str] | None = None) -> Kind:
    """Returns a kind by its name.

    Raises:
        UsageError: There is none, or it is none of the wanted ones, and why; these are listed.
    """
    wanted = [kind for kind in kinds().values() if among is None or kind.name in among]
    if name not in {kind.name for kind in wanted}:
        lines = "".join(f"\n  {kind.name}: {kind.summary}" for kind in wanted)
        if kind := kinds().get(name):
            raise UsageError(
                f"--kind {name} needs a task file: a row is {kind.row}",
                f"Write one (docs/own-data.md, A task file). Without one there are:{lines}",
            )
        close = nearest(name, [kind.name for kind in wanted])
        first = f"{close} " if close.startswith("Did") else ""
        raise UsageError(f"unknown --kind {name!r}", f"{first}Known:{lines}")
    return kinds()[name]


def fitting(kind: str) -> list[Metric]:
    """Returns the metrics that are for a kind of task."""
    return [metric for metric in known().values() if kinds()[kind].among(metric.kinds)]


def sign_of(metric: str) -> float:
    """Returns -1.0 for a metric that is better when lower, else 1.0; an unknown one is a score."""
    return 1.0 if metric not in known() or known()[metric].higher_is_better else -1.0


def is_money(metric: str) -> bool:
    """Whether a metric is an amount; an unknown one is a share."""
    return metric in known() and known()[metric].money


def check_metrics(
    metrics: Sequence[str], *, kind: str | None = None, plugins: Collection[str] = ()
) -> None:
    """Checks metrics' names, and that each is for the kind if given, before anything is spent.

    Plug-in metrics go with every kind.

    Raises:
        UsageError: A name is unknown, or the metric is for another kind of task.
    """
    for name in metrics:
        if name in plugins:
            continue
        if name not in known():
            raise UsageError(f"unknown metric {name!r}", nearest(name, {*known(), *plugins}))
        if kind is not None and not kinds()[kind].among(known()[name].kinds):
            others = ", ".join(metric.name for metric in fitting(kind))
            raise UsageError(
                f"metric {name!r} is not for tasks of kind {kind!r}",
                f"For this kind: {others or 'none'}.",
            )
