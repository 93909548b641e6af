"""Kinds of place judged by Japanese names."""

from __future__ import annotations

import pytest

from regional_assets.defaults import CATEGORIES
from regional_assets.model import Kind
from regional_assets.readers.municipal._kinds import _words, judge_permit, judge_place

PLACES = [
    ("石川県立美術館", "culture", "art_museum"),
    ("能美市九谷焼美術館「五彩館」", "culture", "art_museum"),
    ("珠洲市立珠洲焼資料館", "culture", "museum"),
    ("のとじま水族館", "culture", "aquarium"),
    ("尾山神社", "culture", "shrine"),
    ("赤間神宮", "culture", "shrine"),
    ("大乗寺", "culture", "temple"),
    ("あじさい寺（平等寺）", "culture", "temple"),
    ("岩国城", "culture", "castle"),
    ("七尾城跡", "culture", "castle_ruins"),
    ("秋常山史跡公園", "culture", "historic_site"),
    ("長門鋳銭所跡", "culture", "historic_site"),
    ("種田山頭火の銅像", "culture", "monument"),
    ("ひがし茶屋街", "culture", "townscape"),
    ("旧目加田家住宅", "culture", "historic_house"),
    ("普賢寺庭園（雪舟庭）", "culture", "garden"),
    ("山代温泉 古総湯", "culture", "onsen"),
    ("能登島ガラス工房", "craft", "workshop"),
    ("加賀友禅会館", "craft", "workshop"),
    ("能登大社焼窯元", "craft", "workshop"),
    ("九谷焼窯跡", "culture", "historic_site"),
    ("近江町市場", "food", "market"),
    ("東酒造株式会社", "food", "brewery"),
    ("手打そば処 更科", "food", "soba"),
    ("しお・ＣＡＦＥ", "food", "cafe"),
    ("能登前 幸寿し", "food", "restaurant"),
    ("押水特産直売所", "food", "farm_shop"),
    ("あめの俵屋", "food", "sweets"),
    ("綿ヶ滝", "nature", "waterfall"),
    ("徳光海水浴場", "nature", "beach"),
    ("柴山潟", "nature", "lake"),
    ("秋芳洞", "nature", "cave"),
    ("高爪山", "nature", "mountain"),
    ("舳倉島", "nature", "island"),
    ("観音島", "nature", "island"),
    ("太田の大トチノキ", "nature", "tree"),
    ("十八河原公園", "nature", "park"),
    ("鞍掛山展望台", "nature", "viewpoint"),
    ("白山一里野温泉スキー場", "nature", "ski"),
    ("加賀フルーツランド", "nature", "farm"),
    ("民宿ふわ", "lodging", "guest_house"),
    ("金沢 彩の庭ホテル", "lodging", "hotel"),
    ("国民宿舎　能登小牧台", "lodging", "ryokan"),
    ("松島キャンプ場", "lodging", "campsite"),
    ("金沢駅観光案内所", "hub", "information"),
    ("JR金沢駅 (鼓門・もてなしドーム)", "hub", "station"),
    ("JR西日本レンタカー＆リース(駅レンタカー)", "hub", None),
    ("道の駅　すずなり", "hub", "roadside_station"),
    ("小松空港", "hub", "airport"),
    ("友ヶ島池尻公衆トイレ", "hub", "toilet"),
    ("輪島キリコ会館", "culture", "public_building"),
    ("七尾豊年太鼓", "event", None),
]


@pytest.mark.parametrize(("name", "kind", "category"), PLACES, ids=[name for name, _, _ in PLACES])
def test_names_tell_the_kind(name: str, kind: str, category: str | None) -> None:
    """Real names of Ishikawa, Yamaguchi and Wakayama."""
    judgement = judge_place(name)
    assert judgement.kind == kind
    if category is not None:
        assert judgement.category == category
        assert judgement.tags[0] == category


def test_every_category_of_the_table_is_known() -> None:
    """A category without usual values would quietly get those of its kind."""
    words = _words()
    used = {rule.judgement.category for rules in (words.rules, words.descriptions, words.permits) for rule in rules}
    assert used - {None} <= set(CATEGORIES)


def test_words_of_a_stay_make_an_inn() -> None:
    """A price per night tells an inn whose name says nothing; a museum with a campsite stays a museum."""
    assert judge_place("花紫", offer="1泊2食付 22,000円～").kind is Kind.LODGING
    assert judge_place("あえの風", offer="２名様一室 お一人様 29,850円より").kind is Kind.LODGING
    assert judge_place("花紫").kind is Kind.CULTURE
    assert judge_place("里山資料館", offer="1泊 500円").kind is Kind.CULTURE


def test_what_is_said_of_the_list_counts_more_than_a_name() -> None:
    """A farm shop called after a mountain is still a farm shop."""
    assert judge_place("白山", strong_hint="直売所").category == "farm_shop"
    assert judge_place("高松", category="道の駅").category == "roadside_station"
    assert judge_place("手打そば処 白山", strong_hint="直売所").category == "soba"


def test_descriptions_help_where_names_do_not() -> None:
    """Only plain statements of what a place is are used."""
    assert judge_place("めぐまこ", description="旬の海鮮料理が味わえるお店です").kind is Kind.FOOD
    assert judge_place("めぐまこ", description="近くに滝があります").kind is Kind.CULTURE


def test_facts_of_a_name_become_tags() -> None:
    """The material of a craft is a tag beside the category."""
    assert judge_place("輪島工房長屋 輪島塗体験").tags[-1] == "lacquer"
    assert "gold_leaf" in judge_place("金箔工房さくだ").tags


@pytest.mark.parametrize(
    ("business", "category", "refuse"),
    [
        ("① 飲食店営業", "restaurant", False),
        ("喫茶店営業", "cafe", False),
        ("菓子製造業", "sweets", False),
        ("魚介類販売業", "food_shop", False),
        ("酒類製造業", "brewery", False),
        ("集団給食施設（Bランク）", None, True),
        ("自動販売機 喫茶店営業", None, True),
    ],
)
def test_permits_tell_the_business(business: str, category: str | None, refuse: bool) -> None:
    """Shops and restaurants are places; machines and canteens are not."""
    judgement = judge_permit(business)
    assert (judgement.category, judgement.refuse) == (category, refuse)
