"""Bounds of independent demand by linear programs: expected demand, and sampled demand."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.errors import ProblemError
from solvers.revenue.result import RevenueResult
from solvers.revenue.validation import validate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.revenue.problem import RequestProblem

NORMAL_95: Final = 1.959963984540054
"""Half width of a two-sided 95 % interval, in standard errors."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SampledResult(RevenueResult):
    """
    Hold a bound that is estimated from samples: ``bound`` is the upper end of the interval, so it holds 39 times of 40.

    Parameters
    ----------
    mean
        Mean of the samples, yen.
    interval
        95 % interval of that mean, yen.
    samples
        How many.
    """

    mean: float
    interval: tuple[float, float]
    samples: int


class AllocationProgram:
    """
    Solve ``max fare @ y; use @ y <= capacity; 0 <= y <= demand`` again and again, each time from the last basis.

    Parameters
    ----------
    fare
        Shape ``(P,)``.
    use
        Shape ``(R, P)``.
    """

    def __init__(self, fare: NDArray[np.float64], use: NDArray[np.int64]) -> None:
        import ortools.linear_solver.pywraplp as pywraplp

        self._optimal = pywraplp.Solver.OPTIMAL
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        self._sales = [self._solver.NumVar(0.0, 0.0, "") for _ in fare]
        self._rows = [self._solver.Constraint(0.0, 0.0) for _ in use]
        for resource, product in zip(*np.nonzero(use), strict=True):
            self._rows[resource].SetCoefficient(self._sales[product], float(use[resource, product]))
        for sales, yen in zip(self._sales, fare, strict=True):
            self._solver.Objective().SetCoefficient(sales, float(yen))
        self._solver.Objective().SetMaximization()

    def solve(self, demand: NDArray[np.float64], capacity: NDArray[np.int64]) -> tuple[float, NDArray[np.float64]]:
        """Return the value and the duals of the resources, shape ``(R,)``."""
        for sales, most in zip(self._sales, demand, strict=True):
            sales.SetUb(float(most))
        for row, units in zip(self._rows, capacity, strict=True):
            row.SetUb(float(units))
        status = self._solver.Solve()
        if status != self._optimal:
            raise RuntimeError(f"an allocation of sales always exists, but the linear solver ended with {status}")
        duals = np.array([max(0.0, row.dual_value()) for row in self._rows])
        return float(self._solver.Objective().Value()), duals


def deterministic(
    problem: RequestProblem, *, first_period: int = 0, capacity: NDArray[np.int64] | None = None
) -> RevenueResult:
    """
    Bound the revenue by selling expected demand as if it were certain.

    ``max fare @ y; use @ y <= capacity; y <= expected demand``, by GLOP. By Jensen's inequality no policy earns more in
    expectation. The duals are the classical bid prices; alone they are a poor policy (see `request_simulation`).

    Parameters
    ----------
    problem
        What may be requested.
    first_period
        Demand of earlier periods is over.
    capacity
        What is left of each resource, shape ``(R,)``; the problem's own capacity where None.

    Returns
    -------
    result
        ``bound`` is the optimum of the linear program; ``revenue`` is None, since no prices come with it.

    Raises
    ------
    ProblemError
        If the arrays do not describe a problem, the period lies outside it, or the capacity does not fit it.
    """
    began = time.perf_counter()
    left = checked_capacity(problem, first_period, capacity)
    demand = problem.probability[first_period:].sum(axis=0)
    value, duals = AllocationProgram(problem.fare, problem.use).solve(demand, left)
    return RevenueResult(
        engine="deterministic",
        status="optimal",
        revenue=None,
        bound=_dual_bound(problem, demand, left, duals, value),
        duals=duals,
        seconds=time.perf_counter() - began,
    )


def randomised(
    problem: RequestProblem,
    *,
    samples: int = 100,
    seed: int,
    first_period: int = 0,
    capacity: NDArray[np.int64] | None = None,
) -> SampledResult:
    """
    Estimate the bound of a seller who knows demand in advance: the mean of linear programs over sampled demand.

    The expectation over all demands lies between the best policy and the deterministic bound; its estimate has an
    interval. The duals are the means of the samples' duals.

    Parameters
    ----------
    problem
        What may be requested.
    samples
        At least 2.
    seed
        Of the samples.
    first_period, capacity
        As in `deterministic`.

    Raises
    ------
    ProblemError
        As `deterministic`, and if there are fewer than 2 samples.

    References
    ----------
    Talluri & van Ryzin (1999), https://doi.org/10.1287/ijoc.11.4.371
    """
    began = time.perf_counter()
    left = checked_capacity(problem, first_period, capacity)
    if samples < 2:
        raise ProblemError((f"samples is {samples}; accepted: 2 or more",))
    program = AllocationProgram(problem.fare, problem.use)
    answers = [program.solve(demand, left) for demand in _sampled_demand(problem, first_period, samples, seed)]
    values = np.array([value for value, _ in answers])
    mean, half = float(values.mean()), float(NORMAL_95 * values.std(ddof=1) / np.sqrt(samples))
    return SampledResult(
        engine="randomised",
        status="feasible",
        revenue=None,
        bound=mean + half,
        duals=np.mean([duals for _, duals in answers], axis=0),
        seconds=time.perf_counter() - began,
        mean=mean,
        interval=(mean - half, mean + half),
        samples=samples,
    )


def checked_capacity(
    problem: RequestProblem, first_period: int, capacity: NDArray[np.int64] | None
) -> NDArray[np.int64]:
    """Return what is left of each resource, or refuse a problem that is none and a state that is not of it."""
    validate(problem)
    left = problem.capacity if capacity is None else np.asarray(capacity, np.int64)
    problems = []
    if not 0 <= first_period <= problem.periods:
        problems.append(f"first_period is {first_period}; accepted: 0 to {problem.periods}")
    if left.shape != problem.capacity.shape:
        problems.append(f"capacity has shape {left.shape}; accepted: {problem.capacity.shape}, one per resource")
    elif (left < 0).any():
        problems.append(f"capacity has {left.min()}; accepted: 0 or more")
    if problems:
        raise ProblemError(tuple(problems))
    return left


def _dual_bound(
    problem: RequestProblem,
    demand: NDArray[np.float64],
    left: NDArray[np.int64],
    duals: NDArray[np.float64],
    value: float,
) -> float:
    """Return the bound of the duals by weak duality, which holds whatever tolerance the solver stopped at."""
    margin = np.maximum(0.0, problem.fare - duals @ problem.use)
    return max(value, float(duals @ left + margin @ demand))


def _sampled_demand(problem: RequestProblem, first_period: int, samples: int, seed: int) -> NDArray[np.float64]:
    """Return sampled requests per product, shape ``(samples, P)``: at most one request in each period."""
    drawn = draw_requests(problem, horizons=samples, seed=seed)[:, first_period:]
    return np.array([np.bincount(row[row >= 0], minlength=problem.products) for row in drawn], np.float64)


def draw_requests(problem: RequestProblem, *, horizons: int, seed: int) -> NDArray[np.int64]:
    """
    Draw what is requested in each period of many horizons; the same seed gives the same requests to every policy.

    Returns
    -------
    requests
        Shape ``(horizons, T)``, int64: a product, or -1 where nobody comes.
    """
    uniform = np.random.default_rng(seed).random((horizons, problem.periods))
    ladder = np.cumsum(problem.probability, axis=1)
    requests = np.empty((horizons, problem.periods), np.int64)
    for period in range(problem.periods):
        requests[:, period] = np.searchsorted(ladder[period], uniform[:, period], side="right")
    requests[requests >= problem.products] = -1
    return requests
