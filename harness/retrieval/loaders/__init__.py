"""Loaders: files of ten formats become documents with citable places, or a clear refusal."""

from __future__ import annotations

from harness.retrieval.loaders.base import Limits, LoadError
from harness.retrieval.loaders.folder import (
    FileLine,
    LoadReport,
    iter_folder,
    load_file,
    load_folder,
)

__all__ = [
    "FileLine",
    "Limits",
    "LoadError",
    "LoadReport",
    "iter_folder",
    "load_file",
    "load_folder",
]
