"""The cascades that docs/findings.md quotes are what the committed records say."""

from functools import cache

import numpy as np
import pytest

from harness.analysis.recommend import make_question, recommend
from harness.analysis.recommend.sentences import cascade_lines
from harness.analysis.trials import read_trials
from harness.costs.book import load_book
from harness.records.files import read_lines
from tests.documents import ROOT, flat, text

RECORDS = ROOT / "results" / "korean-insurance"
FINDINGS = flat("docs/findings.md")
TABLE = text("docs/findings.md").partition("## A cascade\n")[2]
DEAR = {"cost_per_error": 5, "cost_per_handover": 2}
CHEAP = {"cost_per_error": 1, "cost_per_handover": 0.5}
YEAR = 1_200_000


@cache
def trials(task):
    return read_trials(RECORDS, task)


@cache
def found(task, **prices):
    question = make_question(task=task, label_cost=0.5, cascade=True, **prices)
    return recommend(RECORDS, question, load_book(), draws=200, read=trials(task))


@pytest.mark.parametrize(
    ("task", "prices", "verdict", "start"),
    [
        ("insurer-claims-ko", {}, "none", "None beats a person alone"),
        ("insurer-ko", DEAR, "none", "None beats a person alone"),
        ("insurer-ko", CHEAP, "not_shown", "None is shown to beat qlora+rag alone"),
    ],
)
def test_no_cascade_beats_the_best_single_one(task, prices, verdict, start):
    answer = found(task, **prices)
    cascade = answer.cascade
    assert cascade.verdict == verdict and cascade_lines(answer)[0].startswith(start)
    first, last = cascade.stages
    assert last.name == "a person"
    ends = (cascade.difference_usd, cascade.low_usd, cascade.high_usd)
    figures = (cascade.best_usd, cascade.total_usd, *ends)
    (row,) = [line for line in TABLE.splitlines() if f"${cascade.total_usd:,.0f}" in line]
    assert all(f"${abs(usd):,.0f}" in row for usd in figures), figures
    assert f"`{task}`" in row and f"`{first.name.partition(' ')[0]}`, then a person" in row
    if task == "insurer-ko":
        assert f"({100 * last.reached:.1f} %)" in FINDINGS


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
