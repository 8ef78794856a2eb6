"""What retrieval adds to a prompt beside the passages: to answer from them, or not at all."""

from __future__ import annotations

from harness.task.view import TaskView
from harness.types import Prompt

__all__ = ["grounded"]

_FROM = {"ko": "번호가 붙은 자료를 근거로 답한다.", "en": "Answer from the numbered passages."}
_ELSE = {
    "ko": '자료에 답이 없으면 "{abstain}"라고 답한다.',
    "en": 'If they do not say, answer "{abstain}".',
}


def grounded(prompt: Prompt, task: TaskView) -> Prompt:
    """Adds the rule to the instructions, in the task's language.

    Args:
        prompt: What is asked.
        task: Names the language, and what is answered where nothing is known.

    Returns:
        The prompt; one without instructions gets some.
    """
    language = task.language if task.language in _FROM else "en"
    rule = _FROM[language]
    if task.abstain:
        rule = f"{rule} {_ELSE[language].format(abstain=task.abstain)}"
    return prompt.with_instructions(rule)
