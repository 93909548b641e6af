"""Prices out of Japanese text: the right amount for the right person, or none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_assets.prices import price_known, price_understood, read_price, states_no_price

FROM = {"starting_from": True}

CASES: list[tuple[str, dict[str, Any]]] = [
    # plain
    ("無料", {"adult": 0}),
    ("入場無料", {"adult": 0}),
    ("入館料無料", {"adult": 0}),
    ("見学は無料", {"adult": 0}),
    ("拝観自由", {"adult": 0}),
    ("外観のみ見学自由", {"adult": 0}),
    ("≪見学≫　無料", {"adult": 0}),
    ("0", {"adult": 0}),
    ("1000", {"adult": 1000}),
    ("1,300", {"adult": 1300}),
    ("１，５００円", {"adult": 1500}),
    ("￥1,000", {"adult": 1000}),
    ("\\500", {"adult": 500}),
    ("2万円", {"adult": 20000}),
    ("入山料　200円", {"adult": 200}),
    ("3,000円程度", {"adult": 3000}),
    ("大人1人 1,100円(税込)", {"adult": 1100}),
    # rate classes
    ("大人210円、小人100円", {"adult": 210, "child": 100}),
    ("大人２１０、小人１００", {"adult": 210, "child": 100}),
    ("おとな300円、こども150円", {"adult": 300, "child": 150}),
    ("大　人　600円　小　人　300円", {"adult": 600, "child": 300}),
    ("一般 500円 高校生300円 中学生以下無料", {"adult": 500, "student": 300, "child": 0}),
    ("一般310円、65歳以上210円、高校生以下無料", {"adult": 310, "senior": 210, "child": 0}),
    ("大人460円　中学生300円　小学生130円　幼児50円", {"adult": 460, "student": 300, "child": 130, "infant": 50}),
    ("大人（中学生以上）1,500円小学生700円3歳以上300円", {"adult": 1500, "child": 700, "infant": 300}),
    ("一般750円、小・中・高生500円", {"adult": 750, "child": 500}),
    ("大人…460円小学生…130円", {"adult": 460, "child": 130}),
    ("高校生以上200円、中学生以下100円", {"adult": 200, "child": 100}),
    ("小、中学生 300円高校生　 400円大人　 500円", {"adult": 500, "student": 400, "child": 300}),
    ("500円（小中学生200円）（景観整備協力金）", {"adult": 500, "child": 200}),
    ("6歳未満及び65歳以上無料、大人320円", {"adult": 320, "senior": 0, "infant": 0}),
    ("大人12歳以上500円中人6歳以上12歳未満200円3歳未満無料", {"adult": 500, "child": 200, "infant": 0}),
    ("1人につき100円/2時間（高校生以下）、150円/2時間（一般）", {"adult": 150, "child": 100}),
    ("非会員\n2,500円\n会員\n2,000円", {"adult": 2500}),
    # not the price of an adult: groups, disabled visitors, discounts, books of tickets, parking
    ("大人300円、小人150円（30人以上団体割引）", {"adult": 300, "child": 150}),
    ("一般560円／団体(20名以上)460円／満75歳以上280円", {"adult": 560, "senior": 280}),
    ("大人　個人200円、団体（20人以上）160円", {"adult": 200}),
    ("一般300円（20人以上の団体は一人250円）、高校生以下無料", {"adult": 300, "child": 0}),
    ("一般 800（700）円以内、大学生350（300）円", {"adult": 800, "student": 350}),
    ("大人　300円、高校生以下　150円団体(20名以上)　大人　250円、高校生以下　100円", {"adult": 300, "child": 150}),
    ("入館料 大人520円 障がい者割引 大人310円　小人110円", {"adult": 520}),
    ("65歳以上・障がい者手帳をお持ちの方100円、一般200円", {"adult": 200, "senior": 100}),
    ("≪見学≫大人300円小中高生200円団体20名以上50円引", {"adult": 300, "child": 200}),
    ("一般5,800円\n当日券500円高", {"adult": 5800}),
    ("大人　550円回数券（12枚綴）大人 5,500円小人 2,400円", {"adult": 550}),
    ("【入館料】大人320円【年間パスポート】大人2,610円", {"adult": 320}),
    ("大人200円　駐車料：普通車880円", {"adult": 200}),
    # residents
    ("市内の方520円、市外の方830円。", {"adult": 830, "resident": 520}),
    ("炉1基につき、市内の方520円、市外の方830円。", {"adult": 830, "resident": 520, "unit": "group"}),
    ("県民 300円 県外 500円", {"adult": 500, "resident": 300}),
    ("入浴料：300円　町外:400円", {"adult": 400, "resident": 300}),
    # the lowest of several
    ("平日14,850円～", {"adult": 14850} | FROM),
    ("300～500円", {"adult": 300} | FROM),
    ("1泊2食付 12,000円〜25,000円", {"adult": 12000} | FROM),
    ("¥12000～¥50000（サービス料込）", {"adult": 12000} | FROM),
    ("体験料金1,300円より", {"adult": 1300} | FROM),
    ("無料（一部有料施設あり）", {"adult": 0} | FROM),
    ("≪見学≫無料≪体験≫2,000円", {"adult": 0} | FROM),
    ("風呂:大人580円、小人230円　プール:大人710円、小人300円", {"adult": 580, "child": 230} | FROM),
    # what one price buys
    ("1人1室　6,600円～", {"adult": 6600, "unit": "room"} | FROM),
    ("シングル 6,800円～ 、ツイン 11,200円～", {"adult": 6800, "unit": "room"} | FROM),
    ("2名様一室 お一人様 29,850円より", {"adult": 29850} | FROM),
    ("素泊り 4,000円", {"adult": 4000}),
    ("普通車／1,700円、軽自動車／1,400円", {"adult": 1400, "unit": "vehicle"} | FROM),
    ("１グループにつき、１，０００円", {"adult": 1000, "unit": "group"}),
    # spelling
    ("和室：15.550円～", {"adult": 15550, "unit": "room"} | FROM),
    ("<font color='red'>大人</font>500円<br />小人250円", {"adult": 500, "child": 250}),
    ("入場無料（利用可能クレジットカード：VISA、JCB）", {"adult": 0}),
]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_text_gives_the_price(text: str, expected: dict[str, Any]) -> None:
    """Exactly the stated rate classes are filled; all others stay unknown; the wording is kept."""
    price, unread = read_price(text)
    found = price.model_dump(exclude_defaults=True)
    assert found.pop("text") == text.strip()
    assert found == expected
    assert price_understood(price, unread)


@pytest.mark.parametrize(
    "text",
    [
        "要問合せ",
        "各施設により異なります。",
        "クレジットカード不可",
        "公式サイトをご覧ください。",
        "変動制（ベストフレキシブルレート）",
    ],
)
def test_text_that_states_no_price_is_understood_as_unknown(text: str) -> None:
    """No amount is made up; the wording is handed back."""
    price, unread = read_price(text)
    assert not price_known(price)
    assert unread == (text,)
    assert states_no_price(text)
    assert price_understood(price, unread)


@pytest.mark.parametrize(
    "text",
    [
        "10室（6畳）",
        "なし",  # no fee, or no information
        "駐車料：普通車880円",
        "施設により異なる。※毎月7日は個人利用に限り無料となります。",
        "10～15,000円",  # 10, or 10,000
        "1,1000円",
        "#N/A",
    ],
)
def test_doubtful_text_gives_no_price(text: str) -> None:
    """A wrong price is worse than none."""
    price, unread = read_price(text)
    assert price.adult is None
    assert unread
    assert not price_understood(price, unread) or states_no_price(text)


def test_rates_for_residents_alone_leave_the_adult_price_unknown() -> None:
    """Twice the price for people from elsewhere is told, not computed."""
    price, unread = read_price("一般1回410円、高校生以下200円　※市外の方は2倍の料金です。")
    assert price.adult is None
    assert price.resident == 410
    assert unread


def test_nothing_is_an_unknown_price() -> None:
    """Empty cells give an empty price and nothing unread."""
    assert read_price(None, "  ") == (read_price("")[0], ())


def test_number_is_explained_by_the_detail() -> None:
    """A bare number in the first column picks its own entry out of the price list in the second."""
    detail = "・博物館：大人900円、小中学生250円\n・庭園：大人500円、小中学生200円\n・共通券：大人1,200円"
    price, unread = read_price("900", detail)
    assert (price.adult, price.child) == (900, 250)
    assert price.text == "900\n" + detail
    assert any("庭園" in part for part in unread)


def test_columns_that_contradict_each_other_give_no_price() -> None:
    """500 in one column and 510 in the other: both are shown, neither is taken."""
    price, unread = read_price("500", "高校生以上510円、小中学生250円。")
    assert not price_known(price)
    assert unread == ("500", "高校生以上510円、小中学生250円。")


def test_an_inn_is_priced_by_the_night() -> None:
    """Where a text gives a bath by day and a night, the caller says which is wanted."""
    text = "●1泊2食付 9,800円 ～ ●日帰り入浴　大人 550円 　小人 250円"
    assert read_price(text, lodging=True)[0].adult == 9800
    assert read_price(text)[0].adult == 550


def test_replaced_prices_are_left_out() -> None:
    """Of two price lists with dates, the one that ended is not used."""
    text = "【令和5年5月7日まで】拝観料：大人1,000円【令和5年5月8日より改定】拝観料：大人1,200円"
    assert read_price(text)[0].adult == 1200


@given(
    st.text(max_size=120),
    st.one_of(st.none(), st.text(alphabet="大人小学生円¥0123456789,～（）()無料※【】団体\n ", max_size=120)),
)
def test_no_text_breaks_the_reader(basic: str, detail: str | None) -> None:
    """Whatever a cell holds, there is a price or an unread text, and never an exception."""
    price, unread = read_price(basic, detail)
    assert isinstance(price_understood(price, unread), bool)
    for value in (price.adult, price.child, price.student, price.senior, price.resident, price.infant):
        assert value is None or 0 <= value <= 500_000


@pytest.mark.parametrize("sign", ["9", "無料", "(", "1,000円〜"])
def test_endless_texts_are_kept_unread(sign: str) -> None:
    """No text takes longer to read, or has larger numbers, than people write."""
    text = sign * (5_000 // len(sign))
    price, unread = read_price(text)
    assert price.adult is None
    assert price.text == text
    assert unread == (text,)
