"""The best plan of tiny packing problems."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from solvers.errors import ProblemError
from solvers.qubo import enumeration
from solvers.qubo.enumeration import enumerate_packing
from solvers.qubo.judging import keeps_rules, values_of
from solvers.qubo.problem import PackingProblem


@pytest.mark.parametrize("capacities", [0, 1, 2])
@pytest.mark.parametrize("shape", ["routes", "slots", "levels"])
def test_the_best_plan_is_that_of_all_states(
    small_packing: Callable[..., PackingProblem],
    all_states: Callable[[int], NDArray[np.bool_]],
    shape: str,
    capacities: int,
) -> None:
    """Its bound cuts no branch that leads to something better."""
    for seed in range(40):
        problem, states = small_packing(shape, seed, items=9, capacities=capacities), all_states(9)
        best = values_of(problem, states)[keeps_rules(problem, states)].max()
        result = enumerate_packing(problem)
        assert (result.value, result.bound, result.status) == (best, best, "optimal"), seed
        assert values_of(problem, result.chosen[None]) == [best], seed
        assert keeps_rules(problem, result.chosen[None]).all(), seed


def test_nothing_is_chosen_where_nothing_is_worth_it() -> None:
    """The empty plan is a plan."""
    result = enumerate_packing(PackingProblem(np.array([-3, 0, -1]), np.array([0, 1, 1])))
    assert result.value == 0
    assert not result.chosen.any()


def test_twenty_five_groups_are_within_reach() -> None:
    """Chains of groups that reward only the same rung: the best is known, a full search of 4^25 plans would not end."""
    rungs, groups = 3, 25
    items = rungs * groups
    pair = np.stack([np.arange(items - rungs), np.arange(rungs, items)], axis=1)
    value = np.tile([1, 2, 3], groups)
    problem = PackingProblem(value, np.repeat(np.arange(groups), rungs), pair, np.full(len(pair), 2))
    assert enumerate_packing(problem).value == 3 * groups + 2 * (groups - 1)


def test_too_many_items_are_refused() -> None:
    """Whoever asks for more wants another solver."""
    items = enumeration.MOST_ITEMS + 1
    with pytest.raises(ProblemError, match="201 items; enumeration takes 200 at most"):
        enumerate_packing(PackingProblem(np.ones(items, np.int64), np.arange(items)))


def test_too_many_branches_are_refused(
    small_packing: Callable[..., PackingProblem], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends with a message, not with an answer that is not the best."""
    monkeypatch.setattr(enumeration, "MOST_BRANCHES", 3)
    with pytest.raises(ProblemError, match="more than 3 branches"):
        enumerate_packing(small_packing("levels", 5, items=12))
