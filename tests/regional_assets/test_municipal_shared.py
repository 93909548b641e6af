"""Real municipal files: nothing crashes, rows add up, hours and prices are understood."""

from __future__ import annotations

from pathlib import Path

import pytest

from regional_assets.errors import InputError
from regional_assets.model import Asset, Kind
from regional_assets.opening import understood
from regional_assets.prices import price_known, price_understood, read_price
from regional_assets.readers import read_municipal
from regional_assets.readers.municipal._table import read_table

pytestmark = pytest.mark.shared_data

ISHIKAWA = "data/ishikawa/csv/170003_tourism.csv"
EXPECTED = {
    # file: (kind of data set, rows, accepted)
    "ishikawa/csv/170003_open_data_list.csv": ("catalogue G2", 115, 0),
    "ishikawa/csv/170003_public_facility.csv": ("facility G2", 87, 83),
    "ishikawa/csv/170003_public_toilet.csv": ("toilet G2", 103, 103),
    "ishikawa/csv/170003_public_wireless_lan.csv": ("wifi G2", 9, 9),
    "ishikawa/csv/170003_tourism.csv": ("tourism G2", 1346, 1345),
    "ishikawa/csv/chisanchisyo_shop.csv": ("other", 819, 819),
    "ishikawa/csv/kanazawa-hotels-prices.csv": ("other", 10, 10),
    "ishikawa/csv/kanazawa-poi.csv": ("other", 5, 5),
    "ishikawa/csv/michinoeki.csv": ("other", 26, 26),
    "ishikawa/csv/tyokubaisyo.csv": ("other", 104, 104),
    "yamaguchi-ube/csv/12_352063_event.csv": ("event G1", 23, 23),
    "yamaguchi-ube/csv/2311.csv": ("tourism G1", 18, 18),
    "yamaguchi-ube/csv/2_.csv": ("tourism G1", 18, 18),
    "yamaguchi-ube/csv/3101.csv": ("tourism G1", 16, 16),
    "yamaguchi-ube/csv/350001_event.csv": ("event G1", 365, 350),
    "yamaguchi-ube/csv/350001_tourism.csv": ("tourism G1", 792, 792),
    "yamaguchi-ube/csv/352021_ube_event.csv": ("event G1", 183, 183),
    "yamaguchi-ube/csv/352071_event.csv": ("event G2", 30, 30),
    "yamaguchi-ube/csv/352071_tourism.csv": ("tourism G2", 68, 68),
    "yamaguchi-ube/csv/352110_tourism.csv": ("tourism G2", 40, 40),
    "yamaguchi-ube/csv/352161_tourism.csv": ("tourism G1", 4, 4),
    "yamaguchi-ube/csv/353051_tourism.csv": ("tourism G1", 15, 15),
    "yamaguchi-ube/csv/kankospot.csv": ("other", 33, 32),
    "yamaguchi-ube/csv/tamokutekitoile.csv": ("other", 66, 66),
    "yamaguchi-ube/csv/tokiwaparklist.csv": ("other", 115, 115),
    "yamaguchi-ube/csv/ubegenkir4.3.15.csv": ("other", 56, 44),
    "yamaguchi-ube/csv/ubehotel.csv": ("other", 14, 14),
    "yamaguchi-ube/csv/uberamen.csv": ("other", 15, 15),
    "wakayama/csv/300004_open_data_list.csv": ("catalogue G1", 92, 0),
    "wakayama/csv/nankikumano_geopark_sites.csv": ("other", 107, 107),
    "wakayama/csv/wakayama_tourist_toilets.csv": ("other", 498, 498),
    "toyama-west/csv/toyama-opendata_eatery.csv.gz": ("food", 12880, 9684),
    "heritage/japan-heritage_props_detail.csv": ("japan heritage", 4539, 4539),
}


@pytest.fixture(scope="module")
def ishikawa(shared: Path) -> tuple[Asset, ...]:
    """Return the assets of the 1,346 rows of Ishikawa."""
    return read_municipal(shared / ISHIKAWA).assets


@pytest.mark.parametrize("name", list(EXPECTED))
def test_every_real_file_is_read(shared: Path, name: str) -> None:
    """Kind of data set and counts are as known, each refused row has its line, and ids are unique."""
    result = read_municipal(shared / "data" / name)
    assert (result.dataset, result.rows, len(result.assets)) == EXPECTED[name]
    assert result.rows == len(result.assets) + len(result.refused)
    assert all(problem.where.startswith(Path(name).name) for problem in result.refused)
    assert len({asset.id for asset in result.assets}) == len(result.assets)


def test_no_real_file_is_left_out(shared: Path) -> None:
    """Every file of the folders is either read above or a spreadsheet, which says so."""
    for folder in ("ishikawa", "yamaguchi-ube", "wakayama"):
        for path in sorted((shared / "data" / folder / "csv").iterdir()):
            if path.suffix == ".csv":
                assert f"{folder}/csv/{path.name}" in EXPECTED
            else:
                with pytest.raises(InputError, match="spreadsheet"):
                    read_municipal(path)


def test_hours_of_ishikawa_are_understood(ishikawa: tuple[Asset, ...]) -> None:
    """At least 95 % of the 809 hour texts."""
    openings = [asset.opening for asset in ishikawa if asset.opening is not None]
    assert len(openings) == 809
    assert sum(understood(opening) for opening in openings) >= 0.95 * 809


def test_prices_of_ishikawa_are_understood(shared: Path) -> None:
    """At least 90 % of the 731 price texts; of those that state an amount, at least 97 % give a price."""
    texts = [row.cells["料金(基本)"] for row in read_table(shared / ISHIKAWA).rows if row.cells.get("料金(基本)")]
    assert len(texts) == 731
    results = [read_price(text) for text in texts]
    assert sum(price_understood(price, unread) for price, unread in results) >= 0.90 * 731
    stating = [result for text, result in zip(texts, results, strict=True) if "円" in text or "無料" in text]
    assert sum(price_known(price) for price, _ in stating) >= 0.97 * len(stating)


@pytest.mark.parametrize(
    ("name", "kind", "adult"),
    [
        ("兼六園（国指定特別名勝）", Kind.CULTURE, 320),
        ("ゆけむりの宿 美湾荘", Kind.LODGING, 14850),
        ("加賀 伝統工芸村 ゆのくにの森", Kind.CRAFT, 550),
        ("成巽閣（国指定重要文化財）", Kind.CULTURE, 700),
        ("珠洲市立珠洲焼資料館", Kind.CULTURE, 330),
        ("杜の中の工房 北陶", Kind.CRAFT, 5000),
        ("綿ヶ滝", Kind.NATURE, None),
        ("近江町市場", Kind.FOOD, 0),
    ],
)
def test_known_places_are_what_they_are(ishikawa: tuple[Asset, ...], name: str, kind: Kind, adult: int | None) -> None:
    """Kind and price of places that anybody can check."""
    asset = next(asset for asset in ishikawa if asset.name.ja == name)
    assert (asset.kind, asset.price.adult) == (kind, adult)


def test_gaps_stay_gaps(ishikawa: tuple[Asset, ...]) -> None:
    """The 73 rows without a position stay without one, and no hours are made up."""
    assert sum(not asset.has_position for asset in ishikawa) == 73
    assert sum(asset.opening is None for asset in ishikawa) == 1345 - 809


def test_cp932_gives_the_same_assets(shared: Path, tmp_path: Path) -> None:
    """The same file in the other usual encoding is read alike."""
    original = shared / "data/yamaguchi-ube/csv/350001_tourism.csv"
    # A handful of characters do not exist in CP932: both sides go through it once.
    data = original.read_bytes().decode("utf-8-sig").encode("cp932", "ignore")
    for folder, content in {"a": data, "b": data.decode("cp932").encode("utf-8-sig")}.items():
        (tmp_path / folder).mkdir()
        (tmp_path / folder / original.name).write_bytes(content)
    assert read_municipal(tmp_path / "a" / original.name) == read_municipal(tmp_path / "b" / original.name)


def test_events_keep_their_vague_dates(shared: Path) -> None:
    """「10月中旬」 and 「未定」 give no dates, a warning each, and stay readable."""
    result = read_municipal(shared / "data/yamaguchi-ube/csv/352071_event.csv")
    assert not any(asset.dates for asset in result.assets)
    assert sum("no certain dates" in problem.message.en for problem in result.warnings) == 30
    assert any("10月中旬" in asset.description.in_("ja") for asset in result.assets if asset.description)
