"""A price plan as tables to read: what to charge and why, how full it gets, what the rules cost, and the test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text as Words

from api.exports.price_report.report import PROPOSAL, PriceReport, outcome_of
from api.price_wording import (
    bound_words,
    doubt_words,
    headline,
    held_words,
    interval_words,
    later_words,
    limit_words,
    offer_words,
    percent_words,
    price_words,
    reasons_beside,
    short_date_words,
    signed_yen_words,
    simulated_words,
    slot_words,
)
from api.sampling_wording import price_sampling_lines
from api.table_parts import bullet, figures_table, heading
from api.texts import say
from api.wording import date_words, place_words, yen_words
from pricing.rule_words import words_of

if TYPE_CHECKING:
    from pricing.model import Market
    from pricing.proposal import CapacityPlan, Comparison, ProductPlan, Reason, Sampling
    from regional_assets.text import Language

_PRODUCTS_SHOWN = 8
_CAPACITIES_SHOWN = 8
_INDENT = 2
"""Columns by which reasons stand to the right of their product."""


def price_tables(report: PriceReport, language: Language, *, show_all: bool = False) -> list[RenderableType]:
    """
    Return the parts of a readable price plan, in the order in which they are printed.

    Parameters
    ----------
    report
        What to show; nothing is shown that is not in it.
    language
        Japanese or English.
    show_all
        Whether to list every product and capacity, instead of those that matter most.
    """
    return list(_Tables(report, language, show_all=show_all).parts())


def market_head(market: Market, language: Language) -> list[RenderableType]:
    """Return the name of a market with its day, and the banner where any of it was made up."""
    title = Words(place_words(market.name, language), style="bold")
    title.append(f"  {date_words(market.today, language)}", style="not bold")
    if not market.simulated:
        return [title]
    return [title, simulated_banner(market.name.in_(language), language)]


def simulated_banner(name: str, language: Language) -> RenderableType:
    """Return the banner that stands over everything made up."""
    return Panel(Words(simulated_words(name, language), style="bold yellow"), border_style="yellow")


def comparison_table(comparison: Comparison, language: Language) -> RenderableType:
    """Return policies side by side: revenue and sales with their intervals, and the paired difference to today."""
    table = figures_table(
        say("price.policy", language), [say(f"price.{name}", language) for name in ("revenue", "sales", "more")]
    )
    for outcome in comparison.outcomes:
        more = outcome.more_than_today
        earned = Words(yen_words(round(outcome.revenue_yen.mean), language))
        difference = Words()
        if more is not None:
            difference.append(signed_yen_words(more.mean, language), style=_colour(more.low, more.high))
            difference.append("\n" + interval_words(more, language, signed=True), style="dim")
        earned.append("\n" + interval_words(outcome.revenue_yen, language), style="dim")
        table.add_row(say(f"policy.{outcome.policy}", language), earned, f"{outcome.sales.mean:,.1f}", difference)
    note = say("price.horizons", language, horizons=comparison.horizons, seed=comparison.seed)
    return Group(heading(say("price.test", language)), table, Words(note, style="dim"), Words(""))


def assumption_list(assumed: Sequence[Reason], language: Language) -> RenderableType:
    """Return what was assumed, one line each."""
    lines = [bullet(reason.text.in_(language)) for reason in assumed]
    return Group(heading(say("price.assumed", language)), *lines, Words(""))


class _Tables:
    """Lay out one price plan in one language."""

    def __init__(self, report: PriceReport, language: Language, *, show_all: bool) -> None:
        self.report = report
        self.plan = report.plan
        self.language: Language = language
        self.show_all = show_all

    def say(self, key: str, **values: object) -> str:
        return say(f"price.{key}", self.language, **values)

    def parts(self) -> Iterator[RenderableType]:
        plan, language = self.plan, self.language
        yield from market_head(self.report.market, language)
        proposal = outcome_of(plan.comparison, PROPOSAL)
        yield Words(headline(plan, outcome_of(plan.comparison, "today"), proposal, language), style="bold")
        doubt = doubt_words(plan.comparison, proposal, language)
        if doubt:
            yield Words(doubt, style="yellow")
        yield Words(bound_words(plan, language))
        yield Words("")
        yield self.prices()
        yield self.filling()
        yield self.rules()
        if plan.sampling is not None:
            yield self.sampling(plan.sampling)
        if plan.comparison is not None:
            yield comparison_table(plan.comparison, language)
        if self.report.assumed:
            yield assumption_list(self.report.assumed, language)
        yield Words(limit_words(plan, language), style="dim")

    def prices(self) -> RenderableType:
        ranked = self.report.by_weight
        shown = {each.product for each in (ranked if self.show_all else ranked[:_PRODUCTS_SHOWN])}
        rows = [self.price_cells(planned) for planned in self.plan.products if planned.product in shown]
        names = ("product", "date", "slot", "change", "sales")
        heads = [Words(self.say(name), style="dim", justify="right" if name == "sales" else None) for name in names]
        widths = [max(cells[column].cell_len for cells in (heads, *rows)) for column in range(len(heads))]
        lines: list[RenderableType] = [_line(heads, widths)]
        chosen = (planned for planned in self.plan.products if planned.product in shown)
        for planned, cells in zip(chosen, rows, strict=True):
            lines.append(_line(cells, widths))
            later = later_words(planned, self.report.market, self.language)
            if later:
                lines.append(Padding(Words(later), (0, 0, 0, _INDENT), expand=False))
            reasons = reasons_beside(planned) if self.show_all else reasons_beside(planned)[:1]
            lines += [
                Padding(Words(reason.text.in_(self.language), style="dim"), (0, 0, 0, _INDENT), expand=False)
                for reason in reasons
            ]
        return Group(heading(self.say("prices")), *lines, *self.more("products", len(ranked) - len(shown)))

    def price_cells(self, planned: ProductPlan) -> list[Words]:
        product, language = self.report.products[planned.product], self.language
        name = Words(offer_words(product, language), style="bold")
        if product.rate != "public":
            name.append(f" ({self.say(f'rate_{product.rate}')})", style="not bold")
        date, slot = Words(short_date_words(product.date, language)), Words(slot_words(product))
        return [name, date, slot, self.change(planned), Words(f"{planned.sales:,.1f}", justify="right")]

    def change(self, planned: ProductPlan) -> Words:
        before, after = planned.current, planned.proposed
        words = Words(f"{price_words(before, self.language)} → ", style="dim")
        words.append(price_words(after, self.language), style=f"not dim bold {_direction(before, after)}")
        return words

    def filling(self) -> RenderableType:
        ranked = sorted(self.plan.capacities, key=lambda each: (-each.bid_price_yen, -_filled(each), each.capacity))
        shown = {each.capacity for each in (ranked if self.show_all else ranked[:_CAPACITIES_SHOWN])}
        figures = ("units", "booked", "kept", "expected", "occupancy", "bid_price")
        table = figures_table(self.say("capacity"), [self.say(name) for name in figures])
        for planned in self.plan.capacities:
            if planned.capacity in shown:
                table.add_row(
                    self.report.capacities[planned.capacity].name.in_(self.language),
                    f"{planned.units:,}",
                    f"{planned.booked:,}",
                    f"{planned.kept:,}",
                    f"{planned.expected:,.1f}",
                    percent_words(_filled(planned)),
                    yen_words(round(planned.bid_price_yen), self.language),
                )
        return Group(heading(self.say("capacities")), table, *self.more("capacities", len(ranked) - len(shown)))

    def rules(self) -> RenderableType:
        if not self.plan.rule_costs:
            return Group(heading(self.say("rules")), Words(self.say("no_rules"), style="dim"), Words(""))
        table = Table(box=None, padding=(0, 1), pad_edge=False, expand=False, header_style="dim", show_footer=True)
        table.add_column(self.say("rule"), self.say("rules_total"), overflow="fold", footer_style="bold")
        table.add_column("", "", overflow="fold")
        table.add_column(
            self.say("cost"),
            yen_words(self.plan.rules_cost_yen, self.language),
            justify="right",
            no_wrap=True,
            footer_style="bold",
        )
        for cost in self.plan.rule_costs:
            rule = self.report.rules.get(cost.rule)
            held = held_words(cost, self.language)
            words = cost.rule if rule is None else words_of(rule).in_(self.language)
            table.add_row(words, Words(held, style="dim"), yen_words(cost.cost_yen, self.language))
        return Group(heading(self.say("rules")), table, Words(""))

    def sampling(self, sampling: Sampling) -> RenderableType:
        lines = [bullet(line) for line in price_sampling_lines(sampling, self.language)]
        return Group(heading(say("sampling.title", self.language)), *lines, Words(""))

    def more(self, what: str, count: int) -> list[RenderableType]:
        if not count:
            return [Words("")]
        return [Words(self.say(f"more_{what}", count=count), style="dim"), Words("")]


def _line(cells: Sequence[Words], widths: Sequence[int]) -> Words:
    """Return cells side by side, padded to the widths; what is set to the right is padded on the left."""
    line = Words()
    for cell, width in zip(cells, widths, strict=True):
        room = " " * (width - cell.cell_len)
        line.append_text(Words(room) + cell if cell.justify == "right" else cell + Words(room)).append("  ")
    line.rstrip()
    return line


def _filled(capacity: CapacityPlan) -> float:
    return min(1.0, (capacity.booked + capacity.expected) / max(1, capacity.units))


def _direction(before: int | None, after: int | None) -> str:
    if before is None or after is None or before == after:
        return ""
    return "green4" if after > before else "dark_orange3"


def _colour(low: float, high: float) -> str:
    return "bold green4" if low > 0 else "bold red" if high < 0 else ""
