"""The upper bound of a quantile holds as often as it says, and isn't made up of few values."""

import numpy as np
import pytest

from harness.metrics.statistics.quantiles import upper_bound


def test_fewer_than_59_values_bound_no_95th_percentile():
    assert upper_bound([]) is None
    assert upper_bound([1.0] * 58) is None
    assert upper_bound([float(n) for n in range(59)]) == 58


def test_of_a_hundred_the_second_largest_is_no_bound_but_the_largest_but_one_is_close():
    values = [float(n) for n in range(1, 101)]
    assert upper_bound(values) == 99
    assert upper_bound(values, share=0.5) == pytest.approx(59, abs=1)


@pytest.mark.parametrize(("n", "share"), [(59, 0.95), (100, 0.95), (300, 0.95), (100, 0.5)])
def test_it_covers_as_often_as_it_says(n, share):
    random = np.random.default_rng(0)
    true = -np.log(1 - share)
    held = np.mean([upper_bound(random.exponential(size=n), share) >= true for _ in range(2000)])
    assert 0.94 <= held <= 1.0
