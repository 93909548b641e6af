"""The door: look at what is in the records, take the method that fits, and say which and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pricing._words import reason
from pricing.estimation.aggregate import SalesStudy, study_sales
from pricing.estimation.by_segment import SegmentFits, fit_segments, never_bought_remark, segments_of
from pricing.estimation.censored import CensoredFit, Sales, fit_censored
from pricing.estimation.choice_records import PRICE, choices_of, never_bought
from pricing.estimation.choices import Choices
from pricing.estimation.errors import SignError
from pricing.estimation.habits import BookingHabits, booking_habits
from pricing.estimation.latent_class import LatentClassFit, choose_classes, fit_latent_classes
from pricing.estimation.mnl import MnlFit, fit_mnl
from pricing.estimation.records import Bookings
from pricing.estimation.results import Estimate, unsure_effect
from pricing.estimation.sales_records import SalesRecords, sales_of
from pricing.estimation.segments import sensitivity_of
from regional_assets.errors import InputError, Problem
from regional_assets.text import Text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from pricing.proposal import Reason

Method = Literal["choices", "choices-by-segment", "latent-classes", "censored-sales", "sales", "sales-with-instruments"]

Records = Bookings | SalesRecords | Sales | Choices


@dataclass(frozen=True, slots=True, eq=False)
class Estimation:
    """
    Hold what records tell of demand.

    Parameters
    ----------
    method, why
        Which method was taken, and what in the records called for it.
    estimates
        Everything estimated, with intervals.
    price_effects
        Effect of 1,000 of the currency on the utility (or, from sales, on the logarithm of sales) that may be used, one
        for each class; empty where there is none to be had, for reasons in ``remarks``.
    elasticity
        From sales; None where there is none to be had.
    habits
        How bookings came in and fell away; None where the records are no bookings.
    fit
        All of it.
    """

    method: Method
    why: Reason
    estimates: tuple[Estimate, ...]
    price_effects: tuple[Estimate, ...]
    elasticity: Estimate | None
    habits: BookingHabits | None
    fit: MnlFit | SegmentFits | LatentClassFit | CensoredFit | SalesStudy
    remarks: tuple[Reason, ...]


def estimate(
    records: Records,
    *,
    market_share: float | None = None,
    classes: int | None = 1,
    price: str = PRICE,
    is_randomised: bool = False,
    is_holiday: Callable[[dt.date], bool] | None = None,
    draws: int = 200,
    seed: int = 0,
) -> Estimation:
    """
    Estimate demand from records, by the method that they allow.

    Parameters
    ----------
    records
        Choices, or bookings that tell what was on offer: a logit (one for each segment, where bookings name the segment
        of every customer, unless classes are asked for). Sales with what was on offer (`Sales`): demand behind
        sales. Bookings and daily sums without that: a regression of sales.
    market_share
        For `Sales`: share of customers who buy when everything is on offer.
    classes
        For choices: how many classes of customers; None to let Schwarz's criterion choose.
    price
        For `Choices`: name of the price's coefficient, in 1,000 of the currency.
    is_randomised
        Whether prices were drawn by lot, so that they cannot have followed demand.
    is_holiday
        Tells public holidays, which regressions hold fixed.
    draws, seed
        Of bootstraps and starts.

    Raises
    ------
    InputError
        If a share is needed and none is given.
    NoPriceVariationError
        If no price ever changed.
    UnidentifiedError
        If the records cannot tell something else.
    """
    if isinstance(records, Sales):
        return _from_censored(records, market_share)
    if isinstance(records, Bookings):
        return _from_bookings(records, classes, is_randomised, is_holiday, draws, seed)
    if isinstance(records, SalesRecords):
        return _from_sales(records, is_randomised, draws, seed)
    return _from_choices(records, price, classes, is_randomised, seed)


def _from_censored(records: Sales, market_share: float | None) -> Estimation:
    if market_share is None:
        message = Text(
            ja="何も買わなかった人が記録にないため、市場シェア(全商品が買えるとき何割の客が買うか)が必要です",
            en="is needed, for sales do not tell who bought nothing: the share who buy when everything is on offer",
        )
        raise InputError([Problem("market_share", None, message)])
    fit = fit_censored(records, market_share=market_share)
    why = reason(
        "SALES_AND_OFFERS",
        ja="販売数と販売していた商品が分かるため、売り切れで失われた需要も推定します",
        en="the records tell sales and what was on offer, so demand turned away is estimated too",
    )
    return Estimation("censored-sales", why, (*fit.attractions, *fit.rates), (), None, None, fit, fit.remarks)


def _from_bookings(
    records: Bookings,
    classes: int | None,
    is_randomised: bool,
    is_holiday: Callable[[dt.date], bool] | None,
    draws: int,
    seed: int,
) -> Estimation:
    habits, left_out = booking_habits(records), _left_out(records)
    extra: tuple[Reason, ...] = ()
    if records.has_offers and classes == 1 and len(segments_of(records)) > 1:
        found = _from_segments(records, is_randomised)
    elif records.has_offers:
        found = _from_choices(choices_of(records), PRICE, classes, is_randomised, seed)
        unwanted = ", ".join(never_bought(records))
        extra = (never_bought_remark(unwanted),) if unwanted else ()
    else:
        found = _from_sales(sales_of(records, is_holiday=is_holiday), is_randomised, draws, seed)
        extra = (_no_choice_sets(),)
    if records.has_offers and not records.has_no_purchases:
        extra = (*extra, _nobody_left())
    return Estimation(
        found.method,
        found.why,
        found.estimates,
        found.price_effects,
        found.elasticity,
        habits,
        found.fit,
        (*extra, *found.remarks, *left_out),
    )


def _from_segments(records: Bookings, is_randomised: bool) -> Estimation:
    fitted = fit_segments(records)
    why = reason(
        "CHOICES_OF_SEGMENTS_KNOWN",
        ja="何が選べて何が選ばれたかと客層が分かるため、客層ごとに選択モデル(ロジット)で推定します",
        en="the records tell what could be chosen, what was, and by which segment, so a logit is fitted for each",
    )
    effects = tuple(one for one in fitted.estimates if one.name.endswith(f".{PRICE}"))
    remarks = _sign_remarks(effects) if is_randomised else (*_sign_remarks(effects), _trusted_prices())
    usable = tuple(one for one in effects if one.value < 0)
    ordered = (*effects, *(one for one in fitted.estimates if one not in effects))
    return Estimation("choices-by-segment", why, ordered, usable, None, None, fitted, (*fitted.remarks, *remarks))


def _from_choices(choices: Choices, price: str, classes: int | None, is_randomised: bool, seed: int) -> Estimation:
    choices.column(price)
    fit: MnlFit | LatentClassFit
    extra: tuple[Reason, ...] = ()
    if classes == 1:
        plain = fit_mnl(choices)
        robust = plain.persons < plain.observations
        effects: tuple[Estimate, ...] = (plain.estimate(price, is_robust=robust),)
        estimates = plain.robust_estimates if robust else plain.estimates
        method: Method = "choices"
        fit = plain
    else:
        mixed = (
            choose_classes(choices, order_by=price, seed=seed)[0]
            if classes is None
            else fit_latent_classes(choices, classes=classes, order_by=price, seed=seed)
        )
        effects = tuple(one for one in mixed.estimates if one.name.endswith(f".{price}"))
        estimates = (*mixed.estimates, *mixed.share_estimates)
        if mixed.persons == mixed.observations:
            extra = (_one_choice_each(),)
        method = "latent-classes"
        fit = mixed
    why = reason(
        "CHOICES_KNOWN",
        ja="何が選べて何が選ばれたかが分かるため、選択モデル(ロジット)で推定します",
        en="the records tell what could be chosen and what was, so a logit of choices is fitted",
    )
    remarks = (*extra, *_sign_remarks(effects), *(() if is_randomised else (_trusted_prices(),)))
    usable = tuple(one for one in effects if one.value < 0)
    return Estimation(method, why, estimates, usable if len(usable) == len(effects) else (), None, None, fit, remarks)


def _from_sales(records: SalesRecords, is_randomised: bool, draws: int, seed: int) -> Estimation:
    study = study_sales(records, is_randomised=is_randomised, draws=draws, seed=seed)
    why = reason(
        "SALES_ONLY",
        ja="何が選べたかは記録にないため、日ごとの販売数の回帰で推定します",
        en="the records do not tell what could be chosen, so daily sales are regressed on prices",
    )
    shown = (study.controlled.price,) if study.controlled else (study.steps[-1].elasticity,)
    return Estimation(
        "sales-with-instruments" if study.controlled else "sales",
        why,
        shown,
        (study.effect,) if study.effect else (),
        study.elasticity,
        None,
        study,
        study.remarks,
    )


def _sign_remarks(effects: tuple[Estimate, ...]) -> tuple[Reason, ...]:
    remarks: list[Reason] = []
    for effect in effects:
        try:
            sensitivity_of(effect)
        except SignError as error:
            remarks.append(reason("POSITIVE_PRICE_EFFECT", ja=error.message.ja, en=error.message.en))
            continue
        if not effect.excludes(0.0):
            remarks.append(unsure_effect(effect))
    return tuple(remarks)


def _trusted_prices() -> Reason:
    return reason(
        "PRICES_BELIEVED_BLIND",
        ja="料金が需要を見て決められていないことを前提にしています。そうでなければ感度は小さく出ます",
        en="prices are taken not to have followed demand; if they did, the sensitivity is understated",
    )


def _one_choice_each() -> Reason:
    return reason(
        "ONE_CHOICE_EACH",
        ja="一人につき一度の選択しかないため、層の違いはロジットの形だけから推定されています",
        en="there is one choice of each person, so classes are told apart by the shape of the logit alone",
    )


def _nobody_left() -> Reason:
    return reason(
        "NO_PURCHASES_UNKNOWN",
        ja="何も買わなかった人が記録にないため、商品どうしの比較だけが分かります。市場シェアを与えてください",
        en="nobody who bought nothing is recorded, so only products are compared; give a market share for the rest",
    )


def _no_choice_sets() -> Reason:
    return reason(
        "NO_CHOICE_SETS",
        ja="選択肢の記録がなく、売れなかった日の料金も分かりません。これだけでは料金の効果は確かめられません",
        en="no choice sets, and no prices at which nothing was sold: no model of choices can be fitted",
    )


def _left_out(records: Bookings) -> tuple[Reason, ...]:
    if not records.left_out:
        return ()
    count, first = len(records.left_out), records.left_out[0]
    return (
        reason(
            "ROWS_LEFT_OUT",
            ja=f"使えない行が {count} 件あり、除きました(最初: {first.line('ja')})",
            en=f"{count} rows cannot be used and are left out (the first: {first.line('en')})",
        ),
    )
