"""Regions and their assets: look, import, edit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import quote

import httpx

from api.client._bodies import json_body
from api.client._connection import Connection, given, query_of
from api.client._reading import read
from api.http.paging import Page
from api.jobs.model import Answer
from regional_assets.model import Asset, Kind
from regional_assets.region import asset_feature

if TYPE_CHECKING:
    import datetime as dt

    from api.http.routes.places import Vocabulary
    from api.http.routes.regions import RegionBody
    from api.http.routes.tiles import TileJson
    from api.regions.checking import RegionCheck
    from api.regions.door_hours import DoorHours
    from api.regions.importing import ImportReport

ANY_VERSION = "*"
"""Entity tag of whatever is there."""

_FEATURE = "application/geo+json"
_MERGE_PATCH = "application/merge-patch+json"


class VersionedAsset(NamedTuple):
    """Hold an asset, and the tag that its next edit has to name."""

    asset: Asset
    etag: str


class Regions(Connection):
    """Ask about regions. Their models are those of the server, loaded when they are first needed."""

    def regions(self) -> Iterator[RegionBody]:
        """Yield all regions by their ids."""
        from api.http.routes.regions import RegionBody

        return self._pages(Page[RegionBody], "/v1/regions")

    def region(self, region: str) -> RegionBody:
        """Return what a region is and holds, without its assets."""
        from api.http.routes.regions import RegionBody

        return self._get(RegionBody, f"/v1/regions/{region}")

    def delete_region(self, region: str, *, etag: str = ANY_VERSION) -> None:
        """Take a region away, by default whatever is there; trips that were planned in it stay."""
        self._edit("DELETE", f"/v1/regions/{region}", etag)

    def check_region(self, region: str, *, wait: float = 60) -> Answer[RegionCheck]:
        """Look through a region for gaps and contradictions, worst first."""
        from api.regions.checking import RegionCheck

        return self._ask(Answer[RegionCheck], f"/v1/regions/{region}/check", wait=wait)

    def import_region(
        self,
        region: str,
        *,
        csv: Sequence[str | Path] = (),
        geofile: Sequence[str | Path] = (),
        osm: Sequence[str | Path] = (),
        gtfs: Sequence[str | Path] = (),
        heritage: str | Path | None = None,
        edges: str | Path | None = None,
        folder: str | Path | None = None,
        wait: float = 60,
        **words: Any,
    ) -> Answer[ImportReport]:
        """
        Make a region from files.

        Parameters
        ----------
        region
            Its id.
        csv, geofile, osm, gtfs, heritage, edges
            Files to send; what each may be is on the page about data formats.
        folder
            A whole region folder as a zip file, and nothing else.
        wait
            Seconds within which the report is answered if it is there by then; `wait` waits longer.
        words
            Further fields: ``name_ja``, ``name_en``, ``modes``, ``licence``, ``csv_licence``, ``prefecture``,
            ``replace``.
        """
        from api.regions.importing import ImportReport

        one_each = {"heritage": heritage, "edges": edges, "region": folder}
        paths = {"csv": csv, "geofile": geofile, "osm": osm, "gtfs": gtfs}
        paths |= {role: [path] for role, path in one_each.items() if path is not None}
        with ExitStack() as opened:
            # Open files are read anew whenever the request is sent again.
            files = [
                (role, (Path(path).name, opened.enter_context(Path(path).open("rb"))))
                for role, of_role in paths.items()
                for path in of_role
            ]
            fields = {"id": region, **{name: _field(value) for name, value in given(words).items()}}
            return self._start(Answer[ImportReport], "/v1/regions:import", wait=wait, files=files, data=fields)

    def assets(
        self,
        region: str,
        *,
        kind: Sequence[Kind | str] = (),
        bbox: tuple[float, float, float, float] | None = None,
        when: str | None = None,
        limit: int = 1_000,
    ) -> Iterator[Asset]:
        """
        Yield the assets of a region in its order.

        Parameters
        ----------
        region
            Id of the region.
        kind
            Only of these kinds.
        bbox
            Only in this box: west, south, east, north.
        when
            Only those offered then: a date, a time, or an interval (``2026-12-01/2026-12-31``).
        limit
            How many are fetched at once.
        """
        box = None if bbox is None else ",".join(map(str, bbox))
        query: Any = given({"kind": [str(one) for one in kind] or None, "bbox": box, "datetime": when, "limit": limit})
        path = _items(region)
        while True:
            page = json.loads(self._send("GET", path, params=query).content)
            yield from map(_asset, page["features"])
            following = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
            if following is None:
                return
            query = query_of(following)

    def export_assets(self, region: str, form: Literal["csv", "geojson"], path: str | Path | None = None) -> bytes:
        """
        Return all assets of a region as a file, and write it where a path is given.

        Parameters
        ----------
        region
            Id of the region.
        form
            ``csv`` for a spreadsheet; ``geojson`` with every field, which can be imported again.
        path
            Where to write the file; it is replaced.
        """
        return self._file(f"/v1/regions/{region}/assets.{form}", path)

    def vocabulary(self, region: str) -> Vocabulary:
        """Return how a region words the tags and themes that trips may ask for."""
        from api.http.routes.places import Vocabulary

        return self._get(Vocabulary, f"/v1/regions/{region}/vocabulary")

    def hours(self, region: str, asset_id: str, *, first: dt.date | None = None, days: int = 1) -> DoorHours:
        """Return when a place is open, in words and on some days: by default today."""
        from api.regions.door_hours import DoorHours

        path = f"/v1/regions/{region}/hours/{quote(asset_id)}"
        return self._get(DoorHours, path, days=days, **{"from": first and first.isoformat()})

    def tiles(self, region: str) -> TileJson:
        """Return what vector tiles a region has, for a map; refused (404) where it has none."""
        from api.http.routes.tiles import TileJson

        return self._get(TileJson, f"/v1/regions/{region}/tiles")

    def tile(self, region: str, zoom: int, column: int, row: int) -> bytes:
        """Return a vector tile, unpacked, rows counted from the north; empty where nothing is drawn."""
        return self._send("GET", f"/v1/regions/{region}/tiles/{zoom}/{column}/{row}.mvt").content

    def asset(self, region: str, asset_id: str) -> VersionedAsset:
        """Return everything that is known of an asset, with the tag to edit it by."""
        return _versioned(self._send("GET", _items(region, asset_id)))

    def create_asset(self, region: str, asset: Asset) -> VersionedAsset:
        """Add an asset to a region; the next plan knows of it."""
        return _versioned(self._send("POST", _items(region), **json_body(asset_feature(asset), _FEATURE)))

    def replace_asset(self, region: str, asset: Asset, *, etag: str = ANY_VERSION) -> VersionedAsset:
        """Put an asset in the place of the one of its id; refused (412) where that is no longer the one of ``etag``."""
        body = json_body(asset_feature(asset), _FEATURE)
        return _versioned(self._edit("PUT", _items(region, asset.id), etag, **body))

    def change_asset(
        self, region: str, asset_id: str, changes: Mapping[str, Any], *, etag: str = ANY_VERSION
    ) -> VersionedAsset:
        """
        Change some fields of an asset.

        Parameters
        ----------
        region, asset_id
            Which.
        changes
            A merge patch of its GeoJSON feature, as ``{"properties": {"price": {"adult": 700}}}``; ``None`` takes a
            field away.
        etag
            Of the asset that is meant; refused (412) where it has changed since.
        """
        body = json_body(changes, _MERGE_PATCH)
        return _versioned(self._edit("PATCH", _items(region, asset_id), etag, **body))

    def delete_asset(self, region: str, asset_id: str, *, etag: str = ANY_VERSION) -> None:
        """Take an asset out of a region."""
        self._edit("DELETE", _items(region, asset_id), etag)

    def _edit(
        self, method: str, path: str, etag: str, *, headers: Mapping[str, str] | None = None, **content: Any
    ) -> httpx.Response:
        return self._send(method, path, headers={**(headers or {}), "If-Match": etag}, **content)


def _items(region: str, asset_id: str | None = None) -> str:
    path = f"/v1/regions/{region}/collections/assets/items"
    return path if asset_id is None else f"{path}/{quote(asset_id)}"


def _asset(feature: Mapping[str, Any]) -> Asset:
    position = (feature["geometry"] or {}).get("coordinates", (None, None))
    fields = {**feature["properties"], "id": feature["id"], "lon": position[0], "lat": position[1]}
    return read(Asset, json.dumps(fields).encode())


def _versioned(response: httpx.Response) -> VersionedAsset:
    return VersionedAsset(_asset(response.json()), response.headers["ETag"])


def _field(value: Any) -> Any:
    """Return a value of a form: yes and no as JSON writes them."""
    return str(value).lower() if isinstance(value, bool) else value
