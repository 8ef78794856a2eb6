"""Entities out of tags, tables and answers; their F1 is seqeval's."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.metrics.aggregate import aggregate
from harness.metrics.answers.entities import parse_entities, tagged
from harness.metrics.kind import Marked, Misread
from harness.metrics.kinds.extraction import KIND
from harness.metrics.score import Rules, score_row
from harness.types import Example, Output, Query, Row, Scored

TYPES = ("PER", "ORG", "LOC")
RULES = Rules("extraction", TYPES)
WORDS = ("Kim", "Acme", "AG", "Seoul", "of", "1.5", "A&B")
entities = st.lists(
    st.tuples(
        st.sampled_from(TYPES),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join),
    ),
    max_size=5,
)
TAGS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG")


def score(target: str, text: str, **given_: str) -> Scored:
    return score_row(Row(Example(Query("1", "?"), target)), Output("1", text, **given_), RULES)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("I-PER I-PER O I-PER", ["a b", "d"]),  # IOB1
        ("I-PER B-PER I-PER O", ["a", "b c"]),
        ("B-PER I-PER O B-PER", ["a b", "d"]),  # IOB2
        ("B-PER E-PER S-PER O", ["a b", "c"]),  # BIOES
        ("B-PER L-PER U-PER O", ["a b", "c"]),  # BILOU
        ("O O O O", []),
    ],
)
def test_tags_of_every_scheme_are_read(tags: str, expected: list[str]) -> None:
    assert tagged(list("abcd"), tags.split()) == [("PER", text) for text in expected]
    assert tagged(list("abcd"), tags.replace("PER", "x-y").split()) == [
        ("x-y", text) for text in expected
    ]


def test_another_type_begins_another_entity() -> None:
    assert tagged(["a", "b"], ["I-PER", "I-ORG"]) == [("PER", "a"), ("ORG", "b")]


@pytest.mark.parametrize(
    ("tokens", "tags", "why"),
    [
        (["a", "b"], ["O"], "2 tokens and 1 tags"),
        (["a"], ["3"], "'3' is no tag"),
        (["a"], ["B"], "'B' is no tag"),
        (["a"], ["PER"], "'PER' is no tag"),
    ],
)
def test_what_is_no_tag_is_refused(tokens: list[str], tags: list[str], why: str) -> None:
    assert KIND.right is not None
    with pytest.raises(Misread, match=why):
        KIND.right(Marked(tokens=tokens, tags=tags))


# seqeval 1.2.2: f1_score of these very tags.
@pytest.mark.parametrize(
    ("seed", "expected"), [(1, 0.684385382), (2, 0.695238095), (3, 0.709265176)]
)
def test_entity_f1_is_that_of_seqeval(seed: int, expected: float) -> None:
    draw = random.Random(seed)
    right = [draw.choices(TAGS, k=12) for _ in range(40)]
    given_ = [[tag if draw.random() < 0.7 else draw.choice(TAGS) for tag in row] for row in right]
    tokens = [f"t{n}" for n in range(12)]
    assert KIND.right is not None
    rows = [
        score(*(KIND.right(Marked(tokens=tokens, tags=tags)) for tags in pair))
        for pair in zip(right, given_, strict=True)
    ]
    metrics = ["entity_f1", "exact_match", "example_f1"]
    found = aggregate(rows, kind="extraction", labels=TYPES, metrics=metrics)
    assert found["entity_f1"].value == pytest.approx(expected)
    assert found["entity_f1"].low < expected < found["entity_f1"].high  # type: ignore[operator]
    exact = sum(a == b for a, b in zip(right, given_, strict=True)) / 40
    assert found["exact_match"].value >= exact


RIGHT = "PER: Kim\nORG: Acme AG"


@pytest.mark.parametrize(
    "text",
    [
        RIGHT,
        "ORG: Acme AG\nPER: Kim",
        "PER: Kim; ORG: Acme AG",
        "- per: Kim\n- org: 'Acme AG'",
        "Kim (PER)\nAcme AG (ORG)",
        "Kim: PER\nAcme AG: ORG",
        '[{"text": "Kim", "type": "PER"}, {"text": "Acme AG", "type": "org"}]',
        "[{'entity': 'Kim', 'label': 'PER'}, {'entity': 'Acme AG', 'label': 'ORG'}]",
        '```json\n{"entities": [{"text": "Kim", "type": "PER"}, {"text": "Acme AG", "type": "ORG"}]}\n```',
        '{"PER": ["Kim"], "ORG": ["Acme AG"]}',
        "Here are the entities:\nPER: Kim\nORG: Acme AG",
    ],
)
def test_entities_are_read_in_any_form(text: str) -> None:
    assert score(RIGHT, text).correct, parse_entities(text, TYPES)


@pytest.mark.parametrize(
    "text", ["PER: Kim", "PER: Kim\nPER: Acme AG", "PER: Kim\nORG: Acme", f"{RIGHT}\nPER: Kim"]
)
def test_a_missing_entity_another_type_or_boundary_is_wrong(text: str) -> None:
    scored = score(RIGHT, text)
    assert scored.outcome == "ok" and not scored.correct
    assert 0 < scored.values["example_f1"] < 1


def test_none_is_an_answer_and_what_holds_no_entity_is_unparsed() -> None:
    assert score("none", "none").correct and score("none", "[]").correct
    assert score("none", "There was a fine day.").outcome == "unparsed"
    assert score("none", "").outcome == "unparsed"
    assert score(RIGHT, "PER: Kim\nORG: Acm", finish="length").outcome == "truncated"
    assert score("none", "").values["example_f1"] == 0.0


@given(entities)
def test_what_is_written_reads_as_itself(found: list[tuple[str, str]]) -> None:
    assert KIND.right is not None
    cell = [{"text": text, "type": kind} for kind, text in found]
    right = KIND.right(Marked(cell))
    assert right == KIND.right(Marked(json.dumps(cell))) or not cell
    assert score(right, right).correct
    assert score(right, json.dumps(cell)).correct
    shuffled = random.Random(1).sample(cell, len(cell))
    assert score(right, json.dumps(shuffled)).correct
