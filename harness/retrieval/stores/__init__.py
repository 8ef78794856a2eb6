"""Vector stores behind langchain's `VectorStore`: in memory, FAISS, Chroma, or any other."""

from __future__ import annotations

from harness.retrieval.stores.factory import StoreConfig, open_store

__all__ = ["StoreConfig", "open_store"]
