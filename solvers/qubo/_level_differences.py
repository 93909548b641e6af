"""
How revenue changes with one price, and with two: first and second differences, in closed form.

Customers of the multinomial logit bring ``N / D`` each, with ``D = 1 + sum of weights shown`` and ``N = sum of weight *
worth``; another price of a product adds to both. What a phase brings is the sum of this over its segments and stretches
with the same on sale, and phases do not know of each other: the worth of capacity is taken off before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from solvers.revenue.problem import ChoiceProblem


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """
    Hold prices other than the base's, sorted by phase, product and alternative.

    Parameters
    ----------
    phase, product, alternative
        Shape ``(n,)``, int64; the alternative may be `CLOSED`.
    base
        Shape ``(F, P)``, int64: the prices that everything is measured from.
    """

    phase: NDArray[np.int64]
    product: NDArray[np.int64]
    alternative: NDArray[np.int64]
    base: NDArray[np.int64]

    def of_phase(self, phase: int) -> slice:
        """Return where the levels of a phase stand."""
        start, end = np.searchsorted(self.phase, (phase, phase + 1))
        return slice(int(start), int(end))


@dataclass(frozen=True, slots=True, eq=False)
class Differences:
    """
    Hold what levels change.

    Parameters
    ----------
    base
        What the base brings.
    single
        Shape ``(n,)``: what each level brings more, the rest as in the base.
    pairs
        One array per phase, shape ``(n_f, n_f)``: what two levels bring more together than the sum of both.
    """

    base: float
    single: NDArray[np.float64]
    pairs: tuple[NDArray[np.float64], ...]


def level_differences(
    problem: ChoiceProblem, worth: NDArray[np.float64], levels: Levels, phase_of: NDArray[np.int64]
) -> Differences:
    """
    Return what each level and each two of them change.

    Parameters
    ----------
    worth
        Shape ``(A,)``: what one sale of each alternative is worth, net of the capacity it takes.
    phase_of
        Shape ``(T,)``, int64.
    """
    # One more alternative without weight: `CLOSED`, -1, points to it.
    weight = np.pad(problem.attraction / problem.no_purchase[:, None], ((0, 0), (0, 1)))
    worth = np.append(worth, 0.0)
    base, single, pairs = 0.0, np.zeros(len(levels.phase)), []
    for phase in range(len(levels.base)):
        own = levels.of_phase(phase)
        product, alternative, shown = levels.product[own], levels.alternative[own], levels.base[phase]
        pair = np.zeros((len(product), len(product)))
        for is_open, customers in _stretches(problem, phase_of == phase):
            there = np.flatnonzero(is_open[product])
            for segment in np.flatnonzero(customers > 0):
                before = np.where(is_open, weight[segment, shown], 0.0)
                mass, earned = 1.0 + before.sum(), before @ worth[shown]
                after = weight[segment, alternative[there]]
                here = there[(after > 0) | (before[product[there]] > 0)]
                after, old = weight[segment, alternative[here]], before[product[here]]
                more_mass = after - old
                more = after * worth[alternative[here]] - old * worth[shown[product[here]]]
                now, alone = earned / mass, (earned + more) / (mass + more_mass)
                base += customers[segment] * now
                single[own.start + here] += customers[segment] * (alone - now)
                # In place: with two thousand levels every array of pairs takes 32 MB.
                both = np.add.outer(more, more + earned)
                both /= np.add.outer(more_mass, more_mass + mass)
                both -= np.add.outer(alone, alone - now)
                both *= customers[segment]
                if len(here) == len(pair):
                    pair += both
                else:
                    pair[np.ix_(here, here)] += both
        pairs.append(pair)
    return Differences(base, single, tuple(pairs))


def _stretches(
    problem: ChoiceProblem, periods: NDArray[np.bool_]
) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.float64]]]:
    """Yield what is on sale, ``(P,)``, and the customers who find it so by segment, ``(L,)``, set by set."""
    if not problem.on_sale.size:
        yield np.ones(problem.products, np.bool_), problem.arrivals[:, periods].sum(axis=1)
        return
    kinds, which = np.unique(problem.on_sale[periods], axis=0, return_inverse=True)
    for kind, is_open in enumerate(kinds):
        yield is_open, problem.arrivals[:, np.flatnonzero(periods)[which.ravel() == kind]].sum(axis=1)
