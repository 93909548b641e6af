"""The bundled region Echizen: whole, plausible, honest about being unchecked, and usable all year."""

from __future__ import annotations

import csv
import datetime
import math
import runpy
from collections import Counter
from pathlib import Path

import pytest

from regional_assets.model import Asset, Kind, Region
from regional_assets.opening import hours_on
from regional_assets.readers.gtfs import check_gtfs, read_gtfs
from regional_assets.region import ASSETS_FILE, bundled_region_folder, find_region, write_assets_file

REPOSITORY = Path(__file__).parents[2]

# Centre of each town (lon, lat); assets of a town lie within SPAN_KM of it.
CENTRES = {
    "福井市": (136.17, 36.05),
    "鯖江市": (136.20, 35.95),
    "越前市": (136.19, 35.90),
    "越前町": (136.05, 35.95),
    "南越前町": (136.18, 35.80),
    "池田町": (136.35, 35.88),
    "永平寺町": (136.33, 36.08),
    "坂井市": (136.21, 36.19),
    "あわら市": (136.21, 36.23),
    "大野市": (136.50, 35.98),
    "勝山市": (136.51, 36.06),
}
SPAN_KM = 20
WEST, SOUTH, EAST, NORTH = 135.93, 35.60, 136.85, 36.32
FIRST_DAY = datetime.date(2026, 6, 1)
YEAR = [FIRST_DAY + datetime.timedelta(days=number) for number in range(365)]


@pytest.fixture(scope="module")
def region() -> Region:
    """Return the bundled region."""
    return find_region("echizen")


def distance_km(asset: Asset, lon: float, lat: float) -> float:
    """Return the distance on a flat map, good to a percent over this region."""
    assert asset.lon is not None
    assert asset.lat is not None
    east = (asset.lon - lon) * 111.32 * math.cos(math.radians(36))
    return math.hypot(east, (asset.lat - lat) * 111.0)


def test_region_has_many_assets_of_every_kind(region: Region) -> None:
    """At least 120 assets, with enough of what a trip is made of."""
    counts = Counter(asset.kind for asset in region.assets)
    assert len(region.assets) >= 120
    assert set(counts) == set(Kind)
    assert counts[Kind.CRAFT] >= 30
    assert counts[Kind.LODGING] >= 15
    assert counts[Kind.HUB] >= 10
    assert counts[Kind.EVENT] >= 6


def test_lunch_is_near_in_every_town_people_visit(region: Region) -> None:
    """At least 25 places serve lunch, and every bigger town has two."""
    lunches = Counter(
        asset.municipality for asset in region.assets if "lunch" in asset.meals and asset.kind is Kind.FOOD
    )
    assert lunches.total() >= 25
    for town in ("鯖江市", "越前市", "越前町", "福井市", "永平寺町", "あわら市", "坂井市", "大野市", "勝山市"):
        assert lunches[town] >= 2, town


def test_assets_lie_in_their_town(region: Region) -> None:
    """Every asset lies in northern Fukui, within reach of the centre of the town it names."""
    for asset in region.assets:
        assert asset.lon is not None, asset.id
        assert asset.lat is not None, asset.id
        assert WEST <= asset.lon <= EAST, asset.id
        assert SOUTH <= asset.lat <= NORTH, asset.id
        assert asset.municipality in CENTRES, asset.id
        assert distance_km(asset, *CENTRES[asset.municipality]) <= SPAN_KM, asset.id


def test_names_are_bilingual_and_distinct(region: Region) -> None:
    """People read every name and description in both languages, and no two assets share a name."""
    for asset in region.assets:
        assert asset.name.ja, asset.id
        assert asset.name.en, asset.id
        assert asset.name.en.isascii() or not any("\u3040" <= letter <= "\u9fff" for letter in asset.name.en), asset.id
        assert asset.description is not None, asset.id
        assert asset.description.ja, asset.id
        assert asset.description.en, asset.id
    for language in ("ja", "en"):
        names = Counter(asset.name.in_(language) for asset in region.assets)
        assert not [name for name, times in names.items() if times > 1]


def test_nothing_claims_to_be_checked(region: Region) -> None:
    """The list was compiled by hand: every asset says so, names its source, and flags what was estimated."""
    assert region.notice is not None
    assert "照合していません" in (region.notice.ja or "")
    assert "illustrative timetable" in (region.notice.en or "")
    for asset in region.assets:
        assert not asset.checked, asset.id
        assert all("unchecked" in source.name for source in asset.sources), asset.id
        flagged = {assumption.field for assumption in asset.assumed}
        assert {"visit_minutes", "appeal"} <= flagged, asset.id
        assert not asset.slots or "slots" in flagged, asset.id
        assert not asset.dates or "dates" in flagged, asset.id
        assert not asset.uses or asset.kind is not Kind.LODGING or "uses" in flagged, asset.id


def test_every_tag_has_wording_and_is_used(region: Region) -> None:
    """Tags, themes, foods and crafts all have Japanese and English wording, and no wording is left over."""
    used = {tag for asset in region.assets for tag in (*asset.tags, *asset.themes, *asset.serves, *asset.uses)}
    assert used == set(region.tags)
    assert all(name.ja and name.en for name in region.tags.values())


def test_every_combination_can_be_made(region: Region) -> None:
    """Both sides of every rule select something; two assets can make it, or one where one is enough."""
    assert len(region.combinations) >= 15
    for rule in region.combinations:
        left = {asset.id for asset in region.assets if rule.left.selects(asset)}
        right = {asset.id for asset in region.assets if rule.right.selects(asset)}
        assert left, rule.id
        assert right, rule.id
        assert (left & right) if rule.single_asset else len(left | right) > 1, rule.id
        assert 5 <= rule.bonus <= 25, rule.id
        assert rule.reason.ja, rule.id
        assert rule.reason.en, rule.id


def test_inns_serve_the_region(region: Region) -> None:
    """Every inn that serves dinner names local food, and many set it on local craft."""
    inns = [asset for asset in region.assets if asset.kind is Kind.LODGING]
    assert all(inn.serves for inn in inns if "dinner" in inn.meals)
    assert sum(bool(inn.uses) for inn in inns) >= 10


def test_hours_are_read_on_every_day_of_a_year(region: Region) -> None:
    """Known hours are understood without a warning, and every such place opens at least once in its season."""
    known = [asset for asset in region.assets if asset.opening is not None and asset.opening.osm is not None]
    assert len(known) >= 150
    for asset in known:
        days = [hours_on(asset.opening, day) for day in YEAR]
        assert all(hours.status != "unknown" for hours in days), asset.id
        assert not [warning for hours in days for warning in hours.warnings], asset.id
        assert any(hours.status == "open" for hours in days), asset.id


def test_slots_begin_in_opening_hours(region: Region) -> None:
    """A reservable start, with the visit after it, lies in the opening hours of some open day."""
    for asset in region.assets:
        for slot in asset.slots:
            hour, minute = slot.start.split(":")
            start_s = int(hour) * 3600 + int(minute) * 60
            end_s = start_s + asset.visit_minutes.typical * 60
            windows = [window for day in YEAR[:14] for window in hours_on(asset.opening, day).windows]
            assert any(window.open_s <= start_s and end_s <= window.close_s for window in windows), (asset.id, slot)


def test_visits_fit_into_opening_hours(region: Region) -> None:
    """The typical visit fits between opening and closing."""
    for asset in region.assets:
        windows = [window for day in YEAR for window in hours_on(asset.opening, day).windows]
        if windows:
            longest = max(window.close_s - window.open_s for window in windows)
            assert asset.visit_minutes.typical * 60 <= longest, asset.id


@pytest.mark.parametrize(
    ("asset_id", "day", "status"),
    [
        ("dinosaur-museum", "2026-06-10", "closed"),  # second Wednesday
        ("dinosaur-museum", "2026-08-12", "open"),  # second Wednesday of the summer holidays
        ("ichijodani-museum", "2026-07-20", "open"),  # Marine Day, a Monday
        ("ichijodani-museum", "2026-07-21", "closed"),  # the next weekday instead
        ("yokokan-garden", "2026-12-30", "closed"),
        ("echizen-crab-museum", "2026-12-01", "open"),  # first Tuesday of winter
        ("echizen-crab-museum", "2026-12-08", "closed"),  # second Tuesday
        ("ono-castle", "2027-01-15", "closed"),  # closed all winter
        ("eiheiji", "2027-01-01", "open"),
    ],
)
def test_well_known_closing_rules_hold(region: Region, asset_id: str, day: str, status: str) -> None:
    """Closing rules give what the places say in words."""
    asset = region.asset(asset_id)
    assert asset is not None
    assert hours_on(asset.opening, datetime.date.fromisoformat(day)).status == status


def test_open_country_is_planned_in_daylight(region: Region) -> None:
    """Nobody is sent up a mountain or to a waterfall at night, though nothing there is ever locked."""
    for asset in region.assets:
        if asset.kind is Kind.NATURE and "onsen" not in asset.tags:
            closing = [window.close_s for window in hours_on(asset.opening, FIRST_DAY).windows]
            assert all(close_s <= 19 * 3600 for close_s in closing), asset.id


def test_events_have_dates_of_two_years(region: Region) -> None:
    """Every event is held in 2026 and in 2027, and each span runs forward."""
    for event in (asset for asset in region.assets if asset.kind is Kind.EVENT):
        assert all(span.first <= span.last for span in event.dates), event.id
        assert {span.last[:4] for span in event.dates} >= {"2027"}, event.id
        assert {span.first[:4] for span in event.dates} >= {"2026"}, event.id


def test_assets_file_is_in_canonical_form(region: Region, tmp_path: Path) -> None:
    """Saving the assets again changes no byte, so that an edit shows as one line."""
    write_assets_file(region.assets, tmp_path / ASSETS_FILE)
    assert (tmp_path / ASSETS_FILE).read_bytes() == (bundled_region_folder() / ASSETS_FILE).read_bytes()


def test_timetables_are_what_their_script_writes(region: Region, tmp_path: Path) -> None:
    """The committed feeds and tools/make_echizen_timetable.py agree byte for byte."""
    runpy.run_path(str(REPOSITORY / "tools" / "make_echizen_timetable.py"))["write_feeds"](tmp_path / "timetables")
    assert sorted(region.timetables) == ["timetables/buses", "timetables/trains"]
    for name in region.timetables:
        committed = bundled_region_folder() / name
        written = sorted((tmp_path / name).iterdir())
        assert [path.name for path in written] == sorted(path.name for path in committed.iterdir())
        for path in written:
            assert path.read_bytes() == (committed / path.name).read_bytes(), path


@pytest.mark.parametrize("name", ["timetables/trains", "timetables/buses"])
def test_timetables_say_that_they_are_illustrative(name: str) -> None:
    """Nobody can take the times for the operators' own: publisher, agencies and version all say so."""
    folder = bundled_region_folder() / name
    feed_info = (folder / "feed_info.txt").read_text(encoding="utf-8")
    assert "illustrative timetable" in feed_info
    assert "illustrative-2026" in feed_info
    agencies = (folder / "agency.txt").read_text(encoding="utf-8").splitlines()[1:]
    assert agencies
    assert all("説明用の時刻表" in agency for agency in agencies)


@pytest.mark.parametrize("name", ["timetables/trains", "timetables/buses"])
def test_timetables_pass_the_check(name: str) -> None:
    """The GTFS check finds nothing to repair, on the first and on the last day of the feed."""
    feed = read_gtfs(bundled_region_folder() / name)
    for day in (datetime.date(2026, 1, 1), datetime.date(2027, 12, 31)):
        assert check_gtfs(feed, today=day) == ()


def test_famous_sights_have_a_stop_nearby(region: Region) -> None:
    """The sights that people come for lie within a walk of 1.4 km from a stop of a timetable."""
    stops = [
        (float(row["stop_lon"]), float(row["stop_lat"]))
        for name in region.timetables
        for row in csv.DictReader((bundled_region_folder() / name / "stops.txt").read_text("utf-8").splitlines())
    ]
    for asset in region.assets:
        if asset.appeal >= 75 and asset.kind in (Kind.CULTURE, Kind.CRAFT, Kind.NATURE):
            nearest = min(distance_km(asset, *stop) for stop in stops)
            assert nearest <= 1.4, (asset.id, nearest)
