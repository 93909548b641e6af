"""Price a pass over several operators, and share what it brings so that nobody is worse off."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import numpy as np

from pricing._intervals import mean_interval
from pricing._pass_market import PassMarket
from pricing._pass_simulation import simulate
from pricing._pass_splits import Shared, share
from pricing._pass_words import flags_of, reasons_of
from pricing.pass_plan import LadderStep, MemberPlan, PassPlan, SensitivityCase

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pricing._pass_market import Sales
    from pricing.pass_model import Pass

_LEAST_GAIN: Final = 1e-9
"""Share of income by which a pass has to be better than none."""


def price_pass(pass_: Pass, *, seed: int = 0, horizons: int = 200) -> PassPlan:
    """
    Propose a price for a pass, and show every way of sharing what it brings.

    The pass is one more product that takes up several capacities, each with a probability. Customers choose among it,
    single tickets and nothing (multinomial logit), so that single tickets lost to the pass are counted. Every price of
    the ladder is tried, first come first served; the best one is tested on simulated customers. A coalition earns what
    its members would with a pass of their own, all others selling single tickets alone.

    Parameters
    ----------
    pass_
        What is sold to whom.
    seed
        Of the simulated customers, and of drawn orders where there are more than twelve members.
    horizons
        Simulated seasons, at least 2.

    Returns
    -------
    plan
        With price None where no price brings more than having no pass.

    Raises
    ------
    ValueError
        If ``horizons`` is below 2.
    """
    if horizons < 2:
        msg = f"horizons is {horizons}; accepted is 2 or more"
        raise ValueError(msg)
    began = time.perf_counter()
    market = PassMarket(pass_)
    everybody = (1 << market.members) - 1
    prices = np.array([np.inf, *pass_.ladder])
    sales = market.sell(everybody, prices)
    incomes = market.incomes(everybody, prices, sales)
    best = _best(incomes)
    price = None if best == 0 else int(prices[best])
    ladder = _ladder(market, prices, sales, incomes)
    members = _members(pass_, market, sales, best)
    shared = share(pass_, market, price, members, seed=seed) if price is not None else Shared((), None, 0.0)
    with_pass, without = simulate(market, float(price or pass_.ladder[0]), horizons=horizons, seed=seed)
    seen = with_pass if price is not None else without
    flags = flags_of(pass_, market, price, sales.passes[best], sales.tickets[best], shared)
    return PassPlan(
        pass_id=pass_.id,
        simulated=pass_.simulated,
        price=price,
        passes=mean_interval(seen.passes),
        takings_yen=mean_interval(seen.takings),
        income_yen=mean_interval(seen.income),
        more_than_without=mean_interval(seen.income - without.income),
        model_income_yen=float(incomes[best]),
        bound_yen=_bound(market),
        ladder=ladder,
        members=members,
        splits=shared.splits,
        sensitivities=_sensitivities(pass_, price),
        flags=flags,
        reasons=reasons_of(pass_, ladder, best, members),
        horizons=horizons,
        seed=seed,
        seconds=time.perf_counter() - began,
    )


def _best(incomes: NDArray[np.float64]) -> int:
    """Return the row of the best price; row 0, no pass, unless one really brings more."""
    best = int(np.argmax(incomes))
    return best if incomes[best] > incomes[0] + _LEAST_GAIN * max(1.0, abs(incomes[0])) else 0


def _bound(market: PassMarket) -> float:
    """Return what no prices of the ladder exceed in expectation, by the choice-based linear programme."""
    # Imported here: the search for sets is compiled.
    from solvers.revenue.choice_based import choice_based

    return choice_based(market.choice_problem(market.ladder.tolist()), iterations=100).bound


def _ladder(
    market: PassMarket, prices: NDArray[np.float64], sales: Sales, incomes: NDArray[np.float64]
) -> tuple[LadderStep, ...]:
    tickets = sales.tickets @ market.ticket_income.sum(1)
    return tuple(
        LadderStep(
            price=int(price) if np.isfinite(price) else None,
            passes=float(passes),
            takings_yen=float(passes * price) if np.isfinite(price) else 0.0,
            tickets_yen=float(earned),
            income_yen=float(income),
        )
        for price, passes, earned, income in zip(prices, sales.passes, tickets, incomes, strict=True)
    )


def _members(pass_: Pass, market: PassMarket, sales: Sales, best: int) -> tuple[MemberPlan, ...]:
    everybody = (1 << market.members) - 1
    visits = sales.passes[best] * market.visits_of(everybody)
    by_member = market.belongs(np.array([visits, visits * market.cost]))
    single = market.belongs(sales.tickets @ market.ticket_offers)
    earned = sales.tickets @ market.ticket_income
    return tuple(
        MemberPlan(
            member=member.id,
            alone_yen=float(earned[0, row]),
            tickets_yen=float(earned[best, row]),
            tickets_lost=float(single[0, row] - single[best, row]),
            visits=float(by_member[0, row]),
            visits_cost_yen=float(by_member[1, row]),
        )
        for row, member in enumerate(pass_.members)
    )


def _sensitivities(pass_: Pass, price: int | None) -> tuple[SensitivityCase, ...]:
    """Return what would be at either end of the stated ranges of sensitivity, all segments at once."""
    if all(segment.sensitivity_range is None for segment in pass_.segments):
        return ()
    cases = []
    for end, case in enumerate(("low", "high")):
        ranges = [each.sensitivity_range or (each.sensitivity, each.sensitivity) for each in pass_.segments]
        market = PassMarket(pass_, np.array([limits[end] for limits in ranges]))
        everybody = (1 << market.members) - 1
        prices = np.array([np.inf, *pass_.ladder])
        incomes = market.incomes(everybody, prices, market.sell(everybody, prices))
        best = _best(incomes)
        here = 0 if price is None else 1 + pass_.ladder.index(price)
        cases.append(
            SensitivityCase(
                case=case,
                price=None if best == 0 else int(prices[best]),
                income_yen=float(incomes[here]),
                best_income_yen=float(incomes[best]),
            )
        )
    return tuple(cases)
