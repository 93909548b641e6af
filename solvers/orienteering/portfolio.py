"""The door to all solvers: one call, one result."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from solvers.errors import SolverError
from solvers.orienteering.evaluation import evaluate
from solvers.orienteering.infeasibility import find_contradictions
from solvers.orienteering.loading import load_search
from solvers.orienteering.problem import TripSolution
from solvers.orienteering.result import Conflict, Progress, SolveResult
from solvers.orienteering.validation import validate

if TYPE_CHECKING:
    from collections.abc import Callable

    from solvers.orienteering.evaluation import Evaluation
    from solvers.orienteering.multi_start import MultiStart
    from solvers.orienteering.problem import TripProblem
    from solvers.orienteering.result import Limit, Status, UnknownRule

Solver = Literal["portfolio", "ruin-and-recreate", "cp-sat", "or-tools-routing", "exhaustive"]
SOLVERS: Final[tuple[Solver, ...]] = ("portfolio", "ruin-and-recreate", "cp-sat", "or-tools-routing", "exhaustive")

_CHUNKS: Final = 20
"""Parts a run is cut into, between which progress is told and the clock is read."""

_FIRST_CHUNK: Final = 200
"""Iterations after which a run limited in seconds measures its speed."""

_RECOMBINATION_SHARE: Final = 0.15
"""Share of a limit in seconds kept for the recombination."""

_LEAST_RECOMBINATION_S: Final = 0.03
"""Seconds below which a recombination is left out and the search has the time instead."""

_RECOMBINATION_EFFORT: Final = 0.3
"""CP-SAT's deterministic time for a recombination; about as many seconds."""

_MOST_PROVEN_OPTIONS: Final = 16
"""Problems of at most so many options are also given to the exact model, with `_PROOF_EFFORT`."""

_PROOF_EFFORT: Final = 0.5
"""CP-SAT's deterministic time for the proof of a small problem."""

_DEFAULT_EXACT_EFFORT: Final = 60.0
"""CP-SAT's deterministic time for the whole problem when no limit is given."""

_DEFAULT_ROUTING_S: Final = 1.0
"""Seconds for OR-Tools' routing library when no limit is given; it knows no other."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Hold what the caller asked for."""

    seed: int
    iterations: int | None
    seconds: float | None
    threads: int
    warm_start: TripSolution | None
    on_progress: Callable[[Progress], None] | None
    began: float

    @property
    def elapsed(self) -> float:
        return time.perf_counter() - self.began

    def tell(self, iterations: int, share: float, objective: int | None) -> None:
        if self.on_progress is not None:
            self.on_progress(Progress(iterations, min(1.0, share), objective, self.elapsed))


@dataclass(frozen=True, slots=True)
class _Found:
    """Hold what a solver found."""

    solution: TripSolution
    iterations: int = 0
    pool_size: int = 0
    limit: Limit = "none"
    bound: int | None = None
    proven_infeasible: bool = False
    unknown_rules: tuple[UnknownRule, ...] = ()


def default_iterations(problem: TripProblem) -> int:
    """Return a number of iterations that takes under a second for 150 places on two days, less for fewer."""
    return min(12_000, max(2_000, 100 * problem.options))


def solve(
    problem: TripProblem,
    *,
    solver: Solver = "portfolio",
    seed: int = 0,
    iterations: int | None = None,
    seconds: float | None = None,
    threads: int = 1,
    warm_start: TripSolution | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> SolveResult:
    """
    Find a good plan, and say how good it is known to be.

    Parameters
    ----------
    problem
        The problem; checked first.
    solver
        ``portfolio``: ruin and recreate, then recombination of its day-routes. ``ruin-and-recreate``: the search alone.
        ``cp-sat``: the whole problem in one exact model, for small ones. ``or-tools-routing``: OR-Tools' routing
        library, to compare with. ``exhaustive``: every plan, for tiny ones.
    seed
        Same seed, same iterations, same threads, same plan.
    iterations
        Limit of the search, on each thread; by default `default_iterations`.
    seconds
        Limit in time instead, compiling and loading the search not counted; such runs do not repeat exactly. With
        ``cp-sat``, its time limit.
    threads
        How many searches run at once, with the seeds ``seed``, ``seed + 1``, ...; their day-routes are recombined
        together. The other solvers use one thread.
    warm_start
        A plan to begin with; the result is never worse.
    on_progress
        Called now and then; an exception it raises ends the run.

    Returns
    -------
    result
        Best plan found, its evaluation, status, and conflicts where no plan keeps all hard rules.

    Raises
    ------
    ProblemError
        If the arrays do not describe a problem, or have hard rules that ``or-tools-routing`` does not know.
    SolutionError
        If ``warm_start`` does not belong to the problem.
    SolverError
        If ``solver`` is none of the above, both or non-positive limits are given, or ``threads`` is below 1.
    """
    validate(problem)
    _check_limits(solver, iterations, seconds, threads)
    if warm_start is not None:
        evaluate(problem, warm_start)
    run = _Run(seed, iterations, seconds, threads, warm_start, on_progress, time.perf_counter())
    if solver == "cp-sat":
        found = _run_exactly(problem, run)
    elif solver == "or-tools-routing":
        found = _run_routing_library(problem, run)
    elif solver == "exhaustive":
        found = _run_exhaustively(problem)
    else:
        found = _run_search(problem, run, proves=solver == "portfolio")
    return _judge(problem, found, run, solver)


def _check_limits(solver: str, iterations: int | None, seconds: float | None, threads: int) -> None:
    if solver not in SOLVERS:
        raise SolverError(f"solver is {solver!r}; accepted are {', '.join(SOLVERS)}")
    if iterations is not None and seconds is not None:
        raise SolverError("iterations and seconds are both given; one limit is accepted")
    if iterations is not None and solver == "or-tools-routing":
        raise SolverError("iterations is given; the solver or-tools-routing accepts a limit in seconds only")
    if iterations is not None and iterations < 1:
        raise SolverError(f"iterations is {iterations}; accepted is 1 or more")
    if seconds is not None and not seconds > 0:
        raise SolverError(f"seconds is {seconds}; accepted is more than 0")
    if threads < 1:
        raise SolverError(f"threads is {threads}; accepted is 1 or more")


def _run_search(problem: TripProblem, run: _Run, *, proves: bool) -> _Found:
    # Imported here: the compiled search and CP-SAT are heavy, and validation needs neither.
    from solvers.orienteering.multi_start import MultiStart

    run = _without_loading(run)
    search = MultiStart(problem, threads=run.threads, seed=run.seed, warm_start=run.warm_start)
    recombines = proves and problem.days > 1
    if run.seconds is None:
        _run_iterations(search, run, run.iterations or default_iterations(problem))
    else:
        recombines &= run.seconds * _RECOMBINATION_SHARE >= _LEAST_RECOMBINATION_S
        _run_seconds(search, run, run.seconds * (1 - _RECOMBINATION_SHARE * recombines))
    solution = search.solution
    if recombines and (run.seconds is None or run.seconds - run.elapsed >= _LEAST_RECOMBINATION_S):
        solution = _better(problem, _recombined(problem, search, run), solution)
    solution = _better(problem, run.warm_start, solution)
    limit: Limit = "iterations" if run.seconds is None else "seconds"
    found = _Found(solution, search.iterations, search.pool_size, limit)
    if proves and problem.options <= _MOST_PROVEN_OPTIONS:
        found = _prove(problem, found, run)
    run.tell(found.iterations, 1.0, _told(evaluate(problem, found.solution)))
    return found


def _without_loading(run: _Run) -> _Run:
    """Start the clock anew after loading: at a first run compiling takes longer than most limits."""
    began = time.perf_counter()
    load_search()
    return replace(run, began=run.began + time.perf_counter() - began)


def _recombined(problem: TripProblem, search: MultiStart, run: _Run) -> TripSolution | None:
    """Return the best plan of the search's day-routes; in a run limited in seconds, with what is left of them."""
    from solvers.orienteering.recombine import MOST_ROUTES, recombine

    pool = search.pool(MOST_ROUTES)
    left = None if run.seconds is None else run.seconds - run.elapsed
    return recombine(problem, pool, search.solution, effort=_RECOMBINATION_EFFORT, seed=run.seed, seconds=left)


def _prove(problem: TripProblem, found: _Found, run: _Run) -> _Found:
    """Let the exact model confirm or better the plan of a small problem."""
    from solvers.orienteering.cp_sat_model import solve_exactly

    left = None if run.seconds is None else run.seconds - run.elapsed
    answer = solve_exactly(problem, effort=_PROOF_EFFORT, seed=run.seed, seconds=left, hint=found.solution)
    solution = _better(problem, answer.solution, found.solution)
    proven_infeasible = answer.status == "infeasible"
    return replace(found, solution=solution, bound=answer.bound, proven_infeasible=proven_infeasible)


def _run_iterations(search: MultiStart, run: _Run, total: int) -> None:
    for chunk in range(1, _CHUNKS + 1):
        search.run(total * chunk // _CHUNKS, total=total)
        run.tell(search.iterations, chunk / _CHUNKS, search.objective)


def _run_seconds(search: MultiStart, run: _Run, seconds: float) -> None:
    """Run until the time is up, foreseeing the total from the speed so far so that the annealing ends in time."""
    total, chunk = 10_000_000, _FIRST_CHUNK
    while run.elapsed < seconds:
        search.run(search.iterations + chunk, total=max(total, search.iterations + chunk))
        speed = search.iterations / max(1e-6, run.elapsed)
        left = max(0.0, seconds - run.elapsed)
        total = search.iterations + int(speed * left)
        chunk = max(1, min(int(speed * seconds / _CHUNKS), int(speed * left)))
        run.tell(search.iterations, run.elapsed / seconds, search.objective)


def _told(evaluation: Evaluation) -> int | None:
    return evaluation.objective if evaluation.feasible else None


def _rank(evaluation: Evaluation) -> tuple[int, int, int]:
    """Order plans: fewer broken rules, then fewer missing things, then the objective."""
    missing = sum(fault.amount for fault in evaluation.violations if fault.code in {"REQUIRED_MISSING", "COUNT_BELOW"})
    return -len(evaluation.violations), -missing, evaluation.objective


def _better(problem: TripProblem, challenger: TripSolution | None, holder: TripSolution) -> TripSolution:
    if challenger is None or _rank(evaluate(problem, challenger)) <= _rank(evaluate(problem, holder)):
        return holder
    return challenger


def _run_exactly(problem: TripProblem, run: _Run) -> _Found:
    from solvers.orienteering.cp_sat_model import solve_exactly

    effort = _DEFAULT_EXACT_EFFORT if run.seconds is None else None
    answer = solve_exactly(problem, effort=effort, seed=run.seed, seconds=run.seconds, hint=run.warm_start)
    limit: Limit = "none" if answer.status in {"optimal", "infeasible"} else "seconds" if run.seconds else "iterations"
    if answer.solution is None:
        # A plan that breaks as little as possible, to show what is in the way.
        found = _run_search(problem, _quick(run), proves=False)
        return _Found(found.solution, found.iterations, 0, limit, None, answer.status == "infeasible")
    solution = _better(problem, run.warm_start, answer.solution)
    run.tell(0, 1.0, evaluate(problem, solution).objective)
    return _Found(solution, 0, 0, limit, answer.bound)


def _quick(run: _Run) -> _Run:
    return _Run(run.seed, 2_000, None, 1, run.warm_start, None, run.began)


def _run_routing_library(problem: TripProblem, run: _Run) -> _Found:
    # Imported here: OR-Tools is heavy.
    from solvers.orienteering._chosen_nights import choose_nights
    from solvers.orienteering.routing_library_model import solve_with_routing_library, unknown_rules

    run = replace(run, began=time.perf_counter())
    solution = solve_with_routing_library(problem, seconds=run.seconds or _DEFAULT_ROUTING_S)
    empty = TripSolution(((),) * problem.days, choose_nights(problem))
    solution = _better(problem, run.warm_start, _better(problem, solution, empty))
    run.tell(0, 1.0, _told(evaluate(problem, solution)))
    return _Found(solution, limit="seconds", unknown_rules=unknown_rules(problem))


def _run_exhaustively(problem: TripProblem) -> _Found:
    from solvers.orienteering.exhaustive import search_exhaustively

    best = search_exhaustively(problem)
    if best is None:
        return _Found(TripSolution(((),) * problem.days, (-1,) * (problem.days - 1)), proven_infeasible=True)
    return _Found(best[0], bound=best[1].objective)


def _judge(problem: TripProblem, found: _Found, run: _Run, solver: Solver) -> SolveResult:
    evaluation = evaluate(problem, found.solution)
    conflicts: tuple[Conflict, ...] = ()
    bound = found.bound
    status: Status = "feasible"
    if not evaluation.feasible:
        conflicts = find_contradictions(problem)
        status = "infeasible" if conflicts or found.proven_infeasible else "unsolved"
        if not conflicts:
            conflicts, proves = _search_conflict(problem, evaluation, run.seed)
            status = "infeasible" if proves else status
    elif evaluation.objective == bound or evaluation.objective == _everything(problem):
        status, bound = "optimal", evaluation.objective
    return SolveResult(
        status=status,
        solution=found.solution,
        evaluation=evaluation,
        bound=bound,
        conflicts=conflicts,
        solver=solver,
        seed=run.seed,
        iterations=found.iterations,
        seconds=run.elapsed,
        limit=found.limit,
        pool_size=found.pool_size,
        unknown_rules=found.unknown_rules,
    )


def _search_conflict(problem: TripProblem, evaluation: Evaluation, seed: int) -> tuple[tuple[Conflict, ...], bool]:
    """Return few rules that could not be kept together, and whether that is proven."""
    from solvers.orienteering._proven_conflict import proven_conflict
    from solvers.orienteering.conflicts import shrink_conflict

    conflicts = shrink_conflict(problem, evaluation, seed=seed)
    proven = proven_conflict(problem, conflicts, seed=seed)
    return proven or conflicts, bool(proven)


def _everything(problem: TripProblem) -> int:
    """Return the objective of having the best of everything at no cost: whoever reaches it is optimal."""
    weights, lodgings, combinations = problem.weights, problem.lodgings, problem.combinations
    value = problem.option_score - weights.cost * problem.option_cost - weights.load * problem.option_load
    best_visit = np.zeros(problem.groups, np.int64)
    np.maximum.at(best_visit, problem.option_group, value)
    night_value = lodgings.score - weights.cost * lodgings.cost
    nights = sum(int(night_value[lodgings.night == night].max()) for night in np.unique(lodgings.night))
    times = np.where(combinations.same_day, problem.days, 1)
    return int(best_visit.sum()) + nights + int((combinations.bonus * times).sum())
