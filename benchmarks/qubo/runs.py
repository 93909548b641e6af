"""Solvers and samplers on one instance, measured alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from math import log
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks.qubo.plain_model import solve_plainly
from benchmarks.timing import timed
from solvers.qubo._packing_model import ModelAnswer, solve_model
from solvers.qubo.decoding import decode
from solvers.qubo.exact import solve_exactly
from solvers.qubo.judging import keeps_rules, values_of
from solvers.qubo.problem import PackingProblem
from solvers.qubo.random_starts import random_starts
from solvers.qubo.samplers.registry import sampler_of
from solvers.qubo.submission import draw_reads, submission_of

EXACT: Final = "exact solver"
STRONG: Final = "CP-SAT, strong model"
PLAIN: Final = "CP-SAT, plain model"
CONTROL: Final = "random starts, repaired"
HALF: Final = "penalty x 0.5"
NEAR: Final = 0.99
"""Share of the best value known that counts as reached: within 1 %."""

SURE: Final = 0.99
"""Probability with which repeated reads shall reach it."""

_Sample: TypeAlias = "tuple[Run, NDArray[np.int64]]"
"""A run and the objectives of its reads."""


@dataclass(frozen=True, slots=True)
class Run:
    """
    Hold what one solver or sampler made of one instance.

    Parameters
    ----------
    solver
        Its name.
    value
        Best objective.
    mean_value
        Over the reads after repair; of solvers their only one.
    seconds
        Time from the problem to the answer, models and repair included.
    bound
        Proven upper limit; None of samplers.
    reads
        How many; None of solvers.
    raw_feasible
        Share of reads that kept every rule as they came; None of solvers.
    repaired
        Share of reads that repair changed; None of solvers.
    raw_value
        Best of the reads that kept every rule as they came; None where none did, and of solvers.
    seconds_to_near
        Time to within 1 % of the best value known: of solvers all their time, where they get there; of samplers that
        of so many reads that one of them does with probability `SURE`. None where none did.
    """

    solver: str
    value: int
    mean_value: float
    seconds: float
    bound: int | None = None
    reads: int | None = None
    raw_feasible: float | None = None
    repaired: float | None = None
    raw_value: int | None = None
    seconds_to_near: float | None = None

    @property
    def figures(self) -> dict[str, Any]:
        """Return plain values, rounded, without those that do not apply."""
        return {
            name: round(value, 5) if isinstance(value, float) else value
            for name, value in asdict(self).items()
            if value is not None
        }


@dataclass(frozen=True, slots=True)
class Duel:
    """
    Hold all runs on one instance.

    Parameters
    ----------
    instance
        Its name.
    best
        Best value of all runs.
    bound
        Least bound of all runs.
    runs
        One each.
    """

    instance: str
    best: int
    bound: int
    runs: tuple[Run, ...]

    @property
    def is_proven(self) -> bool:
        """Tell whether the best value is the optimum."""
        return self.best == self.bound

    def gap(self, value: float) -> float:
        """Return how far a value is below the best one, in percent."""
        return 100 * (self.best - value) / max(1, abs(self.best))


def fight(
    name: str, problem: PackingProblem, *, samplers: tuple[str, ...], reads: int, seconds: float, seed: int
) -> Duel:
    """
    Run the exact solver, both models of CP-SAT, all samplers and the random starts on one instance.

    Parameters
    ----------
    name
        Of the instance.
    problem
        Without capacities.
    samplers, reads, seconds, seed
        As of `Given`.
    """
    exact = _exact(problem, seconds, seed)
    classical = [exact, _strong(problem, seconds, seed), _plain(problem, seconds, seed)]
    samples = [_sampled(problem, sampler, scale, reads, seed) for sampler in samplers for scale in (1.0, 0.5)]
    samples.append(_control(problem, reads, seed))
    best = max(run.value for run in (*classical, *(run for run, _ in samples)))
    bound = min(run.bound for run in classical if run.bound is not None)
    near = NEAR * best
    runs = [replace(run, seconds_to_near=run.seconds if run.value >= near else None) for run in classical]
    runs += [replace(run, seconds_to_near=_seconds_to(values >= near, run.seconds)) for run, values in samples]
    return Duel(name, best, bound, tuple(runs))


def _exact(problem: PackingProblem, seconds: float, seed: int) -> Run:
    took = timed(lambda: solve_exactly(problem, seconds=seconds, seed=seed))
    return _classical(EXACT, problem, took.answer.chosen, took.answer.bound, took.seconds)


def _strong(problem: PackingProblem, seconds: float, seed: int) -> Run:
    items = np.arange(problem.items)

    def solve() -> ModelAnswer:
        begin = decode(problem, np.zeros((1, problem.items), np.bool_)).chosen[0]
        return solve_model(problem, items, begin, effort=None, seconds=seconds, seed=seed)

    took = timed(solve)
    return _model(STRONG, problem, took.answer, took.seconds)


def _plain(problem: PackingProblem, seconds: float, seed: int) -> Run:
    took = timed(lambda: solve_plainly(problem, seconds=seconds, seed=seed))
    return _model(PLAIN, problem, took.answer, took.seconds)


def _model(solver: str, problem: PackingProblem, answer: ModelAnswer, seconds: float) -> Run:
    nothing = np.zeros(problem.items, np.bool_)
    return _classical(solver, problem, nothing if answer.chosen is None else answer.chosen, answer.bound, seconds)


def _classical(
    solver: str, problem: PackingProblem, chosen: NDArray[np.bool_], bound: int | None, seconds: float
) -> Run:
    value = _judged(problem, chosen[None])[0]
    return Run(solver, int(value), float(value), seconds, bound)


def _judged(problem: PackingProblem, states: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the objective of plans, or fail: a plan that breaks a rule is worth nothing to anybody."""
    if not keeps_rules(problem, states).all():
        raise AssertionError("a plan breaks a rule of its problem")
    return values_of(problem, states)


def _sampled(problem: PackingProblem, sampler: str, scale: float, reads: int, seed: int) -> _Sample:
    """Return what a sampler makes of H with some share of the proven penalties."""
    label = sampler if scale == 1.0 else f"{sampler}, {HALF}"

    def draw() -> NDArray[np.bool_]:
        submission = submission_of(problem, seed=seed)
        return draw_reads(submission, sampler_of(sampler), reads=reads, seed=seed, penalty_scales=[scale]).states

    return _repaired(label, problem, draw)


def _control(problem: PackingProblem, reads: int, seed: int) -> _Sample:
    """Return what repair alone makes of random starts."""
    return _repaired(CONTROL, problem, lambda: random_starts(problem, reads, seed))


def _repaired(label: str, problem: PackingProblem, draw: Callable[[], NDArray[np.bool_]]) -> _Sample:
    drawn = timed(draw)
    took = timed(lambda: decode(problem, drawn.answer))
    decoded = took.answer
    values = _judged(problem, decoded.chosen)
    raw = values_of(problem, drawn.answer[decoded.raw_feasible])
    run = Run(
        label,
        value=int(values.max()),
        mean_value=float(values.mean()),
        seconds=drawn.seconds + took.seconds,
        reads=len(values),
        raw_feasible=float(decoded.raw_feasible.mean()),
        repaired=float((decoded.flips_removed + decoded.flips_added > 0).mean()),
        raw_value=int(raw.max()) if len(raw) else None,
    )
    return run, values


def _seconds_to(is_near: NDArray[np.bool_], seconds: float) -> float | None:
    """Return the time of as many reads as it takes to have one of those asked for, almost surely."""
    share = float(is_near.mean())
    if share == 0:
        return None
    each = seconds / len(is_near)
    return each if share == 1 else each * max(1.0, log(1 - SURE) / log(1 - share))
