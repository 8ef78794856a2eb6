"""What an answer rests on: the passages that were given, and the sources that it cites."""

from __future__ import annotations

import pytest

from harness.metrics.metric import Metric
from harness.metrics.registry import fitting, known
from harness.metrics.score import Rules, score_row
from harness.metrics.sources import GROUNDED, SOURCE, cited, source_correctness
from harness.types import Example, Output, Passage, Query, Row, Scored

LEAVE = Passage(
    "육아휴직은 최대 2년이며 30일 전에 신청한다.", "규정/휴직.pdf", place="휴직.pdf, 제7조"
)
MEALS = Passage("식대는 한 달 200,000원까지 지급한다.", "복지.docx")
MORE = Passage("휴직 급여는 없다.", "규정/휴직.pdf")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2년", [[LEAVE]]),
        ("2년 [2]", [[MEALS]]),
        ("2년 [1][2]", [[LEAVE], [MEALS]]),
        ("2년 [1, 3]", [[LEAVE], [MORE]]),
        ("2년 [9]", [[]]),
        ("2년 [0]", [[]]),
        ("2년 (출처: 휴직.pdf)", [[LEAVE, MORE]]),
        ("2년 (출처: 휴직.pdf, 복지.docx)", [[LEAVE, MORE], [MEALS]]),
        ("2년 (source: handbook.pdf)", [[]]),
        ("2년\n출처: 안내서.pdf", [[]]),
        ("신청서.docx를 내면 2년", [[LEAVE]]),  # what has to be sent in is no source
        ("[주의] 2년", [[LEAVE]]),
    ],
)
def test_a_citation_leads_to_its_passages(text: str, expected: list[list[Passage]]) -> None:
    found = cited(text, [LEAVE, MEALS, MORE])
    assert sorted(found, key=str) == sorted(expected, key=str)


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("2년", 1.0),
        ("2년 [1]", 1.0),
        ("2년 [2]", 0.0),
        ("2년 [1][2]", 0.5),
        ("2년 [1, 2]", 0.5),
        ("2년 [9]", 0.0),
        ("2년 (복지.docx)", 0.0),
    ],
)
def test_sources_are_the_documents_that_say_it(text: str, share: float) -> None:
    assert source_correctness(text, [LEAVE, MEALS], [Passage("최대 2년", "휴직.pdf")]) == share


def test_without_passages_there_is_no_right_source() -> None:
    assert source_correctness("2년", [], [Passage("최대 2년", "휴직.pdf")]) == 0.0


def scored(
    text: str,
    kind: str = "qa",
    evidence: tuple[Passage, ...] = (LEAVE, MEALS),
    finish: str = "stop",
) -> Scored:
    query = Query("q1", "육아휴직은 얼마나 쓸 수 있나요?")
    row = Row(
        Example(query, "2년", ("2년",)),
        passages=(Passage("최대 2년", "휴직.pdf"),),
        key_facts=(("2년",),),
    )
    output = Output("q1", text, finish, evidence=evidence)  # type: ignore[arg-type]
    return score_row(row, output, Rules(kind, language="ko"))


@pytest.mark.parametrize("kind", ["qa", "description"])
@pytest.mark.parametrize(
    ("text", "grounded", "by_source"),
    [
        ("최대 24개월입니다.", 1.0, 1.0),
        ("식대 20만 원입니다.", 1.0, 0.0),  # the second passage says it; the first is the source
        ("식대 20만 원입니다. [2]", 1.0, 1.0),
        ("최대 2년이며 식대는 20만 원입니다. [1, 2]", 1.0, 1.0),
        ("최대 2년입니다. [2]", 1.0, 0.0),
        ("최대 2년입니다. [5]", 1.0, 0.0),
        ("최대 3년입니다.", 0.0, 0.0),
        ("제7조에 따라 2년입니다.", 1.0, 1.0),  # the place of a passage is said with it
    ],
)
def test_an_answer_is_grounded_where_its_values_stand(
    kind: str, text: str, grounded: float, by_source: float
) -> None:
    values = scored(text, kind).values
    assert (values["grounded"], values["source_grounded"]) == (grounded, by_source)


@pytest.mark.parametrize(
    "answer",
    [
        scored("문서에 언급되지 않았습니다."),  # abstains
        scored("네, 쓸 수 있습니다."),  # nothing to look up
        scored("최대 2", finish="length"),  # cut
        scored("최대 2년입니다.", evidence=()),  # no passage was given
    ],
)
def test_where_there_is_nothing_to_look_up_it_is_absent_and_no_zero(answer: Scored) -> None:
    assert not {*GROUNDED} & answer.values.keys()


def test_they_are_of_free_text_and_need_passages_that_no_record_keeps() -> None:
    metrics: list[Metric] = [known()[name] for name in (*GROUNDED, SOURCE)]
    assert not any(metric.rescored for metric in metrics)
    for metric in metrics:
        assert metric in fitting("qa") and metric in fitting("description")
        assert metric not in fitting("numeric_qa")
    assert "grounded" not in scored("2년", "classification").values
