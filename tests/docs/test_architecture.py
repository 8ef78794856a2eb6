"""docs/architecture.md: its layers are the linter's, its packages are there, its shapes are right."""

import re
import tomllib

import pytest

from tests.documents import ROOT, blocks, flat, text

PAGE = "docs/architecture.md"


def section(title):
    return text(PAGE).partition(f"## {title}\n")[2].partition("\n## ")[0]


def named(layer):
    return [name.strip() for name in layer.split("|")]


def test_the_picture_has_the_linter_s_layers():
    project = tomllib.loads(text("pyproject.toml"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (layers,) = (each["layers"] for each in contracts if each["type"] == "layers")
    (picture,) = blocks(PAGE, "layers")
    drawn = [re.split(r"  +", line)[0] for line in picture.splitlines()]
    assert [named(line) for line in drawn] == [named(layer) for layer in layers]


def test_each_package_has_its_line():
    packages = {path.parent.name for path in (ROOT / "harness").glob("*/__init__.py")}
    table = re.findall(r"^\| `(\w+)` \|", section("Layers"), re.M)
    assert sorted(table) == sorted(packages) and len(table) == 13


def test_the_files_of_a_record_have_the_names_that_are_written():
    records = ROOT / "results" / "korean-insurance"
    written = {path.name for folder in records.glob("*_s0_*") for path in folder.iterdir()}
    names = {name.removesuffix(".gz") for name in written}
    assert len(names) >= 5
    assert [name for name in names if name not in section("On disk")] == []


def test_a_word_is_explained_once():
    words = re.findall(r"^\| ([\w -]+?) \|", section("Glossary"), re.M)
    words = [word for word in words if word != "word"]
    assert len(words) > 40 and len(words) == len(set(words))


def test_the_shapes_of_scoring_are_those_of_the_example():
    torch = pytest.importorskip("torch")
    from harness.models.local.layouts import Layout
    from harness.models.local.trie_attention import PrefixCache
    from harness.models.local.tries import BatchLimits, grow, plan, trie
    from harness.models.render import Encoded

    beginning = list(range(100, 112))
    prompts = [[*beginning, 200 + n, 300 + n, 400 + n] for n in range(4)]
    trees = [
        grow(n, [(label, Encoded([*prompt, 7 + label, 9], 15)) for label in range(2)])
        for n, prompt in enumerate(prompts)
    ]
    assert {(len(tree.trunk), len(tree.tokens)) for tree in trees} == {(15, 2)}
    (node,) = trie(trees)
    assert (node.end - node.start, node.tokens, node.reads) == (12, 32, 12)
    assert [leaf.tokens for leaf in node.children] == [5] * 4
    assert len(list(plan([node], BatchLimits(32, 12)))) == 1
    assert len(list(plan([node], BatchLimits(20, 12)))) == 3  # the prefix, the leaves, its release
    layout = Layout([node], trees, PrefixCache(), torch.device("cpu"))
    assert layout.ids.shape == (1, 32)
    assert layout.positions[0].tolist() == [*range(12), *[12, 13, 14, 15, 15] * 4]
    told = flat(PAGE)
    for part in ("32 positions, 12 of them read", "`[1, 32]`", "12 13 14 15 15 four times"):
        assert part in told


def test_the_shapes_of_training_are_those_of_the_example():
    torch = pytest.importorskip("torch")
    from harness.models.local.packed_rows import pack

    rows = [[*range(12), *range(50, 50 + own)] for own in (1, 2, 5)]
    packed = pack(rows, 12, torch.device("cpu"))
    shapes = packed.ids.shape, packed.take.shape, packed.put.shape
    assert shapes == ((1, 20), (3, 5), (8,))
    assert "`[1, 20]`" in flat(PAGE) and "`take` `[3, 5]`, `put` `[8]`" in flat(PAGE)
