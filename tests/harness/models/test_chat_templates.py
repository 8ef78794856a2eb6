"""Prompts of chat models against transformers' own `apply_chat_template`, token for token."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.calls import written_calls
from harness.errors import UsageError
from harness.models.local import generation, tiny
from harness.models.local.model import LocalModel, load_local
from harness.models.render import Encoder, messages, render_text
from harness.models.sources.cache import cache_folder
from harness.models.sources.fetch import is_cached
from harness.strategy.tools.calls import CALCULATE, SEARCH, read_call
from harness.types import GenRequest, Passage, Prompt, Section

HEAD = Section("instructions", "문서에 없으면 모른다고 답한다.")
SHOT = Section("example", "휴직은 최대 몇 년인가요?", "최대 1년", (Passage("p0", "a.pdf"),))
RULES = (Passage("휴직 기간은 1년이다.", "a.pdf"), Passage("복직 신청은 30일 전.", "b.pdf"))
QUESTION = Section("question", "  12 % of 3,000?\n\n1. a", passages=RULES)
PROMPTS = [
    Prompt((QUESTION,)),
    Prompt((HEAD, QUESTION)),
    Prompt((SHOT, QUESTION)),
    Prompt((HEAD, Section("instructions", "Be brief."), SHOT, SHOT, QUESTION)),
]
TOOLS = (SEARCH, CALCULATE)

# ChatML as Qwen2.5 writes it: a system turn of its own, tools, and an end token a turn.
QWEN_LIKE = """\
{%- set own = 'You are a helpful assistant.' -%}
{%- set first = messages[0].content if messages[0].role == 'system' else own -%}
{{- '<|im_start|>system\\n' + first -}}
{%- if tools -%}
{{- '\\n\\n# Tools\\n<tools>' -}}
{%- for tool in tools -%}{{- '\\n' -}}{{- tool | tojson -}}{%- endfor -%}
{{- '\\n</tools>\\nA call stands in <tool_call></tool_call>.' -}}
{%- endif -%}
{{- '<|im_end|>\\n' -}}
{%- for m in messages -%}
{%- if not (loop.first and m.role == 'system') -%}
{{- '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' -}}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}
"""


def qwen_like() -> Any:
    words = tiny.tokenizer(chat=True)
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    words.add_special_tokens({"additional_special_tokens": special})
    words.add_tokens(["<tool_call>", "</tool_call>"])
    words.eos_token = "<|im_end|>"
    words.chat_template = QWEN_LIKE
    return words


def real(name: str) -> Any:
    from transformers import AutoTokenizer

    if not is_cached(name):
        pytest.skip(f"python -m harness models fetch {name}")
    return AutoTokenizer.from_pretrained(cache_folder() / "models" / name)


REAL = [pytest.mark.model, pytest.mark.slow]
CHAT = [
    "qwen-like",
    "tiny",
    *(
        pytest.param(name, marks=REAL)
        for name in (
            "smollm2-135m-instruct",
            "qwen2.5-coder-0.5b-instruct",
            "qwen2.5-coder-1.5b-instruct",
        )
    ),
]


@pytest.fixture(params=CHAT)
def words(request: pytest.FixtureRequest) -> Any:
    if request.param == "qwen-like":
        return qwen_like()
    return tiny.tokenizer(chat=True) if request.param == "tiny" else real(request.param)


def _theirs(words: Any, turns: list[dict[str, str]], **options: Any) -> list[int]:
    return list(words.apply_chat_template(turns, return_dict=False, **options))


@pytest.mark.parametrize("prompt", PROMPTS)
def test_a_prompt_is_what_transformers_writes(words: Any, prompt: Prompt) -> None:
    encoder = Encoder(words)
    theirs = _theirs(words, messages(prompt), add_generation_prompt=True)
    assert encoder.encode(prompt).ids == theirs
    assert words.decode(theirs) == encoder.text(prompt)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_training_sees_the_whole_dialogue_up_to_its_end_token(words: Any, prompt: Prompt) -> None:
    trained = Encoder(words).encode(prompt, "240,000원")
    turns = [*messages(prompt), {"role": "assistant", "content": "240,000원"}]
    theirs = _theirs(words, turns)
    assert trained.ids == theirs[: len(trained.ids)]
    assert trained.ids[: trained.prompt_length] == Encoder(words).encode(prompt).ids
    assert words.decode(theirs[len(trained.ids) :]).strip() == "", "nothing but a line break"
    assert trained.ids[-1] == words.eos_token_id


def test_scored_answers_are_those_that_are_trained(words: Any) -> None:
    encoder = Encoder(words)
    ((length, scored),) = encoder.encode_all([(PROMPTS[1], ("yes", "아니요"))])
    for one, answer in zip(scored, ("yes", "아니요"), strict=True):
        assert one == encoder.encode(PROMPTS[1], answer, end=False)
        assert one.prompt_length == length


@pytest.mark.parametrize(
    "name",
    [
        "qwen-like",
        *(pytest.param(f"qwen2.5-coder-{size}-instruct", marks=REAL) for size in ("0.5b", "1.5b")),
    ],
)
def test_tools_are_offered_as_transformers_writes_them(name: str) -> None:
    words = qwen_like() if name == "qwen-like" else real(name)
    schemas = [tool.schema for tool in TOOLS]
    for prompt in PROMPTS:
        theirs = _theirs(words, messages(prompt), tools=schemas, add_generation_prompt=True)
        assert Encoder(words).offer(prompt, TOOLS).ids == theirs
    text = words.decode(theirs)
    assert '"name": "search"' in text and '"required": ["expression"]' in text


@pytest.mark.parametrize("chat", [True, False])
def test_a_template_without_tools_is_said(chat: bool) -> None:
    with pytest.raises(UsageError, match=r"no chat template that offers tools\n.*calling=text"):
        Encoder(tiny.tokenizer(chat=chat)).offer(PROMPTS[0], TOOLS)


@pytest.mark.parametrize(
    "name", ["qwen-like", pytest.param("qwen2.5-coder-0.5b-instruct", marks=REAL)]
)
def test_each_end_token_ends_an_answer(name: str) -> None:
    words = qwen_like() if name == "qwen-like" else real(name)
    encoder = Encoder(words)
    assert words.convert_ids_to_tokens(encoder.end_id) == "<|im_end|>"
    assert words.convert_tokens_to_ids("<|endoftext|>") in encoder.other_ends
    assert words.convert_tokens_to_ids("<|im_start|>") not in encoder.other_ends


@pytest.mark.model
@pytest.mark.slow
def test_korean_is_composed_before_it_is_split() -> None:
    import unicodedata

    words = real("qwen2.5-coder-0.5b-instruct")
    text = "보험계약자는 2.5년"
    assert words(unicodedata.normalize("NFD", text)).input_ids == words(text).input_ids


@pytest.mark.model
@pytest.mark.slow
def test_a_base_model_has_no_turns() -> None:
    words = real("gemma-3-270m")
    encoder = Encoder(words)
    assert not encoder.chat and encoder.other_ends == frozenset()
    assert encoder.encode(PROMPTS[3]).ids == words(render_text(PROMPTS[3])).input_ids


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        (
            '<tool_call>\n{"name": "search", "arguments": {"words": "육아 휴직"}}\n</tool_call>',
            (("search", "육아 휴직"),),
        ),
        ('<tool_call>\n{"name": "calculate", "arguments": {"expression": "3*4"}}\n',
         (("calculate", "3*4"),)),
        ('<tool_call>\n{{"name": "search", "arguments": {"words": "x"}}}\n</tool_call>',
         (("search", "x"),)),
        ('I look.\n<tool_call>{"name": "search", "arguments": {"words": "a"}}</tool_call>\n'
         '<tool_call>{"name": "search", "arguments": {"words": "b"}}</tool_call>',
         (("search", "a"), ("search", "b"))),
        ('<tool_call>\n{"name": "search"}\n</tool_call>', ()),
        ("<tool_call>\nsearch\n</tool_call>", ()),
        ('{"name": "search", "arguments": {"words": "x"}}', (("search", "x"),)),
        ('```json\n{\n  "name": "search",\n  "arguments": {"words": "x"}\n}\n```',
         (("search", "x"),)),
        ('{"name": "calculate", "arguments": {"expression": "3*4", "required": ["expression"]}}',
         (("calculate", "3*4"),)),
        ('{"name": "search", "arguments": {"words": "a", "place": "b"}}',
         (("search", '{"words": "a", "place": "b"}'),)),
        ('The call {"name": "search", "arguments": {"words": "x"}} would help', ()),
        ('{"name": "김보험", "amount": 300}', ()),
        ("{300만원}", ()),
        ("300만원", ()),
    ],
)  # fmt: skip
def test_calls_are_read_as_qwen_writes_them(text: str, calls: tuple[Any, ...]) -> None:
    assert written_calls(text) == calls
    if calls:
        tool, argument = read_call(text, TOOLS) or (None, "")
        assert (tool.name if tool else "", argument) == calls[0]
        assert read_call(text, ()) is None


class _Script:
    """Stands in for a model's decoding: it gives the logits of a written answer."""

    def __init__(self, tokens: list[int], vocabulary: int) -> None:
        self.tokens, self.vocabulary = list(tokens), vocabulary
        self.widths = [1]

    def read(self) -> Any:
        import torch

        logits = torch.zeros(1, self.vocabulary)
        logits[0, self.tokens.pop(0)] = 1
        return logits

    def step(self, tokens: list[int]) -> Any:
        return self.read()


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes a model with Qwen's template say a text, and returns its answer to a request."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from harness.devices import Device

    words = qwen_like()
    torch.manual_seed(0)
    config = LlamaConfig(**tiny.sizes(words) | {"max_position_embeddings": 2048})
    folder = tiny.save(LlamaForCausalLM(config), words, tmp_path)
    model: LocalModel = load_local(folder, device=Device("cpu", 0, "", "float32"))

    def answer(text: str, request: GenRequest) -> Any:
        tokens = words(text, add_special_tokens=False).input_ids
        script = _Script(tokens, model.vocabulary)
        monkeypatch.setattr(generation, "decoder", lambda *_: script)
        (result,) = model.generate([replace(request, max_tokens=len(tokens))])
        return result

    return answer


@pytest.mark.parametrize("end", ["<|im_end|>", "<|endoftext|>"])
def test_an_answer_stops_at_either_end(says: Any, end: str) -> None:
    result = says(f"최대 1년{end}and more", GenRequest("a", PROMPTS[1]))
    assert (result.text, result.finish, result.calls) == ("최대 1년", "stop", ())


def test_a_call_is_read_to_its_end_whatever_ends_an_answer(says: Any) -> None:
    call = {"name": "search", "arguments": {"words": "육아 휴직"}}
    text = f"<tool_call>\n{json.dumps(call, ensure_ascii=False)}\n</tool_call><|im_end|>"
    request = GenRequest("a", PROMPTS[1], stop=("\n",), tools=TOOLS)
    result = says(text, request)
    assert (result.finish, result.calls) == ("stop", (("search", "육아 휴직"),))
    fenced = f"```json\n{json.dumps(call, indent=1)}\n```<|im_end|>"
    assert says(fenced, request).calls == (("search", "육아 휴직"),)
    assert says("300만원\n더", request).text == "300만원"
    result = says("{300만원}\n더<|im_end|>", request)
    assert (result.text, result.finish, result.calls) == ("{300만원}", "stop", ())
