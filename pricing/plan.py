"""From a market to a proposal: prices, what they should bring, how far from the best they can be, and why."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, get_args

from pricing._check import check_market
from pricing._rules import effects_of, open_units
from pricing._sampled import SamplerUse, assumed_by_model, found_of, sample_prices, sampling_of
from pricing._solve import Effort, find_prices, shown_prices, sold
from pricing._translate import translate
from pricing._words import reason
from pricing.model import WalkInRule
from pricing.objectives import figures_of, mixed_values, unknown_of, values_of, weights_of
from pricing.packing import packed as pack
from pricing.proposal import (
    CapacityPlan,
    Comparison,
    PricePlan,
    ProductPlan,
    Reason,
    RuleCost,
    Solver,
)
from pricing.reasons import Explainer
from pricing.rule_costs import share_costs
from solvers.stopping import Stop

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pricing._rules import RuleEffect
    from pricing._solve import Found
    from pricing._translate import Translation
    from pricing.model import Market
    from pricing.packing import PackedPrices
    from pricing.proposal import Objective, Sampling
    from pricing.rule_costs import SharedCosts
    from solvers.qubo.prices import SampledPrices
    from solvers.qubo.result import PackingResult

Simulate = Callable[["Market", PricePlan], Comparison]
"""Tests a plan on simulated customers; see `pricing.simulation`."""

Progress = Callable[[str, int, int], None]
"""Called with what is done (``prices``, ``sampling``, ``rule-costs``), how much of it is done, and of how much."""


def plan_prices(
    market: Market,
    *,
    objective: Objective = "revenue",
    weights: Mapping[Objective, float] | None = None,
    seed: int = 0,
    iterations: int | None = None,
    seconds: float | None = None,
    may_close: bool = False,
    with_rule_costs: bool = True,
    on_progress: Progress | None = None,
    on_plan: Callable[[PricePlan], None] | None = None,
    simulate: Simulate | None = None,
    solver: Solver = "classical",
    sampler: Any = "sa",
    reads: int | None = None,
    settings: Mapping[str, Any] | None = None,
    allow_remote: bool = False,
    proof_effort: float | None = 2.0,
    answer: PackingResult | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> PricePlan:
    """
    Return a proposal of prices.

    With ``solver="qubo"`` a sampler chooses the prices from a model for annealers (`pricing.packing`), and classical
    search is made as well: ``sampling`` tells what either is worth. Bound and rule costs are the classical ones.

    Parameters
    ----------
    objective
        What prices are for.
    weights
        Yen that one unit of each objective is worth, not negative, where several count; takes the place of
        ``objective``, which then only names the plan.
    seed, iterations, seconds
        Of the search for prices; only iterations reproduce exactly. Searches for rule costs have the iterations each,
        the seconds together.
    may_close
        Whether a product may be taken off sale for a while where that brings more. Closing gets round rules that hold a
        price back, so nobody should be surprised by it.
    with_rule_costs
        Whether to work out what each rule costs, which takes many searches.
    on_plan
        Called with the plan as it stands before rule costs, a sampler and the test, where there are any.
    simulate
        Tests the plan and fills ``comparison``; None leaves it empty.
    solver
        What chooses the prices.
    sampler
        A name of `solvers.qubo.samplers.registry.sampler_names`, or any ``dimod.Sampler`` for models of any structure;
        or `solvers.qubo.reads.Reads` of the packing problem that were drawn elsewhere.
    reads
        Reads to ask for, at least 1; None for 100, or 24 for models above 600 variables.
    settings
        Further keywords of the sampler.
    allow_remote
        Whether the model may leave this machine.
    proof_effort
        Limit of the exact solver's work to prove the best of the sampler's model, in about seconds; None to leave it
        out.
    answer
        An answer to `pricing.packing.pack_prices` that is in hand: no sampler is asked.
    should_stop
        Asked between and within searches, but not while bounds are computed or a sampler draws. Once it says so, the
        best prices so far are the plan, with ``limit`` ``stopped`` and a note under ``assumed``; rule costs, the
        sampler's prices and the test that were not done by then are left out. All rules hold in any case.

    Raises
    ------
    InputError
        If the market makes no sense.
    ConflictingRulesError
        If no prices keep all rules.
    SamplerError
        If the sampler is unknown, structured, remote without permission, not installed, or fails.
    SolutionError
        If ``answer`` is not of this market's model.
    ValueError
        If a weight is negative or not finite, or all are 0; if the solver is unknown, reads are below 1, or a
        sampler or anything for one is given to classical search.
    """
    began = time.perf_counter()
    if solver not in get_args(Solver) or (reads is not None and reads < 1):
        msg = f"solver {solver!r}, reads {reads}: {', '.join(get_args(Solver))}, and reads from 1 on are accepted"
        raise ValueError(msg)
    is_named = not isinstance(sampler, str) or sampler != "sa"
    for_samplers = is_named or allow_remote or any(given is not None for given in (reads, settings, answer))
    if solver == "classical" and for_samplers:
        msg = "sampler, reads, settings, allow_remote and answer are for solver 'qubo'; classical search takes none"
        raise ValueError(msg)
    check_market(market)
    weighed = weights_of(objective, weights)
    stop = Stop(should_stop)
    effort = Effort(seed, iterations, seconds, may_close, stop if stop.is_possible else None)
    use = (
        None
        if solver == "classical"
        else SamplerUse(sampler, reads, settings or {}, allow_remote, proof_effort, answer)
    )
    if use is not None:
        use.check()

    def show(early: _Proposal) -> None:
        if on_plan is not None:
            early_plan = _assemble(market, early, objective, weighed, effort, stop)
            on_plan(early_plan.model_copy(update={"seconds": time.perf_counter() - began}))

    proposal = _propose(market, weighed, effort, use, with_rule_costs, on_progress or _silent, show)
    is_tested = simulate is not None and not stop()
    plan = _assemble(market, proposal, objective, weighed, effort, stop)
    if simulate is not None and is_tested:
        comparison = simulate(market, plan)
        plan = plan.model_copy(update={"comparison": comparison})
    return plan.model_copy(update={"seconds": time.perf_counter() - began})


@dataclass(frozen=True, slots=True, eq=False)
class _Proposal:
    """
    Hold prices and what they are measured against.

    Parameters
    ----------
    found
        Best for what prices are for.
    earning
        Best for revenue, with its bound; the same where prices are for revenue.
    costs
        What the rules cost of the most revenue; None where nobody asked, or there was no time.
    sampled
        How a sampler found them; None where none was asked to, or there was no time.
    """

    translation: Translation
    effects: list[RuleEffect]
    found: Found
    earning: Found
    costs: SharedCosts | None
    sampled: _Sampled | None


@dataclass(frozen=True, slots=True, eq=False)
class _Sampled:
    """Prices by a sampler, the model it was given, and what the classical prices are worth."""

    packed: PackedPrices
    prices: SampledPrices
    classical_worth: float


def _propose(
    market: Market,
    weights: Mapping[Objective, float],
    effort: Effort,
    use: SamplerUse | None,
    with_rule_costs: bool,
    tell: Progress,
    show: Callable[[_Proposal], None],
) -> _Proposal:
    translation = translate(market)
    effects = effects_of(translation)
    revenue = values_of(translation, "revenue")
    tell("prices", 0, 1)
    earning = find_prices(translation, effects, revenue, effort)
    found = earning
    if not _is_revenue(weights):
        found = find_prices(translation, effects, mixed_values(translation, weights), effort)
    tell("prices", 1, 1)
    show(_Proposal(translation, effects, found, earning, None, None))
    costs = None
    if with_rule_costs and not effort.is_over:
        costs = share_costs(translation, effects, revenue, earning, effort, on_progress=partial(tell, "rule-costs"))
    if costs is not None:
        better = replace(earning, posted=costs.best.posted, sales=costs.best.sales, value=costs.best.value)
        found = better if found is earning else found
        earning = better
    if use is None or effort.is_over:
        return _Proposal(translation, effects, found, earning, costs, None)
    tell("sampling", 0, 1)
    packed = pack(translation, effects, weights, may_close=effort.may_close)
    sampled = _Sampled(packed, sample_prices(packed, use, effort.seed), found.value)
    tell("sampling", 1, 1)
    return _Proposal(translation, effects, found_of(translation, packed, sampled.prices), earning, costs, sampled)


def _silent(_what: str, _done: int, _of: int) -> None:
    """Tell nobody."""


def _is_revenue(weights: Mapping[Objective, float]) -> bool:
    return tuple(weights) == ("revenue",)


def _assemble(
    market: Market,
    proposal: _Proposal,
    objective: Objective,
    weights: Mapping[Objective, float],
    effort: Effort,
    stop: Stop,
) -> PricePlan:
    """Return the plan in the market's own words; seconds are filled in by the caller."""
    translation, found, earning, costs = proposal.translation, proposal.found, proposal.earning, proposal.costs
    shown = shown_prices(translation, proposal.effects, found)
    paths = [translation.path(index, shown) for index in range(len(market.products))]
    by_rule = {} if costs is None else dict(zip((rule.id for rule in market.rules), costs.by_rule, strict=True))
    explainer = Explainer(market, paths, weights=weights, rule_costs=by_rule)
    reasons = [explainer.reasons(index) for index in range(len(market.products))]
    figures = figures_of(translation, found.sales)
    return PricePlan(
        market=market.id,
        simulated=market.is_made_up,
        objective=objective,
        status=found.status,
        products=_products(translation, found, paths, reasons),
        capacities=_capacities(proposal),
        rule_costs=tuple(
            RuleCost(rule=rule, cost_yen=cost, binds=tuple(explainer.binds.get(rule, ())))
            for rule, cost in by_rule.items()
        ),
        rules_cost_yen=None if costs is None else costs.total,
        model_revenue_yen=figures.revenue_yen,
        bound_yen=earning.bound,
        gap=_gap(found),
        figures=figures,
        comparison=None,
        assumed=(*_stopped(stop), *_assumed(proposal, weights)),
        seed=effort.seed,
        limit="stopped" if stop.is_set else "iterations" if effort.seconds is None else "seconds",
        seconds=0.0,
        solver="classical" if proposal.sampled is None else "qubo",
        sampling=_sampling(proposal),
    )


def _stopped(stop: Stop) -> Iterator[Reason]:
    """Yield that somebody ended the work, if so: nothing is left out unsaid."""
    if stop.is_set:
        yield reason(
            "STOPPED",
            "途中で止めたため、そこまでに見つかった最良の料金です。済んでいない費用の計算や検証は含みません",
            "stopped on the way: the best prices found by then, without costs of rules or tests not done yet",
        )


def _sampling(proposal: _Proposal) -> Sampling | None:
    sampled = proposal.sampled
    if sampled is None:
        return None
    return sampling_of(proposal.translation, sampled.packed, sampled.prices, sampled.classical_worth)


def _gap(found: Found) -> float | None:
    if not math.isfinite(found.bound):
        return None
    return max(0.0, found.bound - found.value) / max(1e-9, found.bound)


def _products(
    translation: Translation,
    found: Found,
    paths: Sequence[tuple[int | None, ...]],
    reasons: Sequence[tuple[Reason, ...]],
) -> tuple[ProductPlan, ...]:
    sales = sold(translation, found.sales)
    net = sold(translation, found.sales * values_of(translation, "revenue"))
    return tuple(
        ProductPlan(
            product=product.id,
            current=product.current,
            proposed=paths[index][0],
            path=paths[index],
            sales=float(sales[index]),
            revenue_yen=float(net[index]),
            reasons=reasons[index],
        )
        for index, product in enumerate(translation.market.products)
    )


def _capacities(proposal: _Proposal) -> tuple[CapacityPlan, ...]:
    problem = proposal.translation.problem
    taken = problem.use @ sold(proposal.translation, proposal.found.sales)
    units = open_units(proposal.translation, proposal.effects)
    return tuple(
        CapacityPlan(
            capacity=capacity.id,
            units=capacity.units,
            booked=capacity.booked,
            kept=int(problem.capacity[index] - units[index]),
            expected=float(taken[index]),
            bid_price_yen=float(proposal.earning.duals[index]),
        )
        for index, capacity in enumerate(proposal.translation.market.capacities)
    )


def _assumed(proposal: _Proposal, weights: Mapping[Objective, float]) -> Iterator[Reason]:
    """Yield what the figures rest on besides records."""
    market, costs, sampled = proposal.translation.market, proposal.costs, proposal.sampled
    if sampled is not None:
        yield from assumed_by_model(proposal.translation, sampled.packed, sampled.prices)
    for source, code, ja, en in (
        (
            "stated",
            "DEMAND_STATED",
            "記録から推定したものではなく、入力された需要です",
            "demand as somebody stated it, no records",
        ),
        ("simulated", "DEMAND_SIMULATED", "見本用に作られた架空の需要です", "demand that was made up for a show"),
    ):
        named = [segment.id for segment in market.segments if segment.source == source]
        if named:
            yield reason(code, f"{ja}: {', '.join(named)}", f"{en}: {', '.join(named)}")
    unsure = [segment.id for segment in market.segments if segment.sensitivity_range is None]
    if unsure:
        yield reason(
            "SENSITIVITY_UNSURE",
            f"料金への感度の幅が分かりません: {', '.join(unsure)}",
            f"nobody said how sure the sensitivity to prices is: {', '.join(unsure)}",
        )
    yield reason(
        "DEMAND_AT_ITS_MEAN",
        "売上の見込みは、来客が平均どおりの場合です。ばらつきはシミュレーションで見てください",
        "figures of the model are for demand at its mean; chance is what a simulation shows",
    )
    if any(segment.cancels for segment in market.segments):
        yield reason(
            "CANCELLED_SEATS_SOLD_AGAIN",
            "取り消された席は、もう一度売れるとみなしました",
            "seats of cancelled bookings are taken to be sold again",
        )
    yield from unknown_of(market, tuple(weights))
    yield from _short_walk_ins(market)
    if costs is not None and not costs.is_exact:
        yield reason(
            "RULE_COSTS_SAMPLED",
            "規則が多いので、費用は一部の順序だけから分けました(合計は合います)",
            "rules are many: their costs were shared over orders drawn at random (they still add up)",
        )


def _short_walk_ins(market: Market) -> Iterator[Reason]:
    """Yield capacities of which fewer units are left than a rule wants to keep."""
    for rule in market.rules:
        if not isinstance(rule, WalkInRule):
            continue
        for capacity in market.capacities:
            left = capacity.units - capacity.booked
            if (rule.capacities is None or capacity.id in rule.capacities) and left < rule.seats:
                yield reason(
                    "WALK_IN_SEATS_SHORT",
                    f"「{capacity.id}」の残りは{left}席で、規則「{rule.id}」が残す{rule.seats}席に足りません",
                    f"{left} units of {capacity.id!r} are left, fewer than the {rule.seats} that {rule.id!r} keeps",
                )
