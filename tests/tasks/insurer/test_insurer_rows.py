"""The insurer's rows: sizes, splits, fairness, determinism."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import unicodedata
from collections import Counter, defaultdict
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from tasks.insurer import build, rows

ROOT = Path(__file__).resolve().parents[3]
Row = dict[str, Any]
FIELDS = {
    "id": str,
    "question": str,
    "answer": str,
    "accepted": list,
    "key_facts": list,
    "split": str,
    "fact": str,
    "category": str,
    "kind": str,
    "slice": str,
    "answerable": bool,
    "change": str,
    "passages": list,
}


def normalised(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", text).casefold())


def digest(some: list[Row]) -> str:
    return hashlib.sha256(json.dumps(some, ensure_ascii=False).encode()).hexdigest()


@pytest.fixture(scope="module", params=[7, 8, 2026])
def all_rows(request: pytest.FixtureRequest) -> list[Row]:
    return list(rows(world=request.param, questions="all"))


@pytest.fixture(scope="module", params=[7, 8, 2026])
def short_rows(request: pytest.FixtureRequest) -> list[Row]:
    return list(rows(world=request.param))


def part(some: list[Row], **wanted: str) -> list[Row]:
    return [row for row in some if all(row[key] == value for key, value in wanted.items())]


def test_rows_are_plain_and_complete(all_rows: list[Row]) -> None:
    for row in all_rows:
        assert {key: type(value) for key, value in row.items()} == FIELDS
        assert json.loads(json.dumps(row)) == row
    assert len({row["id"] for row in all_rows}) == len(all_rows)


def test_sizes(short_rows: list[Row]) -> None:
    assert 600 <= len(part(short_rows, split="train")) <= 660
    assert 200 <= len(part(short_rows, split="dev")) <= 220
    assert len(part(short_rows, split="test")) >= 1000
    for name in ("seen", "unseen"):
        assert len({row["fact"] for row in part(short_rows, split="test", slice=name)}) >= 200


def test_the_forms_of_answers_divide_the_rows(all_rows: list[Row], short_rows: list[Row]) -> None:
    assert len({row["id"] for row in short_rows}) == len(short_rows)
    described = [row for row in all_rows if row["fact"].endswith(".about")]
    assert all(row["kind"] in ("description", "unanswerable") for row in described)
    assert {row["kind"] for row in all_rows if not row["fact"].endswith(".about")} == {
        "amount", "calculation", "comparison", "date", "definition", "list", "multi_hop", "name",
        "percentage", "period", "unanswerable", "yes_no",
    }  # fmt: skip


def test_only_descriptions_have_key_facts(all_rows: list[Row]) -> None:
    for row in all_rows:
        assert bool(row["key_facts"]) == (row["kind"] == "description")
        assert all(texts and all(texts) for texts in row["key_facts"])


def test_world_is_large_enough() -> None:
    facts = [fact for fact in build(7).facts if fact.answerable]
    assert len(facts) >= 300
    assert len({fact.area for fact in facts}) >= 8


def test_every_fact_that_is_asked_has_five_wordings_that_differ() -> None:
    for fact in (fact for fact in build(7).facts if fact.asked):
        assert len({normalised(wording.text) for wording in fact.wordings}) >= 5


def test_no_wording_stands_twice_even_among_those_not_asked() -> None:
    counts = Counter(normalised(w.text) for fact in build(7).facts for w in fact.wordings)
    assert [text for text, n in counts.items() if n > 1] == []


def test_no_wording_stands_twice(all_rows: list[Row]) -> None:
    assert len({normalised(row["question"]) for row in all_rows}) == len(all_rows)


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


def test_accepted_starts_with_the_canonical_answer(all_rows: list[Row]) -> None:
    for row in all_rows:
        assert row["accepted"][0] == row["answer"]
        assert len(set(row["accepted"])) == len(row["accepted"])


def test_accepted_texts_of_a_kind_belong_to_one_answer(all_rows: list[Row]) -> None:
    """Even with punctuation gone, no text is right for two different answers of a kind.

    Where two are compared, a cover may be named without its product, so comparisons are apart.
    """
    owner: dict[tuple[str, str], str] = {}
    for row in (row for row in all_rows if row["kind"] != "comparison"):
        for text in row["accepted"]:
            key = (row["kind"], normalised(text))
            assert owner.setdefault(key, row["answer"]) == row["answer"]


def test_answers_are_short(all_rows: list[Row]) -> None:
    assert max(len(row["answer"]) for row in all_rows if row["kind"] != "description") <= 30


def test_descriptions_have_one_to_three_sentences(all_rows: list[Row]) -> None:
    for row in part(all_rows, kind="description"):
        assert 1 <= len(re.findall(r"다\.(?: |$)", row["answer"])) <= 3, row["answer"]


@pytest.mark.parametrize(
    ("split", "name"), [("train", "seen"), ("dev", "seen"), ("test", "seen"), ("test", "unseen")]
)
def test_share_of_unanswerable_rows(short_rows: list[Row], split: str, name: str) -> None:
    some = part(short_rows, split=split, slice=name)
    share = sum(not row["answerable"] for row in some) / len(some)
    assert 0.12 <= share <= 0.18


def test_unanswerable_rows_say_so(all_rows: list[Row]) -> None:
    for row in all_rows:
        assert row["answerable"] == (row["kind"] != "unanswerable")
        assert row["answerable"] != (row["answer"] == "모른다")


def test_no_answer_is_right_too_often(all_rows: list[Row]) -> None:
    for kind in {row["kind"] for row in all_rows} - {"yes_no", "unanswerable"}:
        counts = Counter(row["answer"] for row in part(all_rows, kind=kind))
        assert max(counts.values()) <= 0.03 * counts.total(), kind


def test_the_most_frequent_answer_of_a_kind_scores_near_nothing(all_rows: list[Row]) -> None:
    train = part(all_rows, split="train")
    answerable = [row for row in part(all_rows, split="test", slice="unseen") if row["answerable"]]
    tested = [row for row in answerable if row["kind"] not in ("yes_no", "comparison")]
    guesses = {
        kind: Counter(row["answer"] for row in part(train, kind=kind)).most_common(1)[0][0]
        for kind in {row["kind"] for row in train}
    }
    right = sum(guesses[row["kind"]] in row["accepted"] for row in tested)
    assert right <= 0.05 * len(tested)


def test_the_most_similar_training_question_scores_near_nothing_on_unseen() -> None:
    def grams(text: str) -> set[str]:
        return {text[at : at + 2] for at in range(len(text) - 1)}

    some = list(rows())
    train = [(grams(row["question"]), row["answer"]) for row in part(some, split="train")]
    tested = [
        row
        for row in part(some, split="test", slice="unseen")
        if row["answerable"] and row["kind"] not in ("yes_no", "comparison")
    ]
    right = 0
    for row in tested:
        asked = grams(row["question"])
        _, answer = max(train, key=lambda pair: len(pair[0] & asked) / len(pair[0] | asked))
        right += answer in row["accepted"]
    assert right <= 0.05 * len(tested)


def test_no_question_holds_its_answer(all_rows: list[Row]) -> None:
    for row in all_rows:
        if row["kind"] not in ("yes_no", "comparison"):
            assert normalised(row["answer"]) not in normalised(row["question"]), row["id"]


def test_every_category_and_kind_mixes_answerable_and_not(all_rows: list[Row]) -> None:
    for category in {row["category"] for row in all_rows}:
        of = part(all_rows, category=category)
        assert 0 < sum(not row["answerable"] for row in of) < 0.4 * len(of), category


def test_particles_and_slots_are_resolved(all_rows: list[Row]) -> None:
    for row in all_rows:
        assert not re.search(r"[\[\]{}]|  |\(은|은/는|이/가|을/를", row["question"]), row[
            "question"
        ]


def test_worlds_differ() -> None:
    one, other = build(7), build(8)
    assert one.company != other.company
    values = {fact.id: fact.value.text for fact in one.facts if fact.answerable}
    comparable = [fact for fact in other.facts if fact.id in values and fact.value.kind != "yes_no"]
    same = sum(values[fact.id] == fact.value.text for fact in comparable if fact.answerable)
    assert same <= 0.15 * len(values)


@pytest.mark.parametrize("seed", range(20, 25))
def test_any_seed_makes_a_world(seed: int) -> None:
    build(seed)


def test_same_seed_same_rows_whatever_the_hash_seed() -> None:
    code = (
        "import json, hashlib; from tasks.insurer import rows; "
        "print(hashlib.sha256(json.dumps(list(rows()), ensure_ascii=False).encode()).hexdigest())"
    )
    for hash_seed in ("0", "12345"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == digest(list(rows()))


def test_package_loads_by_location_under_another_name() -> None:
    folder, name = ROOT / "tasks" / "insurer", "harness_tasks_insurer"
    spec = spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
        assert digest(list(module.rows())) == digest(list(rows()))
    finally:
        for loaded in [key for key in sys.modules if key.split(".")[0] == name]:
            del sys.modules[loaded]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"language": "fr"}, "there is 'ko'"),
        ({"version": 3}, "there is 1, 2"),
        ({"questions": "long"}, "there is 'short'"),
        ({"near_twins": 4}, "from 0 to 3"),
        ({"distractors": -1}, "from 0 to 3"),
    ],
)
def test_what_does_not_exist_is_refused_by_name(arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        rows(**arguments)


def test_a_streams_values_depend_on_the_fact_alone() -> None:
    """Two worlds share the structure, and a fact's stream is named by the fact."""
    first, second = build(7), build(7)
    assert first == second

    def stated(seed: int) -> list[str]:
        # Worlds choose which cases have a class, and what follows depends on slices.
        return [fact.id for fact in build(seed).facts
                if not fact.support and not fact.subject_key.startswith("case_")]  # fmt: skip

    assert stated(7) == stated(9)


def test_a_class_of_worse_risk_pays_more_and_may_insure_less() -> None:
    by_id = {fact.id: fact.value for fact in build(7).facts}
    surcharges = [by_id[f"underwriting.class_{n}.surcharge"].key for n in range(1, 7)]
    ceilings = [by_id[f"underwriting.class_{n}.ceiling"].key for n in range(1, 7)]
    assert surcharges == sorted(surcharges)  # type: ignore[type-var]
    assert ceilings == sorted(ceilings, reverse=True)  # type: ignore[type-var]


def test_a_deductible_is_smaller_than_its_limit() -> None:
    by_id = {fact.id: fact.value for fact in build(7).facts if fact.answerable}
    pairs = [
        (name, name.replace(".deductible", ".limit"))
        for name in by_id
        if name.endswith(".deductible")
    ]
    assert pairs
    for deductible, limit in pairs:
        assert by_id[deductible].key < by_id[limit].key  # type: ignore[operator]


@pytest.mark.parametrize("seed", [7, 8, 9, 10, 11])
def test_three_questions_that_people_typed_are_always_tested(seed: int) -> None:
    asked = {row["question"]: row for row in rows(seed) if row["split"] == "test"}
    assert asked["육아 휴직 기간 알려줘!"]["fact"] == "leave.childcare.period"
    assert asked["휴직 기간에 대하여 알려줘"]["fact"] == "leave.general.total"
    assert asked["근무복장 규정 알려줘!"]["answer"] == "모른다"


def test_both_sorts_of_unanswerable_questions_stand_in_both_slices(short_rows: list[Row]) -> None:
    sorts = {fact.id: fact.value.sort for seed in (7, 8, 2026) for fact in build(seed).facts
             if not fact.answerable}  # type: ignore[attr-defined]  # fmt: skip
    for name in ("seen", "unseen"):
        some = [row for row in part(short_rows, slice=name, split="test") if not row["answerable"]]
        assert {sorts[row["fact"]] for row in some} == {"absent", "near-miss"}


def test_knobs_move_no_row() -> None:
    assert list(rows(7, distractors=0, near_twins=3)) == list(rows(7))
