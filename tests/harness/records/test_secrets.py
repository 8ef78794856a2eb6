"""No key and no password is written or printed, in whatever form a server sends it back."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.records import secrets
from harness.records.files import append_lines, write_json, write_lines, write_text
from harness.records.scrub import scrub, without_places
from harness.records.secrets import dumps, hidden, hide, hide_url

KEY = 'sk/a+b"c\\d é%'


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "_given", set())
    monkeypatch.setenv("HARNESS_API_KEY", KEY)


FORMS = {
    "plain": KEY,
    "in JSON": json.dumps(KEY)[1:-1],
    "in JSON, not ASCII": json.dumps(KEY, ensure_ascii=False)[1:-1],
    "in a URL": quote(KEY, safe=""),
    "in a form": quote_plus(KEY),
    "in base64": base64.b64encode(KEY.encode()).decode(),
    "as a user": base64.b64encode(f"me:{KEY}".encode()).decode(),
    "as a user with nothing after": base64.b64encode(f"{KEY}:".encode()).decode(),
    "in the base64 of URLs": base64.urlsafe_b64encode(f"ab:{KEY}".encode()).decode(),
}


@pytest.mark.parametrize("name", FORMS)
def test_no_form_of_a_key_is_written(name: str, tmp_path: Path):
    text = f"you sent <{FORMS[name]}> to me"
    assert FORMS[name] not in hidden(text) and "[removed]" in hidden(text)
    line = {"text": text, text: [1, {"deep": (text,)}]}
    append_lines(tmp_path / "a.jsonl", [line])
    write_lines(tmp_path / "b.jsonl", [line, line])
    write_json(tmp_path / "c.json", line)
    write_text(tmp_path / "d.html", text)
    for path in tmp_path.iterdir():
        content = path.read_text(encoding="utf-8")
        assert FORMS[name] not in content and json.dumps(FORMS[name])[1:-1] not in content
        assert "[removed]" in content
        if path.suffix != ".html":
            for each in content.strip().split("\n" if path.suffix == ".jsonl" else "\0"):
                assert json.loads(each)["text"].startswith("you sent <")


@given(st.text(min_size=8, max_size=30), st.binary(max_size=5), st.binary(max_size=5))
def test_base64_is_found_whatever_stands_around_a_key(key: str, before: bytes, after: bytes):
    secrets._given.clear()
    hide(key := key.encode(errors="replace").decode())
    coded = base64.b64encode(before + key.encode() + after).decode()
    assert "[removed]" in hidden(coded)
    assert json.loads(dumps({"a": key, "n": 1})) != {"a": key, "n": 1}


def test_a_key_of_digits_leaves_numbers_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("HARNESS_API_KEY", "12345678")
    write_json(tmp_path / "a.json", {"n": 12345678, "f": 0.123456789, "t": "12345678"})
    found = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert found == {"n": 12345678, "f": 0.123456789, "t": "[removed]"}


def test_a_short_value_is_left_as_it_would_be_found_in_words(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HARNESS_API_KEY", "leave")
    assert hidden("leave is 5 days") == "leave is 5 days"


@pytest.mark.parametrize(
    "name",
    ["OPENAI_API_KEY", "HARNESS_JUDGE_API_KEY", "HF_TOKEN", "ANTHROPIC_API_KEY", "my_apikey"],
)
def test_variables_that_hold_keys(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv(name, "value-of-it")
    assert hidden("a value-of-it b") == "a [removed] b"
    monkeypatch.delenv(name)
    assert hidden("a value-of-it b") == "a value-of-it b"


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "http_proxy", "HARNESS_BASE_URL"])
def test_passwords_in_the_addresses_of_variables(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv(name, "http://someone:pass%20word@host:3128/v1")
    sent = base64.b64encode(b"someone:pass word").decode()
    for text in ("pass word", sent, "http://someone:pass%20word@host"):
        assert "[removed]" in hidden(text) and "word" not in hidden(text)


def test_an_address_keeps_what_is_no_secret():
    shown = hide_url("https://user:pw@host:8/v1?api-version=2024-02-01&key=abc&sig=x%2By")
    assert shown == "https://[removed]@host:8/v1?api-version=2024-02-01&key=[removed]&sig=[removed]"
    assert hidden("2024-02-01") == "2024-02-01"


def test_a_command_and_settings_lose_their_passwords():
    command = "harness run --base-url https://user:pw@host/v1?key=abc --model endpoint:m"
    assert scrub(command) == (
        "harness run --base-url https://[removed]@host/v1?key=[removed] --model endpoint:m"
    )
    settings = {"set": {"rag.base_url": "https://user:pw@host/v1", "k": 3}}
    assert without_places(settings) == {
        "set": {"rag.base_url": "https://[removed]@host/v1", "k": 3}
    }


def test_an_address_with_a_password_is_never_written_whoever_it_belongs_to(tmp_path: Path):
    text = "postgres://someone:pw@host/db and https://host/a@b and ssh://git@host"
    write_json(tmp_path / "a.json", {"t": text, "n": 1})
    found = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["t"]
    assert found == "postgres://[removed]@host/db and https://host/a@b and ssh://git@host"
    assert hidden(text) == found


def test_an_environment_of_no_keys_costs_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("HARNESS_API_KEY")
    code = "from harness.records import secrets; print(secrets.forms())"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={
        "PYTHONPATH": ":".join(sys.path), "PATH": ""})  # fmt: skip
    assert told.stdout.strip() == "()"
