"""The 48 network cases: read as their author meant them, and solved to his deterministic bounds."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.pricing import analytic
from benchmarks.pricing.section import Given
from benchmarks.pricing.topaloglu import QUICK, TITLE, read_case, read_published, run
from solvers.revenue.deterministic import deterministic
from solvers.revenue.request_simulation import from_values, simulate
from solvers.revenue.request_values import request_values


def test_trips_between_spokes_use_two_legs(tmp_path: Path) -> None:
    """A trip to the hub or from it uses one leg; between spokes the one to the hub and the one from it."""
    plain = {
        "hub": 0,
        "legs": [{"o": 1, "d": 0, "cap": 3}, {"o": 0, "d": 1, "cap": 4}, {"o": 2, "d": 0, "cap": 5}],
        "itineraries": [{"o": 1, "d": 0, "fare": 10.0}, {"o": 2, "d": 1, "fare": 30.0}],
        "request_prob_t_j": [[0.4, 0.2], [0.1, 0.5]],
    }
    file = tmp_path / "case.json.gz"
    file.write_bytes(gzip.compress(json.dumps(plain).encode()))
    problem = read_case(file)
    assert problem.use.tolist() == [[1, 0], [0, 1], [0, 1]]
    assert problem.capacity.tolist() == [3, 4, 5]
    assert problem.fare.tolist() == [10.0, 30.0]
    assert (problem.probability == np.array([[0.4, 0.2], [0.1, 0.5]])).all()


def test_without_data_the_part_is_skipped(tmp_path: Path) -> None:
    """It says what is missing, and promises nothing."""
    for folder in (None, tmp_path):
        section = run(Given(shared=folder, is_quick=True, seed=1))
        assert section.title == TITLE
        assert "topaloglu" in section.skipped
        assert not section.is_met


def test_closed_forms_are_met() -> None:
    """Every promise of the analytic part is kept."""
    section = analytic.run(Given(shared=None, is_quick=True, seed=1))
    assert len(section.is_met) == 3
    assert all(section.is_met.values())


@pytest.mark.shared_data
@pytest.mark.parametrize("name", QUICK)
def test_published_bounds_are_met(shared: Path, name: str) -> None:
    """The deterministic bound to the unit; that of the relaxation at most half a percent above; no policy above it."""
    folder = shared / "benchmarks" / "pricing" / "topaloglu"
    published = read_published(folder / "published.csv")[name]
    problem = read_case(folder / f"{name}.json.gz")
    assert abs(deterministic(problem).bound - published["ub_DLP"]) <= 1
    found = request_values(problem, iterations=20, seed=5)
    assert found.bound <= 1.005 * published["ub_LR"]
    live = simulate(problem, from_values(found.values), horizons=300, seed=6)
    assert live.interval[0] <= found.bound
    assert live.mean >= 0.97 * found.bound
