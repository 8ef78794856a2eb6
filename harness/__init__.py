"""Quality and cost of every way of adapting a language model, measured in one run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.version import __version__

if TYPE_CHECKING:
    from harness.analysis.frames import load_results as load_results

__all__ = ["__version__", "load_results"]


def __getattr__(name: str) -> Any:
    """Loads what is offered here only when it is asked for: pandas takes its time."""
    if name == "load_results":
        from harness.analysis.frames import load_results

        return load_results
    raise AttributeError(f"module 'harness' has no attribute {name!r}")
