"""Price tests: safe prices, balanced lots, and sizes that keep what they promise."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import numpy as np
import pytest
from small_markets import market, product, segment

from pricing.model import FrozenRule, Market, RangeRule, SpreadRule
from pricing.price_test import PRIOR_ELASTICITY, plan_price_test, prior_segment
from pricing.proposal import Interval
from pricing.what_if import elasticities
from regional_assets.errors import InputError
from regional_assets.model import Kind

LADDER = (1000, 1800, 1900, 2000, 2100, 2200, 3000)
WEEKENDS = tuple(dt.date(2027, 1, 2) + dt.timedelta(days=7 * week + day) for week in range(12) for day in (0, 1))


def fine_market(**changes: Any) -> Market:
    """Return a market with one product of craft and fine steps."""
    return market(products=(product(kind=Kind.CRAFT, ladder=LADDER),), **changes)


def test_prices_stay_within_mode_and_rules() -> None:
    """Careful is 10 % either way, standard has no more on this ladder, and a cap narrows it."""
    plain = plan_price_test(fine_market(), "loom", dates=WEEKENDS, sales_per_date=8.0)
    assert plain.prices == (1800, 2200)
    capped = fine_market(rules=(RangeRule(id="cap", cap=2100),))
    assert plan_price_test(capped, "loom", dates=WEEKENDS, sales_per_date=8.0).prices == (1800, 2100)
    beside = market(
        products=(product(kind=Kind.CRAFT, ladder=LADDER), product("wheel", ladder=(2000,))),
        segments=(segment(appeal={"loom": 1.0, "wheel": 1.0}),),
        rules=(SpreadRule(id="spread", yen=100),),
    )
    assert plan_price_test(beside, "loom", dates=WEEKENDS, sales_per_date=8.0).prices == (1900, 2100)


def test_lots_are_balanced_within_each_weekday() -> None:
    """Of every weekday's dates half have either price; a seed gives the same lots, another one others."""
    plan = plan_price_test(fine_market(), "loom", dates=WEEKENDS, sales_per_date=8.0, seed=3)
    counts = Counter((day.weekday(), price) for day, price in plan.assignment)
    assert set(counts.values()) == {6}
    assert [day for day, _ in plan.assignment] == sorted(WEEKENDS)
    assert plan == plan_price_test(fine_market(), "loom", dates=WEEKENDS[::-1], sales_per_date=8.0, seed=3)
    others = [
        plan_price_test(fine_market(), "loom", dates=WEEKENDS, sales_per_date=8.0, seed=seed) for seed in range(4)
    ]
    assert len({other.assignment for other in others}) > 1


def test_the_promised_precision_and_power_are_reached() -> None:
    """In simulated tests of the size asked for the interval has the width told, and errors as often as told."""
    true = -2.0
    prior = Interval(mean=true, low=true, high=true)
    plan = plan_price_test(fine_market(), "loom", dates=WEEKENDS, sales_per_date=8.0, elasticity=prior, precision=1.0)
    assert not plan.is_enough
    generator = np.random.default_rng(0)
    half = plan.dates_for_power // 2
    low, high = (8.0 * (price / 2000) ** true * half for price in plan.prices)
    sold_low, sold_high = generator.poisson(low, 4000), generator.poisson(high, 4000)
    spread = np.log(plan.prices[1] / plan.prices[0])
    found = np.log(sold_high / sold_low) / spread
    errors = np.sqrt(1 / sold_low + 1 / sold_high) / spread
    told_apart = (found + 1.96 * errors < -1.0).mean()
    assert told_apart == pytest.approx(0.8, abs=0.04)
    assert (np.abs(found - true) < 1.96 * errors).mean() == pytest.approx(0.95, abs=0.02)
    assert 1.96 * np.median(errors) < 1.0
    assert plan.dates_for_precision < plan.dates_for_power


def test_the_cost_is_that_of_leaving_todays_price() -> None:
    """With elasticity -1 and no cost of sales every price earns the same; without any, lower and higher cancel out."""
    same = plan_price_test(
        fine_market(), "loom", dates=WEEKENDS, sales_per_date=8.0, elasticity=Interval(mean=-1.0, low=-3.0, high=-0.01)
    )
    assert same.cost_yen.mean == pytest.approx(0.0, abs=1e-6)
    assert same.cost_yen.low <= same.cost_yen.mean <= same.cost_yen.high
    by_hand = 24 * 8 * 2000 - 12 * 8 * sum(price * (price / 2000) ** -3.0 for price in (1800, 2200))
    assert by_hand in (pytest.approx(same.cost_yen.low), pytest.approx(same.cost_yen.high))


def test_what_is_assumed_is_said() -> None:
    """A guess by kind is flagged; an elasticity that was given is not. Both say when to stop."""
    guessed = plan_price_test(fine_market(), "loom", dates=WEEKENDS, sales_per_date=8.0)
    given = plan_price_test(
        fine_market(), "loom", dates=WEEKENDS, sales_per_date=8.0, elasticity=PRIOR_ELASTICITY[Kind.CRAFT]
    )
    assert "ELASTICITY_ASSUMED" in [reason.code for reason in guessed.assumed]
    assert "ELASTICITY_ASSUMED" not in [reason.code for reason in given.assumed]
    assert {reason.code for reason in guessed.stopping} == {"FIXED_LENGTH", "STOP_FOR_HARM", "ONE_PRICE_A_DATE"}


def test_priors_make_a_segment_with_that_elasticity() -> None:
    """The segment buys its share at today's price and reacts as the guess for its kind says."""
    one = product(kind=Kind.CRAFT)
    prior = prior_segment(one, arrivals=(50.0, 50.0), share_buying=0.3)
    of = market(products=(one,), segments=(prior,))
    found = elasticities(of)["loom"]
    guess = PRIOR_ELASTICITY[Kind.CRAFT]
    assert found.value == pytest.approx(guess.mean, rel=1e-3)
    weight = np.exp(prior.appeal["loom"] - prior.sensitivity * 2.0)
    assert weight / (1 + weight) == pytest.approx(0.3)
    assert prior.sensitivity_range is not None
    assert prior.sensitivity_range[0] < prior.sensitivity < prior.sensitivity_range[1]


def test_every_kind_has_a_wide_negative_range() -> None:
    """No kind of place is left out, and no guess pretends to be exact."""
    assert set(PRIOR_ELASTICITY) == set(Kind)
    assert all(prior.low < 1.5 * prior.mean < 1.5 * prior.high < 0 for prior in PRIOR_ELASTICITY.values())


def test_tests_that_cannot_be_safe_are_refused() -> None:
    """No second price within reach, a frozen price, too few dates, nonsense, an unknown product, no kind."""
    with pytest.raises(InputError, match="within 10 %"):
        plan_price_test(market(products=(product(kind=Kind.CRAFT),)), "loom", dates=WEEKENDS, sales_per_date=8.0)
    with pytest.raises(InputError, match="no two prices"):
        plan_price_test(fine_market(rules=(FrozenRule(id="frozen"),)), "loom", dates=WEEKENDS, sales_per_date=8.0)
    with pytest.raises(InputError) as refused:
        plan_price_test(fine_market(), "wheel", dates=WEEKENDS[:2], sales_per_date=0.0, precision=-1.0, power=1.0)
    places = [problem.where for problem in refused.value.problems]
    assert places == ["product", "dates", "sales_per_date", "precision", "power"]
    with pytest.raises(InputError, match="no kind"):
        plan_price_test(market(), "loom", dates=WEEKENDS, sales_per_date=8.0)
    with pytest.raises(InputError, match="share_buying"):
        prior_segment(product(kind=Kind.CRAFT), arrivals=(1.0,), share_buying=1.0)
