"""Other objectives are weighed by what is known, and trade-offs are true ones."""

from __future__ import annotations

import itertools

import pytest
from small_markets import market, product, segment

from pricing._translate import translate
from pricing.model import Capacity, Market, ModeRule
from pricing.objectives import figures_of, mixed_values, trade_off, values_of
from pricing.plan import plan_prices
from pricing.proposal import Objective
from pricing.violations import violations

BUSY = product(off_peak=False, local_spend=500, cost=200)
QUIET = product("quiet", start="16:00", off_peak=True, local_spend=1500, capacities={"late": 1})
UNSAID = product("unsaid", start="18:00", capacities={"late": 1})


def town(*extra: object) -> Market:
    """Return a busy slot that fills, a quiet one that does not, and more products where given."""
    products = (BUSY, QUIET, *extra)
    return market(
        products=products,
        capacities=(
            Capacity(id="seats", name={"en": "seats"}, units=30),
            Capacity(id="late", name={"en": "late"}, units=300),
        ),
        segments=(segment(appeal={"loom": 2.0, "quiet": 0.5}),),
    )


def test_a_sale_counts_what_is_known_of_it() -> None:
    """Net yen, one visitor, one off-peak visit, yen spent nearby; what nobody said counts 0."""
    translation = translate(town(UNSAID))
    firsts = translation.first[:-1]
    assert values_of(translation, "revenue")[firsts].tolist() == [800, 1000, 1000]
    assert values_of(translation, "visitors")[firsts].tolist() == [1, 1, 1]
    assert values_of(translation, "off-peak")[firsts].tolist() == [0, 1, 0]
    assert values_of(translation, "local-spend")[firsts].tolist() == [500, 1500, 0]
    mixed = mixed_values(translation, {"revenue": 1.0, "visitors": 50.0, "local-spend": 0.1})
    assert mixed[firsts] == pytest.approx([900, 1200, 1050])


def test_figures_add_up() -> None:
    """Two busy and three quiet visitors at their lowest prices."""
    translation = translate(town())
    sales = translation.problem.price * 0
    sales[translation.first[:-1]] = [2.0, 3.0]
    figures = figures_of(translation, sales)
    assert figures.model_dump() == {
        "revenue_yen": 4600.0,
        "visitors": 5.0,
        "off_peak_share": 0.6,
        "local_spend_yen": 5500.0,
    }
    assert figures_of(translation, sales * 0).off_peak_share is None


def test_most_visitors_come_at_the_lowest_price() -> None:
    """Where seats are ample, nothing but the price keeps people away: 100 of 200 come at ¥1,000."""
    plan = plan_prices(market(), objective="visitors")
    assert plan.products[0].path == (1000, 1000)
    assert plan.figures is not None
    assert plan.figures.visitors == pytest.approx(100)
    assert plan.objective == "visitors"
    assert plan.model_revenue_yen == pytest.approx(100_000)
    assert plan.bound_yen >= 113_261
    assert "visitors more" not in plan.products[0].reasons[0].text.in_("en")


def test_weights_lie_between_the_objectives() -> None:
    """A visitor worth ¥100 changes nothing, one worth ¥2,000 brings the price down to ¥1,000."""
    low = plan_prices(market(), weights={"revenue": 1.0, "visitors": 100.0})
    high = plan_prices(market(), weights={"revenue": 1.0, "visitors": 2000.0})
    assert low.products[0].path == (1500, 1500)
    assert high.products[0].path == (1000, 1000)


@pytest.mark.parametrize("objective", ["visitors", "off-peak", "local-spend"])
def test_a_trade_off_gives_something_for_what_it_takes(objective: Objective) -> None:
    """Along the curve revenue falls and the objective rises; it starts at the most revenue."""
    curve = trade_off(town(), objective, points=5)
    best = plan_prices(town(), with_rule_costs=False)
    assert len(curve.points) >= 2
    assert curve.points[0].figures.revenue_yen >= best.model_revenue_yen * (1 - 1e-6)
    for before, after in itertools.pairwise(curve.points):
        assert after.figures.revenue_yen < before.figures.revenue_yen
        assert after.value > before.value
    for point in curve.points:
        expected = {
            "visitors": point.figures.visitors,
            "off-peak": point.figures.off_peak_share,
            "local-spend": point.figures.local_spend_yen,
        }
        assert point.value == expected[objective]
        assert set(point.paths) == {"loom", "quiet"}


def test_a_trade_off_keeps_the_rules() -> None:
    """Every point is a plan under the same rules."""
    whole = town().model_copy(update={"rules": (ModeRule(id="mode"),)})
    plan = plan_prices(whole, with_rule_costs=False)
    for point in trade_off(whole, "visitors", points=3).points:
        rows = tuple(row.model_copy(update={"path": point.paths[row.product]}) for row in plan.products)
        assert violations(whole, plan.model_copy(update={"products": rows})) == []


def test_what_nobody_said_is_flagged_where_it_matters() -> None:
    """Unknown is not yes: it counts 0, and the answer names the products."""
    whole = town(UNSAID)
    (off_peak,) = trade_off(whole, "off-peak", points=2).assumed
    assert (off_peak.code, "unsaid" in off_peak.text.in_("ja")) == ("OFF_PEAK_UNKNOWN", True)
    (spend,) = trade_off(whole, "local-spend", points=2).assumed
    assert spend.code == "LOCAL_SPEND_UNKNOWN"
    assert trade_off(whole, "visitors", points=2).assumed == ()
    assert trade_off(town(), "off-peak", points=2).assumed == ()
    flagged = {reason.code for reason in plan_prices(whole, objective="off-peak").assumed}
    assert "OFF_PEAK_UNKNOWN" in flagged
    assert "OFF_PEAK_UNKNOWN" not in {reason.code for reason in plan_prices(whole).assumed}


@pytest.mark.parametrize(("objective", "points"), [("revenue", 5), ("visitors", 1)])
def test_a_curve_needs_another_objective_and_two_points(objective: Objective, points: int) -> None:
    """Revenue against itself is no trade-off."""
    with pytest.raises(ValueError, match="accepted are"):
        trade_off(market(), objective, points=points)
