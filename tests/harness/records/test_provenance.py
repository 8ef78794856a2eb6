"""What a record says about where it was made names nobody."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.records.provenance import collect
from harness.records.scrub import scrub


def test_paths_below_the_working_folder_begin_there(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    here = Path.cwd()
    assert scrub(f"harness run --results {here}/results --prices={here}/p.yaml") == (
        "harness run --results results --prices=p.yaml"
    )
    assert scrub(f"{here}2/results") == "results"


@pytest.mark.parametrize(
    "secret",
    ["sk-abcdefgh12345678", "hf_abcdefgh1234", "Bearer abc.def", "api_key=abc", "token: x"],
)
def test_keys_are_taken_out(secret):
    assert secret not in scrub(f"harness run --x {secret} --y")


def test_the_home_folder_is_a_tilde(monkeypatch, tmp_path):
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "somebody")
    assert scrub(f"--docs {tmp_path}/somebody/rules") == "--docs ~/rules"


@given(st.text(st.characters(categories=["Ll", "Zs"])))
def test_plain_words_stay(text):
    assert scrub(text) == text


def test_a_record_says_what_it_ran_with():
    found = collect()
    assert found.command.startswith("harness")
    assert found.libraries["numpy"] and found.machine.cpu


def test_the_checkout_is_only_read(monkeypatch):
    """A run on a full disk left a half-written ``index.lock``, which stops every commit."""
    asked, run = [], subprocess.run
    monkeypatch.setattr(
        subprocess, "run", lambda line, **more: asked.append(line) or run(line, **more)
    )
    collect()
    commands = [line for line in asked if line[0] == "git"]
    assert commands and all("--no-optional-locks" in line for line in commands)
