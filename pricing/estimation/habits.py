"""How bookings come in and fall away: the booking curve, cancellations by lead time, customers who stay away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pricing.estimation.results import NORMAL_95, Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pricing.estimation.records import Booking, Bookings

LEAD_EDGES: Final = (0, 1, 4, 8, 15, 31, 61, 91, 181)
"""First days of the classes of lead times."""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Hold the share of a date's units, of those that stood in the end, that were booked so many days ahead or more."""

    days_ahead: int
    share: float


@dataclass(frozen=True, slots=True)
class LeadClass:
    """
    Hold what became of bookings made a number of days ahead.

    Parameters
    ----------
    first, last
        Days ahead, both inside; the last class has no end.
    cancelled
        Share that was cancelled, with a Wilson interval.
    """

    first: int
    last: int | None
    bookings: int
    cancelled: Estimate


@dataclass(frozen=True, slots=True)
class BookingHabits:
    """
    Hold how bookings come in and fall away.

    Parameters
    ----------
    curve
        From the day itself to the longest class of lead times.
    cancelled, stayed_away
        Shares of all bookings, and of those not cancelled of which it is known; None where it never is.
    by_segment
        Share cancelled of each segment.
    """

    curve: tuple[CurvePoint, ...]
    by_lead: tuple[LeadClass, ...]
    by_segment: tuple[Estimate, ...]
    cancelled: Estimate
    stayed_away: Estimate | None


def booking_habits(bookings: Bookings) -> BookingHabits:
    """Return how bookings come in and fall away; customers who bought nothing are not counted."""
    rows = [row for row in bookings.rows if row.product is not None]
    known = [row for row in rows if row.cancelled_on is None and row.came is not None]
    segments = sorted({row.segment for row in rows if row.segment})
    return BookingHabits(
        curve=_curve(rows),
        by_lead=_by_lead(rows),
        by_segment=tuple(
            _share_cancelled(segment, [row for row in rows if row.segment == segment]) for segment in segments
        ),
        cancelled=_share_cancelled("cancelled", rows),
        stayed_away=share_estimate("stayed away", sum(row.came is False for row in known), len(known))
        if known
        else None,
    )


def share_estimate(name: str, hits: int, tries: int) -> Estimate:
    """
    Return a share with its interval, right for few tries and for shares near 0 or 1.

    References
    ----------
    Wilson (1927), https://doi.org/10.1080/01621459.1927.10502953
    """
    if not tries:
        return Estimate(name, float("nan"), float("nan"), 0.0, 1.0)
    share, square = hits / tries, NORMAL_95**2
    centre = (share + square / (2 * tries)) / (1 + square / tries)
    reach = NORMAL_95 * float(np.sqrt(share * (1 - share) / tries + square / (4 * tries**2))) / (1 + square / tries)
    error = float(np.sqrt(share * (1 - share) / tries))
    # The formula's ends are exactly 0 and 1 there, but for rounding.
    low = 0.0 if hits == 0 else centre - reach
    high = 1.0 if hits == tries else centre + reach
    return Estimate(name, share, error, low, high)


def _share_cancelled(name: str, rows: Sequence[Booking]) -> Estimate:
    return share_estimate(name, sum(row.cancelled_on is not None for row in rows), len(rows))


def _curve(rows: Sequence[Booking]) -> tuple[CurvePoint, ...]:
    stood = [row for row in rows if row.cancelled_on is None]
    lead = np.array([row.lead_days for row in stood])
    units = np.array([row.quantity for row in stood], np.float64)
    total = max(1.0, float(units.sum()))
    return tuple(CurvePoint(days, float(units[lead >= days].sum() / total)) for days in range(LEAD_EDGES[-1] + 1))


def _by_lead(rows: Sequence[Booking]) -> tuple[LeadClass, ...]:
    classes: list[LeadClass] = []
    for first, after in zip(LEAD_EDGES, (*LEAD_EDGES[1:], None), strict=True):
        inside = [row for row in rows if row.lead_days >= first and (after is None or row.lead_days < after)]
        last = None if after is None else after - 1
        name = f"{first}+" if last is None else f"{first}-{last}"
        classes.append(LeadClass(first, last, len(inside), _share_cancelled(name, inside)))
    return tuple(classes)
