"""The reference of the API speaks the language of its reader."""

from __future__ import annotations

from typing import Any

import pytest
from at_hand import service_at_hand

from api.http.app import create_app
from api.http.reference import TRANSLATED, page_of
from api.texts import section


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the OpenAPI document."""
    return create_app(service_at_hand(tmp_path_factory.mktemp("home"))).openapi()


def on_one_line(words: str) -> str:
    return " ".join(words.split())


def test_all_that_is_said_of_operations_is_in_the_catalogue(document: dict[str, Any]) -> None:
    """Summaries, descriptions, parameters and answers each have their counterpart, found by the words of the route."""
    words: set[str] = set()
    for operation in (operation for path in document["paths"].values() for operation in path.values()):
        words |= {operation["summary"], operation["description"]}
        words |= {parameter["description"] for parameter in operation.get("parameters", ())}
        words |= {answer["description"] for answer in operation["responses"].values()}
    kept = {entry.en for name in TRANSLATED for entry in section(name).values()}
    assert set(map(on_one_line, words)) - set(map(on_one_line, kept)) == set()


def test_the_page_says_it_in_the_language_of_the_reader(document: dict[str, Any]) -> None:
    """Japanese readers are told in Japanese what a route does; others in the words of the route."""
    japanese, english = (
        page_of(document, language, "http://127.0.0.1:8000", needs_keys=False) for language in ("ja", "en")
    )
    for name in TRANSLATED[:2]:
        said = section(name)["planTrip"].ja.partition("\n")[0]
        assert (said in japanese, said in english) == (True, False)
    assert "Plan a trip" not in japanese
    assert "Plan a trip" in english
