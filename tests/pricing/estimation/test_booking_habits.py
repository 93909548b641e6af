from __future__ import annotations

from pathlib import Path

import pytest

from pricing.estimation import booking_habits, parse_bookings, read_hotel_bookings
from pricing.estimation.habits import share_estimate
from regional_assets.errors import InputError

BOOKINGS = """booked_on,date,product,price,quantity,segment,cancelled_on,came
2026-04-29,2026-04-29,a,2000,1,local,,yes
2026-04-19,2026-04-29,a,2000,3,far,,no
2026-03-01,2026-04-29,a,2000,1,far,2026-04-01,
2026-03-01,2026-04-29,a,2000,4,far,,
"""


def test_the_curve_counts_units_that_stood() -> None:
    """Seven of eight units were booked ten days ahead or more, four a month ahead, none half a year ahead."""
    curve = booking_habits(parse_bookings(BOOKINGS)).curve
    assert [curve[days].share for days in (0, 1, 10, 11, 59, 60)] == pytest.approx([1, 7 / 8, 7 / 8, 0.5, 0.5, 0])


def test_cancellations_by_lead_time_and_segment() -> None:
    """Each class tells how many bookings it has and how many of them were cancelled."""
    habits = booking_habits(parse_bookings(BOOKINGS))
    found = {one.cancelled.name: (one.bookings, one.cancelled.value) for one in habits.by_lead if one.bookings}
    assert found == {"0-0": (1, 0.0), "8-14": (1, 0.0), "31-60": (2, 0.5)}
    assert {one.name: one.value for one in habits.by_segment} == {"local": 0.0, "far": pytest.approx(1 / 3)}
    assert habits.stayed_away is not None
    assert habits.stayed_away.value == 0.5


def test_a_share_of_few_tries_has_a_wide_interval() -> None:
    """None of three is compatible with half of all; none of nobody with everything."""
    none = share_estimate("none", 0, 3)
    assert (none.value, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(0.5615, abs=1e-4)
    assert (share_estimate("nobody", 0, 0).low, share_estimate("nobody", 0, 0).high) == (0.0, 1.0)


def test_hotel_rows_that_cannot_be_used_are_listed(tmp_path: Path) -> None:
    """A month that is none and a negative rate are told by line; the rest is read."""
    header = (
        "hotel,is_canceled,lead_time,arrival_date_year,arrival_date_month,arrival_date_day_of_month,market_segment,"
        "reserved_room_type,adr,reservation_status,reservation_status_date"
    )
    file = tmp_path / "hotel.csv"
    good = "Resort Hotel,1,10,2015,July,{day},Direct,A,{rate},Canceled,7/5/2015"
    rows = [
        good.format(day=11, rate=75),
        good.format(day=31, rate=-6.4),
        good.replace("July", "Juli").format(day=1, rate=1),
    ]
    file.write_text("\n".join([header, *rows]), encoding="utf-8")
    bookings = read_hotel_bookings(file)
    assert [row.lead_days for row in bookings.rows] == [10]
    assert str(bookings.rows[0].cancelled_on) == "2015-07-05"
    assert [problem.where for problem in bookings.left_out] == ["hotel.csv:3", "hotel.csv:4"]
    file.write_text(header, encoding="utf-8")
    with pytest.raises(InputError, match="holds no rows"):
        read_hotel_bookings(file)
