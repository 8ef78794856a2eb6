"""Prediction-powered means: against ppi-python, and by simulation of studies with a known truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.metrics.statistics.prediction_powered import grades_needed, prediction_powered

BY_PPI_PYTHON = [  # version 0.2.3: estimate and 95 % interval with a weight of 0, of 1, and tuned
    (30, 170, 0.9, 0.6, 0.43333333333333335, 0.2560114457146739, 0.6106552209519929,
     0.5745098039215686, 0.4393303761617158, 0.7096892316814214,
     0.5258173076923077, 0.40496909619373955, 0.6466655191908759),
    (60, 340, 0.8, 0.35, 0.31666666666666665, 0.19896301294807112, 0.4343703203852622,
     0.40294117647058825, 0.2830357494279342, 0.5228466035132423,
     0.3564149305555556, 0.25789803218620083, 0.4549318289249104),
    (150, 250, 0.95, 0.9, 0.9, 0.8519908832364469, 0.9480091167635532,
     0.8906666666666666, 0.8409649387158189, 0.9403683946175143,
     0.8955789607235424, 0.8605533887114167, 0.930604532735668),
    (40, 360, 0.5, 0.5, 0.525, 0.37024504907672606, 0.679754950923274,
     0.39999999999999997, 0.21742766280531067, 0.5825723371946893,
     0.4868217636022514, 0.340667785564721, 0.6329757416397818),
]  # fmt: skip
Z = 1.959963984540054


def drawn(seed, graded, others, accuracy, share):
    random = np.random.default_rng(seed)
    rows = graded + others
    truth = (random.random(rows) < share).astype(float)
    predicted = np.where(random.random(rows) < accuracy, truth, 1 - truth)
    return truth, predicted


def hidden(truth, graded):
    grades = truth.copy()
    grades[graded:] = np.nan
    return grades


def normal_ends(found):
    """The ends by ppi-python's rule: a normal quantile, variances divided by n, no row added."""
    n = found.graded
    half = Z * math.sqrt(found.error**2 * (n - 1) / n - (found.weight / n) ** 2)
    return found.value, found.value - half, found.value + half


@pytest.mark.parametrize(("seed", "row"), list(enumerate(BY_PPI_PYTHON)))
def test_figures_are_those_of_ppi_python(seed, row):
    graded, others, *rest = row
    truth, predicted = drawn(seed, graded, others, *rest[:2])
    grades, clusters = hidden(truth, graded), np.arange(len(truth))
    for at, weight in enumerate((0.0, 1.0, None)):
        found = prediction_powered(grades, predicted, clusters, weight=weight, share=False)
        assert normal_ends(found) == pytest.approx(rest[2 + 3 * at : 5 + 3 * at], abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_the_same_where_ppi_python_is_installed(seed):
    ppi = pytest.importorskip("ppi_py", reason="pip install ppi-python")
    truth, predicted = drawn(seed, 50, 200, 0.85, 0.4)
    found = prediction_powered(hidden(truth, 50), predicted, np.arange(250), share=False)
    ends = ppi.ppi_mean_ci(truth[:50], predicted[:50], predicted[50:], alpha=0.05)
    assert normal_ends(found)[1:] == pytest.approx([float(np.squeeze(end)) for end in ends])


shares = st.floats(0, 1, width=32)


@given(st.lists(st.tuples(shares, shares, st.integers(0, 9)), min_size=12, max_size=40), st.data())
def test_any_sample_has_an_interval_around_its_estimate(rows, data):
    grades, predicted, groups = map(np.array, zip(*rows, strict=True))
    clusters = np.unique(groups, return_inverse=True)[1]
    graded = data.draw(st.integers(1, len(rows)))
    grades[graded:] = np.nan
    if len(set(clusters[:graded])) < 2:
        with pytest.raises(ValueError, match="no sample"):
            prediction_powered(grades, predicted, clusters)
        return
    found = prediction_powered(grades, predicted, clusters)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert 0 <= found.weight <= 1 and found.graded == graded
    order = data.draw(st.permutations(range(len(rows))))
    again = prediction_powered(grades[order], predicted[order], clusters[order])
    assert (again.value, again.error) == pytest.approx((found.value, found.error))
    if graded == len(rows):
        assert (found.weight, found.value) == (0.0, pytest.approx(grades.mean()))


def test_predictions_that_say_nothing_get_no_weight():
    truth, _ = drawn(1, 60, 340, 1.0, 0.6)
    for predicted in (np.full(400, 0.7), 1 - truth):
        found = prediction_powered(hidden(truth, 60), predicted, np.arange(400))
        assert found.weight == 0 and found.value == truth[:60].mean()


def test_rows_of_one_cluster_count_together():
    truth, predicted = drawn(2, 60, 340, 0.9, 0.6)
    grades = hidden(np.repeat(truth[::5], 5), 60)
    alone = prediction_powered(grades, predicted, np.arange(400))
    together = prediction_powered(grades, predicted, np.arange(400) // 5)
    assert together.value == alone.value and together.error > 1.5 * alone.error


STUDIES = [  # share of right answers, how often a prediction is right of right and of wrong ones
    (0.5, 0.9, 0.9), (0.9, 0.98, 0.9), (0.95, 0.6, 0.95), (0.7, 0.5, 0.5), (0.95, 0.99, 0.99),
]  # fmt: skip


def study(random, graded, rows, kind, each=1, together=0.0):
    """Rows in clusters of ``each``, alike in a share ``together``; the graded ones are drawn."""
    share, of_right, of_wrong = kind
    shape = (rows // each, each)

    def uniform():
        alike = np.broadcast_to(random.random((shape[0], 1)), shape)
        return np.where(random.random(shape) < together, alike, random.random(shape)).ravel()

    truth = (uniform() < share).astype(float)
    says = uniform()
    predicted = np.where(truth == 1, says < of_right, says < 1 - of_wrong).astype(float)
    order = random.permutation(rows)
    return truth[order], predicted[order], (np.arange(rows) // each)[order]


def measured(kind, graded, each, together, studies, rows=400):
    """How often the interval covers, and how wide it is on average, tuned and by the grades alone."""
    random = np.random.default_rng(3)
    covers, widths = np.zeros(2), np.zeros(2)
    for _ in range(studies):
        truth, predicted, clusters = study(random, graded, rows, kind, each, together)
        for at, weight in enumerate((None, 0.0)):
            found = prediction_powered(hidden(truth, graded), predicted, clusters, weight=weight)
            covers[at] += found.low <= kind[0] <= found.high
            widths[at] += found.high - found.low
    return covers / studies, widths / studies


@pytest.mark.parametrize("kind", STUDIES)
def test_tuned_intervals_cover_and_are_not_longer(kind):
    covers, widths = measured(kind, 60, 1, 0.0, 300)
    assert covers[0] >= 0.92
    assert widths[0] <= 1.005 * widths[1]
    if kind == STUDIES[0]:
        assert widths[0] < 0.75 * widths[1], "a good prediction shortens the interval"


def test_errors_that_no_grade_shows_are_allowed_for():
    """A judge that is nearly always right, of very many rows: without the added row .75 cover."""
    covers, _ = measured((0.95, 0.99, 0.99), 30, 1, 0.0, 200, rows=5000)
    assert covers[0] >= 0.94


@pytest.mark.slow
@pytest.mark.parametrize("kind", STUDIES)
@pytest.mark.parametrize("graded", [30, 60, 150, 200])
@pytest.mark.parametrize(("each", "together"), [(1, 0.0), (5, 0.6)])
def test_tuned_intervals_cover_as_they_claim(kind, graded, each, together):
    covers, widths = measured(kind, graded, each, together, 1500)
    # Of alike clusters with nearly all right the grades alone cover in .92, too.
    assert covers[0] >= 0.91 and covers[0] >= min(0.93, covers[1] - 0.01)
    assert widths[0] <= 1.005 * widths[1]


def decided(kind, each, together, studies, gap):
    """How many grades a first study of 150 asks for, and how often those tell the mean from a gap."""
    random, asked, told = np.random.default_rng(5), [], []
    for _ in range(studies):
        truth, predicted, clusters = study(random, 150, 3000, kind, each, together)
        asked.append(grades_needed(hidden(truth, 150), predicted, clusters, gap=gap))
    count = int(np.median([3001 if each is None else each for each in asked]))
    for _ in range(studies):
        truth, predicted, clusters = study(random, count, 3000, kind, each, together)
        found = prediction_powered(hidden(truth, count), predicted, clusters, share=False)
        told.append(not found.low <= kind[0] - gap <= found.high)
    return count, np.mean(told)


@pytest.mark.parametrize(("each", "together"), [(1, 0.0), (5, 0.6)])
def test_as_many_grades_as_are_said_decide(each, together):
    count, share = decided((0.6, 0.9, 0.85), each, together, 150, 0.08)
    assert 60 < count < 400
    assert 0.7 <= share <= 0.9


def test_no_number_decides_where_the_rows_are_too_few():
    truth, predicted = drawn(4, 60, 40, 0.9, 0.5)
    grades, clusters = hidden(truth, 60), np.arange(100)
    assert grades_needed(grades, predicted, clusters, gap=0.02) is None
    assert (
        grades_needed(np.where(np.isfinite(grades), 1.0, np.nan), predicted, clusters, gap=0.1)
        is None
    )
    few = grades_needed(grades, predicted, clusters, gap=0.3)
    more = grades_needed(grades, predicted, clusters, gap=0.2)
    assert few is not None and more is not None and few < more <= 100
