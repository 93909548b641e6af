"""Rules hold in every plan, say what they say at their limits, and name each other where they conflict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product as pairs

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_markets import TODAY, market, period, product, segment

from pricing._rules import effects_of, is_kept, lowest_prices, narrow, open_units, rules_in_conflict
from pricing._solve import Effort, find_prices
from pricing._translate import translate
from pricing.model import (
    Capacity,
    DailyStepRule,
    FrozenRule,
    Market,
    ModeRule,
    NeighbourStepRule,
    NoDropRule,
    OneNonResidentPriceRule,
    OverrideRule,
    RangeRule,
    ResidentRule,
    RoundingRule,
    Rule,
    SpreadRule,
    WalkInRule,
)
from pricing.plan import plan_prices
from pricing.proposal import PricePlan
from pricing.violations import violations
from solvers.revenue.posted_sales import PostedSales

SLOTS = (
    product(),
    product("noon", start="13:00"),
    product("late", start="16:00"),
    product("loom-r", rate="resident"),
    product("loom-n", rate="non-resident"),
    product("loom-m", rate="non-resident"),
)
TODAYS_PLAN = plan_prices(market(products=SLOTS), with_rule_costs=False)


def with_paths(plan: PricePlan, paths: dict[str, Sequence[int | None]]) -> PricePlan:
    """Return a plan with other prices."""
    rows = [row.model_copy(update={"path": tuple(paths.get(row.product, (2000, 2000)))}) for row in plan.products]
    return plan.model_copy(update={"products": tuple(rows)})


@pytest.mark.parametrize(
    ("rule", "kept", "broken"),
    [
        (RangeRule(id="r", floor=1500), {"loom": (1500, 1500)}, {"loom": (1500, 1000)}),
        (RangeRule(id="r", cap=2500), {"loom": (2500, 2500)}, {"loom": (2500, 3000)}),
        (RoundingRule(id="r", unit=1000), {"loom": (1000, 3000)}, {"loom": (1000, 1500)}),
        # One day from today's ¥2,000 to the first period, ten from there to the second.
        (DailyStepRule(id="r", yen=500), {"loom": (2500, 1000)}, {"loom": (3000, 3000)}),
        (DailyStepRule(id="r", yen=50), {"loom": (2000, 2500)}, {"loom": (2000, 1000)}),
        (NeighbourStepRule(id="r", yen=500), {"noon": (2500, 2000), "late": (3000, 2000)}, {"noon": (3000, 2000)}),
        # The date is 20 December: 19 days from the first period, 9 from the second.
        (NoDropRule(id="r", days=9), {"loom": (1500, 1500)}, {"loom": (2000, 1500)}),
        (NoDropRule(id="r", days=8), {"loom": (2000, 1500)}, {}),
        (NoDropRule(id="r", days=19), {"loom": (2000, 2500)}, {"loom": (1500, 2000)}),
        (ResidentRule(id="r"), {"loom-r": (2000, 1500)}, {"loom-r": (2000, 2500)}),
        (OneNonResidentPriceRule(id="r"), {"loom-n": (1500, 2000), "loom-m": (1500, 2000)}, {"loom-n": (1500, 2000)}),
        (FrozenRule(id="r"), {}, {"noon": (2000, 2500)}),
        (SpreadRule(id="r", yen=1000), {"noon": (1500, 2000), "late": (2500, 2000)}, {"noon": (1000, 3500)}),
        (ModeRule(id="r"), {"loom": (1500, 2500)}, {"loom": (1500, 3000)}),
        (ModeRule(id="r", mode="careful"), {}, {"loom": (2000, 2500)}),
        (OverrideRule(id="r", price=1000, products=("loom",)), {"loom": (1000, 1000)}, {"loom": (1000, 1500)}),
        (RangeRule(id="r", cap=1000, products=("late",)), {"late": (1000, 1000)}, {"late": (1000, 1500)}),
    ],
)
def test_a_rule_holds_to_the_yen(
    rule: Rule, kept: dict[str, tuple[int, int]], broken: dict[str, tuple[int, int]]
) -> None:
    """Prices at the limit of a rule keep it, prices beyond break it, for the arrays and for the second look alike."""
    ladders = tuple(each.model_copy(update={"ladder": (1000, 1500, 2000, 2500, 3000, 3500)}) for each in SLOTS)
    whole = market(products=ladders, rules=(rule,))
    translation = translate(whole)
    (effect,) = effects_of(translation)
    for paths, is_right in ((kept, True), (broken, False)):
        if paths or is_right:
            plan = with_paths(TODAYS_PLAN, paths)
            found = violations(whole, plan)
            assert (not found) is is_right
            assert {each.rule for each in found} <= {"r"}
            assert is_kept(translation, effect, translation.posted([row.path for row in plan.products])) is is_right


def test_seats_for_walk_ins_are_the_most_that_any_rule_keeps() -> None:
    """Two rules for the same seats do not add up; booked seats are gone before."""
    seats = Capacity(id="seats", name={"en": "seats"}, units=20, booked=3)
    rooms = Capacity(id="rooms", name={"en": "rooms"}, units=4)
    whole = market(
        capacities=(seats, rooms),
        rules=(
            WalkInRule(id="a", seats=4),
            WalkInRule(id="b", seats=2),
            WalkInRule(id="c", seats=15, capacities=("seats",)),
        ),
    )
    translation = translate(whole)
    effects = effects_of(translation)
    assert open_units(translation, effects).tolist() == [2.0, 0.0]
    assert open_units(translation, effects[1:2]).tolist() == [15.0, 2.0]
    assert open_units(translation, []).tolist() == [17.0, 4.0]


@pytest.mark.parametrize(
    ("rules", "conflict"),
    [
        ((RangeRule(id="a", floor=2500), RangeRule(id="b", cap=2000), RoundingRule(id="c", unit=500)), ("a", "b")),
        ((RoundingRule(id="a", unit=700), RangeRule(id="b", floor=1500)), ("a",)),
        ((FrozenRule(id="a"), OverrideRule(id="b", price=1500)), ("a", "b")),
        ((DailyStepRule(id="a", yen=100), RangeRule(id="b", floor=2500), ModeRule(id="c")), ("a", "b")),
        (
            (
                OverrideRule(id="a", price=3000, products=("loom",)),
                NeighbourStepRule(id="b", yen=500),
                RangeRule(id="c", cap=1500, products=("late",)),
                ResidentRule(id="d"),
            ),
            ("a", "b", "c"),
        ),
        (
            (RangeRule(id="a", floor=2500, products=("loom-r",)), ResidentRule(id="b"), RangeRule(id="c", cap=2000)),
            ("a", "c"),
        ),
        ((NoDropRule(id="a", days=30), RangeRule(id="b", cap=1500)), ("a", "b")),
        (
            (
                SpreadRule(id="a", yen=0),
                RangeRule(id="b", floor=2500, products=("noon",)),
                FrozenRule(id="c", products=("late",)),
            ),
            ("a", "b", "c"),
        ),
    ],
)
def test_rules_that_conflict_are_named_and_no_others(rules: tuple[Rule, ...], conflict: tuple[str, ...]) -> None:
    """None of those named can be left out of the conflict, and the rest can be kept."""
    translation = translate(market(products=SLOTS, rules=rules))
    effects = effects_of(translation)
    assert tuple(rule.id for rule in rules_in_conflict(translation, effects)) == conflict
    for dropped in conflict:
        rest = [effect for effect in effects if effect.rule.id in conflict and effect.rule.id != dropped]
        assert not rules_in_conflict(translation, rest)


def test_the_lowest_prices_keep_every_rule_and_none_lower_do() -> None:
    """The late slot is held up by its floor, and holds up its neighbours step by step."""
    rules = (NeighbourStepRule(id="n", yen=500), RangeRule(id="f", floor=2500, products=("late",)))
    translation = translate(market(products=SLOTS[:3], rules=rules))
    lowest = lowest_prices(translation, effects_of(translation))
    assert lowest is not None
    assert lowest.tolist() == [[1500.0, 2000.0, 2500.0]] * 2


YEN = st.sampled_from([0, 50, 100, 500, 1000])
SOME = st.sampled_from([None, ("loom",), ("loom", "noon"), ("noon", "loom-r")])


def _rules() -> st.SearchStrategy[list[Rule]]:
    each = st.one_of(
        st.builds(
            lambda floor, some: RangeRule(id="x", floor=floor, products=some), st.sampled_from([1000, 1500, 2500]), SOME
        ),
        st.builds(
            lambda cap, some: RangeRule(id="x", cap=cap, products=some), st.sampled_from([1500, 2000, 2500]), SOME
        ),
        st.builds(lambda unit: RoundingRule(id="x", unit=unit), st.sampled_from([500, 1000])),
        st.builds(lambda yen, some: DailyStepRule(id="x", yen=yen, products=some), YEN, SOME),
        st.builds(lambda yen: NeighbourStepRule(id="x", yen=yen), YEN),
        st.builds(lambda days, some: NoDropRule(id="x", days=days, products=some), st.integers(0, 25), SOME),
        st.just(ResidentRule(id="x")),
        st.just(OneNonResidentPriceRule(id="x")),
        st.builds(lambda yen: SpreadRule(id="x", yen=yen), YEN),
        st.builds(lambda mode: ModeRule(id="x", mode=mode), st.sampled_from(["careful", "standard", "bold"])),
        st.builds(lambda seats: WalkInRule(id="x", seats=seats), st.integers(0, 5)),
        st.just(FrozenRule(id="x", products=("noon",))),
        st.just(OverrideRule(id="x", price=2500, products=("loom-r",))),
    )
    return st.lists(each, min_size=1, max_size=4).map(
        lambda rules: [rule.model_copy(update={"id": f"r{number}"}) for number, rule in enumerate(rules)]
    )


def ruled(rules: Sequence[Rule], *, seats: int, dates: Sequence[int] = (20, 20, 11, 20, 20)) -> Market:
    """Return five products and two segments under some rules, with some seats."""
    products = tuple(
        each.model_copy(update={"date": TODAY.replace(day=day)})
        for each, day in zip((*SLOTS[:2], SLOTS[3], *SLOTS[4:]), dates, strict=True)
    )
    return market(
        periods=(period(1, 5), period(6, 11), period(12, 20)),
        products=products,
        capacities=(Capacity(id="seats", name={"en": "seats"}, units=seats),),
        segments=(
            segment(arrivals=(20.0, 40.0, 30.0), appeal={each.id: 1.0 for each in products}),
            segment("near", arrivals=(10.0, 0.0, 25.0), sensitivity=2.0, appeal={"loom": 2.0, "loom-r": 2.5}),
        ),
        rules=tuple(rules),
    )


@given(rules=_rules(), seats=st.integers(5, 120), may_close=st.booleans())
@settings(max_examples=40, deadline=None)
def test_no_plan_breaks_a_rule(rules: list[Rule], seats: int, may_close: bool) -> None:
    """Whatever the rules and the seats: what the second look finds is nothing, and today is never above the bound."""
    whole = ruled(rules, seats=seats)
    if rules_in_conflict(translate(whole), effects_of(translate(whole))):
        return
    plan = plan_prices(whole, with_rule_costs=False, iterations=2, may_close=may_close)
    assert violations(whole, plan) == []
    assert plan.model_revenue_yen <= plan.bound_yen * (1 + 1e-6)
    assert may_close or all(
        (price is None) == (day.first > each.date)
        for each, row in zip(whole.products, plan.products, strict=True)
        for day, price in zip(whole.periods, row.path, strict=True)
    )


@given(rules=_rules())
@settings(max_examples=20, deadline=None)
def test_prices_are_near_the_best_of_all_that_keep_the_rules(rules: list[Rule]) -> None:
    """All paths of one product over two periods are scored one by one: none beats the bound, few the prices found."""
    rules = [rule for rule in rules if not isinstance(rule, FrozenRule | OverrideRule)]
    rules = [rule.model_copy(update={"products": None}) if hasattr(rule, "products") else rule for rule in rules]
    seats = Capacity(id="seats", name={"en": "seats"}, units=45)
    whole = market(rules=tuple(rules), capacities=(seats,))
    translation = translate(whole)
    effects = effects_of(translation)
    if rules_in_conflict(translation, effects):
        return
    capacity = open_units(translation, effects)
    sales = PostedSales(replace(translation.problem, capacity=capacity))
    best = max(
        float(translation.problem.price @ sales.of(posted))
        for posted in (np.array(path)[:, None] for path in pairs(range(5), range(5)))
        if all(is_kept(translation, effect, posted) for effect in effects)
    )
    found = find_prices(translation, effects, translation.problem.price, Effort())
    assert best * (1 - 1e-6) <= found.value <= best * (1 + 1e-9)
    assert best <= found.bound * (1 + 1e-9)


def test_rows_allow_what_rules_allow_and_nothing_else() -> None:
    """Every posting of two products in two periods keeps the linear rows just where it keeps the rules."""
    rules = (
        NeighbourStepRule(id="n", yen=500),
        DailyStepRule(id="d", yen=60),
        NoDropRule(id="k", days=9, products=("noon",)),
        RangeRule(id="f", floor=1500, products=("noon",)),
    )
    ladders = tuple(each.model_copy(update={"ladder": (1500, 2000, 2500)}) for each in SLOTS[:2])
    translation = translate(market(products=ladders, rules=rules))
    effects = effects_of(translation)
    ruled_problem = narrow(translation, effects, translation.problem.price, may_close=True)
    rows, kept = ruled_problem.rows, ruled_problem.kept_alternatives
    for choice in pairs((-1, 0, 1, 2), (-1, 3, 4, 5), (-1, 0, 1, 2), (-1, 3, 4, 5)):
        posted = np.array(choice).reshape(2, 2)
        activity = np.zeros(len(rows))
        shown = {(at, int(each)) for at in range(2) for each in posted[at] if each >= 0}
        for row, at, alternative, value in zip(rows.row, rows.phase, rows.alternative, rows.coefficient, strict=True):
            activity[row] += value * ((int(at), int(kept[alternative])) in shown)
        is_broken = (activity < rows.lower) | (activity > rows.upper)
        broken = {number for number, effect in enumerate(effects) if not is_kept(translation, effect, posted)}
        assert all(each in kept for _, each in shown)
        # A row is left out where another rule forbids all that would break it, so not every rule is named.
        named = {int(number) for number in ruled_problem.row_rule[is_broken]}
        assert (named <= broken, bool(named)) == (True, bool(broken)), choice
