"""Embedders: the embedded default, models on this machine, and services, behind one cache."""

from __future__ import annotations

from harness.retrieval.embedders.base import Embedder, EmbedderConfig, EmbedUsage
from harness.retrieval.embedders.factory import open_embedder

__all__ = ["Embedder", "EmbedUsage", "EmbedderConfig", "open_embedder"]
