"""
The time-dependent files: one tour from the first point to the last, in milliseconds since midnight.

``N.a.b.TXT`` holds the number of points and the longest duration, one on a line, then one point per line:
``node;score;ignore;service;open;close``. The first point is the start and the last one the end; neither is visited.
``tittN.TXT`` holds travel times that do not depend on the departure, one origin per line. ``ttN.TXT`` holds 56 values
for each ordered pair, row by row: the travel time of a departure in each quarter of an hour from 6:00 to 20:00. There
is none for N = 100.

Points are called by their line here, the start 0: the files' own numbers are those of a road network.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from benchmarks.instances.departure_slots import DepartureSlots
from benchmarks.instances.instance import Instance
from benchmarks.instances.reading import InstanceError, expect, whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

Travel = Literal["static", "by-departure"]

MINUTE: Final = 60_000
"""Ticks, which are milliseconds."""

SLOTS: Final = 56
_SLOT: Final = 15 * MINUTE
_FIRST_SLOT: Final = 6 * 60 * MINUTE


def load_tdoptw(path: Path, travel: Travel) -> Instance:
    """
    Return one instance with one kind of travel times, whose file lies beside it.

    Parameters
    ----------
    path
        The instance.
    travel
        ``static``: those of ``titt``. ``by-departure``: those of ``tt``, read as `DepartureSlots` says.

    Raises
    ------
    InstanceError
        If a file is missing or does not keep the format.
    """
    lines = [_numbers(line, path) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    expect(len(lines) > 2 and len(lines[0]) == len(lines[1]) == 1, path, "a number of points, a duration, and points")
    (count,), (longest,), *rows = lines
    expect(len(rows) == count >= 2, path, f"{count} points, at least two")
    expect(all(len(row) == 6 for row in rows), path, "six columns per point")
    _, score, _, duration, opens, closes = np.array(rows, np.int64).T
    slots = departure_slots(path.parent / f"tt{count}.TXT", count) if travel == "by-departure" else None
    static = static_travel(path.parent / f"titt{count}.TXT", count) if slots is None else slots.ticks.min(axis=2)
    back_by = int(closes[-1])
    # A tour that leaves at the opening and keeps the end's closing time is never longer; other files would need a rule.
    expect(back_by - int(opens[0]) <= longest, path, f"the end to close at most {longest} after the start opens")
    return Instance(
        name=path.stem,
        ticks_per_unit=MINUTE,
        ids=np.arange(count),
        travel=static,
        duration=duration,
        score=score,
        tour_open=opens[:1],
        tour_close=np.array([back_by]),
        windows=np.array([(0, row, opens[row], closes[row]) for row in range(1, count - 1)], np.int64).reshape(-1, 4),
        fee=np.zeros(count, np.int64),
        end=count - 1,
        slots=slots,
    )


@lru_cache(maxsize=8)
def static_travel(path: Path, count: int) -> NDArray[np.int64]:
    """
    Return the travel times of a ``titt`` file.

    Returns
    -------
    ticks
        Shape ``(N, N)``, from row to column.

    Raises
    ------
    InstanceError
        If the file is missing or does not hold so many.
    """
    ticks = _table(path, count * count, f"{count} times {count} travel times").reshape(count, count)
    expect(not ticks.diagonal().any(), path, "no travel time from a point to itself")
    return ticks


@lru_cache(maxsize=8)
def departure_slots(path: Path, count: int) -> DepartureSlots:
    """
    Return the travel times of a ``tt`` file.

    Raises
    ------
    InstanceError
        If the file is missing or does not hold so many.
    """
    ticks = _table(path, count * count * SLOTS, f"{count} times {count} times {SLOTS} travel times")
    ticks = ticks.reshape(count, count, SLOTS)
    expect(not ticks[np.arange(count), np.arange(count)].any(), path, "no travel time from a point to itself")
    return DepartureSlots(_FIRST_SLOT + _SLOT * np.arange(SLOTS + 1, dtype=np.int64), ticks)


def _table(path: Path, size: int, expected: str) -> NDArray[np.int64]:
    if not path.is_file():
        raise InstanceError(f"{path.name}: not found beside the instances")
    ticks = np.array(_numbers(path.read_text(encoding="utf-8"), path), np.int64)
    expect(ticks.size == size, path, f"{expected}, found {ticks.size}")
    expect(bool((ticks >= 0).all()), path, "no travel time below 0")
    return ticks


def _numbers(text: str, path: Path) -> list[int]:
    return [whole(part, path) for part in re.split(r"[;\s]+", text) if part]
