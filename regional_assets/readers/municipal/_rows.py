"""One row of a municipal table: from cells to an asset, with everything doubtful told."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import ValidationError

from regional_assets._validation import shown
from regional_assets.defaults import assumption, default_appeal, default_indoor, default_meals, default_visit
from regional_assets.errors import Problem
from regional_assets.model import Asset, DateRange, Kind, Name, Photo, Price, Source
from regional_assets.opening import read_hours, understood
from regional_assets.prices import price_known, price_understood, read_price, states_no_price
from regional_assets.readers.municipal import _cells as cells
from regional_assets.readers.municipal._datasets import FACILITY_TAGS
from regional_assets.readers.municipal._kinds import Judgement, judge_permit, judge_place
from regional_assets.readers.municipal._positions import MISSING, position_of
from regional_assets.text import Text

if TYPE_CHECKING:
    from regional_assets.defaults import Meal
    from regional_assets.model import Assumption, Known
    from regional_assets.opening.model import Opening
    from regional_assets.readers.municipal._datasets import Dataset
    from regional_assets.readers.municipal._table import Row

_PREFECTURE = re.compile(r"^(?:東京都|北海道|(?:京都|大阪)府|.{2,3}県)")
_MUNICIPALITY = re.compile(r"^(?:.{1,4}郡)?(?P<name>.{1,6}?(?:市|区|町|村))")
_SCIENTIFIC = re.compile(r"^\d(?:\.\d+)?E\+?\d+$", re.IGNORECASE)
_BREAKFAST = re.compile(r"泊[23二三]食|[二2]食付|朝食付|泊朝食|1泊2日\(2食")
_DINNER = re.compile(r"泊[23二三]食|[二2]食付|泊夕食|1泊2日\(2食")
_CATEGORY_OF: dict[str, tuple[Kind, str | None]] = {
    "toilet": (Kind.HUB, "toilet"),
    "wifi": (Kind.HUB, "wifi"),
    "event": (Kind.EVENT, None),
}
_CLOSED = re.compile(r"(?:休業|休館|休園|閉鎖|運休|休止|閉館)中")
_NO_NAME = Text(ja="名称がありません", en="has no name")
_BY_DAY_RULE = Name(
    ja="weekday と weekend の列を一室の料金と見て、低い方をとった",
    en="columns weekday and weekend taken for prices of a room, the lower one given",
)
_EMPTY = Text(ja="空の行です", en="the row is empty")


@dataclass(slots=True)
class Context:
    """
    Hold what all rows of a file share.

    Parameters
    ----------
    file
        Name for messages and sources.
    dataset
        Its kind and columns.
    licence
        Licence of the data, where known.
    strong_hint, hint
        Words that tell the kind of its places, from the columns and from the name of the file.
    own_ids
        Whether the ids of the file are fit for use.
    has_positions
        Whether any row has a position; where none has, that is told once for all of them.
    warnings
        Collected while reading.
    """

    file: str
    dataset: Dataset
    licence: str | None
    strong_hint: str = ""
    hint: str = ""
    own_ids: bool = True
    has_positions: bool = True
    warnings: list[Problem] = field(default_factory=list)


class RefusedRow(Exception):  # noqa: N818  (an outcome of one row, never seen outside the readers)
    """Refuse one row, with the reason."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.line("en"))


@dataclass(slots=True)
class RowReader:
    """Read one row: ask it for cells by our field names."""

    context: Context
    row: Row
    assumed: list[Assumption] = field(default_factory=list)

    def raw(self, key: str) -> str:
        """Return the cell of one of our fields as it stands; empty where the file has no such column."""
        column = self.context.dataset.columns.get(key)
        return self.row.cells.get(column, "") if column else ""

    def text(self, key: str) -> str:
        """Return the clean cell of one of our fields."""
        return cells.fact(self.raw(key))

    def where(self, key: str = "") -> str:
        """Return file, line and column for messages."""
        column = self.context.dataset.columns.get(key, "")
        return f"{self.context.file}:{self.row.line} {column}".strip()

    def warn(self, key: str, value: object, ja: str, en: str) -> None:
        """Tell a doubt about a cell."""
        self.context.warnings.append(Problem(self.where(key), value, Text(ja=ja, en=en)))

    def asset(self, asset_id: str) -> Asset:
        """
        Return the asset of the row.

        Raises
        ------
        RefusedRow
            If the row is empty, has no name, or lists no place for visitors.
        """
        name, remark = self._name()
        judgement = self._judge(name)
        dates, date_text = self._dates()
        kind, category = judgement.kind, judgement.category
        lon, lat = self._position()
        price = self._price(lodging=kind is Kind.LODGING)
        municipality = self._municipality()
        self.assumed += [assumption("visit_minutes"), assumption("appeal")]
        wheelchair, stroller = self._known("wheelchair"), self._known("stroller")
        try:
            return Asset(
                id=asset_id,
                kind=kind,
                name=Name(ja=name, en=self.text("name_en") or None),
                lon=lon,
                lat=lat,
                address=" ".join(filter(None, (self._address(), self.text("building")))) or None,
                municipality=municipality,
                operator=self.text("operator") or None,
                description=self._description(remark, date_text),
                opening=self._opening(),
                dates=dates,
                visit_minutes=default_visit(kind, category),
                price=price,
                meals=self._meals(kind, category),
                tags=(*judgement.tags, *self._facility_tags()),
                appeal=default_appeal(kind, category),
                indoor=self._indoor(kind, category),
                wheelchair=wheelchair,
                stroller=stroller,
                url=self.text("url") or None,
                photo=self._photo(),
                sources=(self._source(),),
                assumed=tuple(self.assumed),
            )
        except ValidationError as error:  # every field is checked above; what remains is told, not thrown
            reason = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise self._refusal("", reason, Text(ja=f"使えない値です({reason})", en=f"unusable: {reason}")) from None

    def _refusal(self, key: str, value: object, message: Text) -> RefusedRow:
        return RefusedRow(Problem(self.where(key), value, message))

    def _name(self) -> tuple[str, str]:
        """Return the name, and the remark that publishers put behind it (「※休館中」)."""
        if self.row.is_empty:
            raise self._refusal("", "", _EMPTY)
        if (closed := _CLOSED.search(self.text("name"))) is not None:
            self.warn(
                "name", self.text("name"), f"名称に「{closed[0]}」とあります", f"the name says {closed[0]} (closed)"
            )
        name, _, remark = self.text("name").partition("※")
        name = name.strip() or remark.strip()
        if not name:
            raise self._refusal("name", self.raw("name"), _NO_NAME)
        if remark and name != remark.strip():
            self.warn("name", remark, f"名称に注記があります: {remark}", f"the name carries a remark: {remark}")
            return name, remark.strip()
        return name, ""

    def _judge(self, name: str) -> Judgement:
        key = self.context.dataset.key
        if key in _CATEGORY_OF:
            kind, category = _CATEGORY_OF[key]
            return Judgement(kind, category, (category,) if category else ())
        category_text = self.text("category")
        if key == "food":
            business = " ".join(filter(None, (self.text("category"), self._permit())))
            self._refuse_ended()
            judgement = judge_permit(business)
            if judgement.refuse:
                raise self._refusal(
                    "category",
                    business,
                    Text(
                        ja=f"訪れる場所ではない業種です: {business}",
                        en=f"a business that is no place to visit: {business}",
                    ),
                )
        else:
            offer = f"{self.raw('price')} {self.raw('price_detail')} {self.raw('start')} {self.raw('hours')}"
            fallback = (
                Kind.FOOD if self.context.dataset.columns.get("name") in {"店名", "店舗名", "屋号"} else Kind.CULTURE
            )
            judgement = judge_place(
                name,
                category=category_text if self.context.dataset.guessed else "",
                strong_hint=self.context.strong_hint,
                hint=self.context.hint,
                description=self.text("description"),
                poi=self.text("poi").zfill(4) if self.text("poi") else "",
                offer=cells.untagged(offer),
                fallback=fallback,
            )
            if key == "heritage":
                tags = tuple(dict.fromkeys(("heritage", *judgement.tags)))
                kind = judgement.kind if judgement.kind in (Kind.CULTURE, Kind.NATURE, Kind.CRAFT) else Kind.CULTURE
                judgement = Judgement(kind, judgement.category or "heritage", tags)
        self.assumed.append(assumption("kind"))
        return judgement

    def _permit(self) -> str:
        """Return the other columns that name the business: 業種名 beside 細分類名."""
        names = ("営業の種類", "業種名", "業種", "業態", "細分類名")
        own = self.text("category")
        values = [cells.clean(self.row.cells.get(name, "")) for name in names]
        return " ".join(value for value in dict.fromkeys(values) if value and value != own)

    def _refuse_ended(self) -> None:
        for column in ("廃業年月日", "廃止日", "抹消日"):
            value = cells.clean(self.row.cells.get(column, ""))
            if value and value != "0":
                message = Text(
                    ja=f"営業を終えています({column} {value})", en=f"has gone out of business ({column} {value})"
                )
                raise RefusedRow(Problem(f"{self.context.file}:{self.row.line} {column}", value, message))
        state = cells.clean(self.row.cells.get("申請区分", ""))
        if "廃業" in state:
            message = Text(ja="営業を終えています", en="has gone out of business")
            raise RefusedRow(Problem(f"{self.context.file}:{self.row.line} 申請区分", state, message))

    def _position(self) -> tuple[float | None, float | None]:
        lon, lat, doubt = position_of(self.raw("lat"), self.raw("lon"))
        if doubt is not None and (doubt is not MISSING or self.context.has_positions):
            self.warn("lat", self.raw("lat"), doubt.ja, doubt.en)
        return lon, lat

    def _municipality(self) -> str | None:
        given = _PREFECTURE.sub("", self.text("municipality")) or _PREFECTURE.sub("", self.text("publisher"))
        if given:
            return given
        match = _MUNICIPALITY.match(_PREFECTURE.sub("", self._address()))
        if match is None:
            return None
        self.assumed.append(assumption("municipality"))
        return match["name"]

    def _address(self) -> str:
        return self.text("address")

    def _description(self, remark: str, date_text: str) -> Name | None:
        """Return the description with what has no field of its own: remarks, vague dates, venue, access for all."""
        parts = [self.text("description"), remark and f"※{remark}", date_text and f"（開催: {date_text}）"]
        venue, barrier_free = self.text("venue"), self.text("barrier_free")
        parts += [venue and f"（場所: {venue}）", barrier_free and f"（バリアフリー: {barrier_free}）"]
        ja, en = " ".join(part for part in parts if part), self.text("description_en")
        return Name(ja=ja or None, en=en or None) if ja or en else None

    def _opening(self) -> Opening | None:
        given = [self.raw(key) for key in ("start", "end", "hours", "notes", "closed", "weekdays")]
        start, end, hours, notes, closed, weekdays = (cells.untagged(cell).strip() for cell in given)
        if not any((start, end, hours, notes, closed, weekdays)):
            return None
        text = "\n".join(filter(None, (hours, notes)))
        opening = read_hours(
            text, closed_text=closed or None, weekdays_text=weekdays or None, start=start or None, end=end or None
        )
        if any("<" in cell for cell in given):
            # Tags are in the way of reading, but the original wording is kept as it stood.
            original = "\n".join(cell for cell in given if cell.strip())
            opening = opening.model_copy(update={"text": original})
        if not understood(opening):
            unread = "、".join(opening.unread) or (opening.text or "")
            key = next((key for key in ("start", "hours", "notes", "closed", "weekdays") if self.text(key)), "start")
            self.warn(key, opening.text, f"時間を読み取れません: {unread}", f"hours not fully understood: {unread}")
        return opening

    def _price(self, *, lodging: bool) -> Price:
        basic, detail = self.raw("price"), self.raw("price_detail")
        by_day = self._price_by_day()
        if by_day is not None:
            return by_day
        if basic.strip() in cells.SPREADSHEET_ERRORS:
            self.warn("price", basic, "表計算の誤り値です", "is an error value of a spreadsheet")
            basic = ""
        price, unread = read_price(basic, detail, lodging=lodging)
        key = "price" if basic.strip() else "price_detail"
        if not price_understood(price, unread):
            parts = "、".join(unread)
            self.warn(key, price.text, f"料金を読み取れません: {parts}", f"price not understood: {parts}")
        elif price.text and not price_known(price) and states_no_price(price.text):
            stated = shown(price.text or "")
            self.warn(key, price.text, f"料金の額が書かれていません: {stated}", f"states no amount: {stated}")
        elif unread:
            parts = "、".join(unread)
            self.warn(key, price.text, f"料金のうち使っていない部分: {parts}", f"parts of the price not used: {parts}")
        return price

    def _price_by_day(self) -> Price | None:
        """Return the room price of a list with the columns ``weekday`` and ``weekend``."""
        weekday, weekend = (cells.number(self.row.cells.get(name)) for name in ("weekday", "weekend"))
        if weekday is None or weekend is None or min(weekday, weekend) < 0:
            return None
        text = f"weekday {weekday:.0f}, weekend {weekend:.0f}"
        self.assumed.append(assumption("price", _BY_DAY_RULE))
        return Price(adult=int(min(weekday, weekend)), unit="room", starting_from=weekday != weekend, text=text)

    def _dates(self) -> tuple[tuple[DateRange, ...], str]:
        """Return the dates of an event, and their wording where they are not full dates."""
        if self.context.dataset.key != "event":
            return (), ""
        first_text, last_text = self.text("first_day"), self.text("last_day")
        first, last = cells.date_of(first_text), cells.date_of(last_text)
        listed = cells.date_ranges(self.raw("notes"))
        if first is not None and last is None and not last_text:
            last = first
            self.assumed.append(
                assumption("dates", Name(ja="終了日が空なので一日限りとした", en="no last day given: one day"))
            )
        if first is not None and last is not None and first <= last:
            inside = tuple(r for r in listed if first.isoformat() <= r.first and r.last <= last.isoformat())
            return (inside or (DateRange(first=first.isoformat(), last=last.isoformat()),)), ""
        words = "～".join(dict.fromkeys(part for part in (first_text, last_text) if part))
        if first is not None and last is not None:
            self.warn("first_day", words, f"終了日が開始日より前です: {words}", f"ends before it begins: {words}")
        elif words:
            self.warn("first_day", words, f"日付が定まりません: {words}", f"has no certain dates: {words}")
        else:
            self.warn("first_day", "", "日付がありません", "has no dates")
        return (), words

    def _meals(self, kind: Kind, category: str | None) -> tuple[Meal, ...]:
        if kind is Kind.LODGING:
            offer = unicodedata.normalize("NFKC", f"{self.raw('price')} {self.raw('price_detail')}").replace("一", "1")
            breakfast: tuple[Meal, ...] = ("breakfast",) if _BREAKFAST.search(offer) else ()
            dinner: tuple[Meal, ...] = ("dinner",) if _DINNER.search(offer) else ()
            return breakfast + dinner
        meals = default_meals(kind, category)
        if meals:
            self.assumed.append(assumption("meals"))
        return meals

    def _indoor(self, kind: Kind, category: str | None) -> Known:
        indoor = default_indoor(kind, category)
        if indoor != "unknown":
            self.assumed.append(assumption("indoor"))
        return indoor

    def _known(self, key: str) -> Known:
        return cells.yes_no(self.raw(key))

    def _facility_tags(self) -> tuple[str, ...]:
        present = self.row.cells
        found = (tag for column, tag in FACILITY_TAGS.items() if cells.yes_no(present.get(column)) == "yes")
        return tuple(dict.fromkeys(found))

    def _photo(self) -> Photo | None:
        url = self.text("photo")
        return Photo(url=url, licence=self.text("photo_licence") or None) if url.startswith("http") else None

    def _source(self) -> Source:
        row = f"{self.context.file}:{self.row.line}"
        return Source(name=self.text("publisher") or self.context.file, licence=self.context.licence, row=row)


def asset_id(prefix: str, reader: RowReader) -> str:
    """Return the id of a row: the publisher's own, or else its line; always of letters that ids may have."""
    own = cells.clean(reader.raw("id")) if reader.context.own_ids else ""
    if own and _SCIENTIFIC.match(own):
        reader.warn(
            "id",
            own,
            f"ID が表計算で壊れています({own})。行番号を使います",
            f"the id was damaged by a spreadsheet ({own}); the line number is used",
        )
        own = ""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", unicodedata.normalize("NFKC", own)).strip("-")
    return f"{prefix}:{plain[:80]}" if plain else f"{prefix}:line-{reader.row.line}"
