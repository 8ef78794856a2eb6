"""Retrieval: loaders, splitting, embedders, stores, an index that is updated, retrievers.

Each step is a module of its own and can be used without the others; `docs/retrieval.md` shows
them in use. Nothing heavy (langchain, chromadb, FAISS, torch) is imported before it is needed.
"""
