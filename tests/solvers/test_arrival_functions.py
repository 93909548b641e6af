"""Arrival functions: what they say at each tick, and how they are made."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trip_problems import line_problem

from solvers.errors import ProblemError
from solvers.orienteering._arrivals import NO_ARRIVAL, NO_DEPARTURE, arrive, latest_departure
from solvers.orienteering.arrivals import ArrivalFunctions, with_arrivals
from solvers.orienteering.problem import UNREACHABLE

_FAR = 10**9


def said(functions: ArrivalFunctions, pair: int, time: int) -> int:
    """Return the arrival that the docstring of `ArrivalFunctions` promises."""
    points = slice(functions.start[pair], functions.start[pair + 1])
    departures, arrivals = functions.departure[points].tolist(), functions.arrival[points].tolist()
    after = bisect_left(departures, time)
    if after == len(departures):
        return _FAR
    if after == 0 or departures[after] == time:
        return int(arrivals[after])
    run, rise = departures[after] - departures[after - 1], arrivals[after] - arrivals[after - 1]
    return int(arrivals[after - 1] - -rise * (time - departures[after - 1]) // run)


def slot_ticks(draw: st.DrawFn, count: int) -> list[int]:
    return draw(st.lists(st.sampled_from([0, 1, 2, 3, 5, 8, 13, 40, UNREACHABLE]), min_size=count, max_size=count))


@st.composite
def departures_and_ticks(draw: st.DrawFn) -> tuple[list[int], list[int], int]:
    begins = sorted(draw(st.sets(st.integers(0, 40), min_size=1, max_size=6)))
    return begins, slot_ticks(draw, len(begins)), begins[-1] + draw(st.integers(0, 10))


def pair_table(row: list[int]) -> np.ndarray:
    ticks = np.full((1, 2, 2, len(row)), 7, np.int64)
    ticks[0, 0, 1] = row
    return ticks


@given(departures_and_ticks())
def test_slots_give_the_earliest_arrival_of_all_later_departures(case: tuple[list[int], list[int], int]) -> None:
    """At each tick, the arrival is the earliest of leaving now or later, exactly."""
    begins, row, latest = case
    functions = ArrivalFunctions.from_slots(np.array(begins), latest, pair_table(row))
    slot_of = {time: max(k for k, begin in enumerate(begins) if begin <= time) for time in range(begins[0], latest + 1)}
    raw = {time: time + row[slot] if row[slot] < UNREACHABLE else _FAR for time, slot in slot_of.items()}
    for time in range(latest + 3):
        assert said(functions, 1, time) == min((raw[later] for later in raw if later >= time), default=_FAR)


@given(departures_and_ticks())
def test_samples_give_lines_lowered_to_what_waiting_gives(case: tuple[list[int], list[int], int]) -> None:
    """At samples the arrival is exact; between them it is never early and at most one tick late."""
    begins, row, _ = case
    functions = ArrivalFunctions.from_samples(np.array(begins), pair_table(row))
    lines = {begin: float(begin + ticks) for begin, ticks in zip(begins, row, strict=True) if ticks < UNREACHABLE}
    for left, right in zip(range(len(begins)), range(1, len(begins)), strict=False):
        if right < len(begins) and row[left] < UNREACHABLE and row[right] < UNREACHABLE:
            for time in range(begins[left], begins[right]):
                share = (time - begins[left]) / (begins[right] - begins[left])
                lines[time] = begins[left] + row[left] + share * (begins[right] + row[right] - begins[left] - row[left])
    for time in range(begins[-1] + 3):
        exact = min((lines[later] for later in lines if later >= time), default=float(_FAR))
        assert exact - 1e-9 <= said(functions, 1, time) < exact + 2 - 1e-9
        if time in begins:
            assert said(functions, 1, time) == exact


@given(
    st.lists(st.tuples(st.integers(2, 40), st.integers(0, 15)), max_size=6),
    st.sampled_from([0, 3, 9, 20, UNREACHABLE]),
)
def test_timetables_give_the_better_of_waiting_and_walking(trips: list[tuple[int, int]], walk: int) -> None:
    """One takes the trip that arrives first, unless walking at once is as quick."""
    table = np.array([(0, 0, 1, leaves, leaves + ride) for leaves, ride in trips], np.int64).reshape(-1, 5)
    on_foot = np.array([[[0, walk], [5, 0]]])
    functions = ArrivalFunctions.from_timetable(table, on_foot, 2, 45)
    for time in range(50):
        rides = [leaves + ride for leaves, ride in trips if leaves >= time]
        walks = [max(time, 2) + walk] if walk < UNREACHABLE and time <= 45 else []
        assert said(functions, 1, time) == min(rides + walks, default=_FAR)


@settings(deadline=None)  # the first example compiles
@given(departures_and_ticks())
def test_latest_departure_is_the_inverse_of_arrive(case: tuple[list[int], list[int], int]) -> None:
    """For every tick, the latest departure arrives in time and the next one does not."""
    begins, row, latest = case
    for functions in (
        ArrivalFunctions.from_slots(np.array(begins), latest, pair_table(row)),
        ArrivalFunctions.from_samples(np.array(begins), pair_table(row)),
    ):
        arrays = functions.start, functions.departure, functions.arrival
        for time in range(120):
            arrival = arrive(*arrays, 1, time)
            assert arrival == (NO_ARRIVAL if said(functions, 1, time) == _FAR else said(functions, 1, time))
            departure = latest_departure(*arrays, 1, time)
            assert departure == max((t for t in range(120) if said(functions, 1, t) <= time), default=NO_DEPARTURE)


def test_travel_at_any_time_keeps_its_ticks() -> None:
    """Static travel as arrival functions has itself as the fastest, holes included."""
    travel = np.array([[[0, 4, UNREACHABLE], [5, 0, 2], [0, 9, 0]]])
    functions = ArrivalFunctions.from_travel(travel, 0, 100)
    assert functions.fastest(1, 3).tolist() == travel.tolist()
    assert [said(functions, pair, 50) for pair in (1, 2, 3)] == [54, _FAR, 55]


def test_with_arrivals_sets_travel_to_the_fastest() -> None:
    """The problem then tells what is near by the quickest travel of the day."""
    problem = line_problem(places=1)
    functions = ArrivalFunctions.from_slots(np.array([0, 50]), 99, pair_table([12, 4]))
    changed = with_arrivals(problem, functions)
    assert changed.arrivals is functions
    assert changed.travel.tolist() == [[[0, 4], [7, 0]]]


def test_with_arrivals_refuses_another_number_of_nodes() -> None:
    """One error names the pairs that are there and those that are needed."""
    functions = ArrivalFunctions.from_travel(np.zeros((1, 3, 3), np.int64), 0, 10)
    with pytest.raises(ProblemError, match="is for 9 pairs; tables of 2 x 2 nodes"):
        with_arrivals(line_problem(places=1), functions)


def test_slots_that_do_not_follow_each_other_are_refused() -> None:
    """Begins must increase, and the last slot end after it begins."""
    with pytest.raises(ProblemError, match="strictly increasing"):
        ArrivalFunctions.from_slots(np.array([5, 5]), 9, pair_table([1, 1]))
    with pytest.raises(ProblemError, match="latest"):
        ArrivalFunctions.from_slots(np.array([5, 8]), 7, pair_table([1, 1]))
    with pytest.raises(ProblemError, match="shape"):
        ArrivalFunctions.from_slots(np.array([5]), 7, pair_table([1, 1]))
    with pytest.raises(ProblemError, match=r"ticks\[0, 0, 1, 1\] is -1"):
        ArrivalFunctions.from_slots(np.array([5, 8]), 9, pair_table([1, -1]))


def test_trips_that_make_no_sense_are_refused() -> None:
    """A trip back in time, from nowhere or outside the day is named with its number."""
    walk = np.zeros((1, 2, 2), np.int64)
    for trip in ([0, 0, 1, 5, 4], [0, 0, 2, 5, 6], [0, 0, 1, 60, 61]):
        with pytest.raises(ProblemError, match=r"trips\[0\] is"):
            ArrivalFunctions.from_timetable(np.array([trip]), walk, 0, 50)
