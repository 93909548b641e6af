"""What the map page shows, worded in both languages: plain JSON types only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from api.assumptions import REMARK, assumption_lines, marks_of, remark_lines
from api.exports._plans import web_address
from api.exports.geojson import Position, day_origin, leg_line, position_of
from api.texts import say, section
from api.timetable import FITTED_LESS, grouped_exclusions, shows_closing
from api.wording import clock, date_words, distance_words, hours_words, minutes_words, status_words, yen_words
from regional_assets.text import Language, Text

if TYPE_CHECKING:
    from regional_assets.model import Asset, Name, Region
    from regional_assets.opening import DayHours
    from routing.itinerary import AssumedFact, Day, DayTotals, Excluded, Itinerary, MadeCombination, Step

# A page must open on a phone: beyond this many dots, the places of least appeal are left to the list.
_MOST_OTHERS = 2500
_NAMES_SHOWN = 12
_OSM = "OpenStreetMap"

Pair = tuple[str, str]


def page_data(
    itinerary: Itinerary, region: Region, *, streets: list[list[int]], street_credit: str, language: Language
) -> dict[str, Any]:
    """
    Return everything the page needs.

    Parameters
    ----------
    itinerary
        The trip.
    region
        Gives the other places, and what is known of the places visited.
    streets
        Packed lines of the street network near the trip; empty where there is none.
    street_credit
        Who made the streets, with licence; empty where there are none.
    language
        In which the page opens.

    Returns
    -------
    data
        Every text is a pair: Japanese, English.
    """
    writer = _Writer(itinerary, region)
    others, hidden = writer.others()
    return {
        "language": language,
        "texts": {key: _pair(text) for key, text in section("page").items()}
        | {f"kind_{key}": _pair(text) for key, text in section("kind").items()},
        "title": _name(itinerary.region_name),
        "dates": writer.dates(),
        "status": _both(lambda language: status_words(itinerary, language)),
        "notice": _name(itinerary.notice) if itinerary.notice else None,
        "days": [writer.day(index, day) for index, day in enumerate(itinerary.days)],
        "others": others,
        "streets": streets,
        "combinations": writer.combinations(),
        "effect": writer.effect(),
        "assumed": writer.assumed(),
        "remarks": writer.remarks(),
        "excluded": writer.excluded(),
        "excludedTitle": _both(lambda language: say("timetable.left_out", language, count=len(itinerary.excluded))),
        "footer": writer.footer(hidden, street_credit),
        "credit": writer.credit(street_credit),
    }


class _Writer:
    """Word one itinerary."""

    def __init__(self, itinerary: Itinerary, region: Region) -> None:
        self.itinerary = itinerary
        self.region = region
        self.assets = {asset.id: asset for asset in region.assets}
        self.facts: dict[str, list[AssumedFact]] = {}
        for fact in itinerary.assumed:
            if fact.asset is not None:
                self.facts.setdefault(fact.asset, []).append(fact)

    def dates(self) -> Pair:
        days = self.itinerary.days

        def words(language: Language) -> str:
            ends = [date_words(day.date, language) for day in (days[:1] + days[-1:] if len(days) > 1 else days)]
            return " – ".join(ends)

        return _both(words)

    def day(self, index: int, day: Day) -> dict[str, Any]:
        return {
            "index": index,
            "title": _both(lambda language: say("timetable.day", language, number=index + 1)),
            "date": _both(lambda language: date_words(day.date, language)),
            "ends": _both(lambda language: " → ".join(n.in_(language) for n in (day.start, day.end) if n is not None)),
            "totals": _both(lambda language: _totals(day.totals, language)),
            "steps": [{"id": f"d{index}s{rank}", **step} for rank, step in enumerate(self.steps(day))],
        }

    def steps(self, day: Day) -> Iterator[dict[str, Any]]:
        here = day_origin(day)
        number = 0
        if day.steps and day.steps[0].type == "travel":
            yield _end(clock(day.steps[0].arrive, day.date), day.start, here)
        for step in day.steps:
            if step.type == "travel":
                if step.duration_s or step.distance_m:
                    yield self.travel(step, here)
            elif step.type == "wait":
                yield {"type": "wait", "time": "", "travel": _both(partial(_wait, step))}
            else:
                number += step.type != "stay"
                yield self.spot(step, day, number, here)
            here = _position(step) or here
        if day.steps and day.steps[-1].type == "travel":
            yield _end(clock(day.steps[-1].depart, day.date), day.end, here)

    def travel(self, step: Step, here: Position | None) -> dict[str, Any]:
        line = leg_line(step, here)
        return {
            "type": "travel",
            "time": "",
            "travel": _both(lambda language: _travel(step, language)),
            "estimated": bool(step.estimated),
            "line": None if line is None else [[round(x, 6), round(y, 6)] for x, y in line],
        }

    def spot(self, step: Step, day: Day, number: int, here: Position | None) -> dict[str, Any]:
        asset = self.assets.get(step.asset or "")
        facts = self.facts.get(step.asset or "", [])
        begins, ends = clock(step.arrive, day.date), clock(step.depart, day.date)
        return {
            "type": step.type,
            "number": number if step.type != "stay" else None,
            "time": begins,
            "span": f"{begins}–{ends}" if step.type != "stay" else begins,
            "name": _name(step.name) if step.name else _place_unnamed(),
            "kind": step.kind,
            "at": _position(step) or here,
            "facts": [
                _both(lambda language: say(f"timetable.{step.type}", language))
                if step.type in ("meal", "stay") or step.kind is None
                else _both(lambda language: say(f"kind.{step.kind}", language)),
                *([] if step.type == "stay" else [_both(lambda language: minutes_words(step.duration_s, language))]),
                _both(lambda language: _cost(step, language)),
                *(
                    [_both(lambda language: say("timetable.closes", language, time=_closing(step, day)))]
                    if shows_closing(step, day)
                    else []
                ),
            ],
            "marks": marks_of(facts),
            "flags": [_name(fact.text) for fact in facts if marks_of([fact]) or fact.field == REMARK],
            "about": _name(asset.description) if asset is not None and asset.description else None,
            "url": web_address(asset),
        }

    def others(self) -> tuple[list[dict[str, Any]], int]:
        visited = {step.asset for day in self.itinerary.days for step in day.steps}
        why = {place.asset: place.text for place in self.itinerary.excluded}
        places = [asset for asset in self.region.assets if asset.has_position and asset.id not in visited]
        shown = sorted(places, key=lambda asset: (-asset.appeal, asset.id))[:_MOST_OTHERS]
        # Dots drawn later lie on top: the best last.
        return [self.other(asset, why.get(asset.id)) for asset in reversed(shown)], len(places) - len(shown)

    def other(self, asset: Asset, why: Name | None) -> dict[str, Any]:
        return {
            "at": [round(asset.lon or 0.0, 6), round(asset.lat or 0.0, 6)],
            "kind": str(asset.kind),
            "name": _name(asset.name),
            "hours": self.hours(asset),
            "why": _name(why) if why else None,
            "url": web_address(asset),
        }

    def hours(self, asset: Asset) -> list[Pair]:
        from regional_assets.opening import hours_on

        days = [day.date for day in self.itinerary.days] or [day.date for day in self.itinerary.request.days]
        hours = [(date, hours_on(asset.opening, date, lon_lat=position_of(asset))) for date in days]
        if all(of_day.status == "unknown" for _, of_day in hours):
            return [_both(lambda language: say("page.hours_unknown", language))]
        return [_both(partial(_hours_line, date, of_day)) for date, of_day in hours]

    def combinations(self) -> list[dict[str, Pair]]:
        return [
            {"what": _both(partial(self.combination, made)), "why": _name(made.reason)}
            for made in self.itinerary.combinations
        ]

    def combination(self, made: MadeCombination, language: Language) -> str:
        sides = dict.fromkeys((self.listed(made.left, language), self.listed(made.right, language)))
        return f"{' × '.join(sides)}  +{made.bonus}"

    def effect(self) -> Pair | None:
        effect = self.itinerary.combination_effect
        if effect is None:
            return None
        if not (effect.gained or effect.lost):
            return _both(lambda language: say("timetable.effect_none", language))
        return _both(
            lambda language: say(
                "timetable.effect",
                language,
                gained=self.listed(effect.gained, language) or say("timetable.nothing", language),
                lost=self.listed(effect.lost, language) or say("timetable.nothing", language),
                made=effect.combinations,
                made_without=effect.combinations_without,
                points=round(effect.points_of_places),
                points_without=round(effect.points_of_places_without),
            )
        )

    def assumed(self) -> list[Pair]:
        facts = self.itinerary.assumed
        return _pairs(lambda lang: assumption_lines(facts, lang, listed=lambda ids: self.listed(ids, lang)))

    def remarks(self) -> list[Pair]:
        facts = self.itinerary.assumed
        return _pairs(lambda lang: remark_lines(facts, lang, name_of=lambda asset: self.listed([asset], lang)))

    def excluded(self) -> list[dict[str, Pair]]:
        return [
            {"why": _both(partial(_reason, code, len(places))), "names": _both(partial(_names, places))}
            for code, places in grouped_exclusions(self.itinerary.excluded, self.region)
        ]

    def footer(self, hidden: int, street_credit: str) -> list[Pair]:
        origin = self.itinerary.provenance
        lines = [_both(lambda language: say("page.made_by", language, version=origin.version, seed=origin.seed))]
        if hidden:
            lines.insert(0, _both(lambda language: say("page.others_hidden", language, count=hidden)))
        sources = list(self.itinerary.sources)
        if street_credit and not any(_OSM in source for source in sources):
            sources.append(street_credit)
        if sources:
            joined = "; ".join(dict.fromkeys(sources))
            lines.insert(0, _both(lambda language: f"{say('timetable.sources', language)} {joined}"))
        return lines

    def credit(self, street_credit: str) -> Pair:
        # OpenStreetMap wants to be named on the map itself.
        named = [source for source in (*self.itinerary.sources, street_credit) if _OSM in source]
        if named:
            return ("© OpenStreetMap contributors (ODbL)",) * 2
        if street_credit:
            return (street_credit, street_credit)
        return _both(lambda language: say("page.no_tiles", language))

    def listed(self, ids: Sequence[str], language: Language) -> str:
        return _listed([self.assets[i].name.in_(language) if i in self.assets else i for i in ids], language)


def _both(words: Callable[[Language], str]) -> Pair:
    return words("ja"), words("en")


def _pairs(lines: Callable[[Language], list[str]]) -> list[Pair]:
    ja, en = lines("ja"), lines("en")
    # Two wordings may fall together in one language; the page skips what is empty.
    length = max(len(ja), len(en))
    return list(zip(ja + [""] * (length - len(ja)), en + [""] * (length - len(en)), strict=True))


def _pair(text: Text) -> Pair:
    return text.ja, text.en


def _name(name: Name) -> Pair:
    return name.in_("ja"), name.in_("en")


def _place_unnamed() -> Pair:
    return _both(lambda language: say("place.unnamed", language))


def _position(step: Step) -> Position | None:
    return None if step.lon is None or step.lat is None else (step.lon, step.lat)


def _end(time: str, name: Name | None, at: Position | None) -> dict[str, Any]:
    return {"type": "end", "time": time, "name": _name(name) if name else _place_unnamed(), "facts": [], "at": at}


def _reason(code: str | None, count: int, language: Language) -> str:
    return f"{say(f'reason.{code or FITTED_LESS}', language)} ({count})"


def _names(places: list[Excluded], language: Language) -> str:
    return _listed([place.name.in_(language) for place in places], language)


def _hours_line(date: dt.date, hours: DayHours, language: Language) -> str:
    return f"{date_words(date, language)}: {hours_words(hours, language)}"


def _wait(step: Step, language: Language) -> str:
    return f"{say('timetable.wait', language)} {minutes_words(step.duration_s, language)}"


def _travel(step: Step, language: Language) -> str:
    mode = say(f"mode.{step.mode}", language) if step.mode else say("timetable.travel", language)
    parts = [f"{mode} {minutes_words(step.duration_s, language)}"]
    if step.distance_m is not None:
        parts.append(f"{'~' if step.estimated else ''}{distance_words(step.distance_m)}")
    return " · ".join(parts)


def _cost(step: Step, language: Language) -> str:
    if step.cost_jpy is None:
        return say("page.price_unknown", language)
    return yen_words(step.cost_jpy, language) if step.cost_jpy else say("timetable.free", language)


def _closing(step: Step, day: Day) -> str:
    return clock(step.closes, day.date) if step.closes is not None else ""


def _totals(totals: DayTotals, language: Language) -> str:
    cost = yen_words(totals.cost_jpy, language)
    if totals.unknown_prices:
        cost += " " + say("timetable.unknown_prices", language, count=totals.unknown_prices)
    parts = [
        say("timetable.total_travel", language, time=minutes_words(totals.travel_s, language)),
        distance_words(totals.distance_m),
        say("timetable.total_visit", language, count=totals.visits, time=minutes_words(totals.visit_s, language)),
        cost,
    ]
    return " · ".join(parts)


def _listed(names: list[str], language: Language) -> str:
    separator = "、" if language == "ja" else ", "
    rest = len(names) - _NAMES_SHOWN
    shown = separator.join(names[:_NAMES_SHOWN])
    return shown + (" " + say("timetable.more", language, count=rest) if rest > 0 else "")
