"""What a report on prices is made from: the plan, its market, and what was asked besides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pricing.model import Capacity, Market, Product, Rule
    from pricing.proposal import Comparison, Objective, Policy, PolicyOutcome, PricePlan, ProductPlan, Reason

PROPOSAL: Policy = "static"
"""The policy that posts the plan's prices as they stand in it."""


@dataclass(frozen=True, slots=True)
class DemandCurve:
    """
    Hold what a product would sell at each price of its ladder, all other prices staying as they are today.

    Parameters
    ----------
    product
        Its id.
    prices
        Yen, from low to high.
    sales, low, high
        Expected sales at each price, and the band that the range of sensitivities leaves; no band where nobody stated
        such a range, ``low`` and ``high`` are then empty.
    """

    product: str
    prices: tuple[int, ...]
    sales: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class TradeOffPoint:
    """Hold what a plan earns, and what it reaches in another respect; ``is_proposal`` marks the plan of the report."""

    revenue_yen: float
    value: float
    is_proposal: bool = False


@dataclass(frozen=True, slots=True)
class TradeOffCurve:
    """Hold plans between most revenue and most of ``objective``."""

    objective: Objective
    points: tuple[TradeOffPoint, ...]


@dataclass(frozen=True, slots=True)
class PriceReport:
    """
    Hold a price plan with all that its pictures and pages show.

    Parameters
    ----------
    market
        Gives names, dates and rules to the ids of the plan.
    plan
        The proposal, with its test where there was one.
    curves
        Demand curves of some products.
    trade_offs
        Trade-off curves, one for each objective that was asked for.
    """

    market: Market
    plan: PricePlan
    curves: tuple[DemandCurve, ...] = ()
    trade_offs: tuple[TradeOffCurve, ...] = ()

    @property
    def products(self) -> dict[str, Product]:
        """Return the products of the market by id."""
        return {product.id: product for product in self.market.products}

    @property
    def capacities(self) -> dict[str, Capacity]:
        """Return the capacities of the market by id."""
        return {capacity.id: capacity for capacity in self.market.capacities}

    @property
    def rules(self) -> dict[str, Rule]:
        """Return the rules of the market by id."""
        return {rule.id: rule for rule in self.market.rules}

    @property
    def assumed(self) -> tuple[Reason, ...]:
        """Return what the plan and its test assumed."""
        tested = self.plan.comparison
        return (*self.plan.assumed, *(tested.assumed if tested else ()))

    @property
    def by_weight(self) -> list[ProductPlan]:
        """Return the products whose change moves most money first; those that stay as they are come last."""
        return sorted(self.plan.products, key=lambda each: (-_moved_yen(each), -each.revenue_yen, each.product))

    def telling(self, most: int) -> list[ProductPlan]:
        """Return a few products to look at: the weightiest of each operator first, then the next weightiest."""
        operators = {product.id: product.operator for product in self.market.products}
        firsts: dict[str, ProductPlan] = {}
        for planned in self.by_weight:
            firsts.setdefault(operators[planned.product], planned)
        rest = [planned for planned in self.by_weight if planned not in firsts.values()]
        chosen = [*firsts.values(), *rest][:most]
        return [planned for planned in self.plan.products if planned in chosen]


def outcome_of(comparison: Comparison | None, policy: Policy) -> PolicyOutcome | None:
    """Return what a policy did; None where it was not tested."""
    if comparison is None:
        return None
    return next((outcome for outcome in comparison.outcomes if outcome.policy == policy), None)


def _moved_yen(product: ProductPlan) -> float:
    if product.proposed == product.current:
        return 0.0
    # A product that opens or closes moves all it earns.
    if product.proposed is None or product.current is None:
        return max(product.revenue_yen, 1.0)
    return abs(product.proposed - product.current) * max(product.sales, 0.01)
