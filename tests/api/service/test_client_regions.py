"""Regions, prices and models for annealers by the client, against a real server."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from price_bodies import small_market

from api.client import MeguriClient, ServiceError
from api.price_requests import PricePlanRequest
from api.qubo_requests import QuboDecodeRequest, QuboExportRequest
from regional_assets.model import Kind, Price

PLACES = "name,latitude,longitude\nA寺,35.9,136.2\nB社,35.91,136.21\n名無し,,\n"
TOWN = "client-town"


@pytest.fixture
def client(planning_server: httpx.Client) -> Iterator[MeguriClient]:
    """Return a client of a real server."""
    with MeguriClient(http=planning_server, language="en") as client:
        yield client


@pytest.fixture
def town(client: MeguriClient, tmp_path: Path) -> Iterator[str]:
    """Import a region of two places, and take it away afterwards."""
    sheet = tmp_path / "places.csv"
    sheet.write_text(PLACES, encoding="utf-8")
    imported = client.wait(client.import_region(TOWN, csv=[sheet], name_ja="町", licence="CC BY 4.0", replace=True))
    assert imported.result is not None
    assert [(read.source, read.rows) for read in imported.result.inputs] == [("places.csv", 3)]
    yield TOWN
    client.delete_region(TOWN)


def test_regions_are_listed_and_looked_at(client: MeguriClient) -> None:
    """The bundled region, with its kinds and its box."""
    region = client.region("echizen")
    assert region.id in [found.id for found in client.regions()]
    assert region.kinds[Kind.CRAFT] > 10
    assert region.bbox is not None
    with pytest.raises(ServiceError) as refusal:
        client.region("nowhere")
    assert refusal.value.status == 404


def test_assets_are_queried_page_after_page(client: MeguriClient) -> None:
    """All of a kind in a box, each once, whatever the size of the pages."""
    box = (136.15, 35.85, 136.3, 35.98)
    few = list(client.assets("echizen", kind=[Kind.CRAFT, "culture"], bbox=box, limit=7))
    assert len(few) > 14
    assert few == list(client.assets("echizen", kind=["craft", "culture"], bbox=box))
    assert {asset.kind for asset in few} == {Kind.CRAFT, Kind.CULTURE}
    assert all(asset.lon is not None and box[0] <= asset.lon <= box[2] for asset in few)


def test_files_become_a_region_whose_assets_are_edited(client: MeguriClient, town: str) -> None:
    """Import, change, replace, add and take away; an edit of what has changed since is refused."""
    first = next(client.assets(town))
    found = client.asset(town, first.id)
    assert found.asset == first
    changed = client.change_asset(town, first.id, {"properties": {"price": {"adult": 700}}}, etag=found.etag)
    assert changed.asset.price.adult == 700
    with pytest.raises(ServiceError) as refusal:
        client.replace_asset(town, first, etag=found.etag)
    assert refusal.value.code == "precondition-failed"
    free = first.model_copy(update={"price": Price(adult=0)})
    assert client.replace_asset(town, free, etag=changed.etag).asset == free
    added = client.create_asset(town, first.model_copy(update={"id": "another/one"}))
    assert client.asset(town, "another/one").asset == added.asset
    client.delete_asset(town, "another/one")
    assert [asset.id for asset in client.assets(town)].count("another/one") == 0


def test_assets_are_fetched_as_files(client: MeguriClient, town: str, tmp_path: Path) -> None:
    """A table, and GeoJSON that makes a region again."""
    assert "A寺" in client.export_assets(town, "csv").decode()
    client.export_assets(town, "geojson", tmp_path / "town.geojson")
    before = list(client.assets(town))
    client.wait(client.import_region(TOWN, geofile=[tmp_path / "town.geojson"], replace=True))
    assert list(client.assets(town)) == before


def test_a_region_is_checked(client: MeguriClient, town: str) -> None:
    """What to repair in it comes back typed."""
    report = client.wait(client.check_region(town)).result
    assert report is not None
    assert report.assets == sum(report.assets_by_kind.values())
    assert report.findings


def test_prices_are_proposed_and_looked_at_again(client: MeguriClient) -> None:
    """A small market without a test; the same plan by its id."""
    request = PricePlanRequest.model_validate({"market": small_market(), "horizons": 0, "rule_costs": False})
    plan = client.wait(client.plan_prices("echizen", request))
    assert plan.result is not None
    assert plan.result.bound_yen is not None
    assert client.price_plan(plan.id).result == plan.result
    assert plan.id in [found.id for found in client.price_plans()]
    assert plan.id in [found.id for found in client.jobs(kind="price-plan", state="succeeded")]


def test_prices_are_fetched_as_files(client: MeguriClient, tmp_path: Path) -> None:
    """A table for a spreadsheet, and a page in the language asked for."""
    body = {"market": small_market(), "horizons": 0, "rule_costs": False, "iterations": 1}
    plan = client.wait(client.plan_prices("echizen", body))
    table = client.export_prices(plan, "csv", tmp_path / "prices.csv")
    assert "loom-19" in table.decode()
    assert (tmp_path / "prices.csv").read_bytes() == table
    assert b'<html lang="ja"' in client.export_prices(plan.id, "html", language="ja")


def test_a_price_test_is_planned(client: MeguriClient) -> None:
    """Each date has one of two prices."""
    dates = [(dt.date(2026, 12, 19) + dt.timedelta(days=days)).isoformat() for days in range(14)]
    body = {"market": small_market(), "product": "loom-19", "dates": dates, "sales_per_date": 20}
    answer = client.wait(client.plan_price_test("echizen", body))
    assert answer.result is not None
    assert answer.state == "succeeded"


def test_models_are_exported_and_read_back(client: MeguriClient) -> None:
    """A market goes out as a model; a sample of it comes back as prices."""
    # So few seats that prices of both days hang together: there is something to choose.
    scarce = small_market()
    scarce["capacities"] = [{**seats, "units": 6} for seats in scarce["capacities"]]
    source = {"kind": "market", "market": scarce}
    model = client.wait(client.export_model(QuboExportRequest.model_validate({"source": source}))).result
    assert model is not None
    names = [variable.name for variable in model.sidecar.variables]
    samples = {
        "format": "meguri-samples/1",
        "vartype": "BINARY",
        "variables": names,
        "samples": [[1] + [0] * (len(names) - 1)],
    }
    request = QuboDecodeRequest(sidecar=model.sidecar, samples=samples)
    decoded = client.wait(client.decode_samples(request)).result
    assert decoded is not None
    assert decoded.plan is not None
    assert "sa" in [sampler.name for sampler in client.samplers()]
