"""Prices by a sampler: judged by the classical judge, within every rule, and told apart from what repair did."""

from __future__ import annotations

from dataclasses import replace
from itertools import product as every

import numpy as np
import pytest
from tiny_markets import step_rules, tiny_market

from solvers.errors import SamplerError
from solvers.qubo.enumeration import enumerate_packing
from solvers.qubo.judging import keeps_rules, values_of
from solvers.qubo.prices import judge_prices, lay_out_prices, solve_prices
from solvers.qubo.reads import Reads
from solvers.qubo.result import PackingResult
from solvers.revenue._rows import keeps, lay_out_rows
from solvers.revenue.posted_prices import posted_prices, score_posting
from solvers.revenue.problem import ChoiceProblem, PriceRules

_READS = 10


def _today(problem: ChoiceProblem) -> np.ndarray:
    return np.array([np.flatnonzero(problem.product == own)[0] for own in range(problem.products)])


def _total(problem: ChoiceProblem, most: float) -> PriceRules:
    """Let the prices of all products of a period add up to so much at most: a rule over three prices."""
    alternatives, periods = problem.alternatives, problem.periods
    return PriceRules(
        row=np.repeat(np.arange(periods), alternatives),
        phase=np.repeat(np.arange(periods), alternatives),
        alternative=np.tile(np.arange(alternatives), periods),
        coefficient=np.tile(problem.price, periods),
        lower=np.full(periods, -np.inf),
        upper=np.full(periods, most),
    )


@pytest.mark.parametrize("seed", range(4))
def test_prices_are_judged_with_sell_outs_and_stay_below_the_bound(seed: int) -> None:
    """The revenue is what the classical judge says of the prices, not what the model does; it keeps to the bound."""
    problem = tiny_market(seed, levels=4, load=2.5)
    task = lay_out_prices(problem, _today(problem))
    sampled = solve_prices(task, reads=_READS, seed=seed)
    result = sampled.result
    classical = posted_prices(problem)
    assert result.engine == "sampled-prices"
    assert result.revenue == pytest.approx(score_posting(problem, result.posted)[0])
    assert (problem.use @ np.add.reduceat(result.sales, np.arange(0, 12, 4)) <= problem.capacity + 1e-6).all()
    assert classical.revenue is not None
    assert result.revenue is not None
    assert sampled.base_revenue == pytest.approx(score_posting(problem, np.tile(task.model.base, (2, 1)))[0])
    assert result.revenue <= classical.bound == pytest.approx(result.bound)
    assert result.revenue >= 0.8 * classical.revenue


def test_bid_prices_keep_the_model_from_selling_what_there_is_not() -> None:
    """Where everything is scarce the prices found at bid prices earn more than those that know of no capacity."""
    problem = tiny_market(1, levels=4, load=4.0)
    task = lay_out_prices(problem, _today(problem))
    assert task.bid_prices.max() > 0
    free = lay_out_prices(replace(problem, capacity=problem.capacity * 100), _today(problem))
    blind = enumerate_packing(free.model.packing).chosen
    priced = judge_prices(task, enumerate_packing(task.model.packing)).result.revenue
    assert priced is not None
    assert priced > score_posting(problem, free.model.posted_of(blind))[0]


def test_phases_begin_where_rules_leave_other_prices() -> None:
    """A first period bound to today's prices and free ones after it are two phases, whatever their number."""
    problem = tiny_market(0, levels=3, periods=4)
    tied = PriceRules(
        row=np.repeat(np.arange(3), 3),
        phase=np.zeros(9, np.int64),
        alternative=np.arange(9),
        coefficient=np.tile([1.0, 0.0, 0.0], 3),
        lower=np.ones(3),
        upper=np.ones(3),
    )
    assert lay_out_prices(problem, _today(problem), rules=tied).model.phase_of_period.tolist() == [0, 1, 1, 1]
    assert lay_out_prices(problem, _today(problem)).model.phase_of_period.tolist() == [0, 0, 0, 0]


def test_prices_that_break_a_rule_unknown_to_the_model_are_mended_and_say_so() -> None:
    """A rule over three prices is kept by the nearest posting that does; one that asks nothing changes nothing."""
    problem = tiny_market(2, levels=3, load=4.0)
    dear = solve_prices(lay_out_prices(problem, _today(problem)), reads=_READS)
    paid = problem.price[dear.result.posted].sum(axis=1).max()
    for most, is_mended in ((paid - 1, True), (paid, False)):
        rules = _total(problem, most)
        task = lay_out_prices(problem, _today(problem), rules=rules)
        sampled = solve_prices(task, reads=_READS)
        assert sampled.is_mended is is_mended
        assert keeps(lay_out_rows(problem, rules, 2), sampled.result.posted)


def _alike() -> PriceRules:
    """Have two products of two prices move together, in both of two periods."""
    return PriceRules(
        row=np.repeat(np.arange(2), 2),
        phase=np.repeat(np.arange(2), 2),
        alternative=np.tile([1, 3], 2),
        coefficient=np.tile([1.0, -1.0], 2),
        lower=np.zeros(2),
        upper=np.zeros(2),
    )


def test_reads_that_break_needs_are_not_raw_feasible() -> None:
    """One price moved where a rule needs two moved keeps groups and conflicts, and yet not every rule."""
    problem = tiny_market(1, products=2, levels=2, load=4.0)
    task = lay_out_prices(problem, _today(problem), rules=_alike())
    reads = np.array([[True, False], [False, True], [True, True], [False, False]])
    assert keeps_rules(task.model.packing, reads).all()
    assert task.keeps_rules(reads).tolist() == [False, False, True, True]

    sampled = solve_prices(task, sampler=Reads(reads[:1], "elsewhere"))
    assert sampled.packing is not None
    report = sampled.packing.report
    assert report is not None
    assert (report.raw_feasible_rate, report.raw_value) == (0.0, None)


def test_mended_prices_count_as_repaired() -> None:
    """A read that comes through decoding as it came, but breaks a rule the model does not know, is repaired."""
    problem = tiny_market(2, levels=3, load=4.0)
    free = lay_out_prices(problem, _today(problem))
    best = enumerate_packing(free.model.packing).chosen
    paid = problem.price[free.model.posted_of(best)].sum(axis=1).max()
    task = lay_out_prices(problem, _today(problem), rules=_total(problem, paid - 1))
    read = enumerate_packing(task.model.packing).chosen
    sampled = solve_prices(task, sampler=Reads(read[None], "elsewhere"))
    assert sampled.is_mended
    assert sampled.packing is not None
    report = sampled.packing.report
    assert report is not None
    assert (report.source, report.repaired, report.flips_removed, report.flips_added) == ("repair", True, 0, 0)
    assert report.raw_feasible_rate == 0.0


def test_answers_that_break_needs_are_mended_too() -> None:
    """A packing answer that moves one price where a rule needs two moved is put right before it is posted."""
    problem = tiny_market(1, products=2, levels=2, load=4.0)
    alike = _alike()
    task = lay_out_prices(problem, _today(problem), rules=alike)
    assert task.model.packing.items == 2
    alone = np.array([True, False])
    value = int(values_of(task.model.packing, alone[None, :])[0])
    assert value < 0
    judged = judge_prices(task, PackingResult(alone, value, None, "feasible", None, 0.0))
    assert judged.is_mended
    assert keeps(lay_out_rows(problem, alike, 2), judged.result.posted)


def test_same_seed_gives_the_same_prices() -> None:
    """Annealing here is reproducible, and so are bid prices and judge."""
    problem = tiny_market(3, levels=4)
    rules = step_rules(problem, 2, 8.0)
    first, second = (
        solve_prices(lay_out_prices(problem, _today(problem), rules=rules), reads=_READS, seed=5) for _ in range(2)
    )
    assert np.array_equal(first.result.posted, second.result.posted)
    assert first.packing is not None
    assert second.packing is not None
    assert first.packing.report is not None
    assert second.packing.report is not None
    assert first.packing.report.raw_feasible_rate == second.packing.report.raw_feasible_rate


def test_nothing_is_sampled_where_no_other_price_can_pay() -> None:
    """A market at its best prices keeps them; the sampler is checked all the same."""
    problem = tiny_market(0, levels=1)
    task = lay_out_prices(problem, _today(problem))
    sampled = solve_prices(task)
    assert sampled.packing is None
    assert sampled.result.posted.tolist() == [[0, 1, 2]] * 2
    assert sampled.result.revenue == pytest.approx(sampled.base_revenue)
    with pytest.raises(SamplerError, match="no-such-sampler"):
        solve_prices(task, sampler="no-such-sampler")


def test_sampler_reaches_the_best_posting_of_the_model() -> None:
    """On a small market the reads hold the best of all choices, told by trying them all in the model."""
    problem = tiny_market(1, levels=4, load=4.0)
    task = lay_out_prices(problem, _today(problem))
    packing = task.model.packing
    sides = [[None, *np.flatnonzero(packing.group == name)] for name in range(packing.groups)]
    states = np.zeros((int(np.prod([len(side) for side in sides])), packing.items), np.bool_)
    for state, picked in zip(states, every(*sides), strict=True):
        state[[item for item in picked if item is not None]] = True
    sampled = solve_prices(task, reads=_READS)
    assert sampled.packing is not None
    assert sampled.packing.value == values_of(packing, states).max() > 0
