"""The booking simulation: counts are conserved, choices follow the model, policies meet the same people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solvers.errors import ProblemError
from solvers.revenue.booking_simulation import (
    BidPricePolicy,
    BookingMarket,
    BookingPolicy,
    FillPolicy,
    LiveRules,
    PricePath,
    free_rules,
    joined_bookings,
    record_bookings,
    simulate_bookings,
)

LADDER = np.array([1000.0, 1500.0, 2000.0])


def market(
    *, capacity: int = 4, per_period: float = 6.0, cancels: float = 0.2, stays_away: float = 0.1
) -> BookingMarket:
    """Return four products over two shared resources, two segments and three periods of 10, 5 and 5 days."""
    products = 4
    return BookingMarket(
        product=np.repeat(np.arange(products), len(LADDER)),
        price=np.tile(LADDER, products),
        earned=np.tile(LADDER - 100.0, products),
        use=np.array([[1, 1, 0, 2], [0, 0, 1, 0]]),
        capacity=np.array([capacity, capacity]),
        boundaries=np.array([0.0, 10.0, 15.0, 20.0]),
        arrivals=np.full((2, 3), per_period),
        appeal=np.array([[1.0, 0.5, -np.inf, 0.8], [0.2, -np.inf, 1.0, 0.0]]),
        sensitivity=np.array([0.0008, 0.0005]),
        reference=np.full(products, 1500.0),
        on_sale=np.array([[True] * 4, [True] * 4, [False, True, True, True]]),
        cancels=np.full(2, cancels),
        stays_away=np.full(2, stays_away),
        kept=np.array([2, 0]),
        walk_ins=np.array([1.0, 5.0]),
    )


def middle_prices() -> PricePath:
    """Return a path that stays in the middle of each ladder."""
    return PricePath(np.array([[1, 4, 7, 10]]))


def policies(of: BookingMarket) -> dict[str, BookingPolicy]:
    """Return one policy of each kind."""
    start = np.array([1, 4, 7, 10])
    grid = (of.periods, of.products)
    worth = tuple(
        np.outer(np.linspace(1.0, 0.0, 21), 20_000.0 * np.log1p(np.arange(units + 1))) for units in of.capacity
    )
    rules = free_rules(of)
    return {
        "path": middle_prices(),
        "fill": FillPolicy(start=start, raise_at=np.full(grid, 0.5), lower_at=np.full(grid, 0.1), rules=rules),
        "bid": BidPricePolicy(start=start, values=worth, times=np.linspace(0.0, 20.0, 21), rules=rules),
    }


@pytest.mark.parametrize("name", ["path", "fill", "bid"])
def test_no_more_is_booked_than_there_is(name: str) -> None:
    """At no time are more units taken than a resource has, and those who come are among them."""
    of = market(per_period=40.0)
    played = simulate_bookings(of, policies(of)[name], horizons=200, seed=1)
    assert (played.peak <= of.capacity).all()
    assert (played.peak.max(axis=0) == of.capacity).all()
    taken = played.sales.reshape(200, 4, 3).sum(axis=2) @ of.use.T
    assert (played.used <= taken).all()
    assert (taken <= of.capacity).all()


@pytest.mark.parametrize("name", ["path", "fill", "bid"])
def test_revenue_is_the_sum_of_kept_prices(name: str) -> None:
    """Cancelled bookings bring nothing, absent customers have paid, and every sale has its cost."""
    of = market()
    policy = policies(of)[name]
    played = simulate_bookings(of, policy, horizons=5, seed=3)
    for horizon in range(5):
        log = record_bookings(of, policy, seed=3, horizon=horizon)
        stands = np.isnan(log.cancelled_at)
        assert played.revenue[horizon] == pytest.approx((of.price - 100.0)[log.alternative[stands]].sum())
        assert np.array_equal(played.sales[horizon], np.bincount(log.alternative[stands], minlength=12))
        assert played.cancelled[horizon] == (~stands).sum()
        assert played.stayed_away[horizon] == (stands & ~log.came).sum()


def test_same_seed_gives_the_same_bookings() -> None:
    """A seed decides everything, another one something else, and pieces of a run are the run."""
    of = market()
    policy = policies(of)["bid"]
    whole = simulate_bookings(of, policy, horizons=60, seed=5)
    pieces = [simulate_bookings(of, policy, horizons=30, seed=5, first=first) for first in (0, 30)]
    joined = joined_bookings(pieces)
    assert np.array_equal(whole.sales, joined.sales)
    assert np.allclose(whole.mean_price, joined.mean_price, equal_nan=True)
    assert not np.array_equal(whole.sales, simulate_bookings(of, policy, horizons=60, seed=6).sales)


def test_expected_sales_are_those_of_the_choice_model() -> None:
    """With room for everybody, mean sales equal arrivals times choice probabilities, within four standard errors."""
    of = market(capacity=10_000, cancels=0.3)
    played = simulate_bookings(of, middle_prices(), horizons=4000, seed=7)
    weights = of.attraction[:, [1, 4, 7, 10]]
    expected = np.zeros(4)
    for period in range(3):
        offered = weights * of.on_sale[period]
        share = offered / (1.0 + offered.sum(axis=1, keepdims=True))
        expected += (of.arrivals[:, period, None] * share * 0.7).sum(axis=0)
    sales = played.sales[:, [1, 4, 7, 10]]
    error = sales.std(axis=0, ddof=1) / np.sqrt(4000)
    assert (np.abs(sales.mean(axis=0) - expected) <= 4.0 * error).all()
    assert (error < 0.05).all()


def test_policies_meet_the_same_people() -> None:
    """Prices of one product leave those alone who do not see it, and differences have little noise."""
    of = market(capacity=10_000)
    low = simulate_bookings(of, middle_prices(), horizons=300, seed=9)
    high = simulate_bookings(of, PricePath(np.array([[1, 5, 7, 10]])), horizons=300, seed=9)
    assert (high.sales[:, 5] <= low.sales[:, 4]).all()
    assert (high.sales[:, 1] >= low.sales[:, 1]).all()
    # The second segment alone sees the third product, and not the second one.
    assert np.array_equal(high.sales[:, 7], low.sales[:, 7])
    paired = (high.revenue - low.revenue).std()
    assert paired < 0.5 * (high.revenue.std() + low.revenue.std())


def test_a_cancelled_seat_is_sold_again() -> None:
    """Of a single seat every booking but the last is cancelled, and the next one comes after that."""
    of = replace(market(capacity=1, per_period=30.0, cancels=0.8), use=np.array([[1, 1, 0, 1], [0, 0, 1, 0]]))
    most = 0
    for horizon in range(5):
        log = record_bookings(of, middle_prices(), seed=11, horizon=horizon)
        first = np.isin(of.product[log.alternative], [0, 1, 3])
        taken, freed = log.time[first], log.cancelled_at[first]
        assert (freed[:-1] <= taken[1:]).all()
        most = max(most, len(taken))
    assert most >= 3


def test_people_without_a_booking_take_kept_units_only() -> None:
    """They are the same under every policy, never more than units kept, and none where nothing is kept."""
    of = market()
    each = [simulate_bookings(of, policy, horizons=400, seed=2).walk_ins for policy in policies(of).values()]
    assert np.array_equal(each[0], each[1])
    assert np.array_equal(each[0], each[2])
    assert each[0][:, 0].max() == 2
    assert each[0][:, 1].max() == 0
    # E min(Poisson(1), 2) = 2 - 3/e.
    assert each[0][:, 0].mean() == pytest.approx(2.0 - 3.0 / np.e, abs=0.15)


def test_another_sensitivity_turns_about_the_reference_price() -> None:
    """Drawn sensitivities leave sales at the reference price alone and move those above it."""
    of = market(capacity=10_000)
    drawn = np.tile(of.sensitivity * 2.0, (500, 1))
    at_reference = [
        simulate_bookings(of, middle_prices(), horizons=500, seed=4, sensitivities=given).sales
        for given in (None, drawn)
    ]
    assert np.array_equal(*at_reference)
    dear = PricePath(np.array([[2, 5, 8, 11]]))
    more, less = (
        simulate_bookings(of, dear, horizons=500, seed=4, sensitivities=given).sales.sum() for given in (None, drawn)
    )
    assert less < 0.9 * more


def restless_market() -> BookingMarket:
    """Return a market in which one price is best early, another late, and no seat runs out."""
    of = market(capacity=60, per_period=25.0)
    return replace(of, sensitivity=np.array([0.0020, 0.0018]), appeal=of.appeal + 1.0)


@pytest.mark.parametrize("name", ["fill", "bid"])
def test_no_price_falls_close_to_the_day(name: str) -> None:
    """From the day of the rule on, prices of bookings never fall; without the rule some do."""

    def falls(rules: LiveRules) -> int:
        policy = policies(of)[name]
        assert not isinstance(policy, PricePath)
        if isinstance(policy, FillPolicy):
            always_down = {"raise_at": np.full((3, 4), 2.0), "lower_at": np.full((3, 4), 1.0)}
            policy = replace(policy, start=np.array([2, 5, 8, 11]), **always_down)
        count = 0
        for horizon in range(20):
            log = record_bookings(of, replace(policy, rules=rules), seed=8, horizon=horizon)
            late = (of.product[log.alternative] == 1) & (log.time >= 5.0)
            count += int((np.diff(of.price[log.alternative[late]]) < 0).sum())
        return count

    of = restless_market()
    free = free_rules(of)
    assert falls(free) > 0
    assert falls(replace(free, no_drop_from=np.full(4, 5.0))) == 0


def test_prices_of_two_products_keep_their_distance() -> None:
    """What would be dearer stays below, what belongs together is equal, what is not allowed is never posted."""
    of = restless_market()
    bid = policies(of)["bid"]
    assert isinstance(bid, BidPricePolicy)
    free = simulate_bookings(of, bid, horizons=50, seed=8)
    assert free.mean_price[0, 3] > free.mean_price[0, 0] + 100.0
    assert free.mean_price[0, 3] > free.mean_price[0, 1] + 100.0
    rules = replace(
        free_rules(of),
        allowed=np.tile(np.array([True, True, False] + [True] * 9), (3, 1)),
        first=np.array([3]),
        second=np.array([0]),
        most=np.array([0.0]),
        block=np.array([0, 1, 2, 1]),
    )
    ruled = simulate_bookings(of, replace(bid, rules=rules), horizons=50, seed=8)
    assert (ruled.open_count[:2] == 50).all()
    assert (ruled.mean_price[:2, 3] <= ruled.mean_price[:2, 0]).all()
    assert np.array_equal(ruled.mean_price[:2, 1], ruled.mean_price[:2, 3])
    assert ruled.sales[:, 2].sum() == 0


def test_a_step_is_bounded_by_the_days_between_two_looks() -> None:
    """With 50 yen a day no step of 500 yen is possible within a day, but between two periods of ten days it is."""
    of = market(per_period=25.0)
    rules = replace(free_rules(of), largest_step=np.full(4, 50.0), may_close=np.zeros(4, np.bool_))
    every_day, slow = (replace(policies(of)[name], rules=rules) for name in ("bid", "fill"))
    assert isinstance(every_day, BidPricePolicy)
    started = simulate_bookings(of, replace(every_day, every=1.0), horizons=20, seed=8).mean_price[0]
    later = simulate_bookings(of, replace(every_day, every=1.0), horizons=20, seed=8).mean_price[1:]
    assert np.nanmax(np.abs(later - started)) == 0.0
    moved = simulate_bookings(of, slow, horizons=20, seed=8).mean_price
    assert np.nanmax(np.abs(moved[1] - moved[0])) > 0.0


def test_bid_prices_earn_more_than_one_price_where_seats_are_short() -> None:
    """Two classes of customers, the poorer ones first: keeping seats for those who come late pays."""
    of = BookingMarket(
        product=np.zeros(2, np.int64),
        price=np.array([1000.0, 3000.0]),
        earned=np.array([1000.0, 3000.0]),
        use=np.ones((1, 1), np.int64),
        capacity=np.array([5]),
        boundaries=np.array([0.0, 10.0, 20.0]),
        arrivals=np.array([[20.0, 0.0], [0.0, 6.0]]),
        appeal=np.array([[6.0], [10.0]]),
        sensitivity=np.array([0.004, 0.002]),
        reference=np.array([1000.0]),
        on_sale=np.ones((2, 1), np.bool_),
        cancels=np.zeros(2),
        stays_away=np.zeros(2),
        kept=np.zeros(1, np.int64),
        walk_ins=np.zeros(1),
    )
    # Late customers pay 3,000 almost surely and about six come: a seat is worth that times the chance it is asked for.
    worth_early = np.array([0.0, 2980.0, 5900.0, 8600.0, 11000.0, 12900.0])
    values = (np.vstack([worth_early, worth_early, np.zeros(6)]),)
    bid = BidPricePolicy(
        start=np.zeros(1, np.int64), values=values, times=np.array([0.0, 10.0, 20.0]), rules=free_rules(of)
    )
    live = simulate_bookings(of, bid, horizons=500, seed=1).revenue.mean()
    fixed = [simulate_bookings(of, PricePath(np.array([[at]])), horizons=500, seed=1).revenue.mean() for at in (0, 1)]
    assert live >= max(fixed)
    assert live > 1.5 * fixed[0]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"capacity": np.array([-1, 4])}, "capacity"),
        ({"boundaries": np.array([0.0, 10.0, 10.0, 20.0])}, "boundaries"),
        ({"price": np.tile(LADDER[::-1], 4)}, "price"),
        ({"cancels": np.array([0.2, 1.2])}, "cancels"),
        ({"product": np.zeros(12, np.int64)}, "product"),
        ({"on_sale": np.ones((2, 4), np.bool_)}, "on_sale"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(change: dict[str, object], name: str) -> None:
    """Each fault names its field."""
    with pytest.raises(ProblemError, match=name):
        replace(market(), **change)  # type: ignore[arg-type]


def test_policies_that_do_not_fit_are_refused() -> None:
    """A path with another product's price, values of another size, and no horizons at all."""
    of = market()
    bid = policies(of)["bid"]
    assert isinstance(bid, BidPricePolicy)
    with pytest.raises(ProblemError, match="posted"):
        simulate_bookings(of, PricePath(np.array([[1, 1, 7, 10]])), horizons=1, seed=0)
    with pytest.raises(ProblemError, match=r"values\[1\]"):
        simulate_bookings(of, replace(bid, values=(bid.values[0], bid.values[1][:-1])), horizons=1, seed=0)
    with pytest.raises(ProblemError, match=r"values\[0\].* or fewer columns"):
        simulate_bookings(of, replace(bid, values=(np.zeros((2, 9)), bid.values[1])), horizons=1, seed=0)
    with pytest.raises(ProblemError, match="horizons"):
        simulate_bookings(of, bid, horizons=0, seed=0)
