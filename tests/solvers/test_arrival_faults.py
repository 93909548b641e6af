"""Each fault of arrival functions is one clear error."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from trip_problems import ints, line_problem

from solvers.errors import ProblemError
from solvers.orienteering import validate
from solvers.orienteering.arrivals import ArrivalFunctions, with_arrivals
from solvers.orienteering.problem import TripProblem


def two_nodes() -> TripProblem:
    """Return a start and one place, with two breakpoints on each way."""
    arrivals = ArrivalFunctions(ints(0, 0, 2, 4, 4), ints(0, 100, 0, 100), ints(10, 120, 10, 110))
    return with_arrivals(line_problem(places=1), arrivals)


def with_fault(**changes: Any) -> TripProblem:
    problem = two_nodes()
    assert problem.arrivals is not None
    return replace(problem, arrivals=replace(problem.arrivals, **changes))


def test_arrival_functions_that_keep_the_rules_are_accepted() -> None:
    """The problem that all faults below start from is fine."""
    validate(two_nodes())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"start": ints(0, 2, 4)}, r"arrivals\.start has shape \(3,\); \(5,\) is needed"),
        ({"start": ints(0, 0, 3, 2, 4)}, r"arrivals\.start\[3\] is 2, below arrivals\.start\[2\] = 3"),
        ({"start": ints(0, 0, 2, 4, 5)}, r"arrivals\.start goes from 0 to 5; it must go from 0 to 4"),
        ({"arrival": ints(10, 120, 10)}, r"arrivals\.departure has 4 breakpoints and arrivals\.arrival 3"),
        ({"departure": np.array([0.0, 100.0, 0.0, 100.0])}, r"arrivals\.departure has shape \(4,\) and holds float64"),
        (
            {"departure": ints(0, 100, 50, 50), "arrival": ints(10, 120, 110, 110)},
            r"arrivals\.departure\[3\] of pair \(table 0, from 1, to 0\) is 50, not after the one before, 50",
        ),
        (
            {"arrival": ints(10, 99, 10, 110)},
            r"arrivals\.arrival\[1\] of pair \(table 0, from 0, to 1\) is 99, before its departure 100",
        ),
        (
            {"departure": ints(0, 5, 0, 100), "arrival": ints(10, 8, 10, 110)},
            r"arrivals\.arrival\[1\] of pair \(table 0, from 0, to 1\) is 8, before 10, the arrival of an earlier",
        ),
        (
            {"start": ints(0, 2, 2, 4, 4)},
            r"arrivals\.departure\[0\] is of pair \(table 0, from 0, to 0\); the diagonal must have no breakpoints",
        ),
        ({"departure": ints(-1, 100, 0, 100)}, r"arrivals\.departure\[0\] of pair .* is -1; accepted is 0 to"),
        ({"arrival": ints(10, 2**31, 10, 110)}, r"arrivals\.arrival\[1\] of pair .* is 2147483648; accepted is 0 to"),
    ],
)
def test_a_fault_is_named_with_its_pair(changes: dict[str, Any], words: str) -> None:
    """Sizes, order, travel back in time, the diagonal and magnitudes: one sentence each."""
    with pytest.raises(ProblemError, match=words) as raised:
        validate(with_fault(**changes))
    assert len(raised.value.problems) == 1


def test_travel_above_the_quickest_arrival_is_refused() -> None:
    """The search would take a place for farther than it is."""
    problem = two_nodes()
    longer = problem.travel.copy()
    longer[0, 1, 0] = 11
    with pytest.raises(ProblemError, match=r"travel\[0, 1, 0\] is 11, more than 10"):
        validate(replace(problem, travel=longer))


def test_long_journeys_that_cost_much_are_refused() -> None:
    """Arrivals count for what the objective could reach."""
    problem = replace(two_nodes(), weights=replace(two_nodes().weights, travel=2**40))
    late = ArrivalFunctions(ints(0, 0, 1, 1, 1), ints(0), ints(2**30))
    with pytest.raises(ProblemError, match="the objective could reach"):
        validate(with_arrivals(problem, late))
