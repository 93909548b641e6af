"""What kind of place a Japanese name speaks of; the words stand in ``kinds.toml``."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from regional_assets.model import Kind

_STAY = re.compile(r"[1一]\s*泊|素泊|チェックイン|シングル.{0,12}円|宿泊料|[12]名様?\s*[1一]室|1人[1一]室")
_DAY_VISIT = re.compile(r"入館|見学|拝観|休憩|キャンプ|テント|サイト|区画|清掃料")


@dataclass(frozen=True, slots=True)
class Judgement:
    """
    Say what a place was taken for.

    Parameters
    ----------
    kind, category
        See ``regional_assets.defaults``.
    tags
        The category and further facts of the name.
    refuse
        Whether such an entry is no place for visitors at all.
    """

    kind: Kind
    category: str | None
    tags: tuple[str, ...] = ()
    refuse: bool = False


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str] | None
    poi: tuple[str, ...]
    stay: bool | None
    judgement: Judgement

    def holds(self, name: str, poi: str, *, stays: bool) -> bool:
        if self.stay is not None and self.stay != stays:
            return False
        if poi and self.poi and poi.startswith(self.poi):
            return True
        return self.pattern is not None and self.pattern.search(name) is not None


@dataclass(frozen=True, slots=True)
class _Words:
    rules: tuple[_Rule, ...]
    descriptions: tuple[_Rule, ...]
    permits: tuple[_Rule, ...]
    tags: tuple[tuple[str, re.Pattern[str]], ...]


@cache
def _words() -> _Words:
    table = tomllib.loads(resources.files(__package__).joinpath("kinds.toml").read_text("utf-8"))
    return _Words(
        tuple(_rule(entry) for entry in table["rules"]),
        tuple(_rule(entry) for entry in table["descriptions"]),
        tuple(_rule(entry) for entry in table["permits"]),
        tuple((tag, re.compile(pattern)) for tag, pattern in table["tags"].items()),
    )


def _rule(entry: dict[str, Any]) -> _Rule:
    pattern = entry.get("name") or entry.get("text")
    category = entry.get("category")
    tags = ((category,) if category else ()) + tuple(entry.get("tags", ()))
    judgement = Judgement(Kind(entry.get("kind", "food")), category, tags, entry.get("refuse", False))
    return _Rule(re.compile(pattern) if pattern else None, tuple(entry.get("poi", ())), entry.get("stay"), judgement)


def judge_place(
    name: str,
    *,
    category: str = "",
    strong_hint: str = "",
    hint: str = "",
    description: str = "",
    poi: str = "",
    offer: str = "",
    fallback: Kind = Kind.CULTURE,
) -> Judgement:
    """
    Return what a place is, judged by its words.

    Parameters
    ----------
    name
        Japanese name.
    category
        Words of a category column; where they are known, they decide, and the name may only say more of that kind.
    strong_hint
        Words for what the whole list holds (直売所); decide like ``category``.
    hint
        Words of the file name; tried where the name says nothing.
    description
        A sentence or two; tried last.
    poi
        POIコード.
    offer
        Texts of prices and hours: they tell an inn from a restaurant.
    fallback
        Kind where no word is known.
    """
    words, plain = _words(), unicodedata.normalize("NFKC", name)
    offer = unicodedata.normalize("NFKC", offer)
    stays = _STAY.search(offer) is not None and _DAY_VISIT.search(offer) is None
    found = _first(words.rules, plain, poi=poi, stays=stays)
    for stated in filter(None, (strong_hint, category)):
        known = _first(words.rules, unicodedata.normalize("NFKC", stated), stays=stays)
        if known is not None:
            found = found if found is not None and found.kind is known.kind else known
            break
    if found is None and hint:
        found = _first(words.rules, hint, stays=stays)
    if found is None and description:
        found = _first(words.descriptions, description[:160])
    tags = tuple(tag for tag, pattern in words.tags if pattern.search(plain))
    if found is None:
        return Judgement(fallback, None, tags)
    return Judgement(found.kind, found.category, tuple(dict.fromkeys(found.tags + tags)))


def judge_permit(business: str) -> Judgement:
    """Return what the kind of a food permit (業種, 業態) says."""
    found = _first(_words().permits, unicodedata.normalize("NFKC", business) or "-")
    return found or Judgement(Kind.FOOD, "food_shop", ("food_shop",))


def _first(rules: tuple[_Rule, ...], text: str, *, poi: str = "", stays: bool = False) -> Judgement | None:
    return next((rule.judgement for rule in rules if rule.holds(text, poi, stays=stays)), None)
