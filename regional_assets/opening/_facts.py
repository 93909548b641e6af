"""What is gathered from a text of hours before it is put together."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regional_assets.opening._dates import Season
    from regional_assets.opening._days import Days
    from regional_assets.opening._times import Moment, Span
    from regional_assets.opening.model import Assumption, ClosingRule


class Rank(IntEnum):
    """Say how well a label stands for the place as visitors see it; lower is better."""

    VISIT = 0
    WHOLE = 1
    NAMED = 2
    DESK = 3
    INSIDE = 4
    NEVER = 5


_VISIT = re.compile(r"見学|拝観|参拝|観覧|参観|展示|境内")
_WHOLE = re.compile(
    r"^(?:開館|開園|開場|開村|営業|利用|活動|公開|入館|入園|入場|オープン|通常|一般|時間|期間|可能|帯|上下線|施設|店舗|当面の間|原則|時|"
    r"通年|の|は|が|・|営業中|本日|現在|グリーンシーズン|館内|業務|開設|です|ます|【|】| )+$"
)
_DESK = re.compile(r"受付|チェックイン|事務|窓口|案内所?|授与|祈願|貸出|センター内|予約|対応|ガイド|問い?合わ?せ|宿泊")
_INSIDE = re.compile(
    r"レストラン|カフェ|喫茶|ショップ|売店|食事|食堂|そば|蕎麦|バーベキュー|BBQ|プール|体験|プラネタリウム|ライトアップ|点灯|ランチ|"
    r"ディナー|昼食|夕食|モーニング|ビュッフェ|フルーツ|トイレ|駐車場|ジム|図書室|会議|ホール|研修|ナイター|清掃|休憩|"
    r"お祓い|投影|天体|CAFE|Cafe|ジェラート|ベーカリー|喫煙|足湯|工房|直売|テイクアウト|物販|コース|開催日|フードコート|ドッグラン|ゴンドラ|リフト"
)


_BATH = re.compile(r"入浴|温泉|日帰り|公衆浴場|風呂")
_NEVER = re.compile(r"予約[はの受先]|^予約$|連絡|申し?込|集合|問い?合わ?せ|所要")


def rank_of(label: str) -> Rank:
    """Return how well a label stands for the place; the empty label is the place itself."""
    label = label.strip()
    if not label or _WHOLE.match(label):
        return Rank.WHOLE
    if _NEVER.search(label):
        return Rank.NEVER
    if _BATH.match(label):
        return Rank.NAMED
    if _INSIDE.search(label):
        return Rank.INSIDE
    if _DESK.search(label):
        return Rank.DESK
    return Rank.VISIT if _VISIT.search(label) else Rank.NAMED


@dataclass
class Entry:
    """
    Hold hours under one condition.

    Parameters
    ----------
    label
        Facility they are said of; empty for the place itself.
    spans
        Windows of the day; ``None`` where only the days or the season are said.
    season, days
        When they hold; ``None`` for always.
    admissions
        Last admissions, each with the span it was said of.
    raw
        Wording.
    """

    label: str
    spans: list[Span] | None
    season: Season | None = None
    days: Days | None = None
    admissions: list[tuple[Span, Moment]] = field(default_factory=list)
    raw: str = ""

    @property
    def rank(self) -> Rank:
        """Return how well its label stands for the place."""
        return rank_of(self.label)


@dataclass
class Facts:
    """Gather what one or more texts say."""

    entries: list[Entry] = field(default_factory=list)
    closed: list[tuple[str, ClosingRule]] = field(default_factory=list)
    minutes_before: int | None = None
    check_in: int | None = None
    check_out: int | None = None
    best_season: list[tuple[str, str]] = field(default_factory=list)
    is_all_day: bool = False
    no_closing_days: bool = False
    notes: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    assumed: set[Assumption] = field(default_factory=set)


_ESSENTIAL = re.compile(
    r"\d+\s*(?:時|:|月|日(?!本|帰))|[月火水木金土日]曜|平日|祝日|土日|休(?!憩|暇|止のため)|閉館|閉園|閉鎖|閉店|のみ|だけ|限定|冬|夏|春|秋|積雪(?!.*ため)|毎月|毎週|のつく日|"
    r"中止|変則|隔週|年末|年始|盆|シーズン|異な|により|不定"
)
_MAY_CHANGE = re.compile(
    r"変更|場合|ください|下さい|ご確認|確認|お問|問い?合わ?せ|詳細|予約|要相談|目安|状況|天候|ホームページ|HP|団体|前後|都合|次第|なくなり|"
    r"売り?切れ|電話|臨時|異な|変動|短縮|延長|開花|見頃|見ごろ|ご覧|原則|お越し|こちら|当面|コロナ"
)


_BLOOM = re.compile(
    r"開花|見頃|見ごろ|花期|咲|ミズバショウ|バラ|コスモス|ひまわり|クローバー|桜|ツツジ|シャクナゲ|ボタン"
)


def is_about_flowers(words: str) -> bool:
    """Return whether a label speaks of when something blooms, not of when the place is open."""
    return bool(_BLOOM.search(words))


def is_remark(words: str) -> bool:
    """
    Return whether words can be passed on as a remark without changing the hours.

    They can when they name no time, date, weekday, season, closing or restriction, or when they only say that hours
    may change, differ between shops, or should be asked for.
    """
    if re.search(r"\d円|\d(?:日|週間|か月|ヶ月|年)前|オープン予定", words):
        return not re.search(r"曜|のみ|だけ|限定|平日|土日", words)
    if _MAY_CHANGE.search(words):
        return not re.search(r"\d+\s*(?:時|:)|[月火水木金土日]曜|のみ|だけ|限定", words)
    return not _ESSENTIAL.search(words)
