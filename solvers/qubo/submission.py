"""What is submitted to a sampler for a packing problem, and the reads it returns."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from solvers.errors import ProblemError, SolutionError
from solvers.qubo._improvement import improve
from solvers.qubo.alignment import align
from solvers.qubo.bid_prices import bid_prices, priced
from solvers.qubo.judging import keeps_rules, values_of
from solvers.qubo.quadratic import proven_weights, quadratic_of, to_bqm
from solvers.qubo.reads import Reads
from solvers.qubo.samplers.drawing import sample
from solvers.qubo.validation import validate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from solvers.qubo.problem import PackingProblem
    from solvers.qubo.quadratic import Quadratic
    from solvers.qubo.samplers.registry import RegisteredSampler

MOST_VARIABLES: Final = 5_000
"""Items a model may have: up to 12 million couplings, which is what fits memory, and more than any annealer takes."""
PENALTY_SCALES: Final = (1.0, 0.5)
"""Penalties, in proven ones, at which equal shares of the reads are drawn by default."""
_READS: Final = 100
_READS_OF_LARGE: Final = 24
_LARGE: Final = 600
"""Items above which a read takes long enough to ask for fewer."""
_STARTS_TO_PRICE: Final = 16
"""Random starts by whose best plan a bid price is judged: it needs no sampler, only about the right use."""


@dataclass(frozen=True, slots=True, eq=False)
class Submission:
    """
    Hold what a sampler is given for a problem.

    Parameters
    ----------
    problem
        Without capacities: what the chosen items use is paid for at bid prices.
    prices
        Shape ``(R,)``: bid prices of the capacities left out.
    quadratic
        H of ``problem`` with the proven penalties.
    """

    problem: PackingProblem
    prices: NDArray[np.float64]
    quadratic: Quadratic


def submission_of(problem: PackingProblem, *, seed: int = 0, most_variables: int = MOST_VARIABLES) -> Submission:
    """
    Return what a sampler is given for a problem; the same seed makes the same submission.

    Parameters
    ----------
    problem
        Of at most ``most_variables`` items.
    seed
        Of the random starts by which capacities are priced; not negative.
    most_variables
        Items above which nothing is built.

    Raises
    ------
    ProblemError
        If the problem is not valid, empty or too large, or an option out of its range.
    """
    validate(problem)
    refuse_options(problem, seed=seed, most_variables=most_variables)
    prices = _bid_prices(problem, seed)
    submitted = priced(problem, prices)
    return Submission(submitted, prices, quadratic_of(submitted))


def draw_reads(
    submission: Submission,
    registered: RegisteredSampler,
    *,
    reads: int | None = None,
    seed: int = 0,
    settings: Mapping[str, Any] | None = None,
    penalty_scales: Sequence[float] = PENALTY_SCALES,
) -> Reads:
    """
    Submit a model to a sampler, and return its reads.

    Parameters
    ----------
    submission
        What is submitted.
    registered
        From `sampler_of`.
    reads
        Reads to ask for, at least 1; None for 100, or 24 above 600 items.
    seed
        Of the sampler, where it takes one; not negative.
    settings
        Further keywords of the sampler.
    penalty_scales
        Penalties, in proven ones, at which equal shares of the reads are drawn. Lower ones are smoother to search, and
        decoding mends what they break. Higher ones suit models whose proven penalties are so tight that breaking a
        rule costs hardly more than it brings, which no annealer at a temperature above 0 sees.

    Returns
    -------
    reads
        At least one.

    Raises
    ------
    ProblemError
        If an option is out of its range; nothing is submitted.
    SolutionError
        If the sampler returns no reads of the model.
    SamplerError
        If the sampler is too small for the model, has no such setting, or fails.
    """
    problem = submission.problem
    refuse_options(problem, reads=reads, seed=seed, most_variables=problem.items)
    asked = reads if reads is not None else _READS if problem.items <= _LARGE else _READS_OF_LARGE
    if not len(penalty_scales):
        raise ProblemError(("penalty_scales is empty; at least one number above 0 is needed",))
    # What does not divide goes to the first ones.
    share, rest = divmod(asked, len(penalty_scales))
    models = [
        (submission.quadratic if scale == 1 else quadratic_of(problem, penalty_scale=scale), share + (number < rest))
        for number, scale in enumerate(penalty_scales[:asked])
    ]
    began = perf_counter()
    states = _states_of(registered, problem, models, seed, settings)
    return Reads(states, registered.name, seed, registered.is_reproducible, perf_counter() - began)


def refuse_options(
    problem: PackingProblem, *, reads: int | None = None, seed: int = 0, most_variables: int = MOST_VARIABLES
) -> None:
    """
    Refuse models that are too large, and options that are out of their range.

    Raises
    ------
    ProblemError
        With all that is wrong.
    """
    faults = []
    if problem.items > most_variables:
        # Items of one group are all coupled: known before the model is built, which may not fit memory.
        clique = int(np.bincount(problem.group).max())
        faults.append(
            f"the model has {problem.items} variables, with a clique of at least {clique}; "
            f"at most {most_variables} variables are accepted"
        )
    if reads is not None and reads < 1:
        faults.append(f"reads is {reads}; at least 1 is needed")
    if seed < 0:
        faults.append(f"seed is {seed}; at least 0 is needed")
    if faults:
        raise ProblemError(tuple(faults))


def _bid_prices(problem: PackingProblem, seed: int) -> NDArray[np.float64]:
    """Return bid prices found with plans of our own: a sampler would be asked many times for what it hardly changes."""
    if not len(problem.capacity):
        return np.zeros(0)
    alone = np.random.default_rng(seed).choice(problem.items, min(_STARTS_TO_PRICE, problem.items), replace=False)
    starts = np.zeros((len(alone), problem.items), np.bool_)
    starts[np.arange(len(alone)), alone] = True

    def solve(at_prices: PackingProblem) -> NDArray[np.bool_]:
        plans = starts.copy()
        improve(at_prices, plans)
        # Of equals one within the capacities: it is there that the price does its work.
        order = np.lexsort((~keeps_rules(problem, plans), -values_of(at_prices, plans)))
        best: NDArray[np.bool_] = plans[order[0]]
        return best

    return bid_prices(problem, solve)


def _states_of(
    registered: RegisteredSampler,
    submitted: PackingProblem,
    models: list[tuple[Quadratic, int]],
    seed: int,
    settings: Mapping[str, Any] | None,
) -> NDArray[np.bool_]:
    """Submit each model for so many reads, and return them all as rows of items."""
    groups = [members.tolist() for members in submitted.members()]
    scales = proven_weights(submitted).conflict
    states = []
    for quadratic, reads in models:
        bqm = to_bqm(quadratic)
        samples = sample(registered, bqm, reads=reads, seed=seed, settings=settings, scales=scales, groups=groups)
        states.append(align(samples, range(quadratic.variables)))
    if not sum(map(len, states)):
        raise SolutionError(f"sampler {registered.name} returned no reads; at least one is needed")
    return np.concatenate(states)
