"""The advice that docs/findings.md quotes is what the committed records say; it turns where it says."""

from dataclasses import replace

import pytest

from harness.analysis.recommend.advise import recommend
from harness.analysis.recommend.question import make_question
from harness.analysis.recommend.sentences import sentence
from harness.costs.book import load_book
from tests.documents import ROOT, flat

RECORDS = ROOT / "results" / "korean-insurance"
FINDINGS = flat("docs/findings.md")


def advised(task="insurer-ko", **asked):
    question = make_question(task=task, label_cost=0.5, **asked)
    found = recommend(RECORDS, question, load_book())
    return found


@pytest.mark.parametrize(
    ("asked", "strategy", "dollars"),
    [
        ({}, "qlora+rag", "$1,197"),
        ({"margin": 0.3}, "few-shot+rag", "$895"),
        ({"margin": 0.3, "requests_per_month": 3_000_000}, "qlora+rag", "$1,197"),
        ({"margin": 0.3, "updates_per_month": 10, "update_labels": 0}, "few-shot+rag", "$895"),
    ],
)
def test_the_published_table_is_what_the_records_say(asked, strategy, dollars):
    found = advised(**asked)
    assert found.verdict == "decided"
    said = sentence(found)
    assert said.startswith(f"Take {strategy}: {dollars} over 12 months")
    assert "k=" not in said  # each strategy was run with one configuration
    assert f"take `{strategy}`, {dollars}" in FINDINGS
    if found.advice.behind > 0:
        assert f"at most {100 * found.advice.behind:.1f} points behind" in FINDINGS


def test_it_turns_at_the_volume_that_it_names():
    found = advised(margin=0.3)
    (turn,) = [flip.value for flip in found.flips if flip.kind == "volume" and flip.value < 3e6]
    assert f"{turn:,.0f}" in FINDINGS
    names = [
        advised(margin=0.3, requests_per_month=turn * share).advice.name.partition(" ")[0]
        for share in (0.999, 1.001)
    ]
    assert names == ["few-shot+rag", "qlora+rag"]


@pytest.mark.parametrize("task", ["fpb-ko", "ko-insurance-exam"])
def test_on_the_other_tasks_the_evidence_is_not_enough(task):
    found = advised(task)
    assert found.verdict not in ("decided", "leaning")
    if task == "fpb-ko":
        said = sentence(found)
        assert "980 more test rows and 2 more runs" in said and "$490" in said
        assert "980 more rows of news and two more runs, $490" in FINDINGS


def test_of_claims_the_lowest_total_cost_is_advised():
    found = advised("insurer-claims-ko")
    assert (found.objective, found.verdict, found.advice.name) == ("total", "leaning", "majority")
    assert found.advice.total_usd == min(line.total_usd for line in found.lines)
    assert found.question.margin == pytest.approx(0.05 * found.advice.total_usd)
    said = sentence(found)
    assert "Leaning to majority: $7,312,607" in said and "$7,312,607" in FINDINGS
    assert f"{100 * found.probability:.0f} % of resamples" in FINDINGS


def test_of_losses_the_least_is_best_and_no_bound_is_beyond_the_own_loss():
    found = advised("insurer-claims-ko")
    lines = {line.name: line for line in found.lines}
    assert lines["majority"].behind == pytest.approx(lines["majority"].quality), "it could lose 0"
    assert "loss_seen" not in [note.code for note in found.notes], (
        "records say how large one can be"
    )
    chosen = replace(
        found, verdict="decided", advice=replace(lines["majority"], regret_usd=0.0), reasons=()
    )
    assert "with 95 % confidence the lowest total cost" in sentence(chosen)
    assert "가장 낮" in sentence(chosen, "ko")
