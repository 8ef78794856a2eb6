"""Retrieval: loaders, splitting, embedders, stores, an index that is updated, retrievers."""
