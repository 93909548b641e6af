"""Prices in the place of capacities, and bonuses for what must be there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from solvers.errors import ProblemError, SolutionError
from solvers.qubo.bid_prices import bid_prices, must_have, priced
from solvers.qubo.enumeration import enumerate_packing
from solvers.qubo.judging import keeps_rules, values_of
from solvers.qubo.problem import PackingProblem

Maker = Callable[..., PackingProblem]
SHAPES = ("routes", "slots", "levels")


def best_plan(problem: PackingProblem) -> NDArray[np.bool_]:
    return enumerate_packing(problem).chosen


@pytest.mark.parametrize("shape", SHAPES)
def test_any_prices_give_an_upper_limit(small_packing: Maker, shape: str) -> None:
    """The best priced plan and all capacity at its price are worth no less than the best plan."""
    for seed in range(30):
        problem = small_packing(shape, seed, capacities=2)
        prices = np.random.default_rng(seed).integers(0, 40, 2) / 16
        limit = enumerate_packing(priced(problem, prices)).value + prices @ problem.capacity
        assert limit >= enumerate_packing(problem).value, seed


def test_values_pay_for_what_they_use_rounded_up() -> None:
    """Half a unit stays with the item."""
    problem = PackingProblem(
        np.array([10, 10, 3]), np.array([0, 1, 2]), use=np.array([[3, 2, 1]]), capacity=np.array([5])
    )
    paid = priced(problem, np.array([1.5]))
    assert paid.value.tolist() == [6, 7, 2]
    assert not len(paid.capacity)


def test_what_uses_more_than_there_is_is_never_worth_it() -> None:
    """No price is needed to keep out what cannot be in any plan."""
    problem = PackingProblem(
        value=np.array([50, 5]),
        group=np.array([0, 1]),
        pair=np.array([[0, 1]]),
        reward=np.array([30]),
        use=np.array([[6, 1]]),
        capacity=np.array([5]),
    )
    assert best_plan(priced(problem, np.zeros(1))).tolist() == [False, True]
    assert bid_prices(problem, best_plan).tolist() == [0.0]


@pytest.mark.parametrize("prices", [np.zeros(2), np.array([-1.0]), np.array([np.nan]), np.array([np.inf])])
def test_prices_that_are_none_are_refused(small_packing: Maker, prices: NDArray[np.float64]) -> None:
    """One for each capacity, finite and not negative."""
    with pytest.raises(ProblemError, match=r"prices is .*; 1 finite numbers from 0 on are needed"):
        priced(small_packing("slots", 1, capacities=1), prices)


@pytest.mark.parametrize("capacities", [1, 3])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_best_plan_at_bid_prices_keeps_the_capacities(small_packing: Maker, shape: str, capacities: int) -> None:
    """That is what they are for; and prices are paid only where capacities bind."""
    for seed in range(15):
        problem = small_packing(shape, seed, capacities=capacities)
        prices = bid_prices(problem, best_plan, rounds=10)
        assert keeps_rules(problem, best_plan(priced(problem, prices))[None]).all(), seed
        at_nothing = priced(problem, np.zeros(capacities))
        binds = not keeps_rules(problem, best_plan(at_nothing)[None]).all()
        assert prices.any() == binds, seed


def test_a_lower_price_of_a_single_capacity_is_not_enough(small_packing: Maker) -> None:
    """Bisection ends next to the least price."""
    lowered = 0
    for seed in range(30):
        problem = small_packing("slots", seed, capacities=1)
        prices = bid_prices(problem, best_plan, rounds=20)
        if prices.any():
            lowered += 1
            cheaper = best_plan(priced(problem, np.maximum(0, prices - 0.01)))
            assert not keeps_rules(problem, cheaper[None]).all(), seed
    assert lowered >= 10


def test_without_capacities_there_are_no_prices(small_packing: Maker) -> None:
    """Nothing is solved to know that."""
    problem = small_packing("levels", 0)

    def never(_: PackingProblem) -> NDArray[np.bool_]:
        raise AssertionError

    assert bid_prices(problem, never).shape == (0,)
    assert priced(problem, np.zeros(0)) is problem


def test_plans_that_do_not_fit_are_refused(small_packing: Maker) -> None:
    """A solver handed in may be wrong."""
    problem = small_packing("levels", 0, capacities=1)
    with pytest.raises(SolutionError, match=r"a plan is int64 of shape \(10,\); bool of \(10,\) is needed"):
        bid_prices(problem, lambda each: each.value)
    with pytest.raises(ProblemError, match="rounds is 0; at least 1 is needed"):
        bid_prices(problem, best_plan, rounds=0)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_best_plan_meets_what_must_be_there_or_no_plan_does(
    small_packing: Maker, all_states: Callable[[int], NDArray[np.bool_]], shape: str
) -> None:
    """As many sets as any plan can; among plans that meet as many, the one that earns most."""
    missed = 0
    for seed in range(40):
        problem, states = small_packing(shape, seed), all_states(10)
        states = states[keeps_rules(problem, states)]
        first, second, third = np.random.default_rng(seed).permutation(10)[:3]
        wanted = [np.array([first]), np.array([second]), np.flatnonzero(problem.group == problem.group[third])]
        met = sum(states[:, items].any(axis=1).astype(int) for items in wanted)
        best = best_plan(must_have(problem, wanted))
        assert sum(best[items].any() for items in wanted) == met.max(), seed
        assert values_of(problem, best[None])[0] == values_of(problem, states)[met == met.max()].max(), seed
        missed += met.max() < len(wanted)
    assert 5 <= missed <= 35


def test_the_worst_item_there_is_comes_in_if_it_must() -> None:
    """The bonus is above the difference, not equal to it."""
    problem = PackingProblem(np.array([-5]), np.array([0]))
    assert best_plan(must_have(problem, [np.array([0])])).tolist() == [True]


def test_items_in_conflict_are_a_set_too() -> None:
    """Routes of different days through one asset exclude each other."""
    problem = PackingProblem(np.array([-5, -9, 4]), np.array([0, 1, 1]), conflict=np.array([[0, 1]]))
    assert best_plan(must_have(problem, [np.array([1, 0])])).tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([], r"items_sets\[0\] is \[\]; different items of 0 to 2, at least one, are needed"),
        ([0, 3], r"items_sets\[0\] is \[0, 3\]"),
        ([-1], r"items_sets\[0\] is \[-1\]"),
        ([1, 1], r"items_sets\[0\] is \[1, 1\]"),
        ([0, 2], r"items_sets\[0\] holds 0 and 2, which may be chosen together"),
    ],
)
def test_sets_that_make_no_sense_are_refused(items: list[int], message: str) -> None:
    """A bonus that could be had twice would not mean what it says."""
    problem = PackingProblem(np.array([1, 2, 3]), np.array([0, 1, 1]), conflict=np.array([[0, 1]]))
    with pytest.raises(ProblemError, match=message):
        must_have(problem, [np.array(items, np.int64)])


def test_the_bonus_leaves_the_rest_as_it_is(small_packing: Maker) -> None:
    """Only values of the set change, all by the same."""
    problem = small_packing("routes", 3)
    wanted = np.flatnonzero(problem.group == 0)
    raised = must_have(problem, [wanted])
    more = raised.value - problem.value
    assert len(set(more[wanted].tolist())) == 1
    assert replace(raised, value=problem.value).pair is problem.pair
    assert not np.delete(more, wanted).any()
