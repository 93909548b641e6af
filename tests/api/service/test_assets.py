"""Assets over HTTP: OGC API Features, and editing with preconditions."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.http.examples import examples

GEOJSON = "application/geo+json"
PROBLEM = "application/problem+json"


@pytest.fixture
def items(home: str) -> str:
    """Return the address of its assets."""
    return f"{home}/collections/assets/items"


def ids(answer: dict[str, Any]) -> list[str]:
    return [feature["id"] for feature in answer["features"]]


def feature(**changes: Any) -> dict[str, Any]:
    """Return a whole asset to send."""
    properties = {
        "id": "new",
        "kind": "craft",
        "name": {"ja": "新しい工房"},
        "visit_minutes": {"min": 10, "typical": 20, "max": 30},
        "sources": [{"name": "Test"}],
        **changes,
    }
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [136.2, 35.9]}, "properties": properties}


def test_items_come_in_pages_linked_to_each_other(client: httpx.Client, items: str) -> None:
    """Following `next` gives every asset once, in the order of the region."""
    answer = client.get(items, params={"limit": 5})
    assert answer.headers["content-type"] == GEOJSON
    first = answer.json()
    assert (first["numberMatched"], first["numberReturned"]) == (12, 5)
    seen, page = ids(first), first
    while following := next((link["href"] for link in page["links"] if link["rel"] == "next"), None):
        page = client.get(following).json()
        seen += ids(page)
    assert len(seen) == len(set(seen)) == 12
    assert page["numberReturned"] == 2
    assert first["timeStamp"].endswith("Z")


def test_paging_goes_on_where_the_last_asset_was_taken_away(client: httpx.Client, items: str) -> None:
    """An edit between two pages neither repeats nor skips another asset."""
    first = client.get(items, params={"limit": 3}).json()
    following = next(link["href"] for link in first["links"] if link["rel"] == "next")
    client.delete(f"{items}/{ids(first)[-1]}", headers={"If-Match": "*"})
    rest = client.get(following).json()
    assert len({*ids(first), *ids(rest)}) == 6


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"bbox": "136.24,35.9,136.26,35.95"}, ["lacquer", "paper"]),
        ({"bbox": "136.24,35.9,0,136.26,35.95,3000"}, ["lacquer", "paper"]),
        ({"bbox": "170,30,-170,40"}, []),
        ({"bbox": "136.3,30,-170,40"}, ["eiheiji"]),
        ({"kind": ["food", "nature"]}, ["soba", "cutlet", "cliff"]),
        ({"kind": "food", "bbox": "136.2,35.9,136.21,35.91"}, ["soba"]),
    ],
)
def test_queries_by_box_and_kind(client: httpx.Client, items: str, query: dict[str, Any], expected: list[str]) -> None:
    """Boxes may have heights, and may go over the antimeridian; kinds add up."""
    assert ids(client.get(items, params=query).json()) == expected


@pytest.mark.parametrize(
    ("when", "offered"),
    [
        ("2026-12-05", {"always", "winter", "fair"}),
        ("2026-12-05T10:00:00Z", {"always", "winter", "fair"}),
        ("2026-12-04T16:00:00Z", {"always", "winter", "fair"}),  # already the 5th in Japan
        ("2026-07-01", {"always"}),
        ("2026-07-01/2026-11-30", {"always"}),
        ("2026-07-01/..", {"always", "winter", "fair"}),
        ("../2026-07-01", {"always", "winter"}),
        ("2027-01-01/", {"always", "winter"}),
        ("2026-03-01/2026-12-01", {"always", "winter"}),
    ],
)
def test_queries_by_time_mean_offered_then(client: httpx.Client, items: str, when: str, offered: set[str]) -> None:
    """Events count by their dates, seasonal assets by their season, all others always."""
    for asset_id, fields in {
        "always": {},
        "winter": {"season": [{"first": "12-01", "last": "02-28"}]},
        "fair-2026": {"kind": "event", "dates": [{"first": "2026-12-05", "last": "2026-12-06"}]},
    }.items():
        assert client.post(items, json=feature(id=asset_id, **fields)).status_code == 201
    found = set(ids(client.get(items, params={"datetime": when}).json()))
    assert {name.removesuffix("-2026") for name in found & {"always", "winter", "fair-2026"}} == offered


@pytest.mark.parametrize(
    "query",
    [
        {"bbox": "1,2,3"},
        {"bbox": "a,b,c,d"},
        {"bbox": "0,50,10,40"},
        {"bbox": "nan,0,1,1"},
        {"bbox": "-200,0,1,1"},
        {"datetime": "yesterday"},
        {"datetime": "2026-02-30"},
        {"datetime": "2026-12-05T10:00:00"},
        {"datetime": "2026-12-06/2026-12-05"},
        {"datetime": "2026-12-06/2026-12-07/2026-12-08"},
        {"datetime": ""},
        {"limit": "0"},
        {"limit": "many"},
        {"kind": "pub"},
        {"cursor": "nonsense"},
        {"cursor": "WzEsMl0"},
        {"unknown": "1"},
    ],
)
def test_parameters_that_make_no_sense_are_refused_with_400(
    client: httpx.Client, items: str, query: dict[str, str]
) -> None:
    """The standard wants 400; the problem names the parameter."""
    answer = client.get(items, params=query)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == PROBLEM
    assert answer.json()["errors"][0]["parameter"] == next(iter(query))


def test_an_asset_is_created_with_location_and_tag(client: httpx.Client, items: str) -> None:
    """It is where Location says, as it was sent, and appears at the end of the list."""
    answer = client.post(items, json=feature(id="way/12.b:c"), headers={"Content-Type": GEOJSON})
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{items}/way/12.b:c"
    found = client.get(answer.headers["location"])
    assert found.headers["etag"] == answer.headers["etag"]
    assert found.json() == answer.json()
    assert found.json()["properties"]["name"] == {"ja": "新しい工房"}
    assert client.get(found.url, headers={"If-None-Match": found.headers["etag"]}).status_code == 304
    assert client.post(items, json=feature(id="way/12.b:c")).status_code == 409


def test_an_asset_without_an_id_gets_one(client: httpx.Client, items: str) -> None:
    """The id stands in the answer, in the feature itself and in its properties."""
    sent = feature()
    del sent["properties"]["id"]
    made = client.post(items, json=sent).json()
    assert made["id"] == made["properties"]["id"]
    assert client.get(f"{items}/{made['id']}").status_code == 200


def test_edits_need_the_tag_that_was_last_seen(client: httpx.Client, items: str) -> None:
    """Absent is 428, stale is 412 with the present tag, `*` is whatever is there, weak tags never match."""
    address = f"{items}/lacquer"
    seen = client.get(address)
    etag, body = seen.headers["etag"], seen.json()
    body["properties"]["appeal"] = 80
    assert client.put(address, json=body).status_code == 428
    assert client.put(address, json=body, headers={"If-Match": "lacquer"}).status_code == 400
    assert client.put(address, json=body, headers={"If-Match": f"W/{etag}"}).status_code == 412
    changed = client.put(address, json=body, headers={"If-Match": f'"other", {etag}'})
    assert changed.status_code == 200
    assert changed.json()["properties"]["appeal"] == 80
    stale = client.put(address, json=body, headers={"If-Match": etag})
    assert stale.status_code == 412
    assert stale.headers["etag"] == changed.headers["etag"]
    assert client.patch(address, json={}, headers={"If-Match": etag}).status_code == 412
    assert client.delete(address, headers={"If-Match": etag}).status_code == 412
    assert client.delete(address).status_code == 428
    assert client.delete(address, headers={"If-Match": "*"}).status_code == 204
    assert client.get(address).status_code == 404
    assert client.delete(address, headers={"If-Match": "*"}).status_code == 404


def test_a_patch_changes_what_it_names_and_leaves_the_rest(client: httpx.Client, items: str) -> None:
    """Null takes away, tables are merged, lists are replaced; the position is patched like anything else."""
    address = f"{items}/paper"
    patch = {"properties": {"price": {"child": 300}, "opening": None, "tags": ["washi"]}}
    headers = {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
    changed = client.patch(address, json=patch, headers=headers).json()
    assert changed["properties"]["price"] == {
        "adult": 600,
        "child": 300,
        **{name: changed["properties"]["price"][name] for name in ("unit", "starting_from")},
    }
    assert "opening" not in changed["properties"]
    assert changed["properties"]["tags"] == ["washi"]
    assert client.patch(address, json={"geometry": None}, headers=headers).json()["geometry"] is None


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"kind": "pub"}, "/properties/kind"),
        ({"name": {}}, "/properties/name"),
        ({"visit_minutes": {"min": 30, "typical": 20, "max": 10}}, "/properties/visit_minutes"),
        ({"appeal": "90"}, "/properties/appeal"),
        ({"sources": []}, "/properties/sources"),
        ({"colour": "red"}, "/properties/colour"),
        ({"slots": [{"start": "25 o'clock"}]}, "/properties/slots/0/start"),
        ({"id": "two words"}, "/properties/id"),
        ({"price": {"adult": -5}}, "/properties/price/adult"),
    ],
)
def test_what_is_no_asset_is_refused_with_a_pointer(
    client: httpx.Client, items: str, changes: dict[str, Any], pointer: str
) -> None:
    """The same rules as for region folders, in both languages, for new, replaced and patched assets."""
    made = client.post(items, json=feature(**changes), headers={"Accept-Language": "ja"})
    assert made.status_code == 422
    assert made.headers["content-language"] == "ja"
    assert pointer in [error["pointer"] for error in made.json()["errors"]]
    address, match = f"{items}/paper", {"If-Match": "*"}
    replaced = client.put(address, json=feature(**{"id": "paper", **changes}), headers=match)
    assert pointer in [error["pointer"] for error in replaced.json()["errors"]]
    patched = client.patch(address, json={"properties": changes}, headers=match)
    if changes != {"name": {}}:  # An empty patch of a table changes nothing.
        assert patched.status_code == 422
        assert pointer in [error["pointer"] for error in patched.json()["errors"]]


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [200, 35]},
        {"type": "Point", "coordinates": [136]},
        {"type": "LineString", "coordinates": [[136, 35], [137, 36]]},
        {"type": "Point"},
        "here",
    ],
)
def test_positions_that_are_none_are_refused(client: httpx.Client, items: str, geometry: Any) -> None:
    """Only points within the range of degrees; unknown is null."""
    answer = client.post(items, json={**feature(), "geometry": geometry})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith("/geometry")


def test_another_id_than_that_of_the_address_is_refused(client: httpx.Client, items: str) -> None:
    """An asset cannot be renamed by replacing it."""
    answer = client.put(f"{items}/paper", json=feature(id="other"), headers={"If-Match": "*"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/properties/id"


def test_what_is_not_there_is_404(client: httpx.Client, items: str) -> None:
    """Unknown regions and assets, in every method."""
    for path in ("/v1/regions/nowhere/collections/assets/items", f"{items}/nothing", f"{items}/no/such/thing"):
        assert client.get(path).status_code == 404
    assert client.post("/v1/regions/nowhere/collections/assets/items", json=feature()).status_code == 404
    assert client.put(f"{items}/new", json=feature(), headers={"If-Match": "*"}).status_code == 404
    assert client.patch(f"{items}/new", json={}, headers={"If-Match": "*"}).status_code == 404


def test_the_examples_of_the_document_work(client: httpx.Client, items: str) -> None:
    """The workshop can be created, and the patch be applied to it."""
    made = client.post(items, json=examples("regions/workshop")["regions/workshop"]["value"])
    assert made.status_code == 201
    patch = examples("regions/new-hours")["regions/new-hours"]["value"]
    changed = client.patch(made.headers["location"], json=patch, headers={"If-Match": made.headers["etag"]})
    assert changed.status_code == 200
    assert changed.json()["properties"]["opening"]["osm"] == "We-Mo 10:00-17:00"


def test_what_is_read_can_be_sent_back(client: httpx.Client, items: str, home: str) -> None:
    """Replacing an asset by itself changes neither tag nor region."""
    seen = client.get(f"{items}/inn")
    region = client.get(home).json()
    again = client.put(f"{items}/inn", json=seen.json(), headers={"If-Match": seen.headers["etag"]})
    assert again.headers["etag"] == seen.headers["etag"]
    assert client.get(home).json()["revision"] == region["revision"]
