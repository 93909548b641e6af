"""What a door charges a party."""

from __future__ import annotations

import pytest

from regional_assets.model import Price
from routing._prices import CHILD_AS_ADULT, PER_GROUP, PER_ROOM, STARTING_FROM, UNKNOWN, party_cost
from routing.request import Party


@pytest.mark.parametrize(
    ("price", "party", "yen", "notes"),
    [
        ({"adult": 500, "child": 200}, {"adults": 2, "children": 1}, 1200, ()),
        ({"adult": 0}, {"adults": 2}, 0, ()),
        ({}, {"adults": 2}, None, (UNKNOWN,)),
        ({"adult": 500}, {"adults": 1, "children": 1}, 1000, (CHILD_AS_ADULT,)),
        ({"adult": 0}, {"adults": 1, "children": 1}, 0, ()),
        ({"child": 200}, {"adults": 0, "children": 2}, 400, ()),
        ({"child": 200}, {"adults": 1, "children": 2}, None, (UNKNOWN,)),
        ({"adult": 500, "resident": 300}, {"adults": 2, "resident": True}, 600, ()),
        ({"adult": 500}, {"adults": 2, "resident": True}, 1000, ()),
        ({"adult": 8000, "unit": "room"}, {"adults": 3}, 16000, (PER_ROOM,)),
        ({"adult": 3000, "unit": "group"}, {"adults": 4}, 3000, (PER_GROUP,)),
        ({"adult": 900, "starting_from": True}, {"adults": 1}, 900, (STARTING_FROM,)),
    ],
)
def test_party_pays_by_rate_class(
    price: dict[str, object], party: dict[str, object], yen: int | None, notes: tuple[object, ...]
) -> None:
    """Everybody pays the rate of their class; what is unknown stays unknown, what is assumed is noted."""
    cost = party_cost(Price.model_validate(price), Party.model_validate(party))
    assert (cost.yen, cost.notes) == (yen, notes)
    assert cost.counted == (yen or 0)
