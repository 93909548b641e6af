"""Read tokens of Japanese hours into facts, clause by clause."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from regional_assets.opening._closing_reading import ITEMS, ClosingReader
from regional_assets.opening._dates import Season
from regional_assets.opening._facts import Entry, Facts, Rank, is_remark, rank_of
from regional_assets.opening._normal_text import normal_text
from regional_assets.opening._times import Moment, Span
from regional_assets.opening._tokens import Token, bracketed, tokenise

if TYPE_CHECKING:
    from regional_assets.opening._days import Days

# Words that only tie a condition to the hours before or after it.
_TIES = re.compile(
    r"(?:は|の|が|に|を|も|で|と|まで|間|期間中?|より|ごろ|頃|毎年|例年|約|その他の?日?|開館|開園|開村|営業|開場|運航|供用|利用可能?|です|ます|"
    r"する|となります|になります|通常営業|時間|営業時間|の営業となります|までの間|各日|上記|そば打ち|開放日?|午前の部|午後の部|など|予定|前後|開催|収穫終了|閉店|閉館|および|及び|また|\.|・|-|ー|→|\s|…|\t|,)+"
)
_ONLY = re.compile(
    r"(?:の|は|日)*(?:のみ|だけ|限定|に限る)(?:の|営業|開館|開園|公開|開放|見学可?|利用可?能?|です|となります|します)*"
)
_SHUT_AWAY = re.compile(
    "(?:は|の)?(?:期間)?(?:中)?(?:は)?(?:見学|通行|利用|立ち?入り?)?(?:困難|不可|通行止め?|閉鎖|禁止)"
)
_CONDITIONS = ("season", "season_word", "weekdays", "nth")
_HOURS = ("window", "all_day")


@dataclass
class _Condition:
    season: Season | None = None
    days: Days | None = None
    raw: str = ""
    is_used: bool = False

    def is_pending(self) -> bool:
        return not self.is_used and (self.season is not None or self.days is not None)


class Reader:
    """
    Read one text into facts.

    Parameters
    ----------
    facts
        Where to put what is read.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.label = ""
        self.condition = _Condition()
        self.entry: Entry | None = None
        self.may_join = False
        self.wants_admission = False
        self.outer: list[tuple[str, Entry | None, _Condition, int | None]] = []
        self.is_near = False
        self.has_broken = False
        self.wants_check_out = False
        self.is_remarking = False
        self.heading = ""
        self.loose: list[str] = []
        self.list_from: int | None = None
        self.tokens: list[Token] = []
        self.position = 0

    def read(self, text: str) -> None:
        """Read ``text``; whatever is not understood ends up in ``facts.unread``."""
        self.tokens = tokenise(normal_text(text))
        while self.position < len(self.tokens):
            token = self.tokens[self.position]
            self.position += 1
            getattr(self, f"_on_{token.kind}")(token)
        self._end_clause(is_last=True)

    # -- looking around ------------------------------------------------------------------------------------------

    def _next(self, *, skip: tuple[str, ...] = ("slash",)) -> Token | None:
        for token in self.tokens[self.position :]:
            if token.kind not in skip:
                return token
        return None

    def _next_is(self, *kinds: str, skip: tuple[str, ...] = ("slash",)) -> bool:
        token = self._next(skip=skip)
        return token is not None and token.kind in kinds

    def _previous(self) -> Token | None:
        return self.tokens[self.position - 2] if self.position >= 2 else None

    # -- hours ---------------------------------------------------------------------------------------------------

    def _on_window(self, token: Token) -> None:
        span: Span = token.value
        if self.wants_admission:
            self.wants_admission = False
            if self.entry is not None:
                self._set_admission(span.end)
            else:
                self._add_entry(Entry("受付", [span], raw=token.raw))
            return
        if span.goes_overnight() and "泊" in self.label:
            self.facts.check_in = span.start.minute
            self.facts.check_out = (span.end.minute or 0) % (24 * 60)
            return
        if not span.is_possible():
            self._leave_hours(token.raw)
            return
        self._note_vagueness(span)
        if self._is_break(span) or self._is_of_something_inside(token):
            return
        if self.may_join and self._follows_on(span):
            assert self.entry is not None
            assert self.entry.spans is not None
            self.entry.spans.append(span)
            self.entry.raw += "、" + token.raw
            return
        self._add_entry(Entry(self.label, [span], raw=token.raw))

    def _is_break(self, span: Span) -> bool:
        """Cut a break out of the hours before it: 12時～13時は昼休憩, 10:00～11:00清掃."""
        words = "".join(
            part.raw for part in self.tokens[self.position : self.position + 3] if part.kind in ("word", "comma")
        )
        entry, begin, end = self.entry, span.start.minute, span.end.minute
        if (
            not re.match("(?:は|、|の|お|1時間|のため)*(?:昼|清掃|休憩|休止|閉室)", words)
            or entry is None
            or not entry.spans
        ):
            return False
        hours = entry.spans[-1]
        open_minute, close_minute = hours.start.minute, hours.end.minute
        if None in (begin, end, open_minute, close_minute) or not open_minute < begin < end < close_minute:  # type: ignore[operator]
            return False
        entry.spans[-1:] = [Span(hours.start, span.start), Span(span.end, hours.end)]
        self.may_join = False
        while self._next_is("word", "comma") and not re.match("開|営業", (self._next() or Token("word", "開")).raw):
            self.position += 1
        return True

    def _is_of_something_inside(self, token: Token) -> bool:
        """Take 15:00～17:00は喫茶タイム as a remark: here the name comes after the hours."""
        rest = self.tokens[self.position : self.position + 4]
        while rest and (rest[0].kind in ("comma", "window") or rest[0].raw == "と"):
            rest = rest[1:]
        if not rest or not rest[0].raw.startswith("は") or rank_of(rest[0].raw[1:]) != Rank.INSIDE:
            return False
        self.facts.notes.append(token.raw)
        return True

    def _leave_hours(self, raw: str) -> None:
        """Keep hours that cannot be used: as a remark where they are those of something inside the place."""
        words = f"{self.label} {self._taken_condition()}{raw}"
        following = self._next()
        named_after = following is not None and following.kind == "word" and rank_of(following.raw) == Rank.INSIDE
        is_other = rank_of(self.label) >= Rank.DESK or named_after
        (self.facts.notes if is_other else self.facts.unread).append(words.strip())

    def _note_vagueness(self, span: Span) -> None:
        if span.start.is_about or span.end.is_about:
            self.facts.assumed.add("about")
        if span.start.sun or span.end.sun:
            self.facts.assumed.add("until_sunset")

    def _follows_on(self, span: Span) -> bool:
        entry = self.entry
        if entry is None or not entry.spans or entry.label != self.label or self.condition.is_pending():
            return False
        before, after = entry.spans[-1].end.minute, span.start.minute
        return before is not None and after is not None and before <= after

    def _add_entry(self, entry: Entry) -> None:
        season = self.condition.season
        if self.outer and self.entry is None and self.facts.check_in is not None:
            self.facts.notes.append(f"{entry.label} {self._taken_condition()}{entry.raw}")
            return
        if season is not None and not season.is_readable:
            is_known = any(entry.spans == known.spans for known in self.facts.entries)
            (self.facts.notes if is_known else self.facts.unread).append(self.condition.raw + entry.raw)
            self._use_condition()
            self.entry, self.may_join = None, False
            return
        if self.condition.is_pending():
            entry.season, entry.days = self.condition.season, self.condition.days
        elif self.outer and self.entry is not None and self.entry.label == entry.label:
            self.facts.unread.append(f"({entry.raw})")
            return
        elif self.condition.season is not None and self.condition.is_used and self.label == entry.label:
            entry.season = self.condition.season
        entry.raw = self.condition.raw * (not self.condition.is_used) + entry.raw
        self._use_condition()
        self.facts.entries.append(entry)
        self.entry, self.may_join, self.is_near = entry, True, True
        self.heading = ""

    def _use_condition(self) -> None:
        self.condition.is_used = True
        self.list_from = None

    def _on_all_day(self, token: Token) -> None:
        start, end = Moment(0), Moment(24 * 60)
        if "自由" in token.raw or token.raw.startswith("常時") or self.entry is None or self.condition.is_pending():
            self._add_entry(Entry(self.label, [Span(start, end)], raw=token.raw))
        else:
            self.facts.notes.append(f"{self.label}{token.raw}")

    def _on_any_time(self, token: Token) -> None:
        self.facts.no_closing_days = True
        self.facts.notes.append(token.raw)

    def _on_time(self, token: Token) -> None:
        moment, tie = token.value
        if moment.is_about:
            self.facts.assumed.add("about")
        if self.wants_check_out and self.facts.check_out is None:
            self.facts.check_out = (moment.minute or 0) % (24 * 60)
            return
        if self.facts.check_out is not None and self.wants_check_out:
            self.facts.notes.append(f"{self.label} {token.raw}")
            return
        if self.wants_admission and tie != "since":
            self.wants_admission = False
            self._set_admission(moment)
            return
        following = self._next()
        entry = self.entry
        if following is not None and following.kind == "last_order" and entry is not None:
            self.position += 1
            self._set_admission(moment)
            return
        if (
            following is not None
            and following.kind == "word"
            and re.match(r"(?:最終|に|の)?(?:に)?(?:ご)?(?:入館|来館|来場|入場|受付|最終入場)", following.raw)
        ):
            self._set_admission(moment)
            return
        is_condition = self.condition.is_pending() and (tie != "since" or self._begins_something(token))
        if entry is not None and entry.spans and is_condition and self.label == entry.label:
            self._add_variant(token, moment, tie)
            return
        self.is_near = False
        is_session = tie == "since" and token.raw.endswith("~")
        is_start = following is not None and re.match("集合|発|着|閉門|開門|スタート", following.raw)
        is_end_of_other = "閉店" in token.raw and bool(self.outer)
        if is_session or is_start or is_end_of_other:
            self.facts.notes.append(f"{self.label} {self._taken_condition()}{token.raw}")
        else:
            self._leave_hours(token.raw)

    def _begins_something(self, token: Token) -> bool:
        """Return whether a time with から says when the place opens (7時から開園)."""
        following = self._next()
        return not token.raw.endswith("~") and following is not None and bool(re.match("開|営業", following.raw))

    def _set_admission(self, moment: Moment) -> None:
        if self.entry is None:
            self.facts.unread.append("入館 " + moment.osm())
        elif self.condition.is_pending() and self.entry.spans:
            # 冬季は入館16:00まで: a stricter admission in one season cannot be said apart from its hours.
            self.facts.unread.append(f"{self._taken_condition()}入館 {moment.osm()}")
        elif self.entry.spans and len(self.entry.admissions) < len(self.entry.spans):
            self.entry.admissions.append((self.entry.spans[-1], moment))
        else:
            self.facts.notes.append(f"{self.label}最終受付 {moment.osm()}")

    def _add_variant(self, token: Token, moment: Moment, tie: str) -> None:
        """Add the hours of the entry before with another end (日曜は17時まで) or another beginning."""
        entry = self.entry
        assert entry is not None
        assert entry.spans
        if tie == "since":
            spans = [Span(moment, entry.spans[0].end), *entry.spans[1:]]
        else:
            spans = [*entry.spans[:-1], Span(entry.spans[-1].start, moment)]
        if not all(span.is_possible() for span in spans):
            self.facts.unread.append(self._taken_condition() + token.raw)
            return
        variant = replace(
            entry,
            spans=spans,
            season=self.condition.season or entry.season,
            days=self.condition.days or entry.days,
            admissions=[],
            raw=self.condition.raw + token.raw,
        )
        if self.condition.days is None and not self.outer:
            # 日曜のみ5時～ ※12月31日は21時閉店: that goes for every day, each from its own opening time.
            self._add_variants_of_siblings(entry, variant, moment, tie)
        self._use_condition()
        self.facts.entries.append(variant)
        self.is_near = True

    def _add_variants_of_siblings(self, entry: Entry, variant: Entry, moment: Moment, tie: str) -> None:
        for sibling in list(self.facts.entries):
            if sibling is entry or not sibling.spans or sibling.label != entry.label or sibling.season != entry.season:
                continue
            first, last = sibling.spans[0], sibling.spans[-1]
            if tie == "since":
                spans = [Span(moment, first.end), *sibling.spans[1:]]
            else:
                spans = [*sibling.spans[:-1], Span(last.start, moment)]
            if all(span.is_possible() for span in spans):
                self.facts.entries.append(replace(variant, spans=spans, days=sibling.days))

    def _taken_condition(self) -> str:
        raw = self.condition.raw if self.condition.is_pending() else ""
        self._use_condition()
        return raw

    def _on_admission(self, token: Token) -> None:
        before = self._previous() or token
        if re.search(r"体験|団体|予約|投影|組", before.raw[-4:]) or "予約" in token.raw:
            self.label, self.entry = "体験受付", None
            return
        if before.kind == "word" and rank_of(before.raw) >= Rank.DESK:
            self.label, self.entry = f"{before.raw}{token.raw}", None
            return
        following = self._next()
        if self.entry is None and following is not None and following.kind == "window":
            self._set_label(token.raw)
            return
        if (
            self.condition.is_pending()
            and self.entry is not None
            and following is not None
            and following.kind == "window"
        ):
            self._set_label(token.raw)
            return
        self.wants_admission = True

    def _on_last_order(self, token: Token) -> None:
        self.wants_admission = self._next_is("time")
        if not self.wants_admission:
            self.facts.notes.append(token.raw)

    def _on_before_closing(self, token: Token) -> None:
        if re.search("入|来|受付", token.raw) or re.search("入|来|受付", (self._next() or token).raw[:6]):
            self.facts.minutes_before = max(token.value, self.facts.minutes_before or 0)
        else:
            self.facts.notes.append(token.raw)

    def _on_check_in(self, token: Token) -> None:
        if self.facts.check_in is None:
            self.facts.check_in = token.value.minute
        else:
            self.facts.notes.append(token.raw)
        self._keep_bare_season()
        self.may_join = False

    def _keep_bare_season(self) -> None:
        """Keep a season that no hours follow: 営業期間 4/1～10/31 チェックイン13:00."""
        condition = self.condition
        if condition.is_pending():
            self.facts.entries.append(Entry(self.label, None, condition.season, condition.days, raw=condition.raw))
        self._use_condition()

    def _on_check_out(self, token: Token) -> None:
        if self.facts.check_out is None:
            self.facts.check_out = (token.value.minute or 0) % (24 * 60)
        else:
            self.facts.notes.append(token.raw)
        self.may_join = False

    # -- conditions ----------------------------------------------------------------------------------------------

    def _on_season(self, token: Token) -> None:
        season: Season = token.value
        if not season.is_readable:
            self._on_open_beginning(token)
            return
        self._keep_condition(token, season=season)

    def _on_open_beginning(self, token: Token) -> None:
        """Take 2022年12月24日～ as a remark; an open beginning without a year is not understood."""
        if re.search(r"20\d\d|令和", token.raw):
            self.facts.notes.append(token.raw)
        else:
            self._keep_condition(token, season=token.value)

    def _on_season_word(self, token: Token) -> None:
        following = self._next(skip=("slash", "open", "word", "mark"))
        has_dates = self.condition.is_pending() and self.condition.season is not None
        if has_dates or (following is not None and following.kind == "season"):
            return  # 冬季（12～3月）: the dates say it better.
        self._keep_condition(token, season=token.value)

    def _on_weekdays(self, token: Token) -> None:
        days: Days = token.value
        self._keep_condition(token, days=days)

    def _on_nth(self, token: Token) -> None:
        days: Days = token.value
        if days.after_holiday:
            self._start_list()
            self.loose.append(token.raw)
            return
        self._keep_condition(token, days=days)

    def _keep_condition(self, token: Token, *, season: Season | None = None, days: Days | None = None) -> None:
        kept = self.condition
        if not kept.is_pending() and not self.loose:
            self.list_from = self.position - 1
        if kept.is_used:
            # 4月～10月 平日9時～ 土日10時～: the season goes on until another one is named.
            goes_on = days is not None and kept.season is not None and not self.outer
            kept = _Condition(season=kept.season if goes_on else None)
        self.condition = _Condition(
            season=season or kept.season,
            days=_both(kept.days, days) if kept.days is not None else days,
            raw=kept.raw + token.raw,
        )
        if season is not None and kept.is_pending() and kept.season is not None:
            if season.is_readable and kept.season.is_readable:
                self._merge_seasons(kept.season, season)
            else:
                self.condition.season = Season((), is_readable=False)
        self.may_join = self.has_broken = False

    def _merge_seasons(self, kept: Season, added: Season) -> None:
        """Take 6月と9月 together; of a date and a period (海開き 7月9日, 期間 7月9日～8月21日) the period counts."""
        if kept.spans and kept.spans[-1][0] == kept.spans[-1][1] and kept.spans[-1][0] == added.spans[0][0]:
            return
        if kept.holds(added):
            return
        self.condition.season = replace(added, spans=kept.spans + added.spans, assumed=kept.assumed | added.assumed)

    # -- closing days --------------------------------------------------------------------------------------------

    def _on_closing(self, token: Token) -> None:
        following = self._next(skip=("slash", "comma", "heading_end"))
        begins_list = following is not None and (following.kind in (*ITEMS, "except", "shift", "newline", "open"))
        if self.list_from is not None:
            self._read_pending_list()
        elif begins_list or re.match(r"冬[季期]休業", token.raw):
            self._read_closing_list(self.position - 1)
        elif not re.fullmatch("閉館|閉園|閉店", token.raw):
            self._leave_closing_word(token)

    def _read_pending_list(self) -> None:
        """Read the days just passed as closing days; their season goes on for the hours after them."""
        assert self.list_from is not None
        season = self.condition.season
        self._read_closing_list(self.list_from)
        self.condition = _Condition(season=season, is_used=True)
        self.loose = []

    def _read_closing_list(self, start: int) -> None:
        reader = ClosingReader(self.facts, self.tokens, start, label=self.label)
        self.position = max(reader.read(), self.position)
        self.list_from = None

    def _leave_closing_word(self, token: Token) -> None:
        words = self._next(skip=("slash", "comma"))
        if words is not None and words.kind == "word" and is_remark(words.raw) and not words.raw.startswith("中"):
            self.position = self.tokens.index(words, self.position) + 1
            self.facts.notes.append(token.raw + words.raw)
            return
        self.facts.unread.append(token.raw)

    def _on_irregular(self, token: Token) -> None:
        rest = self._next()
        if rest is not None and rest.kind == "word" and is_remark(rest.raw) and "場合" in rest.raw:
            self.position = self.tokens.index(rest, self.position) + 1
            self.facts.notes.append(token.raw + rest.raw)
            return
        self.facts.unread.append(token.raw)

    def _on_year_end(self, token: Token) -> None:
        following = self._next(skip=("slash", "open"))
        if following is not None and re.match("の(?:営業|開館)", following.raw):
            return  # 年末年始の営業時間: the dates follow with their hours.
        self._start_list()
        self.loose.append(token.raw)

    def _on_month_day(self, token: Token) -> None:
        self._start_list()
        self.loose.append(token.raw)

    def _start_list(self) -> None:
        if self.list_from is None:
            self.list_from = self.position - 1

    def _on_no_closing(self, token: Token) -> None:
        following = self._next(skip=())
        if (
            following is not None
            and following.kind == "open"
            and any(t.kind == "year_end" for t in self._bracket_after())
        ):
            self._read_closing_list(self.position - 1)
            return
        if self.condition.is_pending() and self.condition.season is not None:
            self.facts.notes.append(self._taken_condition() + token.raw)
            return
        self.facts.no_closing_days = True

    def _bracket_after(self) -> list[Token]:
        self.position += 1
        inside = bracketed(self.tokens, self.position)
        self.position -= 1
        return inside

    def _on_shift(self, token: Token) -> None:
        before = len(self.facts.closed)
        if rank_of(self.label) >= Rank.NAMED:
            self.facts.notes.append(token.raw)
            return
        self._read_closing_list(self.position - 1)
        if len(self.facts.closed) == before and token.raw not in self.facts.unread:
            self.facts.unread.append(token.raw)

    def _on_except(self, token: Token) -> None:
        if "除" in token.raw and self.list_from is not None:
            self._read_pending_list()
            return
        previous = self._previous()
        is_inside = rank_of(self.label) >= Rank.DESK
        if is_inside or (previous is not None and previous.kind == "word" and not _TIES.fullmatch(previous.raw)):
            self.facts.notes.append(token.raw)
        else:
            self.facts.unread.append(token.raw)

    # -- words and marks -----------------------------------------------------------------------------------------

    def _on_word(self, token: Token) -> None:
        words = token.raw
        if re.fullmatch(r"チェック\s?アウト", words):
            self.wants_check_out = True
            return
        if _TIES.fullmatch(words):
            return
        if _ONLY.fullmatch(words) and self.condition.is_pending():
            if self._next_is(*_HOURS, *_CONDITIONS, "time", "closing", "open", skip=("slash", "shut", "newline")):
                return
            if self.facts.entries and self.label == self.facts.entries[0].label:
                self._restrict_all()
                return
        if self._next_is("closing") and self.condition.is_pending() and len(words) <= 4:
            return
        if re.search("から|より|~$", words[-2:]) and self._next_is("season"):
            # シーズン開通から8月末日: a season that begins nobody knows when.
            self.position += 1
            self._keep_condition(Token("season", words), season=Season((), is_readable=False))
            return
        if self._labels_what_follows(words):
            self._set_label(words)
            return
        if self._is_about_something_else(words):
            return
        if self.condition.is_pending() and self.has_broken and not self.outer:
            self._settle_condition()
        self.is_near = False
        if len(words) <= 30 and not is_remark_about_hours(words):
            self.heading = words
        if self.condition.is_pending() and self.condition.days is None and _SHUT_AWAY.match(words):
            assert self.list_from is not None
            ClosingReader(self.facts, self.tokens[: self.position - 1], self.list_from, label=self.label).read()
            self._use_condition()
            self.facts.notes.append(words)
            return
        speaks_of_flowers = re.search("開花|見頃|見ごろ|咲", words + self.label)
        if self.condition.is_pending() and self.condition.season is not None and speaks_of_flowers:
            self.facts.best_season.extend(self.condition.season.spans)
            self.facts.assumed |= self.condition.season.assumed
            self._use_condition()
            return
        if self.condition.is_pending() and self._is_elsewhere(words):
            self.facts.notes.append(self.label + self._taken_condition() + words)
            return
        self._leave(self._taken_condition() + words if self.condition.is_pending() else words)

    def _is_elsewhere(self, words: str) -> bool:
        """Return whether a condition with words is about something beside the place (パーク獅子吼は冬期も営業)."""
        if re.match("より?通常営業|通常営業", words):
            return True
        other = self.entry is not None and self.label != self.entry.label and rank_of(self.label) != Rank.WHOLE
        return other or (self.entry is not None and rank_of(words) == Rank.INSIDE)

    def _is_about_something_else(self, words: str) -> bool:
        """Take 体験受付は15:30まで, 出口閉門19:00 or 2:40集合 as a remark; 見学は17時まで as visiting hours."""
        following = self._next(skip=("slash", "comma"))
        previous = self._previous()
        if previous is not None and previous.kind == "time" and re.match("集合|発|着", words):
            return True
        if following is None or following.kind != "time" or len(words) > 30:
            return False
        moment, tie = following.value
        if re.fullmatch("最終", words):
            self.wants_admission = True
            return True
        rank = rank_of(re.sub(r"(?:は|の|が)$", "", words))
        if re.fullmatch("(?:施設)?利用は", words) and self.outer and tie == "until":
            # （施設利用は21:30まで）: later arrivals find nothing to use.
            self.wants_admission = True
            return True
        if rank == Rank.WHOLE or (self.condition.is_pending() and rank < Rank.DESK):
            return False
        self.position = self.tokens.index(following, self.position) + 1
        self.is_near = False
        entry = self.entry
        if rank == Rank.VISIT and tie == "until" and entry is not None and entry.spans and entry.rank == Rank.WHOLE:
            span = Span(entry.spans[0].start, moment)
            if span.is_possible():
                self.entry = Entry("見学", [span], entry.season, entry.days, raw=words + following.raw)
                self.label = "見学"
                self.facts.entries.append(self.entry)
                return True
        self.facts.notes.append(self._taken_condition() + words + following.raw)
        return True

    def _labels_what_follows(self, words: str) -> bool:
        if len(words) > 30 or re.search(r"^\d+日$|ください|ます|ません|場合", words):
            return False
        following = self._next(skip=("slash", "newline", "open", "heading", "heading_end", "comma"))
        return following is not None and following.kind in (
            *_HOURS,
            *_CONDITIONS,
            "closing",
            "admission",
            "check_in",
            "no_closing",
            "year_end",
        )

    def _set_label(self, words: str) -> None:
        label = re.sub(r"^[\s.:は]+|[\s.:…]+$|(?:の)?(?:営業|開館|利用)?時間(?:帯)?$|は$", "", words).strip()
        if self.condition.is_used:
            self.condition = _Condition()
        if rank_of(label) == Rank.WHOLE and self.heading and rank_of(self.heading) >= Rank.NAMED:
            # カフェ○○・営業時間/11:00～20:00: the hours are those of the name before.
            label = self.heading
        self.label, self.may_join, self.is_near = label, False, False

    def _restrict_all(self) -> None:
        """Apply 土日祝のみ to every entry that does not say its own days."""
        for entry in self.facts.entries:
            entry.days = entry.days or self.condition.days
            entry.season = entry.season or self.condition.season
        self._use_condition()

    def _leave(self, words: str) -> None:
        words = words.strip()
        if not words:
            return
        # 悪天候の場合は、休む日があります: the second half goes with the first.
        goes_on = self.is_remarking and not re.search(r"\d|曜|のみ|だけ", words)
        is_inside = rank_of(self.label) >= Rank.DESK and not re.search("休|閉館", words)
        if is_remark(words) or goes_on or is_inside:
            self.facts.notes.append(words)
            self.is_remarking = bool(re.search("場合|とき|際", words))
        else:
            self.facts.unread.append(words)

    def _on_open(self, token: Token) -> None:
        inside = bracketed(self.tokens, self.position)
        kinds = {part.kind for part in inside}
        is_condition = bool(kinds & set(_CONDITIONS)) and not kinds & {
            "window",
            "time",
            "closing",
            "all_day",
            "shift",
            "no_closing",
            "before_closing",
            "year_end",
            "except",
        }
        after = self.tokens[self.position + len(inside) + 1 :]
        if is_condition and self._is_for_last_entry(inside, after):
            self._attach(inside)
            self.position += len(inside) + 1
            return
        if kinds <= {"word", "slash", "comma", "mark"} and inside:
            words = "".join(part.raw for part in inside if part.kind != "mark")
            self.has_broken = True
            self.position += len(inside) + 1
            if after and after[0].kind in _HOURS and not is_remark_about_hours(words):
                self._set_label(words)
            elif not _TIES.fullmatch(words):
                self._leave(words)
            return
        self.has_broken = True
        if "shift" in kinds and self.list_from is not None:
            # 毎週月曜日（祝日の場合は翌日）: only closing days move on holidays.
            self._read_pending_list()
            return
        self.outer.append((self.label, self.entry, self.condition, self.list_from))
        self.list_from = None
        if kinds & set(_CONDITIONS) or not self.condition.is_pending():
            self.condition = _Condition()

    def _is_for_last_entry(self, inside: list[Token], after: list[Token]) -> bool:
        """Return whether a condition in brackets belongs to the hours before it, not to those after it."""
        previous = self._previous()
        if self.entry is None or previous is None or previous.kind == "newline" or not self.is_near:
            return False
        has_season = any(part.kind in ("season", "season_word") for part in inside)
        has_days = any(part.kind in ("weekdays", "nth") for part in inside)
        is_free = (not has_season or self.entry.season is None) and (not has_days or self.entry.days is None)
        words = [
            part.raw
            for part in inside
            if part.kind == "word" and not _TIES.fullmatch(part.raw) and not _ONLY.fullmatch(part.raw)
        ]
        follows_hours = previous.kind in (*_HOURS, "time", "shut", "admission")
        return is_free and not words and follows_hours

    def _attach(self, inside: list[Token]) -> None:
        assert self.entry is not None
        held = self.condition
        self.condition = _Condition()
        for part in inside:
            if part.kind in ("season", "season_word"):
                if part.value.is_readable:
                    self._keep_condition(part, season=part.value)
                else:
                    self.facts.unread.append(part.raw)
            elif part.kind in ("weekdays", "nth"):
                self._keep_condition(part, days=part.value)
        before = self.facts.entries[-2] if len(self.facts.entries) > 1 else None
        self.entry.season = self.entry.season or self.condition.season
        self.entry.days = self.entry.days or self.condition.days
        if before is not None and before.label == self.entry.label and before.season and before.days:
            # 土日祝 9:30～18:00（6～9月）9:30～17:00（10～5月）: the days go on.
            self.entry.days = self.entry.days or before.days
        self.condition = held
        self._use_condition()

    def _on_shut(self, token: Token) -> None:
        self.wants_admission = False
        inner = self.condition
        goes_on = inner.is_pending() and self._next_is(
            *_HOURS, *_CONDITIONS, "time", "closing", skip=("slash", "newline", "word")
        )
        if inner.is_pending() and not goes_on and (not self.outer or inner is not self.outer[-1][2]):
            self._leave_condition()
        if not self.outer:
            return
        self.label, entry, outer, list_from = self.outer.pop()
        self.entry = entry or self.entry
        if not outer.is_pending():
            self.condition = inner if goes_on else outer
            return
        self.condition, self.list_from = outer, list_from
        if goes_on and inner.days is not None and outer.days is not None:
            self.condition = replace(outer, days=_both(outer.days, inner.days), raw=outer.raw + inner.raw)
        elif goes_on:
            self.condition = replace(
                outer, season=outer.season or inner.season, days=outer.days or inner.days, raw=outer.raw + inner.raw
            )

    def _leave_condition(self) -> None:
        """Give up a condition in brackets that belongs to nothing."""
        season = self.condition.season
        if season is not None and self.entry is None:
            self.facts.entries.append(Entry(self.label, None, season, self.condition.days, raw=self.condition.raw))
        elif rank_of(self.label) >= Rank.DESK or not self.is_near:
            self.facts.notes.append(f"{self.label}({self.condition.raw})")
        else:
            self.facts.unread.append(self.condition.raw)
        self._use_condition()

    def _on_heading(self, token: Token) -> None:
        self._end_clause()
        inside = []
        for part in self.tokens[self.position :]:
            if part.kind == "heading_end":
                break
            inside.append(part)
        if inside and {part.kind for part in inside} <= {"word", "comma", "slash"}:
            self.position += len(inside) + 1
            label = "".join(part.raw for part in inside)
            if rank_of(label) != Rank.WHOLE:
                self._keep_bare_season()
            self._set_label(label)

    def _on_heading_end(self, token: Token) -> None:
        """Nothing hangs on the end of a heading."""

    def _on_mark(self, token: Token) -> None:
        self.has_broken = True
        self.is_remarking = False
        self._end_clause()
        if "※" not in token.raw:
            self.heading = ""

    def _on_newline(self, token: Token) -> None:
        self.has_broken = True
        if not self.condition.is_pending():
            self.may_join = self.may_join and self._next_is("window")
        if self.condition.is_used:
            self.condition = _Condition()

    def _on_comma(self, token: Token) -> None:
        self.has_broken = True
        if self.outer:
            return
        if (
            self.condition.is_pending()
            and self.entry is not None
            and not self._next_is(*_CONDITIONS, *_HOURS, "closing", "time", "year_end")
        ):
            self._end_clause()

    def _on_slash(self, token: Token) -> None:
        """Colons and slashes only hold labels and values together."""

    def _end_clause(self, *, is_last: bool = False) -> None:
        """Settle what is still pending at the end of a clause."""
        if self.loose and self.list_from is not None:
            self.facts.unread.extend(self.loose)
        self.loose = []
        if self.condition.is_pending() and (self.entry is not None or is_last):
            self._settle_condition()
        elif self.condition.is_used:
            self.condition = _Condition()
        self.may_join = self.wants_admission = False

    def _settle_condition(self) -> None:
        condition, entry = self.condition, self.entry
        if condition.season is not None and not condition.season.is_readable:
            self.facts.unread.append(condition.raw)
        elif entry is None or entry.label != self.label:
            self.facts.entries.append(Entry(self.label, None, condition.season, condition.days, raw=condition.raw))
        elif (
            self.is_near
            and (condition.season is None or entry.season is None)
            and (condition.days is None or entry.days is None)
        ):
            entry.season = entry.season or condition.season
            entry.days = entry.days or condition.days
        else:
            self.facts.unread.append(condition.raw)
        self._use_condition()


def is_remark_about_hours(words: str) -> bool:
    """Return whether words in brackets are a remark rather than the name of a facility."""
    return bool(re.search(r"変更|予約|場合|異な|により|ください|要|約", words))


def _both(one: Days, other: Days | None) -> Days:
    if other is None:
        return one
    return replace(one, members=one.members | other.members, but_holidays=one.but_holidays or other.but_holidays)
