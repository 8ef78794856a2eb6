"""One of the options that a row brings."""

from __future__ import annotations

from functools import partial

from harness.metrics.kind import Kind
from harness.metrics.kinds.classification import read_label

__all__ = ["KIND"]

KIND = Kind(
    name="multiple_choice",
    summary="one of the row's options, by its text or letter",
    row="a question, its options (`choices`), and the right one: text, letter or number",
    read=partial(read_label, letters=True),
    groups=frozenset({"choice"}),
    readout="loglikelihood",
    needs=(
        (("target",), "the answers are missing"),
        (("choices",), "a multiple choice needs its options"),
    ),
    takes={"choices": "options of a multiple choice"},
    chosen=True,
    bound="one",
    lettered=True,
    metrics=("accuracy",),
    instructions=("Choose the right option.", "알맞은 보기를 고른다."),
)
