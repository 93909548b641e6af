"""From the words of the command line to a trip request; every problem is found before any is told."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.texts import text
from regional_assets.errors import InputError, Problem

if TYPE_CHECKING:
    from regional_assets.model import Region
    from routing.request import TripRequest

_MOST_DAYS = 14
_FIELD = re.compile(r"[.\[]")
_ANY_DAY = re.compile(r"must|avoid|interests|themes|pins\[\d+\]\.asset|lodging\[")
# The beginning of a field of the request, the option that fills it, and its attribute in `TripWords`.
_OPTIONS = (
    (r"days\[\d+\]\.start", "--start", "start"),
    (r"days\[\d+\]\.end", "--end", "end"),
    (r"days\[\d+\]\.after", "--after", "after"),
    (r"days\[\d+\]\.before", "--before", "before"),
    (r"days\[\d+\]$", "--after", "after"),
    (r"days\[\d+\]$", "--before", "before"),
    (r"days", "--days", "days"),
    (r"mode$", "--mode", "mode"),
    (r"pace$", "--pace", "pace"),
    (r"budget_jpy$", "--budget", "budget"),
    (r"hours_unknown$", "--hours-unknown", "hours_unknown"),
    (r"access_unknown$", "--access-unknown", "access_unknown"),
    (r"themes", "--theme", "theme"),
    (r"must", "--must", "must"),
    (r"avoid", "--avoid", "avoid"),
    (r"lodging", "--lodging", "lodging"),
    (r"interests", "--interest", "interest"),
    (r"party\.adults", "--adults", "adults"),
    (r"party\.children", "--children", "children"),
    (r"party\.needs", "--needs", "needs"),
    (r"party$", "--adults", "adults"),
    (r"limits\.per_kind", "--limit", "limit"),
    (r"limits\.walk_m_per_day", "--walk-limit", "walk_limit"),
    (r"meals\.lunch", "--lunch", "lunch"),
    (r"pins", "--pin", "pin"),
    (r"alternatives$", "--alternatives", "alternatives"),
    (r"solver\.name", "--solver", "solver"),
    (r"solver\.seed", "--seed", "seed"),
    (r"solver\.iterations", "--iterations", "iterations"),
    (r"solver\.time_limit_s", "--seconds", "seconds"),
    (r"solver\.proof_s", "--prove", "prove"),
    (r"solver\.sampler", "--sampler", "sampler"),
    (r"solver\.reads", "--reads", "reads"),
    (r"solver\.model", "--model", "model"),
    (r"solver$", "--seconds", "seconds"),
    (r"solver$", "--iterations", "iterations"),
    (r"solver$", "--solver", "solver"),
)
# A day may end after midnight (26:00); lunch may not.
_DAYTIME = re.compile(r"([01]?\d|2[0-3]):[0-5]\d")
_CLOCK = re.compile(r"([01]?\d|2\d):[0-5]\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class TripWords:
    """
    Hold the options of a trip as they were typed; ``None`` and empty mean that they were not given.

    Numbers stay text: the request itself refuses what is none, together with all other problems. ``explain`` and
    ``allow_remote`` are no part of the request.
    """

    days: Sequence[str] = ()
    mode: str | None = None
    start: str | None = None
    end: str | None = None
    after: str | None = None
    before: str | None = None
    lodging: Sequence[str] = ()
    must: Sequence[str] = ()
    avoid: Sequence[str] = ()
    budget: str | None = None
    interest: Sequence[str] = ()
    theme: Sequence[str] = ()
    pace: str | None = None
    adults: str | None = None
    children: str | None = None
    resident: bool | None = None
    needs: Sequence[str] = ()
    limit: Sequence[str] = ()
    walk_limit: str | None = None
    lunch: str | None = None
    pin: Sequence[str] = ()
    hours_unknown: str | None = None
    access_unknown: str | None = None
    solver: str | None = None
    seed: str | None = None
    iterations: str | None = None
    seconds: str | None = None
    prove: str | None = None
    sampler: str | None = None
    reads: str | None = None
    model: str | None = None
    allow_remote: bool = False
    alternatives: str | None = None
    explain: Sequence[str] = ()


@dataclass(slots=True)
class _Reading:
    """Collect what is read, and every problem on the way."""

    problems: list[Problem] = field(default_factory=list)

    def refuse(self, option: str, value: object, accepted: str) -> None:
        message = text("cli.option_refused", value=value, accepted=text(f"accepted.{accepted}"))
        self.problems.append(Problem(option, value, message))


def read_request(
    words: TripWords, base: Mapping[str, Any], *, region: Region, today: dt.date, asks_sampler: bool = True
) -> TripRequest:
    """
    Return the trip request that the options describe, on top of a request file, checked against the region.

    Parameters
    ----------
    words
        Options as typed; those given win over ``base``.
    base
        Content of a request file; empty where there is none.
    region
        In which ids, tags and themes must be known.
    today
        Days before it are refused.
    asks_sampler
        Whether the sampler it names is going to be asked, and so has to be there.

    Raises
    ------
    InputError
        With every option or field that cannot be used; what was typed as an option is named by it.
    """
    from routing.validation import unknown_ids

    reading = _Reading()
    data = {**base, **_given_fields(words, base, reading)}
    if "days" not in data and not any(problem.where == "--days" for problem in reading.problems):
        reading.problems.append(Problem("--days", None, text("cli.needed", accepted=text("accepted.days"))))
    problems = list(reading.problems)
    has_days = "days" in data
    request: TripRequest | None
    try:
        request = _validated(data if has_days else {**data, "days": [today.isoformat()]})
    except InputError as error:
        problems += error.problems
        # What makes sense by itself is still checked against the region, so that all problems come at once.
        broken = {_FIELD.split(problem.where)[0] for problem in error.problems}
        has_days = has_days and "days" not in broken
        sound = {name: value for name, value in data.items() if name not in broken}
        request = _salvaged(sound if has_days else {**sound, "days": [today.isoformat()]})
    problems += [] if request is None else _region_problems(region, request, today, has_days=has_days)
    problems += _sampler_problems(data.get("solver"), words) if asks_sampler else []
    problems += [replace(problem, where="--explain") for problem in unknown_ids(region, words.explain, "explain")]
    if problems or request is None:
        raise InputError([_as_typed(problem, words) for problem in problems])
    return request


def region_name(value: object, where: str = "region") -> str:
    """
    Return the region that the option or a request file names.

    Raises
    ------
    InputError
        If it is no text, or blank.
    """
    if isinstance(value, str) and value.strip():
        return value
    raise InputError([Problem(where, value, text("cli.no_region", value=value))])


def read_request_file(path: Path) -> dict[str, Any]:
    """
    Return the content of a request file.

    Raises
    ------
    InputError
        If it cannot be read or holds no JSON object.
    """
    import json

    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError([Problem(str(path), None, text("cli.unreadable", reason=error.strerror or error))]) from None
    except UnicodeDecodeError:
        raise InputError([Problem(str(path), None, text("cli.no_utf8"))]) from None
    except json.JSONDecodeError as error:
        raise InputError([Problem(str(path), None, text("cli.no_json", reason=error))]) from None
    except (ValueError, RecursionError):
        # Python itself stops at numbers of thousands of digits, and at thousands of brackets.
        raise InputError([Problem(str(path), None, text("cli.monstrous_json"))]) from None
    if not isinstance(content, dict):
        raise InputError([Problem(str(path), None, text("cli.no_object"))])
    return content


def read_place(value: str) -> dict[str, Any]:
    """Return the place that ``lon,lat`` or an asset id names, as fields of a request."""
    numbers = value.split(",")
    if len(numbers) == 2:
        try:
            return {"lon": float(numbers[0]), "lat": float(numbers[1])}
        except ValueError:
            pass
    return {"asset": value.strip()}


def read_days(values: Iterable[str]) -> list[dt.date]:
    """
    Return the dates that ``2026-12-05``, ``2026-12-05..2026-12-07`` and comma lists name, in the order given.

    Raises
    ------
    ValueError
        If a part is no date, or a range runs backwards or is longer than a trip may be.
    """
    dates: list[dt.date] = []
    for part in (part.strip() for value in values for part in value.split(",")):
        first, separator, last = part.partition("..")
        start = dt.date.fromisoformat(first.strip())
        end = dt.date.fromisoformat(last.strip()) if separator else start
        count = (end - start).days + 1
        if not 1 <= count <= _MOST_DAYS:
            raise ValueError(part)
        dates.extend(start + dt.timedelta(days=offset) for offset in range(count))
    return dates


def _given_fields(words: TripWords, base: Mapping[str, Any], reading: _Reading) -> dict[str, Any]:
    plain = {
        "mode": words.mode,
        "pace": words.pace,
        "budget_jpy": words.budget,
        "hours_unknown": words.hours_unknown,
        "access_unknown": words.access_unknown,
        "themes": list(words.theme),
        "must": list(words.must),
        "avoid": list(words.avoid),
        "lodging": _lodging(words.lodging),
        "days": _days(words, base, reading),
        "party": _merged(base, "party", _party(words)),
        "interests": _weights("--interest", words.interest, reading),
        "limits": _merged(base, "limits", _limits(words, reading)),
        "meals": _lunch(words.lunch, reading),
        "pins": _pins(words.pin, reading),
        "alternatives": words.alternatives,
        "solver": _solver(base, words),
    }
    return {name: value for name, value in plain.items() if value not in (None, [], {})}


def _merged(base: Mapping[str, Any], name: str, given: dict[str, Any]) -> Any:
    before = base.get(name)
    # A file that holds something else here is left as it is, for the model to refuse.
    return {**before, **given} if isinstance(before, dict) and given else given or before


def _lodging(values: Sequence[str]) -> str | list[str] | None:
    inns = [part.strip() for value in values for part in value.split(",")]
    if len(inns) == 1 and inns[0] in ("choose", "none"):
        return inns[0]
    return inns or None


def _days(words: TripWords, base: Mapping[str, Any], reading: _Reading) -> Any:
    days: list[Any] = []
    if words.days:
        try:
            days = [{"date": date.isoformat()} for date in read_days(words.days)]
        except ValueError:
            reading.refuse("--days", ", ".join(words.days), "days")
            return None
    elif isinstance(base.get("days"), list):
        days = [{"date": day} if isinstance(day, str) else day for day in base["days"]]
    if not days or not all(isinstance(day, dict) for day in days):
        return None
    for option, name in (("--after", "after"), ("--before", "before")):
        clock = getattr(words, name)
        if clock is not None and not _CLOCK.fullmatch(clock):
            reading.refuse(option, clock, "clock")
        elif clock is not None:
            days = [{**day, name: clock} for day in days]
    # The first day starts at the start, the last one ends at the end; between them stand the nights.
    for index, option, name in ((0, "--start", "start"), (-1, "--end", "end")):
        typed = getattr(words, name)
        if typed is not None and not _is_place(typed):
            reading.refuse(option, typed, "place")
        elif typed is not None:
            days[index] = {**days[index], name: read_place(typed)}
    return days


def _is_place(value: str) -> bool:
    """Whether a value may be an id, or is a longitude and latitude that lie on the globe."""
    place = read_place(value)
    if "lon" in place:
        # NaN is in no range.
        return bool(abs(place["lon"]) <= 180 and abs(place["lat"]) <= 90)
    return "," not in value and bool(value.strip())


def _party(words: TripWords) -> dict[str, Any]:
    party = {
        "adults": words.adults,
        "children": words.children,
        "resident": words.resident,
        "needs": [part.strip() for value in words.needs for part in value.split(",")] or None,
    }
    return {name: value for name, value in party.items() if value is not None}


def _weights(option: str, values: Sequence[str], reading: _Reading) -> dict[str, float]:
    weights: dict[str, float] = {}
    for part in (part.strip() for value in values for part in value.split(",")):
        name, separator, number = part.partition("=")
        try:
            weights[name.strip()] = float(number) if separator else 1.0
        except ValueError:
            reading.refuse(option, part, "weight")
    return weights


def _limits(words: TripWords, reading: _Reading) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    per_kind: dict[str, int] = {}
    for part in (part.strip() for value in words.limit for part in value.split(",")):
        kind, _, number = part.partition("=")
        if number.strip().isdecimal():
            per_kind[kind.strip()] = int(number)
        else:
            reading.refuse("--limit", part, "limit")
    if per_kind:
        limits["per_kind"] = per_kind
    if words.walk_limit is not None:
        limits["walk_m_per_day"] = words.walk_limit
    return limits


def _lunch(value: str | None, reading: _Reading) -> dict[str, Any] | None:
    if value is None:
        return None
    if value == "none":
        return {"lunch": None}
    first, _, last = (part.strip() for part in value.partition("-"))
    if _DAYTIME.fullmatch(first) and _DAYTIME.fullmatch(last):
        return {"lunch": {"between": [first, last]}}
    reading.refuse("--lunch", value, "lunch")
    return None


def _pins(values: Sequence[str], reading: _Reading) -> list[dict[str, Any]]:
    pins = []
    for value in values:
        asset, _, moment = value.partition("=")
        try:
            arrive = dt.datetime.fromisoformat(moment.strip())
        except ValueError:
            arrive = None
        if arrive is None or not asset.strip() or len(moment.strip()) <= len("2026-12-05"):
            reading.refuse("--pin", value, "pin")
        else:
            pins.append({"asset": asset.strip(), "arrive": arrive.isoformat()})
    return pins


def _solver(base: Mapping[str, Any], words: TripWords) -> Any:
    given = {
        "name": words.solver,
        "seed": words.seed,
        "iterations": words.iterations,
        "time_limit_s": words.seconds,
        "proof_s": words.prove,
        "sampler": words.sampler,
        "reads": words.reads,
        "model": words.model,
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    before = base.get("solver")
    if isinstance(before, dict) and ("iterations" in chosen or "time_limit_s" in chosen):
        # A limit on the command line takes the place of the file's, whichever that was.
        before = {name: value for name, value in before.items() if name not in ("iterations", "time_limit_s")}
    return {**before, **chosen} if isinstance(before, dict) else chosen or before


def _validated(data: Mapping[str, Any]) -> TripRequest:
    from pydantic import ValidationError

    from regional_assets.validation import problems_from
    from routing.request import TripRequest

    try:
        return TripRequest.model_validate(data)
    except ValidationError as error:
        raise InputError(problems_from(error)) from None


def _salvaged(data: Mapping[str, Any]) -> TripRequest | None:
    """Return the request that is left when the fields in error are taken out; ``None`` where none is."""
    try:
        return _validated(data)
    except InputError:
        # Two fields may contradict each other only together; their problem has been told.
        return None


def _region_problems(region: Region, request: TripRequest, today: dt.date, *, has_days: bool) -> list[Problem]:
    """Return what makes no sense in this region; without the true days, only what does not hang on them."""
    from routing.validation import check_request

    try:
        check_request(region, request, today)
    except InputError as error:
        problems = list(error.problems)
        return problems if has_days else [problem for problem in problems if _ANY_DAY.match(problem.where)]
    return []


def _sampler_problems(solver: object, words: TripWords) -> list[Problem]:
    """Return what is wrong with a sampler, whatever else is wrong with the request."""
    choice = solver if isinstance(solver, dict) else {}
    if choice.get("name") != "qubo":
        return [Problem("--allow-remote", None, text("cli.qubo_only"))] if words.allow_remote else []
    sampler = choice.get("sampler", "sa")
    if not isinstance(sampler, str) or not sampler:
        # The model of the request tells.
        return []
    from api.cli._samplers import sampler_problems

    found = sampler_problems(sampler, allow_remote=words.allow_remote)
    return [replace(problem, where="solver.sampler") for problem in found]


def _as_typed(problem: Problem, words: TripWords) -> Problem:
    """Name a problem by the option that brought it in, where one did."""
    for prefix, option, attribute in _OPTIONS:
        if re.match(prefix, problem.where) and getattr(words, attribute) not in (None, (), []):
            return replace(problem, where=option)
    return problem
