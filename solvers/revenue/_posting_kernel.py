# mypy: disallow-untyped-decorators=False
# mypy: disable-error-code="assignment,no-any-return,return-value,arg-type"
# numba gives every variable its own type; mypy's numpy integers are not its ints.
"""
Changes of posted prices, with all that rules make follow, tried and kept or taken back.

A change sets one or more places (a phase and a product); every row that is then broken is mended by another place in
it, and so on: equal prices, largest steps and spreads follow along. A chain that cannot be mended is taken back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from solvers.compiling import compiled
from solvers.revenue._fluid import sell

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.revenue._fluid import Flow, Market
    from solvers.revenue._rows import Rows

CLOSED = -1
"""`problem.CLOSED`, as a plain number for the compiler."""


NEAR = 6
"""Phases apart, at most, whose prices are changed together."""


class Posting(NamedTuple):
    """
    Hold what is posted, how far each row is, and the chain of changes under way.

    Parameters
    ----------
    posted
        Shape ``(F, P)``.
    sums
        Shape ``(M,)``: activity of each row.
    is_sold
        Shape ``(F, P)``, bool: whether anybody can buy the product in the phase.
    chain
        Shape ``(F * P, 3)``: phase, product, and what stood there before.
    touched
        Shape ``(F, P)``, bool: in the chain.
    queue, is_queued
        Broken rows to look at.
    first_phase
        Shape ``(parts,)``: first changed phase of each part; F where nothing changed.
    """

    posted: NDArray[np.int64]
    sums: NDArray[np.float64]
    is_sold: NDArray[np.bool_]
    chain: NDArray[np.int64]
    touched: NDArray[np.bool_]
    queue: NDArray[np.int64]
    is_queued: NDArray[np.bool_]
    first_phase: NDArray[np.int64]


@compiled
def _shift_sums(rows: Rows, posting: Posting, phase: int, alternative: int, sign: float) -> None:
    """Add what an alternative adds to its rows, or take it away."""
    if alternative < 0:
        return
    place = phase * rows.may.shape[1] + alternative
    for at in range(rows.post_start[place], rows.post_start[place + 1]):
        posting.sums[rows.post_row[at]] += sign * rows.post_coefficient[at]


@compiled
def _is_broken(rows: Rows, row: int, total: float) -> bool:
    return total < rows.lower[row] or total > rows.upper[row]


@compiled
def _queue_rows(rows: Rows, posting: Posting, phase: int, alternative: int, waiting: int) -> int:
    """Put the rows of an alternative in the queue; return its new length."""
    if alternative < 0:
        return waiting
    place = phase * rows.may.shape[1] + alternative
    for at in range(rows.post_start[place], rows.post_start[place + 1]):
        row = rows.post_row[at]
        if _is_broken(rows, row, posting.sums[row]) and not posting.is_queued[row]:
            posting.queue[waiting] = row
            posting.is_queued[row] = True
            waiting += 1
    return waiting


@compiled
def _set_place(rows: Rows, posting: Posting, phase: int, product: int, alternative: int, length: int) -> int:
    """Post an alternative and write it down in the chain; return its new length."""
    before = posting.posted[phase, product]
    _shift_sums(rows, posting, phase, before, -1.0)
    _shift_sums(rows, posting, phase, alternative, 1.0)
    posting.posted[phase, product] = alternative
    posting.chain[length, 0] = phase
    posting.chain[length, 1] = product
    posting.chain[length, 2] = before
    posting.touched[phase, product] = True
    return length + 1


@compiled
def take_back(rows: Rows, posting: Posting, length: int) -> None:
    """Undo a chain."""
    for index in range(length - 1, -1, -1):
        phase, product, before = posting.chain[index, 0], posting.chain[index, 1], posting.chain[index, 2]
        _shift_sums(rows, posting, phase, posting.posted[phase, product], -1.0)
        _shift_sums(rows, posting, phase, before, 1.0)
        posting.posted[phase, product] = before
        posting.touched[phase, product] = False


@compiled
def _coefficient(rows: Rows, row: int, phase: int, alternative: int) -> float:
    """Return what an alternative adds to a row."""
    if alternative < 0:
        return 0.0
    place = phase * rows.may.shape[1] + alternative
    for at in range(rows.post_start[place], rows.post_start[place + 1]):
        if rows.post_row[at] == row:
            return rows.post_coefficient[at]
    return 0.0


@compiled
def _newly_broken(rows: Rows, posting: Posting, phase: int, now: int, alternative: int) -> int:
    """Return how many rows more are broken once an alternative takes the place of another."""
    count = 0
    width = rows.may.shape[1]
    if now >= 0:
        for at in range(rows.post_start[phase * width + now], rows.post_start[phase * width + now + 1]):
            row = rows.post_row[at]
            after = posting.sums[row] - rows.post_coefficient[at] + _coefficient(rows, row, phase, alternative)
            count += int(_is_broken(rows, row, after)) - int(_is_broken(rows, row, posting.sums[row]))
    if alternative >= 0:
        for at in range(rows.post_start[phase * width + alternative], rows.post_start[phase * width + alternative + 1]):
            row = rows.post_row[at]
            if now >= 0 and _coefficient(rows, row, phase, now) != 0.0:
                continue  # counted above
            after = posting.sums[row] + rows.post_coefficient[at]
            count += int(_is_broken(rows, row, after)) - int(_is_broken(rows, row, posting.sums[row]))
    return count


@compiled
def _mend(market: Market, rows: Rows, posting: Posting, row: int, length: int) -> int:
    """
    Mend a row by a place that is not in the chain; return the chain's new length, or -1.

    Of the ways to mend it, one that leaves the fewest rows broken is taken, then the smallest move of a price.
    """
    fewest = len(rows.lower)
    best_phase, best_product, best_alternative, best_move = -1, -1, CLOSED, np.inf
    last_phase, last_product = -1, -1
    for at in range(rows.start[row], rows.start[row + 1]):
        phase, product = rows.phase[at], rows.product[rows.alternative[at]]
        if (phase == last_phase and product == last_product) or posting.touched[phase, product]:
            continue
        last_phase, last_product = phase, product
        now = posting.posted[phase, product]
        rest = posting.sums[row] - _coefficient(rows, row, phase, now)
        for position in range(market.ladder_start[product], market.ladder_start[product + 1] + 1):
            is_closing = position == market.ladder_start[product + 1]
            alternative = CLOSED if is_closing else market.ladder[position]
            if alternative == now or not (
                rows.may_close[phase, product] if is_closing else rows.may[phase, alternative]
            ):
                continue
            total = rest + _coefficient(rows, row, phase, alternative)
            if _is_broken(rows, row, total):
                continue
            if is_closing:
                move = 1e15  # the last resort
            elif now < 0:
                move = 1e12 + market.price[alternative]
            else:
                move = abs(market.price[alternative] - market.price[now])
            broken = _newly_broken(rows, posting, phase, now, alternative)
            if broken < fewest or (broken == fewest and move < best_move):
                fewest = broken
                best_phase, best_product, best_alternative, best_move = phase, product, alternative, move
    if best_phase < 0:
        return -1
    return _set_place(rows, posting, best_phase, best_product, best_alternative, length)


@compiled
def set_path(
    market: Market,
    rows: Rows,
    posting: Posting,
    product: int,
    alternative: int,
    first: int,
    last: int,
    other: int,
    other_phase: int,
) -> int:
    """
    Post an alternative in the phases ``first`` to ``last`` in which the product is sold, and mend what it breaks.

    With a phase of its own, not below 0 and outside the others, ``other`` is posted there at once.

    Returns
    -------
    length
        Of the chain; 0 where nothing changed, -1 where the rules cannot be kept (all is taken back then).
    """
    length = 0
    for place in range(first, last + 2):
        phase, wanted = place, alternative
        if place > last:
            phase, wanted = other_phase, other
        if phase < 0 or not posting.is_sold[phase, product] or posting.posted[phase, product] == wanted:
            continue
        if not (rows.may_close[phase, product] if wanted < 0 else rows.may[phase, wanted]):
            take_back(rows, posting, length)
            return -1
        length = _set_place(rows, posting, phase, product, wanted, length)
    if len(rows.lower) == 0:
        return length
    waiting, looked, listed = 0, 0, 0
    while True:
        for index in range(looked, length):
            phase, product_there = posting.chain[index, 0], posting.chain[index, 1]
            waiting = _queue_rows(rows, posting, phase, posting.chain[index, 2], waiting)
            waiting = _queue_rows(rows, posting, phase, posting.posted[phase, product_there], waiting)
        looked = length
        if listed == waiting:
            break
        row = posting.queue[listed]
        listed += 1
        posting.is_queued[row] = False
        if not _is_broken(rows, row, posting.sums[row]):
            continue
        longer = _mend(market, rows, posting, row, length)
        if longer < 0 or waiting + 1 >= len(posting.queue) - len(rows.lower):
            for index in range(listed, waiting):
                posting.is_queued[posting.queue[index]] = False
            take_back(rows, posting, longer if longer > 0 else length)
            return -1
        length = longer
    return length


@compiled
def gain_of(market: Market, flow: Flow, posting: Posting, length: int) -> float:
    """Return what the chain earns more than what stood there before."""
    phases = posting.posted.shape[0]
    for index in range(length):
        part, phase = market.part[posting.chain[index, 1]], posting.chain[index, 0]
        posting.first_phase[part] = min(posting.first_phase[part], phase)
    gain = 0.0
    for index in range(length):
        part = market.part[posting.chain[index, 1]]
        if posting.first_phase[part] < phases:
            gain += sell(market, flow, posting.posted, part, posting.first_phase[part], False, False)
            gain -= flow.total[part]
            posting.first_phase[part] = phases
    return gain


@compiled
def keep(market: Market, flow: Flow, posting: Posting, length: int) -> None:
    """Make a chain final."""
    phases = posting.posted.shape[0]
    for index in range(length):
        phase, product = posting.chain[index, 0], posting.chain[index, 1]
        part = market.part[product]
        posting.touched[phase, product] = False
        posting.first_phase[part] = min(posting.first_phase[part], phase)
    for index in range(length):
        part = market.part[posting.chain[index, 1]]
        if posting.first_phase[part] < phases:
            flow.total[part] = sell(market, flow, posting.posted, part, posting.first_phase[part], True, False)
            posting.first_phase[part] = phases


@compiled
def try_path(
    market: Market,
    flow: Flow,
    rows: Rows,
    posting: Posting,
    product: int,
    alternative: int,
    first: int,
    last: int,
    other: int,
    other_phase: int,
    least: float,
) -> float:
    """Set a path if that earns more than ``least``; return the gain, 0 where it does not."""
    length = set_path(market, rows, posting, product, alternative, first, last, other, other_phase)
    if length <= 0:
        return 0.0
    gain = gain_of(market, flow, posting, length)
    if gain > least:
        keep(market, flow, posting, length)
        return gain
    take_back(rows, posting, length)
    return 0.0


@compiled
def improve_product(
    market: Market,
    flow: Flow,
    rows: Rows,
    posting: Posting,
    product: int,
    by_phase: bool,
    slight: float,
    closing: float,
    tried: NDArray[np.int64],
) -> float:
    """
    Try every price of a product over all phases, and its neighbours from each phase on and in each phase alone.

    Parameters
    ----------
    by_phase
        Whether to try other than the whole path.
    slight, closing
        Least gain of another price, and of closing.
    tried
        Shape ``(1,)``: changes scored, added to.

    Returns
    -------
    gain
        In yen.
    """
    phases = posting.posted.shape[0]
    total = 0.0
    for position in range(market.ladder_start[product], market.ladder_start[product + 1] + 1):
        is_closing = position == market.ladder_start[product + 1]
        alternative = CLOSED if is_closing else market.ladder[position]
        least = closing if is_closing else slight
        total += try_path(market, flow, rows, posting, product, alternative, 0, phases - 1, -1, -1, least)
        tried[0] += 1
        if not by_phase or phases == 1:
            continue
        for phase in range(phases):
            now = posting.posted[phase, product]
            is_far = not is_closing and now >= 0 and abs(market.rung[now] - position) > 1
            if not posting.is_sold[phase, product] or now == alternative or is_far:
                continue
            total += try_path(market, flow, rows, posting, product, alternative, phase, phase, -1, -1, least)
            tried[0] += 1
            if phase > 0:
                total += try_path(market, flow, rows, posting, product, alternative, phase, phases - 1, -1, -1, least)
                tried[0] += 1
    return total


@compiled
def improve_pairs(
    market: Market,
    flow: Flow,
    rows: Rows,
    posting: Posting,
    product: int,
    slight: float,
    closing: float,
    tried: NDArray[np.int64],
) -> float:
    """
    Try every two prices of a product in every two near phases; arguments as in `improve_product`.

    One price alone gains nothing where what is sold more in a phase is missing in the next.
    """
    phases = posting.posted.shape[0]
    bottom, top = market.ladder_start[product], market.ladder_start[product + 1]
    total = 0.0
    for first in range(phases - 1):
        for second in range(first + 1, min(phases, first + 1 + NEAR)):
            for place in range((top - bottom + 1) ** 2):
                at, other_at = bottom + place // (top - bottom + 1), bottom + place % (top - bottom + 1)
                alternative = CLOSED if at == top else market.ladder[at]
                other = CLOSED if other_at == top else market.ladder[other_at]
                # One of the two alone is tried elsewhere.
                if alternative == posting.posted[first, product] or other == posting.posted[second, product]:
                    continue
                least = closing if at == top or other_at == top else slight
                total += try_path(market, flow, rows, posting, product, alternative, first, first, other, second, least)
                tried[0] += 1
    return total
