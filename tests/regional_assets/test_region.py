"""Region folders: read, written and found; everything wrong with one is told at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from regional_assets.errors import InputError, UnknownRegionError
from regional_assets.model import (
    Asset,
    CombinationRule,
    Kind,
    Name,
    Price,
    Region,
    Selector,
    Source,
    StreetSource,
    VisitMinutes,
)
from regional_assets.opening.model import Opening, WeeklyClosing
from regional_assets.region import find_region, load_region, region_folders, save_region

SOURCE = Source(name="test", licence="CC0")


def make_asset(asset_id: str, **fields: object) -> Asset:
    given: dict[str, object] = {
        "id": asset_id,
        "kind": Kind.CRAFT,
        "name": Name(ja="越前和紙の里", en="Echizen Washi Village"),
        "lon": 136.25,
        "lat": 35.9,
        "visit_minutes": VisitMinutes(min=20, typical=40, max=60),
        "sources": (SOURCE,),
        **fields,
    }
    return Asset.model_validate(given)


def make_region(**fields: object) -> Region:
    washi = make_asset(
        "washi",
        opening=Opening(osm="09:00-17:00", closed=(WeeklyClosing(weekdays=("tue",), if_holiday="next_weekday"),)),
        price=Price(adult=300, child=0),
        diet={"vegan": "unknown"},
    )
    lost = make_asset("lost", lon=None, lat=None, kind=Kind.FOOD)
    rule = CombinationRule(
        id="craft-food",
        left=Selector(kind=Kind.CRAFT),
        right=Selector(kind=Kind.FOOD),
        bonus=10,
        reason=Name(ja="器で食べる", en="Eat from the bowl"),
    )
    given: dict[str, object] = {
        "id": "small",
        "name": Name(ja="小さな地域", en="Small"),
        "notice": Name(ja="手で集めた", en="Compiled by hand"),
        "tags": {"washi": Name(ja="和紙", en="paper")},
        "assets": (washi, lost),
        "combinations": (rule,),
        "sources": (SOURCE,),
        **fields,
    }
    return Region.model_validate(given)


def test_saved_region_loads_as_it_was(tmp_path: Path) -> None:
    """Nothing is lost between save and load, and the folder is remembered."""
    region = make_region()
    save_region(region, tmp_path / "small")
    loaded = load_region(tmp_path / "small")
    assert loaded.folder == tmp_path / "small"
    assert loaded.model_copy(update={"folder": None}) == region


def test_assets_stand_one_per_line_with_null_geometry_for_unknown_positions(tmp_path: Path) -> None:
    """Each asset is one line of valid GeoJSON; an unknown position is null."""
    save_region(make_region(), tmp_path)
    text = (tmp_path / "assets.geojson").read_text(encoding="utf-8")
    collection = json.loads(text)
    assert len(text.splitlines()) == 2 + len(collection["features"])
    assert collection["features"][0]["geometry"] == {"type": "Point", "coordinates": [136.25, 35.9]}
    assert collection["features"][1]["geometry"] is None


def test_saving_elsewhere_takes_streets_and_timetables_along(tmp_path: Path) -> None:
    """Files that the region names are copied with it."""
    streets = StreetSource(mode="walk", file="streets/walk.npz", source=SOURCE)
    save_region(make_region(streets=(streets,), timetables=("timetables/bus",)), tmp_path / "a")
    (tmp_path / "a/streets").mkdir()
    (tmp_path / "a/streets/walk.npz").write_bytes(b"edges")
    (tmp_path / "a/timetables/bus").mkdir(parents=True)
    (tmp_path / "a/timetables/bus/stops.txt").write_text("stop_id", encoding="utf-8")
    save_region(load_region(tmp_path / "a"), tmp_path / "b")
    assert (tmp_path / "b/streets/walk.npz").read_bytes() == b"edges"
    assert (tmp_path / "b/timetables/bus/stops.txt").read_text(encoding="utf-8") == "stop_id"


def test_all_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    """A broken region names every file, feature, field and value in one error, in both languages."""
    save_region(make_region(), tmp_path)
    (tmp_path / "region.toml").write_text('id = "Not Good"\nname = { ja = "地域" }\ncolour = "red"\n', encoding="utf-8")
    collection = json.loads((tmp_path / "assets.geojson").read_text(encoding="utf-8"))
    first, second = collection["features"]
    first["properties"] |= {"kind": "temple", "appeal": 101}
    first["geometry"]["coordinates"] = [35.9, 136.25]
    second["properties"]["opening"] = {"closed": [{"type": "weekly", "weekdays": ["Mon"]}]}
    (tmp_path / "assets.geojson").write_text(json.dumps(collection), encoding="utf-8")
    (tmp_path / "combinations.toml").write_text('[[combinations]]\nid = "x"\nbonus = -1\n', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_region(tmp_path)
    wheres = " | ".join(problem.where for problem in caught.value.problems)
    for part in (
        "region.toml id",
        "region.toml colour",
        "feature 1 (washi) kind",
        "feature 1 (washi) appeal",
        "feature 1 (washi) lat",
        "feature 2 (lost) opening.closed[0].weekly.weekdays[0]",
        "combinations.toml combination 1 (x) bonus",
        "combinations.toml combination 1 (x) left",
    ):
        assert part in wheres
    assert all(problem.message.ja and problem.message.en for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("file", "content", "expected"),
    [
        ("assets.geojson", b"{", "is not JSON"),
        ("assets.geojson", b"[]", "FeatureCollection"),
        ("assets.geojson", b"[" * 100_000, "is not JSON"),
        ("assets.geojson", b'{"features": [7]}', "not a Feature"),
        ("assets.geojson", "和".encode("cp932"), "not UTF-8"),
        ("region.toml", b"id = ", "is not TOML"),
        ("region.toml", b'id="a"\nname={ja="a"}\ntime_zone="Asia/Atlantis"', "time zone"),
        ("region.toml", b'id="a"\nname={ja="a"}\ntimetables=["../../etc"]', "inside its folder"),
        ("combinations.toml", b"[combination]", "[[combinations]]"),
    ],
)
def test_broken_file_gives_one_clear_error(tmp_path: Path, file: str, content: bytes, expected: str) -> None:
    """A damaged file is named, with what is wrong with it."""
    save_region(make_region(), tmp_path)
    (tmp_path / file).write_bytes(content)
    with pytest.raises(InputError) as caught:
        load_region(tmp_path)
    assert len(caught.value.problems) == 1
    assert file in str(caught.value)
    assert expected in str(caught.value)


def test_missing_assets_file_is_named(tmp_path: Path) -> None:
    """A region folder without assets says which file is missing."""
    save_region(make_region(), tmp_path)
    (tmp_path / "assets.geojson").unlink()
    with pytest.raises(InputError, match=r"assets\.geojson: no such file"):
        load_region(tmp_path)


def test_same_id_twice_is_refused(tmp_path: Path) -> None:
    """Ids are unique; the error names both features."""
    save_region(make_region(), tmp_path)
    path = tmp_path / "assets.geojson"
    path.write_text(path.read_text(encoding="utf-8").replace('"id": "lost"', '"id": "washi"'), encoding="utf-8")
    with pytest.raises(InputError, match=r"feature 2 \(washi\) id: same id as feature 1"):
        load_region(tmp_path)


def test_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A save that breaks off leaves the old region readable and no scraps behind."""
    save_region(make_region(), tmp_path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    def fail(self: Path, target: Path) -> Path:
        msg = "disk full"
        raise OSError(msg)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        save_region(make_region(assets=()), tmp_path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_region_is_found_by_id_and_by_path(tmp_path: Path) -> None:
    """A stored region answers to its id, any folder to its path."""
    save_region(make_region(), tmp_path / "home/regions/small")
    save_region(make_region(id="other"), tmp_path / "elsewhere")
    assert find_region("small", tmp_path / "home").id == "small"
    assert find_region(str(tmp_path / "elsewhere"), None).id == "other"
    assert "small" in region_folders(tmp_path / "home")


def test_unknown_region_lists_those_that_exist(tmp_path: Path) -> None:
    """The error for an unknown name says what could have been meant."""
    save_region(make_region(), tmp_path / "regions/small")
    with pytest.raises(UnknownRegionError, match=r"no region 'atlantis'.*small"):
        find_region("atlantis", tmp_path)
    with pytest.raises(UnknownRegionError, match=r"no region\.toml"):
        load_region(tmp_path / "nowhere")


def test_loading_is_light() -> None:
    """Regions are loaded without any heavy package, so that planning starts fast."""
    heavy = "{'geopandas', 'pandas', 'numpy', 'shapely', 'osmium', 'pyarrow'}"
    code = f"import sys, regional_assets.region; print({heavy} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
