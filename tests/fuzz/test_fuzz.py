"""Bytes that nobody meant: each is read or refused in a sentence, and none is a defect."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, feed

KEPT = sorted((Path(__file__).parent / "kept").glob("*/*"))
PIECES = [b"", b"\0", b"\n", b"\xff\xfe", b"\xed\xa0\x80", b'"', b"{", b"[" * 2000, b"9" * 4400,
          b"NaN", b"1e999", b"-1", b"null", b"&a [*a]", b"\xe2\x80\xa8", b"<!--" * 50, b"2024-13-45",
          b"<!ENTITY a 'aa'>", b"&a;" * 50, b"true", b"\x1b[31m", "제1조".encode() * 20]  # fmt: skip
SETTINGS = settings(
    deadline=None, suppress_health_check=[*HealthCheck], derandomize=True, database=None
)


@st.composite
def altered(draw: st.DrawFn, name: str) -> bytes:
    """A seed of a target in which pieces are cut, doubled, exchanged or put in."""
    data = draw(st.sampled_from(TARGETS[name].seeds()))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(1, len(data)))
        end = min(len(data), start + draw(st.integers(0, 40)))
        piece = draw(st.sampled_from(PIECES) | st.binary(max_size=8) | st.just(data[start:end]))
        data = data[:start] + piece + data[draw(st.sampled_from([start, end])) :]
    return data


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_are_read(name, tmp_path):
    read = [feed(TARGETS[name], seed, tmp_path / "one") for seed in TARGETS[name].seeds()]
    assert all(read), "what is altered has to get past the first check"


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_was_found_once_is_refused_or_read(path, tmp_path):
    feed(TARGETS[path.parent.name], path.read_bytes(), tmp_path / "one")


@pytest.mark.parametrize("examples", [25, pytest.param(600, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", TARGETS)
def test_altered_inputs_are_refused_or_read(name, examples, tmp_path):
    @settings(SETTINGS, max_examples=examples)
    @given(altered(name))
    def holds(data):
        feed(TARGETS[name], data, tmp_path / "one")

    holds()
