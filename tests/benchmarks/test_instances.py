"""The public formats are read as their descriptions say, and the replay judges without any solver."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from benchmarks.instances import Instance, InstanceError, replay, tours_of, trip_problem
from benchmarks.instances.mctopmtw import load_mctopmtw
from benchmarks.instances.reading import floored_distances
from benchmarks.instances.toptw import load_toptw
from benchmarks.instances.ttdp import load_ttdp
from solvers.orienteering import solve, validate


def windows_of(instance: Instance, tour: int, point: int) -> list[tuple[int, int]]:
    """Return the windows of a point on a tour, in whole units."""
    rows = instance.windows[(instance.windows[:, 0] == tour) & (instance.windows[:, 1] == point)]
    return [
        (int(opens) // instance.ticks_per_unit, int(closes) // instance.ticks_per_unit) for _, _, opens, closes in rows
    ]


def test_toptw_distances_are_rounded_down_to_tenths(toptw_folder: Path) -> None:
    """The root of 1300, 36.055…, becomes 36.0."""
    instance = load_toptw(toptw_folder / "c101.txt", 1)
    assert instance.travel[2, 3] == 360
    assert instance.travel[1, 2] == 100


def test_cordeau_distances_are_rounded_down_to_hundredths(toptw_folder: Path) -> None:
    """The same points in a file called pr… are measured ten times as finely."""
    (toptw_folder / "pr99.txt").write_text((toptw_folder / "c101.txt").read_text(encoding="utf-8"), encoding="utf-8")
    instance = load_toptw(toptw_folder / "pr99.txt", 1)
    assert instance.travel[2, 3] == 3605
    assert instance.tour_close[0] == 10_000


def test_distances_are_exact_where_floating_point_is_one_too_low() -> None:
    """100 times the root of 0.29² in floating point is 28.999…; the exact distance is 29 ticks."""
    assert int(100 * 0.29) == 28
    rows = [["0", "0", "0"], ["1", "0.29", "0"], ["2", "0.203", "0.21"]]
    distances = floored_distances(rows, 100, Path("none"))
    assert distances[0].tolist() == [0, 29, 29]
    assert distances[1, 2] == int((0.087**2 + 0.21**2) ** 0.5 * 100)


def test_times_that_would_have_to_be_rounded_are_refused(toptw_folder: Path) -> None:
    """A hundredth in a file measured in tenths is an error that names file and number."""
    file = toptw_folder / "c101.txt"
    file.write_text(file.read_text(encoding="utf-8").replace("60 65", "60 65.25"), encoding="utf-8")
    with pytest.raises(InstanceError, match=r"c101\.txt: 65\.25 has more decimals"):
        load_toptw(file, 1)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("1 1 4 1", "1 1 9 1", "points 0 to 9"),
        ("1 1 4 1", "1 1 four 1", "'four' is not a number"),
        ("2 20 0 5 8", "7 20 0 5 8", "points 0 to 4"),
        ("3 0 30 5 20 1 1 1 60 65", "3 0 30", "seven columns"),
    ],
)
def test_a_broken_toptw_file_is_refused(toptw_folder: Path, before: str, after: str, told: str) -> None:
    """Missing or renumbered points, words for numbers and short lines are named."""
    file = toptw_folder / "c101.txt"
    file.write_text(file.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    with pytest.raises(InstanceError, match=told):
        load_toptw(file, 1)


def test_mctopmtw_tours_take_turns_at_the_four_windows(mctopmtw_folder: Path) -> None:
    """With e = 1 the first tour has the first and third window, with e = 0 the second and fourth."""
    instance = load_mctopmtw(mctopmtw_folder / "MCTOPMTW-2-c101.txt")
    assert windows_of(instance, 0, 1) == [(0, 10), (20, 30)]
    assert windows_of(instance, 1, 1) == [(10, 20), (30, 40)]
    assert windows_of(instance, 0, 3) == [(10, 20), (30, 40)]
    assert windows_of(instance, 1, 3) == [(0, 10), (20, 30)]


def test_mctopmtw_ids_start_at_two(mctopmtw_folder: Path) -> None:
    """Tours are told in the ids of the file."""
    instance = load_mctopmtw(mctopmtw_folder / "MCTOPMTW-2-c101.txt")
    assert replay(instance, [[4], []]).score == 30
    assert replay(instance, [[1], []]).errors == ("unknown point 1",)


@pytest.mark.parametrize(
    ("tours", "error"),
    [
        ([[2, 3], []], "2 points of kind 1, only 1 allowed"),
        ([[3], [4]], "fees of 13 exceed the budget of 10"),
        ([[4], [4]], "point 4 visited 2 times"),
        ([[], [], [2]], "3 tours, only 2 allowed"),
        ([[4, 3], []], "tour 1: no window left at point 3"),
    ],
)
def test_replay_names_the_broken_rule(mctopmtw_folder: Path, tours: list[list[int]], error: str) -> None:
    """Limits per type, the budget, repeats, the number of tours and the windows are all kept."""
    assert error in replay(load_mctopmtw(mctopmtw_folder / "MCTOPMTW-2-c101.txt"), tours).errors


def test_replay_sees_who_comes_home_late(toptw_folder: Path) -> None:
    """Point 4 can be visited in time, but the depot closes long before the return."""
    assert replay(load_toptw(toptw_folder / "c101.txt", 1), [[4]]).errors == ("tour 1: back 85 too late",)


def test_ttdp_tours_walk_through_the_week(ttdp_folder: Path) -> None:
    """A trip that starts on day 6 goes on with day 0; 0 0 means closed."""
    instance = load_ttdp(ttdp_folder / "t900.txt")
    assert instance.tours == 2
    assert windows_of(instance, 0, 1) == [(0, 50)]
    assert windows_of(instance, 1, 1) == []
    assert windows_of(instance, 0, 2) == []
    assert windows_of(instance, 1, 2) == [(10, 60)]


def test_ttdp_tours_can_be_chosen(ttdp_folder: Path) -> None:
    """The header's number of tours is a default."""
    instance = load_ttdp(ttdp_folder / "t900.txt", tours=1)
    assert instance.tours == 1
    assert set(instance.windows[:, 0].tolist()) == {0}


def test_the_exact_solver_finds_what_was_worked_out_by_hand(
    toptw_folder: Path, mctopmtw_folder: Path, ttdp_folder: Path
) -> None:
    """One tour takes points 2 and 3 (28), two tours all but 4 (35); budget and kinds leave 30; the week allows 11."""
    instances = {
        28: load_toptw(toptw_folder / "c101.txt", 1),
        35: load_toptw(toptw_folder / "c101.txt", 2),
        30: load_mctopmtw(mctopmtw_folder / "MCTOPMTW-2-c101.txt"),
        11: load_ttdp(ttdp_folder / "t900.txt"),
    }
    for score, instance in instances.items():
        result = solve(trip_problem(instance), solver="exhaustive")
        judged = replay(instance, tours_of(instance, result.solution))
        assert (result.objective, judged.score, judged.errors) == (score, score, ())


@pytest.fixture(scope="module")
def checker(shared: Path) -> ModuleType:
    """Return the maintainers' check of TOPTW solutions as a module."""
    spec = importlib.util.spec_from_file_location("check_toptw", shared / "benchmarks" / "check_toptw.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["c101", "r201", "rc108", "pr05", "pr15"])
def test_arithmetic_agrees_with_the_checker(shared: Path, checker: ModuleType, name: str) -> None:
    """Every distance, duration, score and window is the checker's, tick for tick; so are the stored long runs."""
    file = shared / "benchmarks" / "toptw" / "instances" / f"{name}.txt"
    ours, theirs = load_toptw(file, 4), checker.Instance(file)
    points = range(ours.points)
    assert ours.ticks_per_unit == theirs.scale
    assert ours.travel.tolist() == [[theirs.travel(here, there) for there in points] for here in points]
    assert ours.duration.tolist() == theirs.service
    assert ours.score.tolist() == theirs.score
    assert ours.windows[: ours.points - 1, 2].tolist() == theirs.opens[1:]
    assert ours.windows[: ours.points - 1, 3].tolist() == theirs.closes[1:]
    tours = json.loads((file.parents[1] / "long_runs" / f"{name}-4.json").read_text(encoding="utf-8"))
    assert replay(ours, tours).errors == ()


@pytest.mark.shared_data
def test_every_public_file_is_read(shared: Path) -> None:
    """All instances of all three formats make valid problems."""
    home = shared / "benchmarks"
    instances = [
        *(load_toptw(file, 2) for file in sorted((home / "toptw" / "instances").glob("*.txt"))),
        *(load_mctopmtw(file) for file in sorted((home / "mctopmtw" / "instances").glob("*.txt"))),
        *(load_ttdp(file) for file in sorted((home / "ttdp_athens" / "instances").glob("*.txt"))),
    ]
    for instance in instances:
        validate(trip_problem(instance))
        assert np.all(instance.windows[:, 2] <= instance.windows[:, 3]), instance.name


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("score", "tour"),
    [
        (399, [68, 29, 8, 76, 3, 62, 7, 61, 16, 69, 17, 15, 33, 39, 44, 97, 46, 92, 74, 78]),
        (400, [68, 29, 8, 76, 3, 62, 7, 61, 24, 46, 97, 47, 16, 69, 17, 15, 21, 95, 92, 74]),
    ],
)
def test_published_routes_of_the_tourist_trip_keep_our_reading(shared: Path, score: int, tour: list[int]) -> None:
    """Both routes of optw_rl's readme are feasible on t101 as we read it, with the scores printed there."""
    instance = load_ttdp(shared / "benchmarks" / "ttdp_athens" / "instances" / "t101.txt")
    assert (replay(instance, [tour]).score, replay(instance, [tour]).errors) == (score, ())
