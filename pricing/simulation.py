"""Test prices before anyone pays them: the same simulated customers meet today's prices, the plan, and others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from pricing._booking_arrays import booking_market, kept_units, reference_price
from pricing._intervals import mean_interval
from pricing._sensitivities import sensitivity_at
from pricing._translate import YEN_OF_SENSITIVITY, translate
from pricing._words import reason
from pricing.policies import booking_policy
from pricing.proposal import Comparison, PolicyOutcome, Reason
from regional_assets.errors import InputError, Problem
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from pricing._translate import Translation
    from pricing.model import Market
    from pricing.proposal import Policy, PricePlan
    from solvers.revenue.booking_simulation import BookingMarket, BookingPolicy, SimulatedBookings

Demand = Literal["as-stated", "drawn-from-ranges"]

POLICIES: Final[tuple[Policy, ...]] = ("today", "static", "dynamic", "rule-based")

FEWEST_HORIZONS: Final = 2
MOST_HORIZONS: Final = 100_000

_AT_ONCE: Final = 100
"""Horizons between two reports of progress."""


def compare(
    market: Market,
    plan: PricePlan,
    *,
    policies: Sequence[Policy] = POLICIES,
    horizons: int = 1000,
    seed: int = 0,
    demand: Demand = "as-stated",
    on_progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """
    Play the booking horizon many times under several policies.

    Every policy meets the same customers, so that differences between policies have far less noise than the policies
    themselves. Today's prices are always played, as what others are measured against.

    Parameters
    ----------
    plan
        A plan for this market; ``static`` follows it.
    policies
        What to test; see `pricing.policies`.
    horizons
        How often, `FEWEST_HORIZONS` to `MOST_HORIZONS`.
    demand
        ``drawn-from-ranges``: in every horizon the sensitivity of each segment is drawn from its
        ``sensitivity_range``, taken as the middle 95 % of a normal distribution around the ``sensitivity``, each
        side with its own spread, cut above 0. Demand at today's prices stays as stated (for new products: in
        the middle of the ladder), because that is what is known best. Policies go on believing the market.
    on_progress
        Called with horizons played so far and in all, counted over policies.

    Returns
    -------
    comparison
        Revenue is what bookings bring that are not cancelled, less the cost of each sale; existing bookings and
        people without a booking are left out.

    Raises
    ------
    InputError
        If the plan is for other products, a policy is unknown or named twice, or ``horizons`` is out of range; if units
        and customers are too many for ``dynamic``.
    """
    problems = list(_problems(market, plan, policies, horizons))
    if problems:
        raise InputError(problems)
    translation = translate(market)
    arrays = booking_market(translation)
    sensitivities = _drawn_sensitivities(market, horizons, seed) if demand == "drawn-from-ranges" else None
    played: dict[Policy, SimulatedBookings] = {}
    names: list[Policy] = ["today", *(name for name in policies if name != "today")]
    # All of them before the first is played: one may be refused.
    ruled = {name: booking_policy(name, translation, plan) for name in names}
    for place, (name, policy) in enumerate(ruled.items()):

        def report(done: int, before: int = place * horizons) -> None:
            if on_progress is not None:
                on_progress(before + done, len(names) * horizons)

        played[name] = _play(arrays, policy, horizons, seed, sensitivities, report)
    today = played["today"].revenue
    return Comparison(
        horizons=horizons,
        seed=seed,
        outcomes=tuple(_outcome(name, played[name], today, translation, arrays) for name in policies),
        demand=demand,
        assumed=tuple(_assumed(translation, demand)),
    )


def _problems(market: Market, plan: PricePlan, policies: Sequence[Policy], horizons: int) -> Iterator[Problem]:
    if [each.product for each in plan.products] != [product.id for product in market.products]:
        message = Text(
            ja=f"この料金案は市場「{plan.market}」のもので、「{market.id}」の商品とは合いません",
            en=f"the plan is for other products than this market's: it was made for {plan.market!r}",
        )
        yield Problem("plan", plan.market, message)
    else:
        yield from _strange_paths(market, plan)
    if not FEWEST_HORIZONS <= horizons <= MOST_HORIZONS:
        message = Text(
            ja=f"{FEWEST_HORIZONS} から {MOST_HORIZONS} までにしてください(今は {horizons})",
            en=f"must be {FEWEST_HORIZONS} to {MOST_HORIZONS}, is {horizons}",
        )
        yield Problem("horizons", horizons, message)
    for name in dict.fromkeys(policies):
        if name not in POLICIES:
            accepted = ", ".join(POLICIES)
            message = Text(
                ja=f"方式「{name}」はありません。使えるもの: {accepted}", en=f"unknown policy {name!r}; use {accepted}"
            )
            yield Problem("policies", name, message)
        if list(policies).count(name) > 1:
            yield Problem("policies", name, Text(ja=f"「{name}」が重複しています", en=f"{name!r} is named twice"))
    if not policies:
        yield Problem("policies", (), Text(ja="方式を一つ以上選んでください", en="name at least one policy"))


def _strange_paths(market: Market, plan: PricePlan) -> Iterator[Problem]:
    """Yield what cannot be posted in this market: a plan may come from a file, or from a market that has changed."""
    for at, (planned, product) in enumerate(zip(plan.products, market.products, strict=True)):
        where = f"plan.products[{at}].path"
        if len(planned.path) != len(market.periods):
            periods, found = len(market.periods), len(planned.path)
            message = Text(
                ja=f"料金が {found} 個ありますが、期間は {periods} 個です", en=f"{found} prices for {periods} periods"
            )
            yield Problem(where, found, message)
        strange = sorted({price for price in planned.path if price is not None} - set(product.ladder))
        if strange:
            prices = ", ".join(f"{price:,}" for price in strange)
            message = Text(
                ja=f"{prices} 円は「{product.id}」の料金表にありません",
                en=f"¥{prices}: not on the ladder of {product.id!r}",
            )
            yield Problem(where, strange[0], message)


def _play(
    market: BookingMarket,
    policy: BookingPolicy,
    horizons: int,
    seed: int,
    sensitivities: NDArray[np.float64] | None,
    report: Callable[[int], None],
) -> SimulatedBookings:
    """Play in pieces, which together are what one call would have played."""
    from solvers.revenue.booking_simulation import joined_bookings, simulate_bookings

    pieces = []
    for first in range(0, horizons, _AT_ONCE):
        count = min(_AT_ONCE, horizons - first)
        drawn = None if sensitivities is None else sensitivities[first : first + count]
        pieces.append(simulate_bookings(market, policy, horizons=count, seed=seed, first=first, sensitivities=drawn))
        report(first + count)
    return joined_bookings(pieces)


def _drawn_sensitivities(market: Market, horizons: int, seed: int) -> NDArray[np.float64]:
    """Return sensitivities per yen, ``(horizons, L)``, drawn from the ranges of the segments."""
    draws = np.random.default_rng([seed % 2**63, 0]).standard_normal((horizons, len(market.segments)))
    columns = [sensitivity_at(segment, draws[:, at]) for at, segment in enumerate(market.segments)]
    return np.stack(columns, axis=1) / YEN_OF_SENSITIVITY


def _outcome(
    name: Policy,
    bookings: SimulatedBookings,
    today: NDArray[np.float64],
    translation: Translation,
    arrays: BookingMarket,
) -> PolicyOutcome:
    market = translation.market
    ids = [capacity.id for capacity in market.capacities]
    # A capacity without open units is as full as it can get: nothing of it is left to be used.
    occupancy = bookings.used.mean(axis=0) / np.maximum(1, arrays.capacity)
    return PolicyOutcome(
        policy=name,
        revenue_yen=mean_interval(bookings.revenue),
        sales=mean_interval(bookings.sales.sum(axis=1).astype(np.float64)),
        more_than_today=None if name == "today" else mean_interval(bookings.revenue - today),
        occupancy={
            each: float(share) for each, share, units in zip(ids, occupancy, arrays.capacity, strict=True) if units > 0
        },
        walk_ins={
            each: float(count)
            for each, count, kept in zip(ids, bookings.walk_ins.mean(axis=0), arrays.kept, strict=True)
            if kept > 0
        },
        cancelled=float(bookings.cancelled.mean()),
        stayed_away=float(bookings.stayed_away.mean()),
        mean_path={
            product.id: tuple(None if np.isnan(price) else float(price) for price in bookings.mean_price[:, at])
            for at, product in enumerate(market.products)
        },
        revenues_yen=tuple(float(yen) for yen in bookings.revenue),
    )


def _assumed(translation: Translation, demand: Demand) -> Iterator[Reason]:
    """Yield what the test assumes."""
    market = translation.market
    new = [product for product in market.products if product.current is None]
    if new:
        prices = ", ".join(f"{product.id} ¥{reference_price(product):,}" for product in new)
        yield reason(
            "PRICE_TODAY_ASSUMED",
            f"今の料金がない商品は、料金表の中ほどの料金とみなしました: {prices}",
            f"products without a price today count as sold at the middle of their ladder: {prices}",
        )
    silent = [
        capacity.id
        for capacity, kept in zip(market.capacities, kept_units(translation), strict=True)
        if kept > 0 and capacity.walk_ins is None
    ]
    if silent:
        yield reason(
            "WALK_INS_UNKNOWN",
            f"予約なしで来る客の数が分からないため、0人としました(席は空けたままです): {', '.join(silent)}",
            f"nobody knows how many come without a booking, so none do and the seats stay empty: {', '.join(silent)}",
        )
    if demand == "drawn-from-ranges":
        fixed = [segment.id for segment in market.segments if segment.sensitivity_range is None]
        ja, en = "料金への感度は、回ごとに幅の中から引きました", "each horizon drew sensitivities from their ranges"
        if fixed:
            ja += f"。幅のない客層は固定です: {', '.join(fixed)}"
            en += f"; fixed where no range is stated: {', '.join(fixed)}"
        yield reason("SENSITIVITIES_DRAWN", ja, en)
