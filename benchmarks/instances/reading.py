"""Columns of numbers, read without rounding, and the distances that the formats prescribe."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

COORDINATE_SCALE: Final = 1000
"""Coordinates of the public files have at most three decimals."""


class InstanceError(ValueError):
    """Refuse a file that does not keep its format; the message names file, line and what was expected."""


def rows_of(path: Path) -> list[list[str]]:
    """Return the columns of every line that is not blank."""
    return [columns for line in path.read_text(encoding="utf-8").splitlines() if (columns := line.split())]


def scaled(text: str, scale: int, path: Path) -> int:
    """
    Return a decimal number as a count of ``1 / scale``.

    Raises
    ------
    InstanceError
        If the text is no number, or would have to be rounded: a silently rounded time would let a tour pass here that
        others refuse.
    """
    try:
        value = Decimal(text) * scale
    except InvalidOperation:
        raise InstanceError(f"{path.name}: {text!r} is not a number") from None
    if value != value.to_integral_value():
        raise InstanceError(f"{path.name}: {text} has more decimals than ticks of 1/{scale} can hold")
    return int(value)


def whole(text: str, path: Path) -> int:
    """Return an integer, also where it is written like 10.00."""
    return scaled(text, 1, path)


def ticks_per_unit(name: str) -> int:
    """Return how finely the literature measures: tenths on Solomon's files, hundredths on Cordeau's (``pr``)."""
    return 100 if name.rpartition("-")[2].startswith("pr") else 10


def expect(is_so: bool, path: Path, expected: str) -> None:
    """
    Insist on what a format promises.

    Raises
    ------
    InstanceError
        If it is not so.
    """
    if not is_so:
        raise InstanceError(f"{path.name}: expected {expected}")


def floored_distances(rows: Sequence[Sequence[str]], ticks: int, path: Path) -> NDArray[np.int64]:
    """
    Return the Euclidean distances between points, rounded down to whole ticks.

    All arithmetic is exact: with floating point, ``floor(100 * distance)`` is one too small for some pairs of points
    of the public files.

    Parameters
    ----------
    rows
        Columns ``id x y …`` of every point.
    ticks
        Ticks per unit of distance; divides `COORDINATE_SCALE`.
    path
        The file, for messages.

    Returns
    -------
    distances
        Shape ``(N, N)``, int64, ticks.
    """
    x = np.array([scaled(row[1], COORDINATE_SCALE, path) for row in rows], np.int64)
    y = np.array([scaled(row[2], COORDINATE_SCALE, path) for row in rows], np.int64)
    squared = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
    # floor(sqrt(s) / k) = isqrt(s // k²) for whole k
    return _whole_roots(squared // (COORDINATE_SCALE // ticks) ** 2)


def _whole_roots(squares: NDArray[np.int64]) -> NDArray[np.int64]:
    roots = np.sqrt(squares.astype(np.float64)).astype(np.int64)
    roots -= roots * roots > squares
    roots += (roots + 1) * (roots + 1) <= squares
    return roots
