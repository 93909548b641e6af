"""What the document of the API says of answers."""

from __future__ import annotations

from pathlib import Path

from api import price_answers
from api.http.app import create_app
from api.service import build_service
from api.service_settings import ServiceSettings


def test_answers_carry_the_meaning_of_jobs(tmp_path: Path) -> None:
    """Whatever the answer is of; and every field of an answer about prices says what it is."""
    schemas = create_app(build_service(ServiceSettings(home=tmp_path))).openapi()["components"]["schemas"]
    job = schemas["Job"]["properties"]
    for name in ("AnyJob", "ItineraryJob", "PricePlanJob"):
        fields = dict(schemas[name]["properties"])
        assert fields.pop("result")["description"].startswith("Best answer so far")
        assert {field: each["description"] for field, each in fields.items()} == {
            field: each["description"] for field, each in job.items()
        }
    prices = [schema for name, schema in schemas.items() if name.endswith("Answer") and name in vars(price_answers)]
    assert len(prices) > 8
    assert all("description" in field for schema in prices for field in schema["properties"].values())
