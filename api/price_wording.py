"""How prices, intervals, rules and findings of a price plan are put for people, in Japanese and English."""

from __future__ import annotations

import datetime as dt
import math
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from api.texts import say
from api.wording import MONTHS, WEEKDAYS, yen_words

if TYPE_CHECKING:
    from pricing.model import Market, Product
    from pricing.proposal import Comparison, Interval, PolicyOutcome, PricePlan, ProductPlan, Reason, RuleCost
    from regional_assets.text import Language

_MINUS = "−"


def short_date_words(date: dt.date, language: Language) -> str:
    """Return ``12/5土`` or ``Sat 5 Dec``: for tables in which the year is plain."""
    weekday = WEEKDAYS[language][date.weekday()]
    return f"{date.month}/{date.day}{weekday}" if language == "ja" else f"{weekday} {date.day} {MONTHS[date.month - 1]}"


def offer_words(product: Product, language: Language) -> str:
    """Return the name of a product without its own date and what follows, which stand in columns of their own."""
    name = product.name.in_(language)
    offer = name.split(product.date.isoformat())[0]
    return re.sub(r"[\s,、，(（]+$", "", offer) or name


def slot_words(product: Product) -> str:
    """Return ``10:00–11:30``; ``10:00`` where the end is unknown, and nothing without a slot."""
    return "–".join(part for part in (product.start, product.end) if part)


def signed_yen_words(amount: float, language: Language) -> str:
    """Return ``+1,200円`` or ``−¥300``."""
    whole = round(amount)
    sign = "+" if whole > 0 else _MINUS if whole < 0 else "±"
    return f"{sign}{yen_words(abs(whole), language)}"


def percent_words(share: float, *, signed: bool = False) -> str:
    """Return ``12.3%``, or ``+12.3%``."""
    number = f"{abs(share):.1%}"
    if not signed:
        return f"{_MINUS}{number}" if share < 0 and number != "0.0%" else number
    return f"{'+' if share > 0 else _MINUS if share < 0 else '±'}{number}"


def interval_words(interval: Interval, language: Language, *, signed: bool = False) -> str:
    """Return the ends of an interval in yen."""
    if signed:
        ends = (signed_yen_words(interval.low, language), signed_yen_words(interval.high, language))
    else:
        ends = (yen_words(round(interval.low), language), yen_words(round(interval.high), language))
    return say("price.interval", language, low=ends[0], high=ends[1])


def price_words(price: int | None, language: Language) -> str:
    """Return a price; in words where it is not on sale."""
    return say("price.closed", language) if price is None else yen_words(price, language)


def later_words(planned: ProductPlan, market: Market, language: Language) -> str:
    """Return from when on which other prices hold after the proposed one, up to the day itself; nothing if it stays."""
    product = next(each for each in market.products if each.id == planned.product)
    path = [step for step in zip(market.periods, planned.path, strict=True) if step[0].first <= product.date]
    changes = [
        say("price.later", language, date=short_date_words(period.first, language), price=price_words(price, language))
        for (_, before), (period, price) in pairwise(path)
        if price != before
    ]
    return say("price.listing", language).join(changes)


def reasons_beside(planned: ProductPlan) -> list[Reason]:
    """Return the reasons of a price without the one that `later_words` words already."""
    return [reason for reason in planned.reasons if reason.code != "LATER_CHANGE"]


def headline(plan: PricePlan, today: PolicyOutcome | None, proposal: PolicyOutcome | None, language: Language) -> str:
    """Return in one sentence what the proposal brings against today's prices, and how sure that is."""
    if today is None or proposal is None or proposal.more_than_today is None:
        revenue = yen_words(round(plan.model_revenue_yen), language)
        return say("price.untested", language, revenue=revenue)
    more, before = proposal.more_than_today, today.revenue_yen.mean
    return say(
        "price.headline",
        language,
        proposal=yen_words(round(proposal.revenue_yen.mean), language),
        today=yen_words(round(before), language),
        more=signed_yen_words(more.mean, language),
        percent=percent_words(more.mean / before, signed=True) if before > 0 else "?",
        interval=interval_words(more, language, signed=True),
    )


def doubt_words(comparison: Comparison | None, proposal: PolicyOutcome | None, language: Language) -> str | None:
    """Return a warning where the test does not show that the proposal earns more; None where it does."""
    if comparison is None or proposal is None or proposal.more_than_today is None:
        return None
    if proposal.more_than_today.low > 0:
        return None
    key = "price.worse" if proposal.more_than_today.high < 0 else "price.unsure"
    return say(key, language)


def bound_words(plan: PricePlan, language: Language) -> str:
    """Return what no prices exceed, and how far the plan may be from it; the distance is rounded up, to stay true."""
    bound = yen_words(math.ceil(plan.bound_yen), language) if math.isfinite(plan.bound_yen) else None
    revenue = yen_words(round(plan.model_revenue_yen), language)
    if bound is None or plan.gap is None:
        return say("price.no_bound", language, revenue=revenue)
    key = "optimal" if plan.status == "optimal" else "bound"
    # The gap is that of the aim; the bound in yen is that of revenue, which may be another one.
    is_of_revenue = math.isclose(plan.bound_yen * (1 - plan.gap), plan.model_revenue_yen, rel_tol=1e-6, abs_tol=0.5)
    of_aim = "" if is_of_revenue else "_of_aim"
    gap = f"{math.ceil(plan.gap * 1000) / 10:.1f}%"
    return say(f"price.{key}{of_aim}", language, revenue=revenue, bound=bound, gap=gap)


def held_words(cost: RuleCost, language: Language) -> str:
    """Return how many prices a rule holds back; nothing for rules that cost something without holding a price back."""
    if cost.binds:
        return say("price.holds_back", language, count=len(cost.binds))
    return "" if cost.cost_yen else say("price.not_binding", language)


def limit_words(plan: PricePlan, language: Language) -> str:
    """Return the last line: what the plan was made with, and whether it comes out the same again."""
    is_other = plan.sampling is not None and not plan.sampling.is_reproducible
    limit = say(f"price.limit_{'sampler' if is_other else plan.limit}", language)
    objective = say(f"objective.{plan.objective}", language)
    return say("price.provenance", language, objective=objective, limit=limit, seed=plan.seed, seconds=plan.seconds)


def simulated_words(name: str, language: Language) -> str:
    """Return the warning of made-up data."""
    return say("price.simulated", language, name=name)
