"""The region check: everything a board should repair, worst first, and nothing else."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import numpy as np
import pytest

from regional_assets.check import CheckReport, check_region
from regional_assets.findings import SEVERITIES
from regional_assets.model import (
    Asset,
    Assumption,
    CombinationRule,
    DateRange,
    Kind,
    Name,
    Price,
    Region,
    Season,
    Selector,
    Source,
    StreetSource,
    VisitMinutes,
)
from regional_assets.opening.model import AnnualClosing, Opening, WeeklyClosing
from regional_assets.region import bundled_region_folder, load_region

TODAY = datetime.date(2026, 11, 23)
SOURCE = Source(name="test", licence="CC0")
# The kinds that a region without a gap has.
ONE_OF_EACH = tuple(Kind)


def make(asset_id: str, north_km: float = 0.0, **fields: object) -> Asset:
    """Return an asset without any fault."""
    given: dict[str, object] = {
        "id": asset_id,
        "kind": Kind.CULTURE,
        "name": Name(ja=f"館{asset_id}", en=f"Museum {asset_id}"),
        "lon": 136.2,
        "lat": 35.9 + north_km / 111.195,
        "opening": Opening(osm="09:00-17:00"),
        "visit_minutes": VisitMinutes(min=10, typical=20, max=30),
        "price": Price(adult=300),
        "wheelchair": "yes",
        "stroller": "no",
        "checked": True,
        "sources": (SOURCE,),
        **fields,
    }
    return Asset.model_validate(given)


def good_assets() -> tuple[Asset, ...]:
    """Return one good asset of each kind, a kilometre apart."""
    dates = {"dates": (DateRange(first="2026-12-01", last="2026-12-31"),)}
    return tuple(
        make(kind.value, number, kind=kind, **(dates if kind is Kind.EVENT else {}))
        for number, kind in enumerate(ONE_OF_EACH)
    )


def check(*assets: Asset, **fields: object) -> CheckReport:
    region = Region.model_validate({"id": "test", "name": Name(ja="試"), "assets": (*good_assets(), *assets), **fields})
    return check_region(region, today=TODAY)


def found(report: CheckReport) -> list[tuple[str, str, str]]:
    return [(finding.severity, finding.code, finding.where) for finding in report.findings]


def test_good_region_has_nothing_to_repair() -> None:
    """No finding without a fault."""
    report = check()
    assert found(report) == []
    assert not report.has_errors
    assert report.assets_by_kind == dict.fromkeys([kind.value for kind in Kind], 1)
    assert report.fill["position"].share == 1.0


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"lon": None, "lat": None}, ("error", "no_position")),
        ({"lat": 26.2, "lon": 127.7}, ("warning", "far_from_region")),
        ({"opening": None}, ("warning", "hours_unknown")),
        ({"opening": None, "kind": Kind.NATURE}, ("note", "hours_unknown")),
        ({"opening": Opening(text="要問合せ", osm="09:00-17:00", unread=("要問合せ",))}, ("warning", "hours_unread")),
        ({"opening": Opening(osm="2020 Jan 1 09:00-17:00")}, ("error", "never_open")),
        (
            {"opening": Opening(osm="Mo 09:00-17:00", closed=(WeeklyClosing(weekdays=("mon",)),))},
            ("error", "never_open"),
        ),
        (
            {"opening": Opening(osm="09:00-17:00", closed=(AnnualClosing(first="01-01", last="12-31"),))},
            ("error", "never_open"),
        ),
        ({"opening": Opening(osm="SH 09:00-17:00")}, ("warning", "hours_unknown")),
        ({"price": Price()}, ("warning", "price_unknown")),
        ({"price": Price(), "kind": Kind.HUB}, ("note", "price_unknown")),
        ({"price": Price(text="fee=yes")}, ("warning", "price_unread")),
        ({"wheelchair": "unknown"}, ("note", "access_unknown")),
        ({"name": Name(ja="名")}, ("note", "no_english_name")),
        ({"name": Name(en="Name")}, ("note", "no_japanese_name")),
        ({"assumed": (Assumption(field="appeal", rule=Name(ja="推定")),)}, ("note", "assumed")),
        ({"checked": False}, ("note", "unchecked")),
        (
            {"kind": Kind.EVENT, "dates": (DateRange(first="2025-10-01", last="2025-10-02"),)},
            ("error", "event_past"),
        ),
        ({"kind": Kind.EVENT}, ("warning", "event_without_dates")),
    ],
)
def test_each_fault_has_its_finding(fields: dict[str, object], expected: tuple[str, str]) -> None:
    """One fault gives one finding, of the stated severity, that names the asset in both languages."""
    report = check(make("x", 0.5, **fields))
    assert found(report) == [(*expected, "x")]
    finding = report.findings[0]
    assert finding.message.ja != finding.message.en
    assert finding.name is not None


def test_yearly_event_is_not_over() -> None:
    """An event that returns every year is not reported as past."""
    yearly = make(
        "x",
        0.5,
        kind=Kind.EVENT,
        dates=(DateRange(first="2025-10-01", last="2025-10-02"),),
        season=(Season(first="10-01", last="10-02"),),
    )
    assert found(check(yearly)) == []


def test_same_place_twice_is_suspected() -> None:
    """Two entries with one name at one place are told."""
    report = check(
        make("a", 0.5, name=Name(ja="越前和紙の里", en="a")), make("b", 0.51, name=Name(ja="越前和紙の里", en="b"))
    )
    assert found(report) == [("warning", "suspected_double", "a")]
    assert "b" in report.findings[0].message.en


def test_crowd_at_one_position_is_told_and_compared_by_name_only() -> None:
    """Of thousands at one position, as an unskilled search for addresses leaves them, only equal names are doubles."""
    crowd = [
        make(f"c{number:04}", 0.5, name=Name(ja=f"越前工房{number:04}", en=f"c{number}")) for number in range(3000)
    ]
    again = [make("d1", 0.51, name=crowd[0].name), make("d2", 0.5, name=crowd[2999].name)]
    report = check(*crowd, *again)
    told = [each for each in found(report) if each[1] in ("position_shared", "suspected_double")]
    assert told == [
        ("warning", "position_shared", "c0000"),
        ("warning", "suspected_double", "c0000"),
        ("warning", "suspected_double", "c2999"),
    ]
    assert "3001" in next(each.message.en for each in report.findings if each.code == "position_shared")


def test_crowds_beside_each_other_are_compared_by_name() -> None:
    """Two crowds some metres apart, each of one name: every one of them is paired with the first of that name."""
    crowds = [
        make(f"{crowd}{number:04}", 0.5 + 0.1 * crowd, name=Name(ja="越前和紙の里", en="mill"))
        for crowd in range(2)
        for number in range(1000)
    ]
    doubles = [each.where for each in check(*crowds).findings if each.code == "suspected_double"]
    assert len(doubles) == 2 * 999 + 1000


def test_rules_and_tags_without_use_or_wording_are_told() -> None:
    """A combination that selects nothing says which side; a tag without wording is named."""
    rule = CombinationRule(
        id="bowl",
        left=Selector(tag="lacquer"),
        right=Selector(kind=Kind.FOOD),
        bonus=5,
        reason=Name(ja="器", en="bowl"),
    )
    report = check(make("x", 0.5, tags=("washi", "soba")), combinations=(rule,), tags={"soba": Name(ja="そば")})
    assert found(report) == [
        ("warning", "rule_selects_nothing", "bowl"),
        ("note", "tag_without_wording", "washi"),
    ]
    assert "left side" in report.findings[0].message.en


def test_missing_kinds_and_licences_are_told() -> None:
    """What a region lacks as a whole is told once."""
    region = Region(id="t", name=Name(ja="試"), assets=(make("x", sources=(Source(name="blog"),)),))
    report = check_region(region, today=TODAY)
    assert found(report) == [("note", "kind_missing", "t"), ("note", "source_without_licence", "blog")]


def test_missing_and_damaged_files_are_errors(tmp_path: Path) -> None:
    """Networks and timetables that the region names are opened."""
    np.savez(tmp_path / "good.npz", x=np.arange(1000))
    damaged = bytearray((tmp_path / "good.npz").read_bytes())
    damaged[400] ^= 0xFF
    (tmp_path / "damaged.npz").write_bytes(damaged)
    (tmp_path / "foreign.npz").write_bytes(b"text")
    streets = tuple(
        StreetSource(mode="walk", file=f"{name}.npz", source=SOURCE) for name in ("good", "damaged", "foreign", "none")
    )
    report = check(streets=streets, timetables=("bus.zip",), folder=tmp_path)
    assert [(finding.code, Path(finding.where).name) for finding in report.findings] == [
        ("timetable_unusable", "bus.zip"),
        ("streets_unusable", "damaged.npz"),
        ("streets_unusable", "foreign.npz"),
        ("streets_unusable", "none.npz"),
    ]
    assert report.has_errors


def test_worst_comes_first_and_appeal_decides_among_equals() -> None:
    """Errors before warnings before notes; the most attractive place is repaired first."""
    report = check(
        make("dull", 0.2, price=Price(), appeal=10),
        make("great", 0.4, price=Price(), appeal=90),
        make("lost", lon=None, lat=None),
        make("new", 0.6, checked=False),
    )
    assert [finding.where for finding in report.findings] == ["lost", "great", "dull", "new"]
    assert report.counts == {"no_position": 1, "price_unknown": 2, "unchecked": 1}


def test_report_is_plain_json() -> None:
    """The report goes through JSON, with counts, shares and both languages."""
    content = json.loads(json.dumps(check(make("x", 0.5, price=Price())).as_json()))
    assert content["assets"] == len(Kind) + 1
    assert content["counts"] == {"price_unknown": 1}
    assert content["severities"] == {"error": 0, "warning": 1, "note": 0}
    assert content["fill"]["price"] == {"known": len(Kind), "of": len(Kind) + 1, "share": 0.875}
    assert content["findings"][0]["message"].keys() == {"ja", "en"}


def test_progress_is_reported() -> None:
    """A caller hears of each asset."""
    heard: list[tuple[int, int]] = []
    region = Region(id="t", name=Name(ja="試"), assets=good_assets())
    check_region(region, today=TODAY, progress=lambda done, total: heard.append((done, total)))
    assert heard == [(number, len(Kind)) for number in range(1, len(Kind) + 1)]


def test_bundled_region_has_no_errors() -> None:
    """What ships can be used as it is."""
    report = check_region(load_region(bundled_region_folder()), today=TODAY)
    assert [finding for finding in report.findings if finding.severity == "error"] == []
    severities = [SEVERITIES.index(finding.severity) for finding in report.findings]
    assert severities == sorted(severities)
