"""Proposals have the prices that sums by hand give, and every reason is true where it is given and only there."""

from __future__ import annotations

from typing import Any

import pytest
from small_markets import TODAY, market, product, segment

from pricing.errors import ConflictingRulesError
from pricing.model import (
    Capacity,
    DailyStepRule,
    FrozenRule,
    Market,
    ModeRule,
    OverrideRule,
    RangeRule,
    WalkInRule,
)
from pricing.plan import plan_prices
from pricing.proposal import Comparison, PricePlan, ProductPlan

# 200 customers at ¥p bring 200 p / (1 + exp(p / 1000 - 1)): ¥100,000, 113,262, 107,577, 91,213 and 71,522.
AT_1500 = 200 * 1500 / (1 + 2.718281828459045**0.5)
AT_2000 = 200 * 2000 / (1 + 2.718281828459045)


def seats(units: int, **changes: Any) -> tuple[Capacity]:
    """Return the seats of the small market, fewer of them."""
    return (Capacity(**{"id": "seats", "name": {"en": "seats"}, "units": units} | changes),)


def proposed(whole: Market, **options: Any) -> ProductPlan:
    """Return the plan of the first product."""
    return plan_prices(whole, **options).products[0]


def codes(row: ProductPlan) -> list[str]:
    """Return the codes of the reasons, the main one first."""
    return [reason.code for reason in row.reasons]


def test_the_best_price_of_one_product_is_found() -> None:
    """¥1,500 earns most of five prices; the plan says what by the sum, at no gap between it and the bound's prices."""
    plan = plan_prices(market())
    row = plan.products[0]
    assert (row.current, row.proposed, row.path) == (2000, 1500, (1500, 1500))
    assert plan.model_revenue_yen == pytest.approx(AT_1500)
    assert row.revenue_yen == pytest.approx(AT_1500)
    assert row.sales == pytest.approx(AT_1500 / 1500)
    assert plan.bound_yen >= plan.model_revenue_yen
    assert plan.capacities[0].bid_price_yen == pytest.approx(0)
    assert plan.capacities[0].expected == pytest.approx(AT_1500 / 1500)
    assert plan.rules_cost_yen == 0
    assert codes(row) == ["DEMAND_WEAK"]
    assert row.reasons[0].text.in_("en").startswith("was ¥2,000, now ¥1,500: ")
    assert row.reasons[0].text.in_("ja").startswith("2,000円から1,500円へ: ")


def test_costs_of_a_sale_come_off_the_figures() -> None:
    """At ¥800 a sale, ¥2,000 nets 200 * 1,200 / (1 + e) = 64,546, more than ¥1,500 or ¥2,500."""
    plan = plan_prices(market(products=(product(cost=800),)))
    assert plan.products[0].proposed == 2000
    assert plan.model_revenue_yen == pytest.approx(AT_2000 * 1200 / 2000)
    assert plan.model_revenue_yen <= plan.bound_yen


def test_few_seats_go_at_the_top_of_the_ladder() -> None:
    """Twenty seats sell out even at ¥3,000, where 23.8 would come; one more is worth close to ¥3,000."""
    plan = plan_prices(market(capacities=seats(20)))
    row = plan.products[0]
    assert row.path == (3000, 3000)
    assert plan.model_revenue_yen == pytest.approx(60_000)
    assert plan.capacities[0].expected == pytest.approx(20)
    assert plan.capacities[0].bid_price_yen > 1000
    assert codes(row)[0] == "CAPACITY_SCARCE"
    assert "all 20 units" in row.reasons[0].text.in_("en")


def test_a_ladder_is_too_short_only_where_a_step_more_would_pay() -> None:
    """Ten seats sell at ¥3,500, too; of the 23.8 that go at ¥3,000 only 15.2 would, which brings less."""
    assert "LADDER_TOP" in codes(proposed(market(capacities=seats(10))))
    assert "LADDER_TOP" not in codes(proposed(market(capacities=seats(24))))
    low = market(products=(product(ladder=(2000, 2500), current=2000),))
    assert "LADDER_BOTTOM" in codes(proposed(low))
    assert "LADDER_BOTTOM" not in codes(proposed(market(products=(product(ladder=(1500, 2000), current=1500),))))


def test_seats_are_scarce_only_where_they_run_out_at_todays_price() -> None:
    """From ¥1,000 the price rises to ¥1,500 whether 90 seats run out (100 would come) or 110 do not."""
    cheap = (product(current=1000),)
    scarce = proposed(market(products=cheap, capacities=seats(90)))
    ample = proposed(market(products=cheap, capacities=seats(110)))
    assert scarce.path == ample.path == (1500, 1500)
    assert codes(scarce)[0] == "CAPACITY_SCARCE"
    assert codes(ample) == ["MORE_PER_SALE"]
    assert "sales fall from 100.0 to 75.5" in ample.reasons[0].text.in_("en")


def test_today_is_best_only_where_no_step_pays() -> None:
    """¥1,500 stays because it is best; ¥2,000 stays because a rule wants it to."""
    best = proposed(market(products=(product(current=1500),)))
    held = proposed(market(rules=(RangeRule(id="floor", floor=2000),)))
    assert codes(best) == ["UNCHANGED_BEST"]
    assert best.reasons[0].text.in_("en").startswith("stays at ¥1,500: ")
    assert codes(held) == ["RULE_BINDS"]


def test_a_rule_binds_only_where_a_step_that_it_forbids_pays() -> None:
    """A floor of ¥2,000 keeps ¥5,686 away, which the reason says; a floor of ¥1,500 and a cap keep nothing away."""
    loose = RangeRule(id="loose", floor=1500, cap=2500)
    plan = plan_prices(market(rules=(RangeRule(id="floor", floor=2000), loose)))
    assert plan.products[0].proposed == 2000
    words = plan.products[0].reasons[0].text
    assert "one step further would bring ¥5,686 more (in all it costs ¥5,686)" in words.in_("en")
    assert "5,686円" in words.in_("ja")
    assert [(cost.rule, cost.cost_yen, cost.binds) for cost in plan.rule_costs] == [
        ("floor", 5686, ("loom",)),
        ("loose", 0, ()),
    ]
    assert plan.rules_cost_yen == round(AT_1500 - AT_2000) == 5686
    assert "RULE_BINDS" not in codes(proposed(market(rules=(loose,))))


def test_a_rule_forces_a_change_only_where_todays_price_breaks_it() -> None:
    """¥1,500 is best and forbidden; ¥2,000 is merely worse."""
    rules = (RangeRule(id="floor", floor=2000),)
    assert codes(proposed(market(products=(product(current=1500),), rules=rules))) == ["RULE_FORCES", "RULE_BINDS"]
    assert "RULE_FORCES" not in codes(proposed(market(products=(product(current=2500),), rules=rules)))


def test_prices_set_by_rules_say_so() -> None:
    """A frozen price and one set by hand have no other reason."""
    assert codes(proposed(market(rules=(FrozenRule(id="still"),)))) == ["FROZEN"]
    by_hand = proposed(market(rules=(OverrideRule(id="hand", price=3000),)))
    assert (by_hand.proposed, codes(by_hand)) == (3000, ["SET_BY_HAND"])
    other = market(products=(product(), product("dye")), rules=(FrozenRule(id="still", products=("dye",)),))
    assert "FROZEN" not in codes(proposed(other))


def test_new_products_are_priced_without_a_past() -> None:
    """A product without a price today gets the best one."""
    row = proposed(market(products=(product(current=None),), rules=(ModeRule(id="mode"), DailyStepRule(id="s", yen=0))))
    assert (row.current, row.proposed) == (None, 1500)
    assert codes(row) == ["NEW_PRODUCT"]


def test_a_price_that_may_fall_only_later_falls_later() -> None:
    """¥100 a day leaves today's price at first, and ten days later ¥500 are allowed."""
    row = proposed(market(rules=(DailyStepRule(id="step", yen=100),)))
    assert row.path == (2000, 1500)
    assert row.proposed == 2000
    assert codes(row)[-1] == "LATER_CHANGE"
    assert row.reasons[0].text.in_("en").startswith("stays at ¥2,000 for now: ")
    assert row.reasons[-1].text.in_("en") == "¥1,500 from 2026-12-11"
    assert "LATER_CHANGE" not in codes(proposed(market()))


def closing(**options: Any) -> PricePlan:
    """Plan ten seats that the public pays ¥3,000 for and residents ¥500, with as many of both as one likes."""
    products = (product(ladder=(3000,), current=3000), product("near", rate="resident", ladder=(500,), current=500))
    units = options.pop("units", 10)
    return plan_prices(
        market(
            products=products,
            capacities=seats(units),
            segments=(segment(appeal={"loom": 5.0}), segment("residents", appeal={"near": 5.0})),
        ),
        **options,
    )


def test_products_are_closed_only_where_asked_and_where_it_pays() -> None:
    """Residents' seats would take those of the public; nobody closes them unasked, nor where seats are ample."""
    public, residents = closing(may_close=True).products
    assert public.path == (3000, 3000)
    assert residents.path[0] is None
    assert residents.proposed is None
    assert codes(residents)[0] == "CLOSED_PAYS"
    assert residents.reasons[0].text.in_("en").startswith("not on sale: ")
    for plan in (closing(), closing(may_close=True, units=1000)):
        assert all(None not in row.path for row in plan.products)
        assert all("CLOSED_PAYS" not in codes(row) for row in plan.products)


def test_a_product_that_sells_out_keeps_its_price() -> None:
    """Ten seats go in the first period; what is posted afterwards stays as it was."""
    assert closing().products[0].path == (3000, 3000)
    path = proposed(market(capacities=seats(10), segments=(segment(arrivals=(1000.0, 10.0)),))).path
    assert path == (3000, 3000)


def test_nothing_is_sold_of_what_is_gone() -> None:
    """Where all seats are booked, or kept, any price will do and today's stays; one seat is something to sell."""
    gone = proposed(market(capacities=seats(20, booked=20, booked_yen=1)))
    assert (gone.path, gone.sales, codes(gone)) == ((2000, 2000), 0.0, ["SOLD_OUT"])
    assert "'seats'" in gone.reasons[0].text.in_("en")
    kept = market(capacities=seats(20, booked=15, booked_yen=1), rules=(WalkInRule(id="door", seats=5),))
    assert codes(proposed(kept)) == ["SOLD_OUT"]
    assert "SOLD_OUT" not in codes(proposed(market(capacities=seats(20, booked=19, booked_yen=1))))


def test_nothing_is_sold_after_its_day() -> None:
    """A product of the first period has no price in the second."""
    row = proposed(market(products=(product(date=TODAY.replace(day=5)),)))
    assert row.path == (1500, None)
    assert row.sales == pytest.approx(AT_1500 / 1500 / 2)


def test_seats_kept_for_walk_ins_are_not_sold() -> None:
    """Of twenty seats three are booked and five kept: twelve are expected to sell, and the rest is told."""
    rules = (WalkInRule(id="door", seats=5),)
    (row,) = plan_prices(market(capacities=seats(20, booked=3, booked_yen=6000), rules=rules)).capacities
    assert (row.units, row.booked, row.kept, row.expected) == (20, 3, 5, pytest.approx(12))
    short = plan_prices(market(capacities=seats(20, booked=18), rules=rules))
    assert short.capacities[0].kept == 2
    assert "WALK_IN_SEATS_SHORT" in {reason.code for reason in short.assumed}


@pytest.mark.parametrize("units", [5, 20, 60, 200])
def test_more_capacity_never_lowers_the_bound(units: int) -> None:
    """One seat more is worth nothing or something, never less."""
    fewer, more = (plan_prices(market(capacities=seats(each))) for each in (units, units + 1))
    assert fewer.bound_yen <= more.bound_yen * (1 + 1e-9)
    assert fewer.model_revenue_yen <= fewer.bound_yen


def test_what_is_assumed_is_flagged() -> None:
    """Stated and made-up demand, unknown sensitivity and cancellations are told; what is known is not."""
    stated = {reason.code for reason in plan_prices(market()).assumed}
    assert stated == {"DEMAND_STATED", "SENSITIVITY_UNSURE", "DEMAND_AT_ITS_MEAN"}
    known = segment(source="estimated", sensitivity_range=(0.5, 1.5))
    assert {reason.code for reason in plan_prices(market(segments=(known,))).assumed} == {"DEMAND_AT_ITS_MEAN"}
    made_up = plan_prices(market(segments=(segment(source="simulated", cancels=0.1),)))
    assert made_up.simulated
    assert {"DEMAND_SIMULATED", "CANCELLED_SEATS_SOLD_AGAIN"} <= {reason.code for reason in made_up.assumed}
    assert not plan_prices(market()).simulated
    assert plan_prices(market(simulated=True)).simulated


def test_a_plan_is_the_same_again() -> None:
    """Iterations and a seed give the same plan twice, apart from the time it took; seconds say that they were used."""
    whole = market(rules=(DailyStepRule(id="step", yen=100),), capacities=seats(40))
    first, second = (plan_prices(whole, seed=3, iterations=5).model_copy(update={"seconds": 0.0}) for _ in range(2))
    assert first == second
    assert (first.seed, first.limit) == (3, "iterations")
    assert plan_prices(whole, seconds=0.05).limit == "seconds"


def test_a_test_by_simulation_is_put_beside_the_plan() -> None:
    """The caller's simulation is given the market and the plan."""
    whole = market()
    seen: list[tuple[Market, PricePlan]] = []

    def simulate(given: Market, plan: PricePlan) -> Comparison:
        seen.append((given, plan))
        return Comparison(horizons=1, seed=plan.seed, outcomes=())

    plan = plan_prices(whole, simulate=simulate)
    assert plan.comparison == Comparison(horizons=1, seed=0, outcomes=())
    assert seen[0][0] == whole
    assert seen[0][1].comparison is None
    assert plan_prices(whole).comparison is None


def test_progress_is_told() -> None:
    """Every set of rules that is priced is counted."""
    told: list[tuple[str, int, int]] = []
    rules = (RangeRule(id="a", cap=2500), RangeRule(id="b", floor=2000))
    plan_prices(market(rules=rules), on_progress=lambda *each: told.append(each))
    assert told[:2] == [("prices", 0, 1), ("prices", 1, 1)]
    assert told[-1] == ("rule-costs", 4, 4)


def test_conflicting_rules_and_senseless_weights_are_refused() -> None:
    """Nothing is planned that cannot be kept or meant."""
    with pytest.raises(ConflictingRulesError):
        plan_prices(market(rules=(RangeRule(id="a", cap=1000), FrozenRule(id="b"))))
    for weights in ({"revenue": -1.0}, {"revenue": float("nan")}, {"visitors": 0.0}, {}):
        with pytest.raises(ValueError, match="weights"):
            plan_prices(market(), weights=weights)  # type: ignore[arg-type]


def test_prices_are_handed_out_before_the_costs_of_rules() -> None:
    """Who may be stopped on the way has something to keep: whole prices, and nothing said of what is not known yet."""
    early: list[PricePlan] = []
    of = market(rules=(RangeRule(id="cap", cap=2000),))
    plan = plan_prices(of, iterations=1, on_plan=early.append)
    (first,) = early
    assert first.rules_cost_yen is None
    assert plan.rules_cost_yen is not None
    assert [len(each.path) for each in first.products] == [len(of.periods)] * len(of.products)
