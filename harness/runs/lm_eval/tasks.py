"""Tasks of lm-evaluation-harness: found by name or by YAML file, with their rows."""

from __future__ import annotations

import contextlib
import difflib
import io
import os
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.errors import DataError, FetchError, HarnessError, MissingDependency, UsageError, needs

__all__ = ["PREFIX", "Loaded", "load_tasks", "library"]

PREFIX = "lm-eval:"
"""Stands before the name of a task of lm-evaluation-harness where tasks are named."""
SEEDS = {"random": 0, "other": 1234}  # lm-eval's own
LISTED = "`lm-eval ls tasks` lists all; a YAML file is named by its path."

NETWORK = frozenset(
    {
        "ConnectionError",
        "DatasetNotFoundError",
        "HTTPError",
        "HfHubHTTPError",
        "LocalEntryNotFoundError",
        "OfflineModeIsEnabled",
        "TimeoutError",
    }
)
"""Names of errors, of whichever library, of data that isn't here."""

Loaded = Mapping[str, Any]
"""What lm-eval's `TaskManager.load` returns: tasks, and groups of them, by name."""
Yaml = Mapping[str, Any]


@contextlib.contextmanager
def library() -> Iterator[None]:
    """Explains a missing lm-eval, and keeps what it prints off the terminal.

    Raises:
        MissingDependency: A package isn't installed.
    """
    import logging

    # Read when it is imported: its bootstrap would start a process for each core.
    os.environ.setdefault("LMEVAL_DISABLE_MULTIPROC", "1")
    with needs("a task of lm-eval", "lm-eval"):
        import lm_eval.evaluator  # noqa: F401 - what fails to import is explained here
        import tqdm
    logger = logging.getLogger("lm_eval")
    level, plain = logger.level, tqdm.tqdm.__init__

    def hidden(self: object, *given: object, **options: object) -> None:
        plain(self, *given, **options | {"disable": True})

    logger.setLevel(logging.ERROR)
    tqdm.tqdm.__init__ = hidden
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        tqdm.tqdm.__init__ = plain
        logger.setLevel(level)


def load_tasks(
    names: Sequence[str],
    *,
    data_dir: Path | None = None,
    offline: bool = False,
    shots: int | None = None,  # examples in each prompt; None: as each task says
    seed: int = 0,  # of the choice of examples
) -> Loaded:
    """Loads tasks with their rows: names of lm-eval's tasks, groups and tags, or YAML files.

    Local data is looked for in the current folder, then beside the YAML file or in `data_dir`.

    Raises:
        UsageError: There is no such task.
        DataError: A YAML file, or the data that it names, can't be used.
        MissingDependency: Its data lies on a hub, and can't be fetched.
    """
    import numpy as np
    import torch
    from lm_eval.tasks import TaskManager

    files = {name: Path(name) for name in names if Path(name).suffix in (".yaml", ".yml")}
    values = {name: _values(path) for name, path in files.items()}
    groups = [str(files[name].parent) for name, each in values.items() if "group" in each]
    manager = TaskManager(
        include_defaults=bool(groups) or len(files) < len(names), include_path=groups or None
    )
    loaded: dict[str, dict[str, Any]] = {"tasks": {}, "groups": {}, "group_map": {}}
    for name in names:
        if name not in files and name not in manager.task_index:
            close = difflib.get_close_matches(name, manager.task_index, n=1)
            hint = f"Did you mean '{close[0]}'? {LISTED}" if close else LISTED
            raise UsageError(f"lm-eval has no task {name!r}", hint)
        random.seed(SEEDS["random"])
        np.random.seed(SEEDS["other"])
        torch.manual_seed(SEEDS["other"])
        spec = str(files[name].resolve()) if name in files else name
        folder = files[name].parent if name in files else data_dir
        with _placed(values.get(name, {}), folder), _explained(name, offline):
            found = manager.load([spec])
        for part, values in found.items():
            loaded[part] |= values
    for task in loaded["tasks"].values():
        own = task.get_config("num_fewshot")
        if shots is not None and own != 0:  # lm-eval, too, leaves a task without examples so
            task.set_config(key="num_fewshot", value=shots)
        elif own is None:
            task.set_config(key="num_fewshot", value=0)
        task.set_fewshot_seed(seed=SEEDS["other"] + seed)
    return loaded


@contextlib.contextmanager
def _explained(name: str, offline: bool) -> Iterator[None]:
    """Says in words why a task can't be loaded; `offline` refuses its data on a hub at once."""
    import datasets.config
    import huggingface_hub.constants

    switches: tuple[Any, ...] = (datasets.config, huggingface_hub.constants)
    before = [each.HF_HUB_OFFLINE for each in switches]
    for each in switches:
        each.HF_HUB_OFFLINE = each.HF_HUB_OFFLINE or offline
    off = any(each.HF_HUB_OFFLINE for each in switches)
    try:
        yield
    except Exception as error:  # many kinds, from many libraries, and from the task's own code
        raise _error(name, off, error) from error
    finally:
        for each, value in zip(switches, before, strict=True):
            each.HF_HUB_OFFLINE = value


def _error(name: str, offline: bool, error: Exception) -> HarnessError:
    if isinstance(error, HarnessError):
        return error
    why = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    if not NETWORK.isdisjoint(kind.__name__ for kind in type(error).__mro__):
        hint = "A local copy is found by its dataset_path in the folder --data-dir."
        if offline:
            return MissingDependency(
                f"the data of lm-eval's {name} lies on a hub, and this run is offline: {why}", hint
            )
        return FetchError(f"the data of lm-eval's {name} can't be fetched: {why}", hint)
    return DataError(f"lm-eval's {name} can't be loaded: {why}", "Correct the task, or its data.")


def _values(path: Path) -> Yaml:
    """Reads a task's YAML file with those that it includes."""
    from lm_eval.tasks._yaml_loader import load_yaml

    if not path.is_file():
        raise UsageError(f"there is no file {path}", LISTED)
    with _explained(path.name, offline=False):
        values: Yaml = load_yaml(path, resolve_func=False, recursive=True)
    return values


@contextlib.contextmanager
def _placed(values: Yaml, folder: Path | None) -> Iterator[None]:
    """Lets a task's relative paths lead to a folder, where they don't from here."""
    files = (values.get("dataset_kwargs") or {}).get("data_files") or ()
    lists = list(files.values()) if isinstance(files, dict) else [files]
    named = [each for item in lists for each in ([item] if isinstance(item, str) else item)]
    here = folder is None or (named and all(Path(each).exists() for each in named))
    with contextlib.nullcontext() if here or folder is None else contextlib.chdir(folder):
        yield
