"""Holm, letters, wins over tasks: against statsmodels, by property and by example."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from harness.metrics.statistics.multiple import (
    Record,
    all_pairs,
    compact_letters,
    holm,
    wins_ties_losses,
)
from harness.metrics.statistics.paired import paired_counts, paired_difference
from harness.metrics.statistics.seeds import crossed


@pytest.mark.parametrize(
    "p_values", [[0.2], [0.04, 0.01, 0.03, 0.0], [0.5, 0.02, 0.02, 1.0, 0.011]]
)
def test_holm_is_statsmodels(p_values: list[float]) -> None:
    np.testing.assert_allclose(holm(p_values), multipletests(p_values, method="holm")[1])


def test_nothing_to_adjust() -> None:
    assert holm([]) == []
    assert compact_letters([], []) == {}


@settings(deadline=None, max_examples=50)
@given(st.sets(st.sampled_from(list(itertools.combinations("pqrstu", 2)))))
def test_letters_say_exactly_what_differs(different: set[tuple[str, str]]) -> None:
    letters = compact_letters("pqrstu", different)
    for pair in itertools.combinations("pqrstu", 2):
        shared = set(letters[pair[0]]) & set(letters[pair[1]])
        assert bool(shared) == (pair not in different)
    # No letter holds a part of what another holds.
    holders = [{n for n in letters if x in letters[n]} for x in {*"".join(letters.values())}]
    assert not any(a < b for a in holders for b in holders)


def test_letters_of_the_textbook_case() -> None:
    """Piepho's example has a chain: neighbours tie, the ends don't."""
    names = ["t1", "t2", "t3", "t4"]
    assert compact_letters(names, [("t1", "t3"), ("t1", "t4"), ("t2", "t4")]) == {
        "t1": "a", "t2": "ab", "t3": "bc", "t4": "c",
    }  # fmt: skip
    assert compact_letters(names, []) == dict.fromkeys(names, "a")


def test_more_columns_than_letters_of_the_alphabet() -> None:
    names = [f"n{i}" for i in range(30)]
    letters = compact_letters(names, list(itertools.combinations(names, 2)))
    assert len(set(letters.values())) == 30
    assert letters["n26"] == "a1"


def runs(*shares, n=300, seed=0):  # type: ignore[no-untyped-def]
    draw = np.random.default_rng(seed).random(n)
    return {f"r{s}": [{str(i): float(x < s) for i, x in enumerate(draw)}] for s in shares}


def test_pairs_are_adjusted_and_lettered() -> None:
    made = all_pairs(runs(0.9, 0.895, 0.5), {})
    assert made.letters == {"r0.9": "a", "r0.895": "a", "r0.5": "b"}
    plain = paired_difference(*runs(0.9)["r0.9"], *runs(0.895)["r0.895"], {})
    assert made.pairs["r0.9", "r0.895"].p_value == pytest.approx(plain.p_value)  # the largest
    assert made.pairs["r0.9", "r0.5"].method.endswith("mcnemar-exact, holm")


def test_what_seeds_add_is_counted() -> None:
    rows = [runs(share, seed=seed)[f"r{share}"][0] for seed, share in enumerate((0.9, 0.6, 0.75))]
    other = runs(0.6, seed=3)["r0.6"]
    made = all_pairs({"x": rows, "y": other}, {}).pairs["x", "y"]
    alone = crossed(rows, {}, other)
    assert (made.low, made.high, made.p_value) == (alone.low, alone.high, alone.p_value)
    assert "seeds crossed with items" in made.method
    mean = {name: sum(run[name] for run in rows) / 3 for name in rows[0]}
    without = paired_difference(mean, *other, {})
    assert made.high - made.low > 1.2 * (without.high - without.low)


def test_wins_are_counted_over_tasks_and_metrics_are_not_averaged() -> None:
    tasks = [
        all_pairs({"x": r["r0.9"], "y": r["r0.5"], "z": r["r0.495"]}, {})
        for r in (runs(0.9, 0.5, 0.495), runs(0.9, 0.5, 0.495, seed=1))
    ]
    tasks.append(all_pairs({"x": runs(0.2)["r0.2"], "y": runs(0.8)["r0.8"]}, {}))
    assert wins_ties_losses(tasks) == {
        "x": Record(wins=4, ties=0, losses=1),
        "y": Record(wins=1, ties=2, losses=2),
        "z": Record(wins=0, ties=2, losses=2),
    }


def test_mcnemar_is_statsmodels() -> None:
    random = np.random.default_rng(2)
    a, b = (random.random(120) < 0.7).astype(int), (random.random(120) < 0.6).astype(int)
    crossing = np.histogram2d(a, b, bins=2)[0]
    found = paired_difference(
        {str(i): float(x) for i, x in enumerate(a)}, {str(i): float(x) for i, x in enumerate(b)}, {}
    )
    assert found.p_value == pytest.approx(mcnemar(crossing, exact=True).pvalue)


def labels(share, seed, n=240):  # type: ignore[no-untyped-def]
    random = np.random.default_rng(seed)
    right = {str(i): "abc"[i % 3] for i in range(n)}
    return right, {k: v if random.random() < share else "a" for k, v in right.items()}


def test_figures_of_counts_are_paired_by_swapping_clusters() -> None:
    right, good = labels(0.9, 1)
    _, bad = labels(0.6, 2)
    of = {name: str(int(name) // 3) for name in right}
    found = paired_counts(good, bad, right, of, "macro_f1")
    assert (found.n, found.clusters) == (240, 80)
    assert 0.1 < found.low < found.difference < found.high
    assert found.p_value == pytest.approx(1 / 2001)
    back = paired_counts(bad, good, right, of, "macro_f1")
    assert back.difference == pytest.approx(-found.difference)
    assert back.p_value == pytest.approx(found.p_value, abs=0.01)


def test_the_same_labels_do_not_differ() -> None:
    right, good = labels(0.8, 3)
    found = paired_counts(good, good, right, {}, "mcc")
    assert (found.difference, found.p_value) == (0.0, 1.0)
    assert found.low == -found.high < 0


@pytest.mark.slow
def test_differences_are_seldom_found_where_there_are_none(studies, named) -> None:  # type: ignore[no-untyped-def]
    """McNemar, swapped clusters and swapped counts: at most 5 % and two Monte-Carlo errors."""
    by_id, groups = named
    count, found = 400, []
    for share in (0.1, 0.5, 0.9):
        for study in range(count // 2):
            single = studies.answers([share, share], 200, 1)
            wordings = studies.answers([share, share], 40, 5)
            a, b = (by_id(side[0]) for side in wordings)
            of = groups(40, 5)
            right = {name: "x" if int(name[-1]) % 2 else "y" for name in a}

            def told(run, right=right):  # type: ignore[no-untyped-def]
                return {
                    k: right[k] if v else {"x": "y", "y": "x"}[right[k]] for k, v in run.items()
                }

            options = {"draws": 500, "seed": study}
            found.append(
                (
                    paired_difference(*(by_id(s[0]) for s in single), {}, **options).p_value,
                    paired_difference(a, b, of, **options).p_value,
                    paired_counts(told(a), told(b), right, of, "macro_f1", **options).p_value,
                )
            )
    rates = (np.array(found) <= 0.05).mean(0)
    assert (rates <= 0.05 + 2 * (0.05 * 0.95 / len(found)) ** 0.5).all(), rates
