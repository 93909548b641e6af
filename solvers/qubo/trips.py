"""Trips by a sampler: a packing problem made of them, sampled, decoded, and judged as every other plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from solvers.errors import ProblemError, SolverError
from solvers.orienteering.evaluation import evaluate
from solvers.orienteering.linear_bound import linear_bound
from solvers.orienteering.portfolio import solve
from solvers.orienteering.result import SolveResult
from solvers.orienteering.validation import validate
from solvers.qubo._pool_search import search_pool
from solvers.qubo.day_slots import day_model
from solvers.qubo.reads import Reads
from solvers.qubo.samplers.registry import sampler_of
from solvers.qubo.sampling import solve_by_sampling
from solvers.qubo.trip_routes import routes_model
from solvers.stopping import Stop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import dimod
    from numpy.typing import NDArray

    from solvers.orienteering.problem import TripProblem
    from solvers.qubo._pool_search import Pool
    from solvers.qubo.day_slots import DayModel
    from solvers.qubo.result import PackingResult
    from solvers.qubo.trip_routes import RoutesModel

TripModel = Literal["routes", "day"]

PROOF_EFFORT: Final = 1.0
"""For the exact solver to prove the packing's optimum, in about seconds; trips of two days take it milliseconds."""

PENALTY_SCALES_OF: Final[dict[TripModel, tuple[float, ...]]] = {"routes": (2.0, 1.0), "day": (1.0,)}
"""Penalties, in proven ones, at which equal shares of the reads are drawn. For routes, twice as much had 74 instead of
25 % of reads keep the packing's rules as they came, and the best of these was the optimum on 20 instead of 17 trips of
20. At half the penalties, starts of one place are hard to hold apart, and mend badly."""

_SEARCH_SHARE: Final = 0.4
"""Share of the progress told that the search for day-routes takes."""


@dataclass(frozen=True, slots=True, eq=False)
class SampledTrip:
    """
    Hold a plan found by a sampler, and what the sampler did for it.

    Parameters
    ----------
    result
        The answer, in the shape of all solvers, with ``solver="qubo"``: the sampler's plan, or the one that the
        classical search had found before where the sampler's is worth less or breaks a rule.
    packing
        What the sampler found in the packing problem; its report says ``fallback`` where the answer is not its plan.
        None where there was nothing to choose, so that nothing was submitted.
    sampled_objective
        The judge's word on the sampler's own plan; None where it breaks a rule, or there is none.
    known_objective
        That on the plan of the search before; None where it found none. The sampler was not told of this plan.
    model
        Which model the sampler was given.
    is_exact
        Whether the packing's objective is the trip's: with ``model="routes"``, up to two days.
    constant, least
        As in the models: see `objective_of`.
    """

    result: SolveResult
    model: TripModel = "routes"
    packing: PackingResult | None = None
    sampled_objective: int | None = None
    known_objective: int | None = None
    is_exact: bool = False
    constant: int = 0
    least: int = 0

    def objective_of(self, value: int | None) -> int | None:
        """
        Return what a value of the packing is as an objective of the trip.

        None where no plan is worth so little. Below ``known_objective``, too, something may be missing that a trip
        needs, such as a day: that is priced so that it is never worth as much.
        """
        objective = None if value is None else value + self.constant
        return objective if objective is not None and objective >= self.least else None


def solve_trip(
    problem: TripProblem,
    *,
    model: TripModel = "routes",
    sampler: str | dimod.Sampler | Reads = "sa",
    reads: int | None = None,
    seed: int = 0,
    iterations: int | None = None,
    seconds: float | None = None,
    settings: Mapping[str, Any] | None = None,
    allow_remote: bool = False,
    most: int | None = None,
    proof_effort: float | None = PROOF_EFFORT,
    on_progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> SampledTrip:
    """
    Plan a trip by a sampler.

    A classical search makes plans first. With ``model="routes"``, the sampler puts day-routes of these together anew;
    with ``model="day"``, it chooses among the places of these and their starts on one day. The best plan of the search
    is what the answer falls back on; the sampler never sees it.

    Parameters
    ----------
    problem
        The problem; checked first.
    model
        ``routes`` (`routes_model`) or, for trips of one day, ``day`` (`day_model`).
    sampler, reads, settings, allow_remote
        As for `solve_by_sampling`.
    seed
        Of search and sampler.
    iterations, seconds
        Limit of the search: one of both; by default `default_iterations`.
    most
        Items of the model; by default its own limit.
    proof_effort
        Limit of the exact solver's work, in about seconds; None to leave it out.
    on_progress
        Called now and then with the share done, 0 to 1.
    should_stop
        Ends it before the sampler is asked: then the plan is that of the search, and nothing was submitted.

    Returns
    -------
    trip
        Where no plan keeps all hard rules, ``result`` tells why as `solve` does, and nothing was submitted.

    Raises
    ------
    ProblemError
        If the arrays do not describe a problem, or one that the model is not for.
    SamplerError
        If the sampler is unknown, structured, remote without permission, or fails.
    SolverError
        If a limit or the model's name makes no sense.
    """
    began = perf_counter()
    stop = Stop(should_stop)
    tell = on_progress if on_progress is not None else _tell_nobody
    if not isinstance(sampler, Reads):
        # Refused before time is spent on the search.
        sampler_of(sampler, allow_remote=allow_remote)
    posed = pose_trip(
        problem,
        model=model,
        seed=seed,
        iterations=iterations,
        seconds=seconds,
        most=most,
        on_progress=lambda share: tell(_SEARCH_SHARE * share),
        should_stop=stop,
    )
    if stop():
        return SampledTrip(_searched(posed, perf_counter() - began), model)
    trip = sample_trip(
        posed,
        sampler=sampler,
        reads=reads,
        settings=settings,
        allow_remote=allow_remote,
        proof_effort=proof_effort,
        on_progress=lambda share: tell(_SEARCH_SHARE + (1 - _SEARCH_SHARE) * share),
    )
    return replace(trip, result=replace(trip.result, seconds=perf_counter() - began))


@dataclass(frozen=True, slots=True, eq=False)
class PosedTrip:
    """
    Hold a trip posed to a sampler; `pose_trip` makes it.

    Parameters
    ----------
    problem
        The trip.
    name
        Which model.
    pool
        What the classical search found.
    model
        What a sampler is given; None where there is nothing to choose.
    seed, iterations, seconds
        Of the search, as it was asked for.
    """

    problem: TripProblem
    name: TripModel
    pool: Pool
    model: RoutesModel | DayModel | None
    seed: int
    iterations: int | None
    seconds: float | None


def pose_trip(
    problem: TripProblem,
    *,
    model: TripModel = "routes",
    seed: int = 0,
    iterations: int | None = None,
    seconds: float | None = None,
    most: int | None = None,
    on_progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> PosedTrip:
    """
    Search for plans, and write what is to be chosen from them as a packing problem; the same each time.

    Parameters
    ----------
    problem, model, seed, iterations, seconds, most, on_progress
        As for `solve_trip`. Only iterations make the same model each time.
    should_stop
        Ends the search; then there is nothing for a sampler to choose from.

    Raises
    ------
    ProblemError
        If the arrays do not describe a problem, or one that the model is not for.
    SolverError
        If a limit or the model's name makes no sense.
    """
    validate(problem)
    _check(problem, model, iterations, seconds)
    tell = on_progress if on_progress is not None else _tell_nobody
    stop = Stop(should_stop)
    pool = search_pool(problem, seed=seed, iterations=iterations, seconds=seconds, tell=tell, stop=stop)
    has_choice = pool.is_plan and any(pool.plan.routes) and not stop.is_set
    stated = _stated(problem, model, pool, most) if has_choice else None
    return PosedTrip(problem, model, pool, stated, seed, iterations, seconds)


def sample_trip(
    posed: PosedTrip,
    *,
    sampler: str | dimod.Sampler | Reads = "sa",
    reads: int | None = None,
    settings: Mapping[str, Any] | None = None,
    allow_remote: bool = False,
    proof_effort: float | None = PROOF_EFFORT,
    on_progress: Callable[[float], None] | None = None,
) -> SampledTrip:
    """
    Plan a trip that was posed.

    Parameters
    ----------
    posed
        From `pose_trip`; its seed is the sampler's, too.
    sampler, reads, settings, allow_remote, proof_effort, on_progress
        As for `solve_by_sampling`.

    Raises
    ------
    SamplerError, SolutionError
        As `solve_by_sampling` does.
    """
    began = perf_counter()
    if posed.model is None:
        result = solve(posed.problem, seed=posed.seed, iterations=posed.iterations, seconds=posed.seconds)
        return SampledTrip(replace(result, solver="qubo", seconds=perf_counter() - began), posed.name)
    packing = solve_by_sampling(
        posed.model.packing,
        sampler=sampler,
        reads=reads,
        seed=posed.seed,
        settings=settings,
        allow_remote=allow_remote,
        penalty_scales=PENALTY_SCALES_OF[posed.name],
        is_allowed=partial(_keep_rules, posed.problem, posed.model),
        proof_effort=proof_effort,
        on_progress=on_progress,
    )
    trip = _answer(posed.problem, posed.pool, posed.model, packing, limit_s=posed.seconds, seed=posed.seed)
    return replace(trip, model=posed.name, result=replace(trip.result, seconds=perf_counter() - began))


def _searched(posed: PosedTrip, seconds: float) -> SolveResult:
    """Return the plan of the search alone, which somebody ended."""
    evaluation = evaluate(posed.problem, posed.pool.plan)
    return SolveResult(
        status="feasible" if evaluation.feasible else "unsolved",
        solution=posed.pool.plan,
        evaluation=evaluation,
        bound=None,
        conflicts=(),
        solver="qubo",
        seed=posed.seed,
        iterations=posed.pool.iterations,
        seconds=seconds,
        limit="stopped",
        pool_size=len(posed.pool.routes),
    )


def _tell_nobody(share: float) -> None:
    pass


def _check(problem: TripProblem, model: str, iterations: int | None, seconds: float | None) -> None:
    if model not in ("routes", "day"):
        raise SolverError(f"model is {model!r}; accepted are routes, day")
    if model == "day" and problem.days > 1:
        raise ProblemError((f"model is 'day' and the trip has {problem.days} days; accepted is a trip of 1 day",))
    if iterations is not None and seconds is not None:
        raise SolverError("iterations and seconds are both given; one limit is accepted")
    if iterations is not None and iterations < 1:
        raise SolverError(f"iterations is {iterations}; accepted is 1 or more")
    if seconds is not None and not seconds > 0:
        raise SolverError(f"seconds is {seconds}; accepted is a number above 0")


def _stated(problem: TripProblem, model: TripModel, pool: Pool, most: int | None) -> RoutesModel | DayModel:
    limit = {} if most is None else {"most": most}
    if model == "day":
        wanted = list(dict.fromkeys(option for route in pool.routes for option in route.options))
        return day_model(problem, like=pool.plan, wanted=wanted, **limit)
    return routes_model(problem, pool.routes, pool.plan, **limit)


def _keep_rules(problem: TripProblem, stated: RoutesModel | DayModel, plans: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell of choices whether the trips keep every hard rule: the model only prices what a trip must have."""
    return np.array([evaluate(problem, stated.solution_of(chosen)).feasible for chosen in plans], np.bool_)


def _answer(
    problem: TripProblem,
    pool: Pool,
    stated: RoutesModel | DayModel,
    packing: PackingResult,
    *,
    limit_s: float | None,
    seed: int,
) -> SampledTrip:
    """Judge the sampler's plan, and fall back on the search's where that is better."""
    assert packing.report is not None
    solution = stated.solution_of(packing.chosen)
    sampled, known = evaluate(problem, solution), evaluate(problem, pool.plan)
    is_better = sampled.feasible and sampled.objective >= known.objective
    evaluation = sampled if is_better else known
    report = replace(packing.report, known_value=known.objective - stated.constant)
    if not is_better:
        report = replace(report, source="fallback")
    bound = linear_bound(problem)
    result = SolveResult(
        status="optimal" if evaluation.objective == bound else "feasible",
        solution=solution if is_better else pool.plan,
        evaluation=evaluation,
        bound=bound,
        conflicts=(),
        solver="qubo",
        seed=seed,
        iterations=pool.iterations,
        seconds=0.0,
        limit="iterations" if limit_s is None else "seconds",
        pool_size=len(pool.routes),
    )
    return SampledTrip(
        result=result,
        packing=replace(packing, report=report),
        sampled_objective=sampled.objective if sampled.feasible else None,
        known_objective=known.objective,
        is_exact=stated.is_exact,
        constant=stated.constant,
        least=stated.least,
    )
