"""Time-dependent instances are read as described, replayed without a solver, and measured in two parts."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from benchmarks import tdoptw
from benchmarks.instances import Instance, InstanceError, replay, tours_of, trip_problem
from benchmarks.instances.departure_slots import DepartureSlots
from benchmarks.instances.every_subset import best_score
from benchmarks.instances.tdoptw import MINUTE, load_tdoptw
from benchmarks.runs import OURS, Run
from benchmarks.tdoptw import contradictions, departures_table, optima_text
from solvers.orienteering import evaluate, solve, validate


def made_up_run(score: int, bound: int | None) -> Run:
    """Return a run on an instance without a reference."""
    status = "optimal" if score == bound else "feasible"
    return Run("20.1.1", 1, OURS, score, None, None, False, status, bound, 0.0, 1.0, 1.0, False, 10, (), [[2, 3]])


def test_static_travel_is_read_as_a_matrix(tdoptw_folder: Path) -> None:
    """The tour runs from the first point to the last, neither of which is visited."""
    instance = load_tdoptw(tdoptw_folder / "4.1.1.TXT", "static")
    assert (instance.points, instance.tours, instance.end, instance.slots) == (4, 1, 3, None)
    assert instance.travel.tolist() == (30 * MINUTE * (1 - np.eye(4, dtype=int))).tolist()
    assert instance.score.tolist() == [0, 5, 7, 0]
    assert set(instance.windows[:, 1].tolist()) == {1, 2}
    assert replay(instance, [[1, 2]]) == replay(instance, [[2, 1]])
    assert (replay(instance, [[1, 2]]).score, replay(instance, [[1, 2]]).errors) == (12, ())
    assert replay(instance, [[3]]).errors == ("unknown point 3",)


def test_the_replay_takes_the_travel_of_the_departure(tdoptw_folder: Path) -> None:
    """Both places take until 7:50, and the way to the end half an hour more: 20 minutes too late. One place fits."""
    instance = load_tdoptw(tdoptw_folder / "4.1.1.TXT", "by-departure")
    assert replay(instance, [[1, 2]]).errors == ("tour 1: back 20 too late",)
    assert replay(instance, [[2]]).errors == ()


def test_waiting_for_a_quicker_slot_is_worth_it() -> None:
    """Ready at 10, leaving at once means 55; leaving at 15, in the next slot, means 35. After the last slot none."""
    slots = DepartureSlots(np.array([0, 15, 30]), np.array([[[0, 0], [45, 20]], [[20, 45], [0, 0]]]))
    assert slots.arrival(0, 1, 10) == 35
    assert slots.arrival(0, 1, 15) == 35
    assert slots.arrival(1, 0, 14) == 34
    assert slots.arrival(1, 0, 15) == 60
    assert slots.arrival(0, 1, -5) == 35
    assert slots.arrival(0, 1, 30) is None
    assert slots.arrival(0, 0, 99) == 99


@pytest.mark.parametrize(
    ("file", "before", "after", "told"),
    [
        ("4.1.1.TXT", "4\n", "5\n", r"4\.1\.1\.TXT: expected 5 points"),
        ("4.1.1.TXT", "901;0", "901", r"4\.1\.1\.TXT: expected six columns"),
        ("4.1.1.TXT", "7200000\n", "3600000\n", r"the end to close at most 3600000 after the start opens"),
        ("4.1.1.TXT", "902;5", "902;five", "'five' is not a number"),
        ("tt4.TXT", "2700000;", "", r"tt4\.TXT: expected 4 times 4 times 56 travel times, found 824"),
        ("tt4.TXT", "2700000", "-1", r"tt4\.TXT: expected no travel time below 0"),
        ("tt4.TXT", "0;", "1;", r"tt4\.TXT: expected no travel time from a point to itself"),
    ],
)
def test_broken_files_are_refused(tdoptw_folder: Path, file: str, before: str, after: str, told: str) -> None:
    """Wrong counts, columns, words for numbers and impossible times are named with their file."""
    path = tdoptw_folder / file
    path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    with pytest.raises(InstanceError, match=told):
        load_tdoptw(tdoptw_folder / "4.1.1.TXT", "by-departure")


def test_missing_travel_times_are_named(tdoptw_folder: Path) -> None:
    """The file that should lie beside the instance is told."""
    (tdoptw_folder / "titt4.TXT").unlink()
    with pytest.raises(InstanceError, match=r"titt4\.TXT: not found"):
        load_tdoptw(tdoptw_folder / "4.1.1.TXT", "static")


def test_the_problem_is_the_replays(tdoptw_folder: Path) -> None:
    """Among all plans, the best are worth 12 with static travel, and 7 with travel by departure."""
    for travel, score in (("static", 12), ("by-departure", 7)):
        instance = load_tdoptw(tdoptw_folder / "4.1.1.TXT", travel)  # type: ignore[arg-type]
        problem = trip_problem(instance)
        validate(problem)
        result = solve(problem, solver="exhaustive")
        assert evaluate(problem, result.solution).feasible
        assert replay(instance, tours_of(instance, result.solution)).errors == ()
        assert result.objective == score


def test_both_parts_are_measured(tdoptw_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Static travel is compared with its reference; travel by departure with our bound and the optimum."""
    figures_file = tmp_path / "tdoptw.json"
    arguments = ["--instances", str(tdoptw_folder), "--iterations", "200", "--bound-seconds", "2"]
    assert tdoptw.main([*arguments, "--json", str(figures_file)]) == 0
    figures = json.loads(figures_file.read_text(encoding="utf-8"))
    (static,), (moving,) = figures["static"]["runs"], figures["by-departure"]["runs"]
    assert (static["score"], static["reference"], static["gap_percent"], static["bound"]) == (12, 12, 0.0, 12)
    assert (moving["score"], moving["reference"], moving["errors"]) == (7, None, [])
    assert moving["bound"] >= 7
    assert figures["by-departure"]["optima"] == {"4.1.1": 7}
    printed = capsys.readouterr().out
    assert "Proven optima reached: 1 of 1." in printed
    assert "Optimum known by all sets of points: 1, of which the search reached 1." in printed


def test_only_instances_can_be_named(tdoptw_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file of travel times is no instance."""
    with pytest.raises(SystemExit):
        tdoptw.main(["--instances", str(tdoptw_folder), "--only", "titt4"])
    assert "not instances" in capsys.readouterr().err


def test_contradictions_with_the_optimum_are_told() -> None:
    """A bound below the optimum and a score above it cannot be right; without an optimum nothing is said."""
    assert contradictions([made_up_run(11, 11)], {"20.1.1": 12}) == ["Wrong bound: 20.1.1, 11, yet the optimum is 12."]
    assert contradictions([made_up_run(13, None)], {"20.1.1": 12}) == [
        "Wrong score: 20.1.1, 13, yet the optimum is 12."
    ]
    assert contradictions([made_up_run(13, 14)], {"20.1.2": 12}) == []


def test_the_table_tells_what_proves_a_score() -> None:
    """A score that meets neither bound nor optimum is proven by nothing."""
    assert " bound and all sets |" in departures_table([made_up_run(12, 12)], {"20.1.1": 12})
    assert " all sets |" in departures_table([made_up_run(12, 14)], {"20.1.1": 12})
    assert " bound |" in departures_table([made_up_run(12, 12)], {})
    assert optima_text([made_up_run(11, 14)], {"20.1.1": 12}).endswith("reached 0; missed: 20.1.1 11 < 12.")


@pytest.mark.parametrize("seed", range(8))
def test_the_table_of_all_sets_agrees_with_every_tour(seed: int) -> None:
    """The best of all orders of all sets of four points, as replayed, is what the table finds."""
    rng = np.random.default_rng(seed)
    ticks = rng.integers(5, 40, (6, 6, 4))
    ticks[np.arange(6), np.arange(6)] = 0
    opens = rng.integers(0, 40, 4)
    instance = Instance(
        name="made up",
        ticks_per_unit=1,
        ids=np.arange(6),
        travel=ticks.min(axis=2),
        duration=np.array([0, *rng.integers(1, 10, 4), 0]),
        score=np.array([0, *rng.integers(1, 10, 4), 0]),
        tour_open=np.zeros(1, np.int64),
        tour_close=np.array([int(rng.integers(20, 90))]),
        windows=np.array([(0, point + 1, opens[point], opens[point] + 30) for point in range(4)]),
        fee=np.zeros(6, np.int64),
        end=5,
        slots=DepartureSlots(np.array([0, 15, 30, 45, 100]), ticks),
    )
    tours = [tour for size in range(5) for tour in permutations(range(1, 5), size)]
    judged = [replay(instance, [tour]) for tour in tours]
    assert best_score(instance) == max((each.score for each in judged if not each.errors), default=None)


def test_the_table_of_all_sets_refuses_what_it_does_not_know(tdoptw_folder: Path) -> None:
    """Static travel is not its subject."""
    with pytest.raises(ValueError, match="travel by departure"):
        best_score(load_tdoptw(tdoptw_folder / "4.1.1.TXT", "static"))


@pytest.mark.shared_data
def test_public_files_are_read(shared: Path) -> None:
    """All instances make valid problems, and their stored values agree: no departure is quicker than static travel."""
    home = shared / "benchmarks" / "tdoptw" / "instances"
    for file in sorted(home.glob("[0-9]*.TXT")):
        validate(trip_problem(load_tdoptw(file, "static")))
    for name in ("20.2.3", "50.4.1"):
        static, moving = (load_tdoptw(home / f"{name}.TXT", travel) for travel in ("static", "by-departure"))  # type: ignore[arg-type]
        validate(trip_problem(moving))
        assert np.all(moving.travel >= static.travel)
