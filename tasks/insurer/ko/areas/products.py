"""보험상품: ten products, three covers each; neighbours look alike and differ in their values."""

from __future__ import annotations

from collections.abc import Iterator

from ...draw import Draw
from ...products import Cover, Product
from ...world import Fact
from ..pools import codes, dates, man_won, pairs, periods, round_days, shares
from .base import ABSENT, NEAR_MISS, Area
from .product_banks import (
    AMENDED,
    CODE,
    DEDUCTIBLE,
    DISCOUNT,
    EXCLUSIONS,
    LAUNCHED,
    LIMIT,
    PAPERS,
    WAITING,
)
from .product_tables import COVERS, NOT_THERE, PRODUCTS, PRODUCTS_NOT_SOLD

DISCOUNTS = "3 5 7 8 10 12 13 15 16 17 18 20 22 23 25"

LABELS = {
    "limit": ("보상 한도", LIMIT),
    "deductible": ("자기부담금", DEDUCTIBLE),
    "waiting": ("면책기간", WAITING),
    "exclusions": ("보상하지 않는 손해", EXCLUSIONS),
    "papers": ("청구 서류", PAPERS),
    "launched": ("판매 개시일", LAUNCHED),
    "amended": ("약관 개정일", AMENDED),
    "code": ("상품 코드", CODE),
    "discount": ("할인율", DISCOUNT),
}


def facts(draw: Draw) -> Iterator[Fact]:
    """Yields the area's facts."""
    area = Area("product", "보험상품", draw, labels=LABELS)
    by_key = {product.key: product for product in PRODUCTS}
    for product in PRODUCTS:
        yield from _product(area, product)
    for cover in COVERS:
        if cover.since <= draw.version:
            yield from _cover(area, by_key[cover.product], cover)
    yield area.rule(
        "discount", "할인 보험료는 보험료에서 보험료에 할인율을 곱한 금액을 뺀 금액으로 한다."
    )
    for product_key, cover_key, name, cover_name, event, attribute in NOT_THERE:
        unknown = NEAR_MISS if product_key in by_key else ABSENT
        subject = (f"{product_key}-{cover_key}", f"{name} {cover_name}")
        yield area.ask(subject, attribute, unknown, p=name, c=cover_name, event=event)
    for product_key, name, attribute, discount in PRODUCTS_NOT_SOLD:
        yield area.ask((product_key, name), attribute, ABSENT, p=name, d=discount)


def _product(area: Area, product: Product) -> Iterator[Fact]:
    who = (product.key, product.name)
    yield area.ask(who, "launched", dates(2006, 2018), p=product.name)
    yield area.ask(who, "amended", dates(2019, 2024), p=product.name)
    yield area.ask(who, "code", codes(product.code, 11, 99), p=product.name)
    yield area.ask(who, "discount", shares(DISCOUNTS), p=product.name, d=product.discount)


def _cover(area: Area, product: Product, cover: Cover) -> Iterator[Fact]:
    """Yields what the cover has; two things that it lacks are asked for, as near misses."""
    who = (f"{product.key}-{cover.key}", f"{product.name} {cover.name}")
    slots = {"p": product.name, "c": cover.name, "event": cover.event}
    yield area.ask(who, "limit", man_won(*cover.limit), **slots)
    if cover.deductible:
        yield area.ask(who, "deductible", man_won(*cover.deductible), **slots)
    elif cover.key in ("settlement", "own_body"):
        yield area.ask(who, "deductible", NEAR_MISS, **slots)
    if cover.waiting:
        unit, low, high = cover.waiting
        days = round_days(low, high) if unit == "일" else periods(unit, low, high)
        yield area.ask(who, "waiting", days, **slots)
    elif cover.key in ("clubs", "own_car", "contents"):
        yield area.ask(who, "waiting", NEAR_MISS, **slots)
    if cover.excludes:
        yield area.ask(who, "exclusions", pairs(product.exclusions, cover.excludes), **slots)
    if cover.papers:
        yield area.ask(who, "papers", pairs(product.papers, cover.papers), **slots)
