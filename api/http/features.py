"""
OGC API Features, Part 1: Core (OGC 17-069r4): parameters of queries, and assets as features.

The standard wants 400 for parameters that make no sense, where the rest of the API says 422: `FeaturesDoor` translates.
"""

import datetime as dt
import json
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from api.http.doors import Door
from api.http.problems import ProblemError, flaws_of_validation
from api.problems import Flaw
from api.regions.offered import is_offered
from api.texts import text
from regional_assets.errors import InputError
from regional_assets.model import Asset, AssetId
from regional_assets.text import Text
from regional_assets.validation import problems_from

MEDIA_TYPE = "application/geo+json"
CONFORMS_TO = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
)
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"

_Longitude = Annotated[float, Field(ge=-180, le=180)]
_Latitude = Annotated[float, Field(ge=-90, le=90)]


class Point(BaseModel):
    """Name a position: longitude and latitude in degrees; a height may follow, and is not kept."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["Point"]
    coordinates: tuple[_Longitude, _Latitude] | tuple[_Longitude, _Latitude, float]


class _Properties(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


# All of an asset but its position; the id may stand in the feature itself.
_PROPERTIES: dict[str, Any] = {
    name: (field.annotation, field) for name, field in Asset.model_fields.items() if name not in ("id", "lon", "lat")
}
AssetProperties = create_model(
    "AssetProperties", __base__=_Properties, __doc__=Asset.__doc__, id=(AssetId | None, None), **_PROPERTIES
)


class AssetFeature(BaseModel):
    """
    Describe an asset as a GeoJSON feature.

    Parameters
    ----------
    id
        Unique in the region; here or in ``properties``.
    geometry
        Where it is; null where that is unknown: such an asset is kept, and cannot be planned.
    properties
        Everything else.
    links
        In answers only; what is sent is not looked at.
    """

    model_config = ConfigDict(extra="forbid")

    type: Literal["Feature"]
    id: AssetId | None = None
    geometry: Point | None
    properties: AssetProperties
    links: list[Any] = []

    def given_ids(self) -> list[tuple[str, str]]:
        """Return the ids it states, each with where it stands."""
        stated = (("/id", self.id), ("/properties/id", getattr(self.properties, "id", None)))
        return [(pointer, asset_id) for pointer, asset_id in stated if asset_id is not None]

    def asset(self, asset_id: str) -> Asset:
        """
        Return the asset under an id.

        Raises
        ------
        ProblemError
            422 where the feature states another id.
        """
        flaws = [
            Flaw(text("assets.other_id", id=asset_id), pointer=pointer, value=stated)
            for pointer, stated in self.given_ids()
            if stated != asset_id
        ]
        if flaws:
            raise ProblemError(422, "invalid-input", errors=flaws)
        lon, lat = self.geometry.coordinates[:2] if self.geometry is not None else (None, None)
        known = {name: getattr(self.properties, name) for name in _PROPERTIES}
        return Asset(id=asset_id, lon=lon, lat=lat, **known)


def patched_feature(body: str, patch: dict[str, Any]) -> AssetFeature:
    """
    Return an asset with a merge patch (RFC 7396) applied.

    Parameters
    ----------
    body
        The asset as it is, a GeoJSON feature.
    patch
        What is to change: null takes a field away.

    Raises
    ------
    InputError
        If the result is no asset.
    """
    merged = _merged(json.loads(body), patch)
    # A position is taken away by patching it with null, which leaves the member itself in place.
    merged.setdefault("geometry", None)
    try:
        return AssetFeature.model_validate_json(json.dumps(merged, ensure_ascii=False), strict=True)
    except ValidationError as error:
        raise InputError(problems_from(error)) from None


def _merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(merged.get(name), value)
    return merged


@dataclass(frozen=True, slots=True)
class FeatureQuery:
    """
    Say which assets are asked for.

    Parameters
    ----------
    kinds
        Any of these; empty for all.
    bbox
        West, south, east, north; west beyond east goes over the antimeridian. None for everywhere.
    span
        First and last day, None where open; None for any time.
    """

    kinds: frozenset[str]
    bbox: tuple[float, float, float, float] | None
    span: tuple[dt.date | None, dt.date | None] | None

    def places(self, assets: Sequence[Asset]) -> Sequence[int]:
        """Return the places of the assets that are asked for, in order."""
        if not self.kinds and self.bbox is None and self.span is None:
            return range(len(assets))
        return [place for place, asset in enumerate(assets) if self._selects(asset)]

    def _selects(self, asset: Asset) -> bool:
        return (
            (not self.kinds or str(asset.kind) in self.kinds)
            and (self.bbox is None or _is_inside(asset, self.bbox))
            and (self.span is None or is_offered(asset, *self.span))
        )


def read_bbox(value: str | None) -> tuple[float, float, float, float] | None:
    """
    Return a box: four numbers, or six with heights, which do not count.

    Raises
    ------
    ProblemError
        400 if it is none.
    """
    if value is None:
        return None
    try:
        numbers = [float(part) for part in value.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(map(isfinite, numbers)):
        raise _bad_parameter("bbox", value, text("features.bbox"))
    west, south, east, north = numbers
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise _bad_parameter("bbox", value, text("features.bbox_range"))
    return west, south, east, north


def read_span(value: str | None, time_zone: str) -> tuple[dt.date | None, dt.date | None] | None:
    """
    Return the days of an instant or interval (RFC 3339; ``..`` or nothing for an open end), local to a region.

    Raises
    ------
    ProblemError
        400 if it is none.
    """
    if value is None:
        return None
    parts = value.split("/")
    is_interval = len(parts) == 2
    if len(parts) > 2 or (not is_interval and value in ("", "..")):
        raise _bad_parameter("datetime", value, text("features.datetime"))
    try:
        days = [None if is_interval and part in ("", "..") else _day(part, ZoneInfo(time_zone)) for part in parts]
    except (ValueError, OverflowError):
        raise _bad_parameter("datetime", value, text("features.datetime")) from None
    first, last = days[0], days[-1]
    if first is not None and last is not None and first > last:
        raise _bad_parameter("datetime", value, text("features.datetime_order"))
    return first, last


def _day(value: str, zone: ZoneInfo) -> dt.date:
    if len(value) == 10:
        return dt.date.fromisoformat(value)
    moment = dt.datetime.fromisoformat(value)
    if moment.tzinfo is None or value[10:11] not in ("T", "t", " "):
        msg = "RFC 3339 wants an offset"
        raise ValueError(msg)
    return moment.astimezone(zone).date()


def _is_inside(asset: Asset, bbox: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bbox
    if asset.lon is None or asset.lat is None or not south <= asset.lat <= north:
        return False
    return west <= asset.lon <= east if west <= east else asset.lon >= west or asset.lon <= east


def _bad_parameter(name: str, value: str, detail: Text) -> ProblemError:
    return ProblemError(400, "bad-request", detail, [Flaw(detail, parameter=name, value=value)])


class FeaturesDoor(Door):
    """Refuse parameters that make no sense as the standard wants it: with 400."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        answer = super().get_route_handler()

        async def answer_by_the_standard(request: Request) -> Response:
            try:
                return await answer(request)
            except RequestValidationError as error:
                raise ProblemError(400, "bad-request", errors=flaws_of_validation(error)) from None
            except ProblemError as error:
                if error.status_code != 422:
                    raise
                raise ProblemError(400, "bad-request", errors=error.flaws) from None

        return answer_by_the_standard
