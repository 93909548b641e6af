"""What a door charges a party, and what had to be assumed to say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from regional_assets.model import Name

if TYPE_CHECKING:
    from regional_assets.model import Price
    from routing.request import Party

PEOPLE_PER_ROOM: Final = 2

CHILD_AS_ADULT = Name(ja="子ども料金が不明のため大人料金で計算", en="child price unknown: counted as adults")
STARTING_FROM = Name(ja="「～から」の最低料金で計算", en="lowest price of a range (“from …”)")
PER_ROOM = Name(ja=f"1室{PEOPLE_PER_ROOM}名で計算", en=f"counted with {PEOPLE_PER_ROOM} people to a room")
PER_GROUP = Name(ja="1組の料金として計算", en="counted once for the whole party")
UNKNOWN = Name(ja="料金不明(合計に含まず)", en="price unknown: not in the total")


@dataclass(frozen=True, slots=True)
class PartyCost:
    """
    Hold what a party pays.

    Parameters
    ----------
    yen
        For everybody together; ``None`` when the price is unknown.
    notes
        What was assumed.
    """

    yen: int | None
    notes: tuple[Name, ...] = ()

    @property
    def counted(self) -> int:
        """Return the yen that enter sums: 0 when unknown."""
        return self.yen or 0


def party_cost(price: Price, party: Party) -> PartyCost:
    """Return what ``party`` pays once, by rate class; residents get the resident rate where there is one."""
    adult = price.resident if party.resident and price.resident is not None else price.adult
    people = party.adults + party.children
    notes: list[Name] = []
    if price.unit == "person":
        child = price.child
        if child is None and party.children:
            child = adult
            if adult:
                notes.append(CHILD_AS_ADULT)
        if (party.adults and adult is None) or (party.children and child is None):
            return PartyCost(None, (UNKNOWN,))
        yen = party.adults * (adult or 0) + party.children * (child or 0)
    elif adult is None:
        return PartyCost(None, (UNKNOWN,))
    elif price.unit == "room":
        yen = adult * -(-people // PEOPLE_PER_ROOM)
        notes.append(PER_ROOM)
    else:
        yen = adult
        notes.append(PER_GROUP)
    if price.starting_from and yen:
        notes.append(STARTING_FROM)
    return PartyCost(yen, tuple(notes))
