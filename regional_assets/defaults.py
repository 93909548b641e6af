"""
What we fill in where a source is silent: visit lengths, appeal and typical hours by kind and category.

Every value taken from here is an assumption, and is flagged as one (`assumption`). The figures are rules of thumb of
trip planning in Japan, not measurements; a region that knows better overrides them asset by asset. Typical hours are
for planning only: they are never written into ``Asset.opening``.

A *category* is a plain tag in English (``"museum"``, ``"shrine"``, ``"sento"``): the readers set it as a tag of the
asset. Categories that are not listed get the values of their kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from regional_assets.model import Assumption, Kind, Known, Name, VisitMinutes

if TYPE_CHECKING:
    from collections.abc import Iterable

Meal = Literal["breakfast", "lunch", "dinner", "cafe"]

ALWAYS = "24/7"
_DAYLIGHT = "08:00-17:00"
_SHOP = "10:00-18:00"
_MEALS = "11:00-14:00,17:00-20:00"


@dataclass(frozen=True, slots=True)
class Default:
    """
    Hold what is assumed of one kind or category.

    Parameters
    ----------
    visit
        Minutes of a visit: at least, typically, at most.
    appeal
        0 to 100.
    hours
        Typical hours, OSM syntax.
    ja, en
        Wording of the kind or category, plural where English has one.
    """

    visit: tuple[int, int, int]
    appeal: int
    hours: str
    ja: str
    en: str


KINDS: dict[Kind, Default] = {
    Kind.CULTURE: Default((20, 45, 90), 50, "09:00-17:00", "文化施設", "cultural sites"),
    Kind.CRAFT: Default((30, 60, 120), 50, "09:30-17:00", "工芸の見学・体験", "craft workshops"),
    Kind.FOOD: Default((30, 60, 90), 45, _MEALS, "飲食店", "eating places"),
    Kind.NATURE: Default((20, 45, 120), 50, _DAYLIGHT, "自然", "natural sights"),
    # A stay has no visit length of its own: this is the time to check in, drop bags and leave again.
    Kind.LODGING: Default((15, 30, 60), 40, "15:00-22:00", "宿", "places to stay"),
    Kind.EVENT: Default((45, 90, 180), 50, "10:00-17:00", "催し", "events"),
    Kind.HUB: Default((5, 10, 30), 10, ALWAYS, "駅・案内所などの拠点", "stations and other hubs"),
}

CATEGORIES: dict[str, Default] = {
    "museum": Default((40, 70, 120), 60, "09:00-17:00", "博物館・資料館", "museums"),
    "art_museum": Default((40, 75, 120), 60, "09:30-17:00", "美術館", "art museums"),
    "aquarium": Default((60, 90, 150), 60, "09:00-17:00", "水族館", "aquariums"),
    "zoo": Default((60, 120, 180), 55, "09:30-16:30", "動物園", "zoos"),
    "theme_park": Default((90, 180, 360), 55, "10:00-17:00", "遊園地", "theme parks"),
    "castle": Default((30, 60, 90), 65, "09:00-17:00", "城", "castles"),
    "castle_ruins": Default((20, 40, 80), 45, _DAYLIGHT, "城跡", "castle ruins"),
    "shrine": Default((15, 30, 60), 45, "06:00-18:00", "神社", "shrines"),
    "temple": Default((20, 40, 70), 45, "08:00-17:00", "寺", "temples"),
    "church": Default((15, 25, 45), 40, "09:00-17:00", "教会", "churches"),
    "historic_house": Default((20, 40, 60), 50, "09:00-17:00", "歴史的な建物", "historic houses"),
    "historic_site": Default((10, 25, 45), 40, _DAYLIGHT, "史跡", "historic sites"),
    "monument": Default((5, 10, 20), 20, ALWAYS, "碑・像", "monuments"),
    "townscape": Default((30, 60, 120), 55, "08:00-20:00", "町並み", "historic streets"),
    "garden": Default((25, 45, 80), 55, "09:00-17:00", "庭園", "gardens"),
    "theatre": Default((60, 120, 180), 45, "10:00-17:00", "劇場・ホール", "theatres and halls"),
    "library": Default((20, 40, 90), 20, "09:00-18:00", "図書館", "libraries"),
    "heritage": Default((15, 30, 60), 45, _DAYLIGHT, "文化財", "cultural properties"),
    "workshop": Default((30, 60, 120), 55, "09:30-17:00", "工房・体験", "workshops"),
    "craft_shop": Default((15, 30, 60), 45, _SHOP, "工芸品店", "craft shops"),
    "brewery": Default((20, 40, 70), 50, "10:00-17:00", "酒蔵・醸造元", "breweries"),
    "restaurant": Default((40, 60, 90), 45, _MEALS, "食事処", "restaurants"),
    "ramen": Default((20, 35, 50), 40, "11:00-14:30,17:00-20:00", "ラーメン店", "ramen shops"),
    "soba": Default((25, 40, 60), 50, "11:00-14:30", "そば・うどん店", "soba and udon shops"),
    "cafe": Default((25, 40, 70), 40, "10:00-17:00", "喫茶店・カフェ", "cafes"),
    "bar": Default((40, 75, 120), 30, "18:00-23:00", "酒場", "bars"),
    "sweets": Default((10, 20, 40), 40, "09:00-18:00", "菓子店", "sweet shops"),
    "food_shop": Default((10, 20, 40), 30, "09:00-18:00", "食品店", "food shops"),
    "market": Default((20, 45, 80), 50, "08:00-15:00", "市場・朝市", "markets"),
    "farm_shop": Default((10, 25, 45), 35, "09:00-17:00", "直売所", "farm shops"),
    "souvenir": Default((10, 25, 45), 30, "09:00-18:00", "土産物店", "souvenir shops"),
    "park": Default((20, 40, 90), 35, "06:00-19:00", "公園", "parks"),
    "viewpoint": Default((10, 20, 40), 50, _DAYLIGHT, "展望地", "viewpoints"),
    "beach": Default((20, 45, 120), 45, _DAYLIGHT, "浜・海岸", "beaches and shores"),
    "waterfall": Default((15, 30, 60), 50, _DAYLIGHT, "滝", "waterfalls"),
    "mountain": Default((60, 120, 240), 50, "06:00-16:00", "山・登山口", "mountains"),
    "cave": Default((30, 50, 80), 55, "09:00-16:30", "洞窟", "caves"),
    "lake": Default((15, 40, 90), 50, _DAYLIGHT, "湖・池", "lakes and ponds"),
    "island": Default((45, 120, 240), 50, _DAYLIGHT, "島", "islands"),
    "tree": Default((10, 15, 25), 30, _DAYLIGHT, "名木・花の名所", "notable trees and blossoms"),
    "geology": Default((15, 30, 60), 40, _DAYLIGHT, "地質・地形の名所", "geological sites"),
    "campsite": Default((15, 30, 60), 30, "14:00-18:00", "キャンプ場", "campsites"),
    "ski": Default((90, 180, 360), 40, "08:30-16:30", "スキー場", "ski areas"),
    "farm": Default((30, 60, 120), 45, "09:00-16:00", "農園・牧場", "farms"),
    "onsen": Default((40, 60, 120), 50, "10:00-20:00", "日帰り温泉", "hot springs"),
    "activity": Default((45, 90, 180), 45, "09:00-16:00", "体験・アクティビティ", "activities"),
    "sports": Default((30, 60, 120), 15, "09:00-17:00", "運動施設", "sports grounds"),
    "hotel": Default((15, 30, 60), 40, "15:00-22:00", "ホテル", "hotels"),
    "ryokan": Default((15, 30, 60), 50, "15:00-20:00", "旅館", "ryokan inns"),
    "guest_house": Default((15, 30, 60), 40, "15:00-20:00", "民宿・ゲストハウス", "guest houses"),
    "station": Default((5, 10, 20), 10, ALWAYS, "駅", "stations"),
    "roadside_station": Default((15, 30, 60), 35, "09:00-17:00", "道の駅", "roadside stations"),
    "information": Default((5, 15, 30), 15, "09:00-17:00", "観光案内所", "visitor centres"),
    "toilet": Default((3, 5, 10), 0, ALWAYS, "公衆トイレ", "public toilets"),
    "wifi": Default((5, 10, 30), 0, ALWAYS, "無線LAN", "Wi-Fi spots"),
    "bench": Default((2, 5, 15), 0, ALWAYS, "ベンチ・園内設備", "benches and fittings"),
    "public_building": Default((10, 30, 60), 10, "08:30-17:15", "公共施設", "public buildings"),
    "parking": Default((3, 5, 10), 0, ALWAYS, "駐車場", "car parks"),
    "bus_stop": Default((3, 5, 10), 0, ALWAYS, "バス停", "bus stops"),
    "harbour": Default((5, 15, 30), 15, "07:00-18:00", "港", "harbours"),
    "airport": Default((10, 30, 60), 5, "07:00-21:00", "空港", "airports"),
}

_INDOOR = frozenset(
    [
        "museum",
        "art_museum",
        "aquarium",
        "church",
        "historic_house",
        "theatre",
        "library",
        "workshop",
        "craft_shop",
        "brewery",
        "restaurant",
        "ramen",
        "soba",
        "cafe",
        "bar",
        "sweets",
        "food_shop",
        "souvenir",
        "onsen",
        "hotel",
        "ryokan",
        "guest_house",
        "information",
        "public_building",
    ]
)
_OUTDOOR = frozenset(
    [
        "zoo",
        "castle_ruins",
        "shrine",
        "historic_site",
        "monument",
        "townscape",
        "garden",
        "park",
        "viewpoint",
        "beach",
        "waterfall",
        "mountain",
        "lake",
        "island",
        "tree",
        "geology",
        "campsite",
        "ski",
        "bench",
        "parking",
        "bus_stop",
    ]
)
_MEALS_SERVED: dict[str, tuple[Meal, ...]] = {
    "restaurant": ("lunch", "dinner"),
    "ramen": ("lunch", "dinner"),
    "soba": ("lunch",),
    "cafe": ("cafe",),
    "bar": ("dinner",),
}

_RULES: dict[str, Name] = {
    "kind": Name(
        ja="名称・分類・説明の語から種別を判断", en="kind judged from words in name, category and description"
    ),
    "visit_minutes": Name(ja="同じ種類の施設の標準的な滞在時間", en="usual length of a visit to a place of this kind"),
    "appeal": Name(ja="同じ種類の施設の標準的な魅力度", en="usual appeal of a place of this kind"),
    "opening": Name(ja="同じ種類の施設の標準的な営業時間", en="usual hours of a place of this kind"),
    "meals": Name(ja="飲食店の種類から食事を推定", en="meals judged from the kind of eating place"),
    "indoor": Name(ja="同じ種類の施設に多い形（屋内・屋外）", en="indoors or outdoors as most places of this kind are"),
    "municipality": Name(ja="住所から読み取り", en="read from the address"),
}


def default_of(kind: Kind, category: str | None = None) -> Default:
    """Return what is assumed of a category, or else of its kind."""
    return CATEGORIES.get(category or "", KINDS[kind])


def category_of(tags: Iterable[str]) -> str | None:
    """Return the first tag that is a known category, if there is one."""
    return next((tag for tag in tags if tag in CATEGORIES), None)


def default_visit(kind: Kind, category: str | None = None) -> VisitMinutes:
    """Return the usual length of a visit, in minutes."""
    least, typical, most = default_of(kind, category).visit
    return VisitMinutes(min=least, typical=typical, max=most)


def default_appeal(kind: Kind, category: str | None = None) -> int:
    """Return the usual appeal, 0 to 100."""
    return default_of(kind, category).appeal


def default_indoor(kind: Kind, category: str | None = None) -> Known:
    """Return whether most places of a category are under a roof; unknown where that differs from place to place."""
    if category in _INDOOR:
        return "yes"
    return (
        "no"
        if category in _OUTDOOR or (kind is Kind.NATURE and category not in {"cave", "farm", "activity"})
        else "unknown"
    )


def default_meals(kind: Kind, category: str | None = None) -> tuple[Meal, ...]:
    """Return the meals that places of a category serve; nothing for shops, and for food of an unknown category."""
    return _MEALS_SERVED.get(category or "", ()) if kind is Kind.FOOD else ()


def assumption(field: str, rule: Name | None = None) -> Assumption:
    """
    Return the flag for a field that we filled in ourselves.

    Parameters
    ----------
    field
        Field of ``Asset``.
    rule
        What filled it; ``None`` takes the usual rule of that field.

    Raises
    ------
    KeyError
        If no rule is given and the field has no usual one.
    """
    return Assumption(field=field, rule=rule or _RULES[field])


def assumed_hours(kind: Kind, tags: Iterable[str] = ()) -> tuple[str, Name]:
    """
    Return the typical hours of a place whose hours are unknown, for planning only.

    Parameters
    ----------
    kind
        Kind of the asset.
    tags
        Its tags; the first that is a known category decides, or else the kind does.

    Returns
    -------
    hours, rule
        OSM ``opening_hours`` syntax, and the wording to show with every plan that uses them.
    """
    default = default_of(kind, category_of(tags))
    rule = Name(
        ja=f"{default.ja}の標準的な時間（{default.hours}）と仮定",
        en=f"assumed the usual hours of {default.en} ({default.hours})",
    )
    return default.hours, rule
