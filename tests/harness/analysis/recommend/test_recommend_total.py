"""Where somebody says what wrong answers cost, the lowest total cost is advised."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from harness.analysis.losses import tail
from harness.analysis.recommend.advise import recommend
from harness.analysis.recommend.question import make_question
from harness.analysis.recommend.sentences import sentence, thresholds
from harness.analysis.recommend.total import decide_totals, regret_of
from harness.cli import app
from harness.costs.book import load_book
from harness.costs.deployment import Deployment
from harness.costs.ownership import total_cost
from harness.errors import UsageError

BOOK = load_book()
KRW = BOOK.currency("KRW").per_usd
CASES = 12 * 100_000


@pytest.fixture
def ask(tmp_path):  # type: ignore[no-untyped-def]
    def asked(**values):  # type: ignore[no-untyped-def]
        usual = {"task": "made", "label_cost": 0.1, "serving": "as-used"}
        return recommend(tmp_path / "results", make_question(**usual | values), BOOK, draws=500)

    return asked


@pytest.fixture
def lossy(write):  # type: ignore[no-untyped-def]
    """Writes a run of a task that declares losses in won: one figure a row."""

    def made(name, won, *, handed=None, largest=1e6, **values):  # type: ignore[no-untyped-def]
        return write(
            name, won, primary="expected_loss", unit="KRW per 1,000 cases", largest_loss=largest,
            values={"handover": [0.0] * len(won) if handed is None else handed}, **values,
        )  # fmt: skip

    return made


def won(mean, n=400, seed=1):  # type: ignore[no-untyped-def]
    return mean + np.random.default_rng(seed).normal(0, 10, n)


def by_name(found):  # type: ignore[no-untyped-def]
    return {line.name: line for line in found.lines}


def test_losses_are_money_of_the_whole_time(lossy, ask) -> None:  # type: ignore[no-untyped-def]
    """Machines that cost less can't make up for what wrong decisions lose."""
    lossy("good", won(1000), largest=2000, serve_seconds=400)
    lossy("bad", won(1500), largest=2000, serve_seconds=1)
    found = ask()
    lines = by_name(found)
    assert (found.objective, found.advice.name, found.runner_up.name) == ("total", "good", "bad")
    lost = CASES * float(np.mean(won(1000))) / KRW
    assert lines["good"].lost_usd == pytest.approx(lost)
    assert lines["good"].total_usd == pytest.approx(
        lines["good"].once_usd + 12 * lines["good"].monthly_usd + lost
    )
    assert found.question.margin == pytest.approx(0.05 * lines["good"].total_usd)
    assert found.question.margin_share == 0.05
    assert lines["good"].total_low < lines["good"].total_usd < lines["good"].total_high
    assert found.verdict == "decided" and lines["good"].regret_usd == 0
    assert found.probability == 1 and found.expected_regret_usd == 0 and found.missing is None
    said = sentence(found)
    assert "Take good: $" in said and "lowest total cost" in said and "-0" not in said
    assert "가장 낮습니다" in sentence(found, "ko") and "달러" in sentence(found, "ko")
    codes = [note.code for note in found.notes]
    assert {"total_declared", "rate", "margin_total"} <= set(codes) and "margin_share" not in codes


def test_a_rare_large_loss_keeps_it_from_being_decided(lossy, ask) -> None:  # type: ignore[no-untyped-def]
    """None of 400 rows lost a million; three in 400 may still do."""
    lossy("good", won(1000), largest=1e6)
    lossy("bad", won(1500), largest=1e6)
    found = ask()
    assert (found.verdict, found.advice.name, found.reasons[0].code) == (
        "leaning",
        "good",
        "regret",
    )
    regret = by_name(found)["good"].regret_usd
    assert regret == found.reasons[0].values["usd"] > found.question.margin
    assert ask(margin=regret * 1.01).verdict == "decided"
    assert ask(margin=regret * 0.99).verdict == "leaning"


def test_hand_overs_are_counted_once(lossy, ask) -> None:  # type: ignore[no-untyped-def]
    """Those of the declaration are in the loss; those with a price of their own aren't any more."""
    half = [1.0, 0.0] * 200
    lossy("half", np.array([9000.0, 100.0] * 200), handed=half)
    assert by_name(ask())["half"].lost_usd == pytest.approx(CASES * 4550 / KRW)
    found = ask(cost_per_handover=3.0)
    line = by_name(found)["half"]
    assert line.lost_usd == pytest.approx(CASES * (50 / KRW + 1.5))
    assert line.worst_usd == pytest.approx(3.0)
    assert by_name(ask(cost_per_handover=0.0))["half"].lost_usd == pytest.approx(CASES * 50 / KRW)
    with pytest.raises(UsageError, match="itself declares"):
        ask(cost_per_error=2.0)


def test_errors_have_a_price_where_the_task_declares_none(write, ask) -> None:  # type: ignore[no-untyped-def]
    right = np.array([1.0] * 300 + [0.0] * 100)
    write("dear", np.array([1.0] * 360 + [0.0] * 40), serve_seconds=4000)
    write("cheap", right, serve_seconds=1)
    assert ask(margin=0.3).objective == "quality"
    few, many = (ask(cost_per_error=usd, margin=1.0) for usd in (1e-9, 1.0))
    assert (few.advice.name, many.advice.name) == ("cheap", "dear")
    line = by_name(many)["cheap"]
    assert line.lost_usd == pytest.approx(CASES * 0.25)
    assert line.worst_usd == pytest.approx(1.0), "all of the worst 20 rows are wrong"
    assert line.prices["error_rate"] == 0.25


def test_who_leaves_all_to_a_person_needs_that_priced(write, ask) -> None:  # type: ignore[no-untyped-def]
    folder = write("timid", np.zeros(400))
    rows = [json.loads(line) for line in (folder / "predictions.jsonl").read_text().splitlines()]
    for row in rows:
        row["abstained"] = True
    (folder / "predictions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    write("plain", np.array([1.0] * 300 + [0.0] * 100))
    with pytest.raises(UsageError, match="timid leaves some"):
        ask(cost_per_error=2.0)
    assert ask(cost_per_error=2.0, cost_per_handover=0.1).advice.name == "timid"
    assert ask(cost_per_error=2.0, cost_per_handover=1.0).advice.name == "plain"


def test_what_has_no_price_is_not_advised_but_keeps_from_deciding(  # type: ignore[no-untyped-def]
    lossy, ask, tiny_model
) -> None:
    lossy("good", won(1000), largest=2000, model_=tiny_model(), shared=True)
    lossy("bad", won(1500), largest=2000)
    found = ask()
    assert (found.advice.name, found.verdict) == ("bad", "leaning")
    assert by_name(found)["good"].total_usd is None and by_name(found)["good"].regret_usd is None
    assert found.reasons[0].code == "regret_unpriced" and "good has no price" in sentence(found)


def test_a_label_without_a_price_is_a_doubt(lossy, ask) -> None:  # type: ignore[no-untyped-def]
    lossy("trained", won(1000), largest=1001, train_rows=1000)
    lossy("asked", won(1001), largest=1001)
    found = ask(label_cost=None, margin=60_000.0)
    assert (found.advice.name, found.verdict) == ("trained", "leaning")
    (why,) = (reason for reason in found.reasons if reason.code == "labels_total")
    assert ask(label_cost=why.values["usd"] * 0.999, margin=60_000.0).verdict == "decided"
    after = ask(label_cost=why.values["usd"] * 1.001, margin=60_000.0)
    assert (after.advice.name, after.verdict) != ("trained", "decided")


def test_flips_are_where_another_total_is_the_lowest(lossy, ask) -> None:  # type: ignore[no-untyped-def]
    """At few requests a label costs more than what it saves."""
    lossy("trained", won(1000), largest=2000, train_rows=1000)
    lossy("asked", won(1100), largest=2000)
    found = ask(label_cost=1.0)
    assert found.advice.name == "trained" and "margin" not in {flip.kind for flip in found.flips}
    (flip,) = (flip for flip in found.flips if flip.kind == "volume")
    assert (flip.direction, flip.to) == ("below", "asked")
    names = [
        ask(label_cost=1.0, requests_per_month=flip.value * share).advice.name
        for share in (0.99, 1.01)
    ]
    assert names == ["asked", "trained"]
    assert any("asked is cheaper" in line for line in thresholds(found))


def test_people_are_a_cost_of_candidates(lossy, ask) -> None:  # type: ignore[no-untyped-def]
    lossy("trained", won(1000), largest=2000)
    lossy("asked", won(1100), largest=2000)
    plain, staffed = ask(), ask(setup_days=10, ops_days_per_month=1, day_rate=800)
    for name, line in by_name(staffed).items():
        assert line.once_usd - by_name(plain)[name].once_usd == pytest.approx(8000)
        assert line.monthly_usd - by_name(plain)[name].monthly_usd == pytest.approx(800)
        assert line.badges["monthly_usd"] == "assumed" and "people" in line.prices["notes"]
    one = ask(people={"trained": [200, 0]}, day_rate=800)
    assert one.advice.name == "asked", "160,000 dollars of people for 81,000 of losses"
    with pytest.raises(UsageError, match="rate"):
        ask(setup_days=1)
    with pytest.raises(UsageError, match="no run of made is of 'traned'") as wrong:
        ask(people={"traned": [1, 0]}, day_rate=1)
    assert "trained" in str(wrong.value.hint)


def test_the_screen_and_json_say_the_same(lossy, tmp_path) -> None:  # type: ignore[no-untyped-def]
    lossy("good", won(1000), largest=2000)
    lossy("bad", won(1500), largest=2000)
    call = ["recommend", "--task", "made", "--results", str(tmp_path / "results"),
            "--basis", "as-used", "--people", "good=2,0.5", "--day-rate", "800"]  # fmt: skip
    shown = CliRunner().invoke(app, call, env={"COLUMNS": "200"})
    assert shown.exit_code == 0 and "expected regret $0" in shown.stdout
    assert "the lowest total cost in 100%" in shown.stdout and "dearer than" in shown.stdout
    value = json.loads(CliRunner().invoke(app, [*call, "--json"]).stdout)
    assert value["objective"] == "total" and value["probability"] == 1
    assert value["advice"]["name"] == "good" and value["advice"]["regret_usd"] == 0
    assert value["lines"][0]["total_low"] < value["lines"][0]["total_usd"]


def test_regret_is_by_the_formula() -> None:
    usd, slack = [100.0, 90.0, None], np.array([[0, 5, 20], [7, 0, 30], [1, 1, 0.0]])
    drawn = np.array([[0.0, 0, 0], [-20, 0, 0], [0, 0, 0], [0, 40, 0]])
    found = decide_totals(usd, [100.0, 90.0, 50.0], slack, [True, True, True], drawn)
    assert (found.chosen, found.accepted) == (1, (1, 0))
    assert [each and (each.usd, each.rival) for each in found.regrets] == [
        (70.0, 2), (70.0, 2), None,
    ]  # fmt: skip
    assert found.probability == 0.5 and found.expected_regret == (10 + 30) / 4
    assert regret_of(1, 90.0, [100.0, 90.0, 50.0], [7.0, 0.0, 30.0], [0, 1]).usd == 0
    without = decide_totals([None, None], [1.0, 2.0], np.zeros((2, 2)), [True, True], None)
    assert without.chosen is None and without.probability is None


def test_the_worst_cases_are_weighed_at_the_boundary() -> None:
    assert tail(np.arange(100.0)) == pytest.approx(np.mean([95, 96, 97, 98, 99]))
    assert tail(np.array([10.0] + [0.0] * 29)) == pytest.approx(10 * 1 / 1.5)
    assert tail(np.array([3.0])) == pytest.approx(3.0)


def test_declared_losses_are_a_part_of_the_total() -> None:
    made = Deployment("x", 5, loss_usd_per_request=0.25)
    total = total_cost(made, months=2, requests_per_month=10)
    assert (total.losses, total.lost, total.usd) == (5.0, 5.0, 10.0)
