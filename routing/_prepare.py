"""From a request to what a solver is given: days, places that may be visited, ways between them, and arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from routing._check import check_request
from routing._conflicts import find_conflicts
from routing._ground import reach, survey
from routing._screen import screen, trip_days
from routing._translate import translate

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from regional_assets.model import Region
    from routing._ground import Ground
    from routing._options import Day
    from routing._screen import Screening
    from routing._translate import Translation
    from routing.itinerary import Conflict
    from routing.request import Mode, TripRequest
    from routing.streets import StreetNetwork


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """
    Hold a request that was looked at from all sides but not yet solved.

    Parameters
    ----------
    conflicts
        Wishes that cannot be met; where there are any, nothing is translated.
    translation
        What a solver is given; None where there are conflicts.
    """

    region: Region
    request: TripRequest
    days: Sequence[Day]
    screening: Screening
    ground: Ground
    conflicts: tuple[Conflict, ...]
    translation: Translation | None


def prepare(
    region: Region, request: TripRequest, *, today: dt.date, networks: Mapping[Mode, StreetNetwork] | None
) -> Prepared:
    """
    Return a request ready to be solved.

    Raises
    ------
    InputError
        If the request makes no sense in this region, with every problem found.
    """
    check_request(region, request, today)
    days = trip_days(request)
    screening = screen(region, request, days)
    ground = survey(region, request, screening, networks or {})
    screening = reach(ground, screening, days, request)
    conflicts = find_conflicts(request, days, screening, ground)
    translation = None if conflicts else translate(region, request, days, screening, ground)
    return Prepared(region, request, days, screening, ground, conflicts, translation)
