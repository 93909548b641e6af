"""
Everything tried: the reference that judges the clever engines on tiny cases.

Nothing here is shared with the engines: sets, flows and rules are computed anew, in plain words.
"""

from __future__ import annotations

import itertools
import math
import time
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from solvers.errors import ProblemError
from solvers.revenue.problem import CLOSED
from solvers.revenue.result import OfferResult, PostedResult
from solvers.revenue.validation import validate, validate_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from solvers.revenue.problem import ChoiceProblem, PriceRules

MOST_SETS: Final = 200_000
"""Sets or postings above which enumeration is refused."""


def enumerate_offers(problem: ChoiceProblem) -> OfferResult:
    """
    Solve the choice-based linear program over all sets of every period.

    Parameters
    ----------
    problem
        A tiny one.

    Raises
    ------
    ProblemError
        If the arrays do not describe a problem, or there are more than `MOST_SETS` sets.
    """
    from scipy.optimize import linprog

    validate(problem)
    began = time.perf_counter()
    _refuse_many(problem.periods * math.prod(int(count) + 1 for count in np.bincount(problem.product)))
    offers: list[tuple[int, ...]] = []
    periods: list[int] = []
    revenue: list[float] = []
    use: list[NDArray[np.float64]] = []
    for period in range(problem.periods):
        for choice in _choices(problem):
            shown = tuple(sorted(index for index in choice if index != CLOSED and _is_on_sale(problem, period, index)))
            sales = _rates(problem, period, shown)
            offers.append(shown)
            periods.append(period)
            revenue.append(float(sales @ problem.price))
            use.append(problem.use[:, problem.product] @ sales)
    is_in = np.array(periods)[None, :] == np.arange(problem.periods)[:, None]
    answer = linprog(
        -np.array(revenue),
        A_ub=np.vstack([np.column_stack(use), is_in]),
        b_ub=np.concatenate([problem.capacity, np.ones(problem.periods)]),
        method="highs",
    )
    shown_for = np.flatnonzero(answer.x > 1e-9)
    value = -float(answer.fun)
    return OfferResult(
        engine="choice-based",
        status="optimal",
        revenue=value,
        bound=value,
        duals=np.maximum(-answer.ineqlin.marginals[: problem.resources], 0.0),
        seconds=time.perf_counter() - began,
        offers=tuple(offers[index] for index in shown_for),
        times=answer.x[shown_for],
        periods=tuple((periods[index],) for index in shown_for),
        segments=tuple(tuple(range(problem.segments)) for _ in shown_for),
    )


def enumerate_postings(
    problem: ChoiceProblem,
    *,
    phase_of_period: NDArray[np.int64],
    rules: PriceRules,
    overflow: Literal["lose", "forbid"] = "lose",
) -> PostedResult:
    """
    Score every posting that keeps the rules.

    Parameters
    ----------
    problem
        A tiny one.
    phase_of_period, rules, overflow
        As for `solvers.revenue.posted_prices.posted_prices`.

    Raises
    ------
    ProblemError
        If the arrays do not describe a problem, the rules do not belong to it, or there are more than `MOST_SETS`
        postings.
    """
    validate(problem)
    began = time.perf_counter()
    phases = int(phase_of_period[-1]) + 1
    validate_rules(problem, rules, phases)
    _refuse_many(math.prod(int(count) + 1 for count in np.bincount(problem.product)) ** phases)
    best, revenue, sold = None, -math.inf, np.zeros(problem.alternatives)
    for rows in itertools.product(tuple(_choices(problem)), repeat=phases):
        posted = np.array(rows)
        if not _keeps(rules, problem.product, posted):
            continue
        sales, is_within = flow(problem, phase_of_period, posted, closes=overflow == "lose")
        if is_within and float(sales @ problem.price) > revenue:
            best, revenue, sold = posted, float(sales @ problem.price), sales
    return PostedResult(
        engine="posted-prices",
        status="infeasible" if best is None else "optimal",
        revenue=None if best is None else revenue,
        bound=math.inf,
        duals=np.zeros(problem.resources),
        seconds=time.perf_counter() - began,
        posted=np.full((phases, problem.products), CLOSED) if best is None else best,
        sales=sold,
        posted_bound=revenue,
    )


def flow(
    problem: ChoiceProblem, phase_of_period: NDArray[np.int64], posted: NDArray[np.int64], *, closes: bool
) -> tuple[NDArray[np.float64], bool]:
    """
    Return the sales of each alternative when customers come evenly, and whether capacity holds.

    Parameters
    ----------
    posted
        Shape ``(F, P)``.
    closes
        Whether products close once something they take is used up; else they are sold on.
    """
    left, sales = problem.capacity.copy(), np.zeros(problem.alternatives)
    takes = problem.use[:, problem.product]
    for period in range(problem.periods):
        ahead = 1.0
        while ahead > 1e-15:
            used_up = left <= 1e-9 * np.maximum(problem.capacity, 1.0)
            shown = tuple(
                int(index)
                for index in posted[phase_of_period[period]]
                if index != CLOSED
                and _is_on_sale(problem, period, index)
                and not (closes and (takes[used_up, index] > 0).any())
            )
            rates = _rates(problem, period, shown)
            drain = takes @ rates
            with np.errstate(divide="ignore", invalid="ignore"):
                until = np.where(drain > 0, left / drain, np.inf)
            step = min(ahead, float(until.min())) if closes else ahead
            sales += step * rates
            left -= step * drain
            ahead -= step
    return sales, bool((left >= -1e-9 * np.maximum(problem.capacity, 1.0)).all())


def _choices(problem: ChoiceProblem) -> Iterator[tuple[int, ...]]:
    """Yield one alternative, or `CLOSED`, for every product."""
    ladders = [
        (CLOSED, *(int(index) for index in np.flatnonzero(problem.product == product)))
        for product in range(problem.products)
    ]
    return itertools.product(*ladders)


def _is_on_sale(problem: ChoiceProblem, period: int, alternative: int) -> bool:
    return not problem.on_sale.size or bool(problem.on_sale[period, problem.product[alternative]])


def _rates(problem: ChoiceProblem, period: int, shown: tuple[int, ...]) -> NDArray[np.float64]:
    rates = np.zeros(problem.alternatives)
    for segment in range(problem.segments):
        weights = problem.attraction[segment, list(shown)]
        rates[list(shown)] += (
            problem.arrivals[segment, period] * weights / (problem.no_purchase[segment] + weights.sum())
        )
    return rates


def _keeps(rules: PriceRules, product: NDArray[np.int64], posted: NDArray[np.int64]) -> bool:
    sums = np.zeros(len(rules))
    for row, phase, alternative, coefficient in zip(
        rules.row, rules.phase, rules.alternative, rules.coefficient, strict=True
    ):
        sums[row] += coefficient * (posted[phase, product[alternative]] == alternative)
    return bool(((sums >= rules.lower - 1e-9) & (sums <= rules.upper + 1e-9)).all())


def _refuse_many(count: int) -> None:
    if count > MOST_SETS:
        raise ProblemError((f"{count} sets would have to be tried; at most {MOST_SETS} are accepted",))
