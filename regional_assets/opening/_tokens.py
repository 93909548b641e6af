"""Tokens of Japanese hours: windows, times, seasons, weekdays, closing words, and the words between them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from regional_assets.opening._dates import SEASON, Season, read_season
from regional_assets.opening._days import NTH, WEEKDAY_LIST, Days, is_weekday_list, read_nth, read_weekdays
from regional_assets.opening._times import TIME, WINDOW, Moment, read_time, read_window

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind = Literal[
    "window", "time", "season", "season_word", "weekdays", "nth", "month_day",
    "shift", "admission", "before_closing", "last_order", "check_in", "check_out",
    "irregular", "closing", "no_closing", "except", "year_end", "all_day", "any_time",
    "open", "shut", "heading", "heading_end", "mark", "comma", "slash", "newline", "word",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """
    Hold one piece of a text.

    Parameters
    ----------
    kind
        What it is.
    raw
        Its wording.
    value
        What was read from it; its type depends on ``kind``.
    """

    kind: Kind
    raw: str
    value: Any = None


_PUBLIC_HOLIDAY = (
    r"(?:国民の祝日|祝祭日|祝・?休日|祝日|祭日|休日)(?:(?:または|又は|及び|や|・|,|、)(?:振替)?(?:休日|祝日))*"
)
_SHIFT = re.compile(
    r"(?:ただし、?|但し、?)?(?:(?P<who>(?:[月火水木金土日](?:曜日?)?[・、,]?)+|当日|その日|休館日|定休日|指定日)が)?"
    rf"{_PUBLIC_HOLIDAY}(?:の(?:場合|時|とき|際)|に(?:当|あ)たる(?:場合|時|とき)|と重なる(?:場合|時|とき))(?:に?は)?、?"
    r"(?:(?:開館|営業|開園|公開)し、?)?"
    r"(?P<what>(?:その)?(?:翌平日|翌日以降の平日|(?:次|直後)の平日|翌営業日|翌々日|翌日)|開館|営業|開園|公開|開場)"
    r"(?:が|に|を|は|へ)?(?:振り?替え?)?(?:休館日?|休み|休業日?|休園日?|定休日?|休日|休)?(?:とする|となります|となる|します)?"
    rf"|{_PUBLIC_HOLIDAY}(?P<apart>を除く|は除く|は(?:開館|営業|開園)(?:して(?:おり|い)ます|します)?)"
)
_APART_BEFORE = re.compile(rf"{_PUBLIC_HOLIDAY}(?:以外の|を除く)(?=[月火水木金土日])")
_DAY_AFTER_HOLIDAY = re.compile(rf"{_PUBLIC_HOLIDAY}の翌日")
_ENTRY_WORD = r"(?:入館受付|有料観覧受付|入場受付|入館|入場|入園|入室|入亭|入村|入店|受付|入浴受付|来館|来場|予約受付)"
_ADMISSION = re.compile(
    rf"(?:最終)?(?:ご)?{_ENTRY_WORD}(?:者|時間|時刻|終了|締切|可能|の締切)*(?:は|が|、|/|:|の| )*(?=\s*[\d午翌])"
)
_BEFORE_CLOSING = re.compile(
    rf"(?:(?:最終)?{_ENTRY_WORD}(?:受付)?(?:時間)?(?:は|の|、)*)?"
    r"(?:閉館|閉園|閉村|閉場|閉店|終了|営業終了)?(?:時間|時刻)?の?\s*(?P<n>\d{1,3})\s*(?P<unit>分|時間)前"
    rf"(?:まで|に)?(?:です|{_ENTRY_WORD}終了|終了|お願い(?:いた)?します)?"
)
_LAST_ORDER = re.compile(r"(?:L\.?\s?O\.?|ラストオーダー|オーダーストップ)(?:は|:| )*")
_CHECK_IN = re.compile(
    rf"(?:チェック\s?イン|(?<![A-Za-zァ-ヶー])(?:IN|In|in|イン))\s*[:/】]?\s*(?P<t>{TIME})(?:\s*(?:~|から)\s*(?:{TIME})?(?:まで)?)?"
)
_CHECK_OUT = re.compile(
    rf"(?:チェック\s?アウト|(?<![A-Za-zァ-ヶー])(?:OUT|Out|out|アウト))\s*[:/】]?\s*~?\s*(?P<t>{TIME})(?:まで)?"
)
_NO_CLOSING = re.compile(
    r"年中無休|無休|(?:休館日|定休日|休業日|休み)(?:は|:|\s)*なし|通年|[1一]年中|[1一]年を通して|年間"
)
_CLOSING = re.compile(
    r"冬[季期]休業(?:期間)?|休館日|定休日|休業日|休園日|休場日|休店日|閉館日|閉園日|休館|定休|休業|休園|休場|休亭|お休み|休み|"
    r"閉館(?!の|時|後|ま|し|は)|閉園(?!の|時|後|ま|し|は)|休日(?=[\s:/・]*[月火水木金土日年第毎\d])(?![\s:]*\d{1,2}[:時])|(?<=[曜\d日始])休(?![憩校日止館業園])"
)
_YEAR_END = re.compile(r"年末年始|年始|年末|(?:旧|お)?盆(?:期間)?")
_ALL_DAY = re.compile(
    r"(?:毎日)?24時間(?:営業|開放|受付|利用可|利用可能|年中無休)?|終日(?:開放|営業|利用可能?)?|常時(?:開放|公開|開館|見学可?|利用可能?)|"
    r"(?:境内)?(?:見学|散策|参拝|拝観|出入り?|入場|観覧|境内)自由"
)
_SEASON_WORD = re.compile(r"(?P<winter>冬[季期](?:間)?)|(?P<summer>夏[季期](?:間)?)(?!休)")
_MONTH_DAY = re.compile(r"毎月\s*(?P<days>\d{1,2}(?:[・、,]\d{1,2})*)\s*日|(?P<last>(?:毎)?月末日?)")

_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("word", re.compile(rf"{TIME}\s*以降\s*\d+円")),
    ("word", re.compile(r"[春夏秋冬]休み(?:期間中?|中)?")),
    ("check_in", _CHECK_IN),
    ("check_out", _CHECK_OUT),
    ("shift", _SHIFT),
    ("except", _APART_BEFORE),
    ("nth", _DAY_AFTER_HOLIDAY),
    ("before_closing", _BEFORE_CLOSING),
    ("all_day", _ALL_DAY),
    ("window", re.compile(WINDOW)),
    ("month_day", _MONTH_DAY),
    ("season", SEASON),
    (
        "time",
        re.compile(
            rf"(?P<to>~\s*)?{TIME}(?:頃|ごろ)?(?:\s*(?P<until>まで|迄|閉店|閉館|終了)|\s*(?P<since>~|から|より))?"
        ),
    ),
    ("admission", _ADMISSION),
    ("last_order", _LAST_ORDER),
    ("nth", NTH),
    ("irregular", re.compile(r"(?:月\d回)?不定休|(?:棚卸(?:し)?(?:等|など)の)?臨時休[業館園](?:日)?(?:有り?|あり)?")),
    ("no_closing", _NO_CLOSING),
    ("closing", _CLOSING),
    ("year_end", _YEAR_END),
    ("any_time", re.compile(r"随時(?:見学可?|受付)?")),
    ("weekdays", WEEKDAY_LIST),
    ("season_word", _SEASON_WORD),
    ("except", re.compile(r"(?:を|は)?除(?:く|き|いて)")),
    ("open", re.compile(r"\(")),
    ("shut", re.compile(r"\)")),
    ("heading", re.compile(r"【")),
    ("heading_end", re.compile(r"】")),
    ("mark", re.compile(r"[※。●■○◎◆★□〇◇*]+|--+")),
    ("comma", re.compile(r"[、,・;と]")),
    ("slash", re.compile(r"[/:：]")),
    ("newline", re.compile(r"\n")),
)


def tokenise(text: str) -> list[Token]:
    """Return the tokens of a normal text; joined, their ``raw`` gives the text without lone blanks."""
    tokens: list[Token] = []
    words_from = position = 0
    while position < len(text):
        token = _token_at(text, position)
        if token is None:
            position += 1
            continue
        _add_words(tokens, text[words_from:position])
        tokens.append(token)
        position = words_from = position + len(token.raw)
    _add_words(tokens, text[words_from:])
    return _join_names(tokens)


def _join_names(tokens: list[Token]) -> list[Token]:
    """Join names in a row: ジム・アリーナ is one label."""
    joined: list[Token] = []
    for token in tokens:
        is_name = len(joined) > 1 and token.kind == joined[-2].kind == "word" and joined[-1].kind == "comma"
        if is_name and (joined[-1].raw in "・･" or len(joined[-2].raw) <= 8 >= len(token.raw)):
            comma, first = joined.pop(), joined.pop()
            joined.append(Token("word", first.raw + comma.raw + token.raw))
        else:
            joined.append(token)
    return joined


def _add_words(tokens: list[Token], raw: str) -> None:
    if raw.strip():
        tokens.append(Token("word", raw.strip()))


def _token_at(text: str, position: int) -> Token | None:
    for kind, pattern in _PATTERNS:
        match = pattern.match(text, position)
        if match is None or not match[0]:
            continue
        if kind == "weekdays" and not is_weekday_list(text, match):
            continue
        if kind == "comma" and match[0] == "と":
            continue
        return Token(kind, match[0], _value(kind, match))
    return None


def _value(kind: Kind, match: re.Match[str]) -> Any:
    if kind == "window":
        return read_window(match)
    if kind == "time":
        return read_time(match), "until" if match["until"] or match["to"] else "since" if match["since"] else ""
    if kind in ("check_in", "check_out"):
        return _inner_time(match["t"])
    if kind == "season":
        return read_season(match[0])
    if kind == "season_word":
        word: Literal["winter", "summer"] = "winter" if match["winter"] else "summer"
        spans = (("12-01", "03-31"),) if word == "winter" else (("07-01", "08-31"),)
        return Season(spans, frozenset({word}))
    if kind == "weekdays":
        return read_weekdays(match[0])
    if kind == "nth":
        return read_nth(match[0])
    if kind == "month_day":
        return (-1,) if match["last"] else tuple(int(day) for day in re.findall(r"\d+", match["days"]))
    if kind == "before_closing":
        return int(match["n"]) * (60 if match["unit"] == "時間" else 1)
    if kind == "shift":
        return _shift_value(match)
    return None


def _inner_time(raw: str) -> Moment:
    match = re.match(TIME, raw)
    assert match is not None
    return read_time(match)


def _shift_value(match: re.Match[str]) -> tuple[str, Days | None]:
    """Return what happens on a holiday and which weekdays it is said of."""
    who = match["who"]
    about = read_weekdays(who) if who and who[0] in "月火水木金土日" and who != "その日" else None
    what = match["what"] or ""
    if "平日" in what or "営業日" in what:
        return "next_weekday", about
    if "翌々" in what:
        return "unreadable", about
    return ("next_day" if "翌日" in what else "open"), about


def bracketed(tokens: Sequence[Token], position: int) -> list[Token]:
    """Return the tokens from ``position`` up to the bracket that closes the one just opened before it."""
    inside: list[Token] = []
    depth = 0
    for token in tokens[position:]:
        if token.kind == "shut" and depth == 0:
            break
        depth += {"open": 1, "shut": -1}.get(token.kind, 0)
        inside.append(token)
    return inside
