"""The latency benchmark counts what a caller waits for, and compares with the longest run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import latency
from benchmarks.latency import Answer, Request, by_limit, quantile, summary, summary_table
from benchmarks.trip_requests import crowded_region, problem_of, random_long_request
from regional_assets.model import Kind
from regional_assets.region import bundled_region_folder, load_region


def made_up_request(*objectives: int | None) -> Request:
    """Return a one-day request whose runs answer after 40, 90, 290 ms and 10 s."""
    limits = (0.04, 0.08, 0.28, 10.0)
    answers = [
        Answer(limit, limit + 0.01 if limit < 1 else limit, limit, objective)
        for limit, objective in zip(limits, objectives, strict=True)
    ]
    return Request(1, 300, 340, tuple(answers))


@pytest.mark.parametrize(
    ("objectives", "seconds"),
    [
        ((990, 991, 1000, 1000), 0.05),
        ((989, 991, 1000, 1000), 0.09),
        ((1000, 980, 995, 1000), 0.29),
        ((None, None, 900, 1000), 10.0),
        ((1200, 1100, 1050, 1000), 0.05),
        ((-1010, -1011, -1000, -1000), 0.29),
    ],
)
def test_time_to_near_is_that_of_the_run_from_which_on_all_are(
    objectives: tuple[int | None, ...], seconds: float
) -> None:
    """A lucky short run before a worse one does not count; one above the reference does; losses count likewise."""
    assert made_up_request(*objectives).seconds_to_near == pytest.approx(seconds)


def test_within_a_time_the_longest_run_that_answered_by_then_counts() -> None:
    """By 100 ms the second run has answered, by 30 ms none."""
    request = made_up_request(1000, 980, 995, 1000)
    assert request.is_near_within(0.05)
    assert not request.is_near_within(0.1)
    assert not request.is_near_within(0.03)


def test_the_target_is_met_by_half_of_the_requests() -> None:
    """Of two requests one is near within 50 ms: the target of one day is met, and told with both quantiles."""
    measured = [made_up_request(1000, 1000, 1000, 1000), made_up_request(800, 900, 1000, 1000)]
    figures = summary(measured, left_out=3)
    assert figures["share_within"] == {"0.05": 0.5, "0.3": 1.0}
    assert (figures["is_met"], figures["left_out"]) == (True, 3)
    assert (figures["median_seconds"], figures["quantile_90_seconds"]) == pytest.approx((0.05, 0.29))
    assert "50 ms met" in summary_table([figures])
    worse = summary([measured[1]], left_out=0)
    assert "50 ms missed" in summary_table([worse])


def test_gaps_by_limit_are_to_the_best_of_all_runs() -> None:
    """A shorter run that beats the reference makes the reference's gap positive; runs without a plan are counted."""
    rows = by_limit([made_up_request(None, 800, 1000, 900)])
    assert [row["without_plan"] for row in rows] == [1, 0, 0, 0]
    assert [row["near"] for row in rows] == [0, 0, 1, 1]
    assert [row["mean_gap_percent"] for row in rows] == [None, pytest.approx(20), 0, pytest.approx(10)]


def test_quantiles_count_what_was_never_reached() -> None:
    """Of four values the second is the median; where too many are missing there is no quantile."""
    assert quantile([0.4, 0.1, None, 0.2], 0.5) == 0.2
    assert quantile([0.4, 0.1, None, 0.2], 0.9) is None
    assert quantile([0.3], 0.5) == 0.3


def test_crowded_regions_have_as_many_places_as_asked_for() -> None:
    """Copies have ids of their own and lie near what they are copies of; the same seed moves them the same way."""
    region = load_region(bundled_region_folder())
    crowded, again = (crowded_region(region, 300, 1) for _ in range(2))
    places = [asset for asset in crowded.assets if asset.kind not in {Kind.LODGING, Kind.HUB} and asset.has_position]
    assert len(places) == 300
    assert len({asset.id for asset in crowded.assets}) == len(crowded.assets)
    assert [asset.lon for asset in crowded.assets] == [asset.lon for asset in again.assets]
    assert crowded_region(region, 10, 1).assets == region.assets


def test_long_requests_choose_inns_and_have_a_budget() -> None:
    """Three days on end with two nights to choose and a limit in yen reach the solver."""
    region = load_region(bundled_region_folder())
    request = random_long_request(region, np.random.default_rng(1), 30, 3)
    first, _, last = request.days
    assert (last.date - first.date).days == 2
    assert first.start == last.end
    problem = problem_of(region, request)
    assert problem is not None
    assert set(problem.lodgings.night.tolist()) == {0, 1}
    assert request.budget_jpy in problem.resources.capacity.tolist()


def test_latency_is_measured_for_each_number_of_days(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One request of one day and one of two, small and short."""
    figures_file = tmp_path / "latency.json"
    sizes = ["--requests", "1", "--candidates", "10", "--days", "1", "2", "--limits", "0.05"]
    assert latency.main([*sizes, "--reference-seconds", "0.2", "--json", str(figures_file)]) == 0
    days = json.loads(figures_file.read_text(encoding="utf-8"))["days"]
    assert [(row["days"], row["requests"]) for row in days] == [(1, 1), (2, 1)]
    assert all(8 <= row["places"] <= 10 for row in days)
    assert all([run["limit"] for run in row["runs"][0]["answers"]] == [0.05, 0.2] for row in days)
    assert "## 2 days, by limit" in capsys.readouterr().out


def test_the_reference_run_is_the_longest(capsys: pytest.CaptureFixture[str]) -> None:
    """A limit above that of the reference run is refused."""
    with pytest.raises(SystemExit):
        latency.main(["--limits", "0.1", "3", "--reference-seconds", "2"])
    assert "longer than the reference run" in capsys.readouterr().err
