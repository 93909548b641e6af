"""How well the past was foretold, and what other prices would have brought, to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text as Words

from api.price_tables import simulated_banner
from api.price_wording import interval_words, percent_words, signed_yen_words
from api.table_parts import bullet, figures_table, heading
from api.texts import say
from api.wording import date_words, yen_words

if TYPE_CHECKING:
    from pricing.backtest import Backtest
    from regional_assets.text import Language


def backtest_tables(found: Backtest, language: Language, *, source: str, made_up: str | None) -> list[RenderableType]:
    """
    Return the parts of a readable backtest, in the order in which they are printed.

    Parameters
    ----------
    source
        The records.
    made_up
        What was made up for a show: the records, or the market whose prices were replayed.
    """

    def told(key: str, **values: object) -> str:
        return say(f"backtest.{key}", language, **values)

    first, last = (date_words(date, language) for date in found.trained)
    parts: list[RenderableType] = [] if made_up is None else [simulated_banner(made_up, language)]
    parts.append(Words(told("head", source=source, first=first, last=last, dates=len(found.dates)), style="bold"))
    shares = {"mape": percent_words(found.mape), "bias": percent_words(found.bias, signed=True)}
    parts.append(Words(told("fit", **shares, coverage=percent_words(found.coverage))))
    earned = {"actual": found.actual_yen, "foretold": found.foretold_yen}
    parts.append(Words(told("revenue", **{name: yen_words(round(yen), language) for name, yen in earned.items()})))
    if found.proposed_yen is not None and found.more_yen is not None:
        replay = told(
            "replay",
            proposed=yen_words(round(found.proposed_yen.mean), language),
            interval=interval_words(found.proposed_yen, language),
            more=signed_yen_words(found.more_yen.mean, language),
            more_interval=interval_words(found.more_yen, language, signed=True),
        )
        parts.append(Words(replay, style="bold"))
    table = figures_table(told("product"), [told("actual"), told("foretold")])
    for product in found.products:
        table.add_row(product.product, f"{product.actual:,.0f}", f"{product.foretold:,.1f}")
    parts += [Words(""), heading(told("products")), table, Words("")]
    if found.remarks:
        parts.append(heading(told("remarks")))
        parts += [bullet(remark.text.in_(language)) for remark in found.remarks]
    return parts
