"""From an asset and a day to visit options: when a visit may start, how long it takes, and why it cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from regional_assets.defaults import assumed_hours
from regional_assets.model import Kind, Name
from regional_assets.opening import hours_on
from regional_assets.opening.model import WEEKDAYS, Opening
from routing._clock import seconds_of
from routing._scoring import visit_seconds

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from regional_assets.model import Asset
    from regional_assets.opening import DayHours, Window
    from routing.itinerary import ReasonCode
    from routing.request import Pin, TripRequest

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Day:
    """
    Hold one day of the trip.

    Parameters
    ----------
    date
        Calendar day.
    earliest_s, latest_s
        Window of the day, seconds after midnight.
    """

    date: dt.date
    earliest_s: int
    latest_s: int


@dataclass(frozen=True, slots=True)
class VisitOption:
    """
    Hold one way to visit one place.

    Parameters
    ----------
    day
        Index of the day.
    open_s, close_s
        Earliest and latest start, seconds after midnight.
    duration_s
        Seconds.
    is_lunch
        Whether it is the day's lunch.
    door_closes_s
        When the door closes, seconds after midnight; ``None`` with assumed hours, or where it never does.
    """

    day: int
    open_s: int
    close_s: int
    duration_s: int
    is_lunch: bool
    door_closes_s: int | None


@dataclass(frozen=True, slots=True)
class Door:
    """
    Hold what is known of one asset's hours on one day.

    Parameters
    ----------
    windows
        When visits are possible: by its own hours, or by those assumed; empty where it is closed, or where its hours
        are unknown and the request refuses that.
    closed
        Why it is closed; ``None`` where it is not, or nobody knows.
    is_known
        Whether anything is known of that day.
    assumed
        What was assumed of its hours.
    unread, remarks
        Parts of its hours that were not understood, and what the source says beside them.
    """

    windows: tuple[Window, ...] = ()
    closed: Name | None = None
    is_known: bool = True
    assumed: Name | None = None
    unread: tuple[Name, ...] = ()
    remarks: tuple[Name, ...] = ()

    def closes(self, window: Window) -> int | None:
        """Return when the door closes after a window; ``None`` with assumed hours, or where it never does."""
        never_closes = window.close_s - window.open_s >= DAY_S
        return window.close_s if self.is_known and not never_closes else None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Say why an asset cannot be visited on any day."""

    code: ReasonCode
    text: Name


@dataclass(frozen=True, slots=True)
class Offer:
    """
    Hold every way to visit one asset in this trip.

    Parameters
    ----------
    options
        Empty when it cannot be visited; ``refusal`` then says why.
    notes
        Assumptions by field; under ``remark`` what the source says beside the hours, which is no assumption.
    """

    options: tuple[VisitOption, ...]
    refusal: Refusal | None
    notes: tuple[tuple[str, Name], ...]


def offer(asset: Asset, days: Sequence[Day], request: TripRequest) -> Offer:
    """
    Return every way to visit ``asset`` on ``days``.

    Parameters
    ----------
    asset
        Any asset but a lodging.
    days
        The days of the trip.
    request
        Pace, meals, pins and the choice about unknown hours.

    Returns
    -------
    offer
        A place of unknown hours is offered in the usual hours of its kind, flagged, or refused if the request says so.
    """
    pin = next((pin for pin in request.pins if pin.asset == asset.id), None)
    closed: list[Name] = []
    options: list[VisitOption] = []
    was_open = was_unknown = False
    assumed: Name | None = None
    unread: dict[Name, None] = {}
    remarks: dict[Name, None] = {}
    for index, day in enumerate(days):
        if pin is not None and pin.arrive.date() != day.date:
            continue
        door = door_on(asset, day.date, request)
        unread.update(dict.fromkeys(door.unread))
        remarks.update(dict.fromkeys(door.remarks))
        was_unknown = was_unknown or not door.is_known
        if door.closed is not None:
            closed.append(door.closed)
        elif door.is_known or door.assumed is not None:
            assumed = door.assumed or assumed
            was_open = True
            options.extend(_options_of_day(asset, index, day, door, request, pin))
    notes = [("opening", note) for note in unread]
    if assumed is not None and options:
        notes.insert(0, ("opening", assumed))
    notes += [("remark", remark) for remark in remarks]
    refusal = None if options else _refusal(asset, request, closed, was_open=was_open, was_unknown=was_unknown)
    return Offer(tuple(options), refusal, tuple(notes))


def door_on(asset: Asset, date: dt.date, request: TripRequest) -> Door:
    """Return when a place lets visitors in on one day, as far as that is known, or assumed as the request allows."""
    out = _out_of_season(asset, date)
    if out is not None:
        return Door(closed=out)
    hours = hours_on(asset.opening, date, lon_lat=_position(asset))
    unread = tuple(Name(ja=warning.ja, en=warning.en) for warning in hours.warnings)
    remarks = tuple(Name(ja=remark.ja, en=remark.en) for remark in hours.remarks)
    if hours.status == "closed":
        return Door(closed=_closed_text(date, hours), unread=unread, remarks=remarks)
    if hours.status == "open":
        return Door(hours.windows, unread=unread, remarks=remarks)
    if request.hours_unknown == "refuse":
        return Door(is_known=False, unread=unread, remarks=remarks)
    osm, assumed = assumed_hours(asset.kind, asset.tags)
    usual = hours_on(Opening(osm=osm), date, lon_lat=_position(asset))
    return Door(usual.windows, is_known=False, assumed=assumed, unread=unread, remarks=remarks)


def _position(asset: Asset) -> tuple[float, float] | None:
    return None if asset.lon is None or asset.lat is None else (asset.lon, asset.lat)


def _options_of_day(
    asset: Asset, index: int, day: Day, door: Door, request: TripRequest, pin: Pin | None
) -> Iterator[VisitOption]:
    """Yield the options of one asset on one day that fit into the day's own window."""
    for window in door.windows:
        longest = window.close_s - window.open_s
        duration = min(visit_seconds(asset.visit_minutes, request.pace), longest)
        if duration < 60 * asset.visit_minutes.min:
            continue
        first, last = window.open_s, min(window.last_entry_s, window.close_s - duration)
        closes = door.closes(window)
        for is_lunch, earliest, latest in purposes(asset, request, duration, pin):
            begin = max(first, earliest, day.earliest_s)
            end = min(last, latest, day.latest_s - duration)
            if pin is not None:
                at = seconds_of(pin.arrive.strftime("%H:%M"))
                begin, end = max(begin, at), min(end, at)
            starts = slot_starts(asset, day.date) if asset.slots and pin is None else None
            if starts is None:
                if begin <= end:
                    yield VisitOption(index, begin, end, duration, is_lunch, closes)
                continue
            for start in starts:
                if begin <= start <= end:
                    yield VisitOption(index, start, start, duration, is_lunch, closes)


def purposes(asset: Asset, request: TripRequest, duration: int, pin: Pin | None) -> Iterator[tuple[bool, int, int]]:
    """Yield (is lunch, earliest start, latest start) for each purpose the asset serves."""
    whole_day = (False, 0, 2 * DAY_S)
    lunch = request.meals.lunch
    if asset.kind is not Kind.FOOD or not asset.meals:
        yield whole_day
        return
    wished = pin is not None or asset.id in request.must
    if lunch is not None and "lunch" in asset.meals:
        earliest, latest = (seconds_of(clock) for clock in lunch.between)
        yield True, earliest, latest - duration
    # A meal somebody insists on may be at any hour; otherwise only tea and sweets are had outside mealtimes.
    if "cafe" in asset.meals or (wished and (pin is not None or lunch is None or "lunch" not in asset.meals)):
        yield whole_day


def slot_starts(asset: Asset, date: dt.date) -> list[int]:
    """Return the starts that can be booked on a date, seconds after midnight, in order."""
    weekday = WEEKDAYS[date.weekday()]
    return sorted({seconds_of(slot.start) for slot in asset.slots if not slot.weekdays or weekday in slot.weekdays})


def _out_of_season(asset: Asset, date: dt.date) -> Name | None:
    """Return why the asset is not offered on ``date``, if it is not."""
    if asset.kind is Kind.EVENT and not asset.dates:
        return Name(ja="開催日不明", en="dates of the event unknown")
    if asset.dates and not any(span.first <= date.isoformat() <= span.last for span in asset.dates):
        span = asset.dates[0]
        return Name(ja=f"開催は{span.first}〜{span.last}", en=f"held {span.first} to {span.last}")
    key = date.strftime("%m-%d")
    if asset.season and not any(_within(key, season.first, season.last) for season in asset.season):
        text = ", ".join(f"{season.first}/{season.last}" for season in asset.season)
        return Name(ja=f"期間外({text})", en=f"out of season ({text})")
    return None


def _within(key: str, first: str, last: str) -> bool:
    """Whether a month-day lies in a span that may wrap over the new year."""
    return first <= key <= last if first <= last else key >= first or key <= last


def _closed_text(date: dt.date, hours: DayHours) -> Name:
    day = f"{date.month}/{date.day}"
    if hours.rule is None:
        return Name(ja=f"{day}は休み", en=f"closed on {date.isoformat()}")
    return Name(ja=f"{day}は休み({hours.rule.ja})", en=f"closed on {date.isoformat()} ({hours.rule.en})")


def _refusal(
    asset: Asset, request: TripRequest, closed: Sequence[Name], *, was_open: bool, was_unknown: bool
) -> Refusal:
    """Say why an asset has no option, from what was seen on each day."""
    if was_open:
        if asset.kind is Kind.FOOD and asset.meals and not any(True for _ in purposes(asset, request, 0, None)):
            return Refusal(
                "MEAL_NOT_ASKED",
                Name(ja="この旅程で求めていない食事の店", en="serves only meals this plan does not look for"),
            )
        if asset.slots:
            starts = "・".join(slot.start for slot in asset.slots)
            return Refusal(
                "NO_SLOT_LEFT",
                Name(
                    ja=f"予約枠({starts})が日程の時間帯に合わない",
                    en=f"no bookable start ({starts}) inside the hours of the trip",
                ),
            )
        return Refusal(
            "CLOSED_ON_ALL_DAYS",
            Name(ja="日程の時間帯に開いていない", en="not open long enough within the hours of the trip"),
        )
    if was_unknown:
        return Refusal("HOURS_UNKNOWN", Name(ja="営業時間が不明", en="opening hours unknown"))
    texts = list(dict.fromkeys((text.in_("ja"), text.in_("en")) for text in closed))[:3]
    return Refusal(
        "CLOSED_ON_ALL_DAYS",
        Name(ja="、".join(ja for ja, _ in texts) or "休み", en="; ".join(en for _, en in texts) or "closed"),
    )
