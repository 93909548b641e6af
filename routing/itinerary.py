"""The itinerary: days of steps with times, costs, reasons and assumptions. Everything a user is told about a trip."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, WithJsonSchema

from regional_assets.model import Kind, Name
from routing.request import Mode, TripRequest

ReasonCode = Literal[
    "CLOSED_ON_ALL_DAYS",
    "HOURS_UNKNOWN",
    "NO_SLOT_LEFT",
    "TOO_FAR",
    "OVER_BUDGET",
    "OVER_WALKING_LIMIT",
    "ACCESS_NEED",
    "MEAL_NOT_ASKED",
    "AVOIDED",
    "NO_POSITION",
    "NO_INTEREST",
    "DISPLACED",
    "NOT_SEARCHED",
]

StepType = Literal["travel", "wait", "visit", "meal", "stay"]

LocalTime = Annotated[
    dt.datetime,
    # The format "date-time" of JSON schema asks for an offset; the zone stands in the itinerary instead.
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})?$",
        }
    ),
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(_Frozen):
    """
    Describe one step of a day.

    Parameters
    ----------
    type
        ``travel`` between two places, ``wait`` for a door to open, ``visit``, ``meal`` (lunch), ``stay`` (the night).
    arrive, depart
        Local time at which the step begins and ends.
    duration_s
        Seconds.
    asset, name, kind, lon, lat
        The place (for travel: the place it leads to; ``None`` and no kind for a place given by coordinates).
    cost_jpy
        Yen for the whole party; ``None`` when the price is unknown.
    distance_m, mode, estimated, geometry
        Of travel only: metres, mode, whether time and distance are estimated without a street network, and the line as
        ``[lon, lat]`` pairs.
    closes
        Of visits and meals: local time at which the door closes (``None`` with assumed hours, or where it never
        does).
    score
        Points this place adds.
    """

    type: StepType
    arrive: LocalTime
    depart: LocalTime
    duration_s: int
    asset: str | None = None
    name: Name | None = None
    kind: Kind | None = None
    lon: float | None = None
    lat: float | None = None
    cost_jpy: int | None = 0
    distance_m: int | None = None
    mode: Mode | None = None
    estimated: bool | None = None
    geometry: tuple[tuple[float, float], ...] | None = None
    closes: LocalTime | None = None
    score: float | None = None


class DayTotals(_Frozen):
    """Sum up a day (or the trip): seconds, metres, yen; ``unknown_prices`` counts places whose price is unknown."""

    travel_s: int
    wait_s: int
    visit_s: int
    distance_m: int
    walk_m: int
    visits: int
    cost_jpy: int
    unknown_prices: int


class Day(_Frozen):
    """Hold the steps of one day in order; ``start`` and ``end`` name where it begins and ends."""

    date: dt.date
    start: Name | None
    end: Name | None
    steps: tuple[Step, ...]
    totals: DayTotals


class MadeCombination(_Frozen):
    """Report a combination the trip makes: its rule, the assets on both sides, points, and the day if it is of one."""

    rule: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    bonus: int
    date: dt.date | None
    reason: Name


class CombinationEffect(_Frozen):
    """
    Compare with the plan made without bonuses, under the same limit and seed: what the combinations changed.

    Parameters
    ----------
    gained, lost
        Assets that are in this plan only, and in the plan without bonuses only.
    points_of_places, points_of_places_without
        Points of the places alone, less travel, in both plans.
    combinations, combinations_without
        How many combinations each plan makes (the second one by chance).
    """

    gained: tuple[str, ...]
    lost: tuple[str, ...]
    points_of_places: float
    points_of_places_without: float
    combinations: int
    combinations_without: int


class Excluded(_Frozen):
    """
    Say why a place is not in the trip.

    Parameters
    ----------
    code
        ``None`` when no reason can be decided on that place alone: others fitted better, which is not proven.
    proven
        Whether the reason is certain for this request.
    text
        For people.
    displaces, would_take
        Only where the place was explained by a search that forces it in (see `explain_trip`): assets that the plan with
        it would leave out, and assets that it would take besides.
    costs_points
        Likewise: points of this plan less those of the plan with it, as found by that search, which is the most that
        the place costs; negative where the plan with it is better. ``None`` where none was found.
    """

    asset: str
    name: Name
    code: ReasonCode | None
    proven: bool
    text: Name
    displaces: tuple[str, ...] = ()
    would_take: tuple[str, ...] = ()
    costs_points: float | None = None


class AssumedFact(_Frozen):
    """
    Flag a fact that was assumed; ``asset`` is ``None`` where it concerns the whole trip.

    The field ``remark`` is no assumption: it carries what the source says of the place beside its hours.
    """

    asset: str | None
    field: str
    text: Name


class AlternativePlan(_Frozen):
    """
    Offer another plan for the same request that really differs.

    Parameters
    ----------
    objective, days, totals
        As in the itinerary.
    distance
        How much it differs from the itinerary's plan: 1 less the share of common places in all places of either.
    gained, lost
        Assets, inns included, that are in this plan only, and in the itinerary's plan only.
    assumed
        What was assumed for this plan, as in the itinerary.
    """

    objective: float
    distance: float
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    days: tuple[Day, ...]
    totals: DayTotals
    assumed: tuple[AssumedFact, ...] = ()


class Conflict(_Frozen):
    """Say what cannot be met: wishes that contradict the hours, the budget or each other."""

    code: str
    assets: tuple[str, ...]
    text: Name


class Sampling(_Frozen):
    """
    Tell what a sampler did for the plan, what repair did, and what either is worth beside the other.

    Parameters
    ----------
    sampler, model
        The sampler's name or class, and what it was given: ``routes`` or ``day``.
    source
        ``sampler``: the plan is the best read, as it came. ``repair``: it was changed after sampling. ``fallback``: no
        read was as good as a plan of the classical search, which is the one shown.
    reads, raw_feasible_rate
        Reads returned, and the share of them that kept every rule of the trip as they came.
    repaired, flips_removed, flips_added
        Whether repair changed the best read, and how many variables it took out and put in.
    energy_raw, energy_final
        Energy of that read with the proven penalties, in the model's units, before and after repair.
    points
        Of the sampler's own plan after repair, judged as every plan is; ``None`` where it breaks a rule of the trip.
    search_points
        Of the best plan of the classical search before, of which the sampler was not told.
    raw_points, model_points, random_points, best_points
        By the model: of the best read that kept every rule as it came, of the sampler's own plan after repair, of as
        many random starts after the same repair, and its proven optimum. ``None`` where there is none. Below
        ``search_points`` it may lack a day, or something else that has to be in the trip.
    is_exact
        Whether points by the model are those of the trip (``routes``, up to two days) or an estimate of them.
    variables, interactions, largest_clique
        Size of the model: variables, pairs of them that are coupled, and the largest set found in which all are.
    seed, is_reproducible
        Of the sampler and the random starts, and whether the same seed gives the same reads.
    seconds
        Time spent sampling.
    """

    sampler: str
    model: Literal["routes", "day"]
    source: Literal["sampler", "repair", "fallback"]
    reads: int
    raw_feasible_rate: float
    repaired: bool
    flips_removed: int
    flips_added: int
    energy_raw: float
    energy_final: float
    points: float | None
    search_points: float
    raw_points: float | None
    model_points: float | None
    random_points: float | None
    best_points: float | None
    is_exact: bool
    variables: int
    interactions: int
    largest_clique: int
    seed: int
    is_reproducible: bool
    seconds: float


class Provenance(_Frozen):
    """
    Say how the answer came about, so that it can be had again.

    Parameters
    ----------
    limit
        What ended the search. ``stopped``: somebody did; such a plan does not come about again.
    data_version
        Which state of the region's data it was planned on; ``None`` where nobody keeps count.
    """

    region: str
    seed: int
    solver: str
    limit: Literal["iterations", "seconds", "none", "stopped"]
    iterations: int
    seconds: float
    candidates: int
    options: int
    version: str
    data_version: str | None = None


class Itinerary(_Frozen):
    """
    Answer a trip request.

    Parameters
    ----------
    status
        ``optimal`` only when proven; ``feasible``; ``infeasible`` when no plan can meet the request (see
        ``conflicts``); ``unsolved`` when none was found, without proof that there is none.
    objective
        Points; ``terms`` gives each part by name.
    bound, gap
        Proven upper limit of the objective in points, and how far the plan may be below it as a share of it; ``None``
        without a plan.
    alternatives
        Plans that really differ from this one and from each other, as many as the request asks for, or as were found.
    sampling
        What the sampler did; ``None`` of classical solvers, and where there was nothing to choose.
    """

    status: Literal["optimal", "feasible", "infeasible", "unsolved"]
    region: str
    region_name: Name
    time_zone: str
    notice: Name | None
    objective: float
    terms: dict[str, float]
    bound: float | None = None
    gap: float | None = None
    days: tuple[Day, ...]
    totals: DayTotals
    combinations: tuple[MadeCombination, ...]
    combination_effect: CombinationEffect | None
    excluded: tuple[Excluded, ...]
    assumed: tuple[AssumedFact, ...]
    conflicts: tuple[Conflict, ...]
    alternatives: tuple[AlternativePlan, ...] = ()
    sampling: Sampling | None = None
    sources: tuple[str, ...]
    request: TripRequest
    provenance: Provenance

    def to_json(self) -> dict[str, Any]:
        """Return the itinerary as plain JSON types."""
        return self.model_dump(mode="json")
