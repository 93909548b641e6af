"""Dates in the ids of products tell the offer that they are dates of."""

from __future__ import annotations

import datetime as dt

import pytest

from pricing._dated_ids import offer_and_day

APRIL = dt.date(2026, 4, 29)


@pytest.mark.parametrize(
    ("product", "found"),
    [
        ("washi-2026-04-29-am", ("washi-am", APRIL)),
        ("washi/20260429", ("washi", APRIL)),
        ("2026-04-29", ("2026-04-29", APRIL)),
        ("washi-am", ("washi-am", None)),
        ("washi-2026-13-29", ("washi-2026-13-29", None)),
    ],
)
def test_an_id_is_an_offer_and_a_day(product: str, found: tuple[str, dt.date | None]) -> None:
    """The day is taken out with what joins it; what is no day of the calendar stays."""
    assert offer_and_day(product) == found
