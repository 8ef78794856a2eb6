"""Look-alikes of products: another type under almost the same name, with limits of its own.

They are stated and never asked for, so that a world's rows are the same with and without them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..draw import Draw
from ..products import Cover
from ..world import Fact, Value
from .areas.product_banks import DEDUCTIBLE, LIMIT, WAITING
from .areas.product_tables import COVERS, PRODUCTS
from .pools import man_won, periods, won

TYPES = ("실속형", "고급형", "간편형")
TWINNED = ("golf", "abroad_travel", "cancer", "dental", "pet")
LABELS = {"limit": LIMIT, "deductible": DEDUCTIBLE, "waiting": WAITING}


def twins(draw: Draw, number: int) -> Iterator[Fact]:
    """Yields so many look-alikes of some products, each with its own stated facts.

    Args:
        draw: A draw that has all values of the world, so that none comes twice.
        number: How many types a product has beside the basic one, up to `TYPES`.
    """
    names = {product.key: product.name for product in PRODUCTS}
    for at, kind in enumerate(TYPES[:number], start=1):
        for cover in COVERS:
            if cover.product in TWINNED and cover.since == 1:
                yield from _twin(draw, f"twin{at}", f"{names[cover.product]}({kind})", cover)


def _twin(draw: Draw, prefix: str, product: str, cover: Cover) -> Iterator[Fact]:
    key, subject = f"{prefix}-{cover.product}-{cover.key}", f"{product} {cover.name}"
    for attribute, pool in _pools(cover).items():
        name = f"product.{key}.{attribute}"
        value = draw.pick(name, pool)
        assert value is not None
        statement = LABELS[attribute].statement(value, {"p": product, "c": cover.name})
        yield Fact("product", key, attribute, "보험상품", subject, attribute, value, (), statement)


def _pools(cover: Cover) -> dict[str, Sequence[Value]]:
    """Values of the basic type's size; deductibles are in half steps, of which there are enough."""
    low, high, step = cover.limit
    pools: dict[str, Sequence[Value]] = {"limit": man_won(low, 2 * high, step)}
    if cover.deductible:
        least, most, _ = cover.deductible
        pools["deductible"] = won(least * 10_000 + 5_000, most * 20_000, 5_000)
    if cover.waiting:
        unit, first, last = cover.waiting
        pools["waiting"] = periods(unit, first, last + 20)
    return pools
