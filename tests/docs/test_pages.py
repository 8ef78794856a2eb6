"""Every page: its commands exist, its links lead somewhere, and the README stays short."""

import re
import xml.etree.ElementTree as ET

import pytest

from harness.strategy.family import FAMILIES
from harness.strategy.registry import strategies
from tests.documents import PAGES, ROOT, commands, links, text, unknown

SHOWN = sorted({(page, line) for page in PAGES for line in commands(page)})


def anchors(page):
    """Anchors of a page's titles, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", text(page), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize(("page", "line"), SHOWN)
def test_a_command_has_verbs_and_options_that_exist(page, line):
    assert unknown(line) == []


def test_an_unknown_verb_or_option_is_noticed():
    assert unknown("harness ran") == ["ran"]
    assert unknown("harness run --strategi rag --seed 1") == ["--strategi"]
    assert unknown("harness prices lst") == ["lst"]


def test_the_pages_show_commands():
    assert len([page for page, _ in SHOWN if page == "README.md"]) > 8
    assert len({page for page, _ in SHOWN}) >= 9


@pytest.mark.parametrize("page", PAGES)
def test_a_link_leads_somewhere(page):
    for target in links(page):
        path, _, anchor = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(str(file.resolve().relative_to(ROOT))), target


@pytest.mark.parametrize("page", PAGES)
def test_a_file_that_is_named_exists(page):
    """Paths in code marks, as `harness/costs/prices.yaml`; those with NAME are patterns."""
    named = re.findall(
        r"`((?:harness|strategies|tasks|tests|benchmarks|docs)/[\w./-]+)`", text(page)
    )
    for path in named:
        assert (ROOT / path).exists() or "NAME" in path, path


def test_every_page_of_the_docs_is_linked_from_the_readme():
    assert {page for page in PAGES if page.startswith("docs/")} <= set(links("README.md"))


def test_the_readme_is_short_and_has_its_two_commands():
    lines = text("README.md").splitlines()
    assert len(lines) <= 150
    run = 'pip install -e ".[all]" -c constraints.txt && python -m harness run --strategy qlora'
    assert f"    {run}" in lines
    assert '    pip install -e ".[dev]" -c constraints.txt && make test' in lines


def test_the_picture_is_small_and_opaque():
    (picture,) = (target for target in links("README.md") if target.endswith(".svg"))
    content = (ROOT / picture).read_bytes()
    assert len(content) <= 200_000
    (patch,) = ET.fromstring(content).iterfind(".//*[@id='patch_1']")
    (ground,) = patch
    assert ground.get("style") == "fill: #ffffff"  # dark text stays legible on a dark page


def test_contributing_names_every_verb_of_the_makefile():
    verbs = re.findall(r"^([a-z-]+):.*##", text("Makefile"), re.M)
    table = re.findall(r"^\| `make ([a-z-]+)` \|", text("CONTRIBUTING.md"), re.M)
    assert sorted(table) == sorted(verb for verb in verbs if verb != "help")


def test_the_first_table_of_the_strategies_says_what_the_code_does():
    """One row for each shipped strategy: family, name, what it does, trained, memory, paper."""
    lines = re.findall(
        r"^\| ([^|]+) \| `([\w-]+)[^|]*\| [^|]+ \|(.+)\|$", text("docs/strategies.md"), re.M
    )
    told = {name: [family, *map(str.strip, rest.split("|"))] for family, name, rest in lines}
    shipped = [part for name, part in strategies().parts.items() if origin(name) == "built-in"]
    assert len(shipped) > 10
    for part in shipped:
        assert part.family in FAMILIES, f"{part.name}: give the class a family of FAMILIES"
        assert part.summary and part.trains and part.memory, f"{part.name} lacks one of these"
        row = [part.family, part.trains, part.memory, part.paper or "–"]
        wanted = f"| {part.family} | `{part.name}` | ... | {' | '.join(row[1:])} |"
        assert told.get(part.name) == row, f"docs/strategies.md, first table, needs: {wanted}"
    families = [family for family, *_ in told.values()]
    assert families == sorted(families, key=FAMILIES.index), "families stand in their order"


def origin(name):
    return strategies().origins[name]
