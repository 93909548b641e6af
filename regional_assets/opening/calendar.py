"""Hours of a place on one date: windows, closed, or unknown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from regional_assets.opening._assumptions import ASSUMPTIONS
from regional_assets.opening._closing import closing_reason
from regional_assets.opening._holidays import FIRST_YEAR, LAST_YEAR
from regional_assets.opening._osm import DAY_S, evaluate
from regional_assets.text import Text

if TYPE_CHECKING:
    import datetime

    from regional_assets.opening.model import Opening

_NOT_A_DAY_OF_OPENING = Text("営業時間の定めのない日", "no opening hours on this day")


@dataclass(frozen=True, slots=True)
class Window:
    """
    Hold one span of a day in which a place is open.

    Parameters
    ----------
    open_s, close_s
        Seconds after local midnight of the day on which the window begins; ``close_s`` may exceed 86,400.
    last_entry_s
        Latest moment of entry: the last admission where there is one, else ``close_s``.
    """

    open_s: int
    close_s: int
    last_entry_s: int


@dataclass(frozen=True, slots=True)
class DayHours:
    """
    Hold the hours of one place on one date.

    Parameters
    ----------
    status
        ``open`` with at least one window; ``closed`` with a ``rule``; or ``unknown``, which never counts as open.
    windows
        In order, apart from each other; empty unless open.
    rule
        Why the place is closed.
    warnings
        Parts that were not understood, and what was assumed.
    remarks
        What the source says beside the hours: of other parts of the place, of events, of ways in.
    """

    status: Literal["open", "closed", "unknown"]
    windows: tuple[Window, ...] = ()
    rule: Text | None = None
    warnings: tuple[Text, ...] = ()
    remarks: tuple[Text, ...] = ()


def hours_on(opening: Opening | None, day: datetime.date, *, lon_lat: tuple[float, float] | None = None) -> DayHours:
    """
    Return the hours of a place on one date.

    A closing rule wins over every window. Windows belong to the day on which they begin: 22:00-26:00 on Friday is open
    until 93,600 s on Friday, and Saturday begins closed. Public holidays are those of Japan, from ``jpholiday``.

    Parameters
    ----------
    opening
        What the place says about its hours; ``None`` gives ``unknown``.
    day
        Local date.
    lon_lat
        Position in degrees; only needed for hours that depend on sunrise or sunset.

    Returns
    -------
    hours
        Never raises: what cannot be evaluated is ``unknown`` with a warning.
    """
    if opening is None:
        return DayHours("unknown")
    remarks = tuple(Text(part, part) for part in opening.notes)
    return replace(_hours_on(opening, day, lon_lat), remarks=remarks)


def _hours_on(opening: Opening, day: datetime.date, lon_lat: tuple[float, float] | None) -> DayHours:
    warnings = _standing_warnings(opening)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        text = Text(
            f"{FIRST_YEAR}〜{LAST_YEAR}年以外は判定できない", f"only {FIRST_YEAR} to {LAST_YEAR} can be evaluated"
        )
        return DayHours("unknown", warnings=(*warnings, text))
    reason = closing_reason(opening.closed, day)
    if reason is not None:
        return DayHours("closed", rule=reason, warnings=warnings)
    if opening.osm is None:
        return DayHours("unknown", warnings=warnings)
    evaluation = evaluate(opening.osm, day, lon_lat)
    warnings += evaluation.warnings
    if not evaluation.is_known:
        return DayHours("unknown", warnings=warnings)
    if not evaluation.spans:
        return DayHours("closed", rule=_NOT_A_DAY_OF_OPENING, warnings=warnings)
    windows = tuple(window for span in evaluation.spans if (window := _window(opening, span)) is not None)
    if not windows:
        text = Text("最終入館が開館より前になっている", "the last admission lies before the opening")
        return DayHours("unknown", warnings=(*warnings, text))
    return DayHours("open", windows=windows, warnings=warnings)


def _window(opening: Opening, span: tuple[int, int]) -> Window | None:
    """Return the window of a span, or ``None`` where nobody is let in any more."""
    open_s, close_s = span
    last_entry_s = close_s
    if opening.last_admission_minutes is not None:
        last_entry_s = close_s - opening.last_admission_minutes * 60
    if opening.last_admission is not None:
        last_entry_s = min(last_entry_s, _admission_s(opening.last_admission, span))
    return Window(open_s, close_s, last_entry_s) if last_entry_s >= open_s else None


def _admission_s(clock: str, span: tuple[int, int]) -> int:
    hours, minutes = clock.split(":")
    moment_s = int(hours) * 3600 + int(minutes) * 60
    open_s, close_s = span
    # 1:30 at a bar that is open from 18:00 to 26:00 is half past one in the night.
    return moment_s + DAY_S if moment_s < open_s and moment_s + DAY_S <= close_s else moment_s


def _standing_warnings(opening: Opening) -> tuple[Text, ...]:
    unread = tuple(Text(f"読み取れなかった記述：{part}", f"not understood: {part}") for part in opening.unread)
    return unread + tuple(ASSUMPTIONS[name] for name in opening.assumed)
