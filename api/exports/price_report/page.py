"""A price plan as one web page that opens from disk: both languages, pictures inside, no request to anywhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from html import escape
from importlib import resources
from importlib.metadata import version
from string import Template
from typing import TYPE_CHECKING

from api.exports.price_report.pictures import Picture, pictures
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
from api.texts import say
from api.wording import date_words, yen_words
from pricing.rule_words import words_of

if TYPE_CHECKING:
    from pricing.proposal import CapacityPlan, PolicyOutcome, ProductPlan, RuleCost
    from regional_assets.text import Language

_LANGUAGES: dict[Language, str] = {"ja": "日本語", "en": "English"}

_Wording = Callable[["Language"], str]


def report_page(report: PriceReport, *, language: Language = "en") -> str:
    """
    Return a self-contained HTML page of a price plan.

    The page's policy forbids every request and every script but its own; names enter it as text only.

    Parameters
    ----------
    report
        What to show.
    language
        In which the page opens; it can be switched, and is printed in the one chosen.

    Returns
    -------
    page
        HTML, to be written as UTF-8.
    """
    style, script = _own("report.css"), _own("report.js")
    return Template(_own("report.html")).substitute(
        language=language,
        policy=escape(page_policy()),
        title=escape(_title(report, language)),
        style=style,
        script=script,
        body="\n".join(_Page(report, language).sections()),
    )


class _Page:
    """Lay out one report; every wording stands in it in both languages."""

    def __init__(self, report: PriceReport, language: Language) -> None:
        self.report = report
        self.plan = report.plan
        self.language: Language = language
        self.today = outcome_of(report.plan.comparison, "today")
        self.proposal = outcome_of(report.plan.comparison, PROPOSAL)
        self.pictures = {picture.name: picture for picture in pictures(report)}

    def sections(self) -> Iterable[str]:
        yield self.head()
        yield self.prices()
        yield self.rules()
        yield self.filling()
        yield self.sampling()
        yield self.test()
        yield self.demand()
        yield self.assumed()
        yield self.foot()

    def head(self) -> str:
        report, market = self.report, self.report.market
        buttons = "".join(
            f'<button type="button" lang="{each}" data-title="{escape(_title(report, each))}"'
            f' aria-pressed="{str(each == self.language).lower()}">{name}</button>'
            for each, name in _LANGUAGES.items()
        )
        title = _word("price_page.title")
        as_of = _both(lambda each: say("price_page.as_of", each, date=date_words(market.today, each)))
        switch = f'<nav class="languages" aria-label="言語 Language">{buttons}</nav>'
        titles = f'<p class="over">{title} · {as_of}</p><h1>{_both(market.name.in_)}</h1>'
        banner = (
            _paragraph(lambda each: simulated_words(market.name.in_(each), each), "banner") if market.simulated else ""
        )
        return f'<header><div class="top"><div>{titles}</div>{switch}</div>{banner}{self.headline()}</header>'

    def headline(self) -> str:
        plan, today, proposal = self.plan, self.today, self.proposal
        parts = []
        if today is not None and proposal is not None and proposal.more_than_today is not None:
            more, before = proposal.more_than_today, today.revenue_yen.mean
            share = f"<small>{percent_words(more.mean / before, signed=True)}</small>" if before > 0 else ""
            number = _both(lambda each: signed_yen_words(more.mean, each))
            parts.append(f'<p class="big {_sure(more.low, more.high)}">{number}{share}</p>')
        parts.append(_paragraph(lambda each: headline(plan, today, proposal, each), "said"))
        if doubt_words(plan.comparison, proposal, "en"):
            parts.append(_paragraph(lambda each: doubt_words(plan.comparison, proposal, each) or "", "doubt"))
        parts.append(_paragraph(lambda each: bound_words(plan, each), "note"))
        return f'<div class="head">{"".join(parts)}</div>'

    def prices(self) -> str:
        columns = ("product", "date tight", "slot tight", "change tight", "sales number")
        rows = [self.price_row(planned) for planned in self.plan.products]
        return _section("price.prices") + self.picture("price-path", "path_note") + _table("prices", columns, rows)

    def price_row(self, planned: ProductPlan) -> str:
        product = self.report.products[planned.product]
        name = _both(lambda each: offer_words(product, each))
        if product.rate != "public":
            name += f" ({_word(f'price.rate_{product.rate}')})"
        change = _both(lambda each: price_words(planned.current, each))
        after = _both(lambda each: price_words(planned.proposed, each))
        later = _both(lambda each: later_words(planned, self.report.market, each))
        note = f'<span class="range">{later}</span>' if later else ""
        reasons = "".join(f"<li>{_both(reason.text.in_)}</li>" for reason in reasons_beside(planned))
        cells = (
            f'<td class="tight">{_both(lambda each: short_date_words(product.date, each))}</td>',
            f'<td class="tight">{escape(slot_words(product))}</td>',
            f'<td class="tight">{change} → <b class="{_direction(planned)}">{after}</b>{note}</td>',
            f'<td class="number">{planned.sales:,.1f}</td>',
        )
        row = f'<tr class="upper"><th scope="row">{name}</th>{"".join(cells)}</tr>'
        return f'{row}<tr><td colspan="5" class="why"><ul>{reasons}</ul></td></tr>'

    def rules(self) -> str:
        if not self.plan.rule_costs:
            return _section("price.rules") + _paragraph(lambda each: say("price.no_rules", each), "note")
        rows = [self.rule_row(cost) for cost in self.plan.rule_costs]
        total = _both(lambda each: yen_words(self.plan.rules_cost_yen, each))
        foot = f'<tr><th scope="row" colspan="2">{_word("price.rules_total")}</th><td class="number">{total}</td></tr>'
        return _section("price.rules") + _table("rules", ("rule", "", "cost number"), rows, foot)

    def rule_row(self, cost: RuleCost) -> str:
        rule = self.report.rules.get(cost.rule)
        words = escape(cost.rule) if rule is None else _both(words_of(rule).in_)
        held = _both(lambda each: held_words(cost, each))
        yen = _both(lambda each: yen_words(cost.cost_yen, each))
        return f'<tr><th scope="row">{words}</th><td>{held}</td><td class="number">{yen}</td></tr>'

    def filling(self) -> str:
        columns = ("capacity", *(f"{name} number" for name in ("units", "booked", "kept", "expected", "bid_price")))
        rows = [self.capacity_row(planned) for planned in self.plan.capacities]
        picture = self.picture("occupancy", "occupancy_note")
        return _section("price.capacities") + picture + _table("capacities", columns, rows)

    def capacity_row(self, planned: CapacityPlan) -> str:
        name = _both(self.report.capacities[planned.capacity].name.in_)
        worth = _both(lambda each: yen_words(round(planned.bid_price_yen), each))
        numbers = (f"{planned.units:,}", f"{planned.booked:,}", f"{planned.kept:,}", f"{planned.expected:,.1f}", worth)
        cells = "".join(f'<td class="number">{number}</td>' for number in numbers)
        return f'<tr><th scope="row">{name}</th>{cells}</tr>'

    def sampling(self) -> str:
        if self.plan.sampling is None:
            return ""
        ja, en = (list(price_sampling_lines(self.plan.sampling, each)) for each in _LANGUAGES)
        items = "".join(
            f"<li>{_both({'ja': in_ja, 'en': in_en}.__getitem__)}</li>" for in_ja, in_en in zip(ja, en, strict=True)
        )
        return f"{_section('sampling.title')}<ul>{items}</ul>"

    def test(self) -> str:
        comparison = self.plan.comparison
        if comparison is None:
            return ""
        columns = ("policy", "revenue number", "sales number", "more number")
        rows = [_outcome_row(outcome) for outcome in comparison.outcomes]
        note = _paragraph(
            lambda each: say("price.horizons", each, horizons=comparison.horizons, seed=comparison.seed), "note"
        )
        picture = self.picture("revenue", "revenue_note", horizons=comparison.horizons)
        return _section("price.test") + picture + _table("test", columns, rows) + note

    def demand(self) -> str:
        curves = [self.picture(name, "trade_off_note") for name in self.pictures if name.startswith("trade-off")]
        return self.picture("demand", "demand_note") + "".join(curves)

    def assumed(self) -> str:
        if not self.report.assumed:
            return ""
        items = "".join(f"<li>{_both(reason.text.in_)}</li>" for reason in self.report.assumed)
        return f"{_section('price.assumed')}<ul>{items}</ul>"

    def foot(self) -> str:
        made = _paragraph(lambda each: say("price_page.made_by", each, version=version("meguri")))
        return f"<footer>{_paragraph(lambda each: limit_words(self.plan, each))}{made}</footer>"

    def picture(self, name: str, note: str, **values: object) -> str:
        """Return a picture in both languages with its caption; nothing where the report has no figures for it."""
        picture = self.pictures.get(name)
        if picture is None:
            return ""
        explained = _both(lambda each: say(f"price_page.{note}", each, **values))
        caption = f'{_word(picture.title)}<span class="note">{explained}</span>'
        drawn = "".join(_drawn(picture, each) for each in _LANGUAGES)
        narrow = ' class="narrow"' if name.startswith("trade-off") else ""
        return f"<figure{narrow}><figcaption>{caption}</figcaption>{drawn}</figure>"


def _drawn(picture: Picture, language: Language) -> str:
    svg = picture.render(language, "svg").decode()
    label = escape(say(picture.title, language))
    return f'<div class="picture" lang="{language}" role="img" aria-label="{label}">{svg}</div>'


def _outcome_row(outcome: PolicyOutcome) -> str:
    revenue, more = outcome.revenue_yen, outcome.more_than_today
    earned = _both(lambda each: yen_words(round(revenue.mean), each))
    spread = _both(lambda each: interval_words(revenue, each))
    difference = ""
    if more is not None:
        mean = _both(lambda each: signed_yen_words(more.mean, each))
        ends = _both(lambda each: interval_words(more, each, signed=True))
        difference = f'<b class="{_sure(more.low, more.high)}">{mean}</b><span class="range">{ends}</span>'
    return (
        f'<tr><th scope="row">{_word(f"policy.{outcome.policy}")}</th>'
        f'<td class="number">{earned}<span class="range">{spread}</span></td>'
        f'<td class="number">{outcome.sales.mean:,.1f}</td><td class="number">{difference}</td></tr>'
    )


def _table(name: str, columns: Sequence[str], rows: Iterable[str], foot: str = "") -> str:
    """Return a table; a column is named by an entry of the catalogue, and classes for its cells."""
    heads = ""
    for column in columns:
        key, _, look = column.partition(" ")
        heads += f'<th scope="col" class="{look}">{_word(f"price.{key}") if key else ""}</th>'
    end = f"<tfoot>{foot}</tfoot>" if foot else ""
    table = f'<table id="{name}"><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody>{end}</table>'
    # Reachable by keyboard, so that a wide table can be scrolled without a pointer.
    return f'<div class="scroll" tabindex="0" role="region" aria-labelledby="{name}">{table}</div>'


def _section(key: str) -> str:
    return f"<h2>{_word(key)}</h2>"


def _paragraph(wording: _Wording, look: str = "") -> str:
    return f'<p class="{look}">{_both(wording)}</p>' if look else f"<p>{_both(wording)}</p>"


def _word(key: str) -> str:
    return _both(lambda language: say(key, language))


def _both(wording: _Wording) -> str:
    """Return a wording in both languages, of which one is shown; once where they are the same."""
    ja, en = (escape(wording(language)) for language in _LANGUAGES)
    return ja if ja == en else f'<span lang="ja">{ja}</span><span lang="en">{en}</span>'


def _sure(low: float, high: float) -> str:
    return "up" if low > 0 else "bad" if high < 0 else ""


def _direction(planned: ProductPlan) -> str:
    if planned.current is None or planned.proposed is None or planned.current == planned.proposed:
        return ""
    return "up" if planned.proposed > planned.current else "down"


def _title(report: PriceReport, language: Language) -> str:
    return f"{report.market.name.in_(language)} · {say('price_page.title', language)} — Meguri"


def page_policy() -> str:
    """Return the policy (CSP) of every such page; a server that hands it out must not send a narrower one."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hash(_own('report.js'))}",
            f"style-src {_hash(_own('report.css'))}",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


@cache
def _own(name: str) -> str:
    # Browsers see \n only, and the hash is of what they see.
    content = resources.files("api.exports.price_report").joinpath(name).read_text(encoding="utf-8")
    return content.replace("\r\n", "\n")
