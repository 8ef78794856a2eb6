"""Models of the Hugging Face hub, or of a mirror that ``HF_ENDPOINT`` names."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import yaml

from harness.errors import FetchError, MissingDependency, StorageError, UsageError, needs
from harness.models.sources.cache import Notify
from harness.models.sources.catalog import ModelFolder

__all__ = ["looks_like_id", "snapshot"]

# No pickles and no code: both could run anything.
PATTERNS = ["*.safetensors", "*.json", "*.jinja", "tokenizer.model", "README.md", "LICENSE*"]
ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
COMMIT = re.compile(r"[0-9a-f]{40}")


def looks_like_id(text: str) -> bool:
    """Whether a text has the form ``org/name``."""
    return bool(ID.fullmatch(text))


def snapshot(model: str, revision: str | None, *, offline: bool, notify: Notify) -> ModelFolder:
    """Downloads ``org/name``, or finds it in the hub's cache; revision ``main`` if None.

    Raises:
        UsageError: There is no such model or revision.
        FetchError: It can't be downloaded.
        MissingDependency: It isn't cached and this is offline, or huggingface_hub is missing.
        StorageError: The disk is full.
    """
    with needs("the hub", "local"):
        import huggingface_hub
    if not offline:
        notify(f"Fetching {model} at revision {revision or 'main'}")
    try:
        path = huggingface_hub.snapshot_download(
            model,
            revision=revision or "main",
            allow_patterns=PATTERNS,
            local_files_only=offline,
            endpoint=os.environ.get("HF_ENDPOINT") or None,
        )
    except Exception as error:  # the hub's, httpx's and the system's; each is explained
        raise _explained(model, revision, offline, error) from error
    folder = Path(path)
    if not COMMIT.fullmatch(folder.name):
        raise FetchError(f"The hub gave no commit for {model}", "Try again.")
    card = _card(folder)
    licence = str(card.get("license") or "unknown")
    if not offline:
        notify(f"{model}: licence {licence}, commit {folder.name}")
    languages = card.get("language") or []
    codes = map(str, languages if isinstance(languages, list) else [languages])
    return ModelFolder(folder, model, folder.name, "Hugging Face hub", licence, tuple(codes))


def _explained(
    model: str, revision: str | None, offline: bool, error: Exception
) -> UsageError | MissingDependency | StorageError:
    from huggingface_hub import errors

    at = f"{model} at revision {revision or 'main'}"
    # Subclasses come first: the hub's errors inherit from one another.
    if isinstance(error, errors.GatedRepoError):
        return FetchError(
            f"{model} is gated",
            f"Accept its licence at https://huggingface.co/{model}, then set HF_TOKEN.",
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return UsageError(
            f"The hub has no model {model}", "Check its name; set HF_TOKEN if it is private."
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return UsageError(
            f"{model} has no revision {revision}", "Take a branch, a tag or a commit."
        )
    if offline and isinstance(error, errors.LocalEntryNotFoundError):
        return MissingDependency(
            f"{at} isn't in the hub's cache, and this run is offline",
            f"With a network, run: python -m harness models fetch {model}",
        )
    if isinstance(error, OSError) and error.errno == 28:
        return StorageError(f"The disk is full: {at}", "Set HF_HOME to a folder on another disk.")
    first = str(error).strip().splitlines()[:1]
    return FetchError(
        f"The hub can't give {at}: {' '.join(first) or type(error).__name__}",
        "Check the network, HF_ENDPOINT and HF_HUB_OFFLINE; or give a folder instead.",
    )


def _card(folder: Path) -> dict[str, Any]:
    """Reads the head of a model card; empty where there is none."""
    try:
        text = (folder / "README.md").read_text(encoding="utf-8", errors="replace")
        head = yaml.safe_load(text.split("---")[1]) if text.startswith("---") else {}
    except (OSError, IndexError, yaml.YAMLError):
        return {}
    return head if isinstance(head, dict) else {}
