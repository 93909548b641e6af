"""The reference of the API as one page, made from the OpenAPI document: no script, nothing from other hosts."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from regional_assets.text import Language

POLICY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


def page_of(document: Mapping[str, Any], language: Language, server: str) -> str:
    """
    Return the page.

    Parameters
    ----------
    document
        From `api.http.openapi`.
    language
        Of what stands around the document, whose own words are English.
    server
        How the world calls this server, for commands to copy.
    """
    return "<!doctype html>"


@cache
def style_sheet() -> str:
    """Return the looks of the page."""
    return (resources.files("api.http") / "reference.css").read_text(encoding="utf-8")
