"""Training on plain text, before all else.

texts     documents as sequences of tokens, some of them held out
trained   the part that trains on them, with the loop that all training shares
scratch   a tokenizer and a small model of one's own
"""

from __future__ import annotations

from harness.training.pretraining.texts import Sequences, sequences
from harness.training.pretraining.trained import TrainedOnText

__all__ = ["Sequences", "TrainedOnText", "sequences"]
