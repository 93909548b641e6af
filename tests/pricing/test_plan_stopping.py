"""Price plans that somebody ends: the best prices by then, with nothing missing unsaid."""

from __future__ import annotations

from small_markets import market

from pricing.model import DailyStepRule, ModeRule, RangeRule
from pricing.plan import plan_prices
from pricing.proposal import Comparison, PricePlan
from pricing.violations import violations

RULES = (RangeRule(id="floor", floor=2000), DailyStepRule(id="step", yen=50), ModeRule(id="mode", mode="careful"))


def untested(_market: object, _plan: PricePlan) -> Comparison:
    raise AssertionError("no test is made after the end")


def test_a_plan_that_is_ended_keeps_all_rules_and_says_what_is_missing() -> None:
    """Ended at once, there are prices that keep every rule, no rule costs, no test, and a note."""
    whole = market(rules=RULES)
    plan = plan_prices(whole, simulate=untested, iterations=1_000_000, should_stop=lambda: True)
    assert violations(whole, plan) == []
    assert plan.limit == "stopped"
    assert (plan.rule_costs, plan.rules_cost_yen, plan.comparison) == ((), None, None)
    assert plan.assumed[0].code == "STOPPED"
    assert plan.model_revenue_yen <= plan.bound_yen


def test_rule_costs_that_were_not_finished_are_left_out() -> None:
    """Ended while rules are priced one by one, the prices stand, and no cost of half the sets of rules is told."""
    told: list[str] = []
    plan = plan_prices(
        market(rules=RULES),
        on_progress=lambda what, _done, _of: told.append(what),
        should_stop=lambda: told.count("rule-costs") > 1,
    )
    assert plan.rules_cost_yen is None
    assert plan.limit == "stopped"
    finished = plan_prices(market(rules=RULES))
    assert [each.path for each in plan.products] == [each.path for each in finished.products]


def test_a_sampler_is_not_asked_after_the_end() -> None:
    """Ended before the sampler draws, the plan is that of classical search."""
    plan = plan_prices(market(), solver="qubo", should_stop=lambda: True)
    assert (plan.solver, plan.sampling, plan.limit) == ("classical", None, "stopped")


def test_asking_changes_nothing() -> None:
    """A question that is never answered with yes leaves the plan as it is."""
    alone, asked = plan_prices(market(rules=RULES)), plan_prices(market(rules=RULES), should_stop=lambda: False)
    assert asked.model_copy(update={"seconds": 0.0}) == alone.model_copy(update={"seconds": 0.0})
