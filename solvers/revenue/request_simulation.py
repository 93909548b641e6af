"""Simulation of policies that take or turn away requests, on the same requests for every policy."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from solvers.errors import ProblemError
from solvers.revenue._live_requests import serve
from solvers.revenue._resource_programs import Uses
from solvers.revenue.deterministic import NORMAL_95, AllocationProgram, draw_requests, randomised
from solvers.revenue.lagrangian import relax
from solvers.revenue.validation import validate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.revenue.problem import RequestProblem

Values = tuple["NDArray[np.float64]", ...]
"""Worth of what is left of each resource, shapes ``(periods that remain + 1, capacity left + 1)``."""

Policy = Callable[[int, "NDArray[np.int64]"], Values]
"""Return values for a first period and what is left of each resource, shape ``(R,)``."""


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedRevenue:
    """
    Hold what a policy earned in each horizon.

    Parameters
    ----------
    earned
        Shape ``(horizons,)``, yen; horizon h of two policies saw the same requests if their seeds agree.
    left
        Shape ``(horizons, R)``, int64: what is left of each resource in the end.
    seconds
        Time taken.
    """

    earned: NDArray[np.float64]
    left: NDArray[np.int64]
    seconds: float

    @property
    def mean(self) -> float:
        """Return the mean revenue, yen."""
        return float(self.earned.mean())

    @property
    def half_width(self) -> float:
        """Return half the width of the 95 % interval of the mean, yen."""
        return float(NORMAL_95 * self.earned.std(ddof=1) / np.sqrt(len(self.earned)))

    @property
    def interval(self) -> tuple[float, float]:
        """Return the 95 % interval of the mean, yen."""
        return self.mean - self.half_width, self.mean + self.half_width


def simulate(problem: RequestProblem, policy: Policy, *, horizons: int, seed: int, solves: int = 1) -> SimulatedRevenue:
    """
    Serve sampled requests by bid prices: take a request iff what it uses is left and its fare is at least their worth.

    The worth of ``a`` units of a resource of which x are left is ``v[t + 1, x] - v[t + 1, x - a]``, summed over
    resources.

    Parameters
    ----------
    problem
        What may be requested.
    policy
        Gives values of capacity: `from_values` of an engine's answer, or one of this module's policies.
    horizons
        How many times the whole horizon is played; at least 2.
    seed
        Of the requests. Policies that are given the same seed see the same requests.
    solves
        How often the policy is asked, at equally spaced periods: once for all horizons before the first, then for each
        horizon with what is left there.

    Raises
    ------
    ProblemError
        If the arrays do not describe a problem, or an argument is out of range.
    """
    began = time.perf_counter()
    _check(problem, horizons, solves)
    requests = draw_requests(problem, horizons=horizons, seed=seed)
    left = np.tile(problem.capacity, (horizons, 1))
    earned = np.zeros(horizons)
    server = _Server(problem)
    times = [problem.periods * solve // solves for solve in range(solves + 1)]
    server.serve(requests, times[0], times[1], policy(0, problem.capacity), left, earned)
    for first, last in pairwise(times[1:]):
        for horizon in range(horizons):
            row = slice(horizon, horizon + 1)
            server.serve(requests[row], first, last, policy(first, left[horizon].copy()), left[row], earned[row])
    return SimulatedRevenue(earned, left, time.perf_counter() - began)


class _Server:
    """Hand a problem's uses to the inner loop."""

    def __init__(self, problem: RequestProblem) -> None:
        self._fare = problem.fare
        self._uses = Uses.of(problem.use.T)

    def serve(
        self,
        requests: NDArray[np.int64],
        first: int,
        last: int,
        values: Values,
        left: NDArray[np.int64],
        earned: NDArray[np.float64],
    ) -> None:
        """Serve some periods; row 0 of the values belongs to ``first``."""
        width = np.array([value.shape[1] for value in values], np.int64)
        offset = np.concatenate([[0], np.cumsum([value.size for value in values])]).astype(np.int64)
        flat = np.concatenate([value.ravel() for value in values])
        serve(
            requests,
            first,
            last,
            self._fare,
            self._uses.start,
            self._uses.column,
            self._uses.units,
            width,
            offset,
            flat,
            first,
            left,
            earned,
        )


def from_values(values: Values) -> Policy:
    """Return the policy that keeps to values of the whole horizon, as engines return them."""

    def policy(first_period: int, left: NDArray[np.int64]) -> Values:
        return tuple(value[first_period:] for value in values)

    return policy


def from_duals(problem: RequestProblem) -> Policy:
    """Return the policy of the deterministic program's duals, solved anew when asked: the usual baseline."""
    program = AllocationProgram(problem.fare, problem.use)

    def policy(first_period: int, left: NDArray[np.int64]) -> Values:
        _, duals = program.solve(problem.probability[first_period:].sum(axis=0), left)
        return _constant(problem, first_period, left, duals)

    return policy


def from_samples(problem: RequestProblem, *, samples: int, seed: int) -> Policy:
    """Return the policy of the randomised program's mean duals, solved anew when asked."""

    def policy(first_period: int, left: NDArray[np.int64]) -> Values:
        answer = randomised(problem, samples=samples, seed=seed, first_period=first_period, capacity=left)
        return _constant(problem, first_period, left, answer.duals)

    return policy


def from_relaxation(problem: RequestProblem, *, iterations: int) -> Policy:
    """Return the policy of the Lagrangian relaxation, solved anew when asked."""

    def policy(first_period: int, left: NDArray[np.int64]) -> Values:
        return relax(problem, first_period=first_period, capacity=left, iterations=iterations).values

    return policy


def _constant(
    problem: RequestProblem, first_period: int, left: NDArray[np.int64], duals: NDArray[np.float64]
) -> Values:
    """Return values whose bid prices are the duals, at any time and whatever is left."""
    periods = problem.periods - first_period
    return tuple(
        np.tile(dual * np.arange(units + 1.0), (periods + 1, 1)) for dual, units in zip(duals, left, strict=True)
    )


def _check(problem: RequestProblem, horizons: int, solves: int) -> None:
    validate(problem)
    problems = []
    if horizons < 2:
        problems.append(f"horizons is {horizons}; accepted: 2 or more")
    if not 1 <= solves <= max(1, problem.periods):
        problems.append(f"solves is {solves}; accepted: 1 to {max(1, problem.periods)}")
    if problems:
        raise ProblemError(tuple(problems))
