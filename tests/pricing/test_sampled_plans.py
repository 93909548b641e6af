"""Plans by a sampler keep every rule, tell what the sampler did, and are measured like any other plan."""

from __future__ import annotations

from itertools import product as every
from typing import Any

import dimod
import numpy as np
import pytest
from small_markets import market, period, product, segment

from pricing._rules import effects_of, is_kept, narrow
from pricing._translate import translate
from pricing.errors import ConflictingRulesError
from pricing.model import (
    Capacity,
    DailyStepRule,
    FrozenRule,
    Market,
    NeighbourStepRule,
    NoDropRule,
    OneNonResidentPriceRule,
    RangeRule,
    ResidentRule,
    RoundingRule,
    SpreadRule,
)
from pricing.packing import pack_prices
from pricing.plan import plan_prices
from pricing.proposal import PricePlan
from pricing.violations import violations
from pricing.workshops import load_workshops
from regional_assets.errors import InputError
from solvers.errors import SamplerError, SolutionError
from solvers.qubo.enumeration import enumerate_packing
from solvers.qubo.judging import keeps_rules, values_of
from solvers.qubo.price_levels import price_model
from solvers.qubo.result import PackingResult

READS = 10


def two_slots(**changes: Any) -> Market:
    """Return slots at 10:00 and 13:00 of one workshop at ¥3,000, seen by the same customers."""
    ladder = (1000, 2000, 3000)
    fields: dict[str, Any] = {
        "products": (product("loom", current=3000), product("dye", start="13:00", ladder=ladder, current=3000)),
        "segments": (segment(appeal={"loom": 1.0, "dye": 1.5}),),
    }
    return market(**fields | changes)


def sampled(whole: Market, **options: Any) -> PricePlan:
    """Return the plan of a sampler, in few reads."""
    return plan_prices(
        whole, solver="qubo", **{"reads": READS, "with_rule_costs": False, "proof_effort": 60.0} | options
    )


@pytest.mark.parametrize("objective", ["revenue", "visitors"])
def test_small_market_gets_the_classical_prices(objective: Any) -> None:
    """Two products in two periods without rules: one price each is best, and the sampler finds it."""
    plan = sampled(two_slots(), objective=objective)
    classical = plan_prices(two_slots(), objective=objective, with_rule_costs=False)
    assert [row.path for row in plan.products] == [row.path for row in classical.products]
    assert (plan.solver, classical.solver, classical.sampling) == ("qubo", "classical", None)
    assert plan.model_revenue_yen == pytest.approx(classical.model_revenue_yen)
    assert plan.bound_yen == pytest.approx(classical.bound_yen)
    told = plan.sampling
    assert told is not None
    assert told.unit == ("yen" if objective == "revenue" else "sales")
    assert told.gain == told.best_gain
    assert told.worth == pytest.approx(told.classical_worth)
    # Two new prices: the model is exact but for rounding.
    assert told.worth - told.base_worth == pytest.approx(told.gain, abs=2)
    assert PricePlan.model_validate_json(plan.model_dump_json()) == plan


def test_workshops_by_a_sampler_keep_the_rules_and_reach_the_proven_best_of_the_model() -> None:
    """The bundled market from end to end: better than today, no better than classical search or the bound."""
    workshops = load_workshops()
    plan = sampled(workshops, seed=3)
    told = plan.sampling
    assert told is not None
    assert violations(workshops, plan) == []
    assert told.best_gain == told.gain >= told.random_gain
    assert told.gain == told.raw_gain
    assert told.source == "sampler"
    assert (told.repaired, told.rules_mended) == (False, False)
    assert [day.isoformat() for day in told.phases] == ["2027-03-15", "2027-03-29"]
    assert told.base_worth < 0.9 * told.worth
    assert 0.97 * told.classical_worth < told.worth < told.classical_worth
    assert plan.model_revenue_yen == pytest.approx(told.worth)
    assert told.worth < plan.bound_yen
    assert all(row.reasons for row in plan.products)
    assert sampled(workshops, seed=3).model_copy(update={"seconds": 0.0, "sampling": None}) == plan.model_copy(
        update={"seconds": 0.0, "sampling": None}
    )


def test_what_the_model_leaves_out_is_flagged() -> None:
    """Whoever reads the plan finds the shortcuts of the model under what was assumed, in both languages."""
    flags = {reason.code: reason.text for reason in sampled(two_slots()).assumed}
    codes = {"ONE_PRICE_PER_STRETCH", "CHOICE_TO_SECOND_ORDER", "CAPACITY_AS_A_PRICE"}
    assert codes <= set(flags)
    assert "2026-12-01" in flags["ONE_PRICE_PER_STRETCH"].in_("ja")
    assert not codes & {reason.code for reason in plan_prices(two_slots(), with_rule_costs=False).assumed}


def test_random_reads_are_repaired_and_say_so() -> None:
    """A sampler of coin flips finds nothing that keeps the groups: what it gains is repair's."""
    told = sampled(load_workshops(), sampler="random").sampling
    assert told is not None
    assert (told.sampler, told.source, told.raw_feasible_rate, told.raw_gain) == ("random", "repair", 0.0, None)
    assert told.repaired
    assert told.flips_removed > 0
    assert told.gain <= told.best_gain  # type: ignore[operator]


def test_sampler_handed_in_is_used() -> None:
    """Any sampler of dimod's kind may choose; it is named by its class, and nothing is promised for its seed."""

    class Nothing(dimod.NullSampler):  # type: ignore[misc]
        def sample(self, bqm: dimod.BinaryQuadraticModel, **_: Any) -> dimod.SampleSet:
            return dimod.SampleSet.from_samples_bqm(dict.fromkeys(bqm.variables, 0), bqm)

    told = sampled(two_slots(), sampler=Nothing()).sampling
    assert told is not None
    assert (told.sampler, told.reads, told.is_reproducible) == ("Nothing", 2, False)


def test_rules_over_two_prices_are_kept_by_what_is_chosen() -> None:
    """Slots that must stay together move together: neither pays alone, both at ¥1,000 do."""
    rules = (NeighbourStepRule(id="alike", yen=0), SpreadRule(id="near", yen=0))
    dear = two_slots(
        products=(
            product("loom", ladder=(1000, 2000, 3000), current=3000),
            product("dye", start="13:00", ladder=(1000, 2000, 3000), current=3000),
        ),
        segments=(segment(appeal={"loom": 0.5, "dye": 0.5}, sensitivity=1.5),),
        rules=rules,
    )
    plan = sampled(dear)
    assert [row.proposed for row in plan.products] == [1000, 1000]
    assert plan.sampling is not None
    assert not plan.sampling.rules_mended
    assert violations(dear, plan) == []


def test_rules_in_the_model_are_those_that_are_checked() -> None:
    """Of all choices the model allows exactly those that every rule of the market allows, by the rules' own check."""
    rates = {"loom": "public", "local": "resident", "guest": "non-resident", "tour": "non-resident"}
    prices = {"ladder": (1000, 2000, 3000), "current": 2000}
    whole = market(
        products=(
            *(product(name, rate=rate, **prices) for name, rate in rates.items()),
            product("late", start="13:00", **prices),
        ),
        segments=(segment(appeal=dict.fromkeys([*rates, "late"], 1.0)),),
        rules=(
            ResidentRule(id="residents"),
            OneNonResidentPriceRule(id="one-price"),
            NeighbourStepRule(id="near", yen=1000),
            DailyStepRule(id="calm", yen=1000, products=("loom",)),
            NoDropRule(id="no-drop", days=9, products=("late",)),
        ),
    )
    translation = translate(whole)
    effects = effects_of(translation)
    ruled = narrow(translation, effects, translation.problem.price, may_close=False)
    today = ruled.narrowed(np.array([translation.alternative(at, 2000) for at in range(5)]))
    options: dict[str, Any] = {"phase_of_period": np.array([0, 0]), "prunes": False, "unit": 1e-3}
    model = price_model(ruled.problem, today, rules=ruled.rows, **options)
    free = price_model(ruled.problem, today, **options)
    kept = 0
    for rungs in every((-1, 0, 1), repeat=5):
        posted = today + np.array(rungs)
        chosen = model.chosen_of(posted[None, :])[None, :]
        keeps_groups = bool(keeps_rules(model.packing, chosen)[0])
        # A choice that breaks a need is worth less than the sum of what it brings.
        is_worth = values_of(model.packing, chosen) == values_of(free.packing, free.chosen_of(posted[None, :])[None, :])
        wide = ruled.widened(np.tile(posted, (2, 1)))
        is_right = all(is_kept(translation, effect, wide) for effect in effects)
        assert (keeps_groups and bool(is_worth[0])) == is_right, rungs
        kept += is_right
    assert 10 < kept < 100


def test_base_is_near_todays_prices_where_rules_forbid_them() -> None:
    """Today's ¥3,000 is above the cap: the plan starts from ¥2,500 and ¥2,000, not from the lowest prices."""
    packed = pack_prices(two_slots(rules=(RangeRule(id="cap", cap=2700),)))
    base = packed.task.model.base
    assert packed.task.shown[base].tolist() == [[2500.0, 2000.0]]


def test_nothing_is_sampled_where_all_prices_are_frozen() -> None:
    """Frozen prices stay, and the plan says that no sampler was asked."""
    plan = sampled(two_slots(rules=(FrozenRule(id="ice"),)))
    assert [row.path for row in plan.products] == [(3000, 3000), (3000, 3000)]
    assert (plan.solver, plan.sampling) == ("qubo", None)
    assert "NOTHING_TO_SAMPLE" in {reason.code for reason in plan.assumed}


def test_every_variable_has_its_meaning() -> None:
    """A variable is a product at a price on days of booking; answers to the same model become the same plan."""
    whole = two_slots(capacities=(Capacity(id="seats", name={"en": "seats"}, units=90),))
    packed = pack_prices(whole)
    assert len(packed.meanings) == packed.problem.items > 0
    exact = enumerate_packing(packed.problem)
    plan = plan_prices(whole, solver="qubo", answer=exact, with_rule_costs=False)
    asked = sampled(whole)
    assert plan.sampling is None
    assert [row.path for row in plan.products] == [row.path for row in asked.products]
    chosen = [meaning for meaning, is_in in zip(packed.meanings, exact.chosen, strict=True) if is_in]
    proposed = {row.product: row.proposed for row in plan.products}
    assert chosen
    for meaning in chosen:
        assert proposed[meaning.product] == meaning.price_yen
        assert (meaning.first, meaning.last) == (period(1, 10).first, period(11, 20).last)


def test_what_cannot_be_used_is_refused_before_anything_is_searched() -> None:
    """One clear message each: unknown sampler or solver, no reads, a foreign answer, too many prices, rules at odds."""
    with pytest.raises(SamplerError, match="'annealer-9'; expected one of sa, "):
        sampled(two_slots(), sampler="annealer-9")
    with pytest.raises(ValueError, match="solver 'quantum', reads None: classical, qubo"):
        plan_prices(two_slots(), solver="quantum")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="reads 0"):
        sampled(two_slots(), reads=0)
    with pytest.raises(ValueError, match="for solver 'qubo'"):
        plan_prices(two_slots(), reads=9)
    with pytest.raises(ValueError, match="for solver 'qubo'"):
        plan_prices(two_slots(), sampler="tabu")
    foreign = PackingResult(np.zeros(77, np.bool_), 0, None, "feasible", None, 0.0)
    with pytest.raises(SolutionError, match=r"shape \(77,\)"):
        sampled(two_slots(), answer=foreign)
    steps = tuple(range(1000, 4100))
    with pytest.raises(InputError, match="at most 2000 are accepted"):
        pack_prices(market(products=(product(ladder=steps),)))
    with pytest.raises(ConflictingRulesError):
        pack_prices(market(rules=(RangeRule(id="high", floor=2900), RoundingRule(id="round", unit=2000))))


def test_structured_and_remote_samplers_are_refused_with_what_helps() -> None:
    """A sampler on its own graph needs an embedding; one elsewhere needs permission. Nothing reaches either."""

    class Chip(dimod.RandomSampler, dimod.Structured):  # type: ignore[misc]
        nodelist = (0, 1)
        edgelist = ((0, 1),)

    class Elsewhere(dimod.RandomSampler):  # type: ignore[misc]
        is_remote = True

        def sample(self, *_: Any, **__: Any) -> dimod.SampleSet:
            raise AssertionError("the model was sent")

    with pytest.raises(SamplerError, match="EmbeddingComposite"):
        sampled(two_slots(), sampler=Chip())
    with pytest.raises(SamplerError, match="allow_remote=True"):
        sampled(two_slots(), sampler=Elsewhere())
