"""Which column of somebody's table holds what: given, or guessed from its name in Japanese or English."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from regional_assets.errors import InputError, Problem
from regional_assets.model import Kind
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Field of ours -> names that people give to such a column, compared without case, spaces and signs.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "id": ("id", "識別子", "管理番号", "no", "番号", "コード"),
    "name_ja": (
        "name_ja",
        "name:ja",
        "名称",
        "名前",
        "施設名",
        "施設名称",
        "スポット名",
        "店名",
        "店舗名",
        "name",
        "title",
        "タイトル",
    ),
    "name_en": ("name_en", "name:en", "名称_英語", "英語名", "名称(英語)", "english_name", "nameenglish"),
    "kind": ("kind", "種別", "種類", "分類", "カテゴリ", "カテゴリー", "category", "type"),
    "address": ("address", "住所", "所在地", "所在地_連結表記", "addr", "addr:full"),
    "municipality": ("municipality", "市区町村", "市区町村名", "市町村", "市町名", "市町", "city", "town", "addr:city"),
    "operator": ("operator", "運営者", "運営", "事業者", "事業者名", "管理者", "設置者"),
    "description_ja": ("description", "description_ja", "説明", "概要", "紹介文", "内容"),
    "description_en": ("description_en", "説明_英語", "description:en"),
    "hours": ("opening_hours", "hours", "営業時間", "開館時間", "利用時間", "利用可能時間", "開園時間"),
    "closed": ("closed", "定休日", "休館日", "休業日", "休園日"),
    "price": ("price", "料金", "料金(基本)", "入館料", "入場料", "拝観料", "fee", "charge", "admission"),
    "tags": ("tags", "タグ", "キーワード", "keywords"),
    "wheelchair": ("wheelchair", "車椅子", "車椅子可", "車いす", "車いす可"),
    "visit_minutes": ("visit_minutes", "滞在時間", "所要時間", "duration", "duration_min"),
    "url": ("url", "website", "ホームページ", "ウェブサイト", "hp", "リンク", "link"),
    "lat": ("lat", "latitude", "緯度", "y"),
    "lon": ("lon", "lng", "long", "longitude", "経度", "x"),
}

_KINDS: dict[Kind, tuple[str, ...]] = {
    Kind.CULTURE: (
        "culture",
        "文化",
        "文化財",
        "歴史",
        "史跡",
        "寺社",
        "社寺",
        "博物館",
        "美術館",
        "museum",
        "temple",
        "shrine",
    ),
    Kind.CRAFT: ("craft", "工芸", "伝統工芸", "工房", "体験", "ものづくり", "crafts", "workshop"),
    Kind.FOOD: ("food", "食", "飲食", "飲食店", "グルメ", "レストラン", "カフェ", "restaurant", "cafe"),
    Kind.NATURE: ("nature", "自然", "公園", "景観", "park", "viewpoint"),
    Kind.LODGING: ("lodging", "宿", "宿泊", "宿泊施設", "ホテル", "旅館", "hotel", "ryokan"),
    Kind.EVENT: ("event", "イベント", "行事", "催事", "祭り", "まつり", "festival"),
    Kind.HUB: ("hub", "駅", "交通", "バス停", "駐車場", "案内所", "station", "parking"),
}


def normal(name: str) -> str:
    """Return a column name or word without case, width, spaces and signs."""
    return re.sub(r"[\s_\-:・()\[\]「」.]", "", unicodedata.normalize("NFKC", name).lower())


_KIND_OF_WORD = {normal(word): kind for kind, words in _KINDS.items() for word in words}


def kind_of_word(word: str) -> Kind | None:
    """Return the kind that a word of a column names; ``None`` where it names none."""
    return _KIND_OF_WORD.get(normal(word))


def guess_columns(columns: Sequence[str]) -> dict[str, str]:
    """
    Return field to column, guessed by name; the first synonym that is there wins, no column serves twice.

    A field whose column cannot be guessed is left out.
    """
    there = {normal(column): column for column in reversed(columns)}
    guessed: dict[str, str] = {}
    for field, synonyms in SYNONYMS.items():
        column = next((there[normal(name)] for name in synonyms if normal(name) in there), None)
        if column is not None and column not in guessed.values():
            guessed[field] = column
    return guessed


def check_columns(given: Mapping[str, str], columns: Sequence[str], where: str) -> None:
    """
    Refuse a column map that names unknown fields or columns.

    Raises
    ------
    InputError
        With every such name.
    """
    problems = []
    for field, column in given.items():
        if field not in SYNONYMS:
            accepted = ", ".join(SYNONYMS)
            message = Text(
                ja=f"知らない項目です。受け付ける項目: {accepted}", en=f"unknown field; accepted: {accepted}"
            )
            problems.append(Problem(f"columns {field}", field, message))
        if column not in columns:
            there = ", ".join(columns)
            message = Text(
                ja=f"列「{column}」がありません。ある列: {there}", en=f"no column {column!r}; there are: {there}"
            )
            problems.append(Problem(f"{where} columns {field}", column, message))
    if problems:
        raise InputError(problems)
