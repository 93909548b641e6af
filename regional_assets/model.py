"""The asset, the combination and the region: what a region has to show, and what is known of it."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from regional_assets.opening.model import ClockTime, IsoDate, MonthDay, Opening, Weekday
from regional_assets.text import Language, Text

# What the pattern does not name is refused, also around it: an id is no text for people.
AssetId = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]*$", max_length=200, strip_whitespace=False)
]
Known = Literal["yes", "no", "unknown"]
"""A fact that may be unknown; unknown is not yes."""

# Sums over a region must stay whole numbers of 64 bits.
_Count = Annotated[int, Field(ge=0, le=10**9)]


class Kind(StrEnum):
    """The seven kinds of asset."""

    CULTURE = "culture"
    CRAFT = "craft"
    FOOD = "food"
    NATURE = "nature"
    LODGING = "lodging"
    EVENT = "event"
    HUB = "hub"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


class Name(_Frozen):
    """Name something in Japanese, English or both; where one is missing, the other is shown."""

    ja: str | None = None
    en: str | None = None

    @model_validator(mode="after")
    def _need_one(self) -> Self:
        if not (self.ja or self.en):
            msg = "a name needs `ja` or `en`"
            raise ValueError(msg)
        return self

    def in_(self, language: Language) -> str:
        """Return the name in ``language``, or else in the other one."""
        first, second = (self.ja, self.en) if language == "ja" else (self.en, self.ja)
        return first or second or ""

    @property
    def text(self) -> Text:
        """Return both wordings, each standing in for the other where it is missing."""
        return Text(ja=self.in_("ja"), en=self.in_("en"))


class VisitMinutes(_Frozen):
    """Say how long a visit takes, in minutes: at least, typically, at most."""

    min: int = Field(ge=0, le=24 * 60)
    typical: int = Field(ge=0, le=24 * 60)
    max: int = Field(ge=0, le=24 * 60)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.min <= self.typical <= self.max:
            msg = f"min {self.min}, typical {self.typical}, max {self.max}: must not decrease"
            raise ValueError(msg)
        return self


class Price(_Frozen):
    """
    Give prices by rate class in whole yen; ``None`` is unknown, 0 is free.

    Parameters
    ----------
    adult, child, student, senior, resident, infant
        Yen per person (or per ``unit``). ``resident`` is for people who live in the region.
    unit
        What one price buys.
    starting_from
        Whether the prices are the lowest of a range (「～」「から」).
    text
        The original wording.
    """

    adult: _Count | None = None
    child: _Count | None = None
    student: _Count | None = None
    senior: _Count | None = None
    resident: _Count | None = None
    infant: _Count | None = None
    unit: Literal["person", "room", "group", "vehicle"] = "person"
    starting_from: bool = False
    text: str | None = None


class Slot(_Frozen):
    """
    Offer a reservable start.

    Parameters
    ----------
    start
        Time of day.
    capacity
        Places per start; unknown when ``None``.
    weekdays
        Days of the week on which it is offered; empty means every open day.
    """

    start: ClockTime
    capacity: _Count | None = None
    weekdays: tuple[Weekday, ...] = ()


class Season(_Frozen):
    """Offer something every year from ``first`` to ``last`` (both included); may wrap over the new year."""

    first: MonthDay
    last: MonthDay


class DateRange(_Frozen):
    """Hold something from one date to another (both included)."""

    first: IsoDate
    last: IsoDate


class Photo(_Frozen):
    """Point to a picture and its licence."""

    url: str
    licence: str | None = None


class Source(_Frozen):
    """
    Say where an asset comes from.

    Parameters
    ----------
    name
        Publisher or file.
    licence
        Licence of the data, when known.
    retrieved
        Date on which it was taken.
    row
        Row, or id, inside the source (``"170003_tourism.csv:12"``, ``"way/123"``).
    """

    name: str
    licence: str | None = None
    retrieved: IsoDate | None = None
    row: str | None = None


class Assumption(_Frozen):
    """Name a field that was filled in by us, and the rule that filled it."""

    field: str
    rule: Name


class Asset(_Frozen):
    """
    Describe one place or offer of a region.

    Parameters
    ----------
    id
        Unique in its region.
    kind
        One of the seven kinds.
    name
        Japanese and English.
    lon, lat
        Degrees, EPSG:4326; both ``None`` when the position is unknown (such an asset is kept, and cannot be planned).
    address, municipality, operator
        Text; the operator earns from it.
    description
        A sentence or two.
    opening
        Hours and closing rules; ``None`` when nothing is known.
    season
        Parts of the year in which it is offered; empty means all year.
    dates
        For events: when they are held.
    visit_minutes
        How long a visit takes.
    price
        What the door charges.
    slots
        Reservable starts; with slots, a visit begins at one of them.
    capacity_per_hour
        Visitors it can take in an hour.
    meals
        For food: which meals it serves (``cafe`` is sweets, tea, a drink). For lodging: which meals the stay includes.
    tags
        Plain facts (``washi``, ``soba``, ``onsen``).
    themes
        Threads for a trip (``hands-on``, ``zen``).
    serves, uses
        Tags of the local food it serves, and of the local craft it uses.
    appeal
        0 to 100; 50 is a pleasant stop, 90 a reason to come.
    indoor, wheelchair, stroller
        Yes, no or unknown.
    diet
        Diet (``vegetarian``, ``halal``, ``vegan``, …) to yes, no or unknown.
    languages
        Languages spoken or written there, ISO 639-1.
    url, photo
        For people.
    checked
        Whether somebody compared the entry with the place itself.
    sources
        At least one.
    assumed
        Every field we filled in ourselves.
    """

    id: AssetId
    kind: Kind
    name: Name
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    address: str | None = None
    municipality: str | None = None
    operator: str | None = None
    description: Name | None = None
    opening: Opening | None = None
    season: tuple[Season, ...] = ()
    dates: tuple[DateRange, ...] = ()
    visit_minutes: VisitMinutes
    price: Price = Price()
    slots: tuple[Slot, ...] = ()
    capacity_per_hour: _Count | None = None
    meals: tuple[Literal["breakfast", "lunch", "dinner", "cafe"], ...] = ()
    tags: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    appeal: int = Field(default=50, ge=0, le=100)
    indoor: Known = "unknown"
    wheelchair: Known = "unknown"
    stroller: Known = "unknown"
    diet: dict[str, Known] = {}
    languages: tuple[str, ...] = ()
    url: str | None = None
    photo: Photo | None = None
    checked: bool = False
    sources: tuple[Source, ...] = Field(min_length=1)
    assumed: tuple[Assumption, ...] = ()

    @model_validator(mode="after")
    def _position_is_whole(self) -> Self:
        if (self.lon is None) != (self.lat is None):
            msg = f"lon {self.lon}, lat {self.lat}: give both, or neither"
            raise ValueError(msg)
        return self

    @property
    def has_position(self) -> bool:
        """Whether the asset can be put on a map."""
        return self.lon is not None


class Selector(_Frozen):
    """
    Select assets: every criterion that is given must hold.

    Parameters
    ----------
    kind, tag, theme, asset
        Kind, tag, theme or id of the asset.
    serves, uses
        Tag of a food it serves, of a craft it uses.
    """

    kind: Kind | None = None
    tag: str | None = None
    theme: str | None = None
    asset: AssetId | None = None
    serves: str | None = None
    uses: str | None = None

    @model_validator(mode="after")
    def _need_one(self) -> Self:
        if not self.model_dump(exclude_none=True):
            msg = "give at least one of kind, tag, theme, asset, serves, uses"
            raise ValueError(msg)
        return self

    def selects(self, asset: Asset) -> bool:
        """Whether ``asset`` meets every criterion."""
        return (
            self.kind in (None, asset.kind)
            and self.asset in (None, asset.id)
            and (self.tag is None or self.tag in asset.tags)
            and (self.theme is None or self.theme in asset.themes)
            and (self.serves is None or self.serves in asset.serves)
            and (self.uses is None or self.uses in asset.uses)
        )


class CombinationRule(_Frozen):
    """
    Reward two things in one trip that belong together (新結合).

    Parameters
    ----------
    id
        Unique in its region.
    left, right
        What is combined.
    same_day
        Whether both must fall on one day (and each day may earn it), or anywhere in the trip.
    single_asset
        Whether one asset that is on both sides earns it alone (an inn that serves crab from lacquer).
    bonus
        Points, on the scale of ``appeal``.
    reason
        Why, in both languages.
    """

    id: AssetId
    left: Selector
    right: Selector
    same_day: bool = False
    single_asset: bool = False
    bonus: int = Field(ge=0, le=100)
    reason: Name


class StreetSource(_Frozen):
    """Name the street network of one mode: a file in the region folder, and where it came from."""

    mode: Literal["walk", "bicycle", "car"]
    file: str
    source: Source


class Region(_Frozen):
    """
    Hold a named area with everything known of it.

    Parameters
    ----------
    id
        Folder name.
    name
        Japanese and English.
    time_zone
        IANA zone of all local times.
    notice
        What readers of any plan must be told about the data.
    tags
        Wording of tags and themes for people.
    assets, combinations
        See their classes; ids are unique.
    streets
        Street networks by mode.
    timetables
        GTFS feeds, relative to the folder.
    tiles
        Vector tiles of streets and outlines (MBTiles), relative to the folder; for maps only.
    sources
        Publishers of the data with their licences.
    folder
        Where it was read from; ``None`` for a region that was only made in memory.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]
    name: Name
    time_zone: str = "Asia/Tokyo"
    notice: Name | None = None
    tags: dict[str, Name] = {}
    assets: tuple[Asset, ...] = ()
    combinations: tuple[CombinationRule, ...] = ()
    streets: tuple[StreetSource, ...] = ()
    timetables: tuple[str, ...] = ()
    tiles: str | None = None
    sources: tuple[Source, ...] = ()
    folder: Path | None = Field(default=None, exclude=True)

    @field_validator("streets", "timetables", "tiles")
    @classmethod
    def _stay_inside(cls, value: tuple[StreetSource | str, ...] | str | None) -> object:
        for item in (value,) if isinstance(value, str) else value or ():
            path = item.file if isinstance(item, StreetSource) else item
            if re.match(r"^([/\\]|[A-Za-z]:)", path) or ".." in re.split(r"[/\\]", path):
                msg = f"{path!r}: files of a region lie inside its folder"
                raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        for field in ("assets", "combinations"):
            seen: set[str] = set()
            for item in getattr(self, field):
                if item.id in seen:
                    msg = f"{field}: id {item.id!r} occurs twice"
                    raise ValueError(msg)
                seen.add(item.id)
        return self

    @property
    def attachments(self) -> tuple[str, ...]:
        """Return every file and folder that belongs to the region besides its tables, relative to its folder."""
        files = (*(streets.file for streets in self.streets), *self.timetables)
        return files if self.tiles is None else (*files, self.tiles)

    def asset(self, asset_id: str) -> Asset | None:
        """Return the asset with that id, if there is one."""
        return next((asset for asset in self.assets if asset.id == asset_id), None)

    def label(self, tag: str) -> Name:
        """Return the wording of a tag or theme; the tag itself where none is given."""
        return self.tags.get(tag) or Name(ja=tag, en=tag)
