"""Upper counts that labels keep exactly: several small counters packed into one word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from solvers.orienteering.bounding._days import DayKind
    from solvers.orienteering.problem import TripProblem

_BITS: Final = 63


@dataclass(frozen=True, slots=True)
class Counters:
    """
    Hold the counters of one kind of day.

    Each takes the bits of its limit + 1 and a guard bit above them, so that all are compared by one subtraction.

    Parameters
    ----------
    rules
        Rows of ``counts`` that are counted.
    step
        Shape ``(K,)``, uint64: what an option adds.
    limit, guard
        Limits, and guard bits.
    """

    rules: tuple[int, ...]
    step: NDArray[np.uint64]
    limit: np.uint64
    guard: np.uint64


def counters_of(problem: TripProblem, kind: DayKind, rules: Sequence[int]) -> Counters:
    """
    Return counters for as many of the rules, from the first, as fit into a word.

    No day may take more of a rule's options than its upper count, whether the rule is for a day or for the trip.

    Parameters
    ----------
    problem, kind
        The problem and the kind of day.
    rules
        Rows of ``counts``; those that cannot be broken on such a day are left out.
    """
    step = np.zeros(kind.options.size, np.uint64)
    limit = guard = shift = 0
    counted = []
    for rule in rules:
        upper = int(problem.counts.upper[rule])
        members = np.isin(kind.options, problem.counts.options[rule])
        width = (upper + 1).bit_length() + 1
        if upper >= members.sum() or shift + width > _BITS:
            continue
        step[members] += np.uint64(1 << shift)
        limit |= upper << shift
        guard |= 1 << (shift + width - 1)
        shift += width
        counted.append(rule)
    return Counters(tuple(counted), step, np.uint64(limit), np.uint64(guard))


def is_counted_out(problem: TripProblem, kind: DayKind, counters: Counters, visits: Sequence[int]) -> bool:
    """Say whether a route takes more than a counter allows."""
    return any(rule in counters.rules for rule in broken_counts(problem, kind, visits))


def broken_counts(problem: TripProblem, kind: DayKind, visits: Sequence[int]) -> list[int]:
    """Return the rules of which a route, alone, takes more than the upper count."""
    options = kind.options[list(visits)]
    return [
        rule
        for rule in range(len(problem.counts.options))
        if np.isin(options, problem.counts.options[rule]).sum() > problem.counts.upper[rule]
    ]
