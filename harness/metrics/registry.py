"""All metrics by name, read from the modules of this package when one is first needed."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Collection, Mapping, Sequence
from functools import cache

from harness import metrics as package
from harness.errors import UsageError, nearest
from harness.metrics.metric import Metric

__all__ = ["check_metrics", "is_money", "known", "sign_of"]


@cache
def known() -> Mapping[str, Metric]:
    """Returns every declared metric.

    Raises:
        UsageError: Two modules declare the same name.
    """
    metrics: dict[str, Metric] = {}
    for item in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{item.name}")
        for metric in getattr(module, "METRICS", ()):
            if metric.name in metrics:
                raise UsageError(
                    f"{module.__name__} declares the metric {metric.name!r} a second time",
                    "Give it another name.",
                )
            metrics[metric.name] = metric
    return metrics


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
        if kind is not None and kind not in known()[name].kinds:
            fitting = [metric.name for metric in known().values() if kind in metric.kinds]
            raise UsageError(
                f"metric {name!r} is not for tasks of kind {kind!r}",
                f"For this kind: {', '.join(fitting) or 'none'}.",
            )
