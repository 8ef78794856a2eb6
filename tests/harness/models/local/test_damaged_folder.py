"""A model's folder that is damaged ends in one clear line, before an answer is made of it."""

from __future__ import annotations

import json
import shutil

import pytest

from harness.devices import select
from harness.errors import DataError
from harness.models.local.model import load_local
from harness.models.local.tiny import tiny_llama
from harness.models.sources.fetch import resolve

CONFIG, WEIGHTS, TOKENS = "config.json", "model.safetensors", "tokenizer.json"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return tiny_llama(tmp_path_factory.mktemp("whole") / "tiny")


def with_(**values):
    return lambda data: json.dumps({**json.loads(data), **values}).encode()


CASES = {
    "cut weights": (WEIGHTS, lambda data: data[: len(data) // 2]),
    "no weights": (WEIGHTS, lambda data: b""),
    "weights that are text": (WEIGHTS, lambda data: b"hello world, these are none"),
    "a header that is huge": (WEIGHTS, lambda data: (1 << 60).to_bytes(8, "little") + data[8:]),
    "a configuration that is empty": (CONFIG, lambda data: b""),
    "a configuration that is no object": (CONFIG, lambda data: b"[1]"),
    "a configuration that is deep": (CONFIG, lambda data: b"[" * 100_000),
    "a configuration that is no text": (CONFIG, lambda data: b"\xff\xfe"),
    "a long number": (CONFIG, lambda data: b'{"hidden_size": ' + b"9" * 5000 + b"}"),
    "an unknown model": (CONFIG, with_(model_type="nosuch")),
    "a text for a number": (CONFIG, with_(hidden_size="abc")),
    "a negative size": (CONFIG, with_(hidden_size=-4)),
    "no heads": (CONFIG, with_(num_attention_heads=0)),
    "another size": (CONFIG, with_(hidden_size=128)),
    "an unknown type": (CONFIG, with_(dtype="float77")),
    "more layers than weights": (CONFIG, with_(num_hidden_layers=4)),
    "no tokenizer": (TOKENS, None),
    "an empty tokenizer": (TOKENS, lambda data: b""),
    "a tokenizer of nothing": (TOKENS, lambda data: b"{}"),
    "a cut tokenizer": (TOKENS, lambda data: data[: len(data) // 2]),
    "settings that are a list": ("generation_config.json", lambda data: b"[]"),
    "a template that is none": ("chat_template.jinja", lambda data: b"{% for x in %}"),
    "a template that fails": ("chat_template.jinja", lambda data: b"{{ 1 / 0 }}"),
    "a template of nothing": ("chat_template.jinja", lambda data: b"{{ no.such.thing }}"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_damaged_folder_is_one_clear_line(tmp_path, whole, case):
    folder = shutil.copytree(whole, tmp_path / case.replace(" ", "-"))
    name, change = CASES[case]
    data = (folder / name).read_bytes()
    (folder / name).unlink()
    if change is not None:
        (folder / name).write_bytes(change(data))
    with pytest.raises(DataError) as raised:
        load_local(resolve(str(folder)), device=select("cpu"))
    message = raised.value.message
    assert raised.value.hint and "\n" not in message and len(message) < 400
    assert folder.name in message or "template" in message


def test_a_whole_folder_is_loaded(whole):
    assert load_local(resolve(str(whole)), device=select("cpu")).info.chat
