"""`meguri region`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli import app
from api.exports.table import harmless
from regional_assets.frames import read_assets
from regional_assets.model import Region
from regional_assets.region import load_region
from routing.streets import load_network

OSM_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">\n'
ROWS, COLUMNS = 4, 4
CROSSINGS = ROWS * COLUMNS - 4  # the four corners are bends, not crossings


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def answer(*words: object) -> dict[str, Any]:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    content: dict[str, Any] = json.loads(result.stdout)
    return content


def _osm(path: Path, *, streets: bool = True) -> Path:
    """Write a grid town of 16 crossings with a temple and a nameless museum."""
    nodes = [
        (row * COLUMNS + column + 1, 35.9 + row * 0.002, 136.2 + column * 0.002)
        for row in range(ROWS)
        for column in range(COLUMNS)
    ]
    lines = [f'<node id="{i}" lat="{lat:.4f}" lon="{lon:.4f}" version="1"/>' for i, lat, lon in nodes]
    lines += [
        '<node id="100" lat="35.9011" lon="136.2011" version="1"><tag k="amenity" v="place_of_worship"/>'
        '<tag k="religion" v="buddhist"/><tag k="name" v="格子寺"/><tag k="opening_hours" v="08:00-17:00"/></node>',
        '<node id="101" lat="35.9031" lon="136.2031" version="1"><tag k="tourism" v="museum"/></node>',
    ]
    if streets:
        ways: list[Sequence[int]] = [range(row * COLUMNS + 1, row * COLUMNS + COLUMNS + 1) for row in range(ROWS)]
        ways += [range(column + 1, ROWS * COLUMNS + 1, COLUMNS) for column in range(COLUMNS)]
        for number, way in enumerate(ways, start=1000):
            refs = "".join(f'<nd ref="{node}"/>' for node in way)
            lines.append(f'<way id="{number}" version="1">{refs}<tag k="highway" v="residential"/></way>')
    path.write_text(OSM_HEAD + "\n".join(lines) + "\n</osm>\n", encoding="utf-8")
    return path


def test_show_lists_places_with_their_hours(stored_region: Region) -> None:
    """Hours are those of the date; unknown stays unknown."""
    shown = run("region", "show", "testland", "--date", "2026-12-05", "--kind", "food")
    assert shown.exit_code == 0
    assert "11:00–14:30" in shown.stdout
    assert "unknown" in shown.stdout
    assert "Lacquerware" not in shown.stdout
    content = answer("region", "show", "testland", "--date", "2026-12-05")
    assert len(content["assets"]) == len(stored_region.assets)
    status = {asset["id"]: asset["hours"]["status"] for asset in content["assets"]}
    assert (status["soba"], status["cutlet"]) == ("open", "unknown")


def test_show_speaks_japanese(stored_region: Region) -> None:
    """`--lang ja` goes before the environment."""
    assert stored_region.notice is not None
    shown = run("region", "show", "testland", "--lang", "ja")
    assert stored_region.notice.in_("ja") in shown.stdout
    assert "工芸" in shown.stdout


@pytest.mark.parametrize("command", ["show", "check", "streets", "export"])
def test_an_unknown_region_is_named_with_those_that_exist(command: str, tmp_path: Path) -> None:
    """One line, exit code 2, no traceback."""
    more = [tmp_path / "out.csv"] if command == "export" else ["--osm", tmp_path / "x"] if command == "streets" else []
    result = run("region", command, "atlantis", *more)
    assert result.exit_code == 2
    assert "atlantis" in result.stderr
    assert "echizen" in result.stderr
    assert "Traceback" not in result.output


def test_errors_are_json_too(tmp_path: Path) -> None:
    """With `--json`, standard output holds the problems in both languages."""
    result = run("region", "show", "atlantis", "--json")
    content = json.loads(result.stdout)
    assert result.exit_code == content["exit_code"] == 2
    assert set(content["errors"][0]["message"]) == {"ja", "en"}


def test_check_tells_what_to_repair(stored_region: Region) -> None:
    """Findings come worst first, with the same counts in both forms."""
    content = answer("region", "check", "testland")
    printed = run("region", "check", "testland")
    assert printed.exit_code == 0
    assert content["findings"]
    assert content["fill"]
    for code, count in content["counts"].items():
        assert f"[{code}]" in printed.stdout
        assert count > 0


def test_build_makes_a_region_with_streets_and_a_report(tmp_path: Path) -> None:
    """Every row is accounted for; the region can be loaded, and names OpenStreetMap."""
    osm = _osm(tmp_path / "town.osm")
    content = answer("region", "build", "town", "--osm", osm, "--name-ja", "格子町", "--mode", "walk")
    (source,) = content["inputs"]
    assert source["rows"] == source["accepted"] + len(source["refused"]) == 2
    assert content["streets"]["walk"]["nodes"] == CROSSINGS
    region = load_region(tmp_path / "home" / "regions" / "town")
    assert [asset.name.ja for asset in region.assets] == ["格子寺"]
    assert region.name.ja == "格子町"
    assert any("OpenStreetMap" in publisher.name for publisher in region.sources)
    assert region.folder is not None
    assert load_network(region.folder / region.streets[0].file).node_count == CROSSINGS
    report = json.loads((region.folder / "build-report.json").read_text(encoding="utf-8"))
    assert report["inputs"] == content["inputs"]


def test_build_tells_people_what_it_did(tmp_path: Path) -> None:
    """Counts, refusals with their reason and streets appear."""
    result = run("region", "build", "town", "--osm", _osm(tmp_path / "town.osm"))
    assert result.exit_code == 0, result.output
    assert "town.osm: rows refused: 1" in result.stdout
    assert "has no name" in result.stdout
    assert "Streets on foot: 12 nodes" in result.stdout
    assert "OpenStreetMap" in result.stdout


def test_build_without_streets_says_so_and_goes_on(tmp_path: Path) -> None:
    """Places without streets are a region: travel in it is estimated."""
    result = run("region", "build", "town", "--osm", _osm(tmp_path / "bare.osm", streets=False))
    assert result.exit_code == 0, result.output
    assert "note:" in result.stdout
    assert load_region(tmp_path / "home" / "regions" / "town").streets == ()


def test_build_refuses_streets_that_were_asked_for_and_are_not_there(tmp_path: Path) -> None:
    """A mode asked for by name is a promise; nothing is written."""
    result = run("region", "build", "town", "--osm", _osm(tmp_path / "bare.osm", streets=False), "--mode", "walk")
    assert result.exit_code == 2
    assert "bare.osm" in result.stderr
    assert not (tmp_path / "home" / "regions" / "town").exists()


def test_build_replaces_only_when_told(tmp_path: Path) -> None:
    """A region is not lost by accident."""
    osm = _osm(tmp_path / "town.osm", streets=False)
    assert run("region", "build", "town", "--osm", osm).exit_code == 0
    refused = run("region", "build", "town", "--osm", osm)
    assert refused.exit_code == 2
    assert "--force" in refused.stderr
    assert run("region", "build", "town", "--osm", osm, "--force").exit_code == 0
    assert [path.name for path in (tmp_path / "home" / "regions").iterdir()] == ["town"]


def test_build_finds_all_problems_at_once(tmp_path: Path) -> None:
    """A bad name, a missing file, a broken one and a stray option are four lines."""
    broken = tmp_path / "broken.osm"
    broken.write_text("<osm><node")
    result = run(
        *("region", "build", "Bad Name", "--osm", broken, "--geofile", tmp_path / "nothing.geojson"),
        *("--prefecture", "福井", "--gtfs", tmp_path / "nothing.zip"),
    )
    assert result.exit_code == 2
    for word in ("Bad Name", "broken.osm", "nothing.geojson", "--heritage", "nothing.zip"):
        assert word in result.stderr
    assert "Traceback" not in result.output


def test_build_needs_an_input() -> None:
    """An empty region is refused with the ways to fill it."""
    result = run("region", "build", "empty")
    assert result.exit_code == 2
    assert "--osm" in result.stderr


def test_streets_are_added_to_the_users_copy_of_a_bundled_region(tmp_path: Path) -> None:
    """The installation is never written to."""
    content = answer("region", "streets", "echizen", "--osm", _osm(tmp_path / "town.osm"), "--mode", "walk,car")
    copied = load_region(tmp_path / "home" / "regions" / "echizen")
    assert content["folder"] == str(copied.folder)
    assert {entry.mode for entry in copied.streets} == {"walk", "car"}
    assert len(copied.assets) >= 120
    assert copied.combinations


def test_streets_that_cannot_be_built_leave_no_copy(tmp_path: Path) -> None:
    """An OSM file with no streets is one message, and the bundled region stays the one in use."""
    result = run("region", "streets", "echizen", "--osm", _osm(tmp_path / "bare.osm", streets=False))
    assert result.exit_code == 2
    assert "bare.osm" in result.stderr
    assert not (tmp_path / "home" / "regions").exists()


@pytest.mark.parametrize("words", [[], ["--osm", "a.osm", "--place", "Sabae"]])
def test_streets_need_exactly_one_input(stored_region: Region, words: list[str]) -> None:
    """None, and more than one, are refused."""
    result = run("region", "streets", stored_region.id, *words)
    assert result.exit_code == 2
    assert "--edges" in result.stderr


def test_an_unknown_mode_is_refused(stored_region: Region, tmp_path: Path) -> None:
    """The accepted ones are told."""
    result = run("region", "streets", stored_region.id, "--osm", tmp_path / "x.osm", "--mode", "hovercraft")
    assert result.exit_code == 2
    assert "walk, bicycle, car" in result.stderr


@pytest.mark.parametrize("name", ["out.geojson", "out.gpkg", "out.parquet"])
def test_export_keeps_every_place(stored_region: Region, tmp_path: Path, name: str) -> None:
    """What is written can be read again without loss."""
    assert run("region", "export", stored_region.id, tmp_path / name).exit_code == 0
    assert read_assets(tmp_path / name) == stored_region.assets


def test_export_as_a_spreadsheet(stored_region: Region, tmp_path: Path) -> None:
    """One row per place, Japanese intact."""
    content = answer("region", "export", stored_region.id, tmp_path / "out.csv", "--format", "csv")
    text = (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert content["assets"] == len(rows) == len(stored_region.assets)
    assert rows[0]["name_ja"] == "鯖江駅"


@pytest.mark.parametrize("cell", ["=1+1", "+81", "-x", "@SUM", "\tx", "＝1"])
def test_formulas_are_neutralised(cell: str) -> None:
    """A spreadsheet shows the text and does not run it."""
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["永平寺", "9:00-17:00", -1.5, None])
def test_other_cells_stay_as_they_are(cell: str | float | None) -> None:
    """Numbers stay numbers."""
    assert harmless(cell) == cell


def test_export_refuses_an_ending_that_does_not_fit(stored_region: Region, tmp_path: Path) -> None:
    """The accepted endings are told."""
    result = run("region", "export", stored_region.id, tmp_path / "missing" / "out.xlsx")
    assert result.exit_code == 2
    assert ".gpkg" in result.stderr
    assert "missing" in result.stderr
