"""Read the records that a command is given, by their name or path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from api.cli._planning import read_text_file
from api.demand_records import BUNDLED, Columns, Form, Wording, bundled_bookings, parse_records
from api.texts import text
from regional_assets.errors import InputError, Problem

if TYPE_CHECKING:
    from pricing.estimation import Bookings, SalesRecords

_WORDING = Wording("RECORDS", {name: f"--{name}-column" for name in ("date", "quantity", "price", "revenue")})


@overload
def read_records(name: str, form: Literal["bookings"], *, is_lenient: bool) -> Bookings: ...


@overload
def read_records(name: str, form: Form | None, columns: Columns, *, is_lenient: bool) -> Bookings | SalesRecords: ...


def read_records(
    name: str, form: Form | None, columns: Columns | None = None, *, is_lenient: bool
) -> Bookings | SalesRecords:
    """
    Return the records of a file, or the bundled ones; their form is told by the header where it is not given.

    Raises
    ------
    InputError
        If there is no such file, or with every row that cannot be used.
    """
    path = Path(name)
    if is_bundled(name):
        content, source = bundled_bookings()
    elif path.is_file():
        content, source = read_text_file(path), path.name
    else:
        raise InputError([Problem("RECORDS", name, text("estimate.no_records", value=name, bundled=BUNDLED))])
    return parse_records(
        content, source=source, form=form, wording=_WORDING, columns=columns or Columns(), is_lenient=is_lenient
    )


def is_bundled(name: str) -> bool:
    """Return whether records are those that come with the package: made up."""
    return name == BUNDLED
