"""No form of storage loses anything: any valid asset comes back as it was."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regional_assets.errors import InputError
from regional_assets.frames import from_frame, read_assets, to_frame, write_assets
from regional_assets.model import (
    Asset,
    Assumption,
    DateRange,
    Kind,
    Name,
    Photo,
    Price,
    Region,
    Season,
    Slot,
    Source,
    VisitMinutes,
)
from regional_assets.opening.model import (
    AnnualClosing,
    DatedClosing,
    HolidayClosing,
    MonthlyClosing,
    Opening,
    WeeklyClosing,
)
from regional_assets.region import load_region, save_region

# NUL cannot be stored by GeoPackage, surrogates by nothing.
texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)
words = texts.filter(lambda text: bool(text.strip()))
ids = st.text(string.ascii_letters + string.digits, min_size=1, max_size=8)
yen = st.none() | st.integers(0, 10**7)
known = st.sampled_from(["yes", "no", "unknown"])
dates = st.dates().map(lambda date: date.isoformat())
month_days = st.sampled_from(["01-01", "02-29", "07-15", "12-31"])
clocks = st.sampled_from(["9:00", "09:30", "25:15"])
weekdays = st.lists(st.sampled_from(["mon", "wed", "sun"]), min_size=1, max_size=2).map(tuple)
names = st.builds(Name, ja=words, en=st.none() | words) | st.builds(Name, en=words)


def some(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(strategy, max_size=2).map(tuple)


closings = st.one_of(
    st.builds(WeeklyClosing, weekdays=weekdays, nth=some(st.sampled_from([-1, 1, 5])), if_holiday=st.just("next_day")),
    st.builds(AnnualClosing, first=month_days, last=month_days),
    st.builds(DatedClosing, first=dates, last=dates),
    st.builds(MonthlyClosing, days=st.just((1, -1))),
    st.builds(HolidayClosing, when=st.sampled_from(["on", "after"])),
)
openings = st.builds(
    Opening, osm=st.none() | texts, closed=some(closings), last_admission=st.none() | clocks, text=st.none() | texts
)
assets = st.builds(
    Asset,
    id=ids,
    kind=st.sampled_from(Kind),
    name=names,
    address=st.none() | texts,
    municipality=st.none() | texts,
    operator=st.none() | texts,
    description=st.none() | names,
    opening=st.none() | openings,
    season=some(st.builds(Season, first=month_days, last=month_days)),
    dates=some(st.builds(DateRange, first=dates, last=dates)),
    visit_minutes=st.lists(st.integers(0, 1440), min_size=3, max_size=3).map(
        lambda numbers: VisitMinutes(min=min(numbers), typical=sorted(numbers)[1], max=max(numbers))
    ),
    price=st.builds(
        Price,
        adult=yen,
        child=yen,
        resident=yen,
        unit=st.sampled_from(["person", "room"]),
        starting_from=st.booleans(),
        text=st.none() | texts,
    ),
    slots=some(st.builds(Slot, start=clocks, capacity=st.none() | st.integers(0, 99), weekdays=weekdays)),
    capacity_per_hour=st.none() | st.integers(0, 10**6),
    meals=some(st.sampled_from(["breakfast", "lunch", "dinner", "cafe"])),
    tags=some(texts),
    themes=some(texts),
    serves=some(texts),
    uses=some(texts),
    appeal=st.integers(0, 100),
    indoor=known,
    wheelchair=known,
    stroller=known,
    diet=st.dictionaries(words.map(str.strip), known, max_size=2),
    languages=some(st.sampled_from(["ja", "en"])),
    url=st.none() | texts,
    photo=st.none() | st.builds(Photo, url=texts, licence=st.none() | texts),
    checked=st.booleans(),
    sources=st.lists(st.builds(Source, name=texts, retrieved=st.none() | dates), min_size=1, max_size=2).map(tuple),
    assumed=some(st.builds(Assumption, field=texts, rule=names)),
)
places = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"lon": st.floats(-180, 180), "lat": st.floats(-90, 90)}),
)
placed = st.tuples(assets, places).map(lambda pair: pair[0].model_copy(update=pair[1]))
groups = st.lists(placed, max_size=3, unique_by=lambda asset: asset.id).map(tuple)

SLOW_FILES = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@SLOW_FILES
@given(group=groups)
def test_frames_keep_everything(group: tuple[Asset, ...]) -> None:
    """A table gives back the assets it was made of."""
    assert from_frame(to_frame(group)) == group


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".parquet"])
@SLOW_FILES
@given(group=groups)
def test_files_keep_everything(tmp_path: Path, suffix: str, group: tuple[Asset, ...]) -> None:
    """GeoJSON, GeoPackage and GeoParquet give back what was written, positions to the last bit."""
    path = tmp_path / f"assets{suffix}"
    write_assets(group, path)
    assert read_assets(path) == group
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@SLOW_FILES
@given(group=groups, notice=st.none() | names, tags=st.dictionaries(words, names, max_size=2))
def test_region_folders_keep_everything(
    tmp_path: Path, group: tuple[Asset, ...], notice: Name | None, tags: dict[str, Name]
) -> None:
    """A region comes back from its folder as it was."""
    region = Region(id="any", name=Name(ja="地域"), notice=notice, tags=tags, assets=group)
    save_region(region, tmp_path)
    assert load_region(tmp_path).model_copy(update={"folder": None}) == region


def test_frame_has_plain_columns_for_analysis() -> None:
    """Prices and visit lengths are numbers, and the geometry is in degrees."""
    asset = Asset(
        id="a",
        kind=Kind.FOOD,
        name=Name(ja="そば"),
        lon=136.2,
        lat=35.9,
        visit_minutes=VisitMinutes(min=10, typical=20, max=30),
        price=Price(adult=900),
        sources=(Source(name="test"),),
    )
    frame = to_frame([asset])
    assert frame.crs == "EPSG:4326"
    assert frame.price_adult.sum() == 900
    assert (frame.geometry.x[0], frame.geometry.y[0]) == (136.2, 35.9)


def test_foreign_and_broken_files_are_one_clear_error(tmp_path: Path) -> None:
    """A wrong type, a missing file, a damaged one and a foreign table are each named."""
    import geopandas

    with pytest.raises(InputError, match="accepted types"):
        read_assets(tmp_path / "a.csv")
    with pytest.raises(InputError, match="no such file"):
        read_assets(tmp_path / "a.gpkg")
    for suffix in (".gpkg", ".parquet"):
        (tmp_path / f"b{suffix}").write_bytes(b"broken")
        with pytest.raises(InputError, match="cannot be read"):
            read_assets(tmp_path / f"b{suffix}")
    geopandas.GeoDataFrame({"x": [1]}, geometry=geopandas.points_from_xy([1], [2]), crs=4326).to_parquet(
        tmp_path / "c.parquet"
    )
    with pytest.raises(InputError, match="no table of assets"):
        read_assets(tmp_path / "c.parquet")


def test_bad_rows_are_all_named() -> None:
    """A table with two bad rows gives the problems of both."""
    asset = Asset(
        id="a",
        kind=Kind.FOOD,
        name=Name(ja="そば"),
        visit_minutes=VisitMinutes(min=10, typical=20, max=30),
        sources=(Source(name="test"),),
    )
    frame = to_frame([asset, asset])
    frame["appeal"] = [101, 50]
    frame["tags"] = [None, "not json"]
    with pytest.raises(InputError) as caught:
        from_frame(frame)
    assert [problem.where for problem in caught.value.problems] == ["frame row 1 appeal", "frame row 2"]
