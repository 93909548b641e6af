"""The most valuable set of a block at given prices of capacity, with a proof of how valuable any set can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solvers.revenue._linear import solve_integer
from solvers.revenue._logit import best_for_one, improve_for_many
from solvers.revenue._set_program import set_program

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.revenue._blocks import Block


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """
    Hold a set of a block.

    Parameters
    ----------
    chosen
        Positions within the block's alternatives, in order.
    value
        What the customers of the block are worth if they see it all the time.
    at_most
        What no set exceeds.
    """

    chosen: NDArray[np.int64]
    value: float
    at_most: float


def quick_offer(block: Block, worth: NDArray[np.float64]) -> Offer:
    """
    Return a good set: the best one for a single segment, else the best of several ascents.

    What no set exceeds is then the sum of what each segment would bring with a set of its own.
    """
    count = len(block.alternatives)
    chosen = np.zeros(count, np.bool_)
    starts, alone = [], 0.0
    for segment, customers in enumerate(block.arrivals):
        alone += customers * best_for_one(block.weight[segment], worth, block.product, chosen)
        starts.append(chosen.copy())
    if len(block.segments) == 1:
        return Offer(np.flatnonzero(chosen), alone, alone)
    best, value = np.zeros(count, np.bool_), 0.0
    for start in [*starts, np.zeros(count, np.bool_)]:
        reached = improve_for_many(block.weight, block.arrivals, worth, block.product, start)
        if reached > value:
            best, value = start, reached
    return Offer(np.flatnonzero(best), value, alone)


def thorough_offer(block: Block, worth: NDArray[np.float64], start: Offer) -> Offer:
    """Return the best set that changes of two products at a time lead to, from a good set of several segments."""
    if len(block.segments) == 1:
        return start
    chosen, value = start.chosen, start.value
    while True:
        reached = np.zeros(len(block.alternatives), np.bool_)
        reached[_change_two(block, worth, chosen)] = True
        better = improve_for_many(block.weight, block.arrivals, worth, block.product, reached)
        if better <= value * (1 + 1e-12):
            return Offer(chosen, value, start.at_most)
        chosen, value = np.flatnonzero(reached), better


def _change_two(block: Block, worth: NDArray[np.float64], chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the best set that differs in two products: each shown at another price, opened or closed."""
    count, segments = len(block.alternatives), len(block.segments)
    shown = np.full(int(block.product.max()) + 1, -1)
    shown[block.product[chosen]] = chosen
    now = shown[block.product]
    # By how much each change moves the mass of a segment, and what its customers are worth in sum.
    mass = np.where(now == np.arange(count), 0.0, block.weight) - np.where(now >= 0, block.weight[:, now], 0.0)
    gain = np.where(now == np.arange(count), 0.0, block.weight * worth)
    gain -= np.where(now >= 0, block.weight[:, now] * worth[now], 0.0)
    same = np.equal.outer(block.product, block.product)
    value = np.where(same, -np.inf, 0.0)
    for segment in range(segments):
        weight = block.weight[segment, chosen]
        top = weight @ worth[chosen] + np.add.outer(gain[segment], gain[segment])
        # Never below 1, but for digits that heavy weights swallow.
        bottom = np.maximum(1.0, 1 + weight.sum() + np.add.outer(mass[segment], mass[segment]))
        value += block.arrivals[segment] * top / np.where(same, 1.0, bottom)
    changed = np.array(np.unravel_index(int(value.argmax()), value.shape))
    if not np.isfinite(value[tuple(changed)]):  # a single product
        return chosen
    kept = chosen[~np.isin(block.product[chosen], block.product[changed])]
    return np.sort(np.append(kept, changed[now[changed] != changed]))


def exact_offer(
    block: Block,
    worth: NDArray[np.float64],
    start: Offer,
    *,
    slack: float = 0.0,
    seconds: float | None = None,
    work: float | None = None,
) -> Offer:
    """
    Return the best set, by an integer program, with what no set exceeds wherever a limit stops it.

    Parameters
    ----------
    start
        A good set.
    slack
        Yen by which the limit may be above the value.
    seconds, work
        Limits, the latter on nodes times variables; None for none.
    """
    if len(block.segments) == 1 or start.at_most <= start.value * (1 + 1e-12) + slack or start.value <= 0:
        return start
    tight = set_program(block, worth, start.chosen, start.value)
    at_most = min(start.at_most, tight.at_most * start.value)
    if at_most <= start.value * (1 + 1e-9) + slack:
        return Offer(start.chosen, start.value, at_most)
    nodes = -1 if work is None else max(1, int(work / len(tight.program.objective)))
    outcome = solve_integer(tight.program, seconds=seconds, nodes=nodes, gap=max(1e-9, slack / start.value))
    if outcome.values is None:
        return Offer(start.chosen, start.value, at_most)
    chosen = np.zeros(len(block.alternatives), np.bool_)
    chosen[tight.kept[outcome.values[: len(tight.kept)] > 0.5]] = True
    value = improve_for_many(block.weight, block.arrivals, worth, block.product, chosen)
    best, value = (np.flatnonzero(chosen), value) if value > start.value else (start.chosen, start.value)
    return Offer(best, value, max(value, min(at_most, outcome.bound * start.value)))
