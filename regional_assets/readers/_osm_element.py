"""One element of OpenStreetMap: from its tags to an asset."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regional_assets.defaults import assumption, default_appeal, default_visit
from regional_assets.errors import Problem
from regional_assets.model import Asset, Assumption, Kind, Known, Name, Photo, Price, Source
from regional_assets.opening.model import Opening
from regional_assets.readers._osm_kinds import kinds_table
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from regional_assets.readers._osm_kinds import Rule

LICENCE = "ODbL 1.0"
PUBLISHER = "OpenStreetMap contributors"

_JAPANESE = re.compile(r"[぀-ヿ㐀-鿿ｦ-ﾝ々〆]")
_FOREIGN_NAME = re.compile(r"name:(?!ja|en)[a-z]{2}")
_LETTER = re.compile(r"[^\W\d_]")
_KNOWN: dict[str, Known] = {"yes": "yes", "designated": "yes", "only": "yes", "no": "no"}
_AMOUNT = re.compile(r"(?:[¥￥\\]|JPY)\s*([\d,]+)|([\d,]+)\s*(?:[¥￥円]|JPY|yen)", re.IGNORECASE)
_ADDRESS_KEYS = ("province", "city", "suburb", "quarter", "neighbourhood", "block_number", "housenumber")
_RAISED_APPEAL = Name(
    ja="同じ種類の施設の標準的な魅力度に、Wikipedia・文化財・多言語名などのタグの分を加えた",
    en="usual appeal of a place of this kind, raised for tags such as wikipedia, heritage or names in many languages",
)
_CHAIN_APPEAL = Name(
    ja="チェーン店なので、同じ種類の店の標準より低い魅力度",
    en="lower than usual for a place of this kind: a chain, which is not what people travel for",
)
_CHAIN_LOSS = 20
_HIGHEST_CHARGE = Name(ja="いくつかの料金のうち最も高いものを大人料金とした", en="the highest of several charges")


@dataclass(frozen=True, slots=True)
class Element:
    """
    Hold an element whose tags are of interest.

    Parameters
    ----------
    type, id
        ``node``, ``way`` or ``relation``, and its number.
    tags
        All of them.
    lon, lat
        A point inside it; ``None`` where it could not be found.
    lost
        Why it could not be found.
    version
        Of the element; the newest of several copies counts.
    file
        Where it was read.
    extent_m
        Length of the diagonal of its outline's box, metres; 0 for points and lines.
    """

    type: str
    id: int
    tags: Mapping[str, str]
    lon: float | None
    lat: float | None
    version: int
    file: str
    lost: Text | None = None
    extent_m: float = 0.0

    @property
    def name(self) -> str:
        """Type and number, as OpenStreetMap writes them."""
        return f"{self.type}/{self.id}"

    @property
    def where(self) -> str:
        """File and element, for messages."""
        return f"{self.file} {self.name}"


def name_of(tags: Mapping[str, str]) -> Name | None:
    """Return the Japanese and English name; ``None`` without any, or where it is a mere number."""
    local = tags.get("name", "").strip()
    is_japanese = bool(_JAPANESE.search(local))
    ja = tags.get("name:ja") or (local if is_japanese else None)
    en = tags.get("name:en") or (local if local and not is_japanese and local.isascii() else None)
    en = en or tags.get("name:ja-Latn") or tags.get("name:ja_rm") or tags.get("int_name")
    if not ja and not en:
        ja = local or None
    if not _LETTER.search(f"{ja or ''}{en or ''}"):
        return None
    return Name(ja=ja, en=en)


def to_asset(element: Element, rule: Rule, name: Name, retrieved: str | None) -> tuple[Asset, list[Problem]]:
    """
    Return the asset of an element, and what was accepted with a doubt.

    ``wheelchair=limited`` stays unknown and gets the tag ``wheelchair-limited``: limited is not yes.
    """
    assert rule.kind is not None  # `Table.rule_for` never returns a rule without one
    tags = element.tags
    warnings: list[Problem] = []
    price, price_assumptions = _price(element, rule, warnings)
    appeal, appeal_rule = _appeal(tags, rule)
    dishes = _dishes(tags) if rule.kind is Kind.FOOD else ()
    asset = Asset(
        id=f"osm.{element.type}.{element.id}",
        kind=rule.kind,
        name=name,
        lon=element.lon,
        lat=element.lat,
        address=_address(tags),
        municipality=tags.get("addr:city"),
        operator=tags.get("operator"),
        description=_description(tags),
        opening=_opening(element, warnings),
        visit_minutes=default_visit(rule.kind, rule.category),
        price=price,
        meals=rule.meals,
        tags=_asset_tags(tags, rule),
        serves=dishes,
        appeal=appeal,
        wheelchair=_KNOWN.get(tags.get("wheelchair", ""), "unknown"),
        diet=_diet(tags),
        url=_url(tags, "website", "contact:website", "url"),
        photo=_photo(tags),
        sources=(Source(name=PUBLISHER, licence=LICENCE, retrieved=retrieved, row=element.name),),
        assumed=(
            assumption("visit_minutes"),
            assumption("appeal", appeal_rule),
            *([assumption("meals")] if rule.meals else []),
            *price_assumptions,
        ),
    )
    return asset, warnings


def _asset_tags(tags: Mapping[str, str], rule: Rule) -> tuple[str, ...]:
    found = [rule.category] if rule.category else []
    found += rule.tags
    if tags.get("craft") not in (None, "yes", "no"):
        found += _words(tags["craft"])
    if tags.get("amenity") == "public_bath" and tags.get("bath:type") == "onsen":
        found.append("onsen")
    found += [key for key in ("heritage",) if tags.get(key, "no") != "no"]
    found += [religion for religion in _words(tags.get("religion", "")) if religion]
    found += _words(tags.get("cuisine", ""))
    if tags.get("wheelchair") == "limited":
        found.append("wheelchair-limited")
    return tuple(dict.fromkeys(found))


def _words(value: str) -> list[str]:
    return [word.strip().lower() for word in value.split(";") if word.strip()]


def _dishes(tags: Mapping[str, str]) -> tuple[str, ...]:
    no_dish = kinds_table().no_dish
    return tuple(dict.fromkeys(word for word in _words(tags.get("cuisine", "")) if word not in no_dish))


def _appeal(tags: Mapping[str, str], rule: Rule) -> tuple[int, Name | None]:
    assert rule.kind is not None
    table = kinds_table()
    usual = default_appeal(rule.kind, rule.category)
    present = {*tags, *(f"{key}_{value}" for key, value in tags.items())}
    if len([key for key in tags if _FOREIGN_NAME.fullmatch(key)]) >= table.many_languages:
        present.add("many_languages")
    bonus = sum(points for key, points in table.appeal_bonus.items() if key in present and tags.get(key) != "no")
    is_chain = any(key.startswith("brand:wiki") for key in tags)
    if is_chain and rule.kind is Kind.FOOD:
        return max(usual - _CHAIN_LOSS, min(usual, 5)), _CHAIN_APPEAL
    # A chain shop has a Wikipedia page too; that says nothing about this branch.
    if not bonus or is_chain or rule.kind is Kind.HUB:
        return usual, None
    return min(usual + bonus, max(usual, table.appeal_most)), _RAISED_APPEAL


def _opening(element: Element, warnings: list[Problem]) -> Opening | None:
    text = element.tags.get("opening_hours", "").strip()
    if not text:
        return None
    import opening_hours

    if opening_hours.validate(text):
        return Opening(osm=text, text=text)
    message = Text(
        ja=f"営業時間を読めません({text})。原文のまま残しました", en=f"hours not understood ({text}); kept as text"
    )
    warnings.append(Problem(f"{element.where} opening_hours", text, message))
    return Opening(text=text, unread=(text,))


def _price(element: Element, rule: Rule, warnings: list[Problem]) -> tuple[Price, list[Assumption]]:
    """Read ``fee`` and ``charge``: ``fee=no`` is free, one amount in yen is the adult's price."""
    fee = unicodedata.normalize("NFKC", element.tags.get("fee", "")).strip()
    charge = unicodedata.normalize("NFKC", element.tags.get("charge", "")).strip()
    if fee == "no" and not charge:
        return Price(adult=0, text="fee=no"), []
    text = charge or fee
    if not text:
        return Price(), []
    unit = "vehicle" if rule.category == "parking" else "person"
    amounts = [int("".join(found).replace(",", "")) for found in _AMOUNT.findall(text) if "".join(found).strip(",")]
    # "100 JPY/hour" is no price of a visit.
    if amounts and "/" not in text.lower().replace("/person", ""):
        assumed = [assumption("price", _HIGHEST_CHARGE)] if len(amounts) > 1 else []
        return Price(adult=max(amounts), unit=unit, text=text), assumed  # type: ignore[arg-type, unused-ignore]
    if text != "yes":
        message = Text(
            ja=f"料金を読めません({text})。原文のまま残しました", en=f"price not understood ({text}); kept as text"
        )
        warnings.append(Problem(f"{element.where} {'charge' if charge else 'fee'}", text, message))
    return Price(text=f"fee={text}" if text == "yes" else text), []


def _diet(tags: Mapping[str, str]) -> dict[str, Known]:
    diets = {key.removeprefix("diet:"): value for key, value in tags.items() if key.startswith("diet:")}
    return {diet: _KNOWN.get(value, "unknown") for diet, value in sorted(diets.items())}


def _address(tags: Mapping[str, str]) -> str | None:
    if tags.get("addr:full"):
        return tags["addr:full"]
    parts = [tags.get(f"addr:{key}", "") for key in _ADDRESS_KEYS]
    if not any(parts[2:]):
        return None
    # Block and house number are joined as people write them: 3-1.
    numbers = "-".join(part for part in parts[-2:] if part)
    return "".join(parts[:-2]) + numbers


def _description(tags: Mapping[str, str]) -> Name | None:
    text = tags.get("description", "")
    is_japanese = bool(_JAPANESE.search(text))
    ja = tags.get("description:ja") or (text if is_japanese else None)
    en = tags.get("description:en") or (text if not is_japanese else None)
    return Name(ja=ja or None, en=en or None) if ja or en else None


def _url(tags: Mapping[str, str], *keys: str) -> str | None:
    return next((tags[key] for key in keys if re.match(r"https?://", tags.get(key, ""))), None)


def _photo(tags: Mapping[str, str]) -> Photo | None:
    url = _url(tags, "image")
    return Photo(url=url) if url else None
