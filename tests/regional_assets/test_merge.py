"""Merging: one place, one asset; the best of each source; nothing joined that is two places."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regional_assets._similarity import plain_name, similarity
from regional_assets.merge import alike_pairs, merge_assets
from regional_assets.model import Asset, Assumption, Kind, Name, Photo, Price, Source, VisitMinutes
from regional_assets.opening.model import Opening
from regional_assets.readers.osm import read_osm

RULE = Name(ja="推定", en="guess")
METRE = 1 / 111_195  # degrees of latitude


def make(asset_id: str, name: str = "永平寺", north_m: float = 0.0, **fields: object) -> Asset:
    given: dict[str, object] = {
        "id": asset_id,
        "kind": Kind.CULTURE,
        "name": Name(ja=name),
        "lon": 136.3,
        "lat": 36.0 + north_m * METRE,
        "visit_minutes": VisitMinutes(min=10, typical=20, max=30),
        "sources": (Source(name=f"source of {asset_id}"),),
        **fields,
    }
    return Asset.model_validate(given)


def flags(*fields: str) -> tuple[Assumption, ...]:
    return tuple(Assumption(field=field, rule=RULE) for field in fields)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("兼六園（国指定特別名勝）", "兼六園"),
        ("特別名勝 兼六園", "兼六園"),
        ("曹洞宗大本山永平寺", "永平寺"),
        ("吉祥山 永平寺", "永平寺"),
        ("根來寺", "根来寺"),
        ("株式会社 龍泉刃物", "竜泉刃物"),
        ("ヨーロッパ軒", "よーろっぱ軒"),
        ("石川県海洋漁業科学館", "海洋漁業科学館"),
        ("ｃａｆｅ ＡＢＣ", "Cafe ABC"),
        ("三ツ石", "三ッ石"),
    ],
)
def test_spellings_of_one_name_are_alike(one: str, other: str) -> None:
    """Width, brackets, company forms, old characters, designations and sects do not matter."""
    assert similarity(one, other) >= 0.95


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("東塔", "西塔"),
        ("第1駐車場", "第2駐車場"),
        ("永平寺", "永平寺観光案内所"),
        ("鶴岡八幡宮", "鶴岡八幡宮駐車場"),
        ("長谷寺", "長谷寺宝物館"),
        ("県立美術館 本館", "県立美術館 別館"),
        ("山代温泉 古総湯", "山代温泉 総湯"),
        ("石川県立美術館", "石川県立歴史博物館"),
        ("芭蕉の句碑（寺町）", "芭蕉の句碑（那谷町）"),
    ],
)
def test_names_of_two_places_are_not_alike(one: str, other: str) -> None:
    """East and west, one and two, a temple and its car park are different places."""
    assert similarity(one, other) < 0.8


@settings(deadline=None, derandomize=True)
@given(one=st.text(max_size=12), other=st.text(max_size=12))
def test_similarity_is_symmetric_and_whole_for_itself(one: str, other: str) -> None:
    """Order does not matter, and a name is itself."""
    assert similarity(one, other) == similarity(other, one)
    assert 0.0 <= similarity(one, other) <= 1.0
    if plain_name(one):
        assert similarity(one, one) == 1.0


def test_long_odd_names_are_compared() -> None:
    """A name made to mislead a regular expression is compared all the same: backtracking would never end."""
    assert similarity("市" * 39 + "海東大寺", "東大寺") < 0.8
    assert similarity("山市" * 400 + "東大寺", "東大寺") < 0.8


def test_same_place_of_two_sources_becomes_one_with_the_best_of_both() -> None:
    """Stated beats assumed beats nothing; read hours beat text; facts are joined; both sources stay."""
    board = make(
        "board",
        opening=Opening(text="お問い合わせください", unread=("お問い合わせください",)),
        price=Price(adult=500),
        tags=("temple",),
        wheelchair="unknown",
        diet={"vegan": "unknown"},
        checked=True,
        assumed=flags("visit_minutes", "appeal"),
    )
    osm = make(
        "osm",
        north_m=50,
        name="曹洞宗大本山永平寺",
        opening=Opening(osm="08:30-16:30", text="08:30-16:30"),
        price=Price(text="fee=yes"),
        tags=("zen", "temple"),
        wheelchair="no",
        diet={"vegan": "yes"},
        visit_minutes=VisitMinutes(min=60, typical=90, max=120),
        appeal=85,
        url="https://example.org",
        photo=Photo(url="https://example.org/a.jpg"),
        assumed=flags("appeal"),
    ).model_copy(update={"name": Name(ja="曹洞宗大本山永平寺", en="Eiheiji")})
    result = merge_assets([[board], [osm]])
    (asset,) = result.assets
    assert asset.id == "board"
    assert asset.name == Name(ja="永平寺", en="Eiheiji")
    assert (asset.lat, asset.lon) == (board.lat, board.lon)
    assert asset.opening == osm.opening
    assert asset.price == Price(adult=500)
    assert asset.tags == ("temple", "zen")
    assert (asset.wheelchair, asset.diet) == ("no", {"vegan": "yes"})
    assert asset.visit_minutes.typical == 90
    assert (asset.appeal, asset.url, asset.photo) == (85, osm.url, osm.photo)
    assert not asset.checked
    assert [source.name for source in asset.sources] == ["source of board", "source of osm"]
    assert [flag.field for flag in asset.assumed] == ["appeal"]
    (pair,) = result.merged
    assert (pair.kept, pair.absorbed) == ("board", "osm")
    assert pair.distance_m == pytest.approx(50, abs=0.5)
    assert "95% alike, 50 m apart" in pair.why.en
    assert "距離" in pair.why.ja


def test_assumed_value_of_the_preferred_source_loses_against_a_stated_one() -> None:
    """The order of sources decides only among equals."""
    first = make("a", meals=("lunch",), assumed=flags("meals"))
    second = make("b", meals=("dinner",))
    assert merge_assets([[first], [second]]).assets[0].meals == ("dinner",)
    assert merge_assets([[first], [second]]).assets[0].assumed == ()
    assert merge_assets([[second], [first]]).assets[0].meals == ("dinner",)


def test_two_assets_of_one_source_are_never_joined() -> None:
    """Not directly, and not through an asset of another source."""
    result = merge_assets([[make("a1"), make("a2", north_m=10)], [make("b", north_m=4)]])
    assert [asset.id for asset in result.assets] == ["a1", "a2"]
    assert [(pair.kept, pair.absorbed) for pair in result.merged] == [("a1", "b")]
    assert [source.name for source in result.assets[0].sources] == ["source of a1", "source of b"]


def test_chains_over_three_sources_become_one() -> None:
    """A is B and B is C: one asset with three sources, even where A and C alone are too far apart."""
    result = merge_assets([[make("a")], [make("b", north_m=300)], [make("c", north_m=600)]])
    (asset,) = result.assets
    assert len(asset.sources) == 3


@pytest.mark.parametrize(("north_m", "count"), [(350, 1), (450, 2)])
def test_distance_limits_the_same_name(north_m: float, count: int) -> None:
    """The same name counts as the same place only within the stated distance."""
    assert len(merge_assets([[make("a")], [make("b", north_m=north_m)]]).assets) == count


@pytest.mark.parametrize(("north_m", "count"), [(50, 1), (350, 2)])
def test_similar_names_need_to_be_nearer(north_m: float, count: int) -> None:
    """The less alike the names, the nearer the places must be."""
    first, second = make("a", "越前そばの里"), make("b", "越前おそばの里", north_m=north_m)
    assert len(merge_assets([[first], [second]]).assets) == count


def test_kinds_that_do_not_go_together_stay_apart() -> None:
    """An inn is not its restaurant, an event not its hall; a park may be culture to one and nature to another."""
    apart = merge_assets([[make("a", kind=Kind.LODGING)], [make("b", kind=Kind.FOOD)]])
    assert len(apart.assets) == 2
    joined = merge_assets([[make("a", kind=Kind.CULTURE)], [make("b", kind=Kind.NATURE)]])
    assert [asset.kind for asset in joined.assets] == [Kind.CULTURE]


def test_missing_position_is_filled_from_the_same_name_in_the_same_municipality() -> None:
    """Without a position the municipality must agree; brackets then tell places apart."""
    lost = make("a", lon=None, lat=None, municipality="永平寺町")
    result = merge_assets([[lost], [make("b", municipality="永平寺町")]])
    assert [asset.lat for asset in result.assets] == [36.0]
    assert result.merged[0].distance_m is None
    assert "same municipality" in result.merged[0].why.en
    assert len(merge_assets([[lost], [make("b", municipality="福井市")]]).assets) == 2
    assert len(merge_assets([[lost], [make("b")]]).assets) == 2


def test_taken_ids_are_changed_and_told() -> None:
    """Two places with one id keep apart, and the new id is reported."""
    result = merge_assets([[make("a")], [make("a", "平泉寺", north_m=5000)]])
    assert [asset.id for asset in result.assets] == ["a", "a-2"]
    assert result.renamed == (("a", "a-2"),)


def test_nothing_to_merge_changes_nothing() -> None:
    """One source comes back as it was; no source gives nothing."""
    assets = (make("a"), make("b", "平泉寺"))
    assert merge_assets([assets]).assets == assets
    assert merge_assets([]).assets == ()


def _listed(path: Path, prefix: str, name: str, lat: str, lon: str) -> list[Asset]:
    """Read just names and positions; the readers have tests of their own."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row[name].strip()]
    return [
        make(
            f"{prefix}.{number}",
            row[name],
            lat=float(row[lat]) if row[lat] and row[lon] else None,
            lon=float(row[lon]) if row[lat] and row[lon] else None,
        )
        for number, row in enumerate(rows)
    ]


@pytest.mark.shared_data
def test_heritage_list_meets_the_map(shared: Path) -> None:
    """Real temples of the Japan Heritage list are found on the map of Kamakura, and no car park is taken for one."""
    heritage = _listed(shared / "data/heritage/japan-heritage_props_detail.csv", "jh", "name", "lat", "lng")
    osm = read_osm(sorted((shared / "data/kamakura/osm").glob("*.osm"))).assets
    result = merge_assets([osm, heritage])
    assert len(result.assets) + len(result.merged) == len(osm) + len(heritage)
    assert {"建長寺", "明月院", "長谷寺", "鶴岡八幡宮", "御霊神社"} <= {pair.absorbed_name.ja for pair in result.merged}
    assert not any("駐車場" in (pair.kept_name.ja or "") for pair in result.merged)


@pytest.mark.shared_data
def test_two_lists_of_one_prefecture_meet(shared: Path) -> None:
    """The tourism and the public facility list of Ishikawa share some thirty places, judged by eye."""
    folder = shared / "data/ishikawa/csv"
    tourism = _listed(folder / "170003_tourism.csv", "t", "名称", "緯度", "経度")
    facilities = _listed(folder / "170003_public_facility.csv", "f", "名称", "緯度", "経度")
    result = merge_assets([tourism, facilities])
    assert 30 <= len(result.merged) <= 40
    pairs = {(pair.kept_name.ja, pair.absorbed_name.ja) for pair in result.merged}
    assert ("兼六園（国指定特別名勝）", "兼六園") in pairs
    assert ("石川県海洋漁業科学館", "海洋漁業科学館") in pairs
    # The prefecture's art museum stands 208 m from its history museum.
    assert not any({"石川県立美術館", "石川県立歴史博物館"} == set(pair) for pair in pairs)
    doubles = alike_pairs(tourism)
    assert len(doubles) < 5
