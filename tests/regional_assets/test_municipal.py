"""Municipal CSV files: both generations, real-world spellings, bad input."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regional_assets.errors import InputError
from regional_assets.model import Asset, Kind
from regional_assets.readers import read_municipal
from regional_assets.readers.municipal._cells import clean, date_of, date_ranges, number, yes_no
from regional_assets.report import ReadResult

Rows = list[dict[str, str]]

TOURISM_G1 = (
    "都道府県コード又は市区町村コード,NO,都道府県名,市区町村名,名称,名称_カナ,名称_英語,POIコード,住所,方書,緯度,経度,利用可能曜日,"
    "開始時間,終了時間,利用可能日時特記事項,料金(基本),料金(詳細),説明,説明_英語,アクセス方法,駐車場情報,バリアフリー情報,連絡先名称,"
    "連絡先電話番号,連絡先内線番号,画像,画像_ライセンス,URL,備考"
)
TOURISM_G2 = (
    "全国地方公共団体コード,法人番号,ID,地方公共団体名,名称,名称_カナ,名称_英語,POIコード,所在地_連結表記,所在地_都道府県,"
    "所在地_市区町村,建物名等(方書),緯度,経度,利用可能曜日,開始時間,終了時間,利用可能日時特記事項,料金(基本),料金(詳細),説明,説明_英語,"
    "アクセス方法,駐車場情報,車椅子可,授乳室,ベビーカー利用,画像,画像_ライセンス,URL,備考,"
)
EVENT_G1 = (
    "市区町村コード,NO,都道府県名,市区町村名,イベント名,イベント名_カナ,イベント名_英語,開始日,終了日,開始時間,終了時間,開始日時特記事項,"
    "説明,料金(基本),料金(詳細),主催者,場所名称,住所,方書,緯度,経度,URL,備考"
)
HERITAGE_G1 = (
    "都道府県コード又は市区町村コード,NO,都道府県名,市区町村名,名称,名称_カナ,名称_通称,名称_英語,文化財分類,種類,場所名称,住所,方書,"
    "緯度,経度,電話番号,内線番号,員数(数),員数(単位),法人番号,所有者等,文化財指定日,利用可能曜日,開始時間,終了時間,利用可能日時特記事項,"
    "画像,画像_ライセンス,概要,概要_英語,説明,説明_英語,URL,備考"
)
TOILET_G1 = (
    "都道府県コード又は市区町村コード,NO,都道府県名,市区町村名,名称,名称_カナ,名称_英語,住所,方書,設置位置,緯度,経度,男性トイレ総数,"
    "女性トイレ総数,男女共用トイレ総数,多機能トイレ数,車椅子使用者用トイレ有無,乳幼児用設備設置トイレ有無,オストメイト設置トイレ有無,"
    "利用開始時間,利用終了時間,利用可能時間特記事項,画像,画像_ライセンス,備考"
)
TOILET_G2_LATER = (
    "全国地方公共団体コード,ID,地方公共団体名,名称,名称_カナ,名称_英語,所在地_連結表記,所在地_都道府県,所在地_市区町村,建物名等(方書),"
    "設置位置,緯度,経度,男性トイレ総数,男性トイレ内の乳幼児用座椅子数,女性トイレ総数,男女共用トイレ総数,バリアフリー（多目的）トイレ数,"
    "車椅子使用者用トイレ数,乳幼児用設備設置トイレ有無,オストメイト設置トイレ数,利用開始時間,利用終了時間,利用可能時間特記事項,備考"
)
FACILITY_G1 = (
    "都道府県コード又は市区町村コード,NO,都道府県名,市区町村名,名称,名称_カナ,名称_通称,POIコード,住所,方書,緯度,経度,電話番号,内線番号,"
    "法人番号,団体名,利用可能曜日,開始時間,終了時間,利用可能日時特記事項,説明,バリアフリー情報,URL,備考"
)
FACILITY_G2 = (
    "全国地方公共団体コード,ID,地方公共団体名,名称,名称_カナ,名称_英字,名称_通称,POIコード,所在地_連結表記,所在地_都道府県,所在地_市区町村,"
    "緯度,経度,電話番号,法人番号,団体名,利用可能曜日,開始時間,終了時間,利用可能時間特記事項,説明,車椅子可,車椅子貸出,授乳室,ベビーカー利用,"
    "URL,画像,画像_ライセンス,備考"
)
WIFI_G1 = (
    "都道府県コード又は市区町村コード,NO,都道府県名,市区町村名,名称,名称_カナ,名称_英語,"
    "住所,方書,緯度,経度,設置者,電話番号,SSID,提供エリア,URL,備考"
)
WIFI_G2 = (
    "全国地方公共団体コード,法人番号,ID,地方公共団体名,名称,名称_カナ,名称_英語,所在地_連結表記,"
    "所在地_市区町村,緯度,経度,設置者,SSID,提供エリア,URL,備考"
)
FOOD = (
    "自治体コード,行番号,都道府県名,市区町村名,営業施設名称、屋号又は商号,営業の種類,業態,営業施設所在地,営業施設方書,緯度,経度,法人名,許可番号,"
    "許可年月日,廃業年月日,申請区分,備考"
)
KUMAMOTO = "№,業種,屋号,営業所所在地,営業所電話番号,申請者氏名,許可日,期限＿開始日,期限_満了日,備考"
TOYAMA = (
    "法人区分,施設屋号,施設郵便番号,施設都道府県,施設市町村,施設住所１,施設住所２,"
    "許可番号,枝番,業種名,細分類名,許可開始日,廃止日,抹消日 "
)
CATALOGUE_G1 = (
    "都道府県コード又は市区町村コード,NO,都道府県名,市区町村名,データ名称,"
    "データ概要,データ形式,URL,API対応有無,ライセンス"
)
CATALOGUE_G2 = "データセット_ID,全国地方公共団体コード,地方公共団体名,データセット_タイトル,ファイル_タイトル"

KANAZAWA = {"緯度": "36.5611", "経度": "136.6565"}


def _write(path: Path, header: str, rows: Rows, *, encoding: str = "utf-8-sig") -> Path:
    names = next(csv.reader([header]))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({key: value for key, value in row.items() if key in names} for row in rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def _one(result: ReadResult) -> Asset:
    assert result.rows == len(result.assets) + len(result.refused)
    assert len(result.assets) == 1
    return result.assets[0]


def _messages(result: ReadResult) -> str:
    return "\n".join(problem.line("en") for problem in result.warnings)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp932"])
@pytest.mark.parametrize(
    ("header", "row", "label", "kind"),
    [
        (TOURISM_G1, {"NO": "1", "名称": "加賀美術館"}, "tourism G1", Kind.CULTURE),
        (TOURISM_G1.replace("(", "（").replace(")", "）"), {"名称": "大滝"}, "tourism G1", Kind.NATURE),
        (TOURISM_G1.replace("都道府県コード又は", ""), {"名称": "和紙工房"}, "tourism G1", Kind.CRAFT),
        (TOURISM_G2, {"ID": "JJ01", "名称": "旅館たなか"}, "tourism G2", Kind.LODGING),
        (EVENT_G1, {"NO": "1", "イベント名": "秋祭"}, "event G1", Kind.EVENT),
        (
            "全国地方公共団体コード,ID," + EVENT_G1.split(",", 2)[2],
            {"ID": "1", "イベント名": "秋祭"},
            "event G2",
            Kind.EVENT,
        ),
        (HERITAGE_G1, {"NO": "1", "名称": "旧本陣"}, "heritage G1", Kind.CULTURE),
        ("全国地方公共団体コード,ID," + HERITAGE_G1.split(",", 2)[2], {"名称": "大杉"}, "heritage G2", Kind.NATURE),
        (TOILET_G1, {"NO": "1", "名称": "中央公園"}, "toilet G1", Kind.HUB),
        (TOILET_G2_LATER, {"ID": "1", "名称": "中央公園"}, "toilet G2", Kind.HUB),
        (FACILITY_G1, {"NO": "1", "名称": "市立図書館"}, "facility G1", Kind.CULTURE),
        (FACILITY_G2, {"ID": "1", "名称": "中央緑地"}, "facility G2", Kind.NATURE),
        (WIFI_G1, {"NO": "1", "名称": "駅前広場"}, "wifi G1", Kind.HUB),
        (WIFI_G2, {"ID": "1", "名称": "駅前広場"}, "wifi G2", Kind.HUB),
        (
            FOOD,
            {"行番号": "1", "営業施設名称、屋号又は商号": "食堂はな", "営業の種類": "① 飲食店営業"},
            "food",
            Kind.FOOD,
        ),
        (
            KUMAMOTO,
            {"№": "1", "屋号": "喫茶みつ", "業種": "喫茶店営業", "営業所所在地": "熊本市中央区1"},
            "food",
            Kind.FOOD,
        ),
        (
            TOYAMA,
            {"施設屋号": "宿やまだ", "業種名": "飲食店営業", "細分類名": "旅館", "抹消日 ": "0"},
            "food",
            Kind.LODGING,
        ),
    ],
)
def test_every_standard_form_is_recognised(
    tmp_path: Path, header: str, row: dict[str, str], label: str, kind: Kind, encoding: str
) -> None:
    """Kind of data set, generation and kind of place are found in every encoding."""
    result = read_municipal(_write(tmp_path / "x.csv", header, [row | KANAZAWA], encoding=encoding))
    assert result.dataset == label
    asset = _one(result)
    assert asset.kind is kind
    assert asset.visit_minutes.typical > 0
    assert {"visit_minutes", "appeal"} <= {flag.field for flag in asset.assumed}


def test_tourism_row_becomes_a_full_asset(tmp_path: Path) -> None:
    """Names, address, hours, price, access, photo and source arrive where they belong; the licence goes with them."""
    row = KANAZAWA | {
        "ID": "JJ01",
        "地方公共団体名": "石川県",
        "名称": "金沢　能楽美術館",
        "名称_英語": "Kanazawa Noh Museum",
        "所在地_連結表記": "石川県金沢市広坂1-2-25",
        "所在地_市区町村": "金沢市",
        "建物名等(方書)": "1階",
        "開始時間": "10:00",
        "終了時間": "18:00",
        "利用可能日時特記事項": "月曜休館",
        "料金(基本)": "一般310円、65歳以上210円、高校生以下無料",
        "説明": "能の<br />美術館。\t装束を展示",
        "説明_英語": "A museum of Noh.",
        "車椅子可": "可",
        "授乳室": "無",
        "ベビーカー利用": "-",
        "画像": "https://example.jp/a.jpg",
        "画像_ライセンス": "CC BY 4.0",
        "URL": "https://example.jp/",
    }
    asset = _one(read_municipal(_write(tmp_path / "t.csv", TOURISM_G2, [row]), licence="CC BY 4.0", id_prefix="kz"))
    assert asset.id == "kz:JJ01"
    assert (asset.name.ja, asset.name.en) == ("金沢 能楽美術館", "Kanazawa Noh Museum")
    assert (asset.lon, asset.lat) == (136.6565, 36.5611)
    assert asset.address == "石川県金沢市広坂1-2-25 1階"
    assert asset.municipality == "金沢市"
    assert asset.opening is not None
    assert asset.opening.osm == "10:00-18:00"
    assert asset.opening.closed
    assert (asset.price.adult, asset.price.senior, asset.price.child) == (310, 210, 0)
    assert asset.description is not None
    assert (asset.description.ja, asset.description.en) == ("能の 美術館。 装束を展示", "A museum of Noh.")
    assert (asset.wheelchair, asset.stroller) == ("yes", "unknown")
    assert asset.photo is not None
    assert asset.photo.licence == "CC BY 4.0"
    assert asset.tags == ("art_museum",)
    source = asset.sources[0]
    assert (source.name, source.licence, source.row) == ("石川県", "CC BY 4.0", "t.csv:2")


def test_free_text_on_access_is_kept(tmp_path: Path) -> None:
    """バリアフリー情報 has no field of its own, and is not lost."""
    row = KANAZAWA | {"名称": "城跡", "バリアフリー情報": "車いす対応トイレ", "説明": "山城"}
    asset = _one(read_municipal(_write(tmp_path / "t.csv", TOURISM_G1, [row])))
    assert asset.description is not None
    assert "車いす対応トイレ" in asset.description.in_("ja")
    assert asset.wheelchair == "unknown"


def test_remarks_in_names_are_moved_and_told(tmp_path: Path) -> None:
    """A name is a name; that a place is closed for now is a warning."""
    rows = [{"名称": "砂丘海水浴場　※今年は開設していません"} | KANAZAWA, {"名称": "茶房みつ（休業中）"} | KANAZAWA]
    result = read_municipal(_write(tmp_path / "t.csv", TOURISM_G1, rows))
    assert result.assets[0].name.ja == "砂丘海水浴場"
    assert result.assets[0].description is not None
    assert "今年は開設していません" in result.assets[0].description.in_("ja")
    assert "t.csv:2 名称: the name carries a remark" in _messages(result)
    assert "t.csv:3 名称: the name says 休業中" in _messages(result)


def test_lodging_keeps_check_in_and_the_price_of_a_night(tmp_path: Path) -> None:
    """Words of a stay make an inn of a name that says nothing; its meals are read from the price."""
    row = KANAZAWA | {
        "名称": "花紫",
        "開始時間": "チェックイン15時00分　チェックアウト10時00分",
        "料金(基本)": "1泊2食付 22,000円～",
    }
    asset = _one(read_municipal(_write(tmp_path / "t.csv", TOURISM_G1, [row])))
    assert asset.kind is Kind.LODGING
    assert asset.opening is not None
    assert asset.opening.check_in == "15:00"
    assert (asset.price.adult, asset.price.starting_from) == (22000, True)
    assert asset.meals == ("breakfast", "dinner")


def test_line_numbers_are_those_of_the_file(tmp_path: Path) -> None:
    """A quoted cell that spans lines counts with all its lines; blank lines count too, but are no rows."""
    rows = [{"名称": "寺", "説明": "一行目\n二行目\n三行目"} | KANAZAWA, {"名称": ""} | KANAZAWA]
    path = _write(tmp_path / "t.csv", TOURISM_G1, rows)
    path.write_bytes(path.read_bytes() + b"\r\n")
    result = read_municipal(path)
    assert result.assets[0].sources[0].row == "t.csv:2"
    assert [problem.where for problem in result.refused] == ["t.csv:5 名称"]
    assert result.rows == 2


def test_empty_rows_are_refused_with_that_reason(tmp_path: Path) -> None:
    """Rows of nothing but commas are rows, and are counted."""
    path = _write(tmp_path / "t.csv", TOURISM_G1, [{"名称": "寺"} | KANAZAWA])
    path.write_bytes(path.read_bytes() + ("," * TOURISM_G1.count(",") + "\r\n").encode())
    result = read_municipal(path)
    assert result.rows == 2
    assert result.refused[0].message.en == "the row is empty"


@pytest.mark.parametrize(
    ("lat", "lon", "expected", "words"),
    [
        ("", "", (None, None), "no position"),
        ("36.5", "", (None, None), "no pair of numbers"),
        ("北緯", "東経", (None, None), "no pair of numbers"),
        ("0", "0", (None, None), "outside Japan"),
        ("999", "136", (None, None), "outside Japan"),
        ("51.5", "-0.12", (None, None), "outside Japan"),
        ("136.6565", "36.5611", (136.6565, 36.5611), "swapped"),
        ("３６．５６１１", "136.6565 ", (136.6565, 36.5611), ""),
    ],
)
def test_positions_are_read_or_left_out_never_made_up(
    tmp_path: Path, lat: str, lon: str, expected: tuple[float | None, float | None], words: str
) -> None:
    """A row with an impossible position is kept without one, and the doubt is told with line and column."""
    rows = [{"名称": "寺", "緯度": lat, "経度": lon}, {"名称": "社"} | KANAZAWA]
    result = read_municipal(_write(tmp_path / "t.csv", TOURISM_G1, rows))
    assert (result.assets[0].lon, result.assets[0].lat) == expected
    assert words in _messages(result)
    assert ("t.csv:2 緯度" in _messages(result)) == bool(words)


def test_positions_far_from_their_municipality_are_doubted(tmp_path: Path) -> None:
    """A place 60 km from all others of its town is kept, with a warning in kilometres."""
    rows = [{"名称": f"寺{n}", "市区町村名": "金沢市", "緯度": f"36.56{n}", "経度": "136.65"} for n in range(6)]
    rows.append({"名称": "遠い寺", "市区町村名": "金沢市", "緯度": "37.1", "経度": "136.65"})
    result = read_municipal(_write(tmp_path / "t.csv", TOURISM_G1, rows))
    assert result.assets[-1].lat == 37.1
    assert "60 km from the other places" in _messages(result)


def test_a_file_without_positions_says_so_once(tmp_path: Path) -> None:
    """One warning for the file instead of one for each row."""
    rows = [{"名称": f"寺{n}", "住所": "石川県金沢市1"} for n in range(9)]
    result = read_municipal(_write(tmp_path / "t.csv", TOURISM_G1, rows))
    assert [problem.message.en[:21] for problem in result.warnings] == ["no row has a position"]
    assert result.assets[0].municipality == "金沢市"
    assert "municipality" in {flag.field for flag in result.assets[0].assumed}


def test_repeated_and_damaged_ids_stay_unique(tmp_path: Path) -> None:
    """A repeated id gets a number, one damaged by a spreadsheet its line, each with a warning."""
    rows = [{"NO": str(n), "名称": f"寺{n}"} | KANAZAWA for n in range(30)]
    rows += [{"NO": "1", "名称": "寺"} | KANAZAWA, {"NO": "3.00002E+12", "名称": "社"} | KANAZAWA]
    result = read_municipal(_write(tmp_path / "t.csv", TOURISM_G1, rows))
    ids = [asset.id for asset in result.assets]
    assert len(set(ids)) == len(ids)
    assert ids[-2:] == ["t:1-2", "t:line-33"]
    assert "occurs before" in _messages(result)
    assert "damaged by a spreadsheet" in _messages(result)


def test_ids_that_repeat_throughout_are_not_used(tmp_path: Path) -> None:
    """Where numbers start anew again and again, lines are the ids, told once."""
    rows = [{"NO": str(n % 3), "名称": f"寺{n}"} | KANAZAWA for n in range(9)]
    result = read_municipal(_write(tmp_path / "t.csv", TOURISM_G1, rows))
    assert [asset.id for asset in result.assets][:2] == ["t:line-2", "t:line-3"]
    assert _messages(result).count("line numbers are used") == 1


@pytest.mark.parametrize(
    ("first", "last", "notes", "expected"),
    [
        ("2024/4/19", "2024/5/6", "", [("2024-04-19", "2024-05-06")]),
        ("2024-04-19", "", "", [("2024-04-19", "2024-04-19")]),
        ("令和6年4月19日(金)", "令和6年4月20日", "", [("2024-04-19", "2024-04-20")]),
        ("20240419", "20240420", "", [("2024-04-19", "2024-04-20")]),
        (
            "2021-09-11",
            "2021-11-30",
            "2021年09月11日～2021年09月30日　13時00分～13時45分\n2021年11月01日～2021年11月30日\n",
            [("2021-09-11", "2021-09-30"), ("2021-11-01", "2021-11-30")],
        ),
        ("10月中旬", "", "", []),
        ("未定", "", "", []),
        ("2月2日(日)", "", "", []),
        ("2024/5/6", "2024/4/19", "", []),
        ("2024/2/30", "", "", []),
    ],
)
def test_event_dates_are_read_or_kept_as_text(
    tmp_path: Path, first: str, last: str, notes: str, expected: list[tuple[str, str]]
) -> None:
    """Full dates become dates; vague ones stay in the description and are warned of, never guessed."""
    row = KANAZAWA | {"イベント名": "秋祭", "開始日": first, "終了日": last, "開始日時特記事項": notes}
    result = read_municipal(_write(tmp_path / "e.csv", EVENT_G1, [row]))
    asset = _one(result)
    assert [(dates.first, dates.last) for dates in asset.dates] == expected
    if not expected:
        assert "e.csv:2 開始日" in _messages(result)
        assert asset.description is not None
        assert first in asset.description.in_("ja")


def test_toilets_tell_their_access(tmp_path: Path) -> None:
    """有 and a count are yes, 無 and 0 are no, an empty cell is unknown."""
    rows = [
        {"名称": "A", "車椅子使用者用トイレ有無": "有", "オストメイト設置トイレ有無": "有"} | KANAZAWA,
        {"名称": "B", "車椅子使用者用トイレ有無": "無"} | KANAZAWA,
        {"名称": "C"} | KANAZAWA,
    ]
    assets = read_municipal(_write(tmp_path / "t.csv", TOILET_G1, rows)).assets
    assert [asset.wheelchair for asset in assets] == ["yes", "no", "unknown"]
    assert assets[0].tags == ("toilet", "ostomate_toilet")
    later = read_municipal(
        _write(tmp_path / "u.csv", TOILET_G2_LATER, [{"名称": "D", "車椅子使用者用トイレ数": "2"} | KANAZAWA])
    ).assets
    assert later[0].wheelchair == "yes"


def test_food_permits_refuse_what_is_no_place_to_visit(tmp_path: Path) -> None:
    """Closed businesses, machines and canteens are refused, each with its reason."""
    name = "営業施設名称、屋号又は商号"
    rows = [
        {name: "食堂", "営業の種類": "① 飲食店営業", "申請区分": "許可"},
        {name: "元食堂", "営業の種類": "① 飲食店営業", "申請区分": "許可(廃業)"},
        {name: "閉店", "営業の種類": "① 飲食店営業", "廃業年月日": "2023/3/31"},
        {name: "自販機", "営業の種類": "コップ式自動販売機"},
    ]
    path = tmp_path / "13000_food_business_all.csv.gz"
    path.write_bytes(gzip.compress(_write(tmp_path / "f.csv", FOOD, rows).read_bytes()))
    result = read_municipal(path)
    asset = _one(result)
    assert asset.meals == ("lunch", "dinner")
    assert "meals" in {flag.field for flag in asset.assumed}
    assert [problem.where.split(":")[1] for problem in result.refused] == ["3 申請区分", "4 廃業年月日", "5 営業の種類"]


@pytest.mark.parametrize(("header", "label"), [(CATALOGUE_G1, "catalogue G1"), (CATALOGUE_G2, "catalogue G2")])
def test_a_list_of_data_sets_holds_no_places(tmp_path: Path, header: str, label: str) -> None:
    """It is recognised, and every row is refused for that reason."""
    result = read_municipal(_write(tmp_path / "c.csv", header, [{"データ名称": "a", "データセット_タイトル": "a"}] * 3))
    assert (result.dataset, result.rows, result.assets) == (label, 3, ())
    assert {problem.message.en for problem in result.refused} == {"lists a data set, not a place"}


def test_free_lists_are_guessed_and_say_so(tmp_path: Path) -> None:
    """Columns are found by their names; one warning shows what was taken for what."""
    path = tmp_path / "michi.csv"
    path.write_text(
        "ジャンル,名称,住所,開館時間,休館日,緯度,経度\n道の駅,高松,かほく市1,9：00～18：00,無休,36.7863,136.72472\n",
        "utf-8",
    )
    result = read_municipal(path)
    asset = _one(result)
    assert asset.tags == ("roadside_station",)
    assert asset.opening is not None
    assert asset.opening.osm == "09:00-18:00"
    assert "hours = 開館時間" in _messages(result)


def test_linkdata_comment_lines_are_no_rows(tmp_path: Path) -> None:
    """The #property line of LinkData is the header; its other # lines are skipped."""
    path = tmp_path / "ube_hotel.csv"
    path.write_text(
        "#LINK<-- type,http://linkdata.org/upload,,,,\n#lang,ja,,,,\n"
        "#property<-- URI,名称,種別,http://www.w3.org/2003/01/geo/wgs84_pos#lat,http://www.w3.org/2003/01/geo/wgs84_pos#long,宿泊料\n"
        "#object_type_xsd,string,string,float,float,string\n#property_context,assertion,assertion,,,\n"
        '1,国際ホテル,ホテル,33.95,131.24,"シングル：5,800円〜"\n',
        "utf-8",
    )
    asset = _one(read_municipal(path))
    assert asset.kind is Kind.LODGING
    assert (asset.price.adult, asset.price.unit, asset.price.starting_from) == (5800, "room", True)
    assert asset.sources[0].row == "ube_hotel.csv:6"


def test_shifted_columns_are_told(tmp_path: Path) -> None:
    """Values beyond the header hint at a broken row."""
    path = tmp_path / "x.csv"
    path.write_text("名称,緯度,経度\n寺,36.5,136.6,余り\n", "utf-8")
    assert "columns may have shifted" in _messages(read_municipal(path))


def test_spreadsheet_errors_are_unknown_values(tmp_path: Path) -> None:
    """#N/A in a cell is no text, no price and no hour."""
    row = KANAZAWA | {"名称": "寺", "説明": "#N/A", "料金(基本)": "#REF!", "URL": "#N/A", "開始時間": "#VALUE!"}
    asset = _one(read_municipal(_write(tmp_path / "t.csv", TOURISM_G1, [row])))
    assert (asset.description, asset.url, asset.opening) == (None, None, None)
    assert asset.price.adult is None


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_other_delimiters_are_found_out(tmp_path: Path, delimiter: str) -> None:
    """Tabs and semicolons separate as well as commas."""
    path = tmp_path / "x.csv"
    path.write_text(
        delimiter.join(["名称", "緯度", "経度"]) + "\n" + delimiter.join(["寺", "36.5", "136.6"]) + "\n", "utf-8"
    )
    assert _one(read_municipal(path)).lat == 36.5


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xd0\xcf\x11\xe0rest", "spreadsheet, not a CSV"),
        (b"PK\x03\x04rest", "spreadsheet, not a CSV"),
        (b"\x1f\x8bbroken", "gzip data is broken"),
        (b"name,\xfd\xfe\xff\xfd\n", "tried UTF-8, CP932"),
        ("名称,緯度,経度\n金沢".encode() + b"\xff,1,2\n", "x.csv:2: is UTF-8 with 1 broken"),
        ("商品,値段\nりんご,100\n".encode(), "columns: 商品、値段; accepted: tourist facilities"),
        (b"#only\n#comments\n", "no header row"),
    ],
)
def test_unusable_files_give_one_clear_message(tmp_path: Path, content: bytes, words: str) -> None:
    """No traceback: what was found and what would be accepted, in both languages."""
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_municipal(path)
    assert len(caught.value.problems) == 1
    assert words in str(caught.value)
    assert caught.value.problems[0].message.ja != caught.value.problems[0].message.en


def test_missing_file_and_unknown_kind_are_told(tmp_path: Path) -> None:
    """A missing file, and a kind of data set that does not exist."""
    with pytest.raises(InputError, match="no such file"):
        read_municipal(tmp_path / "none.csv")
    path = _write(tmp_path / "t.csv", TOURISM_G1, [{"名称": "寺"}])
    with pytest.raises(InputError, match="accepted: tourism, heritage"):
        read_municipal(path, dataset="castles")


def test_the_kind_of_data_set_can_be_given(tmp_path: Path) -> None:
    """What the caller says counts more than the columns."""
    path = _write(tmp_path / "t.csv", TOURISM_G1, [{"名称": "駅前"} | KANAZAWA])
    result = read_municipal(path, dataset="wifi")
    assert result.dataset == "wifi G1"
    assert _one(result).tags == ("wifi",)


def test_progress_is_told(tmp_path: Path) -> None:
    """The last call names the number of rows."""
    seen: list[int] = []
    path = _write(tmp_path / "t.csv", TOURISM_G1, [{"名称": f"寺{n}"} | KANAZAWA for n in range(450)])
    read_municipal(path, progress=seen.append)
    assert seen == [200, 400, 450]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        *[(cell, "yes") for cell in ("有", "○", "可", "有（2台）", "3")],
        *[(cell, "no") for cell in ("無", "×", "否", "不可", "0")],
        *[(cell, "unknown") for cell in ("", "-", "要相談", "スロープ有")],
    ],
)
def test_marks_mean_yes_no_or_unknown(cell: str, expected: str) -> None:
    """Unknown is not yes."""
    assert yes_no(cell) == expected


@given(st.text(max_size=60))
def test_no_cell_breaks_the_cell_readers(cell: str) -> None:
    """Whatever stands in a cell, it is read or left out."""
    clean(cell)
    date_of(cell)
    date_ranges(cell)
    number(cell)
    yes_no(cell)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.sampled_from(TOURISM_G1.split(",")), st.text(max_size=25)), max_size=4))
def test_arbitrary_cells_never_crash_and_rows_add_up(tmp_path: Path, rows: Rows) -> None:
    """Accepted + refused = rows, for any text in any cell that UTF-8 can hold."""
    usable = [
        {key: value.encode("utf-8", "ignore").decode().replace("\0", "") for key, value in row.items()} for row in rows
    ]
    result = read_municipal(_write(tmp_path / "t.csv", TOURISM_G1, usable))
    assert result.rows == len(result.assets) + len(result.refused)
    assert all(problem.where.startswith("t.csv:") for problem in result.refused)
