"""The English insurer's rows: sizes, splits, fairness, determinism."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter, defaultdict
from typing import Any

import pytest

from tasks.insurer import build, rows
from tasks.insurer.en.areas import products
from tasks.insurer.world import DERIVED_KINDS, YES_NO

Row = dict[str, Any]
PARTS = [("train", "seen"), ("dev", "seen"), ("test", "seen"), ("test", "unseen")]
UNSURE = ("yes_no", "comparison")  # kinds whose answers stand in the question, or are but two


def normalised(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", text).casefold())


@pytest.fixture(scope="module", params=[7, 8, 2026])
def all_rows(request: pytest.FixtureRequest) -> list[Row]:
    return list(rows(request.param, 1, "en"))


def part(some: list[Row], **wanted: str) -> list[Row]:
    return [row for row in some if all(row[key] == value for key, value in wanted.items())]


def test_sizes(all_rows: list[Row]) -> None:
    assert 500 <= len(part(all_rows, split="train")) <= 800
    assert len(part(all_rows, split="test")) >= 500
    for name in ("seen", "unseen"):
        assert len({row["fact"] for row in part(all_rows, split="test", slice=name)}) >= 100


def test_the_world_is_large_enough_and_another_company() -> None:
    world = build(7, 1, "en")
    facts = [fact for fact in world.facts if fact.asked and fact.answerable]
    assert len([fact for fact in facts if not fact.support]) >= 480
    assert len({fact.area for fact in facts}) >= 8
    assert set(DERIVED_KINDS) <= {fact.value.kind for fact in facts}
    assert world.company != build(7).company and world.company.isascii()


def test_no_wording_stands_twice() -> None:
    facts = [fact for fact in build(7, 1, "en").facts if fact.asked]
    counts = Counter(normalised(w.text) for fact in facts for w in fact.wordings)
    assert [text for text, n in counts.items() if n > 1] == []


def test_questions_are_plain_english(all_rows: list[Row]) -> None:
    for row in all_rows:
        text = row["question"]
        assert not re.search(r"[\[\]{}§]|  |\bthe the\b|\ba [aeio]\w|\?\?|\.\?", text), text
        assert text == text.strip() and text.replace("“", "").replace("”", "").isascii()


def test_slices_keep_their_promise(all_rows: list[Row]) -> None:
    splits: dict[str, Counter[str]] = defaultdict(Counter)
    for row in all_rows:
        splits[row["fact"]][row["split"]] += 1
    for row in all_rows:
        shown = splits[row["fact"]]
        if row["slice"] == "seen":
            assert shown == {"train": 3, "dev": 1, "test": 1}
        else:
            assert set(shown) == {"test"}


def test_accepted_texts_of_a_kind_belong_to_one_answer(all_rows: list[Row]) -> None:
    """Even with punctuation gone; what a comparison may be called depends on its pair."""
    owner: dict[tuple[str, str], str] = {}
    for row in all_rows:
        assert row["accepted"][0] == row["answer"]
        for text in row["accepted"] if row["kind"] != "comparison" else ():
            assert owner.setdefault((row["kind"], normalised(text)), row["answer"]) == row["answer"]


def test_both_answers_of_a_comparison_are_told_apart() -> None:
    """No text is right for either of a pair."""
    for fact in build(7, 1, "en").facts:
        if fact.value.kind == "comparison":
            texts = {normalised(text) for text in (fact.value.text, *fact.value.variants)}
            curt = next(wording.text for wording in fact.wordings if wording.style == "curt")
            first, _, second = curt.partition(": ")[2].rstrip("?").partition(" or ")
            named = {normalised(name.removeprefix("the ")) for name in (first, second)}
            assert len(named & texts) == 1, fact.id


def test_answers_are_short(all_rows: list[Row]) -> None:
    assert max(len(row["answer"]) for row in all_rows) <= 70


@pytest.mark.parametrize(("split", "name"), PARTS)
def test_share_of_unanswerable_rows(all_rows: list[Row], split: str, name: str) -> None:
    some = part(all_rows, split=split, slice=name)
    assert 0.12 <= sum(not row["answerable"] for row in some) / len(some) <= 0.18


def test_both_sorts_of_unanswerable_rows() -> None:
    sorts = Counter(fact.value.sort for fact in build(7, 1, "en").facts if not fact.answerable)
    assert set(sorts) == {"absent", "near-miss"} and min(sorts.values()) >= 40
    for row in rows(7, 1, "en"):
        assert row["answerable"] == (row["answer"] != "I don't know")
        assert bool(row["passages"]) == row["answerable"]


def test_no_answer_is_right_too_often(all_rows: list[Row]) -> None:
    for kind in {row["kind"] for row in all_rows} - {YES_NO, "unanswerable"}:
        counts = Counter(row["answer"] for row in part(all_rows, kind=kind))
        assert max(counts.values()) <= 0.03 * counts.total(), kind


def test_no_question_holds_its_answer(all_rows: list[Row]) -> None:
    for row in all_rows:
        if row["kind"] not in UNSURE:
            whole = rf"(?<![\w,.]){re.escape(row['answer'].lower())}(?!\w)"
            assert not re.search(whole, row["question"].lower()), row["id"]


def test_every_category_mixes_answerable_and_not(all_rows: list[Row]) -> None:
    for category in {row["category"] for row in all_rows}:
        some = part(all_rows, category=category)
        assert 0 < sum(not row["answerable"] for row in some) < 0.4 * len(some), category


@pytest.mark.parametrize("kind", DERIVED_KINDS)
def test_every_derived_kind_has_questions_of_its_form_without_an_answer(kind: str) -> None:
    facts = [fact for fact in build(7, 1, "en").facts if fact.asked]
    polite = {"comparison": "me which", "multi_hop": "Could you (tell me|please look up) the",
              "calculation": "please work out", "description": "please explain"}[kind]  # fmt: skip
    alike = [fact for fact in facts if re.search(polite, fact.wordings[0].text)]
    missing = [fact for fact in alike if not fact.answerable]
    assert len(missing) >= 8
    assert any(fact.value.kind == kind for fact in alike)


def test_worlds_differ_and_share_their_structure() -> None:
    one, other = build(7, 1, "en"), build(8, 1, "en")
    assert one.company != other.company
    base = [fact for fact in one.facts if not fact.support and fact.area != "glossary"]
    values = {fact.id: fact.value for fact in base if fact.asked and fact.answerable}
    shared = [fact for fact in other.facts if fact.id in values and fact.value.kind != YES_NO]
    assert len(shared) > 400
    same = sum(values[fact.id].key == fact.value.key for fact in shared)
    assert same <= 0.15 * len(shared)


@pytest.mark.parametrize("seed", range(40, 44))
def test_any_seed_makes_both_versions_of_a_world(seed: int) -> None:
    build(seed, 2, "en", 3)


def test_rows_are_plain_and_their_order_says_nothing(all_rows: list[Row]) -> None:
    assert json.loads(json.dumps(all_rows)) == all_rows
    assert len({row["id"] for row in all_rows}) == len(all_rows)
    half = all_rows[: len(all_rows) // 2]
    assert (
        0.4
        < sum(not row["answerable"] for row in half)
        / sum(not row["answerable"] for row in all_rows)
        < 0.6
    )


def test_a_class_of_worse_risk_pays_more_and_may_insure_less() -> None:
    values = {fact.id: fact.value for fact in build(7, 1, "en").facts}
    surcharges = [values[f"underwriting.class_{n}.surcharge"].key for n in range(1, 7)]
    ceilings = [values[f"underwriting.class_{n}.ceiling"].key for n in range(1, 7)]
    assert surcharges == sorted(surcharges)  # type: ignore[type-var]
    assert ceilings == sorted(ceilings, reverse=True)  # type: ignore[type-var]


def test_every_pool_of_a_coverage_keeps_the_deductible_below_the_limit() -> None:
    for cover in products.COVERS:
        if cover.deductible:
            assert cover.deductible[1] < cover.limit[0], cover


def test_templates_of_one_style_are_none_of_another() -> None:
    """Whatever a template is filled with, two styles never give the same question."""
    from tasks.insurer.en.areas import AREAS, product_banks
    from tasks.insurer.en.areas.base import Bank
    from tasks.insurer.en.derive import compare, describe, hops, sums

    modules = (*AREAS, product_banks, compare, describe, hops, sums)
    banks = {id(value): value for module in modules for value in vars(module).values()
             if isinstance(value, Bank)}  # fmt: skip
    assert len(banks) > 50
    for bank in banks.values():
        texts = [normalised(text) for style in ("polite", "curt", "keywords", "indirect")
                 for text in getattr(bank, style)]  # fmt: skip
        assert len(set(texts)) == len(texts), bank
