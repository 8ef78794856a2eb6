"""Scores one prediction, and makes figures with intervals out of many."""
