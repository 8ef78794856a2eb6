"""The contract that every way of adapting a model fulfils, its parts, and how they combine.

base         what a strategy is made of: `Strategy`, `Weights`, `Prompting`, their parameters
adaptation   weights and promptings together
predictors   how a prepared model answers
context      what a strategy is given: never a test answer
registry     from a name to its class
tools        the loop in which a model calls tools
langchain    LangChain runnables as strategies
"""

from harness.strategy.base import Frozen, Pairs, Part, Predictor, Prompting, Strategy, Weights
from harness.strategy.context import Context
from harness.strategy.training_plan import TrainingPlan

__all__ = [
    "Context",
    "Frozen",
    "Pairs",
    "Part",
    "Predictor",
    "Prompting",
    "Strategy",
    "TrainingPlan",
    "Weights",
]
