"""Decomposition into one dynamic program per resource, with the other resources at the duals of a linear program."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from solvers.errors import ProblemError
from solvers.revenue import _resource_programs as programs
from solvers.revenue.deterministic import checked_capacity, deterministic
from solvers.revenue.result import ValueResult

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.revenue.problem import RequestProblem


def decompose(
    problem: RequestProblem,
    *,
    duals: NDArray[np.float64] | None = None,
    first_period: int = 0,
    capacity: NDArray[np.int64] | None = None,
) -> ValueResult:
    """
    Give values of each resource when the others are paid for at their duals, and the best bound among them.

    The program of resource r earns ``fare - sum_{h != r} a_h pi_h`` for a product and heeds the capacity of r alone. A
    policy of the whole problem is also a policy of this program; it pays there for the units of other resources that
    it uses, at most ``sum_{h != r} pi_h c_h``, and otherwise earns the same. So ``V_r(c_r) + sum_{h != r} pi_h c_h`` is
    a bound for every r and every ``pi >= 0``, and the least of them is reported.

    Parameters
    ----------
    problem
        What may be requested.
    duals
        Shape ``(R,)``, not negative: worth of a unit of each resource; those of the deterministic program where None.
    first_period, capacity
        State to start from, as in `deterministic.deterministic`.

    Raises
    ------
    ProblemError
        If the state or the duals do not belong to the problem.

    References
    ----------
    Talluri & van Ryzin (2004), The Theory and Practice of Revenue Management, section 3.4
    """
    began = time.perf_counter()
    left = checked_capacity(problem, first_period, capacity)
    if duals is None:
        duals = deterministic(problem, first_period=first_period, capacity=left).duals
    elif duals.shape != left.shape or (duals < 0).any():
        raise ProblemError((f"duals are {duals}; accepted: {len(left)} values of 0 or more, one per resource",))
    uses = programs.Uses.of(problem.use)
    rest = problem.fare - duals @ problem.use
    credit = rest[uses.column] + duals[uses.row] * uses.units
    values = _solve(problem, uses, credit, first_period, left)
    own = np.array([value[0, -1] for value in values])
    elsewhere = _elsewhere(problem, first_period, rest)
    bounds = own + duals @ left - duals * left + elsewhere
    shares = np.zeros((problem.resources, problem.products))
    shares[uses.row, uses.column] = np.maximum(0.0, credit)
    return ValueResult(
        engine="decomposition",
        status="feasible",
        revenue=None,
        bound=float(bounds.min(initial=np.inf)),
        duals=duals,
        seconds=time.perf_counter() - began,
        values=values,
        shares=shares,
    )


def _solve(
    problem: RequestProblem,
    uses: programs.Uses,
    credit: NDArray[np.float64],
    first_period: int,
    capacity: NDArray[np.int64],
) -> tuple[NDArray[np.float64], ...]:
    """Return the values of all resources for credits that stay the same over time, shape ``(E,)``."""
    chance = np.ascontiguousarray(problem.probability[first_period:, uses.column])
    offset = programs.value_offsets(capacity, len(chance))
    flat = np.zeros(offset[-1])
    credits = np.broadcast_to(credit, chance.shape).copy()
    programs.solve_backward(uses.start, uses.units, capacity, offset, chance, credits, flat)
    return programs.split_values(flat, capacity, len(chance))


def _elsewhere(problem: RequestProblem, first_period: int, rest: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what products earn that do not use a resource, with all they use paid for at the duals: shape ``(R,)``."""
    demand = problem.probability[first_period:].sum(axis=0)
    earned: NDArray[np.float64] = (problem.use == 0) @ (demand * np.maximum(0.0, rest))
    return earned
