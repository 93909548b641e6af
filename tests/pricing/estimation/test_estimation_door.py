from __future__ import annotations

import numpy as np
import pytest

from pricing.errors import NoPriceVariationError
from pricing.estimation import (
    Choices,
    Sales,
    SignError,
    UnidentifiedError,
    estimate,
    fit_censored,
    fit_latent_classes,
    fit_mnl,
    parse_bookings,
    segment_from_sales,
    segments_from,
)
from pricing.estimation.trials import CLASSES, made_up_choices
from regional_assets.errors import InputError


def offers_file(
    *, rows: int = 400, buys_nothing: bool = True, slope: float = -1.5, appeal: float = 2.5, changes: bool = True
) -> str:
    """Return bookings that tell what was on offer, by customers who lose ``slope`` of appeal per 1,000 yen."""
    generator = np.random.default_rng(9)
    lines = ["booked_on,date,product,price,offered"]
    for _ in range(rows):
        prices = generator.choice([1500, 2000, 2500], size=2) if changes else np.array([1500, 2000])
        utility = np.array([appeal, appeal + 0.5, 0.0 if buys_nothing else -np.inf])
        utility[:2] += slope * prices / 1000
        taken = int((utility + generator.gumbel(size=3)).argmax())
        product, price = (("am", prices[0]), ("pm", prices[1]), ("", ""))[taken]
        lines.append(f"2026-04-01,2026-04-29,{product},{price},am={prices[0]};pm={prices[1]}")
    return "\n".join(lines)


def codes(found: object) -> list[str]:
    """Return the codes of the remarks of an estimation."""
    return [remark.code for remark in found.remarks]  # type: ignore[attr-defined]


def test_bookings_with_offers_become_choices() -> None:
    """The door takes a logit, says why, and its intervals hold the truth."""
    found = estimate(parse_bookings(offers_file()))
    assert (found.method, found.why.code) == ("choices", "CHOICES_KNOWN")
    truth = {"price": -1.5, "am": 2.5, "pm": 3.0}
    for one in found.estimates:
        assert one.low <= truth[one.name] <= one.high
    assert [one.name for one in found.price_effects] == ["price"]
    assert codes(found) == ["PRICES_BELIEVED_BLIND"]
    assert codes(estimate(parse_bookings(offers_file()), is_randomised=True)) == []
    assert found.habits is not None


def test_without_no_purchases_products_are_only_compared() -> None:
    """The price is told by products against each other, and the lack of the rest is flagged."""
    found = estimate(parse_bookings(offers_file(buys_nothing=False)))
    assert "NO_PURCHASES_UNKNOWN" in codes(found)
    assert [one.name for one in found.estimates] == ["price", "pm"]


def test_offers_without_change_are_refused() -> None:
    """A price that never changed tells nothing, whatever was bought."""
    with pytest.raises(NoPriceVariationError, match=r"am: 1,500; pm: 2,000"):
        estimate(parse_bookings(offers_file(changes=False, rows=50)))


def test_prices_that_move_together_tell_nothing_without_no_purchases() -> None:
    """If both prices always rise by the same, nobody's choice between them changes."""
    rows = ["booked_on,date,product,price,offered"]
    rows += [f"2026-04-01,2026-04-29,a,{low},a={low};b={low + 500}" for low in (1000, 1500)] * 5
    rows += ["2026-04-01,2026-04-29,b,1500,a=1000;b=1500"]
    with pytest.raises(UnidentifiedError) as caught:
        estimate(parse_bookings("\n".join(rows)))
    assert set(caught.value.parameters) == {"price", "b"}


def test_a_positive_effect_is_reported_and_not_used() -> None:
    """Customers who seem to love high prices give no sensitivity."""
    found = estimate(parse_bookings(offers_file(slope=0.5, appeal=-1.0)))
    assert found.estimates[0].value > 0
    assert found.price_effects == ()
    assert "POSITIVE_PRICE_EFFECT" in codes(found)
    with pytest.raises(SignError, match="no sensitivity"):
        segments_from(found.fit, arrivals=[10.0], products=["am", "pm"])  # type: ignore[arg-type]


def test_bookings_without_offers_are_regressed_and_flagged() -> None:
    """Daily sums carry an association only."""
    generator = np.random.default_rng(2)
    rows = ["booked_on,date,product,price,quantity"]
    for day in range(1, 29):
        rows.append(f"2026-03-01,2026-04-{day:02},a,{2000 + 100 * generator.integers(5)},{generator.integers(1, 9)}")
    found = estimate(parse_bookings("\n".join(rows)))
    assert (found.method, found.why.code) == ("sales", "SALES_ONLY")
    assert {"NO_CHOICE_SETS", "NOT_IDENTIFIED"} <= set(codes(found))
    assert (found.elasticity, found.price_effects) == (None, ())
    assert found.habits is not None
    assert found.habits.curve[0].share == 1.0


def test_sales_need_a_market_share() -> None:
    """Nothing in sales tells who bought nothing."""
    sales = Sales(("a", "b"), np.array([[6, 3], [12, 9]]), np.ones((2, 2), np.bool_))
    with pytest.raises(InputError, match="market_share"):
        estimate(sales)
    assert estimate(sales, market_share=0.5).method == "censored-sales"


def test_classes_are_chosen_on_request() -> None:
    """None lets the criterion choose; each class has an effect of the price of its own."""
    person = np.repeat(np.arange(150), 8)
    member = (np.arange(150) % 2)[person]
    found = estimate(made_up_choices(np.random.default_rng(3), CLASSES[member], person), classes=2)
    assert found.method == "latent-classes"
    assert [one.name for one in found.price_effects] == ["1.price", "2.price"]
    assert "ONE_CHOICE_EACH" not in codes(found)
    alone = made_up_choices(np.random.default_rng(3), CLASSES[member], np.arange(len(person)))
    assert "ONE_CHOICE_EACH" in codes(estimate(alone, classes=2))


def test_a_column_of_prices_that_is_absent_is_named() -> None:
    """The message lists what there is."""
    choices = Choices(("cost",), np.array([[[1.0], [2.0]]]), np.ones((1, 2), np.bool_), np.array([0]))
    with pytest.raises(InputError, match="there are: cost"):
        estimate(choices)


def test_segments_of_a_logit_carry_the_range() -> None:
    """Sensitivity and range mirror the effect of the price; appeals those of the products."""
    found = estimate(parse_bookings(offers_file()))
    (segment,) = segments_from(found.fit, arrivals=[10.0, 20.0], products=["am", "pm"])  # type: ignore[arg-type]
    (effect,) = found.price_effects
    assert segment.sensitivity == pytest.approx(-effect.value)
    assert segment.sensitivity_range == pytest.approx((-effect.high, -effect.low))
    assert segment.source == "estimated"
    assert segment.arrivals == (10.0, 20.0)
    assert segment.appeal["pm"] > segment.appeal["am"]


def test_segments_of_classes_share_the_arrivals() -> None:
    """One segment for each class, and all customers are somewhere."""
    person = np.repeat(np.arange(150), 8)
    member = (np.arange(150) % 2)[person]
    fit = fit_latent_classes(
        made_up_choices(np.random.default_rng(3), CLASSES[member], person), classes=2, order_by="price", starts=2
    )
    segments = segments_from(fit, arrivals=[100.0], products=["appeal"])
    assert [segment.id for segment in segments] == ["estimated-1", "estimated-2"]
    assert sum(segment.arrivals[0] for segment in segments) == pytest.approx(100)


def test_a_market_share_fixes_the_appeals() -> None:
    """Where no purchase was not among the choices, the share given is the share that buys."""
    found = estimate(parse_bookings(offers_file(buys_nothing=False)))
    prices = {"am": 2000.0, "pm": 2000.0}
    (segment,) = segments_from(
        found.fit,  # type: ignore[arg-type]
        arrivals=[10.0],
        products=["am", "pm"],
        market_share=0.4,
        prices=prices,
    )
    bought = sum(np.exp(appeal - segment.sensitivity * 2.0) for appeal in segment.appeal.values())
    assert bought / (1 + bought) == pytest.approx(0.4)


def test_unknown_products_and_a_share_without_prices_are_refused() -> None:
    """All problems at once."""
    choices = made_up_choices(np.random.default_rng(3), np.tile(CLASSES[0], (200, 1)), np.arange(200))
    with pytest.raises(InputError) as caught:
        segments_from(fit_mnl(choices), arrivals=[1.0], products=["x", "y"], market_share=1.5)
    assert [problem.where for problem in caught.value.problems] == ["products", "market_share", "prices"]


def test_a_segment_of_sales_returns_them_at_their_prices() -> None:
    """With a stated sensitivity the attractions come back at the prices of the records."""
    fit = fit_censored(Sales(("a", "b"), np.array([[6, 3], [12, 9]]), np.ones((2, 2), np.bool_)), market_share=0.75)
    segment = segment_from_sales(
        fit, arrivals=[12.0, 28.0], prices={"a": 2000, "b": 1500}, sensitivity=0.8, sensitivity_range=(0.4, 1.2)
    )
    assert np.exp(segment.appeal["a"] - 0.8 * 2.0) == pytest.approx(1.8)
    assert segment.source == "stated"
