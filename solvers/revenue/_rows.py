# mypy: disallow-untyped-decorators=False
# mypy: disable-error-code="assignment,no-any-return,return-value,arg-type"
# numba gives every variable its own type; mypy's numpy integers are not its ints.
"""Rules as rows over posted alternatives: laid out for the compiled loops, and narrowed to what they leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from solvers.compiling import compiled, plain
from solvers.revenue._fluid import starts_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.revenue.problem import ChoiceProblem, PriceRules

SLACK = 1e-7
"""How far, as a share of 1 and of its side, a row may be missed by rounding."""


class Rows(NamedTuple):
    """
    Hold rules, once by row and once by what is posted.

    Parameters
    ----------
    start, phase, alternative, coefficient
        Entries by row, within a row by phase and product.
    product
        Shape ``(A,)``.
    post_start, post_row, post_coefficient
        Entries by ``phase * A + alternative``.
    lower, upper
        Shape ``(M,)``, widened by `SLACK`.
    may
        Shape ``(F, A)``, bool: what can be posted at all.
    may_close
        Shape ``(F, P)``, bool.
    """

    start: NDArray[np.int64]
    phase: NDArray[np.int64]
    alternative: NDArray[np.int64]
    coefficient: NDArray[np.float64]
    product: NDArray[np.int64]
    post_start: NDArray[np.int64]
    post_row: NDArray[np.int64]
    post_coefficient: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    may: NDArray[np.bool_]
    may_close: NDArray[np.bool_]


def lay_out_rows(problem: ChoiceProblem, rules: PriceRules, phases: int) -> Rows:
    """Lay out rules, and rule out what no posting that keeps them can hold."""
    alternatives = problem.alternatives
    key = (rules.row * phases + rules.phase) * alternatives + rules.alternative
    # The same place named twice is one coefficient.
    places, inverse = np.unique(key, return_inverse=True)
    coefficient = np.bincount(inverse, weights=rules.coefficient, minlength=len(places)).astype(np.float64)
    alternative = places % alternatives
    phase = places // alternatives % phases
    row = places // alternatives // phases
    order = np.lexsort((alternative, problem.product[alternative], phase, row))
    row, phase, alternative, coefficient = row[order], phase[order], alternative[order], coefficient[order]
    post = phase * alternatives + alternative
    by_post = np.argsort(post, kind="stable")
    rows = Rows(
        start=starts_of(row, len(rules)),
        phase=phase,
        alternative=alternative,
        coefficient=coefficient,
        product=plain(problem.product, np.int64),
        post_start=starts_of(post, phases * alternatives),
        post_row=row[by_post],
        post_coefficient=coefficient[by_post],
        lower=rules.lower - SLACK * (1 + np.abs(np.where(np.isfinite(rules.lower), rules.lower, 0.0))),
        upper=rules.upper + SLACK * (1 + np.abs(np.where(np.isfinite(rules.upper), rules.upper, 0.0))),
        may=np.ones((phases, alternatives), np.bool_),
        may_close=np.ones((phases, problem.products), np.bool_),
    )
    if len(rules):
        ladder = np.argsort(problem.product, kind="stable")
        _narrow(rows, starts_of(problem.product, problem.products), ladder, np.zeros(alternatives, np.bool_))
    return rows


def activity(rows: Rows, posted: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the sum of each row."""
    is_posted = posted[rows.phase, rows.product[rows.alternative]] == rows.alternative
    which = np.repeat(np.arange(len(rows.lower)), np.diff(rows.start))
    return np.bincount(which, weights=rows.coefficient * is_posted, minlength=len(rows.lower)).astype(np.float64)


def keeps(rows: Rows, posted: NDArray[np.int64]) -> bool:
    """Return whether a posting keeps all rules."""
    sums = activity(rows, posted)
    phase, product = np.nonzero(posted >= 0)
    return bool(((sums >= rows.lower) & (sums <= rows.upper)).all() and rows.may[phase, posted[phase, product]].all())


@compiled
def _narrow(rows: Rows, ladder_start: NDArray[np.int64], ladder: NDArray[np.int64], in_row: NDArray[np.bool_]) -> None:
    """Rule out, row by row and until nothing changes, what the others of the row cannot make up for."""
    changed = True
    while changed:
        changed = False
        for row in range(len(rows.lower)):
            if _narrow_row(rows, ladder_start, ladder, in_row, row):
                changed = True


@compiled
def _range(
    rows: Rows, ladder_start: NDArray[np.int64], ladder: NDArray[np.int64], in_row: NDArray[np.bool_], row: int, at: int
) -> tuple[int, float, float]:
    """Return where the entries of one phase and product end, and the least and most they can add."""
    phase, product = rows.phase[at], rows.product[rows.alternative[at]]
    end = at
    low, high = np.inf, -np.inf
    while end < rows.start[row + 1] and rows.phase[end] == phase and rows.product[rows.alternative[end]] == product:
        in_row[rows.alternative[end]] = True
        if rows.may[phase, rows.alternative[end]]:
            low, high = min(low, rows.coefficient[end]), max(high, rows.coefficient[end])
        end += 1
    can_be_none = rows.may_close[phase, product]
    for position in range(ladder_start[product], ladder_start[product + 1]):
        other = ladder[position]
        if rows.may[phase, other] and not in_row[other]:
            can_be_none = True
    for place in range(at, end):
        in_row[rows.alternative[place]] = False
    if can_be_none:
        low, high = min(low, 0.0), max(high, 0.0)
    return end, low, high


@compiled
def _narrow_row(
    rows: Rows, ladder_start: NDArray[np.int64], ladder: NDArray[np.int64], in_row: NDArray[np.bool_], row: int
) -> bool:
    """Rule out what one row excludes; return whether anything was."""
    least, most = 0.0, 0.0
    at = rows.start[row]
    while at < rows.start[row + 1]:
        at, low, high = _range(rows, ladder_start, ladder, in_row, row, at)
        if low > high:  # nothing is left to post there, nor closing: no posting keeps the rules
            return False
        least += low
        most += high
    changed = False
    at = rows.start[row]
    while at < rows.start[row + 1]:
        end, low, high = _range(rows, ladder_start, ladder, in_row, row, at)
        phase, product = rows.phase[at], rows.product[rows.alternative[at]]
        for place in range(at, end):
            add, alternative = rows.coefficient[place], rows.alternative[place]
            in_row[alternative] = True
            misses = least - low + add > rows.upper[row] or most - high + add < rows.lower[row]
            if rows.may[phase, alternative] and misses:
                rows.may[phase, alternative] = False
                changed = True
        if least - low > rows.upper[row] or most - high < rows.lower[row]:
            if rows.may_close[phase, product]:
                rows.may_close[phase, product] = False
                changed = True
            for position in range(ladder_start[product], ladder_start[product + 1]):
                other = ladder[position]
                if rows.may[phase, other] and not in_row[other]:
                    rows.may[phase, other] = False
                    changed = True
        for place in range(at, end):
            in_row[rows.alternative[place]] = False
        at = end
    return changed
