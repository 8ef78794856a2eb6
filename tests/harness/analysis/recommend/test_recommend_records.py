"""From records to an answer: what counts, what it costs, what it lacks, and how it is said."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from harness.analysis.recommend.advise import recommend
from harness.analysis.recommend.missing_rows import CLUSTERS
from harness.analysis.recommend.question import make_question
from harness.analysis.recommend.sentences import sentence, thresholds
from harness.cli import app
from harness.costs.book import load_book
from harness.errors import UsageError

HOURLY = 0.1008  # the book's CPU machine


def shares(right, n=400, seed=0):  # type: ignore[no-untyped-def]
    """So many right answers, on the same rows as of any other with the same seed."""
    order = np.random.default_rng(seed).permutation(n)
    return (order < right).astype(float)


@pytest.fixture
def ask(tmp_path):  # type: ignore[no-untyped-def]
    def asked(**values):  # type: ignore[no-untyped-def]
        usual = {"task": "made", "label_cost": 0.1, "serving": "as-used"}
        return recommend(
            tmp_path / "results", make_question(**usual | values), load_book(), draws=500
        )

    return asked


@pytest.fixture
def three(write, tiny_model):  # type: ignore[no-untyped-def]
    """Three runs of a trained strategy, a prompt, and a baseline."""
    for seed in (0, 1, 2):
        write("lora", shares(370 + seed), seed=seed, model_=tiny_model(), train_rows=1000,
              train_seconds=600, serve_seconds=40)  # fmt: skip
    write("zero-shot", shares(371), model_=tiny_model(), serve_seconds=80)
    write("majority", shares(160), train_rows=1000, serve_seconds=0.4)


def test_the_cheapest_of_equals_is_taken(three, ask) -> None:  # type: ignore[no-untyped-def]
    found = ask(requests_per_month=10_000)
    assert (found.verdict, found.advice.name, found.model) == ("decided", "zero-shot", "tiny")
    assert found.runner_up.name == "lora" and found.baseline.name == "majority"
    assert (found.rows, found.clusters, found.stability) == (400, 400, 1.0)
    assert [line.name for line in found.lines] == ["lora", "majority", "zero-shot"]
    assert found.lines[0].seeds == 3


def test_money_is_the_books_and_thresholds_are_the_analytic_ones(three, ask) -> None:  # type: ignore[no-untyped-def]
    found = ask(requests_per_month=10_000, months=6)
    lora, _, zero = found.lines
    trained = 600 / 3600 * HOURLY
    assert lora.once_usd == pytest.approx(trained + 100)
    assert zero.once_usd == 0
    per = [seconds / 400 / 3600 * HOURLY for seconds in (40, 80)]
    assert zero.monthly_usd == pytest.approx(10_000 * per[1])
    assert zero.total_usd == pytest.approx(6 * 10_000 * per[1])
    flips = {(flip.kind, flip.direction): flip for flip in found.flips}
    volume = flips["volume", "above"]
    assert volume.to == "lora"
    assert volume.value == pytest.approx((trained + 100) / (6 * (per[1] - per[0])))
    saved = 6 * 10_000 * (per[1] - per[0])
    assert flips["months", "above"].value == pytest.approx(6 * (trained + 100) / saved)
    assert flips["label cost", "below"].value == pytest.approx((saved - trained) / 1000)


def test_seconds_beside_another_run_set_no_price(write, tiny_model, ask) -> None:  # type: ignore[no-untyped-def]
    """The one that shared the machine would be the cheapest by far."""
    for seed in (0, 1, 2):
        write("lora", shares(370 + seed), seed=seed, model_=tiny_model(), train_seconds=6,
              serve_seconds=40 if seed else 4000, shared=seed == 0)  # fmt: skip
    write("zero-shot", shares(371), model_=tiny_model(), serve_seconds=1, shared=True)
    write("majority", shares(160), serve_seconds=0.4)
    found = ask(requests_per_month=10_000)
    lines = {line.name: line for line in found.lines}
    assert found.advice.name == "lora" and lines["zero-shot"].monthly_usd is None
    assert "monthly_usd" not in lines["zero-shot"].badges, "unpriced isn't assumed"
    assert lines["lora"].monthly_usd == pytest.approx(40 / 400 / 3600 * HOURLY * 10_000)
    assert [note.values["names"] for note in found.notes if note.code == "shared"] == ["zero-shot"]
    assert lines["zero-shot"].quality > 0.9  # it still counts for quality
    counted = ask(requests_per_month=10_000, count_shared=True)
    assert counted.advice.name == "zero-shot"
    assert [n.values["names"] for n in counted.notes if n.code == "shared_counted"] == [
        "lora, zero-shot"
    ]
    projected = ask(requests_per_month=10_000, hardware="l4")
    assert all(line.monthly_usd is not None for line in projected.lines if line.name != "majority")
    assert not any(note.code == "shared" for note in projected.notes)


def test_updates_repeat_training_but_no_labels(three, ask) -> None:  # type: ignore[no-untyped-def]
    found = ask(requests_per_month=3e8, months=6, updates_per_month=2)
    assert found.advice.name == "lora"
    trained = 600 / 3600 * HOURLY
    assert found.advice.prices["update_usd"] == pytest.approx(trained)
    assert found.advice.badges["monthly_usd"] == "assumed"
    assert "update_assumed" in [note.code for note in found.notes]
    flip = next(flip for flip in found.flips if flip.kind == "updates")
    saved = 3e8 * 40 / 400 / 3600 * HOURLY - (trained + 100) / 6
    assert (flip.to, flip.value) == ("zero-shot", pytest.approx(saved / trained))


def test_an_update_labels_the_share_of_rows_that_is_named(three, ask) -> None:  # type: ignore[no-untyped-def]
    about = {"requests_per_month": 3e8, "months": 6, "updates_per_month": 2}
    blind, told = ask(**about), ask(**about, update_labels=0.25)
    trained = 600 / 3600 * HOURLY
    assert blind.advice.least == ("monthly_usd", "total_usd") and "at least" in sentence(blind)
    assert "update_labels" in [note.code for note in blind.notes]
    assert told.advice.prices["update_usd"] == pytest.approx(trained + 0.25 * 1000 * 0.1)
    assert not told.advice.least and "at least" not in sentence(told)
    assert "update_labels" not in [note.code for note in told.notes]
    zero = next(line for line in blind.lines if line.name == "zero-shot")
    assert not zero.least, "it has no labels"


def test_whole_machines_are_the_default(three, ask) -> None:  # type: ignore[no-untyped-def]
    found = ask(serving="always-on", requests_per_month=10_000)
    assert found.advice.monthly_usd == pytest.approx(730 * HOURLY)
    capacity = found.advice.prices["capacity"]
    assert capacity == pytest.approx(0.7 * 400 / 80)
    busy = ask(serving="always-on", requests_per_month=2 * capacity * 3600 * 730 / 3.0)
    zero = next(line for line in busy.lines if line.name == "zero-shot")
    assert zero.monthly_usd == pytest.approx(2 * 730 * HOURLY)
    assert busy.advice.name == "lora"


def test_a_machine_that_did_not_run_is_a_projection(three, ask) -> None:  # type: ignore[no-untyped-def]
    found = ask(hardware="l4", requests_per_month=10_000)
    zero = next(line for line in found.lines if line.name == "zero-shot")
    assert zero.badges["monthly_usd"] == "projected"
    assert zero.total_usd < 1e-3
    majority = next(line for line in found.lines if line.name == "majority")
    assert majority.badges["monthly_usd"] == "measured"  # no language model to project
    assert "projected" in [note.code for note in found.notes]
    with pytest.raises(UsageError, match="no machine 'l5'"):
        ask(hardware="l5")


def test_one_run_of_a_trained_strategy_only_leans(write, tiny_model, ask) -> None:  # type: ignore[no-untyped-def]
    write("lora", shares(380), model_=tiny_model(), train_rows=1000, train_seconds=600)
    write("zero-shot", shares(200), model_=tiny_model())
    found = ask()
    assert (found.verdict, found.advice.name) == ("leaning", "lora")
    assert [reason.code for reason in found.reasons] == ["runs"]
    assert found.missing.runs == {"lora": 2} and found.missing.rows == 0
    each = (600 + 10) / 3600 * HOURLY
    assert found.missing.usd == pytest.approx(2 * each)
    assert "2 more runs (lora 2) would decide" in sentence(found)


def test_a_lucky_looking_rival_needs_runs_only_if_it_is_near(write, tiny_model, ask) -> None:  # type: ignore[no-untyped-def]
    write("zero-shot", shares(380), model_=tiny_model())
    write("lora", shares(250), model_=tiny_model(), train_rows=10, train_seconds=600)
    assert ask().verdict == "decided"
    write("qlora", shares(376), model_=tiny_model(), train_rows=10, train_seconds=600)
    assert ask().missing.runs == {"qlora": 2}


def test_without_enough_rows_it_says_how_many_are_missing(write, ask) -> None:  # type: ignore[no-untyped-def]
    for seed, (name, right) in enumerate((("a", 60), ("b", 59))):
        write(name, shares(right, 75, seed))
    found = ask()
    assert (found.verdict, found.advice) == ("not enough evidence", None)
    assert [reason.code for reason in found.reasons] == ["nothing"]
    assert 300 < found.missing.rows < 20_000
    assert found.missing.usd == pytest.approx(0.1 * found.missing.rows, rel=0.05)
    assert f"{found.missing.rows:,} more test rows" in sentence(found)
    assert thresholds(found) == []


def test_the_price_of_a_label_can_be_what_is_missing(three, ask) -> None:  # type: ignore[no-untyped-def]
    found = ask(label_cost=None, requests_per_month=2e5)
    assert (found.verdict, found.advice.name) == ("leaning", "lora")
    (reason,) = found.reasons
    assert reason.code == "labels" and reason.values["to"] == "zero-shot"
    saved = 12 * 2e5 * 40 / 400 / 3600 * HOURLY - 600 / 3600 * HOURLY
    assert reason.values["usd"] == pytest.approx(saved / 1000)
    assert ask(label_cost=saved / 1000 * 1.01, requests_per_month=2e5).advice.name == "zero-shot"
    assert ask(label_cost=saved / 1000 * 0.99, requests_per_month=2e5).advice.name == "lora"


def test_what_does_not_count_says_why(write, three, ask, tiny_model) -> None:  # type: ignore[no-untyped-def]
    write("broken", shares(400), errors=5)
    write("running", shares(400), status="running")
    write("short", shares(30, 40))
    write(
        "other",
        shares(400),
        task={"name": "made", "digest": "e", "kind": "qa", "rows": {"test": 400}},
    )
    found = ask()
    reasons = {each.name.split("_")[1]: each.reason.code for each in found.excluded}
    assert reasons == {
        "broken": "errors", "running": "unfinished", "short": "few_rows", "other": "declared",
    }  # fmt: skip
    assert found.best == "lora"


def test_one_long_run_excludes_no_other(write, three, ask) -> None:  # type: ignore[no-untyped-def]
    write("long", shares(930, 1000), serve_seconds=100)
    found = ask()
    assert "long" in [line.name for line in found.lines] and found.rows == 400
    assert not found.excluded


def test_one_seed_on_fewer_rows_is_no_second_seed(write, ask, tiny_model) -> None:  # type: ignore[no-untyped-def]
    keys = {"artifact": "same", "result": "r1"}
    about = {"model_": tiny_model(), "train_seconds": 6.0}
    write("lora", shares(370), keys=keys, **about)
    write("lora", shares(350, 380), keys=keys | {"result": "r2"}, attempt=2, key="second", **about)
    write("majority", shares(160))
    found = ask()
    (lora,) = (line for line in found.lines if line.name == "lora")
    assert lora.seeds == 1
    assert [each.reason.code for each in found.excluded] == ["same_seed"]


def test_other_test_rows_are_no_evidence_though_as_many(write, ask) -> None:  # type: ignore[no-untyped-def]
    about = {"name": "made", "digest": "d", "kind": "qa", "rows": {"test": 400}}
    for name, digest in (("a", "x"), ("b", "x"), ("c", "y")):
        write(name, shares(300), task=about | {"digests": {"test": digest}})
    found = ask()
    assert {each.reason.code for each in found.excluded} == {"other_test"}
    assert [line.name for line in found.lines] == ["a", "b"]


def test_luck_is_what_three_seeds_show(write, ask, tiny_model) -> None:  # type: ignore[no-untyped-def]
    """A rival 2 points behind with one run could be ahead by 5 points of luck; by that of seeds not."""
    for seed, right in enumerate((370, 371, 372)):
        write("lora", shares(right), seed=seed, model_=tiny_model(), train_seconds=6)
    write("full", shares(362), model_=tiny_model(), train_seconds=6)
    found = ask()
    assert (found.verdict, found.advice.name) == ("decided", "lora")


def test_ceilings_are_never_ranked(write, ask, tmp_path) -> None:  # type: ignore[no-untyped-def]
    write("plain", shares(300))
    folder = write("oracle-rag", shares(400))
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    record["strategy"]["ceiling"] = True
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    found = ask()
    assert [line.name for line in found.lines] == ["plain"]
    assert [each.reason.code for each in found.excluded] == ["ceiling"]
    assert [reason.code for reason in found.reasons] == ["alone"]


def dev(score):  # type: ignore[no-untyped-def]
    return {"name": "a", "reused": False, "details": {"dev": {"exact_match": score}}}


def test_settings_are_picked_on_dev_rows_where_all_have_a_score(write, ask) -> None:  # type: ignore[no-untyped-def]
    write("lora", shares(380), parameters={"rank": 8}, artifact=dev(0.8))
    write("lora", shares(350), parameters={"rank": 32}, artifact=dev(0.9))
    found = ask()
    assert [line.name for line in found.lines] == ["lora (rank=32)"]
    assert {each.name: each.reason.code for each in found.excluded} == {"lora (rank=8)": "dev"}
    write("lora", shares(352), parameters={"rank": 64})
    found = ask()
    assert len(found.lines) == 3
    assert "picked_on_test" in [note.code for note in found.notes]


def test_the_dev_loss_stands_in_for_a_dev_score(write, ask) -> None:  # type: ignore[no-untyped-def]
    for rank, loss in ((8, 0.5), (32, 0.7)):
        trained = {"name": "a", "reused": False, "details": {"training": {"best_dev_loss": loss}}}
        write("lora", shares(350), parameters={"rank": rank}, artifact=trained)
    assert [line.name for line in ask().lines] == ["lora (rank=8)"]


def test_a_candidate_is_a_strategy_on_a_model(write, ask, tiny_model) -> None:  # type: ignore[no-untyped-def]
    write("majority", shares(100))
    write("zero-shot", shares(300), model_=tiny_model("small"))
    for name, digest in (("small", "0"), ("large", "1")):
        right = 310 if name == "small" else 380
        write(
            "few-shot",
            shares(right),
            model_=tiny_model(name, digest=digest),
            attempt=int(digest) + 1,
            key=name,
        )
    found = ask()
    assert found.model is None and found.advice.name == "few-shot · large"
    names = {"majority", "zero-shot · small", "few-shot · small", "few-shot · large"}
    assert {line.name for line in found.lines} == names
    assert found.baseline.name == "majority"
    small = ask(model="small")
    assert small.model == "small" and small.best == "few-shot"
    assert "majority" in [line.name for line in small.lines]
    with pytest.raises(UsageError, match="large"):
        ask(model="larg")


def slow(seconds: float, requests: int = 100) -> dict[str, object]:
    spent = (seconds,) * requests
    return {"requests": requests, "p50_seconds": seconds, "p95_seconds": seconds, "seconds": spent}


def probed(change: float, high: float) -> dict[str, object]:
    """A probe by which text takes more bits a byte, as shares of the 2 that it took before."""
    about = {"probe": "default", "metric": "bits_per_byte", "n": 20, "higher_is_better": False}
    after = {"change": 2 * change, "low": 0.0, "high": 2 * high, "value": 2 + 2 * change}
    scores = [
        {**about, "name": f"general-text-{language}", "adapted": adapted, **figures}
        for language in ("en", "ko")
        for adapted, figures in ((False, {"value": 2.0}), (True, after))
    ]
    return {"name": "default", "version": 1, "changed": True, "scores": scores}


@pytest.mark.parametrize(
    ("asked", "extra", "code"),
    [
        ({"max_latency": 1.0}, {}, "latency_unknown"),
        ({"max_latency": 1.0}, {"latency": slow(1.5)}, "latency"),
        ({"max_latency": 2.0}, {"latency": slow(1.5)}, None),
        ({"max_latency": 2.0}, {"latency": slow(1.5, 58)}, "latency_few"),
        ({"max_forgetting": 0.05}, {}, "forgetting_unknown"),
        ({"max_forgetting": 0.05}, {"probes": [probed(0.04, 0.08)]}, "forgetting"),
        ({"max_forgetting": 0.05}, {"probes": [probed(0.02, 0.04)]}, None),
        ({"max_forgetting": 0.0}, {"probes": [{**probed(0.0, 0.0), "changed": False}]}, None),
        ({"data_stays": "on-prem"}, {"device": {"device_class": "api"}}, "vendor"),
        ({"data_stays": "country"}, {"device": {"device_class": "api"}}, "country"),
        (
            {"data_stays": "country"},
            {"device": {"device_class": "api", "in_country": "Seoul"}},
            None,
        ),
        (
            {"data_stays": "on-prem"},
            {"device": {"device_class": "api", "in_country": "x"}},
            "vendor",
        ),
        ({"data_stays": "on-prem"}, {}, None),
        ({"licence": "commercial"}, {"licence": "CC BY-NC-SA 4.0"}, "licence"),
        ({"licence": "commercial"}, {"licence": "see the card"}, "licence_unknown"),
        ({"licence": "commercial"}, {"licence": "Gemma Terms of Use"}, None),
        ({}, {"licence": "CC BY-NC-SA 4.0", "device": {"device_class": "api"}}, None),
    ],
)
def test_what_is_not_known_is_not_passed(write, ask, tiny_model, asked, extra, code) -> None:  # type: ignore[no-untyped-def]
    licence = extra.pop("licence", "Apache-2.0")
    write("good", shares(380), model_=tiny_model(licence=licence), **extra)
    write("fine", shares(360), latency=slow(0.1), probes=[probed(0.0, 0.0)])
    found = ask(**asked)
    assert [each.reason.code for each in found.excluded if each.name == "good"] == (
        [code] if code else []
    )
    assert ("good" in [line.name for line in found.lines]) == (code is None)


def test_an_advice_says_what_adapting_broke(write, ask) -> None:  # type: ignore[no-untyped-def]
    worse, noise = probed(0.04, 0.08), probed(0.01, 0.04)
    for score in worse["scores"]:
        score |= {"low": 0.02} if score["adapted"] else {}
    write("good", shares(380), probes=[worse], latency=slow(0.1))
    write("fine", shares(100), probes=[noise], latency=slow(0.1))
    found = ask()
    (note,) = (note for note in found.notes if note.code.startswith("broke"))
    assert "general-text-en bits_per_byte 2.000 → 2.080" in note.say() and "good" in note.say()
    assert "나빠진 것" in note.say("ko")


def test_an_advice_says_where_nothing_was_shown_to_break(write, ask) -> None:  # type: ignore[no-untyped-def]
    write("good", shares(380), probes=[probed(0.01, 0.04)], latency=slow(0.1))
    write("fine", shares(100), latency=slow(0.1))
    found = ask()
    assert [note.code for note in found.notes if note.code.startswith("broke")] == ["broke_nothing"]


def test_nothing_that_fits_is_said_with_its_reasons(write, ask) -> None:  # type: ignore[no-untyped-def]
    write("a", shares(380))
    found = ask(max_latency=1.0)
    assert found.verdict == "not enough evidence"
    assert "a: its latency was not measured" in sentence(found)
    assert "a: 응답 시간을 재지 않았습니다" in sentence(found, "ko")
    json.dumps(found.as_dict(), allow_nan=False)


def test_a_floor_that_is_not_shown_to_be_reached(three, ask) -> None:  # type: ignore[no-untyped-def]
    assert ask(min_quality=0.85).verdict == "decided"
    found = ask(min_quality=0.92)
    assert [reason.code for reason in found.reasons] == ["floor"]
    assert found.missing.rows > 0
    assert ask(min_quality=0.99).missing.rows is None


def test_few_clusters_only_lean(write, ask) -> None:  # type: ignore[no-untyped-def]
    for name, right in (("a", 380), ("b", 40)):
        write(name, shares(right), clusters=np.arange(400) // 20)
    found = ask()
    assert found.clusters == 20 < CLUSTERS
    assert (found.verdict, found.reasons[0].code) == ("leaning", "clusters")
    assert found.missing.rows == 400


def test_f1_decides_where_it_is_the_primary_metric(write, ask) -> None:  # type: ignore[no-untyped-def]
    right = ["up", "down", "flat", "up"] * 100
    good = [x if i % 10 else "up" for i, x in enumerate(right)]
    for name, told in (("good", good), ("constant", ["up"] * 400)):
        write(name, [float(x == y) for x, y in zip(right, told, strict=True)],
              labels=(right, told), primary="macro_f1")  # fmt: skip
    found = ask()
    assert (found.metric, found.advice.name, found.verdict) == ("macro_f1", "good", "decided")
    assert found.lines[0].quality == pytest.approx(2 * 0.5 / 1.5 / 3)


def test_an_amount_s_margin_is_a_share_of_the_best(write, ask, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """Of an amount 1 % less than the best will do, 10 % less won't."""
    noise = np.random.default_rng(4).normal(0, 2, size=200)
    gains = {"best": 1000.0, "near": 990.0, "far": 900.0}
    for (name, mean), seconds in zip(gains.items(), (90, 60, 30), strict=True):
        write(name, mean + noise, primary="gain", unit="KRW per 1,000 cases",
              serve_seconds=seconds)  # fmt: skip
    found = ask()
    assert (found.best, found.advice.name, found.verdict) == ("best", "near", "decided")
    mean = float(np.mean(1000 + noise))
    assert found.question.margin == pytest.approx(0.05 * mean)
    assert (found.unit, found.share, found.question.margin_share, found.objective) == (
        "KRW per 1,000 cases", False, 0.05, "quality",
    )  # fmt: skip
    said = sentence(found)
    assert (
        "points" not in said and "KRW per 1,000 cases behind the best" in said and "e+" not in said
    )
    assert "원/1,000건" in sentence(found, "ko")
    (note,) = (note for note in found.notes if note.code == "margin_share")
    assert f"{0.05 * mean:,.0f} KRW per 1,000 cases" in note.say() and "5 %" in note.say()
    assert "원/1,000건" in note.say("ko")
    assert all("e+" not in line for line in thresholds(found))
    assert ask(margin_share=0.15).advice.name == "far"
    assert ask(margin=150.0).advice.name == "far"
    strict = ask(margin=1.0)
    assert strict.advice.name == "best" and strict.question.margin_share is None
    done = CliRunner().invoke(
        app, ["recommend", "--task", "made", "--results", str(tmp_path / "results"),
              "--basis", "as-used", "--margin", "10%", "--json"],
    )  # fmt: skip
    answer = json.loads(done.stdout)
    assert answer["question"]["margin"] == pytest.approx(0.1 * mean)


def test_a_share_of_nothing_is_no_margin(write, ask, tmp_path) -> None:  # type: ignore[no-untyped-def]
    for name, value in (("a", 0.0), ("b", -100.0)):
        write(name, [value] * 50 + [0.0] * 150, primary="gain")
    with pytest.raises(UsageError, match="gain is 0"):
        ask()
    assert ask(margin=1.0).best == "a"
    done = CliRunner().invoke(app, ["recommend", "--task", "made", "--margin", "some"])
    assert "no figure" in str(done.exception)


def test_points_that_are_meant_as_a_share_are_refused(write, ask) -> None:  # type: ignore[no-untyped-def]
    write("a", shares(380))
    write("b", shares(240))
    with pytest.raises(UsageError, match="2,500 points") as refused:
        ask(margin=25)
    assert "--margin 0.02" in str(refused.value.hint)


def test_a_task_without_runs_is_named(write, ask) -> None:  # type: ignore[no-untyped-def]
    write("a", shares(380))
    with pytest.raises(UsageError, match="Did you mean 'made'"):
        ask(task="mad")
    write(
        "b",
        shares(380),
        task={"name": "empty", "digest": "d", "kind": "qa", "rows": {"test": 0}},
        status="failed",
    )
    with pytest.raises(UsageError, match="no run of empty counts"):
        ask(task="empty")


@pytest.mark.parametrize("values", [{"months": 0}, {"margin": 0}, {"data_stays": "mars"}])
def test_a_wrong_question_is_explained(values) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UsageError, match=f"--{next(iter(values)).replace('_', '-')}"):
        make_question(task="t", **values)


def call(*arguments):  # type: ignore[no-untyped-def]
    return CliRunner().invoke(app, ["recommend", *map(str, arguments)])


def test_the_command_prints_a_sentence_three_rows_and_three_thresholds(three, tmp_path) -> None:  # type: ignore[no-untyped-def]
    common = ("--task", "made", "--results", tmp_path / "results", "--label-usd", "0.1",
              "--basis", "as-used", "--requests-per-month", "10000")  # fmt: skip
    english = call(*common).stdout
    assert "Take zero-shot: $" in english
    for row in ("advice: zero-shot", "runner-up: lora", "cheapest baseline:"):
        assert row in english
    for start in ("volume: above", "quality: with a margin", "updates, labels, months: "):
        assert f"  {start}" in english
    korean = call(*common, "--language", "ko").stdout
    assert "zero-shot 방식을 권합니다: 월 10,000건씩 12개월 동안" in korean
    assert "권고안: zero-shot" in korean and "요청량: 월" in korean and "품질: " in korean
    value = json.loads(call(*common, "--json").stdout)
    told = value
    assert told["verdict"] == "decided" and told["advice"]["badges"]["quality"] == "measured"
    assert isinstance(call(*common, "--language", "jp").exception, UsageError)
