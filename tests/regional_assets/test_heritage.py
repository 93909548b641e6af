"""The Japan Heritage list."""

from __future__ import annotations

from pathlib import Path

import pytest

from regional_assets.errors import InputError
from regional_assets.model import Kind
from regional_assets.readers import read_heritage, read_municipal

HEADER = "pidx,jhno,pno,url,status,name,yomi,spot,lat,lng,zoom,image\n"


def _file(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "heritage.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows), "utf-8")
    return path


def test_properties_become_culture_assets(tmp_path: Path) -> None:
    """Status, place and position arrive; a national treasure draws more than an undesignated house."""
    result = read_heritage(
        _file(
            tmp_path,
            "1,39,1,https://example.jp/1/,国宝（建造物）,明通寺,みょうつうじ,福井県小浜市,35.45,135.79,18,https://a.jphttps://b.jp/x.jpg",
            "2,39,2,,未指定,旧北前船主邸,,福井県小浜市,,,,",
        ),
        licence="MIT",
    )
    treasure, house = result.assets
    assert {asset.kind for asset in result.assets} == {Kind.CULTURE}
    assert treasure.tags == ("temple", "heritage", "japan_heritage")
    assert (treasure.lon, treasure.lat, treasure.municipality) == (135.79, 35.45, "小浜市")
    assert treasure.appeal > house.appeal
    assert "appeal" in {flag.field for flag in treasure.assumed}
    assert treasure.photo is not None
    assert treasure.photo.url == "https://b.jp/x.jpg"
    assert (treasure.sources[0].row, treasure.sources[0].licence) == ("heritage.csv:2", "MIT")
    assert not house.has_position
    assert [problem.where for problem in result.warnings] == ["heritage.csv:3 lat"]


def test_dances_and_crafts_are_marked_as_intangible(tmp_path: Path) -> None:
    """What is no place says so."""
    result = read_heritage(_file(tmp_path, "1,1,1,,県指定(無形民俗),六斎念仏,,福井県小浜市,35.4,135.7,,"))
    assert "intangible" in result.assets[0].tags


def test_nameless_rows_are_refused(tmp_path: Path) -> None:
    """With line, column and reason."""
    result = read_heritage(_file(tmp_path, "1,1,1,,,,,福井県小浜市,35.4,135.7,,"))
    assert (result.rows, len(result.assets)) == (1, 0)
    assert result.refused[0].line("en") == "heritage.csv:2 name: has no name"


def test_other_prefectures_are_counted_not_lost(tmp_path: Path) -> None:
    """Left out on request, and said so; a prefecture that occurs nowhere is an error."""
    path = _file(tmp_path, "1,1,1,,,寺,,福井県小浜市,35.4,135.7,,", "2,1,1,,,社,,奈良県奈良市,34.6,135.8,,")
    result = read_heritage(path, prefecture="福井県")
    assert (result.rows, len(result.assets)) == (1, 1)
    assert "1 rows that do not mention" in result.warnings[0].message.en
    with pytest.raises(InputError, match="no row mentions '沖縄県'"):
        read_heritage(path, prefecture="沖縄県")


def test_another_table_is_refused(tmp_path: Path) -> None:
    """The message names the columns that are missing."""
    path = tmp_path / "x.csv"
    path.write_text("名称,緯度,経度\n寺,35,135\n", "utf-8")
    with pytest.raises(InputError, match="lacks columns: pidx, name, status, spot, lat, lng"):
        read_heritage(path)


@pytest.mark.shared_data
def test_the_real_list_is_read(shared: Path) -> None:
    """All 4,539 properties, 179 of them in Fukui; the municipal reader hands the file over."""
    path = shared / "data/heritage/japan-heritage_props_detail.csv"
    result = read_heritage(path)
    assert (result.rows, len(result.assets), result.refused) == (4539, 4539, ())
    assert sum(asset.has_position for asset in result.assets) == 3310
    assert len(read_heritage(path, prefecture="福井").assets) == 179
    assert read_municipal(path).dataset == "japan heritage"
