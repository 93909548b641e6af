"""An itinerary as one web page that opens from disk: list and map, no request to anywhere."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from api.exports._page_data import page_data
from api.exports.geojson import day_origin, leg_line, position_of
from api.texts import say

if TYPE_CHECKING:
    from regional_assets.model import Region
    from regional_assets.text import Language
    from routing.itinerary import Itinerary
    from routing.request import Mode
    from routing.streets import StreetNetwork


def map_page(
    itinerary: Itinerary,
    region: Region,
    *,
    networks: Mapping[Mode, StreetNetwork] | None = None,
    language: Language = "en",
) -> str:
    """
    Return a self-contained HTML page of a trip.

    MapLibre GL JS stands in the page itself; the page's policy forbids every other script and every request. Data
    enters as JSON that cannot end its element, and is written to the page as text only.

    Parameters
    ----------
    itinerary
        The trip.
    region
        Its region: the other places become dots.
    networks
        Streets by mode; those of the trip's mode near its legs are drawn.
    language
        In which the page opens; it can be switched.

    Returns
    -------
    page
        HTML, to be written as UTF-8.
    """
    # numpy is only needed with streets.
    network = (networks or {}).get(itinerary.request.mode)
    streets: list[list[int]] = []
    credit = ""
    if network is not None:
        from api.exports._page_streets import pack_streets

        streets = pack_streets(network, _legs(itinerary))
        credit = f"{network.source} ({network.licence})" if network.licence else network.source
    data = page_data(itinerary, region, streets=streets, street_credit=credit, language=language)
    styles = [_library("maplibre-gl.css"), _inlinable(_own("page.css"))]
    scripts = [_library("maplibre-gl.js"), _inlinable(_own("page.js"))]
    title = f"{itinerary.region_name.in_(language)} — Meguri"
    return Template(_own("page.html")).substitute(
        language=language,
        policy=escape(_policy(styles, scripts)),
        title=escape(title),
        styles="\n".join(f"<style>{style}</style>" for style in styles),
        scripts="\n".join(f"<script>{script}</script>" for script in scripts),
        data=json_for_html(data),
        noscript=escape(say("page.noscript", language)),
    )


def json_for_html(data: Any) -> str:
    """Return JSON that can stand inside a ``script`` element: nothing in it ends the element or opens a comment."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _legs(itinerary: Itinerary) -> list[Any]:
    legs = []
    for day in itinerary.days:
        here = day_origin(day)
        for step in day.steps:
            line = leg_line(step, here) if step.type == "travel" else None
            if line is not None:
                legs.append(line)
            here = position_of(step) or here
    return legs


def _policy(styles: list[str], scripts: list[str]) -> str:
    # MapLibre draws in a worker that it makes from its own code (blob:), and its buttons are data: images.
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hashes(scripts)}",
            f"style-src {_hashes(styles)}",
            "img-src data: blob:",
            "worker-src blob:",
            "connect-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hashes(texts: list[str]) -> str:
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts)
    return " ".join(f"'sha256-{digest}'" for digest in digests)


@cache
def _own(name: str) -> str:
    return resources.files("api.exports").joinpath("page", name).read_text(encoding="utf-8")


@cache
def _library(name: str) -> str:
    # The folder is found without importing the package, which would load its widgets.
    spec = find_spec("maplibre")
    if spec is None or not spec.submodule_search_locations:
        msg = "the package maplibre is not installed; it carries the map's script"
        raise ModuleNotFoundError(msg, name="maplibre")
    path = Path(spec.submodule_search_locations[0]) / "srcjs" / name
    lines = path.read_text(encoding="utf-8").splitlines()
    # Developer tools would follow the link to a file that is not there.
    return _inlinable("\n".join(line for line in lines if not line.startswith("//# sourceMappingURL=")))


def _inlinable(text: str) -> str:
    # Browsers see \n only, and the hash is of what they see; "</script" would end the element inside a string.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("</script", "<\\/script").replace("<!--", "<\\!--")
