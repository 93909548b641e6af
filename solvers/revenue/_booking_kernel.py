"""
The inner loop of the booking simulation, compiled.

Draws come from a counter that is hashed (splitmix64) instead of a stream that is read on: the draw for a customer and
a product is the same no matter what was drawn before, so every policy meets the same people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from solvers.compiling import allocating, plain
from solvers.revenue._live_prices import (
    Look,
    Rules,
    Sums,
    Values,
    adjust_by_fill,
    has_room,
    search_prices,
    write_bid_prices,
)
from solvers.revenue.booking_simulation import (
    BidPricePolicy,
    BookingLog,
    BookingMarket,
    BookingPolicy,
    FillPolicy,
    LiveRules,
    PricePath,
    SimulatedBookings,
    free_rules,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PATH: Final = 0
_FILL: Final = 1
_BID: Final = 2

# Numbers of the draws that a customer makes besides one for each product.
_SEGMENT: Final = 0
_CANCELS: Final = 1
_CANCEL_TIME: Final = 2
_STAYS_AWAY: Final = 3
_NOTHING: Final = 4
_FIRST_PRODUCT: Final = 5

# Numbers of the streams of a horizon.
_ARRIVALS: Final = 0
_CUSTOMERS: Final = 1
_WALK_INS: Final = 2

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_ONE: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX_TWO: Final = np.uint64(0x94D049BB133111EB)
_SHIFT_ONE: Final = np.uint64(30)
_SHIFT_TWO: Final = np.uint64(27)
_SHIFT_THREE: Final = np.uint64(31)
_TO_53_BITS: Final = np.uint64(11)
_TO_UNIT: Final = 2.0**-53


class Demand(NamedTuple):
    """Hold who comes, what they see, and what they do afterwards."""

    arrivals: NDArray[np.float64]
    appeal: NDArray[np.float64]
    sensitivity: NDArray[np.float64]
    reference: NDArray[np.float64]
    cancels: NDArray[np.float64]
    stays_away: NDArray[np.float64]
    seen_starts: NDArray[np.int64]
    seen: NDArray[np.int64]


class Supply(NamedTuple):
    """Hold what is sold and when; ``closes`` is the day on which each product is sold no more."""

    product_of: NDArray[np.int64]
    price: NDArray[np.float64]
    earned: NDArray[np.float64]
    starts: NDArray[np.int64]
    use: NDArray[np.int64]
    capacity: NDArray[np.int64]
    boundaries: NDArray[np.float64]
    on_sale: NDArray[np.bool_]
    closes: NDArray[np.float64]
    kept: NDArray[np.int64]
    walk_ins: NDArray[np.float64]


class Policy(NamedTuple):
    """Hold a policy of any kind; what a kind does not have is empty."""

    kind: int
    path: NDArray[np.int64]
    start: NDArray[np.int64]
    raise_at: NDArray[np.float64]
    lower_at: NDArray[np.float64]
    looks: NDArray[np.float64]
    look_period: NDArray[np.int64]
    believed: NDArray[np.float64]
    values: Values
    rules: Rules


class Tally(NamedTuple):
    """Hold what is counted, one row per horizon; prices are summed over horizons."""

    sales: NDArray[np.int32]
    counts: NDArray[np.int32]
    used: NDArray[np.int32]
    peak: NDArray[np.int32]
    walk_ins: NDArray[np.int32]
    price_sum: NDArray[np.float64]
    price_count: NDArray[np.float64]


class Log(NamedTuple):
    """Hold every booking of the last horizon, as many as there is room for."""

    time: NDArray[np.float64]
    segment: NDArray[np.int64]
    alternative: NDArray[np.int64]
    cancelled_at: NDArray[np.float64]
    came: NDArray[np.bool_]


@allocating
def _hashed(key: np.uint64, number: int) -> np.uint64:
    """Return 64 well-mixed bits for a number under a key (Steele et al. 2014, doi 10.1145/2660193.2660195)."""
    bits = key + _GOLDEN * np.uint64(number + 1)
    bits = (bits ^ (bits >> _SHIFT_ONE)) * _MIX_ONE
    bits = (bits ^ (bits >> _SHIFT_TWO)) * _MIX_TWO
    return bits ^ (bits >> _SHIFT_THREE)


@allocating
def _uniform(key: np.uint64, number: int) -> float:
    """Return a draw from the open interval (0, 1)."""
    return (np.float64(_hashed(key, number) >> _TO_53_BITS) + 0.5) * _TO_UNIT


@allocating
def _poisson(key: np.uint64, mean: float) -> int:
    """Return a draw from the Poisson distribution, counted from gaps between arrivals."""
    count = 0
    time = -np.log(_uniform(key, 0))
    while time < mean:
        count += 1
        time -= np.log(_uniform(key, count))
    return count


@allocating
def _segment(arrivals: NDArray[np.float64], period: int, total: float, draw: float) -> int:
    """Return the segment of a customer: each as often as it arrives."""
    rest = draw * total
    last = 0
    for segment in range(len(arrivals)):
        if arrivals[segment, period] > 0.0:
            last = segment
            rest -= arrivals[segment, period]
            if rest < 0.0:
                break
    return last


@allocating
def _choice(
    key: np.uint64,
    segment: int,
    period: int,
    posted: NDArray[np.int64],
    left: NDArray[np.int64],
    weights: NDArray[np.float64],
    demand: Demand,
    supply: Supply,
) -> int:
    """
    Return the alternative that a customer takes, -1 for nothing.

    The smallest of exponential draws divided by weights belongs to j with probability v_j / sum of v: the same choice
    as that of the largest utility with Gumbel noise, with one logarithm less.
    """
    chosen = -1
    best = -np.log(_uniform(key, _NOTHING))
    for place in range(demand.seen_starts[segment], demand.seen_starts[segment + 1]):
        product = demand.seen[place]
        alternative = posted[product]
        if alternative < 0 or not supply.on_sale[period, product] or not has_room(product, supply.use, left):
            continue
        draw = -np.log(_uniform(key, _FIRST_PRODUCT + product))
        if draw < best * weights[segment, alternative]:
            best = draw / weights[segment, alternative]
            chosen = alternative
    return chosen


@allocating
def _give_back(
    time: float,
    pending_time: NDArray[np.float64],
    pending: NDArray[np.int64],
    waiting: int,
    left: NDArray[np.int64],
    supply: Supply,
    sales: NDArray[np.int32],
    counts: NDArray[np.int32],
) -> tuple[int, float]:
    """Give back what was cancelled by a time; return how many cancellations wait, and when the next one is due."""
    place, due = 0, np.inf
    while place < waiting:
        if pending_time[place] > time:
            due = min(due, pending_time[place])
            place += 1
            continue
        sales[pending[place]] -= 1
        counts[0] += 1
        for resource in range(len(left)):
            left[resource] += supply.use[resource, supply.product_of[pending[place]]]
        waiting -= 1
        pending_time[place], pending[place] = pending_time[waiting], pending[waiting]
    return waiting, due


@allocating
def _look_at_prices(
    number: int,
    posted: NDArray[np.int64],
    level_of: NDArray[np.int64],
    left: NDArray[np.int64],
    demand: Demand,
    supply: Supply,
    policy: Policy,
    tally: Tally,
) -> None:
    """Post what the policy wants at one of its looks."""
    period, time = policy.look_period[number], policy.looks[number]
    days = time - policy.looks[number - 1] if number > 0 else np.inf
    look = Look(period, time, days)
    products, segments = len(posted), len(demand.cancels)
    if policy.kind == _PATH:
        posted[:] = policy.path[period]
    elif policy.kind == _FILL:
        adjust_by_fill(
            posted, level_of, left, supply.capacity, supply.use, supply.price, supply.starts,
            policy.raise_at, policy.lower_at, policy.rules, look,
        )  # fmt: skip
    else:
        last = number + 1 == len(policy.looks)
        until = supply.boundaries[-1] if last else policy.looks[number + 1]
        can_sell = np.empty(products, np.bool_)
        for product in range(products):
            can_sell[product] = supply.on_sale[period, product] and has_room(product, supply.use, left)
        bid = np.empty(products)
        write_bid_prices(bid, can_sell, left, supply.use, policy.values, 0.5 * (time + until))
        margin = supply.earned - bid[supply.product_of]
        rate = np.empty(segments)
        for segment in range(segments):
            rate[segment] = demand.arrivals[segment, period] * (1.0 - demand.cancels[segment])
        sums = Sums(rate, np.empty(segments), np.empty(segments))
        search_prices(
            posted, level_of, can_sell, policy.believed, margin, supply.price, supply.starts, sums, policy.rules, look
        )
    if time == supply.boundaries[period]:
        for product in range(products):
            if posted[product] >= 0 and supply.on_sale[period, product] and has_room(product, supply.use, left):
                tally.price_sum[period, product] += supply.price[posted[product]]
                tally.price_count[period, product] += 1


@allocating
def _play_horizon(
    row: int,
    key: np.uint64,
    weights: NDArray[np.float64],
    demand: Demand,
    supply: Supply,
    policy: Policy,
    tally: Tally,
    log: Log,
) -> int:
    """Play one horizon; return how many bookings were made."""
    sales, counts, used, peak = tally.sales[row], tally.counts[row], tally.used[row], tally.peak[row]
    resources = len(supply.capacity)
    left = supply.capacity.copy()
    posted = np.full(len(supply.starts) - 1, -1)
    level_of = np.zeros(len(posted), np.int64)
    if policy.kind != _PATH:
        level_of[:] = policy.start - supply.starts[:-1]
    pending_time, pending = np.empty(16), np.empty(16, np.int64)
    waiting, next_cancel = 0, np.inf
    looks, arrival, customer, bookings = 0, 0, 0, 0
    arrival_key, customer_keys = _hashed(key, _ARRIVALS), _hashed(key, _CUSTOMERS)
    for period in range(len(supply.boundaries) - 1):
        end = supply.boundaries[period + 1]
        now = supply.boundaries[period]
        total = demand.arrivals[:, period].sum()
        per_day = total / (end - now)
        while True:
            if per_day > 0.0:
                now -= np.log(_uniform(arrival_key, arrival)) / per_day
                arrival += 1
            is_over = per_day <= 0.0 or now >= end
            # Whatever happens before the next customer: cancellations and new prices, in order of time.
            while looks < len(policy.looks) and policy.looks[looks] < end and (is_over or policy.looks[looks] <= now):
                if next_cancel <= policy.looks[looks]:
                    waiting, next_cancel = _give_back(
                        policy.looks[looks], pending_time, pending, waiting, left, supply, sales, counts
                    )
                _look_at_prices(looks, posted, level_of, left, demand, supply, policy, tally)
                looks += 1
            if is_over:
                break
            if next_cancel <= now:
                waiting, next_cancel = _give_back(now, pending_time, pending, waiting, left, supply, sales, counts)
            customer_key = _hashed(customer_keys, customer)
            customer += 1
            segment = _segment(demand.arrivals, period, total, _uniform(customer_key, _SEGMENT))
            chosen = _choice(customer_key, segment, period, posted, left, weights, demand, supply)
            if chosen < 0:
                continue
            product = supply.product_of[chosen]
            sales[chosen] += 1
            for resource in range(resources):
                left[resource] -= supply.use[resource, product]
                peak[resource] = max(peak[resource], supply.capacity[resource] - left[resource])
            cancelled_at, comes = np.nan, False
            if _uniform(customer_key, _CANCELS) < demand.cancels[segment]:
                cancelled_at = now + _uniform(customer_key, _CANCEL_TIME) * (supply.closes[product] - now)
                if waiting == len(pending):
                    pending_time = np.concatenate((pending_time, np.empty(waiting)))
                    pending = np.concatenate((pending, np.empty(waiting, np.int64)))
                pending_time[waiting], pending[waiting] = cancelled_at, chosen
                waiting += 1
                next_cancel = min(next_cancel, cancelled_at)
            elif _uniform(customer_key, _STAYS_AWAY) < demand.stays_away[segment]:
                counts[1] += 1
            else:
                comes = True
                for resource in range(resources):
                    used[resource] += supply.use[resource, product]
            if bookings < len(log.time):
                log.time[bookings], log.segment[bookings], log.alternative[bookings] = now, segment, chosen
                log.cancelled_at[bookings], log.came[bookings] = cancelled_at, comes
            bookings += 1
    _give_back(np.inf, pending_time, pending, waiting, left, supply, sales, counts)
    return bookings


@allocating
def _write_weights(weights: NDArray[np.float64], drawn: NDArray[np.float64], demand: Demand, supply: Supply) -> None:
    """Write the weights of alternatives under drawn sensitivities; at reference prices they stay what they were."""
    for segment in range(len(drawn)):
        turn = drawn[segment] - demand.sensitivity[segment]
        for alternative in range(len(supply.price)):
            product = supply.product_of[alternative]
            weights[segment, alternative] = np.exp(
                demand.appeal[segment, product]
                + turn * demand.reference[product]
                - drawn[segment] * supply.price[alternative]
            )


@allocating
def _play_all(
    seed: np.uint64,
    first: int,
    drawn: NDArray[np.float64],
    weights: NDArray[np.float64],
    demand: Demand,
    supply: Supply,
    policy: Policy,
    tally: Tally,
    log: Log,
) -> int:
    """Play horizons one after the other, each with its own key; return the bookings of the last one."""
    bookings = 0
    for row in range(len(tally.sales)):
        key = _hashed(seed, first + row)
        if len(drawn) > 0:
            _write_weights(weights, drawn[row], demand, supply)
        bookings = _play_horizon(row, key, weights, demand, supply, policy, tally, log)
        walk_in_key = _hashed(key, _WALK_INS)
        for resource in range(len(supply.capacity)):
            if supply.kept[resource] > 0 and supply.walk_ins[resource] > 0.0:
                came = _poisson(_hashed(walk_in_key, resource), supply.walk_ins[resource])
                tally.walk_ins[row, resource] = min(supply.kept[resource], came)
    return bookings


def play(
    market: BookingMarket,
    policy: BookingPolicy,
    *,
    horizons: int,
    seed: int,
    first: int,
    sensitivities: NDArray[np.float64] | None,
) -> SimulatedBookings:
    """Play horizons; see `booking_simulation.simulate_bookings`."""
    tally = _tally(market, horizons)
    drawn = np.zeros((0, 0)) if sensitivities is None else np.ascontiguousarray(sensitivities, np.float64)
    _run(market, policy, seed, first, drawn, tally, _log(0))
    counted = tally.price_count > 0
    return SimulatedBookings(
        revenue=tally.sales @ market.earned,
        sales=tally.sales,
        cancelled=tally.counts[:, 0],
        stayed_away=tally.counts[:, 1],
        used=tally.used,
        peak=tally.peak,
        walk_ins=tally.walk_ins,
        mean_price=np.where(counted, tally.price_sum / np.maximum(tally.price_count, 1.0), np.nan),
        open_count=tally.price_count.astype(np.int64),
    )


def record(market: BookingMarket, policy: BookingPolicy, *, seed: int, horizon: int) -> BookingLog:
    """Play one horizon and keep every booking; see `booking_simulation.record_bookings`."""
    room = 1024
    while True:
        log = _log(room)
        bookings = _run(market, policy, seed, horizon, np.zeros((0, 0)), _tally(market, 1), log)
        if bookings <= room:
            return BookingLog(
                time=log.time[:bookings],
                segment=log.segment[:bookings],
                alternative=log.alternative[:bookings],
                cancelled_at=log.cancelled_at[:bookings],
                came=log.came[:bookings],
            )
        room = bookings


def _run(
    market: BookingMarket,
    policy: BookingPolicy,
    seed: int,
    first: int,
    drawn: NDArray[np.float64],
    tally: Tally,
    log: Log,
) -> int:
    attraction = market.attraction
    arguments = _demand(market), _supply(market), _policy(market, policy, attraction), tally, log
    return int(_play_all(np.uint64(seed % 2**64), first, drawn, attraction.copy(), *arguments))


def _tally(market: BookingMarket, horizons: int) -> Tally:
    grid = (market.periods, market.products)
    used, peak, walk_ins = (np.zeros((horizons, market.resources), np.int32) for _ in range(3))
    sales, counts = np.zeros((horizons, len(market.product)), np.int32), np.zeros((horizons, 2), np.int32)
    return Tally(sales, counts, used, peak, walk_ins, np.zeros(grid), np.zeros(grid))


def _log(room: int) -> Log:
    integers, days = np.zeros((2, room), np.int64), np.zeros((2, room))
    return Log(days[0], integers[0], integers[1], days[1], np.zeros(room, np.bool_))


def _demand(market: BookingMarket) -> Demand:
    seen = [np.flatnonzero(np.isfinite(row)) for row in market.appeal]
    return Demand(
        arrivals=plain(market.arrivals),
        appeal=plain(market.appeal),
        sensitivity=plain(market.sensitivity),
        reference=plain(market.reference),
        cancels=plain(market.cancels),
        stays_away=plain(market.stays_away),
        seen_starts=np.concatenate([[0], np.cumsum([len(products) for products in seen])]).astype(np.int64),
        seen=np.concatenate([np.zeros(0, np.int64), *seen]).astype(np.int64),
    )


def _supply(market: BookingMarket) -> Supply:
    last_period = market.periods - 1 - np.argmax(market.on_sale[::-1], axis=0)
    return Supply(
        product_of=plain(market.product, np.int64),
        price=plain(market.price),
        earned=plain(market.earned),
        starts=market.ladder_starts,
        use=plain(market.use, np.int64),
        capacity=plain(market.capacity, np.int64),
        boundaries=plain(market.boundaries),
        on_sale=plain(market.on_sale, np.bool_),
        # A booking can be cancelled until its product is sold no more.
        closes=plain(market.boundaries[last_period + 1]),
        kept=plain(market.kept, np.int64),
        walk_ins=plain(market.walk_ins),
    )


def _policy(market: BookingMarket, policy: BookingPolicy, attraction: NDArray[np.float64]) -> Policy:
    looks = _looks(market, policy)
    period = np.searchsorted(market.boundaries, looks, side="right") - 1
    grid = (market.periods, market.products)
    nothing = np.zeros((0, 0))
    is_path, is_fill = isinstance(policy, PricePath), isinstance(policy, FillPolicy)
    return Policy(
        kind=_PATH if is_path else _FILL if is_fill else _BID,
        path=plain(np.broadcast_to(policy.posted, grid) if isinstance(policy, PricePath) else nothing, np.int64),
        start=plain(np.zeros(0) if isinstance(policy, PricePath) else policy.start, np.int64),
        raise_at=plain(policy.raise_at if isinstance(policy, FillPolicy) else nothing),
        lower_at=plain(policy.lower_at if isinstance(policy, FillPolicy) else nothing),
        looks=looks,
        look_period=period.astype(np.int64),
        believed=plain(attraction.T),
        values=_values(policy),
        rules=_rules(free_rules(market) if isinstance(policy, PricePath) else policy.rules),
    )


def _looks(market: BookingMarket, policy: BookingPolicy) -> NDArray[np.float64]:
    """Return when prices are looked at; each period begins with a look."""
    starts = market.boundaries[:-1]
    if not isinstance(policy, BidPricePolicy):
        return plain(starts)
    return np.unique(np.concatenate([starts, np.arange(0.0, market.boundaries[-1], policy.every)]))


def _values(policy: BookingPolicy) -> Values:
    if not isinstance(policy, BidPricePolicy):
        return Values(np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    sizes = [table.size for table in policy.values]
    return Values(
        table=np.concatenate([np.zeros(0), *(np.ravel(table) for table in policy.values)]),
        offset=np.concatenate([[0], np.cumsum(sizes)])[:-1].astype(np.int64),
        width=np.array([table.shape[1] for table in policy.values], np.int64),
        times=plain(policy.times),
    )


def _rules(rules: LiveRules) -> Rules:
    members = [np.flatnonzero(rules.block == block) for block in rules.block]
    following = [int(min(products[products > product], default=-1)) for product, products in enumerate(members)]
    return Rules(
        allowed=plain(rules.allowed, np.bool_),
        largest_step=plain(rules.largest_step),
        no_drop_from=plain(rules.no_drop_from),
        may_close=plain(rules.may_close, np.bool_),
        first=plain(rules.first, np.int64),
        second=plain(rules.second, np.int64),
        most=plain(rules.most),
        leader=np.array([products[0] for products in members], np.int64),
        following=np.array(following, np.int64),
    )
