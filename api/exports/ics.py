"""An itinerary as a calendar (RFC 5545): one event for each visit, meal, night and leg, and one for the whole trip."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from api.exports._plans import Leg, day_plans
from api.exports._words import kind_words, leg_title, leg_words, stop_lines, title_words, trip_lines
from api.exports._xml import xml_text
from api.exports.alternative import chosen_plan
from api.texts import say
from api.wording import place_words

if TYPE_CHECKING:
    from icalendar import Event

    from api.exports._plans import DayPlan, Stop
    from regional_assets.model import Region
    from regional_assets.text import Language
    from routing.itinerary import Itinerary


def ics_of(
    itinerary: Itinerary,
    language: Language,
    alternative: int | None = None,
    *,
    now: dt.datetime,
    region: Region | None = None,
    uid: str | None = None,
    sequence: int = 0,
) -> bytes:
    """
    Return a trip as an iCalendar file.

    Visits, meals and nights fill the traveller's time; legs stand between them and leave it free. An event of whole
    days carries the notice, what was assumed, and the sources.

    Parameters
    ----------
    itinerary
        What to export.
    language
        Of titles and descriptions.
    alternative
        Number of the alternative to export, from 1; by default the plan itself.
    now
        When the file is made, with a zone (``DTSTAMP``); nothing else of it depends on the clock.
    region
        Adds what the region knows of the places: description, address, web address.
    uid
        Beginning of every event's UID, such as the id of the trip: the same place on the same day keeps its UID, so
        that a calendar updates its event. By default it hangs on the request.
    sequence
        Revision of the events; calendars take the higher one.

    Returns
    -------
    file
        UTF-8, lines folded at 75 octets. Local times with the region's zone, which the file defines.

    Raises
    ------
    InputError
        If there is no such alternative.
    """
    from icalendar import Calendar

    itinerary = chosen_plan(itinerary, alternative)
    writer = _Writer(itinerary, language, now, uid or _digest(itinerary), sequence)
    calendar = Calendar()
    calendar.add("prodid", f"-//Meguri//Meguri {itinerary.provenance.version}//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    title = _one_line(title_words(itinerary, language))
    calendar.add("name", title)
    # Older calendars know these names only.
    calendar.add("x-wr-calname", title)
    calendar.add("x-wr-timezone", itinerary.time_zone)
    if itinerary.days:
        calendar.add_component(writer.whole_trip(title))
    for plan in day_plans(itinerary, region):
        for event in writer.events(plan):
            calendar.add_component(event)
    # Rules of the zone only where the trip needs them: a whole history makes a large file.
    if itinerary.days:
        first, last = itinerary.days[0].date, itinerary.days[-1].date
        margin = dt.timedelta(days=400)
        calendar.add_missing_timezones(first_date=first - margin, last_date=last + margin)
    return bytes(calendar.to_ical())


class _Writer:
    """Write the events of one trip."""

    def __init__(self, itinerary: Itinerary, language: Language, now: dt.datetime, uid: str, sequence: int) -> None:
        self.itinerary = itinerary
        self.language: Language = language
        self.now = now.astimezone(dt.UTC).replace(microsecond=0)
        self.uid = uid
        self.sequence = sequence
        self.zone = ZoneInfo(itinerary.time_zone)

    def whole_trip(self, title: str) -> Event:
        days = self.itinerary.days
        event = self.event("trip", title, trip_lines(self.itinerary, self.language))
        event.add("dtstart", days[0].date)
        event.add("dtend", days[-1].date + dt.timedelta(days=1))
        event.add("transp", "TRANSPARENT")
        return event

    def events(self, plan: DayPlan) -> Iterator[Event]:
        for part in plan.parts:
            yield self.leg(part, plan) if isinstance(part, Leg) else self.stop(part, plan)

    def stop(self, stop: Stop, plan: DayPlan) -> Event:
        step = stop.step
        name = place_words(step.name, self.language)
        summary = name if step.type == "visit" else f"{kind_words(step, self.language)}: {name}"
        address = stop.asset.address if stop.asset is not None else None
        lines = [*stop_lines(stop, plan, self.language), *self.notice()]
        event = self.event(f"{plan.day.date}-{step.type}-{step.asset or stop.order}", summary, lines)
        self.set_times(event, stop.begin, stop.end)
        event.add("location", _one_line(f"{name}, {address}" if address else name))
        if stop.position is not None:
            lon, lat = stop.position
            event.add("geo", (lat, lon))
        if stop.web_address:
            event.add("url", stop.web_address)
        event.add("transp", "OPAQUE")
        return event

    def leg(self, leg: Leg, plan: DayPlan) -> Event:
        place = leg.step.asset or f"at-{leg.begin:%H%M}"
        summary = f"{say('timetable.travel', self.language)}: {leg_title(leg, self.language)}"
        event = self.event(
            f"{plan.day.date}-to-{place}", summary, [leg_words(leg, plan.day.date, self.language), *self.notice()]
        )
        self.set_times(event, leg.begin, leg.end)
        # A leg must not make its traveller busy: they may well talk on the way.
        event.add("transp", "TRANSPARENT")
        return event

    def event(self, name: str, summary: str, lines: list[str]) -> Event:
        from icalendar import Event

        event = Event()
        event.add("uid", f"{self.uid}-{name}@meguri")
        event.add("dtstamp", self.now)
        event.add("sequence", self.sequence)
        event.add("summary", _one_line(summary))
        # Line breaks of one kind, and no control characters: no calendar can hold them.
        event.add("description", "\n".join(xml_text("\n".join(lines)).splitlines()))
        return event

    def set_times(self, event: Event, begin: dt.datetime, end: dt.datetime) -> None:
        event.add("dtstart", begin.astimezone(self.zone))
        event.add("dtend", end.astimezone(self.zone))

    def notice(self) -> list[str]:
        # A single event may be shared without the others.
        return [self.itinerary.notice.in_(self.language)] if self.itinerary.notice else []


def _one_line(words: str) -> str:
    return " ".join(xml_text(words).split())


def _digest(itinerary: Itinerary) -> str:
    asked = json.dumps([itinerary.region, itinerary.request.model_dump(mode="json")], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()[:16]
