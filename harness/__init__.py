"""Quality and cost of every way of adapting a language model, measured in one run."""

__version__ = "0.1.0"
