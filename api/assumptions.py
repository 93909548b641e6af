"""What an itinerary assumes, told once per fact instead of once per place, and what the sources remark."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from api.texts import catalogue, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from regional_assets.text import Language
    from routing.itinerary import AssumedFact

REMARK = "remark"
"""Field of what a source says of a place beside its hours: to be told, but no assumption."""

# What a traveller should see beside the place itself; the rest stands in the list only.
_MARKS = {"opening": "h", "price": "p", "slots": "s", "position": "x", "wheelchair": "w", "stroller": "w", "diet": "w"}
# The two halves of one fact.
_SAME = {"lon": "position", "lat": "position"}


def marks_of(facts: Iterable[AssumedFact]) -> str:
    """Return the letters that stand beside a place: one for each thing assumed that a traveller should know."""
    marks = (_MARKS.get(_field(fact)) for fact in facts)
    return "".join(sorted({mark for mark in marks if mark}))


def assumption_lines(
    assumed: Sequence[AssumedFact],
    language: Language,
    *,
    listed: Callable[[Sequence[str]], str],
    is_marked: bool = True,
) -> list[str]:
    """
    Return what was assumed, each thing once: for the whole trip first, then what is marked, then the rest.

    Parameters
    ----------
    assumed
        Facts of an itinerary.
    language
        Japanese or English.
    listed
        Turns ids into a short list of names.
    is_marked
        Whether the letters of `marks_of` stand before what they mark, for a list beside marked places.
    """
    groups: dict[tuple[str, str], list[str]] = {}
    for fact in assumed:
        if fact.field == REMARK:
            continue
        assets = groups.setdefault((_field(fact) if fact.asset else "", fact.text.in_(language)), [])
        if fact.asset is not None and fact.asset not in assets:
            assets.append(fact.asset)
    # Several remarks on the same places stand in one line.
    remarks: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (field, words), assets in groups.items():
        remarks.setdefault((field, tuple(assets) if field else (words,)), []).append(words)
    ranked = sorted(remarks.items(), key=lambda group: _rank(group[0][0]))
    return [
        _line(_MARKS.get(field, "") if is_marked else "", field, " · ".join(words), assets, language, listed)
        for (field, assets), words in ranked
    ]


def remark_lines(assumed: Sequence[AssumedFact], language: Language, *, name_of: Callable[[str], str]) -> list[str]:
    """Return what the sources remark on each place, one line per place; ``name_of`` turns an id into a name."""
    remarks: dict[str, list[str]] = {}
    for fact in assumed:
        if fact.field == REMARK and fact.asset is not None:
            remarks.setdefault(fact.asset, []).append(fact.text.in_(language))
    return [f"{name_of(asset)}: {' · '.join(dict.fromkeys(words))}" for asset, words in remarks.items()]


def _line(
    mark: str, field: str, words: str, assets: Sequence[str], language: Language, listed: Callable[[Sequence[str]], str]
) -> str:
    if not field:
        return words
    name = say(f"field.{field}", language) if f"field.{field}" in catalogue() else field
    if field not in _MARKS:
        return say("timetable.assumed_of", language, field=name, words=words, count=len(assets))
    return f"{f'[{mark}] ' if mark else ''}{name}: {words} ({listed(assets)})"


def _rank(field: str) -> tuple[bool, bool, str]:
    return bool(field), field not in _MARKS, _MARKS.get(field, field)


def _field(fact: AssumedFact) -> str:
    return _SAME.get(fact.field, fact.field)
