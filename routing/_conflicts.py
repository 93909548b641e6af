"""Wishes that cannot be met: found before solving where one place or one day decides, told afterwards where not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regional_assets.model import Name
from routing._clock import clock_of
from routing._ground import ends_of, starts_of
from routing.itinerary import Conflict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from routing._ground import Ground
    from routing._options import Day
    from routing._screen import Screening
    from routing._translate import Translation
    from routing.request import TripRequest
    from solvers.orienteering import SolveResult


def find_conflicts(
    request: TripRequest, days: Sequence[Day], screening: Screening, ground: Ground
) -> tuple[Conflict, ...]:
    """Return every wish that no plan can meet, as far as single places, single days and plain sums decide it."""
    conflicts = (
        *_wanted_but_refused(request, screening),
        *_days_too_short(days, screening, ground),
        *_days_too_far_to_walk(request, days, screening, ground),
        *_over_budget(request, screening),
    )
    if conflicts or screening.candidates:
        return conflicts
    text = Name(
        ja="この条件で訪ねられる場所が一つもない(理由は下の一覧)",
        en="no place can be visited under these conditions (the list below says why)",
    )
    return (Conflict(code="NOTHING_TO_VISIT", assets=(), text=text),)


def unmet(result: SolveResult, translation: Translation, screening: Screening) -> tuple[Conflict, ...]:
    """Return the wishes that could not be kept together, and say so as a fact only where it is proven."""
    groups = [candidate.asset for candidate in screening.candidates] + [inn.asset for inn in screening.inns]
    named = [conflict for conflict in result.conflicts if conflict.code == "REQUIRED_MISSING"]
    if named:
        together = [groups[index] for index in sorted(conflict.index for conflict in named)]
        names_ja = "、".join(asset.name.in_("ja") for asset in together)
        names_en = ", ".join(asset.name.in_("en") for asset in together)
        if all(conflict.proven for conflict in named):
            text = Name(
                ja=f"希望の場所のうち、一つの旅にはそろって入らない: {names_ja}",
                en=f"these wanted places cannot all be in one trip: {names_en}",
            )
        else:
            text = Name(
                ja=f"希望の場所をすべて訪ねる計画が見つからない(両立しなかった場所: {names_ja})",
                en=f"no plan was found that holds every wanted place (these could not be kept together: {names_en})",
            )
        return (Conflict(code="WISHES_TOGETHER", assets=tuple(asset.id for asset in together), text=text),)
    wanted = [groups[int(group)] for group in dict.fromkeys(translation.problem.required.tolist())]
    codes = sorted({violation.code for violation in result.evaluation.violations})
    text = Name(
        ja=f"条件をすべて満たす計画が見つからない({', '.join(codes)})",
        en=f"no plan was found that keeps every limit ({', '.join(codes)})",
    )
    return (Conflict(code="LIMITS_TOGETHER", assets=tuple(asset.id for asset in wanted), text=text),)


def _wanted_but_refused(request: TripRequest, screening: Screening) -> Iterator[Conflict]:
    wanted = {*request.must, *(pin.asset for pin in request.pins)}
    for asset, refusal in screening.refused:
        if asset.id in wanted:
            text = Name(
                ja=f"{asset.name.in_('ja')}: {refusal.text.in_('ja')}",
                en=f"{asset.name.in_('en')}: {refusal.text.in_('en')}",
            )
            yield Conflict(code=refusal.code, assets=(asset.id,), text=text)
    chosen = {inn.asset.id for inn in screening.inns}
    known = {candidate.asset.id for candidate in screening.candidates}
    refused = {asset.id for asset, _ in screening.refused}
    for asset_id in sorted(wanted - chosen - known - refused):
        text = Name(
            ja=f"{asset_id}: 宿は、泊まれる夜があるときだけ指定できる",
            en=f"{asset_id}: a lodging can only be wanted where a night may be spent at it",
        )
        yield Conflict(code="NO_NIGHT", assets=(asset_id,), text=text)


def _days_too_short(days: Sequence[Day], screening: Screening, ground: Ground) -> Iterator[Conflict]:
    for index, day in enumerate(days):
        starts, ends = starts_of(ground, screening, index), ends_of(ground, screening, index)
        if not starts or not ends:
            continue
        least = min(int(ground.seconds[start, end]) for start in starts for end in ends)
        if day.earliest_s + least > day.latest_s:
            window = f"{clock_of(day.earliest_s)}-{clock_of(day.latest_s)}"
            text = Name(
                ja=f"{day.date}: 起点から終点まで{least // 60}分かかり、{window}に収まらない",
                en=f"{day.date}: going from start to end takes {least // 60} min, more than {window} holds",
            )
            yield Conflict(code="DAY_TOO_SHORT", assets=(), text=text)


def _days_too_far_to_walk(
    request: TripRequest, days: Sequence[Day], screening: Screening, ground: Ground
) -> Iterator[Conflict]:
    limit = request.limits.walk_m_per_day
    if limit is None or request.mode != "walk":
        return
    for index, day in enumerate(days):
        starts, ends = starts_of(ground, screening, index), ends_of(ground, screening, index)
        least = min((int(ground.travel.metres[start, end]) for start in starts for end in ends), default=0)
        if least > limit:
            text = Name(
                ja=f"{day.date}: 起点から終点まで徒歩{least:,}mで、上限{limit:,}mを超える",
                en=f"{day.date}: going from start to end is {least:,} m on foot, over the limit of {limit:,} m",
            )
            yield Conflict(code="OVER_WALKING_LIMIT", assets=(), text=text)


def _over_budget(request: TripRequest, screening: Screening) -> Iterator[Conflict]:
    if request.budget_jpy is None:
        return
    wanted = [candidate for candidate in screening.candidates if candidate.is_wanted]
    doors = sum(candidate.cost.counted for candidate in wanted)
    nights = sum(min(screening.inns[inn].cost.counted for inn in choice) for choice in screening.nights if choice)
    if doors + nights > request.budget_jpy:
        parts_ja = f"希望の場所に{doors:,}円、宿に最低{nights:,}円"
        parts_en = f"the wanted places cost {doors:,} yen and the cheapest inns {nights:,} yen"
        text = Name(
            ja=f"{parts_ja}が必要で、予算{request.budget_jpy:,}円を超える",
            en=f"{parts_en}, together over the budget of {request.budget_jpy:,} yen",
        )
        assets = tuple(candidate.asset.id for candidate in wanted)
        yield Conflict(code="OVER_BUDGET", assets=assets, text=text)
