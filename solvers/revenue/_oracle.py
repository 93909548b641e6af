"""The most valuable set of a block at given prices of capacity, with a proof of how valuable any set can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solvers.revenue._linear import Program, solve_integer
from solvers.revenue._logit import best_for_one, improve_for_many

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


def exact_offer(block: Block, worth: NDArray[np.float64], *, seconds: float | None = None) -> Offer:
    """
    Return the best set, by an integer program with ``u = 1 / (1 + sum of weights shown)`` and ``z = u * shown``.

    Alternatives that are worth nothing are left out: without them every customer is worth more.
    """
    start = quick_offer(block, worth)
    kept = np.flatnonzero(worth > 0)
    if start.at_most <= start.value * (1 + 1e-12) or not len(kept):
        return Offer(start.chosen, start.value, start.value)
    scale = max(start.at_most, 1e-9)
    program = _program(block, kept, worth / scale)
    outcome = solve_integer(program, seconds=seconds)
    if outcome.values is None:
        return start
    at_most = min(start.at_most, outcome.bound * scale)
    chosen = np.zeros(len(block.alternatives), np.bool_)
    chosen[kept[outcome.values[: len(kept)] > 0.5]] = True
    value = improve_for_many(block.weight, block.arrivals, worth, block.product, chosen)
    if value < start.value:
        return Offer(start.chosen, start.value, max(at_most, start.value))
    return Offer(np.flatnonzero(chosen), value, max(at_most, value))


def _program(block: Block, kept: NDArray[np.int64], worth: NDArray[np.float64]) -> Program:
    """Lay out y (kept), u (segments), z (segments times kept)."""
    from scipy.sparse import csr_matrix

    shown, segments = len(kept), len(block.segments)
    weight, product = block.weight[:, kept], np.unique(block.product[kept], return_inverse=True)[1]
    products = int(product.max()) + 1
    seen_segment, seen = np.nonzero(weight > 0)
    pairs = len(seen)
    y, u, z = seen, shown + seen_segment, shown + segments + np.arange(pairs)
    amount = weight[seen_segment, seen]
    rows: list[NDArray[np.int64]] = []
    columns: list[NDArray[np.int64]] = []
    numbers: list[NDArray[np.float64]] = []

    def put(row: NDArray[np.int64], column: NDArray[np.int64], number: NDArray[np.float64] | float) -> None:
        rows.append(row)
        columns.append(column)
        numbers.append(np.broadcast_to(np.asarray(number, np.float64), row.shape))

    each, one, at = np.arange(segments), np.ones(pairs), 0
    put(at + each, shown + each, 1.0)  # u + sum of weight z = 1
    put(at + seen_segment, z, amount)
    at += segments
    put(at + product, np.arange(shown), 1.0)  # at most one price per product
    at += products
    put(at + np.arange(pairs), z, one)  # z <= y / (1 + weight)
    put(at + np.arange(pairs), y, -1 / (1 + amount))
    at += pairs
    put(at + np.arange(pairs), u, 1.0)  # z >= u - (1 - y)
    put(at + np.arange(pairs), z, -1.0)
    put(at + np.arange(pairs), y, 1.0)
    at += pairs
    cell = np.unique(seen_segment * products + product[seen], return_inverse=True)[1]
    put(at + cell, z, 1.0)  # the prices of a product together: sum of z <= u
    first = np.unique(cell, return_index=True)[1]
    put(at + np.arange(len(first)), u[first], -1.0)
    upper = np.concatenate([np.ones(segments + products), np.zeros(pairs), np.ones(pairs), np.zeros(len(first))])
    lower = np.full(len(upper), -np.inf)
    lower[:segments] = 1.0
    size = shown + segments + pairs
    matrix = csr_matrix(
        (np.concatenate(numbers), (np.concatenate(rows), np.concatenate(columns))), shape=(len(upper), size)
    )
    objective = np.zeros(size)
    objective[z] = block.arrivals[seen_segment] * amount * worth[kept][seen]
    whole = np.zeros(size, np.bool_)
    whole[:shown] = True
    return Program(objective, matrix, lower, upper, np.zeros(size), np.ones(size), whole)
