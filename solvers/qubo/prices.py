"""
Prices by a sampler: the packing problem of price levels, solved, and judged like every other posting.

A sampler sees one price per product and phase, a model of choice that is exact for two prices at a time, and capacity
as a price of it. What its prices earn is then worked out by `PostedSales`, which knows none of these shortcuts:
customers come period by period and products sell out.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from solvers.errors import SolutionError
from solvers.qubo._improvement import improve
from solvers.qubo._level_rules import phases_by_rules
from solvers.qubo.price_levels import price_model
from solvers.revenue._price_rules import nearest_posting
from solvers.revenue._rows import keeps, lay_out_rows
from solvers.revenue.posted_sales import PostedSales
from solvers.revenue.problem import PriceRules
from solvers.revenue.result import PostedResult
from solvers.revenue.sales_based import sales_based
from solvers.revenue.validation import validate, validate_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import dimod
    from numpy.typing import NDArray

    from solvers.qubo.price_levels import PriceModel
    from solvers.qubo.reads import Reads
    from solvers.qubo.result import PackingResult
    from solvers.revenue._rows import Rows
    from solvers.revenue.problem import ChoiceProblem
    from solvers.revenue.result import SalesResult

_SHARES: Final = (1.0, 0.75, 0.5, 0.25, 0.0)
"""Of the duals, tried as bid prices: at all of them little sells out, at none the model sells what there is not."""

_PROVEN: Final = 1e-6
"""Gap, as a share of the bound, below which an answer is called optimal."""


@dataclass(frozen=True, slots=True, eq=False)
class PriceTask:
    """
    Hold prices to choose, laid out for a sampler; `lay_out_prices` makes it.

    Parameters
    ----------
    problem
        The market.
    rows
        Its rules over periods.
    shown
        Shape ``(A,)``: prices as posted.
    model
        What a sampler is given.
    bid_prices
        Shape ``(R,)``: taken for the worth of capacity in the model.
    relaxed
        The sales-based program, which gives the bound.
    """

    problem: ChoiceProblem
    rows: Rows
    shown: NDArray[np.float64]
    model: PriceModel
    bid_prices: NDArray[np.float64]
    relaxed: SalesResult

    def keeps_rules(self, plans: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """
        Tell of choices, ``(S, n)``, whether the prices they stand for keep every rule of the market, ``(S,)``.

        The model only charges for a price that needs another one moved, too, and does not know rules over more than
        two prices: keeping groups and conflicts is not all there is.
        """
        return np.array([keeps(self.rows, self.model.posted_of(chosen)) for chosen in plans], np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class SampledPrices:
    """
    Hold prices found in the packing problem.

    Parameters
    ----------
    result
        As of `posted_prices`; its revenue is that of the classical judge, sell-outs and all.
    packing
        What was found in the model, in its units and measured from its base; ``report`` says how, and counts mending
        as repair. None where no price besides the base's can pay in the model: nothing was sampled then.
    base_revenue
        What the base earns in the classical judge.
    is_mended
        Whether the prices found broke a rule, and were moved to the nearest that keep all: a rule that the model does
        not know, or one that it only charges for.
    """

    result: PostedResult
    packing: PackingResult | None
    base_revenue: float
    is_mended: bool


def lay_out_prices(
    problem: ChoiceProblem,
    today: NDArray[np.int64],
    *,
    rules: PriceRules | None = None,
    phase_of_period: NDArray[np.int64] | None = None,
    shown: NDArray[np.float64] | None = None,
    may_close: bool = False,
    unit: float = 1.0,
) -> PriceTask:
    """
    Return prices to choose as a packing problem.

    Bid prices are the duals of the sales-based program, scaled by the share of `_SHARES` at which a quick ascent in the
    model finds the prices that earn most in the classical judge.

    Parameters
    ----------
    problem
        What may be sold, to whom.
    today, rules, shown, may_close, unit
        As for `price_model`.
    phase_of_period
        As for `price_model`, but None for a new phase only where the rules leave other prices than before. (On 20
        variations of the bundled workshops one price over the horizon reached 96.0 % of the classical revenue, these
        phases, two of them, 98.7 %, and a phase for each of the six periods 98.8 % with thrice the levels.)

    Raises
    ------
    ProblemError
        As `price_model` does.
    """
    validate(problem)
    rules = PriceRules() if rules is None else rules
    validate_rules(problem, rules, problem.periods)
    rows = lay_out_rows(problem, rules, problem.periods)
    phase_of = phases_by_rules(problem, rows) if phase_of_period is None else phase_of_period
    relaxed = sales_based(problem, allowed=rows.may)
    sales = PostedSales(problem)
    best, best_revenue, best_model = relaxed.duals, -np.inf, None
    for share in _SHARES:
        model = price_model(
            problem,
            today,
            bid_prices=share * relaxed.duals,
            rules=rules,
            phase_of_period=phase_of,
            shown=shown,
            may_close=may_close,
            unit=unit,
        )
        revenue = float(sales.of(model.posted_of(_ascended(model))) @ problem.price)
        if revenue > best_revenue:
            best, best_revenue, best_model = share * relaxed.duals, revenue, model
        if not relaxed.duals.any():
            break
    assert best_model is not None, "there is a share"
    return PriceTask(problem, rows, problem.price if shown is None else shown, best_model, best, relaxed)


def solve_prices(
    task: PriceTask,
    *,
    sampler: str | dimod.Sampler | Reads = "sa",
    reads: int | None = None,
    seed: int = 0,
    settings: Mapping[str, Any] | None = None,
    allow_remote: bool = False,
    proof_effort: float | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> SampledPrices:
    """
    Choose prices to post by a sampler.

    Parameters
    ----------
    task
        From `lay_out_prices`.
    sampler, reads, seed, settings, allow_remote, proof_effort, on_progress
        As for `solve_by_sampling`; what is known before is the base.

    Raises
    ------
    ProblemError, SolutionError, SamplerError
        As `solve_by_sampling` does.
    """
    # Loads what samplers need; whoever only lays prices out does without.
    from solvers.qubo.reads import Reads
    from solvers.qubo.samplers.registry import sampler_of
    from solvers.qubo.sampling import solve_by_sampling

    began = time.perf_counter()
    packing = None
    if task.model.packing.items:
        packing = solve_by_sampling(
            task.model.packing,
            sampler=sampler,
            reads=reads,
            seed=seed,
            known=np.zeros(task.model.packing.items, np.bool_),
            settings=settings,
            allow_remote=allow_remote,
            is_allowed=task.keeps_rules,
            proof_effort=proof_effort,
            on_progress=on_progress,
        )
    elif not isinstance(sampler, Reads):
        sampler_of(sampler, allow_remote=allow_remote)
    return judge_prices(task, packing, seconds=time.perf_counter() - began)


def judge_prices(task: PriceTask, packing: PackingResult | None, *, seconds: float = 0.0) -> SampledPrices:
    """
    Return what was found in the packing problem as prices, re-evaluated by the classical judge.

    Parameters
    ----------
    packing
        Of ``task.model.packing``; None for the base.
    seconds
        Time that finding it took.

    Raises
    ------
    SolutionError
        If the answer is not of this problem's size.
    """
    items = task.model.packing.items
    if packing is not None and packing.chosen.shape != (items,):
        msg = f"the answer has shape {packing.chosen.shape}; {(items,)} is needed"
        raise SolutionError(msg)
    nothing = np.zeros(items, np.bool_)
    found = task.model.posted_of(nothing if packing is None else packing.chosen)
    posted = _keeping(task, found)
    is_mended = not np.array_equal(posted, found)
    if is_mended and packing is not None and packing.report is not None:
        packing = replace(packing, report=replace(packing.report, source="repair", repaired=True))
    sales = PostedSales(task.problem)
    base_revenue = float(sales.of(task.model.posted_of(nothing)) @ task.problem.price)
    sold = sales.of(posted)
    bound = task.relaxed.bound
    revenue = min(float(sold @ task.problem.price), bound)
    return SampledPrices(
        result=PostedResult(
            engine="sampled-prices",
            status="optimal" if bound - revenue <= _PROVEN * max(abs(bound), 1e-9) else "feasible",
            revenue=revenue,
            bound=bound,
            duals=task.relaxed.duals,
            seconds=seconds,
            posted=posted,
            sales=sold,
            posted_bound=bound,
        ),
        packing=packing,
        base_revenue=base_revenue,
        is_mended=is_mended,
    )


def _ascended(model: PriceModel) -> NDArray[np.bool_]:
    """Return what an ascent from the base finds."""
    states = np.zeros((1, model.packing.items), np.bool_)
    improve(model.packing, states)
    return np.asarray(states[0])


def _keeping(task: PriceTask, posted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the posting, or the nearest to it that keeps the rules: the base does, so there is one."""
    if keeps(task.rows, posted):
        return posted
    nearest, _ = nearest_posting(task.rows, task.shown, posted)
    assert nearest is not None, "the base keeps the rules"
    return nearest
