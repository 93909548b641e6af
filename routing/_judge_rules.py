"""Rules of a plan made by hand that do not hang on the clock: what may be visited, nights, limits and habits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from regional_assets.model import Kind
from routing import _judge_words as words
from routing._judge_model import Finding
from routing._scoring import MOST_ALIKE_A_DAY, MOST_BITES_A_DAY, PACES, interest
from routing._screen import access_refusal, has_night
from routing._translate import likeness

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from regional_assets.model import Asset, Name
    from routing._judge_model import ViolationCode, WarningCode
    from routing._judge_visits import TimedVisit
    from routing.request import TripRequest


@dataclass(frozen=True, slots=True)
class Given:
    """
    Hold what a plan says of one day.

    Parameters
    ----------
    date
        The day.
    stops
        Ids in order.
    stay
        Id of the inn of the night after it.
    """

    date: dt.date
    stops: tuple[str, ...]
    stay: str | None


def places_wrong(request: TripRequest, days: Sequence[Given], assets: Mapping[str, Asset]) -> Iterator[Finding]:
    """Yield every stop that must not be in the trip at any time; ids that no asset has are told elsewhere."""
    seen: set[str] = set()
    for day in days:
        for number, asset_id in enumerate(day.stops):
            asset = assets.get(asset_id)
            if asset is None:
                continue

            wrong = partial(_of_place, asset, day.date, number)
            if asset.kind is Kind.LODGING:
                yield wrong("NOT_A_VISIT", words.NOT_A_VISIT)
            elif not asset.has_position:
                yield wrong("NO_POSITION", words.NO_POSITION)
            if asset_id in seen:
                yield wrong("VISITED_TWICE", words.VISITED_TWICE)
            seen.add(asset_id)
            for code, text in _refused(asset, request):
                yield wrong(code, text)


def _of_place(
    asset: Asset, date: dt.date | None, stop: int | None, code: ViolationCode | WarningCode, text: Name
) -> Finding:
    return Finding(code=code, date=date, stop=stop, asset=asset.id, text=words.of_place(asset, text))


def _refused(asset: Asset, request: TripRequest) -> Iterator[tuple[ViolationCode, Name]]:
    """Yield why the request does not want a place, or the party cannot use it."""
    if asset.id in request.avoid:
        yield "AVOIDED", words.AVOIDED
    lacking = access_refusal(asset, request)
    if lacking is not None:
        yield "ACCESS_NEED", lacking.text


def nights_wrong(
    request: TripRequest, days: Sequence[Given], assets: Mapping[str, Asset], *, has_inns: bool
) -> Iterator[Finding]:
    """
    Yield what is wrong with the nights.

    Parameters
    ----------
    request, days, assets
        The plan, one entry for each day of the request.
    has_inns
        Whether the region has any inn that the request allows.
    """
    for night, day in enumerate(days):
        wanted = wanted_inn(request, night, assets)
        asset = None if day.stay is None else assets.get(day.stay)
        if day.stay is None:
            if has_night(request, night) and (wanted is not None or has_inns):
                yield Finding(code="LODGING_MISSING", date=day.date, text=words.lodging_missing(wanted))
            continue
        if asset is None:
            continue

        wrong = partial(_of_place, asset, day.date, None)
        if asset.kind is not Kind.LODGING:
            yield wrong("WRONG_LODGING", words.no_lodging(asset))
        elif not has_night(request, night):
            yield wrong("NO_NIGHT", words.NO_NIGHT)
        elif wanted is not None and wanted.id != asset.id:
            yield wrong("WRONG_LODGING", words.wrong_lodging(wanted))
        if not asset.has_position:
            yield wrong("NO_POSITION", words.NO_POSITION)
        for code, text in _refused(asset, request):
            yield wrong(code, text)


def wanted_inn(request: TripRequest, night: int, assets: Mapping[str, Asset]) -> Asset | None:
    """Return the inn that the request names for a night, if it names any."""
    if not isinstance(request.lodging, tuple) or not has_night(request, night):
        return None
    return assets[request.lodging[0] if len(request.lodging) == 1 else request.lodging[night]]


def wishes_missed(request: TripRequest, days: Sequence[Given], assets: Mapping[str, Asset]) -> Iterator[Finding]:
    """Yield wanted places that the plan leaves out, and bookings on whose day it is elsewhere."""
    held = {asset_id for day in days for asset_id in (*day.stops, day.stay)}
    for asset_id in dict.fromkeys(request.must):
        if asset_id not in held:
            yield _of_place(assets[asset_id], None, None, "MUST_MISSING", words.MUST_MISSING)
    for pin in request.pins:
        date = pin.arrive.date()
        if not any(day.date == date and pin.asset in day.stops for day in days):
            yield _of_place(assets[pin.asset], date, None, "PIN_MISSED", words.pin_elsewhere(pin.arrive))


def limits_broken(
    request: TripRequest, visits: Sequence[Sequence[TimedVisit]], *, walk_m: Sequence[int], yen: int
) -> Iterator[Finding]:
    """
    Yield the limits of the request that the whole of the plan breaks.

    Parameters
    ----------
    visits, walk_m
        Of each day.
    yen
        Of the trip.
    """
    limit, budget = request.limits.walk_m_per_day, request.budget_jpy
    for day, its, metres in zip(request.days, visits, walk_m, strict=True):
        if limit is not None and metres > limit:
            text = words.over_walking(metres, limit)
            yield Finding(code="OVER_WALKING_LIMIT", date=day.date, amount=metres - limit, unit="m", text=text)
        kinds = Counter(visit.asset.kind for visit in its)
        for kind, most in request.limits.per_kind.items():
            if kinds[kind] > most:
                text, over = words.over_kind(kind, kinds[kind], most), kinds[kind] - most
                yield Finding(code="OVER_KIND_LIMIT", date=day.date, amount=over, unit="visits", text=text)
    if budget is not None and yen > budget:
        text = words.over_budget(yen, budget)
        yield Finding(code="OVER_BUDGET", date=None, amount=yen - budget, unit="yen", text=text)


def habits_broken(request: TripRequest, visits: Sequence[Sequence[TimedVisit]]) -> Iterator[Finding]:
    """Yield what a planned day would not have; habits of number give way to wanted places, as when planned."""
    wanted = {*request.must, *(pin.asset for pin in request.pins)}
    everything = [visit for its in visits for visit in its]
    for day, its in zip(request.days, visits, strict=True):
        if request.meals.lunch is not None and its and not any(visit.option.is_lunch for visit in its):
            yield Finding(code="LUNCH_MISSING", date=day.date, text=words.LUNCH_MISSING)
        for habit in _habits(request, its):
            insisted = {visit.asset.id for visit in everything if habit.counts(visit)} & wanted
            count, most = sum(1 for visit in its if habit.counts(visit)), max(habit.most, len(insisted))
            if count > most:
                text = habit.words(count, most)
                yield Finding(code=habit.code, date=day.date, amount=count - most, unit="visits", text=text)
        for visit in its:
            if visit.asset.id not in wanted and interest(visit.asset, request) == 0:
                yield _of_place(visit.asset, day.date, None, "NO_INTEREST", words.NO_INTEREST)


@dataclass(frozen=True, slots=True)
class _Habit:
    """Hold how many visits of some sort a planned day has at most."""

    code: WarningCode
    most: int
    counts: Callable[[TimedVisit], bool]
    words: Callable[[int, int], Name]


def _habits(request: TripRequest, visits: Sequence[TimedVisit]) -> Iterator[_Habit]:
    yield _Habit("ABOVE_PACE", PACES[request.pace].visits, lambda _: True, words.above_pace)
    yield _Habit("MANY_BITES", MOST_BITES_A_DAY, _is_bite, words.many_bites)
    for category in sorted({likeness(visit.asset) or "" for visit in visits} - {""}):
        yield _Habit("MANY_ALIKE", MOST_ALIKE_A_DAY, _is_like(category), partial(words.many_alike, category))


def _is_bite(visit: TimedVisit) -> bool:
    return visit.asset.kind is Kind.FOOD and not visit.option.is_lunch


def _is_like(category: str) -> Callable[[TimedVisit], bool]:
    return lambda visit: likeness(visit.asset) == category
