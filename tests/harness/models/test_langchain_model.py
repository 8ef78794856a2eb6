"""A model of the harness inside a chain of LangChain, with its tokens."""

from __future__ import annotations

from pathlib import Path

import pytest
from langchain_core.callbacks import UsageMetadataCallbackHandler
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate

from harness.errors import UsageError
from harness.models.langchain import USAGE, chat_model, prompt_of
from harness.types import GenRequest

ASKED = [SystemMessage("짧게."), HumanMessage("기간?"), AIMessage("1년"), HumanMessage("금액?")]


def test_a_conversation_becomes_a_prompt():
    prompt = prompt_of(ASKED, cue="답:")
    kinds = [(section.kind, section.text, section.answer) for section in prompt.sections]
    assert kinds == [
        ("instructions", "짧게.", ""), ("example", "기간?", "1년"), ("question", "금액?", "")
    ]  # fmt: skip
    assert prompt.cue == "답:"


@pytest.mark.parametrize(
    "messages",
    [
        [], ASKED[:1], ASKED[:3], [AIMessage("1년"), HumanMessage("?")],
        [HumanMessage("?"), ToolMessage("3", tool_call_id="t")],
    ],
)  # fmt: skip
def test_what_can_not_be_asked_is_said(messages):
    with pytest.raises(UsageError):
        prompt_of(messages)


def test_a_chain_over_a_local_model_counts_its_tokens(tiny_llama: Path):
    model = chat_model(str(tiny_llama), device="cpu", dtype="float32", max_tokens=5)
    prompt = ChatPromptTemplate.from_messages([("system", "Be brief."), ("human", "{question}")])
    handler = UsageMetadataCallbackHandler()
    asked = {"question": "How long?"}
    text = (prompt | model | StrOutputParser()).invoke(asked, {"callbacks": [handler]})
    message = (prompt | model).invoke(asked)
    direct = prompt_of(prompt.invoke(asked).to_messages())
    (wanted,) = model.model.generate([GenRequest("q", direct, (), 5)])
    assert text == message.text == wanted.text
    assert message.usage_metadata["input_tokens"] == wanted.usage.input_tokens
    assert message.usage_metadata["input_tokens"] == model.model.count_tokens(direct)
    assert message.response_metadata[USAGE]["computed_tokens"] > 0
    (counted,) = handler.usage_metadata.values()
    assert counted["total_tokens"] == wanted.usage.input_tokens + wanted.usage.output_tokens


def test_threads_take_turns(tiny_llama: Path):
    model = chat_model(str(tiny_llama), device="cpu", dtype="float32", max_tokens=3)
    asked = [f"Unit {number}?" for number in range(6)]
    together = model.batch(asked, {"max_concurrency": 3})
    assert [each.text for each in together] == [model.invoke(text).text for text in asked]
