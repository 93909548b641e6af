"""
Test a model of demand, and prices, on the past, by foretelling days that it has not seen.

Records are cut by date. The model is fitted to what came before, foretells the next stretch, is fitted again with that
stretch, and so on (walk-forward): no day is foretold with knowledge of itself or of later ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pricing._dated_ids import offer_and_day
from pricing._intervals import drawn_interval
from pricing._words import reason
from pricing.estimation.choice_records import PRICE, choices_of
from pricing.estimation.choices import Choices
from pricing.estimation.mnl import fit_mnl, probabilities
from pricing.estimation.records import Bookings
from pricing.estimation.results import NORMAL_95
from pricing.proposal import Interval, Reason
from regional_assets.errors import InputError, Problem
from regional_assets.text import Text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from pricing.estimation.records import Booking
    from pricing.proposal import PricePlan

FEWEST_DATES: Final = 20
FEWEST_BOOKINGS: Final = 100
MOST_FOLDS: Final = 20
DRAWS: Final = 200


@dataclass(frozen=True, slots=True)
class ForetoldDate:
    """
    Hold one date: what was booked for it, and what had been foretold, with a 95 % interval for the count itself.

    Parameters
    ----------
    fold
        Which of the fits foretold it.
    """

    date: dt.date
    fold: int
    actual: float
    foretold: Interval


@dataclass(frozen=True, slots=True)
class ForetoldProduct:
    """Hold one product over all test dates: what was booked, and what had been foretold."""

    product: str
    actual: float
    foretold: float


@dataclass(frozen=True, slots=True)
class Backtest:
    """
    Hold how well the past was foretold.

    Parameters
    ----------
    trained
        First and last date that the first fit saw; all dates of ``dates`` come after.
    mape
        Mean over dates of the error as a share of what was booked; dates without a booking are left out.
    bias
        Foretold less booked, as a share of what was booked, over all test dates.
    coverage
        Share of dates whose bookings lie within their interval; 0.95 is right.
    actual_yen, foretold_yen
        What the bookings of the test dates brought when they were made, and what was foretold at the same prices.
    proposed_yen, more_yen
        What other prices would have brought in the fitted demand, and by how much more that is than ``foretold_yen``,
        with 95 % intervals from what is not known of the coefficients; None where no prices were given.
    remarks
        What these figures can not carry.
    """

    trained: tuple[dt.date, dt.date]
    folds: int
    dates: tuple[ForetoldDate, ...]
    products: tuple[ForetoldProduct, ...]
    mape: float
    bias: float
    coverage: float
    actual_yen: float
    foretold_yen: float
    proposed_yen: Interval | None
    more_yen: Interval | None
    remarks: tuple[Reason, ...]
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class _Forecast:
    """Hold the rows of one segment in one fold: chances by draw of the coefficients, the first being the estimate."""

    rows: NDArray[np.int64]
    chances: NDArray[np.float64]
    proposed: NDArray[np.float64] | None


def backtest(
    bookings: Bookings,
    *,
    prices: Mapping[str, int] | None = None,
    folds: int = 3,
    draws: int = DRAWS,
    seed: int = 0,
) -> Backtest:
    """
    Foretell the later half of booking records from what came before, and replay it at other prices.

    A logit is fitted for each segment that the records name, and for all customers together where they name none.

    Parameters
    ----------
    bookings
        Records that tell what was on offer, and who bought nothing.
    prices
        Other prices, by product of the records, to replay on the test dates; products not named keep theirs.
    folds
        Into how many stretches the later half is cut, 1 to `MOST_FOLDS`.
    draws, seed
        Of coefficients, for intervals.

    Raises
    ------
    InputError
        If the records are too few, do not tell what was on offer or who bought nothing, or a price is for no product
        of theirs.
    NoPriceVariationError
        If no price ever changed: then nothing tells what other prices would have done.
    UnidentifiedError
        If the earlier part cannot tell a product of the later part from nothing.
    """
    problems = list(_problems(bookings, prices or {}, folds, draws))
    if problems:
        raise InputError(problems)
    rows = sorted(bookings.rows, key=lambda row: (row.date, row.line))
    days = sorted({row.date for row in rows})
    cuts = np.linspace(len(days) // 2, len(days), folds + 1).astype(int)
    choices = choices_of(Bookings(tuple(rows), bookings.currency, bookings.source))
    products = sorted({name for row in rows for name, _ in row.offered})
    paid = choices.design[:, :, choices.names.index(PRICE)] * 1000.0
    proposed = _with_prices(paid, choices.available, products, prices) if prices else None
    fold_of = np.searchsorted(np.array([days[cut - 1].toordinal() for cut in cuts]), [r.date.toordinal() for r in rows])
    generator = np.random.default_rng(seed % 2**63)
    forecasts = [
        forecast
        for fold in range(1, folds + 1)
        for group in _groups(rows)
        for forecast in _forecasts(choices, group, fold_of, fold, proposed, draws, generator)
    ]
    return _summary(rows, choices, products, paid, proposed, fold_of, forecasts, days[: cuts[0]], folds, seed, prices)


def offer_prices(plan: PricePlan, bookings: Bookings) -> dict[str, int]:
    """
    Return prices of a plan by the products of booking records, for `backtest`.

    A product of the plan belongs to a product of the records if, without its date, its id is the other's or the
    beginning of it up to a hyphen, and both take place on the same day of the week; the price is the middle one of
    those proposed for the first period. Products of the records that no product of the plan belongs to are left out.
    """
    weekdays: dict[str, set[int]] = {}
    for row in bookings.rows:
        for name, _ in row.offered:
            weekdays.setdefault(name, set()).add(row.date.weekday())
    found: dict[str, list[int]] = {}
    for each in plan.products:
        base, date = offer_and_day(each.product)
        for name, days in weekdays.items():
            is_same = name == base or name.startswith(f"{base}-")
            if is_same and each.proposed is not None and (date is None or date.weekday() in days):
                found.setdefault(name, []).append(each.proposed)
    return {name: sorted(yen)[(len(yen) - 1) // 2] for name, yen in found.items()}


def _problems(bookings: Bookings, prices: Mapping[str, int], folds: int, draws: int) -> Iterator[Problem]:
    rows = bookings.rows
    if not bookings.has_offers or not bookings.has_no_purchases:
        message = Text(
            ja="何が選べたか(offered)と、何も買わなかった人の行が必要です。"
            "それがないと、料金を変えたときに何人減るかは記録から分かりません",
            en="need what was on offer (`offered`) and rows of people who bought nothing; "
            "without them records do not tell how many another price would have lost",
        )
        yield Problem(f"{bookings.source} offered", None, message)
    bought = sum(row.product is not None for row in rows)
    days = len({row.date for row in rows})
    if days < FEWEST_DATES or bought < FEWEST_BOOKINGS:
        message = Text(
            ja=f"{FEWEST_DATES} 日、{FEWEST_BOOKINGS} 件以上の予約が必要です(今は {days} 日、{bought} 件)",
            en=f"are too few: {days} dates with {bought} bookings, of {FEWEST_DATES} and {FEWEST_BOOKINGS} needed",
        )
        yield Problem(bookings.source, days, message)
    if not 1 <= folds <= MOST_FOLDS:
        message = Text(ja=f"1 から {MOST_FOLDS} までです(今は {folds})", en=f"must be 1 to {MOST_FOLDS}, is {folds}")
        yield Problem("folds", folds, message)
    if draws < 2:
        yield Problem(
            "draws", draws, Text(ja=f"2 以上にしてください(今は {draws})", en=f"must be 2 at least, is {draws}")
        )
    known = {name for row in rows for name, _ in row.offered}
    for product, yen in prices.items():
        if known and product not in known:
            message = Text(ja=f"商品「{product}」は記録にありません", en=f"no product {product!r} in the records")
            yield Problem("prices", product, message)
        if yen < 0:
            yield Problem("prices", yen, Text(ja=f"料金がマイナスです: {yen}", en=f"is negative: {yen}"))


def _groups(rows: list[Booking]) -> list[NDArray[np.int64]]:
    """Return the rows of each segment; all together where a row names none."""
    names = [row.segment for row in rows]
    if None in names:
        return [np.arange(len(rows))]
    return [np.flatnonzero([name == one for name in names]) for one in sorted(set(names), key=str)]


def _with_prices(
    paid: NDArray[np.float64], available: NDArray[np.bool_], products: list[str], prices: Mapping[str, int]
) -> NDArray[np.float64]:
    """Return prices of all offers, with some products at another price wherever they were offered."""
    changed = paid.copy()
    for product, yen in prices.items():
        at = products.index(product)
        changed[available[:, at], at] = yen
    return changed


def _forecasts(
    choices: Choices,
    group: NDArray[np.int64],
    fold_of: NDArray[np.int64],
    fold: int,
    proposed: NDArray[np.float64] | None,
    draws: int,
    generator: np.random.Generator,
) -> Iterator[_Forecast]:
    """Fit one group to all folds before one, and foretell its rows there."""
    before, there = group[fold_of[group] < fold], group[fold_of[group] == fold]
    if not len(there):
        return
    seen = np.atleast_1d(choices.available[group].any(axis=0))
    seen[-1] = True
    columns = np.array([name == PRICE or bool(seen[at - 1]) for at, name in enumerate(choices.names)])
    fit = fit_mnl(_part(choices, before, columns))
    noise = generator.multivariate_normal(
        np.zeros(len(fit.values)), fit.robust_covariance, size=draws, method="cholesky"
    )
    coefficients = fit.values + np.vstack([np.zeros(len(fit.values)), noise])
    later = _part(choices, there, columns)

    def chances(design: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.stack([probabilities(later, design, theta) for theta in coefficients])

    replayed = None
    if proposed is not None:
        design = later.design.copy()
        design[:, :, 0] = proposed[there] / 1000.0
        replayed = chances(design)
    yield _Forecast(there, chances(later.design), replayed)


def _part(choices: Choices, rows: NDArray[np.int64], columns: NDArray[np.bool_]) -> Choices:
    """Return some rows, with the coefficients that matter to them."""
    names = tuple(name for name, is_kept in zip(choices.names, columns, strict=True) if is_kept)
    design = choices.design[rows][:, :, columns]
    return Choices(names, design, choices.available[rows], choices.chosen[rows], weights=choices.weights[rows])


def _summary(
    rows: list[Booking],
    choices: Choices,
    products: list[str],
    paid: NDArray[np.float64],
    proposed: NDArray[np.float64] | None,
    fold_of: NDArray[np.int64],
    forecasts: list[_Forecast],
    trained: list[dt.date],
    folds: int,
    seed: int,
    prices: Mapping[str, int] | None,
) -> Backtest:
    weights = choices.weights
    bought = np.zeros((len(rows), len(products)))
    stood = choices.chosen < len(products)
    bought[np.flatnonzero(stood), choices.chosen[stood]] = weights[stood]
    dates = _dates(rows, bought, weights, fold_of, forecasts)
    draws = len(forecasts[0].chances)
    foretold, replayed = np.zeros(draws), np.zeros(draws)
    by_product = np.zeros(len(products))
    for each in forecasts:
        counts = each.chances[:, :, :-1] * weights[each.rows][None, :, None]
        by_product += counts[0].sum(axis=0)
        foretold += (counts * paid[each.rows][None, :, :-1]).sum(axis=(1, 2))
        if each.proposed is not None and proposed is not None:
            other = each.proposed[:, :, :-1] * weights[each.rows][None, :, None]
            replayed += (other * proposed[each.rows][None, :, :-1]).sum(axis=(1, 2))
    test = fold_of > 0
    actual = np.array([each.actual for each in dates])
    expected = np.array([each.foretold.mean for each in dates])
    some = actual > 0
    inside = [each.foretold.low <= each.actual <= each.foretold.high for each in dates]
    return Backtest(
        trained=(trained[0], trained[-1]),
        folds=folds,
        dates=dates,
        products=tuple(
            ForetoldProduct(name, float(bought[test, at].sum()), float(by_product[at]))
            for at, name in enumerate(products)
        ),
        mape=float(np.mean(np.abs(expected - actual)[some] / actual[some])),
        bias=float((expected.sum() - actual.sum()) / actual.sum()),
        coverage=float(np.mean(inside)),
        actual_yen=float((bought[test] * paid[test][:, :-1]).sum()),
        foretold_yen=float(foretold[0]),
        proposed_yen=None if proposed is None else drawn_interval(replayed),
        more_yen=None if proposed is None else drawn_interval(replayed - foretold),
        remarks=tuple(_remarks(rows, prices)),
        seed=seed,
    )


def _dates(
    rows: list[Booking],
    bought: NDArray[np.float64],
    weights: NDArray[np.float64],
    fold_of: NDArray[np.int64],
    forecasts: list[_Forecast],
) -> tuple[ForetoldDate, ...]:
    """Return each test date with its interval: chance of every customer, and what is not known of coefficients."""
    ordinal = np.array([row.date.toordinal() for row in rows])
    draws = len(forecasts[0].chances)
    totals: dict[int, NDArray[np.float64]] = {}
    chance: dict[int, float] = {}
    for each in forecasts:
        buys = 1.0 - each.chances[:, :, -1]
        for day in np.unique(ordinal[each.rows]):
            here = ordinal[each.rows] == day
            size = weights[each.rows][here]
            totals[day] = totals.get(day, np.zeros(draws)) + buys[:, here] @ size
            chance[day] = chance.get(day, 0.0) + float((buys[0, here] * (1 - buys[0, here])) @ size**2)
    found = []
    for day in sorted(totals):
        here = ordinal == day
        mean = float(totals[day][0])
        # Half a booking on either side: the interval is for a whole number.
        reach = NORMAL_95 * float(np.sqrt(chance[day] + totals[day][1:].var(ddof=1))) + 0.5
        found.append(
            ForetoldDate(
                date=rows[int(np.flatnonzero(here)[0])].date,
                fold=int(fold_of[here][0]),
                actual=float(bought[here].sum()),
                foretold=Interval(mean=mean, low=max(0.0, mean - reach), high=mean + reach),
            )
        )
    return tuple(found)


def _remarks(rows: list[Booking], prices: Mapping[str, int] | None) -> Iterator[Reason]:
    """Yield what the figures can not carry."""
    yield reason(
        "GIVEN_CUSTOMERS",
        "何人が見に来るかは記録のとおりとしました。予測したのは、そのうち何人が買うかです",
        "how many came to look is taken from the records; what is foretold is how many of them buy",
    )
    yield reason(
        "BOOKINGS_AS_MADE",
        "予約した時点の数と金額で、後の取消は引いていません",
        "counts and yen are of bookings as they were made; later cancellations are not taken off",
    )
    if not prices:
        return
    yield reason(
        "SEATS_NOT_REPLAYED",
        "別の料金で席が足りなくなること、売り切れなくなることは再現していません",
        "seats are not replayed: other prices might have sold out a slot, or kept open one that was sold out",
    )
    seen: dict[str, list[float]] = {}
    for row in rows:
        for name, yen in row.offered:
            seen.setdefault(name, []).append(yen)
    outside = [name for name, yen in prices.items() if not min(seen[name]) <= yen <= max(seen[name])]
    if outside:
        yield reason(
            "OUTSIDE_PRICES_SEEN",
            f"記録にない範囲の料金のため、当てはまるとは限りません: {'、'.join(outside)}",
            f"beyond the prices that records show, where the model is a guess: {', '.join(outside)}",
        )
