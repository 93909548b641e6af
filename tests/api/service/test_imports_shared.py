"""石川県's municipal open data, imported over HTTP by a real server and planned there."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import httpx
import pytest

pytestmark = [pytest.mark.shared_data, pytest.mark.slow]


def test_a_prefecture_is_imported_and_planned_over_http(shared: Path, planning_server: httpx.Client) -> None:
    """Every row is accounted for, Japanese file names included, and a day in the region has visits."""
    folder = shared / "data" / "ishikawa" / "csv"
    files = [("csv", (path.name, path.read_bytes(), "text/csv")) for path in sorted(folder.glob("*.csv"))]
    answer = planning_server.post(
        "/v1/regions:import",
        data={"id": "ishikawa", "name_ja": "石川県", "name_en": "Ishikawa", "licence": "CC BY 4.0"},
        files=files,
        headers={"Prefer": "wait=60"},
        timeout=120,
    )
    assert answer.status_code == 200, answer.text[:2_000]
    report = answer.json()["result"]
    assert len(report["inputs"]) == len(files)
    assert all(read["rows"] == read["accepted"] + len(read["refused"]) for read in report["inputs"])
    assert report["assets"] > 500

    items = planning_server.get(report["links"]["items"], params={"kind": "culture", "limit": 1_000}).json()
    assert items["numberMatched"] == report["kinds"]["culture"]
    around = planning_server.get(report["links"]["items"], params={"bbox": "136.6,36.5,136.75,36.65"}).json()
    assert around["numberMatched"] > 50

    saturday = dt.date.today() + dt.timedelta(days=(5 - dt.date.today().weekday()) % 7 + 7)
    planned = planning_server.post(
        "/v1/regions/ishikawa/trips",
        json={"days": [saturday.isoformat()], "solver": {"iterations": 300}, "compare_combinations": False},
        headers={"Prefer": "wait=60"},
        timeout=120,
    )
    assert planned.status_code == 200, planned.text[:2_000]
    trip = planned.json()
    assert trip["result"]["status"] in ("feasible", "optimal")
    assert trip["result"]["totals"]["visits"] >= 2
    region = planning_server.get("/v1/regions/ishikawa").json()
    assert trip["data_version"] == region["data_version"]
