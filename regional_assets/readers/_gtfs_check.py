"""The checks behind `regional_assets.readers.gtfs.check_gtfs`."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING

from regional_assets.findings import SEVERITIES, Finding, Severity
from regional_assets.readers.gtfs import MISSING_S, seconds_of
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from regional_assets.readers.gtfs import Feed

_EXAMPLES = 3
_DAY_S = 86_400
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_UNIQUE = {"stops": "stop_id", "routes": "route_id", "trips": "trip_id", "calendar": "service_id"}
# Table, column -> table and column where the value must occur; blanks are fine unless marked.
_REFERENCES: tuple[tuple[str, str, str, str, bool], ...] = (
    ("trips", "route_id", "routes", "route_id", True),
    ("stop_times", "trip_id", "trips", "trip_id", True),
    ("stop_times", "stop_id", "stops", "stop_id", True),
    ("routes", "agency_id", "agency", "agency_id", False),
    ("stops", "parent_station", "stops", "stop_id", False),
    ("trips", "shape_id", "shapes", "shape_id", False),
    ("frequencies", "trip_id", "trips", "trip_id", True),
    ("fare_rules", "fare_id", "fare_attributes", "fare_id", True),
    ("fare_rules", "route_id", "routes", "route_id", False),
)
_FAR_DEGREES = 3.0


def findings_of(feed: Feed, *, today: datetime.date | None) -> tuple[Finding, ...]:
    """Return what `check_gtfs` returns."""
    found = [
        *_unique_ids(feed),
        *_references(feed),
        *_services(feed),
        *_stops(feed),
        *_times(feed),
        *_calendars(feed),
        *_frequencies(feed),
        *_validity(feed, today or datetime.date.today()),
        *_writing(feed),
    ]
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))


def validity_of(feed: Feed) -> tuple[datetime.date, datetime.date] | None:
    """Return the first and last date of validity."""
    info = feed["feed_info"]
    if len(info) and {"feed_start_date", "feed_end_date"} <= set(info.columns):
        first, last = _date(info["feed_start_date"].iloc[0]), _date(info["feed_end_date"].iloc[0])
        if first is not None and last is not None:
            return first, last
    calendar, exceptions = feed["calendar"], feed["calendar_dates"]
    added = exceptions[exceptions["exception_type"] == "1"]
    texts = (*calendar["start_date"], *calendar["end_date"], *added["date"])
    dates = [date for text in texts if (date := _date(text)) is not None]
    return (min(dates), max(dates)) if dates else None


def _date(text: str) -> datetime.date | None:
    match = re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
    try:
        return datetime.date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _finding(feed: Feed, severity: Severity, code: str, file: str, ja: str, en: str) -> Finding:
    return Finding(severity, code, f"{feed.source} {file}".strip(), Text(ja=ja, en=en))


def _examples(values: pd.Series[str]) -> str:
    shown = list(dict.fromkeys(values))
    return ", ".join(shown[:_EXAMPLES]) + (", …" if len(shown) > _EXAMPLES else "")


def _unique_ids(feed: Feed) -> Iterator[Finding]:
    for table, column in _UNIQUE.items():
        values = feed[table][column]
        doubled = values[values.duplicated()]
        if len(doubled):
            yield _finding(
                feed,
                "error",
                "id_twice",
                f"{table}.txt",
                f"{column} が重複しています({len(doubled)} 行: {_examples(doubled)})",
                f"{column} occurs twice ({len(doubled)} rows: {_examples(doubled)})",
            )
    times = feed["stop_times"]
    doubled_stops = times[times.duplicated(["trip_id", "sequence"])]["trip_id"]
    if len(doubled_stops):
        yield _finding(
            feed,
            "error",
            "sequence_twice",
            "stop_times.txt",
            f"便の中で stop_sequence が重複しているか、数ではありません({len(doubled_stops)} 行: "
            f"{_examples(doubled_stops)})",
            f"a trip has a stop_sequence twice, or one that is no number ({len(doubled_stops)} rows: "
            f"{_examples(doubled_stops)})",
        )


def _references(feed: Feed) -> Iterator[Finding]:
    for table, column, target, target_column, needed in _REFERENCES:
        if column not in feed[table] or target_column not in feed[target]:
            continue
        values = feed[table][column]
        lost = values[~values.isin(feed[target][target_column].unique()) & ((values != "") | needed)]
        if len(lost):
            severity: Severity = "error" if needed else "warning"
            yield _finding(
                feed,
                severity,
                "lost_reference",
                f"{table}.txt",
                f"{column} が {target}.txt にありません({len(lost)} 行: {_examples(lost)})",
                f"{column} is not in {target}.txt ({len(lost)} rows: {_examples(lost)})",
            )


def _services(feed: Feed) -> Iterator[Finding]:
    services = feed["trips"]["service_id"]
    known = {*feed["calendar"]["service_id"], *feed["calendar_dates"]["service_id"]}
    lost = services[~services.isin(known)]
    if len(lost):
        yield _finding(
            feed,
            "error",
            "lost_reference",
            "trips.txt",
            f"service_id がカレンダーにありません({len(lost)} 便: {_examples(lost)})",
            f"service_id is in no calendar ({len(lost)} trips: {_examples(lost)})",
        )
    without = feed["trips"]["trip_id"][~feed["trips"]["trip_id"].isin(feed["stop_times"]["trip_id"].unique())]
    if len(without):
        yield _finding(
            feed,
            "warning",
            "trip_without_stops",
            "trips.txt",
            f"停車時刻のない便があります({len(without)} 便: {_examples(without)})",
            f"trips without stop times ({len(without)}: {_examples(without)})",
        )


def _stops(feed: Feed) -> Iterator[Finding]:
    import pandas as pd

    stops = feed["stops"]
    lat = pd.to_numeric(stops["stop_lat"], errors="coerce")
    lon = pd.to_numeric(stops["stop_lon"], errors="coerce")
    good = lat.abs().le(90) & lon.abs().le(180) & ~(lat.eq(0) & lon.eq(0))
    used = stops["stop_id"].isin(feed["stop_times"]["stop_id"].unique())
    for bad, severity, ja, en in (
        (~good & used, "error", "停車する停留所", "stops that are served"),
        (~good & ~used, "note", "停車しない停留所", "stops that are not served"),
    ):
        names = stops["stop_id"][bad]
        if len(names):
            yield _finding(
                feed,
                severity,  # type: ignore[arg-type, unused-ignore]
                "stop_without_position",
                "stops.txt",
                f"{ja}の位置がないか、正しくありません({len(names)}: {_examples(names)})",
                f"{en} have no position, or a wrong one ({len(names)}: {_examples(names)})",
            )
    far = good & (((lat - lat[good].median()).abs() > _FAR_DEGREES) | ((lon - lon[good].median()).abs() > _FAR_DEGREES))
    if far.any():
        names = stops["stop_id"][far]
        yield _finding(
            feed,
            "warning",
            "stop_far_away",
            "stops.txt",
            f"ほかの停留所から遠く離れています({len(names)}: {_examples(names)})",
            f"stops far away from the others ({len(names)}: {_examples(names)})",
        )


def _times(feed: Feed) -> Iterator[Finding]:
    times = feed["stop_times"]
    for column, parsed in (("arrival_time", "arrival_s"), ("departure_time", "departure_s")):
        unread = times[column][(times[parsed] == MISSING_S) & (times[column] != "")]
        if len(unread):
            yield _finding(
                feed,
                "error",
                "time_unread",
                "stop_times.txt",
                f"{column} を読めません({len(unread)} 行: {_examples(unread)})",
                f"{column} cannot be read ({len(unread)} rows: {_examples(unread)})",
            )
    timed = times[(times["arrival_s"] != MISSING_S) & (times["departure_s"] != MISSING_S)]
    before = timed.groupby("trip_id")["departure_s"].shift(1)
    backwards = timed["trip_id"][(timed["arrival_s"] < before) | (timed["departure_s"] < timed["arrival_s"])]
    if len(backwards):
        yield _finding(
            feed,
            "error",
            "time_backwards",
            "stop_times.txt",
            f"時刻が逆戻りする便があります({backwards.nunique()} 便: {_examples(backwards)})",
            f"trips whose times run backwards ({backwards.nunique()}: {_examples(backwards)})",
        )
    ends = times[~times.duplicated("trip_id") | ~times.duplicated("trip_id", keep="last")]
    untimed = ends["trip_id"][(ends["arrival_s"] == MISSING_S) & (ends["departure_s"] == MISSING_S)]
    if len(untimed):
        yield _finding(
            feed,
            "error",
            "end_without_time",
            "stop_times.txt",
            f"始発か終着の時刻がない便があります({untimed.nunique()} 便: {_examples(untimed)})",
            f"trips without a time at their first or last stop ({untimed.nunique()}: {_examples(untimed)})",
        )
    lengths = times.groupby("trip_id").size()
    short = lengths[lengths < 2].index.to_series()
    if len(short):
        yield _finding(
            feed,
            "warning",
            "trip_of_one_stop",
            "stop_times.txt",
            f"停車が一つだけの便があります({len(short)}: {_examples(short)})",
            f"trips with a single stop ({len(short)}: {_examples(short)})",
        )


def _calendars(feed: Feed) -> Iterator[Finding]:
    calendar, exceptions = feed["calendar"], feed["calendar_dates"]
    first, last = calendar["start_date"].map(_date), calendar["end_date"].map(_date)
    bad = calendar["service_id"][
        [one is None or other is None or one > other for one, other in zip(first, last, strict=True)]
    ]
    unread = exceptions["date"][exceptions["date"].map(_date).isna()]
    for values, file, ja, en in (
        (bad, "calendar.txt", "期間が正しくありません", "periods that make no sense"),
        (unread, "calendar_dates.txt", "日付が正しくありません", "dates that make no sense"),
    ):
        if len(values):
            yield _finding(
                feed,
                "error",
                "date_unread",
                file,
                f"{ja}({len(values)}: {_examples(values)})",
                f"{en} ({len(values)}: {_examples(values)})",
            )
    days = (calendar[list(_WEEKDAYS)] == "1").any(axis=1)
    added = exceptions["service_id"][exceptions["exception_type"] == "1"]
    never = calendar["service_id"][~days & ~calendar["service_id"].isin(added)]
    idle = feed["trips"]["trip_id"][feed["trips"]["service_id"].isin(never)]
    if len(idle):
        yield _finding(
            feed,
            "warning",
            "service_never_runs",
            "calendar.txt",
            f"運行日のない便があります({len(idle)} 便、service_id: {_examples(never)})",
            f"trips that never run ({len(idle)} trips, service_id: {_examples(never)})",
        )


def _frequencies(feed: Feed) -> Iterator[Finding]:
    import pandas as pd

    table = feed["frequencies"]
    headway = pd.to_numeric(table["headway_secs"], errors="coerce")
    start, end = seconds_of(table["start_time"]), seconds_of(table["end_time"])
    bad = table["trip_id"][~headway.gt(0) | start.eq(MISSING_S) | end.eq(MISSING_S) | (end <= start)]
    if len(bad):
        yield _finding(
            feed,
            "error",
            "frequency_unread",
            "frequencies.txt",
            f"運行間隔か時間帯が正しくありません({len(bad)} 行: {_examples(bad)})",
            f"headways or spans that make no sense ({len(bad)} rows: {_examples(bad)})",
        )


def _validity(feed: Feed, today: datetime.date) -> Iterator[Finding]:
    span = validity_of(feed)
    if span is None:
        yield _finding(feed, "error", "no_validity", "", "有効な日が一つもありません", "valid on no day at all")
    elif span[1] < today:
        yield _finding(
            feed,
            "warning",
            "expired",
            "",
            f"{span[1]:%Y-%m-%d} で期限が切れています。同じ曜日のダイヤとして使うことはできます",
            f"expired on {span[1]:%Y-%m-%d}; it can stand in for the same weekdays",
        )
    elif span[0] > today:
        yield _finding(
            feed, "note", "not_yet_valid", "", f"{span[0]:%Y-%m-%d} から有効です", f"valid from {span[0]:%Y-%m-%d}"
        )


def _writing(feed: Feed) -> Iterator[Finding]:
    """Tell of habits that we accept, and other programs may not."""
    times = feed["stop_times"]
    if feed.unsorted_rows:
        yield _finding(
            feed,
            "note",
            "unsorted",
            "stop_times.txt",
            f"stop_sequence 順に並んでいません({feed.unsorted_rows} 行)。並べ替えて読みました",
            f"not in the order of stop_sequence ({feed.unsorted_rows} rows); read in that order",
        )
    short = int(times["departure_time"].str.match(r"\d:").sum())
    if short:
        yield _finding(
            feed,
            "note",
            "short_times",
            "stop_times.txt",
            f"8:00:00 のように先頭の 0 がない時刻があります({short} 行)",
            f"times without a leading zero, such as 8:00:00 ({short} rows)",
        )
    late = int((times.groupby("trip_id")["arrival_s"].max() >= _DAY_S).sum())
    if late:
        yield _finding(
            feed,
            "note",
            "past_midnight",
            "stop_times.txt",
            f"深夜 0 時を過ぎる便があります({late} 便)",
            f"trips that run past midnight ({late})",
        )
    if feed.marked_files:
        files = ", ".join(feed.marked_files)
        yield _finding(
            feed,
            "note",
            "byte_order_mark",
            "",
            f"BOM 付きのファイルがあります: {files}",
            f"files with a byte-order mark: {files}",
        )
