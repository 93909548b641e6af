"""Which assets may enter the search, and why the others may not: decided on each place alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from regional_assets.model import Kind, Name
from routing._clock import seconds_of
from routing._options import Day, Refusal, offer
from routing._prices import party_cost
from routing._scoring import PACES, UNITS_PER_POINT, WEIGHTS, interest, points
from routing.streets import estimate_matrix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regional_assets.model import Asset, Region
    from routing._options import Offer
    from routing._prices import PartyCost
    from routing.request import TripRequest

MOST_INNS = 15
"""Inns that enter the search when the request leaves the choice to us."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Hold a place that may be visited: its ways of visit, its points and what it costs the party."""

    asset: Asset
    offer: Offer
    points: float
    cost: PartyCost
    is_wanted: bool


@dataclass(frozen=True, slots=True)
class Inn:
    """Hold a lodging that may be chosen: its points and what a night costs the party."""

    asset: Asset
    points: float
    cost: PartyCost


@dataclass(frozen=True, slots=True)
class Screening:
    """
    Hold what is left after every place was looked at alone.

    Parameters
    ----------
    candidates
        Places that may be visited.
    refused
        Places that cannot be, with the reason; certain for this request, unless the code is ``NOT_SEARCHED``.
    inns
        Lodgings that may be chosen; empty when no night is planned.
    nights
        For each night, indices into ``inns``; empty where the night is not planned.
    """

    candidates: tuple[Candidate, ...]
    refused: tuple[tuple[Asset, Refusal], ...]
    inns: tuple[Inn, ...]
    nights: tuple[tuple[int, ...], ...]


def trip_days(request: TripRequest) -> tuple[Day, ...]:
    """Return the days with their windows; the pace fills what the request leaves open."""
    pace = PACES[request.pace]
    return tuple(
        Day(day.date, seconds_of(day.after or pace.after), seconds_of(day.before or pace.before))
        for day in request.days
    )


def screen(region: Region, request: TripRequest, days: Sequence[Day]) -> Screening:
    """
    Look at every asset of the region by itself.

    Parameters
    ----------
    region, request, days
        A request that `routing._check.check_request` accepts.

    Returns
    -------
    screening
        Every asset is a candidate, an inn, or refused; hubs that nobody asked for, and lodgings without a choice,
        are left unmentioned: they are no sights.
    """
    wanted = {*request.must, *(pin.asset for pin in request.pins)}
    candidates: list[Candidate] = []
    refused: list[tuple[Asset, Refusal]] = []
    for asset in region.assets:
        if asset.kind is Kind.LODGING or (asset.kind is Kind.HUB and asset.id not in wanted):
            continue
        refusal = _refusal(asset, request, wanted)
        if refusal is None:
            ways = offer(asset, days, request)
            refusal = ways.refusal
        if refusal is not None:
            refused.append((asset, refusal))
            continue
        cost = party_cost(asset.price, request.party)
        candidates.append(Candidate(asset, ways, points(asset, request), cost, asset.id in wanted))
    kept, left = _nearest_best(candidates, region, request)
    refused.extend((candidate.asset, _not_searched(request.max_candidates)) for candidate in left)
    inns, nights = _inns(region, request, kept)
    return Screening(tuple(kept), tuple(refused), inns, nights)


def _refusal(asset: Asset, request: TripRequest, wanted: set[str]) -> Refusal | None:
    """Return why an asset is out before its hours are looked at, if it is."""
    if asset.id in request.avoid:
        return Refusal("AVOIDED", Name(ja="避ける場所に指定", en="to be avoided, as asked"))
    if not asset.has_position:
        return Refusal("NO_POSITION", Name(ja="位置が不明", en="position unknown"))
    lacking = access_refusal(asset, request)
    if lacking is not None:
        return lacking
    cost = party_cost(asset.price, request.party).counted
    if request.budget_jpy is not None and cost > request.budget_jpy:
        return Refusal(
            "OVER_BUDGET",
            Name(
                ja=f"{cost:,}円は予算{request.budget_jpy:,}円を超える",
                en=f"{cost:,} yen is over the budget of {request.budget_jpy:,} yen",
            ),
        )
    if asset.id not in wanted and interest(asset, request) == 0:
        return Refusal("NO_INTEREST", Name(ja="興味の重みが0", en="interest in this kind set to 0"))
    return None


def access_refusal(asset: Asset, request: TripRequest) -> Refusal | None:
    """Return why an asset does not meet the party's needs, if it does not; unknown is not yes."""
    for need in request.party.needs:
        if need == "wheelchair":
            fact = asset.wheelchair
        elif need == "stroller":
            fact = asset.stroller
        elif asset.kind is Kind.FOOD:
            fact = asset.diet.get(need, "unknown")
        else:
            continue
        if fact == "no":
            return Refusal("ACCESS_NEED", Name(ja=f"{need}: 対応なし", en=f"{need}: not possible here"))
        if fact == "unknown" and request.access_unknown == "refuse":
            return Refusal("ACCESS_NEED", Name(ja=f"{need}: 対応不明", en=f"{need}: not known to be possible here"))
    return None


def _not_searched(limit: int) -> Refusal:
    return Refusal(
        "NOT_SEARCHED",
        Name(ja=f"候補の上限({limit}件)の外", en=f"outside the {limit} places that entered the search"),
    )


def _nearest_best(
    candidates: Sequence[Candidate], region: Region, request: TripRequest
) -> tuple[list[Candidate], list[Candidate]]:
    """Split candidates into those that enter the search and the rest, by points less the way there and back."""
    if len(candidates) <= request.max_candidates:
        return list(candidates), []
    lon, lat = _positions([candidate.asset for candidate in candidates])
    worth = np.array([candidate.points for candidate in candidates])
    anchors = _anchors(region, request)
    if not anchors:
        anchors = [_heart(lon, lat, worth, request)]
    worth = worth - _way_points(lon, lat, anchors, request)
    wanted = np.array([candidate.is_wanted for candidate in candidates])
    order = np.lexsort((-worth, ~wanted))[: max(request.max_candidates, int(wanted.sum()))]
    inside = set(order.tolist())
    kept = [candidate for index, candidate in enumerate(candidates) if index in inside]
    return kept, [candidate for index, candidate in enumerate(candidates) if index not in inside]


def _inns(
    region: Region, request: TripRequest, candidates: Sequence[Candidate]
) -> tuple[tuple[Inn, ...], tuple[tuple[int, ...], ...]]:
    """Return the inns that enter the search, and which of them each night may choose from."""
    nights = len(request.days) - 1
    if request.lodging == "none" or nights == 0:
        return (), ((),) * nights
    by_id = {asset.id: asset for asset in region.assets}
    if isinstance(request.lodging, tuple):
        ids = request.lodging * nights if len(request.lodging) == 1 else request.lodging
        unique = list(dict.fromkeys(ids))
        inns = tuple(_inn(by_id[asset_id], request) for asset_id in unique)
        return inns, tuple((unique.index(asset_id),) for asset_id in ids)
    inns = _best_inns(region, request, candidates)
    everyone = tuple(range(len(inns)))
    return inns, tuple(everyone if has_night(request, night) else () for night in range(nights))


def has_night(request: TripRequest, night: int) -> bool:
    """Return whether the night after a day, counted from 0, is to be spent at an inn, as far as the request says."""
    if request.lodging == "none" or not 0 <= night < len(request.days) - 1:
        return False
    if isinstance(request.lodging, tuple):
        return True
    earlier, later = request.days[night], request.days[night + 1]
    return later.date.toordinal() - earlier.date.toordinal() == 1 and earlier.end is None and later.start is None


def _best_inns(region: Region, request: TripRequest, candidates: Sequence[Candidate]) -> tuple[Inn, ...]:
    inns = [
        _inn(asset, request)
        for asset in region.assets
        if asset.kind is Kind.LODGING
        and asset.has_position
        and asset.id not in request.avoid
        and access_refusal(asset, request) is None
    ]
    if request.budget_jpy is not None:
        inns = [inn for inn in inns if inn.cost.counted <= request.budget_jpy]
    if len(inns) <= MOST_INNS or not candidates:
        return tuple(inns[:MOST_INNS])
    lon, lat = _positions([candidate.asset for candidate in candidates])
    worth = np.array([candidate.points for candidate in candidates])
    heart = _heart(lon, lat, worth, request)
    value = np.array([inn.points - inn.cost.counted * WEIGHTS.cost / UNITS_PER_POINT for inn in inns])
    value -= _way_points(*_positions([inn.asset for inn in inns]), [heart], request)
    wanted = np.array([inn.asset.id in request.must for inn in inns])
    order = np.lexsort((-value, ~wanted))[:MOST_INNS]
    return tuple(inns[index] for index in sorted(order.tolist()))


def _inn(asset: Asset, request: TripRequest) -> Inn:
    return Inn(asset, points(asset, request), party_cost(asset.price, request.party))


def _positions(assets: Sequence[Asset]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([asset.lon for asset in assets], float), np.array([asset.lat for asset in assets], float)


def _anchors(region: Region, request: TripRequest) -> list[tuple[float, float]]:
    """Return the points the request ties the trip to: starts, ends, given inns, wanted places."""
    given = set(request.lodging) if isinstance(request.lodging, tuple) else set()
    ids = {*given, *request.must, *(pin.asset for pin in request.pins)}
    anchors: list[tuple[float, float]] = []
    for day in request.days:
        for place in (day.start, day.end):
            if place is None:
                continue
            if place.asset is not None:
                ids.add(place.asset)
            elif place.lon is not None and place.lat is not None:
                anchors.append((place.lon, place.lat))
    found = (asset for asset in region.assets if asset.id in ids)
    anchors.extend((asset.lon, asset.lat) for asset in found if asset.lon is not None and asset.lat is not None)
    return anchors


def _heart(lon: np.ndarray, lat: np.ndarray, worth: np.ndarray, request: TripRequest) -> tuple[float, float]:
    """Return the place from which the best others are nearest: the one with the most points within an hour's way."""
    order = np.argsort(-worth, kind="stable")[:1500]
    seconds = estimate_matrix(lon[order], lat[order], request.mode).seconds
    reach = np.where(seconds < 3600, 1 - seconds / 3600, 0.0) @ worth[order]
    best = int(order[int(np.argmax(reach))])
    return float(lon[best]), float(lat[best])


def _way_points(
    lon: np.ndarray, lat: np.ndarray, anchors: Sequence[tuple[float, float]], request: TripRequest
) -> np.ndarray:
    """Return what the way from the nearest anchor and back costs, in points."""
    count = len(anchors)
    all_lon = np.concatenate(([anchor[0] for anchor in anchors], lon))
    all_lat = np.concatenate(([anchor[1] for anchor in anchors], lat))
    seconds = estimate_matrix(all_lon, all_lat, request.mode).seconds[:count, count:].min(axis=0)
    points_per_second = 2 * WEIGHTS.travel / UNITS_PER_POINT
    return np.asarray(seconds * points_per_second, float)
