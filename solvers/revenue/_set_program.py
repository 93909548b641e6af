"""
The best set of a block as an integer program, drawn tight around the sets that could still be better.

``y`` says what is shown, ``u = 1 / (1 + sum of weights shown)`` per segment and ``z = u * y``. How close the relaxation
comes depends on how little is known of ``u`` beforehand: its range is narrowed to that of sets worth more than the best
one known, by the relaxation itself.

References
----------
McCormick (1976), https://doi.org/10.1007/BF01580665; Gleixner, Berthold, Müller & Weltge (2017),
https://doi.org/10.1007/s10898-016-0450-4
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.revenue._linear import Program, solve_linear

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.revenue._blocks import Block

_ROUNDS: Final = 6
"""Rounds of narrowing at most; each solves two linear programs per segment."""

_WORTHWHILE: Final = 0.8
"""Share of the gap that a round must leave at most for another one to be tried."""

_ROUNDING: Final = 1e-7
"""How far linear solvers may be off, as a share of the value of the set known."""


@dataclass(frozen=True, slots=True, eq=False)
class SetProgram:
    """
    Hold the program of a block, its objective in shares of the value of the best set known.

    Parameters
    ----------
    kept
        Shape ``(k,)``: positions within the block's alternatives that can be shown; columns ``0 .. k - 1`` are theirs.
    at_most
        What no set exceeds, by the relaxation.
    """

    program: Program
    kept: NDArray[np.int64]
    at_most: float


def set_program(block: Block, worth: NDArray[np.float64], chosen: NDArray[np.int64], value: float) -> SetProgram:
    """
    Return the program of all sets that could be worth more than a known one.

    Parameters
    ----------
    worth
        Shape ``(a,)``: what a sale brings; alternatives that bring nothing are left out, without them every customer is
        worth more.
    chosen, value
        The set known, as positions within the block's alternatives, and what it is worth; above 0.
    """
    kept = np.union1d(np.flatnonzero(worth > 0), chosen)
    low, high = 1 / (1 + _heaviest(block, kept).sum(axis=1)), np.ones(len(block.segments))
    program = _lay_out(block, kept, worth / value, low, high, chosen)
    gap = np.inf
    for _ in range(_ROUNDS):
        relaxed = replace(program, is_integer=None, hint=None)
        outcome = solve_linear(relaxed, "glop")
        if outcome.values is None:  # pragma: no cover - the set known is a point of it
            break
        before, gap = gap, outcome.objective - 1
        if gap <= _ROUNDING or gap > _WORTHWHILE * before:
            break
        # Whatever costs more than the gap once it is shown is in no better set.
        cost = (program.objective - outcome.duals @ program.matrix)[: len(kept)]
        shown = outcome.values[: len(kept)] > _ROUNDING
        stays = (cost >= -gap - _ROUNDING) | shown | np.isin(kept, chosen)
        low, high = _narrowed(relaxed, len(kept), low, high)
        kept = kept[stays]
        program = _lay_out(block, kept, worth / value, low, high, chosen)
    return SetProgram(program, kept, 1 + max(gap, 0.0))


def _narrowed(
    relaxed: Program, first: int, low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the range of ``u``, in columns from ``first`` on, over the points worth as much as the set known."""
    from scipy.sparse import csr_matrix, vstack

    better = replace(
        relaxed,
        matrix=vstack([relaxed.matrix, csr_matrix(relaxed.objective)], format="csr"),
        lower=np.append(relaxed.lower, 1 - _ROUNDING),
        upper=np.append(relaxed.upper, np.inf),
    )
    low, high = low.copy(), high.copy()
    for segment in range(len(low)):
        for sign, side in ((1.0, high), (-1.0, low)):
            objective = np.zeros(len(relaxed.objective))
            objective[first + segment] = sign
            outcome = solve_linear(replace(better, objective=objective), "glop")
            if outcome.status == "optimal":
                # ``sign * u`` is at most the value found, whichever side that is.
                side[segment] = sign * min(sign * side[segment], outcome.objective + _ROUNDING)
    return low, high


def _heaviest(block: Block, kept: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the weight of the heaviest price that is kept of each product, shape ``(l, products)``."""
    heaviest = np.zeros((len(block.segments), int(block.product.max()) + 1))
    np.maximum.at(heaviest.T, block.product[kept], block.weight[:, kept].T)
    return heaviest


def _lay_out(
    block: Block,
    kept: NDArray[np.int64],
    worth: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    chosen: NDArray[np.int64],
) -> Program:
    """Lay out y (kept), u (segments, within ``low`` and ``high``), z (pairs of both); ``chosen`` is the hint."""
    from scipy.sparse import csr_matrix

    shown, segments = len(kept), len(block.segments)
    segment, which = np.nonzero(block.weight[:, kept] > 0)
    product, amount = block.product[kept], block.weight[segment, kept[which]]
    pairs, products = len(segment), int(block.product.max()) + 1
    y, u, z = which, shown + segment, shown + segments + np.arange(pairs)
    rest = _heaviest(block, kept)
    rest = rest.sum(axis=1, keepdims=True) - rest
    # Of a shown alternative, u is at most as if it stood alone, and at least as if all others were at their heaviest.
    most = np.minimum(high[segment], 1 / (1 + amount))
    least = np.minimum(most, np.maximum(low[segment], 1 / (1 + amount + rest[segment, product[which]])))
    # All prices of a product to a segment: where none is shown, u lies within a range of its own.
    cell, of_cell = np.unique(segment * products + product[which], return_inverse=True)
    closed_low = np.maximum(low[cell // products], 1 / (1 + rest[cell // products, cell % products]))
    closed_high = np.maximum(high[cell // products], closed_low)
    u_of_cell = shown + cell // products
    rows: list[NDArray[np.int64]] = []
    columns: list[NDArray[np.int64]] = []
    numbers: list[NDArray[np.float64]] = []

    def put(row: NDArray[np.int64], column: NDArray[np.int64], number: NDArray[np.float64] | float) -> None:
        rows.append(row)
        columns.append(column)
        numbers.append(np.broadcast_to(np.asarray(number, np.float64), row.shape))

    each, pair, group, at = np.arange(segments), np.arange(pairs), np.arange(len(cell)), 0
    put(at + each, shown + each, 1.0)  # u + sum of weight z = 1
    put(at + segment, z, amount)
    at += segments
    put(at + product, np.arange(shown), 1.0)  # at most one price per product
    at += products
    put(at + pair, z, 1.0)  # z <= most y
    put(at + pair, y, -most)
    at += pairs
    put(at + pair, z, -1.0)  # z >= least y
    put(at + pair, y, least)
    at += pairs
    put(at + group, u_of_cell, 1.0)  # u - sum of z <= closed_high (1 - sum of y)
    put(at + of_cell, z, -1.0)
    put(at + of_cell, y, closed_high[of_cell])
    at += len(cell)
    put(at + group, u_of_cell, -1.0)  # u - sum of z >= closed_low (1 - sum of y)
    put(at + of_cell, z, 1.0)
    put(at + of_cell, y, -closed_low[of_cell])
    upper = np.concatenate([np.ones(segments + products), np.zeros(2 * pairs), closed_high, -closed_low])
    lower = np.full(len(upper), -np.inf)
    lower[:segments] = 1.0
    size = shown + segments + pairs
    matrix = csr_matrix(
        (np.concatenate(numbers), (np.concatenate(rows), np.concatenate(columns))), shape=(len(upper), size)
    )
    objective, hint = np.zeros(size), np.zeros(size)
    objective[z] = block.arrivals[segment] * amount * worth[kept][which]
    hint[:shown] = np.isin(kept, chosen)
    hint[shown : shown + segments] = 1 / (1 + block.weight[:, chosen].sum(axis=1))
    hint[z] = hint[u] * hint[y]
    bottom, top = np.zeros(size), np.ones(size)
    bottom[shown : shown + segments], top[shown : shown + segments] = low, high
    whole = np.zeros(size, np.bool_)
    whole[:shown] = True
    return Program(objective, matrix, lower, upper, bottom, top, whole, hint)
