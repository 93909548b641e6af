"""
Posted prices: one price per product and phase, under the rules of an operator.

Where a product may sell out (``overflow="lose"``), customers flow evenly, products close the moment something they take
is used up, and those who come later choose among the rest. Where it may not (``"forbid"``), expected sales stay within
capacity; small cases are then solved by an integer program, with ``u = 1 / (1 + sum of weights shown)`` per segment and
``z = u * shown``.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

import numpy as np

from solvers.errors import ProblemError
from solvers.revenue._fluid import lay_out, new_flow, refresh
from solvers.revenue._posting_search import Search
from solvers.revenue._price_rules import can_be_kept, nearest_posting
from solvers.revenue._rows import keeps, lay_out_rows
from solvers.revenue._static_program import solve_static
from solvers.revenue.problem import CLOSED, PriceRules
from solvers.revenue.result import PostedResult
from solvers.revenue.sales_based import sales_based
from solvers.revenue.validation import validate, validate_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from solvers.revenue._fluid import Market
    from solvers.revenue._posting_search import Found
    from solvers.revenue._rows import Rows
    from solvers.revenue.problem import ChoiceProblem
    from solvers.revenue.result import SalesResult

Overflow = Literal["lose", "forbid"]

_PROVEN = 1e-6
"""Gap, as a share of the bound, below which an answer is called optimal."""

OVERFLOW = 1e-6
"""Share of a capacity by which expected sales may be above it, by rounding."""


def posted_prices(
    problem: ChoiceProblem,
    *,
    phase_of_period: NDArray[np.int64] | None = None,
    rules: PriceRules | None = None,
    overflow: Overflow = "lose",
    start: NDArray[np.int64] | None = None,
    seed: int = 0,
    iterations: int | None = None,
    seconds: float | None = None,
    proves: bool = True,
    should_stop: Callable[[], bool] | None = None,
) -> PostedResult:
    """
    Choose prices to post.

    Parameters
    ----------
    problem
        What may be sold, to whom.
    phase_of_period
        Shape ``(T,)``, int64: phase of each period, from 0 on, never decreasing, none left out; within a phase prices
        stay. None: every period is a phase.
    rules
        Rows over what is posted; None for no rules. Kept exactly.
    overflow
        What happens to demand beyond capacity.
    start
        Shape ``(F, P)``: a posting to begin with, moved to the nearest that keeps the rules.
    seed, iterations, seconds
        Of the search: only iterations (shakes after the first ascent; where neither limit is given, 8 or what some
        ten seconds allow) reproduce exactly.
    proves
        Whether to compute the bound and its duals; else it is infinite.
    should_stop
        Asked after each product: once it says so, the best prices so far are the result. What comes before the search
        (the bound, prices to begin with, the integer program of small cases) is not cut short.

    Returns
    -------
    result
        ``infeasible`` where no posting keeps the rules; then everything is closed and nothing earned. `bound` holds
        for every policy that posts what the rules leave, `posted_bound` for postings alone.

    Raises
    ------
    ProblemError
        If the arrays do not describe a problem, or the phases, the rules or the start do not belong to it.
    """
    validate(problem)
    began = time.perf_counter()
    until = None if seconds is None else began + seconds
    phase_of = _phases(problem, phase_of_period)
    phases = int(phase_of[-1]) + 1
    rules = PriceRules() if rules is None else rules
    validate_rules(problem, rules, phases)
    if start is not None:
        _check_posting("start", problem, phases, start)
    rows = lay_out_rows(problem, rules, phases)
    relaxed = sales_based(problem, allowed=rows.may[phase_of])
    target = _target(problem, relaxed, rows, phase_of) if start is None else start
    first, is_infeasible = _begin(problem, rows, target, until)
    if first is None:
        return _none_found(problem, phases, relaxed, proves, is_infeasible, began)
    market = lay_out(problem, phase_of, forbids=overflow == "forbid")
    starts, posted_bound = [first], relaxed.bound
    if overflow == "forbid":
        # Closed altogether is within capacity at least.
        starts.append(_closed(problem, phases))
        exact = solve_static(problem, rows, phase_of, seconds=None if until is None else until - time.perf_counter())
        if exact is not None and exact.status == "infeasible":
            return _none_found(problem, phases, relaxed, proves, True, began)
        if exact is not None:
            posted_bound = min(posted_bound, exact.bound)
            starts = [exact.posted, *starts] if exact.posted is not None else starts
    rounds = iterations if iterations is not None or seconds is None else 2**62
    kept = [posted for posted in starts if keeps(rows, posted)]
    found = _best(market, rows, kept, seed, rounds, _ending(until, should_stop), posted_bound)
    bound = relaxed.bound if proves else float("inf")
    is_kept = found.overflow <= OVERFLOW
    return PostedResult(
        engine="posted-prices",
        status=_status(found.revenue, posted_bound) if is_kept else "unknown",
        revenue=min(found.revenue, bound) if is_kept else None,
        bound=bound,
        duals=relaxed.duals if proves else np.zeros(problem.resources),
        seconds=time.perf_counter() - began,
        posted=found.posted if is_kept else _closed(problem, phases),
        sales=found.sold if is_kept else np.zeros(problem.alternatives),
        posted_bound=posted_bound if proves else float("inf"),
    )


def score_posting(
    problem: ChoiceProblem,
    posted: NDArray[np.int64],
    *,
    phase_of_period: NDArray[np.int64] | None = None,
) -> tuple[float, NDArray[np.float64]]:
    """
    Return what a posting earns where products close once sold out, and its sales.

    Parameters
    ----------
    problem
        What may be sold, to whom.
    posted
        Shape ``(F, P)``, int64: alternative of each product in each phase, or `problem.CLOSED`.
    phase_of_period
        As for `posted_prices`.

    Returns
    -------
    revenue, sales
        Yen, and shape ``(A,)``.

    Raises
    ------
    ProblemError
        If the arrays do not describe a problem, or the phases or the posting do not belong to it.
    """
    validate(problem)
    phase_of = _phases(problem, phase_of_period)
    _check_posting("posted", problem, int(phase_of[-1]) + 1, posted)
    market = lay_out(problem, phase_of, forbids=False)
    flow = new_flow(market)
    refresh(market, flow, posted)
    return float(flow.sold @ problem.price), flow.sold


def conflicting_rows(
    problem: ChoiceProblem, rules: PriceRules, phases: int, groups: NDArray[np.int64]
) -> tuple[int, ...]:
    """
    Return groups of rows that no posting keeps together, none of which can be left out of the conflict.

    Parameters
    ----------
    problem
        What may be sold.
    rules
        The rules.
    phases
        Number of phases.
    groups
        Shape ``(M,)``, int64: group of each row; a group is kept or dropped whole.

    Returns
    -------
    groups
        In increasing order; empty where some posting keeps them all.

    Raises
    ------
    ProblemError
        If the arrays do not describe a problem or the rules do not belong to it.
    """
    validate(problem)
    validate_rules(problem, rules, phases)
    if groups.shape != (len(rules),):
        raise ProblemError((f"groups has shape {groups.shape}; {(len(rules),)} is needed",))
    blamed = [int(group) for group in np.unique(groups)]
    if can_be_kept(lay_out_rows(problem, rules, phases)):
        return ()
    # Deletion filter: whatever can go without ending the conflict is not needed for it.
    for group in tuple(blamed):
        fewer = [other for other in blamed if other != group]
        if not can_be_kept(lay_out_rows(problem, _rows_of(rules, np.isin(groups, fewer)), phases)):
            blamed = fewer
    return tuple(blamed)


def _rows_of(rules: PriceRules, kept: NDArray[np.bool_]) -> PriceRules:
    number = np.cumsum(kept) - 1
    entries = kept[rules.row]
    return PriceRules(
        row=number[rules.row[entries]],
        phase=rules.phase[entries],
        alternative=rules.alternative[entries],
        coefficient=rules.coefficient[entries],
        lower=rules.lower[kept],
        upper=rules.upper[kept],
    )


def _phases(problem: ChoiceProblem, phase_of_period: NDArray[np.int64] | None) -> NDArray[np.int64]:
    if phase_of_period is None:
        return np.arange(problem.periods)
    phase = np.asarray(phase_of_period)
    is_shaped = phase.shape == (problem.periods,) and np.issubdtype(phase.dtype, np.integer)
    if not is_shaped or phase[0] != 0 or not np.isin(np.diff(phase), (0, 1)).all():
        raise ProblemError(
            (f"phase_of_period is {phase}; {problem.periods} integers from 0 that stay or rise by 1 are needed",)
        )
    return phase.astype(np.int64)


def _best(
    market: Market,
    rows: Rows,
    starts: Sequence[NDArray[np.int64]],
    seed: int,
    rounds: int | None,
    is_over: Callable[[], bool],
    bound: float,
) -> Found:
    """Search from each start, and return the best within capacity (the nearest to it where none is)."""
    best: Found | None = None
    for start in starts:
        found = Search(market, rows, start, seed).run(rounds, is_over, bound * (1 - 1e-12))
        if best is None or _merit(found) > _merit(best):
            best = found
    if best is None:  # pragma: no cover - the first start keeps the rules
        raise ArithmeticError("no posting that keeps the rules to search from")
    return best


def _ending(until: float | None, should_stop: Callable[[], bool] | None) -> Callable[[], bool]:
    """Return the question whether a search is over, by the clock or because somebody says so."""

    def is_over() -> bool:
        return (until is not None and time.perf_counter() >= until) or (should_stop is not None and should_stop())

    return is_over


def _merit(found: Found) -> tuple[float, float]:
    return (0.0, found.revenue) if found.overflow <= OVERFLOW else (-found.overflow, 0.0)


def _closed(problem: ChoiceProblem, phases: int) -> NDArray[np.int64]:
    return np.full((phases, problem.products), CLOSED)


def _check_posting(name: str, problem: ChoiceProblem, phases: int, start: NDArray[np.int64]) -> None:
    if start.shape != (phases, problem.products):
        raise ProblemError((f"{name} has shape {start.shape}; {(phases, problem.products)} is needed",))
    known = (start >= 0) & (start < problem.alternatives)
    own = known & (problem.product[np.where(known, start, 0)] == np.arange(problem.products))
    faults = [
        f"{name}[{phase}, {product}] is {start[phase, product]}; {CLOSED} or an alternative of the product is needed"
        for phase, product in np.argwhere(~own & (start != CLOSED))
    ]
    if faults:
        raise ProblemError(tuple(faults))


def _target(problem: ChoiceProblem, relaxed: SalesResult, rows: Rows, phase_of: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return, for each product, what sells most in the relaxed problem; its highest price where nothing does."""
    # Sold in all counts for much, the price breaks ties.
    merit = relaxed.sales.sum(axis=0) + 1e-9 * problem.price / max(float(problem.price.max()), 1.0)
    phases = int(phase_of[-1]) + 1
    target = np.full((phases, problem.products), CLOSED)
    for phase in range(phases):
        for alternative in np.argsort(merit + np.where(rows.may[phase], 0.0, -np.inf), kind="stable"):
            if rows.may[phase, alternative]:
                target[phase, problem.product[alternative]] = alternative
    return target


def _begin(
    problem: ChoiceProblem, rows: Rows, target: NDArray[np.int64], until: float | None
) -> tuple[NDArray[np.int64] | None, bool]:
    if keeps(rows, target):
        return target, False
    left = None if until is None else max(0.1, until - time.perf_counter())
    return nearest_posting(rows, problem.price, target, seconds=left)


def _status(revenue: float, bound: float) -> Literal["optimal", "feasible"]:
    return "optimal" if bound - revenue <= _PROVEN * max(abs(bound), 1e-9) else "feasible"


def _none_found(
    problem: ChoiceProblem, phases: int, relaxed: SalesResult, proves: bool, is_infeasible: bool, began: float
) -> PostedResult:
    return PostedResult(
        engine="posted-prices",
        status="infeasible" if is_infeasible else "unknown",
        revenue=None,
        bound=relaxed.bound if proves else float("inf"),
        duals=relaxed.duals if proves else np.zeros(problem.resources),
        seconds=time.perf_counter() - began,
        posted=_closed(problem, phases),
        sales=np.zeros(problem.alternatives),
        posted_bound=-np.inf if is_infeasible else np.inf,
    )
