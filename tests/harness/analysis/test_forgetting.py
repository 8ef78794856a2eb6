"""What adapting broke, of records: means over seeds, verdicts, over-fitting, the worst language."""

import pytest

from harness.analysis.forgetting import changes_of, forgetting_of, gap_of, keeps_weights, probes_of
from harness.records.reading import read_record


def score(name, metric="accuracy", adapted=True, **figures):
    better = metric != "bits_per_byte"
    about = {"probe": "default", "name": name, "metric": metric, "adapted": adapted, "n": 40}
    return about | {"higher_is_better": better, "value": 0.5} | figures


def pair(name, metric, before, after, half):
    change = after - before
    ends = {"change": change, "low": change - half, "high": change + half, "value": after}
    return [score(name, metric, False, value=before), score(name, metric, **ends)]


@pytest.fixture
def record(write, tiny_model):
    def make(scores, seed=0, changed=True, **extra):
        probe = {"name": "default", "version": 1, "changed": changed, "scores": scores}
        probe["missing"] = {"task:a": "it isn't here"}
        values = {"model_": tiny_model(), "probes": [probe], "seed": seed} | extra
        return read_record(write("lora", [1, 0], **values))

    return make


def test_a_change_is_worse_better_or_noise(record):
    pairs = [
        pair("general-choice-en", "accuracy", 0.5, 0.4, 0.05),
        pair("general-choice-ko", "accuracy", 0.5, 0.4, 0.15),
        pair("general-text-en", "bits_per_byte", 1.0, 0.9, 0.05),
        pair("instructions-en", "obeyed", 0.2, 0.5, 0.1),
    ]
    changes = changes_of([record([each for two in pairs for each in two])])
    assert [change.verdict for change in changes] == ["worse", "noise", "better", "better"]


def test_several_seeds_give_means(record):
    two = [pair("instructions-en", "obeyed", 0.5, after, 0.1) for after in (0.4, 0.2)]
    (change,) = changes_of([record(scores, seed) for seed, scores in enumerate(two)])
    assert (change.before, change.after) == pytest.approx((0.5, 0.3))
    assert (change.low, change.high) == pytest.approx((-0.3, -0.1))


def test_forgetting_is_of_the_language_that_rises_most_as_a_share(record):
    english = pair("general-text-en", "bits_per_byte", 1.0, 1.1, 0.02)
    korean = pair("general-text-ko", "bits_per_byte", 4.0, 4.2, 0.1)
    choice = pair("general-choice-en", "accuracy", 0.5, 0.1, 0.1)
    found = forgetting_of([record([*english, *korean, *choice])])
    assert (found.name, found.change, found.high) == (
        "general-text-en", pytest.approx(0.1), pytest.approx(0.12),
    )  # fmt: skip
    assert forgetting_of([record(choice, seed=1)]) is None


def test_overfitting_is_train_less_test(record):
    rows = [score(f"rows-{n}", value=v, stderr=0.03) for n, v in (("train", 0.9), ("dev", 0.8))]
    rows.append(score("rows-test", value=0.7, stderr=0.04))
    gap = gap_of([record(rows)])
    assert gap.values == {"train": 0.9, "dev": 0.8, "test": 0.7}
    assert gap.difference == pytest.approx(0.2)
    assert (gap.low, gap.high) == pytest.approx((0.2 - 1.96 * 0.05, 0.2 + 1.96 * 0.05), abs=0.02)
    assert gap_of([record(rows[:2], seed=1)]) is None


def test_forty_of_forty_rows_are_not_certain(record):
    rows = [
        score("rows-train", value=1.0, stderr=0.0, n=40),
        score("rows-test", value=0.8, stderr=0.02),
    ]
    gap = gap_of([record(rows)])
    assert gap.low == pytest.approx(0.2 - 0.096, abs=0.005)  # of which .088 is Wilson's of 40 of 40
    unknown = [score("rows-train", value=1.0, stderr=None), *rows[1:]]
    assert gap_of([record(unknown, seed=1)]) is None


def test_only_a_probe_knows_that_weights_are_kept(record):
    assert not keeps_weights(record([]))
    assert keeps_weights(record([], seed=1, changed=False))
    assert not keeps_weights(record([], seed=2, probes=[]))
    assert keeps_weights(record([], seed=3, probes=[], model_=None))


def test_a_summary_says_what_wasnt_looked_at(record):
    shown = probes_of(record(pair("instructions-en", "obeyed", 0.5, 0.4, 0.2)))
    assert shown["missing"] == {"task:a": "it isn't here"}
    assert shown["changes"][0]["verdict"] == "noise" and shown["forgetting"] is None
    assert probes_of(record([], seed=1, probes=[])) is None
