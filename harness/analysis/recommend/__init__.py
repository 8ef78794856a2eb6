"""Which way of adapting is worth its money, by the records.

question      what is asked: volume, months, margin, constraints
offers        what a configuration costs to build, to keep and to ask, by harness.costs
decide        the cheapest that is shown to be as good as the best
objective     where somebody says what wrong answers cost: what is lost, with its bounds
total         then: the lowest total cost, and how much dearer it may be than the cheapest
flips         what would change that advice, by the same functions
matches       what a stricter or milder match of answers would change
cascade       cheap ones first, which pass on what they aren't sure of, by total cost
stages        what each stage of that costs, loses and is sure of
missing_rows  the rows and runs that would decide, and what they cost
advise        all of it, in order
sentences     the advice in a sentence, and what would change it, in English and Korean
"""

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
