"""
Write the illustrative timetables of the bundled region Echizen as GTFS folders: trains, and a few buses to the sights.

Stops, their order and the running times follow the real lines roughly; departures follow a plain clock-face pattern and
fares a few zones, so that a plan by train or bus looks like one without copying any operator's timetable. Run
``python tools/make_echizen_timetable.py`` from the repository root to write the feeds again.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

FOLDER = Path("regional_assets/data/echizen/timetables")
FIRST_DAY, LAST_DAY = "20260101", "20271231"
SERVICE = "every_day"
CHANGE_S = 240
"""Seconds to change between lines at one place."""


class Station(NamedTuple):
    """Name a station or stop, its place (approximate), its fare zone and the minutes from the start of its line."""

    id: str
    ja: str
    en: str
    lat: float
    lon: float
    zone: int
    minute: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """Run trains between two stations of a line, both ways, at the same minute of every hour."""

    first: str
    last: str
    forward: tuple[int, ...]
    """Minutes past the hour at which trains leave the first station."""
    back: tuple[int, ...]
    """Minutes past the hour at which trains leave the last station."""
    hours: tuple[int, ...] = tuple(range(6, 22))
    """Hours in which they leave."""


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one line with its departures and its fares by number of zone borders crossed, in yen."""

    id: str
    agency: str
    ja: str
    en: str
    mode: int
    color: str
    stations: tuple[Station, ...]
    patterns: tuple[Pattern, ...]
    fares: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Feed:
    """Hold agencies (id, name, web address), their lines, and pairs of stops between which people change on foot."""

    agencies: tuple[tuple[str, str, str], ...]
    lines: tuple[Line, ...]
    changes: tuple[tuple[str, str], ...] = ()


RAILWAYS = (
    ("hapi", "ハピラインふくい（説明用の時刻表）", "https://www.hapi-line.co.jp/"),
    ("fukutetsu", "福井鉄道（説明用の時刻表）", "https://www.fukutetsu.jp/"),
    ("echizen", "えちぜん鉄道（説明用の時刻表）", "https://www.echizen-tetudo.co.jp/"),
    ("jr", "JR西日本（説明用の時刻表）", "https://www.westjr.co.jp/"),
)

HAPI_STATIONS = (
    Station("h_tsuruga", "敦賀", "Tsuruga", 35.6446, 136.0766, 1, 0),
    Station("h_minami_imajo", "南今庄", "Minami-Imajo", 35.7450, 136.1830, 2, 15),
    Station("h_imajo", "今庄", "Imajo", 35.7733, 136.1987, 2, 19),
    Station("h_yunoo", "湯尾", "Yunoo", 35.7985, 136.2010, 2, 23),
    Station("h_nanjo", "南条", "Nanjo", 35.8370, 136.1960, 2, 27),
    Station("h_oshio", "王子保", "Oshio", 35.8732, 136.1790, 3, 31),
    Station("h_takefu", "武生", "Takefu", 35.9033, 136.1703, 3, 36),
    Station("h_shikibu", "しきぶ", "Shikibu", 35.9250, 136.1790, 3, 39),
    Station("h_sabae", "鯖江", "Sabae", 35.9434, 136.1882, 3, 42),
    Station("h_kita_sabae", "北鯖江", "Kita-Sabae", 35.9714, 136.1982, 3, 46),
    Station("h_odoro", "大土呂", "Odoro", 36.0115, 136.2090, 4, 50),
    Station("h_hanando", "越前花堂", "Echizen-Hanando", 36.0412, 136.2190, 4, 54),
    Station("h_fukui", "福井", "Fukui", 36.0620, 136.2230, 4, 57),
    Station("h_morita", "森田", "Morita", 36.1090, 136.2230, 4, 63),
    Station("h_harue", "春江", "Harue", 36.1290, 136.2270, 5, 66),
    Station("h_maruoka", "丸岡", "Maruoka", 36.1622, 136.2334, 5, 70),
    Station("h_awaraonsen", "芦原温泉", "Awaraonsen", 36.2149, 136.2348, 5, 75),
    Station("h_hosorogi", "細呂木", "Hosorogi", 36.2500, 136.2440, 6, 80),
    Station("h_ushinoya", "牛ノ谷", "Ushinoya", 36.2660, 136.2800, 6, 84),
    Station("h_daishoji", "大聖寺", "Daishoji", 36.3010, 136.3120, 6, 90),
)
FUKUBU_STATIONS = (
    Station("f_takefu_shin", "たけふ新", "Takefu-Shin", 35.9062, 136.1713, 1, 0),
    Station("f_kitago", "北府", "Kitago", 35.9137, 136.1737, 1, 2),
    Station("f_sports_koen", "スポーツ公園", "Sports Koen", 35.9205, 136.1760, 1, 4),
    Station("f_iehisa", "家久", "Iehisa", 35.9278, 136.1776, 1, 6),
    Station("f_sun_dome", "サンドーム西", "Sun Dome Nishi", 35.9357, 136.1812, 1, 9),
    Station("f_nishi_sabae", "西鯖江", "Nishi-Sabae", 35.9469, 136.1826, 2, 11),
    Station("f_nishiyama_koen", "西山公園", "Nishiyama Koen", 35.9525, 136.1808, 2, 13),
    Station("f_mizuochi", "水落", "Mizuochi", 35.9617, 136.1832, 2, 16),
    Station("f_shimmei", "神明", "Shimmei", 35.9728, 136.1816, 2, 19),
    Station("f_tobanaka", "鳥羽中", "Tobanaka", 35.9840, 136.1842, 2, 21),
    Station("f_sanjuhassha", "三十八社", "Sanjuhassha", 36.0005, 136.1878, 2, 24),
    Station("f_taicho", "泰澄の里", "Taicho no Sato", 36.0088, 136.1905, 3, 26),
    Station("f_asozu", "浅水", "Asozu", 36.0166, 136.1948, 3, 29),
    Station("f_harmony_hall", "ハーモニーホール", "Harmony Hall", 36.0238, 136.1985, 3, 31),
    Station("f_seimei", "清明", "Seimei", 36.0290, 136.2028, 3, 33),
    Station("f_ebata", "江端", "Ebata", 36.0325, 136.2078, 3, 35),
    Station("f_bell", "ベル前", "Bell-mae", 36.0346, 136.2128, 3, 37),
    Station("f_hanando", "花堂", "Hanando", 36.0410, 136.2146, 3, 39),
    Station("f_sekijuji", "赤十字前", "Sekijuji-mae", 36.0484, 136.2152, 4, 42),
    Station("f_shokokaigisho", "商工会議所前", "Shokokaigisho-mae", 36.0557, 136.2148, 4, 45),
    Station("f_asuwayama", "足羽山公園口", "Asuwayama Koenguchi", 36.0592, 136.2163, 4, 47),
    Station("f_daimyomachi", "福井城址大名町", "Fukui Joshi Daimyomachi", 36.0636, 136.2178, 4, 50),
    Station("f_fukui", "福井駅", "Fukui Station (tram)", 36.0621, 136.2211, 4, 54),
)
FUKUBU_BRANCH_STATIONS = (
    Station("f_fukui", "福井駅", "Fukui Station (tram)", 36.0621, 136.2211, 4, 0),
    Station("f_daimyomachi", "福井城址大名町", "Fukui Joshi Daimyomachi", 36.0636, 136.2178, 4, 4),
    Station("f_jin_ai", "仁愛女子高校", "Jin-ai Joshikoko", 36.0686, 136.2180, 4, 7),
    Station("f_tawaramachi", "田原町", "Tawaramachi (tram)", 36.0743, 136.2168, 4, 10),
)
KATSUYAMA_STATIONS = (
    Station("e_fukui", "福井", "Fukui (Echizen Railway)", 36.0617, 136.2242, 1, 0),
    Station("e_shin_fukui", "新福井", "Shin-Fukui", 36.0646, 136.2272, 1, 2),
    Station("e_fukuiguchi", "福井口", "Fukuiguchi", 36.0709, 136.2312, 1, 4),
    Station("e_kaihotsu", "越前開発", "Echizen-Kaihotsu", 36.0757, 136.2420, 1, 6),
    Station("e_shimbo", "越前新保", "Echizen-Shimbo", 36.0793, 136.2512, 1, 8),
    Station("e_oiwakeguchi", "追分口", "Oiwakeguchi", 36.0822, 136.2605, 1, 10),
    Station("e_higashi_fujishima", "東藤島", "Higashi-Fujishima", 36.0849, 136.2702, 1, 12),
    Station("e_shimabashi", "越前島橋", "Echizen-Shimabashi", 36.0873, 136.2788, 1, 14),
    Station("e_kannonmachi", "観音町", "Kannonmachi", 36.0895, 136.2880, 2, 16),
    Station("e_matsuoka", "松岡", "Matsuoka", 36.0926, 136.3016, 2, 18),
    Station("e_shiizakai", "志比堺", "Shiizakai", 36.0988, 136.3122, 2, 21),
    Station("e_eiheijiguchi", "永平寺口", "Eiheijiguchi", 36.0962, 136.3262, 2, 25),
    Station("e_shimoshii", "下志比", "Shimoshii", 36.0955, 136.3360, 3, 27),
    Station("e_komyoji", "光明寺", "Komyoji", 36.0945, 136.3470, 3, 29),
    Station("e_domeki", "轟", "Domeki", 36.0925, 136.3605, 3, 31),
    Station("e_nonaka", "越前野中", "Echizen-Nonaka", 36.0895, 136.3745, 3, 34),
    Station("e_sanno", "山王", "Sanno", 36.0850, 136.3905, 3, 36),
    Station("e_takehara", "越前竹原", "Echizen-Takehara", 36.0845, 136.4085, 3, 39),
    Station("e_kobunato", "小舟渡", "Kobunato", 36.0855, 136.4290, 3, 42),
    Station("e_hota", "保田", "Hota", 36.0780, 136.4480, 4, 45),
    Station("e_hossaka", "発坂", "Hossaka", 36.0700, 136.4640, 4, 48),
    Station("e_hishima", "比島", "Hishima", 36.0610, 136.4800, 4, 51),
    Station("e_katsuyama", "勝山", "Katsuyama", 36.0564, 136.4920, 4, 54),
)
MIKUNI_STATIONS = (
    *KATSUYAMA_STATIONS[:3],
    Station("e_matsumoto", "まつもと町屋", "Matsumoto-Machiya", 36.0763, 136.2258, 1, 6),
    Station("e_nishibetsuin", "西別院", "Nishibetsuin", 36.0746, 136.2216, 1, 8),
    Station("e_tawaramachi", "田原町", "Tawaramachi", 36.0744, 136.2172, 1, 10),
    Station("e_fukudaimae", "福大前西福井", "Fukudaimae-Nishi-Fukui", 36.0738, 136.2107, 1, 12),
    Station("e_nikka", "日華化学前", "Nikka Kagaku-mae", 36.0796, 136.2090, 1, 13),
    Station("e_yatsushima", "八ツ島", "Yatsushima", 36.0832, 136.2075, 1, 15),
    Station("e_nittazuka", "新田塚", "Nittazuka", 36.0884, 136.2086, 1, 17),
    Station("e_nakatsuno", "中角", "Nakatsuno", 36.1030, 136.2068, 2, 20),
    Station("e_washizuka", "鷲塚針原", "Washizuka-Haribara", 36.1160, 136.2070, 2, 23),
    Station("e_taromaru", "太郎丸エンゼルランド", "Taromaru Angel Land", 36.1311, 136.2072, 2, 25),
    Station("e_nishi_harue", "西春江ハートピア", "Nishi-Harue Heartopia", 36.1382, 136.2067, 2, 27),
    Station("e_nishi_nagata", "西長田ゆりの里", "Nishi-Nagata Yuri no Sato", 36.1530, 136.2052, 2, 30),
    Station("e_shimohyogo", "下兵庫こうふく", "Shimohyogo Kofuku", 36.1690, 136.2045, 3, 33),
    Station("e_ozeki", "大関", "Ozeki", 36.1857, 136.2040, 3, 36),
    Station("e_honjo", "本荘", "Honjo", 36.2056, 136.2024, 3, 39),
    Station("e_banden", "番田", "Banden", 36.2150, 136.1990, 3, 42),
    Station("e_yunomachi", "あわら湯のまち", "Awara-Yunomachi", 36.2229, 136.1938, 4, 45),
    Station("e_mizui", "水居", "Mizui", 36.2185, 136.1710, 4, 49),
    Station("e_mikuni_jinja", "三国神社", "Mikuni-Jinja", 36.2140, 136.1575, 4, 51),
    Station("e_mikuni", "三国", "Mikuni", 36.2168, 136.1500, 4, 53),
    Station("e_mikuni_minato", "三国港", "Mikuni-Minato", 36.2203, 136.1383, 4, 56),
)

KUZURYU_STATIONS = (
    Station("j_fukui", "福井", "Fukui (JR)", 36.0620, 136.2232, 1, 0),
    Station("j_hanando", "越前花堂", "Echizen-Hanando (JR)", 36.0410, 136.2192, 1, 4),
    Station("j_rokujo", "六条", "Rokujo", 36.0290, 136.2400, 2, 9),
    Station("j_asuwa", "足羽", "Asuwa", 36.0225, 136.2560, 2, 12),
    Station("j_togo", "越前東郷", "Echizen-Togo", 36.0176, 136.2742, 2, 15),
    Station("j_ichijodani", "一乗谷", "Ichijodani", 36.0157, 136.2972, 2, 19),
    Station("j_takada", "越前高田", "Echizen-Takada", 36.0212, 136.3185, 3, 23),
    Station("j_ichinami", "市波", "Ichinami", 36.0185, 136.3300, 3, 26),
    Station("j_kowashozu", "小和清水", "Kowashozu", 36.0165, 136.3510, 3, 29),
    Station("j_miyama", "美山", "Miyama", 35.9991, 136.3645, 3, 34),
    Station("j_yakushi", "越前薬師", "Echizen-Yakushi", 36.0050, 136.3830, 3, 38),
    Station("j_omiya", "越前大宮", "Echizen-Omiya", 36.0004, 136.4108, 4, 42),
    Station("j_hakariishi", "計石", "Hakariishi", 35.9975, 136.4342, 4, 46),
    Station("j_ushigahara", "牛ケ原", "Ushigahara", 35.9950, 136.4590, 4, 50),
    Station("j_kita_ono", "北大野", "Kita-Ono", 35.9912, 136.4785, 4, 54),
    Station("j_ono", "越前大野", "Echizen-Ono", 35.9828, 136.4968, 4, 58),
)

RAIL, TRAM, BUS = 2, 0, 3  # GTFS route types
RAILWAY_LINES = (
    Line(
        "hapi_line",
        "hapi",
        "ハピラインふくい線",
        "Hapi-Line Fukui",
        RAIL,
        "E85298",
        HAPI_STATIONS,
        (
            Pattern("h_tsuruga", "h_daishoji", (5,), (15,)),
            # A second train each hour where most people travel.
            Pattern("h_takefu", "h_awaraonsen", (11,), (2,)),
        ),
        (200, 340, 680, 1140, 1340, 1600),
    ),
    Line(
        "fukubu_line",
        "fukutetsu",
        "福武線",
        "Fukubu Line",
        TRAM,
        "2A6EBB",
        FUKUBU_STATIONS,
        (Pattern("f_takefu_shin", "f_fukui", (15, 45), (12, 42)),),
        (180, 280, 350, 400),
    ),
    Line(
        "fukubu_branch",
        "fukutetsu",
        "福武線（福井駅－田原町）",
        "Fukubu Line (Fukui Station to Tawaramachi)",
        TRAM,
        "2A6EBB",
        FUKUBU_BRANCH_STATIONS,
        (Pattern("f_fukui", "f_tawaramachi", (13, 43), (0, 30)),),
        (180,),
    ),
    Line(
        "katsuyama_line",
        "echizen",
        "勝山永平寺線",
        "Katsuyama Eiheiji Line",
        RAIL,
        "6B9E3F",
        KATSUYAMA_STATIONS,
        (Pattern("e_fukui", "e_katsuyama", (25, 55), (20, 50)),),
        (180, 420, 600, 770),
    ),
    Line(
        "mikuni_line",
        "echizen",
        "三国芦原線",
        "Mikuni Awara Line",
        RAIL,
        "D98324",
        MIKUNI_STATIONS,
        (Pattern("e_fukui", "e_mikuni_minato", (9, 39), (3, 33)),),
        (180, 400, 560, 740),
    ),
    Line(
        "kuzuryu_line",
        "jr",
        "九頭竜線",
        "Kuzuryu Line",
        RAIL,
        "8B5FBF",
        KUZURYU_STATIONS,
        (Pattern("j_fukui", "j_ono", (8,), (30,), (6, 8, 9, 11, 12, 14, 16, 17, 19, 20)),),
        (190, 330, 510, 680),
    ),
)

STATION_CHANGES = (
    ("h_fukui", "e_fukui"),
    ("h_fukui", "f_fukui"),
    ("e_fukui", "f_fukui"),
    ("e_tawaramachi", "f_tawaramachi"),
    ("h_takefu", "f_takefu_shin"),
    ("h_fukui", "j_fukui"),
    ("e_fukui", "j_fukui"),
    ("f_fukui", "j_fukui"),
    ("h_hanando", "j_hanando"),
)

BUS_COMPANIES = (
    ("keifuku_bus", "京福バス（説明用の時刻表）", "https://bus.keifuku.co.jp/"),
    ("fukutetsu_bus", "福井鉄道バス（説明用の時刻表）", "https://www.fukutetsu.jp/"),
    ("sabae_bus", "つつじバス（説明用の時刻表）", "https://www.city.sabae.fukui.jp/"),
)
BUS_LINES = (
    Line(
        "eiheiji_liner",
        "keifuku_bus",
        "永平寺ライナー",
        "Eiheiji Liner",
        BUS,
        "4B5B8C",
        (
            Station("b_fukui_east", "福井駅東口", "Fukui Station East", 36.0613, 136.2250, 1, 0),
            Station("b_eiheiji", "永平寺", "Eiheiji", 36.0567, 136.3510, 3, 32),
        ),
        (Pattern("b_fukui_east", "b_eiheiji", (50,), (20,), tuple(range(8, 16))),),
        (200, 500, 800),
    ),
    Line(
        "eiheiji_line",
        "keifuku_bus",
        "永平寺線（永平寺口駅）",
        "Eiheiji Line (Eiheijiguchi)",
        BUS,
        "4B5B8C",
        (
            Station("b_eiheijiguchi", "永平寺口駅", "Eiheijiguchi Station", 36.0956, 136.3268, 2, 0),
            Station("b_dansuke", "團助本店前", "Dansuke Honten-mae", 36.0652, 136.3395, 3, 9),
            Station("b_eiheiji", "永平寺", "Eiheiji", 36.0567, 136.3510, 3, 14),
        ),
        (Pattern("b_eiheijiguchi", "b_eiheiji", (56,), (30,), tuple(range(8, 17))),),
        (200, 500),
    ),
    Line(
        "ichijodani_line",
        "keifuku_bus",
        "一乗谷線",
        "Ichijodani Line",
        BUS,
        "8C6B4B",
        (
            Station("b_fukui_west", "福井駅西口", "Fukui Station West", 36.0619, 136.2220, 1, 0),
            Station("b_asakura_museum", "朝倉氏遺跡博物館前", "Asakura Museum", 36.0148, 136.2987, 4, 22),
            Station("b_asakura_mansion", "朝倉館前", "Asakura Mansion", 36.0017, 136.2948, 4, 28),
            Station("b_restored_town", "復原町並", "Restored Town", 35.9973, 136.2931, 4, 30),
        ),
        (Pattern("b_fukui_west", "b_restored_town", (20,), (15,), (8, 10, 11, 13, 14, 16)),),
        (240, 400, 600, 700),
    ),
    Line(
        "dinosaur_line",
        "keifuku_bus",
        "恐竜博物館線",
        "Dinosaur Museum Line",
        BUS,
        "6B9E3F",
        (
            Station("b_katsuyama", "勝山駅", "Katsuyama Station", 36.0566, 136.4922, 5, 0),
            Station("b_yumeole", "ゆめおーれ勝山前", "Yumeole Katsuyama", 36.0613, 136.5029, 5, 5),
            Station("b_dinosaur", "恐竜博物館", "Dinosaur Museum", 36.0836, 136.5066, 6, 15),
        ),
        (Pattern("b_katsuyama", "b_dinosaur", (24,), (0,), tuple(range(8, 18))),),
        (200, 400),
    ),
    Line(
        "heisenji_line",
        "keifuku_bus",
        "平泉寺線",
        "Heisenji Line",
        BUS,
        "3F7E5E",
        (
            Station("b_katsuyama", "勝山駅", "Katsuyama Station", 36.0566, 136.4922, 5, 0),
            Station("b_daibutsu", "越前大仏", "Echizen Great Buddha", 36.0545, 136.5170, 6, 10),
            Station("b_heisenji", "平泉寺白山神社前", "Heisenji Hakusan Shrine", 36.0433, 136.5352, 6, 16),
        ),
        (Pattern("b_katsuyama", "b_heisenji", (26,), (0,), (9, 11, 13, 15, 16)),),
        (200, 300),
    ),
    Line(
        "tojinbo_line",
        "keifuku_bus",
        "東尋坊線",
        "Tojinbo Line",
        BUS,
        "2A6EBB",
        (
            Station("b_awaraonsen", "芦原温泉駅", "Awaraonsen Station", 36.2146, 136.2346, 7, 0),
            Station("b_yunomachi", "あわら湯のまち駅", "Awara-Yunomachi Station", 36.2231, 136.1937, 7, 13),
            Station("b_aquarium", "越前松島水族館", "Echizen Matsushima Aquarium", 36.2525, 136.1473, 8, 30),
            Station("b_oshima", "雄島", "Oshima", 36.2498, 136.1234, 8, 36),
            Station("b_tojinbo", "東尋坊", "Tojinbo", 36.2358, 136.1294, 8, 41),
            Station("b_mikuni", "三国駅", "Mikuni Station", 36.2168, 136.1499, 8, 51),
        ),
        (Pattern("b_awaraonsen", "b_mikuni", (20,), (5,), tuple(range(8, 18))),),
        (350, 770),
    ),
    Line(
        "maruoka_line",
        "keifuku_bus",
        "丸岡城線",
        "Maruoka Castle Line",
        BUS,
        "9C4A3C",
        (
            Station("b_fukui_west", "福井駅西口", "Fukui Station West", 36.0619, 136.2220, 1, 0),
            Station("b_maruoka_terminal", "丸岡バスターミナル", "Maruoka Bus Terminal", 36.1493, 136.2682, 3, 35),
            Station("b_maruoka_castle", "丸岡城", "Maruoka Castle", 36.1527, 136.2736, 3, 39),
            Station("b_awaraonsen", "芦原温泉駅", "Awaraonsen Station", 36.2146, 136.2346, 7, 62),
        ),
        (Pattern("b_fukui_west", "b_awaraonsen", (0,), (10,), tuple(range(8, 18))),),
        (200, 300, 700, 700, 500, 700, 900),
    ),
    Line(
        "kawada_line",
        "sabae_bus",
        "河和田線",
        "Kawada Line",
        BUS,
        "C0392B",
        (
            Station("b_sabae", "鯖江駅", "Sabae Station", 35.9434, 136.1880, 1, 0),
            Station("b_megane", "めがね会館", "Megane Museum", 35.9429, 136.1979, 1, 4),
            Station("b_kawada", "河和田", "Kawada", 35.9495, 136.2698, 1, 22),
            Station("b_urushi", "うるしの里会館", "Urushi no Sato", 35.9532, 136.2742, 1, 26),
            Station("b_lapose", "ラポーゼかわだ", "Lapose Kawada", 35.9482, 136.3013, 1, 34),
        ),
        (Pattern("b_sabae", "b_lapose", (30,), (20,), (7, 9, 11, 13, 15, 17)),),
        (100,),
    ),
    Line(
        "washi_line",
        "fukutetsu_bus",
        "和紙の里線",
        "Washi no Sato Line",
        BUS,
        "A0793D",
        (
            Station("b_takefu", "武生駅前", "Takefu Station", 35.9031, 136.1695, 1, 0),
            Station("b_awatabe", "粟田部", "Awatabe", 35.9178, 136.2362, 2, 20),
            Station("b_washi", "和紙の里", "Washi no Sato", 35.9112, 136.2433, 2, 26),
            Station("b_otaki", "大滝", "Otaki", 35.9050, 136.2545, 2, 29),
        ),
        (Pattern("b_takefu", "b_otaki", (10,), (5,), (7, 9, 11, 13, 15, 17)),),
        (200, 490),
    ),
    Line(
        "ajimano_line",
        "fukutetsu_bus",
        "味真野線",
        "Ajimano Line",
        BUS,
        "7A7A7A",
        (
            Station("b_takefu", "武生駅前", "Takefu Station", 35.9031, 136.1695, 1, 0),
            Station("b_echizen_takefu", "越前たけふ駅", "Echizen-Takefu Station", 35.8953, 136.1981, 1, 10),
            Station("b_yokawa", "余川", "Yokawa (Knife Village)", 35.8868, 136.2350, 2, 22),
        ),
        (Pattern("b_takefu", "b_yokawa", (20,), (0,), (8, 10, 12, 14, 16)),),
        (200, 490),
    ),
    Line(
        "coast_line",
        "fukutetsu_bus",
        "越前海岸線",
        "Echizen Coast Line",
        BUS,
        "2E86AB",
        (
            Station("b_takefu", "武生駅前", "Takefu Station", 35.9031, 136.1695, 1, 0),
            Station("b_pottery", "陶芸村口", "Pottery Village", 35.9330, 136.0660, 3, 32),
            Station("b_ota", "織田", "Ota", 35.9586, 136.0586, 3, 40),
            Station("b_umeura", "梅浦", "Umeura", 35.9625, 135.9785, 4, 57),
            Station("b_michinoeki", "道の駅越前", "Michi-no-Eki Echizen", 35.9198, 135.9975, 4, 67),
        ),
        (Pattern("b_takefu", "b_michinoeki", (30,), (10,), (8, 10, 12, 14, 16)),),
        (300, 500, 800, 1120),
    ),
)

FEEDS = {
    "trains": Feed(RAILWAYS, RAILWAY_LINES, STATION_CHANGES),
    "buses": Feed(BUS_COMPANIES, BUS_LINES),
}


def write_feeds(folder: Path) -> None:
    """Write every feed into its own folder below ``folder``; the same call always writes the same bytes."""
    for name, feed in FEEDS.items():
        write_feed(feed, folder / name)


def write_feed(feed: Feed, folder: Path) -> None:
    """Write every file of one feed into ``folder``, which is made where missing."""
    folder.mkdir(parents=True, exist_ok=True)
    stations = {station.id: station for line in feed.lines for station in line.stations}
    _write(
        folder / "agency.txt",
        "agency_id,agency_name,agency_url,agency_timezone,agency_lang",
        ((*agency, "Asia/Tokyo", "ja") for agency in feed.agencies),
    )
    _write(
        folder / "stops.txt",
        "stop_id,stop_name,stop_lat,stop_lon,zone_id,location_type",
        (
            (station.id, station.ja, f"{station.lat:.4f}", f"{station.lon:.4f}", _zone(line, station.zone), 0)
            for station, line in _with_line(stations.values(), feed.lines)
        ),
    )
    _write(
        folder / "routes.txt",
        "route_id,agency_id,route_long_name,route_type,route_color",
        ((line.id, line.agency, line.ja, line.mode, line.color) for line in feed.lines),
    )
    trips = list(_trips(feed.lines))
    _write(
        folder / "trips.txt",
        "route_id,service_id,trip_id,trip_headsign,direction_id",
        ((line.id, SERVICE, trip, calls[-1][0].ja, way) for line, trip, way, calls in trips),
    )
    _write(
        folder / "stop_times.txt",
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence",
        (
            (trip, _clock(minute), _clock(minute), station.id, sequence)
            for _, trip, _, calls in trips
            for sequence, (station, minute) in enumerate(calls, start=1)
        ),
    )
    _write(
        folder / "calendar.txt",
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date",
        [(SERVICE, *[1] * 7, FIRST_DAY, LAST_DAY)],
    )
    _write(
        folder / "fare_attributes.txt",
        "fare_id,price,currency_type,payment_method,transfers,agency_id",
        (
            (_fare(line, crossed), price, "JPY", 1, "", line.agency)
            for line in feed.lines
            for crossed, price in enumerate(line.fares)
        ),
    )
    _write(folder / "fare_rules.txt", "fare_id,route_id,origin_id,destination_id", _fare_rules(feed.lines))
    if feed.changes:
        _write(
            folder / "transfers.txt",
            "from_stop_id,to_stop_id,transfer_type,min_transfer_time",
            ((*pair, 2, CHANGE_S) for change in feed.changes for pair in (change, change[::-1])),
        )
    _write(
        folder / "translations.txt",
        "table_name,field_name,language,translation,record_id",
        [("stops", "stop_name", "en", station.en, station.id) for station in stations.values()]
        + [("routes", "route_long_name", "en", line.en, line.id) for line in feed.lines],
    )
    _write(
        folder / "feed_info.txt",
        "feed_publisher_name,feed_publisher_url,feed_lang,feed_start_date,feed_end_date,feed_version",
        [("Meguri (illustrative timetable)", "https://example.org/", "ja", FIRST_DAY, LAST_DAY, "illustrative-2026")],
    )


def _with_line(stations: Iterable[Station], lines: Sequence[Line]) -> Iterator[tuple[Station, Line]]:
    """Pair each station with the first line that calls there: zones belong to the operator, not to the line."""
    for station in stations:
        yield station, next(line for line in lines if any(other.id == station.id for other in line.stations))


def _zone(line: Line, zone: int) -> str:
    # The Mikuni line shares its first zone with the Katsuyama line; its outer zones are its own.
    if line.id == "mikuni_line":
        return "echizen_1" if zone == 1 else f"mikuni_{zone}"
    return f"{line.agency}_{zone}"


def _fare(line: Line, crossed: int) -> str:
    return f"{line.id}_{crossed}"


def _fare_rules(lines: Iterable[Line]) -> Iterator[tuple[str, str, str, str]]:
    for line in lines:
        zones = sorted({station.zone for station in line.stations})
        for origin in zones:
            for destination in zones:
                fare = _fare(line, abs(origin - destination))
                yield fare, line.id, _zone(line, origin), _zone(line, destination)


def _trips(lines: Iterable[Line]) -> Iterator[tuple[Line, str, int, list[tuple[Station, int]]]]:
    """Yield line, trip id, direction (0 forward, 1 back) and calls with minutes after midnight."""
    for line in lines:
        for pattern in line.patterns:
            ids = [station.id for station in line.stations]
            run = line.stations[ids.index(pattern.first) : ids.index(pattern.last) + 1]
            for way, (calls, minutes) in enumerate(((run, pattern.forward), (run[::-1], pattern.back))):
                for hour in pattern.hours:
                    for minute in minutes:
                        start = hour * 60 + minute
                        times = [start + abs(station.minute - calls[0].minute) for station in calls]
                        yield line, f"{line.id}_{calls[0].id}_{start:04d}", way, list(zip(calls, times, strict=True))


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}:00"


def _write(path: Path, header: str, rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)


if __name__ == "__main__":
    write_feeds(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
