"""Prices by a sampler, read back in the market's own rows, with what it and its repair did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from pricing._solve import Found
from pricing._words import reason
from pricing.proposal import Sampling
from solvers.revenue.problem import CLOSED

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from pricing._translate import Translation
    from pricing.packing import PackedPrices
    from pricing.proposal import Reason
    from solvers.qubo.prices import SampledPrices
    from solvers.qubo.result import PackingResult


@dataclass(frozen=True, slots=True, eq=False)
class SamplerUse:
    """
    Hold how a sampler is asked.

    Parameters
    ----------
    sampler
        Its name, or a sampler; or reads that were drawn elsewhere.
    reads, settings, allow_remote, proof_effort
        As for `solvers.qubo.sampling.solve_by_sampling`.
    answer
        An answer already in hand: then no sampler is asked.
    """

    sampler: Any = "sa"
    reads: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    allow_remote: bool = False
    proof_effort: float | None = None
    answer: PackingResult | None = None

    def check(self) -> None:
        """
        Refuse a sampler that cannot be used, before anything is searched.

        Raises
        ------
        SamplerError
            See `solvers.qubo.samplers.registry.sampler_of`.
        """
        from solvers.qubo.reads import Reads
        from solvers.qubo.samplers.registry import sampler_of

        if self.answer is None and not isinstance(self.sampler, Reads):
            sampler_of(self.sampler, allow_remote=self.allow_remote)


def sample_prices(packed: PackedPrices, use: SamplerUse, seed: int) -> SampledPrices:
    """Return prices by a sampler, or those of the answer in hand."""
    from solvers.qubo.prices import judge_prices, solve_prices

    if use.answer is not None:
        return judge_prices(packed.task, use.answer, seconds=use.answer.seconds)
    return solve_prices(
        packed.task,
        sampler=use.sampler,
        reads=use.reads,
        seed=seed,
        settings=use.settings,
        allow_remote=use.allow_remote,
        proof_effort=use.proof_effort,
    )


def found_of(translation: Translation, packed: PackedPrices, sampled: SampledPrices) -> Found:
    """Return sampled prices in the market's own rows."""
    result = sampled.result
    assert result.revenue is not None, "the base was there to fall back on"
    posted = packed.ruled.widened(result.posted)
    return Found(
        posted=np.where(translation.problem.on_sale, posted, CLOSED),
        sales=packed.ruled.widened_sales(result.sales, translation.problem.alternatives),
        value=result.revenue,
        bound=result.bound,
        duals=result.duals,
        status="optimal" if result.status == "optimal" else "feasible",
    )


def sampling_of(
    translation: Translation, packed: PackedPrices, sampled: SampledPrices, classical_worth: float
) -> Sampling | None:
    """Return what the sampler did; None where there was nothing to sample, or nobody told."""
    report = None if sampled.packing is None else sampled.packing.report
    if report is None:
        return None

    def gain(value: int) -> float:
        return value / packed.unit.parts

    return Sampling(
        sampler=report.sampler,
        source=report.source,
        reads=report.reads,
        raw_feasible_rate=report.raw_feasible_rate,
        repaired=report.repaired,
        flips_removed=report.flips_removed,
        flips_added=report.flips_added,
        rules_mended=sampled.is_mended,
        unit=packed.unit.name,
        gain=gain(report.value),
        raw_gain=None if report.raw_value is None else gain(report.raw_value),
        random_gain=gain(report.random_value),
        best_gain=None if report.optimum is None else gain(report.optimum),
        worth=sampled.result.revenue or 0.0,
        base_worth=sampled.base_revenue,
        classical_worth=classical_worth,
        variables=report.variables,
        interactions=report.interactions,
        largest_clique=report.largest_clique,
        phases=_first_days(translation, packed),
        seed=report.seed,
        is_reproducible=report.is_reproducible,
        seconds=report.seconds,
    )


def assumed_by_model(translation: Translation, packed: PackedPrices, sampled: SampledPrices) -> Iterator[Reason]:
    """Yield what the sampler's model leaves out, and what was mended because of it."""
    days = ", ".join(day.isoformat() for day in _first_days(translation, packed))
    yield reason(
        "ONE_PRICE_PER_STRETCH",
        f"サンプラーのモデルでは、予約期間を次の日から始まる区間に分け、区間ごとに商品の料金は一つです: {days}",
        f"the sampler's model knows one price of a product in each stretch of booking time, which begin on: {days}",
    )
    yield reason(
        "CHOICE_TO_SECOND_ORDER",
        "サンプラーのモデルでは、客の選び方は料金を一つか二つ変えるときまで正確で、三つ以上では近似です"
        "(売上の見込みは近似なしで計算し直しています)",
        "in the sampler's model customers' choice is exact for one or two new prices, an approximation for more "
        "(figures of the plan are worked out anew without it)",
    )
    yield reason(
        "CAPACITY_AS_A_PRICE",
        "サンプラーのモデルは定員を知らず、1枠の価値(ビッドプライス)を差し引くだけです"
        "(売上の見込みは売り切れを含めて計算し直しています)",
        "the sampler's model knows no capacities, only a bid price of each unit "
        "(figures of the plan are worked out anew with products that sell out)",
    )
    if sampled.packing is None:
        yield reason(
            "NOTHING_TO_SAMPLE",
            "モデルでは、どの料金を変えても増えないので、サンプラーは使っていません",
            "no other price can pay in the model: no sampler was asked",
        )
    if sampled.is_mended:
        yield reason(
            "RULES_MENDED",
            "サンプラーの答えの料金が規則を破ったので、規則を守る最も近い料金に直しました",
            "prices of the sampler's answer broke a rule, and were moved to the nearest that keep all",
        )


def _first_days(translation: Translation, packed: PackedPrices) -> tuple[dt.date, ...]:
    phase_of = packed.task.model.phase_of_period
    begins = np.flatnonzero(np.diff(phase_of, prepend=-1))
    return tuple(translation.market.periods[period].first for period in begins)
