"""Arrays that do not describe a packing problem are refused, all faults at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from solvers.errors import ProblemError
from solvers.qubo.problem import PackingProblem
from solvers.qubo.validation import validate

VALID = PackingProblem(
    value=np.array([3, -1, 4, 0]),
    group=np.array([0, 1, 0, 2]),
    pair=np.array([[0, 1], [2, 3]]),
    reward=np.array([5, -2]),
    conflict=np.array([[0, 3], [1, 2]]),
    use=np.array([[1, 0, 2, 3]]),
    capacity=np.array([4]),
)


def ints(*numbers: Any) -> np.ndarray:
    return np.array(numbers, np.int64)


def test_a_problem_with_everything_and_one_with_values_only_are_valid() -> None:
    """Pairs, conflicts and capacities may all be missing."""
    validate(VALID)
    validate(PackingProblem(ints(1, 2), ints(0, 0)))
    validate(replace(VALID, use=np.zeros((0, 4), np.int64), capacity=ints()))


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"value": np.array([3.0, 1, 4, 0])}, "value has type float64; an array of int64 is needed"),
        ({"value": [3, 1, 4, 0]}, "value has type list"),
        ({"value": ints([3, 1, 4, 0])}, "value has shape (1, 4); 1 side are needed"),
        ({"group": ints(0, 1, 2)}, "group has shape (3,); (4,) is needed"),
        ({"group": ints(0, 1, 0, 3)}, "group 2 has no item"),
        ({"group": ints(0, 1, 0, -1)}, "group[3] is -1; a group of 0 to 3 is needed"),
        ({"group": ints(0, 4, 0, 9)}, "group[1] is 4 (and 1 more)"),
        ({"reward": ints(5)}, "pair has shape (2, 2); (1, 2) is needed"),
        ({"pair": ints([0, 1], [2, 4])}, "pair[1] is [2, 4]; items i < j of 0 to 3 is needed"),
        ({"pair": ints([1, 0], [2, 3])}, "pair[0] is [1, 0]"),
        ({"pair": ints([0, 1], [0, 2])}, "pair[1] is [0, 2]; items of different groups is needed"),
        ({"pair": ints([2, 3], [0, 1])}, "pair[1] is [0, 1]; pairs in ascending order, each once is needed"),
        ({"pair": ints([0, 1], [0, 1])}, "pair[1] is [0, 1]; pairs in ascending order, each once is needed"),
        ({"conflict": ints([0, 3], [2, 2])}, "conflict[1] is [2, 2]"),
        ({"conflict": ints([0, 1], [1, 2])}, "pair[0] is [0, 1]; pairs that are not in conflict is needed"),
        ({"use": ints([1, 0, 2])}, "use has shape (1, 3); (1, 4) is needed"),
        ({"use": ints([1, -2, 2, 3])}, "use[0, 1] is -2; an amount of 0 or more is needed"),
        ({"capacity": ints(-1)}, "capacity[0] is -1; an amount of 0 or more is needed"),
        ({"capacity": ints(1, 2)}, "use has shape (1, 4); (2, 4) is needed"),
        ({"value": ints(2**62, 2**62, 2**62, 0)}, "value and reward add up to 1.38e+19 without their signs"),
        ({"use": ints([2**62, 2**62, 2**62, 0])}, "use adds up to 1.38e+19 in a row"),
    ],
)
def test_each_fault_is_told_with_its_place_and_what_is_needed(fault: dict[str, Any], message: str) -> None:
    """One sentence names the field, the value and what is accepted."""
    with pytest.raises(ProblemError) as refused:
        validate(replace(VALID, **fault))
    assert any(problem.startswith(message) for problem in refused.value.problems), refused.value.problems


def test_no_items_are_refused() -> None:
    """An empty pool is no problem to solve."""
    with pytest.raises(ProblemError, match="value is empty; at least one item is needed"):
        validate(PackingProblem(ints(), ints()))


def test_all_faults_are_told_at_once() -> None:
    """Nobody mends one fault only to meet the next."""
    faulty = replace(VALID, group=ints(0, 1, 0, 3), use=ints([1, 0, -2, 3]), conflict=ints([1, 2], [0, 3]))
    with pytest.raises(ProblemError) as refused:
        validate(faulty)
    assert len(refused.value.problems) == 3
