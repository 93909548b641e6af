"""What records tell of demand, as tables to read: what may be used, what it rests on, and what to doubt."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text as Words

from api.price_tables import simulated_banner
from api.price_wording import percent_words
from api.table_parts import bullet, figures_table, heading
from api.texts import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pricing.estimation import BookingHabits, Estimate, Estimation, SalesStudy
    from regional_assets.text import Language

_ESTIMATES_SHOWN = 20


def estimate_tables(
    found: Estimation, language: Language, *, source: str, rows: int, is_simulated: bool
) -> list[RenderableType]:
    """Return the parts of a readable estimation, in the order in which they are printed."""
    banner = [simulated_banner(source, language)] if is_simulated else []
    return [*banner, *_Tables(found, language, source, rows).parts()]


class _Tables:
    """Lay out one estimation in one language."""

    def __init__(self, found: Estimation, language: Language, source: str, rows: int) -> None:
        self.found = found
        self.language: Language = language
        self.source = source
        self.rows = rows

    def say(self, key: str, **values: object) -> str:
        return say(f"estimate.{key}", self.language, **values)

    def parts(self) -> Iterator[RenderableType]:
        from pricing.estimation import SalesStudy

        found = self.found
        yield Words(self.say("head", source=self.source, rows=f"{self.rows:,}"), style="bold")
        yield Words(found.why.text.in_(self.language))
        usable = found.elasticity is not None or bool(found.price_effects)
        yield Words(self.say("usable" if usable else "refused"), style="bold" if usable else "bold yellow")
        yield Words("")
        if found.remarks:
            yield heading(self.say("remarks"))
            yield from (bullet(remark.text.in_(self.language)) for remark in found.remarks)
            yield Words("")
        if isinstance(found.fit, SalesStudy):
            yield from self.study(found.fit)
        elif found.estimates:
            yield heading(self.say("estimates"))
            yield self.estimates(found.estimates)
            yield Words("")
        if found.habits is not None:
            yield from self.habits(found.habits)

    def study(self, study: SalesStudy) -> Iterator[RenderableType]:
        from pricing.estimation.aggregate import CONTROL_WORDS

        yield heading(self.say("weekdays"))
        table = self.table("weekday", "rows", "mean_price", "mean_quantity")
        for mean in study.weekdays:
            name = self.say(f"day_{mean.weekday}")
            table.add_row(name, f"{mean.rows:,}", f"{mean.price:,.0f}", f"{mean.quantity:,.1f}")
        yield Group(table, Words(""))
        yield heading(self.say("steps"))
        table = self.table("held", "elasticity", "interval", "explained")
        for step in study.steps:
            held = ", ".join(CONTROL_WORDS[control].in_(self.language) for control in step.held) or self.say("nothing")
            elasticity = step.elasticity
            table.add_row(held, f"{elasticity.value:+.2f}", _ends(elasticity, 2), percent_words(step.explained))
        yield Group(table, Words(self.say("steps_note"), style="dim"), Words(""))

    def estimates(self, estimates: tuple[Estimate, ...]) -> RenderableType:
        table = self.table("name", "value", "interval")
        for estimate in estimates[:_ESTIMATES_SHOWN]:
            table.add_row(estimate.name, f"{estimate.value:+.4g}", _ends(estimate, 4))
        more = len(estimates) - _ESTIMATES_SHOWN
        if more <= 0:
            return table
        return Group(table, Words(self.say("more", count=more), style="dim"))

    def habits(self, habits: BookingHabits) -> Iterator[RenderableType]:
        yield heading(self.say("habits"))
        parts = [self.say("cancelled", share=percent_words(habits.cancelled.value))]
        if habits.stayed_away is not None:
            parts.append(self.say("stayed_away", share=percent_words(habits.stayed_away.value)))
        yield Words(" · ".join(parts))
        table = self.table("ahead", "bookings", "share_cancelled", "interval")
        for lead in (lead for lead in habits.by_lead if lead.bookings):
            days = f"{lead.first}+" if lead.last is None else "–".join(dict.fromkeys((f"{lead.first}", f"{lead.last}")))
            low, high = (percent_words(share) for share in (lead.cancelled.low, lead.cancelled.high))
            table.add_row(days, f"{lead.bookings:,}", percent_words(lead.cancelled.value), f"{low} – {high}")
        yield Group(table, Words(""))

    def table(self, first: str, *numbers: str) -> Table:
        return figures_table(self.say(first), [self.say(name) for name in numbers])


def _ends(estimate: Estimate, digits: int) -> str:
    if not (math.isfinite(estimate.low) and math.isfinite(estimate.high)):
        return "?"
    low, high = (f"{end:+.2f}" if digits == 2 else f"{end:+.{digits}g}" for end in (estimate.low, estimate.high))
    return f"{low} – {high}"
