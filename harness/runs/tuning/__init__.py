"""Searches hyper-parameters on dev rows, and charges the run with all that it tried."""
