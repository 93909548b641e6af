"""What the reader of hours assumes where a text is vague, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regional_assets.text import Text

if TYPE_CHECKING:
    from regional_assets.opening.model import Assumption

ASSUMPTIONS: dict[Assumption, Text] = {
    "year_end": Text("「年末年始」を12月29日〜1月3日と仮定", "year-end holidays taken as 29 December to 3 January"),
    "new_year": Text("「年始」を1月1日〜3日と仮定", "new-year holidays taken as 1 to 3 January"),
    "bon": Text("「お盆」を8月13日〜16日と仮定", "Bon holidays taken as 13 to 16 August"),
    "golden_week": Text("「GW」を4月29日〜5月5日と仮定", "Golden Week taken as 29 April to 5 May"),
    "winter": Text("「冬季」を12月〜3月と仮定", "winter taken as December to March"),
    "summer": Text("「夏季」を7月〜8月と仮定", "summer taken as July and August"),
    "part_of_month": Text(
        "上旬・中旬・下旬を1〜10日・11〜20日・21日〜月末と仮定",
        "early, mid and late in a month taken as days 1-10, 11-20 and 21 to the end",
    ),
    "every_year": Text("特定の年の期間を毎年同じと仮定", "a period stated for one year taken as the same every year"),
    "holiday_as_sunday": Text("祝日は日曜と同じ時間と仮定", "public holidays taken to have Sunday hours"),
    "about": Text("「頃」の付いた時刻・日付をそのまま使用", "approximate times and dates taken as exact"),
    "until_sunset": Text("日の出・日没はその日の計算値を使用", "sunrise and sunset are computed for the date"),
    "first_facility": Text("最初に書かれた施設の時間を使用", "hours of the first facility named are used"),
}
