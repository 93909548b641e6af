from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from trip_problems import ints, line_problem

from solvers.errors import ProblemError, SolverError
from solvers.orienteering import solve, validate
from solvers.orienteering.problem import Combinations, CountRules, Lodgings, Resources, Sets, TripProblem, Weights


def faults(problem: TripProblem) -> tuple[str, ...]:
    with pytest.raises(ProblemError) as caught:
        validate(problem)
    return caught.value.problems


def with_entry(name: str, index: Any, value: int) -> Callable[[], TripProblem]:
    def build() -> TripProblem:
        problem = line_problem(days=2)
        array = getattr(problem, name).copy()
        array[index] = value
        return replace(problem, **{name: array})

    return build


def counts(**changes: Any) -> CountRules:
    rules = CountRules(Sets.of([[0, 1]]), ints(0), ints(1), np.array([False]), ints(0))
    return replace(rules, **changes)


def combinations(**changes: Any) -> Combinations:
    return replace(Combinations(Sets.of([[0]]), Sets.of([[1]]), ints(5), np.array([False]), ints(2)), **changes)


def lodgings(**changes: Any) -> Lodgings:
    return replace(Lodgings(ints(0), ints(1), ints(1), ints(0), ints(0)), **changes)


def resources(**changes: Any) -> Resources:
    base = Resources(
        ints(9), np.array([True]), np.zeros((1, 8), np.int64), np.zeros((1, 5, 5), np.int64), np.zeros((1, 0), np.int64)
    )
    return replace(base, **changes)


def with_part(**parts: Any) -> Callable[[], TripProblem]:
    return lambda: line_problem(days=2, **parts)


def with_lodgings(**changes: Any) -> Callable[[], TripProblem]:
    bare = Resources(
        ints(), np.zeros(0, np.bool_), np.zeros((0, 8), np.int64), np.zeros((0, 5, 5), np.int64),
        np.zeros((0, 1), np.int64),
    )  # fmt: skip
    return lambda: line_problem(days=2, lodgings=lodgings(**changes), resources=bare)


FAULTS: dict[str, tuple[Callable[[], TripProblem], str]] = {
    "no days": (lambda: replace(line_problem(), day_start=ints()), "day_start is empty"),
    "no options": (lambda: replace(line_problem(), option_node=ints()), "option_node is empty; at least one option"),
    "day sizes": (with_part(day_end=ints(0)), "day_end has shape (1,); (2,) is needed"),
    "option sizes": (with_part(option_open=ints(0)), "option_open has shape (1,); (8,) is needed"),
    "float ticks": (with_part(day_latest=np.array([9.5, 9.5])), "day_latest holds float64; integers are needed"),
    "flags": (with_part(counts=counts(per_day=ints(0))), "counts.per_day holds int64; bool"),
    "travel axes": (with_part(travel=np.zeros((5, 5), np.int64)), "travel has 2 axes"),
    "travel square": (with_part(travel=np.zeros((1, 5, 4), np.int64)), "travel has shape"),
    "arc cost size": (with_part(arc_cost=np.zeros((2, 2), np.int64)), "arc_cost has shape (2, 2); (5, 5)"),
    "precedence size": (with_part(precedence=np.zeros((1, 2), np.int64)), "precedence has shape (1, 2)"),
    "set starts": (with_part(counts=counts(options=Sets(ints(0, 3), ints(0, 1)))), "must rise from 0 to 2"),
    "set number": (with_part(combinations=combinations(left=Sets())), "combinations.left has 0 sets; 1 are needed"),
    "resource size": (with_part(resources=resources(capacity=ints())), "resources.per_day has shape (1,)"),
    "day start": (with_entry("day_start", 1, 7), "day_start[1] is 7; accepted is -1 to 4"),
    "day end": (with_entry("day_end", 0, -2), "day_end[0] is -2"),
    "travel table": (with_entry("day_travel", 0, 1), "day_travel[0] is 1; accepted is 0 to 0"),
    "negative earliest": (with_entry("day_earliest", 0, -1), "day_earliest[0] is -1"),
    "day reversed": (with_entry("day_earliest", 0, 101), "day_latest[0] is 100, before day_earliest[0] = 101"),
    "option node": (with_entry("option_node", 0, 5), "option_node[0] is 5; accepted is 0 to 4 (1 such entries)"),
    "option group": (with_entry("option_group", 0, 4), "option_group[0] is 4"),
    "option day": (with_entry("option_day", 0, 2), "option_day[0] is 2"),
    "window reversed": (with_entry("option_open", 3, 101), "option_close[3] is 100, before option_open[3] = 101"),
    "negative duration": (with_entry("option_duration", 2, -5), "option_duration[2] is -5"),
    "negative score": (with_entry("option_score", 2, -5), "option_score[2] is -5"),
    "negative cost": (with_entry("option_cost", 2, -5), "option_cost[2] is -5"),
    "negative load": (with_entry("option_load", 2, -5), "option_load[2] is -5"),
    "negative travel": (with_entry("travel", (0, 1, 2), -1), "travel[(0, 1, 2)] is -1"),
    "travel diagonal": (with_entry("travel", (0, 2, 2), 3), "travel[0][2, 2] is 3; the diagonal must be zero"),
    "arc cost diagonal": (with_entry("arc_cost", (1, 1), 3), "arc_cost[1, 1] is 3; the diagonal must be zero"),
    "negative arc cost": (with_entry("arc_cost", (1, 2), -3), "arc_cost[(1, 2)] is -3"),
    "arc use diagonal": (
        with_part(resources=resources(arc_use=np.eye(5, dtype=np.int64)[None])),
        "resources.arc_use[0][0, 0] is 1; the diagonal must be zero",
    ),
    "count members": (with_part(counts=counts(options=Sets.of([[8]]))), "counts.options.member[0] is 8"),
    "count repeated": (with_part(counts=counts(options=Sets.of([[1, 1]]))), "counts.options[0] names the same index"),
    "count reversed": (with_part(counts=counts(lower=ints(2))), "counts.upper[0] is 1, below counts.lower[0] = 2"),
    "count negative": (with_part(counts=counts(lower=ints(-1))), "counts.lower[0] is -1"),
    "penalty negative": (with_part(counts=counts(shortfall_penalty=ints(-1))), "counts.shortfall_penalty[0] is -1"),
    "capacity negative": (with_part(resources=resources(capacity=ints(-1))), "resources.capacity[0] is -1"),
    "combination members": (with_part(combinations=combinations(right=Sets.of([[4]]))), "combinations.right.member[0]"),
    "combination bonus": (with_part(combinations=combinations(bonus=ints(-1))), "combinations.bonus[0] is -1"),
    "combination fewest": (with_part(combinations=combinations(fewest=ints(0))), "combinations.fewest[0] is 0"),
    "precedence group": (with_part(precedence=np.array([[0, 4, 0]])), "precedence[(0, 1)] is 4"),
    "precedence flag": (with_part(precedence=np.array([[0, 1, 2]])), "precedence same-day flag[0] is 2"),
    "precedence self": (with_part(precedence=np.array([[1, 1, 0]])), "precedence[0] puts group 1 before itself"),
    "weights": (with_part(weights=Weights(travel=-1)), "weights.travel is -1; accepted is 0 or more"),
    "required range": (with_part(required=ints(4)), "required[0] is 4; accepted is 0 to 3"),
    "required without option": (with_part(groups=5, required=ints(4)), "required group 4 has no option and no lodging"),
    "lodging night": (with_lodgings(night=ints(1)), "lodgings.night[0] is 1; accepted is 0 to 0"),
    "lodging node": (with_lodgings(node=ints(9)), "lodgings.node[0] is 9"),
    "lodging group": (with_lodgings(group=ints(9)), "lodgings.group[0] is 9"),
    "lodging cost": (with_lodgings(cost=ints(-1)), "lodgings.cost[0] is -1"),
    "objective overflow": (with_part(weights=Weights(travel=2**48)), "the objective could reach"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_named(name: str) -> None:
    """Every kind of senseless input is refused with the field, the value and what is accepted."""
    build, message = FAULTS[name]
    assert any(message in fault for fault in faults(build()))


def test_all_faults_come_at_once() -> None:
    """Faults of different parts are collected in one error."""
    problem = line_problem(option_score=ints(1, -1, 1, 1), required=ints(9), weights=Weights(wait=-2))
    assert len(faults(problem)) == 3


def test_resource_sums_that_could_overflow_are_refused() -> None:
    """Uses so large that their sum could leave int64 are refused."""
    days = 1_100
    use = np.full((1, 4 * days), 2**50)
    problem = line_problem(days=days, resources=resources(option_use=use))
    assert any("use of resource 0 could reach" in fault for fault in faults(problem))


@pytest.mark.parametrize(
    "limits",
    [
        {"iterations": 0},
        {"seconds": 0.0},
        {"seconds": float("nan")},
        {"seconds": float("inf")},
        {"solver": "cp-sat", "iterations": 5},
        {"solver": "or-tools-routing", "iterations": 5},
        {"iterations": 5, "seconds": 1.0},
        {"solver": "magic"},
        {"threads": 0},
    ],
)
def test_senseless_limits_are_refused(limits: dict[str, Any]) -> None:
    """Solver names and limits that make no sense are refused before any work."""
    with pytest.raises(SolverError):
        solve(line_problem(), **limits)
