"""Scores one prediction, and makes figures with intervals out of many.

`score.score_row` judges an answer, `aggregate.aggregate` counts, `statistics` compares. None of
them imports scikit-learn, SciPy or the Korean analyser before it is needed.
"""
