"""The itinerary as a timetable to read: day by day, then what it rests on and what it leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text as Line

from api.assumptions import assumption_lines, marks_of, remark_lines
from api.sampling_wording import trip_sampling_lines
from api.table_parts import bullet
from api.texts import say
from api.wording import clock, date_words, distance_words, minutes_words, place_words, status_words, yen_words

if TYPE_CHECKING:
    from regional_assets.model import Region
    from regional_assets.text import Language
    from routing.itinerary import AssumedFact, Day, DayTotals, Excluded, Itinerary, Step

FITTED_LESS = "FITTED_LESS"
"""Entry of the catalogue for places that nothing but better company kept out."""

_NAMES_SHOWN = 6
_DAY_STYLES = ("bold blue", "bold dark_orange3", "bold green4", "bold magenta", "bold yellow4", "bold cyan", "bold red")
_KIND_STYLES = {
    "culture": "blue",
    "craft": "dark_orange3",
    "food": "green4",
    "nature": "cyan",
    "lodging": "magenta",
    "event": "yellow4",
    "hub": "dim",
}


def timetable(
    itinerary: Itinerary,
    region: Region,
    language: Language,
    *,
    show_all: bool = False,
    explained: Sequence[str] = (),
) -> list[RenderableType]:
    """
    Return the parts of a readable timetable, in the order in which they are printed.

    Parameters
    ----------
    itinerary
        What to show; nothing is shown that is not in it.
    region
        Gives names to the assets that the itinerary mentions by id.
    language
        Japanese or English.
    show_all
        Whether to list every place left out with its reason, instead of a few by reason.
    explained
        Assets whose reasons were asked for; they are told in full.

    Returns
    -------
    parts
        For a rich console; east-asian widths line up.
    """
    page = _Page(itinerary, region, language, show_all=show_all, explained=explained)
    return [*page.head(), *(page.day(index, day) for index, day in enumerate(itinerary.days)), *page.foot()]


class DayTables:
    """
    Lay out days in one language.

    Parameters
    ----------
    assumed
        What the days rest on.
    region, language
        As for `timetable`.
    """

    def __init__(self, assumed: Sequence[AssumedFact], region: Region, language: Language) -> None:
        self.assumed = assumed
        self.region = region
        self.language: Language = language
        self.names = {asset.id: asset.name for asset in region.assets}

    def say(self, key: str, **values: object) -> str:
        """Return an entry of the catalogue's part for timetables."""
        return say(f"timetable.{key}", self.language, **values)

    def day(self, index: int, day: Day) -> RenderableType:
        """Return the table of one day, with its sums below."""
        style = _DAY_STYLES[index % len(_DAY_STYLES)]
        head = f"{self.say('day', number=index + 1)}  {date_words(day.date, self.language)}"
        ends = " → ".join(name.in_(self.language) for name in (day.start, day.end) if name is not None)
        title = Line(head, style=style)
        if ends:
            title.append(f"  {ends}", style="not bold")
        table = Table(box=None, padding=(0, 1), pad_edge=False, show_header=False, expand=False)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        table.add_column(no_wrap=True, justify="right")
        table.add_column(no_wrap=True, justify="right")
        table.add_column(overflow="fold")
        for step in day.steps:
            self._add_step(table, step, day)
        if day.steps and day.steps[-1].type == "travel":
            arrival = Line(place_words(day.end, self.language), style="bold")
            table.add_row(clock(day.steps[-1].depart, day.date), self.say("arrive"), arrival, "", "", "")
        totals = Line(self.totals(day.totals), style="dim")
        return Group(Rule(title, align="left", style="dim"), table, totals, Line(""))

    def _add_step(self, table: Table, step: Step, day: Day) -> None:
        begins, ends = clock(step.arrive, day.date), clock(step.depart, day.date)
        took = minutes_words(step.duration_s, self.language)
        if step.type == "travel":
            # Zero metres is no travel: the place is where the traveller stands.
            if step.duration_s == 0 and not step.distance_m:
                return
            table.add_row(begins, "  ↓", self._travel(step), took, "", "", style="dim")
            return
        if step.type == "wait":
            table.add_row(begins, "  ·", self.say("wait"), took, "", "", style="dim")
            return
        kind = Line(self._kind(step), style=_KIND_STYLES.get(step.kind or "", ""))
        what = Line(place_words(step.name, self.language), style="bold")
        cost = yen_words(step.cost_jpy, self.language) if step.cost_jpy != 0 else self.say("free")
        time = f"{begins}–{ends}" if step.type != "stay" else f"{begins}–"
        length = took if step.type != "stay" else ""
        table.add_row(time, kind, what, length, cost, Line(" ".join(self._notes(step, day))))

    def _kind(self, step: Step) -> str:
        if step.type in ("meal", "stay"):
            return self.say(step.type)
        return say(f"kind.{step.kind}", self.language) if step.kind else ""

    def _travel(self, step: Step) -> str:
        words = say(f"mode.{step.mode}", self.language) if step.mode else self.say("travel")
        if step.distance_m is not None:
            words += f" {'~' if step.estimated else ''}{distance_words(step.distance_m)}"
        return words

    def _notes(self, step: Step, day: Day) -> Iterator[str]:
        if shows_closing(step, day):
            yield self.say("closes", time=clock(step.closes, day.date) if step.closes else "")
        marks = marks_of(fact for fact in self.assumed if fact.asset and fact.asset == step.asset)
        if marks:
            yield f"[{marks}]"

    def totals(self, totals: DayTotals) -> str:
        """Return sums as one line."""
        language = self.language
        cost = yen_words(totals.cost_jpy, language)
        if totals.unknown_prices:
            cost += " " + self.say("unknown_prices", count=totals.unknown_prices)
        parts = [
            self.say("total_travel", time=minutes_words(totals.travel_s, language)),
            distance_words(totals.distance_m),
            self.say("total_wait", time=minutes_words(totals.wait_s, language)) if totals.wait_s else "",
            self.say("total_visit", count=totals.visits, time=minutes_words(totals.visit_s, language)),
            cost,
        ]
        return self.say("total") + " " + " · ".join(part for part in parts if part)

    def rests_on(self) -> Iterator[RenderableType]:
        """Yield what was assumed, and what the sources remark."""
        yield from self.bullets("assumed", assumption_lines(self.assumed, self.language, listed=self.listed))
        yield from self.bullets("remarks", remark_lines(self.assumed, self.language, name_of=self.name_of))

    def bullets(self, key: str, lines: Sequence[str]) -> Iterator[RenderableType]:
        """Yield lines behind bullets under a heading; nothing where there are none."""
        if not lines:
            return
        yield self.heading(key)
        for line in lines:
            yield bullet(line)
        yield Line("")

    def heading(self, key: str, **values: object) -> RenderableType:
        """Return an entry of the catalogue as a heading."""
        return Line(self.say(key, **values), style="bold")

    def listed(self, ids: Sequence[str]) -> str:
        """Return the names of assets, the first few."""
        return _shortened([self.name_of(asset) for asset in ids], self.language)

    def name_of(self, asset: str) -> str:
        """Return the name of an asset."""
        return self.names[asset].in_(self.language) if asset in self.names else asset


class _Page(DayTables):
    """Lay out one itinerary in one language."""

    def __init__(
        self,
        itinerary: Itinerary,
        region: Region,
        language: Language,
        *,
        show_all: bool,
        explained: Sequence[str],
    ) -> None:
        super().__init__(itinerary.assumed, region, language)
        self.itinerary = itinerary
        self.show_all = show_all
        self.explained = explained

    def head(self) -> Iterator[RenderableType]:
        trip, language = self.itinerary, self.language
        title = Line(place_words(trip.region_name, language), style="bold")
        if trip.days:
            dates = [date_words(day.date, language) for day in trip.days]
            title.append(f"  {dates[0]}" + (f" – {dates[-1]}" if len(dates) > 1 else ""))
        yield title
        yield Line(status_words(trip, language), style="" if trip.days else "bold red")
        for conflict in trip.conflicts:
            yield bullet(conflict.text.in_(language), style="red")
        if trip.notice:
            yield Line(trip.notice.in_(language), style="yellow")
        yield Line("")

    def foot(self) -> Iterator[RenderableType]:
        trip = self.itinerary
        if len(trip.days) > 1:
            yield Line(f"{self.say('trip')}  {self.totals(trip.totals)}", style="bold")
            yield Line("")
        if trip.days:
            yield from self.combinations()
            yield from self.alternatives()
        yield from self.rests_on()
        yield from self.bullets("explained", [self.reason_of(asset) for asset in self.explained])
        yield from self.left_out()
        yield from self.sampling()
        yield from self.provenance()

    def alternatives(self) -> Iterator[RenderableType]:
        trip = self.itinerary
        if trip.request.alternatives == 0:
            return
        yield self.heading("alternatives", count=len(trip.alternatives), asked=trip.request.alternatives)
        for other in trip.alternatives:
            gained, lost = (self.listed(ids) or self.say("nothing") for ids in (other.gained, other.lost))
            yield bullet(
                self.say(
                    "alternative",
                    points=f"{other.objective:,.0f}",
                    less=f"{other.objective - trip.objective:+,.0f}",
                    distance=f"{other.distance:.0%}",
                    gained=gained,
                    lost=lost,
                )
            )
            yield _indented(Line(self.totals(other.totals), style="dim"))
        yield Line("")

    def reason_of(self, asset: str) -> str:
        place = next((place for place in self.itinerary.excluded if place.asset == asset), None)
        if place is not None:
            return f"{self.name_of(asset)}: {place.text.in_(self.language)}"
        is_visited = any(step.asset == asset for day in self.itinerary.days for step in day.steps)
        return f"{self.name_of(asset)}: {self.say('is_in_trip' if is_visited else 'no_reason')}"

    def combinations(self) -> Iterator[RenderableType]:
        made = self.itinerary.combinations
        if made:
            yield self.heading("combinations")
        for combination in made:
            left, right = (self.listed(ids) for ids in (combination.left, combination.right))
            both = left if left == right else f"{left} × {right}"
            yield bullet(f"{both}  +{combination.bonus}")
            yield _indented(Line(combination.reason.in_(self.language), style="dim"))
        effect = self.itinerary.combination_effect
        if effect is not None:
            yield bullet(self.effect())
        if made or effect:
            yield Line("")

    def effect(self) -> str:
        effect = self.itinerary.combination_effect
        if effect is None or not (effect.gained or effect.lost):
            return self.say("effect_none")
        gained, lost = (self.listed(ids) or self.say("nothing") for ids in (effect.gained, effect.lost))
        return self.say(
            "effect",
            gained=gained,
            lost=lost,
            made=effect.combinations,
            made_without=effect.combinations_without,
            points=round(effect.points_of_places),
            points_without=round(effect.points_of_places_without),
        )

    def left_out(self) -> Iterator[RenderableType]:
        excluded = self.itinerary.excluded
        if not excluded:
            return
        yield self.heading("left_out", count=len(excluded))
        for code, places in grouped_exclusions(excluded, self.region):
            is_mixed = len({place.proven for place in places}) > 1
            proof = f" {self.say('not_proven')}" if is_mixed else ""
            reason = say(f"reason.{code or FITTED_LESS}", self.language)
            yield bullet(f"{reason}{proof} ({len(places)})")
            if self.show_all:
                for place in places:
                    line = f"{place.name.in_(self.language)} ({place.asset}): {place.text.in_(self.language)}"
                    yield _indented(Line(line, style="dim"))
            else:
                names = [place.name.in_(self.language) for place in places]
                yield _indented(Line(_shortened(names, self.language), style="dim"))
        if not self.show_all:
            yield Line(f"  {self.say('show_all')}", style="dim")
        yield Line("")

    def sampling(self) -> Iterator[RenderableType]:
        if self.itinerary.sampling is None:
            return
        yield Line(say("sampling.title", self.language), style="bold")
        for line in trip_sampling_lines(self.itinerary.sampling, self.language):
            yield bullet(line)
        yield Line("")

    def provenance(self) -> Iterator[RenderableType]:
        origin = self.itinerary.provenance
        if self.itinerary.sources:
            yield Line(f"{self.say('sources')} " + "; ".join(self.itinerary.sources), style="dim")
        # CP-SAT counts its own work, which is no number of iterations.
        kind = "work" if origin.limit == "iterations" and not origin.iterations else origin.limit
        limit = self.say(f"limit_{kind}", iterations=f"{origin.iterations:,}", seconds=f"{origin.seconds:.1f}")
        yield Line(
            self.say(
                "provenance",
                points=f"{self.itinerary.objective:,.0f}",
                candidates=origin.candidates,
                seed=origin.seed,
                limit=limit,
                solver=origin.solver,
                version=origin.version,
            ),
            style="dim",
        )


def shows_closing(step: Step, day: Day) -> bool:
    """Whether the closing time of a place is worth telling: it is known, and not the end of the day."""
    return step.type != "stay" and step.closes is not None and step.closes.date() == day.date


def grouped_exclusions(excluded: Sequence[Excluded], region: Region) -> list[tuple[str | None, list[Excluded]]]:
    """Return the places left out by reason: certain reasons first, "fitted less" last; in each the best known first."""
    appeal = {asset.id: asset.appeal for asset in region.assets}
    ordered = sorted(excluded, key=lambda place: (place.code is None, place.code or "", -appeal.get(place.asset, 0)))
    return [(code, list(places)) for code, places in groupby(ordered, key=lambda place: place.code)]


def _shortened(names: Sequence[str], language: Language) -> str:
    separator = "、" if language == "ja" else ", "
    shown = separator.join(names[:_NAMES_SHOWN])
    rest = len(names) - _NAMES_SHOWN
    return shown + (" " + say("timetable.more", language, count=rest) if rest > 0 else "")


def _indented(line: Line) -> RenderableType:
    return Padding(line, (0, 0, 0, 4), expand=False)
