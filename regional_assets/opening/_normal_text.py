"""One spelling for Japanese hours: widths, tildes, dashes, brackets, stray mark-up."""

from __future__ import annotations

import html
import re
import unicodedata

_TAGS = re.compile(r"</?[A-Za-z][^<>]*>")
_TILDES = str.maketrans(dict.fromkeys("〜∼˜⁓～", "~") | dict.fromkeys("‐‑–—―−", "-"))
_HEADINGS = str.maketrans("[<≪《〈]>≫》〉", "【【【【【】】】】】")
_DASH_RANGE = re.compile(r"(?<=[\d時分半旬月日年土没出])\s*[-ー]+\s*(?=[\d翌午正日土])")
# A tilde that was lost in a conversion: 10:00?17:00.
_LOST_TILDE = re.compile(r"(?<=:\d\d)\?(?=\d{1,2}:\d\d)")
_SPACED_WORDS = [
    (re.compile(rf"{a}\s+{b}"), a + b)
    for a, b in (("平", "日"), ("温", "泉"), ("受", "付"), ("土", "日"), ("祝", "日"))
]
_SPACED_POOL = re.compile(r"プ\s*ー\s*ル")


def normal_text(text: str) -> str:
    """
    Return ``text`` in one spelling.

    NFKC widths; ``~`` for every tilde and for dashes between times, dates and weekdays; 【】 for every kind of heading
    bracket; runs of blanks as one blank; newlines kept; HTML tags dropped.
    """
    plain = _TAGS.sub("", html.unescape(text)).translate(_TILDES)
    plain = unicodedata.normalize("NFKC", plain).translate(_TILDES).translate(_HEADINGS)
    plain = _LOST_TILDE.sub("~", _DASH_RANGE.sub("~", plain))
    plain = re.sub(r"\?(?=\d{1,2}:\d\d)", " ", plain)
    # 1. 2. before hours are numbers of a list.
    plain = re.sub(r"(?<![\d:/.])\d\.(?=\s|\d{1,2}[:時])", " ", plain)
    plain = re.sub(r"[^\S\n]+", " ", plain)
    for pattern, word in _SPACED_WORDS:
        plain = pattern.sub(word, plain)
    return re.sub(r"\s*\n\s*", "\n", _SPACED_POOL.sub("プール", plain)).strip()
