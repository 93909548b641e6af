"""The JSON schema of a trip request and what is accepted, read as strictly as a service reads it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from pydantic import ValidationError

from regional_assets.model import Asset
from regional_assets.validation import problems_from
from routing.request import TripRequest

DATE = "2026-12-05"
ASSET: dict[str, Any] = {
    "id": "a",
    "kind": "craft",
    "name": {"en": "A"},
    "visit_minutes": {"min": 1, "typical": 2, "max": 3},
    "sources": [{"name": "test"}],
}


def fits_schema(model: type[TripRequest | Asset], body: dict[str, Any]) -> bool:
    """Return whether the schema that is published takes a body."""
    return bool(Draft202012Validator(model.model_json_schema(), validate_formats=True).is_valid(body))


def is_accepted(model: type[TripRequest | Asset], body: dict[str, Any]) -> bool:
    """Return whether the model takes a body, read strictly as JSON."""
    try:
        model.model_validate_json(json.dumps(body), strict=True)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("fields", "is_good"),
    [
        ({"days": [DATE]}, True),
        ({"days": [DATE, {"date": "2026-12-06", "before": "16:30"}]}, True),
        ({"days": DATE}, False),
        ({"days": [f"{DATE}T00:00:00"]}, False),
        ({"days": ["2026-02-30"]}, False),
        ({"days": [1_764_892_800]}, False),
        ({"days": [{"date": DATE, "after": " 09:00"}]}, False),
        ({"lodging": "none"}, True),
        ({"lodging": "inn:1/a"}, True),
        ({"lodging": ["inn:1/a"]}, True),
        ({"lodging": "no id"}, False),
        ({"must": ["a "]}, False),
        ({"pins": [{"asset": "a", "arrive": f"{DATE}T10:00"}]}, True),
        ({"pins": [{"asset": "a", "arrive": f"{DATE}T10:00:00"}]}, True),
        ({"pins": [{"asset": "a", "arrive": f"{DATE}T10:00:30"}]}, False),
        ({"pins": [{"asset": "a", "arrive": f"{DATE}T10:00:00+09:00"}]}, False),
        ({"alternatives": "1"}, False),
        ({"limits": {"per_kind": {"food": 2}}}, True),
        ({"limits": {"per_kind": {"foot": 2}}}, False),
    ],
)
def test_schema_and_model_agree_on_requests(fields: dict[str, Any], is_good: bool) -> None:
    """What the published schema of a request says is what is accepted, short forms included."""
    body = {"days": [DATE], **fields}
    assert fits_schema(TripRequest, body) == is_accepted(TripRequest, body) == is_good


@pytest.mark.parametrize(
    ("fields", "is_good"),
    [
        ({"dates": [{"first": DATE, "last": DATE}]}, True),
        ({"dates": [{"first": "2026-02-30", "last": DATE}]}, False),
        ({"dates": [{"first": "２０２６-12-05", "last": DATE}]}, False),
        ({"price": {"adult": 10**30}}, False),
        ({"opening": {"closed": [{"type": "weekly", "weekdays": ["mon"], "nth": [-1, 2]}]}}, True),
        ({"opening": {"closed": [{"type": "weekly", "weekdays": ["mon"], "nth": [6]}]}}, False),
        ({"opening": {"closed": [{"type": "monthly", "days": [-1, 31]}]}}, True),
        ({"opening": {"closed": [{"type": "monthly", "days": [0]}]}}, False),
    ],
)
def test_schema_and_model_agree_on_assets(fields: dict[str, Any], is_good: bool) -> None:
    """What the published schema of an asset says is what is accepted."""
    body = {**ASSET, **fields}
    assert fits_schema(Asset, body) == is_accepted(Asset, body) == is_good


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_numbers_are_finite(number: str) -> None:
    """What is no number in JSON is none here, although the reader of JSON knows it."""
    with pytest.raises(ValidationError, match="finite"):
        TripRequest.model_validate_json(f'{{"days": ["{DATE}"], "interests": {{"craft": {number}}}}}')


def test_what_is_written_names_the_whole_form_alone() -> None:
    """A request that is written has days in full, and its schema says so."""
    properties = TripRequest.model_json_schema(mode="serialization")["properties"]
    assert properties["days"]["items"] == {"$ref": "#/$defs/DayRequest"}
    assert [form["type"] for form in properties["lodging"]["anyOf"]] == ["string", "array"]


def test_problems_of_a_day_name_the_day() -> None:
    """How a day may be written is no part of where its problem lies."""
    with pytest.raises(ValidationError) as caught:
        TripRequest.model_validate_json('{"days": ["soon", {"date": "2026-12-05", "after": "noon"}]}')
    assert [problem.where for problem in problems_from(caught.value)] == ["days[0]", "days[1].after"]
