"""Values of capacity where customers choose: one dynamic program per resource, and the prices that follow from them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.errors import ProblemError, TooManyUnitsError
from solvers.revenue._blocks import Block, blocks_by_component, offered
from solvers.revenue.problem import CLOSED
from solvers.revenue.result import ValueResult
from solvers.revenue.validation import validate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.revenue.problem import ChoiceProblem

_BIDS: Final = 129
"""Bid prices at which customers are tabulated: six times as many lower bounds by less than 0.01 %."""

_MASTER_GAP: Final = 1e-3
"""Gap of the choice-based program at which its duals serve: the programs per resource correct them."""

_MASTER_WORK: Final = 1e3
"""Work on each integer program of that program, of which there is one round: large ones take seconds."""

_LEAST_ROWS: Final = 240
"""Rows of the values over the whole horizon, at least; simulations interpolate between them."""

_SALES_PER_STEP: Final = 0.01
"""Units sold in expectation per step, at most: with four units left, values are then less than 0.1 % too high."""

_COARSEST: Final = 0.5
"""The same where the program would take long: the more units, the less it matters that steps are coarse."""

_QUICK: Final = 1e9
"""Steps times units of one resource from which on steps are coarser, some seconds."""

MOST_STEPS: Final = 2e10
"""Steps times units of one resource that are computed, some minutes."""

MOST_VALUES: Final = 120_000_000
"""Values of all resources that are kept, some gigabyte."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LiveValues(ValueResult):
    """
    Hold values of capacity at times within the horizon.

    Parameters
    ----------
    times
        Shape ``(G,)``, float64, increasing from 0 to T, in periods: row g of each of ``values``, which have shape
        ``(G, units + 1)``, is the worth of what is left at that time. The units are those of the capacity, or as many
        as could ever be asked for where that is less: what is left beyond is worth what the last column says.
    """

    times: NDArray[np.float64]


def live_values(
    problem: ChoiceProblem, *, duals: NDArray[np.float64] | None = None, allowed: NDArray[np.bool_] | None = None
) -> LiveValues:
    """
    Value what is left of each resource over time, with the other resources paid for at given duals.

    For resource r, ``v_t(x) = v_{t+1}(x) + max_S sum_j P_j(S) (p_j - sum_{h != r} a_hj pi_h - a_rj (v_{t+1}(x) -
    v_{t+1}(x - 1)))``, in steps that sell a hundredth of a unit at most. The maximum depends on x by the bid price of r
    alone, and is convex in it: it is tabulated once per resource and stretch of like periods.

    The bound is ``min_r v_r(c_r) + sum_{h != r} pi_h c_h``, from a second program whose maximum is never below the true
    one: each segment of a stretch sees its own best set, and chords lie above what is convex. It holds for customers
    who come by a Poisson process, evenly over each period: a step counts all its customers at the bid price of its end,
    the lowest. A product of several units is valued at that many times the bid price of one, the least that they
    are worth. Where the duals come from the choice-based program, its bound is reported if it is lower.

    Parameters
    ----------
    problem
        What may be sold, to whom.
    duals
        Shape ``(R,)``, not negative. Where None, from the choice-based program, solved for some seconds at most; those
        of the sales-based one where it proves nothing better by then.
    allowed
        Shape ``(T, A)``, bool: alternatives that can be posted in each period; None for all.

    Raises
    ------
    ProblemError
        If the problem is not one, or the duals do not belong to it.
    TooManyUnitsError
        If capacity and demand are both so large that the values would take too much time or memory.

    References
    ----------
    Liu & van Ryzin (2008), https://doi.org/10.1287/msom.1070.0169
    """
    validate(problem)
    began = time.perf_counter()
    bound = np.inf
    if duals is None:
        from solvers.revenue.choice_based import choice_based

        master = choice_based(problem, allowed=allowed, tolerance=_MASTER_GAP, proofs=1, work=_MASTER_WORK)
        duals, bound = master.duals, master.bound
    elif duals.shape != problem.capacity.shape or not np.isfinite(duals).all() or (duals < 0).any():
        text = f"duals are {duals}; accepted: {problem.resources} values of 0 or more, one per resource"
        raise ProblemError((text,))
    blocks = blocks_by_component(problem, offered(problem, allowed))
    per_period = -(-_LEAST_ROWS // problem.periods)
    capacity = _whole_units(problem)
    values, own, kept = [], np.zeros(problem.resources), 0
    for resource in range(problem.resources):
        reached, at_most, spacing = _tables(problem, blocks, duals, resource)
        found = _solve(reached, spacing, capacity[resource], per_period)
        values.append(found)
        kept += found.size
        if kept > MOST_VALUES:
            raise TooManyUnitsError(capacity.sum())
        proven = found if (reached == at_most).all() else _solve(at_most, spacing, capacity[resource], per_period)
        own[resource] = proven[0, -1]
    bounds = own + duals @ problem.capacity - duals * problem.capacity
    return LiveValues(
        engine="decomposition",
        status="feasible",
        revenue=None,
        bound=float(bounds.min(initial=bound)),
        duals=duals,
        seconds=time.perf_counter() - began,
        values=tuple(values),
        times=np.linspace(0.0, problem.periods, problem.periods * per_period + 1),
    )


def bid_prices(
    problem: ChoiceProblem, values: LiveValues, *, at: float, left: NDArray[np.int64]
) -> NDArray[np.float64]:
    """
    Return what the units are worth that a sale of each product takes, in yen.

    Parameters
    ----------
    problem
        The problem that was valued.
    values
        Its values.
    at
        Time in periods, 0 to T; between rows values are interpolated.
    left
        Shape ``(R,)``: what is left of each resource.

    Returns
    -------
    bid
        Shape ``(P,)``; infinite where too little is left for a sale.
    """
    row = int(np.clip(np.searchsorted(values.times, at, side="right") - 1, 0, len(values.times) - 2))
    share = float(np.clip((at - values.times[row]) / (values.times[row + 1] - values.times[row]), 0.0, 1.0))
    bid = np.zeros(problem.products)
    for resource, table in enumerate(values.values):
        worth = (1.0 - share) * table[row] + share * table[row + 1]
        stock, last = int(left[resource]), len(worth) - 1
        for product in np.flatnonzero(problem.use[resource] > 0):
            rest = int(np.floor(stock - problem.use[resource, product] + 1e-9))
            bid[product] += worth[min(stock, last)] - worth[min(rest, last)] if rest >= 0 else np.inf
    return bid


def offer_at(
    problem: ChoiceProblem,
    values: LiveValues,
    *,
    at: float,
    left: NDArray[np.int64],
    allowed: NDArray[np.bool_] | None = None,
) -> NDArray[np.int64]:
    """
    Return what to post at a time, by what is left: the set that earns most above its bid prices.

    Parameters
    ----------
    problem, values, at, left
        As in `bid_prices`.
    allowed
        As in `live_values`.

    Returns
    -------
    posted
        Shape ``(P,)``, int64: an alternative of each product, or `problem.CLOSED`. The best set where customers who
        come at that time share a segment, a good one where several segments look at the same prices.
    """
    from solvers.revenue._oracle import quick_offer

    period = min(int(at), problem.periods - 1)
    bid = bid_prices(problem, values, at=at, left=left)
    now = np.zeros((problem.periods, problem.alternatives), np.bool_)
    now[period] = offered(problem, allowed)[period] & np.isfinite(bid[problem.product])
    posted = np.full(problem.products, CLOSED, np.int64)
    for block in blocks_by_component(problem, now):
        worth = problem.price[block.alternatives] - bid[problem.product[block.alternatives]]
        shown = block.alternatives[quick_offer(block, worth).chosen]
        posted[problem.product[shown]] = shown
    return posted


def _whole_units(problem: ChoiceProblem) -> NDArray[np.int64]:
    """Return capacity in whole units: a rest sells nothing where all uses are whole, else it counts as one more."""
    is_whole = bool((problem.use == np.round(problem.use)).all())
    rounded = np.floor(problem.capacity + 1e-9) if is_whole else np.ceil(problem.capacity)
    return rounded.astype(np.int64)


def _tables(
    problem: ChoiceProblem, blocks: list[Block], duals: NDArray[np.float64], resource: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return earnings of each period by bid price of a resource, shape ``(T, bids)``: by sets, at most, and spacing."""
    from solvers.revenue._margin_tables import tabulate

    own = problem.use[resource]
    net = problem.price - (duals @ problem.use - duals[resource] * own)[problem.product]
    units = own[problem.product]
    highest = float(np.max(net[units > 0] / units[units > 0], initial=0.0))
    bids = np.linspace(0.0, max(highest, 1.0), _BIDS)
    reached, at_most = np.zeros((problem.periods, _BIDS)), np.zeros((problem.periods, _BIDS))
    for block in blocks:
        found, proven = np.zeros(_BIDS), np.zeros(_BIDS)
        here = block.alternatives
        does_use = units[here].any()
        grid = bids if does_use else bids[:1]
        tabulate(block.weight, block.arrivals, net[here], units[here], block.product, grid, found, proven)
        if not does_use:
            found[:], proven[:] = found[0], proven[0]
        share = problem.arrivals[np.ix_(block.segments, block.periods)].sum(axis=0) / block.arrivals.sum()
        reached[block.periods] += np.outer(share, found)
        at_most[block.periods] += np.outer(share, proven)
    # A set that was found at a higher bid price earns no less at a lower one.
    reached = np.maximum.accumulate(reached[:, ::-1], axis=1)[:, ::-1]
    return np.minimum(reached, at_most), at_most, float(bids[1])


def _solve(table: NDArray[np.float64], spacing: float, units: int, per_period: int) -> NDArray[np.float64]:
    """Return the values of one resource, shape ``(T * per_period + 1, units + 1)``; fewer units if never sold."""
    from solvers.revenue._margin_tables import solve_steps

    rates = np.repeat(table, per_period, axis=0) / per_period
    sold = np.max((rates[:, :-1] - rates[:, 1:]) / spacing, axis=1)
    units = min(units, _most_sold(float(sold.sum())))
    if (units + 1) * float(sold.sum()) / _COARSEST > MOST_STEPS or (units + 1) * (len(rates) + 1) > MOST_VALUES:
        raise TooManyUnitsError(units)
    coarse = (units + 1) * float(sold.sum()) / _QUICK
    substeps = np.maximum(1, np.ceil(sold / min(_COARSEST, max(_SALES_PER_STEP, coarse)))).astype(np.int64)
    values = np.zeros((len(rates) + 1, units + 1))
    solve_steps(rates, substeps, spacing, values)
    return values


def _most_sold(expected: float) -> int:
    """
    Return units of which no more are ever sold, by digits that a float can hold, where so many are expected at most.

    A Poisson variable of mean m is above ``m + t`` with a chance of ``exp(-t^2 / (2 (m + t / 3)))`` at most: below
    1e-21 for any m here. Steps that sell one unit or none vary less.
    """
    return int(np.ceil(expected + 10.0 * np.sqrt(expected) + 40.0))
