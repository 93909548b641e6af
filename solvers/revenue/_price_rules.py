"""Postings that keep rules, by an integer program: the nearest to given prices, or the proof that there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from solvers.revenue._linear import Program, solve_integer
from solvers.revenue.problem import CLOSED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.revenue._linear import Outcome
    from solvers.revenue._rows import Rows


def nearest_posting(
    rows: Rows, price: NDArray[np.float64], target: NDArray[np.int64], *, seconds: float | None = None
) -> tuple[NDArray[np.int64] | None, bool]:
    """
    Return the posting that keeps the rules and is nearest to a target in price, closing as little as possible.

    Parameters
    ----------
    target
        Shape ``(F, P)``.

    Returns
    -------
    posting
        None where none was found.
    is_proven
        Whether that is proven: no posting keeps the rules.
    """
    phase, alternative = _places(rows)
    posted = target.copy()
    if not len(phase):
        return posted, False
    product = rows.product[alternative]
    wanted = target[phase, product]
    is_open = wanted != CLOSED
    away = np.abs(price[alternative] - price[np.where(is_open, wanted, 0)])
    top = max(float(price.max()), 1.0)
    # An open place earns more than any move of its price costs; a place closed in the target stays so where it can.
    worth = np.where(is_open, 2.0 - away / top, -1.0)
    outcome = _solve(rows, phase, alternative, worth, seconds)
    if outcome.values is None:
        return None, outcome.status == "infeasible"
    posted[phase, product] = CLOSED
    on = outcome.values > 0.5
    posted[phase[on], product[on]] = alternative[on]
    return posted, False


def can_be_kept(rows: Rows, *, seconds: float | None = None) -> bool | None:
    """Return whether any posting keeps the rules; None where time ran out."""
    phase, alternative = _places(rows)
    if not len(phase):
        return bool(((rows.lower <= 0) & (rows.upper >= 0)).all())
    outcome = _solve(rows, phase, alternative, np.zeros(len(phase)), seconds)
    return None if outcome.status == "unknown" else outcome.values is not None


def _places(rows: Rows) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the phase and alternative of every posting of a product that some row looks at in that phase."""
    is_ruled = ~rows.may_close
    is_ruled[rows.phase, rows.product[rows.alternative]] = True
    narrowed_phase, narrowed = np.nonzero(~rows.may)
    is_ruled[narrowed_phase, rows.product[narrowed]] = True
    phase, alternative = np.nonzero(rows.may & is_ruled[:, rows.product])
    return phase, alternative


def _solve(
    rows: Rows,
    phase: NDArray[np.int64],
    alternative: NDArray[np.int64],
    worth: NDArray[np.float64],
    seconds: float | None,
) -> Outcome:
    program = rule_program(rows, phase, alternative, worth)
    return solve_integer(program, seconds=seconds, gap=1e-3)


def rule_program(
    rows: Rows, phase: NDArray[np.int64], alternative: NDArray[np.int64], worth: NDArray[np.float64]
) -> Program:
    """Lay out one binary per place: the rules, and one alternative per phase and product (or none, if it may close)."""
    from scipy.sparse import coo_matrix

    count = len(phase)
    column = np.full(rows.may.shape, -1)
    column[phase, alternative] = np.arange(count)
    entry = column[rows.phase, rows.alternative]
    which = np.repeat(np.arange(len(rows.lower)), np.diff(rows.start))
    present = entry >= 0
    product = rows.product[alternative]
    place, group = np.unique(phase * rows.may_close.shape[1] + product, return_inverse=True)
    must = ~rows.may_close.ravel()[place]
    matrix = coo_matrix(
        (
            np.concatenate([rows.coefficient[present], np.ones(count)]),
            (
                np.concatenate([which[present], len(rows.lower) + group]),
                np.concatenate([entry[present], np.arange(count)]),
            ),
        ),
        shape=(len(rows.lower) + len(place), count),
    )
    return Program(
        worth,
        matrix.tocsr(),
        np.concatenate([rows.lower, must.astype(np.float64)]),
        np.concatenate([rows.upper, np.ones(len(place))]),
        np.zeros(count),
        np.ones(count),
        np.ones(count, np.bool_),
    )
