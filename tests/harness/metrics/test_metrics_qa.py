"""Normalisation, tokens, exact match and abstention."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.metrics.abstention import is_abstention
from harness.metrics.korean import normalise, squash, token_f1, tokens
from harness.metrics.qa import exact_match
from tasks.insurer.ko import values
from tasks.insurer.world import Value, accepted

ABSTENTIONS = """모른다|모릅니다.|모르겠다|모르겠습니다.|잘 모르겠습니다|알 수 없습니다|알수없음|모름|몰라요
문서에 없습니다|문서에 없음|문서에 나와 있지 않습니다.|규정에 없다|정보가 없습니다|확인할 수 없습니다
죄송합니다. 제공된 문서에는 해당 정보가 없습니다.|죄송하지만 알 수 없습니다|답변할 수 없습니다
제공된 자료에서 찾을 수 없습니다|주어진 정보만으로는 알 수 없습니다|문서에 언급되지 않았습니다
육아휴직 급여에 대한 내용은 문서에 없습니다|2024년 한도는 문서에 명시되어 있지 않습니다
문서에 언급되어 있지 않아 알 수 없습니다|해당 내용은 규정에 나와있지 않습니다
I don't know|I do not know the answer.|Not in the document.|Unknown|N/A
The document does not mention it.|The document doesn't say.|It is not stated in the provided context.
I'm sorry, but I don't know.|There is no information about that in the document.
The maximum amount is not specified in the document.|It cannot be determined from the passage.
확인 불가|확인불가합니다|자료 없음|자료없음|언급되지 않음|언급 없음|찾을 수 없습니다|해당 정보 없음|정보 없음|해당 자료가 없습니다|알려진 바 없다|명시되지 않음
명시되어 있지 않음|기재되지 않음|기재 없음|기록 없음|미기재|It does not say|The report does not state this figure.
I don't know; the text doesn't tell.|n.a.|Not stated|not mentioned|Not available|no data
No information|The document doesn't mention that|The text does not give this information.
I could not find it in the document.|Cannot be determined|The passage doesn't specify
it is not mentioned|답을 찾을 수 없습니다|본문에 관련 내용이 없습니다|제공된 문서에서는 확인되지 않습니다|확인되지 않음|확인할 수 없음
해당 내용 없음|판단 불가|알 수 없어요|모르겠어요|잘 모르겠네요|답변 불가|정보 부족|문서에서 찾지 못했습니다|나와 있지 않아요|나와있지 않습니다|적혀 있지 않다
문서에는 그 금액이 적혀 있지 않습니다.|The policy does not say.|The answer is not in the text.
Unable to determine|I was unable to find this in the documents.|We don't know
Not specified in the policy document|There is no mention of it|No mention
no such information is given|The source is silent on this.|The context doesn't provide this.
not found|Not given|죄송하지만 제공된 자료에는 나오지 않습니다|규정집에 나와 있지 않습니다|이 문서만으로는 답할 수 없습니다
자료에서 확인이 안 됩니다|관련 규정을 찾지 못했습니다|보고서에는 해당 수치가 언급되지 않았습니다.
The provided context does not contain this information.
This information is not provided in the document.
The document does not specify the deductible.|확인이 불가능합니다.|문서에는 직원 수에 대한 언급이 없습니다.
The annual report doesn't say how many people work there.|Nothing in the document says so
모르겠습니다. 문서에 나와 있지 않습니다."""

FACTS = """없다|없습니다|할 수 없다|불가능합니다|신청할 수 없습니다|가입할 수 없습니다|보장하지 않습니다
2년. 문서에 없습니다|2년이며 나머지는 문서에 없습니다|휴직 기간은 2년이고 그 외에는 알 수 없습니다
문서에 따르면 2년입니다|문서에 있습니다|필요한 서류는 없습니다|필요한 자료는 없다|규정되어 있다
보험금을 받을 수 없습니다|모른다고 신고하면 된다|I don't know the exact amount, but it is 5%.
The policy does not cover flood.|It is not covered by the policy.|2 years|no|not covered|
해당 없음 아님|가입할 수 없다|확인 후 지급 불가|지급 불가
The document doesn't state it exactly, but it is probably 5%.|약 320명입니다.|보장 내용 없음|면책 사유 없음
수수료 없음|No coverage|Not covered|no fee|none|없음|해당 없음|자료 제출 없음이 원칙이다|환급금 없음|확인 불가한 서류는 반려한다
문서에 없는 서류는 받지 않는다|The policy does not cover it|I don't know, maybe 5%
It does not say, but 3 years is usual|언급되지 않았으나 2년이다|확인 불가하지만 3%로 추정|not available to minors
Not available for cars over 10 years|The insurer does not provide cover abroad
The policy does not provide cover abroad|The contract does not include theft|증상이 나타나지 않는다
The policy does not mention theft, so it is covered|서류가 확인되지 않으면 지급하지 않는다|판단 불가 시 심사팀이 정한다
It does not apply|the section does not give a refund"""


@pytest.mark.parametrize("text", ABSTENTIONS.replace("\n", "|").split("|"))
def test_abstentions(text: str) -> None:
    assert is_abstention(text)


@pytest.mark.parametrize("text", FACTS.replace("\n", "|").split("|"))
def test_facts_are_no_abstentions(text: str) -> None:
    assert not is_abstention(text)


def test_the_insurers_own_answers() -> None:
    assert all(map(is_abstention, accepted(values.Unknown("absent"))))
    for yes in (True, False):
        assert not any(map(is_abstention, accepted(values.YesNo(yes))))


def test_own_phrases_are_added() -> None:
    assert not is_abstention("담당자에게 문의하세요")
    assert is_abstention("담당자에게 문의하세요.", ["담당자에게 문의하세요"])
    assert is_abstention("모른다", ["담당자에게 문의하세요"])


def test_long_texts_are_judged_quickly() -> None:
    started = time.perf_counter()
    for text in (
        "해당 문서 정보 내용은 규정이 " * 400,
        "the document is not " * 400,
        "문서에" * 99,
    ):
        is_abstention(text)
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    ("predicted", "right"),
    [
        ("2년", True),
        ("2년.", True),
        ("2 년", True),
        ("2년입니다", True),
        ("2년이다", True),
        ("2년이에요.", True),
        ("24개월", True),
        ("2년(24개월)", True),
        ("２년", True),
        ("12년", False),
        ("2년 이내", False),
        ("24개월 동안", False),
        ("2년, 3년", False),
        ("휴직은 2년입니다", False),
        ("", False),
    ],
)
def test_exact_match(predicted: str, right: bool) -> None:
    assert exact_match(predicted, ["2년", "24개월"]) is right


def test_numbers_keep_their_meaning() -> None:
    assert exact_match("1000원", ["1,000원"])
    assert not exact_match("15%", ["1.5%"])
    assert not exact_match("5%", ["-5%"])
    assert not exact_match("5", ["5%"])
    assert not exact_match("12", ["1, 2"])
    assert exact_match("2025-03-01", ["2025.03.01"])


@pytest.mark.parametrize("text", ["네, 가능합니다.", "네 가능합니다", "예", "가능", "그렇습니다"])
def test_a_yes_that_is_said_twice(text: str) -> None:
    assert exact_match(text, accepted(values.YesNo(True)))
    assert not exact_match(text, accepted(values.YesNo(False)))


@pytest.mark.parametrize(
    "value",
    [
        values.Amount(23_000_000),
        values.Period(24, "개월"),
        values.Period(7, "일", "within"),
        values.Percentage(60, "기본급"),
        values.Day(2025, 3, 1),
        values.Items(("연차", "병가", "경조")),
        values.YesNo(False),
    ],
)
def test_accepted_answers_match_with_and_without_an_ending(value: Value) -> None:
    right = accepted(value)
    for text in right:
        assert exact_match(text, right)
        assert exact_match(f"{text}.", right)
        assert exact_match(f"{text}입니다.", right)


def test_normalise() -> None:
    assert normalise("ＡＢＣ　１２") == "abc 12"
    assert normalise("1,234,567.5원") == "1234567.5원"
    assert normalise("“2년”!") == "2년"
    assert normalise("가") == "가"
    assert squash(normalise("2 년 6 개월")) == "2년6개월"
    assert squash("new york 1 2") == "new york1 2"


@given(st.text(max_size=80))
def test_normalise_and_squash_are_idempotent(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert squash(squash(once)) == squash(once)


def test_korean_tokens_are_content_morphemes() -> None:
    assert tokens("육아휴직 기간은 2.5년입니다.", "ko") == ["육아", "휴직", "기간", "2.5", "년"]
    assert "않" in tokens("지급하지 않는다", "ko")
    assert tokens("60%입니다", "ko") == ["60", "%"]


def test_other_tokens_are_words() -> None:
    assert tokens("The policy covers 2.5% of a loss.", "en") == ["policy", "covers", "2.5", "%"] + [
        "of",
        "loss",
    ]
    assert tokens("日本の保険", "ja") == list("日本の保険")
    assert tokens("the", "en") == ["the"]
    assert tokens("...", "en") == []


def test_token_f1() -> None:
    assert token_f1("육아휴직은 이 년", ["육아휴직은 이 년"], "ko") == 1.0
    assert token_f1("보험금을 청구한다", ["보험금 청구"], "ko") == 1.0
    assert token_f1("모른다", ["2년"], "ko") == 0.0
    assert 0 < token_f1("휴직은 2년", ["3개월", "2년"], "ko") < 1
    assert token_f1("", ["2년"], "ko") == 0.0
    assert token_f1("2년", [], "ko") == 0.0
    assert token_f1("a big loss", ["big loss", "x"], "en") == 1.0
    for denied in ("지급하지 아니한다", "지급하지 않는다", "지급 불가", "지급 대상이 아니다"):
        assert token_f1("지급한다", [denied], "ko") < 1 > token_f1(denied, ["지급한다"], "ko")
    assert token_f1("covered", ["not covered"], "en") < 1
    assert token_f1("AA-", ["AA"], "en") == token_f1("△1,234", ["1,234"], "en") == 0.0


@given(st.text(max_size=30), st.text(max_size=30))
def test_token_f1_is_symmetric_and_bounded(left: str, right: str) -> None:
    value = token_f1(left, [right], "en")
    assert 0 <= value <= 1
    assert value == token_f1(right, [left], "en")
