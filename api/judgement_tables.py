"""A judgement of a plan made by hand, to read: what is wrong with it, and the days that come of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text as Line

from api.texts import say
from api.timetable import DayTables
from api.wording import date_words, place_words

if TYPE_CHECKING:
    from rich.console import RenderableType

    from regional_assets.model import Region
    from regional_assets.text import Language
    from routing.judge import Finding, Judgement


def judgement_words(judgement: Judgement, region: Region, language: Language) -> Iterator[RenderableType]:
    """
    Yield the parts of a readable judgement.

    Parameters
    ----------
    judgement
        What to show.
    region
        Where; gives names to assets that are mentioned by id.
    language
        Japanese or English.
    """
    yield Line(place_words(judgement.region_name, language), style="bold")
    yield _verdict(judgement, language)
    if judgement.notice:
        yield Line(judgement.notice.in_(language), style="yellow")
    yield Line("")
    yield from _table("violations", judgement.violations, language, style="red")
    yield from _table("warnings", judgement.warnings, language, style="yellow")
    days = DayTables(judgement.assumed, region, language)
    for index, day in enumerate(judgement.days):
        yield days.day(index, day)
    if len(judgement.days) > 1:
        yield Line(f"{days.say('trip')}  {days.totals(judgement.totals)}", style="bold")
        yield Line("")
    yield from days.rests_on()
    if judgement.sources:
        yield Line(f"{days.say('sources')} " + "; ".join(judgement.sources), style="dim")
    yield Line(say("check.points", language, points=f"{judgement.objective:,.0f}"), style="dim")


def _verdict(judgement: Judgement, language: Language) -> Line:
    if judgement.feasible:
        return Line(say("check.kept", language), style="green4")
    return Line(say("check.broken", language, count=len(judgement.violations)), style="bold red")


def _table(key: str, findings: Sequence[Finding], language: Language, *, style: str) -> Iterator[RenderableType]:
    if not findings:
        return
    table = Table(box=None, padding=(0, 1), pad_edge=False, expand=False, header_style="dim")
    table.add_column(say("check.when", language), no_wrap=True)
    table.add_column(say(f"check.{key}", language), overflow="fold")
    table.add_column("", style="dim", overflow="fold")
    for finding in findings:
        when = say("check.trip", language) if finding.date is None else date_words(finding.date, language)
        table.add_row(when, Line(finding.text.in_(language), style=style), finding.code)
    yield table
    yield Line("")
