"""One day as a packing problem over starts: whatever the packing allows is a day that keeps its times and limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from trip_problems import FEATURES, ints, line_problem, mixed_problem

from solvers.errors import ProblemError
from solvers.orienteering.evaluation import evaluate
from solvers.orienteering.problem import Combinations, CountRules, Sets, TripSolution, Weights
from solvers.qubo.day_slots import day_model
from solvers.qubo.enumeration import enumerate_packing
from solvers.qubo.judging import keeps_rules
from solvers.qubo.validation import validate

MAY_LACK = {"REQUIRED_MISSING", "COUNT_BELOW"}


def test_what_the_packing_allows_is_a_day() -> None:
    """Random selections of 150 random days, travel against the triangle inequality included, break no rule."""
    checked = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        features = {feature for feature in FEATURES if rng.random() < 0.5}
        problem = mixed_problem(seed, days=1, options=int(rng.integers(2, 8)), features=features)
        try:
            model = day_model(problem, slot=6, most=40)
        except ProblemError:
            continue
        validate(model.packing)
        states = rng.random((40, model.packing.items)) < 2.5 / model.packing.items
        states = np.concatenate((states, enumerate_packing(model.packing).chosen[None]))
        for chosen in states[keeps_rules(model.packing, states) & states.any(axis=1)]:
            judged = evaluate(problem, model.solution_of(chosen))
            assert {fault.code for fault in judged.violations} <= MAY_LACK
            checked += 1
    assert checked > 1000


def test_the_best_day_of_a_line_is_found() -> None:
    """On a line with time for everything, all places are visited, in the order of their starts."""
    model = day_model(line_problem(4, latest=200), slot=5)
    (route,) = model.solution_of(enumerate_packing(model.packing).chosen).routes
    assert sorted(route) == [0, 1, 2, 3]


def test_without_bonus_and_travel_the_estimate_is_the_objective() -> None:
    """Scores, a priced minimum and a required place are told exactly: objective = packing + constant."""
    counts = CountRules(Sets.of([[0, 1]]), ints(2), ints(3), np.array([True]), ints(7))
    problem = line_problem(4, latest=110, counts=counts, required=ints(3))
    model = day_model(problem, slot=5)
    answer = enumerate_packing(model.packing)
    judged = evaluate(problem, model.solution_of(answer.chosen))
    assert judged.feasible
    assert judged.objective == answer.value + model.constant
    assert answer.value + model.constant >= model.least


def test_hard_minima_come_before_all_else_and_are_no_worth_of_the_day() -> None:
    """However dear the way, a day that may not do without two places has them, and is told at its own worth."""
    counts = CountRules(Sets.of([[2, 3]]), ints(2), ints(3), np.array([True]), ints(0))
    problem = replace(line_problem(4, latest=200, counts=counts), weights=Weights(0, 0, 50, 0))
    problem = replace(problem, option_cost=ints(0, 0, 40, 40))
    model = day_model(problem, slot=5)
    answer = enumerate_packing(model.packing)
    judged = evaluate(problem, model.solution_of(answer.chosen))
    assert judged.feasible
    assert judged.objective == answer.value + model.constant < 0
    assert model.least <= judged.objective


def test_a_bonus_is_divided_among_the_pairs_of_a_usual_day() -> None:
    """A plan in which two pairs earn a combination halves what each pair is told to earn."""
    combination = Combinations(Sets.of([[0]]), Sets.of([[1, 2]]), ints(60), np.array([True]), ints(2))
    problem = line_problem(3, latest=300, combinations=combination)
    whole, half = (day_model(problem, slot=50, like=TripSolution((like,))) for like in ((0, 1), (0, 1, 2)))
    assert set(whole.packing.reward.tolist()) == {60}
    assert set(half.packing.reward.tolist()) == {30}


def test_wanted_places_come_first_where_there_is_no_room_for_all() -> None:
    """Not more starts than asked for; required places, then those wanted, are kept."""
    problem = line_problem(6, latest=200, required=ints(1))
    model = day_model(problem, slot=10, most=40, wanted=[4, 0])
    assert set(model.option.tolist()) == {1, 4}
    assert len(model.option) <= 40


def test_what_makes_no_day_is_refused() -> None:
    """Several days, steps of nothing, and a day too short for any visit."""
    problem = line_problem(3)
    with pytest.raises(ProblemError, match=r"slot is 0.*; the trip has 2 days"):
        day_model(line_problem(3, days=2), slot=0)
    with pytest.raises(ProblemError, match="no visit fits the day, of 3"):
        day_model(replace(problem, day_latest=ints(5)))
