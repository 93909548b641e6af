"""The benchmark of the service: its requests, its figures, and one short run."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.service.__main__ import main
from benchmarks.service.load import TITLES, Answered
from benchmarks.service.section import CANDIDATES, trip_requests
from routing.request import TripRequest


def test_the_same_seed_draws_the_same_requests() -> None:
    """Runs can be compared: the requests depend on the seed alone, and each of them is one that the API takes."""
    requests = trip_requests(3, seed=5)
    assert requests == trip_requests(3, seed=5) != trip_requests(3, seed=6)
    for request in requests:
        assert TripRequest.model_validate_json(json.dumps(request)).max_candidates == CANDIDATES


def test_figures_tell_what_was_answered_and_what_was_not() -> None:
    """Percentiles and throughput count plans alone; everything else is counted as without a plan."""
    answered = Answered([0.1, 0.2, 0.3], Counter({200: 3, 503: 2}), took_s=2.0)
    assert answered.per_second == 1.5
    assert answered.percentile_ms(50) == pytest.approx(200)
    assert not answered.is_whole
    assert answered.cells()[-1] == "2"
    assert len(answered.cells()) == len(TITLES)
    assert Answered([0.1], Counter({200: 1})).is_whole
    assert not Answered().is_whole


@pytest.mark.slow
def test_a_short_run_gets_a_plan_for_every_request(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command starts a real server, asks it for plans and writes what it found."""
    file = tmp_path / "service.json"
    main(["--quick", "--only", "concurrency", "--json", str(file)])
    assert "| clients |" in capsys.readouterr().out
    runs = json.loads(file.read_text(encoding="utf-8"))["parts"]["concurrency"]["concurrency"]
    assert [run["clients"] for run in runs] == [1, 4]
    assert all(run["statuses"] == {"200": 16 if run["clients"] == 4 else 12} for run in runs)
    assert file.with_suffix(".md").is_file()
