"""docs/reliability.md: each promise has its test, each figure its record."""

import ast
import json
import re

import pytest

from benchmarks.chaos.jobs import KILLS
from tests.documents import ROOT, text

PAGE = "docs/reliability.md"
RECORDS = ROOT / "results" / "reliability"
PROMISES = re.findall(r"^\| (.+?) \| `(tests/[\w/]+\.py)::(test_\w+)` \|$", text(PAGE), re.M)


def between(name):
    table = text(PAGE).partition(f"<!-- {name} -->\n")[2].partition("<!-- end -->")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return rows[2:]


def record(name):
    return json.loads((RECORDS / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("promise", PROMISES, ids=[each[2] for each in PROMISES])
def test_a_promise_names_its_test(promise):
    _, file, name = promise
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_there_are_promises():
    assert len(PROMISES) >= 6


def test_the_kills_are_those_of_the_record():
    found = record("chaos")
    shown = {f"{job}: {phase}": int(kills) for job, phase, kills in between("chaos")}
    assert shown == found["met"]
    assert sum(shown.values()) == found["kills"] >= KILLS
    assert found["holds"] and found["hosts"] == 2
    told = re.search(
        r"(\d+) kills, of which (\d+) were resumed on the other host; (\d+) requests", text(PAGE)
    )
    figures = (found["kills"], found["moved"], found["asked_again"])
    assert tuple(map(int, told.groups())) == figures
    assert not any(lane["differences"] for lane in found["lanes"])


def test_the_inputs_are_those_of_the_record():
    found = record("fuzz")["targets"]
    rows = [[each["target"], f"{each['inputs']:,}", str(each["finds"])] for each in found]
    assert rows == between("fuzz")
    assert sum(each["minutes"] for each in found) >= 29
