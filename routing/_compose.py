"""From a solution's indices back to names, local times, yen and lines on the map."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from regional_assets.model import Name
from routing._clock import moment
from routing._prices import party_cost
from routing._scoring import UNITS_PER_POINT
from routing.itinerary import (
    AlternativePlan,
    AssumedFact,
    CombinationEffect,
    Day,
    DayTotals,
    Excluded,
    MadeCombination,
    Step,
)
from solvers.orienteering.evaluation import evaluate
from solvers.orienteering.problem import ANYWHERE

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

    from regional_assets.model import Asset, Region
    from routing import _options
    from routing._ground import Ground
    from routing._screen import Candidate, Screening
    from routing._translate import Translation
    from routing.itinerary import ReasonCode, StepType
    from routing.request import TripRequest
    from solvers.orienteering.alternatives import Alternative
    from solvers.orienteering.evaluation import DaySchedule, Evaluation
    from solvers.orienteering.problem import TripSolution

APPOINTMENT = "appointment"
"""Tag of places that receive visitors only after they have called."""


class Composer:
    """
    Turn one solution into the parts of an itinerary.

    Parameters
    ----------
    region, request, days, screening, ground, translation
        What the problem was made from.
    solution, evaluation
        A plan, and what the judge says of it.
    """

    def __init__(
        self,
        region: Region,
        request: TripRequest,
        days: Sequence[_options.Day],
        screening: Screening,
        ground: Ground,
        translation: Translation,
        solution: TripSolution,
        evaluation: Evaluation,
    ) -> None:
        self._region = region
        self._request = request
        self._days = days
        self._screening = screening
        self._ground = ground
        self._translation = translation
        self._solution = solution
        self._evaluation = evaluation

    @cached_property
    def days(self) -> tuple[Day, ...]:
        """The days with their steps."""
        return tuple(self._day(index) for index in range(len(self._days)))

    def terms(self) -> dict[str, float]:
        """Return each part of the objective, in points."""
        return {name: value / UNITS_PER_POINT for name, value in self._evaluation.terms.items()}

    def combinations(self) -> tuple[MadeCombination, ...]:
        """Return the combinations that the plan earns, with the assets on both sides."""
        made = []
        for earned in self._evaluation.earned:
            rule = self._translation.rules[earned.combination]
            assets = [asset for day in self._days_of(earned.day) for asset in self._assets_of(day)]
            assets = list({asset.id: asset for asset in assets}.values())
            made.append(
                MadeCombination(
                    rule=rule.id,
                    left=tuple(asset.id for asset in assets if rule.left.selects(asset)),
                    right=tuple(asset.id for asset in assets if rule.right.selects(asset)),
                    bonus=rule.bonus,
                    date=self._days[earned.day].date if earned.day >= 0 else None,
                    reason=rule.reason,
                )
            )
        return tuple(made)

    def effect(self, without: TripSolution) -> CombinationEffect:
        """Compare with the plan made without bonuses; it may earn some by chance."""
        judged = evaluate(self._translation.problem, without)
        mine, other = self._places(self._solution), self._places(without)
        return CombinationEffect(
            gained=tuple(sorted(mine - other)),
            lost=tuple(sorted(other - mine)),
            points_of_places=_without_bonus(self._evaluation),
            points_of_places_without=_without_bonus(judged),
            combinations=len(self._evaluation.earned),
            combinations_without=len(judged.earned),
        )

    def alternative(self, other: Alternative) -> AlternativePlan:
        """Return another solution as a plan of its own, with what sets it apart."""
        composer = Composer(
            self._region,
            self._request,
            self._days,
            self._screening,
            self._ground,
            self._translation,
            other.solution,
            other.evaluation,
        )
        mine, its = self._places(self._solution), self._places(other.solution)
        return AlternativePlan(
            objective=other.evaluation.objective / UNITS_PER_POINT,
            distance=round(other.distance, 3),
            gained=tuple(sorted(its - mine)),
            lost=tuple(sorted(mine - its)),
            days=composer.days,
            totals=total(step for day in composer.days for step in day.steps),
            assumed=composer.assumed(),
        )

    def excluded(self) -> tuple[Excluded, ...]:
        """Return why each place is not in the trip: reasons decided on the place alone, or none where they are not."""
        visited = self._places(self._solution)
        texts = [
            _excluded(asset, refusal.code, refusal.text, proven=self._is_certain(refusal.code))
            for asset, refusal in self._screening.refused
        ]
        other = Name(
            ja="行けるが、ほかの場所を優先(証明なし)", en="possible; other places fitted this trip better (not proven)"
        )
        texts += [
            _excluded(candidate.asset, None, other, proven=False)
            for candidate in self._screening.candidates
            if candidate.asset.id not in visited
        ]
        return tuple(texts)

    def assumed(self) -> tuple[AssumedFact, ...]:
        """Return everything in the plan that was assumed, place by place, then for the whole trip."""
        facts: list[AssumedFact] = []
        for day in range(len(self._days)):
            for candidate in self._candidates_of(day):
                notes = (*candidate.offer.notes, *_price_notes(candidate), *_booking_notes(candidate.asset))
                facts.extend(_facts(candidate.asset, notes))
        for index in sorted({self._translation.lodgings[choice] for choice in self._solution.lodging if choice >= 0}):
            inn = self._screening.inns[index]
            facts.extend(_facts(inn.asset, tuple(("price", note) for note in inn.cost.notes)))
        facts.extend(self._trip_facts())
        return tuple(dict.fromkeys(facts))

    def _trip_facts(self) -> Iterator[AssumedFact]:
        legs = [step for day in self.days for step in day.steps if step.type == "travel"]
        estimated = sum(1 for leg in legs if leg.estimated)
        if estimated:
            yield AssumedFact(
                asset=None,
                field="travel",
                text=Name(
                    ja=f"{len(legs)}区間のうち{estimated}区間は道路データがなく、直線距離×1.35から推定",
                    en=f"{estimated} of {len(legs)} legs estimated from the distance as the crow flies x 1.35",
                ),
            )
        if self._request.mode == "car" and legs:
            yield AssumedFact(
                asset=None,
                field="cost",
                text=Name(
                    ja="車の費用(燃料・駐車・有料道路)は含まず", en="fuel, parking and tolls are not in the cost"
                ),
            )
        lunch = self._request.meals.lunch
        for day, schedule in zip(self._days, self._evaluation.days, strict=True):
            index = self._days.index(day)
            had = any(self._translation.options[option][1].is_lunch for option in self._solution.routes[index])
            if lunch is not None and not had and len(schedule.start):
                yield AssumedFact(
                    asset=None,
                    field="lunch",
                    text=Name(
                        ja=f"{day.date}: 昼食時間に寄れる飲食店が見つからず、昼食は未定",
                        en=f"{day.date}: no eating place fits at lunch time; lunch is left open",
                    ),
                )
        for night, choice in enumerate(self._screening.nights):
            if not choice and self._request.lodging != "none":
                yield AssumedFact(
                    asset=None,
                    field="lodging",
                    text=Name(
                        ja=f"{self._days[night].date}の夜の宿は計画に含まず",
                        en=f"no lodging is planned for the night of {self._days[night].date}",
                    ),
                )

    def _is_certain(self, code: ReasonCode) -> bool:
        """Whether a reason decided on one place alone is a proof."""
        if code == "NOT_SEARCHED":
            return False
        if code in ("TOO_FAR", "OVER_WALKING_LIMIT"):
            # Going straight is the shortest way only if all times come from one source; street times beside estimates
            # need not obey the triangle inequality.
            off_diagonal = self._ground.travel.estimated.sum()
            count = len(self._ground.nodes)
            return bool(off_diagonal in (0, count * (count - 1)))
        return True

    def _candidates_of(self, day: int) -> list[Candidate]:
        return [self._translation.options[option][0] for option in self._solution.routes[day]]

    def _assets_of(self, day: int) -> list[Asset]:
        """Return the assets of a day; the inn belongs to the day before its night."""
        assets = [candidate.asset for candidate in self._candidates_of(day)]
        inn = self._inn_after(day)
        return assets if inn is None else [*assets, inn]

    def _days_of(self, day: int) -> Iterable[int]:
        return range(len(self._days)) if day < 0 else (day,)

    def _inn_after(self, day: int) -> Asset | None:
        choice = self._solution.lodging[day] if day < len(self._solution.lodging) else -1
        return None if choice < 0 else self._screening.inns[self._translation.lodgings[choice]].asset

    def _places(self, solution: TripSolution) -> set[str]:
        options = self._translation.options
        places = {options[option][0].asset.id for route in solution.routes for option in route}
        inns = (self._screening.inns[self._translation.lodgings[choice]] for choice in solution.lodging if choice >= 0)
        return places | {inn.asset.id for inn in inns}

    def _day(self, index: int) -> Day:
        schedule = self._evaluation.days[index]
        steps = tuple(self._steps(index, schedule))
        return Day(
            date=self._days[index].date,
            start=self._node_name(schedule.start_node),
            end=self._node_name(schedule.end_node),
            steps=steps,
            totals=total(steps),
        )

    def _node_name(self, node: int) -> Name | None:
        return None if node == ANYWHERE else self._ground.nodes[node].name

    def _steps(self, index: int, schedule: DaySchedule) -> Iterator[Step]:
        date = self._days[index].date
        node, now = schedule.start_node, schedule.leave
        for position, option in enumerate(self._solution.routes[index]):
            candidate, way = self._translation.options[option]
            target = self._ground.node_of[candidate.asset.id]
            arrival, start = int(schedule.arrival[position]), int(schedule.start[position])
            yield from self._travel(date, node, target, now, arrival)
            if start > arrival:
                yield _at(candidate.asset, "wait", date, arrival, start)
            departure = int(schedule.departure[position])
            yield _at(candidate.asset, "meal" if way.is_lunch else "visit", date, start, departure).model_copy(
                update={
                    "cost_jpy": candidate.cost.yen,
                    "closes": None if way.door_closes_s is None else moment(date, way.door_closes_s),
                    "score": round(candidate.points, 2),
                }
            )
            node, now = target, departure
        yield from self._travel(date, node, schedule.end_node, now, schedule.end)
        inn = self._inn_after(index)
        if inn is not None:
            following = self._evaluation.days[index + 1].leave
            next_date = self._days[index + 1].date
            stay = _at(inn, "stay", date, schedule.end, schedule.end)
            depart = moment(next_date, following)
            yield stay.model_copy(
                update={
                    "depart": depart,
                    "duration_s": int((depart - stay.arrive).total_seconds()),
                    "cost_jpy": party_cost(inn.price, self._request.party).yen,
                }
            )

    def _travel(self, date: dt.date, origin: int, target: int, leave: int, arrive: int) -> Iterator[Step]:
        if ANYWHERE in (origin, target) or origin == target:
            return
        table = self._ground.travel
        if table.metres[origin, target] == 0 and leave == arrive:
            return
        node = self._ground.nodes[target]
        line = table.path(origin, target)
        yield Step(
            type="travel",
            arrive=moment(date, leave),
            depart=moment(date, arrive),
            duration_s=arrive - leave,
            asset=None if node.asset is None else node.asset.id,
            name=node.name,
            kind=None if node.asset is None else node.asset.kind,
            lon=node.lon,
            lat=node.lat,
            distance_m=int(table.metres[origin, target]),
            mode=self._request.mode,
            estimated=bool(table.estimated[origin, target]),
            geometry=tuple((round(float(lon), 6), round(float(lat), 6)) for lon, lat in line),
        )


def total(steps: Iterable[Step]) -> DayTotals:
    """Sum up steps; the night's cost belongs to the day before it."""
    steps = tuple(steps)
    travel = [step for step in steps if step.type == "travel"]
    visits = [step for step in steps if step.type in ("visit", "meal")]
    paid = [step for step in steps if step.type in ("visit", "meal", "stay")]
    return DayTotals(
        travel_s=sum(step.duration_s for step in travel),
        wait_s=sum(step.duration_s for step in steps if step.type == "wait"),
        visit_s=sum(step.duration_s for step in visits),
        distance_m=sum(step.distance_m or 0 for step in travel),
        walk_m=sum(step.distance_m or 0 for step in travel if step.mode == "walk"),
        visits=len(visits),
        cost_jpy=sum(step.cost_jpy or 0 for step in paid),
        unknown_prices=sum(1 for step in paid if step.cost_jpy is None),
    )


def sources_of(region: Region) -> tuple[str, ...]:
    """Return the publishers of a region's data, to be named wherever a plan is shown."""
    names = (f"{source.name} ({source.licence})" if source.licence else source.name for source in region.sources)
    return tuple(dict.fromkeys(names))


def excluded_alone(screening: Screening) -> tuple[Excluded, ...]:
    """Return the reasons decided on each place alone, where there is no plan."""
    return tuple(
        _excluded(asset, refusal.code, refusal.text, proven=refusal.code != "NOT_SEARCHED")
        for asset, refusal in screening.refused
    )


def _at(asset: Asset, step: StepType, date: dt.date, begin: int, end: int) -> Step:
    return Step(
        type=step,
        arrive=moment(date, begin),
        depart=moment(date, end),
        duration_s=end - begin,
        asset=asset.id,
        name=asset.name,
        kind=asset.kind,
        lon=asset.lon,
        lat=asset.lat,
    )


def _excluded(asset: Asset, code: ReasonCode | None, text: Name, *, proven: bool) -> Excluded:
    return Excluded(asset=asset.id, name=asset.name, code=code, proven=proven, text=text)


def _booking_notes(asset: Asset) -> Iterator[tuple[str, Name]]:
    """Yield what has to be booked, and that we did not look whether places are left."""
    if asset.slots:
        yield "slots", Name(ja="開始時刻の予約が必要。空きは未確認", en="book this start; free places not checked")
    elif APPOINTMENT in asset.tags:
        yield "slots", Name(ja="要予約。受け入れ可否は未確認", en="by appointment; not arranged by this plan")


def _price_notes(candidate: Candidate) -> tuple[tuple[str, Name], ...]:
    return tuple(("price", note) for note in candidate.cost.notes)


def _facts(asset: Asset, notes: Iterable[tuple[str, Name]]) -> Iterator[AssumedFact]:
    for field, text in notes:
        yield AssumedFact(asset=asset.id, field=field, text=text)
    for assumption in asset.assumed:
        yield AssumedFact(asset=asset.id, field=assumption.field, text=assumption.rule)


def _without_bonus(evaluation: Evaluation) -> float:
    return (evaluation.objective - evaluation.terms["combinations"]) / UNITS_PER_POINT
