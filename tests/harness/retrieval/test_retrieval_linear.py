"""Four times the text takes about four times as long: what grows with its square is refused."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.retrieval.loaders import LoadError, html, load_file
from harness.retrieval.loaders.pdf import without_running_lines
from harness.retrieval.splitting import SplitConfig, Splitter

TEXTS: dict[str, Callable[[int], str]] = {
    "comments.html": lambda n: "<html>" + "<!--" * n,
    "comments-before-a-tag.html": lambda n: "<html>" + "<!-- x>" * n,
    "tags.html": lambda n: "<html>" + "<a " * n,
    "quotes.html": lambda n: "<html>" + "<a b='" * n,
    "sections.html": lambda n: "<html>" + "<![CDATA[" * n,
    "blanks.md": lambda n: "# a" + " " * n + "b\n",
    "signs.md": lambda n: "# a" + " #" * n + "b\n",
}


def seconds(path: Path, text: str) -> float:
    path.write_text(text)
    since = time.process_time()
    with contextlib.suppress(LoadError):
        list(Splitter(SplitConfig()).split([load_file(path)]))
    return time.process_time() - since


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_read_and_cut_in_linear_time(tmp_path: Path, name: str) -> None:
    seconds(tmp_path / name, TEXTS[name](10))  # imports what is needed
    few = min(seconds(tmp_path / name, TEXTS[name](10_000)) for _ in range(2))
    assert seconds(tmp_path / name, TEXTS[name](40_000)) < 9 * max(few, 0.02)


def test_tags_that_are_never_closed_are_searched_for_only_so_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(html, "MOST_SEARCHED", 2_000_000)
    (tmp_path / "a.html").write_text("<html>" + "<a b=' > 'x " * 40_000)
    with pytest.raises(LoadError, match="never closed"):
        load_file(tmp_path / "a.html")


def test_lines_of_numbers_at_the_edge_of_pages() -> None:
    since = time.process_time()
    page = "1 " * 50_000
    assert without_running_lines([page, f"{page}2", f"{page}3"])[0][0] == page.strip()
    assert time.process_time() - since < 5


def test_what_a_page_shows_is_what_it_was(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        "<html><!-- a > b --><h1>T</h1><p>1 &lt; 2 <b>x</b></p><!-- c\nd --><p>5 > 3</p><p>a < b"
    )
    assert load_file(tmp_path / "a.html").page_content == "T\n1 < 2 x\n5 > 3\na < b"
