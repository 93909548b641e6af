"""Shares: what Shapley promises, what the core asks for, and amounts that add up."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog

from solvers.errors import ProblemError
from solvers.revenue.shares import (
    Coalitions,
    core_split,
    dual_split,
    in_core,
    shapley,
    whole_amounts,
    with_floor,
)


def random_game(members: int, seed: int) -> NDArray[np.float64]:
    """Return values of all coalitions, the empty one first."""
    values = np.random.default_rng(seed).uniform(0, 1000, 2**members)
    values[0] = 0
    return values


def all_coalitions(values: NDArray[np.float64]) -> Coalitions:
    """Return a game as coalitions."""
    return Coalitions(len(values).bit_length() - 1, np.arange(1, len(values)), values[1:])


@pytest.mark.parametrize("seed", range(5))
def test_shapley_is_the_mean_over_all_orders(seed: int) -> None:
    """What each member adds, averaged over every order written out."""
    values = random_game(4, seed)
    added = np.zeros(4)
    for order in permutations(range(4)):
        mask = 0
        for member in order:
            added[member] += values[mask | 1 << member] - values[mask]
            mask |= 1 << member
    assert shapley(4, lambda mask: values[mask]).shares == pytest.approx(added / 24)


@pytest.mark.parametrize("members", [1, 2, 7, 12])
def test_shapley_gives_out_everything(members: int) -> None:
    """Shares sum to what all earn together."""
    values = random_game(members, members)
    assert shapley(members, lambda mask: values[mask]).shares.sum() == pytest.approx(values[-1])


def test_members_alike_get_alike_and_who_adds_nothing_beyond_its_own_gets_its_own() -> None:
    """Symmetry and the dummy: 0 and 1 can stand for each other, 3 always adds exactly 70."""

    def value(mask: int) -> float:
        pair = bool(mask & 1) + bool(mask & 2)
        return 100.0 * pair**2 + 40 * bool(mask & 4) * pair + 70 * bool(mask & 8)

    shares = shapley(4, value).shares
    assert shares[0] == pytest.approx(shares[1])
    assert shares[3] == pytest.approx(70)


def test_each_coalition_is_valued_once() -> None:
    """Values are costly: 31 coalitions of five members, 31 questions; and never the empty one."""
    asked: list[int] = []
    shapley(5, lambda mask: asked.append(mask) or float(mask))
    assert sorted(asked) == list(range(1, 32))


@pytest.mark.parametrize("seed", range(4))
def test_the_interval_of_drawn_orders_holds_the_exact_shares(seed: int) -> None:
    """Nine of ten shares at least lie inside, and the drawn ones sum up exactly."""
    values = random_game(10, seed) * (1 + np.arange(1024) / 100)
    values[0] = 0
    exact = shapley(10, lambda mask: values[mask])
    drawn = shapley(10, lambda mask: values[mask], most_exact=3, pairs=300, seed=seed)
    assert exact.is_exact
    assert not drawn.is_exact
    assert drawn.shares.sum() == pytest.approx(values[-1])
    assert ((drawn.low <= exact.shares) & (exact.shares <= drawn.high)).mean() >= 0.8
    assert drawn.coalitions.alone == pytest.approx(values[1 << np.arange(10)])
    assert not drawn.coalitions.is_complete


def test_reversed_orders_take_noise_out_of_an_additive_game_with_pairs() -> None:
    """Where what a member adds grows evenly with those before, an order and its reverse give the exact share."""
    drawn = shapley(6, lambda mask: float(mask.bit_count() ** 2), most_exact=1, pairs=2)
    assert drawn.shares == pytest.approx(np.full(6, 6.0))
    assert drawn.high - drawn.low == pytest.approx(np.zeros(6), abs=1e-9)


@pytest.mark.parametrize(
    ("members", "pairs", "worth", "message"),
    [(0, 5, 1.0, "members is 0"), (63, 5, 1.0, "members is 63"), (3, 1, 1.0, "pairs is 1"), (3, 5, np.inf, "inf")],
)
def test_senseless_games_are_refused(members: int, pairs: int, worth: float, message: str) -> None:
    """Sizes and values out of range are named."""
    with pytest.raises(ProblemError, match=message):
        shapley(members, lambda mask: worth, pairs=pairs)


@pytest.mark.parametrize("seed", range(30))
def test_the_core_check_agrees_with_a_linear_programme(seed: int) -> None:
    """A split is in the core exactly if no coalition is short; the one named is the shortest of all."""
    rng = np.random.default_rng(seed)
    values = random_game(4, seed) * 0.4
    values[-1] = 1000
    coalitions = all_coalitions(values)
    shares = rng.dirichlet(np.ones(4)) * 1000
    check = in_core(coalitions, shares)
    short = {mask: values[mask] - sum(shares[i] for i in range(4) if mask >> i & 1) for mask in range(1, 16)}
    worst = max(short, key=lambda mask: short[mask])
    assert check.is_in_core == (short[worst] <= 1e-3)
    if not check.is_in_core:
        assert sum(1 << member for member in check.coalition) == worst
        assert check.gain == pytest.approx(short[worst])


@pytest.mark.parametrize("seed", range(30))
def test_a_core_split_is_found_exactly_where_there_is_one(seed: int) -> None:
    """The sign of the unavoidable gain tells whether the core is empty, as another programme says too."""
    values = random_game(4, seed)
    values[-1] = 1400
    coalitions = all_coalitions(values)
    shares, gain = core_split(coalitions, np.full(4, 350.0))
    exists = linprog(
        np.zeros(4), A_ub=-1.0 * coalitions.joined, b_ub=-coalitions.values, A_eq=np.ones((1, 4)), b_eq=[1400],
        bounds=[(None, None)] * 4,
    )  # fmt: skip
    assert (gain <= 1e-6) == (exists.status == 0)
    assert in_core(coalitions, shares).is_in_core == (exists.status == 0)
    assert shares.sum() == pytest.approx(1400)


def test_a_split_inside_the_core_stays_as_it_is() -> None:
    """The nearest core split to one inside is that one."""
    coalitions = all_coalitions(np.array([0.0, 10, 10, 30, 10, 30, 30, 90]))
    assert core_split(coalitions, np.array([20.0, 30, 40]))[0] == pytest.approx([20, 30, 40])


@pytest.mark.parametrize("seed", range(20))
def test_owens_split_of_a_market_without_choice_is_in_the_core(seed: int) -> None:
    """Capacities priced by duals: no coalition's own capacity earns more by itself (production games)."""
    rng = np.random.default_rng(seed)
    use, fares = rng.integers(0, 3, (4, 6)).astype(float), rng.uniform(1, 9, 6)
    use[rng.integers(0, 4, 6), np.arange(6)] += 1
    capacity, owner = rng.uniform(2, 9, 4), np.array([0, 1, 2, 2])

    def earn(mask: int) -> linprog:
        own = np.where([mask >> who & 1 for who in owner], capacity, 0.0)
        return linprog(-fares, A_ub=use, b_ub=own)

    best = earn(7)
    shares = dual_split(-best.ineqlin.marginals, use @ best.x, np.eye(3)[owner], np.zeros(3))
    coalitions = all_coalitions(np.array([0.0, *(-earn(mask).fun for mask in range(1, 8))]))
    assert shares.sum() == pytest.approx(coalitions.total)
    assert in_core(coalitions, shares).is_in_core


@pytest.mark.parametrize("seed", range(50))
def test_the_floor_lifts_everybody_and_changes_no_sum(seed: int) -> None:
    """Whoever was below gets what it earns alone; the others keep theirs at least."""
    rng = np.random.default_rng(seed)
    shares = rng.normal(100, 80, 5)
    floor = rng.uniform(0, 1, 5)
    floor *= rng.uniform(0, 1) * max(1.0, shares.sum()) / floor.sum()
    lifted, who = with_floor(shares, floor)
    assert lifted.sum() == pytest.approx(shares.sum())
    assert (lifted >= floor - 1e-6).all() == (floor.sum() <= shares.sum() + 1e-6)
    assert set(who) == set(np.flatnonzero(shares < floor - 1e-6).tolist())


def test_nobody_below_the_floor_changes_nothing() -> None:
    """A split that keeps all floors comes back as it was."""
    shares = np.array([10.0, 20.0])
    assert with_floor(shares, np.array([10.0, 5.0])) == (pytest.approx(shares), ())


@pytest.mark.parametrize("seed", range(200))
def test_whole_amounts_sum_to_the_yen(seed: int) -> None:
    """Whatever the shares: large, negative, almost whole; and each stays within one of its share."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 14))
    shares = rng.normal(0, 10 ** rng.uniform(0, 9), size)
    if seed % 3 == 0:
        shares = np.round(shares) + 1e-12 * rng.normal(size=size)
    total = round(float(shares.sum()))
    amounts = whole_amounts(shares, total)
    assert int(amounts.sum()) == total
    assert (np.abs(amounts - shares) <= 1 + 1e-6 + np.abs(shares) * 1e-9).all()
