from __future__ import annotations

import numpy as np
import pytest
from scipy.special import lambertw

from pricing.estimation import demand_curve, elasticity_at, optimal_price_interval
from pricing.model import Segment
from regional_assets.errors import InputError
from regional_assets.model import Name

RANGE = (0.8, 1.6)


def segment(reach: tuple[float, float] | None = RANGE, identity: str = "s") -> Segment:
    """Return one kind of customer who considers two products."""
    return Segment(
        id=identity,
        name=Name(en=identity),
        arrivals=(60.0, 40.0),
        sensitivity=1.2,
        sensitivity_range=reach,
        appeal={"a": 2.0, "b": 1.0},
        source="estimated",
    )


def test_the_mean_is_the_logit() -> None:
    """Expected sales are arrivals by the chance to buy, and fall with the price."""
    curve = demand_curve([segment()], "a", [1000, 2000, 3000])
    weight = np.exp(2.0 - 1.2 * np.array([1.0, 2.0, 3.0]))
    assert curve.mean == pytest.approx(100 * weight / (1 + weight))
    assert (curve.low <= curve.mean).all()
    assert (curve.mean <= curve.high).all()


def test_the_band_is_that_of_the_range() -> None:
    """At one price the band's ends are sales at the ends of the range, up to the noise of the draws."""
    curve = demand_curve([segment()], "a", [2000], draws=20_000)
    ends = np.exp(2.0 - np.array(RANGE[::-1]) * 2.0)
    assert [curve.low[0], curve.high[0]] == pytest.approx(100 * ends / (1 + ends), rel=0.02)


def test_the_band_closes_where_sales_are_known() -> None:
    """With a reference price the band has no width there, and grows away from it."""
    curve = demand_curve([segment()], "a", [1500, 2000, 3000], others={"b": 1800}, reference=2000)
    width = curve.high - curve.low
    assert width[1] == pytest.approx(0, abs=1e-9)
    assert width[2] > width[1]
    assert curve.mean == pytest.approx(demand_curve([segment()], "a", [1500, 2000, 3000], others={"b": 1800}).mean)


def test_a_rival_takes_customers_away() -> None:
    """The other product on sale lowers sales; one that is not named does not."""
    alone = demand_curve([segment()], "a", [2000]).mean[0]
    beside = demand_curve([segment()], "a", [2000], others={"b": 1000}).mean[0]
    assert beside < alone


def test_elasticity_is_that_of_the_logit() -> None:
    """It is minus sensitivity by price by the share that does not buy; its interval lies around it."""
    found = elasticity_at([segment()], "a", 2000)
    chance = np.exp(2.0 - 2.4) / (1 + np.exp(2.0 - 2.4))
    assert found.value == pytest.approx(-1.2 * 2.0 * (1 - chance), rel=1e-4)
    assert found.low < found.value < found.high < 0


def test_the_best_price_is_the_closed_form() -> None:
    """For one segment it is cost plus (1 + W(exp(appeal - cost part - 1))) by the sensitivity."""
    best = optimal_price_interval([segment()], "a", lowest=500, highest=6000, cost=300)
    exact = 300 + 1000 * (1 + lambertw(np.exp(2.0 - 1.2 * 0.3 - 1)).real) / 1.2
    assert best.price.mean == pytest.approx(exact, rel=1e-3)
    assert best.price.low < exact < best.price.high
    assert best.at_edge == 0


def test_a_best_price_at_the_end_of_the_range_is_told() -> None:
    """The interval is cut off there."""
    best = optimal_price_interval([segment()], "a", lowest=500, highest=900)
    assert best.price.mean == 900
    assert "BEST_PRICE_AT_EDGE" in [remark.code for remark in best.remarks]


def test_an_unknown_range_is_told() -> None:
    """Without a range the band has no width, which must not pass for certainty."""
    curve = demand_curve([segment(None)], "a", [2000])
    assert curve.low[0] == curve.mean[0] == curve.high[0]
    assert [remark.code for remark in curve.remarks] == ["NO_RANGE"]


def test_the_same_seed_gives_the_same_band() -> None:
    """Draws hang on the seed."""
    bands = [demand_curve([segment()], "a", [2500], seed=seed).low[0] for seed in (1, 1, 2)]
    assert bands[0] == bands[1] != bands[2]


def test_senseless_questions_are_refused() -> None:
    """Unknown products, negative prices, too few draws and empty ranges are told."""
    with pytest.raises(InputError) as caught:
        demand_curve([segment()], "c", [-1], draws=3)
    assert [problem.where for problem in caught.value.problems] == ["product", "prices", "draws"]
    with pytest.raises(InputError, match="must be below 500"):
        optimal_price_interval([segment()], "a", lowest=900, highest=500)
