"""A priced pass as tables to read: its price and why, the ladder, what members earn, and the ways of sharing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text as Words

from api.price_tables import simulated_banner
from api.price_wording import interval_words, signed_yen_words
from api.table_parts import bullet, figures_table, heading
from api.texts import say
from api.wording import place_words, yen_words

if TYPE_CHECKING:
    from pricing.pass_model import Pass
    from pricing.pass_plan import PassPlan, Split
    from regional_assets.text import Language

_STEPS_BESIDE = 4
"""Prices shown on either side of the proposed one."""


def pass_tables(offered: Pass, plan: PassPlan, language: Language) -> list[RenderableType]:
    """Return the parts of a readable proposal for a pass, in the order in which they are printed."""
    page = _Tables(offered, plan, language)
    parts = [*page.head(), page.ladder()]
    if plan.splits:
        parts += [page.splits()]
    return [*parts, *page.remarks()]


class _Tables:
    """Lay out one pass in one language."""

    def __init__(self, offered: Pass, plan: PassPlan, language: Language) -> None:
        self.offered = offered
        self.plan = plan
        self.language: Language = language
        self.names = {member.id: member.name.in_(language) for member in offered.members}

    def say(self, key: str, **values: object) -> str:
        return say(f"pass.{key}", self.language, **values)

    def yen(self, amount: float) -> str:
        return yen_words(round(amount), self.language)

    def head(self) -> list[RenderableType]:
        plan = self.plan
        parts: list[RenderableType] = [Words(place_words(self.offered.name, self.language), style="bold")]
        if plan.simulated:
            parts.append(simulated_banner(self.offered.name.in_(self.language), self.language))
        if plan.price is None:
            parts.append(Words(self.say("none"), style="bold"))
        else:
            more = plan.more_than_without
            line = self.say(
                "headline",
                price=self.yen(plan.price),
                passes=f"{plan.passes.mean:,.0f}",
                takings=self.yen(plan.takings_yen.mean),
                more=signed_yen_words(more.mean, self.language),
                interval=interval_words(more, self.language, signed=True),
            )
            parts.append(Words(line, style="bold"))
        model = self.say("model", income=self.yen(plan.model_income_yen), bound=self.yen(plan.bound_yen))
        parts.append(Words(model))
        parts += [bullet(reason.text.in_(self.language)) for reason in plan.reasons]
        return [*parts, Words("")]

    def ladder(self) -> RenderableType:
        figures = ("passes", "takings", "tickets", "income")
        table = figures_table(self.say("price"), [self.say(name) for name in figures])
        steps = self.plan.ladder
        best = next(index for index, step in enumerate(steps) if step.price == self.plan.price)
        for index, step in enumerate(steps):
            if index and abs(index - best) > _STEPS_BESIDE:
                continue
            table.add_row(
                self.say("without") if step.price is None else self.yen(step.price),
                f"{step.passes:,.1f}",
                self.yen(step.takings_yen),
                self.yen(step.tickets_yen),
                self.yen(step.income_yen),
                style="bold" if index == best else "",
            )
        return Group(heading(self.say("ladder")), table, Words(""))

    def splits(self) -> RenderableType:
        plan = self.plan
        table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim", show_footer=True)
        table.add_column(self.say("member"), self.say("total"), overflow="fold", footer_style="bold")
        table.add_column(self.say("alone"), "", justify="right", no_wrap=True)
        for split in plan.splits:
            total = sum(share.payout_yen for share in split.shares)
            table.add_column(
                self.say(f"split_{split.method}"), self.yen(total), justify="right", no_wrap=True, footer_style="bold"
            )
        payouts = [{share.member: share for share in split.shares} for split in plan.splits]
        for member in plan.members:
            cells = [self.yen(each[member.member].payout_yen) for each in payouts]
            table.add_row(self.names[member.member], self.yen(member.alone_yen), *cells)
        notes = [self.method(split) for split in plan.splits]
        return Group(heading(self.say("splits")), table, *notes, Words(""))

    def method(self, split: Split) -> RenderableType:
        words = Words(f"{self.say(f'split_{split.method}')}: ", style="bold")
        return words.append(split.reason.text.in_(self.language), style="not bold")

    def remarks(self) -> list[RenderableType]:
        plan = self.plan
        lines: list[RenderableType] = [bullet(flag.text.in_(self.language)) for flag in plan.flags]
        for case in plan.sensitivities:
            loss = case.best_income_yen - case.income_yen
            price = self.say("without") if case.price is None else self.yen(case.price)
            told = self.say(f"sensitivity_{case.case}", price=price, loss=self.yen(loss))
            lines.append(bullet(told))
        if lines:
            lines = [heading(self.say("flags")), *lines, Words("")]
        told = self.say("provenance", horizons=plan.horizons, seed=plan.seed, seconds=plan.seconds)
        return [*lines, Words(told, style="dim")]
