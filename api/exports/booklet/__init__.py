"""An itinerary as a booklet to print and take along: A5, with a map and a timetable for each day."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from importlib import resources
from typing import TYPE_CHECKING, cast

from api.exports.alternative import chosen_plan
from api.exports.booklet._data import booklet_data
from api.exports.booklet._fonts import booklet_fonts
from api.exports.booklet._letters import MISSING_LETTER, Letters
from api.texts import say

if TYPE_CHECKING:
    from regional_assets.model import Region
    from regional_assets.text import Language
    from routing.itinerary import Itinerary
    from routing.request import Mode
    from routing.streets import StreetNetwork

__all__ = ["booklet_of", "check_booklet"]


def booklet_of(
    itinerary: Itinerary,
    region: Region,
    language: Language,
    alternative: int | None = None,
    *,
    networks: Mapping[Mode, StreetNetwork] | None = None,
    now: dt.datetime | None = None,
) -> bytes:
    """
    Return a trip as a PDF of A5 pages.

    Parameters
    ----------
    itinerary
        What to print.
    region
        Its region: descriptions, and the other places on the maps.
    language
        Of all words; places are named in the other language as well.
    alternative
        Number of the alternative to print, from 1; by default the plan itself.
    networks
        Streets by mode; those of the trip's mode are drawn.
    now
        When it is made, with a zone; told on the cover. The same arguments make the same file.

    Returns
    -------
    file
        PDF, with text that can be searched and copied. A letter that no font on this machine has is printed as ``〓``,
        which the last page tells.

    Raises
    ------
    InputError
        If the extra ``pdf`` is not installed, or there is no such alternative.
    """
    fonts = booklet_fonts()
    import typst

    itinerary = chosen_plan(itinerary, alternative)
    letters = Letters(fonts.letters)
    data = letters.printable(booklet_data(itinerary, region, language, networks=networks, now=now))
    data["missing"] = say("booklet.missing", language, sign=MISSING_LETTER) if letters.has_missing else ""
    data["fonts"] = list(fonts.families)
    data["date"] = [now.year, now.month, now.day] if now else None
    compiler = typst.Compiler(
        _template(),
        # Data enters as data: nothing of it is ever read as markup.
        sys_inputs={"data": json.dumps(data, ensure_ascii=False, allow_nan=False)},
        font_paths=fonts.library,
    )
    # A PDF is one file; the type is that of pictures, one each page.
    return cast("bytes", compiler.compile(format="pdf", timestamp=int(now.timestamp()) if now else 0))


def check_booklet() -> None:
    """
    Make sure that booklets can be made here.

    Raises
    ------
    InputError
        If the extra ``pdf`` is not installed.
    """
    booklet_fonts()


def _template() -> bytes:
    return resources.files("api.exports.booklet").joinpath("booklet.typ").read_bytes()
