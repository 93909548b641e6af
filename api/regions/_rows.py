"""Statements on the tables of regions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.regions.content import asset_of, body_of, head_of, version_of
from api.storage.tables import asset_edits, assets, jobs, regions
from regional_assets.model import Asset, Region

_ROWS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Content:
    """
    Hold all of a region in the form in which it is stored.

    Parameters
    ----------
    head
        The region without its assets, canonical JSON.
    bodies
        Canonical JSON of each asset by id, in the order of the region.
    assets
        The same assets.
    files
        SHA-256 of each attached file, by relative path.
    """

    head: str
    bodies: Mapping[str, str]
    assets: Mapping[str, Asset]
    files: Mapping[str, str]

    @property
    def data_version(self) -> str:
        """Return the fingerprint of all of it."""
        return version_of(self.head, self.bodies.values(), self.files)


@dataclass(frozen=True, slots=True)
class Edit:
    """Hold what happened to an asset: its canonical JSON before and after, None where there was or is none."""

    asset_id: str
    before: str | None
    after: str | None

    @property
    def action(self) -> str:
        """Return the word for it."""
        if self.before is None:
            return "create"
        return "delete" if self.after is None else "replace"


def content_of(region: Region, files: Mapping[str, str]) -> Content:
    """Return a region in the form in which it is stored."""
    bodies = {asset.id: body_of(asset) for asset in region.assets}
    return Content(head_of(region), bodies, {asset.id: asset for asset in region.assets}, files)


def find(connection: Connection, region_id: str, *, lock: bool = False) -> sa.Row[Any] | None:
    """Return the row of a region; others that want to change it wait until the end of the transaction."""
    statement = sa.select(regions).where(regions.c.id == region_id)
    return connection.execute(statement.with_for_update() if lock else statement).one_or_none()


def page(connection: Connection, after: str | None, limit: int) -> Sequence[sa.Row[Any]]:
    """Return the rows of regions in the order of their ids."""
    statement = sa.select(regions).order_by(regions.c.id).limit(limit)
    return connection.execute(statement if after is None else statement.where(regions.c.id > after)).all()


def tallies(connection: Connection, region_ids: Sequence[str]) -> Sequence[sa.Row[Any]]:
    """Return number and extent of the assets of each kind in each region."""
    return connection.execute(
        sa.select(
            assets.c.region_id,
            assets.c.kind,
            sa.func.count().label("number"),
            sa.func.min(assets.c.lon).label("west"),
            sa.func.min(assets.c.lat).label("south"),
            sa.func.max(assets.c.lon).label("east"),
            sa.func.max(assets.c.lat).label("north"),
        )
        .where(assets.c.region_id.in_(region_ids))
        .group_by(assets.c.region_id, assets.c.kind)
    ).all()


def bodies(connection: Connection, region_id: str) -> dict[str, str]:
    """Return the canonical JSON of all assets, in the order of the region."""
    statement = sa.select(assets.c.id, assets.c.body).where(assets.c.region_id == region_id).order_by(assets.c.position)
    return {row.id: row.body for row in connection.execute(statement)}


def is_named_by_jobs(connection: Connection, region_id: str, data_version: str) -> bool:
    """Whether a job works, or worked, on a state of a region."""
    statement = sa.select(jobs.c.id).where(jobs.c.region == region_id, jobs.c.data_version == data_version).limit(1)
    return connection.scalar(statement) is not None


def insert(
    connection: Connection, region_id: str, content: Content, *, origin: str, origin_digest: str, now: dt.datetime
) -> None:
    """Write a region that is not there."""
    row = {
        "id": region_id,
        "revision": 1,
        "head": content.head,
        "files": dict(content.files),
        "data_version": content.data_version,
        "origin": origin,
        "origin_digest": origin_digest,
        "created_at": now,
        "updated_at": now,
    }
    connection.execute(sa.insert(regions), row)
    _insert_assets(connection, region_id, content, revision=1)


def replace(
    connection: Connection, region_id: str, content: Content, *, origin: str, origin_digest: str, now: dt.datetime
) -> int:
    """Write a region in the place of the one that is there; return its revision."""
    connection.execute(sa.delete(assets).where(assets.c.region_id == region_id))
    revision = _advance(
        connection,
        region_id,
        head=content.head,
        files=dict(content.files),
        data_version=content.data_version,
        origin=origin,
        origin_digest=origin_digest,
        updated_at=now,
    )
    _insert_assets(connection, region_id, content, revision=revision)
    return revision


def edit(connection: Connection, region_id: str, change: Edit, *, data_version: str, now: dt.datetime) -> int:
    """Carry out what happens to one asset; return the revision of the region."""
    revision = _advance(connection, region_id, data_version=data_version, updated_at=now)
    here = sa.and_(assets.c.region_id == region_id, assets.c.id == change.asset_id)
    if change.after is None:
        connection.execute(sa.delete(assets).where(here))
        return revision
    columns = {**_columns(asset_of(change.after)), "body": change.after, "revision": revision}
    if change.before is not None:
        connection.execute(sa.update(assets).where(here).values(columns))
        return revision
    last = connection.scalar(sa.select(sa.func.max(assets.c.position)).where(assets.c.region_id == region_id))
    position = 0 if last is None else last + 1
    row = {"region_id": region_id, "id": change.asset_id, "position": position, **columns}
    connection.execute(sa.insert(assets), row)
    return revision


def record(
    connection: Connection,
    region_id: str,
    changes: Sequence[Edit],
    *,
    revision: int,
    key_id: str | None,
    now: dt.datetime,
) -> None:
    """Keep who did what to which assets, and when."""
    rows = [
        {
            "region_id": region_id,
            "asset_id": change.asset_id,
            "revision": revision,
            "action": change.action,
            "before": change.before,
            "after": change.after,
            "key_id": key_id,
            "at": now,
        }
        for change in changes
    ]
    for some in _in_parts(rows):
        connection.execute(sa.insert(asset_edits), some)


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[Edit]:
    """Return what happened to each asset between two states of a region."""
    return [
        Edit(asset_id, before.get(asset_id), after.get(asset_id))
        for asset_id in {**before, **after}
        if before.get(asset_id) != after.get(asset_id)
    ]


def _advance(connection: Connection, region_id: str, **values: Any) -> int:
    values["revision"] = regions.c.revision + 1
    connection.execute(sa.update(regions).where(regions.c.id == region_id).values(values))
    return int(connection.execute(sa.select(regions.c.revision).where(regions.c.id == region_id)).scalar_one())


def _insert_assets(connection: Connection, region_id: str, content: Content, *, revision: int) -> None:
    rows = [
        {
            "region_id": region_id,
            "id": asset_id,
            "position": position,
            "revision": revision,
            "body": body,
            **_columns(content.assets[asset_id]),
        }
        for position, (asset_id, body) in enumerate(content.bodies.items())
    ]
    for some in _in_parts(rows):
        connection.execute(sa.insert(assets), some)


def _columns(asset: Asset) -> dict[str, Any]:
    return {"kind": str(asset.kind), "lon": asset.lon, "lat": asset.lat}


def _in_parts(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for first in range(0, len(rows), _ROWS_AT_ONCE):
        yield rows[first : first + _ROWS_AT_ONCE]
