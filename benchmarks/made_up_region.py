"""Regions drawn at random that look like regions: towns, opening hours, days of rest, long and short visits."""

from __future__ import annotations

from typing import Final

import numpy as np

from benchmarks.instances.instance import Instance

SIDE_KM: Final = 30.0
"""Side of the square that the towns lie in."""

TOWNS: Final = 6
TOWN_KM: Final = 1.5
"""Standard deviation of the places of a town around its centre."""

SPEED_KMH: Final = 30.0
DETOUR: Final = 1.3
"""Road kilometres per kilometre as the crow flies."""

_HOUR: Final = 3600
_DAY: Final = (9 * _HOUR, 18 * _HOUR)


def made_up_region(candidates: int, days: int, seed: int) -> Instance:
    """
    Return places to visit by car from one inn, in seconds.

    Parameters
    ----------
    candidates
        Places. Half lie in towns, half anywhere; visits take 20 to 120 minutes and score 10 to 100; places open
        between 8 and 11 and take the last guest between 15 and 19 o'clock; a third have one day of rest a week.
    days
        Days from 9 to 18 o'clock, the first a Monday.
    seed
        Same seed, same region; regions of different sizes are different ones.
    """
    rng = np.random.default_rng((seed, candidates, days))
    centres = rng.uniform(0, SIDE_KM, (TOWNS, 2))
    near = centres[rng.integers(TOWNS, size=candidates)] + rng.normal(0, TOWN_KM, (candidates, 2))
    anywhere = rng.uniform(0, SIDE_KM, (candidates, 2))
    places = np.where(rng.random((candidates, 1)) < 0.5, near, anywhere)
    points = np.concatenate([centres[:1], places])
    distance_km = np.hypot(*(points[:, None] - points).transpose(2, 0, 1))
    opens = rng.integers(8, 12, candidates) * _HOUR
    closes = rng.integers(15, 20, candidates) * _HOUR
    rests_on = np.where(rng.random(candidates) < 1 / 3, rng.integers(7, size=candidates), -1)
    windows = [
        (day, place + 1, opens[place], closes[place])
        for day in range(days)
        for place in range(candidates)
        if rests_on[place] != day % 7
    ]
    return Instance(
        name=f"{candidates} places, {days} days",
        ticks_per_unit=1,
        ids=np.arange(candidates + 1),
        travel=np.rint(distance_km * DETOUR / SPEED_KMH * _HOUR).astype(np.int64),
        duration=np.concatenate([[0], rng.integers(4, 25, candidates) * 300]),
        score=np.concatenate([[0], rng.integers(10, 101, candidates)]),
        tour_open=np.full(days, _DAY[0]),
        tour_close=np.full(days, _DAY[1]),
        windows=np.array(windows, np.int64),
        fee=np.zeros(candidates + 1, np.int64),
    )
