"""Policies compared on the same simulated customers."""

from __future__ import annotations

import numpy as np
import pytest
from posted_plans import posted_plan
from small_markets import market, product, segment

from pricing.model import (
    Capacity,
    DailyStepRule,
    ModeRule,
    OneNonResidentPriceRule,
    RangeRule,
    ResidentRule,
    WalkInRule,
)
from pricing.plan import plan_prices
from pricing.policies import POLICY_WORDS
from pricing.simulation import POLICIES, compare
from regional_assets.errors import InputError


def seats(units: int, **changes: object) -> tuple[Capacity, ...]:
    """Return the one capacity of the small market."""
    return (Capacity(id="seats", name={"en": "seats"}, units=units, **changes),)  # type: ignore[arg-type]


def test_slack_seats_sell_as_the_model_says() -> None:
    """Of 200 people e^0 / (1 + e^0) buy at ¥1,000, which makes ¥100,000, and fewer at today's ¥2,000."""
    of = market()
    played = compare(of, posted_plan(of, {"loom": 1000}), policies=("today", "static"), horizons=400, seed=1)
    today, static = played.outcomes
    assert static.sales.low < 100.0 < static.sales.high
    assert static.revenue_yen.low < 100_000.0 < static.revenue_yen.high
    buys = np.exp(-1.0) / (1.0 + np.exp(-1.0))
    assert today.revenue_yen.low < 200 * buys * 2000 < today.revenue_yen.high
    assert static.mean_path == {"loom": (1000.0, 1000.0)}


def test_differences_are_paired() -> None:
    """The interval of a difference is narrower than those of its two sides, and today has none."""
    of = market()
    today, static = compare(of, posted_plan(of, {"loom": 2500}), policies=("today", "static"), horizons=400).outcomes
    assert today.more_than_today is None
    assert static.more_than_today is not None
    pairs = np.array(static.revenues_yen) - np.array(today.revenues_yen)
    assert static.more_than_today.mean == pytest.approx(pairs.mean())
    width = static.more_than_today.high - static.more_than_today.low
    assert width < 0.8 * np.hypot(
        today.revenue_yen.high - today.revenue_yen.low, static.revenue_yen.high - static.revenue_yen.low
    )


@pytest.mark.parametrize("seed", range(5))
def test_no_policy_that_keeps_the_rules_beats_the_bound_of_the_plan(seed: int) -> None:
    """With cancellations, absences, kept and booked seats, costs and two rates, each mean stays below it."""
    draw = np.random.default_rng(seed)
    first = product(cost=int(draw.integers(0, 900)))
    other = product("loom-r", rate="resident", capacities={"seats": int(draw.integers(1, 3))})
    of = market(
        products=(first, other),
        capacities=seats(int(draw.integers(10, 80)), booked=3, booked_yen=6000, walk_ins=5.0),
        segments=(
            segment(cancels=float(draw.uniform(0, 0.5)), stays_away=0.1, appeal={"loom": 2.0, "loom-r": 1.0}),
            segment("near", sensitivity=2.0, cancels=0.1, appeal={"loom-r": 3.0}),
        ),
        rules=(WalkInRule(id="w", seats=2), ResidentRule(id="r"), DailyStepRule(id="d", yen=500)),
    )
    plan = plan_prices(of, with_rule_costs=False, iterations=2)
    played = compare(of, plan, policies=("static", "dynamic", "rule-based"), horizons=150, seed=seed)
    for outcome in played.outcomes:
        error = (outcome.revenue_yen.high - outcome.revenue_yen.low) / 4
        assert outcome.revenue_yen.mean <= plan.bound_yen + 4 * error


def test_cancellations_absences_and_costs_are_counted() -> None:
    """A fifth cancels and pays nothing, a tenth of the rest stays away and pays; each sale costs ¥300."""
    of = market(products=(product(cost=300),), segments=(segment(cancels=0.2, stays_away=0.1),))
    (today,) = compare(of, posted_plan(of, {}), policies=("today",), horizons=400, seed=2).outcomes
    bookings = 200 * np.exp(-1.0) / (1.0 + np.exp(-1.0))
    assert today.sales.mean == pytest.approx(0.8 * bookings, rel=0.03)
    assert today.cancelled == pytest.approx(0.2 * bookings, rel=0.05)
    assert today.stayed_away == pytest.approx(0.08 * bookings, rel=0.1)
    assert today.revenue_yen.mean == pytest.approx(1700 * today.sales.mean)
    assert today.occupancy["seats"] == pytest.approx(0.72 * bookings / 1000, rel=0.05)


def test_all_four_policies_are_played_on_short_seats() -> None:
    """With 12 seats for 60 people the live policy earns more than today's prices, and none oversells."""
    of = market(capacities=seats(12), segments=(segment(arrivals=(30.0, 30.0)),))
    played = compare(of, posted_plan(of, {"loom": 3000}), horizons=300, seed=3)
    assert [outcome.policy for outcome in played.outcomes] == list(POLICIES) == list(POLICY_WORDS)
    today, static, dynamic, by_rule = played.outcomes
    assert static.more_than_today is not None
    assert dynamic.more_than_today is not None
    assert dynamic.more_than_today.low > 0
    assert dynamic.revenue_yen.mean >= max(today.revenue_yen.mean, static.revenue_yen.mean)
    assert by_rule.sales.mean <= 12
    assert max(outcome.occupancy["seats"] for outcome in played.outcomes) <= 1.0


def test_no_policy_exceeds_the_bound() -> None:
    """What no prices exceed in expectation, no simulated mean does beyond its interval; live prices come near."""
    of = market(capacities=seats(12), segments=(segment(arrivals=(30.0, 30.0), cancels=0.1),))
    plan = plan_prices(of, with_rule_costs=False)
    played = compare(of, plan, horizons=400, seed=5)
    assert all(outcome.revenue_yen.low <= plan.bound_yen for outcome in played.outcomes)
    assert max(outcome.revenue_yen.mean for outcome in played.outcomes) > 0.85 * plan.bound_yen


def test_live_prices_stay_within_the_rules() -> None:
    """Mode, range and daily step bound what the live policies post."""
    rules = (
        ModeRule(id="mode", mode="standard"),
        RangeRule(id="range", floor=1500),
        DailyStepRule(id="step", yen=500),
    )
    of = market(capacities=seats(12), rules=rules)
    played = compare(of, posted_plan(of, {}), policies=("dynamic", "rule-based"), horizons=50, seed=3)
    for outcome in played.outcomes:
        for price in outcome.mean_path["loom"]:
            assert price is None or 1500.0 <= price <= 2500.0
    free = compare(market(capacities=seats(12)), posted_plan(of, {}), policies=("dynamic",), horizons=50, seed=3)
    assert free.outcomes[0].mean_path["loom"][0] == 3000.0


def test_one_price_for_all_from_elsewhere_moves_together() -> None:
    """Two rates of one slot under the rule of one price have one price under the live policy."""
    both = tuple(product(name, rate="non-resident") for name in ("loom", "loom-abroad"))
    of = market(
        products=both,
        capacities=seats(12),
        segments=(segment(appeal={"loom": 1.0, "loom-abroad": 1.5}),),
        rules=(OneNonResidentPriceRule(id="one"),),
    )
    (live,) = compare(of, posted_plan(of, {}), policies=("dynamic",), horizons=50, seed=3).outcomes
    assert live.mean_path["loom"] == live.mean_path["loom-abroad"]
    assert live.mean_path["loom"][0] != 2000.0


def test_kept_seats_are_for_people_without_a_booking() -> None:
    """They are not sold; who comes is counted apart, and where nobody knows how many come that is said."""
    rule = WalkInRule(id="walk-in", seats=4)
    known = market(capacities=seats(12, walk_ins=3.0), rules=(rule,))
    (today,) = compare(known, posted_plan(known, {}), policies=("today",), horizons=200, seed=3).outcomes
    assert today.sales.mean <= 8
    assert 2.0 < today.walk_ins["seats"] < 3.0
    unknown = market(capacities=seats(12), rules=(rule,))
    played = compare(unknown, posted_plan(unknown, {}), policies=("today",), horizons=2)
    assert [reason.code for reason in played.assumed] == ["WALK_INS_UNKNOWN"]
    assert played.outcomes[0].walk_ins == {"seats": 0.0}


def test_new_products_are_said_to_stand_in_the_middle() -> None:
    """Without a price today, today's policy assumes one and says which."""
    of = market(products=(product(current=None),))
    plan = posted_plan(of, {"loom": 1500})
    played = compare(of, plan, policies=("today",), horizons=2)
    assert played.outcomes[0].mean_path["loom"] == (2000.0, 2000.0)
    (reason,) = played.assumed
    assert reason.code == "PRICE_TODAY_ASSUMED"
    assert "loom ¥2,000" in reason.text.in_("en")


def test_ranges_widen_the_interval() -> None:
    """Drawn sensitivities leave today's prices alone and make a change less certain."""
    of = market(segments=(segment(sensitivity_range=(0.4, 2.5)),))
    plan = posted_plan(of, {"loom": 3000})
    stated = compare(of, plan, policies=("today", "static"), horizons=300, seed=1)
    drawn = compare(of, plan, policies=("today", "static"), horizons=300, seed=1, demand="drawn-from-ranges")
    assert drawn.outcomes[0].revenues_yen == stated.outcomes[0].revenues_yen
    widths = [
        played.outcomes[1].more_than_today.high - played.outcomes[1].more_than_today.low  # type: ignore[union-attr]
        for played in (stated, drawn)
    ]
    assert widths[1] > 1.5 * widths[0]
    assert [reason.code for reason in drawn.assumed] == ["SENSITIVITIES_DRAWN"]


def test_same_seed_gives_the_same_comparison() -> None:
    """The answer repeats its seed, and the seed gives the answer again; progress ends at all horizons."""
    of = market(capacities=seats(12))
    told: list[tuple[int, int]] = []
    first = compare(
        of, posted_plan(of, {}), horizons=150, seed=4, on_progress=lambda done, all_: told.append((done, all_))
    )
    assert first == compare(of, posted_plan(of, {}), horizons=150, seed=4)
    assert first.seed == 4
    assert told[-1] == (600, 600)
    assert len(told) == 8


def test_nonsense_is_refused_all_at_once() -> None:
    """Another market's plan, a policy that is none, one named twice, and too few horizons."""
    of = market()
    other = market(products=(product("wheel"),), segments=(segment(appeal={"wheel": 1.0}),))
    with pytest.raises(InputError) as refused:
        compare(of, posted_plan(other, {}), policies=("today", "today", "magic"), horizons=1)  # type: ignore[arg-type]
    assert [problem.where for problem in refused.value.problems] == ["plan", "horizons", "policies", "policies"]


def test_plans_that_cannot_be_posted_are_refused() -> None:
    """A plan comes from a file or over a wire: a price off the ladder, or too few of them, is told by product."""
    sold = market()
    plan = posted_plan(sold, {})
    strange = plan.products[0].model_copy(update={"path": (1234,)})
    with pytest.raises(InputError) as refused:
        compare(sold, plan.model_copy(update={"products": (strange, *plan.products[1:])}), horizons=2)
    told = [(problem.where, problem.value) for problem in refused.value.problems]
    assert told == [("plan.products[0].path", 1), ("plan.products[0].path", 1234)]


def test_nobody_comes_and_every_policy_earns_nothing() -> None:
    """That is a market like any other: prices keep the rules, and the test of them goes through."""
    of = market(segments=(segment(arrivals=(0.0, 0.0)),), rules=(RangeRule(id="cap", cap=2500),))
    plan = plan_prices(of, iterations=1)
    assert plan.model_revenue_yen == plan.bound_yen == 0.0
    assert max(plan.products[0].path) <= 2500  # type: ignore[type-var]
    for outcome in compare(of, plan, horizons=3).outcomes:
        assert outcome.revenues_yen == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("appeal", [-100.0, 40.0, 100.0])
def test_appeals_at_the_end_of_the_scale_are_planned_for_and_played(appeal: float) -> None:
    """Whoever wants a seat at any price pays the highest; whoever wants none at any price buys none."""
    products = (product(), product("kiln"))
    crowd = tuple(segment(f"s{at}", appeal={"loom": appeal, "kiln": 1.0}, arrivals=(20.0, 20.0)) for at in range(2))
    of = market(products=products, segments=crowd, capacities=seats(20))
    plan = plan_prices(of, iterations=1, with_rule_costs=False)
    assert plan.model_revenue_yen <= plan.bound_yen * (1 + 1e-9)
    outcomes = {each.policy: each for each in compare(of, plan, horizons=5).outcomes}
    if appeal > 0:
        assert plan.model_revenue_yen == pytest.approx(20 * 3000)
        assert outcomes["dynamic"].revenue_yen.mean == pytest.approx(20 * 3000)


def test_a_capacity_beyond_all_demand_is_played() -> None:
    """Ten million seats and 200 people: as many are valued as could ever be asked for."""
    of = market(capacities=seats(10_000_000))
    dynamic = compare(of, posted_plan(of, {"loom": 2000}), policies=("dynamic",), horizons=5).outcomes[0]
    assert 0 < dynamic.sales.mean < 200


def test_seats_and_people_beyond_what_can_be_valued_one_by_one_are_refused() -> None:
    """Only the dynamic policy values each seat by itself."""
    of = market(capacities=seats(10_000_000), segments=(segment(arrivals=(1e7, 1e7)),))
    with pytest.raises(InputError, match="too many for the policy 'dynamic'") as refused:
        compare(of, posted_plan(of, {"loom": 2000}), policies=("dynamic",), horizons=2)
    assert [problem.where for problem in refused.value.problems] == ["market.capacities"]
