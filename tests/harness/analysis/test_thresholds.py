"""Thresholds of a comparison: what fails, what passes, what isn't known, and the files."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from typer.testing import CliRunner

from harness.analysis.compare import compare_runs, compare_seeds, open_sides
from harness.analysis.thresholds import check_thresholds, junit, markdown, parse_thresholds
from harness.cli import app
from harness.errors import ThresholdCrossed, UsageError


def judge(text, a, b, **options):  # type: ignore[no-untyped-def]
    compared = compare_runs(a, b, **options)
    return check_thresholds(parse_thresholds(text), compared, *open_sides(a, b))


def shares(right, n=400):  # type: ignore[no-untyped-def]
    return [float(i < right) for i in range(n)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("quality", "no threshold"), ("quality=-2%", "without %"), ("cost=0.1", "with %"),
        ("quality=0.02", "for the worse"), ("cost=-10%", "for the worse"), ("qualty=-1", "quality"),
        (" , ", "names no threshold"),
    ],
)  # fmt: skip
def test_a_wrong_threshold_is_explained(text, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UsageError, match=message):
        parse_thresholds(text)


def test_thresholds_are_read_and_written_alike() -> None:
    thresholds = parse_thresholds("quality=-0.02, cost=+10%,seconds=5%")
    assert [each.text for each in thresholds] == ["quality=-0.02", "cost=+10%", "seconds=+5%"]
    assert [each.limit for each in thresholds] == [-0.02, 0.1, 0.05]


def test_quality_fails_only_where_the_whole_interval_is_beyond(write) -> None:  # type: ignore[no-untyped-def]
    good, worse, bad = write("a", shares(360)), write("b", shares(350)), write("c", shares(280))
    assert judge("quality=-0.02", bad, good)[0].verdict == "failed"
    assert judge("quality=-0.02", good, bad)[0].verdict == "passed"
    unsure = judge("quality=-0.02", worse, good)[0]
    assert unsure.verdict == "inconclusive" and unsure.low < -0.02 < unsure.high
    assert "more rows would decide" in unsure.reason
    assert judge("quality=-0.1", worse, good)[0].verdict == "passed"


def test_more_rows_decide_as_was_said(write) -> None:  # type: ignore[no-untyped-def]
    drawn = np.random.default_rng(1).random((4000, 2))
    a, b = (drawn[:, 0] < 0.84), np.where(drawn[:, 1] < 0.1, drawn[:, 0] < 0.8, drawn[:, 0] < 0.9)
    small = [write(name, side[:300].astype(float)) for name, side in (("a", a), ("b", b))]
    unsure = judge("quality=-0.02", *small)[0]
    wanted = int(unsure.reason.split()[0].replace(",", ""))
    assert unsure.verdict == "inconclusive" and 300 < wanted < 3000
    big = [write(n, side[: 300 + wanted].astype(float)) for n, side in (("A", a), ("B", b))]
    assert judge("quality=-0.02", *big)[0].verdict == "failed"


def test_counted_cost_is_compared_by_row(write, tiny_model) -> None:  # type: ignore[no-untyped-def]
    random = np.random.default_rng(2)
    lengths = random.integers(80, 200, size=300)
    sides = {
        "old": lengths, "same": lengths, "dear": lengths * 1.5,
        "near": np.maximum(1, lengths * (1.1 + 0.2 * random.normal(size=300))),
    }  # fmt: skip
    runs = {
        name: write(name, shares(200, 300), tokens=tokens, model_=tiny_model())
        for name, tokens in sides.items()
    }
    for kind in ("cost", "tokens", "flops"):
        same, dear, near = (
            judge(f"{kind}=+10%", runs[name], runs["old"])[0] for name in ("same", "dear", "near")
        )
        assert (same.verdict, same.value, same.low, same.high) == ("passed", 0, 0, 0)
        assert dear.verdict == "failed" and dear.value > 0.48
        assert near.verdict == "inconclusive" and near.low < 0.1 < near.high
    assert "FLOPs" in judge("cost=+10%", runs["same"], runs["old"])[0].reason


def test_without_sizes_tokens_are_the_cost_and_without_tokens_nothing_is(write, tiny_model) -> None:  # type: ignore[no-untyped-def]
    api = [
        write(name, shares(200), tokens=count, model_=tiny_model(architecture=None))
        for name, count in (("a", 100), ("b", 80))
    ]
    made = judge("cost=+10%,flops=+10%", *api)
    assert (made[0].verdict, made[0].value) == ("failed", pytest.approx(0.25))
    assert made[1].verdict == "inconclusive" and "sizes" in made[1].reason
    classifier = write("tfidf", shares(200))
    assert "no tokens" in judge("cost=+10%", classifier, api[0])[0].reason


def test_seconds_need_repeats_on_one_class_of_machine(write, tiny_model) -> None:  # type: ignore[no-untyped-def]
    slow = [
        write("a", shares(9, 10), attempt=i, serve_seconds=20 + i, model_=tiny_model())
        for i in (1, 2, 3)
    ]
    fast = [
        write("b", shares(9, 10), attempt=i, serve_seconds=10 + i, model_=tiny_model())
        for i in (1, 2)
    ]
    few = judge("seconds=+10%", slow[0], fast[0])[0]
    assert few.verdict == "inconclusive" and "3 and 2 repeats" in few.reason
    fast.append(write("b", shares(9, 10), attempt=3, serve_seconds=13, model_=tiny_model()))
    made = judge("seconds=+10%", slow[0], fast[0])[0]
    assert made.verdict == "failed" and made.value == pytest.approx((21 * 22 * 23) ** (1 / 3) / (11 * 12 * 13) ** (1 / 3) - 1)  # fmt: skip
    elsewhere = write("c", shares(9, 10), provenance={"machine": {"cpu": "other", "threads": 2}})
    assert "different machines" in judge("seconds=+10%", elsewhere, fast[0])[0].reason


def test_seconds_beside_another_run_are_no_repeats(write, tiny_model) -> None:  # type: ignore[no-untyped-def]
    slow, fast = (
        [
            write(name, shares(9, 10), attempt=i, serve_seconds=seconds + i, model_=tiny_model(),
                  shared=name == "b" and i == 3)
            for i in (1, 2, 3)
        ]
        for name, seconds in (("a", 20), ("b", 10))
    )  # fmt: skip
    made = judge("seconds=+10%", slow[0], fast[0])[0]
    assert made.verdict == "inconclusive"
    assert "3 and 2 repeats, 1 more shared the machine" in made.reason
    assert judge("tokens=+10%", slow[0], fast[0])[0].verdict == "passed"  # counted, not timed
    said = compare_runs(slow[0], fast[2])["warnings"]
    assert any("another run was on the machine" in each for each in said)


def test_a_figure_of_counts_can_be_the_quality(write) -> None:  # type: ignore[no-untyped-def]
    right = ["up", "down"] * 100
    bad = [label if i % 3 else "up" for i, label in enumerate(right)]
    made = [
        write(name, [float(x == y) for x, y in zip(right, told, strict=True)], labels=(right, told))
        for name, told in (("bad", bad), ("good", right))
    ]
    found = compare_runs(*made, metric="macro_f1")
    assert found["metric"] == "macro_f1" and found["high"] < 0
    assert judge("quality=-0.02", *made, metric="macro_f1")[0].verdict == "failed"


def test_settings_are_compared_over_all_their_seeds(write) -> None:  # type: ignore[no-untyped-def]
    random = np.random.default_rng(5)
    lora = [write("lora", (random.random(400) < 0.8).astype(float), seed=s) for s in (0, 1, 2)]
    other = write("zero-shot", (random.random(400) < 0.6).astype(float))
    found = compare_seeds(lora[1], other)
    assert (found["seeds"], found["n"], found["a"]) == ([3, 1], 400, lora[1].name)
    mean = np.mean([compare_runs(run, other)["difference"] for run in lora])
    assert found["difference"] == pytest.approx(mean)
    assert 0.1 < found["low"] < found["difference"] < found["high"]
    assert "seeds crossed" in found["method"] and found["p_value"] < 1e-6
    assert call(lora[0], other, "--seeds", "--fail-on", "quality=-0.02").exit_code == 0
    with pytest.raises(UsageError, match="over seeds"):
        compare_seeds(lora[0], other, metric="macro_f1")


def test_files_for_a_build_server_and_a_pull_request(write) -> None:  # type: ignore[no-untyped-def]
    a, b = write("a", shares(280)), write("b", shares(360))
    compared = compare_runs(a, b)
    results = judge("quality=-0.02,cost=+10%", a, b)
    suite = ET.fromstring(junit(compared, results, strict=False))[0]
    assert {k: suite.get(k) for k in ("tests", "failures", "skipped")} == {
        "tests": "2", "failures": "1", "skipped": "1",
    }  # fmt: skip
    cases = {case.get("name"): case for case in suite}
    assert "fell by more" in cases["quality=-0.02"].find("failure").get("message")
    assert cases["cost=+10%"].find("skipped") is not None
    strict = ET.fromstring(junit(compared, results, strict=True))[0]
    assert (strict.get("failures"), strict.get("skipped")) == ("2", "0")
    text = markdown(compared, results)
    assert "| `quality=-0.02` | ❌ failed | -0.200 " in text
    assert f"**{a.name}** minus **{b.name}**" in text.replace("\\_", "_")
    assert "threshold" not in markdown(compared, [])


def test_hostile_names_act_in_neither_file(write) -> None:  # type: ignore[no-untyped-def]
    a, b = write("a", shares(280)), write("b", shares(360))
    hostile = '\x1b[31m\x00\u202e</testsuite>"&|\n# x <img src=x> [a](javascript:b) **c**'
    compared = compare_runs(a, b) | {"task": hostile, "a": hostile, "warnings": [hostile]}
    results = judge("quality=-0.02", a, b)
    suite = ET.fromstring(junit(compared, results, strict=False))[0]
    assert suite[0].get("classname").startswith("\\x1b[31m\\x00\\u202e</testsuite>")
    text = markdown(compared, results)
    assert not {"\x1b", "\x00", "\u202e"} & set(text)
    assert "<img" not in text and "[a](" not in text and "\n# x" not in text and "**c**" not in text


def call(*arguments):  # type: ignore[no-untyped-def]
    return CliRunner().invoke(app, ["compare", *map(str, arguments)])


def test_exit_codes_and_one_json_object(write, tmp_path) -> None:  # type: ignore[no-untyped-def]
    a, b = write("a", shares(280)), write("b", shares(360))
    done = call(a, b, "--fail-on", "quality=-0.02", "--json", "--junit", tmp_path / "x" / "g.xml")
    assert done.exit_code == 6
    assert json.loads(done.stdout)["exit_code"] == 6
    assert (tmp_path / "x" / "g.xml").is_file()
    failed = call(a, b, "--fail-on", "quality=-0.02")
    assert isinstance(failed.exception, ThresholdCrossed)
    assert "failed" in failed.stdout
    assert call(b, a, "--fail-on", "quality=-0.02").exit_code == 0
    assert call(a, b, "--fail-on", "cost=+10%").exit_code == 0  # nothing counted: inconclusive
    assert call(a, b, "--fail-on", "cost=+10%", "--strict", "--json").exit_code == 6
    assert isinstance(call(a, b, "--junit", "x.xml").exception, UsageError)


@pytest.mark.slow
def test_two_runs_of_the_same_skill_seldom_fail(record_to, tiny_model, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """200 pairs, half of them with 5 wordings a fact: at most 2 % fail."""
    random, failed = np.random.default_rng(3), 0
    for pair in range(200):
        rows, clusters = 300, None
        skill = random.beta(6, 2, size=rows)
        if pair % 2:
            clusters = np.arange(rows) // 5
            skill = random.beta(6, 2, size=rows // 5)[clusters]
        runs = [
            record_to(
                tmp_path / str(pair), name, (random.random(rows) < skill).astype(float),
                clusters=clusters, tokens=random.integers(80, 200, size=rows), model_=tiny_model(),
            )
            for name in "ab"
        ]  # fmt: skip
        failed += any(r.verdict == "failed" for r in judge("quality=-0.02,cost=+10%", *runs))
    assert failed <= 4
