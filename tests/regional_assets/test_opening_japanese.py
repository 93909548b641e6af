# ruff: noqa: E501 - real texts stay in one piece
"""The reader of Japanese hours, on texts as they stand in real files."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from regional_assets.opening import Opening, describe, hours_on, read_hours, understood

HOUR = 3600
THU, FRI, SAT, SUN = "2026-10-15", "2026-10-16", "2026-10-17", "2026-10-18"
HOLIDAY = "2026-11-03"  # a Tuesday, Culture Day
WINTER = "2027-01-13"  # a Wednesday
SUMMER = "2026-08-05"  # a Wednesday


def windows(opening: Opening, date: str) -> list[tuple[float, float]] | str:
    hours = hours_on(opening, datetime.date.fromisoformat(date))
    if hours.status != "open":
        return hours.status
    return [(window.open_s / HOUR, window.close_s / HOUR) for window in hours.windows]


NINE_TO_FIVE = [(9.0, 17.0)]

HOURS: list[tuple[str, dict[str, Any]]] = [
    ("9時00分～17時00分", {THU: NINE_TO_FIVE, SUN: NINE_TO_FIVE}),
    ("９：００～１７：００", {THU: NINE_TO_FIVE}),
    ("9:00-17:00", {THU: NINE_TO_FIVE}),
    ("9:00〜17:00", {THU: NINE_TO_FIVE}),
    ("9:00－17:00", {THU: NINE_TO_FIVE}),
    ("9:00―17:00", {THU: NINE_TO_FIVE}),
    ("9:00ー17:00", {THU: NINE_TO_FIVE}),
    ("10:00?17:00", {THU: [(10, 17)]}),
    ("午前9時～午後5時", {THU: NINE_TO_FIVE}),
    ("午前９時から午後５時まで", {THU: NINE_TO_FIVE}),
    ("AM10:00～PM6:00", {THU: [(10, 18)]}),
    ("9時半から17時", {THU: [(9.5, 17)]}),
    ("9～17時", {THU: NINE_TO_FIVE}),
    ("8時30分～正午", {THU: [(8.5, 12)]}),
    ("9時00～17時00（入館は16時30分まで）", {THU: NINE_TO_FIVE}),
    ("7:30～12:30ごろまで", {THU: [(7.5, 12.5)]}),
    ("11:00～14:00、17:00～21:00", {THU: [(11, 14), (17, 21)]}),
    ("11:30～14:3017:00～22:00（日曜・祝日は21：30まで）", {
        THU: [(11.5, 14.5), (17, 22)], SUN: [(11.5, 14.5), (17, 21.5)], HOLIDAY: [(11.5, 14.5), (17, 21.5)],
    }),
    ("平日10:00～18:00 土日祝9:00～19:00", {THU: [(10, 18)], SAT: [(9, 19)], HOLIDAY: [(9, 19)]}),
    ("平日8：30～17：00", {THU: [(8.5, 17)], SAT: "closed", HOLIDAY: "closed"}),
    ("平日9:00～12:00、17:00～21:00 日曜9:00～21:00", {THU: [(9, 12), (17, 21)], SUN: [(9, 21)], SAT: "closed"}),
    ("月曜日～土曜日：9：00～17：30日曜日：9：00～17：00", {SAT: [(9, 17.5)], SUN: NINE_TO_FIVE}),
    ("【月-土】11:00-翌3:00\n【日】11:00-23:00", {SAT: [(11, 27)], SUN: [(11, 23)]}),
    ("日、水、木曜日：11：00～14：00　17：00～22：00月、火曜日：11：00～14：00　18：00～22：00", {
        THU: [(11, 14), (17, 22)], HOLIDAY: [(11, 14), (18, 22)], FRI: "closed",
    }),
    ("月～土　9時00分～19時00分（1,2月は18時00分まで）日・祝　9時00分～18時00分", {
        THU: [(9, 19)], WINTER: [(9, 18)], SUN: [(9, 18)], HOLIDAY: [(9, 18)],
    }),
    ("10時～20時（1～3月の平日は10時00分～19時00分）", {
        THU: [(10, 20)], WINTER: [(10, 19)], "2027-01-16": [(10, 20)], "2027-01-11": [(10, 20)],
    }),
    ("11:30～15:00、17:00～19:30（平日）11:30～19:00（土曜日）11:30～17:00（祝日）", {
        THU: [(11.5, 15), (17, 19.5)], SAT: [(11.5, 19)], HOLIDAY: [(11.5, 17)], SUN: "closed",
    }),
    ("火～金　10：00～21：00　土・日・祝　10：00～21：00　月　　16：00～21：00", {
        THU: [(10, 21)], SUN: [(10, 21)], "2026-10-19": [(16, 21)],
    }),
    ("10:00～19:00（日祝～18:00）", {THU: [(10, 19)], SUN: [(10, 18)], HOLIDAY: [(10, 18)]}),
    ("4月～11月 9:00～17:00、12月～3月 9:00～16:00", {THU: NINE_TO_FIVE, WINTER: [(9, 16)]}),
    ("9時00分～16時00分（3～10月）9時00分～15時00分（11～2月）", {THU: [(9, 16)], WINTER: [(9, 15)]}),
    ("3月～11月：9時00分～17時00分12月～2月：9時00分～16時00分", {THU: NINE_TO_FIVE, WINTER: [(9, 16)]}),
    ("9:00～18:00（12～2月は17:00まで）", {THU: [(9, 18)], WINTER: NINE_TO_FIVE}),
    ("9：00 ～ 17：00（4月～10月は18：00）", {THU: [(9, 18)], WINTER: NINE_TO_FIVE}),
    ("9時00分～18時00分冬季(12月～2月)9時00分～17時00分", {THU: [(9, 18)], WINTER: NINE_TO_FIVE}),
    ("10:00～17:00（冬季10:00～16:00）", {THU: [(10, 17)], WINTER: [(10, 16)]}),
    ("9:00～17:00（冬季、時間変更有り）", {THU: NINE_TO_FIVE, WINTER: NINE_TO_FIVE}),
    ("9:00～17:00　（12/1～2月末日までは16:00まで）", {THU: NINE_TO_FIVE, WINTER: [(9, 16)], "2027-03-01": NINE_TO_FIVE}),
    ("夏期(7/1～8/31) 8:00～18:00 9月～6月 9:00～17:00", {SUMMER: [(8, 18)], THU: NINE_TO_FIVE}),
    ("9時00分～16時00分　4月～11月", {THU: [(9, 16)], WINTER: "closed"}),
    ("道の駅 瀬女9時00分～17時30分（11月下旬～3月中旬は17時00分まで）", {THU: [(9, 17.5)], WINTER: NINE_TO_FIVE}),
    ("7月中旬～8月31日の期間中9:00～18:30", {SUMMER: [(9, 18.5)], THU: "closed"}),
    ("10時00分～18時00分（12月～2月は10時00分～17時00分）※土、日、祭日のみ開館", {
        THU: "closed", SAT: [(10, 18)], "2027-01-16": [(10, 17)], HOLIDAY: [(10, 18)],
    }),
    ("6時～23時※日曜日のみ5時～23時※ 12月31日は21時閉店", {
        THU: [(6, 23)], SUN: [(5, 23)], "2026-12-31": [(6, 21)], "2028-12-31": [(5, 21)],
    }),
    ("6時00分～22時00分（第4水曜日は12時00分～22時00分の営業）", {"2026-10-28": [(12, 22)], "2026-10-21": [(6, 22)]}),
    ("3月～12月の第1、第3日曜日7:00～8:00", {SUN: [(7, 8)], "2026-10-25": "closed", THU: "closed"}),
    ("9:00～12:30、13:30～17:30", {THU: [(9, 12.5), (13.5, 17.5)]}),
    ("8：00～21：00（ただし10：00～11：00清掃）", {THU: [(8, 10), (11, 21)]}),
    ("24時間", {THU: [(0, 24)]}),
    ("終日", {THU: [(0, 24)]}),
    ("常時開放", {THU: [(0, 24)]}),
    ("見学自由", {THU: [(0, 24)]}),
    ("散策自由", {THU: [(0, 24)]}),
    ("境内拝観自由（内部拝観要予約）", {THU: [(0, 24)]}),
    ("4月1日から11月30日の期間中は常時開館。12月1日から3月31日の期間中は閉館（トイレも使用不可）", {
        THU: [(0, 24)], WINTER: "closed",
    }),
    ("18:00～25:00", {THU: [(18, 25)]}),
    ("18:00～翌2:00", {THU: [(18, 26)]}),
    ("19：30-27：00頃", {THU: [(19.5, 27)]}),
    ("9:00～17:00 月曜定休", {"2026-10-19": "closed", THU: NINE_TO_FIVE}),
    ("10:00~16:00 毎月15日休み", {THU: "closed", FRI: [(10, 16)]}),
    ("●開園時間\n　3／1～10／19　9：00～17：00\n　10／20～2／末 　9：00～16：30 \n●休園日　　毎週火曜日（火曜日が祝日の場合は翌日）、12/29～12/31", {
        THU: NINE_TO_FIVE, WINTER: [(9, 16.5)], HOLIDAY: [(9, 16.5)], "2026-11-04": "closed", "2026-12-30": "closed",
    }),
    ("＜観察舎開設期間＞　11月20日～5月5日の土日祝（年末年始を除く）＜時間＞　10時00分～16時00分", {
        "2026-11-21": [(10, 16)], "2026-11-20": "closed", "2027-01-01": "closed", THU: "closed",
    }),
    ("（通常営業）10時～17時※12月、1月、2月は冬季休業", {THU: [(10, 17)], WINTER: "closed", "2027-03-01": [(10, 17)]}),
    ("期間　4月下旬～11月下旬時間　10：00～16：00(土日祝は16：30）", {THU: [(10, 16)], SAT: [(10, 16.5)], WINTER: "closed"}),
    ("10:00～17:00\n（11月）10:00～16:00\n（7～8月の土日祝）10:00～18:00\n（2月：土日祝のみ営業）10:00～16:00", {
        THU: [(10, 17)], "2026-11-05": [(10, 16)], "2026-08-08": [(10, 18)], SUMMER: [(10, 17)],
    }),
    # What the place says of itself comes before its restaurant, and visiting before office hours.
    ("美術館 8時00分～17時00分（入館は16時30分まで）ショップ・カフェ 9時00分～19時00分", {THU: [(8, 17)]}),
    ("8:30～17:45≪見学可能時間帯≫9時00分～16時00分", {THU: [(9, 16)]}),
    ("9時00分～17時30分食事処は11時00分～15時00分　（冬季のみ火曜定休）売店は10時00分～16時00分", {
        THU: [(9, 17.5)], "2027-01-12": [(9, 17.5)],
    }),
    ("10時00分～17時00分（ラストオーダー16時00分）※工場見学は、月曜・火曜・木曜日の午前中のみ", {THU: [(10, 17)], FRI: [(10, 17)]}),
    ("開館時間9時30分～17時00分天体観測20時00分～（4月～10月）、19時00分～（11月～3月）", {THU: [(9.5, 17)], WINTER: [(9.5, 17)]}),
    ("9時00分～16時00分（参拝は通年、宝物殿拝観4月～10月まで）", {THU: [(9, 16)], WINTER: [(9, 16)]}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), HOURS, ids=[text[:30] for text, _ in HOURS])
def test_hours_read_from_text_are_those_meant(text: str, expected: dict[str, Any]) -> None:
    """Each text gives the windows a Japanese reader would expect on these dates, and keeps its wording."""
    opening = read_hours(text)
    assert {date: windows(opening, date) for date in expected} == expected
    assert opening.text == text


@pytest.mark.parametrize(
    ("text", "clock", "minutes"),
    [
        ("9：00～17：00（入館は16:30まで）", "16:30", None),
        ("8:30〜17:15（最終入館16:45）", "16:45", None),
        ("9時～17時※但し、入館は16時30分まで", "16:30", None),
        ("9時00分~17時00分(受付終了16時30分)", "16:30", None),
        ("11時40分～22時00分（最終21時30分受付）", "21:30", None),
        ("10:00~16:00 (L.O.15:30)", "15:30", None),
        ("11:30～14:00　17:00～22:00(21:30LO)", "21:30", None),
        ("11:30～14:30(14:00LO)17:00～22:00(21:30LO)", None, 30),
        ("9時00分～17時00分(12～3月は9時00分～16時30分)※入館は閉館の30分前まで", None, 30),
        ("入館は閉館30分前まで 9:00～17:00", None, 30),
        ("9時～16時30分 ※入村の最終受付時間は閉村の1時間前まで", None, 60),
        ("3月～11月　9:00~16:45　※最終入館者は16:00まで12月～2月　9:00～15:45　※最終入館者は15:00まで", None, 45),
        ("9:00～17:00（体験受付は15:30まで）", None, None),
    ],
)
def test_last_admission(text: str, clock: str | None, minutes: int | None) -> None:
    """Last admission is a time, or minutes before closing where the hours change; a workshop's is not the place's."""
    opening = read_hours(text)
    assert (opening.last_admission, opening.last_admission_minutes) == (clock, minutes)
    assert opening.osm is not None


@pytest.mark.parametrize(
    ("text", "check_in", "check_out"),
    [
        ("チェックイン15時00分　チェックアウト10時00分", "15:00", "10:00"),
        ("チェックイン 14時00分/アウト 11時00分", "14:00", "11:00"),
        ("Ｉn　15：00Ｏut　10：00", "15:00", "10:00"),
        ("チェックイン　15時00分～　チェックアウト　～10時00分\t\t\t", "15:00", "10:00"),
        ("【チェックイン】15時00分【チェックアウト】12時00分", "15:00", "12:00"),
    ],
)
def test_check_in_times_are_no_opening_hours(text: str, check_in: str, check_out: str) -> None:
    """Lodgings say when guests arrive and leave, not when the house is open to visitors."""
    opening = read_hours(text)
    assert (opening.osm, opening.check_in, opening.check_out) == (None, check_in, check_out)
    assert understood(opening)


CLOSINGS: list[tuple[str, list[str], list[str]]] = [
    ("月曜日（祝日の場合はその翌日）", ["2026-10-19", "2026-09-24"], ["2026-09-21", THU]),
    ("月曜休館（祝日の場合は翌平日）", ["2026-10-19", "2026-09-24", "2026-05-07"], ["2026-05-04"]),
    ("休館日／毎週月曜日（ただし、月曜日が祝日又は振替休日のときは公開し、翌日を休日とする）", ["2026-10-13"], ["2026-10-12"]),
    ("月曜日\n※祝日の場合は翌日", ["2026-10-19", "2026-10-13"], ["2026-10-12"]),
    ("定休日：水曜", ["2026-10-14"], [THU]),
    ("毎週水曜", ["2026-10-14"], [THU]),
    ("木曜日、12/29～1/3", [THU, "2026-12-29", "2027-01-03"], [FRI, "2027-01-04"]),
    ("第2・第4水曜休", ["2026-10-14", "2026-10-28"], ["2026-10-07", "2026-10-21"]),
    ("第1、3月曜日", ["2026-10-05", "2026-10-19"], ["2026-10-12"]),
    ("毎週第2火曜、12/29～1/3", ["2026-10-13", "2027-01-01"], ["2026-10-20"]),
    ("12月30日～1月2日", ["2026-12-30", "2027-01-02"], ["2026-12-29", "2027-01-03"]),
    ("年始（1月1～5日）", ["2027-01-05"], ["2027-01-06", "2026-12-31"]),
    ("不定休、年末年始（12/28～1/4）", ["2026-12-28", "2027-01-04"], ["2026-12-27"]),
    ("毎月15日", [THU], [FRI]),
    ("月末", ["2026-10-31", "2027-02-28"], ["2026-10-30"]),
    ("祝日の翌日", ["2026-11-04"], [HOLIDAY]),
    ("月曜、祝日の翌日", ["2026-10-19", "2026-11-04"], [HOLIDAY]),
    ("月曜日、祝日の場合は翌日", ["2026-10-19", "2026-10-13"], ["2026-10-12"]),
    ("土・日・祝日", [SAT, SUN, HOLIDAY], [THU]),
    ("平日、土曜", [THU, SAT], [SUN, HOLIDAY]),
    ("祝日以外の火曜日、12/29～1/1", ["2026-10-20", "2027-01-01"], [HOLIDAY]),
    ("1～2月／水曜日、\n1月1～3日", [WINTER, "2027-01-01"], ["2026-10-14", "2027-03-03"]),
    ("火曜（1～2月）・3～12月は無休", ["2027-01-12"], ["2026-10-20"]),
    ("火曜日\n※4～12月は無休", ["2027-01-12"], ["2026-10-20"]),
    ("水曜（3月中旬～11月下旬無休）、年末年始", [WINTER, "2027-01-01"], ["2026-10-14"]),
    ("GW～11月中旬　第１、３月曜日、11月中旬～GW　毎週月曜日", ["2026-10-05", "2027-01-25"], ["2026-10-12"]),
    ("●休館日\n　・月曜日（4～10月）\n　・月・火曜日（11～3月）\n　・国民の祝日の翌日\n　・12月29日～1月3日",
     ["2026-10-19", "2027-01-12", "2026-11-04", "2026-12-31"], ["2026-10-20"]),
    ("●休館日　年末年始、5月の第3日曜日、9/23、12/8～15", ["2027-05-16", "2026-09-23", "2026-12-15"], ["2026-10-18"]),
    ("［休館日］火曜（祝祭日の場合は翌平日）、年末年始（12月29日～1月3日）", ["2026-10-20", "2026-11-04", "2027-01-03"], [HOLIDAY]),
    ("毎週月曜日（祝日の場合は翌日）、12月29日～1月3日休館", ["2026-10-19", "2026-12-29"], ["2026-10-12"]),
    ("年中無休（年末年始除く）", ["2027-01-01"], [THU]),
    ("1月～3月火曜定休　12/31～1/4", ["2027-01-12", "2026-12-31"], ["2026-10-20", "2027-01-06"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "closed", "not_closed"), CLOSINGS, ids=[text[:30] for text, _, _ in CLOSINGS])
def test_closing_days_read_from_text_are_those_meant(text: str, closed: list[str], not_closed: list[str]) -> None:
    """Each list of closing days closes these dates and not those."""
    opening = read_hours("9:00～17:00", closed_text=text)
    assert {date: windows(opening, date) for date in closed} == dict.fromkeys(closed, "closed")
    assert {date: windows(opening, date) for date in not_closed} == dict.fromkeys(not_closed, NINE_TO_FIVE)


@pytest.mark.parametrize(
    ("text", "assumption"),
    [
        ("年末年始", "year_end"),
        ("年始", "new_year"),
        ("旧盆", "bon"),
        ("11月下旬～3月中旬／水曜日", "part_of_month"),
    ],
)
def test_vague_closing_days_are_filled_in_and_flagged(text: str, assumption: str) -> None:
    """年末年始 has no dates: they are assumed, and every date's hours say so."""
    opening = read_hours("9:00～17:00", closed_text=text)
    assert assumption in opening.assumed
    assert hours_on(opening, datetime.date(2026, 10, 15)).warnings


@pytest.mark.parametrize(
    "text", ["年中無休", "無休", "通年", "一年を通して見学できます", "9:00～17:00（年中無休）", "随時見学可"]
)
def test_no_closing_days_is_a_fact_of_its_own(text: str) -> None:
    """年中無休 says nothing about times, but it is something."""
    opening = read_hours(text)
    assert opening.no_closing_days
    assert not opening.closed
    assert understood(opening)


@pytest.mark.parametrize(
    "text",
    [
        "17:00～9:00",
        "15時00分～10時00分",
        "10:00～10:00",
        "25:00～26:00",
        "9:75～17:00",
        "18:00～31:00",
        "不定休",
        "要予約",
        "未定",
        "なし",
        "お問い合わせください。",
        "各施設により異なる",
        "※現在休館中です。",
        "予約は一週間前の9時～15時までにご連絡ください。",
        "夏休み中は毎日",
        "4月～ 9:00～17:00",
    ],
)
def test_contradictions_and_empty_words_give_no_hours(text: str) -> None:
    """A wrong reading is worse than none: no hours, not understood, the wording kept."""
    opening = read_hours(text)
    assert opening.osm is None
    assert not understood(opening)
    assert opening.text == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("9:00～17:00 不定休", "不定休"),
        ("6時00分～12時00分(毎月2・7のつく日)", "毎月2・7のつく日"),
        ("8時00分～17時00分※2023年3月31日までは9時00分～16時00分", "9時00分~16時00分"),
        ("10:00～17:00 ※見学可能期間のみ", "見学可能期間のみ"),
        ("10:00～18:00、11:00～16:00", "11:00~16:00"),
    ],
)
def test_what_is_not_understood_stays_in_unread(text: str, left: str) -> None:
    """A part that could change the hours and was not understood is told, and the text does not count as understood."""
    opening = read_hours(text)
    assert any(left in part for part in opening.unread)
    assert not understood(opening)


@pytest.mark.parametrize(
    ("closed_text", "left"),
    [
        ("毎週火曜日（祝日の場合は翌日）※春休み・夏休みは開館", "春休み・夏休み"),
        ("水曜日、木曜日、旧盆後1週間", "旧盆後1週間"),
        ("月曜・火曜・祝日\n※ただし、土曜・日曜が祝日の場合は開館", "土曜・日曜が祝日の場合は開館"),
        ("水曜日、\n1～8月／午前中", "午前中"),
        ("月曜日\n1,2月定休日あり", "1,2月"),
        ("2月は土日祝のみ営業", "土日祝のみ営業"),
    ],
)
def test_closing_days_that_no_rule_can_say_stay_in_unread(closed_text: str, left: str) -> None:
    """Exceptions beyond the closing rules are not turned into wrong rules."""
    opening = read_hours("9:00～17:00", closed_text=closed_text)
    assert any(left in part for part in opening.unread)


def test_start_and_end_columns_make_one_window() -> None:
    """開始時間 and 終了時間 of the standard table are a window; the open weekdays close the others."""
    opening = read_hours("水曜日が祝日の場合は翌日が休館日", weekdays_text="月火木金土日", start="9:00", end="16:30")
    assert opening.osm == "09:00-16:30"
    assert windows(opening, "2026-10-14") == "closed"
    assert windows(opening, "2026-09-24") == "closed"  # Wednesday the 23rd was a holiday
    assert windows(opening, "2026-09-23") == [(9, 16.5)]
    assert opening.text == "9:00\n16:30\n水曜日が祝日の場合は翌日が休館日\n月火木金土日"


def test_the_note_refines_start_and_end() -> None:
    """Seasons in the free text override the two columns."""
    opening = read_hours("4月～10月：午前10時～午後9時、11月～3月：午前10時～午後8時", start="10:00", end="21:00")
    assert windows(opening, THU) == [(10, 21)]
    assert windows(opening, WINTER) == [(10, 20)]


def test_a_whole_text_in_the_start_column_is_read() -> None:
    """Ishikawa writes the complete hours into 開始時間."""
    assert read_hours("", start="9時00分～17時00分").osm == "09:00-17:00"
    assert read_hours("", start="17:00", end="9:00").osm is None


def test_weekdays_that_make_no_sense_are_kept() -> None:
    """利用可能曜日 with anything but weekdays is not understood."""
    assert read_hours("9:00～17:00", weekdays_text="要確認").unread == ("要確認",)
    assert read_hours("9:00～17:00", weekdays_text="月火水木金土日").closed == ()


@pytest.mark.parametrize(
    ("text", "season"),
    [
        ("開花時期　6月～9月", ("06-01", "09-30")),
        ("5月上旬から中旬頃に開花", ("05-01", "05-20")),
        ("見ごろ：7月下旬～8月上旬", ("07-21", "08-10")),
    ],
)
def test_flowering_weeks_are_not_hours(text: str, season: tuple[str, str]) -> None:
    """When something blooms is worth knowing, but closes nothing."""
    opening = read_hours(text)
    assert opening.best_season == (season,)
    assert opening.osm is None
    assert not opening.closed


def test_a_season_without_hours_closes_the_rest_of_the_year() -> None:
    """7月中旬～8月中旬: closed in autumn, and unknown, not open, in season."""
    beach = read_hours("7月中旬～8月中旬")
    assert windows(beach, THU) == "closed"
    assert windows(beach, SUMMER) == "unknown"
    assert "part_of_month" in beach.assumed


def test_the_first_facility_named_is_flagged() -> None:
    """Where several halls have their own hours, the first one's stand for the place, and that is said."""
    station = read_hours("物産館9：00～18:00、ゆーゆー館10：00～22：00")
    assert windows(station, THU) == [(9, 18)]
    assert "first_facility" in station.assumed
    assert any("ゆーゆー館" in note for note in station.notes)


@pytest.mark.parametrize(
    ("text", "closed_text", "ja", "en"),
    [
        (
            "9:00～17:00（入館は16:30まで）",
            "月曜休館（祝日の場合は翌平日）、12/29～1/3",
            "9:00〜17:00。最終入館16:30。月曜休み（祝日の場合は翌平日）。12月29日〜1月3日休み",
            "09:00–17:00; last admission 16:30; closed on Mondays (if a public holiday, the next weekday instead); "
            "closed 29 Dec to 3 Jan every year",
        ),
        (
            "平日10:00～18:00 土日祝9:00～19:00",
            None,
            "月〜金：10:00〜18:00、土・日・祝：9:00〜19:00",
            "Mon–Fri 10:00–18:00; Sat, Sun, holidays 09:00–19:00",
        ),
        ("24時間", None, "24時間", "open 24 hours"),
        (
            "チェックイン15時チェックアウト10時",
            None,
            "チェックイン15:00。チェックアウト10:00",
            "check-in 15:00; check-out 10:00",
        ),
        ("お問い合わせください", None, "お問い合わせください", "お問い合わせください"),
        ("", None, "営業時間不明", "hours unknown"),
    ],
)
def test_describe_says_hours_in_one_line(text: str, closed_text: str | None, ja: str, en: str) -> None:
    """Hours and closing days read naturally in both languages."""
    opening = read_hours(text, closed_text=closed_text)
    assert describe(opening, "ja") == ja
    assert describe(opening, "en") == en


@pytest.mark.parametrize("sign", ["1", "(", "、", "水曜定休(祝日の場合は翌日)", "9:00〜"])
def test_endless_texts_are_kept_unread(sign: str) -> None:
    """The time to read a text grows with the square of its length: one that nobody would write is kept as it is."""
    text = sign * (100_000 // len(sign))
    opening = read_hours(text, closed_text="月曜")
    assert opening.osm is None
    assert opening.unread == (text, "月曜")
    assert opening.text == f"{text}\n月曜"
