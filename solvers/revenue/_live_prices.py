"""
Prices that change while people book, compiled: by how full it is, and by what a seat is worth.

Products of one block always have the same price: the first of them is the leader, ``following`` names the next one, -1
after the last. A level is the place of a price on the ladder of its product.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from solvers.compiling import allocating
from solvers.revenue._logit import HEAVY

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_PASSES: Final = 3
"""Rounds over all products in one search for prices: it begins with those of before, which are near."""

_CENT: Final = 0.01
"""Yen below which a difference is rounding."""


class Rules(NamedTuple):
    """Hold `booking_simulation.LiveRules`, with the first product of every block and the next one of each."""

    allowed: NDArray[np.bool_]
    largest_step: NDArray[np.float64]
    no_drop_from: NDArray[np.float64]
    may_close: NDArray[np.bool_]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    most: NDArray[np.float64]
    leader: NDArray[np.int64]
    following: NDArray[np.int64]


class Look(NamedTuple):
    """Hold when prices are looked at: the period, the day, and days since the look before (infinite at the first)."""

    period: int
    time: float
    days: float


class Values(NamedTuple):
    """
    Hold the tables of values of all resources in one row, where each begins, how wide it is, and its times.

    More units than a table is wide for are worth what its last column says.
    """

    table: NDArray[np.float64]
    offset: NDArray[np.int64]
    width: NDArray[np.int64]
    times: NDArray[np.float64]


class Sums(NamedTuple):
    """Hold the sums of the choice model over what is posted: per segment, weights and weights times worth."""

    rate: NDArray[np.float64]
    weight: NDArray[np.float64]
    worth: NDArray[np.float64]


@allocating
def has_room(product: int, use: NDArray[np.int64], left: NDArray[np.int64]) -> bool:
    """Return whether every resource has what one more sale takes."""
    for resource in range(len(left)):  # noqa: SIM110 - numba knows no generators in `all`
        if use[resource, product] > left[resource]:
            return False
    return True


@allocating
def _keeps_rules(
    leader: int,
    level: int,
    level_of: NDArray[np.int64],
    before: NDArray[np.int64],
    price: NDArray[np.float64],
    starts: NDArray[np.int64],
    rules: Rules,
    look: Look,
) -> bool:
    """Return whether a block may go to a level: from the levels ``before`` this look, beside those of all others."""
    product = leader
    while product >= 0:
        old, new = price[starts[product] + before[product]], price[starts[product] + level]
        if not rules.allowed[look.period, starts[product] + level]:
            return False
        if abs(new - old) > rules.largest_step[product] * look.days + _CENT:
            return False
        if new < old and look.time >= rules.no_drop_from[product]:
            return False
        product = rules.following[product]
    for pair in range(len(rules.first)):
        one, two = rules.first[pair], rules.second[pair]
        if rules.leader[one] != leader and rules.leader[two] != leader:
            continue
        level_one = level if rules.leader[one] == leader else level_of[one]
        level_two = level if rules.leader[two] == leader else level_of[two]
        if price[starts[one] + level_one] - price[starts[two] + level_two] > rules.most[pair] + _CENT:
            return False
    return True


@allocating
def _set_level(leader: int, level: int, level_of: NDArray[np.int64], following: NDArray[np.int64]) -> None:
    """Move a block to a level."""
    product = leader
    while product >= 0:
        level_of[product] = level
        product = following[product]


@allocating
def adjust_by_fill(
    posted: NDArray[np.int64],
    level_of: NDArray[np.int64],
    left: NDArray[np.int64],
    capacity: NDArray[np.int64],
    use: NDArray[np.int64],
    price: NDArray[np.float64],
    starts: NDArray[np.int64],
    raise_at: NDArray[np.float64],
    lower_at: NDArray[np.float64],
    rules: Rules,
    look: Look,
) -> None:
    """Move every block by at most one level, by how full the fullest resource of its first product is."""
    before = level_of.copy()
    for product in range(len(posted)):
        if rules.leader[product] != product:
            continue
        fill = 0.0
        for resource in range(len(left)):
            if use[resource, product] > 0 and capacity[resource] > 0:
                fill = max(fill, 1.0 - left[resource] / capacity[resource])
        level = level_of[product]
        if fill >= raise_at[look.period, product]:
            level += 1
        elif fill <= lower_at[look.period, product]:
            level -= 1
        if level == level_of[product] or level < 0 or level >= starts[product + 1] - starts[product]:
            continue
        if _keeps_rules(product, level, level_of, before, price, starts, rules, look):
            _set_level(product, level, level_of, rules.following)
    for product in range(len(posted)):
        posted[product] = starts[product] + level_of[product]


@allocating
def write_bid_prices(
    bid: NDArray[np.float64],
    can_sell: NDArray[np.bool_],
    left: NDArray[np.int64],
    use: NDArray[np.int64],
    values: Values,
    time: float,
) -> None:
    """Write the worth of the units that a sale of each product takes at a time, between two rows of the tables."""
    row = 0
    while row < len(values.times) - 2 and values.times[row + 1] <= time:
        row += 1
    share = (time - values.times[row]) / (values.times[row + 1] - values.times[row])
    share = min(1.0, max(0.0, share))
    for product in range(len(bid)):
        bid[product] = 0.0
        if not can_sell[product]:
            continue
        for resource in range(len(left)):
            taken = use[resource, product]
            if taken > 0:
                width = values.width[resource]
                first = values.offset[resource] + row * width
                here, after = min(left[resource], width - 1), min(left[resource] - taken, width - 1)
                now = values.table[first + here] - values.table[first + after]
                then = values.table[first + width + here] - values.table[first + width + after]
                bid[product] += (1.0 - share) * now + share * then


@allocating
def _gain(
    leader: int,
    level: int,
    attraction: NDArray[np.float64],
    margin: NDArray[np.float64],
    starts: NDArray[np.int64],
    following: NDArray[np.int64],
    can_sell: NDArray[np.bool_],
    rate: NDArray[np.float64],
    weight: NDArray[np.float64],
    worth: NDArray[np.float64],
) -> float:
    """Return expected earnings per period of what is posted and a block at a level; -1 leaves the block closed."""
    gain = 0.0
    for segment in range(len(rate)):
        weights, worths = weight[segment], worth[segment]
        product = leader if level >= 0 else -1
        while product >= 0:
            if can_sell[product]:
                alternative = starts[product] + level
                weights += attraction[alternative, segment]
                worths += attraction[alternative, segment] * margin[alternative]
            product = following[product]
        gain += rate[segment] * worths / weights
    return gain


@allocating
def _post(
    sign: float,
    leader: int,
    level: int,
    attraction: NDArray[np.float64],
    margin: NDArray[np.float64],
    starts: NDArray[np.int64],
    following: NDArray[np.int64],
    can_sell: NDArray[np.bool_],
    sums: Sums,
) -> None:
    """Add a block at a level to the sums of the choice model, or take it out."""
    product = leader
    while product >= 0:
        if can_sell[product]:
            alternative = starts[product] + level
            for segment in range(len(sums.weight)):
                weight = sign * attraction[alternative, segment]
                sums.weight[segment] += weight
                sums.worth[segment] += weight * margin[alternative]
        product = following[product]


@allocating
def _post_all(
    but: int,
    is_open: NDArray[np.bool_],
    level_of: NDArray[np.int64],
    attraction: NDArray[np.float64],
    margin: NDArray[np.float64],
    starts: NDArray[np.int64],
    can_sell: NDArray[np.bool_],
    sums: Sums,
    rules: Rules,
) -> None:
    """Sum the choice model afresh over all blocks that are open, but for one."""
    sums.weight[:] = 1.0
    sums.worth[:] = 0.0
    for product in range(len(is_open)):
        if rules.leader[product] == product and product != but and is_open[product]:
            _post(1.0, product, level_of[product], attraction, margin, starts, rules.following, can_sell, sums)


@allocating
def _any_can_sell(leader: int, can_sell: NDArray[np.bool_], following: NDArray[np.int64]) -> bool:
    """Return whether a product of a block can be sold now."""
    product = leader
    while product >= 0:
        if can_sell[product]:
            return True
        product = following[product]
    return False


@allocating
def _set_open(leader: int, now_open: bool, is_open: NDArray[np.bool_], following: NDArray[np.int64]) -> None:
    """Open or close a block."""
    product = leader
    while product >= 0:
        is_open[product] = now_open
        product = following[product]


@allocating
def search_prices(
    posted: NDArray[np.int64],
    level_of: NDArray[np.int64],
    can_sell: NDArray[np.bool_],
    attraction: NDArray[np.float64],
    margin: NDArray[np.float64],
    price: NDArray[np.float64],
    starts: NDArray[np.int64],
    sums: Sums,
    rules: Rules,
    look: Look,
) -> None:
    """
    Improve posted prices one block at a time until nothing improves, from those of before.

    ``margin`` is what a sale of each alternative earns above the worth of the units that it takes; ``attraction`` has
    one row per alternative.
    """
    following, rate, weight, worth = rules.following, sums.rate, sums.weight, sums.worth
    before = level_of.copy()
    is_open = np.ones(len(posted), np.bool_)
    _post_all(-1, is_open, level_of, attraction, margin, starts, can_sell, sums, rules)
    for _ in range(MOST_PASSES):
        is_better = False
        for product in range(len(posted)):
            # What cannot be sold keeps its price for the day on which a seat comes back.
            if rules.leader[product] != product or not _any_can_sell(product, can_sell, following):
                continue
            now = level_of[product] if is_open[product] else -1
            if now >= 0 and weight.max() <= HEAVY:
                _post(-1.0, product, now, attraction, margin, starts, following, can_sell, sums)
            elif now >= 0:
                _post_all(product, is_open, level_of, attraction, margin, starts, can_sell, sums, rules)
            best = now
            best_gain = _gain(product, now, attraction, margin, starts, following, can_sell, rate, weight, worth)
            # Ties stay as they are: nobody likes a price that changes for nothing.
            for level in range(-1 if rules.may_close[product] else 0, starts[product + 1] - starts[product]):
                gain = _gain(product, level, attraction, margin, starts, following, can_sell, rate, weight, worth)
                if gain > best_gain + _CENT and (
                    level < 0 or _keeps_rules(product, level, level_of, before, price, starts, rules, look)
                ):
                    best, best_gain = level, gain
            if best >= 0:
                _set_level(product, best, level_of, following)
                _post(1.0, product, best, attraction, margin, starts, following, can_sell, sums)
            is_better = is_better or best != now
            _set_open(product, best >= 0, is_open, following)
        if not is_better:
            break
    for product in range(len(posted)):
        posted[product] = starts[product] + level_of[product] if is_open[product] else -1
