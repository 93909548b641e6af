"""
Read prices out of Japanese text: 「大人210円、小人100円」, 「1泊2食付 8,800円～」, 「入館無料」.

A wrong price is worse than none. Every amount in a text is labelled with the words before it; group rates, rates for
disabled visitors, discounts, surcharges, season tickets and the like are set aside, never taken for the price of an
adult. Where a text prices several things, the lowest of the plain ones is given, marked ``starting_from``, and the rest
is returned as unread. The original wording is always kept in ``Price.text``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from regional_assets import _price_words as words
from regional_assets.model import Price

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_MOST_YEN = 500_000
_LONGEST_TEXT = 4_000
"""Three times the longest met so far; Python itself reads no numbers of more digits."""
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_PAREN = re.compile(r"\(([^()]*)\)")
_MARK = re.compile(r"[\ue000-\uf8ff]")
_NUMBER = r"(?<![\d,.])(?:\d{1,3}(?:[,.]\d{3})+|\d+)(?![\d]|[,.]\d)"
_HEADING = r"[【≪《<\[〔](?P<heading>[^】≫》>\]〕\n]{1,40})[】≫》>\]〕]"
_TOKEN = re.compile(
    rf"{_HEADING}"
    r"|(?P<note>※)"
    r"|(?P<stop>[\n。■◆▼●○◎]|(?<=\d)\.(?!\d))"
    rf"|(?P<range>¥?\s*(?P<low>{_NUMBER})\s*円?\s*~\s*¥?\s*(?P<high>{_NUMBER})\s*円(?:程度)?)"
    rf"|(?P<yen>¥\s*(?P<sign>{_NUMBER})(?:\s*円)?|(?P<plain>{_NUMBER})(?P<man>万)?\s*[\ue000-\uf8ff]?\s*(?P<tilde>~)?\s*円"
    r"|(?<![\d,.])(?P<open>\d{1,3},\d{3})(?=\s*~\s*(?:[^\s\d¥円]|$)))"
    r"|(?P<free>無料(?!エリア|遊具|貸|レンタル|シャトル|バス|駐車|休憩|券|ゾーン|では)|(?:拝観|見学|入場|入園|参拝|観覧|散策)自由|自由(?:見学|拝観|参拝))"
)
_ADULT_OR_CHILD = re.compile(rf"((?:大人|小人|一般|子供|こども|学生|以[上下])\s*:?\s*)({_NUMBER})(?=[、,。/\s]|$)")
_FROM = re.compile(r"\s*(?:[\ue000-\uf8ff]\s*)?(?:~|より(?!\s*\d)|から|以上(?!の方))")
_Status = Literal["main", "optional", "note", "bracket", "aside"]


@dataclass(slots=True)
class _Amount:
    """One amount of a text with what its words say of it."""

    yen: int
    classes: frozenset[str]
    status: _Status
    starting: bool
    heading: int
    title: str
    label: str
    tail: str
    snippet: str


@dataclass(slots=True)
class _Tariff:
    """Amounts that belong together: one thing that can be bought, by rate class."""

    heading: int
    amounts: list[_Amount] = field(default_factory=list)

    def of(self, *classes: str) -> list[_Amount]:
        return [amount for amount in self.amounts if amount.classes & set(classes)]

    @property
    def adult(self) -> _Amount | None:
        """The amount an adult pays: the labelled one, or else the one without any label."""
        labelled = self.of("adult", "nonresident")
        plain = [amount for amount in self.amounts if not amount.classes]
        return next(iter(labelled or plain), None)


def read_price(basic: str | None, detail: str | None = None, *, lodging: bool = False) -> tuple[Price, tuple[str, ...]]:
    """
    Return the price that a text states, and the parts of the text that were not read.

    Parameters
    ----------
    basic
        Text of 料金(基本): a number, a word (無料) or a whole price list.
    detail
        Text of 料金(詳細). Where ``basic`` is a bare number that ``detail`` explains, the number decides.
    lodging
        Whether the price of a night is wanted rather than that of a visit, where the text gives both.

    Returns
    -------
    price
        Yen by rate class; ``None`` where unknown, 0 where free. ``text`` keeps the original wording.
    unread
        Parts that state something this function did not turn into a price.
    """
    texts = [text.strip() for text in (basic, detail) if text and text.strip()]
    if not texts:
        return Price(), ()
    original = "\n".join(dict.fromkeys(texts))
    if len(original) > _LONGEST_TEXT:
        return Price(text=original), (original,)
    number = _bare_number(texts[0])
    if number is not None:
        return _read_with_number(number, texts, original, lodging=lodging)
    amounts = [amount for text in texts for amount in _amounts(_plain(text))]
    price, unread = _price_of(amounts, original, preferred=None, lodging=lodging)
    if price_known(price):
        return price, unread
    return price, unread or (original,)


def price_known(price: Price) -> bool:
    """Whether at least one rate class has a price."""
    return any(
        value is not None
        for value in (price.adult, price.child, price.student, price.senior, price.resident, price.infant)
    )


def states_no_price(text: str) -> bool:
    """Whether a text names no amount and says so: 「要問合せ」, 「施設により異なる」, 「クレジットカード不可」."""
    plain = _plain(text, keep_payment=True)
    has_amount = any(match["range"] or match["yen"] or match["free"] for match in _TOKEN.finditer(plain))
    return not has_amount and words.NO_PRICE.search(plain) is not None


def price_understood(price: Price, unread: Sequence[str]) -> bool:
    """
    Whether a price text was understood.

    It was when a price was found in it, or when nothing was left unread, or when the text plainly states no price at
    all (ask, see the home page, depends on the show, cards accepted): then "unknown" is the right reading of it.
    """
    return price_known(price) or not unread or all(states_no_price(part) for part in unread)


def _bare_number(text: str) -> int | None:
    plain = unicodedata.normalize("NFKC", text).strip().removesuffix("円").strip()
    if not re.fullmatch(rf"{_NUMBER}(?:\.0)?", plain):
        return None
    yen = _integer(plain.removesuffix(".0"))
    return yen if yen <= _MOST_YEN else None


def _read_with_number(number: int, texts: list[str], original: str, *, lodging: bool) -> tuple[Price, tuple[str, ...]]:
    """Read a bare number, explained by a second text if there is one."""
    amounts = [amount for text in texts[1:] for amount in _amounts(_plain(text))]
    price, unread = _price_of(amounts, original, preferred=number, lodging=lodging)
    if price.adult == number:
        return price, unread
    if price.adult is None:
        return Price(adult=number, text=original), unread
    # The two columns contradict each other: neither is taken.
    return Price(text=original), tuple(texts)


def _plain(text: str, *, keep_payment: bool = False) -> str:
    """Return a text in one spelling: half-width, no tags, one kind of tilde, no lists of payment cards."""
    plain = unicodedata.normalize("NFKC", _TAG.sub(" ", text).replace("…", ":"))
    plain = re.sub(r"[〜∼−–—―](?=\s*[\d¥円])|〜", "~", plain).replace("\\", "¥")
    if not keep_payment:
        plain = words.PAYMENT.sub(" ", plain)
    plain = re.sub(r"[ \t\r]+", " ", plain)
    # 「一般 500円＜団体20人以上 400円＞」: a heading holds no amount, so these are brackets.
    plain = re.sub(r"[<≪《]([^<>≪≫《》]*\d\s*円[^<>≪≫《》]*)[>≫》]", r"(\1)", plain)
    if "円" not in plain and "¥" not in plain:
        plain = _ADULT_OR_CHILD.sub(r"\1\2円", plain)
    # Typesetters stretch two-character words: 大　人, 一　般.
    return re.sub(r"([大小中一幼])\s(?=[人般児](?:[^\d]|$))", r"\1", plain)


def _integer(text: str) -> int:
    return int(re.sub(r"[,.]", "", text))


def _amounts(text: str) -> list[_Amount]:
    """Return every amount of a text in order, with its label judged."""
    return list(_walk(*_lift_brackets(text), heading="", depth=0))


def _lift_brackets(text: str) -> tuple[str, list[str]]:
    """Return the text with each bracket replaced by one private character, and the bodies of the brackets."""
    inner: list[str] = []

    def keep(match: re.Match[str]) -> str:
        inner.append(match[1])
        return chr(0xE000 + len(inner) - 1)

    text = _MARK.sub(" ", text)
    while len(inner) < 1000 and _PAREN.search(text):
        text = _PAREN.sub(keep, text, count=1)
    return text, inner


@dataclass(slots=True)
class _Context:
    """What was said earlier in the text and still holds."""

    heading: str
    heading_index: int = 0
    in_note: bool = False
    scope: str = ""
    carried: Literal["", "optional", "aside"] = ""
    depth: int = 0
    bracket_taken: bool = False


def _walk(text: str, inner: list[str], *, heading: str, depth: int) -> Iterator[_Amount]:
    context, start = _Context(heading, depth=depth), 0
    for match in _TOKEN.finditer(text):
        label = text[start : match.start()]
        start = match.end()
        if _turn(context, match):
            if match["stop"] == "\n" and len(label.strip()) <= 12 and _classes(label):
                # A price list in two lines per entry: 「一般\n3,000円」.
                start -= len(label) + 1
                continue
            yield from _inside(label, inner, context)
            continue
        amount = _judge(match, label, text[match.end() : match.end() + 16], context, inner)
        yield from _inside(label, inner, context)
        if amount is not None and amount.yen <= _MOST_YEN:
            yield amount
    yield from _inside(text[start:], inner, context)


def _turn(context: _Context, match: re.Match[str]) -> bool:
    """Take note of a heading, a footnote sign or a stop; say whether it was one."""
    if match["heading"] is not None:
        context.heading, context.in_note = match["heading"], False
        context.heading_index += 1
    elif match["note"]:
        context.in_note = True
    elif match["stop"]:
        context.in_note = context.in_note and match["stop"] == "。"
    else:
        return False
    if match["stop"] != "。":
        context.scope = ""
    context.carried = ""
    return True


def _inside(label: str, inner: list[str], context: _Context) -> Iterator[_Amount]:
    """Return the amounts in the brackets of a stretch of text; those without a class are a last resort."""
    if context.depth >= 3:
        return
    for mark in _MARK.findall(label):
        body = _expand(inner[ord(mark) - 0xE000], inner)
        for amount in _walk(*_lift_brackets(body), heading=context.heading, depth=context.depth + 1):
            amount.heading = context.heading_index
            if not amount.classes and amount.status in ("main", "optional"):
                amount.status = "bracket"
            elif context.in_note and amount.status == "main":
                amount.status = "note"
            yield amount


def _expand(text: str, inner: list[str]) -> str:
    return _MARK.sub(lambda match: f"({_expand(inner[ord(match[0]) - 0xE000], inner)})", text)


def _judge(match: re.Match[str], label: str, after: str, context: _Context, inner: list[str]) -> _Amount | None:
    """Return the amount with its class and standing; group and disabled rates go on in ``context.scope``."""
    yen = _yen(match)
    if yen is None:
        return None
    base = _MARK.sub(" ", label)
    closing = "" if context.bracket_taken and len(label.strip()) == 1 else _closing_bracket(label, inner)
    trailing = _trailing_bracket(after, inner, before_next=not closing)
    context.bracket_taken = bool(trailing)
    classes = _classes(base) or _classes(closing) or _trailing_classes(trailing) or _classes(context.heading)
    classes = _localised(classes, context.heading)
    aside = bool(words.DISCOUNT_AFTER.match(after) or words.DISCOUNT_BEFORE.search(base))
    group, disabled = _is_group(base, closing, trailing, context.heading), "disabled" in classes
    if words.INDIVIDUAL.search(base):
        context.scope = ""
    in_scope = bool(context.scope)
    if (group or disabled) and classes & {"adult", "child"}:
        context.scope = "group" if group else "disabled"
    if disabled:
        # 「65歳以上・障がい者 210円」 is a senior's price too; 「障がい者 大人 310円」 is nobody else's.
        kept = classes & {"senior", "infant"} or (classes & {"child"} if "以下" in base else frozenset())
        classes, aside = kept, aside or not kept
    if aside or group or in_scope or "ignored" in classes:
        status: _Status = "aside"
    else:
        status = _standing(base, context, classes)
    starting = match["range"] is not None or bool(match["tilde"] or match["open"]) or _FROM.match(after) is not None
    clear = _expand(label, inner).strip(" 、,・/:~")
    return _Amount(
        yen,
        classes,
        status,
        starting and status != "aside",
        context.heading_index,
        context.heading,
        f"{context.heading} {clear}",
        _MARK.sub(" ", after)[:6],
        f"{clear} {_MARK.sub('', match[0]).strip()}"[-80:].strip(),
    )


def _standing(base: str, context: _Context, classes: frozenset[str]) -> _Status:
    """Say whether an amount is for plain entry, for an extra, or only stands in a footnote."""
    only_class = not re.sub(
        r"[\s\d、,・:/~()回枚券は人様のと以上下未満歳才]", "", words.CLASS.sub("", base.replace(" ", ""))
    )
    if only_class and classes and context.carried:
        # 「回数券 大人 5,500円 小人 2,400円」: the second amount is a book of tickets too.
        return context.carried
    context.carried = ""
    if words.NEVER.search(base + context.heading):
        context.carried = "aside"
        return "aside"
    if context.in_note:
        return "note"
    if words.OPTIONAL.search(base + context.heading):
        context.carried = "optional"
        return "optional"
    return "main"


def _yen(match: re.Match[str]) -> int | None:
    if match["free"]:
        return 0
    if match["range"]:
        low, high = _integer(match["low"]), _integer(match["high"])
        # 「10～15,000円」 means 10,000 or 10: not taken.
        return low if high / 20 <= low <= high else None
    yen = _integer(match["sign"] or match["plain"] or match["open"])
    return yen * 10_000 if match["man"] else yen


def _classes(label: str) -> frozenset[str]:
    found = {(match.lastgroup or "_").split("_")[1] for match in words.CLASS.finditer(label.replace(" ", ""))}
    if "toddler" in found:
        # 「小人（3歳以上）」 is a child; an age alone is a small child.
        found = found - {"toddler"} or {"infant"}
        if not found & {"child", "adult"}:
            found.add("infant")
    return frozenset(found)


def _localised(classes: frozenset[str], heading: str) -> frozenset[str]:
    """Return the classes with 「＜市内の方＞一般」 turned into what residents pay."""
    place = _classes(heading) & {"resident", "nonresident"}
    if place and not classes & {"resident", "nonresident"}:
        return (classes - {"adult"}) | place if "adult" in classes or not classes else classes
    return classes


def _closing_bracket(label: str, inner: list[str]) -> str:
    """Return the bracket that ends a label: 「シニア(65歳以上):」, 「(団体)」."""
    label = label.rstrip(" :は")
    return inner[ord(label[-1]) - 0xE000] if label and _MARK.match(label[-1]) else ""


def _trailing_bracket(after: str, inner: list[str], *, before_next: bool) -> str:
    """
    Return the bracket that explains an amount from behind, unless it is the label of the next one.

    「大人(個人)300円(団体)200円」 labels in front; 「大人600円(1名)550円(30名以上)」 labels behind (``before_next``).
    """
    found = re.match(r"[/\d時間人名分回\s]{0,8}([\ue000-\uf8ff])", after)
    if found and not before_next and re.match(r"\s*\d", after[found.end() :]):
        return ""
    body = inner[ord(found[1]) - 0xE000] if found else ""
    return "" if any(token["yen"] or token["range"] or token["free"] for token in _TOKEN.finditer(body)) else body


def _trailing_classes(bracket: str) -> frozenset[str]:
    return frozenset() if re.search(r"半額|割|引|不可|除|対象外|同伴", bracket) else _classes(bracket)


def _is_group(base: str, closing: str, trailing: str, heading: str) -> bool:
    if words.INDIVIDUAL.search(base):
        return False
    if "割引" in trailing or "引き" in trailing:
        trailing = ""
    return any(words.GROUP.search(part) is not None for part in (base, closing, trailing, heading))


def _tariffs(amounts: Iterable[_Amount]) -> list[_Tariff]:
    """Return the amounts in bundles: each adult or unlabelled amount after the first opens a new one."""
    tariffs: list[_Tariff] = []
    for amount in amounts:
        opens = not amount.classes or bool(amount.classes & {"adult", "nonresident"})
        current = tariffs[-1] if tariffs else None
        beside = current is not None and "nonresident" in amount.classes and not current.of("nonresident")
        if current is None or current.heading != amount.heading or (opens and current.adult is not None and not beside):
            current = _Tariff(amount.heading)
            tariffs.append(current)
        current.amounts.append(amount)
    return tariffs


def _price_of(
    amounts: list[_Amount], original: str, *, preferred: int | None, lodging: bool
) -> tuple[Price, tuple[str, ...]]:
    amounts = _in_force(amounts)
    usable = _usable(amounts)
    tariffs = _tariffs(usable)
    chosen = _choose(tariffs, preferred, lodging=lodging)
    local = re.search(r"[市町村]外(?!局番)", original) is not None
    if chosen is None or (local and not _is_local_pair(tariffs) and "倍" not in original):
        # Rates for people of the town mixed with others: which is which cannot be told safely.
        return Price(text=original), (original,) if usable else ()
    rest = [amount for amount in amounts if amount.status in ("main", "optional") and amount not in chosen.amounts]
    rest += [amount for amount in usable if amount not in chosen.amounts and amount not in rest]
    notes = [amount for amount in amounts if amount.status == "note"]
    return _fill(chosen, notes, rest, original)


def _in_force(amounts: list[_Amount]) -> list[_Amount]:
    """Return the amounts without those that another heading says were replaced (【…まで】, 【…より改定】)."""
    if not any(re.search(r"改定|より|から", amount.title) for amount in amounts):
        return amounts
    return [
        amount for amount in amounts if not re.search(r"\d日?(?:\ue000|\([日月火水木金土]\))?\s*まで", amount.title)
    ]


def _is_paid_by_anyone(amount: _Amount) -> bool:
    return not amount.classes or bool(amount.classes & {"adult", "nonresident"})


def _usable(amounts: list[_Amount]) -> list[_Amount]:
    """Return the plainest amounts there are: for entry; else for extras; else in footnotes; else in brackets."""
    usable = [amount for amount in amounts if amount.status == "main"]
    if not any(map(_is_paid_by_anyone, usable)):
        usable = [amount for amount in amounts if amount.status in ("main", "optional")]
    if not any("adult" in amount.classes for amount in usable):
        # A free amount in a footnote is about some day or some thing, not about the door.
        usable += [a for a in amounts if a.status == "note" and ("adult" in a.classes or (a.yen > 0 and not usable))]
    if not any(map(_is_paid_by_anyone, usable)):
        usable += [amount for amount in amounts if amount.status in ("bracket", "note") and amount not in usable]
        usable = [a for a in usable if not (a.status == "note" and a.yen == 0 and not a.classes)]
    return [amount for amount in amounts if amount in usable]


def _is_local_pair(tariffs: list[_Tariff]) -> bool:
    return len(tariffs) == 1 and bool(tariffs[0].of("nonresident"))


def _choose(tariffs: list[_Tariff], preferred: int | None, *, lodging: bool) -> _Tariff | None:
    """Return the tariff whose adult price is the preferred one; else the cheapest for entry (or the night)."""
    priced = [(tariff.adult, tariff) for tariff in tariffs if tariff.adult is not None]
    if not priced:
        return tariffs[0] if len(tariffs) == 1 else None
    for adult, tariff in priced:
        if adult.yen == preferred:
            return tariff
    wanted = words.NIGHT if lodging else words.ENTRY
    named = [pair for pair in priced if wanted.search(pair[0].label)]
    if lodging:
        named = [pair for pair in named if not words.DAY_USE.search(pair[0].label)]
    first = priced[0]
    if not lodging and first[0].yen == 0:
        return first[1]
    # 「【湯】大人 420円【足湯】無料」: what is free after a labelled price is something else.
    paid = [pair for pair in named or priced if pair[0].yen > 0] if "adult" in first[0].classes and not named else []
    return min(paid or named or priced, key=lambda pair: pair[0].yen)[1]


def _fill(tariff: _Tariff, notes: list[_Amount], rest: list[_Amount], original: str) -> tuple[Price, tuple[str, ...]]:
    adult = tariff.adult
    yen = None if adult is None else adult.yen
    unread = [amount.snippet for amount in rest]
    yen, resident = _by_residence(tariff, yen)
    if re.search(r"[市町村県]外[^\n。]{0,8}倍", original):
        # The amounts are those for residents; the double is for us to work out, and is not stated.
        resident, yen = (resident if resident is not None else yen), None
        unread.append("市外2倍")
    values = {
        "child": _highest(tariff.of("child") or tariff.of("junior") or _with(notes, "child")),
        "student": _highest(tariff.of("student") or (tariff.of("junior") if tariff.of("child") else [])),
        "senior": _highest(tariff.of("senior") or _with(notes, "senior")),
        "infant": _highest(tariff.of("infant") or _with(notes, "infant")),
    }
    for name, value in values.items():
        # Nobody charges a child more than an adult: then the words were misread.
        if value is not None and yen is not None and value > yen:
            unread.append(f"{name} {value}")
            values[name] = None
    others = [a for a in rest if _is_paid_by_anyone(a)] + [a for a in notes if "adult" in a.classes]
    price = Price(
        adult=yen,
        resident=resident,
        unit=_unit(tariff, original),
        starting_from=adult is not None
        and (adult.starting or any(other.yen != yen for other in others) or (yen == 0 and "有料" in original)),
        text=original,
        **values,
    )
    return price, tuple(dict.fromkeys(unread))


def _by_residence(tariff: _Tariff, yen: int | None) -> tuple[int | None, int | None]:
    """Return what visitors and residents pay, where the text tells them apart."""
    resident, visitor = _highest(tariff.of("resident")), _highest(tariff.of("nonresident"))
    if visitor is None:
        return yen, resident
    plain = _highest(a for a in tariff.amounts if not a.classes or a.classes == {"adult"})
    return visitor, resident if resident is not None else plain


def _with(amounts: list[_Amount], name: str) -> list[_Amount]:
    return [amount for amount in amounts if name in amount.classes]


def _highest(amounts: Iterable[_Amount]) -> int | None:
    return max((amount.yen for amount in amounts), default=None)


def _unit(tariff: _Tariff, original: str) -> Literal["person", "room", "group", "vehicle"]:
    """Say what one price buys, by the words before the first amount of the tariff and around the adult's."""
    amount = tariff.adult
    if amount is None or amount.yen == 0:
        return "person"
    label = f"{tariff.amounts[0].label} {amount.label} {amount.tail}"
    if re.search(r"[1一]人\s*[1一]室", label):
        return "room"
    if words.VEHICLE.search(label):
        return "vehicle"
    if words.PERSON.search(label):
        return "person"
    if words.ROOM.search(label):
        return "room"
    if words.PARTY.search(label) or words.HALL.search(unicodedata.normalize("NFKC", original)):
        return "group"
    return "person"
