"""The door to all solvers: one call, one result."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from solvers.errors import SolverError
from solvers.orienteering.evaluation import evaluate
from solvers.orienteering.infeasibility import find_contradictions
from solvers.orienteering.loading import load_search
from solvers.orienteering.problem import TripSolution
from solvers.orienteering.result import Conflict, Progress, SolveResult
from solvers.orienteering.validation import validate
from solvers.stopping import Stop

if TYPE_CHECKING:
    from collections.abc import Callable

    from solvers.orienteering.evaluation import Evaluation
    from solvers.orienteering.multi_start import MultiStart
    from solvers.orienteering.problem import TripProblem
    from solvers.orienteering.result import Limit, Status, UnknownRule

Solver = Literal["portfolio", "ruin-and-recreate", "cp-sat", "or-tools-routing", "exhaustive"]
SOLVERS: Final[tuple[Solver, ...]] = ("portfolio", "ruin-and-recreate", "cp-sat", "or-tools-routing", "exhaustive")

_COUNT_NO_ITERATIONS: Final = frozenset({"cp-sat", "or-tools-routing"})

_CHUNKS: Final = 20
"""Parts a run is cut into, between which progress is told and the clock is read."""

_FIRST_CHUNK: Final = 50
"""Iterations after which a run limited in seconds measures its speed."""

_BREATH_S: Final = 0.03
"""Seconds after which a search that somebody watches tells how far it is, and asks whether to stop."""

_SEARCHES_WITH_LODGING: Final = 3
"""Searches from nothing where nights are spent in lodgings: where one sleeps is settled early and seldom mended later.
Against one search of the same time, 1.4 instead of 2.6 % below the best plans of three days known, in one second."""

_SEARCHES_WHEN_LONG: Final = 2
"""Searches from nothing on other trips of several days when the limit is long; one is better when it is short."""

_LONG_S: Final = 3.0
"""Limit in seconds that is long."""

_LONG_ITERATIONS: Final = 150_000
"""Limit in iterations that is long."""

_LEAST_SPLIT: Final = 100
"""Iterations below which one search has them all."""

_FRESH_SHARE: Final = 0.6
"""Share of the limit of searches from nothing, where there are several; the rest goes on from what is put together."""

_RECOMBINATION_SHARE: Final = 0.1
"""Share of the limit for putting day-routes together; of a limit in iterations it is not used."""

_LEAST_RECOMBINATION_S: Final = 0.01
"""Seconds below which that is left out."""

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


@dataclass(slots=True)
class _Pace:
    """Hold how many iterations a search does in about `_BREATH_S`."""

    iterations: int = _FIRST_CHUNK

    def learn(self, iterations: int, seconds: float) -> None:
        """Go by the speed of so many iterations, no more than four times as fast at once."""
        fitting = iterations * _BREATH_S / max(1e-9, seconds)
        self.iterations = max(1, int(min(fitting, 4 * self.iterations)))


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
    stop: Stop = field(default_factory=Stop)
    pace: _Pace = field(default_factory=_Pace)

    @property
    def elapsed(self) -> float:
        return time.perf_counter() - self.began

    @property
    def question(self) -> Callable[[], bool] | None:
        """Return whom a library is to ask whether to stop, if anybody."""
        return self.stop if self.stop.is_possible else None

    @property
    def is_watched(self) -> bool:
        return self.on_progress is not None or self.stop.is_possible

    @property
    def ended_by(self) -> Limit:
        return "stopped" if self.stop.is_set else "iterations" if self.seconds is None else "seconds"

    def tell(
        self, iterations: int, share: float, objective: int | None, incumbent: Callable[[], TripSolution] | None
    ) -> None:
        if self.on_progress is not None:
            self.on_progress(Progress(iterations, min(1.0, share), objective, self.elapsed, incumbent))


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
    """Return a number of iterations that takes about a second for 300 places on three days, less for fewer."""
    return min(40_000, max(2_000, 100 * problem.options))


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
    should_stop: Callable[[], bool] | None = None,
) -> SolveResult:
    """
    Find a good plan, and say how good it is known to be.

    Parameters
    ----------
    problem
        The problem; checked first.
    solver
        ``portfolio``: ruin and recreate; on trips of several days with lodging or a long limit several times, then
        recombination of all day-routes seen, and on from there. ``ruin-and-recreate``: one search alone.
        ``cp-sat``: the whole problem in one exact model, for small ones. ``or-tools-routing``: OR-Tools' routing
        library, to compare with. ``exhaustive``: every plan, for tiny ones.
    seed
        Same seed, same iterations, same threads, same plan.
    iterations
        Limit of all searches on each thread, together; by default `default_iterations`. Where day-routes are
        recombined, that counts as a tenth of it.
    seconds
        Limit in time instead, compiling and loading the search not counted; such runs do not repeat exactly. The only
        one that ``cp-sat`` and ``or-tools-routing`` know; ``exhaustive`` has none.
    threads
        How many searches run at once, with the seeds ``seed``, ``seed + 1``, ..., on which further searches go on
        counting. Where there is a recombination, it has the day-routes of all. The other solvers use one thread.
    warm_start
        A plan to begin with; the result is never worse.
    on_progress
        Called now and then; an exception it raises ends the run.
    should_stop
        Asked every few hundredths of a second, also from other threads: once it says so, the best plan so far is the
        result, with the limit ``stopped``. Who only listens or only asks changes nothing: a run that is not stopped is
        the same with and without.

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
        If ``solver`` is none of the above, both limits are given, one that it does not know or one that is not above
        0, or ``threads`` is below 1.
    """
    validate(problem)
    _check_limits(solver, iterations, seconds, threads)
    if warm_start is not None:
        evaluate(problem, warm_start)
    began = time.perf_counter()
    run = _Run(seed, iterations, seconds, threads, warm_start, on_progress, began, Stop(should_stop))
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
    if iterations is not None and solver in _COUNT_NO_ITERATIONS:
        raise SolverError(f"iterations is given; the solver {solver} accepts a limit in seconds only")
    if iterations is not None and iterations < 1:
        raise SolverError(f"iterations is {iterations}; accepted is 1 or more")
    if seconds is not None and not 0 < seconds < inf:
        raise SolverError(f"seconds is {seconds}; accepted is a number above 0")
    if threads < 1:
        raise SolverError(f"threads is {threads}; accepted is 1 or more")


def _run_search(problem: TripProblem, run: _Run, *, proves: bool) -> _Found:
    run = _without_loading(run)
    fresh = _fresh_searches(problem, run) if proves else 1
    searches: list[MultiStart] = []
    enough = _everything(problem)
    turns = list(pairwise(_FRESH_SHARE * turn / fresh for turn in range(fresh + 1))) if fresh > 1 else [(0.0, 1.0)]
    solution = _search_on(problem, run, searches, run.warm_start, run.warm_start, turns[0])
    for turn in turns[1:]:
        if _goes_on(run, searches, enough, turn[1]):
            solution = _search_on(problem, run, searches, solution, None, turn)
    if fresh > 1 and _goes_on(run, searches, enough, 1.0):
        solution = _better(problem, _recombined(problem, searches, solution, run), solution)
        if not run.stop():
            rest = (_FRESH_SHARE + _RECOMBINATION_SHARE, 1.0)
            solution = _search_on(problem, run, searches, solution, solution, rest)
    iterations = sum(search.iterations for search in searches)
    found = _Found(solution, iterations, sum(search.pool_size for search in searches), run.ended_by)
    if proves and problem.options <= _MOST_PROVEN_OPTIONS and not run.stop():
        found = _prove(problem, found, run)
    run.tell(found.iterations, 1.0, _told(evaluate(problem, found.solution)), lambda: found.solution)
    return replace(found, limit=run.ended_by)


def _fresh_searches(problem: TripProblem, run: _Run) -> int:
    """Return how many searches start from nothing before what they found is put together."""
    is_tiny = run.seconds is None and (run.iterations or default_iterations(problem)) < _LEAST_SPLIT
    if problem.days == 1 or run.warm_start is not None or is_tiny:
        return 1
    if problem.lodgings.night.size:
        return _SEARCHES_WITH_LODGING
    is_long = (run.iterations or 0) >= _LONG_ITERATIONS if run.seconds is None else run.seconds >= _LONG_S
    return _SEARCHES_WHEN_LONG if is_long else 1


def _goes_on(run: _Run, searches: list[MultiStart], enough: int, share: float) -> bool:
    """Say whether there is something to better, and time for it before a share of the limit is over."""
    has_time = run.seconds is None or run.elapsed < run.seconds * share
    return has_time and searches[-1].objective != enough and not run.stop()


def _search_on(
    problem: TripProblem,
    run: _Run,
    searches: list[MultiStart],
    holder: TripSolution | None,
    start: TripSolution | None,
    shares: tuple[float, float],
) -> TripSolution:
    """Run one more search from ``start`` between two shares of the limit; return the better of its plan and holder."""
    # Imported here: the compiled search is heavy, and validation does not need it.
    from solvers.orienteering.multi_start import MultiStart

    seed, enough = run.seed + len(searches) * run.threads, _everything(problem)
    search = MultiStart(problem, threads=run.threads, seed=seed, warm_start=start)
    before = sum(earlier.iterations for earlier in searches)
    searches.append(search)

    def tell(share: float) -> None:
        best = max((each for each in searches if each.objective is not None), key=_objective_of, default=None)
        if best is None:
            run.tell(before + search.iterations, share, None, None)
        else:
            run.tell(before + search.iterations, share, best.objective, lambda: best.solution)

    if run.seconds is None:
        total = run.iterations or default_iterations(problem)
        _run_iterations(search, run, (round(total * shares[0]), round(total * shares[1]), total), enough, tell)
    else:
        _run_seconds(search, run, run.seconds * shares[1], enough, tell)
    return search.solution if holder is None else _better(problem, search.solution, holder)


def _objective_of(search: MultiStart) -> int:
    """Return the objective of a search that found a plan."""
    assert search.objective is not None
    return search.objective


def _without_loading(run: _Run) -> _Run:
    """Start the clock anew after loading: at a first run compiling takes longer than most limits."""
    began = time.perf_counter()
    load_search()
    return replace(run, began=run.began + time.perf_counter() - began)


def _recombined(
    problem: TripProblem, searches: list[MultiStart], solution: TripSolution, run: _Run
) -> TripSolution | None:
    """Return the best plan of all day-routes seen; in a run limited in seconds, within its share of them."""
    from solvers.orienteering.multi_start import pooled
    from solvers.orienteering.recombine import MOST_ROUTES, recombine

    seconds = None
    if run.seconds is not None:
        seconds = run.seconds * (_FRESH_SHARE + _RECOMBINATION_SHARE) - run.elapsed
        if seconds < _LEAST_RECOMBINATION_S:
            return None
    pool = pooled(searches, MOST_ROUTES)
    effort = _RECOMBINATION_EFFORT
    return recombine(problem, pool, solution, effort=effort, seed=run.seed, seconds=seconds, should_stop=run.question)


def _prove(problem: TripProblem, found: _Found, run: _Run) -> _Found:
    """Let the exact model confirm or better the plan of a small problem."""
    from solvers.orienteering.cp_sat_model import solve_exactly

    left = None if run.seconds is None else run.seconds - run.elapsed
    hint, effort = found.solution, _PROOF_EFFORT
    answer = solve_exactly(problem, effort=effort, seed=run.seed, seconds=left, hint=hint, should_stop=run.question)
    solution = _better(problem, answer.solution, found.solution)
    proven_infeasible = answer.status == "infeasible"
    return replace(found, solution=solution, bound=answer.bound, proven_infeasible=proven_infeasible)


def _run_iterations(
    search: MultiStart, run: _Run, span: tuple[int, int, int], enough: int, tell: Callable[[float], None]
) -> None:
    """Run the iterations of a span (begin, end, of how many), all of this search, unless fewer bring ``enough``."""
    begin, end, total = span
    own = max(1, end - begin)
    chunks = max(1, round(_CHUNKS * own / total))
    for chunk in range(1, chunks + 1):
        _advance(search, run, own * chunk // chunks, own, lambda: tell((begin + search.iterations) / total))
        if search.objective == enough or run.stop.is_set:
            break


def _advance(search: MultiStart, run: _Run, until: int, total: int, tell: Callable[[], None]) -> None:
    """Go on to an iteration; where somebody watches, in short parts, the first in any case, or there is no plan."""
    if not run.is_watched:
        search.run(until, total=total)
        return
    is_first = not search.iterations
    while search.iterations < until and (is_first or not run.stop()):
        done, began = search.iterations, time.perf_counter()
        search.run(min(until, done + run.pace.iterations), total=total)
        run.pace.learn(search.iterations - done, time.perf_counter() - began)
        is_first = False
        tell()


def _run_seconds(search: MultiStart, run: _Run, until: float, enough: int, tell: Callable[[float], None]) -> None:
    """
    Run until the clock says stop, or the objective is ``enough``; the first chunk in any case, or there is no plan.

    The total is foreseen from the speed so far, so that the annealing ends in time.
    """
    limit, began = run.seconds or until, run.elapsed
    total, chunk = 10_000_000, _FIRST_CHUNK
    while not search.iterations or (run.elapsed < until and search.objective != enough and not run.stop()):
        ahead = search.iterations + chunk
        _advance(search, run, ahead, max(total, ahead), lambda: tell(run.elapsed / limit))
        speed = search.iterations / max(1e-6, run.elapsed - began)
        left = max(0.0, until - run.elapsed)
        total = search.iterations + int(speed * left)
        chunk = max(1, min(int(speed * (until - began) / _CHUNKS), int(speed * left)))


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
    answer = solve_exactly(
        problem, effort=effort, seed=run.seed, seconds=run.seconds, hint=run.warm_start, should_stop=run.question
    )
    limit: Limit = "none" if answer.status in {"optimal", "infeasible"} else run.ended_by
    if answer.solution is None:
        # A plan that breaks as little as possible, to show what is in the way.
        found = _run_search(problem, _quick(run), proves=False)
        return _Found(found.solution, found.iterations, 0, limit, None, answer.status == "infeasible")
    solution = _better(problem, run.warm_start, answer.solution)
    run.tell(0, 1.0, evaluate(problem, solution).objective, lambda: solution)
    return _Found(solution, 0, 0, limit, answer.bound)


def _quick(run: _Run) -> _Run:
    return _Run(run.seed, 2_000, None, 1, run.warm_start, None, run.began)


def _run_routing_library(problem: TripProblem, run: _Run) -> _Found:
    # Imported here: OR-Tools is heavy.
    from solvers.orienteering._chosen_nights import choose_nights
    from solvers.orienteering.routing_library_model import solve_with_routing_library, unknown_rules

    run = replace(run, began=time.perf_counter())
    seconds = run.seconds or _DEFAULT_ROUTING_S
    solution = solve_with_routing_library(problem, seconds=seconds, should_stop=run.question)
    empty = TripSolution(((),) * problem.days, choose_nights(problem))
    solution = _better(problem, run.warm_start, _better(problem, solution, empty))
    run.tell(0, 1.0, _told(evaluate(problem, solution)), lambda: solution)
    limit: Limit = "stopped" if run.stop.is_set else "seconds"
    return _Found(solution, limit=limit, unknown_rules=unknown_rules(problem))


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
        if not conflicts and not run.stop():
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
