"""The ground of a trip: the nodes, where days start and end, and travel between all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from regional_assets.model import Name
from routing._options import Refusal
from routing._scoring import PARKING_S
from routing.streets import estimate_matrix, travel_matrix
from solvers.orienteering.problem import ANYWHERE, UNREACHABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from regional_assets.model import Asset, Region
    from routing._options import Day, VisitOption
    from routing._screen import Candidate, Screening
    from routing.request import Mode, Place, TripRequest
    from routing.streets import StreetNetwork, TravelTable


@dataclass(frozen=True, slots=True)
class Node:
    """Hold a point of the trip: an asset, or a place given by coordinates."""

    asset: Asset | None
    name: Name
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Ground:
    """
    Hold the nodes of a trip and travel between them.

    Parameters
    ----------
    nodes
        N nodes.
    node_of
        Node of each candidate and inn, by asset id.
    day_start, day_end
        For each day, a node, or `ANYWHERE`; nights with inns override both.
    travel
        Table of the party's mode between the N nodes; its seconds do not include parking.
    seconds
        Shape ``(N, N)``, int64: travel with parking and the walk to the door.
    """

    nodes: tuple[Node, ...]
    node_of: dict[str, int]
    day_start: tuple[int, ...]
    day_end: tuple[int, ...]
    travel: TravelTable
    seconds: NDArray[np.int64]


def survey(
    region: Region,
    request: TripRequest,
    screening: Screening,
    networks: Mapping[Mode, StreetNetwork],
) -> Ground:
    """
    Give every place of a trip a node, and work out travel between them.

    Parameters
    ----------
    region, request, screening
        What `routing._screen.screen` left.
    networks
        Street networks by mode; without one for the party's mode, travel is estimated, flagged.
    """
    nodes = [_asset_node(candidate.asset) for candidate in screening.candidates]
    nodes += [_asset_node(inn.asset) for inn in screening.inns]
    node_of = {node.asset.id: index for index, node in enumerate(nodes) if node.asset is not None}
    places: dict[Place, int] = {}
    for day in request.days:
        for place in (day.start, day.end):
            if place is not None and place not in places:
                places[place] = len(nodes)
                nodes.append(_place_node(place, region))
    lon = np.array([node.lon for node in nodes], float)
    lat = np.array([node.lat for node in nodes], float)
    network = networks.get(request.mode)
    if network is None:
        travel = estimate_matrix(lon, lat, request.mode)
    else:
        on_wheels = bool({"wheelchair", "stroller"} & set(request.party.needs))
        travel = travel_matrix(network, lon, lat, wheelchair=on_wheels)
    is_leg = (travel.metres > 0) & (travel.seconds < UNREACHABLE)
    seconds = np.where(is_leg, travel.seconds + PARKING_S[request.mode], travel.seconds)
    return Ground(
        tuple(nodes),
        node_of,
        tuple(ANYWHERE if day.start is None else places[day.start] for day in request.days),
        tuple(ANYWHERE if day.end is None else places[day.end] for day in request.days),
        travel,
        seconds.astype(np.int64),
    )


def _asset_node(asset: Asset) -> Node:
    assert asset.lon is not None
    assert asset.lat is not None
    return Node(asset, asset.name, asset.lon, asset.lat)


def _place_node(place: Place, region: Region) -> Node:
    asset = region.asset(place.asset) if place.asset is not None else None
    if asset is not None:
        return _asset_node(asset)
    assert place.lon is not None
    assert place.lat is not None
    text = f"{place.lat:.5f}, {place.lon:.5f}"
    return Node(None, Name(ja=text, en=text), place.lon, place.lat)


def starts_of(ground: Ground, screening: Screening, day: int) -> list[int]:
    """Return the nodes from which a day may start: a place, the inns of the night before, or nothing if anywhere."""
    night = screening.nights[day - 1] if day > 0 else ()
    return _ends(ground, screening, ground.day_start[day], night)


def ends_of(ground: Ground, screening: Screening, day: int) -> list[int]:
    """Return the nodes at which a day may end; nothing if anywhere."""
    night = screening.nights[day] if day < len(screening.nights) else ()
    return _ends(ground, screening, ground.day_end[day], night)


def _ends(ground: Ground, screening: Screening, fixed: int, night: Sequence[int]) -> list[int]:
    if night:
        return [ground.node_of[screening.inns[inn].asset.id] for inn in night]
    return [] if fixed == ANYWHERE else [fixed]


def reach(ground: Ground, screening: Screening, days: Sequence[Day], request: TripRequest) -> Screening:
    """
    Drop the ways of visit that no day leaves time for, and the candidates that lose all of them.

    A place is out of reach only if going straight there and straight back to the end is too long from the best inn on
    every day; then no plan with more stops can hold it either.
    """
    kept: list[Candidate] = []
    refused = list(screening.refused)
    for candidate in screening.candidates:
        node = ground.node_of[candidate.asset.id]
        options = tuple(
            option for option in candidate.offer.options if _fits(ground, screening, days[option.day], node, option)
        )
        metres = _least_walk(ground, screening, node, options) if request.mode == "walk" else 0
        limit = request.limits.walk_m_per_day
        if not options:
            text = Name(
                ja="一日の時間内に行って戻れない",
                en="too far to go there, visit and get to the end of the day in time",
            )
            refused.append((candidate.asset, Refusal("TOO_FAR", text)))
        elif limit is not None and metres > limit:
            text = Name(
                ja=f"往復の徒歩{metres:,}mが上限{limit:,}mを超える",
                en=f"{metres:,} m on foot there and back is over the limit of {limit:,} m",
            )
            refused.append((candidate.asset, Refusal("OVER_WALKING_LIMIT", text)))
        else:
            kept.append(replace(candidate, offer=replace(candidate.offer, options=options)))
            continue
    return replace(screening, candidates=tuple(kept), refused=tuple(refused))


def _fits(ground: Ground, screening: Screening, day: Day, node: int, option: VisitOption) -> bool:
    starts = starts_of(ground, screening, option.day)
    ends = ends_of(ground, screening, option.day)
    way_in = min((int(ground.seconds[start, node]) for start in starts), default=0)
    way_out = min((int(ground.seconds[node, end]) for end in ends), default=0)
    begin = max(option.open_s, day.earliest_s + way_in)
    return begin <= option.close_s and begin + option.duration_s + way_out <= day.latest_s


def _least_walk(ground: Ground, screening: Screening, node: int, options: Sequence[VisitOption]) -> int:
    """Return the fewest metres of the direct way there and back over all days."""
    metres = ground.travel.metres
    totals = []
    for day in {option.day for option in options}:
        way_in = min((int(metres[start, node]) for start in starts_of(ground, screening, day)), default=0)
        way_out = min((int(metres[node, end]) for end in ends_of(ground, screening, day)), default=0)
        totals.append(way_in + way_out)
    return min(totals, default=0)
