"""A price plan: what to charge, what it should bring, how sure that is, and why."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict

from regional_assets.model import Name

Objective = Literal["revenue", "visitors", "off-peak", "local-spend"]

Solver = Literal["classical", "qubo"]

Policy = Literal["today", "static", "dynamic", "rule-based"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Interval(_Frozen):
    """Hold a mean with its 95 % interval."""

    mean: float
    low: float
    high: float


class Reason(_Frozen):
    """Say why a price is what it is: a code for programs, and words."""

    code: str
    text: Name


class ProductPlan(_Frozen):
    """
    Hold the prices of one product.

    Parameters
    ----------
    current, proposed
        Price today and in the first period, in yen; None where it is not on sale.
    path
        Price in each period of the market; None where it is not on sale.
    sales, revenue_yen
        Expected over all periods, in the model that the plan was made with; revenue is net of the cost of sales.
    """

    product: str
    current: int | None
    proposed: int | None
    path: tuple[int | None, ...]
    sales: float
    revenue_yen: float
    reasons: tuple[Reason, ...]


class CapacityPlan(_Frozen):
    """
    Hold how full a capacity gets.

    Parameters
    ----------
    units, booked, kept
        In all, sold already, and kept for walk-ins.
    expected
        Expected sales of units still open.
    bid_price_yen
        Worth of one more unit: no sale below it pays.
    """

    capacity: str
    units: int
    booked: int
    kept: int
    expected: float
    bid_price_yen: float


class RuleCost(_Frozen):
    """
    Hold what a rule costs; the costs of all rules add up to that of having rules at all.

    Parameters
    ----------
    binds
        Products whose price it holds back.
    """

    rule: str
    cost_yen: int
    binds: tuple[str, ...]


class PolicyOutcome(_Frozen):
    """
    Hold what a policy did in simulated booking horizons.

    Parameters
    ----------
    revenue_yen, sales
        Per horizon, existing bookings left out.
    more_than_today
        Paired difference of revenue to today's prices; None for today's prices themselves.
    occupancy
        Mean share of the open units of each capacity that came to be used.
    walk_ins
        Mean number of people without a booking who found a unit kept for them, at each capacity that keeps some; they
        are the same under every policy, and no part of revenue and sales.
    cancelled, stayed_away
        Mean number of bookings that were cancelled, and of others that did not come.
    mean_path
        Mean price of each product when each period begins, where it was open; None where it never was.
    revenues_yen
        Revenue of every horizon, in the order of the seeds.
    """

    policy: Policy
    revenue_yen: Interval
    sales: Interval
    more_than_today: Interval | None
    occupancy: dict[str, float]
    walk_ins: dict[str, float] = {}
    cancelled: float = 0.0
    stayed_away: float = 0.0
    mean_path: dict[str, tuple[float | None, ...]] = {}
    revenues_yen: tuple[float, ...]


class Comparison(_Frozen):
    """
    Hold policies tested on the same simulated customers.

    Parameters
    ----------
    demand
        Whether customers were as sensitive as the market says in every horizon, or each horizon drew sensitivities
        from the ranges of the market, so that intervals hold what is not known of them.
    assumed
        What the test assumed where the market is silent.
    """

    horizons: int
    seed: int
    outcomes: tuple[PolicyOutcome, ...]
    demand: Literal["as-stated", "drawn-from-ranges"] = "as-stated"
    assumed: tuple[Reason, ...] = ()


class Figures(_Frozen):
    """
    Hold what prices bring in the model, objective by objective.

    Parameters
    ----------
    revenue_yen
        Net of the cost of the sales.
    visitors
        Sales; one customer buys one.
    off_peak_share
        Share of the sales for products that are off-peak; None without sales. Products of which nobody said whether
        they are count as peak.
    local_spend_yen
        What visitors spend nearby; products of which nobody knows count as 0.
    """

    revenue_yen: float
    visitors: float
    off_peak_share: float | None
    local_spend_yen: float


class Sampling(_Frozen):
    """
    Hold what a sampler did, what repair did, and what classical search does on the same market.

    Gains are those of the sampler's model over its base (today's prices, or the nearest that keep the rules). Worths
    are of the classical judge: customers come period by period, products sell out.

    Parameters
    ----------
    sampler
        Its name, or its class.
    source
        ``sampler``: the best read kept every rule of the market and was used as it came. ``repair``: it was changed
        after sampling. ``fallback``: no read was better than the base.
    reads, raw_feasible_rate
        Reads returned, and the share of them that kept every rule of the market as they came.
    repaired, flips_removed, flips_added
        Whether the read that became the answer was changed, be it by ``rules_mended``, and how many variables repair
        took out and put in.
    rules_mended
        Whether the prices of the answer broke a rule, and were moved to the nearest that keep all.
    unit
        What gains and worths are counted in: yen, or sales where the prices are for visits.
    gain
        Of the answer.
    raw_gain
        Best of the reads that kept every rule of the market as they came; None where none did.
    random_gain
        Best of as many random starts after the same repair: what the sampler has to beat.
    best_gain
        Proven optimum of the model; None where the proof would take too long.
    worth, base_worth, classical_worth
        What the plan, the base and the classical plan are worth by the judge, in what the prices are for.
    variables, interactions, largest_clique
        Size of the model: variables, pairs of them that are coupled, and the largest set found in which all are.
    phases
        First days of the stretches of booking time in each of which the model knows one price of a product.
    seed, is_reproducible
        Of the sampler and the random starts, and whether the same seed gives the same reads.
    seconds
        Time spent sampling.
    """

    sampler: str
    source: Literal["sampler", "repair", "fallback"]
    reads: int
    raw_feasible_rate: float
    repaired: bool
    flips_removed: int
    flips_added: int
    rules_mended: bool
    unit: Literal["yen", "sales"]
    gain: float
    raw_gain: float | None
    random_gain: float
    best_gain: float | None
    worth: float
    base_worth: float
    classical_worth: float
    variables: int
    interactions: int
    largest_clique: int
    phases: tuple[dt.date, ...]
    seed: int
    is_reproducible: bool
    seconds: float


class PricePlan(_Frozen):
    """
    Hold a proposal.

    Parameters
    ----------
    solver
        What chose the prices: classical search, or a sampler on a model for annealers.
    sampling
        What the sampler did; None of a classical plan, and where no other price could pay.
    model_revenue_yen
        Expected revenue, net of the cost of sales, in the model that the plan was made with; a test by simulation is in
        ``comparison``.
    bound_yen
        Revenue that no prices exceed in expectation (under the rules).
    gap
        Distance of the plan to the bound of what prices are for, as a share of it; None where no bound is known.
    rules_cost_yen
        What all rules cost together; None where nobody asked.
    figures
        What the plan brings in the model, objective by objective.
    assumed
        What was assumed, stated or made up rather than known.
    limit
        What ended the search; only iterations reproduce exactly. ``stopped``: somebody did, and ``assumed`` says so.
    """

    market: str
    simulated: bool
    objective: Objective
    status: Literal["optimal", "feasible"]
    products: tuple[ProductPlan, ...]
    capacities: tuple[CapacityPlan, ...]
    rule_costs: tuple[RuleCost, ...]
    rules_cost_yen: int | None
    model_revenue_yen: float
    bound_yen: float
    gap: float | None
    figures: Figures | None = None
    comparison: Comparison | None
    assumed: tuple[Reason, ...]
    seed: int
    limit: Literal["iterations", "seconds", "stopped"]
    seconds: float
    solver: Solver = "classical"
    sampling: Sampling | None = None
