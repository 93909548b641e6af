"""Tiny random markets, small enough to try everything."""

from __future__ import annotations

import numpy as np

from solvers.revenue.problem import ChoiceProblem, PriceRules


def tiny_market(
    seed: int,
    *,
    products: int = 3,
    levels: int = 2,
    segments: int = 2,
    periods: int = 2,
    load: float = 1.5,
    masks: bool = False,
    sees_all: bool = True,
) -> ChoiceProblem:
    """Return a market whose customers want `load` times what there is, roughly."""
    random = np.random.default_rng(seed)
    product = np.repeat(np.arange(products), levels)
    price = np.round(random.uniform(5, 40, products)[product] * np.tile(1 + 0.4 * np.arange(levels), products), 1)
    attraction = np.exp(random.normal(1.5, 0.7, (segments, products)))[:, product]
    attraction *= np.exp(-random.uniform(0.02, 0.12, (segments, 1)) * price)
    if not sees_all:
        attraction[np.arange(products)[product][None, :] % segments != np.arange(segments)[:, None]] = 0.0
    use = np.zeros((2, products))
    use[np.arange(products) % 2, np.arange(products)] = 1.0
    use[0, products - 1] = 1.0
    arrivals = random.uniform(0, 10, (segments, periods))
    capacity = np.array([0.6, 0.4]) * arrivals.sum() / load * random.uniform(0.5, 1.2, 2)
    on_sale = random.random((periods, products)) < 0.8 if masks else np.zeros((0, 0), np.bool_)
    if masks:
        on_sale[-1, 0] = False
    no_purchase = random.uniform(0.5, 3.0, segments)
    return ChoiceProblem(product, price, use, capacity, arrivals, attraction, no_purchase, on_sale)


def step_rules(problem: ChoiceProblem, phases: int, step: float) -> PriceRules:
    """Keep every product open, and its prices of neighbouring phases within `step` of each other."""
    row, phase, alternative, coefficient, lower, upper = [], [], [], [], [], []
    for product in range(problem.products):
        own = np.flatnonzero(problem.product == product)
        for later in range(phases):
            for index in own:
                row.append(len(lower))
                phase.append(later)
                alternative.append(index)
                coefficient.append(1.0)
            lower.append(1.0)
            upper.append(1.0)
            if later:
                for which, sign in ((later, 1.0), (later - 1, -1.0)):
                    for index in own:
                        row.append(len(lower))
                        phase.append(which)
                        alternative.append(index)
                        coefficient.append(sign * problem.price[index])
                lower.append(-step)
                upper.append(step)
    return PriceRules(
        np.array(row, np.int64),
        np.array(phase, np.int64),
        np.array(alternative, np.int64),
        np.array(coefficient, np.float64),
        np.array(lower, np.float64),
        np.array(upper, np.float64),
    )


def equal_levels(problem: ChoiceProblem, left: int, right: int, phases: int) -> PriceRules:
    """Post the same rung of two ladders in every phase, or close both."""
    row, phase, alternative, coefficient = [], [], [], []
    ladders = [np.flatnonzero(problem.product == product) for product in (left, right)]
    pairs = [(which, rung) for which in range(phases) for rung in range(len(ladders[0]))]
    for number, (which, rung) in enumerate(pairs):
        for ladder, sign in zip(ladders, (1.0, -1.0), strict=True):
            row.append(number)
            phase.append(which)
            alternative.append(ladder[rung])
            coefficient.append(sign)
    zeros = np.zeros(len(pairs))
    return PriceRules(
        np.array(row, np.int64),
        np.array(phase, np.int64),
        np.array(alternative, np.int64),
        np.array(coefficient, np.float64),
        zeros,
        zeros.copy(),
    )


def joined(first: PriceRules, second: PriceRules) -> PriceRules:
    """Demand both."""
    return PriceRules(
        np.concatenate([first.row, second.row + len(first)]),
        np.concatenate([first.phase, second.phase]),
        np.concatenate([first.alternative, second.alternative]),
        np.concatenate([first.coefficient, second.coefficient]),
        np.concatenate([first.lower, second.lower]),
        np.concatenate([first.upper, second.upper]),
    )
