"""What a reader did with its input: rows in, assets out, every refused row with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regional_assets.errors import Problem
    from regional_assets.model import Asset


@dataclass(frozen=True, slots=True)
class ReadResult:
    """
    Hold what was read from one input.

    Rows of the input = assets accepted + problems in ``refused`` (one per refused row).

    Parameters
    ----------
    source
        File name, or other name of the input.
    dataset
        What kind of data it was taken for (``"tourism G2"``, ``"osm"``).
    rows
        Rows, or features, in the input.
    assets
        Accepted.
    refused
        One problem per refused row, with file, line, column and reason.
    warnings
        Things that were accepted with a doubt: unread hours or prices, guessed columns, positions that look wrong.
    """

    source: str
    dataset: str
    rows: int
    assets: tuple[Asset, ...]
    refused: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
