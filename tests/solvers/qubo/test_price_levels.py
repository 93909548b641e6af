"""The price model of customers who choose: what it says of one price and of two is exact, and rules become its own."""

from __future__ import annotations

from dataclasses import replace
from itertools import product as every
from typing import Any

import numpy as np
import pytest
from tiny_markets import equal_levels, step_rules, tiny_market

from solvers.errors import ProblemError, SolutionError
from solvers.qubo.enumeration import enumerate_packing
from solvers.qubo.judging import keeps_rules, values_of
from solvers.qubo.price_levels import PriceModel, price_model
from solvers.qubo.validation import validate
from solvers.revenue._rows import keeps, lay_out_rows
from solvers.revenue.problem import CLOSED, ChoiceProblem, PriceRules

_FINE = 1e-6
"""A unit so small that rounding is out of the way."""


def _today(problem: ChoiceProblem, rung: int = 0) -> np.ndarray:
    return np.array([np.flatnonzero(problem.product == own)[rung] for own in range(problem.products)])


def _earned(problem: ChoiceProblem, posted: np.ndarray, bid_prices: np.ndarray) -> float:
    """Return revenue net of bid prices, customer by customer from the definition of the choice."""
    total = 0.0
    for period in range(problem.periods):
        for segment in range(problem.segments):
            open_ = [at for at in posted[period] if at != CLOSED]
            weights = problem.attraction[segment, open_]
            shares = weights / (problem.no_purchase[segment] + weights.sum())
            worth = [problem.price[at] - bid_prices @ problem.use[:, problem.product[at]] for at in open_]
            total += problem.arrivals[segment, period] * float(shares @ worth)
    return total


def _choices(model: PriceModel) -> np.ndarray:
    """Return every choice of at most one item per group, ``(S, n)``."""
    group = model.packing.group
    sides = [[None, *np.flatnonzero(group == name)] for name in range(model.packing.groups)]
    states = []
    for picked in every(*sides):
        state = np.zeros(len(group), np.bool_)
        state[[item for item in picked if item is not None]] = True
        states.append(state)
    return np.array(states)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("phases", [1, 2])
def test_one_price_and_two_are_exact_and_more_are_near(seed: int, phases: int) -> None:
    """The model equals the revenue of one or two new prices of a phase, and misses little of that of all."""
    problem = tiny_market(seed, levels=3, masks=True)
    bid_prices = np.array([1.5, 0.5])
    phase_of = np.arange(2) if phases == 2 else np.zeros(2, np.int64)
    model = price_model(
        problem, _today(problem, 1), bid_prices=bid_prices, phase_of_period=phase_of, unit=_FINE, prunes=False
    )
    states = _choices(model)
    values = values_of(model.packing, states) * _FINE
    assert model.base_worth == pytest.approx(_earned(problem, model.posted_of(states[0]), bid_prices))
    for state, value in zip(states, values, strict=True):
        gain = _earned(problem, model.posted_of(state), bid_prices) - model.base_worth
        in_phase = np.bincount(model.phase[state], minlength=1)
        if in_phase.max() <= 2:
            assert value == pytest.approx(gain, abs=model.rounding)
        else:
            assert abs(value - gain) <= 0.02 * model.base_worth


def test_best_choice_is_the_best_posting_within_the_model() -> None:
    """With two products the model is the market: its optimum is the best of all postings."""
    for seed in range(5):
        problem = tiny_market(seed, products=2, levels=4)
        model = price_model(problem, _today(problem), unit=_FINE)
        found = enumerate_packing(model.packing)
        ladders = [np.flatnonzero(problem.product == own) for own in range(2)]
        best = max(_earned(problem, np.array([prices] * 2), np.zeros(2)) for prices in every(*ladders))
        assert _earned(problem, model.posted_of(found.chosen), np.zeros(2)) == pytest.approx(best)
        assert model.base_worth + found.value * _FINE == pytest.approx(best, abs=1e-4)


def _joined(*several: PriceRules) -> PriceRules:
    """Return all rows of several rules."""
    rows = np.cumsum([0, *(len(rules) for rules in several)])
    return PriceRules(
        row=np.concatenate([rules.row + start for rules, start in zip(several, rows, strict=False)]),
        **{
            name: np.concatenate([getattr(rules, name) for rules in several])
            for name in ("phase", "alternative", "coefficient", "lower", "upper")
        },
    )


@pytest.mark.parametrize("seed", range(6))
def test_rules_over_two_prices_hold_in_every_best_choice(seed: int) -> None:
    """A choice that keeps the rules is worth what it is worth without them; one that breaks them is never best."""
    problem = tiny_market(seed, levels=3)
    rules = _joined(step_rules(problem, 2, 5.0), equal_levels(problem, 0, 1, 2))
    rows = lay_out_rows(problem, rules, 2)
    today, phase_of = _today(problem, 1), np.arange(2)
    free = price_model(problem, today, phase_of_period=phase_of, unit=_FINE, prunes=False)
    model = price_model(problem, today, phase_of_period=phase_of, rules=rules, unit=_FINE, prunes=False)
    validate(model.packing)
    assert model.left_out == 0
    assert np.array_equal(model.base, free.base)
    states = _choices(model)
    values = values_of(model.packing, states)
    is_kept = np.array([keeps(rows, model.posted_of(state)) for state in states])
    assert keeps_rules(model.packing, states[is_kept]).all()
    free_states = np.array([free.chosen_of(model.posted_of(state)) for state in states[is_kept]])
    assert np.array_equal(values[is_kept], values_of(free.packing, free_states))
    breaks = ~is_kept & keeps_rules(model.packing, states)
    assert breaks.any()
    assert values[breaks].max() < values[is_kept].max()
    assert is_kept.sum() == sum(keeps(rows, free.posted_of(state)) for state in _choices(free))
    pruned = price_model(problem, today, phase_of_period=phase_of, rules=rules, unit=_FINE).packing
    assert enumerate_packing(pruned).value == values[is_kept].max()


def test_one_price_over_the_horizon_keeps_rules_between_periods() -> None:
    """With one phase, steps between periods ask nothing, and each period has the same price."""
    problem = tiny_market(3, levels=3)
    model = price_model(problem, _today(problem), rules=step_rules(problem, 2, 0.0), prunes=False)
    assert model.packing.items == 6
    assert not len(model.packing.conflict)
    posted = model.posted_of(np.ones(6, np.bool_) & (np.arange(6) % 2 == 0))
    assert np.array_equal(posted[0], posted[1])


def test_rules_over_three_prices_are_counted_as_left_out() -> None:
    """A sum over three products that some prices exceed is no pair; the model says that it does not know it."""
    problem = tiny_market(0, products=3, levels=2)
    total = PriceRules(
        row=np.zeros(6, np.int64),
        phase=np.zeros(6, np.int64),
        alternative=np.arange(6),
        coefficient=np.tile([0.0, 1.0], 3),
        lower=np.array([-np.inf]),
        upper=np.array([2.0]),
    )
    assert price_model(problem, _today(problem), rules=total).left_out == 1
    assert price_model(problem, _today(problem), rules=replace(total, upper=np.array([3.0]))).left_out == 0


def test_base_is_the_nearest_price_that_keeps_the_rules() -> None:
    """Where today's price is forbidden the base moves to the next, and a new product begins in the middle."""
    problem = tiny_market(1, products=2, levels=3)
    no_lowest = PriceRules(
        row=np.zeros(2, np.int64),
        phase=np.arange(2),
        alternative=np.zeros(2, np.int64),
        coefficient=np.ones(2),
        lower=np.array([0.0]),
        upper=np.array([0.0]),
    )
    model = price_model(problem, np.array([0, CLOSED]), rules=no_lowest)
    assert model.base.tolist() == [[1, 4]]
    assert 0 not in model.alternative


def test_closing_is_a_level_where_it_is_asked_for() -> None:
    """A product that drives customers of a dearer one away is taken off sale, if it may be."""
    problem = ChoiceProblem(
        product=np.array([0, 1]),
        price=np.array([10.0, 1000.0]),
        use=np.zeros((1, 2)),
        capacity=np.ones(1),
        arrivals=np.array([[10.0]]),
        attraction=np.array([[5.0, 5.0]]),
        no_purchase=np.ones(1),
    )
    assert price_model(problem, np.array([0, 1])).packing.items == 0
    model = price_model(problem, np.array([0, 1]), may_close=True)
    best = enumerate_packing(model.packing).chosen
    assert model.posted_of(best).tolist() == [[CLOSED, 1]]


def test_prices_outside_the_model_are_refused_on_the_way_back() -> None:
    """`chosen_of` is the inverse of `posted_of`, and refuses what no item stands for."""
    problem = tiny_market(2, levels=3)
    model = price_model(problem, _today(problem), prunes=False)
    chosen = np.arange(6) % 2 == 1
    assert np.array_equal(model.chosen_of(model.posted_of(chosen)[:1]), chosen)
    with pytest.raises(SolutionError, match=r"prices\[0, 1\] is -1"):
        model.chosen_of(np.array([[0, CLOSED, 6]]))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"today": np.array([0])}, "today has shape"),
        ({"today": np.array([2, 2, 4])}, r"today\[0\] is 2"),
        ({"bid_prices": np.array([1.0, -1.0])}, "bid_prices is"),
        ({"phase_of_period": np.array([0, 2])}, "phase_of_period is"),
        ({"unit": 0.0}, "unit is 0"),
    ],
)
def test_prices_that_do_not_belong_to_the_market_are_refused(change: dict[str, Any], named: str) -> None:
    """The fault is named with what would be accepted."""
    problem = tiny_market(0)
    with pytest.raises(ProblemError, match=named):
        price_model(problem, **{"today": _today(problem), **change})


def test_rules_that_no_price_keeps_and_models_too_large_are_refused() -> None:
    """One message each, before anything is worked out."""
    problem = tiny_market(0, products=2, levels=2)
    never = PriceRules(
        row=np.zeros(2, np.int64),
        phase=np.zeros(2, np.int64),
        alternative=np.arange(2),
        coefficient=np.ones(2),
        lower=np.array([2.0]),
        upper=np.array([np.inf]),
    )
    with pytest.raises(ProblemError, match="rules: no prices keep them in 1 phases"):
        price_model(problem, _today(problem), rules=never)
    large = tiny_market(0, products=300, levels=8)
    with pytest.raises(ProblemError, match="2100 prices besides the base's in 1 phases: at most 2000"):
        price_model(large, _today(large))
