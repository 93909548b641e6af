"""
Prices as a packing problem: an item is a product at another price than the base's, and nothing chosen is the base.

What a level brings by itself (`value`) and what two bring besides when chosen together (`reward`) are first and second
differences of revenue. Under additive demand with cross effects that is all there is, and the model is exact. Under the
multinomial logit it is exact for one price and for two of a phase; with more, third and higher differences are missing
(measured on the bundled workshops: the best 76 new prices gain 2.4 % more than it says, and without the rules, where
prices move along the whole ladder, 8.9 % more).

Capacity enters as a price of it, taken off what a sale is worth: annealers see no capacities.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.errors import ProblemError, SolutionError
from solvers.qubo._level_differences import Differences, Levels, level_differences
from solvers.qubo._level_packing import Pairs, pack_levels
from solvers.qubo._level_rules import LevelRules, level_rules, on_sale_of, rules_by_phase
from solvers.revenue._price_rules import nearest_posting
from solvers.revenue._rows import keeps, lay_out_rows
from solvers.revenue.problem import CLOSED, PriceRules
from solvers.revenue.validation import validate, validate_rules

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solvers.qubo.problem import PackingProblem
    from solvers.revenue._rows import Rows
    from solvers.revenue.problem import ChoiceProblem

MOST_LEVELS: Final = 2_000
"""Levels of one model: all their pairs are worked out, and no sampler is of use far above it."""


@dataclass(frozen=True, slots=True, eq=False)
class PriceModel:
    """
    Hold a packing problem with what is needed to read prices from it.

    Parameters
    ----------
    packing
        Values and rewards in ``unit``, measured from the base.
    phase, product, alternative
        Shape ``(n,)``, int64: what each item stands for; the alternative is `CLOSED` where it is taken off sale.
    base
        Shape ``(F, P)``, int64: prices where nothing is chosen.
    phase_of_period
        Shape ``(T,)``, int64: within a phase prices stay.
    on_sale
        Shape ``(T, P)``, bool.
    base_worth
        What the base brings, net of the worth of capacity taken.
    unit
        What 1 of a value or reward is worth.
    rounding
        By how much rounding to whole units can change the worth of a choice, at most.
    left_out
        Rules (rows) over more than two prices, which the model does not know.
    """

    packing: PackingProblem
    phase: NDArray[np.int64]
    product: NDArray[np.int64]
    alternative: NDArray[np.int64]
    base: NDArray[np.int64]
    phase_of_period: NDArray[np.int64]
    on_sale: NDArray[np.bool_]
    base_worth: float
    unit: float
    rounding: float
    left_out: int

    def posted_of(self, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the alternatives posted in each period, ``(T, P)``, `CLOSED` where not on sale; chosen is ``(n,)``."""
        prices = self.base.copy()
        prices[self.phase[chosen], self.product[chosen]] = self.alternative[chosen]
        return np.where(self.on_sale, prices[self.phase_of_period], CLOSED)

    def chosen_of(self, prices: NDArray[np.int64]) -> NDArray[np.bool_]:
        """
        Return the items, ``(n,)``, that stand for alternatives ``(F, P)``.

        Raises
        ------
        SolutionError
            If a price is neither the base's nor an item.
        """
        chosen: NDArray[np.bool_] = prices[self.phase, self.product] == self.alternative
        told = self.base.copy()
        told[self.phase[chosen], self.product[chosen]] = self.alternative[chosen]
        if not np.array_equal(told, prices):
            phase, product = np.argwhere(told != prices)[0]
            msg = f"prices[{phase}, {product}] is {prices[phase, product]}, which is not in the model"
            raise SolutionError(msg)
        return chosen


def price_model(
    problem: ChoiceProblem,
    today: NDArray[np.int64],
    *,
    bid_prices: NDArray[np.float64] | None = None,
    rules: PriceRules | None = None,
    phase_of_period: NDArray[np.int64] | None = None,
    shown: NDArray[np.float64] | None = None,
    may_close: bool = False,
    unit: float = 1.0,
    prunes: bool = True,
) -> PriceModel:
    """
    Return the model of a market whose customers choose by the multinomial logit.

    Parameters
    ----------
    problem
        What may be sold, to whom; capacities count by their bid prices alone.
    today
        Shape ``(P,)``, int64: alternative of each product today, or `CLOSED` for a new one. The base is the nearest to
        it that keeps the rules; a new product begins in the middle of its ladder.
    bid_prices
        Shape ``(R,)``, float64, not negative: worth of one unit of each resource; None for 0.
    rules
        Rows over what is posted in each period. Rows over the levels of one or two products and phases are kept by
        every best choice, exactly; `PriceModel.left_out` counts the others.
    phase_of_period
        Shape ``(T,)``, int64, from 0 on, never decreasing, none left out; None: one price over the horizon.
    shown
        Shape ``(A,)``: price of each alternative as posted, to tell which are near; None for ``problem.price``.
    may_close
        Whether taking a product off sale is a level, too, where rules allow.
    unit
        Values are rounded to whole units.
    prunes
        Whether to leave out levels that cannot pay, whatever else is chosen: no best choice needs them.

    Raises
    ------
    ProblemError
        If the arrays do not describe a problem, today's prices or bid prices do not belong to it, no prices keep the
        rules in these phases, or there are more than `MOST_LEVELS` levels.
    """
    validate(problem)
    phase_of = np.zeros(problem.periods, np.int64) if phase_of_period is None else phase_of_period
    prices = np.zeros(problem.resources) if bid_prices is None else bid_prices
    rules = PriceRules() if rules is None else rules
    _check(problem, today, prices, phase_of, unit)
    validate_rules(problem, rules, problem.periods)
    rows = lay_out_rows(problem, rules_by_phase(problem, rules, phase_of), int(phase_of[-1]) + 1)
    base = _base(problem, today, rows, _sold_in(problem, phase_of), problem.price if shown is None else shown)
    levels = _levels(problem, rows, base, may_close)
    asked = level_rules(rows, levels, _groups(levels))
    if not asked.allowed.all():
        levels = _some(levels, asked.allowed)
        asked = level_rules(rows, levels, _groups(levels))
    worth = problem.price - (prices @ problem.use)[problem.product]
    changes = level_differences(problem, worth, levels, phase_of)
    return packed_levels(
        levels, changes, asked, phase_of=phase_of, on_sale=on_sale_of(problem), unit=unit, prunes=prunes
    )


def packed_levels(
    levels: Levels,
    changes: Differences,
    asked: LevelRules,
    *,
    phase_of: NDArray[np.int64],
    on_sale: NDArray[np.bool_],
    unit: float,
    prunes: bool,
) -> PriceModel:
    """
    Return levels as a packing problem in whole units.

    Parameters
    ----------
    changes
        What they bring.
    asked
        Which go together.
    phase_of, on_sale, unit, prunes
        As in `PriceModel` and `price_model`.
    """
    group = _groups(levels)
    packing, kept = pack_levels(
        np.rint(changes.single / unit).astype(np.int64),
        group,
        _whole_pairs(levels, changes, group, unit),
        asked.together,
        prunes=prunes,
    )
    levels = _some(levels, kept)
    return PriceModel(
        packing=packing,
        phase=levels.phase,
        product=levels.product,
        alternative=levels.alternative,
        base=levels.base,
        phase_of_period=phase_of,
        on_sale=on_sale,
        base_worth=changes.base,
        unit=unit,
        rounding=_rounding(levels) * unit,
        left_out=asked.left_out,
    )


def _whole_pairs(levels: Levels, changes: Differences, group: NDArray[np.int64], unit: float) -> Pairs:
    """Return pairs of different products in whole units; those that round to 0 are left out."""
    found: list[tuple[NDArray[np.int64], ...]] = []
    for phase, pair in enumerate(changes.pairs):
        whole = np.rint(pair / unit).astype(np.int64)
        start = levels.of_phase(phase).start
        own = group[start : start + len(whole)]
        first, second = np.nonzero(np.triu(whole) * (own[:, None] != own))
        found.append((start + first, start + second, whole[first, second]))
    return Pairs(*(np.concatenate(parts).astype(np.int64) for parts in zip(*found, strict=True)))


def _rounding(levels: Levels) -> float:
    """Return half a unit for each product that may change its price, and for each two of them in the same phase."""
    _, products = np.unique(np.unique(np.stack([levels.phase, levels.product]), axis=1)[0], return_counts=True)
    return float((products + products * (products - 1) / 2).sum() / 2)


def _levels(problem: ChoiceProblem, rows: Rows, base: NDArray[np.int64], may_close: bool) -> Levels:
    """
    Return every price besides the base's that rules leave, by phase, product and alternative.

    Raises
    ------
    ProblemError
        If there are more than `MOST_LEVELS`.
    """
    phase, alternative = np.nonzero(rows.may & (base[:, problem.product] != CLOSED))
    product = problem.product[alternative]
    if may_close:
        closing_phase, closing = np.nonzero(rows.may_close & (base != CLOSED))
        phase, product = np.append(phase, closing_phase), np.append(product, closing)
        alternative = np.append(alternative, np.full(len(closing), CLOSED))
    is_other = base[phase, product] != alternative
    count = int(is_other.sum())
    if count > MOST_LEVELS:
        msg = (
            f"{count} prices besides the base's in {len(base)} phases: at most {MOST_LEVELS} are accepted; "
            "fewer phases, products or prices are needed"
        )
        raise ProblemError((msg,))
    phase, product, alternative = phase[is_other], product[is_other], alternative[is_other]
    order = np.lexsort((alternative, product, phase))
    return Levels(phase[order], product[order], alternative[order], base)


def _some(levels: Levels, which: NDArray[np.bool_] | NDArray[np.int64]) -> Levels:
    return Levels(levels.phase[which], levels.product[which], levels.alternative[which], levels.base)


def _groups(levels: Levels) -> NDArray[np.int64]:
    """Return one group per phase and product, numbered in their order."""
    place = levels.phase * levels.base.shape[1] + levels.product
    return np.unique(place, return_inverse=True)[1].ravel().astype(np.int64)


def _base(
    problem: ChoiceProblem,
    today: NDArray[np.int64],
    rows: Rows,
    is_sold: NDArray[np.bool_],
    shown: NDArray[np.float64],
) -> NDArray[np.int64]:
    """
    Return the posting nearest to today's that keeps the rules, ``(F, P)``, closed where a phase does not sell.

    Raises
    ------
    ProblemError
        If no posting of these phases keeps the rules.
    """
    target = np.where(is_sold, today, CLOSED)
    for phase, product in np.argwhere(is_sold & (today == CLOSED)):
        ladder = np.flatnonzero(rows.may[phase] & (problem.product == product))
        if len(ladder):
            target[phase, product] = ladder[np.argsort(shown[ladder], kind="stable")[len(ladder) // 2]]
    if keeps(rows, target):
        return target
    nearest, _ = nearest_posting(rows, shown, target)
    if nearest is None or not keeps(rows, nearest):
        raise ProblemError((f"rules: no prices keep them in {len(target)} phases; more phases may",))
    return np.where(is_sold, nearest, CLOSED)


def _sold_in(problem: ChoiceProblem, phase_of: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return in which phases each product is on sale at all, ``(F, P)``."""
    on_sale = on_sale_of(problem)
    return np.array([on_sale[phase_of == phase].any(axis=0) for phase in range(int(phase_of[-1]) + 1)])


def _check(
    problem: ChoiceProblem,
    today: NDArray[np.int64],
    bid_prices: NDArray[np.float64],
    phase_of: NDArray[np.int64],
    unit: float,
) -> None:
    faults: list[str] = []
    if today.shape != (problem.products,):
        faults.append(f"today has shape {today.shape}; {(problem.products,)} is needed")
    else:
        known = (today >= 0) & (today < problem.alternatives)
        own = known & (problem.product[np.where(known, today, 0)] == np.arange(problem.products))
        faults += [
            f"today[{product}] is {today[product]}; {CLOSED} or an alternative of the product is needed"
            for product in np.flatnonzero(~own & (today != CLOSED))
        ]
    if bid_prices.shape != (problem.resources,) or not (np.isfinite(bid_prices) & (bid_prices >= 0)).all():
        faults.append(f"bid_prices is {bid_prices}; {problem.resources} numbers from 0 on are needed")
    if not 0 < unit < np.inf:
        faults.append(f"unit is {unit}; a number above 0 is needed")
    is_phases = phase_of.shape == (problem.periods,) and np.issubdtype(phase_of.dtype, np.integer)
    if not is_phases or phase_of[0] != 0 or not np.isin(np.diff(phase_of), (0, 1)).all():
        faults.append(
            f"phase_of_period is {phase_of}; {problem.periods} integers from 0 that stay or rise by 1 are needed"
        )
    if faults:
        raise ProblemError(tuple(faults))
