"""Costs of rules add up to the yen, fall where they belong, and never say that a rule earns."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_markets import market, product, segment

from pricing._rules import effects_of
from pricing._solve import Effort, find_prices
from pricing._translate import translate
from pricing.model import Capacity, DailyStepRule, Market, ModeRule, RangeRule, Rule, WalkInRule
from pricing.plan import plan_prices
from pricing.rule_costs import MOST_RULES_EXACT, SharedCosts, share_costs, whole_shares

RULES: tuple[Rule, ...] = (
    RangeRule(id="floor", floor=2000),
    DailyStepRule(id="step", yen=50),
    ModeRule(id="mode", mode="careful"),
    WalkInRule(id="door", seats=10),
)


def shared(whole: Market) -> tuple[SharedCosts, float]:
    """Return the costs of a market's rules, and the worth of the proposal."""
    translation = translate(whole)
    effects, values = effects_of(translation), translation.problem.price
    proposal = find_prices(translation, effects, values, Effort())
    return share_costs(translation, effects, values, proposal, Effort()), proposal.value


def test_two_rules_that_forbid_the_same_share_the_cost() -> None:
    """Either floor alone keeps ¥5,686 away, both together no more."""
    rules = (RangeRule(id="one", floor=2000), RangeRule(id="other", floor=1900))
    plan = plan_prices(market(rules=rules))
    assert plan.rules_cost_yen == 5686
    assert [cost.cost_yen for cost in plan.rule_costs] == [2843, 2843]
    assert [cost.binds for cost in plan.rule_costs] == [("loom",), ("loom",)]


def test_a_rule_that_changes_nothing_costs_nothing() -> None:
    """A cap above the best price is free; the other rule bears everything."""
    rules = (RangeRule(id="cap", cap=2000), RangeRule(id="floor", floor=2000))
    assert [cost.cost_yen for cost in plan_prices(market(rules=rules)).rule_costs] == [0, 5686]


def test_seats_that_are_kept_cost_what_they_would_bring() -> None:
    """Of 24 seats at ¥3,000, 23.8 sell; of 20, 20 do: ¥11,521 less, and other prices do not help."""
    seats = Capacity(id="seats", name={"en": "seats"}, units=24)
    plan = plan_prices(market(capacities=(seats,), rules=(WalkInRule(id="door", seats=4),)))
    free = plan_prices(market(capacities=(seats,)))
    assert plan.rules_cost_yen == round(free.model_revenue_yen - plan.model_revenue_yen) > 0
    ample = market(rules=(WalkInRule(id="door", seats=4),))
    assert plan_prices(ample).rules_cost_yen == 0


def test_shares_are_the_mean_over_all_orders() -> None:
    """Four rules, 24 orders, each set of rules priced on its own."""
    seats = Capacity(id="seats", name={"en": "seats"}, units=70)
    whole = market(rules=RULES, capacities=(seats,))
    translation = translate(whole)
    effects, values = effects_of(translation), translation.problem.price
    worth: dict[frozenset[int], float] = {}
    for mask in range(1 << len(effects)):
        held = frozenset(bit for bit in range(len(effects)) if mask >> bit & 1)
        worth[held] = find_prices(translation, [effects[bit] for bit in sorted(held)], values, Effort()).value
    worth = {held: max(value for more, value in worth.items() if more >= held) for held in worth}
    means = np.zeros(len(effects))
    orders = list(permutations(range(len(effects))))
    for order in orders:
        for place, rule in enumerate(order):
            before = frozenset(order[:place])
            means[rule] += (worth[before] - worth[before | {rule}]) / len(orders)
    costs, _ = shared(whole)
    assert costs.is_exact
    assert costs.searches < 16
    assert costs.by_rule == pytest.approx(means, abs=0.01 * worth[frozenset()])
    assert costs.total == pytest.approx(worth[frozenset()] - costs.best.value, abs=0.01 * worth[frozenset()])


@given(
    floors=st.lists(st.sampled_from([1000, 1500, 2000, 2500]), min_size=0, max_size=3),
    steps=st.lists(st.sampled_from([0, 50, 200]), min_size=0, max_size=2),
    seats=st.integers(5, 150),
)
@settings(max_examples=12, deadline=None)
def test_costs_add_up_and_none_is_negative(floors: list[int], steps: list[int], seats: int) -> None:
    """Whatever the rules: whole yen, from 0 on, with the sum that is said; more rules never earn more."""
    rules = [
        *(RangeRule(id=f"f{number}", floor=floor, products=("dye",)) for number, floor in enumerate(floors)),
        *(DailyStepRule(id=f"s{number}", yen=yen) for number, yen in enumerate(steps)),
    ]
    products = (product(), product("dye", start="13:00", current=3000))
    whole = market(
        products=products,
        rules=tuple(rules),
        capacities=(Capacity(id="seats", name={"en": "seats"}, units=seats),),
        segments=(segment(appeal={"loom": 1.0, "dye": 1.5}),),
    )
    costs, value = shared(whole)
    assert sum(costs.by_rule) == costs.total
    assert min(costs.by_rule, default=0) >= 0
    assert costs.best.value >= value


def test_many_rules_are_shared_over_drawn_orders_and_add_up() -> None:
    """Beyond what can be counted in full, orders are drawn by the seed, and the plan says so."""
    rules = tuple(RangeRule(id=f"r{number}", floor=2000 - 10 * number) for number in range(MOST_RULES_EXACT + 1))
    first, second = (plan_prices(market(rules=rules), seed=5) for _ in range(2))
    costs = [cost.cost_yen for cost in first.rule_costs]
    assert sum(costs) == first.rules_cost_yen == 5686
    assert costs == [cost.cost_yen for cost in second.rule_costs]
    assert "RULE_COSTS_SAMPLED" in {reason.code for reason in first.assumed}


def test_nobody_has_to_ask_for_costs() -> None:
    """Without them the plan has none, and does not call them 0."""
    plan = plan_prices(market(rules=RULES), with_rule_costs=False)
    assert plan.rules_cost_yen is None
    assert plan.rule_costs == ()


@pytest.mark.parametrize(
    ("shares", "total", "whole"),
    [
        ([1 / 3, 1 / 3, 1 / 3], 1, (1, 0, 0)),
        ([0.5, 1.5], 2, (1, 1)),
        ([2.7, 0.2, 7.1], 10, (3, 0, 7)),
        ([0.0, 0.0], 0, (0, 0)),
        ([0.2, 0.2], 0, (0, 0)),
        ([], 0, ()),
    ],
)
def test_shares_are_rounded_to_their_sum(shares: list[float], total: int, whole: tuple[int, ...]) -> None:
    """The largest fractions are rounded up, the first of equal ones."""
    assert whole_shares(np.array(shares), total) == whole
