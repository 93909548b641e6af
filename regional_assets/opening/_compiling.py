"""Put entries of hours together as one OSM expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from regional_assets.opening._days import ALL_DAYS, HOLIDAY
from regional_assets.opening._facts import Rank

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from regional_assets.opening._facts import Entry, Facts

_OSM_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su", "PH")
_SUNDAY = 6
_WHOLE_DAY = "00:00-24:00"


@dataclass(frozen=True)
class Chosen:
    """Hold the entries that stand for the place, and those that do not."""

    entries: list[Entry]
    others: list[Entry]
    conflicting: list[Entry]
    is_first_of_many: bool


def choose(entries: Sequence[Entry]) -> Chosen:
    """
    Choose the entries that stand for the place as visitors see it.

    Visiting hours (見学, 拝観) come before the hours of the place, those before a named part, and a reception desk,
    restaurant or pool only where nothing else is said. Of several names of one rank the first one wins, flagged.
    """
    timed = [entry for entry in entries if entry.spans and entry.rank != Rank.NEVER]
    never = [entry for entry in entries if entry.spans and entry.rank == Rank.NEVER]
    if not timed:
        return Chosen([], never, [], is_first_of_many=False)
    best = min(entry.rank for entry in timed)
    candidates = [entry for entry in timed if entry.rank == best]
    label = candidates[0].label
    by_name = best >= Rank.NAMED or best == Rank.VISIT
    chosen = [entry for entry in candidates if not by_name or entry.label == label]
    others = never + [entry for entry in timed if not any(entry is other for other in chosen)]
    conflicting = [entry for index, entry in enumerate(chosen) if any(_conflict(entry, e) for e in chosen[:index])]
    chosen = [entry for entry in chosen if not any(entry is other for other in conflicting)]
    several = best == Rank.INSIDE or any(entry.rank in (Rank.NAMED, Rank.INSIDE) for entry in others)
    return Chosen(chosen, others, conflicting, is_first_of_many=several and best >= Rank.NAMED)


def _conflict(entry: Entry, earlier: Entry) -> bool:
    """Return whether two entries claim different hours for exactly the same days."""
    same_days = entry.season == earlier.season and entry.days == earlier.days
    return same_days and _spans(entry) != _spans(earlier)


def osm_of(entries: Sequence[Entry], facts: Facts) -> str:
    """
    Return OSM hours that say what the entries say.

    In OSM a later rule replaces an earlier one on the days that both name. Each season therefore gets a rule for each
    kind of day it covers, filled from the rules without season where it says nothing itself, public holidays last.
    """
    seasons = list(dict.fromkeys(entry.season.osm() if entry.season else "" for entry in entries))
    seasons.sort(key=lambda season: season != "")
    rules: list[str] = []
    always = _by_day([entry for entry in entries if entry.season is None], facts, {})
    for season in seasons:
        own = [entry for entry in entries if (entry.season.osm() if entry.season else "") == season]
        days = always if season == "" else {**always, **_by_day(own, facts, always)}
        rules.extend(_rules(season, days))
        rules.extend(_nth_rules(season, own))
    if rules == [_WHOLE_DAY]:
        return "24/7"
    return "; ".join(rules)


def _by_day(entries: list[Entry], facts: Facts, always: dict[int, str]) -> dict[int, str]:
    """
    Return the hours of each kind of day; days without hours are absent, holidays where they need no rule.

    ``always`` holds those without season: a season that speaks of 平日 alone leaves holidays as they are.
    """
    hours: dict[int, str] = {}
    weekly = [entry for entry in entries if entry.days is None or not entry.days.nth]
    for day in range(HOLIDAY):
        holding = [entry for entry in weekly if entry.days is None or day in entry.days.members]
        if holding:
            hours[day] = _spans(_narrowest(holding))
    named = [entry for entry in weekly if entry.days is not None and HOLIDAY in entry.days.members]
    if named:
        hours[HOLIDAY] = _spans(_narrowest(named))
    elif any(entry.days is not None and entry.days.but_holidays for entry in weekly):
        general = [entry for entry in weekly if entry.days is None]
        if general:
            hours[HOLIDAY] = _spans(general[-1])
        elif always:
            hours[HOLIDAY] = always.get(HOLIDAY, always.get(_SUNDAY, "off"))
        elif _SUNDAY in hours:
            hours[HOLIDAY] = hours[_SUNDAY]
            facts.assumed.add("holiday_as_sunday")
        else:
            hours[HOLIDAY] = "off"
    return hours


def _narrowest(entries: list[Entry]) -> Entry:
    fewest = min(len(entry.days.members) if entry.days else len(ALL_DAYS) + 1 for entry in entries)
    return next(e for e in reversed(entries) if (len(e.days.members) if e.days else len(ALL_DAYS) + 1) == fewest)


def _spans(entry: Entry) -> str:
    return ",".join(span.osm() for span in entry.spans or ())


def _rules(season: str, days: dict[int, str]) -> list[str]:
    """Return one rule for each different day plan; the one that names public holidays comes last and so wins."""
    weekdays = {day: hours for day, hours in days.items() if day != HOLIDAY}
    holiday = days.get(HOLIDAY)
    if holiday is not None and len(weekdays) == HOLIDAY and set(weekdays.values()) == {holiday}:
        holiday = None
    plans = [hours for hours in dict.fromkeys(weekdays.values()) if hours != holiday]
    rules = [_rule(season, _names_of(weekdays, hours), hours) for hours in plans]
    if holiday is None:
        return rules
    names = ",".join(name for name in (_names_of(weekdays, holiday), "PH") if name)
    return [*rules, _rule(season, names, holiday)]


def _names_of(weekdays: dict[int, str], hours: str) -> str:
    members = [day for day in sorted(weekdays) if weekdays[day] == hours]
    return "" if len(members) == HOLIDAY else _day_names(members)


def _rule(season: str, days: str, hours: str) -> str:
    return " ".join(part for part in (season, days, hours) if part)


def _nth_rules(season: str, entries: Iterable[Entry]) -> list[str]:
    rules = []
    for entry in entries:
        if entry.days is None or not entry.days.nth:
            continue
        numbers = ",".join(str(number) for number in entry.days.nth)
        names = ",".join(f"{_OSM_DAYS[day]}[{numbers}]" for day in sorted(entry.days.members))
        rules.append(_rule(season, names, _spans(entry)))
    return rules


def _day_names(members: list[int]) -> str:
    """Return weekdays as ``Mo-Fr,Su``."""
    runs: list[list[int]] = []
    for day in members:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(
        _OSM_DAYS[run[0]] if len(run) == 1 else f"{_OSM_DAYS[run[0]]}{'-' if len(run) > 2 else ','}{_OSM_DAYS[run[-1]]}"
        for run in runs
    )
