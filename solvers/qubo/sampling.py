"""Packing problems solved by a sampler: sized, submitted, decoded, and told apart from what repair did."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from solvers.errors import SolutionError
from solvers.qubo.decoding import decode
from solvers.qubo.judging import values_of
from solvers.qubo.quadratic import energies, largest_clique
from solvers.qubo.random_starts import random_starts
from solvers.qubo.reads import Reads
from solvers.qubo.result import PackingResult, SamplingReport
from solvers.qubo.samplers.drawing import refuse_request
from solvers.qubo.samplers.registry import sampler_of
from solvers.qubo.simple_bound import simple_bound
from solvers.qubo.submission import MOST_VARIABLES, PENALTY_SCALES, draw_reads, refuse_options, submission_of
from solvers.qubo.validation import validate, validate_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import dimod
    from numpy.typing import NDArray

    from solvers.qubo.problem import PackingProblem
    from solvers.qubo.quadratic import Quadratic
    from solvers.qubo.result import Decoded, Source


def solve_by_sampling(
    problem: PackingProblem,
    *,
    sampler: str | dimod.Sampler | Reads = "sa",
    reads: int | None = None,
    seed: int = 0,
    known: NDArray[np.bool_] | None = None,
    settings: Mapping[str, Any] | None = None,
    allow_remote: bool = False,
    penalty_scales: Sequence[float] = PENALTY_SCALES,
    is_allowed: Callable[[NDArray[np.bool_]], NDArray[np.bool_]] | None = None,
    proof_effort: float | None = None,
    most_variables: int = MOST_VARIABLES,
    on_progress: Callable[[float], None] | None = None,
) -> PackingResult:
    """
    Solve a packing problem by a sampler, and tell what it found, what repair did and what repair alone would do.

    The sampler is given H; where there are capacities, H of the problem at their bid prices, as no penalty holds an
    annealer to a capacity well. Its reads, and as many random starts, are decoded alike on the original problem.

    Parameters
    ----------
    problem
        Of at most ``most_variables`` items.
    sampler
        A name of `sampler_names`, or any ``dimod.Sampler`` that takes unstructured models; or reads that were drawn
        elsewhere, which are decoded as if they had been drawn here.
    reads
        Reads to ask for, at least 1; None for 100, or 24 above 600 items. This, ``settings`` and ``penalty_scales`` say
        nothing about reads that were drawn elsewhere.
    seed
        Of the sampler, where it takes one, and of the random starts; not negative.
    known
        Shape ``(n,)``, bool: a plan in hand that keeps every rule. The answer is never worth less.
    settings
        Further keywords of the sampler.
    allow_remote
        Whether the model may leave this machine.
    penalty_scales
        Penalties, in proven ones, at which equal shares of the reads are drawn: see `draw_reads`.
    is_allowed
        Tells of plans, shape ``(S, n)``, that keep every rule of the problem, which of them also keep those that it
        cannot state, shape ``(S,)``. A read is raw feasible only if it is allowed, too. The answer itself may not be:
        whoever knows these rules mends it, or falls back. None where the problem states all rules.
    proof_effort
        Limit of the exact solver's work for the optimum, in units of about a second: see `solve_exactly`. None to
        leave it out.
    most_variables
        Items above which nothing is submitted.
    on_progress
        Called now and then with the share done, 0 to 1.

    Returns
    -------
    result
        The better of the best read and the plan known; its ``report`` is never None.

    Raises
    ------
    ProblemError
        If the problem is not valid, empty or too large, or an option out of its range; nothing is submitted.
    SolutionError
        If ``known`` does not belong to the problem or breaks a rule, or the sampler returns no reads of the model.
    SamplerError
        If the sampler is unknown, structured, remote without permission, too small for the model, or fails.
    """
    started = perf_counter()
    tell = on_progress if on_progress is not None else _tell_nobody
    source = sampler if isinstance(sampler, Reads) else sampler_of(sampler, allow_remote=allow_remote)
    validate(problem)
    refuse_options(problem, reads=reads, seed=seed, most_variables=most_variables)
    if isinstance(source, Reads):
        _refuse_strange(problem, source)
    else:
        refuse_request(source, variables=problem.items, settings=settings)
    known_value = None
    if known is not None:
        validate_plan(problem, known, "known")
        known_value = int(values_of(problem, known[None])[0])
    tell(0.0)
    submission = submission_of(problem, seed=seed, most_variables=most_variables)
    proven = submission.quadratic
    tell(0.2)
    if isinstance(source, Reads):
        drawn = source
    else:
        drawn = draw_reads(submission, source, reads=reads, seed=seed, settings=settings, penalty_scales=penalty_scales)
    states = drawn.states
    tell(0.8)
    # One decoding for both: the control is treated as the reads are, whatever that is.
    decoded = decode(problem, np.concatenate([states, random_starts(problem, len(states), seed)]), quadratic=proven)
    tell(0.9)
    answer = _answer(decoded, len(states), proven, known, known_value)
    # Values at bid prices are rounded up, so this holds for the problem itself, too.
    paid = simple_bound(submission.problem) + ceil(submission.prices @ problem.capacity)
    bound, optimum = _proof(problem, answer, min(paid, simple_bound(problem)), proof_effort, seed)
    tell(1.0)
    raw = states[decoded.raw_feasible[: len(states)]]
    if is_allowed is not None:
        raw = raw[is_allowed(raw)]
    report = SamplingReport(
        sampler=drawn.sampler,
        source=answer.source,
        reads=len(states),
        raw_feasible_rate=len(raw) / len(states),
        repaired=answer.flips_removed + answer.flips_added > 0,
        flips_removed=answer.flips_removed,
        flips_added=answer.flips_added,
        energy_raw=answer.energy_raw,
        energy_final=answer.energy_final,
        value=answer.value,
        raw_value=int(values_of(problem, raw).max()) if len(raw) else None,
        random_value=int(decoded.value[len(states) :].max()),
        known_value=known_value,
        optimum=optimum,
        variables=proven.variables,
        interactions=proven.interactions,
        largest_clique=largest_clique(proven, group=problem.group),
        seed=drawn.seed,
        is_reproducible=drawn.is_reproducible,
        seconds=drawn.seconds,
    )
    status: Literal["optimal", "feasible"] = "optimal" if answer.value == bound else "feasible"
    return PackingResult(answer.chosen, answer.value, bound, status, report, perf_counter() - started)


def _tell_nobody(share: float) -> None:
    pass


def _refuse_strange(problem: PackingProblem, reads: Reads) -> None:
    shape, kind = reads.states.shape, reads.states.dtype
    if kind != np.bool_ or len(shape) != 2 or shape[1] != problem.items or not shape[0]:
        raise SolutionError(
            f"the reads are {kind} of shape {shape}; bool of shape (S, {problem.items}) is needed, S at least 1"
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    """The plan handed back, and what happened to the read it came from; a plan known before came as it is."""

    chosen: NDArray[np.bool_]
    value: int
    source: Source
    energy_raw: float
    energy_final: float
    flips_removed: int = 0
    flips_added: int = 0


def _answer(
    decoded: Decoded, reads: int, proven: Quadratic, known: NDArray[np.bool_] | None, known_value: int | None
) -> _Answer:
    """Return the best of the first ``reads``, of equals one left as it was by repair; or the plan known, if better."""
    flips = (decoded.flips_removed + decoded.flips_added)[:reads]
    best = int(np.lexsort((flips > 0, -decoded.value[:reads]))[0])
    if known is not None and known_value is not None and known_value > decoded.value[best]:
        energy = float(energies(proven, known[None])[0])
        return _Answer(known.copy(), known_value, "fallback", energy, energy)
    return _Answer(
        chosen=decoded.chosen[best].copy(),
        value=int(decoded.value[best]),
        source="repair" if flips[best] else "sampler",
        energy_raw=float(decoded.energy_raw[best]),
        energy_final=float(decoded.energy_final[best]),
        flips_removed=int(decoded.flips_removed[best]),
        flips_added=int(decoded.flips_added[best]),
    )


def _proof(
    problem: PackingProblem, answer: _Answer, bound: int, effort: float | None, seed: int
) -> tuple[int, int | None]:
    """Return an upper limit of the objective, lowered from ``bound``, and the optimum where it is proven."""
    if effort is None or bound == answer.value:
        return bound, bound if bound == answer.value else None
    from solvers.qubo.exact import solve_exactly  # OR-Tools takes a second to load

    exact = solve_exactly(problem, effort=effort, hint=answer.chosen, seed=seed)
    if exact.bound is not None:
        bound = min(bound, exact.bound)
    return bound, bound if bound == max(answer.value, exact.value) else None
