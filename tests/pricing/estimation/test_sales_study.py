from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from pricing.errors import NoPriceVariationError
from pricing.estimation import SalesRecords, estimate, parse_bookings, read_sales, sales_of, study_sales
from pricing.estimation.sales_records import control_columns
from regional_assets.errors import InputError

FIRST = dt.date(2025, 1, 6)


def daily_sales(*, follows_weekday: float = 0.0, rows: int = 280) -> SalesRecords:
    """Return daily sales at prices drawn by lot, or raised at weekends when demand is high anyway."""
    generator = np.random.default_rng(5)
    days = tuple(FIRST + dt.timedelta(days=day) for day in range(rows))
    weekend = np.array([day.weekday() >= 5 for day in days], np.float64)
    logs = generator.choice([7.4, 7.6, 7.8], size=rows) + follows_weekday * weekend
    mean = np.exp(3.0 - 1.2 * (logs - 7.6) + 2.0 * weekend)
    return SalesRecords(days, np.exp(logs), generator.poisson(mean).astype(np.float64))


def codes(remarks: tuple[object, ...]) -> list[str]:
    """Return the codes of remarks."""
    return [remark.code for remark in remarks]  # type: ignore[attr-defined]


def test_prices_drawn_by_lot_give_an_elasticity() -> None:
    """A randomised test is believed, and its interval holds the truth."""
    study = study_sales(daily_sales(), is_randomised=True)
    assert study.elasticity is not None
    assert study.elasticity.low <= -1.2 <= study.elasticity.high
    assert study.effect is not None
    assert study.effect.high < 0
    assert "NOT_IDENTIFIED" not in codes(study.remarks)


def test_the_same_records_without_a_lot_give_none() -> None:
    """What is not known to be random is an association only."""
    study = study_sales(daily_sales())
    assert (study.elasticity, study.effect) == (None, None)
    assert "NOT_IDENTIFIED" in codes(study.remarks)


def test_rising_together_is_told_and_controls_are_shown() -> None:
    """Dear weekends that sell more look like a positive elasticity, which weekdays take away."""
    study = study_sales(daily_sales(follows_weekday=0.8))
    first, second = study.steps[0].elasticity, study.steps[1].elasticity
    assert first.low > 0 > second.high
    assert study.steps[1].held == ("weekday",)
    told = next(remark for remark in study.remarks if remark.code == "PRICE_AND_VOLUME_RISE_TOGETHER")
    assert "Saturday" in told.text.in_("en") or "Sunday" in told.text.in_("en")
    assert study.elasticity is None


def test_prices_that_never_changed_are_refused() -> None:
    """The error names the price, the number of records and what would help."""
    records = daily_sales(rows=30)
    constant = SalesRecords(records.dates, np.full(30, 2000.0), records.quantity)
    with pytest.raises(NoPriceVariationError, match=r"30 records \(2,000\).*by lot"):
        study_sales(constant)


def test_two_products_of_two_constant_prices_are_refused() -> None:
    """That one product costs more than another is no variation."""
    records = daily_sales(rows=30)
    product = ("washi", "indigo") * 15
    prices = np.array([2000.0, 3000.0] * 15)
    with pytest.raises(NoPriceVariationError, match=r"washi: 2,000; indigo: 3,000"):
        study_sales(SalesRecords(records.dates, prices, records.quantity, product))


def test_prices_that_hang_on_the_weekday_alone_are_told() -> None:
    """Where weekdays explain every price, no more is held fixed than can be told apart."""
    records = daily_sales()
    prices = np.where(records.weekday >= 5, 3000.0, 2000.0)
    study = study_sales(SalesRecords(records.dates, prices, records.quantity), is_randomised=False)
    assert len(study.steps) == 1
    assert "CONTROLS_GIVEN_UP" in codes(study.remarks)
    assert study.elasticity is None


def test_instruments_are_used_where_there_are_some() -> None:
    """With a strong instrument the door takes it, says so, and gives an elasticity."""
    records = daily_sales()
    drawn = SalesRecords(
        records.dates, records.price, records.quantity, instruments={"lot": np.log(records.price) - 7.6}
    )
    noise = np.random.default_rng(1).normal(scale=0.05, size=len(records))
    moved = SalesRecords(drawn.dates, drawn.price * np.exp(noise), drawn.quantity, instruments=dict(drawn.instruments))
    found = estimate(moved, draws=20)
    assert found.method == "sales-with-instruments"
    assert found.elasticity is not None
    assert found.elasticity.high < 0


def test_columns_of_controls() -> None:
    """Each control has one column less than it has levels; the first level stands in the constant."""
    columns, names = control_columns(daily_sales(rows=70), ("weekday", "month", "trend"))
    assert columns.shape == (70, 1 + 6 + 2 + 1)
    assert names[0] == "constant"
    assert set(columns[:, 0]) == {1.0}


def test_daily_sums_are_read_with_every_bad_cell_told(tmp_path: Path) -> None:
    """A word for a number, a date that is none and a price of nothing are told by line and column."""
    file = tmp_path / "sales.csv"
    file.write_text("date,price,quantity\n2026-01-01,2000,5\n2026-13-01,2000,x\n2026-01-03,0,1\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_sales(file)
    assert [problem.where for problem in caught.value.problems] == [
        "sales.csv:3 date",
        "sales.csv:3 quantity",
        "sales.csv:4 price",
    ]


def test_days_that_are_not_over_are_counted(tmp_path: Path) -> None:
    """They are not used, and a remark says how many."""
    file = tmp_path / "sales.csv"
    rows = [f"2026-01-{day:02},{2000 + 100 * (day % 3)},{5 + day % 4}" for day in range(1, 31)]
    file.write_text("\n".join(["date,price,quantity", *rows]), encoding="utf-8")
    records = read_sales(file, last=dt.date(2026, 1, 25))
    assert (len(records), records.later) == (25, 5)
    assert "LATER_DAYS_LEFT_OUT" in codes(study_sales(records).remarks)


def test_dates_of_an_offer_are_one_product() -> None:
    """Products that take place once are dates of one offer; cancelled and free bookings do not count."""
    bookings = parse_bookings(
        "booked_on,date,product,price,quantity,cancelled_on\n"
        "2026-04-01,2026-04-29,washi-2026-04-29-am,2000,2,\n"
        "2026-04-02,2026-04-29,washi-2026-04-29-am,2600,1,\n"
        "2026-04-03,2026-04-29,washi-2026-04-29-am,2600,1,2026-04-05\n"
        "2026-04-03,2026-04-30,washi-2026-04-30-am,0,1,\n"
        "2026-04-03,2026-05-01,washi-2026-05-01-am,1800,1,\n"
    )
    records = sales_of(bookings)
    assert records.product == ("washi-am", "washi-am")
    assert records.quantity.tolist() == [3.0, 1.0]
    assert records.price.tolist() == [2200.0, 1800.0]
