"""Trips by a sampler: the sampler's plan is judged, never passed off as better, and told apart from the search's."""

from __future__ import annotations

from typing import Any, ClassVar

import dimod
import numpy as np
import pytest
from trip_problems import ints, line_problem, mixed_problem

from solvers.errors import ProblemError, SamplerError, SolverError
from solvers.orienteering.evaluation import evaluate
from solvers.orienteering.problem import Combinations, Lodgings, Resources, Sets, TripProblem
from solvers.qubo.trips import SampledTrip, pose_trip, solve_trip


class Nothing(dimod.Sampler):
    """Return reads without any item, all the same."""

    parameters: ClassVar[dict[str, Any]] = {"num_reads": []}
    properties: ClassVar[dict[str, Any]] = {}

    def sample(self, bqm: dimod.BinaryQuadraticModel, num_reads: int = 1, **_: Any) -> dimod.SampleSet:
        states = np.zeros((num_reads, bqm.num_variables), np.int8)
        return dimod.SampleSet.from_samples_bqm((states, list(bqm.variables)), bqm)


class TopHeavy(dimod.Sampler):
    """Return reads with every item: nothing that could be kept."""

    parameters: ClassVar[dict[str, Any]] = {"num_reads": []}
    properties: ClassVar[dict[str, Any]] = {}

    def sample(self, bqm: dimod.BinaryQuadraticModel, num_reads: int = 1, **_: Any) -> dimod.SampleSet:
        states = np.ones((num_reads, bqm.num_variables), np.int8)
        return dimod.SampleSet.from_samples_bqm((states, list(bqm.variables)), bqm)


def two_days() -> TripProblem:
    """Return two days of eight places with a bonus across them and two inns between."""
    lodgings = Lodgings(ints(0, 0), ints(4, 8), ints(8, 9), ints(5, 6), ints(0, 0))
    resources = Resources(
        ints(), np.zeros(0, bool), np.zeros((0, 16), int), np.zeros((0, 9, 9), int), np.zeros((0, 2), int)
    )
    combination = Combinations(Sets.of([[0]]), Sets.of([[7]]), ints(25), np.array([False]), ints(2))
    return line_problem(
        8, days=2, latest=120, groups=10, lodgings=lodgings, resources=resources, combinations=combination
    )


def check(problem: TripProblem, trip: SampledTrip) -> None:
    """Hold what every answer promises."""
    judged = evaluate(problem, trip.result.solution)
    assert judged.feasible
    assert judged.objective == trip.result.objective == trip.result.evaluation.objective
    assert trip.result.solver == "qubo"
    assert trip.result.bound is not None
    assert trip.result.bound >= judged.objective
    assert trip.packing is not None
    report = trip.packing.report
    assert report is not None
    assert trip.known_objective is not None
    assert judged.objective >= trip.known_objective
    if report.source == "fallback":
        assert judged.objective == trip.known_objective
        assert trip.sampled_objective is None or trip.sampled_objective < trip.known_objective
    else:
        assert judged.objective == trip.sampled_objective
    if trip.is_exact:
        assert trip.objective_of(report.known_value) == trip.known_objective
        if trip.sampled_objective is not None:
            assert trip.objective_of(trip.packing.value) == trip.sampled_objective


def test_two_days_reach_the_optimum_of_their_routes() -> None:
    """The default sampler finds the proven best of the pool, and says what it and repair did for it."""
    problem = two_days()
    trip = solve_trip(problem, seed=1, iterations=600)
    check(problem, trip)
    assert trip.is_exact
    assert trip.packing is not None
    assert trip.packing.report is not None
    assert trip.packing.report.optimum == trip.packing.value
    assert trip.result.solution == solve_trip(problem, seed=1, iterations=600).result.solution


@pytest.mark.parametrize("features", [set(), {"combinations", "weights"}, {"lodgings", "counts"}, {"resources"}])
@pytest.mark.parametrize("days", [1, 3])
def test_other_trips_are_judged_alike(days: int, features: set[str]) -> None:
    """Budgets, nights, counts and bonuses on one and three days: what is returned keeps all rules and is no worse."""
    problem = mixed_problem(5, days=days, options=12, features=features)
    trip = solve_trip(problem, seed=3, iterations=300, reads=20)
    if trip.packing is None:
        assert not trip.result.evaluation.feasible or not any(trip.result.solution.routes)
    else:
        check(problem, trip)


def test_a_day_by_starts_is_an_answer_of_the_same_kind() -> None:
    """With places and starts chosen by the sampler, the answer is judged likewise; several days are refused."""
    problem = line_problem(5, latest=20_000)
    trip = solve_trip(problem, model="day", seed=1, iterations=100, reads=20)
    check(problem, trip)
    assert not trip.is_exact
    with pytest.raises(ProblemError, match="the trip has 2 days"):
        solve_trip(two_days(), model="day")


def test_a_bad_sampler_is_told_from_repair_and_fallback() -> None:
    """Reads that break everything are never raw plans; a read without anything is mended or falls back, and is told."""
    problem = two_days()
    for sampler in (Nothing(), TopHeavy()):
        trip = solve_trip(problem, sampler=sampler, seed=1, iterations=600, reads=3)
        check(problem, trip)
        assert trip.packing is not None
        report = trip.packing.report
        assert report is not None
        assert report.sampler == type(sampler).__name__
        assert report.source != "sampler"
        if isinstance(sampler, TopHeavy):
            assert report.raw_feasible_rate == 0
            assert report.raw_value is None


def test_reads_without_what_a_trip_must_have_are_not_raw_feasible() -> None:
    """A read that misses a required place keeps groups and conflicts of the model, but not the rules of the trip."""
    problem = line_problem(4, days=1, required=ints(1), latest=200)
    trip = solve_trip(problem, sampler=Nothing(), seed=1, iterations=100, reads=3)
    check(problem, trip)
    assert trip.packing is not None
    report = trip.packing.report
    assert report is not None
    assert (report.raw_feasible_rate, report.raw_value) == (0.0, None)


def test_nothing_is_submitted_where_no_plan_exists() -> None:
    """Without any plan the answer tells the conflicts, as every solver does, and no sampler was asked."""
    problem = line_problem(3, days=2, required=ints(2), latest=10)
    trip = solve_trip(problem, iterations=100)
    assert trip.packing is None
    assert trip.result.solver == "qubo"
    assert trip.result.status == "infeasible"
    assert trip.result.conflicts


def test_what_makes_no_sense_is_refused_before_the_search() -> None:
    """Unknown samplers, models and limits."""
    problem = two_days()
    with pytest.raises(SamplerError, match="expected one of"):
        solve_trip(problem, sampler="dice")
    with pytest.raises(SolverError, match="accepted are routes, day"):
        pose_trip(problem, model="tour")  # type: ignore[arg-type]
    with pytest.raises(SolverError, match="one limit"):
        pose_trip(problem, iterations=5, seconds=1.0)
    with pytest.raises(SolverError, match="iterations is 0"):
        pose_trip(problem, iterations=0)
    with pytest.raises(SolverError, match="seconds is 0"):
        pose_trip(problem, seconds=0)
