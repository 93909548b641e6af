"""Made-up packing problems of the shapes that trips, days and prices have; the same seed makes the same instance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from solvers.qubo.problem import PackingProblem

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROUTE_DAYS: Final = (2, 3, 4, 5)
"""Days of the trip, in turn from seed to seed."""

REGION_KM: Final = 40.0
MINUTES_PER_KM: Final = 1.5
FIRST_SLOT: Final = 9 * 60
LAST_SLOT: Final = 18 * 60
SLOT_MINUTES: Final = 30
LEVELS: Final = 5
"""Prices of a product other than today's."""


@dataclass(frozen=True, slots=True)
class Instance:
    """
    Hold a packing problem and where it came from.

    Parameters
    ----------
    model
        ``A`` routes of a pool, ``B`` one day by slots, ``C`` prices.
    seed
        It was drawn from.
    problem
        The problem.
    """

    model: str
    seed: int
    problem: PackingProblem

    @property
    def name(self) -> str:
        """Return model, size and seed in one word."""
        return f"{self.model}-{self.problem.items}-{self.seed}"


@dataclass(frozen=True, slots=True)
class Shape:
    """
    Hold one kind of instance.

    Parameters
    ----------
    model, items
        As of `Instance`.
    """

    model: str
    items: int

    @property
    def name(self) -> str:
        """Return model and size in one word."""
        return f"{self.model}-{self.items}"


SHAPES: Final = (
    Shape("A", 100),
    Shape("A", 500),
    Shape("A", 2000),
    Shape("B", 142),
    Shape("B", 253),
    Shape("C", 200),
    Shape("C", 1000),
)


def make_instance(shape: Shape, seed: int) -> Instance:
    """Return the instance of a shape that a seed, 1 or more, draws."""
    rng = np.random.default_rng([seed, shape.items, ord(shape.model)])
    if shape.model == "A":
        return Instance(shape.model, seed, route_pool(shape.items, ROUTE_DAYS[seed % len(ROUTE_DAYS)], rng))
    make = {"B": day_by_slots, "C": price_levels}[shape.model]
    return Instance(shape.model, seed, make(shape.items, rng))


def packing_problem(
    value: NDArray[np.int64], group: NDArray[np.int64], reward: NDArray[np.int64], conflict: NDArray[np.bool_]
) -> PackingProblem:
    """
    Return the problem of dense tables.

    Parameters
    ----------
    value, group
        As of `PackingProblem`.
    reward, conflict
        Shape ``(n, n)``, symmetric; what they say of pairs in one group, and of rewards in conflict, is left out.
    """
    apart = np.triu(group[:, None] != group[None, :])
    clash = apart & conflict
    earned = apart & ~conflict & (reward != 0)
    first, second = np.nonzero(earned)
    return PackingProblem(
        value,
        group,
        np.column_stack([first, second]).astype(np.int64),
        reward[first, second].astype(np.int64),
        np.column_stack(np.nonzero(clash)).astype(np.int64),
    )


def route_pool(items: int, days: int, rng: np.random.Generator) -> PackingProblem:
    """
    Return a pool of day-routes over the assets of one region (model A).

    Routes keep to a neighbourhood, as day trips do: three in four stops lie near the first. The value is the sum of the
    assets' scores less the way; some pairs of assets are combinations, earned inside a route or across two days. With
    some seven stops of 60 to 120 assets, about seven in ten pairs of routes are coupled, more of fewer days.
    """
    assets = 60 if items < 300 else 80 if items < 1000 else 120
    place = rng.uniform(0, REGION_KM, (assets, 2))
    score = rng.integers(40, 200, assets)
    visits = np.zeros((0, assets), np.bool_)
    day = np.zeros(0, np.int64)
    while len(visits) < items:
        drawn = np.array([_route(place, rng) for _ in range(items)])
        both = np.column_stack([np.concatenate([day, np.arange(items) % days]), np.concatenate([visits, drawn])])
        _, first = np.unique(both, axis=0, return_index=True)
        kept = np.sort(first)[:items]
        day, visits = both[kept, 0].astype(np.int64), both[kept, 1:].astype(np.bool_)
    order = np.argsort(day, kind="stable")
    day, visits = day[order], visits[order]
    combinations = rng.permutation(assets)[: assets // 2].reshape(2, -1)
    bonus = rng.integers(30, 120, combinations.shape[1])
    left, right = visits[:, combinations[0]], visits[:, combinations[1]]
    own = left & right
    across = (left & ~own).astype(np.int64) @ ((right & ~own) * bonus).T
    spread = np.array([np.ptp(place[row], axis=0).sum() for row in visits])
    value = visits @ score + own @ bonus - (4 * spread).astype(np.int64)
    shared = (visits.astype(np.float32) @ visits.T.astype(np.float32)) > 0
    return packing_problem(value.astype(np.int64), day, across + across.T, shared)


def _route(place: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return which assets one route visits."""
    stops = int(rng.integers(5, 10))
    away = ((place - place[rng.integers(len(place))]) ** 2).sum(axis=1)
    likely = np.exp(-away / (2 * (REGION_KM / 4) ** 2)) + 0.05
    taken = np.zeros(len(place), np.bool_)
    taken[rng.choice(len(place), stops, replace=False, p=likely / likely.sum())] = True
    return taken


def day_by_slots(items: int, rng: np.random.Generator) -> PackingProblem:
    """
    Return one day as starts of visits (model B).

    Each place has opening hours and a duration; an item is a start on the half hour. Two items conflict where neither
    place can be reached from the other in time. Combinations of places are rewarded whenever both are seen.
    """
    places = round(items / 12) + 2
    start = np.zeros(0, np.int64)
    while len(start) < items:
        place = rng.uniform(0, REGION_KM / 2, (places, 2))
        duration = rng.integers(2, 7, places) * 15
        opens = rng.integers(FIRST_SLOT // 30, 12 * 2 + 1, places) * 30
        closes = rng.integers(14 * 2, LAST_SLOT // 30 + 1, places) * 30
        slots = [np.arange(opens[at], closes[at] - duration[at] + 1, SLOT_MINUTES) for at in range(places)]
        asset = np.repeat(np.arange(places), [len(each) for each in slots])
        start = np.concatenate(slots)
    # Some starts are sold out: as many as leave the size asked for, and one start of each place stays.
    first = np.unique(asset, return_index=True)[1]
    others = np.setdiff1d(np.arange(len(start)), first)
    kept = np.sort(np.concatenate([first, rng.choice(others, items - places, replace=False)]))
    asset, start = asset[kept], start[kept].astype(np.int64)
    away = np.sqrt(((place[:, None] - place[None, :]) ** 2).sum(axis=2))
    minutes = np.ceil(MINUTES_PER_KM * away).astype(np.int64)[asset[:, None], asset[None, :]]
    follows = start[:, None] + duration[asset][:, None] + minutes <= start[None, :]
    likes = np.triu(rng.random((places, places)) < 0.15, 1) * rng.integers(20, 80, (places, places))
    bonus = (likes + likes.T)[asset[:, None], asset[None, :]]
    score = rng.integers(40, 200, places)[asset] - rng.integers(0, 20, items)
    return packing_problem(score.astype(np.int64), asset.astype(np.int64), bonus, ~(follows | follows.T))


def price_levels(items: int, rng: np.random.Generator) -> PackingProblem:
    """
    Return a price plan under additive demand (model C).

    A product sells ``d0 (m_k + sum_j gamma_j (m_jl - 1))`` at its level k, where ``m_k`` is its own response. Products
    of one kind are substitutes (negative gamma), a few pairs of others complements. Today's price is the choice of
    none; value and rewards are exact differences to today's revenue, in yen.
    """
    products = items // LEVELS
    today = rng.integers(10, 60, products) * 100.0
    demand = rng.uniform(20, 200, products)
    factor = np.array([0.8, 0.9, 1.1, 1.2, 1.3])
    elasticity = rng.uniform(0.6, 1.8, products)
    response = factor[None, :] ** -elasticity[:, None] - 1
    kind = rng.integers(0, max(2, products // 12), products)
    is_alike = kind[:, None] == kind[None, :]
    cross = np.where(is_alike, -rng.uniform(0.0, 0.12, (products, products)), 0.0)
    cross += np.where(~is_alike & (rng.random((products, products)) < 0.04), rng.uniform(0, 0.15, cross.shape), 0.0)
    np.fill_diagonal(cross, 0.0)
    dearer = today[:, None] * (factor[None, :] - 1)
    own = (today[:, None] * factor[None, :] * (1 + response) - today[:, None]) * demand[:, None]
    value = own + ((today * demand) @ cross)[:, None] * response
    # dearer_ik d0_i gamma_ij (m_jl - 1), as (i, k, j, l); the other direction is its transpose.
    way = (dearer * demand[:, None])[:, :, None, None] * cross[:, None, :, None] * response[None, None, :, :]
    table = way.reshape(items, items)
    group = np.repeat(np.arange(products), LEVELS)
    reward = np.rint(table + table.T).astype(np.int64)
    return packing_problem(np.rint(value).astype(np.int64).ravel(), group, reward, np.zeros((items, items), np.bool_))
