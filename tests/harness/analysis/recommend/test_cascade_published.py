"""The cascades that docs/findings.md quotes are what the committed records say."""

from functools import cache

import numpy as np
import pytest

from harness.analysis.recommend.advise import recommend
from harness.analysis.recommend.question import make_question
from harness.analysis.recommend.sentences import cascade_lines
from harness.analysis.trials import read_trials
from harness.costs.book import load_book
from harness.records.files import read_lines
from tests.documents import ROOT, flat, text

RECORDS = ROOT / "results" / "korean-insurance"
TUNED = ROOT / "results" / "tuned"
FINDINGS = flat("docs/findings.md")
TABLE = text("docs/findings.md").partition("## A cascade\n")[2]
DEAR = {"cost_per_error": 5, "cost_per_handover": 2}
CHEAP = {"cost_per_error": 1, "cost_per_handover": 0.5}
YEAR = 1_200_000
SLOW = pytest.mark.slow


NEWS = {"cost_per_error": 1, "cost_per_handover": 0.2, "hardware": "l4"}


@cache
def trials(records, task):
    return read_trials(records, task)


@cache
def found(task, *, records=RECORDS, **asked):
    question = make_question(task=task, label_cost=0.5, cascade=True, **asked)
    return recommend(records, question, load_book(), draws=200, read=trials(records, task))


def told(answer, task):
    """Holds that a row of the table has all figures of a cascade; returns the cascade."""
    cascade = answer.cascade
    first, last = cascade.stages
    assert last.name == "a person"
    ends = (cascade.difference_usd, cascade.low_usd, cascade.high_usd)
    figures = (cascade.best_usd, cascade.total_usd, *ends)
    (row,) = [line for line in TABLE.splitlines() if f"${cascade.total_usd:,.0f}" in line]
    assert all(f"${abs(usd):,.0f} {'less' if usd < 0 else 'more'}" in row for usd in ends)
    assert all(f"${abs(usd):,.0f}" in row for usd in figures), figures
    assert f"`{task}`" in row and f"`{first.name.partition(' ')[0]}`, then a person" in row
    return cascade


@pytest.mark.parametrize(
    ("task", "prices", "verdict", "start"),
    [
        ("insurer-claims-ko", {}, "none", "None beats a person alone"),
        pytest.param("insurer-ko", DEAR, "none", "None beats a person alone", marks=SLOW),
        pytest.param(
            "insurer-ko", CHEAP, "not_shown", "None is shown to beat qlora+rag alone", marks=SLOW
        ),
    ],
)
def test_for_the_insurer_no_cascade_beats_the_best_single_one(task, prices, verdict, start):
    answer = found(task, **prices)
    cascade = told(answer, task)
    assert cascade.verdict == verdict and cascade_lines(answer)[0].startswith(start)
    if task == "insurer-ko":
        assert f"({100 * cascade.stages[1].reached:.1f} %)" in FINDINGS


@SLOW
def test_for_news_one_does_where_a_person_is_cheap_enough():
    cascade = told(found("fpb", records=TUNED, **NEWS), "fpb")
    assert cascade.verdict == "shown"
    share = f"passes the {100 * cascade.stages[1].reached:.1f} % that it is least sure of"
    saved = f"costs {-100 * cascade.difference_usd / cascade.best_usd:.0f} % less than alone"
    assert share in FINDINGS and saved in FINDINGS
    half = told(found("fpb", records=TUNED, **NEWS | {"cost_per_handover": 0.5}), "fpb")
    assert half.verdict == "not_shown" and "At half of one it isn't shown." in FINDINGS


@SLOW
def test_the_news_figures_are_those_of_the_rows():
    """Of the fifth that is least sure over three seeds; each fold's threshold is a little another."""
    answer = found("fpb", records=TUNED, **NEWS)
    lines = [
        line
        for folder in sorted(TUNED.glob("fpb_lora_*"))
        for line in read_lines(folder / "predictions.jsonl")
    ]
    sure = np.array(
        [1 / np.exp(np.array(s := [*each["scores"].values()]) - max(s)).sum() for each in lines]
    )
    wrong = np.array([not each["correct"] for each in lines])
    alone, passed = YEAR * wrong.mean(), sure < answer.cascade.stages[0].threshold
    (line,) = [each for each in answer.lines if each.name.startswith("lora")]
    paid = line.once_usd + 12 * line.monthly_usd
    assert answer.cascade.best_usd == pytest.approx(paid + alone)
    assert passed.mean() == pytest.approx(answer.cascade.stages[1].reached)
    seen = YEAR * np.where(passed, 0.2, wrong).mean()
    assert answer.cascade.total_usd - paid == pytest.approx(seen, rel=0.05)


@SLOW
def test_figures_are_what_numpy_makes_of_the_rows():
    """A stage without confidence passes on what it leaves unanswered: no threshold to choose."""
    lines = [
        line
        for folder in RECORDS.glob("insurer-ko_qlora+rag_*")
        for line in read_lines(folder / "predictions.jsonl")
    ]
    passed = np.array([each["abstained"] or each["outcome"] != "ok" for each in lines])
    wrong = np.array([not each["correct"] for each in lines])
    assert len(lines) == 3 * 400
    for prices in (DEAR, CHEAP):
        answer = found("insurer-ko", **prices)
        (line,) = [each for each in answer.lines if each.name.startswith("qlora+rag")]
        lost = np.where(passed, prices["cost_per_handover"], wrong * prices["cost_per_error"])
        paid = line.once_usd + 12 * line.monthly_usd
        assert answer.cascade.total_usd == pytest.approx(paid + YEAR * lost.mean())
        assert answer.cascade.stages[1].reached == pytest.approx(passed.mean())
    assert found("insurer-ko", **DEAR).cascade.best_usd == pytest.approx(YEAR * 2)
    won = load_book().currency("KRW").per_usd
    assert found("insurer-claims-ko").cascade.best_usd == pytest.approx(YEAR * 9000 / won)


def test_the_classifiers_confidence_does_not_tell_when_it_is_wrong():
    """The surest tenth of its answers loses more than a person would."""
    (folder,) = RECORDS.glob("insurer-claims-ko_tfidf_*")
    lines = read_lines(folder / "predictions.jsonl")
    sure = np.array(
        [0 if each["values"]["handover"] else max(each["scores"].values()) for each in lines]
    )
    loss = np.array([each["values"]["expected_loss"] for each in lines])
    kept = np.argsort(-sure)[:40]
    assert f"{(sure > 0).sum()} of 400 claims itself" in FINDINGS
    assert f"the 40 that it is surest of lose {loss[kept].mean():,.0f} won each" in FINDINGS
