"""
The sales-based linear program: how much to sell to each segment at each price.

``max sum of price * sales`` where the sales of a segment and its customers who buy nothing add up to its arrivals, the
sales of all prices of a product are at most in the proportion of their attraction to those who buy nothing, and
capacity holds. Every segment may be shown prices of its own: where segments look at the same posted prices this is a
bound, not a revenue.

References
----------
Gallego, Ratliff & Shebalov (2015), https://doi.org/10.1287/opre.2014.1328
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.revenue._blocks import blocks_by_segment, considered, offered
from solvers.revenue._columns import price_bound
from solvers.revenue._linear import LinearSolver, Program, solve_linear
from solvers.revenue.result import SalesResult
from solvers.revenue.validation import validate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from solvers.revenue._blocks import Block
    from solvers.revenue.problem import ChoiceProblem

_PROVEN: Final = 1e-6
"""Gap, as a share of the bound, below which an answer is called optimal."""

_LARGE: Final = 2_000
"""Variables from which on HiGHS' interior point is quicker than GLOP; below, both take some 20 ms."""


def sales_based(
    problem: ChoiceProblem,
    *,
    solver: LinearSolver | None = None,
    seconds: float | None = None,
    is_targeted: bool = False,
    allowed: NDArray[np.bool_] | None = None,
) -> SalesResult:
    """
    Solve the sales-based linear program.

    Periods are summed wherever a segment finds the same on sale; alternatives without attraction are left out.

    Parameters
    ----------
    problem
        What may be sold, to whom.
    solver
        GLOP's and HiGHS' simplex, PDLP's first-order method, or HiGHS' interior point. None: GLOP up to 2,000
        variables, interior point above.
    seconds
        Limit on time; None for none. The bound is valid wherever the solver stopped: it is computed from the duals.
    is_targeted
        Whether each segment can really be shown prices of its own.
    allowed
        Shape ``(T, A)``, bool: alternatives that can be posted in each period; None for all.

    Returns
    -------
    result
        ``revenue`` is set only where ``is_exact``.

    Raises
    ------
    ProblemError
        If the arrays do not describe a problem.
    """
    validate(problem)
    began = time.perf_counter()
    blocks = blocks_by_segment(problem, offered(problem, allowed))
    is_exact = is_targeted or bool((considered(problem).sum(axis=0) <= 1).all())
    if not blocks:
        sold, bound, duals, status = _nothing(problem), 0.0, np.zeros(problem.resources), "optimal"
    else:
        sold, bound, duals, status = _whole(problem, blocks, solver or _quickest(blocks), seconds)
    revenue = min(float((sold[0] @ problem.price).sum()), bound)
    return SalesResult(
        engine="sales-based",
        status=status,  # type: ignore[arg-type]
        revenue=revenue if is_exact and status != "unknown" else None,
        bound=bound,
        duals=duals,
        seconds=time.perf_counter() - began,
        sales=sold[0],
        shares=_shares(problem, sold[0], sold[1]),
        is_exact=is_exact,
    )


Sold = tuple["NDArray[np.float64]", "NDArray[np.float64]"]
"""Sales, shape ``(L, A)``, and customers who buy nothing, shape ``(L,)``."""


def _quickest(blocks: Sequence[Block]) -> LinearSolver:
    return "glop" if sum(1 + len(block.alternatives) for block in blocks) <= _LARGE else "highs-ipm"


def _nothing(problem: ChoiceProblem) -> Sold:
    return np.zeros((problem.segments, problem.alternatives)), problem.arrivals.sum(axis=1)


def _shares(problem: ChoiceProblem, sales: NDArray[np.float64], none: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``(sales / attraction) / (customers who buy nothing / attraction of nothing)``."""
    base = problem.attraction * (none / problem.no_purchase)[:, None]
    return np.clip(np.divide(sales, base, out=np.zeros_like(sales), where=base > 0), 0.0, 1.0)


def _whole(
    problem: ChoiceProblem, blocks: Sequence[Block], solver: LinearSolver, seconds: float | None
) -> tuple[Sold, float, NDArray[np.float64], str]:
    program, scale = _program(problem, blocks)
    outcome = solve_linear(program, solver, seconds=seconds)
    if outcome.values is None:
        duals = np.zeros(problem.resources)
        return _nothing(problem), price_bound(problem, blocks, duals), duals, "unknown"
    top = float(problem.price.max())
    duals = np.maximum(outcome.duals[: problem.resources], 0.0) * top / scale
    sales, none = _nothing(problem)
    at = 0
    for block in blocks:
        share = np.maximum(outcome.values[at + 1 : at + 1 + len(block.alternatives)], 0.0)
        sold = block.arrivals[0] * block.weight[0] * share
        sales[block.segments[0], block.alternatives] += sold
        none[block.segments[0]] -= sold.sum()
        at += 1 + len(block.alternatives)
    bound = price_bound(problem, blocks, duals)
    is_near = bound - float((sales @ problem.price).sum()) <= _PROVEN * max(abs(bound), 1e-9)
    return (sales, none), bound, duals, "optimal" if is_near else "feasible"


def _program(problem: ChoiceProblem, blocks: Sequence[Block]) -> tuple[Program, NDArray[np.float64]]:
    """
    Lay out, block by block, the share who buy nothing and ``share sold / weight`` of each alternative.

    Returns
    -------
    program, scale
        Rows of capacity come first, divided by ``scale``; the objective is divided by the highest price.
    """
    from scipy.sparse import coo_matrix

    resources, scale = problem.resources, np.maximum(problem.capacity, 1.0)
    rows: list[NDArray[np.int64]] = []
    columns: list[NDArray[np.int64]] = []
    numbers: list[NDArray[np.float64]] = []
    objective: list[NDArray[np.float64]] = []
    upper = [problem.capacity / scale]
    lower = [np.full(resources, -np.inf)]
    column, row = 0, resources
    for block in blocks:
        count, products = len(block.alternatives), int(block.product.max()) + 1
        share, weight = column + 1 + np.arange(count), block.weight[0]
        use = problem.use[:, problem.product[block.alternatives]] * (weight * block.arrivals[0]) / scale[:, None]
        resource, which = np.nonzero(use)
        rows += [resource, np.full(count + 1, row), row + 1 + block.product, row + 1 + np.arange(products)]
        columns += [share[which], np.arange(column, column + count + 1), share, np.full(products, column)]
        numbers += [use[resource, which], np.append(1.0, weight), np.ones(count), -np.ones(products)]
        objective += [
            np.zeros(1),
            block.arrivals[0] * weight * problem.price[block.alternatives] / max(float(problem.price.max()), 1e-9),
        ]
        upper += [np.ones(1), np.zeros(products)]
        lower += [np.ones(1), np.full(products, -np.inf)]
        column, row = column + count + 1, row + products + 1
    matrix = coo_matrix((np.concatenate(numbers), (np.concatenate(rows), np.concatenate(columns))), shape=(row, column))
    return (
        Program(
            np.concatenate(objective),
            matrix.tocsr(),
            np.concatenate(lower),
            np.concatenate(upper),
            np.zeros(column),
            np.ones(column),
        ),
        scale,
    )
