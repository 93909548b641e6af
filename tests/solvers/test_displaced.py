"""What forcing a place into a plan costs, against trying every plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from trip_problems import FEATURES, ints, line_problem, mixed_problem

from solvers.errors import SolverError
from solvers.orienteering.displaced import displaced, visited_groups
from solvers.orienteering.evaluation import evaluate
from solvers.orienteering.exhaustive import search_exhaustively
from solvers.orienteering.portfolio import solve
from solvers.orienteering.problem import TripProblem, TripSolution


def two_places_room_for_one(left: int, right: int) -> TripProblem:
    """Two places on both sides of the start; there is time for one of them."""
    problem = line_problem(2, latest=45)
    problem = replace(problem, option_score=ints(left, right), day_latest=ints(30), option_close=ints(30, 30))
    travel = np.array([[[0, 10, 10], [10, 0, 20], [10, 20, 0]]], np.int64)
    return replace(problem, travel=travel)


def test_a_place_that_another_keeps_out_says_what_it_would_cost() -> None:
    """Forced in, the lesser place pushes out the better one and costs the difference, for certain."""
    problem = two_places_room_for_one(30, 20)
    change = displaced(problem, TripSolution(((0,),)), 1, iterations=200)
    assert (change.possible, change.lost, change.exact, change.proven) == (True, 10, True, True)
    assert (change.pushed_out, change.brought_in) == ((0,), ())


def test_a_better_plan_is_not_hidden() -> None:
    """Where the plan in hand is not the best, the re-solve reports a gain, and proves nothing against the place."""
    problem = two_places_room_for_one(20, 30)
    change = displaced(problem, TripSolution(((0,),)), 1, iterations=200)
    assert change.lost == -10
    assert not change.proven


def test_an_equal_place_is_not_proven_worse() -> None:
    """A place worth just as much costs nothing, and nothing is proven against it."""
    problem = two_places_room_for_one(20, 20)
    change = displaced(problem, TripSolution(((0,),)), 1, iterations=200)
    assert (change.lost, change.pushed_out, change.proven) == (0, (0,), False)


def test_a_place_that_cannot_stand_beside_a_required_one_is_impossible() -> None:
    """Two required places and time for one: no plan, and that is proven."""
    problem = replace(two_places_room_for_one(30, 20), required=ints(0))
    change = displaced(problem, TripSolution(((0,),)), 1, iterations=200)
    assert (change.possible, change.proven, change.lost, change.solution) == (False, True, None, None)


@given(st.integers(0, 10_000), st.sets(st.sampled_from(FEATURES)))
@settings(max_examples=25, deadline=None)
def test_the_loss_is_that_of_trying_every_plan(seed: int, features: set[str]) -> None:
    """On tiny problems of all kinds, possible and lost are what exhaustive search says, for every group left out."""
    problem = mixed_problem(seed, days=2, options=4, features=features)
    best = search_exhaustively(problem)
    assume(best is not None)
    assert best is not None
    plan, judged = best
    offered = {*problem.option_group.tolist(), *problem.lodgings.group.tolist()}
    for group in offered - visited_groups(problem, plan):
        with_it = search_exhaustively(replace(problem, required=np.append(problem.required, group)))
        change = displaced(problem, plan, group, iterations=300)
        assert change.possible == (with_it is not None)
        if with_it is None:
            continue
        assert change.lost is not None
        assert change.lost >= judged.objective - with_it[1].objective
        assert change.lost == judged.objective - with_it[1].objective or not change.exact
        assert change.solution is not None
        assert evaluate(problem, change.solution).feasible
        assert group in visited_groups(problem, change.solution)
        if change.proven:
            assert with_it[1].objective < judged.objective


def test_a_bound_proves_what_the_search_cannot() -> None:
    """On a day too large for the exact model, time for a bound makes the loss certain; without it, it is not."""
    problem = line_problem(24, latest=150)
    best = solve(problem, iterations=2_000)
    left_out = min(set(range(problem.groups)) - visited_groups(problem, best.solution))
    searched = displaced(problem, best.solution, left_out, iterations=2_000)
    bounded = displaced(problem, best.solution, left_out, iterations=2_000, proof_s=10)
    assert not searched.exact
    assert searched.lost is not None
    assert searched.lost > 0
    assert (bounded.exact, bounded.proven) == (True, True)
    assert bounded.lost is not None
    assert 0 < bounded.lost <= searched.lost


@pytest.mark.parametrize(
    ("plan", "group", "word"),
    [(((0,),), 0, "already"), (((0,),), 9, "groups"), (((0,),), -1, "groups"), (((0, 1),), 2, "hard rule")],
)
def test_questions_without_sense_are_refused(plan: tuple[tuple[int, ...], ...], group: int, word: str) -> None:
    """A group in the plan, one that does not exist, and a plan that breaks a rule raise one error."""
    problem = line_problem(3, latest=30)
    with pytest.raises(SolverError, match=word):
        displaced(problem, TripSolution(plan), group)
