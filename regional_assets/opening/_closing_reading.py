"""Read lists of closing days: 月曜（祝日の場合は翌日）、第2・第4水曜、12/29～1/3."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, cast

from regional_assets.opening._days import ALL_DAYS, HOLIDAY
from regional_assets.opening._facts import Facts, Rank, is_remark, rank_of
from regional_assets.opening._tokens import bracketed
from regional_assets.opening.model import (
    WEEKDAYS,
    AnnualClosing,
    ClosingRule,
    DatedClosing,
    HolidayClosing,
    MonthlyClosing,
    WeeklyClosing,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regional_assets.opening._dates import Season
    from regional_assets.opening._days import Days
    from regional_assets.opening._tokens import Token
    from regional_assets.opening.model import Assumption

OnHoliday = Literal["closed", "open", "next_weekday", "next_day"]

ITEMS = ("weekdays", "nth", "season", "season_word", "year_end", "month_day", "no_closing", "irregular")
_ENDS = ("window", "time", "all_day", "any_time", "check_in", "check_out", "heading", "admission")
_FILLERS = re.compile(
    r"(?:は|の|が|を|も|に|で|と|毎週|毎|週|から|まで|間|期間中?|予定|です|となります|のみ|など|等|その他|\.|-|\s|…|\t|,)+"
)
_BREAKS = ("comma", "slash", "mark", "newline")
_NOTHING = re.compile(r"(?:なし|無し?|特になし)(?:です)?")
_YEAR_ENDS: dict[str, tuple[str, str, Assumption]] = {
    "年始": ("01-01", "01-03", "new_year"),
    "年末": ("12-29", "12-31", "year_end"),
    "年末年始": ("12-29", "01-03", "year_end"),
}
_BON: tuple[str, str, Assumption] = ("08-13", "08-16", "bon")
_BARE_SPAN = re.compile(r"(?:の)?(\d{1,2})日?~(\d{1,2})日?$")


def closing_rules(days: Days | None, season: Season | None = None) -> list[ClosingRule] | None:
    """Return the rules for closing on ``days`` within ``season``, or ``None`` where no rule can say it."""
    if season is not None and not season.is_readable:
        return None
    if days is None:
        return _season_rules(season) if season is not None else None
    if days.members >= ALL_DAYS - {HOLIDAY}:
        return None  # Closed every day: that is no closing day, something was misread.
    rules: list[ClosingRule] = []
    if days.after_holiday:
        rules.append(HolidayClosing(when="after"))
    if HOLIDAY in days.members:
        rules.append(HolidayClosing(when="on"))
    if rules and season is not None:
        return None
    spans: Sequence[tuple[str, str] | None] = season.spans if season is not None else (None,)
    weekdays = tuple(WEEKDAYS[index] for index in sorted(days.members) if index != HOLIDAY)
    on_holiday: OnHoliday = "open" if days.but_holidays else "closed"
    if weekdays:
        rules += [WeeklyClosing(weekdays=weekdays, nth=days.nth, season=span, if_holiday=on_holiday) for span in spans]
    return rules


def _season_rules(season: Season) -> list[ClosingRule]:
    if season.years is not None:
        return [DatedClosing(first=season.years[0], last=season.years[1])]
    return [AnnualClosing(first=first, last=last) for first, last in season.spans]


@dataclass
class _Item:
    """Hold one closing day of the list and the rules it makes."""

    kind: str
    raw: str
    rules: list[ClosingRule]


@dataclass
class ClosingReader:
    """
    Read closing days from tokens.

    Parameters
    ----------
    facts
        Where to put rules, remarks and what is not understood.
    tokens
        Tokens of the whole text.
    position
        Where the list begins.
    label
        Facility whose closing days these are; empty for the place itself.
    is_alone
        The text speaks of nothing but closing days: hours in it are not understood, and the list ends with the text.
    """

    facts: Facts
    tokens: list[Token]
    position: int = 0
    label: str = ""
    is_alone: bool = False
    items: list[tuple[str, _Item]] = field(default_factory=list)
    qualifier: Season | None = None

    def read(self) -> int:
        """Read the list and return the position after it."""
        while self.position < len(self.tokens):
            token = self.tokens[self.position]
            if not self.is_alone and self._is_over(token):
                break
            self.position += 1
            self._take(token)
        for label, item in self.items:
            self.facts.closed.extend((label, rule) for rule in item.rules)
        return self.position

    def _is_over(self, token: Token) -> bool:
        following = self._peek(skip=("slash",), start=self.position + 1)
        if token.kind in _ENDS or (token.kind == "shut"):
            return True
        if token.kind == "mark":
            is_list_mark = token.raw in "※・*" and following is not None and following.kind in ("shift", *ITEMS)
            return not is_list_mark
        if token.kind == "newline":
            return following is None or following.kind not in ("open", "comma", "shift", "mark", *ITEMS)
        if token.kind == "season" and following is not None and following.kind in ("window", "time", "all_day"):
            return True
        if token.kind == "weekdays" and following is not None and following.kind == "window":
            return True
        return token.kind == "word" and following is not None and following.kind in ("window", "closing", "check_in")

    def _peek(self, *, skip: tuple[str, ...] = (), start: int | None = None) -> Token | None:
        for token in self.tokens[self.position if start is None else start :]:
            if token.kind in skip or (token.kind == "word" and "word" not in skip and _FILLERS.fullmatch(token.raw)):
                continue
            return token
        return None

    def _take(self, token: Token) -> None:
        handler = getattr(self, f"_take_{token.kind}", None)
        if handler is not None:
            handler(token)
        elif token.kind in _ENDS:
            self._give_up(token.raw)

    def _give_up(self, raw: str) -> None:
        (self.facts.notes if rank_of(self.label) >= Rank.DESK else self.facts.unread).append(raw)

    def _add(self, token: Token, rules: list[ClosingRule] | None) -> None:
        if rules is None:
            self._give_up(token.raw)
        else:
            self.items.append((self.label, _Item(token.kind, token.raw, rules)))

    # -- items ---------------------------------------------------------------------------------------------------

    def _take_weekdays(self, token: Token) -> None:
        following = self.tokens[self.position] if self.position < len(self.tokens) else None
        if following is not None and following.kind == "word" and self._turns_round(following.raw):
            within = " ".join(f"{first}~{last}" for first, last in self.qualifier.spans) if self.qualifier else ""
            self._give_up(f"{within} {token.raw}{following.raw}".strip())
            self.position += 1
            self.qualifier = None
            return
        season = self.qualifier
        if season is not None:
            self.facts.assumed |= season.assumed
        self._add(token, closing_rules(token.value, season))
        if not self._goes_on_with_weekdays():
            self.qualifier = None

    _take_nth = _take_weekdays

    def _goes_on_with_weekdays(self) -> bool:
        following = self._peek(skip=("comma",))
        return following is not None and following.kind in ("weekdays", "nth")

    def _turns_round(self, words: str) -> bool:
        """Return whether the words after a day say that it is a day of opening, or only part of it."""
        return bool(re.match(r"(?:の)?(?:のみ|だけ)|は?(?:営業|開)|の?午[前後]|以外|が祝|に(?!休)|の場合|を除", words))

    def _take_month_day(self, token: Token) -> None:
        self._add(token, [MonthlyClosing(days=token.value)])

    def _take_season(self, token: Token) -> None:
        season: Season = token.value
        following = self._peek(skip=("slash", "season_word"))
        if following is not None and following.kind == "no_closing":
            self.position = self.tokens.index(following, self.position) + 1
            self._open_within(season, token.raw)
            return
        if following is not None and following.kind in ("weekdays", "nth"):
            self.qualifier = season if season.is_readable else None
            if not season.is_readable:
                self._give_up(token.raw)
            return
        if self.items and self.items[-1][1].kind == "year_end" and self.tokens[self.position - 2].kind == "year_end":
            self._date_year_end(season)
            return
        if following is not None and following.kind == "word" and not re.match("休|です", following.raw):
            # 3月以降は理事会で決定, 1～8月／午前中: more is said of these days than that they are closed.
            self.position = self.tokens.index(following, self.position) + 1
            if re.match("通常|平常", following.raw):
                self.facts.notes.append(token.raw + following.raw)
            else:
                self._give_up(token.raw + following.raw)
            return
        if following is not None and following.kind == "closing" and self._means_some_days(following):
            self._give_up(token.raw)
            return
        self.facts.assumed |= season.assumed
        self._add(token, closing_rules(None, season))

    def _means_some_days(self, closing: Token) -> bool:
        """Return whether the words say that there are closing days, not that it is closed (1,2月定休日あり)."""
        after = self.tokens[self.tokens.index(closing, self.position) + 1 :]
        return bool(after) and after[0].kind == "word" and after[0].raw.startswith(("あり", "有"))

    def _open_within(self, season: Season, raw: str) -> None:
        """Hold the weekly rules so far to the rest of the year: 3～12月は無休."""
        rest = season.rest_of_year() if season.is_readable else ()
        self.facts.assumed |= season.assumed
        for _, item in self.items:
            if item.kind in ("weekdays", "nth"):
                item.rules = [
                    narrowed
                    for rule in item.rules
                    for narrowed in (_within(rule, rest) if isinstance(rule, WeeklyClosing) else [rule])
                ]
        if not self.items:
            self.facts.notes.append(f"{raw}無休")

    def _date_year_end(self, season: Season) -> None:
        """Put the stated dates in the place of the assumed ones: 年末年始（12/28～1/4）."""
        rules = closing_rules(None, season)
        if rules is None:
            self._give_up("年末年始")
            return
        self.items[-1][1].rules = rules
        for _, (_, _, assumption) in _YEAR_ENDS.items():
            if not any(item.kind == "year_end" for _, item in self.items[:-1]):
                self.facts.assumed.discard(assumption)

    def _take_season_word(self, token: Token) -> None:
        following = self._peek(skip=("slash",))
        if following is not None and following.kind == "season":
            return
        if following is not None and following.kind == "open":
            self._take_dated_season_word(token)
            return
        if following is not None and following.kind == "no_closing":
            self.position = self.tokens.index(following, self.position) + 1
            self.facts.notes.append(token.raw + following.raw)
            return
        self.facts.assumed |= token.value.assumed
        if following is not None and following.kind in ("weekdays", "nth"):
            self.qualifier = token.value
            return
        self._add(token, closing_rules(None, token.value))

    def _take_dated_season_word(self, token: Token) -> None:
        """Take the dates of 冬期（12月～3月） for the closing, or for the weekday that follows."""
        self.position += 1
        inside = bracketed(self.tokens, self.position)
        seasons = [part for part in inside if part.kind == "season"]
        self.position += len(inside) + 1
        following = self._peek(skip=("slash",))
        if len(seasons) != 1 or not seasons[0].value.is_readable:
            self._give_up(token.raw + "".join(part.raw for part in inside))
        elif following is not None and following.kind in ("weekdays", "nth"):
            self.qualifier = seasons[0].value
        else:
            self._add(seasons[0], closing_rules(None, seasons[0].value))

    def _take_year_end(self, token: Token) -> None:
        following = self.tokens[self.position] if self.position < len(self.tokens) else None
        first, last, assumption = _BON if "盆" in token.raw else _YEAR_ENDS[token.raw]
        if following is not None and following.kind == "word":
            span = _BARE_SPAN.match(following.raw)
            if span and token.raw == "年始":
                self.position += 1
                self._add(token, [AnnualClosing(first=f"01-{int(span[1]):02d}", last=f"01-{int(span[2]):02d}")])
                return
            if re.match(r"[前後中]|\d|3[ヶか]日", following.raw):
                self.position += 1
                self._give_up(token.raw + following.raw)
                return
        self.facts.assumed.add(assumption)
        self._add(token, [AnnualClosing(first=first, last=last)])

    def _take_no_closing(self, token: Token) -> None:
        self.facts.no_closing_days = True

    def _take_irregular(self, token: Token) -> None:
        self._give_up(token.raw)

    def _take_closing(self, token: Token) -> None:
        if re.match(r"冬[季期]休業", token.raw) and not self.items:
            following = self._peek(skip=("slash", "open"))
            if following is None or following.kind != "season":
                self.facts.assumed.add("winter")
                self._add(token, [AnnualClosing(first="12-01", last="03-31")])

    def _take_except(self, token: Token) -> None:
        following = self._peek()
        if "祝" in token.raw and following is not None and following.kind == "weekdays":
            self.position = self.tokens.index(following, self.position) + 1
            self._add(following, closing_rules(replace(following.value, but_holidays=True)))
            return
        if not self.is_alone and self.items:
            return  # 年末年始を除き利用可能
        self._give_up(token.raw)

    def _take_shift(self, token: Token) -> None:
        mode, about = token.value
        if mode == "unreadable" or not self._shift(mode, about):
            self._give_up(token.raw)

    def _shift(self, mode: str, about: Days | None) -> bool:
        """Say on the weekly rules what happens on holidays; return whether there were any to say it on."""
        wanted = {WEEKDAYS[day] for day in about.members if day != HOLIDAY} if about is not None else set()
        found = False
        for _, item in self._last_weekly_run() if about is None else self.items:
            for index, rule in enumerate(item.rules):
                if isinstance(rule, WeeklyClosing) and wanted <= set(rule.weekdays):
                    item.rules[index] = rule.model_copy(update={"if_holiday": cast("OnHoliday", mode)})
                    found = True
        if not found and wanted and not self.items and not self.is_alone:
            # 水曜日が祝日の場合は翌日が休館日: that it closes on Wednesdays goes without saying.
            self.items.append((self.label, _Item("weekdays", "", closing_rules(about) or [])))
            return self._shift(mode, about)
        return found

    def _last_weekly_run(self) -> list[tuple[str, _Item]]:
        """Return the weekly items the sentence can be about: all after a mark or newline, else the last ones."""
        previous = self.tokens[self.position - 2].kind if self.position >= 2 else ""
        if previous in ("mark", "newline"):
            return self.items
        run: list[tuple[str, _Item]] = []
        for entry in reversed(self.items):
            if entry[1].kind not in ("weekdays", "nth"):
                if run:
                    break
                continue
            run.append(entry)
        return run

    # -- brackets and words --------------------------------------------------------------------------------------

    def _take_open(self, token: Token) -> None:
        inside = bracketed(self.tokens, self.position)
        self.position += len(inside) + 1
        raw = "".join(part.raw for part in inside)
        parts = [part for part in inside if part.kind not in _BREAKS and not _is_filler(part)]
        kinds = [part.kind for part in parts]
        previous = self.items[-1][1] if self.items else None
        if not parts:
            return
        if kinds == ["season"] or kinds == ["season_word"]:
            self._take_bracketed_season(parts[0], previous)
        elif kinds[:1] == ["season"] and kinds[1:] == ["no_closing"]:
            self._open_within(parts[0].value, parts[0].raw)
        elif "shift" in kinds and set(kinds) <= {"shift", "word"}:
            for part in parts:
                if part.kind == "shift":
                    self._take_shift(part)
                elif not is_remark(part.raw):
                    self._give_up(part.raw)
        elif "year_end" in kinds and (self.facts.no_closing_days or kinds[-1] == "except") and previous is None:
            self._take_year_end(next(part for part in parts if part.kind == "year_end"))
            if any(part.kind == "irregular" or part.kind == "word" for part in parts):
                self.facts.notes.append(raw)
        elif self._is_open_on_holidays(parts):
            self._shift("open", None)
            words = [part.raw for part in parts if part.kind == "word"]
            if words:
                self._give_up("".join(words))
        elif set(kinds) <= {"word"} and is_remark(raw):
            self.facts.notes.append(raw)
        else:
            self._give_up(raw)

    def _take_bracketed_season(self, part: Token, previous: _Item | None) -> None:
        season: Season = part.value
        self.facts.assumed |= season.assumed
        if not season.is_readable:
            self._give_up(part.raw)
        elif previous is None:
            following = self._peek(skip=("slash",))
            if following is not None and following.kind in ("weekdays", "nth"):
                self.qualifier = season
            else:
                self._add(part, closing_rules(None, season))
        elif previous.kind == "year_end":
            self._date_year_end(season)
        elif self.position < len(self.tokens) and self.tokens[self.position].kind in ("weekdays", "nth"):
            self.qualifier = season
        else:
            self._narrow(season, previous)

    def _narrow(self, season: Season, previous: _Item) -> None:
        """Hold the rule before the bracket to a season: 水曜日（1月～2月）."""
        previous.rules = [
            narrowed
            for rule in previous.rules
            for narrowed in (_within(rule, season.spans) if isinstance(rule, WeeklyClosing) else [rule])
        ]

    def _is_open_on_holidays(self, parts: list[Token]) -> bool:
        is_holiday = parts[0].kind == "weekdays" and parts[0].value.members == frozenset({HOLIDAY})
        return is_holiday and parts[-1].kind == "except"

    def _take_word(self, token: Token) -> None:
        words = token.raw
        if _FILLERS.fullmatch(words):
            return
        if _NOTHING.fullmatch(words):
            self.facts.no_closing_days = True
            return
        following = self._peek(skip=("slash", "comma"))
        if following is not None and following.kind in ITEMS and not is_remark_of_closing(words):
            self.label = re.sub(r"[\s:は]+$", "", words)
            return
        if is_remark(words):
            self.facts.notes.append(words)
        else:
            self._give_up(words)

    def _take_newline(self, token: Token) -> None:
        self.qualifier = None

    def _take_comma(self, token: Token) -> None:
        if not self._goes_on_with_weekdays():
            self.qualifier = None


def _is_filler(token: Token) -> bool:
    return token.kind == "word" and _FILLERS.fullmatch(token.raw) is not None


def is_remark_of_closing(words: str) -> bool:
    """Return whether words before a closing day are about something else than a facility."""
    return bool(re.search(r"場合|夏休み|春休み|開催|当分|当面|変更|^の", words)) or rank_of(words) == Rank.NEVER


def _within(rule: WeeklyClosing, spans: Sequence[tuple[str, str]]) -> list[WeeklyClosing]:
    """Return the rule once for each span of the year; rules that have a season already stay as they are."""
    if rule.season is not None or not spans:
        return [rule]
    return [rule.model_copy(update={"season": span}) for span in spans]
