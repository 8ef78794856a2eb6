"""Reading labels and short answers out of free text."""

from __future__ import annotations

import json
import os
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.metrics.parse import parse_answer, parse_label

SENTIMENT = ("positive", "negative", "neutral")
KOREAN = ("긍정", "부정", "중립")
LETTERS = ("A", "B", "C", "D")
INTENTS = ("card_arrival", "card_linking", "Refund_not_showing_up", "request_refund")


@pytest.mark.parametrize(
    ("text", "choices", "expected"),
    [
        ("Positive.", SENTIMENT, "positive"),
        (' "NEGATIVE" ', SENTIMENT, "negative"),
        ("card arrival", INTENTS, "card_arrival"),
        ("긍정", KOREAN, "긍정"),
        ("(b)", LETTERS, "B"),
        ("Positive sentiment", SENTIMENT, None),
        ("Label: positive", SENTIMENT, None),
        ("긍정입니다", KOREAN, None),
        ("", SENTIMENT, None),
    ],
)
def test_strict_takes_only_a_label(
    text: str, choices: tuple[str, ...], expected: str | None
) -> None:
    assert parse_label(text, choices, mode="strict") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sentiment: positive", "positive"),
        ("**Sentiment:** Positive.", "positive"),
        ("Sure! Here's my response:\n\nLabel: NEUTRAL\n\nExplanation: positive words", "neutral"),
        ("NEGATIVE\n\nThe sentence expresses no positive sentiment", "negative"),
        ("Positive\n\nSentence: another\nLabel: negative", "positive"),
        ("The answer is negative.", "negative"),
        ("It reads positive at first.\nHowever the final answer is negative.", "negative"),
        ("Final answer: positive. Wait. Final answer: neutral", "neutral"),
        ("I would classify this as neutral, though some may see it as positive.", "neutral"),
        ("Some words are positive, others negative. Therefore, neutral.", "neutral"),
        ("I think it leans towards negative", "negative"),
        ("Profit is up, costs are down.\n\nneutral", "neutral"),
        ("positive, negative, or neutral? It is neutral.", "neutral"),
        ("Options: positive/negative/neutral\nAnswer: neutral", "neutral"),
        ("<think>maybe positive</think>negative", "negative"),
    ],
)
def test_a_stated_answer_is_found(text: str, expected: str) -> None:
    assert parse_label(text, SENTIMENT) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("not positive", None),
        ("It is not positive, it's neutral", "neutral"),
        ("The sentiment isn't negative but positive.", "positive"),
        ("This is not only positive", "positive"),
        ("neither positive nor negative", None),
        ("It does not convey any explicit positive or negative tone; neutral", "neutral"),
        ("It could be seen as negative.", None),
        ("non-negative", None),
        ("positively good", None),
    ],
)
def test_a_denied_label_is_no_answer(text: str, expected: str | None) -> None:
    assert parse_label(text, SENTIMENT) == expected


@pytest.mark.parametrize(
    "text",
    ["Label: positive or negative", "Positive and negative", "Neutral/positive", "I can't say."],
)
def test_several_labels_or_none_are_unparsed(text: str) -> None:
    assert parse_label(text, SENTIMENT) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("긍정입니다.", "긍정"),
        ("정답은 부정입니다", "부정"),
        ("정답: 중립", "중립"),
        ("긍정, 부정, 중립 중에서 중립으로 판단됩니다.", "중립"),
        ("이 문장은 긍정으로 분류됩니다. 부정 요소는 적습니다.", "긍정"),
        ("이 문장은 긍정적인 내용이 아니라 부정적인 내용입니다.", "부정"),
        ("긍정이 아니라 중립입니다", "중립"),
        ("긍정적이지 않다", None),
        ("긍정과 부정이 섞여 있습니다", None),
        ("부정확한 문장입니다", None),
        ("비긍정", None),
    ],
)
def test_korean_labels_take_particles(text: str, expected: str | None) -> None:
    assert parse_label(text, KOREAN) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("B", "B"),
        ("(B)", "B"),
        ("B. Because the insurer knew", "B"),
        ("The answer is B because A is wrong", "B"),
        ("B is correct, while A is not.", "B"),
        ("A) one\nB) two\nC) three\nAnswer: (C)", "C"),
        ("정답은 C입니다.", "C"),
        ("답은 B번", "B"),
        ("A는 틀리고 B가 정답입니다", "B"),
        ("A company has C levels", None),
        ("A등급 상품", None),
    ],
)
def test_option_letters(text: str, expected: str | None) -> None:
    assert parse_label(text, LETTERS) == expected


@pytest.mark.parametrize(
    ("text", "index"),
    [("B", 1), ("정답: 3번", 2), ("②", 1), ("C) 확인 후 지급한다", 2), ("면책입니다", 3)],
)
def test_letters_stand_for_options(text: str, index: int) -> None:
    options = ("지급한다", "지급하지 않는다", "확인 후 지급한다", "면책")
    assert parse_label(text, options, letters=True) == options[index]


def test_letters_mean_nothing_where_labels_are_words() -> None:
    assert parse_label("A", SENTIMENT) is None


def test_the_longest_label_wins() -> None:
    assert parse_label("It's very positive.", ("positive", "very positive")) == "very positive"
    assert parse_label("The claim is not covered.", ("covered", "not covered")) == "not covered"
    assert parse_label("The intent is card arrival.", INTENTS) == "card_arrival"


def test_yes_and_no() -> None:
    assert parse_label("Yes, no exclusions apply", ("Yes", "No")) == "Yes"
    assert parse_label("No, it is not covered", ("Yes", "No")) == "No"
    assert parse_label("예, 지급됩니다.", ("예", "아니요")) == "예"
    assert parse_label("예를 들어 설명하면", ("예", "아니요")) is None


def test_aliases() -> None:
    words = {"bullish": "positive", "bearish": "negative"}
    assert parse_label("The outlook is bullish.", SENTIMENT, aliases=words) == "positive"


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="strict"):
        parse_label("x", SENTIMENT, mode="loose")  # type: ignore[arg-type]


@given(st.text(max_size=200))
def test_any_text_gives_a_choice_or_none(text: str) -> None:
    assert parse_label(text, SENTIMENT) in (*SENTIMENT, None)
    assert parse_label(text, LETTERS, letters=True) in (*LETTERS, None)
    parse_answer(text)


@given(
    st.sampled_from(SENTIMENT + KOREAN + INTENTS), st.sampled_from(["{}", "{}.", "'{}'", " {}\n"])
)
def test_lenient_takes_what_strict_takes(label: str, form: str) -> None:
    choices = SENTIMENT + KOREAN + INTENTS
    text = form.format(label.upper())
    assert parse_label(text, choices, mode="strict") == label == parse_label(text, choices)


def test_a_label_equals_itself_however_it_is_composed() -> None:
    assert parse_label(unicodedata.normalize("NFD", "긍정"), KOREAN) == "긍정"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Answer: 2년\nQ: next", "2년"),
        ("\n\n2년 ", "2년"),
        ("답변:\n2년", "2년"),
        ("**2년**", "2년"),
        ("<think>cut off here\nand", ""),
        ("Answering takes 2 days", "Answering takes 2 days"),
        ("", ""),
    ],
)
def test_parse_answer(text: str, expected: str) -> None:
    assert parse_answer(text) == expected


def test_parse_answer_may_keep_all_lines() -> None:
    assert parse_answer("Answer: a\nb", stop_at_newline=False) == "a\nb"


@pytest.mark.slow
@pytest.mark.data
def test_real_chat_answers(record_property: pytest.RecordProperty) -> None:
    """1,359 raw answers of three Llama-2 chat models; 60 of them were read by hand and agree."""
    if not os.environ.get("HARNESS_DATA"):
        pytest.skip("HARNESS_DATA names no folder with the real data sets")
    path = Path(os.environ["HARNESS_DATA"]) / "fpb" / "zero_shot_llama2_4bit_outputs.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    lenient = [parse_label(row["output"], SENTIMENT) for row in rows]
    strict = [parse_label(row["output"], SENTIMENT, mode="strict") for row in rows]
    right, total = Counter[str](), Counter[str]()
    for row, label in zip(rows, lenient, strict=True):
        total[row["model"]] += 1
        right[row["model"]] += label == SENTIMENT[row["true_label"]]
    for model in total:
        record_property(model, right[model] / total[model])
    assert len(rows) == 1359
    # Every answer adds an explanation, so none is a label, whole; every one states a label.
    assert sum(label is not None for label in strict) == 0
    assert sum(label is None for label in lenient) <= 5
    assert 0.87 <= right["Llama-2-13b-chat-hf"] / total["Llama-2-13b-chat-hf"] <= 0.90
    assert 0.49 <= sum(right.values()) / len(rows) <= 0.52


@pytest.mark.slow
@pytest.mark.data
def test_real_explanations_alone_mostly_agree() -> None:
    """Without the line that states the label, what is still parsed agrees with that line."""
    if not os.environ.get("HARNESS_DATA"):
        pytest.skip("HARNESS_DATA names no folder with the real data sets")
    path = Path(os.environ["HARNESS_DATA"]) / "fpb" / "zero_shot_llama2_4bit_outputs.jsonl"
    rows = [json.loads(line)["output"] for line in path.read_text(encoding="utf-8").splitlines()]
    agree = Counter[str]()
    for text in rows:
        rest = text.split("Explanation:", 1)[-1] if "Explanation:" in text else text[9:]
        label = parse_label(rest, SENTIMENT)
        stated = parse_label(text, SENTIMENT)
        agree["unparsed" if label is None else "same" if label == stated else "other"] += 1
    assert agree["other"] <= 0.03 * len(rows)
    assert agree["same"] >= 0.8 * len(rows)
