from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import DataError
from harness.models.local import tiny
from harness.models.render import Encoder, messages, render_text
from harness.types import Passage, Prompt, Section

FULL = Prompt(
    (
        Section("instructions", "Be brief."),
        Section("example", "q1", "a1", passages=(Passage("p0", "a.pdf"),)),
        Section("question", "q2", passages=(Passage("p1", "a.pdf"), Passage("p2", "b.pdf"))),
    )
)


@pytest.fixture(scope="module")
def base() -> Encoder:
    return Encoder(tiny.tokenizer(chat=False))


@pytest.fixture(scope="module")
def chat() -> Encoder:
    return Encoder(tiny.tokenizer(chat=True))


def test_text_ends_right_after_the_cue():
    assert render_text(FULL) == (
        "Be brief.\n\n[1] p0\nQuestion: q1\nAnswer: a1\n\n[1] p1\n[2] p2\nQuestion: q2\nAnswer:"
    )


@pytest.mark.parametrize("cue", ["Answer: ", "Answer:"])
def test_a_space_after_the_cue_belongs_to_the_answer(base: Encoder, cue: str):
    prompt = Prompt((Section("question", "q"),), cue=cue)
    assert render_text(prompt).endswith("Answer:")
    found = base.encode(prompt, "positive", end=False)
    assert base._tokenizer.decode(found.ids[found.prompt_length :]) == " positive"


def test_without_cues_the_text_stands_alone(base: Encoder):
    prompt = Prompt((Section("question", "The cat"),), cue="", input_cue="")
    assert render_text(prompt) == "The cat"


def test_after_a_cue_with_a_line_break_comes_no_space(base: Encoder):
    prompt = Prompt((Section("question", "q"),), cue="답변:\n")
    found = base.encode(prompt, "positive", end=False)
    assert base._tokenizer.decode(found.ids).endswith("답변:\npositive")


def test_turns_of_a_chat():
    assert messages(FULL) == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "[1] p0\n\nq1"},
        {"role": "assistant", "content": "a1"},
        {"role": "user", "content": "[1] p1\n[2] p2\n\nq2"},
    ]


@pytest.mark.parametrize(
    "system",
    ["{{ raise_exception('no system turn') }}", ""],  # some refuse it, some drop it silently
)
def test_instructions_move_where_the_template_has_no_system_turn(system: str):
    words = tiny.tokenizer(chat=True)
    words.chat_template = (
        "{% for m in messages %}{% if m['role'] == 'system' %}"
        + system
        + "{% else %}{{ m['role'] + ': ' + m['content'] + '<|end|>' }}{% endif %}{% endfor %}"
    )
    assert Encoder(words).text(FULL).startswith("user: Be brief.\n\n[1] p0\n\nq1<|end|>")


def test_bos_comes_once(base: Encoder):
    ids = base.encode(FULL, "a").ids
    bos = base._tokenizer.bos_token_id
    assert ids[0] == bos
    assert ids.count(bos) == 1
    again = Prompt((Section("question", "q"),), input_cue=tiny.BOS)
    assert base.encode(again).ids.count(bos) == 1


def test_a_template_that_writes_bos_gets_no_second_one():
    words = tiny.tokenizer(chat=False)
    words.chat_template = "{{ bos_token }}" + tiny.CHAT_TEMPLATE
    assert Encoder(words).encode(FULL, "a").ids.count(words.bos_token_id) == 1


def test_training_text_is_the_serving_text_with_the_answer(base: Encoder, chat: Encoder):
    for encoder, end in ((base, tiny.EOS), (chat, tiny.END)):
        served = encoder.encode(FULL).ids
        trained = encoder.encode(FULL, "최대 1년")
        assert trained.ids[: trained.prompt_length] == served
        assert trained.ids[-1] == encoder._tokenizer.convert_tokens_to_ids(end)
        assert encoder.encode(FULL, "최대 1년", end=False).ids == trained.ids[:-1]


def test_the_whole_text_is_tokenised_where_prompt_and_answer_merge(base: Encoder):
    prompt = Prompt((Section("question", "The company reported a net prof"),), "", "")
    words = base._tokenizer
    merged = Prompt((Section("question", "r"),), cue="Answer:\n", input_cue="")
    found = base.encode(merged, "\nx", end=False)
    assert words.decode(found.ids) == "<s>r\nAnswer:\n\nx"
    assert found.prompt_length < len(found.ids)
    assert base.encode(prompt, "it", end=False).prompt_length == len(base.encode(prompt).ids)


def test_many_at_once_are_as_one_by_one(base: Encoder):
    ((length, found),) = base.encode_all([(FULL, ("yes", "no way"))])
    assert length == len(base.encode(FULL).ids)
    assert found == [base.encode(FULL, answer, end=False) for answer in ("yes", "no way")]


def test_an_empty_answer_is_refused(base: Encoder):
    with pytest.raises(DataError, match="empty answer"):
        base.encode(FULL, "")


def test_the_end_token_is_the_turns_where_there_are_turns(base: Encoder, chat: Encoder):
    assert base.end_id == base._tokenizer.convert_tokens_to_ids(tiny.EOS)
    assert chat.end_id == chat._tokenizer.convert_tokens_to_ids(tiny.END)


def test_fixtures_are_folders(tiny_llama: Path, tiny_gemma3: Path):
    for folder in (tiny_llama, tiny_gemma3):
        assert (folder / "model.safetensors").is_file()
