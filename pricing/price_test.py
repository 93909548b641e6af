"""
Where records tell nothing: stated ranges to begin with, and a price test that is safe enough to run.

A test gives each date of an offer one of two prices by lot, the same for everybody who asks for that date. Within each
weekday both prices come up equally often, so that Saturdays are compared with Saturdays. Everything hangs on a seed:
the same test can be written down, announced and checked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from pricing._booking_arrays import live_rules, reference_price
from pricing._translate import YEN_OF_SENSITIVITY, translate
from pricing._words import reason
from pricing.model import Segment
from pricing.proposal import Interval, Reason
from pricing.rule_words import MODE_PERCENT
from regional_assets.errors import InputError, Problem
from regional_assets.model import Kind, Name
from regional_assets.text import Text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from pricing.model import Market, Product

Mode = Literal["careful", "standard", "bold"]

PRIOR_ELASTICITY: Final[dict[Kind, Interval]] = {
    Kind.CULTURE: Interval(mean=-0.8, low=-1.8, high=-0.3),
    Kind.CRAFT: Interval(mean=-1.2, low=-2.5, high=-0.5),
    Kind.FOOD: Interval(mean=-1.3, low=-2.5, high=-0.6),
    Kind.NATURE: Interval(mean=-0.8, low=-1.8, high=-0.3),
    Kind.LODGING: Interval(mean=-1.5, low=-3.0, high=-0.7),
    Kind.EVENT: Interval(mean=-1.0, low=-2.2, high=-0.4),
    Kind.HUB: Interval(mean=-0.7, low=-1.5, high=-0.3),
}
"""
Percent of sales lost per percent of price, by kind of place: the compilers' guess, wide on purpose, measured nowhere.
It is what one plans with until a test or records tell more; every answer that uses it says so.
"""

HARM_SCORE: Final = 3.0
"""Standard errors by which one price must earn less than the other before a test is broken off."""

FEWEST_DATES: Final = 4


@dataclass(frozen=True, slots=True)
class PriceTest:
    """
    Hold a plan for a price test.

    Parameters
    ----------
    prices
        The two prices, in yen, low and high.
    assignment
        Every date given with its price, in order of time.
    dates_for_precision, dates_for_power
        Dates after which the elasticity is known to the precision asked for, and after which one that differs from -1
        by as much is told from it with the power asked for.
    half_width, power
        What the dates given reach: half of the 95 % interval of the elasticity, and the power.
    cost_yen
        What the test is expected to cost against today's price on all dates, at the expected elasticity and at both
        ends of its range; negative where it earns.
    stopping
        When to stop, in words.
    assumed
        What was assumed.
    """

    product: str
    current: int
    prices: tuple[int, int]
    assignment: tuple[tuple[dt.date, int], ...]
    dates_for_precision: int
    dates_for_power: int
    half_width: float
    power: float
    cost_yen: Interval
    stopping: tuple[Reason, ...]
    assumed: tuple[Reason, ...]
    seed: int

    @property
    def is_enough(self) -> bool:
        """Return whether the dates given reach both precision and power."""
        return len(self.assignment) >= max(self.dates_for_precision, self.dates_for_power)


def prior_segment(
    product: Product, *, arrivals: Sequence[float], share_buying: float, elasticity: Interval | None = None
) -> Segment:
    """
    Return customers for a product of which nothing but its usual sales are known.

    Parameters
    ----------
    arrivals
        Customers who look at it, in each period.
    share_buying
        Share of them who buy at today's price (for a new product: in the middle of its ladder), above 0 and below 1.
    elasticity
        At that price; `PRIOR_ELASTICITY` of its kind where None.

    Raises
    ------
    InputError
        If the share or the elasticity makes no sense, or the product has neither kind nor elasticity.
    """
    problems = list(_prior_problems(product, share_buying, elasticity))
    if problems:
        raise InputError(problems)
    price = max(1, reference_price(product))
    prior = elasticity or _prior(product)
    # In a logit the elasticity is -sensitivity * price * (1 - share).
    mean, least, most = (
        -value * YEN_OF_SENSITIVITY / (price * (1.0 - share_buying)) for value in (prior.mean, prior.high, prior.low)
    )
    appeal = math.log(share_buying / (1.0 - share_buying)) + mean * price / YEN_OF_SENSITIVITY
    return Segment(
        id=f"prior-{product.id}",
        name=Name(ja="想定した客層(記録なし)", en="assumed customers (no records)"),
        arrivals=tuple(arrivals),
        sensitivity=mean,
        sensitivity_range=(least, most),
        appeal={product.id: appeal},
        source="stated",
    )


def plan_price_test(
    market: Market,
    product: str,
    *,
    dates: Sequence[dt.date],
    sales_per_date: float,
    mode: Mode = "careful",
    elasticity: Interval | None = None,
    precision: float = 1.0,
    power: float = 0.8,
    seed: int = 0,
) -> PriceTest:
    """
    Plan a price test of an offer.

    The two prices are the lowest and the highest of the ladder that the rules allow in the first period, that lie
    within the reach of the mode (careful: 10 % from today's price), and that fit beside today's prices of the others.

    Parameters
    ----------
    product
        Id of a product of the market; what is tested is its offer, on the dates given.
    dates
        On which the offer takes place, `FEWEST_DATES` at least; they need not be in the market.
    sales_per_date
        Usual sales on one date at today's price, above 0; they are taken to vary as Poisson counts do.
    elasticity
        Expected at today's price; `PRIOR_ELASTICITY` of the kind where None.
    precision
        Half of the 95 % interval wanted for the elasticity.
    power
        Chance wanted to tell an elasticity that lies ``precision`` away from -1, where a higher price neither earns nor
        costs, at the 5 % level.

    Raises
    ------
    InputError
        If an argument makes no sense, or there are no two prices to test.

    References
    ----------
    Variance of the logarithm of a ratio of Poisson counts, 1/a + 1/b: Rothman & Greenland, Modern Epidemiology (1998).
    """
    problems = list(_test_problems(market, product, dates, sales_per_date, precision, power))
    if problems:
        raise InputError(problems)
    at = [each.id for each in market.products].index(product)
    one = market.products[at]
    if elasticity is None and one.kind is None:
        raise InputError([_no_kind(one)])
    prior = elasticity or _prior(one)
    low, high = _test_prices(market, at, mode)
    current = reference_price(one)
    # Sum of inverse expected counts per date and arm, at the expected elasticity.
    noise = sum(1.0 / (sales_per_date * (price / current) ** prior.mean) for price in (low, high))
    spread = math.log(high / low)
    normal = NormalDist()
    reach = normal.inv_cdf(0.975)
    error = math.sqrt(noise / (len(dates) / 2)) / spread
    for_precision = 2 * math.ceil(noise * (reach / (precision * spread)) ** 2)
    for_power = 2 * math.ceil(noise * ((reach + normal.inv_cdf(power)) / (precision * spread)) ** 2)
    return PriceTest(
        product=product,
        current=current,
        prices=(low, high),
        assignment=_drawn_prices(dates, (low, high), seed),
        dates_for_precision=max(FEWEST_DATES, for_precision),
        dates_for_power=max(FEWEST_DATES, for_power),
        half_width=reach * error,
        power=normal.cdf(precision / error - reach),
        cost_yen=_cost(one, (low, high), sales_per_date, len(dates), prior),
        stopping=tuple(_stopping_rule(len(dates))),
        assumed=tuple(_assumed(one, elasticity, prior)),
        seed=seed,
    )


def _prior(product: Product) -> Interval:
    assert product.kind is not None, "checked before"
    return PRIOR_ELASTICITY[product.kind]


def _no_kind(product: Product) -> Problem:
    message = Text(
        ja=f"商品「{product.id}」に種別がないため、価格弾力性を指定してください",
        en=f"{product.id!r} has no kind to assume an elasticity by: give one",
    )
    return Problem("elasticity", None, message)


def _prior_problems(product: Product, share_buying: float, elasticity: Interval | None) -> Iterator[Problem]:
    if not 0.0 < share_buying < 1.0:
        message = Text(
            ja=f"0 と 1 の間にしてください(今は {share_buying})", en=f"must lie between 0 and 1, is {share_buying}"
        )
        yield Problem("share_buying", share_buying, message)
    if elasticity is None and product.kind is None:
        yield _no_kind(product)
    if elasticity is not None and not elasticity.low <= elasticity.mean <= elasticity.high < 0.0:
        message = Text(
            ja="弾力性は負で、下限 ≤ 中央 ≤ 上限にしてください", en="must be negative, with low <= mean <= high"
        )
        yield Problem("elasticity", elasticity, message)


def _test_problems(
    market: Market, product: str, dates: Sequence[dt.date], sales_per_date: float, precision: float, power: float
) -> Iterator[Problem]:
    if product not in {each.id for each in market.products}:
        message = Text(ja=f"商品「{product}」はこの市場にありません", en=f"no product {product!r} in this market")
        yield Problem("product", product, message)
    if len(dates) < FEWEST_DATES or len(set(dates)) < len(dates):
        message = Text(
            ja=f"重複のない日付を {FEWEST_DATES} 日以上挙げてください(今は {len(set(dates))} 日)",
            en=f"needs {FEWEST_DATES} different dates at least, has {len(set(dates))} in {len(dates)}",
        )
        yield Problem("dates", len(dates), message)
    for name, value, most in (
        ("sales_per_date", sales_per_date, math.inf), ("precision", precision, math.inf), ("power", power, 1.0),
    ):  # fmt: skip
        if not 0.0 < value < most:
            message = Text(
                ja=f"0 より大きい値にしてください(今は {value})"
                if most > 1
                else f"0 と 1 の間にしてください(今は {value})",
                en=f"must be above 0, is {value}" if most > 1 else f"must lie between 0 and 1, is {value}",
            )
            yield Problem(name, value, message)


def _test_prices(market: Market, at: int, mode: Mode) -> tuple[int, int]:
    """Return the two prices to test."""
    translation = translate(market)
    rules = live_rules(translation)
    one = market.products[at]
    current = reference_price(one)
    reach = current * MODE_PERCENT[mode] / 100
    today = [reference_price(each) for each in market.products]
    fit = [
        yen
        for yen in one.ladder
        if abs(yen - current) <= reach
        and rules.allowed[0, translation.alternative(at, yen)]
        and _fits_beside(yen, at, today, rules.first, rules.second, rules.most)
    ]
    if len(fit) < 2:
        found = "、".join(f"{yen:,}" for yen in fit) or "なし"
        found_en = ", ".join(f"¥{yen:,}" for yen in fit) or "none"
        message = Text(
            ja=f"規則と {MODE_PERCENT[mode]} % 以内という条件を守れる料金が二つありません({found})。"
            "料金表に間の料金を足すか、モードを上げてください",
            en=f"no two prices keep the rules and lie within {MODE_PERCENT[mode]} % of ¥{current:,} "
            f"(there: {found_en}); add prices between to the ladder, or take a bolder mode",
        )
        raise InputError([Problem(f"products {one.id} ladder", list(one.ladder), message)])
    return fit[0], fit[-1]


def _fits_beside(
    yen: int,
    at: int,
    today: Sequence[int],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    most: NDArray[np.float64],
) -> bool:
    """Return whether a price keeps its distance to today's prices of the others."""
    prices = [yen if product == at else price for product, price in enumerate(today)]
    return all(
        prices[one] - prices[other] <= limit
        for one, other, limit in zip(first, second, most, strict=True)
        if at in (one, other)
    )


def _drawn_prices(dates: Sequence[dt.date], prices: tuple[int, int], seed: int) -> tuple[tuple[dt.date, int], ...]:
    """Return a price for each date: in pairs of successive dates of the same weekday, both in an order drawn by lot."""
    generator = np.random.default_rng(seed % 2**63)
    blocks: dict[int, list[dt.date]] = {}
    for day in sorted(dates):
        blocks.setdefault(day.weekday(), []).append(day)
    drawn: dict[dt.date, int] = {}
    # Weekdays with an odd number of dates take turns in which price comes once more.
    extra = int(generator.integers(2))
    for weekday in sorted(blocks):
        days = blocks[weekday]
        for pair in range(0, len(days) - 1, 2):
            order = generator.permutation(2)
            drawn[days[pair]], drawn[days[pair + 1]] = prices[int(order[0])], prices[int(order[1])]
        if len(days) % 2:
            drawn[days[-1]] = prices[extra]
            extra = 1 - extra
    return tuple((day, drawn[day]) for day in sorted(dates))


def _cost(product: Product, prices: tuple[int, int], sales_per_date: float, dates: int, prior: Interval) -> Interval:
    """Return what the test costs at the expected elasticity, and the least and the most over its range."""
    current = reference_price(product)

    def cost(elasticity: float) -> float:
        usual = float(current - product.cost)
        tested = sum(math.pow(price / current, elasticity) * (price - product.cost) / 2 for price in prices)
        return dates * sales_per_date * (usual - tested)

    ends = [cost(prior.low), cost(prior.mean), cost(prior.high)]
    return Interval(mean=ends[1], low=min(ends), high=max(ends))


def _stopping_rule(dates: int) -> Iterator[Reason]:
    yield reason(
        "FIXED_LENGTH",
        f"{dates} 日すべてが済むまで結論を出さないでください。途中で良さそうに見えても、そこで止めないでください",
        f"conclude after all {dates} dates; do not stop because one price looks better on the way",
    )
    yield reason(
        "STOP_FOR_HARM",
        f"同じ曜日の二日がそろうたびに見て、片方の売上が標準誤差の {HARM_SCORE:g} 倍を超えて"
        "低ければやめ、今の料金に戻してください",
        f"look whenever a pair of dates is complete; if one price earns less by more than {HARM_SCORE:g} standard "
        "errors, break off and return to today's price",
    )
    yield reason(
        "ONE_PRICE_A_DATE",
        "一つの日付の料金は誰に対しても同じにし、予約が入った後は変えないでください",
        "a date has one price for everybody, and keeps it once it is posted",
    )


def _assumed(product: Product, elasticity: Interval | None, prior: Interval) -> Iterator[Reason]:
    yield reason(
        "SALES_AS_POISSON",
        "日ごとの販売数はポアソン分布でばらつくとみなしました。団体が多いと、必要な日数は増えます",
        "sales of a date are taken to vary as Poisson counts; where groups book, more dates are needed",
    )
    if elasticity is None:
        yield reason(
            "ELASTICITY_ASSUMED",
            f"価格弾力性は種別「{product.kind}」の想定値 {prior.mean:g}({prior.low:g} から {prior.high:g})で、"
            "記録によるものではありません",
            f"the elasticity of {prior.mean:g} ({prior.low:g} to {prior.high:g}) is assumed for the kind "
            f"{str(product.kind)!r}, not measured",
        )
    if product.current is None:
        yield reason(
            "PRICE_TODAY_ASSUMED",
            f"今の料金がないため、料金表の中ほどの {reference_price(product):,} 円を基準にしました",
            f"there is no price today: ¥{reference_price(product):,}, the middle of the ladder, is taken for it",
        )
