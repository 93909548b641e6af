from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny_markets import step_rules, tiny_market

from solvers.errors import ProblemError
from solvers.revenue.problem import ChoiceProblem, PriceRules, RequestProblem
from solvers.revenue.validation import validate, validate_rules


def changed(problem: ChoiceProblem, name: str, value: float, place: tuple[int, ...]) -> ChoiceProblem:
    """Return the problem with one number of one array replaced."""
    array = getattr(problem, name).copy()
    array[place] = value
    return replace(problem, **{name: array})


@pytest.mark.parametrize(
    ("name", "value", "place", "said"),
    [
        ("price", -1.0, (2,), r"price\[2\] is -1.0"),
        ("price", np.nan, (0,), r"price\[0\] is nan"),
        ("use", -1.0, (0, 1), r"use\[0, 1\] is -1.0"),
        ("capacity", np.inf, (1,), r"capacity\[1\] is inf"),
        ("arrivals", -0.5, (1, 0), r"arrivals\[1, 0\] is -0.5"),
        ("attraction", np.nan, (0, 3), r"attraction\[0, 3\] is nan"),
        ("no_purchase", 0.0, (1,), r"no_purchase\[1\] is 0.0; a finite number above 0"),
        ("product", 7, (0,), r"product\[0\] is 7; 0 to 2"),
    ],
)
def test_a_number_that_makes_no_sense_is_named(name: str, value: float, place: tuple[int, ...], said: str) -> None:
    """The field, the place, the value and what would be accepted are told."""
    with pytest.raises(ProblemError, match=said):
        validate(changed(tiny_market(0), name, value, place))


def test_all_faults_are_told_at_once() -> None:
    """Nobody has to mend one number to hear of the next."""
    problem = changed(changed(tiny_market(0), "price", -1.0, (0,)), "no_purchase", -1.0, (0,))
    with pytest.raises(ProblemError) as refused:
        validate(problem)
    assert len(refused.value.problems) == 2


@pytest.mark.parametrize(
    ("name", "array", "said"),
    [
        ("price", np.zeros(3), r"price has shape \(3,\); \(6,\)"),
        ("product", np.zeros(6), "product holds float64; integers"),
        ("attraction", np.zeros((2, 5)), r"attraction has shape \(2, 5\); \(2, 6\)"),
        ("use", np.zeros(3), "use has 1 axes; 2 are needed"),
        ("on_sale", np.ones((1, 3), np.bool_), r"on_sale has shape \(1, 3\); \(2, 3\)"),
        ("on_sale", np.ones((2, 3)), "on_sale holds float64; bools"),
        ("arrivals", np.zeros((2, 0)), r"arrivals has shape \(2, 0\); no side may be empty"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(name: str, array: np.ndarray, said: str) -> None:
    """Shapes and types are checked before anything is looked up."""
    with pytest.raises(ProblemError, match=said):
        validate(replace(tiny_market(0), **{name: array}))


def test_a_product_without_a_price_is_named() -> None:
    """Every product has at least one alternative."""
    problem = replace(tiny_market(0), product=np.array([0, 0, 1, 1, 1, 1]))
    with pytest.raises(ProblemError, match="product 2 has no alternative"):
        validate(problem)


def test_chances_of_a_period_above_one_are_refused() -> None:
    """At most one request comes in a period."""
    problem = RequestProblem(
        np.ones(2), np.ones((1, 2), np.int64), np.ones(1, np.int64), np.array([[0.6, 0.3], [0.6, 0.5]])
    )
    with pytest.raises(ProblemError, match=r"the sum of probability\[1\] is 1.1"):
        validate(problem)
    with pytest.raises(ProblemError, match=r"capacity\[0\] is -1"):
        validate(replace(problem, capacity=np.array([-1])))


def test_a_request_problem_that_makes_sense_passes() -> None:
    """A sum of 1 leaves no chance of nobody coming, which is allowed."""
    validate(RequestProblem(np.ones(2), np.ones((1, 2), np.int64), np.zeros(1, np.int64), np.array([[0.6, 0.4]])))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("row", 99, r"rules.row\[0\] is 99"),
        ("phase", 2, r"rules.phase\[0\] is 2; 0 to 1"),
        ("alternative", -1, r"rules.alternative\[0\] is -1"),
        ("coefficient", np.nan, r"rules.coefficient\[0\] is nan"),
        ("lower", 5.0, r"rules row 0 runs from 5.0 to 1.0"),
        ("upper", np.nan, r"rules row 0 runs from 1.0 to nan"),
    ],
)
def test_rules_that_belong_to_no_problem_are_refused(name: str, value: float, said: str) -> None:
    """Rows, phases and alternatives exist, and sides are in order."""
    problem = tiny_market(0)
    rules = step_rules(problem, 2, 5.0)
    array = getattr(rules, name).copy()
    array[0] = value
    with pytest.raises(ProblemError, match=said):
        validate_rules(problem, replace(rules, **{name: array}), 2)


def test_no_rules_are_fine_but_no_phases_are_not() -> None:
    """There is always a first phase."""
    validate_rules(tiny_market(0), PriceRules(), 1)
    with pytest.raises(ProblemError, match="phases is 0"):
        validate_rules(tiny_market(0), PriceRules(), 0)
