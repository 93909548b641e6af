"""OpenStreetMap files: what becomes an asset, what is refused, and what breaks."""

from __future__ import annotations

import bz2
import socket
from pathlib import Path

import pytest

from regional_assets.defaults import CATEGORIES
from regional_assets.errors import InputError
from regional_assets.model import Asset, Kind
from regional_assets.readers._osm_kinds import kinds_table
from regional_assets.readers.osm import read_osm, read_osm_place
from regional_assets.report import ReadResult


def node(number: int, lon: float = 136.2, lat: float = 35.9, **tags: str) -> str:
    inner = "".join(f'<tag k="{key.replace("__", ":")}" v="{value}"/>' for key, value in tags.items())
    return f'<node id="{number}" version="1" lat="{lat}" lon="{lon}">{inner}</node>'


def way(number: int, nodes: list[int], **tags: str) -> str:
    refs = "".join(f'<nd ref="{ref}"/>' for ref in nodes)
    inner = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
    return f'<way id="{number}" version="1">{refs}{inner}</way>'


def write(path: Path, *elements: str, head: str = "") -> Path:
    text = f'<?xml version="1.0" encoding="UTF-8"?>{head}<osm version="0.6">{"".join(elements)}</osm>'
    path.write_text(text, encoding="utf-8")
    return path


def read_one(tmp_path: Path, **tags: str) -> Asset:
    result = read_osm(write(tmp_path / "one.osm", node(1, **tags)))
    assert len(result.assets) == 1, result.refused
    return result.assets[0]


def only_problem(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_osm(path)
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].message.ja
    return str(caught.value)


@pytest.mark.parametrize(
    ("tags", "kind", "first_tag"),
    [
        ({"craft": "pottery"}, Kind.CRAFT, "workshop"),
        ({"shop": "craft"}, Kind.CRAFT, "craft_shop"),
        ({"craft": "brewery"}, Kind.FOOD, "brewery"),
        ({"tourism": "museum"}, Kind.CULTURE, "museum"),
        ({"tourism": "viewpoint"}, Kind.NATURE, "viewpoint"),
        ({"tourism": "hotel", "amenity": "restaurant"}, Kind.LODGING, "hotel"),
        ({"historic": "castle"}, Kind.CULTURE, "castle"),
        ({"amenity": "place_of_worship", "religion": "shinto"}, Kind.CULTURE, "shrine"),
        ({"amenity": "restaurant", "cuisine": "soba"}, Kind.FOOD, "soba"),
        ({"amenity": "cafe"}, Kind.FOOD, "cafe"),
        ({"amenity": "marketplace"}, Kind.FOOD, "market"),
        ({"amenity": "public_bath", "bath__type": "onsen"}, Kind.CULTURE, "onsen"),
        ({"natural": "peak"}, Kind.NATURE, "mountain"),
        ({"leisure": "park"}, Kind.NATURE, "park"),
        ({"railway": "station"}, Kind.HUB, "station"),
        ({"amenity": "bus_station"}, Kind.HUB, "bus_stop"),
        ({"amenity": "parking"}, Kind.HUB, "parking"),
    ],
)
def test_tags_decide_the_kind(tmp_path: Path, tags: dict[str, str], kind: Kind, first_tag: str) -> None:
    """Each tag of the design page makes the kind and category that it should."""
    asset = read_one(tmp_path, name="名", **tags)
    assert (asset.kind, asset.tags[0]) == (kind, first_tag)


def test_every_category_of_the_table_has_defaults() -> None:
    """No rule names a category for which nothing is known."""
    categories = {rule.category for rule in kinds_table().rules if rule.category}
    assert categories <= set(CATEGORIES)


def test_facts_are_read_and_assumptions_flagged(tmp_path: Path) -> None:
    """Names, hours, prices, access, diet and cuisine come over; what we filled in is listed."""
    asset = read_one(
        tmp_path,
        amenity="restaurant",
        name="そば処",
        name__en="Soba House",
        opening_hours="Mo-Fr 11:00-14:00",
        charge="1,000 JPY",
        wheelchair="yes",
        diet__vegetarian="yes",
        diet__vegan="no",
        cuisine="soba;japanese",
        website="https://example.org/",
        operator="山田",
        addr__city="越前市",
    )
    assert (asset.name.ja, asset.name.en) == ("そば処", "Soba House")
    assert asset.opening is not None
    assert (asset.opening.osm, asset.opening.text) == ("Mo-Fr 11:00-14:00", "Mo-Fr 11:00-14:00")
    assert (asset.price.adult, asset.price.text) == (1000, "1,000 JPY")
    assert asset.wheelchair == "yes"
    assert asset.diet == {"vegan": "no", "vegetarian": "yes"}
    assert asset.serves == ("soba",)
    assert asset.meals == ("lunch", "dinner")
    assert (asset.operator, asset.municipality, asset.url) == ("山田", "越前市", "https://example.org/")
    assert {item.field for item in asset.assumed} == {"visit_minutes", "appeal", "meals"}
    assert (asset.sources[0].licence, asset.sources[0].row) == ("ODbL 1.0", "node/1")
    assert (asset.indoor, asset.stroller) == ("unknown", "unknown")


def test_latin_name_is_english_and_japanese_name_is_not(tmp_path: Path) -> None:
    """A name in Latin letters is not passed off as Japanese, nor the other way round."""
    latin = read_one(tmp_path, amenity="cafe", name="cafe ethica")
    assert (latin.name.ja, latin.name.en) == (None, "cafe ethica")
    japanese = read_one(tmp_path, amenity="cafe", name="喫茶")
    assert (japanese.name.ja, japanese.name.en) == ("喫茶", None)


@pytest.mark.parametrize(
    ("fee", "charge", "adult"),
    [
        ("no", None, 0),
        ("yes", None, None),
        ("yes", "500 JPY", 500),
        (None, "¥500", 500),
        (None, "150¥", 150),
        (None, "大人５００円", 500),
        (None, "500 JPY;300 JPY", 500),
        (None, "100 JPY/hour", None),
        (None, "ask", None),
        (None, None, None),
    ],
)
def test_charges_are_read_by_simple_rules(
    tmp_path: Path, fee: str | None, charge: str | None, adult: int | None
) -> None:
    """Free is 0, one amount is the adult's, anything else stays unknown with its wording."""
    tags = {key: value for key, value in (("fee", fee), ("charge", charge)) if value}
    asset = read_one(tmp_path, tourism="museum", name="館", **tags)
    assert asset.price.adult == adult
    assert (asset.price.text is not None) == bool(tags)


def test_limited_wheelchair_access_is_not_yes(tmp_path: Path) -> None:
    """Limited stays unknown, and is not forgotten."""
    asset = read_one(tmp_path, tourism="museum", name="館", wheelchair="limited")
    assert asset.wheelchair == "unknown"
    assert "wheelchair-limited" in asset.tags


def test_unreadable_hours_stay_as_text_with_a_warning(tmp_path: Path) -> None:
    """Hours that are no OSM syntax are kept, marked unread, and reported."""
    result = read_osm(write(tmp_path / "a.osm", node(1, tourism="museum", name="館", opening_hours="9時から5時")))
    opening = result.assets[0].opening
    assert opening is not None
    assert (opening.osm, opening.text, opening.unread) == (None, "9時から5時", ("9時から5時",))
    assert [problem.where for problem in result.warnings] == ["a.osm node/1 opening_hours"]


def test_wikipedia_and_heritage_raise_the_appeal(tmp_path: Path) -> None:
    """A place with an article and a listing appeals more than its kind, and the rule says so."""
    plain = read_one(tmp_path, tourism="museum", name="館")
    listed = read_one(tmp_path, tourism="museum", name="館", wikidata="Q1", wikipedia="ja:館", heritage="2")
    assert plain.appeal < listed.appeal <= 90
    rule = next(item.rule for item in listed.assumed if item.field == "appeal")
    assert "wikipedia" in rule.in_("en")


def test_counts_add_up_and_refusals_give_reasons(tmp_path: Path) -> None:
    """Rows are accepted plus refused; streets, unnamed trees and private places are no rows."""
    result = read_osm(
        write(
            tmp_path / "a.osm",
            node(1, tourism="museum", name="館"),
            node(2, historic="memorial"),
            node(3, historic="memorial", name="12"),
            node(4, natural="tree"),
            node(5, highway="crossing", name="辻"),
            node(6, tourism="museum", name="私", access="private"),
            node(7, craft="plumber", name="水道"),
            way(8, [98, 99], historic="citywalls", name="壁"),
            '<relation id="9" version="1"><member type="way" ref="77" role="outer"/>'
            '<tag k="type" v="multipolygon"/><tag k="leisure" v="park"/><tag k="name" v="園"/></relation>',
        )
    )
    assert result.rows == len(result.assets) + len(result.refused) == 5
    reasons = {problem.where.split()[1]: problem.message.en for problem in result.refused}
    assert set(reasons) == {"node/2", "node/3", "way/8", "relation/9"}
    assert reasons["node/2"] == "has no name"
    assert "nodes" in reasons["way/8"]


def test_positions_of_ways_and_relations_lie_on_them(tmp_path: Path) -> None:
    """A closed way and a multipolygon get a point inside, an open way its middle."""
    corners = [(1, 136.0, 35.0), (2, 136.002, 35.0), (3, 136.002, 35.002), (4, 136.0, 35.002)]
    nodes = "".join(node(number, lon, lat) for number, lon, lat in corners)
    result = read_osm(
        write(
            tmp_path / "a.osm",
            nodes,
            way(1, [1, 2, 3, 4, 1], leisure="park", name="園"),
            way(2, [1, 2], historic="citywalls", name="壁"),
            way(3, [1, 2, 3]),
            way(4, [3, 4, 1]),
            '<relation id="5" version="1"><member type="way" ref="3" role="outer"/><member type="way" ref="4" '
            'role="outer"/><tag k="type" v="multipolygon"/>'
            '<tag k="leisure" v="garden"/><tag k="name" v="庭"/></relation>',
        )
    )
    positions = {asset.name.ja: (asset.lon, asset.lat) for asset in result.assets}
    assert positions["園"] == pytest.approx((136.001, 35.001), abs=1e-6)
    assert positions["壁"] == pytest.approx((136.001, 35.0), abs=1e-6)
    assert positions["庭"] == pytest.approx((136.001, 35.001), abs=1e-6)


def test_several_files_count_each_element_once(tmp_path: Path) -> None:
    """Where extracts overlap, an element is one row."""
    one = write(tmp_path / "a.osm", node(1, tourism="museum", name="館"), node(2, 136.3, tourism="museum", name="二"))
    two = write(tmp_path / "b.osm", node(1, tourism="museum", name="館"), node(3, 136.4, tourism="museum", name="三"))
    result = read_osm([one, two])
    assert sorted(asset.id for asset in result.assets) == ["osm.node.1", "osm.node.2", "osm.node.3"]
    assert result.source == "a.osm, b.osm"


def test_shop_mapped_twice_is_one_asset(tmp_path: Path) -> None:
    """Of a point and a building with one name, the richer stays and the other is refused with the reason."""
    result = read_osm(
        write(
            tmp_path / "a.osm",
            node(1, amenity="cafe", name="喫茶"),
            node(2, 136.2001, amenity="cafe", name="喫茶", website="https://example.org"),
            node(3, 136.21, amenity="cafe", name="喫茶"),
        )
    )
    assert [asset.id for asset in result.assets] == ["osm.node.2", "osm.node.3"]
    assert "the richer entry is kept: node/2" in result.refused[0].message.en
    assert result.rows == 3


def test_box_leaves_out_and_says_how_many(tmp_path: Path) -> None:
    """Elements outside the box are no rows, and one warning counts them."""
    path = write(tmp_path / "a.osm", node(1, tourism="museum", name="館"), node(2, 140.0, tourism="museum", name="遠"))
    result = read_osm(path, region_bbox=(136.0, 35.0, 137.0, 36.0))
    assert (result.rows, len(result.assets)) == (1, 1)
    assert "1 elements outside" in result.warnings[0].message.en


def test_bz2_and_pbf_read_like_xml(tmp_path: Path) -> None:
    """The same data in three formats gives the same assets."""
    import osmium

    plain = write(tmp_path / "a.osm", node(1, tourism="museum", name="館"))
    (tmp_path / "a.osm.bz2").write_bytes(bz2.compress(plain.read_bytes()))
    with osmium.SimpleWriter(str(tmp_path / "a.osm.pbf")) as writer:
        for item in osmium.FileProcessor(str(plain)):
            writer.add(item)
    results: list[ReadResult] = [read_osm(tmp_path / name) for name in ("a.osm", "a.osm.bz2", "a.osm.pbf")]
    assert results[0].assets
    assert results[0].assets == results[1].assets == results[2].assets


def test_progress_is_reported(tmp_path: Path) -> None:
    """A caller hears of every thousand elements."""
    path = write(tmp_path / "a.osm", *(node(number, historic="yes") for number in range(1, 2501)))
    heard: list[int] = []
    read_osm(path, progress=heard.append)
    assert heard == [1000, 2000]


def test_broken_files_give_one_clear_error_each(tmp_path: Path) -> None:
    """Missing, cut off, foreign, empty and misnamed files are named, with the reason."""
    good = write(tmp_path / "good.osm", *(node(number, tourism="museum", name="館") for number in range(1, 200)))
    cut = tmp_path / "cut.osm"
    cut.write_bytes(good.read_bytes()[:5000])
    assert "cannot be read as an OSM file" in only_problem(cut)
    packed = tmp_path / "cut.osm.bz2"
    packed.write_bytes(bz2.compress(good.read_bytes())[:60])
    assert "cannot be read as an OSM file" in only_problem(packed)
    (tmp_path / "fake.osm.pbf").write_bytes(b"no protocol buffer")
    assert "cannot be read as an OSM file" in only_problem(tmp_path / "fake.osm.pbf")
    (tmp_path / "empty.osm").write_bytes(b"")
    assert "cannot be read as an OSM file" in only_problem(tmp_path / "empty.osm")
    (tmp_path / "table.csv").write_bytes(b"a,b")
    assert "is no OSM file" in only_problem(tmp_path / "table.csv")
    assert "no such file" in only_problem(tmp_path / "none.osm")
    assert "is a folder" in only_problem(tmp_path)


def test_all_broken_files_are_named_at_once(tmp_path: Path) -> None:
    """Two bad files are two problems of one error."""
    with pytest.raises(InputError) as caught:
        read_osm([tmp_path / "a.osm", tmp_path / "b.osm"])
    assert len(caught.value.problems) == 2


def test_xml_entities_are_refused(tmp_path: Path) -> None:
    """An entity bomb is not expanded, but refused."""
    bomb = '<!DOCTYPE osm [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    path = write(tmp_path / "bomb.osm", node(1, tourism="museum", name="&b;"), head=bomb)
    assert "entities are not supported" in only_problem(path)


def test_place_name_without_network_is_one_clear_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Offline, the reader says so in both languages and leaves no cache folder behind."""

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise OSError("network is off in tests")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises(InputError, match="network") as caught:
        read_osm_place("Sabae, Fukui, Japan")
    assert "ネットワーク" in caught.value.problems[0].message.ja
    assert not list(tmp_path.iterdir())


@pytest.mark.shared_data
def test_nara_extracts_read_whole(shared: Path) -> None:
    """Two adjoining extracts of Nara: counts add up, the Great Buddha's temple is there, and once."""
    folder = shared / "data/nara/osm"
    result = read_osm([folder / "Todaiji.osm", folder / "Kofukuji.osm"])
    assert result.rows == len(result.assets) + len(result.refused)
    assert len(result.assets) > 150
    temples = [asset for asset in result.assets if asset.name.ja == "東大寺"]
    assert [asset.tags[0] for asset in temples] == ["temple"]
    assert len({asset.id for asset in result.assets}) == len(result.assets)


@pytest.mark.shared_data
def test_all_shared_extracts_read(shared: Path) -> None:
    """Every extract gives assets, with counts that add up and known kinds only."""
    files = sorted((shared / "data").glob("*/osm/*.osm"))
    assert len(files) == 24
    for file in files:
        result = read_osm(file)
        assert result.assets, file.name
        assert result.rows == len(result.assets) + len(result.refused), file.name


def test_an_island_too_large_for_a_visit_is_no_stop(tmp_path: Path) -> None:
    """An islet is a place to see; an island of kilometres is where the trip takes place, and is refused with that."""
    corners = [(0.0, 0.0), (0.05, 0.0), (0.05, 0.05), (0.0, 0.05)]
    nodes = [node(number, 139.0 + east, 34.0 + north) for number, (east, north) in enumerate(corners, start=1)]
    islet = [node(number + 10, 139.1 + east / 50, 34.0 + north / 50) for number, (east, north) in enumerate(corners)]
    large = way(100, [1, 2, 3, 4, 1], place="island", name="大島")
    small = way(101, [10, 11, 12, 13, 10], place="islet", name="小島")
    result = read_osm(write(tmp_path / "islands.osm", *nodes, *islet, large, small))
    assert [asset.name.ja for asset in result.assets] == ["小島"]
    assert [problem.message.en for problem in result.refused] == [
        "an island too large for one visit: where a trip takes place, not one of its stops"
    ]


def test_chains_are_not_what_people_travel_for(tmp_path: Path) -> None:
    """A branch of a chain counts for less than a place of its own, and says so."""
    own = read_one(tmp_path, name="食堂", amenity="fast_food")
    chain = read_one(tmp_path, name="バーガー", amenity="fast_food", brand__wikidata="Q1")
    assert chain.appeal < own.appeal
    assert any("chain" in (flag.rule.en or "") for flag in chain.assumed if flag.field == "appeal")
