"""From pydantic's errors to problems in Japanese and English."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from regional_assets.errors import Problem
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

# pydantic's error type -> wording; the placeholders come from the error's context.
_WORDINGS: dict[str, tuple[str, str]] = {
    "missing": ("必須の項目がありません", "required, and missing"),
    "extra_forbidden": ("知らない項目です", "unknown field"),
    "string_type": ("文字列を入れてください", "text is accepted"),
    "string_pattern_mismatch": ("形式が違います。受け付ける形: {pattern}", "wrong form; accepted: {pattern}"),
    "string_too_short": ("{min_length} 文字以上必要です", "at least {min_length} characters needed"),
    "string_too_long": ("長すぎます({max_length} 文字まで)", "too long (at most {max_length} characters)"),
    "int_type": ("整数を入れてください", "a whole number is accepted"),
    "int_parsing": ("整数を入れてください", "a whole number is accepted"),
    "int_from_float": ("整数を入れてください", "a whole number is accepted"),
    "float_type": ("数を入れてください", "a number is accepted"),
    "float_parsing": ("数を入れてください", "a number is accepted"),
    "finite_number": ("有限の数を入れてください", "a finite number is accepted"),
    "less_than": ("{lt} より小さい数を入れてください", "less than {lt} is accepted"),
    "greater_than": ("{gt} より大きい数を入れてください", "more than {gt} is accepted"),
    "int_parsing_size": ("数が大きすぎます", "the number is too large"),
    "date_type": ("日付(YYYY-MM-DD)を入れてください", "a date (YYYY-MM-DD) is accepted"),
    "date_parsing": ("日付(YYYY-MM-DD)を入れてください", "a date (YYYY-MM-DD) is accepted"),
    "date_from_datetime_parsing": ("日付(YYYY-MM-DD)を入れてください", "a date (YYYY-MM-DD) is accepted"),
    "date_from_datetime_inexact": ("日付(YYYY-MM-DD)を入れてください", "a date (YYYY-MM-DD) is accepted"),
    "datetime_type": ("日時(YYYY-MM-DDTHH:MM)を入れてください", "a date and time (YYYY-MM-DDTHH:MM) is accepted"),
    "datetime_parsing": ("日時(YYYY-MM-DDTHH:MM)を入れてください", "a date and time (YYYY-MM-DDTHH:MM) is accepted"),
    "datetime_from_date_parsing": (
        "日時(YYYY-MM-DDTHH:MM)を入れてください",
        "a date and time (YYYY-MM-DDTHH:MM) is accepted",
    ),
    "bool_type": ("true か false を入れてください", "true or false is accepted"),
    "bool_parsing": ("true か false を入れてください", "true or false is accepted"),
    "enum": ("受け付ける値: {expected}", "accepted: {expected}"),
    "literal_error": ("受け付ける値: {expected}", "accepted: {expected}"),
    "greater_than_equal": ("{ge} 以上を入れてください", "at least {ge} is accepted"),
    "less_than_equal": ("{le} 以下を入れてください", "at most {le} is accepted"),
    "too_long": ("{max_length} 個まで受け付けます", "at most {max_length} accepted"),
    "too_short": ("{min_length} 個以上必要です", "at least {min_length} needed"),
    "tuple_type": ("リストを入れてください", "a list is accepted"),
    "list_type": ("リストを入れてください", "a list is accepted"),
    "dict_type": ("表(キーと値)を入れてください", "a table of keys and values is accepted"),
    "model_type": ("表(キーと値)を入れてください", "a table of keys and values is accepted"),
    "model_attributes_type": ("表(キーと値)を入れてください", "a table of keys and values is accepted"),
    "union_tag_invalid": ("type に受け付ける値: {expected_tags}", "accepted as type: {expected_tags}"),
    "union_tag_not_found": ("type が必要です", "`type` is required"),
}

_SHOWN_CHARACTERS = 80
# How pydantic names the forms that a value may have, and keys of tables, in a location.
_FORM = re.compile(r"\[.*\]$|^constrained-")


class FieldError(ValueError):
    """
    Refuse a value in a validator of a model, in both languages; pydantic makes it part of its own error.

    Parameters
    ----------
    ja, en
        What is wrong and what would be accepted.
    hides_value
        Whether the value may be a secret, which is not repeated.
    """

    def __init__(self, ja: str, en: str, *, hides_value: bool = False) -> None:
        self.text = Text(ja=ja, en=en)
        self.hides_value = hides_value
        super().__init__(en)


def problems_from(error: ValidationError, where: str = "") -> list[Problem]:
    """
    Return one problem per error of a pydantic validation.

    Parameters
    ----------
    error
        What pydantic raised.
    where
        Put in front of each field: the file and row, or feature, that was read.

    Returns
    -------
    problems
        In pydantic's order; each names field, value and what is accepted.
    """
    return problems_of(error.errors(include_url=False), where)


def problems_of(errors: Iterable[ErrorDetails], where: str = "") -> list[Problem]:
    """Return the problems of single errors of pydantic validations, as `problems_from` does."""
    problems: dict[str, Problem] = {}
    for details in errors:
        if _is_echo(details):
            continue
        problem = _problem(details, where)
        known = problems.get(problem.where)
        # Of a field that may have several forms, pydantic tells what is wrong with each.
        problems[problem.where] = problem if known is None else _joined(known, problem)
    return list(problems.values())


def shown(value: object) -> str:
    """Return ``value`` as people wrote it, cut to a line."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"


def _is_echo(details: ErrorDetails) -> bool:
    """Whether a list is only called too short because the entries in it, which are told of, were dropped."""
    least = details.get("ctx", {}).get("min_length", 0)
    return (
        details["type"] == "too_short" and isinstance(details["input"], list | tuple) and len(details["input"]) >= least
    )


def _field(loc: tuple[int | str, ...]) -> str:
    """Return a location as people write it (``days[0].start``), without pydantic's names for forms of a value."""
    field = ""
    for part in loc:
        if isinstance(part, int):
            field += f"[{part}]"
        elif not _FORM.search(part):
            field += f".{part}" if field else part
    return field


def _problem(details: ErrorDetails, where: str) -> Problem:
    error = details.get("ctx", {}).get("error")
    is_hidden = isinstance(error, FieldError) and error.hides_value
    value = None if is_hidden or details["type"] == "missing" else details["input"]
    # Lists and tables are too long to repeat, and stand where the problem points to.
    found = "" if value is None or isinstance(value, dict | list) else f" ({shown(value)})"
    wording = _wording(details["type"], details.get("ctx", {}), details["msg"])
    return Problem(
        where=" ".join(part for part in (where, _field(details["loc"])) if part),
        value=value,
        message=Text(ja=wording.ja + found, en=wording.en + found),
    )


def _joined(one: Problem, other: Problem) -> Problem:
    ja, en = one.message.ja, one.message.en
    if other.message.en not in en:
        ja, en = f"{ja}。または: {other.message.ja}", f"{en}; or: {other.message.en}"
    return Problem(one.where, one.value, Text(ja=ja, en=en))


def _plain(value: Any) -> Any:
    """Return a bound as people write it: 600 for 600.0, and choices with commas alone."""
    if isinstance(value, float):
        return f"{value:g}"
    return value.replace(" or ", ", ").replace("'", "") if isinstance(value, str) else value


def _wording(kind: str, context: Mapping[str, Any], message: str) -> Text:
    if kind in _WORDINGS:
        ja, en = _WORDINGS[kind]
        context = {name: _plain(value) for name, value in context.items()}
        return Text(ja=ja.format(**context), en=en.format(**context))
    error = context.get("error")
    if isinstance(error, FieldError):
        return error.text
    # Our own validators raise ValueError; pydantic puts its own words in front.
    message = message.removeprefix("Value error, ")
    return Text(ja=f"値が正しくありません: {message}", en=message)
