"""The words of Japanese price texts: who pays, what is a discount, what is only an extra."""

from __future__ import annotations

import re

# Leftmost match wins, and within one position the earlier line: 高校生以下 must be tried before 高校生.
CLASSES: tuple[tuple[str, str], ...] = (
    ("nonresident", r"[市町村県]外"),
    (
        "resident",
        r"[市町村県]内(?:の方|在住|居住|登録)|[市町村県]民(?!ギャラリー|会館|プール|センター|体育館|ホール|農園|の森)",
    ),
    ("disabled", r"障がい|障害|障碍|手帳|介護|介助|付き?添|ミライロ"),
    ("adult", r"非会員"),
    ("ignored", r"会員|修学旅行|学校"),
    ("senior", r"[6-9]\d[歳才]以上|シニア|高齢者|シルバー|プラチナ"),
    ("child", r"[1-6][歳才](?:以上)?[~・]?小学生?|小[・、,/]*(?:中[・、,/]*)?高校?生?|小[・、,/]*中学?生?(?!以上)"),
    ("adult", r"大人(?!数)|おとな|成人|一般(?!拝観|公開|道|競技|自転車)|(?:大|高校|中|小)学?生?以上|高校生以上"),
    ("adult", r"(?:1[2-9]|20)[歳才]以上|ビジター"),
    ("infant", r"乳?幼児|乳児|未就[学園]|就学前|小学生未満"),
    ("toddler", r"[0-6][歳才](?:児|以下|未満|以上)|0[歳才]"),
    ("child", r"小人|中人|こども|子ども|子供|お子様|児童|(?:小学生|中学生|高校生|高校)以下|1\d[歳才](?:以下|未満)"),
    ("child", r"小学(?!生以上)"),
    ("student", r"中[・、,/]*高|高[・、]*大学生|大高校生|大学生|高校生"),
    ("junior", r"中学生"),
    ("student", r"学生"),
)
CLASS = re.compile("|".join(f"(?P<c{index}_{name}>{pattern})" for index, (name, pattern) in enumerate(CLASSES)))

GROUP = re.compile(r"団体|グループ割|\d+\s*[人名]様?(?:以上|~\d*[人名]?団体)|\d+人?~\d+人団体")
INDIVIDUAL = re.compile(r"個人")
# Amounts that nobody pays at the door for a visit alone.
NEVER = re.compile(
    r"駐車|遊具|入湯税|送料|シャワー|ロッカー|冷暖房|暖房|シーツ|寝具|電源|延長|お?土産|年間|パスポート|回数券|シーズン券"
    r"|枚?綴|割引券|超過|キャンセル|照明|保険|バルーン|祝日無料|前売"
)
# Amounts for something beyond plain entry: taken only where nothing plainer is priced.
OPTIONAL = re.compile(
    r"体験|教室|呈茶|抹茶|お茶|ガイド|レンタ|貸|共通|セット|特別展|企画展|特別拝観|坐禅|写経|内部|売店|物販"
)
DISCOUNT_AFTER = re.compile(r"(?:\s*(?:割?引|off|OFF|オフ|UP|増|アップ|が?加算|プラス)|[高安](?![校・大中等]))")
DISCOUNT_BEFORE = re.compile(r"[+]\s*$|プラス(?!チック)|増すごと")

# What a visitor pays to get in, and what a guest pays for the night.
ENTRY = re.compile(r"入[館園場山村浴洞城湯]|拝観|観覧|見学|参拝|渡橋|通行|乗船|冥加|協力金|日帰り")
NIGHT = re.compile(r"泊|シングル|ツイン|ダブル|[和洋客]室|棟|コテージ|サイト")
DAY_USE = re.compile(r"日帰り|休憩|入浴|デイ")

ROOM = re.compile(
    r"[一二1-9]室|[和洋客]室|特別室|室料|シングル|ツイン|ダブル|棟|コテージ|ログ|バンガロー|サイト|区画|テント|張|部屋"
)
PERSON = re.compile(r"人様|おひとり|[1一]名|[1一]人(?!用|乗)|/人|泊[23二三]食|泊夕?朝?食|素泊|2食|大人|入浴|一般")
VEHICLE = re.compile(r"普通車|普通自動車|軽自動車|マイクロバス")
PARTY = re.compile(r"コート|グラウンド|アリーナ|会議室|ホール|トラック|\d面|\d卓|炉|1団体|グループ|艘|専用|貸切|野球場")
HALL = re.compile(r"^\s*\d+時\s*~|附属機器")

# What a text may say instead of a price. All of these must go for a text to count as "states no price".
NO_PRICE = re.compile(
    r"問い?合わ?せ|異な[るりっ]|ホームページ|ウェブサイト|公式サイト|HP|によ[りる]|変動|要予約|クレジット|カード|確認|志納"
)
PAYMENT = re.compile(
    r"[(【<]?[利使]用可能クレジットカード[^※【≪\n(]*(?:[)】>][^※【≪\n(]*)?|[(]?(?:各種)?クレジット(?:カード)?[^)※【≪\n]{0,30}[)]?"
    r"|電子マネー[^)※【≪\n]{0,20}|支払いは現金のみ"
)
