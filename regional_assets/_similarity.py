"""How alike two names of places are, as people in Japan write them."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regional_assets.model import Name

_FORMS = re.compile(
    r"(株式会社|有限会社|合同会社|合資会社|合名会社|一般社団法人|公益社団法人|一般財団法人|公益財団法人|宗教法人|"
    r"特定非営利活動法人|npo法人|\(株\)|\(有\)|\(一社\)|\(公財\))"
)
_BRACKETS = re.compile(r"\([^()]*\)|（[^（）]*）|【[^【】]*】|〔[^〔〕]*〕|〈[^〈〉]*〉|<[^<>]*>|\[[^\[\]]*\]")
_SIGNS = re.compile(r"[\s・･.,、。'’`\"“”「」『』\-‐–—―~〜/|!?&:;＊*]+")
# Old and variant forms -> the one in common use.
_VARIANTS = str.maketrans(
    "國舊龍澤邊邉廣圓寶齋齊斎髙﨑櫻壽瀧嶋檜禮辨辯瓣當傳佛藏竈鐵鉄彌會學藝德惠靈經總繪縣關臺萬與來觀ヶヵケが",
    "国旧竜沢辺辺広円宝斉斉斉高崎桜寿滝島桧礼弁弁弁当伝仏蔵釜鉄鉄弥会学芸徳恵霊経総絵県関台万与来観ヶヶヶヶ",
)
_PARTICLES = re.compile(r"[之のノ乃ヶツッつっ]")
# What may stand before a name without making it another place: designations, sects, mountain names, founders. One
# piece; `_is_harmless_prefix` puts pieces together, because a regular expression that repeats them would need
# exponential time for some names.
_HARMLESS_PIECE = re.compile(
    r"(?:国?指定|国|県|市|町|村|特別|天然記念物|名勝|史跡|及び|国宝|重要?文化財|世界遺産|世界文化遺産|日本遺産|旧|元祖|"
    r"[都道府県市町村区]立|[^立]{1,4}[都道府県市町村区]立?|[^山]{1,4}山|"
    r"(?:曹洞|臨済|真|浄土|天台|真言|日蓮|法相|律|華厳|時|融通念仏|黄檗|法華)(?:真?宗|[^宗]{0,4}宗)?|"
    r"[^派]{1,5}派|総本山|大本山|本山|別格|独立行政法人国立文化財機構|国立大学法人)"
)
_LONGEST_PIECE = 14
_LONGEST_PREFIX = 40
_HARMLESS_SUFFIX = re.compile(r"(?:跡|址|\d{4})?(?:本店|本館|境内|一円|公式|遺跡|跡地|敷地)?")
# A difference in one of these makes another place: east and west pagoda, main and annexe building, car park 1 and 2.
_TELLING = re.compile(r"[0-9一二三四五六七八九十東西南北上下左右新旧本別前後奥男女大小表裏内外古]|[a-d](?![a-z])")
_LAST_WORD = re.compile(
    r"(?:駐車場|駐輪場|バス停|トイレ|案内所|駅|売店|跡|門|橋|館|塔|堂|碑|像|墓|池|店|足湯|総湯|温泉)$"
)

PREFIX_SIMILARITY = 0.95
"""Of two names that differ by a designation, sect or mountain name only."""


@lru_cache(maxsize=65_536)
def plain_name(name: str) -> str:
    """
    Return a name in one spelling.

    NFKC and lower case; without remarks in brackets, forms of company, spaces and signs; hiragana for katakana; common
    characters for old ones. A name that consists of brackets only keeps what is in them.
    """
    text = unicodedata.normalize("NFKC", name).lower()
    text = _FORMS.sub("", text)
    without = _BRACKETS.sub("", text)
    text = without if _SIGNS.sub("", without) else text
    text = _SIGNS.sub("", text).strip("()[]<>【】")
    text = text.translate(_VARIANTS)
    return "".join(_hiragana(character) for character in text)


@lru_cache(maxsize=65_536)
def _remarks(name: str) -> str:
    """Return what stands in the brackets of a name."""
    text = _FORMS.sub("", unicodedata.normalize("NFKC", name).lower())
    return _SIGNS.sub("", "".join(_BRACKETS.findall(text)))


def _hiragana(character: str) -> str:
    # Katakana lies 0x60 above hiragana; ー and ヶ stay.
    return chr(ord(character) - 0x60) if "ァ" <= character <= "ヴ" else character


def names_similarity(one: Name, other: Name) -> float:
    """
    Return how alike two names are, 0 to 1.

    The better of the Japanese and the English comparison, where both have such a name.
    """
    best = 0.0
    if one.ja and other.ja:
        best = similarity(one.ja, other.ja)
    elif one.en and other.en:
        best = similarity(one.en, other.en)
    else:
        # One has only a Japanese, the other only an English name: shops written in Latin letters end up so.
        best = 1.0 if plain_name(one.in_("ja")) == plain_name(other.in_("ja")) else 0.0
    return best


@lru_cache(maxsize=262_144)
def similarity(one: str, other: str) -> float:
    """
    Return how alike two names in one language are, 0 to 1.

    1 for the same name in another spelling; `PREFIX_SIMILARITY` for names that differ by a designation, sect or
    mountain name (史跡, 曹洞宗, 吉祥山); 0 where a telling character (東塔, 西塔), the last word (門, 駐車場) or
    the remarks in brackets differ; else the share of characters that both have in the same order (Ratcliff and
    Obershelp, ``difflib``).
    """
    # In a fixed order: the ratio of difflib is not quite symmetric.
    one, other = sorted((one, other))
    first, second = plain_name(one), plain_name(other)
    if not first or not second:
        return 0.0
    if _remarks(one) and _remarks(other) and _remarks(one) != _remarks(other):
        # 芭蕉の句碑（寺町） and 芭蕉の句碑（那谷町） are two stones.
        return 0.0
    if first == second or _PARTICLES.sub("", first) == _PARTICLES.sub("", second) != "":
        return 1.0
    short, long = sorted((first, second), key=len)
    if _is_same_with_more(short, long):
        return PREFIX_SIMILARITY
    if sorted(_TELLING.findall(first)) != sorted(_TELLING.findall(second)):
        return 0.0
    if short in long or _ending(first) != _ending(second):
        # 永平寺 and 永平寺観光案内所, 小浜城跡 and 小浜城址公園 are two places, however much they share.
        return 0.0
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() > 0.5 else 0.0


def _is_same_with_more(short: str, long: str) -> bool:
    """Whether ``long`` is ``short`` with a harmless prefix, or a harmless ending."""
    if len(short) < 2:
        return False
    if long.endswith(short) and _is_harmless_prefix(long[: -len(short)]):
        return True
    return long.startswith(short) and len(short) >= 3 and bool(_HARMLESS_SUFFIX.fullmatch(long[len(short) :]))


def _is_harmless_prefix(prefix: str) -> bool:
    """Whether a prefix is made of harmless pieces alone, by the positions that they can reach from its start."""
    if len(prefix) > _LONGEST_PREFIX:
        return False
    reached = {0}
    for start in range(len(prefix)):
        if start in reached:
            ends = range(start + 1, min(start + _LONGEST_PIECE, len(prefix)) + 1)
            reached |= {end for end in ends if _HARMLESS_PIECE.fullmatch(prefix, start, end)}
    return len(prefix) in reached


def _ending(name: str) -> str:
    """Return the word at the end that says what a thing is."""
    match = _LAST_WORD.search(name)
    return match[0] if match else ""
