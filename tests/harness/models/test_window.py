"""How much a model reads, and how a prompt is cut to fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.models.window import Window, shortened
from harness.types import Passage, Prompt, Query, Section

pytest.importorskip("transformers")
LONG = "The company reported a net profit of 12.5 million euros. " * 60


@pytest.fixture
def encoder(tiny_llama: Path):
    from transformers import AutoTokenizer

    from harness.models.render import Encoder

    return Encoder(AutoTokenizer.from_pretrained(str(tiny_llama)))


def asked(text: str, *more: Section, query: Query | None = None) -> Prompt:
    return Prompt((Section("instructions", "Say."), *more, Section("question", text, query=query)))


def test_a_short_prompt_is_not_even_tokenised() -> None:
    def never() -> None:
        raise AssertionError("tokenised")

    window = Window(never, 512)  # type: ignore[arg-type]
    assert window.fit(asked("short"), ("yes", "no")).excess == ""


def test_tokens_are_those_of_the_request_with_its_longest_answer(encoder) -> None:
    prompt, answers = asked(LONG), ("yes", "a longer answer than that")
    exact = max(len(encoder.encode(prompt, each, end=False).ids) for each in answers)
    assert exact > 512
    assert Window(lambda: encoder, exact).fit(prompt, answers).prompt == prompt
    fitted = Window(lambda: encoder, exact - 1).fit(prompt, answers)
    assert fitted.prompt is None
    assert fitted.excess == f"{exact:,} tokens, {exact - 1:,} fit"
    assert Window(lambda: encoder, exact).needed(prompt, answers, 1) == exact + 1


def test_the_bytes_of_any_text_are_no_fewer_than_its_tokens(encoder) -> None:
    for text in (LONG, "육아 휴직 기간은 최대 1년이며 " * 40, "🙂 \n\t ﷺ" * 40, "a" * 700):
        prompt = asked(text)
        needed = len(encoder.encode(prompt).ids)
        assert Window(lambda: encoder, needed - 1).needed(prompt) == needed


def test_the_input_loses_its_middle_and_all_else_stays(encoder) -> None:
    text = f"BEGIN {LONG} END"
    query = Query("1", text, ("yes", "no"))
    prompt = asked(f"{text}\nA. yes\nB. no", query=query)
    window = Window(lambda: encoder, 200)
    cut = window.fit(prompt, tokens=8, cut=True).prompt
    assert cut is not None
    question = cut.sections[-1].text
    assert question.startswith("BEGIN ") and " … " in question
    assert question.endswith("END\nA. yes\nB. no")
    assert cut.sections[0] == prompt.sections[0]
    assert 180 < len(encoder.encode(cut).ids) + 8 <= 200


def test_a_long_example_and_long_passages_are_cut_like_the_question(encoder) -> None:
    passage = Passage(LONG, "a.txt")
    example = Section("example", LONG, "the answer", passages=(passage,))
    prompt = asked("Which?", example)
    cut = Window(lambda: encoder, 200).fit(prompt, cut=True).prompt
    assert cut is not None and cut.sections[-1].text == "Which?"
    kept = cut.sections[1]
    assert kept.answer == "the answer"
    assert len(kept.text) == len(kept.passages[0].text) < len(LONG)
    assert LONG.startswith(kept.passages[0].text)


def test_instructions_that_are_too_long_cannot_be_cut(encoder) -> None:
    prompt = Prompt((Section("instructions", LONG), Section("question", "Which?")))
    assert Window(lambda: encoder, 200).fit(prompt, cut=True).prompt is None
    assert shortened(prompt, lambda each: False) is None
