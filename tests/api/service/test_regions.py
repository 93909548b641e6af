"""Regions over HTTP: lists, landing pages, downloads, checks, and taking one away."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import httpx

from api.service import Service
from regional_assets.model import Name, Region
from regional_assets.region import read_assets_file


def links(body: dict[str, Any]) -> dict[str, str]:
    return {link["rel"]: link["href"] for link in body["links"]}


def test_regions_are_listed_by_id_in_pages(client: httpx.Client, home: str) -> None:
    """Every region once, each as its own page shows it, with a link to the page that follows."""
    seen, address = [], "/v1/regions?limit=1"
    while address:
        answer = client.get(address)
        seen += answer.json()["items"]
        following = answer.json()["next"]
        assert ("link" in answer.headers) == (following is not None)
        address = following
    names = [region["id"] for region in seen]
    assert names == sorted(set(names))
    assert {"echizen", home.rpartition("/")[2]} <= set(names)
    assert seen[0] == client.get(links(seen[0])["self"]).json()
    assert client.get("/v1/regions?cursor=WzFd").status_code == 400


def test_a_region_says_what_it_is_and_leads_on(client: httpx.Client, home: str) -> None:
    """Counts, extent, provenance, and links that all lead somewhere, but for those that only take requests."""
    answer = client.get(home)
    body = answer.json()
    assert (body["assets"], body["kinds"]["craft"], body["revision"]) == (12, 3, 1)
    assert body["bbox"] == [136.1252, 35.9022, 136.3553, 36.2382]
    assert (body["title"], body["origin"], body["folder_differs"]) == ("Echizen", "import", False)
    assert client.get(home, headers={"Accept-Language": "ja"}).json()["title"] == "越前"
    known = {"If-None-Match": answer.headers["etag"]}
    assert client.get(home, headers=known).status_code == 304
    assert client.get(home, headers={**known, "Accept-Language": "ja"}).status_code == 200
    for rel, href in links(body).items():
        if rel not in ("trips", "price-plans"):
            assert client.get(href).status_code == 200, rel
    assert links(body)["service-desc"].endswith("/openapi.json")


def test_collections_are_described_as_the_standard_wants(client: httpx.Client, home: str) -> None:
    """Conformance, one collection, its extent, and the way to its items."""
    assert any("core" in name for name in client.get(f"{home}/conformance").json()["conformsTo"])
    listed = client.get(f"{home}/collections").json()
    [collection] = listed["collections"]
    assert collection == client.get(f"{home}/collections/assets").json()
    assert collection["id"] == "assets"
    assert collection["extent"]["spatial"]["bbox"] == [[136.1252, 35.9022, 136.3553, 36.2382]]
    assert client.get(links(collection)["items"]).json()["numberMatched"] == 12


def test_what_is_not_there_is_404(client: httpx.Client) -> None:
    """Under every address below a region."""
    for rest in ("", "/conformance", "/collections", "/collections/assets", "/check", "/assets.csv", "/assets.geojson"):
        answer = client.get(f"/v1/regions/nowhere{rest}")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
    assert client.delete("/v1/regions/nowhere", headers={"If-Match": "*"}).status_code == 404


def test_edits_change_revision_version_and_tag(client: httpx.Client, home: str) -> None:
    """Whoever keeps a copy learns from any of them that it is old."""
    before = client.get(home)
    client.delete(f"{home}/collections/assets/items/fair", headers={"If-Match": "*"})
    after = client.get(home)
    assert (before.json()["revision"], after.json()["revision"]) == (1, 2)
    assert before.json()["data_version"] != after.json()["data_version"]
    assert before.headers["etag"] != after.headers["etag"]
    assert "event" not in after.json()["kinds"]


def test_a_region_is_taken_away_with_the_tag_that_was_last_seen(client: httpx.Client, home: str) -> None:
    """428 without a tag, 412 with an old one, then it is gone."""
    etag = client.get(home).headers["etag"]
    client.delete(f"{home}/collections/assets/items/fair", headers={"If-Match": "*"})
    assert client.delete(home).status_code == 428
    stale = client.delete(home, headers={"If-Match": etag})
    assert stale.status_code == 412
    assert client.delete(home, headers={"If-Match": f"W/{stale.headers['etag']}"}).status_code == 412
    seen = client.get(home, headers={"Accept-Language": "ja"}).headers["etag"]
    assert seen != stale.headers["etag"]
    assert client.delete(home, headers={"If-Match": f'"other", {seen}'}).status_code == 204
    assert client.get(home).status_code == 404


def test_the_table_holds_no_formula(client: httpx.Client, home: str) -> None:
    """A text that a spreadsheet would run gets an apostrophe in front; Japanese stays readable."""
    items = f"{home}/collections/assets/items"
    wild = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"]
    for number, text in enumerate(wild):
        # Blanks around texts are taken away, also by the API.
        patch = {"properties": {"address": text, "tags": [text], "name": {"ja": text}}}
        address = f"{items}/{('station', 'lacquer', 'paper', 'soba', 'knife', 'inn', 'eiheiji')[number]}"
        assert client.patch(address, json=patch, headers={"If-Match": "*"}).status_code == 200
    answer = client.get(f"{home}/assets.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert len(rows) == 12
    cells = [cell for row in rows for name, cell in row.items() if name not in ("lon", "lat")]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))]
    assert rows[0]["name_ja"] == "'=1+1"
    assert client.get(f"{home}/assets.csv", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_the_download_is_a_file_of_a_region_folder(
    client: httpx.Client, home: str, region: Region, tmp_path: Path
) -> None:
    """GeoJSON that the reader of region folders restores exactly."""
    answer = client.get(f"{home}/assets.geojson")
    assert answer.headers["content-type"] == "application/geo+json"
    (tmp_path / "assets.geojson").write_bytes(answer.content)
    assert read_assets_file(tmp_path / "assets.geojson") == region.assets
    assert client.get(f"{home}/assets.geojson", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_a_check_names_gaps_worst_first_and_is_done_once_a_day(client: httpx.Client, home: str) -> None:
    """It waits for its end by default; the same question again gets the same job, an edit a new one."""
    answer = client.get(f"{home}/check")
    assert answer.status_code == 200
    body = answer.json()
    severities = [finding["severity"] for finding in body["result"]["findings"]]
    assert severities == sorted(severities, key=["error", "warning", "note"].index)
    assert body["result"]["assets"] == 12
    assert client.get(f"{home}/check").json()["id"] == body["id"]
    client.delete(f"{home}/collections/assets/items/fair", headers={"If-Match": "*"})
    assert client.get(f"{home}/check").json()["id"] != body["id"]


def test_a_region_without_positions_has_no_box(
    client: httpx.Client, server: tuple[Any, Service], region: Region
) -> None:
    """Null instead of a box, and no extent."""
    lost = tuple(asset.model_copy(update={"lon": None, "lat": None}) for asset in region.assets)
    server[1].regions.put(region.model_copy(update={"id": "lost", "assets": lost, "name": Name(en="Lost")}))
    assert client.get("/v1/regions/lost").json()["bbox"] is None
    assert "extent" not in client.get("/v1/regions/lost/collections/assets").json()
    assert client.get("/v1/regions/lost/collections/assets/items?bbox=-180,-90,180,90").json()["numberMatched"] == 0


def test_an_edit_is_part_of_the_next_state_that_jobs_get(
    client: httpx.Client, server: tuple[Any, Service], home: str
) -> None:
    """The folder that a worker is handed for the present state holds the edited asset."""
    name = home.rpartition("/")[2]
    first = server[1].regions.snapshot(name)
    client.patch(
        f"{home}/collections/assets/items/paper", json={"properties": {"appeal": 99}}, headers={"If-Match": "*"}
    )
    second = server[1].regions.snapshot(name)
    assert first is not None
    assert second is not None
    appeals = [
        next(
            feature["properties"]["appeal"]
            for feature in json.loads((ref.folder / "assets.geojson").read_text())["features"]
            if feature["properties"]["id"] == "paper"
        )
        for ref in (first, second)
    ]
    assert appeals == [50, 99]
