"""The proof engine on public instances: never below the best known, and closed where it should be."""

from __future__ import annotations

import csv
import math
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from trip_problems import ints, no_resources

from solvers.orienteering.bounding import upper_bound
from solvers.orienteering.evaluation import evaluate
from solvers.orienteering.portfolio import solve
from solvers.orienteering.problem import TripProblem

pytestmark = pytest.mark.shared_data


def _read(path: Path, tours: int) -> TripProblem:
    """Read an instance as `benchmarks/FORMAT.md` says; one tick is a tenth (Solomon) or a hundredth (Cordeau)."""
    lines = path.read_text().splitlines()
    places = int(lines[0].split()[2])
    rows = [line.split() for line in lines[2:] if line.split()][: places + 1]
    unit = 100 if path.name.startswith("pr") else 10
    spots = [(Decimal(row[1]), Decimal(row[2])) for row in rows]
    travel = np.array(
        [[math.isqrt(int(((x - u) ** 2 + (y - v) ** 2) * unit**2)) for u, v in spots] for x, y in spots], np.int64
    )
    stay, opens, closes = (
        np.array([int(Decimal(row[column]) * unit) for row in rows], np.int64) for column in (3, -2, -1)
    )
    score = np.array([int(float(row[4])) for row in rows], np.int64)
    node = np.tile(np.arange(1, places + 1), tours)
    nothing = np.zeros(node.size, np.int64)
    return TripProblem(
        day_start=np.zeros(tours, np.int64),
        day_end=np.zeros(tours, np.int64),
        day_earliest=np.full(tours, opens[0]),
        day_latest=np.full(tours, closes[0]),
        option_node=node,
        option_group=node - 1,
        option_day=np.repeat(np.arange(tours), places),
        option_open=opens[node],
        option_close=closes[node],
        option_duration=stay[node],
        option_score=score[node],
        option_cost=nothing,
        option_load=nothing,
        travel=travel[None],
        day_travel=np.zeros(tours, np.int64),
        arc_cost=np.zeros((places + 1, places + 1), np.int64),
        groups=places,
        required=ints(),
        precedence=np.zeros((0, 3), np.int64),
        resources=no_resources(node.size, places + 1),
    )


def _reference(folder: Path, name: str, tours: int) -> tuple[int, bool]:
    """Return the highest score known, and whether it is proven optimal."""
    with (folder / "best_known.csv").open(encoding="utf-8") as file:
        row = next(row for row in csv.DictReader(file) if (row["instance"], row["tours"]) == (name, str(tours)))
    values = [int(row[column]) for column in ("best_known", "memory_value", "long_run") if row[column]]
    return max(values), row["status"] == "optimal"


# Three tours of c101 take as long as four.
NARROW = [(name, tours) for name in ("c101", "r101", "rc101") for tours in (1, 2, 3, 4) if (name, tours) != ("c101", 3)]


@pytest.mark.parametrize(("name", "tours"), NARROW)
def test_narrow_windows_are_closed(shared: Path, name: str, tours: int) -> None:
    """On instances with narrow windows the bound comes down to the best known score."""
    folder = shared / "benchmarks" / "toptw"
    problem = _read(folder / "instances" / f"{name}.txt", tours)
    best, _ = _reference(folder, name, tours)
    start = solve(problem, iterations=4_000)
    result = upper_bound(problem, incumbent=start.solution, iterations=60)
    assert result.bound >= best
    assert result.bound <= 1.01 * best
    if result.optimal:
        plan = result.solution or start.solution
        assert evaluate(problem, plan).objective == result.bound >= best


@pytest.mark.parametrize(
    ("name", "tours"), [("r102", 1), ("rc104", 1), ("pr01", 1), ("pr01", 2), ("rc201", 1), ("c202", 1)]
)
def test_bound_is_never_below_the_best_known(shared: Path, name: str, tours: int) -> None:
    """At any number of rounds, with or without a plan; proven optima are met exactly when claimed."""
    folder = shared / "benchmarks" / "toptw"
    problem = _read(folder / "instances" / f"{name}.txt", tours)
    best, is_proven = _reference(folder, name, tours)
    start = solve(problem, iterations=2_000)
    for incumbent, rounds in ((None, 3), (start.solution, 12)):
        result = upper_bound(problem, incumbent=incumbent, iterations=rounds)
        assert result.bound >= best
        if result.optimal and is_proven:
            assert result.bound == best
