"""One solver on one instance: timed, replayed, and compared with a reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.instances import Instance, replay, tours_of, trip_problem
from benchmarks.instances.departure_slots import DepartureSlots
from benchmarks.instances.instance import Tours
from benchmarks.peers import PEERS
from benchmarks.timing import timed
from solvers.orienteering import SolveResult, TripProblem, TripSolution, solve
from solvers.orienteering.linear_bound import linear_bound

if TYPE_CHECKING:
    from solvers.orienteering.bounding import BoundResult
    from solvers.orienteering.ruin_and_recreate import PooledRoute

OURS: Final = "meguri"
TOLERANCE: Final = 1.05
"""A run that takes more than so many times its limit in seconds is flagged."""

_POOL_ITERATIONS: Final = 1_000
"""Iterations of the search whose day-routes a proof begins with: a solver's answer does not hand out its own."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Hold what ends a run: exactly one of seconds and iterations."""

    seconds: float | None
    iterations: int | None

    def __str__(self) -> str:
        return f"{self.iterations} iterations" if self.seconds is None else f"{self.seconds:g} s"


@dataclass(frozen=True, slots=True)
class Reference:
    """
    Hold what a score is compared with.

    Parameters
    ----------
    score
        The best known.
    is_optimal
        Whether nothing can be better.
    """

    score: int
    is_optimal: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """
    Hold the figures of one solver on one instance.

    Parameters
    ----------
    instance, tours, solver
        What ran on what.
    score
        Sum over the visited points, as replayed; 0 where the tours break a rule.
    reference, gap_percent
        The best known score and how far below it this one is (negative: above); None where none is known.
    is_proven_reference
        Whether the reference is a proven optimum.
    status, bound, proven_gap_percent
        What the solver says of its own answer, and how far the score is below its bound; None where it has none.
    seconds, cpu_seconds
        By the clock and on the processor.
    is_over_limit
        Whether it took more than `TOLERANCE` times its limit.
    iterations
        None where the solver does not tell.
    errors
        Rules that the tours break, in words.
    routes
        The tours, in ids of points.
    bound_method
        What gave the bound: ``linear``, ``column-generation``, ``enumeration``; empty for the search's own.
    bound_seconds
        Spent on the bound after the search, by the clock; 0 where only the search's own bound was asked for.
    proof_score, proof_routes
        Of a better plan that the proof found, as replayed; None and nothing where it found none.
    """

    instance: str
    tours: int
    solver: str
    score: int
    reference: int | None
    gap_percent: float | None
    is_proven_reference: bool
    status: str
    bound: int | None
    proven_gap_percent: float | None
    seconds: float
    cpu_seconds: float
    is_over_limit: bool
    iterations: int | None
    errors: tuple[str, ...]
    routes: Tours
    bound_method: str = ""
    bound_seconds: float = 0.0
    proof_score: int | None = None
    proof_routes: Tours = field(default_factory=list)

    @property
    def name(self) -> str:
        """Return instance and number of tours as solution files are called."""
        return f"{self.instance}-{self.tours}"

    @property
    def is_reached(self) -> bool:
        """Return whether the reference is reached."""
        return self.reference is not None and self.score >= self.reference

    @property
    def is_new_best(self) -> bool:
        """Return whether the reference is surpassed."""
        return self.reference is not None and self.score > self.reference

    @property
    def is_refuted(self) -> bool:
        """Return whether the bound is below a score that is attained: this one, the reference, or the proof's own."""
        attained = [self.score, self.proof_score or 0, self.reference or 0]
        return self.bound is not None and max(attained) > self.bound


def warm_up(*, bounds: bool = False, by_departure: bool = False) -> float:
    """
    Compile or load the search and load CP-SAT on a made-up instance; return the seconds it took.

    Parameters
    ----------
    bounds
        Whether bounds will be proven, too.
    by_departure
        Whether travel will depend on the time of departure.
    """
    instance = _made_up_instance()
    if by_departure:
        instance = replace(instance, slots=DepartureSlots(np.array([0, 1000]), instance.travel[..., None]))
    search_s = timed(lambda: solve(trip_problem(instance), seconds=0.2, seed=0)).seconds
    return search_s + (timed(_warm_up_bound).seconds if bounds else 0.0)


def _warm_up_bound() -> None:
    # Imported here: the memory of a search without a proof is measured too.
    from solvers.orienteering.bounding import warm_up as warm_up_bound

    warm_up_bound()


def _made_up_instance() -> Instance:
    """Return twenty points on a line, two tours, and more visits than fit."""
    points = 21
    place = np.arange(points) * 10
    windows = [(tour, point, 0, 300) for tour in range(2) for point in range(1, points)]
    return Instance(
        name="warm-up",
        ticks_per_unit=1,
        ids=np.arange(points),
        travel=np.abs(place[:, None] - place),
        duration=np.full(points, 20) * (place > 0),
        score=np.arange(points),
        tour_open=np.zeros(2, np.int64),
        tour_close=np.full(2, 500),
        windows=np.array(windows, np.int64),
        fee=np.zeros(points, np.int64),
    )


def run_ours(
    instance: Instance,
    limit: Limit,
    seed: int,
    reference: Reference | None,
    threads: int = 1,
    bound_seconds: float = 0.0,
) -> Run:
    """Return the figures of our solver on one instance, with a bound proven in further seconds if they are not 0."""
    problem = trip_problem(instance)
    run = timed(lambda: _solve(problem, limit, seed, threads))
    result = run.answer
    measured = _measured(instance, OURS, tours_of(instance, result.solution), limit, run.seconds, reference)
    bound = None if result.bound is None else int(result.bound)
    measured = replace(
        measured, status=result.status, cpu_seconds=round(run.cpu_seconds, 4), iterations=result.iterations
    )
    if bound_seconds > 0:
        return with_proof(measured, instance, problem, result.solution, bound_seconds, seed)
    return _bounded(measured, bound)


def with_proof(
    run: Run, instance: Instance, problem: TripProblem, plan: TripSolution, seconds: float, seed: int
) -> Run:
    """
    Return a run with the bound that some seconds after it prove, and with what the proof's own plan is worth.

    The proof begins with the plan and with the day-routes of a short search, which counts among the seconds. Its plan
    does not change the run's score: that is what the search found within its limit. The bound is the lower one of
    `upper_bound` and `linear_bound`, which takes milliseconds.
    """
    proof = timed(lambda: _prove(problem, plan, seconds, seed))
    found = proof.answer
    run = replace(run, bound_seconds=round(proof.seconds, 4))
    if found.solution is not None:
        tours = tours_of(instance, found.solution)
        judged = replay(instance, tours)
        broken = tuple(f"plan of the proof: {error}" for error in judged.errors)
        score = 0 if broken else judged.score
        run = replace(run, proof_score=score, proof_routes=tours, errors=(*run.errors, *broken))
    linear = linear_bound(problem)
    if linear < found.bound:
        return replace(_bounded(run, linear), bound_method="linear")
    return replace(_bounded(run, int(found.bound)), bound_method=found.method)


def _prove(problem: TripProblem, plan: TripSolution, seconds: float, seed: int) -> BoundResult:
    # Imported here: the memory of a search without a proof is measured too.
    from solvers.orienteering.bounding import upper_bound

    pool = timed(lambda: _day_routes(problem, seed))
    return upper_bound(problem, incumbent=plan, pool=pool.answer, seconds=max(0.0, seconds - pool.seconds))


def _day_routes(problem: TripProblem, seed: int) -> list[PooledRoute]:
    from solvers.orienteering.ruin_and_recreate import Search

    search = Search(problem, seed=seed)
    search.run(_POOL_ITERATIONS, total=_POOL_ITERATIONS)
    return search.pool()


def _bounded(run: Run, bound: int | None) -> Run:
    """Return a run with a bound; what the solver calls optimal counts only if the replay agrees."""
    status = run.status
    if bound is not None and status in {"feasible", "optimal"}:
        status = "optimal" if run.score == bound else "feasible"
    gap = None if bound is None else gap_percent(run.score, bound)
    return replace(run, status=status, bound=bound, proven_gap_percent=gap)


def _solve(problem: TripProblem, limit: Limit, seed: int, threads: int) -> SolveResult:
    return solve(problem, seed=seed, seconds=limit.seconds, iterations=limit.iterations, threads=threads)


def run_peer(name: str, instance: Instance, seconds: float, seed: int, reference: Reference | None) -> Run:
    """Return the figures of a peer on one instance; one that it cannot take on has the reason among the errors."""
    try:
        found = PEERS[name].solve(instance, seconds, seed)
    except ValueError as error:
        # One instance that a peer's format cannot hold must not cost the hours of all the others.
        measured = _measured(instance, name, [], Limit(seconds, None), 0.0, reference)
        return replace(measured, errors=(str(error),))
    measured = _measured(instance, name, found.tours, Limit(seconds, None), found.seconds, reference)
    return replace(measured, cpu_seconds=round(found.cpu_seconds, 4))


def _measured(
    instance: Instance, solver: str, tours: Tours, limit: Limit, seconds: float, reference: Reference | None
) -> Run:
    judged = replay(instance, tours)
    score = 0 if judged.errors else judged.score
    return Run(
        instance=instance.name,
        tours=instance.tours,
        solver=solver,
        score=score,
        reference=None if reference is None else reference.score,
        gap_percent=None if reference is None else gap_percent(score, reference.score),
        is_proven_reference=reference is not None and reference.is_optimal,
        status="feasible" if tours else "unsolved",
        bound=None,
        proven_gap_percent=None,
        seconds=round(seconds, 4),
        cpu_seconds=0.0,
        is_over_limit=limit.seconds is not None and seconds > TOLERANCE * limit.seconds,
        iterations=None,
        errors=judged.errors,
        routes=tours,
    )


def gap_percent(score: int, best: int) -> float:
    """Return how far a score is below another one, in percent of the latter."""
    return round(100 * (best - score) / best, 4) if best else 0.0


def figures_of(run: Run) -> dict[str, Any]:
    """Return a run as plain values for JSON."""
    return {name: getattr(run, name) for name in Run.__slots__}


def refused(runs: Sequence[Run], solver: str = OURS) -> list[Run]:
    """Return the runs of a solver whose tours break a rule."""
    return [run for run in runs if run.solver == solver and run.errors]


def instance_files(folder: Path, patterns: Sequence[str], suffix: str) -> list[Path]:
    """
    Return the instance files of a folder in order of name.

    Parameters
    ----------
    folder
        Where they lie.
    patterns
        Names or shell patterns (``c1*``), without the suffix; empty: all.
    suffix
        Ending of the files.

    Raises
    ------
    FileNotFoundError
        If the folder holds no such file, or a pattern fits none.
    """
    files = sorted(file for file in folder.glob(f"*{suffix}")) if folder.is_dir() else []
    if not files:
        raise FileNotFoundError(f"no *{suffix} at {folder}: name a folder with --instances or set MEGURI_SHARED")
    chosen = [file for file in files if any(Path(file.stem).match(pattern) for pattern in patterns or ["*"])]
    idle = [pattern for pattern in patterns if not any(Path(file.stem).match(pattern) for file in files)]
    if idle:
        raise FileNotFoundError(f"no instance at {folder} is called {', '.join(idle)}")
    return chosen
