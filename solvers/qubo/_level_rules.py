"""
What rules ask of price levels: which two go together, and which a packing problem cannot tell.

A rule is a row ``lower <= sum of coefficients of what is posted <= upper``. Around base prices that keep it, each level
moves the sum by a fixed amount: rows over the levels of one product forbid levels, rows over two products forbid pairs,
and rows over more are left to whoever looks at the prices afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from solvers.revenue._rows import activity
from solvers.revenue.problem import CLOSED, PriceRules

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.qubo._level_differences import Levels
    from solvers.revenue._rows import Rows
    from solvers.revenue.problem import ChoiceProblem

Groups = tuple[int, int]
"""Two groups, the smaller first."""


@dataclass(frozen=True, slots=True, eq=False)
class LevelRules:
    """
    Hold rules as a packing problem can keep them.

    Parameters
    ----------
    allowed
        Shape ``(n,)``, bool: levels that go with some choice of the others.
    together
        Of two groups, which choices go together, shape ``(1 + levels of the first, 1 + levels of the second)``; row and
        column 0 stand for the base. Groups that are not named go together always.
    left_out
        Rows over more than two groups that some choice would break.
    """

    allowed: NDArray[np.bool_]
    together: dict[Groups, NDArray[np.bool_]]
    left_out: int


def on_sale_of(problem: ChoiceProblem) -> NDArray[np.bool_]:
    """Return when each product can be sold, ``(T, P)``, also where the problem leaves it out for always."""
    return problem.on_sale if problem.on_sale.size else np.ones((problem.periods, problem.products), np.bool_)


def rules_by_phase(problem: ChoiceProblem, rules: PriceRules, phase_of: NDArray[np.int64]) -> PriceRules:
    """Return rules over periods as rules over phases: what is not on sale in a period is closed then."""
    is_sold = on_sale_of(problem)[rules.phase, problem.product[rules.alternative]]
    return PriceRules(
        row=rules.row[is_sold],
        phase=phase_of[rules.phase[is_sold]],
        alternative=rules.alternative[is_sold],
        coefficient=rules.coefficient[is_sold],
        lower=rules.lower,
        upper=rules.upper,
    )


def phases_by_rules(problem: ChoiceProblem, rows: Rows) -> NDArray[np.int64]:
    """
    Return the phase of each period, ``(T,)``: a new one begins where rules leave a product other prices than before.

    Parameters
    ----------
    rows
        Rules over periods.
    """
    on_sale = on_sale_of(problem)
    phase_of = np.zeros(problem.periods, np.int64)
    may, is_known = rows.may[0], on_sale[0]
    for period in range(1, problem.periods):
        here = on_sale[period]
        is_new = bool(((rows.may[period] != may) & (here & is_known)[problem.product]).any())
        phase_of[period] = phase_of[period - 1] + is_new
        is_known = here if is_new else here | is_known
        may = np.where(here[problem.product] | is_new, rows.may[period], may)
    return phase_of


def level_rules(rows: Rows, levels: Levels, group: NDArray[np.int64]) -> LevelRules:
    """
    Return what rules ask of levels.

    Parameters
    ----------
    rows
        Rules over phases; the base keeps them.
    group
        Shape ``(n,)``, int64, never decreasing: one group per phase and product.
    """
    moves = _moves(rows, levels)
    low, high = (side - activity(rows, levels.base) for side in (rows.lower, rows.upper))
    starts = np.searchsorted(group, np.arange(int(group.max(initial=-1)) + 2))
    allowed = np.ones(len(group), np.bool_)
    together: dict[Groups, NDArray[np.bool_]] = {}
    left_out = 0
    for row in range(len(rows.lower)):
        entry = slice(moves.indptr[row], moves.indptr[row + 1])
        sides = _sides(moves.indices[entry], moves.data[entry], group, starts)
        least, most = (sum(pick(side) for side in sides.values()) for pick in (np.min, np.max))
        if least >= low[row] and most <= high[row]:
            continue
        match list(sides.items()):
            case [(own, side)]:
                allowed[starts[own] : starts[own + 1]] &= (side[1:] >= low[row]) & (side[1:] <= high[row])
            case [(one, side), (other, far)]:
                both = side[:, None] + far
                together[one, other] = together.get((one, other), True) & (both >= low[row]) & (both <= high[row])
            case _:
                left_out += 1
    return LevelRules(allowed, together, left_out)


def _sides(
    level: NDArray[np.int64], by: NDArray[np.float64], group: NDArray[np.int64], starts: NDArray[np.int64]
) -> dict[int, NDArray[np.float64]]:
    """Return by how much the base (first, 0) and each level move a row, of every group that moves it."""
    sides: dict[int, NDArray[np.float64]] = {}
    for own in np.unique(group[level]):
        sides[int(own)] = np.zeros(1 + starts[own + 1] - starts[own])
        mine = group[level] == own
        sides[int(own)][1 + level[mine] - starts[own]] = by[mine]
    return sides


def _moves(rows: Rows, levels: Levels) -> csr_array:
    """Return by how much each level moves each row away from the base, ``(M, n)``."""
    phases, alternatives = rows.may.shape
    count = phases * alternatives + 1
    which = np.repeat(np.arange(len(rows.lower)), np.diff(rows.start))
    place = rows.phase * alternatives + rows.alternative
    table = csr_array((rows.coefficient, (which, place)), shape=(len(rows.lower), count)).tocsc()

    # What is closed adds nothing: the last column is empty.
    after, before = (
        np.where(alternative == CLOSED, count - 1, levels.phase * alternatives + alternative)
        for alternative in (levels.alternative, levels.base[levels.phase, levels.product])
    )
    moves = table[:, after] - table[:, before]
    made = csr_array(moves)
    made.eliminate_zeros()
    return made
