"""From bookings that tell what was on offer to choices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pricing.estimation.aggregate import LEAST_VARIATION, no_variation
from pricing.estimation.choices import Choices
from regional_assets.errors import InputError, Problem
from regional_assets.text import Text

if TYPE_CHECKING:
    from pricing.estimation.records import Bookings

PRICE: Final = "price"
MOST_CELLS: Final = 50_000_000


def choices_of(bookings: Bookings) -> Choices:
    """
    Return the choices that bookings tell of.

    Alternatives are all products that somebody bought and, where some customers bought nothing, no purchase; a product
    that nobody bought (`never_bought`) has no finite appeal, and its chance is 0. Coefficients are
    the price in 1,000 of the currency and the appeal of each product against no purchase, or against the first product
    by name where everybody bought. A booking is one choice, however many units it takes: those who came together did
    not choose apart.

    Raises
    ------
    InputError
        If a booking does not tell what was on offer, or there are too many products for so many bookings.
    NoPriceVariationError
        If the price of no product ever changed.
    """
    lacking = [row for row in bookings.rows if not row.offered]
    if lacking:
        message = Text(ja="offered がありません", en="does not tell what was on offer (`offered`)")
        raise InputError([Problem(f"{bookings.source}:{row.line} offered", "", message) for row in lacking[:20]])
    products = sorted({row.product for row in bookings.rows if row.product is not None})
    if not products:
        raise InputError([Problem(bookings.source, 0, Text(ja="誰も何も買っていません", en="nobody bought anything"))])
    _refuse_constant(bookings, products)
    place = {product: index for index, product in enumerate(products)}
    nobody = len(products)
    alternatives = len(products) + bookings.has_no_purchases
    free = products if bookings.has_no_purchases else products[1:]
    _refuse_too_many(bookings, alternatives, len(free) + 1)
    design = np.zeros((len(bookings.rows), alternatives, 1 + len(free)))
    available = np.zeros((len(bookings.rows), alternatives), np.bool_)
    for number, row in enumerate(bookings.rows):
        for product, price in row.offered:
            if product not in place:
                continue
            available[number, place[product]] = True
            design[number, place[product], 0] = price / 1000
    for column, product in enumerate(free, start=1):
        design[:, place[product], column] = 1.0
    if bookings.has_no_purchases:
        available[:, nobody] = True
    return Choices(
        (PRICE, *free),
        design,
        available,
        np.array([nobody if row.product is None else place[row.product] for row in bookings.rows], np.int64),
    )


def never_bought(bookings: Bookings) -> tuple[str, ...]:
    """Return the products that were offered and that nobody bought."""
    bought = {row.product for row in bookings.rows}
    return tuple(sorted({product for row in bookings.rows for product, _ in row.offered} - bought))


def _refuse_constant(bookings: Bookings, products: list[str]) -> None:
    seen: dict[str, tuple[float, float]] = {}
    for row in bookings.rows:
        for product, price in row.offered:
            if product not in products:
                continue
            low, high = seen.get(product, (price, price))
            seen[product] = (min(low, price), max(high, price))
    if all(high - low <= LEAST_VARIATION * max(high, 1.0) for low, high in seen.values()):
        shown = "; ".join(f"{product}: {seen[product][0]:,.0f}" for product in products[:5])
        raise no_variation(shown + ("; …" if len(products) > 5 else ""), len(bookings.rows))


def _refuse_too_many(bookings: Bookings, alternatives: int, columns: int) -> None:
    cells = len(bookings.rows) * alternatives * columns
    if cells > MOST_CELLS:
        message = Text(
            ja=f"{len(bookings.rows)} 件 × {alternatives} 商品は大きすぎます。日付違いの商品を一つにまとめてください",
            en=f"{len(bookings.rows)} choices among {alternatives} are too many: make dates of an offer one product",
        )
        raise InputError([Problem(bookings.source, cells, message)])
