"""Every figure of README.md and docs/findings.md, computed again without the harness."""

import ast

import pytest

from tests.docs.recomputed.frame import Says, Table, check, figures_of, sections
from tests.docs.recomputed.records import ROOT, machine
from tests.docs.recomputed.statistics import Figure
from tests.docs.sections import (
    again,
    cascade,
    curve,
    insurer,
    insurer_tuned,
    judging,
    korean,
    news,
    parity,
    questions,
    readme,
    real_sets,
)

INTRODUCTION = [Says("m7i.large, {} an hour", lambda: [machine()["usd_per_hour"]])]
RULES = {
    "README.md": readme.SECTIONS,
    "docs/findings.md": {"": INTRODUCTION}
    | news.SECTIONS
    | curve.SECTIONS
    | insurer.SECTIONS
    | insurer_tuned.SECTIONS
    | korean.SECTIONS
    | cascade.SECTIONS
    | questions.SECTIONS
    | again.SECTIONS
    | real_sets.SECTIONS
    | parity.SECTIONS
    | judging.SECTIONS,
}
BY_FORCE = "A cascade"  # every cascade is tried
TITLES = [
    pytest.param(page, title, marks=pytest.mark.slow if title == BY_FORCE else ())
    for page in RULES
    for title in sections(page)
]


@pytest.mark.parametrize(("page", "title"), TITLES)
def test_every_figure_is_what_the_records_say(page, title):
    problems = check(sections(page)[title], RULES[page].get(title, []))
    assert not problems, "\n".join(["", *problems])


def test_a_figure_that_is_wrong_or_has_no_rule_is_noticed():
    text = "\nIt gets .555 [.500, .613] of 400, and 30 % less.\n"
    right = [Figure(0.5551), Figure(0.4985, chance=0.003), Figure(0.6128)]
    said = "gets {} [{}, {}] of {}, and {} % less"
    assert check(text, [Says(said, lambda: [right, 400, 30])]) == []
    assert len(check(text, [Says(said, lambda: [right, 401, 31])])) == 2
    assert len(check(text, [Says(said, lambda: [Figure(0.5561), *right[1:], 400, 30])])) == 1
    (alone,) = check(text, [Says("gets {} [{}, {}] of {},", lambda: [right, 400])])
    assert alone.startswith("no rule computes 30 again")
    (lost,) = check("Nothing.", [Says("gets {}", lambda: [1])])
    assert lost.startswith("stands 0 times")


def test_a_cell_that_is_wrong_or_empty_is_noticed():
    text = "\n| a | value |\n|---|---|\n| x | < $0.0001 |\n| y | 12 ms, six |\n"
    figures = {"x": [[0.00002]], "y": [[12.4, 5.8]]}
    assert check(text, [Table("| a | value |", lambda cells: figures[cells[0]])]) == []
    figures = {"x": [[0.0002]], "y": [[12.6]]}
    assert len(check(text, [Table("| a | value |", lambda cells: figures[cells[0]])])) == 3


def test_names_and_options_are_no_figures_but_parts_of_words_are_not_either():
    assert figures_of("`k=24` on Gemma-3-270M, p95 and hit@1") == []
    shown = "-.013, +3.1 %, $1,197 and 0.0041 ms, 5e-05: twelve"
    found = [shown[start:end] for start, end in figures_of(shown)]
    assert found == ["-.013", "+3.1", "$1,197", "0.0041", "5e-05", "twelve"]


def test_nothing_here_asks_the_harness():
    folders = (ROOT / "tests/docs/recomputed", ROOT / "tests/docs/sections")
    files = [path for folder in folders for path in folder.glob("*.py")]
    assert len(files) >= 5
    for path in files:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            modules = [each.name for each in getattr(node, "names", [])]
            modules.append(getattr(node, "module", None) or "")
            assert not [name for name in modules if name.startswith("harness")], path
