"""Figures of many scored rows."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace

import pytest

from harness.errors import UsageError
from harness.metrics import abstention, classification
from harness.metrics.aggregate import aggregate, outcomes, slices
from harness.metrics.registry import check_metrics, kinds, known
from harness.metrics.statistics.resampling import wilson
from harness.types import Estimate, Scored

LABELS = ("a", "b", "c")


def label(i: int, target: str, predicted: str | None, cluster: str = "") -> Scored:
    right = target == predicted
    return Scored(
        id=str(i),
        outcome="unparsed" if predicted is None else "ok",
        target=target,
        predicted=predicted,
        correct=right,
        values={"accuracy": float(right)},
        cluster=cluster,
        columns={"sort": "even" if i % 2 == 0 else "odd"},
    )


def answer(i: int, *, right: bool, abstained: bool = False, answerable: bool = True) -> Scored:
    values = {"exact_match": float(right), "token_f1": 1.0 if right else 0.4}
    return Scored(str(i), "ok", "2년", "2년", right, abstained, answerable, values)


ROWS = [label(i, LABELS[i % 2], LABELS[i % 3] if i % 7 else None) for i in range(60)]
FAILED = replace(ROWS[0], id="failed", outcome="error", values={})


def test_errors_are_outside_n_and_unparsed_inside() -> None:
    found = aggregate([*ROWS, FAILED], kind="classification", labels=LABELS, metrics=["accuracy"])
    right = sum(row.correct for row in ROWS)
    assert found["accuracy"] == Estimate(right / 60, *wilson(right, 60), 60, "wilson")


def test_clusters_are_resampled() -> None:
    rows = [replace(row, cluster=str(i // 5)) for i, row in enumerate(ROWS)]
    found = aggregate(rows, kind="classification", labels=LABELS, metrics=["accuracy"])
    assert found["accuracy"].method == "cluster-bootstrap"


def test_corpus_metrics() -> None:
    names = ["macro_f1", "weighted_f1", "mcc"]
    found = aggregate(ROWS, kind="classification", labels=LABELS, metrics=names)
    assert list(found) == names
    assert found["macro_f1"].value == classification.macro_f1(ROWS, LABELS)
    for estimate in found.values():
        assert estimate.low is not None and estimate.value is not None and estimate.high is not None
        assert estimate.low <= estimate.value <= estimate.high


def test_f1_leaves_out_labels_that_do_not_occur() -> None:
    rows = [label(0, "a", "a"), label(1, "b", "b")]
    assert classification.macro_f1(rows, LABELS) == 1.0
    assert classification.macro_f1([*rows, label(2, "b", None)], LABELS) < 1.0


def test_one_label_alone_has_no_correlation(recwarn: pytest.WarningsRecorder) -> None:
    assert classification.mcc([label(i, "a", "a") for i in range(3)]) == 0.0
    assert not recwarn


def test_questions() -> None:
    rows = [answer(i, right=i < 6) for i in range(10)]
    rows += [answer(10, right=False, abstained=True)]
    rows += [answer(i, right=i < 14, abstained=i < 14, answerable=False) for i in range(11, 16)]
    names = ["exact_match", "token_f1", "accuracy", *(metric.name for metric in abstention.METRICS)]
    found = aggregate(rows, kind="qa", labels=(), metrics=names)
    assert found["exact_match"].value == pytest.approx(9 / 16)
    assert found["token_f1"].method == "cluster-bootstrap"
    assert (found["abstention_recall"].value, found["abstention_recall"].n) == (0.6, 5)
    assert (found["abstention_precision"].value, found["abstention_precision"].n) == (0.75, 4)
    assert (found["false_abstention"].value, found["false_abstention"].n) == (1 / 11, 11)


def test_no_rows() -> None:
    names = ["accuracy", "macro_f1", "somebody's"]
    found = aggregate([FAILED], kind="classification", labels=LABELS, metrics=names)
    assert set(found.values()) == {Estimate(None, None, None, 0, "no rows")}
    answerable = aggregate(
        [answer(1, right=True)], kind="qa", labels=(), metrics=["abstention_recall"]
    )
    assert answerable["abstention_recall"].n == 0


def test_records_without_text() -> None:
    rows = [replace(row, target="", predicted=None) for row in ROWS]
    found = aggregate(rows, kind="classification", labels=LABELS, metrics=["macro_f1", "accuracy"])
    assert found["macro_f1"] == Estimate(None, None, None, 60, "labels not stored")
    assert found["accuracy"].value is not None


def test_plug_ins_are_found_in_the_values() -> None:
    rows = [replace(row, values={"mine": 3.0 + i}) for i, row in enumerate(ROWS)]
    rows[0] = replace(rows[0], values={"mine": math.nan})
    found = aggregate(rows, kind="classification", labels=LABELS, metrics=["mine"])["mine"]
    assert found.n == 59
    assert found.value == pytest.approx(33.0)


def test_unknown_names_and_kinds() -> None:
    with pytest.raises(UsageError, match="Did you mean 'macro_f1'"):
        aggregate(ROWS, kind="classification", labels=LABELS, metrics=["macro_f2"])
    with pytest.raises(UsageError, match="not for tasks of kind 'qa'"):
        check_metrics(["macro_f1"], kind="qa")
    with pytest.raises(UsageError, match="unknown metric"):
        slices(ROWS, ["sort"], kind="classification", labels=LABELS, metrics=["nothing"])
    check_metrics(["mine", "accuracy"], kind="qa", plugins=["mine"])


def test_slices() -> None:
    found = slices(ROWS, ["sort", "absent"], kind="classification", labels=LABELS, metrics=["mcc"])
    assert list(found) == ["sort=even", "sort=odd"]
    assert sum(estimates["mcc"].n for estimates in found.values()) == 60


def test_a_slice_of_errors_has_no_rows() -> None:
    lost = replace(FAILED, columns={"sort": "lost"})
    found = slices([*ROWS, lost], ["sort"], kind="classification", labels=LABELS, metrics=["mcc"])
    assert found["sort=lost"]["mcc"].method == "no rows"


def test_outcomes_name_all() -> None:
    rows = [*ROWS, FAILED, answer(99, right=True, abstained=True, answerable=False)]
    found = outcomes(rows)
    assert list(found) == ["ok", "unparsed", "refused", "truncated", "error", "abstained"]
    assert found["error"] == found["abstained"] == 1
    assert sum(found.values()) - found["abstained"] == len(rows)


LOWER_IS_BETTER = {
    "false_abstention", "expected_loss", "wrong_pay", "wrong_deny", "handover", "amount_error",
    "injections_obeyed", "bits_per_byte", "aurc", "scale_error",
}  # fmt: skip


def test_known_metrics_say_what_they_are() -> None:
    for name, info in known().items():
        assert info.summary
        groups = {"all", "answer"}.union(*(kind.groups for kind in kinds().values()))
        assert info.kinds <= {*kinds(), *groups}
        assert info.higher_is_better is (name not in LOWER_IS_BETTER)


def test_importing_is_light() -> None:
    code = (
        "import sys, harness.metrics.aggregate, harness.metrics.score, harness.metrics.statistics\n"
        "print([name for name in ('sklearn', 'scipy', 'kiwipiepy', 'pandas') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
