"""Values of capacity where customers choose, and the prices that follow from them."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
import pytest

from solvers.errors import ProblemError, TooManyUnitsError
from solvers.revenue import choice_decomposition
from solvers.revenue.choice_based import choice_based
from solvers.revenue.choice_decomposition import LiveValues, bid_prices, live_values, offer_at
from solvers.revenue.exact import optimal_choice_values
from solvers.revenue.problem import CLOSED, ChoiceProblem

STEPS = 100


@pytest.mark.parametrize("seed", range(6))
def test_bound_holds_for_any_duals(small_choices: Callable[[int], ChoiceProblem], seed: int) -> None:
    """The best offers of customers who come one by one earn no more, be the duals solved for, nought, or drawn."""
    problem = small_choices(seed)
    best = optimal_choice_values(problem, steps=400)[0, 3, 4]
    drawn = np.random.default_rng(seed).uniform(0.0, 3000.0, 2)
    for duals in (None, np.zeros(2), drawn):
        assert best <= live_values(problem, duals=duals).bound


@pytest.mark.parametrize("seed", range(6))
def test_bound_is_never_above_that_of_the_linear_program(
    small_choices: Callable[[int], ChoiceProblem], seed: int
) -> None:
    """Its bound is known by then, and one segment alone leaves less."""
    problem = small_choices(seed)
    assert live_values(problem).bound <= choice_based(problem).bound * (1 + 1e-3)


@pytest.mark.parametrize("seed", range(3))
def test_posted_prices_earn_nearly_the_best(small_choices: Callable[[int], ChoiceProblem], seed: int) -> None:
    """Looked at twenty times, the live policy reaches 96 % of the enumerated optimum, and not more than it."""
    problem = small_choices(seed)
    values = live_values(problem)
    best = optimal_choice_values(problem, steps=STEPS)[0, 3, 4]
    earned = _revenue_of(problem, values)
    assert 0.96 * best < earned <= best * (1 + 1e-9)


def test_one_product_is_valued_exactly() -> None:
    """One resource and one segment: values agree with enumeration in fine steps to 0.1 %."""
    problem = ChoiceProblem(
        product=np.array([0, 0, 0]),
        price=np.array([1000.0, 1500.0, 2200.0]),
        use=np.array([[1.0]]),
        capacity=np.array([4.0]),
        arrivals=np.array([[5.0, 7.0]]),
        attraction=np.array([[3.0, 2.0, 1.0]]),
        no_purchase=np.array([1.5]),
    )
    values = live_values(problem)
    exact = optimal_choice_values(problem, steps=2_000)
    assert values.values[0][0] == pytest.approx(exact[0], rel=1e-3)
    assert values.values[0][120] == pytest.approx(exact[2_000], rel=1e-3)
    assert values.times[120] == 1.0
    assert values.bound == pytest.approx(values.values[0][0, 4])


def test_bid_prices_rise_as_seats_go(small_choices: Callable[[int], ChoiceProblem]) -> None:
    """And what does not fit costs infinitely much."""
    problem = small_choices(1)
    values = live_values(problem)
    many, few, none = (bid_prices(problem, values, at=0.3, left=np.array(left)) for left in ([3, 4], [1, 2], [1, 1]))
    assert (few >= many).all()
    assert few[1] > many[1]
    assert np.isinf(none[2])
    assert np.isfinite(none[:2]).all()


def test_between_rows_bid_prices_are_interpolated(small_choices: Callable[[int], ChoiceProblem]) -> None:
    """Half-way between two rows lies half-way between their prices; the ends of the horizon are included."""
    problem = small_choices(0)
    values = live_values(problem)
    left = np.array([2, 2])
    start, middle, end = (
        bid_prices(problem, values, at=at, left=left)
        for at in (values.times[3], values.times[3:5].mean(), values.times[4])
    )
    assert middle == pytest.approx((start + end) / 2)
    assert bid_prices(problem, values, at=2.0, left=left) == pytest.approx(np.zeros(3))


def test_offers_keep_to_what_fits_and_is_on_sale(small_choices: Callable[[int], ChoiceProblem]) -> None:
    """Sold out, not on sale, or not allowed: closed; else an alternative of the product itself."""
    problem = small_choices(1)
    values = live_values(problem)
    posted = offer_at(problem, values, at=0.0, left=np.array([3, 1]))
    assert posted[2] == CLOSED
    assert (problem.product[posted[posted >= 0]] == np.flatnonzero(posted >= 0)).all()
    dear_only = np.tile([False, True] * 3, (2, 1))
    posted = offer_at(problem, values, at=1.5, left=np.array([3, 4]), allowed=dear_only)
    assert set(posted.tolist()) <= {CLOSED, 1, 3, 5}
    assert (posted >= 0).any()


def test_segments_apart_are_valued_as_if_alone() -> None:
    """Two markets that share nothing: the values of one do not depend on the other, but for what it earns itself."""
    alone = ChoiceProblem(
        product=np.array([0, 0]),
        price=np.array([1000.0, 1800.0]),
        use=np.array([[1.0]]),
        capacity=np.array([3.0]),
        arrivals=np.array([[6.0]]),
        attraction=np.array([[2.0, 1.0]]),
        no_purchase=np.array([1.0]),
    )
    both = ChoiceProblem(
        product=np.array([0, 0, 1, 1]),
        price=np.array([1000.0, 1800.0, 700.0, 900.0]),
        use=np.eye(2),
        capacity=np.array([3.0, 3.0]),
        arrivals=np.array([[6.0], [9.0]]),
        attraction=np.array([[2.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.8]]),
        no_purchase=np.ones(2),
    )
    one, two = live_values(alone), live_values(both)
    assert np.diff(two.values[0], axis=1) == pytest.approx(np.diff(one.values[0], axis=1), abs=1e-6)


def test_duals_that_do_not_belong_are_refused(small_choices: Callable[[int], ChoiceProblem]) -> None:
    """Too many, negative, or no numbers."""
    for duals in (np.zeros(3), np.array([-1.0, 0.0]), np.array([np.nan, 0.0])):
        with pytest.raises(ProblemError, match="one per resource"):
            live_values(small_choices(0), duals=duals)


def _revenue_of(problem: ChoiceProblem, values: LiveValues) -> float:
    """Return the expected revenue of prices that are looked at ten times a period, by recursion over all states."""
    shape = tuple(int(units) + 1 for units in problem.capacity)

    @functools.cache
    def posted_at(look: float, state: tuple[int, ...]) -> list[int]:
        posted = offer_at(problem, values, at=look, left=np.array(state))
        return [int(alternative) for alternative in posted[posted >= 0]]

    expected = np.zeros(shape)
    for step in range(problem.periods * STEPS - 1, -1, -1):
        period = step // STEPS
        look = step - step % (STEPS // 10)
        later, expected = expected, expected.copy()
        for state in np.ndindex(*shape):
            # Posted at the look, for a state reached since then: what no longer fits is closed.
            posted = posted_at(look / STEPS, state)
            weight = problem.attraction[:, posted]
            chance = problem.arrivals[:, period] @ (weight / (problem.no_purchase + weight.sum(axis=1))[:, None])
            for alternative, share in zip(posted, chance / STEPS, strict=True):
                after = tuple(np.array(state) - problem.use[:, problem.product[alternative]].astype(int))
                expected[state] += share * (problem.price[alternative] + later[after] - later[state])
    return float(expected[shape[0] - 1, shape[1] - 1])


def _crowd(units: float, customers: float) -> ChoiceProblem:
    """Return one product at two prices, and customers of whom most buy."""
    return ChoiceProblem(
        product=np.array([0, 0]),
        price=np.array([1000.0, 1800.0]),
        use=np.array([[1.0]]),
        capacity=np.array([units]),
        arrivals=np.array([[customers / 4, customers * 3 / 4]]),
        attraction=np.array([[3.0, 2.0]]),
        no_purchase=np.array([1.0]),
    )


def test_units_that_nobody_could_ever_ask_for_are_worth_nothing() -> None:
    """Of ten million as many are valued as thirty customers could take: the same as those of a capacity in reach."""
    hall, room = _crowd(1e7, 30.0), _crowd(60.0, 30.0)
    values, near = live_values(hall, duals=np.zeros(1)), live_values(room, duals=np.zeros(1))
    assert values.values[0].shape[1] < 120
    assert (values.values[0][:, :61] == near.values[0]).all()
    assert near.bound == pytest.approx(values.bound, rel=1e-12)
    assert bid_prices(hall, values, at=0.0, left=np.array([9_000_000])) == pytest.approx(np.zeros(1))
    last = bid_prices(hall, values, at=0.0, left=np.array([5]))
    assert last == pytest.approx(bid_prices(room, near, at=0.0, left=np.array([5])), rel=1e-12)


def test_coarser_steps_of_large_programs_change_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """With 200 units, the coarsest steps are within a thousandth of the fine ones, and never below them."""
    fine = live_values(_crowd(200.0, 400.0), duals=np.zeros(1))
    monkeypatch.setattr(choice_decomposition, "_QUICK", 1.0)
    coarse = live_values(_crowd(200.0, 400.0), duals=np.zeros(1))
    assert fine.bound <= coarse.bound <= fine.bound * 1.001


def test_units_and_customers_that_are_both_too_many_are_refused() -> None:
    """Rather than filling the memory, or computing for days."""
    with pytest.raises(TooManyUnitsError, match="units are too many"):
        live_values(_crowd(1e7, 1e7), duals=np.zeros(1))


def test_nobody_comes_and_no_unit_is_worth_anything() -> None:
    """Nor is anything posted for a reason; what is posted costs nothing."""
    problem = _crowd(5.0, 0.0)
    values = live_values(problem)
    assert values.bound == 0.0
    assert not values.values[0].any()
    assert bid_prices(problem, values, at=0.5, left=np.array([2])) == pytest.approx(np.zeros(1))


def test_a_favourite_beside_which_nothing_counts_has_a_worth() -> None:
    """Two segments, of which each would buy at any price: three units are worth three times the highest."""
    problem = ChoiceProblem(
        product=np.array([0, 0, 1]),
        price=np.array([1000.0, 1800.0, 300.0]),
        use=np.array([[1.0, 1.0]]),
        capacity=np.array([3.0]),
        arrivals=np.array([[30.0], [40.0]]),
        attraction=np.exp(np.array([[100.0, 99.0, 1.0], [90.0, 88.0, 0.0]])),
        no_purchase=np.ones(2),
    )
    for values in (live_values(problem), live_values(problem, duals=np.zeros(1))):
        assert values.values[0][0, 3] == pytest.approx(3 * 1800.0, rel=1e-6)
