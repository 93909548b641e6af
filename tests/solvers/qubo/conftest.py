"""Small random packing problems of the three shapes that trips and prices have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from solvers.qubo.problem import PackingProblem

Shape = Literal["routes", "slots", "levels"]


@pytest.fixture(scope="session")
def small_packing() -> Callable[..., PackingProblem]:
    """
    Return the maker of small problems: ``small_packing(shape, seed, items=10, capacities=0)``.

    Shapes are ``routes`` (few days, many conflicts between them, bonuses across), ``slots`` (assets with start slots,
    slots too near each other in conflict) and ``levels`` (products with prices, cross effects of either sign, no
    conflicts). Values and rewards may be negative, 0 and equal.
    """
    return _small_packing


@pytest.fixture(scope="session")
def all_states() -> Callable[[int], NDArray[np.bool_]]:
    """Return the maker of all states of n bits: shape ``(2**n, n)``; bit i of a row's number is item i."""
    return lambda items: (np.arange(1 << items)[:, None] >> np.arange(items) & 1).astype(np.bool_)


def _small_packing(shape: Shape, seed: int, *, items: int = 10, capacities: int = 0) -> PackingProblem:
    random = np.random.default_rng([seed, items, capacities, ("routes", "slots", "levels").index(shape)])
    make = {"routes": _routes, "slots": _slots, "levels": _levels}[shape]
    problem = make(random, items)
    if not capacities:
        return problem
    use = random.integers(0, 10, (capacities, items))
    # From too little for most single items to enough for two or three.
    return replace(problem, use=use, capacity=random.integers(3, 15, capacities))


def _routes(random: np.random.Generator, items: int) -> PackingProblem:
    day = _groups(random, items, 3)
    assets = random.random((items, 8)) < 0.25
    shares_one = assets.astype(np.int64) @ assets.T.astype(np.int64) > 0
    reward = random.integers(-5, 16, (items, items)) * (random.random((items, items)) < 0.5)
    return _packing(random.integers(-3, 30, items), day, reward, shares_one)


def _slots(random: np.random.Generator, items: int) -> PackingProblem:
    asset = _groups(random, items, 4)
    start = random.integers(0, 12, items)
    travel = random.integers(1, 5, (items, items))
    too_near = np.abs(start[:, None] - start[None, :]) < np.maximum(travel, travel.T)
    reward = random.integers(-4, 12, (items, items)) * (random.random((items, items)) < 0.3)
    return _packing(random.integers(0, 20, items), asset, reward, too_near)


def _levels(random: np.random.Generator, items: int) -> PackingProblem:
    product = _groups(random, items, 5)
    reward = random.integers(-12, 13, (items, items))
    return _packing(random.integers(-15, 20, items), product, reward, np.zeros((items, items), np.bool_))


def _groups(random: np.random.Generator, items: int, most: int) -> NDArray[np.int64]:
    """Return groups in any order, each with an item."""
    count = int(random.integers(min(2, items), min(most, items) + 1))
    return random.permutation(np.concatenate([np.arange(count), random.integers(0, count, items - count)]))


def _packing(
    value: NDArray[np.int64], group: NDArray[np.int64], reward: NDArray[np.int64], apart: NDArray[np.bool_]
) -> PackingProblem:
    # Of square arrays the upper triangle counts.
    other = np.triu(group[:, None] != group[None, :])
    pair, conflict = np.argwhere(other & ~apart & (reward != 0)), np.argwhere(other & apart)
    return PackingProblem(value, group, pair, reward[pair[:, 0], pair[:, 1]], conflict)
