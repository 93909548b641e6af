"""Stored networks: exact when whole, never trusted when not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from routing.errors import NetworkCacheError, RoutingError
from routing.streets import StreetNetwork, build_from_osm, load_network, save_network, travel_matrix

TOWN = Path(__file__).parents[1] / "data" / "streets"


@pytest.fixture(scope="module")
def town() -> StreetNetwork:
    """Return the handmade town."""
    return build_from_osm([TOWN / "west.osm", TOWN / "east.osm"], "walk")


@pytest.fixture
def stored(town: StreetNetwork, tmp_path: Path) -> Path:
    """Return the town on disk."""
    return save_network(town, tmp_path / "deep" / "town.npz")


def test_network_comes_back_exactly(town: StreetNetwork, stored: Path) -> None:
    """Arrays, report, source and licence are those that were stored; nothing else lies beside the file."""
    back = load_network(stored)
    assert back.content_hash == town.content_hash
    assert back.report == town.report
    assert (back.mode, back.source, back.licence) == ("walk", "© OpenStreetMap contributors", "ODbL-1.0")
    for name, array in town.arrays().items():
        np.testing.assert_array_equal(getattr(back, name), array)
    assert [path.name for path in stored.parent.iterdir()] == ["town.npz"]
    where = [135.0, 135.003], [35.0, 35.001]
    np.testing.assert_array_equal(travel_matrix(back, *where).seconds, travel_matrix(town, *where).seconds)


def test_every_damaged_byte_is_noticed(stored: Path) -> None:
    """Wherever a byte is turned, the file is refused or the network is the same (slack inside the archive)."""
    whole = load_network(stored).content_hash
    content = bytearray(stored.read_bytes())
    refused = 0
    for position in range(0, len(content), 61):
        damaged = content.copy()
        damaged[position] ^= 0xFF
        stored.write_bytes(damaged)
        try:
            assert load_network(stored).content_hash == whole
        except NetworkCacheError:
            refused += 1
    assert refused > 20


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x93NUMPY\x01\x00", b"hello", b"\x80\x04N."])
def test_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """Whatever lies there, the caller hears one error that means: build it anew."""
    path = tmp_path / "other.npz"
    path.write_bytes(content)
    with pytest.raises(NetworkCacheError) as caught:
        load_network(path)
    assert caught.value.path == path
    assert isinstance(caught.value, RoutingError)


def test_missing_cut_and_folder_are_refused(stored: Path, tmp_path: Path) -> None:
    """No file, half a file and a folder are all the same to the caller."""
    half = tmp_path / "half.npz"
    half.write_bytes(stored.read_bytes()[:-200])
    for path in (tmp_path / "none.npz", half, tmp_path):
        with pytest.raises(NetworkCacheError):
            load_network(path)


def rewrite(path: Path, arrays: dict[str, np.ndarray], **meta: object) -> None:
    """Store changed arrays or meta in the place of a network."""
    with np.load(path) as stored:
        values = {name: stored[name] for name in stored.files} | arrays
    header = json.loads(values["header"].tobytes()) | meta
    values["header"] = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **values)


@pytest.mark.parametrize(
    "meta", [{"version": 0}, {"format": "other"}, {"mode": "rocket"}, {"hash": "0"}, {"report": 1}]
)
def test_other_version_or_label_is_refused(stored: Path, meta: dict[str, object]) -> None:
    """An older version, a foreign label and a false hash are not taken for a network."""
    rewrite(stored, {}, **meta)
    with pytest.raises(NetworkCacheError):
        load_network(stored)


def test_arrays_that_do_not_belong_together_are_refused(stored: Path, town: StreetNetwork) -> None:
    """Edges to nodes that are not there, and arrays cut short or of another type, never get as far as a search."""
    changes = (
        {"edge_to": town.edge_to + 1000},
        {"edge_seconds": town.edge_seconds[:-1]},
        {"edge_length_m": town.edge_length_m.astype(np.float64)},
        {"edge_seconds": town.edge_seconds / 2},
    )
    content = stored.read_bytes()
    for change in changes:
        stored.write_bytes(content)
        rewrite(stored, change)
        with pytest.raises(NetworkCacheError):
            load_network(stored)


def test_failed_write_leaves_the_old_file(town: StreetNetwork, stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk in the middle of writing neither harms what was there nor leaves rubbish."""

    def full(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(OSError, match="no space"):
        save_network(town, stored)
    assert [path.name for path in stored.parent.iterdir()] == ["town.npz"]
    assert load_network(stored).content_hash == town.content_hash


def loaded_modules(code: str) -> set[str]:
    """Return the top-level modules a fresh interpreter has after running some code."""
    ask = f"{code}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", ask], cwd=root, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


HEAVY = {"geopandas", "osmnx", "networkx", "pandas", "shapely", "osmium", "pyogrio", "pyproj", "requests", "numba"}


def test_estimates_load_numpy_alone() -> None:
    """Estimating travel keeps the command line quick: no scipy, no map libraries."""
    modules = loaded_modules("from routing.streets import estimate_matrix; estimate_matrix([0, 1], [0, 1], 'walk')")
    assert not modules & (HEAVY | {"scipy"})


def test_stored_network_and_its_table_load_no_map_libraries(stored: Path) -> None:
    """A second plan in a known region reads arrays and searches them with scipy.sparse, nothing more."""
    code = (
        "from routing.streets import load_network, travel_matrix\n"
        f"table = travel_matrix(load_network({str(stored)!r}), [135.0, 135.003], [35.0, 35.001])\n"
        "table.path(0, 1)\n"
        "import sys; assert 'scipy.spatial' not in sys.modules and 'scipy.stats' not in sys.modules"
    )
    assert not loaded_modules(code) & HEAVY
