"""
Merge assets from several sources: the same place is one asset, and all its sources stay listed.

What wins, field by field:

1. A stated value wins over an assumed one, an assumed one over none; unknown is none.
2. Among equals, the group that comes first wins.
3. Hours that were read win over hours that are mere text, prices that were read over mere text.
4. Lists of facts (tags, themes, serves, uses, languages) are joined; diets are joined, known over unknown.
5. An assumed appeal is the highest that any source led to.
6. ``checked`` holds only where it held for all: the added fields were not compared with the place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

from regional_assets._similarity import names_similarity, plain_name
from regional_assets.model import Asset, Kind, Name, Price
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from regional_assets.model import Assumption

_EARTH_M = 6_371_008.8
MOST_AT_A_SPOT = 100
"""Assets at one and the same position of which all pairs are compared."""
_SIGHTS = frozenset({Kind.CULTURE, Kind.CRAFT, Kind.NATURE})
_JOINED = ("tags", "themes", "serves", "uses", "languages", "season", "dates", "slots")
_FIRST = ("address", "municipality", "operator", "capacity_per_hour", "url", "photo", "meals", "visit_minutes")
_THREE_VALUED = ("indoor", "wheelchair", "stroller")
_JUDGED = ("kind", "opening", "price", "appeal", *_FIRST, *_THREE_VALUED)


@dataclass(frozen=True, slots=True)
class MergedPair:
    """
    Say that one asset went into another.

    Parameters
    ----------
    kept, absorbed
        Their ids; ``kept`` is the one of the earlier group.
    kept_name, absorbed_name
        Their names.
    similarity
        Of the names, 0 to 1.
    distance_m
        Between their positions, metres; ``None`` where one has none.
    why
        In words.
    """

    kept: str
    absorbed: str
    kept_name: Name
    absorbed_name: Name
    similarity: float
    distance_m: float | None
    why: Text


@dataclass(frozen=True, slots=True)
class MergeResult:
    """
    Hold the outcome of a merge.

    Parameters
    ----------
    assets
        In the order of the groups, each place once.
    merged
        Every pair that was joined.
    renamed
        Old and new id of assets whose id was taken by another place of an earlier group.
    """

    assets: tuple[Asset, ...]
    merged: tuple[MergedPair, ...]
    renamed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Likeness:
    """
    Say how alike two assets are.

    Parameters
    ----------
    first, second
        Indices into the assets compared, ``first < second``.
    similarity
        Of the names, 0 to 1.
    distance_m
        Metres; ``None`` where one has no position.
    """

    first: int
    second: int
    similarity: float
    distance_m: float | None


def merge_assets(
    groups: Sequence[Sequence[Asset]], *, max_distance_m: float = 400.0, min_similarity: float = 0.8
) -> MergeResult:
    """
    Join assets of several sources that are the same place.

    Two assets are the same place when their kinds go together and their names are alike enough for their distance: the
    same name (in another spelling) up to ``max_distance_m``; a similar one the nearer the less similar, down to
    ``min_similarity`` within a quarter of it. Where a position is missing, the same name in the same municipality
    counts. Two assets of one group are never joined.

    Parameters
    ----------
    groups
        One per source, in order of preference.
    max_distance_m
        Metres; positions in open data are off by some hundred metres, and large sites are mapped at gate or centre.
    min_similarity
        0 to 1.

    Returns
    -------
    result
        The best pairs are joined first; a pair whose joining would bring two assets of one group together is left out.
    """
    assets = [asset for group in groups for asset in group]
    group_of = [number for number, group in enumerate(groups) for _ in group]
    pairs = [
        pair
        for pair in alike_pairs(assets, max_distance_m=max_distance_m, min_similarity=min_similarity)
        if group_of[pair.first] != group_of[pair.second]
    ]
    pairs.sort(key=lambda pair: (-pair.similarity, pair.distance_m or 0.0, pair.first, pair.second))
    cluster_of = {index: [index] for index in range(len(assets))}
    merged: list[MergedPair] = []
    for pair in pairs:
        one, other = cluster_of[pair.first], cluster_of[pair.second]
        if one is other or {group_of[index] for index in one} & {group_of[index] for index in other}:
            continue
        joined = sorted(one + other)
        cluster_of.update(dict.fromkeys(joined, joined))
        merged.append(_merged_pair(assets, pair))
    clusters = [cluster for index, cluster in cluster_of.items() if cluster[0] == index]
    joined_assets, renamed = _with_unique_ids(_join([assets[index] for index in cluster]) for cluster in clusters)
    return MergeResult(tuple(joined_assets), tuple(merged), tuple(renamed))


def alike_pairs(
    assets: Sequence[Asset], *, max_distance_m: float = 400.0, min_similarity: float = 0.8
) -> list[Likeness]:
    """
    Return all pairs of assets that look like the same place, whatever their sources.

    Where more than `MOST_AT_A_SPOT` share one position, which is then hardly theirs, only those of one name are taken
    for the same place, and each is paired with the first of that name: see `crowds`.

    Parameters
    ----------
    assets, max_distance_m, min_similarity
        See `merge_assets`.
    """
    found: list[Likeness] = []
    for first, second, distance_m in _candidates(assets, max_distance_m):
        if not _kinds_go_together(assets[first], assets[second]):
            continue
        alike = names_similarity(assets[first].name, assets[second].name)
        if alike >= _needed_similarity(distance_m, max_distance_m, min_similarity):
            found.append(Likeness(first, second, alike, distance_m))
    return found


def _needed_similarity(distance_m: float | None, max_distance_m: float, min_similarity: float) -> float:
    """Return how alike names must be at a distance: ``min_similarity`` in the first quarter, rising to 1 at the end."""
    if distance_m is None:
        return 1.0
    share = max(0.0, (distance_m / max_distance_m - 0.25) / 0.75) if max_distance_m else 0.0
    return min_similarity + (1.0 - min_similarity) * min(share, 1.0)


def _kinds_go_together(one: Asset, other: Asset) -> bool:
    """Whether two kinds may be one place: sights of any kind do; an inn is no restaurant, a station no temple."""
    return one.kind == other.kind or {one.kind, other.kind} <= _SIGHTS


def crowds(assets: Iterable[Asset]) -> list[list[int]]:
    """Return the indices of assets at one and the same position, where there are more than can be told apart."""
    return [spot for spot in _spots(assets) if len(spot) > MOST_AT_A_SPOT]


def _spots(assets: Iterable[Asset]) -> list[list[int]]:
    """Return the indices of assets by their position, of those that have one."""
    spots: dict[tuple[float | None, float | None], list[int]] = {}
    for index, asset in enumerate(assets):
        if asset.has_position:
            spots.setdefault((asset.lon, asset.lat), []).append(index)
    return list(spots.values())


def _candidates(assets: Sequence[Asset], max_distance_m: float) -> Iterator[tuple[int, int, float | None]]:
    spots = _spots(assets)
    for spot in spots:
        for first, second in _within(assets, spot):
            yield first, second, 0.0
    if len(spots) > 1:
        import numpy as np
        from scipy.spatial import cKDTree

        points = _on_the_sphere([assets[spot[0]] for spot in spots])
        near = cKDTree(points).query_pairs(max_distance_m, output_type="ndarray")
        distances_m = np.linalg.norm(points[near[:, 0]] - points[near[:, 1]], axis=1)
        for (one, other), distance_m in zip(near.tolist(), distances_m.tolist(), strict=True):
            for first, second in _between(assets, spots[one], spots[other]):
                yield min(first, second), max(first, second), distance_m
    yield from _without_position(assets)


def _within(assets: Sequence[Asset], spot: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Return the pairs at one spot to compare: in a crowd, each with the first of its name."""
    if len(spot) <= MOST_AT_A_SPOT:
        return combinations(spot, 2)
    firsts: dict[str, int] = {}
    return [(first, index) for index in spot if (first := firsts.setdefault(_plain(assets[index]), index)) != index]


def _between(assets: Sequence[Asset], one: Sequence[int], other: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Return the pairs of two spots to compare: of crowds, the first of each name with all of that name."""
    if len(one) * len(other) <= MOST_AT_A_SPOT**2:
        return product(one, other)
    firsts: dict[str, int] = {}
    for index in one:
        firsts.setdefault(_plain(assets[index]), index)
    return [(firsts[name], index) for index in other if (name := _plain(assets[index])) in firsts]


def _plain(asset: Asset) -> str:
    return plain_name(asset.name.in_("ja"))


def _on_the_sphere(assets: Iterable[Asset]) -> Any:
    """Return positions in space, metres, shape ``(n, 3)``: straight distances are true over some kilometres."""
    import numpy as np

    degrees = np.array([(asset.lon, asset.lat) for asset in assets], dtype=float)
    lon, lat = np.radians(degrees).T
    return _EARTH_M * np.column_stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))


def _without_position(assets: Sequence[Asset]) -> Iterator[tuple[int, int, None]]:
    """Yield pairs with the same name and municipality of which at least one has no position."""
    by_name: dict[tuple[str, str], list[int]] = {}
    for index, asset in enumerate(assets):
        if asset.municipality:
            by_name.setdefault((_plain(asset), asset.municipality), []).append(index)
    for indices in by_name.values():
        for place, first in enumerate(indices):
            for second in indices[place + 1 :]:
                if not (assets[first].has_position and assets[second].has_position):
                    yield first, second, None


def _merged_pair(assets: Sequence[Asset], pair: Likeness) -> MergedPair:
    kept, absorbed = assets[pair.first], assets[pair.second]
    if pair.similarity == 1.0:
        ja, en = "名称が同じ", "same name"
    else:
        percent = math.floor(100 * pair.similarity)
        ja, en = f"名称が {percent}% 一致", f"names {percent}% alike"
    if pair.distance_m is None:
        ja, en = f"{ja}、同じ市区町村({kept.municipality})", f"{en}, same municipality ({kept.municipality})"
    else:
        ja, en = f"{ja}、距離 {pair.distance_m:.0f} m", f"{en}, {pair.distance_m:.0f} m apart"
    return MergedPair(
        kept=kept.id,
        absorbed=absorbed.id,
        kept_name=kept.name,
        absorbed_name=absorbed.name,
        similarity=pair.similarity,
        distance_m=pair.distance_m,
        why=Text(ja=ja, en=en),
    )


def _join(assets: Sequence[Asset]) -> Asset:
    """Return one asset with the best of each; the first gives the id."""
    if len(assets) == 1:
        return assets[0]
    first = assets[0]
    fields: dict[str, Any] = {
        "id": first.id,
        "name": Name(ja=_first(asset.name.ja for asset in assets), en=_first(asset.name.en for asset in assets)),
        "description": _description(assets),
        "diet": _diet(assets),
        "checked": all(asset.checked for asset in assets),
        "sources": tuple(dict.fromkeys(source for asset in assets for source in asset.sources)),
    }
    assumed: dict[str, Assumption] = {}
    fields |= _position(assets)
    for field in _JUDGED:
        winner = _winner(assets, field)
        fields[field] = getattr(winner, field)
        flag = _flag(winner, field)
        if flag is not None:
            assumed[field] = flag
    for field in _JOINED:
        fields[field] = tuple(dict.fromkeys(item for asset in assets for item in getattr(asset, field)))
        flag = next((flag for asset in assets if (flag := _flag(asset, field)) is not None), None)
        if flag is not None:
            assumed[field] = flag
    # Flags of what is taken from all (descriptions, diets), and of parts of a field.
    others = {flag.field: flag for asset in assets for flag in asset.assumed if flag.field not in {*_JOINED, *_JUDGED}}
    return first.model_copy(update={**fields, "assumed": (*assumed.values(), *others.values())})


def _winner(assets: Sequence[Asset], field: str) -> Asset:
    """Return the asset whose value of a field is taken; ``max`` keeps the first among equals."""
    return max(assets, key=lambda asset: (_worth(asset, field), _assumed_appeal(asset, field)))


def _worth(asset: Asset, field: str) -> int:
    """Rank a value: 0 for none, 1 for mere text, 2 for an assumed one, 3 for a stated one."""
    value = getattr(asset, field)
    if value is None or value in ((), "unknown", Price()):
        return 0
    if field == "opening" and value.osm is None and not value.closed:
        return 1
    if field == "price" and value.adult is None and value == Price(text=value.text, unit=value.unit):
        return 1
    return 2 if _flag(asset, field) is not None else 3


def _assumed_appeal(asset: Asset, field: str) -> int:
    return asset.appeal if field == "appeal" and _flag(asset, field) is not None else 0


def _flag(asset: Asset, field: str) -> Assumption | None:
    return next((flag for flag in asset.assumed if flag.field == field), None)


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)


def _description(assets: Sequence[Asset]) -> Name | None:
    given = [asset.description for asset in assets if asset.description is not None]
    if not given:
        return None
    return Name(ja=_first(name.ja for name in given), en=_first(name.en for name in given))


def _diet(assets: Sequence[Asset]) -> dict[str, str]:
    diet: dict[str, str] = {}
    for asset in assets:
        for name, known in asset.diet.items():
            if diet.get(name, "unknown") == "unknown":
                diet[name] = known
    return diet


def _position(assets: Sequence[Asset]) -> dict[str, Any]:
    """Return the position of the first that has a stated one, else of the first that has any."""
    placed = [asset for asset in assets if asset.has_position]
    if not placed:
        return {}
    best = next((asset for asset in placed if _flag(asset, "lon") is None), placed[0])
    return {"lon": best.lon, "lat": best.lat}


def _with_unique_ids(assets: Iterable[Asset]) -> tuple[list[Asset], list[tuple[str, str]]]:
    taken: set[str] = set()
    unique: list[Asset] = []
    renamed: list[tuple[str, str]] = []
    for asset in assets:
        new_id, number = asset.id, 2
        while new_id in taken:
            new_id, number = f"{asset.id}-{number}", number + 1
        taken.add(new_id)
        if new_id != asset.id:
            renamed.append((asset.id, new_id))
            asset = asset.model_copy(update={"id": new_id})
        unique.append(asset)
    return unique, renamed
