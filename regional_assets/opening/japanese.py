"""Read Japanese free text about hours and closing days."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from regional_assets.opening._closing import describe_rule
from regional_assets.opening._closing_reading import ClosingReader, closing_rules
from regional_assets.opening._compiling import choose, osm_of
from regional_assets.opening._days import ALL_DAYS, HOLIDAY, Days
from regional_assets.opening._facts import Entry, Facts, Rank, is_about_flowers, rank_of
from regional_assets.opening._normal_text import normal_text
from regional_assets.opening._reading import Reader
from regional_assets.opening._times import WINDOW, clock, read_window
from regional_assets.opening._tokens import tokenise
from regional_assets.opening.model import AnnualClosing, Opening, WeeklyClosing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from regional_assets.opening.model import Assumption, ClosingRule

_NOTHING = ("", "-", "―", "ー", "なし", "無し")
_BARE_TIME = re.compile(r"\d{1,2}(?::\d{2}(?::00)?|時(?:\d{1,2}分?|半)?)")
_LONGEST_ADMISSION = 600
"""Longest believable time from the last admission to closing, in minutes."""
_LONGEST_TEXT = 1_000
"""Four times the longest met so far; the time to read a text grows with the square of its length."""
_DAY_SIGNS = "月火水木金土日"


def read_hours(
    text: str,
    *,
    closed_text: str | None = None,
    weekdays_text: str | None = None,
    start: str | None = None,
    end: str | None = None,
) -> Opening:
    """
    Read what a Japanese source says about the hours of a place.

    A wrong reading is worse than none: what is not understood, or contradicts itself, is kept in ``unread`` and shown
    as a warning; what the text leaves vague is filled in only in the ways listed in ``assumed``.

    Parameters
    ----------
    text
        Hours in free text; may speak of closing days, last admission, check-in as well.
    closed_text
        Closing days in free text (休館日, 定休日).
    weekdays_text
        Days of opening in the manner of the municipal standard (``月火木金土日``).
    start, end
        Columns 開始時間 and 終了時間. Two plain times are one window, which ``text`` may refine; anything else is read
        as text.

    Returns
    -------
    opening
        Its ``text`` holds every given wording, unchanged, joined by line breaks.
    """
    facts = Facts()
    said = [part for part in (start, end, text, closed_text, weekdays_text) if part and part.strip()]
    if sum(map(len, said)) > _LONGEST_TEXT:
        return Opening(text="\n".join(said), unread=tuple(said))
    texts = [text] if text.strip() else []
    window = _plain_window(start, end)
    if window is not None:
        facts.entries.append(window)
    else:
        texts = [part for part in (start, end) if part and part.strip()] + texts
    for part in texts:
        if normal_text(part) not in _NOTHING:
            Reader(facts).read(part)
        else:
            facts.unread.append(part.strip())
    if closed_text and closed_text.strip():
        ClosingReader(facts, tokenise(normal_text(closed_text)), is_alone=True).read()
    if weekdays_text and weekdays_text.strip():
        _read_open_days(weekdays_text, facts)
    return _opening(facts, "\n".join(said) or None, base=window)


def understood(opening: Opening) -> bool:
    """
    Return whether a text was understood: the measure behind all coverage figures.

    True when nothing is left in ``unread`` and at least one fact was read: hours; a check-in or check-out time; a
    closing rule (a season outside which the place is closed is one); the statement that there are no closing days
    (年中無休, 通年); or the weeks in which something blooms.

    What does not count against it, but is kept in ``notes`` and shown as a remark: words that name no time, date,
    weekday, season, closing or restriction; "may change", "differs by shop", "ask first"; hours, closing days and
    session times of a facility inside the place. Nor does what ``assumed`` flags, such as taking the hours of the
    first facility named. It is no proof that the reading is right, only that no part of the text was passed over.
    """
    has_fact = (
        opening.osm is not None
        or opening.check_in is not None
        or opening.check_out is not None
        or bool(opening.closed)
        or opening.no_closing_days
        or bool(opening.best_season)
    )
    return has_fact and not opening.unread


def _plain_window(start: str | None, end: str | None) -> Entry | None:
    """Return the window between two columns that hold nothing but a time."""
    if not start or not end:
        return None
    times = [normal_text(part) for part in (start, end)]
    if not all(_BARE_TIME.fullmatch(part) for part in times):
        return None
    match = re.fullmatch(WINDOW, "~".join(re.sub(r"^(\d+:\d\d):00$", r"\1", part) for part in times))
    if match is None:
        return None
    span = read_window(match)
    return Entry("", [span], raw=match[0]) if span.is_possible() else None


def _read_open_days(text: str, facts: Facts) -> None:
    """Read 月火木金土日 as closing on the missing days; closing rules that already name a day stay as they are."""
    signs = re.sub(r"曜日?|[\s、,・;/]|祝日?|毎日", "", normal_text(text))
    if not signs and "毎日" in text:
        return
    if not signs or any(sign not in _DAY_SIGNS for sign in signs):
        facts.unread.append(text.strip())
        return
    named = {
        day for _, rule in facts.closed if isinstance(rule, WeeklyClosing) and not rule.nth for day in rule.weekdays
    }
    missing = frozenset(range(HOLIDAY)) - {_DAY_SIGNS.index(sign) for sign in signs}
    for rule in closing_rules(Days(missing)) or []:
        assert isinstance(rule, WeeklyClosing)
        left = tuple(day for day in rule.weekdays if day not in named)
        if left:
            facts.closed.append(("", rule.model_copy(update={"weekdays": left})))


def _opening(facts: Facts, text: str | None, *, base: Entry | None) -> Opening:
    entries = facts.entries
    if base is not None and any(
        e is not base and e.spans and not e.season and not e.days and not e.label for e in entries
    ):
        # The free text says its own hours for every day: it is the fuller source.
        entries = [entry for entry in entries if entry is not base]
    chosen = choose(entries)
    facts.unread.extend(entry.raw for entry in chosen.conflicting)
    for entry in entries:
        if entry.season is not None and (entry in chosen.entries or not entry.spans):
            facts.assumed |= entry.season.assumed
            if entry.season.years is not None:
                facts.assumed.add("every_year")
    if chosen.is_first_of_many:
        facts.assumed.add("first_facility")
    labels = list(dict.fromkeys(entry.label for entry in chosen.entries if entry.label))
    notes = [*labels, *(f"{entry.label} {entry.raw}".strip() for entry in chosen.others), *facts.notes]
    closed = _closed(facts, entries, {entry.label for entry in chosen.entries}, notes)
    admission, minutes = _admission(chosen.entries, facts)
    return Opening(
        osm=osm_of(chosen.entries, facts) if chosen.entries else None,
        closed=tuple(dict.fromkeys(closed)),
        last_admission=admission,
        last_admission_minutes=minutes,
        text=text,
        unread=_tidy(facts.unread),
        check_in=clock(facts.check_in) if facts.check_in is not None else None,
        check_out=clock(facts.check_out) if facts.check_out is not None else None,
        no_closing_days=facts.no_closing_days and not closed,
        best_season=tuple(dict.fromkeys(facts.best_season)),
        notes=_tidy(notes),
        assumed=tuple(cast("Iterable[Assumption]", sorted(facts.assumed))),
    )


def _tidy(parts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _closed(facts: Facts, entries: Sequence[Entry], labels: set[str], notes: list[str]) -> list[ClosingRule]:
    """Return the closing rules of the place; those of other facilities become notes."""
    closed: list[ClosingRule] = []
    for label, rule in facts.closed:
        elsewhere = rank_of(label) >= Rank.DESK or any(entry.label == label for entry in entries)
        if label in labels or not labels or rank_of(label) <= Rank.WHOLE or not elsewhere:
            closed.append(rule)
        else:
            notes.append(f"{label} {describe_rule(rule).ja}")
    timed = [entry for entry in entries if entry.spans]
    for entry in entries:
        if entry.spans:
            continue
        is_place = rank_of(entry.label) == Rank.WHOLE or (not timed and rank_of(entry.label) <= Rank.NAMED)
        if is_about_flowers(entry.label + entry.raw):
            facts.best_season.extend(entry.season.spans if entry.season is not None else ())
        elif is_place and not any(hours.season or hours.days for hours in timed):
            closed.extend(_outside(entry, facts))
        else:
            notes.append(f"{entry.label} {entry.raw}")
    return closed


def _outside(entry: Entry, facts: Facts) -> list[ClosingRule]:
    """
    Return the rules that close the place outside the days and season of an entry without hours.

    A lone weekday says nothing on whether the place is open or closed then, and beside parts that were not understood
    no such conclusion is drawn.
    """
    closed: list[ClosingRule] = []
    is_lone_weekday = entry.days is not None and entry.season is None and len(entry.days.members - {5, 6, HOLIDAY}) == 1
    if facts.unread or (is_lone_weekday and not entry.label):
        facts.unread.append(entry.raw)
        return []
    if entry.season is not None:
        closed.extend(AnnualClosing(first=first, last=last) for first, last in entry.season.rest_of_year())
    if entry.days is not None and not entry.days.nth:
        missing = (ALL_DAYS - {HOLIDAY}) - entry.days.members
        closed.extend(closing_rules(Days(missing, but_holidays=HOLIDAY in entry.days.members)) or [])
    return closed


def _admission(entries: Sequence[Entry], facts: Facts) -> tuple[str | None, int | None]:
    """
    Return the last admission as a time of day or as minutes before closing.

    One time for all hours stays a time. Several become the longest distance from closing that any of them has.
    """
    said = [
        (span.end.minute, moment.minute)
        for entry in entries
        for span, moment in entry.admissions
        if span.end.minute is not None and moment.minute is not None
    ]
    distances = [close - admission for close, admission in said]
    if any(not 0 <= distance <= _LONGEST_ADMISSION for distance in distances):
        facts.unread.extend(f"入館 {clock(admission)}" for _, admission in said)
        return None, facts.minutes_before
    clocks = {admission for _, admission in said}
    starts = [span.start.minute or 0 for entry in entries for span in entry.spans or ()]
    if len(clocks) == 1 and max(starts) < min(clocks):
        return clock(clocks.pop()), facts.minutes_before
    return None, max([*distances, *([facts.minutes_before] if facts.minutes_before is not None else [])], default=None)
