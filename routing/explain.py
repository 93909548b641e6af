"""Why places are not in a trip: what each would push out and cost, found by planning again with it forced in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regional_assets.errors import InputError, Problem
from regional_assets.model import Name
from regional_assets.text import Text
from routing._check import check_request, unknown_ids
from routing._explain_plan import solution_of
from routing._ground import reach, survey
from routing._scoring import UNITS_PER_POINT
from routing._screen import screen, trip_days
from routing._translate import translate
from routing.itinerary import Excluded
from solvers.orienteering.evaluation import evaluate
from solvers.stopping import Stop

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from regional_assets.model import Asset, Region
    from regional_assets.text import Language
    from routing._screen import Screening
    from routing._translate import Translation
    from routing.itinerary import Itinerary
    from routing.request import Mode
    from routing.streets import StreetNetwork
    from solvers.orienteering import TripSolution
    from solvers.orienteering.displaced import Displacement

_NAMES_SHOWN = 5
"""Places named in a sentence; the fields beside it hold all of them."""


def explain_trip(
    region: Region,
    itinerary: Itinerary,
    asset_ids: Sequence[str],
    *,
    today: dt.date,
    networks: Mapping[Mode, StreetNetwork] | None = None,
    on_progress: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> tuple[Excluded, ...]:
    """
    Say why places are not in a trip; where no reason is decided on the place alone, plan again with it forced in.

    Parameters
    ----------
    region
        Where, as when the itinerary was planned.
    itinerary
        A plan; its request says the rest, solver and limit of each search included.
    asset_ids
        Places and inns to explain; those that are in the trip have no reason and are passed over.
    today, networks
        As for `plan_trip`.
    on_progress
        Called with the share of the work done, 0 to 1.
    should_stop
        Ends the work, as for `plan_trip`: the places explained by then come back.

    Returns
    -------
    reasons
        In the order asked. Reasons decided on the place alone are those of the itinerary. ``DISPLACED`` says that a
        plan with the place would push others out, at no gain; ``proven`` only where every plan with it is certain to be
        worth less. Without a code, the text tells what the search found: that the plan would be better with the place,
        that the place costs more than it brings, or that no plan with it was found.

    Raises
    ------
    InputError
        If an id is unknown, there is no plan, or the plan is not possible in this region (any more).
    """
    request = itinerary.request
    problems = unknown_ids(region, asset_ids, "explain")
    if problems:
        raise InputError(problems)
    check_request(region, request, today)
    wanted = [asset_id for asset_id in dict.fromkeys(asset_ids) if asset_id not in _assets_in(itinerary)]
    known = {place.asset: place for place in itinerary.excluded}
    if all(asset_id in known and known[asset_id].code is not None for asset_id in wanted):
        return tuple(known[asset_id] for asset_id in wanted)
    stop = Stop(should_stop)
    explainer = _Explainer(region, itinerary, networks or {}, stop if stop.is_possible else None)
    reasons: list[Excluded] = []
    for number, asset_id in enumerate(wanted):
        is_decided = asset_id in known and known[asset_id].code is not None
        reason = known[asset_id] if is_decided else explainer.explain(asset_id)
        if stop():
            break
        reasons.append(reason)
        if on_progress is not None:
            on_progress((number + 1) / len(wanted))
    return tuple(reasons)


def with_reasons(itinerary: Itinerary, reasons: Sequence[Excluded]) -> Itinerary:
    """Return the itinerary with these reasons in the place of those it gave for the same assets."""
    better = {place.asset: place for place in reasons}
    kept = [better.pop(place.asset, place) for place in itinerary.excluded]
    return itinerary.model_copy(update={"excluded": (*kept, *better.values())})


def _assets_in(itinerary: Itinerary) -> set[str]:
    """Return the places that a trip visits or sleeps at; a day may also start or end at a place without a visit."""
    visits = ("visit", "meal", "stay")
    return {step.asset for day in itinerary.days for step in day.steps if step.asset and step.type in visits}


class _Explainer:
    """Translate the trip of an itinerary once, and force places into it one by one."""

    def __init__(
        self,
        region: Region,
        itinerary: Itinerary,
        networks: Mapping[Mode, StreetNetwork],
        should_stop: Callable[[], bool] | None,
    ) -> None:
        self._should_stop = should_stop
        self._region = region
        self._request = itinerary.request
        days = trip_days(self._request)
        screening = screen(region, self._request, days)
        ground = survey(region, self._request, screening, networks)
        self._screening = reach(ground, screening, days, self._request)
        self._translation = translate(region, self._request, days, self._screening, ground)
        self._assets = _group_assets(self._screening)
        self._solution = _possible(itinerary, self._translation, self._screening)

    def explain(self, asset_id: str) -> Excluded:
        from solvers.orienteering.displaced import displaced

        group = next((group for group, asset in enumerate(self._assets) if asset.id == asset_id), None)
        if group is None:
            return self._outside(asset_id)
        choice = self._request.solver
        change = displaced(
            self._translation.problem,
            self._solution,
            group,
            solver=choice.classical,
            iterations=choice.iterations,
            seconds=choice.time_limit_s,
            seed=choice.seed,
            proof_s=choice.proof_s,
            should_stop=self._should_stop,
        )
        return self._excluded(change)

    def _outside(self, asset_id: str) -> Excluded:
        """Speak of what is no sight and entered no search: hubs, and inns that no night could be spent at."""
        asset = self._region.asset(asset_id)
        assert asset is not None
        text = Name(
            ja="探索の対象外(拠点は指定されたときだけ訪ね、宿は夜を過ごせて条件に合うものから選ぶ)",
            en="not in the search: hubs are visited only when wanted, inns are chosen among the best that a night fits",
        )
        return Excluded(asset=asset.id, name=asset.name, code="NOT_SEARCHED", proven=False, text=text)

    def _excluded(self, change: Displacement) -> Excluded:
        asset = self._assets[change.group]
        pushes = change.lost is not None and change.lost >= 0 and bool(change.pushed_out)
        return Excluded(
            asset=asset.id,
            name=asset.name,
            code="DISPLACED" if pushes else None,
            proven=pushes and change.proven,
            text=Name(ja=self._words(change, "ja"), en=self._words(change, "en")),
            displaces=tuple(self._assets[group].id for group in change.pushed_out),
            would_take=tuple(self._assets[group].id for group in change.brought_in),
            costs_points=None if change.lost is None else change.lost / UNITS_PER_POINT,
        )

    def _words(self, change: Displacement, language: Language) -> str:
        out, taken = (self._names(groups, language) for groups in (change.pushed_out, change.brought_in))
        words = _changes(out, taken, language)
        if change.lost is None:
            return _impossible(change.proven, language)
        if change.lost < 0:
            points = _points(-change.lost)
            if language == "ja":
                return f"入れて探し直すと、{points}点高い計画が見つかった({words or '同じ場所に加わる'})"
            return f"a search with it in found a plan worth {points} points more ({words or 'beside the same places'})"
        cost = _cost(change, language)
        if not change.pushed_out and change.lost == 0:
            return f"何も外さずに入り、{cost}" if language == "ja" else f"would fit beside the others and {cost}"
        if not change.pushed_out:
            if language == "ja":
                return f"何も外さずに入るが、移動・時間・費用が見合わず{cost}"
            return f"fits without pushing anything out, but its way, time and price are not worth it: {cost}"
        return f"{words}、{cost}" if language == "ja" else f"{words}, and {cost}"

    def _names(self, groups: Sequence[int], language: Language) -> str:
        names = [self._assets[group].name.in_(language) for group in groups[:_NAMES_SHOWN]]
        more = len(groups) - len(names)
        if language == "ja":
            return "、".join(names) + (f"ほか{more}か所" if more else "")
        *first, last = [*names, f"{more} more"] if more else names or [""]
        return f"{', '.join(first)} and {last}" if first else last


def _group_assets(screening: Screening) -> list[Asset]:
    """Return the asset of each group of the translated problem."""
    return [*(candidate.asset for candidate in screening.candidates), *(inn.asset for inn in screening.inns)]


def _possible(itinerary: Itinerary, translation: Translation, screening: Screening) -> TripSolution:
    solution = solution_of(itinerary, translation, screening) if itinerary.days else None
    if solution is None or not evaluate(translation.problem, solution).feasible:
        status = itinerary.status
        if itinerary.days:
            message = Text(
                ja="この計画は、今の地域データでは成り立ちません。計画し直してください",
                en="this plan is not possible with the region as it is now; plan again",
            )
        else:
            message = Text(ja="計画がないため、比べられません", en="there is no plan to compare with")
        raise InputError([Problem("itinerary", status, message)])
    return solution


def _changes(out: str, taken: str, language: Language) -> str:
    if language == "ja":
        return "、".join(part for part in (f"{out}が外れ" if out else "", f"{taken}が加わり" if taken else "") if part)
    parts = (f"push out {out}" if out else "", f"bring in {taken}" if taken else "")
    return "would " + ", ".join(part for part in parts if part) if out or taken else ""


def _cost(change: Displacement, language: Language) -> str:
    lost = change.lost or 0
    points = _points(lost)
    if lost == 0:
        return "点数は変わらない" if language == "ja" else "change the points by nothing"
    if change.exact:
        return f"{points}点下がる(証明済み)" if language == "ja" else f"cost {points} points (proven)"
    certain = ""
    if change.proven:
        certain = "。下がることは証明済み" if language == "ja" else "; that it costs some is proven"
    if language == "ja":
        return f"多くて{points}点下がる(この探索の範囲で{certain})"
    return f"cost at most {points} points by this search{certain}"


def _impossible(proven: bool, language: Language) -> str:
    if proven:
        if language == "ja":
            return "この条件と一日の組み方では、希望の場所と両立しない(証明済み)"
        return "cannot stand beside the wanted places under the limits and habits of this plan (proven)"
    if language == "ja":
        return "入れた計画は見つからない(ないことの証明はない)"
    return "no plan with it was found (which does not prove that there is none)"


def _points(units: int) -> str:
    """Return points to a tenth; to the first digit that counts where they are fewer."""
    points = units / UNITS_PER_POINT
    return f"{points:.1f}" if points >= 0.05 else f"{points:.1g}"
