"""
The choice-based linear program: for how long to post which set of alternatives.

``max sum of R(S) * time(S)`` with ``sum of Q(S) * time(S) <= capacity`` and ``sum of time(S) <= T``; sets are
generated, with a proof that none is missing. Its value is reached by posted sets in the limit of many customers, and no
policy exceeds it in expectation.

References
----------
Gallego, Iyengar, Phillips & Dubey (2004), "Managing flexible products on a network", CORC report TR-2004-01; Liu & van
Ryzin (2008), https://doi.org/10.1287/msom.1070.0169; Bront, Méndez-Díaz & Vulcano (2009),
https://doi.org/10.1287/opre.1080.0567
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from solvers.revenue._blocks import blocks_by_component, offered
from solvers.revenue._columns import PROOFS, WORK, generate
from solvers.revenue.result import OfferResult
from solvers.revenue.sales_based import sales_based
from solvers.revenue.validation import validate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.revenue._columns import Progress
    from solvers.revenue.problem import ChoiceProblem

_SHOWN = 1e-9
"""Share of a block's customers below which a set is not reported."""


def choice_based(
    problem: ChoiceProblem,
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    proofs: int = PROOFS,
    work: float = WORK,
    tolerance: float = 1e-9,
    allowed: NDArray[np.bool_] | None = None,
    on_progress: Progress | None = None,
) -> OfferResult:
    """
    Solve the choice-based linear program by column generation.

    Periods with the same alternatives and the same mix of customers are one block, and segments that consider no
    product together have blocks of their own: all this loses nothing. New sets come from quick search; once that finds
    none, from changes of two products at a time, and then from an integer program.

    Parameters
    ----------
    problem
        What may be sold, to whom.
    seconds, iterations
        Limits on time and on rounds of new sets; None for none. The bound is valid wherever the search stopped.
    proofs, work
        Rounds of integer programs at most; and nodes times variables of each program, where no limit on time is given:
        the answer is then the same on every machine, and a large market may stay open by a percent.
    tolerance
        Gap at which to stop, as a share of the bound.
    allowed
        Shape ``(T, A)``, bool: alternatives that can be posted in each period; None for all.
    on_progress
        Called after each round with its number, the revenue and the bound so far.

    Returns
    -------
    result
        ``optimal`` where the gap is at most 1e-6 or ``tolerance``.

    Raises
    ------
    ProblemError
        If the arrays do not describe a problem.
    """
    validate(problem)
    began = time.perf_counter()
    can = offered(problem, allowed)
    blocks = blocks_by_component(problem, can)
    if not blocks:
        return OfferResult(
            engine="choice-based",
            status="optimal",
            revenue=0.0,
            bound=0.0,
            duals=np.zeros(problem.resources),
            seconds=time.perf_counter() - began,
            offers=(),
            times=np.zeros(0),
        )
    # Prices of their own for every segment are found at once and bound from above; their duals are near the end.
    targeted = sales_based(problem, seconds=seconds, allowed=allowed)
    left = None if seconds is None else max(0.0, began + seconds - time.perf_counter())
    plan = generate(
        problem,
        blocks,
        seconds=left,
        rounds=iterations,
        proofs=proofs,
        work=work,
        tolerance=tolerance,
        start=targeted.duals,
        on_progress=on_progress,
    )
    if targeted.bound < plan.bound:
        plan.bound, plan.duals = targeted.bound, targeted.duals
    shown = np.flatnonzero(plan.shares > _SHOWN)
    return OfferResult(
        engine="choice-based",
        status="optimal" if plan.gap <= max(tolerance, 1e-6) else "feasible",
        revenue=min(plan.revenue, plan.bound),
        bound=plan.bound,
        duals=plan.duals,
        seconds=time.perf_counter() - began,
        offers=tuple(_set(blocks[plan.offers[index][0]].alternatives[plan.offers[index][1]]) for index in shown),
        times=np.array([plan.shares[index] * len(blocks[plan.offers[index][0]].periods) for index in shown]),
        periods=tuple(_set(blocks[plan.offers[index][0]].periods) for index in shown),
        segments=tuple(_set(blocks[plan.offers[index][0]].segments) for index in shown),
    )


def _set(indices: NDArray[np.int64]) -> tuple[int, ...]:
    return tuple(sorted(int(index) for index in indices))
