"""
The TOPTW files made of Solomon's (``c``, ``r``, ``rc``) and Cordeau's (``pr``) routing instances.

A line of four integers, the third of which counts the points; a line to ignore; then the depot and the points, one per
line: ``id x y service score``, columns to ignore, ``open close``. The number of columns varies, and the depot has one
fewer in Solomon's files: the first five and the last two count. Distances are rounded down, to tenths in Solomon's
files and to hundredths in Cordeau's. The number of tours is not in the file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.instances.instance import Instance
from benchmarks.instances.reading import expect, floored_distances, rows_of, scaled, ticks_per_unit, whole


def load_toptw(path: Path, tours: int) -> Instance:
    """
    Return one instance with a number of tours.

    Raises
    ------
    InstanceError
        If the file does not keep the format.
    """
    ticks = ticks_per_unit(path.stem)
    header, *rest = rows_of(path)
    expect(len(header) == 4 and len(rest) > 1, path, "a first line of four numbers, a second, and points")
    count = whole(header[2], path) + 1
    points = rest[1 : count + 1]
    expect(all(len(row) >= 7 for row in points), path, "at least seven columns per point")
    ids = np.array([whole(row[0], path) for row in points], np.int64)
    expect(ids.tolist() == list(range(count)), path, f"points 0 to {count - 1} in order")
    opens = np.array([scaled(row[-2], ticks, path) for row in points], np.int64)
    closes = np.array([scaled(row[-1], ticks, path) for row in points], np.int64)
    return Instance(
        name=path.stem,
        ticks_per_unit=ticks,
        ids=ids,
        travel=floored_distances(points, ticks, path),
        duration=np.array([scaled(row[3], ticks, path) for row in points], np.int64),
        score=np.array([whole(row[4], path) for row in points], np.int64),
        tour_open=np.full(tours, opens[0]),
        tour_close=np.full(tours, closes[0]),
        windows=np.array(
            [(tour, point, opens[point], closes[point]) for tour in range(tours) for point in range(1, count)], np.int64
        ).reshape(-1, 4),
        fee=np.zeros(count, np.int64),
    )
