"""Small markets that can be solved by enumeration."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from solvers.revenue.problem import ChoiceProblem, RequestProblem

RequestMaker = Callable[[int], RequestProblem]
ChoiceMaker = Callable[[int], ChoiceProblem]


@pytest.fixture(scope="session")
def small_requests() -> RequestMaker:
    """Return a maker of problems with three resources, some requests for two units, and more demand than room."""

    def make(seed: int) -> RequestProblem:
        draw = np.random.default_rng(seed)
        resources, products, periods = 3, 7, 25
        use = (draw.random((resources, products)) < 0.5) * draw.integers(1, 3, (resources, products))
        return RequestProblem(
            fare=draw.integers(10, 100, products).astype(np.float64),
            use=use.astype(np.int64),
            capacity=draw.integers(2, 6, resources),
            probability=draw.dirichlet(np.ones(products + 1), periods)[:, :products],
        )

    return make


@pytest.fixture(scope="session")
def one_resource() -> RequestProblem:
    """Return a single resource of five seats with three fares: every decomposition is exact."""
    periods = np.arange(30)
    return RequestProblem(
        fare=np.array([40.0, 70.0, 120.0]),
        use=np.array([[1, 1, 1]]),
        capacity=np.array([5]),
        probability=np.stack([0.3 - 0.008 * periods, np.full(30, 0.15), 0.004 * periods], axis=1),
    )


@pytest.fixture(scope="session")
def small_choices() -> ChoiceMaker:
    """Return a maker of markets with three products at two prices, two segments that overlap, and two resources."""

    def make(seed: int) -> ChoiceProblem:
        draw = np.random.default_rng(seed)
        product = np.repeat(np.arange(3), 2)
        usual = draw.integers(20, 60, 3) * 100.0
        price = (usual[:, None] * np.array([0.6, 1.4])).ravel()
        sensitivity = draw.uniform(0.0006, 0.002, 2)
        liking = draw.normal(1.0, 1.0, (2, 3))
        return ChoiceProblem(
            product=product,
            price=price,
            use=np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 2.0]]) if seed % 2 else np.eye(3)[:2],
            capacity=np.array([3.0, 4.0]),
            arrivals=np.array([[4.0, 2.0], [1.0, 5.0]]),
            attraction=np.exp(liking[:, product] - sensitivity[:, None] * (price - usual[product])),
            no_purchase=np.array([2.0, 1.0]),
        )

    return make
