"""What a judgement of a plan made by hand says, in Japanese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regional_assets.model import Name
from routing._clock import clock_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from regional_assets.model import Asset, Kind

# Each is the sentence of the finding of its name.
NOT_A_VISIT = Name(
    ja="宿は訪問先ではなく、泊まる場所として stay に指定する", en="an inn is no visit; name it under `stay`"
)
NO_POSITION = Name(ja="位置が不明なため、時刻の計算から外した", en="position unknown: left out of the times")
AVOIDED = Name(ja="避ける場所に指定されている", en="to be avoided, as asked")
VISITED_TWICE = Name(ja="二度訪れている", en="visited twice")
HOURS_UNKNOWN = Name(
    ja="営業時間が不明(この希望では不明な場所を避ける)",
    en="opening hours unknown, and the request refuses such places",
)
MUST_MISSING = Name(ja="必ず訪れる場所(must)が入っていない", en="has to be in the trip (must), and is not")
NO_NIGHT = Name(
    ja="希望では、この日の後に泊まる夜がない(最終日、日程の間、起点・終点の指定、宿なしの指定のいずれか)",
    en="the request has no night after this day (last day, a gap, a given start or end, or lodging `none`)",
)
LUNCH_MISSING = Name(ja="昼食の時間に食事をする場所がない", en="no place to eat at lunch time")
MEAL_NOT_ASKED = Name(
    ja="食事だけの店だが、この時刻の食事は希望にない(昼食の時間外、または二度目の昼食)",
    en="serves meals only, and none is looked for at that time (outside lunch time, or a second lunch)",
)
NO_INTEREST = Name(ja="興味の重みが0(点数にならない)", en="interest in this kind is set to 0: brings no points")


def span_of(seconds: int, language: str) -> str:
    """Return a length of time: to the minute, below one to the second."""
    if seconds < 60:
        return f"{seconds}秒" if language == "ja" else f"{seconds} s"
    hours, minutes = divmod((seconds + 30) // 60, 60)
    if language == "ja":
        return (f"{hours}時間" if hours else "") + (f"{minutes}分" if minutes or not hours else "")
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "") if part)


def _name(asset: Asset) -> tuple[str, str]:
    return asset.name.in_("ja"), asset.name.in_("en")


def of_place(asset: Asset, text: Name) -> Name:
    """Return a reason with the name of its place before it."""
    ja, en = _name(asset)
    return Name(ja=f"{ja}: {text.in_('ja')}", en=f"{en}: {text.in_('en')}")


def no_lodging(asset: Asset) -> Name:
    """Return what is said of a night at a place that is no inn."""
    return Name(ja=f"宿ではない({asset.kind})", en=f"no lodging but {asset.kind}")


def unreachable(origin: Name) -> Name:
    """Return what is said of a place to which no way leads."""
    return Name(
        ja=f"{origin.in_('ja')}から行く道がない(移動時間は0として計算)",
        en=f"no way leads there from {origin.in_('en')} (counted as no time)",
    )


def no_way_to_the_end(end: Name) -> Name:
    """Return what is said of a day whose end cannot be reached."""
    return Name(
        ja=f"{end.in_('ja')}へ行く道がない(移動時間は0として計算)",
        en=f"no way leads to {end.in_('en')} (counted as no time)",
    )


def arrives_late(given: int, reached: int) -> Name:
    """Return what is said of a time that the way there does not allow."""
    late = reached - given
    return Name(
        ja=f"{clock_of(given)}には着けない。早くて{clock_of(reached)}({span_of(late, 'ja')}の遅れ)",
        en=f"cannot be there at {clock_of(given)}: {clock_of(reached)} at the earliest, {span_of(late, 'en')} late",
    )


def too_early(opens: int, begin: int, end: int) -> Name:
    """Return what is said of a visit that is over when the door opens."""
    return Name(
        ja=f"{clock_of(begin)}〜{clock_of(end)}はまだ開いていない({clock_of(opens)}から)",
        en=f"{clock_of(begin)} to {clock_of(end)} is before it opens ({clock_of(opens)})",
    )


def too_late(begin: int, end: int, last_entry: int, closes: int) -> Name:
    """Return what is said of a visit that begins or ends too late."""
    entry = f"、最終入場{clock_of(last_entry)}" if last_entry < closes else ""
    entry_en = f", last entry {clock_of(last_entry)}" if last_entry < closes else ""
    return Name(
        ja=f"{clock_of(begin)}〜{clock_of(end)}は遅すぎる({clock_of(closes)}に閉まる{entry})",
        en=f"{clock_of(begin)} to {clock_of(end)} is too late (closes at {clock_of(closes)}{entry_en})",
    )


def slot_missed(begin: int, starts: Sequence[int]) -> Name:
    """Return what is said of a visit that begins at none of the starts that can be booked."""
    if not starts:
        return Name(ja="この日は予約枠がない", en="has no bookable start on that day")
    listed = [clock_of(start) for start in starts]
    return Name(
        ja=f"{clock_of(begin)}からは予約枠({'・'.join(listed)})に合わない",
        en=f"at {clock_of(begin)} no start can be kept ({', '.join(listed)})",
    )


def pin_missed(pinned: dt.datetime, begin: int) -> Name:
    """Return what is said of a booking that is not kept to the minute."""
    clock = pinned.strftime("%H:%M")
    return Name(
        ja=f"予約は{clock}だが{clock_of(begin)}になる", en=f"booked for {clock}, but begins at {clock_of(begin)}"
    )


def pin_elsewhere(pinned: dt.datetime) -> Name:
    """Return what is said of a booking for which the plan is not there."""
    when = f"{pinned.date().isoformat()} {pinned.strftime('%H:%M')}"
    return Name(ja=f"予約({when})の日時に訪れていない", en=f"booked for {when}, and not visited on that day")


def stay_too_short(stay: int, least: int) -> Name:
    """Return what is said of a visit that is shorter than the least one."""
    return Name(
        ja=f"滞在{span_of(max(0, stay), 'ja')}は短すぎる(少なくとも{span_of(least, 'ja')})",
        en=f"{span_of(max(0, stay), 'en')} there is too short (at least {span_of(least, 'en')})",
    )


def day_too_long(end: int, latest: int) -> Name:
    """Return what is said of a day that ends too late."""
    over = end - latest
    return Name(
        ja=f"一日の終わりが{clock_of(end)}になり、{clock_of(latest)}を{span_of(over, 'ja')}過ぎる",
        en=f"the day ends at {clock_of(end)}, {span_of(over, 'en')} after {clock_of(latest)}",
    )


def over_budget(yen: int, budget: int) -> Name:
    """Return what is said of a plan that costs too much."""
    return Name(
        ja=f"費用{yen:,}円は予算{budget:,}円を{yen - budget:,}円超える",
        en=f"{yen:,} yen is {yen - budget:,} yen over the budget of {budget:,} yen",
    )


def over_walking(metres: int, limit: int) -> Name:
    """Return what is said of a day with too long ways on foot."""
    return Name(
        ja=f"徒歩{metres:,}mは上限{limit:,}mを{metres - limit:,}m超える",
        en=f"{metres:,} m on foot is {metres - limit:,} m over the limit of {limit:,} m",
    )


def over_kind(kind: Kind, visits: int, most: int) -> Name:
    """Return what is said of a day with too many places of a kind."""
    return Name(
        ja=f"{kind}を{visits}か所訪れ、上限{most}か所を超える",
        en=f"{visits} visits of kind {kind}; at most {most} allowed",
    )


def lodging_missing(wanted: Asset | None) -> Name:
    """Return what is said of a night without an inn."""
    if wanted is None:
        return Name(ja="この夜の宿がない", en="no inn for this night")
    ja, en = _name(wanted)
    return Name(ja=f"この夜の宿({ja})がない", en=f"no inn for this night ({en} is asked for)")


def wrong_lodging(wanted: Asset) -> Name:
    """Return what is said of another inn than the one asked for."""
    ja, en = _name(wanted)
    return Name(ja=f"この夜の宿は{ja}と指定されている", en=f"{en} is asked for on this night")


def above_pace(visits: int, most: int) -> Name:
    """Return what is said of a day with more visits than the pace has."""
    return Name(
        ja=f"{visits}か所は、このペースの{most}か所より多い", en=f"{visits} visits; this pace has {most} at most"
    )


def many_bites(visits: int, most: int) -> Name:
    """Return what is said of a day with many food places."""
    return Name(
        ja=f"昼食のほかに食の場所が{visits}か所(計画では{most}か所まで)",
        en=f"{visits} food places besides lunch; a planned day has {most} at most",
    )


def many_alike(category: str, visits: int, most: int) -> Name:
    """Return what is said of a day with many places alike."""
    return Name(
        ja=f"似た場所({category})が{visits}か所(計画では{most}か所まで)",
        en=f"{visits} places alike ({category}); a planned day has {most} at most",
    )
