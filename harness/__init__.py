"""Quality and cost of every way of adapting a language model, measured in one run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from harness.version import __version__

if TYPE_CHECKING:
    from harness.analysis.frames import load_results as load_results

# Threads that wait for each other sleep soon, so that a busy neighbour costs its share and no more.
# OpenMP reads this once, when torch is loaded. Sleeping at once costs a sixth on a quiet machine,
# where waits are short, hence some spins first (of GNU's OpenMP: about 50 microseconds).
if not {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME"} & os.environ.keys():
    os.environ |= {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "5000"}

# No library that is loaded here reports its use to its makers, unless a variable says otherwise.
for _name, _off in {
    "ANONYMIZED_TELEMETRY": "False",  # Chroma
    "DISABLE_TELEMETRY": "1",  # transformers
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",  # huggingface_hub, datasets
    "RAGAS_DO_NOT_TRACK": "true",
    "RAY_USAGE_STATS_ENABLED": "0",
}.items():
    os.environ.setdefault(_name, _off)

__all__ = ["__version__", "load_results"]


def __getattr__(name: str) -> Any:
    """Loads what is offered here only when it is asked for: pandas takes its time."""
    if name == "load_results":
        from harness.analysis.frames import load_results

        return load_results
    raise AttributeError(f"module 'harness' has no attribute {name!r}")
