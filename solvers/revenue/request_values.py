"""The best values of capacity for requests: relaxation, decomposition, then programs that meet each other's states."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from solvers.errors import ProblemError
from solvers.revenue import _resource_programs as programs
from solvers.revenue._live_requests import serve
from solvers.revenue._meeting_states import solve_against_states
from solvers.revenue.decomposition import decompose
from solvers.revenue.deterministic import draw_requests
from solvers.revenue.lagrangian import relax
from solvers.revenue.result import ValueResult

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.revenue.problem import RequestProblem


def request_values(
    problem: RequestProblem, *, iterations: int = 40, rounds: int = 2, samples: int = 32, seed: int
) -> ValueResult:
    """
    Value what is left of each resource over time, for bid prices that earn more than those of the relaxation.

    First the Lagrangian relaxation gives the bound and the worth of a unit of each capacity; then each resource gets a
    program of its own in which the others are paid for at that worth; then, in rounds, the policy of these values is
    simulated, and each resource is solved anew against the states in which it would have met the others. So a request
    pays for the neighbour's last seat what that seat is worth then, not on average over the horizon.

    Parameters
    ----------
    problem
        What may be requested.
    iterations
        Of the relaxation, at least 1.
    rounds
        Of simulation and new programs, at least 0; a third and a fourth changed nothing on four published cases.
    samples
        Horizons simulated in each round, at least 1.
    seed
        Of these horizons. Evaluate the policy with another one.

    Returns
    -------
    result
        ``bound`` and ``duals`` are those of the relaxation; the values are no bound themselves.

    Raises
    ------
    ProblemError
        If an argument is out of range.
    """
    began = time.perf_counter()
    problems = [
        f"{name} is {number}; accepted: {least} or more"
        for name, number, least in (("rounds", rounds, 0), ("samples", samples, 1))
        if number < least
    ]
    if problems:
        raise ProblemError(tuple(problems))
    relaxed = relax(problem, iterations=iterations)
    apart = decompose(problem, duals=relaxed.duals)
    meeting = _Meeting(problem)
    values = _flat(apart.values)
    for number in range(rounds):
        # Horizons of their own in each round: what one of them has by chance does not stay.
        requests = draw_requests(problem, horizons=samples, seed=seed + number)
        values = meeting.solve(values, requests)
    return ValueResult(
        engine="decomposition",
        status="feasible",
        revenue=None,
        bound=min(relaxed.bound, apart.bound),
        duals=relaxed.duals,
        seconds=time.perf_counter() - began,
        values=programs.split_values(values, problem.capacity, problem.periods),
        shares=relaxed.shares,
    )


class _Meeting:
    """Simulate values, and solve each resource against the states of the others."""

    def __init__(self, problem: RequestProblem) -> None:
        self._problem = problem
        self._uses = programs.Uses.of(problem.use)
        self._by_product = programs.Uses.of(problem.use.T)
        self._offset = programs.value_offsets(problem.capacity, problem.periods)

    def solve(self, values: NDArray[np.float64], requests: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return new flat values, from what flat values do to some requests."""
        problem, uses, by_product = self._problem, self._uses, self._by_product
        found = np.zeros_like(values)
        solve_against_states(
            uses.start,
            uses.column,
            uses.units,
            by_product.start,
            by_product.column,
            by_product.units,
            problem.capacity,
            self._offset,
            problem.probability,
            problem.fare,
            values,
            self._states(values, requests),
            found,
        )
        return found

    def _states(self, values: NDArray[np.float64], requests: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return what is left before each period of each horizon, shape ``(T, horizons, R)``."""
        problem, by_product = self._problem, self._by_product
        left, earned = np.tile(problem.capacity, (len(requests), 1)), np.zeros(len(requests))
        states = np.empty((problem.periods, *left.shape), np.int64)
        for period in range(problem.periods):
            states[period] = left
            serve(
                requests,
                period,
                period + 1,
                problem.fare,
                by_product.start,
                by_product.column,
                by_product.units,
                problem.capacity + 1,
                self._offset,
                values,
                0,
                left,
                earned,
            )
        return states


def _flat(values: tuple[NDArray[np.float64], ...]) -> NDArray[np.float64]:
    return np.concatenate([value.ravel() for value in values]) if values else np.zeros(0)
