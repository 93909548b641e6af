"""The pictures of a price plan: prices over time, how full slots get, what may be earned, demand, and trade-offs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from api.exports.price_report.canvas import INK, LINE, MUTED, PAPER, Form, drawing, figure_bytes, letters_for
from api.exports.price_report.report import PROPOSAL, PriceReport, TradeOffCurve
from api.price_wording import offer_words, short_date_words, slot_words
from api.texts import say
from api.wording import yen_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from pricing.model import Product
    from pricing.proposal import PolicyOutcome
    from regional_assets.text import Language

POLICY_COLOURS: Final = {"today": "#6b7780", "static": "#0f62a8", "dynamic": "#c04a00", "rule-based": "#00795a"}
"""Told apart by colour-blind readers too, on light and dark ground."""

_PATHS_SHOWN: Final = 6
_CURVES_SHOWN: Final = 6
_ROWS_SHOWN: Final = 40
_BINS: Final = 32
_WIDTH: Final = 8.0
"""Inches."""

# From empty to full, as in the blues of ColorBrewer: https://colorbrewer2.org
_FILLING: Final = ("#f4f8fc", "#d6e6f4", "#abd0e6", "#6aaed6", "#3787c0", "#105ba4")
_ON_FILLING: Final = ("#15212b", "#fdfdfd")


@dataclass(frozen=True, slots=True)
class Picture:
    """
    Hold one picture of a report.

    Parameters
    ----------
    name
        Of its files.
    title
        Entry of the catalogue.
    draw
        Makes the figure in a language.
    """

    name: str
    title: str
    draw: Callable[[Language], Figure]

    def render(self, language: Language, form: Form) -> bytes:
        """Return the picture as a file; a PNG is lettered in English where no Japanese font is installed."""
        with drawing(f"{self.name}-{language}"):
            return figure_bytes(self.draw(letters_for(language, form)), form)


def pictures(report: PriceReport) -> list[Picture]:
    """Return the pictures for which the report has figures."""
    found = [Picture("price-path", "price_page.path", lambda language: _price_path(report, language))]
    if any(_slots(report)):
        found.append(Picture("occupancy", "price_page.occupancy", lambda language: _occupancy(report, language)))
    if report.plan.comparison is not None:
        found.append(Picture("revenue", "price_page.revenue", lambda language: _revenue(report, language)))
    if report.curves:
        found.append(Picture("demand", "price_page.demand", lambda language: _demand(report, language)))
    found += [_trade_off_picture(curve) for curve in report.trade_offs]
    return found


def _figure(height: float, width: float = _WIDTH) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _panels(count: int, *, columns: int = 3, height: float = 1.9) -> tuple[Figure, list[Axes]]:
    rows = ceil(count / columns)
    figure = _figure(rows * height + 0.35)
    grid: Any = figure.subplots(rows, columns, squeeze=False)
    panels = [axes for row in grid for axes in row]
    for axes in panels[count:]:
        axes.set_axis_off()
    return figure, panels[:count]


def _label(product: Product, language: Language) -> str:
    """Return name, date and slot of a product, in two lines that fit over a panel."""
    name = offer_words(product, language)
    most = 17 if language == "ja" else 30
    when = " ".join(part for part in (short_date_words(product.date, language), slot_words(product)) if part)
    return f"{name if len(name) <= most else name[: most - 1] + '…'}\n{when}"


def _yen_axis(axis: Any, language: Language, *, marks: int = 5) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=marks, integer=True, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: yen_words(round(value), language)))


def _man_axis(axis: Any, language: Language) -> None:
    """Label yen in steps that people say: tens of thousands (万円) in Japanese, thousands in English."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    def words(value: float, _: int) -> str:
        return f"{value / 10_000:,.4g}万円" if language == "ja" else f"¥{value / 1000:,.4g}k"

    axis.set_major_locator(MaxNLocator(nbins=6, integer=True, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(words))


# Prices over time


def _price_path(report: PriceReport, language: Language) -> Figure:
    """Draw price by booking period for the products whose change moves most money, today's price dashed."""
    shown = report.telling(_PATHS_SHOWN)
    periods = report.market.periods
    days = [day.toordinal() for day in (*(period.first for period in periods), periods[-1].last)]
    marked = periods[:: ceil(len(periods) / 4)]
    figure, panels = _panels(len(shown), columns=min(3, len(shown)))
    for axes, planned in zip(panels, shown, strict=True):
        product = report.products[planned.product]
        axes.set_title(_label(product, language), fontsize=8.5, linespacing=1.4)
        prices = [float("nan") if price is None else float(price) for price in planned.path]
        colour = POLICY_COLOURS[PROPOSAL]
        if planned.current is not None:
            axes.axhline(planned.current, color=POLICY_COLOURS["today"], linestyle=(0, (4, 3)), linewidth=1.2)
        axes.step(days, [*prices, prices[-1]], where="post", color=colour, linewidth=2)
        known = [price for price in (planned.current, *planned.path) if price is not None]
        if known:
            room = max(100.0, 0.25 * (max(known) - min(known)), 0.08 * max(known))
            axes.set_ylim(min(known) - room, max(known) + room)
        _yen_axis(axes.yaxis, language)
        axes.grid(axis="y", color=LINE, linewidth=0.6)
        axes.set_xticks(
            [period.first.toordinal() for period in marked],
            [f"{period.first.month}/{period.first.day}" for period in marked],
        )
    _legend(
        figure,
        [
            (POLICY_COLOURS["today"], (0, (4, 3)), say("price_page.price_today", language)),
            (POLICY_COLOURS[PROPOSAL], "solid", say("price_page.price_proposed", language)),
        ],
    )
    return figure


def _legend(figure: Figure, entries: Sequence[tuple[str, Any, str]]) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=colour, linestyle=style, linewidth=1.8, label=label) for colour, style, label in entries
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=len(handles), labelcolor=INK)


# How full slots get


@dataclass(frozen=True, slots=True)
class _Slot:
    """Hold where a capacity stands in the heat map, and the share of it in use."""

    row: tuple[str, str]
    name: str
    date: dt.date
    share: float


def _slots(report: PriceReport, language: Language = "en") -> Iterator[_Slot]:
    """Yield the capacities that belong to one date, by operator and slot."""
    for planned in report.plan.capacities:
        users = [product for product in report.market.products if planned.capacity in product.capacities]
        if not users or len({product.date for product in users}) != 1:
            continue
        first = min(users, key=lambda product: (product.start or "", product.id))
        name = " ".join(part for part in (_place_of(first, language), first.start or "") if part)
        used = min(1.0, (planned.booked + planned.expected) / max(1, planned.units))
        yield _Slot((first.asset or first.operator, first.start or ""), name, first.date, used)


def _place_of(product: Product, language: Language) -> str:
    name = offer_words(product, language)
    most = 14 if language == "ja" else 26
    return name if len(name) <= most else name[: most - 1] + "…"


def _occupancy(report: PriceReport, language: Language) -> Figure:
    """Draw the share in use by slot and date; what is booked already is in it."""
    from matplotlib.patches import Rectangle

    slots = list(_slots(report, language))
    places = list(dict.fromkeys(slot.row[0] for slot in slots))
    rows = sorted({slot.row for slot in slots}, key=lambda row: (places.index(row[0]), row[1]))[:_ROWS_SHOWN]
    names = {slot.row: slot.name for slot in reversed(slots)}
    dates = sorted({slot.date for slot in slots})
    figure = _figure(0.9 + 0.3 * len(rows))
    axes = figure.subplots()
    by_place: dict[tuple[int, int], list[float]] = {}
    for slot in slots:
        if slot.row in rows:
            by_place.setdefault((dates.index(slot.date), rows.index(slot.row)), []).append(slot.share)
    for (column, row), shares in by_place.items():
        share = sum(shares) / len(shares)
        step = min(len(_FILLING) - 1, int(share * len(_FILLING)))
        axes.add_patch(Rectangle((column, row), 1, 1, facecolor=_FILLING[step], edgecolor=PAPER, linewidth=1.5))
        if len(dates) <= 24:
            on = _ON_FILLING[step >= 4]
            size = 8 if len(dates) <= 16 else 6.5
            axes.text(column + 0.5, row + 0.52, f"{share:.0%}", ha="center", va="center", color=on, fontsize=size)
    axes.set_xlim(0, len(dates))
    axes.set_ylim(len(rows), 0)
    every = max(1, ceil(len(dates) / 12))
    axes.set_xticks(
        [column + 0.5 for column in range(0, len(dates), every)],
        [short_date_words(date, language) for date in dates[::every]],
        fontsize=7.5,
    )
    axes.set_yticks([row + 0.5 for row in range(len(rows))], [names[row] for row in rows], fontsize=8)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure


# What may be earned


def _revenue(report: PriceReport, language: Language) -> Figure:
    """Draw how revenue spreads over the simulated horizons, one row per policy, mean and its interval marked."""
    comparison = report.plan.comparison
    outcomes = () if comparison is None else comparison.outcomes
    figure = _figure(0.6 + 0.85 * len(outcomes))
    axes = figure.subplots()
    everything = [revenue for outcome in outcomes for revenue in outcome.revenues_yen] or [0.0]
    low, high = min(everything), max(everything)
    width = max(1.0, (high - low) / _BINS)
    for row, outcome in enumerate(reversed(outcomes)):
        _ridge(axes, outcome, row, low, width)
    axes.set_yticks(
        [row + 0.12 for row in range(len(outcomes))],
        [say(f"policy.{outcome.policy}", language) for outcome in reversed(outcomes)],
        fontsize=9,
    )
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(-0.15, len(outcomes) - 0.05)
    axes.set_xlabel(say("price_page.revenue_axis", language))
    _man_axis(axes.xaxis, language)
    axes.grid(axis="x", color=LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    return figure


def _ridge(axes: Axes, outcome: PolicyOutcome, row: int, low: float, width: float) -> None:
    colour = POLICY_COLOURS[outcome.policy]
    counts = [0] * (_BINS + 1)
    for revenue in outcome.revenues_yen:
        counts[int((revenue - low) / width)] += 1
    top = max(counts)
    heights = [row + 0.8 * count / top for count in counts] if top else []
    edges = [low + width * number for number in range(len(heights) + 1)]
    if heights:
        axes.stairs(heights, edges, baseline=row, fill=True, color=colour, alpha=0.28)
        axes.stairs(heights, edges, baseline=row, color=colour, linewidth=1)
    mean = outcome.revenue_yen
    axes.plot([mean.low, mean.high], [row, row], color=colour, linewidth=4, solid_capstyle="butt")
    axes.plot([mean.mean, mean.mean], [row, row + 0.86], color=colour, linewidth=1.6)


# Demand


def _demand(report: PriceReport, language: Language) -> Figure:
    """Draw expected sales by price, with the band of the stated sensitivities, today's and the proposed price."""
    planned = {each.product: each for each in report.plan.products}
    shown = report.curves[:_CURVES_SHOWN]
    figure, panels = _panels(len(shown), columns=min(3, len(shown)))
    colour = POLICY_COLOURS[PROPOSAL]
    for axes, curve in zip(panels, shown, strict=True):
        axes.set_title(_label(report.products[curve.product], language), fontsize=8.5, linespacing=1.4)
        if curve.low and curve.high:
            axes.fill_between(curve.prices, curve.low, curve.high, color=colour, alpha=0.2, linewidth=0)
        axes.plot(curve.prices, curve.sales, color=colour, linewidth=2, marker="o", markersize=2.5)
        plan = planned[curve.product]
        for price, shade, style in (
            (plan.current, POLICY_COLOURS["today"], (0, (4, 3))),
            (plan.proposed, colour, "solid"),
        ):
            if price is not None:
                axes.axvline(price, color=shade, linestyle=style, linewidth=1.2)
        axes.set_ylim(bottom=0)
        axes.grid(axis="y", color=LINE, linewidth=0.6)
        _yen_axis(axes.xaxis, language, marks=3)
    panels[0].set_ylabel(say("price_page.sales_axis", language))
    _legend(
        figure,
        [
            (POLICY_COLOURS["today"], (0, (4, 3)), say("price_page.price_today", language)),
            (colour, "solid", say("price_page.price_proposed", language)),
        ],
    )
    return figure


# Trade-offs


def _trade_off_picture(curve: TradeOffCurve) -> Picture:
    name = f"trade-off-{curve.objective}"
    return Picture(name, f"price_page.trade_off_{curve.objective}", lambda language: _trade_off(curve, language))


def _trade_off(curve: TradeOffCurve, language: Language) -> Figure:
    """Draw what is earned against what is reached, plan by plan."""
    figure = _figure(2.9, width=6.0)
    axes = figure.subplots()
    points = sorted(curve.points, key=lambda point: point.value)
    colour = POLICY_COLOURS[PROPOSAL]
    values, revenues = [point.value for point in points], [point.revenue_yen for point in points]
    axes.plot(values, revenues, color=colour, linewidth=1.4, marker="o", markersize=4)
    for point in points:
        if point.is_proposal:
            axes.plot([point.value], [point.revenue_yen], color=POLICY_COLOURS["dynamic"], marker="o", markersize=8)
            axes.annotate(
                say("price_page.this_plan", language),
                (point.value, point.revenue_yen),
                xytext=(0, 9),
                textcoords="offset points",
                ha="center",
                fontsize=8.5,
                color=INK,
            )
    axes.margins(0.12, 0.2)
    axes.set_xlabel(say(f"price_page.measure_{curve.objective}", language), color=MUTED)
    axes.set_ylabel(say("price_page.revenue_axis", language))
    _man_axis(axes.yaxis, language)
    if curve.objective == "off-peak":
        from matplotlib.ticker import PercentFormatter

        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    elif curve.objective == "local-spend":
        _man_axis(axes.xaxis, language)
    axes.grid(color=LINE, linewidth=0.6)
    return figure
