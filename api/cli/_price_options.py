"""Numbers and choices that price commands are given, read and refused all at once."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli._options import help_text
from api.texts import text
from regional_assets.errors import InputError, Problem
from regional_assets.text import Text

MarketName = Annotated[str, typer.Argument(help=help_text("market"), show_default=False, metavar="MARKET")]
Seed = Annotated[str | None, typer.Option("--seed", help=help_text("seed"), metavar="N", show_default="1")]
PriceFolder = Annotated[Path | None, typer.Option("--out", help=help_text("out_prices"), show_default=False)]

DEFAULT_SEED = 1
MOST_READS = 10_000
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOST = 2**63 - 1
_MOST_DAYS = dt.timedelta(days=366)


class Reading:
    """Read what was typed; `done` refuses everything that was wrong, in one go."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def whole(self, option: str, typed: str | None, default: Any, *, least: int = 0, most: int = _MOST) -> Any:
        """Return a whole number, or the default where nothing was typed."""
        if typed is None:
            return default
        digits = typed.strip().removeprefix("+")
        is_number = digits.isdecimal()
        # Python itself stops at numbers of thousands of digits.
        is_too_large = is_number and (len(digits) > len(str(most)) or int(digits) > most)
        if is_number and not is_too_large and int(digits) >= least:
            return int(digits)
        # Nobody needs to know of the largest number of 64 bits, but who typed a larger one.
        known = "whole_up" if most == _MOST and not is_too_large else "whole"
        self.refuse(option, typed, text(f"accepted.{known}", least=f"{least:,}", most=f"{most:,}"))
        return default

    def positive(self, option: str, typed: str | None, *, accepted: str = "number") -> float | None:
        """Return a number above 0; None where nothing was typed."""
        if typed is None:
            return None
        try:
            number = float(typed)
        except ValueError:
            number = math.nan
        if 0 < number < math.inf:
            return number
        self.refuse(option, typed, text(f"accepted.{accepted}"))
        return None

    def dates(self, option: str, typed: Sequence[str], weekdays: Sequence[str]) -> list[dt.date]:
        """Return dates, each once and in order; of ranges only those on the named days of the week, if any."""
        found: set[dt.date] = set()
        for part in (part.strip() for value in typed for part in value.split(",")):
            first, _, last = part.partition("..")
            try:
                begin, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)
            except ValueError:
                begin, end = dt.date.max, dt.date.min
            if not dt.timedelta() <= end - begin < _MOST_DAYS:
                self.refuse(option, part, text("accepted.dates"))
                continue
            days = (begin + dt.timedelta(days=ahead) for ahead in range((end - begin).days + 1))
            found |= {day for day in days if not (last and weekdays) or WEEKDAYS[day.weekday()] in weekdays}
        return sorted(found)

    def choices(self, option: str, typed: Sequence[str] | None, known: Sequence[str]) -> list[Any]:
        """Return known words, repeated or separated by commas, each once."""
        words = [word.strip() for value in typed or () for word in value.split(",") if word.strip()]
        for word in words:
            if word not in known:
                accepted = ", ".join(known)
                self.refuse(option, word, Text(ja=accepted, en=accepted))
        return list(dict.fromkeys(word for word in words if word in known))

    def choice(self, option: str, typed: str | None, known: Sequence[str], default: Any) -> Any:
        """Return one known word, or the default where nothing was typed."""
        if typed is None:
            return default
        found = self.choices(option, [typed], known)
        return found[0] if found else default

    def refuse(self, option: str, value: str, accepted: Text) -> None:
        """Remember what cannot be used, and what could."""
        self.problems.append(Problem(option, value, text("cli.option_refused", value=value, accepted=accepted)))

    def only_one(self, **typed: object) -> None:
        """Refuse options that exclude each other."""
        given = [f"--{name.replace('_', '-')}" for name, value in typed.items() if value is not None]
        if len(given) > 1:
            self.problems.append(Problem(given[1], None, text("cli.only_one", options=", ".join(given))))

    def only_with_qubo(self, **typed: object) -> None:
        """Refuse options that mean nothing to classical search."""
        for name, value in typed.items():
            if value is not None:
                told = None if value is True else value
                self.problems.append(Problem(f"--{name.replace('_', '-')}", told, text("price.qubo_only")))

    def sampler(self, name: str, *, allow_remote: bool) -> None:
        """Refuse a sampler that cannot be used."""
        from api.cli._samplers import sampler_problems

        self.problems += sampler_problems(name, allow_remote=allow_remote)

    def done(self) -> None:
        """
        End the reading.

        Raises
        ------
        InputError
            If anything was wrong.
        """
        if self.problems:
            raise InputError(self.problems)
