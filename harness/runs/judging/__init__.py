"""Scores answers with ragas and a judge, as further metrics of a run, and measures the judge."""
