"""Prices as a packing problem: what `plan_prices` gives a sampler, and what each of its variables stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from pricing._check import check_market
from pricing._rules import effects_of, narrow
from pricing._translate import translate
from pricing.objectives import mixed_values, weights_of
from regional_assets.errors import InputError, Problem
from regional_assets.text import Text
from solvers.errors import ProblemError
from solvers.revenue.problem import CLOSED

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from pricing._rules import RuledProblem, RuleEffect
    from pricing._translate import Translation
    from pricing.model import Market
    from pricing.proposal import Objective
    from solvers.qubo.prices import PriceTask
    from solvers.qubo.problem import PackingProblem


@dataclass(frozen=True, slots=True)
class Unit:
    """Tell what values count: yen or sales, and in how many parts of one; whole sales would tell too little apart."""

    name: Literal["yen", "sales"]
    parts: int


_YEN: Final = Unit("yen", 1)
_SALES: Final = Unit("sales", 1000)


@dataclass(frozen=True, slots=True)
class PriceMeaning:
    """
    Tell what one variable stands for.

    Parameters
    ----------
    product
        Its id.
    price_yen
        Price that it takes instead of the base's; None for not on sale.
    first, last
        Days on which people book at this price, both inside.
    """

    product: str
    price_yen: int | None
    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True, eq=False)
class PackedPrices:
    """
    Hold prices of a market as a packing problem.

    Parameters
    ----------
    problem
        Where nothing is chosen, prices are today's, or the nearest that keep the rules; values are measured from there.
    meanings
        One for each item.
    unit
        Of values and rewards.
    task, ruled
        The same in the rows of the engine.
    """

    problem: PackingProblem
    meanings: tuple[PriceMeaning, ...]
    unit: Unit
    task: PriceTask
    ruled: RuledProblem


def pack_prices(
    market: Market,
    *,
    objective: Objective = "revenue",
    weights: Mapping[Objective, float] | None = None,
    may_close: bool = False,
) -> PackedPrices:
    """
    Return the packing problem that ``plan_prices(market, solver="qubo")`` gives a sampler; the same each time.

    Reads of it, wherever they were drawn, become a plan by ``plan_prices(market, solver="qubo", sampler=reads)``; an
    answer, however it was found, by ``answer=...``.

    Parameters
    ----------
    objective, weights, may_close
        As for `plan_prices`.

    Raises
    ------
    InputError
        If the market makes no sense, or has more prices than a model may hold.
    ConflictingRulesError
        If no prices keep all rules.
    ValueError
        If a weight is negative or not finite, or all are 0.
    """
    check_market(market)
    translation = translate(market)
    return packed(translation, effects_of(translation), weights_of(objective, weights), may_close=may_close)


def packed(
    translation: Translation,
    effects: Sequence[RuleEffect],
    weights: Mapping[Objective, float],
    *,
    may_close: bool,
) -> PackedPrices:
    """
    Return the packing problem of a market that was checked.

    Raises
    ------
    InputError
        If it has more prices than a model may hold.
    """
    from solvers.qubo.prices import lay_out_prices

    ruled = narrow(translation, effects, mixed_values(translation, weights), may_close=may_close)
    shown = translation.price[ruled.kept_alternatives].astype(np.float64)
    unit = _YEN if {"revenue", "local-spend"} & set(weights) else _SALES
    try:
        task = lay_out_prices(
            ruled.problem,
            _today(translation.market, ruled, shown),
            rules=ruled.rows,
            shown=shown,
            may_close=may_close,
            unit=1 / unit.parts,
        )
    except ProblemError as error:
        message = Text(
            ja=f"この市場は、アニーリング用のモデルにできません({error})。solver=classical を使ってください",
            en=f"this market cannot be made a model for annealers ({error}); use solver=classical",
        )
        raise InputError([Problem("solver", "qubo", message)]) from error
    return PackedPrices(task.model.packing, _meanings(translation, ruled, task), unit, task, ruled)


def _today(market: Market, ruled: RuledProblem, shown: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the alternative nearest to today's price of those that rules leave, closed for new products."""
    today = np.full(len(market.products), CLOSED)
    for at, product in enumerate(market.products):
        if product.current is not None:
            ladder = np.flatnonzero(ruled.problem.product == at)
            today[at] = ladder[np.abs(shown[ladder] - product.current).argmin()]
    return today


def _meanings(translation: Translation, ruled: RuledProblem, task: PriceTask) -> tuple[PriceMeaning, ...]:
    model, market = task.model, translation.market
    found = []
    for phase, product, alternative in zip(model.phase, model.product, model.alternative, strict=True):
        periods = np.flatnonzero((model.phase_of_period == phase) & model.on_sale[:, product])
        price = None if alternative == CLOSED else int(translation.price[ruled.kept_alternatives[alternative]])
        found.append(
            PriceMeaning(
                product=market.products[product].id,
                price_yen=price,
                first=market.periods[periods[0]].first,
                last=market.periods[periods[-1]].last,
            )
        )
    return tuple(found)
