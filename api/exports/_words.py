"""What the files of a trip say of its stops, its legs and the whole, in one language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from api.assumptions import REMARK, assumption_lines
from api.texts import catalogue, say
from api.timetable import shows_closing
from api.wording import clock, date_words, distance_words, minutes_words, place_words, status_words, yen_words

if TYPE_CHECKING:
    import datetime as dt

    from api.exports._plans import DayPlan, Leg, Stop
    from regional_assets.model import Name
    from regional_assets.text import Language
    from routing.itinerary import AssumedFact, DayTotals, Itinerary, Step


def title_words(itinerary: Itinerary, language: Language) -> str:
    """Return what the trip is called."""
    return say("exports.title", language, region=itinerary.region_name.in_(language))


def dates_words(itinerary: Itinerary, language: Language) -> str:
    """Return the first and the last date; empty without a plan."""
    dates = [date_words(day.date, language) for day in itinerary.days]
    return " – ".join(dict.fromkeys([*dates[:1], *dates[-1:]]))


def heading_words(itinerary: Itinerary, language: Language) -> str:
    """Return what the trip is called, with its dates."""
    return f"{title_words(itinerary, language)} {dates_words(itinerary, language)}".strip()


def party_words(itinerary: Itinerary, language: Language) -> str:
    """Return who travels."""
    party = itinerary.request.party
    parts = [
        say(f"exports.{who}", language, count=count)
        for who, count in (("adults", party.adults), ("children", party.children))
        if count
    ]
    return " · ".join([*parts, *([say("exports.resident", language)] if party.resident else [])])


def day_words(plan: DayPlan, language: Language) -> str:
    """Return number and date of a day."""
    return f"{say('timetable.day', language, number=plan.number)} {date_words(plan.day.date, language)}"


def ends_words(plan: DayPlan, language: Language) -> str:
    """Return where a day starts and ends."""
    return " → ".join(name.in_(language) for name in (plan.day.start, plan.day.end) if name is not None)


def span_words(begin: dt.datetime, end: dt.datetime, date: dt.date) -> str:
    """Return ``09:00–10:30``; times after midnight count on."""
    return f"{clock(begin, date)}–{clock(end, date)}"


def kind_words(step: Step, language: Language) -> str:
    """Return what a stop is: lunch, night, or the kind of its place; empty for a place without a kind."""
    if step.type in ("meal", "stay"):
        return say(f"timetable.{step.type}", language)
    return say(f"kind.{step.kind}", language) if step.kind else ""


def cost_words(step: Step, language: Language) -> str:
    """Return what a stop costs the party, or that it is free or unknown."""
    if step.cost_jpy is None:
        return say("page.price_unknown", language)
    if step.cost_jpy == 0:
        return say("timetable.free", language)
    return say("exports.cost", language, cost=yen_words(step.cost_jpy, language))


def stop_lines(stop: Stop, plan: DayPlan, language: Language) -> list[str]:
    """Return all that a file says of a stop beside its name, what was assumed included."""
    step, date = stop.step, plan.day.date
    length = [] if step.type == "stay" else [minutes_words(step.duration_s, language)]
    facts = [kind_words(step, language), span_words(stop.begin, stop.end, date), *length, cost_words(step, language)]
    lines = [" · ".join(fact for fact in facts if fact)]
    if stop.waits_from is not None:
        lines.append(say("exports.wait", language, time=clock(stop.waits_from, date)))
    closes = closing_time(stop, plan)
    if closes:
        lines.append(say("timetable.closes", language, time=closes))
    if stop.asset is not None and stop.asset.description is not None:
        lines.append(stop.asset.description.in_(language))
    return [*lines, *(fact_words(fact, language) for fact in stop.facts)]


def fact_words(fact: AssumedFact, language: Language) -> str:
    """Return one thing that was assumed of a place, or that its source remarks."""
    words = fact.text.in_(language)
    if fact.field == REMARK:
        return say("exports.remark", language, words=words)
    field = say(f"field.{fact.field}", language) if f"field.{fact.field}" in catalogue() else fact.field
    return say("exports.assumed", language, field=field, words=words)


def leg_title(leg: Leg, language: Language) -> str:
    """Return where a leg leads from and to."""
    ends = (leg.origin.in_(language) if leg.origin else "", place_words(leg.step.name, language))
    return " → ".join(end for end in ends if end)


def leg_words(leg: Leg, date: dt.date, language: Language) -> str:
    """Return mode, times, length and distance of a leg, and whether they are estimated."""
    step = leg.step
    parts = [
        say(f"mode.{step.mode}", language) if step.mode else say("timetable.travel", language),
        span_words(leg.begin, leg.end, date),
        minutes_words(step.duration_s, language),
        distance_words(step.distance_m) if step.distance_m is not None else "",
        say("exports.estimated", language) if leg.is_straight else "",
    ]
    return " · ".join(part for part in parts if part)


def totals_words(totals: DayTotals, language: Language) -> str:
    """Return times, distance, visits and costs of a day or a trip in one line."""
    parts = [
        say("timetable.total_travel", language, time=minutes_words(totals.travel_s, language)),
        distance_words(totals.distance_m),
        say("timetable.total_visit", language, count=totals.visits, time=minutes_words(totals.visit_s, language)),
        total_cost_words(totals, language),
    ]
    return " · ".join(parts)


def total_cost_words(totals: DayTotals, language: Language) -> str:
    """Return the known costs, and how many prices are missing in them."""
    cost = yen_words(totals.cost_jpy, language)
    if not totals.unknown_prices:
        return cost
    return f"{cost} {say('timetable.unknown_prices', language, count=totals.unknown_prices)}"


def assumed_lines(itinerary: Itinerary, language: Language) -> list[str]:
    """Return what was assumed, each thing once with the places it concerns."""
    return assumption_lines(
        itinerary.assumed, language, listed=lambda ids: listed(itinerary, ids, language), is_marked=False
    )


def trip_lines(itinerary: Itinerary, language: Language) -> list[str]:
    """Return what a file says of the trip as a whole: notice, totals, what was assumed, sources."""
    lines = [
        *([itinerary.notice.in_(language)] if itinerary.notice else []),
        status_words(itinerary, language),
        *[conflict.text.in_(language) for conflict in itinerary.conflicts],
        f"{party_words(itinerary, language)} · {totals_words(itinerary.totals, language)}",
    ]
    assumed = assumed_lines(itinerary, language)
    if assumed:
        lines += [f"{say('timetable.assumed', language)}:", *(f"- {line}" for line in assumed)]
    return [*lines, *source_lines(itinerary, language)]


def source_lines(itinerary: Itinerary, language: Language) -> list[str]:
    """Return who published the data, with licences; empty where nobody is to be named."""
    return [f"{say('timetable.sources', language)} {source_words(itinerary)}"] if itinerary.sources else []


def source_words(itinerary: Itinerary) -> str:
    """Return the publishers of the data, with licences."""
    return "; ".join(itinerary.sources)


def listed(itinerary: Itinerary, ids: Sequence[str], language: Language) -> str:
    """Return the names of places of the trip."""
    names: dict[str | None, Name | None] = {step.asset: step.name for day in itinerary.days for step in day.steps}
    words = (name.in_(language) if (name := names.get(asset)) is not None else asset for asset in ids)
    return say("exports.comma", language).join(words)


def closing_time(stop: Stop, plan: DayPlan) -> str | None:
    """Return when a place closes, where that is known and worth telling."""
    closes = stop.step.closes
    return clock(closes, plan.day.date) if closes is not None and shows_closing(stop.step, plan.day) else None
