"""Words of a region and hours of its places over HTTP."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import httpx
import pytest
from inline_executor import serving_inline

from api.client import MeguriClient


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Return a client of a server with the bundled region."""
    with serving_inline(tmp_path_factory) as (served, _):
        yield served


def test_tags_and_themes_of_places_have_names(client: httpx.Client) -> None:
    """Those of the region, in both languages, with the zone of its times."""
    words = client.get("/v1/regions/echizen/vocabulary").json()
    assert words["time_zone"] == "Asia/Tokyo"
    assert words["tags"]["washi"] == {"ja": "越前和紙", "en": "Echizen washi paper"}
    assert "rainy-day" in words["themes"]
    assert client.get("/v1/regions/nowhere/vocabulary").status_code == httpx.codes.NOT_FOUND


def test_hours_are_told_in_words_and_day_by_day(client: httpx.Client) -> None:
    """With the reason of a closing day: here a Monday and the Tuesday on which the house is closed."""
    found = client.get("/v1/regions/echizen/hours/udatsu-craft-hall", params={"from": "2026-11-30", "days": 2}).json()
    assert "09:30" in found["text"]["en"]
    monday, tuesday = found["days"]
    assert (monday["date"], monday["status"]) == ("2026-11-30", "open")
    assert monday["spans"] == [{"opens": "09:30", "closes": "17:00", "last_entry": "16:30"}]
    assert (tuesday["status"], tuesday["spans"]) == ("closed", [])
    assert "火" in tuesday["reason"]["ja"]


def test_what_is_unknown_is_told_as_unknown_and_events_keep_their_dates(client: httpx.Client) -> None:
    """Nothing is assumed; an event is closed on other days than its own."""
    features = client.get("/v1/regions/echizen/collections/assets/items?limit=1000&kind=food").json()["features"]
    silent = next(feature["id"] for feature in features if "opening" not in feature["properties"])
    assert client.get(f"/v1/regions/echizen/hours/{silent}").json()["days"][0]["status"] == "unknown"
    fireworks = client.get(
        "/v1/regions/echizen/hours/mikuni-fireworks", params={"from": "2027-08-10", "days": 2}
    ).json()
    assert [day["status"] for day in fireworks["days"]] == ["closed", "open"]
    assert "dates" in fireworks["days"][0]["reason"]["en"]


def test_the_client_asks_for_hours(client: httpx.Client) -> None:
    """By default those of today."""
    meguri = MeguriClient(str(client.base_url), http=client)
    assert len(meguri.hours("echizen", "eiheiji", first=dt.date(2026, 12, 5), days=3).days) == 3
    assert len(meguri.hours("echizen", "eiheiji").days) == 1
    assert meguri.vocabulary("echizen").time_zone == "Asia/Tokyo"


@pytest.mark.parametrize("query", ["from=2026-02-30", "from=1700000000", "days=0", "days=32", "day=1"])
def test_what_is_no_span_of_days_is_refused(client: httpx.Client, query: str) -> None:
    """Days that do not exist, too many of them, and parameters that nobody knows."""
    assert client.get(f"/v1/regions/echizen/hours/eiheiji?{query}").status_code in {400, 422}


def test_an_unknown_place_is_not_found_and_the_calendar_may_end(client: httpx.Client) -> None:
    """The last day that there is ends the answer."""
    assert client.get("/v1/regions/echizen/hours/nothing").status_code == httpx.codes.NOT_FOUND
    assert len(client.get("/v1/regions/echizen/hours/eiheiji?from=9999-12-31&days=5").json()["days"]) == 1
