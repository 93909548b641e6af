"""The regions of a server, in its database: read, edit, replace, remove; and the state that a job works on."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection, Engine

from api.regions import _rows
from api.regions.content import asset_of, attached_files, attached_name, body_of, region_of, version_of
from api.regions.errors import (
    AssetExistsError,
    AssetsFullError,
    RegionExistsError,
    RegionsFullError,
    StaleError,
    UnknownAssetError,
)
from api.regions.files import FileStore
from api.regions.importing import KIND
from api.regions.seeding import seed_regions
from api.regions.snapshots import SnapshotRef, find_snapshot, materialise, passing_folder, prune_snapshots
from api.regions.stored import Origin, RegionSummary, StoredAsset, StoredRegion
from api.regions.summaries import Summaries
from api.service_settings import ServiceSettings
from api.storage import reading, writing
from api.storage.tables import jobs, region_versions, regions, removed_regions
from api.texts import text
from regional_assets.errors import Problem, UnknownRegionError
from regional_assets.model import Asset, Region
from regional_assets.region import save_region

_KEPT_REGIONS = 16
_KEPT_ASSETS = 100_000
"""In memory, where it is not a single region that has more: an asset takes some twelve kilobytes."""
_MOST_TRIES = 50
_TIDY_EVERY_S = 3_600.0
_UNUSED_S = 24 * 3_600.0
"""After that, what no region and no job needs is taken away."""


class RegionStore:
    """
    Keep regions in a database that several servers may share.

    All calls are synchronous and may come from several threads; any of them may raise what a database raises that is
    locked, away or full (`api.storage.storage_problem`).

    Parameters
    ----------
    engine
        Database, up to date.
    settings
        ``home`` for files and snapshots, ``regions_limit``, ``rows_limit``.
    now
        Clock.
    """

    def __init__(
        self,
        engine: Engine,
        settings: ServiceSettings,
        *,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self.home = settings.home
        self._engine = engine
        self._settings = settings
        self._now = now
        self._files = FileStore(engine, settings.home, now=now)
        self._kept: dict[str, StoredRegion] = {}
        self._before: StoredRegion | None = None
        self._summaries = Summaries()
        self._lock = threading.Lock()
        self._folders_that_differ: frozenset[str] = frozenset()
        self._tidied_at = time.monotonic()

    def seed(self) -> None:
        """Take in the regions that come with the package, and those of ``home/regions``; see `api.regions.seeding`."""
        self._folders_that_differ = seed_regions(self, self.home)
        self.tidy()

    def page(self, after: str | None, limit: int) -> list[RegionSummary]:
        """Return at most ``limit`` regions in the order of their ids, those after ``after``."""
        with reading(self._engine) as connection:
            rows = _rows.page(connection, after, limit)
            return self._summaries.of(connection, rows, self._folders_that_differ)

    def summary(self, region_id: str) -> RegionSummary | None:
        """Return what a region is; None where there is none of that id."""
        with reading(self._engine) as connection:
            row = _rows.find(connection, region_id)
            found = [] if row is None else self._summaries.of(connection, [row], self._folders_that_differ)
        return found[0] if found else None

    def stored(self, region_id: str) -> StoredRegion | None:
        """
        Return a region as it is now, whichever server changed it; None where there is none of that id.

        It is kept in memory: as long as nothing changes, a call asks the database for the revision alone.

        Raises
        ------
        InputError
            If what is stored makes no region for this version of Meguri.
        """
        state = sa.select(regions.c.revision, regions.c.data_version).where(regions.c.id == region_id)
        for _ in range(_MOST_TRIES):
            with reading(self._engine) as connection:
                row = connection.execute(state).one_or_none()
            if row is None:
                return None
            kept = self._kept.get(region_id)
            if kept is None or (kept.revision, kept.data_version) != (row.revision, row.data_version):
                kept = self._load(region_id)
            if kept is not None:
                return kept
        msg = f"the region {region_id} is not what its data version says, or changes faster than it can be read"
        raise RuntimeError(msg)

    def snapshot(self, region_id: str) -> SnapshotRef | None:
        """
        Return the present state of a region as a folder of this machine, made where it is not there yet.

        Returns
        -------
        ref
            None where there is no such region.

        Raises
        ------
        OSError
            If the folder cannot be written, or the database has lost a file.
        """
        stored = self.stored(region_id)
        return None if stored is None else self._present(stored)

    def locate(self, region_id: str, data_version: str) -> SnapshotRef | None:
        """
        Return the state of a region that a job names; it is there as long as the job is, whatever became of the region.

        Returns
        -------
        ref
            None where there is no such state any more.

        Raises
        ------
        OSError
            As of `snapshot`.
        """
        self._tidy_now_and_then()
        home = self.home
        if (found := find_snapshot(home, region_id, data_version)) is not None:
            return found
        stored = self.stored(region_id)
        if stored is not None and stored.data_version == data_version:
            return self._present(stored)
        before = self._before
        if before is not None and (before.region.id, before.data_version) == (region_id, data_version):
            # A job that was on its way into the queue while somebody edited the region.
            self._keep_version(before.region, data_version, before.files)
        kept = self._kept_version(region_id, data_version)
        if kept is None:
            return None
        return materialise(home, region_id, data_version, lambda folder: self._place(kept, folder))

    def tiles(self, region_id: str) -> tuple[str, Path] | None:
        """
        Return the vector tiles of a region: the SHA-256 of the file, and where this machine has it, for reading.

        Returns
        -------
        tiles
            None where the region has none.

        Raises
        ------
        UnknownRegionError
            If there is no such region.
        OSError
            As of `snapshot`.
        """
        stored = self.stored(region_id)
        if stored is None:
            raise unknown_region(region_id)
        name = stored.region.tiles
        digest = None if name is None else stored.files.get(attached_name(name))
        return None if digest is None else (digest, self._files.path(digest))

    def create_asset(self, region_id: str, asset: Asset, *, key_id: str | None) -> StoredAsset:
        """
        Add an asset at the end of a region.

        Raises
        ------
        UnknownRegionError, AssetExistsError, AssetsFullError
            As their names say.
        """
        after = body_of(asset)

        def create(stored: StoredRegion) -> _rows.Edit:
            if asset.id in stored.bodies:
                raise AssetExistsError(region_id, asset.id)
            if len(stored.bodies) >= self._settings.rows_limit:
                raise AssetsFullError(self._settings.rows_limit)
            return _rows.Edit(asset.id, None, after)

        self._edit(region_id, create, key_id)
        return StoredAsset(asset, after)

    def replace_asset(
        self, region_id: str, asset: Asset, *, expected: Collection[str] | None, key_id: str | None
    ) -> StoredAsset:
        """
        Put an asset in the place of the one with the same id.

        Parameters
        ----------
        region_id, asset
            Region, and how the asset is to be.
        expected
            Entity tags, of which the present asset must have one; None for any.
        key_id
            Who does it; None where nobody needs a key.

        Raises
        ------
        UnknownRegionError, UnknownAssetError, StaleError
            As their names say.
        """
        after = body_of(asset)
        self._edit(
            region_id,
            lambda stored: _rows.Edit(asset.id, _asset_as_expected(stored, asset.id, expected).body, after),
            key_id,
        )
        return StoredAsset(asset, after)

    def remove_asset(
        self, region_id: str, asset_id: str, *, expected: Collection[str] | None, key_id: str | None
    ) -> None:
        """
        Take an asset away; parameters as of `replace_asset`.

        Raises
        ------
        UnknownRegionError, UnknownAssetError, StaleError
            As their names say.
        """
        self._edit(
            region_id,
            lambda stored: _rows.Edit(asset_id, _asset_as_expected(stored, asset_id, expected).body, None),
            key_id,
        )

    def put(
        self,
        region: Region,
        attached: Mapping[str, Path] | None = None,
        *,
        origin: Origin = "import",
        origin_digest: str | None = None,
        replace: bool = False,
        key_id: str | None = None,
    ) -> StoredRegion:
        """
        Store a region as a whole.

        Parameters
        ----------
        region
            With all its assets.
        attached
            Relative path to file; by default those that its folder holds.
        origin, origin_digest
            Where it came from, and what tells one coming from another (by default the data version): the same coming
            a second time changes nothing, so that work done twice after a crash is neither refused nor undoes edits.
        replace
            Whether it may take the place of a region of that id.
        key_id
            Who does it.

        Raises
        ------
        RegionExistsError, RegionsFullError, AssetsFullError
            As their names say.
        """
        # What lies in folders is the operator's own: limits are for what callers send.
        is_limited = origin == "import"
        if is_limited and len(region.assets) > self._settings.rows_limit:
            raise AssetsFullError(self._settings.rows_limit)
        paths = attached_files(region) if attached is None else attached
        content = _rows.content_of(region, {name: self._files.add(path) for name, path in paths.items()})
        digest = origin_digest or content.data_version
        came: Any = {"origin": origin, "origin_digest": digest}

        def write(stored: StoredRegion | None, connection: Connection) -> None:
            now = self._now()
            if stored is None:
                if is_limited and _count(connection) >= self._settings.regions_limit:
                    raise RegionsFullError(self._settings.regions_limit)
                _rows.insert(connection, region.id, content, **came, now=now)
                connection.execute(sa.delete(removed_regions).where(removed_regions.c.id == region.id))
                return
            if (stored.origin, stored.origin_digest) == (origin, digest):
                return
            if not replace:
                raise RegionExistsError(region.id)
            changes = _rows.differences(stored.bodies, content.bodies)
            revision = _rows.replace(connection, region.id, content, **came, now=now)
            _rows.record(connection, region.id, changes, revision=revision, key_id=key_id, now=now)

        self._change(region.id, write)
        stored = self.stored(region.id)
        if stored is None:
            raise unknown_region(region.id)
        return stored

    def remove(self, region_id: str, *, expected: Collection[str] | None, key_id: str | None) -> None:
        """
        Take a region away; jobs that work on it still find it. The folder it came from does not bring it back.

        Raises
        ------
        UnknownRegionError, StaleError
            As their names say.
        """

        def remove(stored: StoredRegion | None, connection: Connection) -> None:
            if stored is None:
                raise unknown_region(region_id)
            _check_expected(stored.etag, expected)
            connection.execute(sa.delete(regions).where(regions.c.id == region_id))
            row = {"id": region_id, "origin_digest": stored.origin_digest, "key_id": key_id, "at": self._now()}
            connection.execute(sa.insert(removed_regions), row)

        self._change(region_id, remove)

    def removed_digest(self, region_id: str) -> str | None:
        """Return the origin digest of a region that was removed; None where it was not, or came back."""
        with reading(self._engine) as connection:
            digest: str | None = connection.scalar(
                sa.select(removed_regions.c.origin_digest).where(removed_regions.c.id == region_id)
            )
        return digest

    def keep_draft(self, region: Region, files: Mapping[str, BinaryIO]) -> str:
        """
        Keep a region that is still to be made, with files it is to be made from, as a state that a job may name.

        Parameters
        ----------
        region
            Without assets.
        files
            Relative path to content; read from the start.

        Returns
        -------
        data_version
            For `snapshot`, on any server: the files lie in the folder under their paths.
        """
        digests = {name: self._files.add(stream) for name, stream in files.items()}
        content = _rows.content_of(region, digests)
        self._keep_version(region, content.data_version, digests)
        return content.data_version

    def tidy(self) -> None:
        """Take away states, files and snapshots that no region and no job has needed for a day."""
        self._tidied_at = time.monotonic()
        before = self._now() - dt.timedelta(seconds=_UNUSED_S)
        # A finished trip may still be asked about, but the files of an import have served once it has ended.
        needs_it = sa.or_(jobs.c.kind != KIND, jobs.c.state.in_(["queued", "running"]))
        named = sa.select(jobs.c.data_version).where(jobs.c.data_version.is_not(None), needs_it)
        with writing(self._engine) as connection:
            connection.execute(
                sa.delete(region_versions).where(
                    region_versions.c.created_at < before, region_versions.c.data_version.not_in(named)
                )
            )
        with reading(self._engine) as connection:
            present = connection.execute(sa.select(regions.c.data_version, regions.c.files)).all()
            kept = connection.execute(sa.select(region_versions.c.data_version, region_versions.c.files)).all()
        needed = {digest for row in (*present, *kept) for digest in row.files.values()}
        self._files.remove_except(needed, older_than_s=_UNUSED_S)
        prune_snapshots(self.home, {row.data_version for row in (*present, *kept)}, unused_s=_UNUSED_S)

    def _tidy_now_and_then(self) -> None:
        if time.monotonic() - self._tidied_at < _TIDY_EVERY_S:
            return
        try:
            self.tidy()
        except (OSError, sa.exc.SQLAlchemyError) as error:
            # What asked for a snapshot must not fail for it.
            structlog.get_logger(__name__).warning("cannot tidy up", reason=str(error))

    def _load(self, region_id: str) -> StoredRegion | None:
        """Read a region, and keep it; None where it changed while it was read."""
        with self._lock:
            with reading(self._engine) as connection:
                row = _rows.find(connection, region_id)
                bodies = _rows.bodies(connection, region_id)
            if row is None or version_of(row.head, bodies.values(), row.files) != row.data_version:
                return None
            known = self._kept.pop(region_id, None)
            assets = (_asset(asset_id, body, known) for asset_id, body in bodies.items())
            stored = StoredRegion(
                region=region_of(row.head, assets),
                revision=row.revision,
                data_version=row.data_version,
                origin=row.origin,
                origin_digest=row.origin_digest,
                files=row.files,
                bodies=bodies,
                updated_at=row.updated_at,
            )
            self._make_room_for(stored)
            self._kept[region_id] = stored
            return stored

    def _make_room_for(self, stored: StoredRegion) -> None:
        room = _KEPT_ASSETS - len(stored.bodies) - sum(len(kept.bodies) for kept in self._kept.values())
        while self._kept and (room < 0 or len(self._kept) >= _KEPT_REGIONS):
            room += len(self._kept.pop(next(iter(self._kept))).bodies)

    def _edit(self, region_id: str, make: Callable[[StoredRegion], _rows.Edit], key_id: str | None) -> None:
        def write(stored: StoredRegion | None, connection: Connection) -> None:
            if stored is None:
                raise unknown_region(region_id)
            change = make(stored)
            if change.before == change.after:
                return
            bodies = {**stored.bodies, change.asset_id: change.after}
            head = _rows.find(connection, region_id)
            if head is None:
                raise unknown_region(region_id)
            version = version_of(head.head, (body for body in bodies.values() if body is not None), stored.files)
            now = self._now()
            revision = _rows.edit(connection, region_id, change, data_version=version, now=now)
            _rows.record(connection, region_id, [change], revision=revision, key_id=key_id, now=now)

        self._change(region_id, write)

    def _change(self, region_id: str, write: Callable[[StoredRegion | None, Connection], None]) -> None:
        """Change a region in one transaction that begins with the state that is handed to ``write``."""
        for _ in range(_MOST_TRIES):
            stored = self.stored(region_id)
            if stored is not None:
                self._keep_for_jobs(stored)
            try:
                with writing(self._engine) as connection:
                    row = _rows.find(connection, region_id, lock=True)
                    state = None if row is None else (row.revision, row.data_version)
                    if state != (None if stored is None else (stored.revision, stored.data_version)):
                        continue  # Another was faster.
                    write(stored, connection)
                self._before = stored
                return
            except sa.exc.IntegrityError:
                continue  # Another put a region of this id in between.
        msg = f"the region {region_id} changes faster than it can be edited"
        raise RuntimeError(msg)

    def _keep_for_jobs(self, stored: StoredRegion) -> None:
        """Keep a state that is about to go, where jobs work on it."""
        with reading(self._engine) as connection:
            if not _rows.is_named_by_jobs(connection, stored.region.id, stored.data_version):
                return
        self._keep_version(stored.region, stored.data_version, stored.files)

    def _keep_version(self, region: Region, data_version: str, attached: Mapping[str, str]) -> None:
        if self._kept_version(region.id, data_version) is not None:
            return
        with passing_folder(self.home) as folder:
            save_region(region, Path(folder))
            files = {path.name: self._files.add(path) for path in Path(folder).iterdir()}
        row = {
            "data_version": data_version,
            "region_id": region.id,
            "files": {**attached, **files},
            "created_at": self._now(),
        }
        try:
            with writing(self._engine) as connection:
                connection.execute(sa.insert(region_versions), row)
        except sa.exc.IntegrityError:
            if self._kept_version(region.id, data_version) is None:
                raise

    def _kept_version(self, region_id: str, data_version: str) -> Mapping[str, str] | None:
        statement = sa.select(region_versions.c.files).where(
            region_versions.c.data_version == data_version, region_versions.c.region_id == region_id
        )
        with reading(self._engine) as connection:
            files: Mapping[str, str] | None = connection.scalar(statement)
        return files

    def _present(self, stored: StoredRegion) -> SnapshotRef:
        def write(folder: Path) -> None:
            save_region(stored.region, folder)
            self._place(stored.files, folder)

        return materialise(self.home, stored.region.id, stored.data_version, write)

    def _place(self, files: Mapping[str, str], folder: Path) -> None:
        for name, digest in files.items():
            self._files.place(digest, folder / name)


def unknown_region(region_id: str) -> UnknownRegionError:
    """Return the refusal of a region that is not there."""
    return UnknownRegionError([Problem("region", region_id, text("regions.unknown", region=region_id))])


def _asset(asset_id: str, body: str, known: StoredRegion | None) -> Asset:
    """Return an asset, parsed anew only where it changed."""
    if known is not None and known.bodies.get(asset_id) == body:
        return known.assets[asset_id]
    return asset_of(body)


def _asset_as_expected(stored: StoredRegion, asset_id: str, expected: Collection[str] | None) -> StoredAsset:
    found = stored.asset(asset_id)
    if found is None:
        raise UnknownAssetError(stored.region.id, asset_id)
    _check_expected(found.etag, expected)
    return found


def _check_expected(etag: str, expected: Collection[str] | None) -> None:
    if expected is not None and etag not in expected:
        raise StaleError(etag)


def _count(connection: Connection) -> int:
    return int(connection.scalar(sa.select(sa.func.count()).select_from(regions)) or 0)
