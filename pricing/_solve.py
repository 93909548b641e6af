"""Prices of a market under some of its rules: one call of the engine, read back in the market's own rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from pricing._rules import is_kept, narrow, open_units
from solvers.revenue.posted_sales import PostedSales
from solvers.revenue.problem import CLOSED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from pricing._rules import RuleEffect
    from pricing._translate import Translation


_NOTHING_LEFT = 1e-6
"""Share of its units, or units, below which a capacity counts as sold out."""


@dataclass(frozen=True, slots=True)
class Effort:
    """
    Hold what may be done, and how long to search: the seed, and limits in iterations or seconds (None: the engine's).

    Parameters
    ----------
    may_close
        Whether products may be taken off sale.
    should_stop
        Ends searches early; None for never.
    """

    seed: int = 0
    iterations: int | None = None
    seconds: float | None = None
    may_close: bool = False
    should_stop: Callable[[], bool] | None = None

    @property
    def is_over(self) -> bool:
        """Return whether somebody has ended the work."""
        return self.should_stop is not None and self.should_stop()


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """
    Hold prices that were found.

    Parameters
    ----------
    posted
        Shape ``(T, P)``, int64: alternatives of the market, closed where not on sale.
    sales
        Shape ``(A,)``, float64: expected over all periods.
    value, bound
        What they bring, and what no prices exceed, in the unit of the values that were asked for.
    duals
        Shape ``(R,)``, float64: worth of one more unit.
    """

    posted: NDArray[np.int64]
    sales: NDArray[np.float64]
    value: float
    bound: float
    duals: NDArray[np.float64]
    status: Literal["optimal", "feasible"]


def find_prices(
    translation: Translation,
    effects: Sequence[RuleEffect],
    values: NDArray[np.float64],
    effort: Effort,
    *,
    start: NDArray[np.int64] | None = None,
    proves: bool = True,
) -> Found:
    """
    Return the best prices found under some rules.

    Parameters
    ----------
    effects
        Rules that hold; they must not conflict.
    values
        Shape ``(A,)``, not negative: what a sale of each alternative is worth.
    start
        Shape ``(T, P)``: prices that keep the rules, to begin from; None for the lowest that do.
    proves
        Whether a bound and the worth of capacity are asked for, too.
    """
    from solvers.revenue.posted_prices import posted_prices

    ruled = narrow(translation, effects, values, may_close=effort.may_close)
    result = posted_prices(
        ruled.problem,
        phase_of_period=np.arange(translation.problem.periods),
        rules=ruled.rows,
        start=ruled.lowest if start is None else ruled.narrowed(start),
        seed=effort.seed,
        iterations=effort.iterations,
        seconds=effort.seconds,
        proves=proves,
        should_stop=effort.should_stop,
    )
    posted = np.where(translation.problem.on_sale, ruled.widened(result.posted), CLOSED)
    assert result.revenue is not None, "prices to begin from were given"
    return Found(
        posted=posted,
        sales=ruled.widened_sales(result.sales, translation.problem.alternatives),
        value=result.revenue,
        bound=result.bound,
        duals=result.duals,
        status="optimal" if result.status == "optimal" else "feasible",
    )


def shown_prices(translation: Translation, effects: Sequence[RuleEffect], found: Found) -> NDArray[np.int64]:
    """
    Return the alternatives to post, ``(T, P)``: the answer's, but steady where nothing is expected to be left.

    For the engine any price will do once a product is sold out. On the day there may be something left, so it keeps
    the price before, or else today's, wherever the rules allow.
    """
    problem, posted = translation.problem, found.posted.copy()
    units = open_units(translation, effects)
    sales = PostedSales(replace(problem, capacity=units))
    for period in range(problem.periods):
        early = found.posted.copy()
        early[period:] = CLOSED
        is_out = units - problem.use @ sold(translation, sales.of(early)) <= _NOTHING_LEFT * np.maximum(1.0, units)
        for at in np.flatnonzero(problem.on_sale[period] & (problem.use[is_out] > 0).any(axis=0)):
            _keep_price(translation, effects, posted, period, int(at))
    return posted


def _keep_price(
    translation: Translation, effects: Sequence[RuleEffect], posted: NDArray[np.int64], period: int, at: int
) -> None:
    current = translation.market.products[at].current
    before = posted[:period, at][posted[:period, at] != CLOSED]
    kept = before[-1] if len(before) else CLOSED if current is None else translation.alternative(at, current)
    own = posted[period, at]
    if kept in (CLOSED, own):
        return
    posted[period, at] = kept
    if not all(is_kept(translation, effect, posted) for effect in effects):
        posted[period, at] = own


def keeps(translation: Translation, effect: RuleEffect, found: Found) -> bool:
    """Tell whether prices keep a rule as they are, units that it keeps from sale included."""
    taken = translation.problem.use @ sold(translation, found.sales)
    left = translation.problem.capacity - taken
    return bool((left >= np.minimum(effect.kept, translation.problem.capacity) - 1e-9).all()) and is_kept(
        translation, effect, found.posted
    )


def sold(translation: Translation, sales: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return expected sales by product, ``(P,)``."""
    return np.add.reduceat(sales, translation.first[:-1])


def trial(
    translation: Translation, effects: Sequence[RuleEffect], values: NDArray[np.float64]
) -> Callable[[NDArray[np.int64]], tuple[float, NDArray[np.float64]]]:
    """
    Return a function that tells what posted alternatives, ``(T, P)``, bring, whether or not they keep any rule.

    It returns their value and the expected sales of each alternative, ``(A,)``; units that rules keep from sale are
    not sold.
    """
    sales = PostedSales(replace(translation.problem, capacity=open_units(translation, effects)))

    def of(posted: NDArray[np.int64]) -> tuple[float, NDArray[np.float64]]:
        sold = sales.of(posted)
        return float(values @ sold), sold

    return of
