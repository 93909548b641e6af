"""
The MC-TOP-MTW files: several windows a day, a budget, and limits per type.

A header ``tours points budget limit1 … limit10``, the depot ``0 x y service score open close``, then one point per
line: ``id x y service score o1 o2 o3 o4 c4 e fee type1 … type10``, ids from 2 on. The day is cut into the windows
[o1, o2] [o2, o3] [o3, o4] [o4, c4]. Where ``e`` is 1, the first and third tour may use the first and third window, the
second and fourth tour the second and fourth; where it is 0, the other way round. Distances as in the TOPTW files.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.instances.instance import Instance
from benchmarks.instances.reading import expect, floored_distances, rows_of, scaled, ticks_per_unit, whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

KINDS: Final = 10


def load_mctopmtw(path: Path) -> Instance:
    """
    Return one instance.

    Raises
    ------
    InstanceError
        If the file does not keep the format.
    """
    ticks = ticks_per_unit(path.stem)
    header, *points = rows_of(path)
    expect(len(header) == 3 + KINDS and len(points) > 0, path, f"a header of {3 + KINDS} numbers, and a depot")
    tours, count, budget, *limits = (whole(text, path) for text in header)
    expect(len(points) == count + 1, path, f"{count} points after the depot")
    expect(len(points[0]) == 7, path, "a depot of seven columns")
    expect(all(len(row) == 12 + KINDS for row in points[1:]), path, f"{12 + KINDS} columns per point")
    ids = np.array([whole(row[0], path) for row in points], np.int64)
    expect(ids.tolist() == [0, *range(2, count + 2)], path, f"points 2 to {count + 1} in order")
    opens, closes = (scaled(text, ticks, path) for text in points[0][5:7])
    return Instance(
        name=path.stem,
        ticks_per_unit=ticks,
        ids=ids,
        travel=floored_distances(points, ticks, path),
        duration=np.array([scaled(row[3], ticks, path) for row in points], np.int64),
        score=np.array([whole(row[4], path) for row in points], np.int64),
        tour_open=np.full(tours, opens),
        tour_close=np.full(tours, closes),
        windows=_windows(points, tours, ticks, path),
        fee=np.array([0, *(whole(row[11], path) for row in points[1:])], np.int64),
        budget=budget,
        is_kind=np.array([[False] * KINDS, *([text == "1" for text in row[12:]] for row in points[1:])], np.bool_),
        kind_limit=np.array(limits, np.int64),
    )


def _windows(points: list[list[str]], tours: int, ticks: int, path: Path) -> NDArray[np.int64]:
    rows = []
    for point, columns in enumerate(points[1:], start=1):
        edges = [scaled(text, ticks, path) for text in columns[5:10]]
        expect(columns[10] in {"0", "1"}, path, f"e of point {columns[0]} to be 0 or 1")
        for tour in range(tours):
            # The first and third window have index 0 and 2; tours count from 0 as well.
            first = 0 if (columns[10] == "1") == (tour % 2 == 0) else 1
            rows += [(tour, point, edges[part], edges[part + 1]) for part in (first, first + 2)]
    return np.array(rows, np.int64).reshape(-1, 4)
