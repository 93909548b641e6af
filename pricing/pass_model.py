"""A pass over several operators: what it opens, what single tickets cost, and who would buy which."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from importlib.resources import as_file, files
from itertools import islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pricing._pass_tables import Source, read_source
from pricing._words import problem
from pricing.model import MOST_CAPACITIES, MOST_SEGMENTS, Capacity, DemandSource, Id, Share, Units, Yen
from regional_assets.errors import InputError, Problem
from regional_assets.model import AssetId, Name
from regional_assets.validation import problems_from

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

Appeal = Annotated[float, Field(ge=-100, le=100)]

MOST_MEMBERS: Final = 40
"""More operators make more coalitions than can be looked at in a minute."""

_MOST_OFFERS: Final = 1_000
_MOST_COMPARED: Final = 500
_MOST_PROBLEMS: Final = 100

SEPARATOR: Final = "+"
"""Joins the ids of offers that one customer buys together."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


class Offer(_Frozen):
    """
    Hold what a member gives to holders of the pass, and sells as a single ticket.

    Parameters
    ----------
    asset
        Id of the place in its region, where it has one.
    price
        Of a single ticket, in yen.
    cost
        What one visit costs the member, in yen.
    capacities
        Units of each capacity that one visit takes; none where there is room for everybody.
    take_up
        Share of pass-holders who come; None where nobody knows: then `ASSUMED_TAKE_UP`, flagged.
    visits
        How often those who come do so.
    """

    id: Id
    name: Name
    asset: AssetId | None = None
    price: Yen
    currency: Literal["JPY"] = "JPY"
    cost: Yen = 0
    capacities: dict[Id, Annotated[Units, Field(ge=1)]] = {}
    take_up: Share | None = None
    visits: Annotated[int, Field(ge=1, le=1000)] = 1


class Member(_Frozen):
    """Hold an operator with its offers."""

    id: Id
    name: Name
    offers: Annotated[tuple[Offer, ...], Field(min_length=1, max_length=_MOST_OFFERS)]


class PassSegment(_Frozen):
    """
    Hold customers who are alike: how many come, and what draws them to the pass or to single tickets.

    A customer takes one of: the pass, with a weight of ``exp(pass_appeal + sum of adds - sensitivity * price / 1000)``
    where the sum goes over the offers in it; a ticket, or some bought together, with
    ``exp(appeal - sensitivity * sum of prices / 1000)``; or nothing, with 1 (multinomial logit).

    Parameters
    ----------
    arrivals
        Expected customers while the pass is on sale; more than the limit could not be simulated one by one.
    sensitivity
        Loss of appeal per 1,000 yen.
    sensitivity_range
        Interval in which it lies (95 %, or as stated); None where nobody said.
    pass_appeal
        Appeal at no price of a pass that opens nothing.
    adds
        What each offer adds to that.
    tickets
        Appeal at no price of tickets: by id of an offer, or by several ids joined with ``+`` where they are bought
        together.
    """

    id: Id
    name: Name
    arrivals: Annotated[float, Field(ge=0, le=200_000)]
    sensitivity: Annotated[float, Field(gt=0, le=1000)]
    sensitivity_range: tuple[float, float] | None = None
    pass_appeal: Appeal = 0.0
    adds: dict[Id, Appeal] = {}
    tickets: dict[str, Appeal] = {}
    source: DemandSource = "stated"

    @model_validator(mode="after")
    def _range_is_in_order(self) -> Self:
        if self.sensitivity_range is not None:
            low, high = self.sensitivity_range
            if not 0 < low <= self.sensitivity <= high <= 1000:
                msg = f"sensitivity_range {low:g} to {high:g} must be above 0 and hold {self.sensitivity:g}"
                raise ValueError(msg)
        return self


class Pass(_Frozen):
    """
    Hold everything a pass is priced and shared from.

    Parameters
    ----------
    ladder
        Prices it may have, in yen, rising.
    most
        Most passes that are sold; None for no limit.
    capacities
        What there is only so much of, while the pass is on sale.
    simulated
        Whether any of it was made up for a show; every answer then says so.
    """

    id: Id
    name: Name
    currency: Literal["JPY"] = "JPY"
    ladder: Annotated[tuple[Annotated[int, Field(ge=1, le=100_000_000)], ...], Field(min_length=1, max_length=1000)]
    most: Annotated[Units, Field(ge=1)] | None = None
    capacities: Annotated[tuple[Capacity, ...], Field(max_length=MOST_CAPACITIES)] = ()
    members: Annotated[tuple[Member, ...], Field(min_length=2, max_length=MOST_MEMBERS)]
    segments: Annotated[tuple[PassSegment, ...], Field(min_length=1, max_length=MOST_SEGMENTS)]
    simulated: bool = False

    @property
    def offers(self) -> tuple[Offer, ...]:
        """Return the offers of all members, in order."""
        return tuple(offer for member in self.members for offer in member.offers)


def load_pass(path: Path | str) -> Pass:
    """
    Read a pass from a JSON file, or from a folder of tables.

    A folder holds ``pass.json`` (without ``members`` and ``segments``), ``offers.csv``, ``segments.csv`` and, where
    there are limits, ``capacities.csv``.

    Raises
    ------
    InputError
        With every problem found: file, row and field.
    """
    source = read_source(Path(path))
    return check_pass(source.raw, source)


def bundled_pass() -> Pass:
    """Return the made-up example: a pass over six operators of the bundled region."""
    with as_file(files("pricing") / "data" / "echizen-pass.json") as path:
        return load_pass(path)


def check_pass(raw: Any, source: Source | None = None, *, is_strict: bool = False) -> Pass:
    """
    Return a pass from plain data (as read from JSON).

    Parameters
    ----------
    source
        Tells where things stood.
    is_strict
        Whether every field must have the very type that the schema names, as data over a wire must.

    Raises
    ------
    InputError
        With every problem found.
    """
    source = source or Source(raw)
    problems: list[Problem] = list(source.problems)
    found: Pass | None = None
    try:
        found = Pass.model_validate_json(json.dumps(raw), strict=True) if is_strict else Pass.model_validate(raw)
    except ValidationError as error:
        problems += [Problem(source.place(each.where), each.value, each.message) for each in problems_from(error)]
    contradictions = islice(_contradictions(raw), _MOST_PROBLEMS)
    problems += [Problem(source.place(each.where), each.value, each.message) for each in contradictions]
    if found is None or problems:
        raise InputError(problems)
    return found


def _contradictions(raw: Any) -> Iterator[Problem]:
    """Yield what single fields cannot tell; fields of a wrong form are left to those who look at fields."""
    if not isinstance(raw, dict):
        return
    members, segments = _entries(raw, "members", ""), _entries(raw, "segments", "")
    offers = [each for where, member in members for each in _entries(member, "offers", where)]
    capacities = _entries(raw, "capacities", "")
    for entries in (members, offers, segments, capacities):
        yield from _twice(entries)
    ladder = raw.get("ladder")
    if isinstance(ladder, list | tuple) and any(
        _number(low) and _number(high) and low >= high for low, high in pairwise(ladder)
    ):
        shown = ", ".join(str(price) for price in ladder)
        yield problem("ladder", ladder, f"料金は低い順に並べてください({shown})", f"prices must rise ({shown})")
    for where, each in capacities:
        units, booked = each.get("units"), each.get("booked", 0)
        if _number(units) and _number(booked) and booked > units:
            text = (
                f"予約済み {booked} が定員 {units} を超えています",
                f"{booked} booked of {units}; at most {units} accepted",
            )
            yield problem(f"{where}.booked", booked, *text)
    yield from _unknown_names(offers, segments, {_id(each) for _, each in capacities})


def _unknown_names(
    offers: list[tuple[str, Mapping[str, Any]]],
    segments: list[tuple[str, Mapping[str, Any]]],
    capacities: set[str],
) -> Iterator[Problem]:
    for where, offer in offers:
        for name in _keys(offer, "capacities"):
            if name not in capacities:
                yield _unknown(f"{where}.capacities", name, capacities, "定員", "capacity")
    known = {_id(offer) for _, offer in offers}
    for where, segment in segments:
        named = [(name, [name], "adds") for name in _keys(segment, "adds")]
        named += [(name, name.split(SEPARATOR), "tickets") for name in _keys(segment, "tickets")]
        for whole, parts, field in named:
            for name in parts:
                if name not in known:
                    yield _unknown(f"{where}.{field}", name, known, "商品", "offer")
            if len(set(parts)) < len(parts):
                text = (f"「{whole}」に同じ商品が二度あります", f"{whole!r} names an offer twice; once is accepted")
                yield problem(f"{where}.{field}", whole, *text)


def _entries(raw: Mapping[str, Any], name: str, where: str) -> list[tuple[str, Mapping[str, Any]]]:
    entries = raw.get(name)
    prefix = f"{where}.{name}" if where else name
    if not isinstance(entries, list | tuple):
        return []
    return [(f"{prefix}[{index}]", each) for index, each in enumerate(entries) if isinstance(each, dict)]


def _keys(raw: Mapping[str, Any], name: str) -> list[str]:
    table = raw.get(name)
    return [str(key).strip() for key in table] if isinstance(table, dict) else []


def _id(raw: Mapping[str, Any]) -> str:
    return str(raw.get("id", "")).strip()


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _twice(entries: list[tuple[str, Mapping[str, Any]]]) -> Iterator[Problem]:
    counts = Counter(_id(each) for _, each in entries if "id" in each)
    seen: set[str] = set()
    for where, each in entries:
        name = _id(each)
        if name in seen and counts[name] > 1:
            text = (f"id「{name}」が{counts[name]}回あります", f"the id {name!r} stands {counts[name]} times")
            yield problem(f"{where}.id", name, *text)
        seen.add(name)


def _unknown(where: str, name: str, known: Collection[str], ja: str, en: str) -> Problem:
    # Names by the thousand would be compared for minutes.
    near = difflib.get_close_matches(name, known, n=1) if len(known) <= _MOST_COMPARED else []
    hint_ja, hint_en = (f"。近い id: {near[0]}", f"; did you mean {near[0]!r}?") if near else ("", "")
    return problem(where, name, f"{ja}「{name}」がありません{hint_ja}", f"no {en} {name!r}{hint_en}")
