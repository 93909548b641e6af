"""
What daily sales tell about the price: as much as they can carry, and no more.

Prices were set by people who saw demand coming, so price and volume rise together. Holding days, seasons and events
fixed takes a part of that away; what is left is an association. It becomes an effect only if prices were drawn by lot,
or if instruments move them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pricing._words import reason
from pricing.errors import NoPriceVariationError
from pricing.estimation.control_function import ControlledFit, fit_sales, fit_sales_with_instruments, price_name
from pricing.estimation.errors import UnidentifiedError
from pricing.estimation.results import Estimate, unsure_effect
from pricing.estimation.sales_records import WEEKDAYS, Control, SalesRecords
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pricing.proposal import Reason

LEAST_VARIATION: Final = 1e-3
"""Prices that stray from the mean of their product by less than this share never changed."""

LADDER: Final[tuple[tuple[Control, ...], ...]] = (
    ("product",),
    ("product", "weekday"),
    ("product", "weekday", "holiday"),
    ("product", "weekday", "holiday", "month"),
    ("product", "weekday", "holiday", "each-month"),
)

CONTROL_WORDS: Final[dict[Control, Text]] = {
    "product": Text("商品", "product"),
    "weekday": Text("曜日", "day of the week"),
    "holiday": Text("祝日", "holidays"),
    "month": Text("月", "month of the year"),
    "each-month": Text("年と月", "each month"),
    "trend": Text("傾向", "trend"),
}
"""What may be held fixed, for people."""


@dataclass(frozen=True, slots=True)
class WeekdayMean:
    """Hold the mean price and quantity of a day of the week."""

    weekday: str
    rows: int
    price: float
    quantity: float


@dataclass(frozen=True, slots=True)
class LadderStep:
    """
    Hold what the price seems to do with some things held fixed.

    Parameters
    ----------
    held
        Kinds of columns held fixed.
    elasticity, effect
        Of expected sales: per percent of the price, and (logarithm) per 1,000 of the currency.
    explained
        Share of the deviance explained.
    """

    held: tuple[Control, ...]
    elasticity: Estimate
    effect: Estimate
    explained: float


@dataclass(frozen=True, slots=True, eq=False)
class SalesStudy:
    """
    Hold what daily sales tell about the price.

    Parameters
    ----------
    steps
        From nothing held fixed to as much as the records bear.
    controlled, controlled_effect
        By instruments, for the elasticity and the effect per 1,000; None without instruments.
    elasticity, effect
        What may be used: None unless prices were drawn by lot or moved by strong instruments, and both are negative.
    remarks
        Why, and what else to know.
    """

    weekdays: tuple[WeekdayMean, ...]
    steps: tuple[LadderStep, ...]
    controlled: ControlledFit | None
    controlled_effect: ControlledFit | None
    elasticity: Estimate | None
    effect: Estimate | None
    remarks: tuple[Reason, ...]


def study_sales(records: SalesRecords, *, is_randomised: bool = False, draws: int = 200, seed: int = 0) -> SalesStudy:
    """
    Study what the price does to daily sales.

    Parameters
    ----------
    is_randomised
        Whether prices were drawn by lot (a price test).
    draws
        Bootstrap samples where there are instruments.

    Raises
    ------
    NoPriceVariationError
        If no price ever changed.
    UnidentifiedError
        If the price cannot be told from anything else.
    """
    refuse_constant_prices(records)
    steps, dropped = _climb(records)
    controlled = effect = None
    if records.instruments:
        held = steps[-1].held
        controlled = fit_sales_with_instruments(records, controls=held, draws=draws, seed=seed)
        effect = fit_sales_with_instruments(records, controls=held, is_log_price=False, draws=draws, seed=seed)
    usable = _usable(steps, controlled, effect, is_randomised)
    return SalesStudy(
        weekdays=_weekday_means(records),
        steps=steps,
        controlled=controlled,
        controlled_effect=effect,
        elasticity=usable[0],
        effect=usable[1],
        remarks=_remarks(records, steps, controlled, is_usable=usable[0] is not None, is_randomised=is_randomised)
        + dropped,
    )


def refuse_constant_prices(records: SalesRecords) -> None:
    """
    Refuse prices that never changed.

    Raises
    ------
    NoPriceVariationError
        With the price and the number of records.
    """
    labels = records.product or ("",) * len(records)
    groups: dict[str, list[float]] = {}
    for label, price in zip(labels, records.price, strict=True):
        groups.setdefault(label, []).append(float(price))
    if any(max(prices) - min(prices) > LEAST_VARIATION * np.mean(prices) for prices in groups.values()):
        return
    shown = "; ".join(
        f"{label}: {prices[0]:,.0f}" if label else f"{prices[0]:,.0f}" for label, prices in list(groups.items())[:5]
    )
    raise no_variation(shown + ("; …" if len(groups) > 5 else ""), len(records))


def no_variation(prices: str, count: int) -> NoPriceVariationError:
    """Return the error for prices that never changed, with what would help."""
    return NoPriceVariationError(
        Text(
            ja=f"{count} 件の記録で料金が一度も変わっていません({prices})。料金の効果は推定できません。"
            "料金表の範囲で、日ごとに無作為に料金を変えるテストをすれば分かります。それまでは想定の範囲を使ってください",
            en=f"no price ever changed in {count} records ({prices}), so they tell nothing of its effect; a test that "
            "draws the price of each day by lot, within the ladder, would; until then use a stated range",
        )
    )


def _climb(records: SalesRecords) -> tuple[tuple[LadderStep, ...], tuple[Reason, ...]]:
    """Hold more and more fixed, as far as the records bear it."""
    steps: list[LadderStep] = []
    for controls in LADDER:
        held = tuple(control for control in controls if _is_known(records, control))
        if steps and held == steps[-1].held:
            continue
        try:
            elasticity = fit_sales(records, held)
            effect = fit_sales(records, held, is_log_price=False)
        except UnidentifiedError as error:
            if not steps:
                raise
            note = reason(
                "CONTROLS_GIVEN_UP",
                ja=f"これ以上は区別できません({_listed(held).ja}): {error.message.ja}",
                en=f"no more can be held fixed ({_listed(held).en}): {error.message.en}",
            )
            return tuple(steps), (note,)
        steps.append(
            LadderStep(
                held,
                elasticity.estimate(price_name(is_log_price=True)),
                effect.estimate(price_name(is_log_price=False)),
                elasticity.explained,
            )
        )
    return tuple(steps), ()


def _is_known(records: SalesRecords, control: Control) -> bool:
    if control == "product":
        return len(set(records.product)) > 1
    if control == "holiday":
        return bool(len(records.is_holiday) and records.is_holiday.any())
    if control == "month":
        return len({day.month for day in records.dates}) > 1
    if control == "each-month":
        return len({(day.year, day.month) for day in records.dates}) > len({day.month for day in records.dates})
    return True


def _usable(
    steps: tuple[LadderStep, ...],
    controlled: ControlledFit | None,
    effect: ControlledFit | None,
    is_randomised: bool,
) -> tuple[Estimate | None, Estimate | None]:
    """Return elasticity and effect that stand for what a price does, or nothing."""
    found: tuple[Estimate, Estimate] | None = None
    if controlled is not None and effect is not None:
        found = None if controlled.is_weak or effect.is_weak else (controlled.price, effect.price)
    elif is_randomised:
        found = (steps[-1].elasticity, steps[-1].effect)
    if found is None or found[0].value >= 0 or found[1].value >= 0:
        return None, None
    return found


def _remarks(
    records: SalesRecords,
    steps: tuple[LadderStep, ...],
    controlled: ControlledFit | None,
    *,
    is_usable: bool,
    is_randomised: bool,
) -> tuple[Reason, ...]:
    remarks: list[Reason] = list(controlled.remarks) if controlled else []
    first, last = steps[0].elasticity, steps[-1].elasticity
    if first.value > 0:
        remarks.append(_rise_together(records, first))
    if len(steps) > 1:
        held = _listed([control for control in steps[-1].held if control not in steps[0].held])
        remarks.append(
            reason(
                "CONTROLS_CHANGE_IT",
                ja=f"{held.ja}を揃えると、弾力性に見える値は {_said(first)} から {_said(last)} になります",
                en=f"holding {held.en} fixed takes what looks like an elasticity from {_said(first)} to {_said(last)}",
            )
        )
    end = controlled.price if controlled else last
    if end.value >= 0:
        remarks.append(
            reason(
                "POSITIVE_PRICE_EFFECT",
                ja=f"料金が上がるほど売れるという結果({_said(end)})は料金の効果ではないため、弾力性としては使いません",
                en=f"selling more at higher prices ({_said(end)}) is no effect of the price: not used as an elasticity",
            )
        )
    if not is_usable and controlled is None and not is_randomised:
        remarks.append(
            reason(
                "NOT_IDENTIFIED",
                ja="残りは関連であって効果ではありません。料金だけを動かす操作変数か、無作為な料金テストがなければ識別できません",
                en="what is left is an association, no effect: without instruments that move the price alone, or a "
                "randomised price test, the effect is not identified",
            )
        )
    if is_usable and not end.excludes(0.0):
        remarks.append(unsure_effect(end))
    if records.later:
        remarks.append(
            reason(
                "LATER_DAYS_LEFT_OUT",
                ja=f"まだ終わっていない {records.later} 日は使っていません",
                en=f"{records.later} days that were not over yet are left out",
            )
        )
    return tuple(remarks)


def _rise_together(records: SalesRecords, naive: Estimate) -> Reason:
    means = _weekday_means(records)
    dear, cheap = max(means, key=lambda mean: mean.price), min(means, key=lambda mean: mean.price)
    ja = f"料金と数量が一緒に上がっています(見かけの弾力性 {_said(naive)})"
    en = f"price and volume rise together (they look like an elasticity of {_said(naive)})"
    if dear.quantity > cheap.quantity:
        ja += (
            f": {_JAPANESE[dear.weekday]}は平均 {dear.price:,.0f} で {dear.quantity:,.0f}、"
            f"{_JAPANESE[cheap.weekday]}は {cheap.price:,.0f} で {cheap.quantity:,.0f}"
        )
        en += (
            f": {dear.weekday} averages {dear.price:,.0f} with {dear.quantity:,.0f} sold, "
            f"{cheap.weekday} {cheap.price:,.0f} with {cheap.quantity:,.0f}"
        )
    return reason("PRICE_AND_VOLUME_RISE_TOGETHER", ja=ja, en=en)


_JAPANESE: Final = dict(zip(WEEKDAYS, ("月曜", "火曜", "水曜", "木曜", "金曜", "土曜", "日曜"), strict=True))


def _listed(controls: Sequence[Control]) -> Text:
    words = [CONTROL_WORDS[control] for control in controls]
    return Text(ja="・".join(each.ja for each in words), en=", ".join(each.en for each in words))


def _said(estimate: Estimate) -> str:
    return f"{estimate.value:+.2f} [{estimate.low:+.2f}, {estimate.high:+.2f}]"


def _weekday_means(records: SalesRecords) -> tuple[WeekdayMean, ...]:
    weekday = records.weekday
    return tuple(
        WeekdayMean(
            name,
            int((weekday == place).sum()),
            float(records.price[weekday == place].mean()),
            float(records.quantity[weekday == place].mean()),
        )
        for place, name in enumerate(WEEKDAYS)
        if (weekday == place).any()
    )
