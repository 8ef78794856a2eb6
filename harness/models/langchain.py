"""The harness's models as a chat model of LangChain, with its count of tokens.

from harness.models.langchain import chat_model

chain = prompt | chat_model("gemma-3-270m", stop=("\\n",)) | StrOutputParser()
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.messages.ai import InputTokenDetails, OutputTokenDetails, UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable, RunnableLambda
from pydantic import ConfigDict, Field, PrivateAttr

from harness import devices
from harness.errors import TooLong, UsageError
from harness.models.base import Model
from harness.records.keys import digest
from harness.types import Generation, GenRequest, Prompt, Sampling, Section, Usage

__all__ = ["USAGE", "HarnessChatModel", "NoAnswer", "chat_model", "echo", "prompt_of"]

USAGE = "harness_usage"
"""Where a message's `response_metadata` has our own counts, computed tokens included."""


class NoAnswer(Exception):
    """A server gave no answer to one question; the next may have one."""


class HarnessChatModel(BaseChatModel):
    """A model of the harness, for chains.

    A model without a chat template reads the messages as plain text, each question after
    `input_cue` and each answer after `cue`.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, protected_namespaces=())

    model: Any = Field(description="A harness.models.base.Model.")
    max_tokens: int = Field(256, ge=1, description="Longest answer in tokens.")
    stop: tuple[str, ...] = Field((), description="Strings at which an answer ends.")
    input_cue: str = Field("", description="Word before a question, in plain text.")
    cue: str = Field("", description="Word before an answer, in plain text.")
    sampling: Sampling = Field(Sampling(), description="Greedy by default.")
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    @property
    def _llm_type(self) -> str:
        return "adaptbench"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": self.model.info.name, "max_tokens": self.max_tokens}

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        prompt = prompt_of(messages, input_cue=self.input_cue, cue=self.cue)
        ends = tuple(stop) if stop is not None else self.stop
        # Its id is its content, so that an endpoint's journal finds the answer again.
        name = digest([[section.kind, section.text, section.answer] for section in prompt.sections])
        request = GenRequest(name, prompt, ends, self.max_tokens, self.sampling)
        model: Model = self.model
        with self._lock:  # chains may run in threads; a local model answers one request at a time
            (generation,) = model.generate([request])
        if generation.finish == "too_long":
            raise TooLong(generation.error or "the question is too long")
        if generation.error is not None:
            raise NoAnswer(f"{model.info.name} gave no answer: {generation.error}")
        return ChatResult(
            generations=[ChatGeneration(message=_message(generation, model.info.name))]
        )


def _message(generation: Generation, name: str) -> AIMessage:
    about: dict[str, object] = {"model_name": name, "finish_reason": generation.finish}
    if not generation.metered:  # then LangChain is told of no tokens, rather than of none used
        return AIMessage(generation.text, response_metadata=about)
    about[USAGE] = generation.usage.as_dict()
    return AIMessage(
        generation.text, usage_metadata=_counted(generation.usage), response_metadata=about
    )


def _counted(usage: Usage) -> UsageMetadata:
    return UsageMetadata(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        total_tokens=usage.input_tokens + usage.output_tokens,
        input_token_details=InputTokenDetails(cache_read=usage.cached_tokens),
        output_token_details=OutputTokenDetails(reasoning=usage.reasoning_tokens),
    )


def prompt_of(messages: Sequence[BaseMessage], *, input_cue: str = "", cue: str = "") -> Prompt:
    """Makes a prompt of a conversation.

    Raises:
        UsageError: Another kind of message, or the last isn't human.
    """
    sections: list[Section] = []
    questions: list[str] = []
    for message in messages:
        if isinstance(message, SystemMessage):
            sections.append(Section("instructions", message.text))
        elif isinstance(message, HumanMessage):
            questions.append(message.text)
        elif isinstance(message, AIMessage) and questions:
            sections.append(Section("example", "\n".join(questions), message.text))
            questions = []
        else:
            raise UsageError(
                f"a chat model of the harness takes no message of type {message.type!r}",
                "Give system, human and AI messages, a human one last.",
            )
    if not questions:
        raise UsageError("there is no question", "The last message has to be a human one.")
    return Prompt((*sections, Section("question", "\n".join(questions))), cue, input_cue)


def chat_model(
    name: str,
    *,
    base_url: str | None = None,
    revision: str | None = None,
    device: str = "auto",
    dtype: str = "auto",
    offline: bool = False,
    **settings: Any,
) -> HarnessChatModel:
    """Loads a model as ``--model`` does, for chains.

    Args:
        name: Catalogue name, hub id, folder, GGUF file, or ``endpoint:NAME``.
        settings: Of `HarnessChatModel`: ``max_tokens``, ``stop``, ``cue``, ...

    Raises:
        MissingDependency: The model, a package or a key isn't there.
    """
    from harness.models.endpoint import PREFIX, Endpoint, EndpointModel, is_endpoint

    if is_endpoint(name):
        endpoint = Endpoint(name[len(PREFIX) :], base_url)
        return HarnessChatModel(model=EndpointModel(endpoint, None), **settings)
    from harness.models.local.model import load_local
    from harness.models.sources.fetch import resolve

    folder = resolve(name, revision=revision, offline=offline)
    return HarnessChatModel(
        model=load_local(folder, device=devices.select(device, dtype)), **settings
    )


def echo() -> Runnable[str, str]:
    """Makes the chain that the contract suite runs: it answers with the question's first word."""
    return RunnableLambda(lambda question: question.split()[0])
