"""Regions in the database: seeded, read, edited, replaced, removed, and handed to jobs as folders."""

from __future__ import annotations

import datetime as dt
import io
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from api.regions import _rows
from api.regions import files as file_store
from api.regions import store as store_module
from api.regions.errors import (
    AssetExistsError,
    AssetsFullError,
    RegionExistsError,
    RegionsFullError,
    StaleError,
    UnknownAssetError,
)
from api.regions.snapshots import DamagedSnapshotError, find_snapshot, pack, prune_snapshots, unpack
from api.regions.store import RegionStore
from api.service_settings import ServiceSettings, read_service_settings
from api.storage import open_database, reading, upgrade, writing
from api.storage.tables import asset_edits, file_parts, files, jobs, region_versions
from regional_assets.errors import UnknownRegionError
from regional_assets.model import Asset, Region, Source, StreetSource
from regional_assets.region import load_region, save_region

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def settings(tmp_path: Path) -> ServiceSettings:
    return read_service_settings(home=tmp_path / "home", rows_limit=20, regions_limit=3)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine, settings: ServiceSettings) -> RegionStore:
    return RegionStore(engine, settings)


@pytest.fixture
def with_files(region: Region, tmp_path: Path) -> Region:
    """Return the small region with a timetable folder and a street file beside it."""
    folder = tmp_path / "origin"
    (folder / "timetables" / "bus").mkdir(parents=True)
    (folder / "timetables" / "bus" / "stops.txt").write_text("stop_id\n1\n")
    (folder / "streets").mkdir()
    (folder / "streets" / "walk.npz").write_bytes(bytes(range(256)) * 10_000)
    streets = StreetSource(mode="walk", file="streets/walk.npz", source=Source(name="OSM"))
    save_region(region.model_copy(update={"timetables": ("timetables/bus",), "streets": (streets,)}), folder)
    return load_region(folder)


def renamed(asset: Asset, name: str) -> Asset:
    return asset.model_copy(update={"name": asset.name.model_copy(update={"en": name})})


def job_on(engine: Engine, region_id: str, data_version: str, *, kind: str = "trip", state: str = "queued") -> None:
    """Write a job that names a state of a region."""
    row = {
        "id": "job-1",
        "kind": kind,
        "state": state,
        "region": region_id,
        "data_version": data_version,
        "owner": "me",
        "payload": b"",
        "result_is_final": False,
        "progress": {},
        "attempts": 0,
        "losses": 0,
        "last_seq": 0,
        "stop_requested": False,
        "time_limit_s": 1.0,
        "request_id": "",
        "created_at": NOW,
    }
    with writing(engine) as connection:
        connection.execute(sa.insert(jobs), row)


def test_a_stored_region_is_read_back_whole(store: RegionStore, region: Region) -> None:
    """What was put in comes out: assets in order, rules, notice."""
    stored = store.put(region)

    assert stored.region == region.model_copy(update={"folder": None})
    assert (stored.revision, stored.origin) == (1, "import")
    assert store.stored("nowhere") is None


def test_a_region_is_kept_in_memory_until_another_server_changes_it(
    store: RegionStore, region: Region, engine: Engine, settings: ServiceSettings
) -> None:
    """The same object is handed out while nothing changes; an edit by another server is seen at once."""
    store.put(region)
    first = store.stored(region.id)
    assert store.stored(region.id) is first

    other = RegionStore(engine, settings)
    other.replace_asset(region.id, renamed(region.assets[1], "New name"), expected=None, key_id="k")

    second = store.stored(region.id)
    assert second is not None
    assert first is not None
    assert second.region.assets[1].name.en == "New name"
    assert (first.data_version, first.revision) != (second.data_version, second.revision)
    # What did not change is not parsed again.
    assert second.region.assets[0] is first.region.assets[0]


def test_large_regions_make_room_in_memory_for_each_other(
    store: RegionStore, region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one asked for last is kept, whatever its size; the others as far as there is room."""
    monkeypatch.setattr(store_module, "_KEPT_ASSETS", 2 * len(region.assets))
    for name in ("a", "b", "c"):
        store.put(region.model_copy(update={"id": name}))
    assert list(store._kept) == ["b", "c"]
    monkeypatch.setattr(store_module, "_KEPT_ASSETS", 1)
    store.stored("a")
    assert list(store._kept) == ["a"]


def test_assets_are_counted_once_for_each_state_of_a_region(
    engine: Engine, settings: ServiceSettings, region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where another server changes it; a list of large regions would take seconds otherwise."""
    counted: list[list[str]] = []
    tallies = _rows.tallies

    def count(connection: Connection, region_ids: list[str]) -> Sequence[sa.Row[Any]]:
        counted.append(region_ids)
        return tallies(connection, region_ids)

    monkeypatch.setattr(_rows, "tallies", count)
    here, there = RegionStore(engine, settings), RegionStore(engine, settings)
    here.put(region)
    (first,) = here.page(None, 10)
    assert here.summary(region.id) == first == here.page(None, 10)[0]
    assert len(counted) == 1
    there.remove_asset(region.id, region.assets[0].id, expected=None, key_id=None)
    (second,) = here.page(None, 10)
    assert sum(second.kinds.values()) == sum(first.kinds.values()) - 1
    assert len(counted) == 2


def test_edits_are_recorded_with_who_and_what(store: RegionStore, region: Region, engine: Engine) -> None:
    """Creating, replacing and removing an asset each leave a line in the record."""
    store.put(region)
    new = region.assets[0].model_copy(update={"id": "new"})
    store.create_asset(region.id, new, key_id="anna")
    store.replace_asset(region.id, renamed(new, "Newer"), expected=None, key_id="ben")
    store.remove_asset(region.id, "new", expected=None, key_id="carl")

    with reading(engine) as connection:
        rows = connection.execute(sa.select(asset_edits).order_by(asset_edits.c.id)).all()
    assert [(row.action, row.key_id, row.revision) for row in rows] == [
        ("create", "anna", 2),
        ("replace", "ben", 3),
        ("delete", "carl", 4),
    ]
    assert rows[0].before is None
    assert rows[2].before == rows[1].after
    assert rows[2].after is None


def test_coming_back_to_an_earlier_content_gives_its_data_version_back(store: RegionStore, region: Region) -> None:
    """The data version is a fingerprint of the content, whatever happened in between."""
    before = store.put(region).data_version
    store.create_asset(region.id, region.assets[0].model_copy(update={"id": "new"}), key_id=None)
    changed = store.stored(region.id)
    assert changed is not None
    assert changed.data_version != before
    store.remove_asset(region.id, "new", expected=None, key_id=None)
    after = store.stored(region.id)
    assert after is not None
    assert after.data_version == before
    assert after.etag != changed.etag


def test_stale_unknown_double_and_too_many_are_refused(store: RegionStore, region: Region) -> None:
    """Each refusal has its own class, and nothing changes."""
    stored = store.put(region)
    asset = region.assets[0]
    with pytest.raises(StaleError) as stale:
        store.replace_asset(region.id, renamed(asset, "X"), expected={'"old"'}, key_id=None)
    found = stored.asset(asset.id)
    assert found is not None
    assert stale.value.etag == found.etag
    with pytest.raises(StaleError):
        store.remove_asset(region.id, asset.id, expected=(), key_id=None)
    with pytest.raises(UnknownAssetError):
        store.remove_asset(region.id, "nothing", expected=None, key_id=None)
    with pytest.raises(AssetExistsError):
        store.create_asset(region.id, asset, key_id=None)
    with pytest.raises(UnknownRegionError):
        store.create_asset("nowhere", asset, key_id=None)
    with pytest.raises(RegionExistsError):
        store.put(renamed_region(region, "Other"))
    for number in range(20 - len(region.assets)):
        store.create_asset(region.id, asset.model_copy(update={"id": f"more-{number}"}), key_id=None)
    with pytest.raises(AssetsFullError):
        store.create_asset(region.id, asset.model_copy(update={"id": "one-too-many"}), key_id=None)
    for name in ("b", "c"):
        store.put(region.model_copy(update={"id": name}))
    with pytest.raises(RegionsFullError):
        store.put(region.model_copy(update={"id": "d"}))


def renamed_region(region: Region, name: str) -> Region:
    return region.model_copy(update={"name": region.name.model_copy(update={"en": name})})


def test_edits_of_many_threads_are_all_kept(store: RegionStore, region: Region) -> None:
    """Nobody's edit overwrites another's, though all work on one region."""
    store.put(region)
    errors: list[BaseException] = []

    def add(name: str) -> None:
        try:
            store.create_asset(region.id, region.assets[0].model_copy(update={"id": name}), key_id=name)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=add, args=(f"new-{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    stored = store.stored(region.id)
    assert not errors
    assert stored is not None
    assert len(stored.region.assets) == len(region.assets) + 6
    assert stored.revision == 7


def test_putting_a_region_again_replaces_it_and_records_the_differences(
    store: RegionStore, region: Region, engine: Engine
) -> None:
    """Replacing tells which assets came, went and changed."""
    store.put(region, origin_digest="first")
    shorter = region.model_copy(update={"assets": (renamed(region.assets[0], "X"), *region.assets[1:-1])})
    stored = store.put(shorter, origin_digest="second", replace=True, key_id="anna")

    assert stored.revision == 2
    with reading(engine) as connection:
        rows = connection.execute(sa.select(asset_edits.c.asset_id, asset_edits.c.action)).all()
    assert {tuple(row) for row in rows} == {("station", "replace"), ("fair", "delete")}


def test_the_same_import_twice_changes_nothing(store: RegionStore, region: Region) -> None:
    """Work that a crash made twice is neither refused nor undoes an edit made since."""
    store.put(region, origin_digest="job-7")
    store.remove_asset(region.id, "fair", expected=None, key_id=None)
    stored = store.put(region, origin_digest="job-7")
    assert stored.asset("fair") is None


def test_snapshots_hold_the_whole_region_with_its_files(
    store: RegionStore, with_files: Region, engine: Engine, tmp_path: Path
) -> None:
    """A folder as solvers read it; another machine makes the same from the database alone."""
    stored = store.put(with_files)
    ref = store.snapshot(with_files.id)
    assert ref is not None
    assert ref.data_version == stored.data_version
    found = load_region(ref.folder)
    assert found.assets == with_files.assets
    assert (ref.folder / "timetables/bus/stops.txt").read_text() == "stop_id\n1\n"
    assert store.locate(with_files.id, ref.data_version) == ref
    assert store.snapshot("nowhere") is None
    assert store.locate(with_files.id, "0" * 64) is None

    elsewhere = RegionStore(engine, read_service_settings(home=tmp_path / "elsewhere"))
    there = elsewhere.locate(with_files.id, ref.data_version)
    assert there is not None
    assert (there.folder / "streets/walk.npz").read_bytes() == (with_files.folder / "streets/walk.npz").read_bytes()


def test_a_job_finds_the_state_it_was_asked_on_after_edits_and_removal(
    store: RegionStore, with_files: Region, engine: Engine, tmp_path: Path
) -> None:
    """An edit, or the removal of the region, does not take a state away that a job names; nor does tidying."""
    asked_on = store.put(with_files).data_version
    job_on(engine, with_files.id, asked_on)
    store.remove_asset(with_files.id, "fair", expected=None, key_id=None)
    store.remove(with_files.id, expected=None, key_id=None)
    store.tidy()

    elsewhere = RegionStore(engine, read_service_settings(home=tmp_path / "elsewhere"))
    ref = elsewhere.locate(with_files.id, asked_on)
    assert ref is not None
    assert load_region(ref.folder).asset("fair") is not None
    assert (ref.folder / "streets/walk.npz").is_file()


def test_a_job_that_was_on_its_way_during_an_edit_finds_its_state(store: RegionStore, with_files: Region) -> None:
    """Its request read the region before the edit, and was written down after it: no job named the state meanwhile."""
    asked_on = store.put(with_files).data_version
    store.remove_asset(with_files.id, "fair", expected=None, key_id=None)
    ref = store.locate(with_files.id, asked_on)
    assert ref is not None
    assert load_region(ref.folder).asset("fair") is not None
    assert (ref.folder / "streets/walk.npz").is_file()


def test_states_without_jobs_and_files_without_regions_are_tidied_away(
    engine: Engine, settings: ServiceSettings, with_files: Region
) -> None:
    """A day after nobody needs them any more, files and states leave the database and the disk."""
    clock = [NOW]
    store = RegionStore(engine, settings, now=lambda: clock[0])
    asked_on = store.put(with_files).data_version
    job_on(engine, with_files.id, asked_on)
    store.remove(with_files.id, expected=None, key_id=None)
    with writing(engine) as connection:
        connection.execute(sa.delete(jobs))
    clock[0] += dt.timedelta(days=2)
    store.tidy()
    with reading(engine) as connection:
        left = [connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in (region_versions, files)]
        left.append(connection.scalar(sa.select(sa.func.count()).select_from(file_parts)))
    assert left == [0, 0, 0]


def test_a_damaged_snapshot_is_made_anew(store: RegionStore, with_files: Region, engine: Engine) -> None:
    """A file that changed in the cache is found out, by size at once, and by content in the next process."""
    store.put(with_files)
    ref = store.snapshot(with_files.id)
    assert ref is not None
    network = ref.folder / "streets/walk.npz"
    whole = network.read_bytes()
    network.unlink()
    network.write_bytes(whole[:-1])
    assert find_snapshot(store.home, ref.region_id, ref.data_version) is None
    assert store.snapshot(with_files.id) == ref
    assert network.read_bytes() == whole


def test_bundled_and_own_regions_are_seeded_once(store: RegionStore, stored_region: Region) -> None:
    """Both kinds are there after a start, and a second start changes nothing."""
    store.seed()
    first = {entry.id: entry.revision for entry in store.page(None, 10)}
    store.seed()
    assert {entry.id: entry.revision for entry in store.page(None, 10)} == first == {"echizen": 1, "testland": 1}
    summary = store.summary("testland")
    assert summary is not None
    assert (summary.origin, summary.kinds["craft"]) == ("folder", 3)
    assert summary.bbox == (136.1252, 35.9022, 136.3553, 36.2382)
    echizen = store.summary("echizen")
    assert echizen is not None
    assert (echizen.origin, echizen.timetables) == ("bundled", 2)


def test_a_changed_folder_is_taken_anew_unless_the_region_was_edited(store: RegionStore, stored_region: Region) -> None:
    """Edits in the database win over the folder, and the difference is told."""
    folder = stored_region.folder
    assert folder is not None
    store.seed()
    save_region(renamed_region(stored_region, "Second"), folder)
    store.seed()
    second = store.summary("testland")
    assert second is not None
    assert (second.name.en, second.revision, second.folder_differs) == ("Second", 2, False)

    store.remove_asset("testland", "fair", expected=None, key_id=None)
    save_region(renamed_region(stored_region, "Third"), folder)
    store.seed()
    third = store.summary("testland")
    assert third is not None
    assert (third.name.en, third.folder_differs) == ("Second", True)


def test_a_removed_region_comes_back_only_with_a_changed_folder(store: RegionStore, stored_region: Region) -> None:
    """What was removed on purpose stays away until its folder says something new."""
    folder = stored_region.folder
    assert folder is not None
    store.seed()
    store.remove("testland", expected=None, key_id=None)
    store.seed()
    assert store.summary("testland") is None
    save_region(renamed_region(stored_region, "Second"), folder)
    store.seed()
    assert store.summary("testland") is not None


def test_a_broken_folder_does_not_keep_a_server_from_starting(store: RegionStore, stored_region: Region) -> None:
    """It is left out; the others are there."""
    assert stored_region.folder is not None
    (stored_region.folder / "assets.geojson").write_text("{")
    store.seed()
    assert [entry.id for entry in store.page(None, 10)] == ["echizen"]


def test_two_servers_may_seed_at_once(engine: Engine, tmp_path: Path, stored_region: Region) -> None:
    """Each region is there once, and neither server fails."""
    stores = [RegionStore(engine, read_service_settings(home=stored_region.folder.parents[1])) for _ in range(3)]
    errors: list[BaseException] = []

    def seed(store: RegionStore) -> None:
        try:
            store.seed()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=seed, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert [(entry.id, entry.revision) for entry in stores[0].page(None, 10)] == [("echizen", 1), ("testland", 1)]


def test_a_disk_that_is_full_leaves_no_half_snapshot(
    store: RegionStore, with_files: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error says what happened, nothing is left over, and it works once there is room again."""
    store.put(with_files)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "snapshot")

    with monkeypatch.context() as patched:
        patched.setattr(file_store.FileStore, "place", full)
        with pytest.raises(OSError, match="No space left"):
            store.snapshot(with_files.id)
    cache = store.home / "cache" / "snapshots"
    assert list(cache.iterdir()) == []
    assert store.snapshot(with_files.id) is not None


def test_packed_snapshots_are_unpacked_whole_or_not_at_all(
    store: RegionStore, with_files: Region, tmp_path: Path
) -> None:
    """Another machine gets the same folder; bytes that were changed on the way are refused."""
    store.put(with_files)
    ref = store.snapshot(with_files.id)
    assert ref is not None
    packed = pack(ref)
    there = unpack(packed, tmp_path / "worker")
    assert there.folder != ref.folder
    assert load_region(there.folder).assets == with_files.assets
    with pytest.raises(DamagedSnapshotError):
        unpack(packed[:-30], tmp_path / "other")
    broken = bytearray(packed)
    broken[len(packed) // 2] ^= 0xFF
    with pytest.raises(DamagedSnapshotError):
        unpack(bytes(broken), tmp_path / "third")
    assert find_snapshot(tmp_path / "third", ref.region_id, ref.data_version) is None


def test_old_snapshots_go_unless_they_are_needed(store: RegionStore, region: Region, tmp_path: Path) -> None:
    """Pruning keeps what it is told to keep, whatever its age."""
    home = store.home
    first = store.put(region).data_version
    store.snapshot(region.id)
    store.remove_asset(region.id, "fair", expected=None, key_id=None)
    second = store.snapshot(region.id)
    assert second is not None
    assert prune_snapshots(home, {second.data_version}, unused_s=-1) == [first]
    assert find_snapshot(home, region.id, second.data_version) is not None


def test_a_file_the_database_lost_is_an_error_not_an_answer(
    store: RegionStore, with_files: Region, engine: Engine, tmp_path: Path
) -> None:
    """A missing part is noticed by the fingerprint."""
    store.put(with_files)
    with writing(engine) as connection:
        connection.execute(sa.delete(file_parts).where(file_parts.c.number == 1))
    with pytest.raises(file_store.LostFileError):
        store.snapshot(with_files.id)


@pytest.mark.parametrize(("state", "is_kept"), [("running", True), ("succeeded", False)])
def test_files_of_an_import_go_once_it_has_ended(
    engine: Engine, settings: ServiceSettings, region: Region, state: str, is_kept: bool
) -> None:
    """Uploads are large, and nobody asks for them again."""
    clock = [NOW]
    store = RegionStore(engine, settings, now=lambda: clock[0])
    draft = region.model_copy(update={"assets": ()})
    version = store.keep_draft(draft, {"uploads/places.csv": io.BytesIO(b"name\n")})
    job_on(engine, region.id, version, kind="region-import", state=state)
    clock[0] += dt.timedelta(days=2)
    store.tidy()
    found = store.locate(region.id, version)
    assert (found is not None) is is_kept
    if found is not None:
        assert (found.folder / "uploads/places.csv").read_bytes() == b"name\n"
        assert load_region(found.folder).assets == ()


def test_what_a_dead_process_left_half_written_is_swept_away(store: RegionStore, region: Region) -> None:
    """Folders that were begun more than an hour ago go at the next start; those being written stay."""
    cache = store.home / "cache" / "snapshots"
    for name, age_s in (("old", 7_200), ("new", 60)):
        (cache / f".writing-{name}").mkdir(parents=True)
        (cache / f".writing-{name}" / "half").write_text("x")
        then = dt.datetime.now().timestamp() - age_s
        os.utime(cache / f".writing-{name}", (then, then))
    store.seed()
    assert [path.name for path in cache.iterdir()] == [".writing-new"]
