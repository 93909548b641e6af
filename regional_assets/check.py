"""What a tourism board should repair in its region, worst first."""

from __future__ import annotations

import datetime
import math
import zipfile
from collections import Counter
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any

from regional_assets.errors import InputError
from regional_assets.findings import SEVERITIES, Finding, Severity
from regional_assets.merge import alike_pairs, crowds
from regional_assets.model import Asset, Kind, Price, Region
from regional_assets.opening import hours_on
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

# From the most to the least pressing, within one severity.
_ORDER = (
    "timetable_unusable",
    "streets_unusable",
    "never_open",
    "no_position",
    "event_past",
    "far_from_region",
    "position_shared",
    "suspected_double",
    "hours_unread",
    "price_unread",
    "hours_unknown",
    "price_unknown",
    "rule_selects_nothing",
    "event_without_dates",
    "kind_missing",
)
_KM_PER_DEGREE = 111.195
_FAR_AT_LEAST_KM = 30.0
_FAR_TIMES_USUAL = 4.0
_HOURS_MATTER = frozenset({Kind.CULTURE, Kind.CRAFT, Kind.FOOD})
_PRICE_MATTERS = frozenset({Kind.CULTURE, Kind.CRAFT, Kind.FOOD, Kind.LODGING, Kind.EVENT})
_RATES = ("adult", "child", "student", "senior", "resident", "infant")
_DAYS_AHEAD = 366

_FIELD_NAMES: dict[str, Text] = {
    "visit_minutes": Text(ja="滞在時間", en="length of visit"),
    "appeal": Text(ja="魅力度", en="appeal"),
    "opening": Text(ja="営業時間", en="hours"),
    "meals": Text(ja="食事", en="meals"),
    "indoor": Text(ja="屋内・屋外", en="indoors or outdoors"),
    "price": Text(ja="料金", en="price"),
    "kind": Text(ja="種別", en="kind"),
    "dates": Text(ja="開催日", en="dates"),
    "municipality": Text(ja="市区町村", en="municipality"),
}


@dataclass(frozen=True, slots=True)
class Fill:
    """Say how many assets have a field: ``known`` of ``of``."""

    known: int
    of: int

    @property
    def share(self) -> float:
        """Between 0 and 1; 1 where there is nothing to fill."""
        return self.known / self.of if self.of else 1.0


@dataclass(frozen=True, slots=True)
class CheckReport:
    """
    Hold what was found in a region.

    Parameters
    ----------
    region
        Its id.
    findings
        Worst first; within a kind of finding, the most appealing assets first.
    assets_by_kind
        Number of assets of each kind.
    fill
        Field to how many assets have it.
    """

    region: str
    findings: tuple[Finding, ...]
    assets_by_kind: Mapping[str, int]
    fill: Mapping[str, Fill]

    @property
    def counts(self) -> dict[str, int]:
        """Findings by code, worst first."""
        return dict(Counter(finding.code for finding in self.findings))

    @property
    def has_errors(self) -> bool:
        """Whether something cannot be used as it is."""
        return any(finding.severity == "error" for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "region": self.region,
            "assets": sum(self.assets_by_kind.values()),
            "assets_by_kind": dict(self.assets_by_kind),
            "fill": {
                field: {"known": fill.known, "of": fill.of, "share": round(fill.share, 4)}
                for field, fill in self.fill.items()
            },
            "severities": {
                severity: sum(finding.severity == severity for finding in self.findings) for severity in SEVERITIES
            },
            "counts": self.counts,
            "findings": [finding.as_json() for finding in self.findings],
        }


def check_region(
    region: Region, *, today: datetime.date | None = None, progress: Callable[[int, int], None] | None = None
) -> CheckReport:
    """
    Return everything in a region that its board should repair.

    Positions, crowds at one of them, doubles, hours (unknown, unread, never open within a year), prices, access, names,
    assumptions, entries nobody has checked, events that are over, combinations that select nothing, tags without
    wording, missing or damaged street networks and timetables.

    Parameters
    ----------
    region
        Files are checked where ``region.folder`` is set.
    today
        Day from which a year of hours is looked at, and by which events are over; ``None`` for the present day.
    progress
        Called with the number of assets done and of all.
    """
    today = today or datetime.date.today()
    findings: list[Finding] = []
    for number, asset in enumerate(region.assets, start=1):
        findings += _asset_findings(asset, today)
        if progress is not None:
            progress(number, len(region.assets))
    findings += _far_away(region.assets)
    findings += _crowds(region.assets)
    findings += _doubles(region.assets)
    findings += _combinations(region)
    findings += _wording(region)
    findings += _missing_kinds(region)
    findings += _licences(region)
    if region.folder is not None:
        findings += _streets(region, region.folder)
        findings += _timetables(region, region.folder, today)
    return CheckReport(
        region=region.id,
        findings=tuple(sorted(findings, key=partial(_rank, {asset.id: asset.appeal for asset in region.assets}))),
        assets_by_kind={kind.value: sum(asset.kind is kind for asset in region.assets) for kind in Kind},
        fill=_fill(region.assets),
    )


def _rank(appeal: Mapping[str, int], finding: Finding) -> tuple[int, int, str, int, str]:
    urgency = _ORDER.index(finding.code) if finding.code in _ORDER else len(_ORDER)
    return SEVERITIES.index(finding.severity), urgency, finding.code, -appeal.get(finding.where, 0), finding.where


def _about(asset: Asset, severity: Severity, code: str, ja: str, en: str) -> Finding:
    return Finding(severity, code, asset.id, Text(ja=ja, en=en), asset.name.text)


def _asset_findings(asset: Asset, today: datetime.date) -> Iterator[Finding]:
    if not asset.has_position:
        yield _about(
            asset,
            "error",
            "no_position",
            "位置がないので計画に入れられません。緯度・経度を入れてください",
            "has no position, so it cannot be planned; give its longitude and latitude",
        )
    yield from _hours(asset, today)
    yield from _price(asset)
    yield from _event(asset, today)
    unknown = [field for field in ("wheelchair", "stroller") if getattr(asset, field) == "unknown"]
    if unknown:
        ja = "・".join({"wheelchair": "車いす", "stroller": "ベビーカー"}[field] for field in unknown)
        yield _about(
            asset, "note", "access_unknown", f"{ja}の可否が不明です", f"access unknown: {' and '.join(unknown)}"
        )
    if asset.name.en is None:
        yield _about(asset, "note", "no_english_name", "英語名がありません", "has no English name")
    if asset.name.ja is None:
        yield _about(asset, "note", "no_japanese_name", "日本語名がありません", "has no Japanese name")
    if asset.assumed:
        fields = [_FIELD_NAMES.get(flag.field, Text(flag.field, flag.field)) for flag in asset.assumed]
        yield _about(
            asset,
            "note",
            "assumed",
            f"仮定した値があります: {'、'.join(field.ja for field in fields)}",
            f"assumed by us: {', '.join(field.en for field in fields)}",
        )
    if not asset.checked:
        yield _about(
            asset, "note", "unchecked", "現地・公式情報との照合がまだです", "nobody has compared it with the place"
        )


def _hours(asset: Asset, today: datetime.date) -> Iterator[Finding]:
    opening = asset.opening
    if opening is not None and opening.unread:
        parts = "、".join(opening.unread)
        yield _about(
            asset,
            "warning",
            "hours_unread",
            f"読めない営業時間の記述: {parts}",
            f"hours that were not understood: {parts}",
        )
    if opening is None or (opening.osm is None and not opening.closed):
        has_slots = bool(asset.slots) or asset.kind in (Kind.HUB, Kind.LODGING, Kind.EVENT)
        severity: Severity = "warning" if asset.kind in _HOURS_MATTER and not has_slots else "note"
        yield _about(
            asset,
            severity,
            "hours_unknown",
            "営業時間が不明です(種別の標準的な時間を仮定して計画します)",
            "hours unknown; plans assume the usual hours of its kind",
        )
        return
    statuses = _statuses_within_a_year(asset, today)
    if statuses == {"closed"}:
        yield _about(
            asset,
            "error",
            "never_open",
            "今後一年、開いている日がありません。営業時間と休みの規則を確かめてください",
            "not open on any day of the coming year; check its hours and closing rules",
        )
    elif "open" not in statuses:
        yield _about(
            asset,
            "warning",
            "hours_unknown",
            "開いている日を判定できません(種別の標準的な時間を仮定して計画します)",
            "no day on which it is known to be open; plans assume the usual hours of its kind",
        )


def _statuses_within_a_year(asset: Asset, today: datetime.date) -> set[str]:
    """Return the statuses that occur; the search ends with the first open day."""
    position = (asset.lon, asset.lat) if asset.lon is not None and asset.lat is not None else None
    found: set[str] = set()
    for offset in range(_DAYS_AHEAD):
        status = hours_on(asset.opening, today + datetime.timedelta(days=offset), lon_lat=position).status
        found.add(status)
        if status == "open":
            break
    return found


def _price(asset: Asset) -> Iterator[Finding]:
    if _has_price(asset.price):
        return
    if asset.price.text:
        yield _about(
            asset,
            "warning",
            "price_unread",
            f"料金の記述を金額にできません: {asset.price.text}",
            f"no amount in what is said of the price: {asset.price.text}",
        )
    else:
        severity: Severity = "warning" if asset.kind in _PRICE_MATTERS else "note"
        yield _about(
            asset,
            severity,
            "price_unknown",
            "料金が不明です(無料なら 0 を入れてください)",
            "price unknown (give 0 where it is free)",
        )


def _has_price(price: Price) -> bool:
    return any(getattr(price, rate) is not None for rate in _RATES)


def _event(asset: Asset, today: datetime.date) -> Iterator[Finding]:
    if asset.kind is not Kind.EVENT:
        return
    if not asset.dates and not asset.season:
        yield _about(asset, "warning", "event_without_dates", "開催日が不明です", "dates unknown")
    elif asset.dates and not asset.season and all(span.last < today.isoformat() for span in asset.dates):
        last = max(span.last for span in asset.dates)
        yield _about(
            asset,
            "error",
            "event_past",
            f"終わった催しです。次の開催日を入れるか、外してください: {last} まで",
            f"an event that is over; give the next dates, or remove it: until {last}",
        )


def _far_away(assets: Iterable[Asset]) -> Iterator[Finding]:
    placed = [(asset, asset.lon, asset.lat) for asset in assets if asset.lon is not None and asset.lat is not None]
    if len(placed) < 4:
        return
    middle_lon, middle_lat = median(lon for _, lon, _ in placed), median(lat for _, _, lat in placed)
    distances_km = [
        _KM_PER_DEGREE * math.hypot((lon - middle_lon) * math.cos(math.radians(middle_lat)), lat - middle_lat)
        for _, lon, lat in placed
    ]
    # The three quarters of the assets that lie nearest say how far the region reaches.
    usual_km = sorted(distances_km)[3 * len(placed) // 4]
    limit_km = max(_FAR_AT_LEAST_KM, _FAR_TIMES_USUAL * usual_km)
    for (asset, _, _), distance_km in zip(placed, distances_km, strict=True):
        if distance_km > limit_km:
            yield _about(
                asset,
                "warning",
                "far_from_region",
                f"地域の中心から離れています。位置を確かめてください: {distance_km:.0f} km",
                f"far from the middle of the region; check its position: {distance_km:.0f} km",
            )


def _crowds(assets: tuple[Asset, ...]) -> Iterator[Finding]:
    for spot in crowds(assets):
        yield _about(
            assets[spot[0]],
            "warning",
            "position_shared",
            f"{len(spot)}件が同じ位置にあります。位置を確かめてください。重複は名称が同じものだけを調べました",
            f"{len(spot)} assets are at this one position; check it. Only equal names were compared for doubles there",
        )


def _doubles(assets: tuple[Asset, ...]) -> Iterator[Finding]:
    for pair in alike_pairs(assets):
        first, second = assets[pair.first], assets[pair.second]
        away_ja = "位置不明" if pair.distance_m is None else f"{pair.distance_m:.0f} m"
        away_en = "position unknown" if pair.distance_m is None else f"{pair.distance_m:.0f} m away"
        yield _about(
            first,
            "warning",
            "suspected_double",
            f"同じ場所かもしれません: {second.name.in_('ja')} {second.id}({away_ja})",
            f"may be the same place as: {second.name.in_('en')} {second.id} ({away_en})",
        )


def _combinations(region: Region) -> Iterator[Finding]:
    for rule in region.combinations:
        empty = [
            Text(ja=ja, en=en)
            for selector, ja, en in ((rule.left, "左側", "left side"), (rule.right, "右側", "right side"))
            if not any(selector.selects(asset) for asset in region.assets)
        ]
        if empty:
            yield Finding(
                "warning",
                "rule_selects_nothing",
                rule.id,
                Text(
                    ja=f"組み合わせの{'と'.join(side.ja for side in empty)}に当てはまる資源がありません",
                    en=f"no asset fits the {' and the '.join(side.en for side in empty)} of this combination",
                ),
                rule.reason.text,
            )


def _wording(region: Region) -> Iterator[Finding]:
    used = Counter(tag for asset in region.assets for tag in {*asset.tags, *asset.themes, *asset.serves, *asset.uses})
    for tag, number in used.most_common():
        if tag not in region.tags:
            yield Finding(
                "note",
                "tag_without_wording",
                tag,
                Text(
                    ja=f"言い方が region.toml にないタグ: {tag}({number} 件)",
                    en=f"tag without wording in region.toml: {tag} ({number} assets)",
                ),
            )


def _missing_kinds(region: Region) -> Iterator[Finding]:
    missing = [kind for kind in Kind if not any(asset.kind is kind for asset in region.assets)]
    if missing:
        names = ", ".join(missing)
        yield Finding(
            "note",
            "kind_missing",
            region.id,
            Text(ja=f"資源が一つもない種別: {names}", en=f"kinds without any asset: {names}"),
            region.name.text,
        )


def _licences(region: Region) -> Iterator[Finding]:
    sources = {source.name for asset in region.assets for source in asset.sources if source.licence is None}
    sources |= {source.name for source in region.sources if source.licence is None}
    stated = {source.name for source in region.sources if source.licence is not None}
    for name in sorted(sources - stated):
        yield Finding(
            "note",
            "source_without_licence",
            name,
            Text(ja="出典の利用条件が書かれていません", en="the licence of the source is not stated"),
        )


def _streets(region: Region, folder: Path) -> Iterator[Finding]:
    if not region.streets:
        yield Finding(
            "note",
            "no_streets",
            region.id,
            Text(
                ja="道路網がないので、移動は距離からの推定になります",
                en="has no street network: travel is estimated from distances",
            ),
            region.name.text,
        )
    for streets in region.streets:
        fault = _archive_fault(folder / streets.file)
        if fault is not None:
            yield Finding("error", "streets_unusable", streets.file, fault)


def _archive_fault(path: Path) -> Text | None:
    """Return what is wrong with an ``.npz`` file, which is a zip archive with checksums."""
    if not path.is_file():
        return Text(ja="道路網のファイルがありません", en="the street network file is missing")
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, NotImplementedError) as error:
        return Text(ja=f"道路網のファイルが壊れています({error})", en=f"the street network file is damaged ({error})")
    if damaged is not None:
        return Text(
            ja=f"道路網のファイルが壊れています({damaged})", en=f"the street network file is damaged ({damaged})"
        )
    return None


def _timetables(region: Region, folder: Path, today: datetime.date) -> Iterator[Finding]:
    if not region.timetables:
        return
    from regional_assets.readers.gtfs import check_gtfs, read_gtfs

    for file in region.timetables:
        try:
            feed = read_gtfs(folder / file)
        except InputError as error:
            for problem in error.problems:
                yield Finding("error", "timetable_unusable", problem.where, problem.message)
        else:
            yield from check_gtfs(feed, today=today)


def _fill(assets: tuple[Asset, ...]) -> dict[str, Fill]:
    def assumed(asset: Asset, field: str) -> bool:
        return any(flag.field == field for flag in asset.assumed)

    tests: dict[str, Callable[[Asset], bool]] = {
        "position": lambda asset: asset.has_position,
        "name_ja": lambda asset: asset.name.ja is not None,
        "name_en": lambda asset: asset.name.en is not None,
        "hours": lambda asset: asset.opening is not None and asset.opening.osm is not None,
        "price": lambda asset: _has_price(asset.price),
        "visit_minutes": lambda asset: not assumed(asset, "visit_minutes"),
        "appeal": lambda asset: not assumed(asset, "appeal"),
        "wheelchair": lambda asset: asset.wheelchair != "unknown",
        "stroller": lambda asset: asset.stroller != "unknown",
        "indoor": lambda asset: asset.indoor != "unknown" and not assumed(asset, "indoor"),
        "description": lambda asset: asset.description is not None,
        "operator": lambda asset: asset.operator is not None,
        "address": lambda asset: asset.address is not None,
        "url": lambda asset: asset.url is not None,
        "photo": lambda asset: asset.photo is not None,
        "checked": lambda asset: asset.checked,
    }
    return {field: Fill(sum(map(test, assets)), len(assets)) for field, test in tests.items()}
