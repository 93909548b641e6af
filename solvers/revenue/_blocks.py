"""
Stretches of customers who can be served one after the other without looking at each other.

A *block* holds customers of some segments over some periods, who see one set of alternatives at a time. The market of a
choice problem falls into blocks that are linked by capacity only: periods with the same things on sale and the same mix
of customers are one, and segments that consider no product together never see each other's sets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from solvers.revenue.problem import ChoiceProblem


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """
    Hold customers who see the same sets.

    Parameters
    ----------
    segments
        Shape ``(l,)``: which ones, with customers in the block.
    arrivals
        Shape ``(l,)``: customers of each over all periods of the block.
    periods
        Which ones.
    alternatives
        Shape ``(a,)``: what can be offered, sorted by product.
    product
        Shape ``(a,)``: product of each, counted from 0 within the block.
    weight
        Shape ``(l, a)``: attraction as a multiple of that of buying nothing.
    """

    segments: NDArray[np.int64]
    arrivals: NDArray[np.float64]
    periods: NDArray[np.int64]
    alternatives: NDArray[np.int64]
    product: NDArray[np.int64]
    weight: NDArray[np.float64]


def offered(problem: ChoiceProblem, allowed: NDArray[np.bool_] | None = None) -> NDArray[np.bool_]:
    """
    Return which alternatives can be offered when, shape ``(T, A)``.

    Parameters
    ----------
    allowed
        Shape ``(T, A)``: what rules leave; None where there are none.
    """
    can = np.ones((problem.periods, problem.alternatives), np.bool_)
    if problem.on_sale.size:
        can &= problem.on_sale[:, problem.product]
    return can if allowed is None else can & allowed


def considered(problem: ChoiceProblem) -> NDArray[np.bool_]:
    """Return which segments with customers look at which products, shape ``(L, P)``."""
    seen = np.zeros((problem.segments, problem.products), np.bool_)
    segment, alternative = np.nonzero(problem.attraction > 0)
    seen[segment, problem.product[alternative]] = True
    seen &= (problem.arrivals.sum(axis=1) > 0)[:, None]
    return seen


def blocks_by_segment(problem: ChoiceProblem, can: NDArray[np.bool_]) -> list[Block]:
    """Let every segment see sets of its own."""
    return [
        block
        for segment in np.flatnonzero(problem.arrivals.sum(axis=1) > 0)
        for block in _by_period(problem, can, np.array([segment]))
    ]


def blocks_by_component(problem: ChoiceProblem, can: NDArray[np.bool_]) -> list[Block]:
    """Let segments that consider a product together see the same sets."""
    groups = linked_segments(considered(problem))
    return [block for segments in groups for block in _by_period(problem, can, segments)]


def linked_segments(seen: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Return segments in groups that share no product, leaving out those that consider none."""
    group = np.arange(len(seen))
    for product in range(seen.shape[1]):
        sharing = np.unique(group[seen[:, product]])
        if len(sharing) > 1:
            group[np.isin(group, sharing)] = sharing[0]
    active = seen.any(axis=1)
    return [np.flatnonzero((group == name) & active) for name in np.unique(group[active])]


def _by_period(problem: ChoiceProblem, can: NDArray[np.bool_], segments: NDArray[np.int64]) -> Iterable[Block]:
    relevant = (problem.attraction[segments] > 0).any(axis=0)
    arrivals = problem.arrivals[segments]
    totals = arrivals.sum(axis=0)
    alike: dict[tuple[bytes, bytes], list[int]] = {}
    for period in np.flatnonzero(totals > 0):
        # Rounded, so that arrivals in proportion are not told apart by the last digit of a division.
        mix = np.round(arrivals[:, period] / totals[period], 13)
        alike.setdefault(((can[period] & relevant).tobytes(), mix.tobytes()), []).append(int(period))
    for periods in alike.values():
        chosen = np.flatnonzero(can[periods[0]] & relevant)
        if len(chosen):
            yield _block(problem, segments, np.array(periods), chosen)


def _block(
    problem: ChoiceProblem, segments: NDArray[np.int64], periods: NDArray[np.int64], chosen: NDArray[np.int64]
) -> Block:
    arrivals = problem.arrivals[np.ix_(segments, periods)].sum(axis=1)
    present = arrivals > 0
    segments, arrivals = segments[present], arrivals[present]
    chosen = chosen[np.argsort(problem.product[chosen], kind="stable")]
    weight = problem.attraction[np.ix_(segments, chosen)] / problem.no_purchase[segments, None]
    product = np.unique(problem.product[chosen], return_inverse=True)[1]
    return Block(segments, arrivals, periods, chosen, product.astype(np.int64), np.ascontiguousarray(weight))
