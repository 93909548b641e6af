"""Backtests: nothing is foretold from the future, errors are what they say, and poor records are refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from posted_plans import posted_plan

from pricing.backtest import Backtest, backtest, offer_prices
from pricing.errors import NoPriceVariationError
from pricing.estimation.records import Bookings, read_bookings
from pricing.workshops import BOOKINGS_FILE, load_workshops, workshops_folder
from regional_assets.errors import InputError


@pytest.fixture(scope="module")
def bookings() -> Bookings:
    """Return the bundled past bookings."""
    return read_bookings(workshops_folder() / BOOKINGS_FILE)


@pytest.fixture(scope="module")
def tested(bookings: Bookings) -> Backtest:
    """Return a test of the bundled bookings, with one price far up and one far beyond all seen."""
    return backtest(bookings, prices={"knife-1000-sat": 10_000, "washi-1300-sun": 3000}, folds=2, draws=50)


def test_later_dates_are_foretold(bookings: Bookings, tested: Backtest) -> None:
    """The later half is foretold in two stretches, without bias, with intervals that hold about 95 %."""
    days = sorted({row.date for row in bookings.rows})
    assert [each.date for each in tested.dates] == days[len(days) // 2 :]
    assert tested.trained == (days[0], days[len(days) // 2 - 1])
    assert {each.fold for each in tested.dates} == {1, 2}
    assert abs(tested.bias) < 0.1
    assert 0.85 <= tested.coverage <= 1.0
    assert 0.0 < tested.mape < 0.4
    assert tested.foretold_yen == pytest.approx(tested.actual_yen, rel=0.15)


def test_counts_and_yen_are_those_of_the_records(bookings: Bookings, tested: Backtest) -> None:
    """What was booked on the test dates adds up, by date, by product and in yen."""
    first = tested.dates[0].date
    rows = [row for row in bookings.rows if row.date >= first and row.product is not None]
    assert sum(each.actual for each in tested.dates) == len(rows)
    assert sum(each.actual for each in tested.products) == len(rows)
    assert tested.actual_yen == sum(row.price for row in rows)
    assert sum(each.foretold for each in tested.products) == pytest.approx(
        sum(each.foretold.mean for each in tested.dates)
    )


def test_the_future_is_not_used(bookings: Bookings, tested: Backtest) -> None:
    """Dates of the first stretch are foretold the same if nobody bought anything after it."""
    last = max(each.date for each in tested.dates if each.fold == 1)
    changed = replace(
        bookings,
        rows=tuple(replace(row, product=None, price=0.0) if row.date > last else row for row in bookings.rows),
    )
    again = backtest(changed, folds=2, draws=50)
    before = {each.date: each.foretold.mean for each in tested.dates if each.fold == 1}
    assert {each.date: each.foretold.mean for each in again.dates if each.fold == 1} == pytest.approx(before)


def test_other_prices_are_replayed_with_their_caveats(tested: Backtest, bookings: Bookings) -> None:
    """The difference is that of the two figures, its interval holds it, and a price never seen is flagged."""
    assert tested.proposed_yen is not None
    assert tested.more_yen is not None
    assert tested.more_yen.mean == pytest.approx(tested.proposed_yen.mean - tested.foretold_yen)
    assert tested.more_yen.low <= tested.more_yen.mean <= tested.more_yen.high
    remarks = {reason.code: reason.text.in_("en") for reason in tested.remarks}
    assert "washi-1300-sun" in remarks["OUTSIDE_PRICES_SEEN"]
    assert "knife" not in remarks["OUTSIDE_PRICES_SEEN"]
    assert "SEATS_NOT_REPLAYED" in remarks
    plain = backtest(bookings, folds=1, draws=2)
    assert plain.proposed_yen is None
    assert {reason.code for reason in plain.remarks} == {"GIVEN_CUSTOMERS", "BOOKINGS_AS_MADE"}


def test_a_plan_gives_prices_of_offers(bookings: Bookings) -> None:
    """Products of a plan find their offer by id and day of the week."""
    of = load_workshops()
    changed = {product.id: product.ladder[-1] for product in of.products if product.id.startswith("knife")}
    prices = offer_prices(posted_plan(of, changed), bookings)
    assert prices["knife-1000-sat"] == 12_000
    assert prices["washi-1300-sun"] == 700
    assert prices["pottery-resident-1100-weekday"] == 1000
    assert prices["pottery-1100-weekday"] == 1300


def test_records_that_allow_no_test_are_refused(bookings: Bookings) -> None:
    """No offers, nobody who bought nothing, too few dates, an unknown product, prices that never changed."""
    bought = tuple(row for row in bookings.rows if row.product is not None)
    with pytest.raises(InputError, match="bought nothing"):
        backtest(replace(bookings, rows=bought))
    with pytest.raises(InputError, match="offered"):
        backtest(replace(bookings, rows=tuple(replace(row, offered=()) for row in bought)))
    with pytest.raises(InputError, match="too few"):
        backtest(replace(bookings, rows=bookings.rows[:150]))
    with pytest.raises(InputError) as refused:
        backtest(bookings, prices={"wheel": 1000, "knife-1000-sat": -1}, folds=0, draws=1)
    assert [problem.where for problem in refused.value.problems] == ["folds", "draws", "prices", "prices"]
    constant = tuple(
        replace(row, price=1000.0 if row.product else 0.0, offered=tuple((name, 1000.0) for name, _ in row.offered))
        for row in bookings.rows
    )
    with pytest.raises(NoPriceVariationError):
        backtest(replace(bookings, rows=constant))
