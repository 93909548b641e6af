"""
Demand that adds up: what a product sells at its own price, plus what each other price drives to it or away.

``sales of i = demand[i] * (multiplier of i's price + sum over j of cross[i, j] * (multiplier of j's price - 1))``:
revenue is then quadratic in the choice of prices, and the packing problem is the market itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solvers.errors import ProblemError
from solvers.qubo._level_differences import Differences, Levels
from solvers.qubo._level_rules import LevelRules
from solvers.qubo.price_levels import PriceModel, packed_levels

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROUNDING = 1e-9
"""Demand this far below 0, as a share of today's, is a rounding error."""

_NAMED = 5
"""Prices named in a refusal; the others are counted."""


@dataclass(frozen=True, slots=True, eq=False)
class AdditiveDemand:
    """
    Describe a market of additive demand.

    Parameters
    ----------
    product
        Shape ``(A,)``, int64: the product of each alternative (a product at a price), ``0 .. P - 1``.
    worth
        Shape ``(A,)``, float64: what one sale brings, net of costs and of the worth of the capacity it takes.
    multiplier
        Shape ``(A,)``, float64, not negative: sales at this price as a multiple of today's, 1 for today's.
    today
        Shape ``(P,)``, int64: alternative of each product today.
    demand
        Shape ``(P,)``, float64, not negative: sales today.
    cross
        Shape ``(P, P)``, float64, zero diagonal: how much of its sales of today product i gains per unit by which the
        multiplier of j rises; negative for substitutes.
    """

    product: NDArray[np.int64]
    worth: NDArray[np.float64]
    multiplier: NDArray[np.float64]
    today: NDArray[np.int64]
    demand: NDArray[np.float64]
    cross: NDArray[np.float64]


def additive_price_model(market: AdditiveDemand, *, unit: float = 1.0, prunes: bool = True) -> PriceModel:
    """
    Return the model of a market of additive demand: exact but for rounding.

    Parameters
    ----------
    unit, prunes
        As for `price_model`.

    Raises
    ------
    ProblemError
        If the arrays do not describe a market, or some choice of prices would make the demand for a product negative:
        cutting it off at 0 would no longer be quadratic.
    """
    _check(market)
    _refuse_negative(market)
    products = len(market.today)
    item = np.lexsort((np.arange(len(market.product)), market.product))
    item = item[market.today[market.product[item]] != item]
    levels = Levels(np.zeros(len(item), np.int64), market.product[item], item, market.today[None, :])
    return packed_levels(
        levels,
        _differences(market, levels),
        LevelRules(np.ones(len(item), np.bool_), {}, 0),
        phase_of=np.zeros(1, np.int64),
        on_sale=np.ones((1, products), np.bool_),
        unit=unit,
        prunes=prunes,
    )


def _differences(market: AdditiveDemand, levels: Levels) -> Differences:
    product, item = levels.product, levels.alternative
    worth, more = market.worth[item], market.multiplier[item] - 1.0
    before = market.worth[market.today]
    driven = (before * market.demand) @ market.cross
    single = market.demand[product] * (worth * (1.0 + more) - before[product]) + more * driven[product]
    dearer = (worth - before[product]) * market.demand[product]
    half = dearer[:, None] * market.cross[np.ix_(product, product)] * more
    return Differences(float(before @ market.demand), single, (half + half.T,))


def _refuse_negative(market: AdditiveDemand) -> None:
    """Refuse prices at which the worst choice of all others leaves less than no demand."""
    products = len(market.today)
    effect = market.cross[:, market.product] * (market.multiplier - 1.0)
    worst, culprit = np.zeros((products, products)), np.zeros((products, products), np.int64)
    for other in range(products):
        own = np.flatnonzero(market.product == other)
        at = own[effect[:, own].argmin(axis=1)]
        worst[:, other], culprit[:, other] = effect[np.arange(products), at], at
    least = market.multiplier + worst.sum(axis=1)[market.product]
    bad = np.flatnonzero((least < -_ROUNDING) & (market.demand[market.product] > 0))
    if not len(bad):
        return
    named = []
    for alternative in bad[:_NAMED]:
        own = market.product[alternative]
        beside = [int(culprit[own, other]) for other in np.flatnonzero(worst[own] < 0)]
        named.append(
            f"product {own} at alternative {alternative} beside alternatives {beside} sells "
            f"{least[alternative] * market.demand[own]:g}"
        )
    more = f" (and {len(bad) - _NAMED} more)" if len(bad) > _NAMED else ""
    msg = (
        f"demand must not be negative at any prices: {'; '.join(named)}{more}; fewer levels or weaker cross effects are"
    )
    raise ProblemError((f"{msg} needed",))


def _check(market: AdditiveDemand) -> None:
    alternatives, products = len(market.product), len(market.today)
    shapes = {
        "worth": (alternatives,),
        "multiplier": (alternatives,),
        "demand": (products,),
        "cross": (products, products),
    }
    faults = [
        f"{name} has shape {getattr(market, name).shape}; {shape} is needed"
        for name, shape in shapes.items()
        if getattr(market, name).shape != shape
    ]
    faults += [f"{name} must be finite" for name in shapes if not np.isfinite(getattr(market, name)).all()]
    is_known = (market.product >= 0).all() and (market.product < products).all()
    if not is_known:
        faults.append(f"product is {market.product}; 0 to {products - 1} are accepted")
    if faults:
        raise ProblemError(tuple(faults))
    is_own = (market.today >= 0) & (market.today < alternatives)
    is_own &= market.product[np.where(is_own, market.today, 0)] == np.arange(products)
    faults += [
        f"today[{product}] is {market.today[product]}; an alternative of the product is needed"
        for product in np.flatnonzero(~is_own)
    ]
    for name in ("multiplier", "demand"):
        if (getattr(market, name) < 0).any():
            faults.append(f"{name} is {getattr(market, name).min():g} somewhere; numbers from 0 on are accepted")
    if is_own.all() and (market.multiplier[market.today] != 1.0).any():
        faults.append(f"multiplier of today's alternatives is {market.multiplier[market.today]}; 1 is needed")
    if np.diag(market.cross).any():
        faults.append(f"cross has the diagonal {np.diag(market.cross)}; 0 is needed")
    if faults:
        raise ProblemError(tuple(faults))
