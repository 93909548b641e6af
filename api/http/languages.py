"""In which language a request is answered."""

from starlette.requests import HTTPConnection

from regional_assets.text import Language

_MOST_RANGES = 20


def language_for(accepted: str | None, default: Language) -> Language:
    """
    Return the language that a header ``Accept-Language`` likes best.

    Parameters
    ----------
    accepted
        Value of the header (RFC 9110, 12.5.4); parts that make no sense are passed over.
    default
        Where it names neither Japanese nor English, or any (``*``) first.
    """
    best, best_weight = default, 0.0
    for part in (accepted or "").split(",")[:_MOST_RANGES]:
        name, _, parameter = part.partition(";")
        code, weight = name.strip().lower().partition("-")[0], _weight(parameter)
        if code == "*":
            code = default
        if code in ("ja", "en") and weight > best_weight:
            best, best_weight = "ja" if code == "ja" else "en", weight
    return best


def language_of_request(request: HTTPConnection) -> Language:
    """Return the language in which a request is answered."""
    return language_for(request.headers.get("accept-language"), request.app.state.service.language)


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0
