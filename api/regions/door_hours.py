"""When a place lets visitors in, in words and day by day, as far as its data tell."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel

from api.regions.offered import is_offered
from api.texts import text
from api.wording import clock_of
from regional_assets.model import Kind, Name
from regional_assets.opening import describe, hours_on

if TYPE_CHECKING:
    from collections.abc import Iterable

    from regional_assets.model import Asset
    from regional_assets.opening import DayHours
    from regional_assets.text import Text


class OpenSpan(BaseModel):
    """
    Tell a span of a day in which a place is open.

    Parameters
    ----------
    opens, closes
        Local time, ``HH:MM``; beyond 24:00 where it is open past midnight.
    last_entry
        Latest moment to go in.
    """

    opens: str
    closes: str
    last_entry: str


class HoursOfDay(BaseModel):
    """
    Tell the hours of a place on one day.

    Parameters
    ----------
    date
        Day in the region.
    status
        ``open``, ``closed``, or ``unknown``, which never counts as open.
    spans
        When it is open, in order.
    reason
        Why it is closed.
    remarks
        What was assumed or not understood, and what the source says beside the hours.
    """

    date: dt.date
    status: Literal["open", "closed", "unknown"]
    spans: list[OpenSpan]
    reason: Name | None
    remarks: list[Name]


class DoorHours(BaseModel):
    """
    Tell the hours of a place.

    Parameters
    ----------
    asset
        Id of the place.
    text
        Hours and closing days in one line, whatever the date.
    days
        Hours on the days that were asked for.
    """

    asset: str
    text: Name
    days: list[HoursOfDay]


def door_hours(asset: Asset, dates: Iterable[dt.date]) -> DoorHours:
    """
    Return the hours of a place on some days.

    Nothing is assumed for places of unknown hours. Events count by their dates, seasonal places by their season.
    """
    words = Name(ja=describe(asset.opening, "ja"), en=describe(asset.opening, "en"))
    return DoorHours(asset=asset.id, text=words, days=[_on(asset, date) for date in dates])


def _on(asset: Asset, date: dt.date) -> HoursOfDay:
    if not is_offered(asset, date, date):
        return HoursOfDay(
            date=date, status="closed", spans=[], reason=_name(text("door_hours.not_offered")), remarks=[]
        )
    if asset.kind is Kind.EVENT and not asset.dates:
        return HoursOfDay(
            date=date, status="unknown", spans=[], reason=None, remarks=[_name(text("door_hours.no_dates"))]
        )
    position = None if asset.lon is None or asset.lat is None else (asset.lon, asset.lat)
    hours = hours_on(asset.opening, date, lon_lat=position)
    return HoursOfDay(
        date=date,
        status=hours.status,
        spans=_spans(hours),
        reason=None if hours.rule is None else _name(hours.rule),
        remarks=[_name(each) for each in (*hours.warnings, *hours.remarks)],
    )


def _spans(hours: DayHours) -> list[OpenSpan]:
    return [
        OpenSpan(
            opens=clock_of(window.open_s), closes=clock_of(window.close_s), last_entry=clock_of(window.last_entry_s)
        )
        for window in hours.windows
    ]


def _name(words: Text) -> Name:
    return Name(ja=words.ja, en=words.en)
