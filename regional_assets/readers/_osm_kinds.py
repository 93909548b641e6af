"""The table of ``osm_kinds.toml``: which tags make which kind of asset."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

from regional_assets.model import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

Meal = Literal["breakfast", "lunch", "dinner", "cafe"]


@dataclass(frozen=True, slots=True)
class Rule:
    """
    Say what an element with certain tags is.

    Parameters
    ----------
    match
        Key to accepted values; no values means any value but ``no``.
    kind
        ``None`` where such elements are left out.
    category
        Category of `regional_assets.defaults`; becomes the first tag of the asset.
    tags
        Further tags.
    meals
        Meals that such places usually serve.
    when_named
        Whether elements without a name are of no interest, so that they do not count as rows.
    """

    match: tuple[tuple[str, tuple[str, ...]], ...]
    kind: Kind | None
    category: str | None
    tags: tuple[str, ...]
    meals: tuple[Meal, ...]
    when_named: bool

    def matches(self, tags: Mapping[str, str]) -> bool:
        """Whether all keys are there with accepted values."""
        return all(_accepts(accepted, tags.get(key)) for key, accepted in self.match)


@dataclass(frozen=True, slots=True)
class Table:
    """
    Hold the whole table.

    Parameters
    ----------
    rules
        The first that matches decides.
    appeal_bonus
        Points for a key, for ``key_value``, and for ``many_languages``.
    appeal_most
        Upper limit of the sum.
    many_languages
        How many languages besides Japanese and English are many.
    no_dish
        Cuisines that name no dish.
    """

    rules: tuple[Rule, ...]
    appeal_bonus: Mapping[str, int]
    appeal_most: int
    many_languages: int
    no_dish: frozenset[str]

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of which an element must have at least one to be of interest."""
        return tuple(dict.fromkeys(rule.match[0][0] for rule in self.rules if rule.kind is not None))

    def rule_for(self, tags: Mapping[str, str]) -> Rule | None:
        """Return the rule for an element; ``None`` where it is of no interest."""
        rule = next((rule for rule in self.rules if rule.matches(tags)), None)
        return rule if rule is not None and rule.kind is not None else None


@cache
def kinds_table() -> Table:
    """Return the table that ships with the package."""
    text = resources.files("regional_assets.readers").joinpath("osm_kinds.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text)
    return Table(
        rules=tuple(_rule(entry) for entry in content["rules"]),
        appeal_bonus=content["appeal"]["bonus"],
        appeal_most=content["appeal"]["most"],
        many_languages=content["appeal"]["languages"],
        no_dish=frozenset(content["cuisine"]["no_dish"]),
    )


def _rule(entry: Mapping[str, Any]) -> Rule:
    return Rule(
        match=tuple((key, _values(value)) for key, value in entry["match"].items()),
        kind=None if entry.get("ignore") else Kind(entry["kind"]),
        category=entry.get("category"),
        tags=tuple(entry.get("tags", ())),
        meals=tuple(entry.get("meals", ())),
        when_named=entry.get("when_named", False),
    )


def _values(value: str | list[str]) -> tuple[str, ...]:
    if isinstance(value, str):
        return () if value == "*" else (value,)
    return tuple(value)


def _accepts(accepted: tuple[str, ...], value: str | None) -> bool:
    if value is None:
        return False
    return value in accepted if accepted else value != "no"
