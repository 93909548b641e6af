"""Random requests in a region, and the trip problems behind them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

from regional_assets.model import Kind
from routing._conflicts import find_conflicts
from routing._ground import reach, survey
from routing._screen import screen, trip_days
from routing._translate import translate
from routing.plan import load_streets
from routing.request import DayRequest, Mode, Pace, Place, TripRequest

if TYPE_CHECKING:
    from regional_assets.model import Region
    from solvers.orienteering import TripProblem

FIRST_DATE: Final = dt.date(2027, 1, 5)
MODES: Final[tuple[Mode, ...]] = ("car", "car", "bicycle", "walk")
"""Half of the guests drive."""

PACES: Final[tuple[Pace, ...]] = ("relaxed", "normal", "busy")
YEN_A_DAY: Final = (15_000, 50_000)
"""Least and most budget of a day with a night, for the party of two."""

MOVED_DEGREES: Final = 0.02
"""Some two kilometres."""

INTERESTS: Final = (Kind.CULTURE, Kind.CRAFT, Kind.FOOD, Kind.NATURE, Kind.EVENT)


def random_request(region: Region, rng: np.random.Generator, candidates: int) -> TripRequest:
    """
    Return a day trip from a station or stop and back.

    Parameters
    ----------
    region
        Where; it needs a hub.
    rng
        Draws the date within a year from `FIRST_DATE`, hub, mode, pace, two interests of weight 1 to 2, and for every
        third guest a budget of 3,000 to 20,000 yen.
    candidates
        Most places that enter the search.
    """
    hubs = [asset.id for asset in region.assets if asset.kind == Kind.HUB]
    hub = Place(asset=hubs[rng.integers(len(hubs))])
    date = FIRST_DATE + dt.timedelta(days=int(rng.integers(365)))
    liked = rng.choice(len(INTERESTS), 2, replace=False)
    return TripRequest(
        days=(DayRequest(date=date, start=hub, end=hub),),
        lodging="none",
        mode=MODES[rng.integers(len(MODES))],
        pace=PACES[rng.integers(len(PACES))],
        interests={INTERESTS[kind].value: round(float(rng.uniform(1, 2)), 1) for kind in liked},
        budget_jpy=int(rng.integers(3, 21)) * 1000 if rng.random() < 1 / 3 else None,
        max_candidates=candidates,
    )


def random_long_request(region: Region, rng: np.random.Generator, candidates: int, days: int) -> TripRequest:
    """
    Return a trip of several days on end with a choice of inns, lunch on every day and a budget.

    Parameters
    ----------
    region, rng, candidates
        As for `random_request`; the budget, here for every guest, is `YEN_A_DAY` for each day.
    days
        Two or more. The first starts and the last ends at the hub; each night may be spent in any inn of the search.
    """
    request = random_request(region, rng, candidates)
    (first,) = request.days
    dates = [first.date + dt.timedelta(days=number) for number in range(days)]
    trip = [DayRequest(date=date) for date in dates]
    trip[0] = DayRequest(date=dates[0], start=first.start)
    trip[-1] = DayRequest(date=dates[-1], end=first.end)
    budget = days * 1000 * int(rng.integers(YEN_A_DAY[0] // 1000, YEN_A_DAY[1] // 1000 + 1))
    return request.model_copy(update={"days": tuple(trip), "lodging": "choose", "budget_jpy": budget})


def crowded_region(region: Region, places: int, seed: int) -> Region:
    """
    Return a region with at least so many sights and food places: copies of its own, moved by up to `MOVED_DEGREES`.

    Parameters
    ----------
    region
        Returned as it is where it has as many.
    places
        How many assets that are neither lodging nor hub.
    seed
        Same seed, same moves.
    """
    own = [asset for asset in region.assets if asset.kind not in {Kind.LODGING, Kind.HUB} and asset.has_position]
    rng = np.random.default_rng(seed)
    copies = []
    for number in range(places - len(own)):
        asset = own[number % len(own)]
        assert asset.lon is not None
        assert asset.lat is not None
        east, north = rng.uniform(-MOVED_DEGREES, MOVED_DEGREES, 2)
        moved = {"id": f"{asset.id}-{number // len(own) + 2}", "lon": asset.lon + east, "lat": asset.lat + north}
        copies.append(asset.model_copy(update=moved))
    return region.model_copy(update={"assets": (*region.assets, *copies)})


def problem_of(region: Region, request: TripRequest) -> TripProblem | None:
    """
    Return the problem that planning the request would solve; None where its wishes contradict each other.

    The steps are those of `routing.plan_trip`, whose inner modules are used here: the problem behind a plan is not part
    of the plan.
    """
    days = trip_days(request)
    screening = screen(region, request, days)
    streets = load_streets(region, request.mode)
    ground = survey(region, request, screening, {} if streets is None else {request.mode: streets})
    screening = reach(ground, screening, days, request)
    if find_conflicts(request, days, screening, ground):
        return None
    return translate(region, request, days, screening, ground).problem


def random_problems(region: Region, count: int, candidates: int, seed: int) -> Iterator[TripProblem]:
    """Yield the problems of random requests, leaving out those that no plan can meet before any search."""
    rng = np.random.default_rng(seed)
    found = 0
    while found < count:
        problem = problem_of(region, random_request(region, rng, candidates))
        if problem is not None:
            found += 1
            yield problem
