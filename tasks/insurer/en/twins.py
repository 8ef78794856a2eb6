"""Look-alikes of products, which make retrieval harder: "golf insurance Junior"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..draw import Draw
from ..products import Product
from ..world import Fact, Value
from .areas.base import Area, Bank
from .areas.product_banks import CODE, DEDUCTIBLE, LAUNCHED, LIMIT
from .areas.products import COVERS, PRODUCTS
from .pools import codes, dates, dollars

FORMS = ("Junior", "Silver", "Family")
STEPS = 5  # divides the steps of all coverages
TWINNED = ("golf", "car", "foreign_travel", "cancer", "pet", "home")


def twins(draw: Draw, number: int) -> Iterator[Fact]:
    """Yields so many look-alikes of some products; documents state them, and nobody asks.

    Args:
        draw: Has the values of all other facts, so that no look-alike has one of them.
        number: Up to the number of `FORMS`.

    Yields:
        Code, launch, and the coverages' limits and deductibles of each look-alike.
    """
    area = Area("product", "Products", draw)
    for product in PRODUCTS:
        if product.key in TWINNED:
            for form in FORMS[:number]:
                yield from _twin(area, product, form)


def _twin(area: Area, product: Product, form: str) -> Iterator[Fact]:
    name, key = f"{product.name} {form}", f"{product.key}_{form.lower()}"
    yield _stated(area, (key, name), ("launched", dates(2012, 2020)), LAUNCHED, p=name)
    yield _stated(area, (key, name), ("code", codes(product.code, 11, 99)), CODE, p=name)
    for cover in COVERS:
        if cover.product == product.key:
            who = (f"{key}-{cover.key}", f"{name}, {cover.name}")
            slots = {"p": name, "c": cover.name}
            yield _stated(area, who, ("limit", _finer(cover.limit)), LIMIT, **slots)
            if cover.deductible:
                pool = _finer(cover.deductible)
                yield _stated(area, who, ("deductible", pool), DEDUCTIBLE, **slots)


def _finer(span: tuple[int, int, int]) -> Sequence[Value]:
    """Amounts of a coverage in steps so small that every look-alike finds one that is free."""
    low, high, step = span
    return dollars(low, high, step // STEPS)


def _stated(
    area: Area, who: tuple[str, str], what: tuple[str, Sequence[Value]], bank: Bank, **slots: str
) -> Fact:
    value = area.draw.pick(f"product.{who[0]}.{what[0]}", what[1])
    assert value is not None  # only asked facts are ever removed
    statement = bank.statement(value, slots).removesuffix(".")
    return area.stated(who, (what[0], what[0]), statement)
