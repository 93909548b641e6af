"""Rules in words, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pricing.model import (
    DailyStepRule,
    FrozenRule,
    ModeRule,
    NeighbourStepRule,
    NoDropRule,
    OneNonResidentPriceRule,
    OverrideRule,
    RangeRule,
    ResidentRule,
    RoundingRule,
    SpreadRule,
    WalkInRule,
)
from regional_assets.text import Text

if TYPE_CHECKING:
    from pricing.model import Rule

MODE_PERCENT = {"careful": 10, "standard": 25, "bold": 50}
"""How far a mode lets a price go from today's, in percent of it."""


def words_of(rule: Rule) -> Text:
    """Return what a rule demands, in a few words."""
    match rule:
        case RangeRule():
            return _range(rule)
        case RoundingRule():
            return Text(f"{rule.unit:,}円単位", f"multiples of ¥{rule.unit:,}")
        case DailyStepRule():
            return Text(f"上げ下げは1日{rule.yen:,}円まで", f"at most ¥{rule.yen:,} a day")
        case NeighbourStepRule():
            return Text(f"隣の枠との差は{rule.yen:,}円まで", f"at most ¥{rule.yen:,} between neighbouring slots")
        case NoDropRule():
            return Text(f"{rule.days}日前から値下げしない", f"no drop from {rule.days} days before")
        case ResidentRule():
            return Text("住民料金は一般料金以下", "residents pay no more than the public")
        case OneNonResidentPriceRule():
            return Text("住民以外は同一料金", "one price for all non-residents")
        case FrozenRule():
            return Text("料金を据え置く", "prices stay as they are")
        case WalkInRule():
            return Text(f"予約なしで来る客に{rule.seats}席を残す", f"{_seats(rule.seats)} kept for walk-ins")
        case SpreadRule():
            return Text(f"料金の開きは{rule.yen:,}円まで", f"a spread of at most ¥{rule.yen:,}")
        case ModeRule():
            return _mode(rule)
        case OverrideRule():
            return Text(f"手動で{rule.price:,}円", f"set by hand to ¥{rule.price:,}")


def named(rule: Rule) -> Text:
    """Return a rule's words with its id: ``at most ¥500 a day (step)``."""
    words = words_of(rule)
    return Text(ja=f"「{words.ja}」({rule.id})", en=f"'{words.en}' ({rule.id})")


def _range(rule: RangeRule) -> Text:
    if rule.cap is None:
        return Text(f"{rule.floor or 0:,}円以上", f"at least ¥{rule.floor or 0:,}")
    if rule.floor is None:
        return Text(f"{rule.cap:,}円以下", f"at most ¥{rule.cap:,}")
    return Text(f"{rule.floor:,}円から{rule.cap:,}円まで", f"from ¥{rule.floor:,} to ¥{rule.cap:,}")


def _seats(count: int) -> str:
    return f"{count} seat" if count == 1 else f"{count} seats"


def _mode(rule: ModeRule) -> Text:
    ja = {"careful": "慎重", "standard": "標準", "bold": "大胆"}[rule.mode]
    percent = MODE_PERCENT[rule.mode]
    return Text(f"{ja}モード: 今の料金から上下{percent}%まで", f"{rule.mode}: at most {percent}% from today's price")
