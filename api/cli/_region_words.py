"""What the region commands answer, for programs and for people."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from api.texts import say
from api.wording import date_words, hours_words, place_words, yen_words
from regional_assets.opening import hours_on

if TYPE_CHECKING:
    from rich.console import RenderableType

    from api.region_building import BuiltRegion, CheckedTimetable
    from api.tile_building import TileReport
    from regional_assets.check import CheckReport
    from regional_assets.errors import Problem
    from regional_assets.findings import Finding
    from regional_assets.model import Asset, Region
    from regional_assets.opening import DayHours
    from regional_assets.report import ReadResult
    from regional_assets.text import Language
    from routing.request import Mode
    from routing.streets import BuildReport

_PROBLEMS_SHOWN = 5
_SORTS_SHOWN = 8
_EXAMPLES_SHOWN = 3
# Of a cell that holds a whole page of text, the beginning is enough to find it.
_LONGEST_LINE = 160


def build_words(built: BuiltRegion, language: Language) -> Iterator[RenderableType]:
    """Yield the report of a build: every input with rows in and out, merging, streets, and where the rest stands."""
    region = built.region
    yield Line(say("region.built", language, name=place_words(region.name, language), folder=region.folder), "bold")
    yield Line("")
    yield _inputs_table(built.read, language)
    for result in built.read:
        yield from _problem_lines("region.refused_in", result.refused, result, language, style="red")
        yield from _problem_lines("region.warnings_in", result.warnings, result, language, style="yellow")
    if built.merged is not None:
        yield Line(say("region.merged", language, count=len(built.merged.merged), total=len(region.assets)))
        for pair in built.merged.merged[:_PROBLEMS_SHOWN]:
            names = f"{pair.kept_name.in_(language)} = {pair.absorbed_name.in_(language)}: {pair.why.in_(language)}"
            yield _indented(Line(names, style="dim"))
    yield Line(_kinds_line(region, language))
    yield from streets_words(region, built.streets, built.notes, language, tiles=built.tiles)
    if not built.streets:
        yield Line(say("region.no_streets", language), style="dim")
    for timetable in built.timetables:
        yield from _timetable_lines(timetable, language)
    yield Line(say("region.report_file", language, file="build-report.json"), style="dim")


def _timetable_lines(timetable: CheckedTimetable, language: Language) -> Iterator[RenderableType]:
    """Yield the size and validity of a timetable, then what its publisher should repair."""
    first, last = timetable.validity or ("?", "?")
    counts = {key: f"{timetable.counts.get(key, 0):,}" for key in ("stops", "routes", "trips")}
    yield Line(say("region.timetable", language, file=timetable.name, first=first, last=last, **counts))
    for finding in timetable.findings:
        place = finding.where.removeprefix(timetable.name).strip()
        line = " ".join(filter(None, (say(f"severity.{finding.severity}", language), place)))
        style = {"error": "bold red", "warning": "yellow"}.get(finding.severity, "dim")
        yield _indented(Line(f"{line} {finding.message.in_(language)}", style=style))


def streets_payload(
    region: Region, reports: Mapping[Mode, BuildReport], notes: Sequence[Problem], *, tiles: TileReport | None
) -> dict[str, Any]:
    """Return what the street networks and tiles of a region are, as plain JSON types."""
    return {
        "region": region.id,
        "folder": str(region.folder),
        "streets": {mode: report.to_dict() for mode, report in reports.items()},
        "tiles": tiles and tiles.to_json(),
        "notes": [{"where": n.where, "message": {"ja": n.message.ja, "en": n.message.en}} for n in notes],
        "sources": [source.name for source in region.sources],
    }


def streets_words(
    region: Region,
    reports: Mapping[Mode, BuildReport],
    notes: Sequence[Problem],
    language: Language,
    *,
    tiles: TileReport | None,
) -> Iterator[RenderableType]:
    """Yield a line per street network, its assumptions, the modes that have none, and what was drawn of it all."""
    # What the files hold before they are joined is the same for every mode.
    for file in next((report.files for report in reports.values()), ()):
        counts = {"streets": f"{file.streets:,}", "nodes": f"{file.nodes:,}", "edges": f"{file.edges:,}"}
        yield Line(say("region.street_file", language, file=file.name, **counts))
    for mode, report in reports.items():
        share = report.largest_nodes / report.nodes if report.nodes else 0.0
        words = say(
            "region.network",
            language,
            mode=say(f"mode.{mode}", language),
            nodes=f"{report.nodes:,}",
            edges=f"{report.edges:,}",
            km=f"{report.street_km:,.0f}",
            share=f"{share:.0%}",
        )
        yield Line(words)
        refused = ", ".join(f"{say(f'way.{_key(why)}', language)} {count:,}" for why, count in report.refused.items())
        if refused:
            yield _indented(Line(say("region.ways_refused", language, list=refused), style="dim"))
        if report.missing_nodes:
            line = say("region.missing_nodes", language, count=f"{report.missing_nodes:,}")
            yield _indented(Line(line, style="dim"))
    for fact in dict.fromkeys(fact for report in reports.values() for fact in report.assumed):
        yield _indented(Line(fact.in_(language), style="dim"))
    for note in notes:
        yield Line(f"{say('cli.note', language)} {note.line(language)}", style="yellow")
    if tiles is not None:
        yield from _tiles_lines(tiles, language)
    if reports:
        streets = {entry.source.name: entry.source.licence for entry in region.streets}
        names = "; ".join(f"{name} ({licence})" if licence else name for name, licence in streets.items())
        yield Line(f"{say('timetable.sources', language)} {names}", style="dim")


def _tiles_lines(tiles: TileReport, language: Language) -> Iterator[RenderableType]:
    """Yield what the tiles show, and what they do not."""
    size = f"{tiles.size_bytes / 1e6:.1f}"
    layers = _layers_line(tiles.layers, language)
    yield Line(say("tiles.drawn", language, layers=layers, size=size, first=tiles.minzoom, last=tiles.maxzoom))
    if tiles.left_out:
        line = say("tiles.left_out", language, layers=_layers_line(tiles.left_out, language))
        yield _indented(Line(line, style="dim"))


def _layers_line(counts: Mapping[str, int], language: Language) -> str:
    return ", ".join(f"{say(f'tile_layer.{name}', language)} {count:,}" for name, count in counts.items())


def _key(reason: str) -> str:
    return reason.replace(" ", "_")


def check_payload(report: CheckReport) -> dict[str, Any]:
    """Return the findings of a check, as plain JSON types."""
    return {
        "region": report.region,
        "assets_by_kind": dict(report.assets_by_kind),
        "counts": report.counts,
        "fill": {field: {"known": fill.known, "of": fill.of} for field, fill in report.fill.items()},
        "findings": [finding.as_json() for finding in report.findings],
    }


def check_words(report: CheckReport, language: Language, *, show_all: bool = False) -> Iterator[RenderableType]:
    """Yield what should be repaired, worst first, a few of each sort; then how full the fields are."""
    severities = Counter(finding.severity for finding in report.findings)
    counts = [f"{say(f'severity.{severity}', language)} {count:,}" for severity, count in severities.items()]
    yield Line(" · ".join(counts) or say("region.all_well", language), style="bold")
    for severity in severities:
        style = {"error": "bold red", "warning": "yellow"}.get(severity, "")
        sorts: dict[tuple[str, str], list[Finding]] = {}
        for finding in report.findings:
            if finding.severity == severity:
                sorts.setdefault((finding.code, _sort_of(finding.message.en)), []).append(finding)
        yield Line("")
        yield Line(say(f"severity.{severity}", language), style=style)
        for alike in sorts.values():
            yield from _finding_lines(alike, language, show_all=show_all)
    yield Line("")
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
    table.add_column(say("column.field", language))
    table.add_column(say("column.known", language), justify="right")
    for field, fill in report.fill.items():
        table.add_row(Line(say(f"field.{field}", language)), f"{fill.known:,} / {fill.of:,} ({fill.share:.0%})")
    yield table
    if not show_all and report.findings:
        yield Line(say("region.check_all", language), style="dim")


def _finding_lines(alike: Sequence[Finding], language: Language, *, show_all: bool) -> Iterator[RenderableType]:
    """Yield one sort of finding: what is wrong with how many, then where, a few unless all are wanted."""
    messages = {finding.message.in_(language) for finding in alike}
    first = alike[0].message.in_(language)
    head = first if len(messages) == 1 else _sort_of(first)
    yield _indented(Line(f"{head} ({len(alike):,}) [{alike[0].code}]"))
    shown = alike if show_all else alike[: _EXAMPLES_SHOWN if alike[0].severity == "note" else _PROBLEMS_SHOWN]
    for finding in shown:
        # The name first, for people; the id is what the file is searched for.
        words = f"{finding.name.in_(language)} ({finding.where})" if finding.name else finding.where
        if len(messages) > 1:
            words += f": {finding.message.in_(language)[len(_sort_of(finding.message.in_(language))) :].lstrip(':： ')}"
        yield _indented(Line(words if show_all else _clipped(words), style="dim"), deep=True)
    if len(alike) > len(shown):
        more = say("timetable.more", language, count=f"{len(alike) - len(shown):,}")
        yield _indented(Line(more, style="dim"), deep=True)


def show_payload(region: Region, assets: Sequence[Asset], date: dt.date) -> dict[str, Any]:
    """Return the assets with their hours on a date, as plain JSON types."""
    return {
        "region": region.id,
        "name": region.name.model_dump(exclude_none=True),
        "folder": str(region.folder),
        "date": date.isoformat(),
        "notice": region.notice.model_dump(exclude_none=True) if region.notice else None,
        "streets": [entry.mode for entry in region.streets],
        "assets": [_plain_asset(asset, _hours(asset, date)) for asset in assets],
    }


def show_words(region: Region, assets: Sequence[Asset], date: dt.date, language: Language) -> Iterator[RenderableType]:
    """Yield a table of assets with hours and price on a date."""
    yield Line(f"{place_words(region.name, language)}  {date_words(date, language)}", style="bold")
    if region.notice:
        yield Line(region.notice.in_(language), style="yellow")
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
    for key in ("kind", "name", "hours", "adult", "id"):
        right = key == "adult"
        table.add_column(say(f"column.{key}", language), justify="right" if right else "left", no_wrap=key != "name")
    for asset in sorted(assets, key=lambda asset: (asset.kind, -asset.appeal, asset.id)):
        hours = hours_words(_hours(asset, date), language)
        price = say("timetable.free", language) if asset.price.adult == 0 else yen_words(asset.price.adult, language)
        name = Line(place_words(asset.name, language), overflow="fold")
        table.add_row(say(f"kind.{asset.kind}", language), name, hours, price, Line(asset.id, style="dim"))
    yield table
    yield Line(_kinds_line(region, language))
    modes = ", ".join(say(f"mode.{entry.mode}", language) for entry in region.streets)
    yield Line(say("region.streets", language, modes=modes) if modes else say("region.no_streets", language), "dim")


def _hours(asset: Asset, date: dt.date) -> DayHours:
    position = (asset.lon, asset.lat) if asset.lon is not None and asset.lat is not None else None
    return hours_on(asset.opening, date, lon_lat=position)


def _plain_asset(asset: Asset, hours: DayHours) -> dict[str, Any]:
    return {
        "id": asset.id,
        "kind": str(asset.kind),
        "name": asset.name.model_dump(exclude_none=True),
        "lon": asset.lon,
        "lat": asset.lat,
        "hours": {
            "status": hours.status,
            "windows": [[window.open_s, window.close_s] for window in hours.windows],
            "rule": {"ja": hours.rule.ja, "en": hours.rule.en} if hours.rule else None,
        },
        "price_adult": asset.price.adult,
        "appeal": asset.appeal,
        "checked": asset.checked,
    }


def _inputs_table(read: Sequence[ReadResult], language: Language) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
    for key in ("input", "dataset", "rows", "accepted", "refused", "warnings"):
        is_number = key not in ("input", "dataset")
        table.add_column(say(f"column.{key}", language), justify="right" if is_number else "left")
    for result in read:
        counts = (result.rows, len(result.assets), len(result.refused), len(result.warnings))
        table.add_row(Line(result.source), Line(result.dataset), *(f"{count:,}" for count in counts))
    return table


def _problem_lines(
    key: str, problems: Sequence[Problem], result: ReadResult, language: Language, *, style: str
) -> Iterator[RenderableType]:
    """Yield what was refused or doubted in one input: each sort once with its number, the commonest first."""
    if not problems:
        return
    yield Line(say(key, language, file=result.source, count=f"{len(problems):,}"), style=style)
    sorts: dict[str, list[Problem]] = {}
    for problem in problems:
        sorts.setdefault(_sort_of(problem.message.en), []).append(problem)
    ranked = sorted(sorts.values(), key=len, reverse=True)
    for alike in ranked[:_SORTS_SHOWN]:
        yield from _sort_lines(alike, result.source, language)
    if len(ranked) > _SORTS_SHOWN:
        rest = sum(map(len, ranked[_SORTS_SHOWN:]))
        yield _indented(Line(say("timetable.more", language, count=f"{rest:,}"), style="dim"))


def _sort_lines(alike: Sequence[Problem], source: str, language: Language) -> Iterator[RenderableType]:
    """Yield one sort of problem: a single one in a line, many with their number and the first few."""
    if len(alike) == 1:
        problem = alike[0]
        line = f"{_short_where(problem.where, source, language)}: {problem.message.in_(language)}"
        yield _indented(Line(_clipped(line.removeprefix(": ")), style="dim"))
        return
    words = [problem.message.in_(language) for problem in alike]
    head = words[0] if len(set(words)) == 1 else _sort_of(words[0])
    yield _indented(Line(f"{head} ({len(alike):,})"))
    more = say("timetable.more", language, count=f"{len(alike) - _EXAMPLES_SHOWN:,}")
    wheres = [_short_where(problem.where, source, language) for problem in alike[:_EXAMPLES_SHOWN]]
    has_more = len(alike) > _EXAMPLES_SHOWN
    if len(set(words)) == 1:
        yield _indented(Line(_clipped("; ".join(wheres)) + (f" {more}" if has_more else ""), style="dim"), deep=True)
        return
    for where, text in zip(wheres, words, strict=False):
        rest = text[len(_sort_of(text)) :].lstrip(":： ")
        yield _indented(Line(_clipped(f"{where}: {rest}"), style="dim"), deep=True)
    if has_more:
        yield _indented(Line(more, style="dim"), deep=True)


def _sort_of(message: str) -> str:
    """Return what a message says before it comes to the single case."""
    return re.split(r"\s*[:：(（「'\"\d]", message, maxsplit=1)[0] or message


def _short_where(where: str, source: str, language: Language) -> str:
    """Return a place in a file without the name of the file, which stands above."""
    line = re.fullmatch(rf"{re.escape(source)}:(\d+)(.*)", where)
    if line is not None:
        return say("region.line", language, number=line[1]) + line[2]
    return where.removeprefix(source).strip()


def _clipped(words: str) -> str:
    return words if len(words) <= _LONGEST_LINE else words[: _LONGEST_LINE - 1] + "…"


def _kinds_line(region: Region, language: Language) -> str:
    kinds = Counter(asset.kind for asset in region.assets)
    counted = ", ".join(f"{say(f'kind.{kind}', language)} {count}" for kind, count in sorted(kinds.items()))
    return say("region.places", language, count=len(region.assets), kinds=counted)


def _indented(line: RenderableType, *, deep: bool = False) -> RenderableType:
    return Padding(line, (0, 0, 0, 8 if deep else 4), expand=False)
