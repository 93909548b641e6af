"""What regions are, in a few words: their assets are counted in the database, once for each state of a region."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.regions import _rows
from api.regions.content import attached_name
from api.regions.stored import RegionSummary
from regional_assets.model import Name

_MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class _Count:
    """Hold kinds and extent of the assets of one state of a region."""

    state: tuple[int, str]
    kinds: Mapping[str, int]
    bbox: tuple[float, float, float, float] | None


class Summaries:
    """Sum up regions; what was counted is kept in memory: the regions of a list may have millions of assets."""

    def __init__(self) -> None:
        self._counts: dict[str, _Count] = {}

    def of(self, connection: Connection, rows: Sequence[sa.Row[Any]], differing: frozenset[str]) -> list[RegionSummary]:
        """
        Return what regions are.

        Parameters
        ----------
        connection
            On which the rows were read.
        rows
            Of the table of regions.
        differing
            Ids of regions whose folders are not in use, because both were changed.
        """
        known = self._counts
        counts = {row.id: known[row.id] for row in rows if row.id in known}
        new = [row for row in rows if row.id not in counts or counts[row.id].state != _state(row)]
        if new:
            tallies = _rows.tallies(connection, [row.id for row in new])
            counts |= {row.id: _count(row, [tally for tally in tallies if tally.region_id == row.id]) for row in new}
            self._keep(counts)
        return [_summary(row, counts[row.id], is_differing=row.id in differing) for row in rows]

    def _keep(self, counts: Mapping[str, _Count]) -> None:
        # Several threads may be here: each puts another whole table in its place, and what is lost is counted anew.
        kept = {**self._counts, **counts}
        self._counts = kept if len(kept) <= _MOST_KEPT else dict(counts)


def _state(row: sa.Row[Any]) -> tuple[int, str]:
    return row.revision, row.data_version


def _count(row: sa.Row[Any], tallies: Sequence[sa.Row[Any]]) -> _Count:
    placed = [tally for tally in tallies if tally.west is not None]
    return _Count(
        _state(row),
        kinds={tally.kind: tally.number for tally in sorted(tallies, key=lambda tally: str(tally.kind))},
        bbox=(
            min(tally.west for tally in placed),
            min(tally.south for tally in placed),
            max(tally.east for tally in placed),
            max(tally.north for tally in placed),
        )
        if placed
        else None,
    )


def _summary(row: sa.Row[Any], count: _Count, *, is_differing: bool) -> RegionSummary:
    head = json.loads(row.head)
    return RegionSummary(
        id=row.id,
        name=Name.model_validate(head["name"]),
        notice=Name.model_validate(head["notice"]) if "notice" in head else None,
        modes=tuple(entry["mode"] for entry in head.get("streets", ())),
        timetables=len(head.get("timetables", ())),
        has_tiles="tiles" in head and attached_name(head["tiles"]) in row.files,
        revision=row.revision,
        data_version=row.data_version,
        origin=row.origin,
        updated_at=row.updated_at,
        kinds=count.kinds,
        bbox=count.bbox,
        folder_differs=is_differing,
    )
