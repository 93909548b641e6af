"""A small region and a hand-written itinerary through it, for everything that shows or exports one."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from regional_assets.model import Asset, CombinationRule, Kind, Name, Price, Region, Selector, Source, VisitMinutes
from regional_assets.opening.model import Opening
from regional_assets.region import load_region, save_region
from routing.itinerary import (
    AssumedFact,
    CombinationEffect,
    Day,
    DayTotals,
    Excluded,
    Itinerary,
    MadeCombination,
    Provenance,
    Step,
)
from routing.request import DayRequest, TripRequest

# The hand-written price plan stands in a module of its own beside the tests.
sys.path.insert(0, str(Path(__file__).parent))

TOKYO = ZoneInfo("Asia/Tokyo")
SATURDAY = dt.date(2026, 12, 5)
SOURCE = Source(name="Test sheet", licence="CC BY 4.0", row="1")

# id, kind, ja, en, lon, lat, hours, adult price
PLACES: list[tuple[str, str, str, str, float, float, str | None, int | None]] = [
    ("station", "hub", "鯖江駅", "Sabae Station", 136.1873, 35.9437, "24/7", 0),
    ("lacquer", "craft", "うるしの里会館", "Lacquerware Hall", 136.2432, 35.9482, "09:00-17:00", 0),
    ("paper", "craft", "越前和紙の里", "Echizen Washi Village", 136.2494, 35.9051, "09:00-16:00", 600),
    ("soba", "food", "越前そばの里", "Echizen Soba Village", 136.2010, 35.9022, "11:00-14:30", 1100),
    ("knife", "craft", "タケフナイフビレッジ", "Takefu Knife Village", 136.2283, 35.9186, "09:00-17:00", 0),
    ("inn", "lodging", "あわらの宿", "Awara Inn", 136.1930, 36.2240, None, 18000),
    ("eiheiji", "culture", "永平寺", "Eiheiji Temple", 136.3553, 36.0531, "08:30-16:30", 700),
    ("ruins", "culture", "一乗谷朝倉氏遺跡", "Ichijodani Asakura Ruins", 136.2960, 35.9990, "09:00-17:00", 330),
    ("cutlet", "food", "ソースカツ丼の店", "Sauce Cutlet House", 136.2230, 36.0620, None, None),
    ("castle", "culture", "丸岡城", "Maruoka Castle", 136.2721, 36.1524, "08:30-17:00", 450),
    ("cliff", "nature", "東尋坊", "Tojinbo Cliffs", 136.1252, 36.2382, "24/7", 0),
    ("fair", "event", "冬の工芸市", "Winter Craft Fair", 136.1900, 35.9500, "10:00-16:00", 0),
]


def _asset(row: tuple[str, str, str, str, float, float, str | None, int | None]) -> Asset:
    asset_id, kind, ja, en, lon, lat, hours, adult = row
    return Asset(
        id=asset_id,
        kind=Kind(kind),
        name=Name(ja=ja, en=en),
        lon=lon,
        lat=lat,
        opening=None if hours is None else Opening(osm=hours),
        visit_minutes=VisitMinutes(min=20, typical=60, max=90),
        price=Price(adult=adult),
        sources=(SOURCE,),
    )


@pytest.fixture(autouse=True)
def quiet_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every test its own folder of state, in English."""
    monkeypatch.setenv("MEGURI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MEGURI_LANG", "en")


@pytest.fixture
def stored_region(region: Region, tmp_path: Path) -> Region:
    """Return the small region, stored under its name in the test's own folder of state."""
    folder = tmp_path / "home" / "regions" / region.id
    save_region(region, folder)
    return load_region(folder)


@pytest.fixture
def region() -> Region:
    """Return a dozen places around Sabae with one combination rule."""
    rule = CombinationRule(
        id="craft-food",
        left=Selector(kind=Kind.CRAFT),
        right=Selector(kind=Kind.FOOD),
        bonus=15,
        reason=Name(ja="作られた器で食べる", en="eat from the bowl you saw made"),
    )
    return Region(
        id="testland",
        name=Name(ja="越前", en="Echizen"),
        notice=Name(ja="データは未確認です。", en="The data is unchecked."),
        assets=tuple(_asset(row) for row in PLACES),
        combinations=(rule,),
        sources=(SOURCE,),
    )


class _DayWriter:
    """Write the steps of a day one after the other, by car at 40 km/h along straight estimated lines."""

    def __init__(self, region: Region, date: dt.date, start: str, at: str) -> None:
        self.region = region
        self.here = region.asset(start)
        hour, minute = at.split(":")
        self.now = dt.datetime(date.year, date.month, date.day, int(hour), int(minute), tzinfo=TOKYO)
        self.steps: list[Step] = []

    def go(self, asset_id: str, *, minutes: int, metres: int) -> _DayWriter:
        there = self.region.asset(asset_id)
        assert there is not None
        assert self.here is not None
        line = ((self.here.lon, self.here.lat), (there.lon, there.lat))
        self._add(
            "travel",
            there,
            minutes,
            distance_m=metres,
            mode="car",
            estimated=True,
            geometry=line,
            kind=None,
            cost_jpy=0,
        )
        self.here = there
        return self

    def be(self, step_type: str, minutes: int, **values: Any) -> _DayWriter:
        self._add(step_type, self.here, minutes, **values)
        return self

    def _add(self, step_type: str, asset: Asset | None, minutes: int, **values: Any) -> None:
        assert asset is not None
        until = self.now + dt.timedelta(minutes=minutes)
        fields: dict[str, Any] = {
            "type": step_type,
            "arrive": self.now,
            "depart": until,
            "duration_s": minutes * 60,
            "asset": asset.id,
            "name": asset.name,
            "kind": asset.kind,
            "lon": asset.lon,
            "lat": asset.lat,
        }
        self.steps.append(Step(**{**fields, **values}))
        self.now = until

    def at(self, clock: str) -> dt.datetime:
        hour, minute = clock.split(":")
        return self.now.replace(hour=int(hour), minute=int(minute))


def _totals(steps: list[Step]) -> DayTotals:
    def seconds(*types: str) -> int:
        return sum(step.duration_s for step in steps if step.type in types)

    return DayTotals(
        travel_s=seconds("travel"),
        wait_s=seconds("wait"),
        visit_s=seconds("visit", "meal"),
        distance_m=sum(step.distance_m or 0 for step in steps),
        walk_m=0,
        visits=sum(step.type in ("visit", "meal") for step in steps),
        cost_jpy=sum(step.cost_jpy or 0 for step in steps),
        unknown_prices=sum(step.cost_jpy is None for step in steps),
    )


@pytest.fixture
def itinerary(region: Region) -> Itinerary:
    """Return two days from Sabae to Awara and back, with lunch, waiting, assumptions and places left out."""
    first = _DayWriter(region, SATURDAY, "station", "08:40")
    first.go("lacquer", minutes=15, metres=6400).be("wait", 5)
    first.be("visit", 60, closes=first.at("17:00"), score=60.0)
    first.go("paper", minutes=12, metres=6100).be("visit", 70, cost_jpy=1200, closes=first.at("16:00"), score=70.0)
    first.go("soba", minutes=10, metres=4700).be("meal", 60, cost_jpy=2200, closes=first.at("14:30"), score=50.0)
    first.go("knife", minutes=9, metres=3900).be("visit", 60, closes=first.at("17:00"), score=55.0)
    first.go("inn", minutes=62, metres=45200).be("stay", 945, cost_jpy=36000)
    second = _DayWriter(region, SATURDAY + dt.timedelta(days=1), "inn", "09:00")
    second.go("castle", minutes=22, metres=13800).be("visit", 45, cost_jpy=900, closes=second.at("17:00"), score=45.0)
    second.go("cutlet", minutes=25, metres=15100).be("wait", 8).be("meal", 50, cost_jpy=None, score=40.0)
    second.go("eiheiji", minutes=24, metres=14200)
    second.be("visit", 80, cost_jpy=1400, closes=second.at("16:30"), score=90.0)
    second.go("ruins", minutes=20, metres=9600).be("visit", 60, cost_jpy=660, closes=second.at("17:00"), score=65.0)
    second.go("station", minutes=28, metres=15900)
    days = (
        Day(
            date=SATURDAY,
            start=Name(ja="鯖江駅", en="Sabae Station"),
            end=Name(ja="あわらの宿", en="Awara Inn"),
            steps=tuple(first.steps),
            totals=_totals(first.steps),
        ),
        Day(
            date=SATURDAY + dt.timedelta(days=1),
            start=Name(ja="あわらの宿", en="Awara Inn"),
            end=Name(ja="鯖江駅", en="Sabae Station"),
            steps=tuple(second.steps),
            totals=_totals(second.steps),
        ),
    )
    return Itinerary(
        status="feasible",
        region="testland",
        region_name=region.name,
        time_zone="Asia/Tokyo",
        notice=region.notice,
        objective=512.0,
        terms={"places": 475.0, "combinations": 45.0, "travel": -8.0},
        days=days,
        totals=_totals([*first.steps, *second.steps]),
        combinations=(
            MadeCombination(
                rule="craft-food",
                left=("lacquer",),
                right=("soba",),
                bonus=15,
                date=SATURDAY,
                reason=Name(ja="作られた器で食べる", en="eat from the bowl you saw made"),
            ),
        ),
        combination_effect=CombinationEffect(
            gained=("knife",),
            lost=("cliff",),
            points_of_places=475.0,
            points_of_places_without=481.0,
            combinations=1,
            combinations_without=0,
        ),
        excluded=(
            Excluded(
                asset="fair",
                name=Name(ja="冬の工芸市", en="Winter Craft Fair"),
                code="CLOSED_ON_ALL_DAYS",
                proven=True,
                text=Name(ja="12月5日・6日は開かれない", en="not held on 5 and 6 December"),
            ),
            Excluded(
                asset="cliff",
                name=Name(ja="東尋坊", en="Tojinbo Cliffs"),
                code=None,
                proven=False,
                text=Name(ja="ほかの場所のほうが合った", en="others fitted better"),
            ),
        ),
        assumed=(
            AssumedFact(
                asset="cutlet",
                field="opening",
                text=Name(ja="飲食店の標準的な時間と仮定", en="assumed the usual hours of eating places"),
            ),
            AssumedFact(
                asset="cutlet",
                field="price",
                text=Name(ja="料金は不明", en="price unknown"),
            ),
            AssumedFact(
                asset="inn",
                field="opening",
                text=Name(ja="宿の標準的な時間と仮定", en="assumed the usual hours of places to stay"),
            ),
        ),
        conflicts=(),
        sources=("Test sheet (CC BY 4.0)",),
        request=TripRequest(days=(DayRequest(date=SATURDAY), DayRequest(date=SATURDAY + dt.timedelta(days=1)))),
        provenance=Provenance(
            region="testland",
            seed=1,
            solver="portfolio",
            limit="iterations",
            iterations=20_000,
            seconds=1.25,
            candidates=11,
            options=20,
            version="0.1.0",
        ),
    )
