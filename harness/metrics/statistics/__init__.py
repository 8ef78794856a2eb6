"""Intervals and comparisons that respect clusters, seeds, and the number of comparisons.

Rows that share a fact, a document or a customer are not independent: with five wordings a fact a
Wilson interval that claims 95 % covers 66 %. So clusters are resampled, and Wilson and McNemar are
used only where every cluster has one row (a row that names no cluster is one of its own).
"""
