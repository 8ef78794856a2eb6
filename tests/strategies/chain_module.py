"""Chains that somebody may have, for the tests of `langchain:`."""

from __future__ import annotations

import os

from langchain_core.documents import Document
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import AIMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda, RunnablePassthrough

LEAVE = Document("육아휴직은 최대 2년으로 한다.", metadata={"source": "휴직.pdf", "page": 3})
PROMPT = ChatPromptTemplate.from_messages([("system", "짧게 답한다."), ("human", "{question}")])


def ours():
    """prompt | model | parser, over a model of the harness."""
    from harness.models.langchain import chat_model

    model = chat_model(os.environ["CHAIN_MODEL"], device="cpu", dtype="float32", max_tokens=6)
    return PROMPT | model | StrOutputParser()


def _counted(question: str) -> dict:
    usage = {"input_tokens": 7, "output_tokens": 3, "total_tokens": 10}
    return {"answer": AIMessage("2년", usage_metadata=usage), "context": [LEAVE]}


sourced = RunnableLambda(_counted)
uncounted = PROMPT | FakeListChatModel(responses=["2년"]) | StrOutputParser()
piped = {"question": RunnablePassthrough()} | PROMPT | FakeListChatModel(responses=["2년"])
keyed = RunnableLambda(lambda given: given["query"]).with_types(input_type=dict)
odd = RunnableLambda(lambda question: 7)


def _fails(question: str) -> str:
    raise ValueError("no such index")


failing = RunnableLambda(_fails)
number = 7


class BadRequestError(Exception):
    """What a vendor's client raises; it has this name in all of them."""


def _too_long(question: str) -> str:
    if question.endswith("0"):
        raise BadRequestError("Error code: 400 - {'code': 'context_length_exceeded'}")
    return "2년"


too_long = RunnableLambda(_too_long)


def ours_too_long():
    """A chain that makes each prompt longer than the model's context."""
    return RunnableLambda(lambda question: {"question": "net profit " * 600}) | ours()
