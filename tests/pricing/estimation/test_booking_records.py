from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from pricing.estimation import parse_bookings, read_bookings
from regional_assets.errors import InputError

HEADER = "booking,booked_on,date,product,price,quantity,segment,cancelled_on,came"
GOOD = "B1,2026-04-01,2026-04-29,washi-am,2400,2,family,,yes"


def problems_of(text: str, **options: object) -> list[str]:
    """Return what is wrong with a file, as lines."""
    with pytest.raises(InputError) as caught:
        parse_bookings(text, source="b.csv", **options)  # type: ignore[arg-type]
    return [problem.line("en") for problem in caught.value.problems]


def test_a_booking_is_read() -> None:
    """Every column finds its place."""
    (row,) = parse_bookings(f"\ufeff{HEADER}\n{GOOD}\n").rows
    assert (row.booking, row.product, row.price, row.quantity, row.segment) == ("B1", "washi-am", 2400, 2, "family")
    assert (row.booked_on, row.date, row.lead_days) == (dt.date(2026, 4, 1), dt.date(2026, 4, 29), 28)
    assert (row.cancelled_on, row.came) == (None, True)


def test_only_four_columns_are_needed() -> None:
    """The line stands for the id, one unit is booked, and nobody knows who came."""
    (row,) = parse_bookings("booked_on,date,product,price\n2026-04-01,2026-04-29,a,¥2 \n").rows
    assert (row.booking, row.price, row.quantity, row.came, row.line) == ("2", 2.0, 1, None, 2)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("B2,2026-04-01,2026-04-29,a,-2400,1,,,", "b.csv:3 price: is negative: -2400"),
        ("B2,2026-04-01,2026-04-29,a,2400.5,1,,,", "b.csv:3 price: must be whole yen"),
        ("B2,2026-04-01,2026-04-29,a,cheap,1,,,", "b.csv:3 price: is no amount: 'cheap'"),
        ("B2,2026-04-01,2026-04-29,a,€20,1,,,", "b.csv:3 price: mixes currencies: EUR"),
        ("B1,2026-04-01,2026-04-29,a,2400,1,,,", "b.csv:3 booking: booking 'B1' stands in line 2 already"),
        ("B2,2026-04-31,2026-05-29,a,2400,1,,,", "b.csv:3 booked_on: is no date: '2026-04-31'"),
        ("B2,2026-04-30,2026-04-29,a,2400,1,,,", "b.csv:3 booked_on: is after the date 2026-04-29 itself"),
        (
            "B2,2026-04-01,2026-04-29,a,2400,0,,,",
            "b.csv:3 quantity: must be a whole number from 1 on, at most 1,000,000: '0'",
        ),
        ("B2,2026-04-01,2026-04-29,a,2400,1,,2026-03-01,", "b.csv:3 cancelled_on: is before the booking"),
        ("B2,2026-04-01,2026-04-29,a,2400,1,,,maybe", "b.csv:3 came: is 'maybe'"),
        ("B2,2026-04-01,2026-04-29,,2400,1,,,", "b.csv:3 product: is empty"),
        ("B2,2026-04-01,2026-04-29", "b.csv:3: 3 cells for 9 columns"),
    ],
)
def test_a_bad_row_is_told_with_its_line(row: str, told: str) -> None:
    """One message with line, column and what would be accepted."""
    (line,) = problems_of(f"{HEADER}\n{GOOD}\n{row}\n")
    assert line.startswith(told)


def test_all_problems_are_told_at_once() -> None:
    """Two bad columns of one row and another bad row give three messages."""
    lines = problems_of(f"{HEADER}\nB1,x,2026-04-29,a,-1,1,,,\n{GOOD}\n")
    assert [line.split(": ")[0] for line in lines] == ["b.csv:2 booked_on", "b.csv:2 price", "b.csv:3 booking"]


def test_bookings_outside_the_horizon_are_refused() -> None:
    """Both days must lie inside."""
    horizon = (dt.date(2026, 4, 10), dt.date(2026, 4, 20))
    lines = problems_of(f"{HEADER}\n{GOOD}\n", horizon=horizon)
    assert [line.split(": ")[0] for line in lines] == ["b.csv:2 booked_on", "b.csv:2 date"]


def test_rows_are_left_out_only_when_asked_and_listed() -> None:
    """Leniently, what can be used is, and the rest is listed."""
    bookings = parse_bookings(f"{HEADER}\n{GOOD}\nB2,x,2026-04-29,a,1,1,,,\n", is_lenient=True)
    assert len(bookings.rows) == 1
    assert [problem.where for problem in bookings.left_out] == ["bookings:3 booked_on"]


def test_a_file_without_a_usable_row_is_refused_leniently_too() -> None:
    """Nothing is no record."""
    lines = problems_of(f"{HEADER}\nB2,x,2026-04-29,a,1,1,,,\n", is_lenient=True)
    assert lines == ["b.csv:2 booked_on: is no date: 'x'; write 2026-04-29"]
    assert problems_of(HEADER) == ["b.csv: holds no booking that can be used"]


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("booked_on,date,product", "b.csv:1 price: this column is needed"),
        ("booked_on,date,product,price,price", "b.csv:1 price: the column stands twice"),
        ("booked_on,date,product,price,colour", "b.csv:1 colour: unknown column"),
        ("", "b.csv:1 booked_on: this column is needed"),
    ],
)
def test_a_bad_header_is_told(header: str, told: str) -> None:
    """Missing, doubled and unknown columns are named."""
    assert any(told in line for line in problems_of(f"{header}\n"))


def test_offers_are_read() -> None:
    """What could be chosen stands beside what was, also for somebody who bought nothing."""
    bookings = parse_bookings(
        "booked_on,date,product,price,offered\n"
        "2026-04-01,2026-04-29,a,2400,a=2400;b=2000\n"
        "2026-04-02,2026-04-29,,,a=2400;b=2000\n"
    )
    assert bookings.rows[0].offered == (("a", 2400.0), ("b", 2000.0))
    assert bookings.rows[1].product is None
    assert bookings.has_offers
    assert bookings.has_no_purchases


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("a,2400,b=2000", "offered: lacks the product bought, 'a'"),
        ("a,2400,a=2300;b=2000", "price: is 2400, but `offered` says 2300"),
        ("a,2400,a=2400;a=2400", "offered: names 'a' twice"),
        ("a,2400,a=2400;b", "offered: is not of the form product=price: 'b'"),
        ("a,2400,a=2400;b=$20", "offered: mixes currencies: USD"),
    ],
)
def test_offers_that_contradict_are_refused(row: str, told: str) -> None:
    """Each contradiction is told with its row."""
    lines = problems_of(f"booked_on,date,product,price,offered\n2026-04-01,2026-04-29,{row}\n")
    assert any(line.startswith(f"b.csv:2 {told}") for line in lines)


def test_currencies_of_a_column_must_agree() -> None:
    """One row in another currency is refused by its line."""
    text = "booked_on,date,product,price,currency\n2026-04-01,2026-04-29,a,24,JPY\n2026-04-01,2026-04-29,a,24,EUR\n"
    (line,) = problems_of(text)
    assert line.startswith("b.csv:3 currency: mixes currencies: EUR")


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    """A missing file and one in another encoding give a message, no traceback."""
    with pytest.raises(InputError, match="no such file"):
        read_bookings(tmp_path / "absent.csv")
    (tmp_path / "sjis.csv").write_bytes("予約日".encode("cp932"))
    with pytest.raises(InputError, match="is not UTF-8"):
        read_bookings(tmp_path / "sjis.csv")
