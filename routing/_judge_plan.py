"""Judging one plan made by hand: its places on the ground, by the clock, and under every rule."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from regional_assets.model import Kind, Name
from routing._check import unknown_ids
from routing._clock import seconds_of
from routing._compose import Composer, sources_of, total
from routing._ground import reach, survey
from routing._judge_model import Finding, Judgement
from routing._judge_rules import Given, habits_broken, limits_broken, nights_wrong, places_wrong, wishes_missed
from routing._judge_visits import DayClock, Stop
from routing._options import Offer, offer
from routing._prices import party_cost
from routing._scoring import UNITS_PER_POINT, points
from routing._screen import Candidate, Inn, Screening, has_night, screen, trip_days
from routing._translate import translate
from solvers.orienteering.evaluation import evaluate
from solvers.orienteering.problem import UNREACHABLE, TripSolution

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from regional_assets.model import Asset, Region
    from routing._ground import Ground
    from routing._judge_model import HandMadeDay
    from routing._judge_visits import TimedVisit
    from routing._options import VisitOption
    from routing._translate import Translation
    from routing.request import Mode, TripRequest
    from routing.streets import StreetNetwork
    from solvers.orienteering.evaluation import Evaluation


@dataclass(frozen=True, slots=True, eq=False)
class _Land:
    """
    Hold the ground of a plan.

    Parameters
    ----------
    ground
        A node for each place of the plan, for those that serve lunch, and for the inns of the plan and the planner.
    lunches
        Where the planner would look for lunch, with the ways to have it there.
    has_inns
        Whether the planner would find an inn for any night.
    """

    ground: Ground
    lunches: tuple[Candidate, ...]
    has_inns: bool


class Judge:
    """
    Judge one plan.

    Parameters
    ----------
    region, request, networks
        As for `routing.judge.judge_trip`, checked.
    plan
        One entry for each day of the request.
    """

    def __init__(
        self,
        region: Region,
        request: TripRequest,
        plan: Sequence[HandMadeDay],
        networks: Mapping[Mode, StreetNetwork],
    ) -> None:
        self._region, self._request, self._plan = region, request, plan
        self._days = trip_days(request)
        self._assets = {asset.id: asset for asset in region.assets}
        self._given = [Given(day.date, tuple(stop.asset for stop in day.stops), day.stay) for day in plan]
        self._stays = [self._stay(night, day.stay) for night, day in enumerate(plan[:-1])]
        self._land = self._survey(networks)

    def judge(self) -> Judgement:
        """Return everything there is to say of the plan."""
        clocks = self._timed()
        visits = [clock.visits for clock in clocks]
        composer, evaluation = self._composed(visits)
        days, region, request = composer.days, self._region, self._request
        walk_m = [day.totals.walk_m for day in days]
        violations = [
            *self._unknown(),
            *places_wrong(request, self._given, self._assets),
            *nights_wrong(request, self._given, self._assets, has_inns=self._land.has_inns),
            *chain.from_iterable(clock.violations for clock in clocks),
            *wishes_missed(request, self._given, self._assets),
            *limits_broken(request, visits, walk_m=walk_m, yen=evaluation.cost_yen),
        ]
        warnings = [*chain.from_iterable(clock.warnings for clock in clocks), *habits_broken(request, visits)]
        return Judgement(
            feasible=not violations,
            violations=_in_order(violations),
            warnings=_in_order(warnings),
            objective=evaluation.objective / UNITS_PER_POINT,
            terms=composer.terms(),
            days=days,
            totals=total(step for day in days for step in day.steps),
            combinations=composer.combinations(),
            # That lunch is left open is told by a warning, in words that fit a plan made by hand.
            assumed=tuple(fact for fact in composer.assumed() if fact.field != "lunch"),
            region=region.id,
            region_name=region.name,
            time_zone=region.time_zone,
            notice=region.notice,
            sources=sources_of(region),
            request=request,
        )

    def _stay(self, night: int, asset_id: str | None) -> Asset | None:
        """Return the inn of a night, if it is one and can be put on the map."""
        asset = None if asset_id is None else self._assets.get(asset_id)
        if asset is None or asset.kind is not Kind.LODGING or not asset.has_position:
            return None
        return asset if has_night(self._request, night) else None

    def _placed(self, day: HandMadeDay) -> list[Stop]:
        """Return the stops of a day that can be put on the map."""
        stops = []
        for number, stop in enumerate(day.stops):
            asset = self._assets.get(stop.asset)
            if asset is not None and asset.has_position and asset.kind is not Kind.LODGING:
                arrive, depart = (None if time is None else seconds_of(time) for time in (stop.arrive, stop.depart))
                stops.append(Stop(number, asset, arrive, depart, stop.lunch))
        return stops

    def _unknown(self) -> Iterator[Finding]:
        """Yield every id that the region does not know, with those it may have meant."""
        for day in self._given:
            for number, asset_id in [*enumerate(day.stops), *([] if day.stay is None else [(None, day.stay)])]:
                for problem in unknown_ids(self._region, [asset_id], ""):
                    text = Name(ja=problem.message.ja, en=problem.message.en)
                    yield Finding(code="UNKNOWN_ASSET", date=day.date, stop=number, asset=asset_id, text=text)

    def _survey(self, networks: Mapping[Mode, StreetNetwork]) -> _Land:
        region, request, days = self._region, self._request, self._days
        planner = screen(region, request, days)
        has_lunch = request.meals.lunch is not None
        lunches = [_only_lunch(candidate) for candidate in planner.candidates] if has_lunch else []
        lunches = [candidate for candidate in lunches if candidate.offer.options]
        own = {stop.asset.id: self._candidate(stop.asset) for day in self._plan for stop in self._placed(day)}
        others = [candidate for candidate in lunches if candidate.asset.id not in own]
        inns = {inn.asset.id: inn for inn in (*planner.inns, *(self._inn(stay) for stay in self._stays if stay))}
        ground = survey(region, request, Screening((*own.values(), *others), (), tuple(inns.values()), ()), networks)
        eaten = reach(ground, Screening(tuple(lunches), (), planner.inns, planner.nights), days, request)
        # A way that does not exist has no length either.
        metres = np.where(ground.travel.metres >= UNREACHABLE, 0, ground.travel.metres)
        ground = replace(ground, travel=replace(ground.travel, metres=metres))
        return _Land(ground, eaten.candidates, any(planner.nights))

    def _timed(self) -> list[DayClock]:
        """Go through every day by the clock."""
        ground, clocks = self._land.ground, []
        for index, day in enumerate(self._plan):
            before = self._stays[index - 1] if index else None
            after = self._stays[index] if index < len(self._stays) else None
            start = ground.day_start[index] if before is None else ground.node_of[before.id]
            end = ground.day_end[index] if after is None else ground.node_of[after.id]
            clock = DayClock(self._request, self._days[index], index, ground, (start, end))
            clock.run(self._placed(day))
            clocks.append(clock)
        return clocks

    def _composed(self, visits: Sequence[Sequence[TimedVisit]]) -> tuple[Composer, Evaluation]:
        """State the plan as the one solution of a problem, and put it into words as those of the planner are."""
        screening = self._screening(visits)
        translation = translate(self._region, self._request, self._days, screening, self._land.ground)
        solution = self._solution(visits, translation)
        evaluation = evaluate(translation.problem, solution)
        composer = Composer(
            self._region,
            self._request,
            self._days,
            screening,
            self._land.ground,
            translation,
            solution,
            evaluation,
        )
        return composer, evaluation

    def _screening(self, visits: Sequence[Sequence[TimedVisit]]) -> Screening:
        """Return the places of the plan with its own visits, and where else lunch could be had."""
        candidates = {candidate.asset.id: candidate for candidate in self._land.lunches}
        own: dict[str, list[TimedVisit]] = {}
        for visit in chain.from_iterable(visits):
            own.setdefault(visit.asset.id, []).append(visit)
        for asset_id, its in own.items():
            lunches = candidates[asset_id].offer.options if asset_id in candidates else ()
            candidate = self._candidate(its[0].asset)
            notes = [*candidate.offer.notes, *(("opening", visit.assumed) for visit in its if visit.assumed)]
            ways = (*(visit.option for visit in its), *lunches)
            candidates[asset_id] = replace(candidate, offer=Offer(ways, None, tuple(dict.fromkeys(notes))))
        inns = list({stay.id: self._inn(stay) for stay in self._stays if stay}.values())
        places = {inn.asset.id: index for index, inn in enumerate(inns)}
        nights = tuple((places[stay.id],) if stay else () for stay in self._stays)
        return Screening(tuple(candidates.values()), (), tuple(inns), nights)

    def _solution(self, visits: Sequence[Sequence[TimedVisit]], translation: Translation) -> TripSolution:
        numbers: dict[tuple[str, VisitOption], int] = {}
        for number, (candidate, way) in enumerate(translation.options):
            numbers.setdefault((candidate.asset.id, way), number)
        routes = tuple(tuple(numbers[visit.asset.id, visit.option] for visit in its) for its in visits)
        of_night = {int(night): stay for stay, night in enumerate(translation.problem.lodgings.night)}
        return TripSolution(routes, tuple(of_night.get(night, -1) for night in range(len(self._stays))))

    def _candidate(self, asset: Asset) -> Candidate:
        request = self._request
        wanted = asset.id in {*request.must, *(pin.asset for pin in request.pins)}
        cost = party_cost(asset.price, request.party)
        return Candidate(asset, offer(asset, self._days, request), points(asset, request), cost, wanted)

    def _inn(self, asset: Asset) -> Inn:
        return Inn(asset, points(asset, self._request), party_cost(asset.price, self._request.party))


def _only_lunch(candidate: Candidate) -> Candidate:
    ways = tuple(way for way in candidate.offer.options if way.is_lunch)
    return replace(candidate, offer=replace(candidate.offer, options=ways))


def _in_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return findings day by day and stop by stop, those of a whole day after its stops, those of the trip last."""

    def place(finding: Finding) -> tuple[bool, str, bool, int]:
        date = "" if finding.date is None else finding.date.isoformat()
        return finding.date is None, date, finding.stop is None, finding.stop or 0

    return tuple(sorted(findings, key=place))
