"""What counts for how much: pace, points of a place, and the price of time and money in points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from regional_assets.model import Kind
from solvers.orienteering.problem import Weights

if TYPE_CHECKING:
    from regional_assets.model import Asset, VisitMinutes
    from routing.request import Mode, Pace, TripRequest

UNITS_PER_POINT: Final = 5_000
"""Objective units in one point, so that a second of travel is a whole number of units."""

WEIGHTS: Final = Weights(travel=30, wait=10, cost=1, load=0)
"""An hour of travel costs 21.6 points, an hour of waiting 7.2, 5,000 yen of the party's money 1 point."""

LUNCH_SHORTFALL_POINTS: Final = 80
"""A day without lunch must be worth as much as a place of the highest appeal, or it does not happen."""

UNNAMED_INTEREST: Final = 0.5
THEME_FACTOR: Final = 4 / 3

PARKING_S: Final[dict[Mode, int]] = {"walk": 0, "bicycle": 60, "car": 300}
"""Seconds added to every leg: unlocking, parking, and the walk to the door."""


@dataclass(frozen=True, slots=True)
class PaceRule:
    """
    Say what a pace means.

    Parameters
    ----------
    after, before
        Day window where the request gives none.
    stretch
        Length of a visit: 0 is its ``typical``, -1 its ``min``, 1 its ``max``.
    visits
        Most visits a day, lunch included.
    """

    after: str
    before: str
    stretch: float
    visits: int


PACES: Final[dict[Pace, PaceRule]] = {
    "relaxed": PaceRule("09:30", "17:00", 0.4, 6),
    "normal": PaceRule("09:00", "17:30", 0.0, 8),
    "busy": PaceRule("08:30", "18:00", -0.5, 12),
}

MOST_ALIKE_A_DAY: Final = 2
"""Visits of one category (temples, breweries) a day: a third one of the same tires people."""

MOST_BITES_A_DAY: Final = 2
"""Food places a day besides lunch: shops, breweries, cafes together."""


def visit_seconds(minutes: VisitMinutes, pace: Pace) -> int:
    """Return how long a visit takes at a pace, in seconds, to whole five minutes where that keeps its limits."""
    stretch = PACES[pace].stretch
    towards = minutes.max if stretch > 0 else minutes.min
    exact = minutes.typical + abs(stretch) * (towards - minutes.typical)
    rounded = 5 * round(exact / 5)
    return 60 * min(max(rounded, minutes.min), minutes.max)


def points(asset: Asset, request: TripRequest) -> float:
    """
    Return what a visit is worth to this party.

    Appeal enters as its square over 100, which keeps 0 and 100 in place and lets one place of appeal 90 (81 points)
    outweigh three of appeal 50 (25 points each); then come the weight of its kind or of its best tag, and a third more
    for a wished theme.
    """
    factor = interest(asset, request)
    if set(asset.themes) & set(request.themes):
        factor *= THEME_FACTOR
    return factor * asset.appeal**2 / 100


def interest(asset: Asset, request: TripRequest) -> float:
    """Return the weight of an asset: the largest among its kind and its tags, as far as the request names them."""
    named = [request.interests[key] for key in (asset.kind.value, *asset.tags) if key in request.interests]
    if named:
        return max(named)
    some_kind_named = any(kind.value in request.interests for kind in Kind)
    return UNNAMED_INTEREST if some_kind_named else 1.0


def units(value: float) -> int:
    """Return points as whole objective units."""
    return round(value * UNITS_PER_POINT)
