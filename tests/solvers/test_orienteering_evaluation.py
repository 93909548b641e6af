from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_judge import judge
from trip_problems import ints, line_problem, tiny_problems

from solvers.errors import ProblemError, SolutionError
from solvers.orienteering import Violation, evaluate, validate
from solvers.orienteering.problem import (
    ANYWHERE,
    UNREACHABLE,
    Combinations,
    CountRules,
    Lodgings,
    Sets,
    TripProblem,
    TripSolution,
    Weights,
)


def codes(problem: TripProblem, *routes: tuple[int, ...], lodging: tuple[int, ...] = ()) -> list[str]:
    return [fault.code for fault in evaluate(problem, TripSolution(routes, lodging)).violations]


def is_valid(problem: TripProblem) -> bool:
    try:
        validate(problem)
    except ProblemError:
        return False
    return True


@given(problem=tiny_problems().filter(is_valid), data=st.data())
@settings(max_examples=150, deadline=None)
def test_the_judge_agrees_with_a_second_judge(problem: TripProblem, data: st.DataObject) -> None:
    """On any plan, kept rules or not, two independent computations give the same verdict and objective."""
    options = st.lists(st.integers(0, problem.options - 1), max_size=4, unique=True)
    stays = st.integers(-1, problem.lodgings.night.size - 1)
    solution = TripSolution(
        tuple(tuple(data.draw(options)) for _ in range(problem.days)),
        tuple(data.draw(stays) for _ in range(problem.days - 1)),
    )
    evaluation = evaluate(problem, solution)
    assert (evaluation.feasible, evaluation.objective) == judge(problem, solution)
    assert evaluation.objective == sum(evaluation.terms.values())


def test_times_follow_from_travel_and_windows() -> None:
    """Each visit starts as early as possible; the wait before the first is saved by leaving later."""
    problem = line_problem(option_open=ints(30, 50, 0, 0))
    evaluation = evaluate(problem, TripSolution(((0, 1),)))
    day = evaluation.days[0]
    assert (day.leave, day.start.tolist(), day.departure.tolist()) == (20, [30, 50], [35, 55])
    assert (day.arrival.tolist(), day.wait.tolist(), day.end, day.travel) == ([30, 45], [0, 5], 75, 40)
    assert (evaluation.feasible, evaluation.objective) == (True, 30)


def test_terms_are_reported_by_name() -> None:
    """Each weight prices its own quantity."""
    problem = line_problem(
        option_open=ints(30, 50, 0, 0),
        option_cost=ints(7, 0, 0, 0),
        option_load=ints(0, 3, 0, 0),
        weights=Weights(travel=1, wait=2, cost=3, load=4),
    )
    terms = evaluate(problem, TripSolution(((0, 1),))).terms
    assert terms["score"] == 30
    assert (terms["travel"], terms["wait"], terms["cost"], terms["load"]) == (-40, -10, -21, -12)


def test_a_day_without_visits_still_travels() -> None:
    """From its start to its end, and may be late there."""
    problem = line_problem(day_end=ints(4), latest=30, weights=Weights(travel=1))
    evaluation = evaluate(problem, TripSolution(((),)))
    assert evaluation.objective == -40
    assert evaluation.violations == (Violation("LATE_AT_DAY_END", 0, -1, 10),)


def test_anywhere_costs_no_travel() -> None:
    """A day that may begin and end anywhere travels between its visits only."""
    problem = line_problem(day_start=ints(ANYWHERE), day_end=ints(ANYWHERE), weights=Weights(travel=1))
    evaluation = evaluate(problem, TripSolution(((1, 3),)))
    assert (evaluation.days[0].end, evaluation.objective) == (30, 60 - 20)


def test_late_visits_and_holes_are_violations() -> None:
    """Lateness is measured in ticks; an arc that does not exist counts no time."""
    problem = line_problem(option_close=ints(100, 15, 100, 100))
    assert evaluate(problem, TripSolution(((1,),))).violations == (Violation("LATE_FOR_VISIT", 0, 1, 5),)
    travel = problem.travel.copy()
    travel[0, 0, 1] = UNREACHABLE
    assert codes(replace(problem, travel=travel), (0,)) == ["UNREACHABLE"]


def test_groups_and_days_are_watched() -> None:
    """A group twice, a visit on another's day and a missing required group are named."""
    problem = line_problem(days=2, required=ints(2))
    assert codes(problem, (0,), (4,)) == ["GROUP_TWICE", "REQUIRED_MISSING"]
    assert codes(problem, (2, 5), ()) == ["WRONG_DAY"]


def test_counts_hold_by_day_or_trip() -> None:
    """A priced shortfall is a term, an unpriced one a violation; days that offer nothing are exempt."""
    everything = Sets.of([[0, 1], [0, 1, 4]])
    rules = CountRules(everything, ints(1, 0), ints(1, 1), np.array([True, False]), ints(0, 0))
    problem = line_problem(days=2, counts=rules)
    assert codes(problem, (0,), ()) == []
    assert codes(problem, (), ()) == ["COUNT_BELOW"]
    assert codes(problem, (0, 1), ()) == ["COUNT_ABOVE", "COUNT_ABOVE"]
    priced = replace(problem, counts=replace(rules, shortfall_penalty=ints(9, 0)))
    assert evaluate(priced, TripSolution(((), ()))).terms["shortfall"] == -9


def test_precedence_orders_days_and_visits() -> None:
    """The earlier group comes first, on the same day where asked."""
    problem = line_problem(days=2, precedence=np.array([[0, 1, 0]]))
    assert codes(problem, (0,), (5,)) == []
    assert codes(problem, (1,), (4,)) == ["PRECEDENCE"]
    assert codes(problem, (1, 0), ()) == ["PRECEDENCE"]
    same_day = replace(problem, precedence=np.array([[0, 1, 1]]))
    assert codes(same_day, (0,), (5,)) == ["PRECEDENCE"]
    assert codes(same_day, (), (5,)) == []


def lodging_problem() -> TripProblem:
    problem = line_problem(days=3, latest=60)
    lodgings = Lodgings(ints(0, 0, 1, 1), ints(1, 2, 1, 2), ints(0, 1, 0, 1), ints(5, 6, 5, 6), ints(0, 0, 0, 0))
    resources = replace(problem.resources, lodging_use=np.zeros((0, 4), np.int64))
    return replace(problem, lodgings=lodgings, resources=resources)


def test_lodgings_join_days() -> None:
    """A night's lodging ends one day and begins the next; its group may return on further nights, but not by day."""
    problem = lodging_problem()
    evaluation = evaluate(problem, TripSolution(((), (), ()), (1, 3)))
    assert [(day.start_node, day.end_node) for day in evaluation.days] == [(0, 2), (2, 2), (2, 0)]
    assert (evaluation.feasible, evaluation.terms["lodging"]) == (True, 12)
    assert codes(problem, (1,), (), (), lodging=(1, 3)) == ["GROUP_TWICE"]
    assert codes(problem, (), (), ()) == ["LODGING_MISSING", "LODGING_MISSING"]
    assert codes(problem, (), (), (), lodging=(2, 3)) == ["LODGING_OF_OTHER_NIGHT"]
    assert codes(replace(problem, required=ints(0)), (), (), (), lodging=(0, 2)) == []


def test_combinations_count_different_groups() -> None:
    """One group on both sides earns a bonus alone only where one is enough; nights count for their day."""
    pairs = Combinations(
        left=Sets.of([[0], [0], [0], [1]]),
        right=Sets.of([[0, 1], [0, 1], [2], [3]]),
        bonus=ints(1, 10, 100, 1000),
        same_day=np.array([False, False, True, False]),
        fewest=ints(1, 2, 2, 2),
    )
    problem = replace(lodging_problem(), combinations=pairs)
    assert evaluate(problem, TripSolution(((0,), (), ()), (1, 3))).terms["combinations"] == 11
    assert evaluate(problem, TripSolution(((), (2 + 4,), ()), (0, 2))).terms["combinations"] == 101
    assert evaluate(problem, TripSolution(((2,), (), ()), (1, 3))).terms["combinations"] == 0


@pytest.mark.parametrize(
    "solution",
    [
        TripSolution(((), ())),
        TripSolution(((4,),)),
        TripSolution(((-1,),)),
        TripSolution(((),), (0,)),
    ],
)
def test_plans_of_other_problems_are_refused(solution: TripSolution) -> None:
    """A wrong number of days or nights and indices that point nowhere raise an error of their own."""
    with pytest.raises(SolutionError):
        evaluate(line_problem(), solution)
