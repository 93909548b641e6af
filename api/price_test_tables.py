"""A plan for a price test, to read: which price on which date, what it tells, what it costs, when to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.columns import Columns
from rich.console import RenderableType
from rich.text import Text as Words

from api.price_tables import assumption_list, market_head
from api.price_wording import interval_words, offer_words, percent_words, short_date_words, signed_yen_words
from api.table_parts import bullet, heading
from api.texts import say
from api.wording import yen_words

if TYPE_CHECKING:
    from pricing.model import Market
    from pricing.price_test import PriceTest
    from regional_assets.text import Language


def price_test_tables(found: PriceTest, market: Market, language: Language) -> list[RenderableType]:
    """Return the parts of a readable price test, in the order in which they are printed."""

    def told(key: str, **values: object) -> str:
        return say(f"price_test.{key}", language, **values)

    product = next(each for each in market.products if each.id == found.product)
    low, high, current = (yen_words(yen, language) for yen in (*found.prices, found.current))
    name, dates = offer_words(product, language), len(found.assignment)
    needed = {"precision": found.dates_for_precision, "power": found.dates_for_power}
    cost = {"cost": signed_yen_words(found.cost_yen.mean, language)}
    cost["interval"] = interval_words(found.cost_yen, language, signed=True)
    days = [
        Words(
            f"{short_date_words(date, language)} {yen_words(price, language)}",
            style="bold" if price == found.prices[1] else "",
        )
        for date, price in found.assignment
    ]
    return [
        *market_head(market, language),
        Words(told("head", product=name, low=low, high=high, current=current, dates=dates), style="bold"),
        Words(told("enough" if found.is_enough else "too_few", **needed), style="" if found.is_enough else "yellow"),
        Words(told("reach", half_width=f"{found.half_width:.2f}", power=percent_words(found.power))),
        Words(told("cost", **cost)),
        Words(""),
        heading(told("dates")),
        Columns(days, padding=(0, 3), equal=True),
        Words(""),
        heading(told("stopping")),
        *(bullet(reason.text.in_(language)) for reason in found.stopping),
        Words(""),
        assumption_list(found.assumed, language),
    ]
