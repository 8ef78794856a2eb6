"""Each filter drops what it is for, and keeps what it isn't."""

import pytest

from harness.runs.questions.filters import Documents, alike, first_reason, read, repeats, stands_in
from harness.runs.questions.words import WORDS

PASSAGE = "Article 4(Repairs)\nA cracked windscreen of a car is replaced within 5 working days."


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ('{"question": "How  long?", "answer": "5 days"}', ("How long?", "5 days")),
        ('```json\n{"question": "How many?", "answer": 5}\n```', ("How many?", "5")),
        ("How long? 5 days", None),
        ('{"question": "How long?"}', None),
        ('{"question": "How long?", "answer": ""}', None),
        ('{"question": "How long?", "answer": "I don\'t know"}', None),
        ('{"question": "How long?", "answer": "' + "long " * 20 + '"}', None),
        ('{"question": "cut of', None),
        ('{"question": ["How long?"], "answer": "5"}', None),
    ],
)
def test_only_an_object_with_a_question_and_a_short_answer_is_read(text, pair):
    assert read(text) == pair


def test_an_answer_stands_in_a_passage_by_its_words_or_its_value():
    assert stands_in("5 working days", PASSAGE)
    assert stands_in("the Cracked windscreen".removeprefix("the "), PASSAGE)
    assert stands_in("300만 원", "보험금은 3,000,000원이다.")
    assert not stands_in("6 working days", PASSAGE)
    assert not stands_in("400만 원", "보험금은 3,000,000원이다.")


@pytest.mark.parametrize(
    ("question", "answer", "reason"),
    [
        ("Within how many days is a cracked windscreen replaced?", "5 working days", ""),
        ("What does this document say of windscreens?", "5 working days", "leaning"),
        ("What is replaced under Article 4?", "5 working days", "leaning"),
        ("Within how many days is a windscreen replaced?", "7 days", "not in passage"),
        ("Is a cracked windscreen replaced within 5 working days?", "5 working days", "given away"),
    ],
)
def test_a_proposal_is_dropped_by_the_first_filter_that_applies(question, answer, reason):
    assert first_reason(question, answer, PASSAGE, WORDS["en"].leaning) == reason


@pytest.mark.parametrize(
    ("question", "leans"),
    [
        ("이 조항에서 정한 기간은 며칠인가요?", True),
        ("위의 글에서 보험금은 얼마인가요?", True),
        ("제7조에 따른 휴직 기간은?", True),
        ("육아휴직 기간은 며칠인가요?", False),
        ("포상 단위의 금액은 얼마인가요?", False),
        ("이륜차 보험의 보장 금액은 얼마인가요?", False),
    ],
)
def test_a_korean_question_that_leans_on_its_passage_is_told(question, leans):
    assert bool(WORDS["ko"].leaning.search(question)) is leans


def test_a_question_is_kept_once():
    kept = ["How long is the parental leave of a clerk in the claims department?"]
    asked = [
        "How long is the parental leave of a clerk in the claims department ?",
        "Who approves a journey abroad?",
        "Who approves a journey abroad?",
        "How long is the notice period of a broker?",
    ]
    assert repeats(asked, kept) == [True, False, True, False]


def test_an_answer_is_alike_whatever_sentence_is_around_it():
    assert alike("It is replaced within 5 working days.", "5 working days", "Within how many days?")
    assert not alike("It is replaced within 7 working days.", "5 working days", "How many days?")


def test_what_the_documents_lack_and_what_they_speak_of():
    documents = Documents([{"company", "car", "windscreen"}, {"canteen", "meal", "subsidy"}])
    assert documents.lack({"company", "bicycle"})
    assert not documents.lack({"company", "meal"})  # each stands somewhere
    assert documents.touch({"meal", "price"})
    assert not documents.touch({"meal", "price", "vienna"})
    assert not documents.touch({"car", "meal", "x", "y"})  # half of them, but in no one passage
