"""
The tourist trip files of Athens: opening hours that differ by weekday.

A header ``20 tours start_day points``, rest to ignore; the start ``0 x y service score open close``; then one point per
line: ``id x y service score ignore``, seven pairs ``open close`` for the days 0 to 6, and sometimes a column to ignore.
``0 0`` means closed. Distances are rounded down to hundredths. The first tour is on the start day, the next on the day
after it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.instances.instance import Instance
from benchmarks.instances.reading import expect, floored_distances, rows_of, scaled, whole

TICKS: Final = 100
WEEK: Final = 7
_FIRST_HOURS: Final = 6
"""Column where the opening hours begin."""


def load_ttdp(path: Path, tours: int | None = None) -> Instance:
    """
    Return one instance.

    Parameters
    ----------
    path
        The file.
    tours
        Another number of tours than the header's.

    Raises
    ------
    InstanceError
        If the file does not keep the format.
    """
    header, *points = rows_of(path)
    expect(len(header) >= 4 and len(points) > 0, path, "a header of at least four numbers, and a start")
    header_tours, start_day, count = (whole(text, path) for text in header[1:4])
    tours = header_tours if tours is None else tours
    expect(0 <= start_day < WEEK, path, "a start day of 0 to 6")
    expect(len(points) == count + 1, path, f"{count} points after the start")
    expect(len(points[0]) == 7, path, "a start of seven columns")
    expect(all(len(row) in {20, 21} for row in points[1:]), path, "20 or 21 columns per point")
    ids = np.array([whole(row[0], path) for row in points], np.int64)
    expect(ids.tolist() == list(range(count + 1)), path, f"points 0 to {count} in order")
    windows = [
        (tour, point, scaled(opens, TICKS, path), scaled(closes, TICKS, path))
        for tour in range(tours)
        for point, row in enumerate(points[1:], start=1)
        for opens, closes in [_hours(row, (start_day + tour) % WEEK)]
        if (whole(opens, path), whole(closes, path)) != (0, 0)
    ]
    opens, closes = (scaled(text, TICKS, path) for text in points[0][5:7])
    return Instance(
        name=path.stem,
        ticks_per_unit=TICKS,
        ids=ids,
        travel=floored_distances(points, TICKS, path),
        duration=np.array([scaled(row[3], TICKS, path) for row in points], np.int64),
        score=np.array([whole(row[4], path) for row in points], np.int64),
        tour_open=np.full(tours, opens),
        tour_close=np.full(tours, closes),
        windows=np.array(windows, np.int64).reshape(-1, 4),
        fee=np.zeros(count + 1, np.int64),
    )


def _hours(row: list[str], day: int) -> tuple[str, str]:
    column = _FIRST_HOURS + 2 * day
    return row[column], row[column + 1]
