"""
The exact solver of packing problems: the classical opponent of every sampler.

Each step ends the proof where it can. Climbing finds a plan, and messages a bound; branch and bound over the groups
closes the gap where groups are few or messages strong; CP-SAT gets the items that could still be part of a better plan.
"""

from __future__ import annotations

from math import inf
from time import perf_counter
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from solvers.errors import ProblemError
from solvers.qubo.result import PackingResult
from solvers.qubo.validation import validate, validate_plan

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.qubo.problem import PackingProblem

TREE_EFFORT: Final = 2.0
"""Of branch and bound before CP-SAT's turn, half the limit at most."""

MOST_PAIRS: Final = 150_000
"""Rewards and conflicts that CP-SAT is asked to look at; with more, branch and bound goes on instead."""


def solve_exactly(
    problem: PackingProblem,
    *,
    effort: float | None = None,
    seconds: float | None = None,
    hint: NDArray[np.bool_] | None = None,
    seed: int = 0,
) -> PackingResult:
    """
    Return the best plan and a bound that is always valid; proven unless a limit comes first.

    Parameters
    ----------
    problem
        The problem, with its capacities.
    effort
        Limit of the work, in units of about a second on one core; runs it ends repeat exactly.
        None: until proven.
    seconds
        Limit in seconds; runs it ends do not repeat exactly. The first plan and bound are never cut short: with 2,000
        items they take half a second.
    hint
        Shape ``(n,)``, bool: a plan to begin with; the answer is worth at least as much.
    seed
        Of the climb and of CP-SAT.

    Returns
    -------
    result
        With a bound; ``optimal`` where it is reached.

    Raises
    ------
    ProblemError
        If the arrays do not describe a problem, or one too large, or the seed is negative.
    SolutionError
        If the hint is no plan of the problem, or breaks a rule.
    """
    # Whoever only names this solver needs no compiled loops.
    from solvers.qubo._packing_proof import PackingProof

    started = perf_counter()
    validate(problem)
    if seed < 0:
        raise ProblemError((f"seed is {seed}; at least 0 is needed",))
    if hint is not None:
        validate_plan(problem, hint, "hint")
    until = None if seconds is None else started + seconds
    proof = PackingProof(problem, np.zeros(problem.items, np.bool_) if hint is None else hint, seed)
    proof.branch(
        TREE_EFFORT if effort is None else min(TREE_EFFORT, effort / 2),
        None if until is None else (perf_counter() + until) / 2,
    )
    left = None if effort is None else max(0.0, effort - proof.effort)
    limit = min(inf if left is None else left, inf if until is None else until - perf_counter())
    if proof.pairs > MOST_PAIRS or proof.seconds_to_state > limit:
        proof.branch(left, until)
    else:
        proof.ask_cp_sat(left, until)
    status: Literal["optimal", "feasible"] = "optimal" if proof.value == proof.bound else "feasible"
    return PackingResult(proof.chosen, proof.value, proof.bound, status, None, perf_counter() - started)
