"""Which way of adapting is worth its money, by the records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.analysis.recommend.advise import recommend as recommend
    from harness.analysis.recommend.answer import Recommendation as Recommendation
    from harness.analysis.recommend.question import Question as Question
    from harness.analysis.recommend.question import make_question as make_question
    from harness.analysis.recommend.sentences import sentence as sentence
    from harness.analysis.recommend.sentences import thresholds as thresholds

_MODULES = {
    "Question": "question",
    "Recommendation": "answer",
    "make_question": "question",
    "recommend": "advise",
    "sentence": "sentences",
    "thresholds": "sentences",
}
__all__ = ["Question", "Recommendation", "make_question", "recommend", "sentence", "thresholds"]


def __getattr__(name: str) -> Any:
    """Loads a part when it is asked for: the command line needs the question alone for its help."""
    if name not in _MODULES:
        raise AttributeError(f"module 'harness.analysis.recommend' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"harness.analysis.recommend.{_MODULES[name]}"), name)
