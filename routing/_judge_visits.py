"""One day of a plan made by hand by the clock: when each visit begins and ends, and what is in its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from routing import _judge_words as words
from routing._clock import seconds_of
from routing._judge_model import Finding
from routing._options import VisitOption, door_on, purposes, slot_starts
from routing._scoring import visit_seconds
from solvers.orienteering.problem import ANYWHERE, UNREACHABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regional_assets.model import Asset, Name
    from regional_assets.opening import Window
    from routing._ground import Ground
    from routing._judge_model import Unit, ViolationCode, WarningCode
    from routing._options import Day, Door
    from routing.request import Pin, TripRequest


@dataclass(frozen=True, slots=True)
class Stop:
    """
    Hold a stop that has a place on the map.

    Parameters
    ----------
    number
        Which of the day's stops, as given.
    asset
        Where.
    arrive_s, depart_s
        Given times, seconds after midnight; ``None`` where open.
    is_lunch
        Whether it is the day's lunch; ``None`` where the time decides.
    """

    number: int
    asset: Asset
    arrive_s: int | None
    depart_s: int | None
    is_lunch: bool | None


@dataclass(frozen=True, slots=True)
class TimedVisit:
    """Hold a stop with the times that come of it, and the hours that were assumed for it, if any."""

    asset: Asset
    option: VisitOption
    assumed: Name | None


@dataclass(frozen=True, slots=True)
class _Timing:
    """
    Hold what a visit has to keep beside the hours.

    Parameters
    ----------
    reached
        When one is there.
    depart
        When one leaves, if that is given.
    least, usual
        Seconds that a visit takes.
    starts
        The only starts there are; ``None``: any.
    """

    reached: int
    depart: int | None
    least: int
    usual: int
    starts: Sequence[int] | None

    def within(self, window: Window, begin_after: int = 0, end_before: int | None = None) -> tuple[int, int] | None:
        """Return the earliest begin inside a window, and the end; ``None`` where there is none."""
        earliest = max(self.reached, window.open_s, begin_after)
        begin = earliest
        if self.starts is not None:
            begin = next((start for start in self.starts if start >= earliest), -1)
        end = self.end(begin, window)
        latest = window.close_s if end_before is None else min(window.close_s, end_before)
        fits = 0 <= begin <= window.last_entry_s and end <= latest and end - begin >= self.least
        return (begin, end) if fits else None

    def end(self, begin: int, window: Window | None) -> int:
        """Return when a visit ends; without a given time it takes as long as the planner would give it."""
        if self.depart is not None:
            return max(begin, self.depart)
        return begin + (self.usual if window is None else min(self.usual, window.close_s - window.open_s))


class DayClock:
    """
    Go through one day of a plan.

    Parameters
    ----------
    request, day, index
        The day, and which one of the request's.
    ground
        Holds a node for every stop.
    ends
        The nodes where the day begins and ends.
    """

    def __init__(self, request: TripRequest, day: Day, index: int, ground: Ground, ends: tuple[int, int]) -> None:
        self._request, self._day, self._index, self._ground, self._ends = request, day, index, ground, ends
        self._has_had_lunch = False
        self.violations: list[Finding] = []
        self.warnings: list[Finding] = []
        self.visits: list[TimedVisit] = []

    def run(self, stops: Sequence[Stop]) -> None:
        """Time all stops in order, and the way to the end of the day."""
        here, now = self._ends[0], self._day.earliest_s
        for stop in stops:
            there = self._ground.node_of[stop.asset.id]
            leg = self._leg(here, there)
            if leg is None:
                self._break("UNREACHABLE", stop, words.unreachable(self._ground.nodes[here].name))
            visit = self._visit(stop, now + (leg or 0))
            self.visits.append(visit)
            here, now = there, visit.option.open_s + visit.option.duration_s
        leg = self._leg(here, self._ends[1])
        if leg is None:
            self._break("UNREACHABLE", None, words.no_way_to_the_end(self._ground.nodes[self._ends[1]].name))
        end = now + (leg or 0)
        if end > self._day.latest_s:
            over = end - self._day.latest_s
            self._break("DAY_TOO_LONG", None, words.day_too_long(end, self._day.latest_s), over, "s")

    def _pin(self, stop: Stop) -> Pin | None:
        """Return the booking of a place, on whatever day, if there is one."""
        return next((pin for pin in self._request.pins if pin.asset == stop.asset.id), None)

    def _leg(self, here: int, there: int) -> int | None:
        """Return seconds of a leg; ``None`` where no way leads."""
        if ANYWHERE in (here, there):
            return 0
        seconds = int(self._ground.seconds[here, there])
        return None if seconds >= UNREACHABLE else seconds

    def _visit(self, stop: Stop, reached: int) -> TimedVisit:
        asset, date = stop.asset, self._day.date
        if stop.arrive_s is not None and reached > stop.arrive_s:
            late = reached - stop.arrive_s
            self._break("ARRIVES_LATE", stop, words.arrives_late(stop.arrive_s, reached), late, "s")
        pin, pinned = self._pin(stop), None
        if pin is not None and pin.arrive.date() == date:
            pinned = seconds_of(pin.arrive.strftime("%H:%M"))
        slots = slot_starts(asset, date) if asset.slots and pin is None else None
        timing = _Timing(
            reached=max(reached, stop.arrive_s or 0),
            depart=stop.depart_s,
            least=60 * asset.visit_minutes.min,
            usual=visit_seconds(asset.visit_minutes, self._request.pace),
            starts=slots if pinned is None else [pinned],
        )
        door = door_on(asset, date, self._request)
        found = self._fitting(stop, timing, door)
        if found is None:
            begin, end, is_lunch, window = *self._as_said(stop, timing, door, pinned), False, None
        else:
            begin, end, is_lunch, window = found
        self._has_had_lunch |= is_lunch
        closes = None if window is None else door.closes(window)
        option = VisitOption(self._index, begin, begin, end - begin, is_lunch, closes)
        return TimedVisit(asset, option, door.assumed)

    def _fitting(self, stop: Stop, timing: _Timing, door: Door) -> tuple[int, int, bool, Window] | None:
        """Return begin and end of a visit that keeps the door's hours, whether it is lunch, and the window."""
        lunch = self._request.meals.lunch
        served = {is_lunch for is_lunch, _, _ in purposes(stop.asset, self._request, 0, self._pin(stop))}
        plain = _earliest((timing.within(window), window) for window in door.windows)
        meal = None
        if lunch is not None and True in served and not self._has_had_lunch and stop.is_lunch is not False:
            first, last = (seconds_of(clock) for clock in lunch.between)
            meal = _earliest((timing.within(window, first, last), window) for window in door.windows)
        # Where nobody said, a place that also serves tea is lunch only if one is there at lunch time anyway.
        if meal is not None and (stop.is_lunch or False not in served or plain is None or meal[:2] == plain[:2]):
            return meal[0], meal[1], True, meal[2]
        if plain is not None and False not in served:
            self._warn("MEAL_NOT_ASKED", stop, words.MEAL_NOT_ASKED)
        return None if plain is None else (plain[0], plain[1], False, plain[2])

    def _as_said(self, stop: Stop, timing: _Timing, door: Door, pinned: int | None) -> tuple[int, int]:
        """Say why a visit does not fit, and return the times that it has all the same."""
        begin = timing.reached
        if door.closed is not None or not door.windows:
            self._shut(stop, door)
            begin = begin if pinned is None else self._at_booking(stop, begin, pinned)
            end = timing.end(begin, None)
            self._check_length(stop, begin, end, timing.least)
            return begin, end
        short = _earliest(
            (_Timing(begin, timing.depart, 0, timing.usual, timing.starts).within(window), window)
            for window in door.windows
        )
        leaves_before = short is not None and timing.depart is not None and timing.depart <= short[0]
        if short is not None and not leaves_before:
            self._check_length(stop, short[0], short[1], timing.least)
            return short[:2]
        if pinned is not None:
            begin = self._at_booking(stop, begin, pinned)
        elif timing.starts is not None:
            away = min((abs(start - begin) for start in timing.starts), default=None)
            text = words.slot_missed(begin, timing.starts)
            self._break("SLOT_MISSED", stop, text, away, None if away is None else "s")
        return self._outside(stop, timing, door, begin)

    def _outside(self, stop: Stop, timing: _Timing, door: Door, begin: int) -> tuple[int, int]:
        """Hold a visit against the window that it breaks least; may wait for it to open where any start will do."""
        best: tuple[int, int, int, Window] | None = None
        for window in door.windows:
            waits = timing.starts is None and (timing.depart is None or timing.depart > window.open_s)
            at = max(begin, window.open_s) if waits else begin
            end = timing.end(at, window)
            early = max(0, window.open_s - at)
            late = max(0, at - window.last_entry_s, end - window.close_s)
            if best is None or early + late < best[0]:
                best = (early + late, at, end, window)
        assert best is not None, "a door without windows was dealt with before"
        amount, at, end, window = best
        if at < window.open_s:
            self._break("OUTSIDE_HOURS", stop, words.too_early(window.open_s, at, end), window.open_s - at, "s")
        elif amount:
            text = words.too_late(at, end, window.last_entry_s, window.close_s)
            self._break("OUTSIDE_HOURS", stop, text, amount, "s")
        self._check_length(stop, at, end, timing.least)
        return at, end

    def _shut(self, stop: Stop, door: Door) -> None:
        if door.closed is not None:
            self._break("CLOSED", stop, door.closed)
        else:
            self._break("HOURS_UNKNOWN", stop, words.HOURS_UNKNOWN)

    def _at_booking(self, stop: Stop, begin: int, pinned: int) -> int:
        if begin <= pinned:
            return pinned
        pin = self._pin(stop)
        assert pin is not None, "what is booked has a booking"
        self._break("PIN_MISSED", stop, words.pin_missed(pin.arrive, begin), begin - pinned, "s")
        return begin

    def _check_length(self, stop: Stop, begin: int, end: int, least: int) -> None:
        if end - begin < least:
            missing = least - (end - begin)
            self._break("STAY_TOO_SHORT", stop, words.stay_too_short(end - begin, least), missing, "s")

    def _break(
        self,
        code: ViolationCode,
        stop: Stop | None,
        text: Name,
        amount: int | None = None,
        unit: Unit | None = None,
    ) -> None:
        self.violations.append(self._finding(code, stop, text, amount, unit))

    def _warn(self, code: WarningCode, stop: Stop, text: Name) -> None:
        self.warnings.append(self._finding(code, stop, text, None, None))

    def _finding(
        self, code: ViolationCode | WarningCode, stop: Stop | None, text: Name, amount: int | None, unit: Unit | None
    ) -> Finding:
        if stop is None:
            return Finding(code=code, date=self._day.date, amount=amount, unit=unit, text=text)
        return Finding(
            code=code,
            date=self._day.date,
            stop=stop.number,
            asset=stop.asset.id,
            amount=amount,
            unit=unit,
            text=words.of_place(stop.asset, text),
        )


def _earliest(
    tried: Iterator[tuple[tuple[int, int] | None, Window]],
) -> tuple[int, int, Window] | None:
    """Return begin, end and window of the visit that begins first."""
    fitting = [(times[0], times[1], window) for times, window in tried if times is not None]
    return min(fitting, key=lambda each: each[0], default=None)
