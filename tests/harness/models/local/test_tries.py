from __future__ import annotations

import pytest

pytest.importorskip("torch")

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.models.local.tries import (
    MIN_SAVED,
    BatchLimits,
    DropPrefix,
    Node,
    RunBatch,
    RunPrefix,
    Tree,
    grow,
    plan,
    trie,
)
from harness.models.render import Encoded

beginnings = st.lists(st.integers(0, 2), max_size=40)


@st.composite
def forests(draw: st.DrawFn) -> list[Tree]:
    """Requests of which many begin alike, on several levels."""
    stems = draw(st.lists(beginnings, min_size=1, max_size=3))
    trees = []
    for number in range(draw(st.integers(1, 12))):
        prompt = [9, *draw(st.sampled_from(stems)), *draw(st.sampled_from(stems))]
        prompt += draw(st.lists(st.integers(0, 2), max_size=6))
        endings = draw(st.lists(st.lists(st.integers(3, 5), min_size=1, max_size=4), min_size=1))
        found = [Encoded([*prompt, *ending], len(prompt)) for ending in endings]
        trees.append(grow(number, list(enumerate(found))))
    return trees


budgets = st.builds(BatchLimits, st.integers(1, 300), st.integers(1, 60))


def walk(node: Node, before: list[int], trees: list[Tree]) -> list[tuple[int, list[int]]]:
    """Returns for each request below the tokens of its trunk as they are run."""
    own = [*before, *trees[node.trees[0]].trunk[node.start : node.end]]
    assert node.start == len(before)
    if not node.children:
        return [(node.trees[0], own)]
    return [pair for child in node.children for pair in walk(child, own, trees)]


@settings(deadline=None)
@given(forests(), budgets)
def test_every_request_runs_once_after_its_own_beginning(trees: list[Tree], budget: BatchLimits):
    held: list[list[int]] = [[]]
    ran = []
    for step in plan(trie(trees), budget):
        if isinstance(step, RunPrefix):
            node = step.node
            assert node.start == len(held[-1])
            held.append([*held[-1], *trees[node.trees[0]].trunk[node.start : node.end]])
        elif isinstance(step, DropPrefix):
            held.pop()
        else:
            ran += [pair for node in step.nodes for pair in walk(node, held[-1], trees)]
    assert held == [[]]
    assert sorted(index for index, _ in ran) == list(range(len(trees)))
    for index, tokens in ran:
        assert tokens == trees[index].trunk


@settings(deadline=None)
@given(forests(), budgets)
def test_batches_keep_to_the_budget_unless_one_request_is_larger(
    trees: list[Tree], budget: BatchLimits
):
    for step in plan(trie(trees), budget):
        if isinstance(step, RunBatch):
            tokens = sum(node.tokens for node in step.nodes)
            reads = sum(node.reads for node in step.nodes)
            alone = len(step.nodes) == 1 and not step.nodes[0].children
            assert alone or budget.fits(tokens, reads)


@settings(deadline=None)
@given(forests(), budgets)
def test_the_plan_depends_on_the_list_alone(trees: list[Tree], budget: BatchLimits):
    assert list(plan(trie(trees), budget)) == list(plan(trie(trees), budget))


@settings(deadline=None)
@given(forests())
def test_sharing_never_costs_and_nothing_is_read_from_what_is_shared(trees: list[Tree]):
    nodes = trie(trees)
    assert sum(node.tokens for node in nodes) <= sum(map(len, trees))
    assert sum(node.reads for node in nodes) == sum(len(tree.nodes) for tree in trees)
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        waiting += node.children
        if node.children:
            assert node.end <= min(trees[index].first for index in node.trees)
            assert (node.end - node.start) * (len(node.trees) - 1) >= MIN_SAVED


def request(number: int, prompt: list[int]) -> Tree:
    return grow(number, [(0, Encoded([*prompt, 7], len(prompt)))])


def test_documents_that_are_asked_several_questions_run_once_each():
    instructions, documents = [1] * 20, [[2] * 50, [3] * 60]
    prompts = [[*instructions, *d, 4, 5, n] for d in documents for n in range(10)]
    trees = [request(number, prompt) for number, prompt in enumerate(prompts)]
    (root,) = trie(trees)
    # Of ten questions that differ in their last token, the two before are shared as well.
    assert root.tokens == 20 + 52 + 62 + 20
    steps = list(plan([root], BatchLimits(50, 100)))
    assert [type(step).__name__ for step in steps] == [
        "RunPrefix", "RunPrefix", "RunBatch", "DropPrefix", "RunPrefix", "RunBatch", "DropPrefix", "DropPrefix",
    ]  # fmt: skip


def test_one_batch_holds_nothing():
    trees = [request(number, [1] * 30 + [number]) for number in range(5)]
    steps = list(plan(trie(trees), BatchLimits(2048, 512)))
    assert [type(step) for step in steps] == [RunBatch]
