"""Lagrangian relaxation: each fare is shared out among the resources it uses, period by period."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.errors import ProblemError
from solvers.revenue import _resource_programs as programs
from solvers.revenue.deterministic import checked_capacity, deterministic
from solvers.revenue.result import ValueResult

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.revenue.problem import RequestProblem

_FIRST_STEP: Final = 0.6  # Share of a fare that moves per unit of disagreement, in the first iteration.
_HALF_STEP: Final = 20.0  # Iterations after which the step is half the first.
_MEMORY: Final = 0.7  # Share of the last direction that is kept: steps zigzag less.
_LEAST_DUAL: Final = 1e-3  # In units of the mean dual; lets a fare be shared where no resource is scarce.


def relax(
    problem: RequestProblem,
    *,
    first_period: int = 0,
    capacity: NDArray[np.int64] | None = None,
    iterations: int = 100,
    shares: NDArray[np.float64] | None = None,
) -> ValueResult:
    """
    Bound the revenue by letting each resource decide alone, and give values of capacity over time.

    For any shares whose sum over the resources of a product is its fare, the sum of the resources' own optimal values
    is a bound: a policy for the whole is one for each resource, and earns the same in sum. The shares are improved by
    projected subgradients: resources that would take a product more often than the others that it needs are credited
    less of its fare. Steps are per unit of chance, so that rare products move as fast as frequent ones.

    Parameters
    ----------
    problem
        What may be requested.
    first_period, capacity
        State to start from, as in `deterministic.deterministic`.
    iterations
        Number of steps; each costs one backward and one forward pass over all resources. At least 1.
    shares
        Shape ``(T - first_period, R, P)``: where to start, as in the `shares` of an earlier result; the duals of
        the deterministic program share the fares where None.

    Returns
    -------
    result
        Bound, values and shares of the best iteration. ``duals`` are the worths of the last unit of each capacity.

    Raises
    ------
    ProblemError
        If the state does not belong to the problem, or an argument is out of range.

    References
    ----------
    Topaloglu (2009), https://doi.org/10.1287/opre.1080.0585
    """
    began = time.perf_counter()
    left = checked_capacity(problem, first_period, capacity)
    if iterations < 1:
        raise ProblemError((f"iterations is {iterations}; accepted: 1 or more",))
    uses = programs.Uses.of(problem.use)
    credit = (
        _starting_credit(problem, uses, first_period, left)
        if shares is None
        else _given_credit(problem, uses, first_period, shares)
    )
    search = _Search(problem, uses, first_period, left)
    bound, credit, flat = search.descend(credit, iterations)
    values = programs.split_values(flat, left, problem.periods - first_period)
    spread = np.zeros((len(credit), problem.resources, problem.products))
    spread[:, uses.row, uses.column] = credit
    return ValueResult(
        engine="lagrangian",
        status="feasible",
        revenue=None,
        bound=bound,
        duals=np.array([_last_unit(value) for value in values]),
        seconds=time.perf_counter() - began,
        values=values,
        shares=spread,
    )


def _last_unit(values: NDArray[np.float64]) -> float:
    """Return the worth of the last unit of a capacity, which is not negative, whatever rounding makes of it."""
    return max(0.0, float(values[0, -1] - values[0, -2])) if values.shape[1] > 1 else 0.0


class _Search:
    """Walk downhill over the shares from one state of the problem."""

    def __init__(
        self, problem: RequestProblem, uses: programs.Uses, first_period: int, capacity: NDArray[np.int64]
    ) -> None:
        self._uses = uses
        self._capacity = capacity
        self._fare = problem.fare
        self._chance = np.ascontiguousarray(problem.probability[first_period:, uses.column])
        self._free = programs.unused_value(problem, first_period)
        self._offset = programs.value_offsets(capacity, len(self._chance))
        self._entry_of = np.argsort(uses.column, kind="stable")
        self._product_start = np.searchsorted(uses.column[self._entry_of], np.arange(problem.products + 1))
        self._scratch = np.zeros((2, int(capacity.max(initial=0)) + 1))

    def descend(
        self, credit: NDArray[np.float64], iterations: int
    ) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """Return the least bound of some steps, with its shares by use and its flat values; changes ``credit``."""
        best, best_credit, best_values = np.inf, credit, np.zeros(0)
        direction, accepted = np.zeros_like(credit), np.zeros_like(credit)
        values = np.zeros(self._offset[-1])
        for iteration in range(iterations):
            bound = self._bound(credit, values)
            if bound < best:
                best, best_credit, best_values = bound, credit.copy(), values.copy()
            if iteration < iterations - 1:
                step = _FIRST_STEP / (1.0 + iteration / _HALF_STEP)
                self._move(credit, values, accepted, direction, step)
        return best, best_credit, best_values

    def _bound(self, credit: NDArray[np.float64], values: NDArray[np.float64]) -> float:
        uses = self._uses
        programs.solve_backward(uses.start, uses.units, self._capacity, self._offset, self._chance, credit, values)
        return self._free + float(values[self._offset[:-1] + self._capacity].sum())

    def _move(
        self,
        credit: NDArray[np.float64],
        values: NDArray[np.float64],
        accepted: NDArray[np.float64],
        direction: NDArray[np.float64],
        step: float,
    ) -> None:
        uses = self._uses
        programs.follow_forward(
            uses.start,
            uses.units,
            self._capacity,
            self._offset,
            self._chance,
            credit,
            values,
            self._scratch[0],
            self._scratch[1],
            accepted,
        )
        programs.move_shares(
            self._product_start, self._entry_of, self._fare, accepted, step, _MEMORY, direction, credit
        )


def _starting_credit(
    problem: RequestProblem, uses: programs.Uses, first_period: int, capacity: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return fares shared in proportion to the duals of the deterministic program, shape ``(T, E)``."""
    duals = deterministic(problem, first_period=first_period, capacity=capacity).duals
    scarce = duals + _LEAST_DUAL * max(1e-9, float(duals.mean()))
    weight = scarce[uses.row] * uses.units
    total = np.bincount(uses.column, weight, minlength=problem.products)
    credit = problem.fare[uses.column] * weight / total[uses.column]
    return np.tile(credit, (problem.periods - first_period, 1))


def _given_credit(
    problem: RequestProblem, uses: programs.Uses, first_period: int, shares: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return given shares by use, or refuse those that are not shares of the fares."""
    expected = (problem.periods - first_period, problem.resources, problem.products)
    if shares.shape != expected:
        raise ProblemError((f"shares have shape {shares.shape}; accepted: {expected}",))
    is_used = problem.use.any(axis=0)
    sums = np.where(problem.use > 0, shares, 0.0).sum(axis=1)
    if (shares < 0).any() or not np.allclose(sums[:, is_used], problem.fare[is_used], rtol=1e-9):
        raise ProblemError(("shares do not add up to the fares; accepted: 0 or more, with each fare as their sum",))
    return np.ascontiguousarray(shares[:, uses.row, uses.column])
