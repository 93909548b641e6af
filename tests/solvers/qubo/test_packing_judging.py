"""Objective and rules of plans, from the problem's own data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from packing_judge import keeps_rules_by_loops, value_by_loops

from solvers.qubo.judging import keeps_rules, values_of
from solvers.qubo.problem import PackingProblem

States = Callable[[int], NDArray[np.bool_]]


@pytest.mark.parametrize("capacities", [0, 1, 2])
@pytest.mark.parametrize("shape", ["routes", "slots", "levels"])
def test_all_plans_are_judged_as_by_hand(
    small_packing: Callable[..., PackingProblem], all_states: States, shape: str, capacities: int
) -> None:
    """Every state of small problems, one by one in plain Python."""
    problem, states = small_packing(shape, 1, items=8, capacities=capacities), all_states(8)
    values, keeps = values_of(problem, states), keeps_rules(problem, states)
    assert values.dtype == np.int64
    assert values.tolist() == [value_by_loops(problem, plan) for plan in states]
    assert keeps.tolist() == [keeps_rules_by_loops(problem, plan) for plan in states]
    assert 0 < keeps.sum() < len(keeps)


def test_large_values_add_up_exactly() -> None:
    """Integers stay integers: a float would lose the last unit."""
    large = 2**53 + 1
    problem = PackingProblem(np.array([large, -1]), np.array([0, 1]), np.array([[0, 1]]), np.array([1]))
    assert values_of(problem, np.array([[True, False], [True, True]])).tolist() == [large, large]


def test_each_rule_by_itself_makes_a_plan_break() -> None:
    """Group, conflict and capacity, each alone, and the full capacity is still kept."""
    free = PackingProblem(np.array([1, 1]), np.array([0, 1]))
    both = np.array([[True, True]])
    assert keeps_rules(free, both).tolist() == [True]
    assert keeps_rules(replace(free, group=np.array([0, 0])), both).tolist() == [False]
    assert keeps_rules(replace(free, conflict=np.array([[0, 1]])), both).tolist() == [False]
    used = replace(free, use=np.array([[2, 3]]), capacity=np.array([5]))
    assert keeps_rules(used, both).tolist() == [True]
    assert keeps_rules(replace(used, capacity=np.array([4])), both).tolist() == [False]


def test_no_states_have_no_values(small_packing: Callable[..., PackingProblem]) -> None:
    """A sampler may return nothing."""
    problem, none = small_packing("routes", 2, capacities=1), np.zeros((0, 10), np.bool_)
    assert values_of(problem, none).shape == (0,)
    assert keeps_rules(problem, none).shape == (0,)
