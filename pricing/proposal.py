"""A price plan: what to charge, what it should bring, how sure that is, and why."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from regional_assets.model import Name

Objective = Literal["revenue", "visitors", "off-peak", "local-spend"]

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
        Expected over all periods, in the model that the plan was made with.
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
    revenues_yen
        Revenue of every horizon, in the order of the seeds.
    """

    policy: Policy
    revenue_yen: Interval
    sales: Interval
    more_than_today: Interval | None
    occupancy: dict[str, float]
    revenues_yen: tuple[float, ...]


class Comparison(_Frozen):
    """Hold policies tested on the same simulated customers."""

    horizons: int
    seed: int
    outcomes: tuple[PolicyOutcome, ...]


class PricePlan(_Frozen):
    """
    Hold a proposal.

    Parameters
    ----------
    model_revenue_yen
        Expected revenue in the model that the plan was made with; a test by simulation is in ``comparison``.
    bound_yen, gap
        What no prices exceed in expectation (under the rules), and the distance to it as a share of it.
    rules_cost_yen
        What all rules cost together.
    assumed
        What was assumed, stated or made up rather than known.
    limit
        What ended the search; only iterations reproduce exactly.
    """

    market: str
    simulated: bool
    objective: Objective
    status: Literal["optimal", "feasible"]
    products: tuple[ProductPlan, ...]
    capacities: tuple[CapacityPlan, ...]
    rule_costs: tuple[RuleCost, ...]
    rules_cost_yen: int
    model_revenue_yen: float
    bound_yen: float
    gap: float | None
    comparison: Comparison | None
    assumed: tuple[Reason, ...]
    seed: int
    limit: Literal["iterations", "seconds"]
    seconds: float
