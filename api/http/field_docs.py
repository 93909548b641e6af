"""Meanings of fields, moved from the docstrings of models to where readers of a schema look for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_SECTION = re.compile(r"\n\n(?P<title>[A-Z][a-z]+)\n-{4,}\n")
_ENTRY = re.compile(r"^(?P<names>[\w., ]+)\n(?P<meaning>(?:(?: {4}.*)?\n?)+)", re.MULTILINE)


def describe_fields(schema: dict[str, Any]) -> None:
    """
    Give each property of a schema its meaning, and leave what is said of the whole.

    Parameters
    ----------
    schema
        Of a model whose docstring has the NumPy section ``Parameters``; any other stays as it is, but for markup.
    """
    description = schema.get("description")
    if description is None:
        return
    whole, *sections = _SECTION.split(description)
    schema["description"] = plain_markup(whole)
    properties = schema.get("properties", {})
    for title, content in zip(sections[::2], sections[1::2], strict=True):
        if title != "Parameters":
            continue
        for name, meaning in _entries(content):
            if name in properties:
                properties[name].setdefault("description", plain_markup(meaning))


def plain_markup(text: str) -> str:
    """Return docstring markup as Markdown: OpenAPI reads that."""
    return text.replace("``", "`").strip()


def _entries(content: str) -> Iterator[tuple[str, str]]:
    for match in _ENTRY.finditer(content):
        meaning = " ".join(line.strip() for line in match["meaning"].splitlines() if line.strip())
        for name in match["names"].split(","):
            yield name.strip(), meaning
