"""Documents as sequences for next-token training: full ones, without padding.

All documents are one stream of tokens, the end token after each, cut into sequences of one length;
the last one is shorter. A sequence with two documents sees both, the end token between them, as
GPT-3 was trained (Brown et al. 2020, arXiv 2005.14165, appendix B). Where the tokenizer puts a
token in front of a text, each sequence begins with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import DataError
from harness.models.render import Encoded

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

__all__ = ["Sequences", "sequences"]

BATCH = 64  # texts that are tokenised at a time


@dataclass(frozen=True)
class Sequences:
    """What is trained on, and the end of the text, by which what was learnt is measured."""

    train: list[Encoded]
    held_out: list[Encoded]

    @property
    def tokens(self) -> int:
        """Tokens that one pass over the training sequences reads."""
        return sum(len(row.ids) for row in self.train)


def sequences(
    texts: Sequence[str],
    tokenizer: PreTrainedTokenizerBase,
    length: int,  # tokens of a sequence
    held_out: float = 0.0,  # share of the sequences that aren't trained on, the last ones
) -> Sequences:
    """Cuts texts into sequences of tokens, of which all but the first are predicted.

    Raises:
        DataError: There is no text.
    """
    first = tokenizer("a").input_ids[:1]
    begin = first if first == [tokenizer.bos_token_id] else []
    rows = [Encoded(ids, 1) for ids in _cut(texts, tokenizer, begin, length) if len(ids) > 1]
    if not rows:
        raise DataError("there is no text to train on", "Check the documents of the task.")
    kept = round(held_out * len(rows))
    return Sequences(rows[: len(rows) - kept], rows[len(rows) - kept :])


def _cut(
    texts: Iterable[str], tokenizer: PreTrainedTokenizerBase, begin: list[int], length: int
) -> Iterable[list[int]]:
    """Yields the stream of all texts in sequences; the last may be short."""
    stream: list[int] = []
    room = length - len(begin)
    for ids in _tokens([text for text in texts if text.strip()], tokenizer):
        stream += ids
        at = 0
        while len(stream) - at >= room:
            yield begin + stream[at : at + room]
            at += room
        stream = stream[at:]
    yield begin + stream


def _tokens(texts: Sequence[str], tokenizer: PreTrainedTokenizerBase) -> Iterable[list[int]]:
    """Yields each text's tokens with the end token; control tokens in a text are text."""
    end = [] if tokenizer.eos_token_id is None else [tokenizer.eos_token_id]
    for start in range(0, len(texts), BATCH):
        part = list(texts[start : start + BATCH])
        encoded = tokenizer(part, add_special_tokens=False, split_special_tokens=True)
        for ids in encoded.input_ids:
            yield [*ids, *end]
