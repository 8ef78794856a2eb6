"""A cascade of records: what it comes to, when it is shown to be better, and what it says if not."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from harness.analysis.recommend.advise import recommend
from harness.analysis.recommend.question import make_question
from harness.analysis.recommend.sentences import cascade_lines
from harness.cli import app
from harness.costs.book import load_book
from harness.errors import UsageError

HOURLY = 0.1008  # the book's CPU machine
ROWS = 400
BOOK = load_book()


@pytest.fixture
def ask(tmp_path):  # type: ignore[no-untyped-def]
    def asked(**values):  # type: ignore[no-untyped-def]
        usual = {"task": "made", "label_cost": 0.1, "serving": "as-used", "cost_per_error": 1.0}
        usual |= {"cost_per_handover": 0.3, "cascade": True, "requests_per_month": 10_000}
        return recommend(tmp_path / "results", make_question(**usual | values), BOOK, draws=50)

    return asked


def answers(seed, *, knows=True):  # type: ignore[no-untyped-def]
    """Right answers to 70 % of the rows, and a confidence that knows which, or is noise."""
    random = np.random.default_rng(seed)
    right = (random.random(ROWS) < 0.7).astype(float)
    sure = 1 / (1 + np.exp(-random.normal(3 * right - 1.5))) if knows else random.random(ROWS)
    return right, {"confidence": sure}


def told(found):  # type: ignore[no-untyped-def]
    return {note.code for note in found.cascade.notes}


def test_a_person_behind_a_cheap_one_that_knows_what_it_knows(write, ask) -> None:  # type: ignore[no-untyped-def]
    right, values = answers(0)
    write("cheap", right, values=values)
    found = ask()
    cascade = found.cascade
    assert cascade.verdict == "shown" and cascade.rivals == ()
    assert [stage.name for stage in cascade.stages] == ["cheap", "a person"]
    first, last = cascade.stages
    passed = values["confidence"] < first.threshold
    assert (first.reached, last.threshold) == (1.0, None)
    assert last.reached == pytest.approx(passed.mean())
    assert cascade.difference_usd < cascade.high_usd < 0
    # What all rows choose looks a little better than what was scored on rows left out.
    seen = 120_000 * float(np.where(passed, 0.3, 1 - right).mean())
    assert seen <= cascade.total_usd < 1.1 * seen
    text, *_ = cascade_lines(found)
    assert text.startswith("cheap (is asked 100.0 %") and "→ a person" in text
    assert cascade_lines(found, "ko")[0].startswith("cheap(요청의 100.0%")


def test_confidence_that_says_nothing_beats_nothing(write, ask) -> None:  # type: ignore[no-untyped-def]
    verdicts = set()
    for seed in range(3):
        right, values = answers(seed, knows=False)
        write("cheap", right, values=values, attempt=seed + 1)
        found = ask()
        verdicts.add(found.cascade.verdict)
        text = cascade_lines(found)[0]
        assert text.startswith(("None beats", "None is shown to beat"))
    assert verdicts <= {"none", "not_shown"}


def test_the_single_ones_cost_what_the_table_says(write, ask) -> None:  # type: ignore[no-untyped-def]
    right, values = answers(1)
    write("cheap", right, values=values, train_rows=50, train_seconds=900)
    found = ask(cost_per_handover=0.9)
    line = next(line for line in found.lines if line.name == "cheap")
    assert found.cascade.best == "cheap"
    assert found.cascade.best_usd == pytest.approx(line.total_usd)


def test_each_stage_is_paid_but_labels_once(write, ask) -> None:  # type: ignore[no-untyped-def]
    """Both learn from the same 1,000 rows; each has a machine that is always on."""
    right, values = answers(2)
    for name in ("first", "second"):
        write(
            name,
            right,
            values=values,
            train_rows=1000,
            train_seconds=3600,
            serve_seconds=10 if name == "first" else 20,
        )
    found = ask(serving="always-on", cost_per_handover=None, months=6)
    cascade = found.cascade
    assert [stage.name for stage in cascade.stages] == ["first", "second"]
    machines, trained, labels = 6 * 730 * HOURLY, HOURLY, 100.0
    # Equal answers, so that who gives them doesn't matter.
    lost = 60_000 * float(1 - right.mean())
    assert cascade.best_usd == pytest.approx(machines + trained + labels + lost)
    assert cascade.total_usd == pytest.approx(2 * (machines + trained) + labels + lost)
    assert cascade.verdict == "none" and "cascade_alone" in told(found)


def test_without_confidence_nothing_is_passed_on(write, ask) -> None:  # type: ignore[no-untyped-def]
    write("plain", answers(3)[0])
    write("other", answers(4)[0], serve_seconds=20)
    found = ask()
    assert found.cascade.verdict == "impossible"
    assert cascade_lines(found)[0].startswith("There is none")
    assert "plain" in cascade_lines(found)[2] and "cascade_unsure" in told(found)


def test_what_is_left_unanswered_can_be_passed_on(write, ask) -> None:  # type: ignore[no-untyped-def]
    """Of a record without confidence."""
    right, _ = answers(5)
    folder = write("plain", right)
    lines = [json.loads(line) for line in (folder / "predictions.jsonl").open()]
    for line in lines[:100]:
        line |= {"outcome": "unparsed", "correct": False, "predicted": None}
    (folder / "predictions.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines))
    first, last = ask().cascade.stages
    assert (first.name, first.sure, last.name, last.reached) == ("plain", False, "a person", 0.25)


def test_seeds_count_the_same(write, ask) -> None:  # type: ignore[no-untyped-def]
    write("one", answers(7)[0], serve_seconds=50)
    for seed in (0, 1, 2):
        right, values = answers(10 + seed)
        write("cheap", right, values=values, seed=seed)
    assert [stage.name for stage in ask().cascade.stages] == ["cheap", "a person"]
    alone = ask(cost_per_handover=0.9)
    totals = {line.name: line.total_usd for line in alone.lines}
    assert alone.cascade.best_usd == pytest.approx(totals[alone.cascade.best])


def test_labels_without_a_price_win_nothing(write, ask) -> None:  # type: ignore[no-untyped-def]
    right, values = answers(0)
    write("cheap", right, values=values, train_rows=100)
    assert ask(label_cost=0.1).cascade.verdict == "shown"
    found = ask(label_cost=None)
    assert found.cascade.verdict == "leaning"
    assert [reason.code for reason in found.cascade.reasons] == ["cascade_labels"]
    text = cascade_lines(found)[0]
    assert "isn't shown, as labels of a stage" in text and "at least $" in text


def test_what_has_no_price_is_named(write, ask) -> None:  # type: ignore[no-untyped-def]
    right, values = answers(0)
    write("cheap", right, values=values)
    write("beside", right, values=values, shared=True)
    found = ask()
    assert [stage.name for stage in found.cascade.stages] == ["cheap", "a person"]
    (note,) = [note for note in found.cascade.notes if note.code == "cascade_unpriced"]
    assert note.say().endswith("compared: beside")


def test_few_clusters_show_nothing(write, ask) -> None:  # type: ignore[no-untyped-def]
    right, values = answers(0)
    write("cheap", right, values=values, clusters=np.arange(ROWS) // 20)
    found = ask().cascade
    assert (found.verdict, [reason.code for reason in found.reasons]) == ("leaning", ["clusters"])


def test_one_run_of_a_stage_may_be_lucky(write, ask, tiny_model) -> None:  # type: ignore[no-untyped-def]
    for seed in (0, 1, 2):
        right, values = answers(0)
        write(
            "lora",
            right,
            values=values,
            seed=seed,
            model_=tiny_model(),
            train_seconds=9,
            train_rows=10,
        )
        found = ask().cascade
        assert found.verdict == ("shown" if seed == 2 else "leaning")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"cost_per_error": 0, "cost_per_handover": None}, "what a wrong answer costs"),
        ({"requests_per_month": 0}, "requests that ask"),
        ({"max_latency": 9}, "how long a cascade takes"),
        ({"min_quality": 0.1}, "how good its answers are"),
    ],
)
def test_what_cannot_be_held_is_refused(write, ask, values, words) -> None:  # type: ignore[no-untyped-def]
    timed = {"p50_seconds": 1, "p95_seconds": 1, "requests": 99, "seconds": [1.0] * 99}
    right, sure = answers(0)
    write("cheap", right, values=sure, latency=timed)
    with pytest.raises(UsageError) as error:
        ask(**values)
    assert words in error.value.message and "--" in error.value.hint


def test_it_is_asked_for_on_the_command_line(write, tmp_path) -> None:  # type: ignore[no-untyped-def]
    right, values = answers(0)
    write("cheap", right, values=values)
    asked = ["recommend", "--results", str(tmp_path / "results"), "--task", "made"]
    asked += ["--cost-per-error", "1", "--cost-per-handover", "0.3", "--basis", "as-used"]
    shown = CliRunner().invoke(app, [*asked, "--cascade"])
    assert shown.exit_code == 0 and "cascade:" in shown.output, shown.output
    found = json.loads(CliRunner().invoke(app, [*asked, "--cascade", "--json"]).stdout)["cascade"]
    assert found["verdict"] == "shown" and found["stages"][1]["name"] == "a person"
    assert found["sentence"].startswith("cheap (")
    assert found["notes"][0]["code"] == "cascade_fitted"
    plain = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)
    assert "cascade" not in plain
