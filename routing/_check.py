"""Checks of a trip request against a region: every problem at once, before any work starts."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from regional_assets.errors import InputError, Problem
from regional_assets.model import Kind
from regional_assets.text import Text
from routing._clock import seconds_of
from routing._scoring import PACES
from routing.request import Place

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from regional_assets.model import Asset, Region
    from routing.request import TripRequest

_MOST_HINTS = 10


def check_request(region: Region, request: TripRequest, today: dt.date) -> None:
    """
    Refuse a request that makes no sense in this region.

    Raises
    ------
    InputError
        With every problem found.
    """
    problems = [
        *_days(request, today),
        *_ids(region, request),
        *_lodging(region, request),
        *_wishes(region, request),
        *_model(request),
    ]
    if problems:
        raise InputError(problems)


def _days(request: TripRequest, today: dt.date) -> Iterator[Problem]:
    pace = PACES[request.pace]
    previous: dt.date | None = None
    for index, day in enumerate(request.days):
        field = f"days[{index}]"
        if day.date < today:
            yield Problem(
                f"{field}.date",
                day.date,
                Text(
                    ja=f"{day.date}は過去の日付です。今日({today})以降を指定してください",
                    en=f"{day.date} is in the past; today ({today}) or later is accepted",
                ),
            )
        if previous is not None and day.date <= previous:
            yield Problem(
                f"{field}.date",
                day.date,
                Text(
                    ja=f"{day.date}は前の日({previous})より後である必要があります",
                    en=f"{day.date} follows {previous}; days must be in order, each once",
                ),
            )
        previous = day.date
        after, before = day.after or pace.after, day.before or pace.before
        if seconds_of(after) >= seconds_of(before):
            yield Problem(
                field,
                (after, before),
                Text(
                    ja=f"出発{after}は帰着{before}より前である必要があります",
                    en=f"after {after} must be earlier than before {before}",
                ),
            )
    if request.meals.lunch is not None:
        begin, end = request.meals.lunch.between
        if seconds_of(begin) >= seconds_of(end):
            yield Problem(
                "meals.lunch.between",
                (begin, end),
                Text(ja=f"{begin}は{end}より前である必要があります", en=f"{begin} must be earlier than {end}"),
            )
    dates = {day.date for day in request.days}
    for index, pin in enumerate(request.pins):
        if pin.arrive.date() not in dates:
            yield Problem(
                f"pins[{index}].arrive",
                pin.arrive,
                Text(
                    ja=f"{pin.arrive.date()}は旅程の日付にありません",
                    en=f"{pin.arrive.date()} is not a day of the trip",
                ),
            )


def _model(request: TripRequest) -> Iterator[Problem]:
    model, days = request.solver.model, len(request.days)
    if model == "day" and days > 1:
        yield Problem(
            "solver.model",
            model,
            Text(
                ja=f"day は1日の旅だけに使えます({days}日あります)。旅が長いときは routes を指定してください",
                en=f"day is for trips of one day (there are {days}); for longer ones routes is accepted",
            ),
        )


def _ids(region: Region, request: TripRequest) -> Iterator[Problem]:
    by_id = {asset.id: asset for asset in region.assets}
    fields = [
        *((f"must[{index}]", asset_id) for index, asset_id in enumerate(request.must)),
        *((f"avoid[{index}]", asset_id) for index, asset_id in enumerate(request.avoid)),
        *((f"pins[{index}].asset", pin.asset) for index, pin in enumerate(request.pins)),
    ]
    unknown = [(field, asset_id) for field, asset_id in fields if asset_id not in by_id]
    yield from _unknown_ids(unknown, by_id)
    for index, pin in enumerate(request.pins):
        if pin.asset in [earlier.asset for earlier in request.pins[:index]]:
            yield Problem(
                f"pins[{index}].asset",
                pin.asset,
                Text(ja=f"{pin.asset}の予約が二つあります", en=f"{pin.asset} is booked twice; once is accepted"),
            )
        if pin.asset in by_id and by_id[pin.asset].kind is Kind.LODGING:
            yield Problem(
                f"pins[{index}].asset",
                pin.asset,
                Text(
                    ja=f"{pin.asset}は宿で、時刻は指定できません。lodging に指定してください",
                    en=f"{pin.asset} is a lodging, which has no time of arrival; name it under lodging",
                ),
            )
    for index, day in enumerate(request.days):
        for side, place in (("start", day.start), ("end", day.end)):
            yield from _place(f"days[{index}].{side}", place, by_id)
    for asset_id in sorted({*request.must, *(pin.asset for pin in request.pins)} & set(request.avoid)):
        yield Problem(
            "avoid",
            asset_id,
            Text(
                ja=f"{asset_id}は must(または pins)と avoid の両方にあります",
                en=f"{asset_id} is both wanted (must, pins) and avoided; keep one",
            ),
        )


def unknown_ids(region: Region, asset_ids: Iterable[str], field: str) -> list[Problem]:
    """Return a problem for each id that the region does not know, with those it may have meant."""
    by_id = {asset.id: asset for asset in region.assets}
    unknown = [(f"{field}[{index}]", asset_id) for index, asset_id in enumerate(asset_ids) if asset_id not in by_id]
    return list(_unknown_ids(unknown, by_id))


def _unknown_ids(unknown: Iterable[tuple[str, str]], by_id: dict[str, Asset]) -> Iterator[Problem]:
    """Yield a problem for each id, the first ones with those they may have meant: comparing takes milliseconds."""
    for number, (field, asset_id) in enumerate(unknown):
        yield _unknown_id(field, asset_id, by_id if number < _MOST_HINTS else {})


def _place(field: str, place: Place | None, by_id: dict[str, Asset]) -> Iterator[Problem]:
    if place is None or place.asset is None:
        return
    asset = by_id.get(place.asset)
    if asset is None:
        yield _unknown_id(field, place.asset, by_id)
    elif not asset.has_position:
        yield Problem(
            field,
            place.asset,
            Text(ja=f"{place.asset}の位置が不明です", en=f"the position of {place.asset} is unknown"),
        )


def _unknown_id(field: str, asset_id: str, by_id: dict[str, Asset]) -> Problem:
    names = {name: known for known, asset in by_id.items() for name in (asset.name.ja, asset.name.en) if name}
    if asset_id in names:
        close = [names[asset_id]]
    else:
        close = difflib.get_close_matches(asset_id, list(by_id), n=3, cutoff=0.5)
        close += [names[name] for name in difflib.get_close_matches(asset_id, list(names), n=2, cutoff=0.6)]
    close = list(dict.fromkeys(close))[:3]
    hint_ja = f"。近いもの: {', '.join(close)}" if close else ""
    hint_en = f"; close: {', '.join(close)}" if close else ""
    return Problem(
        field,
        asset_id,
        Text(
            ja=f"{asset_id!r}という資産はこの地域にありません{hint_ja}",
            en=f"no asset {asset_id!r} in this region{hint_en}",
        ),
    )


def _lodging(region: Region, request: TripRequest) -> Iterator[Problem]:
    if isinstance(request.lodging, str):
        return
    nights = len(request.days) - 1
    if nights == 0:
        yield Problem(
            "lodging",
            request.lodging,
            Text(ja="日帰りの旅程に宿は指定できません", en="a trip of one day has no night; leave it out"),
        )
        return
    if len(request.lodging) not in (1, nights):
        yield Problem(
            "lodging",
            request.lodging,
            Text(
                ja=f"{len(request.lodging)}軒の指定があります。1軒(全泊)または{nights}軒(各泊)を指定してください",
                en=f"{len(request.lodging)} inns given; one (for every night) or {nights} (one a night) accepted",
            ),
        )
    by_id = {asset.id: asset for asset in region.assets}
    for index, asset_id in enumerate(request.lodging):
        field = f"lodging[{index}]"
        asset = by_id.get(asset_id)
        if asset is None:
            yield _unknown_id(field, asset_id, {key: item for key, item in by_id.items() if item.kind is Kind.LODGING})
        elif asset.kind is not Kind.LODGING:
            yield Problem(
                field,
                asset_id,
                Text(ja=f"{asset_id}は宿ではありません({asset.kind})", en=f"{asset_id} is no lodging but {asset.kind}"),
            )
        else:
            yield from _place(field, Place(asset=asset_id), by_id)
    for index, day in enumerate(request.days):
        for side, place, has_night in (("start", day.start, index > 0), ("end", day.end, index < nights)):
            if place is not None and has_night:
                yield Problem(
                    f"days[{index}].{side}",
                    place.asset or (place.lon, place.lat),
                    Text(
                        ja="宿を指定した夜の前後には起点・終点を指定できません",
                        en="a night with a given inn already decides where the day ends and the next starts",
                    ),
                )


def _wishes(region: Region, request: TripRequest) -> Iterator[Problem]:
    tags = {tag for asset in region.assets for tag in asset.tags} | set(region.tags)
    kinds = [kind.value for kind in Kind]
    for key in request.interests:
        if key not in kinds and key not in tags:
            close = difflib.get_close_matches(key, [*kinds, *sorted(tags)], n=3)
            yield Problem(
                f"interests.{key}",
                key,
                Text(
                    ja=f"{key!r}は種別({', '.join(kinds)})でもタグでもありません" + _close(close, "ja"),
                    en=f"{key!r} is neither a kind ({', '.join(kinds)}) nor a tag" + _close(close, "en"),
                ),
            )
    themes = {theme for asset in region.assets for theme in asset.themes}
    for index, theme in enumerate(request.themes):
        if theme not in themes:
            yield Problem(
                f"themes[{index}]",
                theme,
                Text(
                    ja=f"{theme!r}というテーマはありません({', '.join(sorted(themes)) or 'この地域にテーマなし'})",
                    en=f"no theme {theme!r}; accepted: {', '.join(sorted(themes)) or 'none in this region'}",
                ),
            )


def _close(close: list[str], language: str) -> str:
    if not close:
        return ""
    return f"。近いもの: {', '.join(close)}" if language == "ja" else f"; close: {', '.join(close)}"
