"""The trip request: who travels, when, from where to where, with which wishes and limits."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, WithJsonSchema, field_validator, model_validator

from regional_assets.model import AssetId, Kind
from regional_assets.opening.model import ClockTime
from regional_assets.validation import FieldError
from routing._short_forms import ShortForm

Mode = Literal["walk", "bicycle", "car"]
Pace = Literal["relaxed", "normal", "busy"]
Need = Literal["wheelchair", "stroller", "vegetarian", "vegan", "halal"]


# Sums of money and lengths must stay whole numbers of 64 bits, whatever they are multiplied with.
_MOST_YEN = 10**12
_MOST_METRES = 10**9
# Longer lists are no wishes of people, and each unknown name in them is compared with all that are known.
_MOST_DAYS = 14
_MOST_WORDS = 100
_MOST_PLACES = 1_000
_Word = Annotated[str, Field(max_length=200)]

# The format "date-time" of JSON schema asks for a zone, which is refused here.
_LOCAL_MINUTE = {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:00)?$"}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


class Party(_Frozen):
    """
    Say who travels.

    Parameters
    ----------
    adults, children
        Number of people.
    resident
        Whether they live in the region (resident rates apply).
    needs
        What every place must offer.
    """

    adults: int = Field(default=2, ge=0, le=99)
    children: int = Field(default=0, ge=0, le=99)
    resident: bool = False
    needs: tuple[Need, ...] = Field(default=(), max_length=_MOST_WORDS)

    @model_validator(mode="after")
    def _somebody_travels(self) -> Self:
        if self.adults + self.children == 0:
            raise FieldError(
                "大人0人・子ども0人です。1人以上を指定してください", "adults 0, children 0: at least one person travels"
            )
        return self


class Place(_Frozen):
    """Name a place by the id of an asset, or by coordinates in degrees."""

    asset: AssetId | None = None
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)

    @model_validator(mode="after")
    def _one_way_of_naming(self) -> Self:
        coordinates = (self.lon is not None) + (self.lat is not None)
        if (self.asset is not None) == (coordinates > 0) or coordinates == 1:
            raise FieldError(
                "asset か、lon と lat の両方を指定してください", "give either `asset`, or both `lon` and `lat`"
            )
        return self


class DayRequest(_Frozen):
    """
    Describe one day.

    Parameters
    ----------
    date
        Calendar day in the region.
    start, end
        Where the day starts and ends; by default where the night was and will be spent, else anywhere.
    after, before
        Earliest departure and latest return; by default those of the pace.
    """

    date: dt.date
    start: Place | None = None
    end: Place | None = None
    after: ClockTime | None = None
    before: ClockTime | None = None


_DayOrDate = Annotated[
    DayRequest,
    ShortForm(dt.date, lambda value: isinstance(value, str | dt.date), lambda date: DayRequest(date=date)),
]
_Lodging = Annotated[
    Literal["choose", "none"] | Annotated[tuple[AssetId, ...], Field(max_length=_MOST_DAYS)],
    ShortForm(AssetId, lambda value: isinstance(value, str) and value not in ("choose", "none"), lambda inn: (inn,)),
]


class Lunch(_Frozen):
    """Ask for lunch at a real food place, from start to end between two times of day."""

    between: tuple[ClockTime, ClockTime] = ("11:00", "14:00")


class Meals(_Frozen):
    """Say which meals the plan must find a place for; ``lunch=None`` switches lunch off."""

    lunch: Lunch | None = Lunch()


class Limits(_Frozen):
    """
    Limit the trip.

    Parameters
    ----------
    walk_m_per_day
        Metres on foot between places, each day.
    per_kind
        Most visits of a kind, each day.
    """

    walk_m_per_day: int | None = Field(default=None, ge=0, le=_MOST_METRES)
    per_kind: dict[Kind, Annotated[int, Field(ge=0, le=999)]] = {}


class Pin(_Frozen):
    """Ask to be at an asset at a given date and local time, to the minute (a booking)."""

    asset: AssetId
    arrive: Annotated[dt.datetime, WithJsonSchema(_LOCAL_MINUTE)]

    @field_validator("arrive")
    @classmethod
    def _is_local_and_whole(cls, value: dt.datetime) -> dt.datetime:
        if value.tzinfo is not None or value.second or value.microsecond:
            raise FieldError(
                f"{value.isoformat()} は使えません。地域の時刻を分まで、時差なしで指定してください(YYYY-MM-DDTHH:MM)",
                f"{value.isoformat()} cannot be used; local time to the minute, without a zone, is accepted "
                "(YYYY-MM-DDTHH:MM)",
            )
        return value


class SolverChoice(_Frozen):
    """
    Choose the solver and its limit.

    Parameters
    ----------
    name
        ``portfolio`` (default); or, to compare with: ``ruin-and-recreate`` (its search alone), ``cp-sat`` (one exact
        model, for small trips), ``or-tools-routing`` (OR-Tools' routing library), ``qubo`` (a model for annealers and a
        sampler, which is asked once: comparison and alternatives are searched for as by ``portfolio``).
    time_limit_s
        Seconds; such a run does not reproduce exactly.
    iterations
        Iterations; such a run reproduces exactly. The default, when neither is given; ``cp-sat`` and
        ``or-tools-routing`` know none.
    seed
        Every random choice hangs on it.
    proof_s
        Seconds to spend on proving how far the plan can be from the best; by default only milliseconds.
    sampler, reads
        With ``qubo``: the sampler's name (`solvers.qubo.samplers.registry.sampler_names`), and how many reads to ask
        for; by default 100, fewer for large models.
    model
        With ``qubo``: ``routes`` puts day-routes of a classical search together, ``day`` chooses places and starts of
        a single day.
    """

    name: Literal["portfolio", "ruin-and-recreate", "cp-sat", "or-tools-routing", "qubo"] = "portfolio"
    time_limit_s: float | None = Field(default=None, gt=0, le=600)
    iterations: int | None = Field(default=None, ge=1, le=10_000_000)
    seed: int = Field(default=1, ge=0, lt=2**31)
    proof_s: float | None = Field(default=None, gt=0, le=600)
    sampler: str = Field(default="sa", min_length=1, max_length=200)
    reads: int | None = Field(default=None, ge=1, le=10_000)
    model: Literal["routes", "day"] = "routes"

    @property
    def classical(self) -> Literal["portfolio", "ruin-and-recreate", "cp-sat", "or-tools-routing"]:
        """Return the solver of further plans: a sampler is asked for the plan alone."""
        return "portfolio" if self.name == "qubo" else self.name

    @field_validator("sampler", "reads", "model")
    @classmethod
    def _only_for_samplers(cls, value: object, info: ValidationInfo) -> object:
        # Without a known name there is nothing to hold it against. Defaults stand in every request that is read back.
        name = info.data.get("name", "qubo")
        if name != "qubo" and value != cls.model_fields[str(info.field_name)].default:
            raise FieldError(
                f"solver.name が qubo のときだけ使えます(指定は {name})",
                f"only with the solver.name qubo (given: {name})",
            )
        return value

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        if self.time_limit_s is not None and self.iterations is not None:
            raise FieldError(
                "time_limit_s と iterations はどちらか一方だけを指定してください",
                "give `time_limit_s` or `iterations`, not both",
            )
        if self.iterations is not None and self.name in ("cp-sat", "or-tools-routing"):
            raise FieldError(
                f"{self.name} に iterations {self.iterations} は使えません。time_limit_s を指定してください",
                f"{self.name} knows no iterations (given: {self.iterations}); `time_limit_s` is accepted",
            )
        return self


class TripRequest(_Frozen):
    """
    Ask for a trip; everything but the days has a sensible default.

    Parameters
    ----------
    days
        In order, without repetition; need not be consecutive.
    party
        Who travels.
    lodging
        ``choose`` takes the best inns of the region, ``none`` plans no nights, one id is the inn of every night,
        several ids are those of each night in turn.
    budget_jpy
        Most that doors, meals and inns may cost the party together, in yen.
    mode
        How the party travels.
    pace
        ``relaxed``, ``normal`` or ``busy``: length of day and of visits.
    interests
        Weight 0 to 2 by kind or tag. Kinds that are not named count 0.5 when any kind is named, else 1.
    themes
        Themes whose assets count a third more.
    must, avoid
        Assets that have to be, or must not be, in the trip.
    limits, meals, pins
        See their classes.
    hours_unknown
        ``assume`` the usual hours of the kind (flagged), or ``refuse`` places of unknown hours.
    access_unknown
        With needs: ``refuse`` places of unknown access, or ``allow`` them (flagged).
    max_candidates
        Most places that enter the search; the others are reported as not searched.
    compare_combinations
        Whether to plan a second time without bonuses, to measure what the combinations changed.
    alternatives
        How many further plans to look for that really differ from the best one and from each other.
    solver
        Which solver, how long, which seed.
    """

    days: tuple[_DayOrDate, ...] = Field(min_length=1, max_length=_MOST_DAYS)
    party: Party = Party()
    lodging: _Lodging = "choose"
    budget_jpy: int | None = Field(default=None, ge=0, le=_MOST_YEN)
    mode: Mode = "car"
    pace: Pace = "normal"
    interests: dict[_Word, Annotated[float, Field(ge=0, le=2)]] = Field(default={}, max_length=_MOST_WORDS)
    themes: tuple[_Word, ...] = Field(default=(), max_length=_MOST_WORDS)
    must: tuple[AssetId, ...] = Field(default=(), max_length=_MOST_PLACES)
    avoid: tuple[AssetId, ...] = Field(default=(), max_length=_MOST_PLACES)
    limits: Limits = Limits()
    meals: Meals = Meals()
    pins: tuple[Pin, ...] = Field(default=(), max_length=_MOST_WORDS)
    hours_unknown: Literal["assume", "refuse"] = "assume"
    access_unknown: Literal["refuse", "allow"] = "refuse"
    max_candidates: int = Field(default=300, ge=1, le=2000)
    compare_combinations: bool = True
    alternatives: int = Field(default=0, ge=0, le=5)
    solver: SolverChoice = SolverChoice()
