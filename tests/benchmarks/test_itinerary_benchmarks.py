"""The benchmarks of the itinerary engine run, refuse wrong answers, and write down what they measured."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import mctopmtw, scale, toptw, ttdp
from benchmarks.growth_plot import Panel, growth_plot
from benchmarks.instances import trip_problem
from benchmarks.instances.ttdp import load_ttdp
from benchmarks.peers import PEERS
from benchmarks.run_tables import bounds_text, findings, summary
from benchmarks.runs import OURS, Limit, Run, run_ours, with_proof
from solvers.orienteering import TripSolution

QUICK = ["--iterations", "200"]


@pytest.fixture(autouse=True)
def nothing_shared(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the handmade instances from the maintainers' check script, which a clone has not."""
    if not request.node.get_closest_marker("shared_data"):
        monkeypatch.setenv("MEGURI_SHARED", str(tmp_path / "nothing"))


def figures_in(file: Path) -> dict[str, Any]:
    """Return a results file."""
    figures: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return figures


def made_up_run(**changes: Any) -> Run:
    """Return a run that reached its reference, with some things changed."""
    run = Run("c101", 1, OURS, 28, 28, 0.0, False, "feasible", None, None, 1.0, 1.0, False, 10, (), [[2, 3]])
    return replace(run, **changes)


def test_toptw_compares_with_the_largest_reference(
    toptw_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The proven optimum counts as reached; 35 beats the largest of 33 and 34, and comes with its routes."""
    figures_file, solutions = tmp_path / "out" / "toptw.json", tmp_path / "solutions"
    arguments = ["--instances", str(toptw_folder), "--tours", "1", "2", "--json", str(figures_file)]
    assert toptw.main([*arguments, *QUICK, "--solutions", str(solutions)]) == 0
    figures = figures_in(figures_file)
    assert [(run["score"], run["reference"], run["gap_percent"]) for run in figures["runs"]] == [
        (28, 28, 0.0),
        (35, 34, -2.9412),
    ]
    assert figures["warm_up_seconds"] >= 0
    assert json.loads((solutions / "c101-1.json").read_text(encoding="utf-8")) == [[2, 3]]
    printed = capsys.readouterr().out
    assert "Proven optima reached: 1 of 1." in printed
    assert "New best: c101-2 35, before 34, by [[" in printed
    assert figures_file.with_suffix(".md").read_text(encoding="utf-8") == printed


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("import sys; print('infeasible: too late'); sys.exit(1)", "infeasible: too late"),
        ("print('c101 m=1 feasible score=280')", "counts otherwise"),
    ],
)
def test_toptw_believes_the_check_script(
    toptw_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], script: str, told: str
) -> None:
    """An answer that the script refuses, or counts otherwise, scores nothing and fails the run."""
    check = tmp_path / "check.py"
    check.write_text(script, encoding="utf-8")
    assert toptw.main(["--instances", str(toptw_folder), "--tours", "1", *QUICK, "--check", str(check)]) == 1
    printed = capsys.readouterr().out
    assert "Refused: c101-1: check.py" in printed
    assert told in printed
    assert "Largest gaps: c101-1 100.00 % (0 of 28)" in printed


def test_toptw_runs_peers_under_the_same_limit(
    toptw_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A peer that is installed has its line in the table; one that is not is skipped by name."""
    absent = replace(PEERS["pyvrp"], module="a_module_that_nobody_has")
    monkeypatch.setitem(PEERS, "pyvrp", absent)
    figures_file = tmp_path / "toptw.json"
    arguments = ["--instances", str(toptw_folder), "--tours", "1", "--seconds", "0.2"]
    assert toptw.main([*arguments, "--json", str(figures_file), "--against", "pyvrp", "or-tools-routing"]) == 0
    assert [line["solver"] for line in figures_in(figures_file)["summary"]] == [OURS, "or-tools-routing"]
    assert "pyvrp skipped: pyvrp is not installed." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--only", "c999"], "no instance at .* is called c999"),
        (["--iterations", "5", "--against", "vroom"], "limited in seconds only"),
        (["--seconds", "0"], "0 is not a number of seconds above 0"),
        (["--check", "nowhere.py"], "no check script at nowhere.py"),
        (["--best", "nowhere.csv"], "no reference scores at nowhere.csv"),
        (["--against", "lkh"], "invalid choice: 'lkh'"),
    ],
)
def test_toptw_refuses_options_that_make_no_sense(
    toptw_folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    """The message names the option's value; nothing runs."""
    with pytest.raises(SystemExit) as stopped:
        toptw.main(["--instances", str(toptw_folder), *arguments])
    assert stopped.value.code == 2
    assert re.search(told, capsys.readouterr().err)


def test_toptw_names_a_broken_file(toptw_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that does not keep the format ends the run with its name, without a traceback."""
    (toptw_folder / "c101.txt").write_text("1 1 9 1\n0 0\n0 0 0 0 0 0 0 0 100\n", encoding="utf-8")
    assert toptw.main(["--instances", str(toptw_folder), *QUICK]) == 2
    assert "toptw: c101.txt: expected points 0 to 9" in capsys.readouterr().err


def test_mctopmtw_reports_gap_and_routes(mctopmtw_folder: Path, tmp_path: Path) -> None:
    """The reference is reached by a plan that keeps budget and limits."""
    figures_file = tmp_path / "mctopmtw.json"
    assert mctopmtw.main(["--instances", str(mctopmtw_folder), *QUICK, "--json", str(figures_file)]) == 0
    (run,) = figures_in(figures_file)["runs"]
    assert (run["tours"], run["score"], run["gap_percent"], run["errors"]) == (2, 30, 0.0, [])


def test_ttdp_reports_the_bound_of_each_instance(
    ttdp_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two places are few enough for a proof; the gap to the bound stands beside the score."""
    figures_file = tmp_path / "ttdp.json"
    arguments = ["--instances", str(ttdp_folder), *QUICK, "--bound-seconds", "1"]
    assert ttdp.main([*arguments, "--json", str(figures_file)]) == 0
    (run,) = figures_in(figures_file)["runs"]
    assert (run["score"], run["bound"], run["proven_gap_percent"], run["reference"]) == (11, 11, 0.0, None)
    assert run["bound_seconds"] > 0
    assert "Bounds: 1 of 1 instances, 1 proven optimal, 1 within 1 %; gap mean 0.00 %" in capsys.readouterr().out


def test_what_the_proof_finds_beyond_the_search_is_told_apart() -> None:
    """A better plan of the proof does not count as the run's score; runs without a bound do not thin out the gaps."""
    runs = [
        made_up_run(bound=30, proven_gap_percent=6.6667, proof_score=30, proof_routes=[[3, 2]]),
        made_up_run(instance="r101", bound=28, proven_gap_percent=0.0, status="optimal"),
        made_up_run(instance="pr01"),
    ]
    assert bounds_text(runs) == (
        "Bounds: 2 of 3 instances, 1 proven optimal, 1 within 1 %; gap mean 3.33 %, median 3.33 %, "
        "worst 6.67 % (c101-1). Better plans found by the proof: c101-1 30 > 28."
    )


def test_an_optimum_is_claimed_only_where_the_replay_agrees(ttdp_folder: Path) -> None:
    """A plan whose replayed score is below the bound is called feasible, whatever its solver says."""
    instance = load_ttdp(ttdp_folder / "t900.txt")
    run = run_ours(instance, Limit(None, 200), 1, None, bound_seconds=1.0)
    assert (run.status, run.score, run.bound) == ("optimal", 11, 11)
    worse = with_proof(replace(run, score=10), instance, trip_problem(instance), TripSolution(((), ())), 1.0, 1)
    assert (worse.status, worse.bound, worse.proof_score) == ("feasible", 11, 11)


def test_findings_name_what_is_wrong_or_slow() -> None:
    """Scores above a proven optimum or our own bound, and runs over their limit, are not passed over."""
    runs = [
        made_up_run(score=30, is_proven_reference=True, gap_percent=-7.1),
        made_up_run(instance="r101", bound=27),
        made_up_run(instance="pr01", is_over_limit=True, seconds=1.3),
    ]
    told = "\n".join(findings(runs, Limit(1.0, None)))
    assert "Above a proven optimum, so our reading or the proof is wrong: c101-1 30 > 28." in told
    assert "Above our own bound, so the bound or a reading is wrong: r101-1 28 > 27." in told
    assert "More than 1.05 times the limit of 1 s: pr01-1 1.30 s." in told
    assert "New best" not in told


def test_summary_counts_gaps_only_where_there_is_a_reference() -> None:
    """Runs without a reference do not thin out the mean gap."""
    runs = [
        made_up_run(score=21, gap_percent=25.0),
        made_up_run(instance="r101"),
        made_up_run(instance="t101", reference=None, gap_percent=None),
    ]
    (figures,) = summary(runs)
    assert (figures["mean_gap_percent"], figures["worst_gap_percent"], figures["worst"]) == (12.5, 25.0, "c101-1")
    assert (figures["reached"], figures["compared"], figures["runs"]) == (1, 2, 3)


def test_scale_measures_time_memory_and_gap(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two sizes give two rows, a table and a plot with a point for each."""
    figures_file = tmp_path / "scale.json"
    sizes = ["--candidates", "15", "20", "--days", "2"]
    assert scale.main([*sizes, "--iterations", "300", "--json", str(figures_file)]) == 0
    rows = figures_in(figures_file)["rows"]
    assert [(row["candidates"], row["days"], row["iterations"]) for row in rows] == [(15, 2, 300), (20, 2, 300)]
    assert all(row["longer_score"] >= row["score"] > 0 for row in rows)
    assert all((row["seconds_to_near"] is not None) == (row["near"] == 1) for row in rows)
    plot = figures_file.with_suffix(".svg").read_text(encoding="utf-8")
    names = ("seconds_to_near", "peak_mb", "gap_percent")
    points = [row[name] for row in rows for name in names if row[name] is not None]
    # Over candidates and over days.
    assert plot.count("<circle") == 2 * sum(point == point for point in points)
    assert "made-up region of each size" in capsys.readouterr().out


def test_growth_is_plotted_with_holes_and_below_zero() -> None:
    """A line is cut where a value is missing; straight axes hold negative gaps, logarithmic ones leave out zeros."""
    line = [(50.0, -1.0), (100.0, None), (200.0, 3.0), (400.0, 4.0)]
    straight = growth_plot([Panel("gap, %", "candidates", {"1 d": line}, is_logarithmic=False)], columns=1)
    assert (straight.count("<polyline"), straight.count("<circle"), straight.count(">1 d<")) == (2, 3, 1)
    assert ">-1<" in straight
    logarithmic = growth_plot([Panel("s", "candidates", {"1 d": line, "2 d": [(50.0, 0.0)]})] * 3, columns=2)
    assert (logarithmic.count("<circle"), logarithmic.count(">2 d<")) == (6, 0)
    assert f'height="{2 * 320}"' in logarithmic


def test_made_up_regions_repeat_with_their_seed() -> None:
    """Same seed, same region; another seed, another one."""
    first, again, other = (scale.made_up_region(20, 2, seed) for seed in (1, 1, 2))
    assert first.travel.tolist() == again.travel.tolist()
    assert first.windows.tolist() == again.windows.tolist()
    assert first.travel.tolist() != other.travel.tolist()


def test_time_to_a_goal_is_the_first_report_that_reaches_it() -> None:
    """Goals never reached have no time."""
    progress = [(0.1, 5), (0.2, 9), (0.3, 9)]
    assert scale.seconds_to(9, progress) == 0.2
    assert scale.seconds_to(10, progress) is None


@pytest.mark.shared_data
def test_public_instances_run_and_pass_the_check_script(shared: Path, tmp_path: Path) -> None:
    """A short run on one instance of each family is accepted by the maintainers' script."""
    figures_file = tmp_path / "toptw.json"
    home = shared / "benchmarks" / "toptw" / "instances"
    arguments = ["--instances", str(home), "--only", "c101", "pr01", "--tours", "1", "4", "--iterations", "100"]
    check = ["--check", str(shared / "benchmarks" / "check_toptw.py")]
    assert toptw.main([*arguments, *check, "--json", str(figures_file)]) == 0
    figures = figures_in(figures_file)
    assert len(figures["runs"]) == 4
    assert all(run["score"] > 0 and not run["errors"] for run in figures["runs"])
    assert "check_toptw.py" in figures["notes"][0]
