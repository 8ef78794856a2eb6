"""Doing it: plan a run, prepare, answer, score; studies, updates, and the contract suite."""
