"""Figures as bytes: the same every time, without state of their library, in letters that the reader has."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

from api.exports.fonts import JAPANESE_FAMILIES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from regional_assets.text import Language

Form = Literal["svg", "png"]

INK: Final = "#1d282e"
MUTED: Final = "#5f6a6f"
LINE: Final = "#dcd7cb"
PAPER: Final = "#ffffff"

_SETTINGS: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    # A name with dollar signs is a name, and no formula: a broken one could not be drawn at all.
    "text.parse_math": False,
    "axes.edgecolor": LINE,
    "axes.labelcolor": MUTED,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "figure.constrained_layout.w_pad": 0.1,
    "figure.facecolor": PAPER,
    "font.size": 9,
    "legend.frameon": False,
    "text.color": INK,
    "xtick.labelcolor": MUTED,
    "xtick.major.size": 0,
    "ytick.labelcolor": MUTED,
    "ytick.major.size": 0,
}

_PNG_DPI: Final = 144


@cache
def japanese_font() -> str | None:
    """Return the first installed family known to have Japanese letters; None where there is none."""
    from matplotlib import font_manager

    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    return next((family for family in JAPANESE_FAMILIES if family in installed), None)


def letters_for(language: Language, form: Form) -> Language:
    """
    Return the language in which a picture can be lettered.

    An SVG keeps its text, and whoever shows it brings the letters. A PNG without Japanese letters would show boxes: it
    is lettered in English.
    """
    return "en" if language == "ja" and form == "png" and japanese_font() is None else language


@contextmanager
def drawing(name: str) -> Iterator[None]:
    """
    Draw under our settings, whatever the user's.

    Ids inside an SVG hang on ``name``, so that two pictures can stand in one page.
    """
    import matplotlib as mpl

    families = [family for family in (japanese_font(), "DejaVu Sans") if family]
    with mpl.rc_context(), warnings.catch_warnings():
        # Only an SVG is lettered in what this machine lacks: whoever shows it brings the letters.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        mpl.rcdefaults()
        mpl.rcParams.update({**_SETTINGS, "svg.hashsalt": name, "font.family": families})
        yield


def figure_bytes(figure: Figure, form: Form) -> bytes:
    """Return a figure as a file; no date and no version is written into it."""
    stream = io.BytesIO()
    if form == "png":
        figure.savefig(stream, format="png", metadata={"Software": None}, dpi=_PNG_DPI)
        return stream.getvalue()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return _plain_svg(stream.getvalue().decode()).encode()


def _plain_svg(svg: str) -> str:
    """
    Return an SVG that can stand in a page: no prolog, no metadata, attributes instead of styles, ids only where used.

    A page whose policy forbids inline styles shows attributes all the same, and its style sheet can override them.
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\s*<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.DOTALL)
    svg = re.sub(r' style="([^"]*)"', lambda found: _attributes(found[1]), svg)
    used = set(re.findall(r'(?:url\(|href=")#([^")]+)', svg))
    svg = re.sub(r' id="([^"]*)"', lambda found: found[0] if found[1] in used else "", svg)
    # Rounded corners were set for all in the style sheet that is gone; the size is that of the place it stands in.
    return svg.replace("<svg ", '<svg stroke-linejoin="round" ', 1)


def _attributes(style: str) -> str:
    pairs = (part.split(":", 1) for part in style.split(";") if ":" in part)
    values = {name.strip(): value.strip() for name, value in pairs}
    if "font-family" in values:
        values["font-family"] = ", ".join([*(f"'{family}'" for family in JAPANESE_FAMILIES), "sans-serif"])
    return "".join(f' {name}="{value}"' for name, value in values.items())
