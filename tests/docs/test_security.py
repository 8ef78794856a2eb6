"""Each line of the threat model names one test, and that is there."""

import ast
import re

import pytest

from tests.documents import ROOT, text

LINES = [
    re.split(r" \| ", line.strip("| "))
    for line in text("docs/security.md").partition("## What is not defended")[0].splitlines()
    if line.startswith("| ") and not line.startswith("| from ")
]


def test_there_is_a_line_for_each_of_those_whom_nobody_trusts():
    assert len(LINES) > 25
    sources = {line[0] for line in LINES}
    assert {"rows, answers", "documents", "a model from elsewhere", "a server"} <= sources
    assert {"results from elsewhere", "a task, study or price file"} <= sources


@pytest.mark.parametrize("line", LINES, ids=[line[1][:40] for line in LINES])
def test_a_line_names_its_test(line):
    assert len(line) == 4
    file, name = re.fullmatch(r"`(tests/[\w/]+\.py)::(test_\w+)`", line[3]).groups()
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    tests = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert name in {test.name for test in tests}


def test_no_test_holds_two_lines():
    named = [line[3] for line in LINES]
    assert len(set(named)) == len(named)
