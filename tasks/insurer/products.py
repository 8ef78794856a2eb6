"""What is said of a product and of its coverages, in every language."""

from __future__ import annotations

from typing import NamedTuple


class Product(NamedTuple):
    """A product, its code's letters, its discount, and what the lists of its coverages draw from."""

    key: str
    name: str
    code: str
    discount: str
    exclusions: str
    papers: str


class Cover(NamedTuple):
    """A coverage: its limit's and deductible's range (low, high, step), and what it has.

    Ranges are in dollars, in Korean in 만원. Its lists take one item from its product's and one from
    its own, so that they suit it.
    """

    product: str
    key: str
    name: str
    event: str
    limit: tuple[int, int, int]
    deductible: tuple[int, int, int] | None = None
    waiting: tuple[str, int, int] | None = None
    excludes: str = ""
    papers: str = ""
    since: int = 1
