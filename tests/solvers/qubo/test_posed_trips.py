from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from trip_problems import line_problem, mixed_problem

from solvers.errors import SolutionError
from solvers.orienteering.problem import TripProblem
from solvers.qubo.reads import Reads
from solvers.qubo.samplers.registry import sampler_of
from solvers.qubo.submission import draw_reads, submission_of
from solvers.qubo.trips import PENALTY_SCALES_OF, TripModel, pose_trip, sample_trip, solve_trip


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        ("routes", mixed_problem(3, days=2, options=14, features=frozenset({"combinations"}))),
        ("day", line_problem(6, latest=20_000)),
    ],
)
def test_posing_drawing_and_decoding_apart_is_solving_at_once(model: TripModel, problem: TripProblem) -> None:
    """The plan, its worth and the report do not depend on where the reads were drawn."""
    together = solve_trip(problem, model=model, reads=8, seed=2, iterations=200)
    posed = pose_trip(problem, model=model, seed=2, iterations=200)
    assert posed.model is not None
    submission = submission_of(posed.model.packing, seed=2)
    reads = draw_reads(submission, sampler_of("sa"), reads=8, seed=2, penalty_scales=PENALTY_SCALES_OF[model])
    apart = sample_trip(posed, sampler=reads)
    assert apart.result.solution == together.result.solution
    assert apart.packing is not None
    assert together.packing is not None
    assert apart.packing.report is not None
    assert together.packing.report == dataclasses.replace(apart.packing.report, seconds=together.packing.report.seconds)


def test_the_same_trip_is_posed_the_same_way_each_time() -> None:
    """A model can be built anew to the last number: that is what lets samples be read back later."""
    problem = mixed_problem(3, days=2, options=14, features=frozenset())
    first, second = (pose_trip(problem, seed=2, iterations=200).model for _ in range(2))
    assert first is not None
    assert second is not None
    for name in ("value", "group", "pair", "reward", "conflict", "use", "capacity"):
        assert np.array_equal(getattr(first.packing, name), getattr(second.packing, name))


def test_a_trip_without_anything_to_choose_poses_nothing() -> None:
    """Where nothing can be visited there is no model, and the answer is the classical one."""
    posed = pose_trip(line_problem(3, latest=1), iterations=50)
    assert posed.model is None
    assert sample_trip(posed).packing is None


def test_reads_of_another_trip_are_refused() -> None:
    """Rows must have as many values as the model has items."""
    posed = pose_trip(line_problem(3), iterations=50)
    with pytest.raises(SolutionError, match="reads are bool of shape"):
        sample_trip(posed, sampler=Reads(np.zeros((2, 99), np.bool_), "elsewhere"))
