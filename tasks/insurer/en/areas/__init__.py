"""The areas of the insurer's knowledge, in the order in which a world is built."""

from __future__ import annotations

from . import benefits, claims, complaints, glossary, guide, leave, products, underwriting

# A new area goes to the end: earlier areas have the first choice of values.
AREAS = (leave, products, benefits, claims, underwriting, complaints, glossary, guide)

__all__ = ["AREAS"]
