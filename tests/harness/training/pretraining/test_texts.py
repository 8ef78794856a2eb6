"""Documents become full sequences: nothing lost, nothing padded, nothing held out twice."""

from __future__ import annotations

import pytest

pytest.importorskip("transformers")
from harness.errors import DataError
from harness.models.local.tiny import BOS, SENTENCES, tokenizer
from harness.training.pretraining import sequences

BASE, CHAT = tokenizer(chat=False), tokenizer(chat=True)


def _stream(texts, tokens):
    ids = (tokens(text, add_special_tokens=False).input_ids for text in texts)
    return [token for each in ids for token in [*each, tokens.eos_token_id]]


def test_all_text_stands_in_full_sequences_that_begin_as_texts_do():
    rows = sequences(SENTENCES, BASE, 16).train
    assert {len(row.ids) for row in rows[:-1]} == {16} and 2 <= len(rows[-1].ids) <= 16
    assert all(row.ids[0] == BASE.bos_token_id and row.prompt_length == 1 for row in rows)
    assert [token for row in rows for token in row.ids[1:]] == _stream(SENTENCES, BASE)


def test_without_a_first_token_nothing_stands_in_front():
    rows = sequences(SENTENCES, CHAT, 16).train
    assert [token for row in rows for token in row.ids] == _stream(SENTENCES, CHAT)


def test_the_end_of_the_text_is_held_out():
    whole = sequences(SENTENCES, BASE, 16).train
    cut = sequences(SENTENCES, BASE, 16, held_out=0.25)
    assert [*cut.train, *cut.held_out] == whole
    assert len(cut.held_out) == round(0.25 * len(whole))
    assert cut.tokens == sum(len(row.ids) for row in cut.train)


def test_control_tokens_in_a_document_are_text():
    (row,) = sequences([f"a {BOS} b"], BASE, 64).train
    assert row.ids.count(BASE.bos_token_id) == 1
    assert BOS in BASE.decode(row.ids[1:])


@pytest.mark.parametrize("texts", [[], ["", "  \n"]])
def test_no_text_is_refused(texts):
    with pytest.raises(DataError, match="no text to train on"):
        sequences(texts, BASE, 16)
