"""The kinds of municipal data set: how each is recognised by its columns, and what its columns are called."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from regional_assets.errors import InputError, Problem
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

FIELDS: dict[str, tuple[str, ...]] = {
    # What it means to us: the column names of both generations, best first.
    "id": ("ID", "NO", "番号", "№", "No", "No.", "NO.", "id", "行番号", "許可番号"),
    "name": ("名称", "イベント名", "営業施設名称、屋号又は商号", "施設屋号", "屋号"),
    "name_en": ("名称_英語", "名称_英字", "イベント名_英語"),
    "prefecture": ("所在地_都道府県", "都道府県名", "施設都道府県"),
    "municipality": ("所在地_市区町村", "市区町村名", "施設市町村"),
    "publisher": ("地方公共団体名",),
    "operator": ("団体名", "主催者", "所有者等", "法人名", "申請者氏名"),
    "poi": ("POIコード",),
    "category": ("文化財分類", "種類", "営業の種類", "業態", "細分類名", "業種名", "業種", "イベント種類"),
    "address": ("所在地_連結表記", "住所", "営業施設所在地", "営業所所在地", "施設住所1", "所在地"),
    "building": ("建物名等(方書)", "方書", "営業施設方書", "施設住所2"),
    "venue": ("場所名称", "設置位置"),
    "lat": ("緯度",),
    "lon": ("経度",),
    "weekdays": ("利用可能曜日",),
    "start": ("開始時間", "利用開始時間"),
    "end": ("終了時間", "利用終了時間"),
    "notes": ("利用可能日時特記事項", "利用可能時間特記事項", "開始日時特記事項"),
    "closed": (),
    "hours": (),
    "first_day": ("開始日",),
    "last_day": ("終了日",),
    "price": ("料金(基本)",),
    "price_detail": ("料金(詳細)",),
    "description": ("説明", "概要"),
    "description_en": ("説明_英語", "概要_英語"),
    "barrier_free": ("バリアフリー情報",),
    "wheelchair": ("車椅子可", "車椅子使用者用トイレ有無", "車椅子使用者用トイレ数"),
    "stroller": ("ベビーカー利用",),
    "url": ("URL", "コンテンツURL"),
    "photo": ("画像",),
    "photo_licence": ("画像_ライセンス",),
    "ended": ("廃業年月日", "廃止日", "抹消日"),
}

FACILITY_TAGS: dict[str, str] = {
    # Columns that say 有/無 of something, and the tag that stands for 有.
    "車椅子貸出": "wheelchair_rental",
    "バリアフリートイレ": "accessible_toilet",
    "優先駐車場": "accessible_parking",
    "オストメイト対応トイレ": "ostomate_toilet",
    "オストメイト設置トイレ有無": "ostomate_toilet",
    "オストメイト設置トイレ数": "ostomate_toilet",
    "乳幼児用設備設置トイレ有無": "baby_toilet",
    "授乳室": "nursing_room",
    "おむつ替えコーナー": "diaper_table",
    "ベビーカー貸出": "stroller_rental",
}

GUESSES: dict[str, tuple[str, ...]] = {
    # Columns of lists that follow no standard, in the spellings seen in the wild; each use is reported as a guess.
    "id": ("ID", "NO", "番号", "№", "No", "No.", "NO.", "id", "pidx"),
    "name": (
        "名称", "施設名称", "施設名", "店名", "店舗名", "屋号", "直売所の名称", "トイレ名", "スポット名", "観光地名",
        "宿名", "駅名", "名前", "name", "Name", "NAME", "title", "イベント名",
    ),
    "name_en": ("名称_英語", "英語名", "name_en", "name:en"),
    "municipality": ("市区町村名", "市町村名", "市区町村", "市町村", "市町", "city"),
    "operator": ("事業者", "運営者", "管理者", "jigyosha", "設置者"),
    "category": ("ジャンル", "カテゴリ", "カテゴリー", "種別", "施設の種別", "分類", "categories", "category", "業種"),
    "address": ("住所", "住所1", "所在地", "店舗所在地", "施設住所", "adress", "address", "Address"),
    "lat": ("緯度", "lat", "latitude", "Latitude", "LAT", "http://www.w3.org/2003/01/geo/wgs84_pos#lat", "Y", "y"),
    "lon": (
        "経度", "lng", "lon", "long", "longitude", "Longitude", "LON",
        "http://www.w3.org/2003/01/geo/wgs84_pos#long", "X", "x",
    ),
    "weekdays": ("利用可能曜日",),
    "start": ("開始時間", "利用可能開始時間", "利用開始時間"),
    "end": ("終了時間", "利用可能終了時間", "利用終了時間"),
    "hours": ("開館時間", "営業時間", "利用可能時間", "利用時間", "eigyoujikan", "開園時間"),
    "notes": ("営業期間", "営業日", "利用可能日"),
    "closed": ("休館日", "定休日", "休業日", "休日", "休園日", "holiday"),
    "price": ("料金(基本)", "料金", "入館料", "入場料", "宿泊料", "price", "価格"),
    "description": (
        "説明", "紹介", "直売所の紹介", "概要", "text", "PR",
        "http://purl.org/dc/elements/1.1/description",
    ),
    "wheelchair": ("車椅子可", "車椅子"),
    "url": ("URL", "url", "ホームページ"),
    "photo": ("画像", "artimg", "image"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dataset:
    """
    Hold what a file was taken for.

    Parameters
    ----------
    key
        ``tourism``, ``heritage``, ``event``, ``toilet``, ``facility``, ``wifi``, ``food``, ``catalogue`` or ``other``.
    generation
        ``G1`` (推奨データセット), ``G2`` (自治体標準オープンデータセット), or empty where there are none.
    columns
        Column by our field; fields without a column are left out.
    guessed
        Whether the columns were guessed from their names.
    """

    key: str
    generation: str
    columns: dict[str, str] = field(default_factory=dict)
    guessed: bool = False

    @property
    def label(self) -> str:
        """Name for reports: ``"tourism G2"``."""
        return f"{self.key} {self.generation}".strip()


NAMES: dict[str, Text] = {
    "tourism": Text(ja="観光施設一覧", en="tourist facilities"),
    "heritage": Text(ja="文化財一覧", en="cultural properties"),
    "event": Text(ja="イベント一覧", en="events"),
    "toilet": Text(ja="公衆トイレ一覧", en="public toilets"),
    "facility": Text(ja="公共施設一覧", en="public facilities"),
    "wifi": Text(ja="公衆無線LANアクセスポイント一覧", en="public wireless LAN"),
    "food": Text(ja="食品等営業許可・届出一覧", en="food business permits"),
    "catalogue": Text(ja="オープンデータ一覧", en="list of open data"),
    "other": Text(ja="名称と位置(または住所)のある一覧", en="any list with names and positions (or addresses)"),
}


def recognise(header: Iterable[str], *, file: str, wanted: str | None = None) -> Dataset:
    """
    Return what a table holds, judged by its columns.

    Parameters
    ----------
    header
        Column names as by `header_name`.
    file
        Name for messages.
    wanted
        A key of ``NAMES`` that overrides the judgement.

    Raises
    ------
    InputError
        If ``wanted`` is unknown, or no column can be taken for the name, or none for the place.
    """
    columns = [name for name in header if name]
    present = frozenset(columns)
    if wanted is not None and wanted not in NAMES:
        raise InputError([_unknown_name(wanted)])
    key = wanted or _key(present)
    if key == "catalogue":
        return Dataset(key, "G2" if "データセット_ID" in present else "G1")
    if key != "other":
        mapping = _map(present, FIELDS)
        if "name" in mapping:
            generation = "G2" if "全国地方公共団体コード" in present else "G1"
            return Dataset(key, "" if key == "food" else generation, mapping)
    mapping = _map(present, FIELDS) | _map(present, GUESSES)
    if "name" not in mapping or not ({"lat", "lon"} <= set(mapping) or "address" in mapping):
        raise InputError([_unknown_kind(file, columns)])
    return Dataset(key, "", mapping, guessed=True)


def _key(present: frozenset[str]) -> str:
    if "データセット_タイトル" in present or {"データ名称", "API対応有無"} <= present:
        return "catalogue"
    if "イベント名" in present:
        return "event"
    if {"営業施設名称、屋号又は商号", "施設屋号"} & present or {"業種", "屋号"} <= present:
        return "food"
    if "名称" in present:
        if any("トイレ総数" in name for name in present):
            return "toilet"
        if {"文化財分類", "文化財指定日"} & present:
            return "heritage"
        if {"SSID", "提供エリア"} & present:
            return "wifi"
        if {"料金(基本)", "料金(詳細)"} & present:
            return "tourism"
        if "団体名" in present:
            return "facility"
        if {"アクセス方法", "駐車場情報"} <= present and {"NO", "ID"} & present:
            return "tourism"
    return "other"


def _map(present: frozenset[str], names: dict[str, tuple[str, ...]]) -> dict[str, str]:
    found = ((key, next((name for name in choices if name in present), None)) for key, choices in names.items())
    return {key: name for key, name in found if name is not None}


def _unknown_name(wanted: str) -> Problem:
    accepted = ", ".join(NAMES)
    return Problem(
        "dataset",
        wanted,
        Text(
            ja=f"{wanted!r} というデータの種類はありません。使えるもの: {accepted}",
            en=f"there is no kind of data set {wanted!r}; accepted: {accepted}",
        ),
    )


def _unknown_kind(file: str, columns: list[str]) -> Problem:
    seen = "、".join(columns[:30]) + ("…" if len(columns) > 30 else "")
    return Problem(
        file,
        columns,
        Text(
            ja=f"何の一覧か分かりません。列: {seen}。読めるもの: " + "、".join(name.ja for name in NAMES.values()),
            en=f"cannot tell what this table lists; columns: {seen}; accepted: "
            + ", ".join(f"{name.en} ({name.ja})" for name in NAMES.values()),
        ),
    )
