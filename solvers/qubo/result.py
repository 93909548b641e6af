"""What sampling and decoding hand back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Source = Literal["sampler", "repair", "fallback"]
"""``sampler``: the best read kept every rule as it came, and nothing was changed in it. ``repair``: it was changed
after sampling. ``fallback``: nothing the sampler returned was as good as the plan known before."""


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """
    Hold the reads of a sampler after decoding, one row a read, in the order they came.

    Parameters
    ----------
    chosen
        Shape ``(S, n)``, bool: after repair; keeps every rule.
    value
        Shape ``(S,)``, int64: objective of ``chosen``.
    raw_feasible
        Shape ``(S,)``, bool: whether the read, as it came, kept groups, conflicts and capacities of the problem.
    energy_raw, energy_final
        Shape ``(S,)``, float64: H with the proven penalties, of the read as it came and after repair; of the problem,
        or of the model handed to `decode`.
    flips_removed, flips_added
        Shape ``(S,)``, int64: items that repair took out and put in.
    """

    chosen: NDArray[np.bool_]
    value: NDArray[np.int64]
    raw_feasible: NDArray[np.bool_]
    energy_raw: NDArray[np.float64]
    energy_final: NDArray[np.float64]
    flips_removed: NDArray[np.int64]
    flips_added: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SamplingReport:
    """
    Tell what a sampler did, what repair did, and what repair alone would have done.

    Parameters
    ----------
    sampler
        Its name in the registry, or the class of one handed in.
    source
        Where the answer comes from.
    reads
        Reads returned.
    raw_feasible_rate
        Share of reads that kept every rule as they came, 0 to 1; also those that the packing problem cannot state,
        where somebody told them (`solve_by_sampling`).
    repaired
        Whether anything was changed in the read that became the answer.
    flips_removed, flips_added
        Items that decoding took out of that read, and put in; 0 for a fallback.
    energy_raw, energy_final
        H of that read with the proven penalties, before and after repair; for a fallback, of the plan known. Where
        there are capacities, this is H of the problem at bid prices.
    value
        Objective of the answer.
    raw_value
        Best objective among reads that kept every rule as they came; None where none did.
    random_value
        Best objective of as many random starts after the same repair: what the sampler has to beat.
    known_value
        Best objective known before sampling (a plan already in hand); None where there was none.
    optimum
        Proven optimum of the packing problem; None where it was not asked for or not reached.
    variables, interactions
        Size of the model submitted: variables, and pairs of them with a coupling.
    largest_clique
        Items of the largest set found in which every two are coupled: no less is needed on hardware.
    seed
        Of the sampler and the random starts.
    is_reproducible
        Whether the same seed gives the same reads.
    seconds
        Time spent sampling.
    """

    sampler: str
    source: Source
    reads: int
    raw_feasible_rate: float
    repaired: bool
    flips_removed: int
    flips_added: int
    energy_raw: float
    energy_final: float
    value: int
    raw_value: int | None
    random_value: int
    known_value: int | None
    optimum: int | None
    variables: int
    interactions: int
    largest_clique: int
    seed: int
    is_reproducible: bool
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class PackingResult:
    """
    Hold the answer to a packing problem.

    Parameters
    ----------
    chosen
        Shape ``(n,)``, bool.
    value
        Its objective.
    bound
        Proven upper limit of the objective; None where none is known.
    status
        ``optimal`` where the bound is reached, else ``feasible``.
    report
        What the sampler did; None of a classical solver.
    seconds
        Time taken, all told.
    """

    chosen: NDArray[np.bool_]
    value: int
    bound: int | None
    status: Literal["optimal", "feasible"]
    report: SamplingReport | None
    seconds: float
