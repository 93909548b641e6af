"""The fonts that a booklet is set in, and the letters that they have."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from api.exports.fonts import JAPANESE_FAMILIES
from api.texts import text
from regional_assets.errors import InputError, Problem

if TYPE_CHECKING:
    import typst

_CARRIER: Final = "matplotlib_fontja"
"""Package of the extra ``pdf`` that carries a Japanese font, for machines without one."""

_BESIDE: Final = "DejaVu Sans"
"""Family of matplotlib that has many letters which Japanese fonts lack."""


@dataclass(frozen=True, slots=True)
class Fonts:
    """
    Hold what a booklet is set in.

    Parameters
    ----------
    families
        In order of preference; the first has Japanese letters.
    library
        Their files, as typst knows them; no others of the system.
    letters
        Code points that at least one of them has.
    """

    families: tuple[str, ...]
    library: typst.Fonts
    letters: frozenset[int]


@cache
def booklet_fonts() -> Fonts:
    """
    Return the fonts for booklets on this machine: the first Japanese family that is installed, or the one of the extra.

    Only fonts whose letters are known are used, so that what none of them has can be told instead of printed as a box.

    Raises
    ------
    InputError
        If `typst` is not installed, or no Japanese font is found; naming the extra that brings both.
    """
    try:
        import typst
    except ImportError:
        raise _missing("booklet.no_typst") from None

    extra = [folder for folder in (_package_folder(_CARRIER, "fonts"),) if folder is not None]
    beside = _package_folder("matplotlib", "mpl-data", "fonts", "ttf")
    found = typst.Fonts(font_paths=[*extra, *([beside] if beside else [])], include_embedded_fonts=False).fonts()
    installed = {font.family for font in found}
    family = next((family for family in JAPANESE_FAMILIES if family in installed), None)
    if family is None:
        raise _missing("booklet.no_font")
    families = (family, *([_BESIDE] if _BESIDE in installed else []))
    files = [(font, Path(font.path)) for font in found if font.family in families and font.path is not None]
    folders = list(dict.fromkeys(path.parent for _, path in files))
    library = typst.Fonts(font_paths=folders, include_system_fonts=False, include_embedded_fonts=False)
    # One file of each family: its weights have the same letters.
    upright = {font.family: (path, font.index) for font, path in files if font.style == "normal"}
    letters = frozenset().union(*(_letters_of(path, index) for path, index in upright.values()))
    return Fonts(families, library, letters)


def _letters_of(path: Path, index: int) -> frozenset[int]:
    """Return the code points that a font has; the same file may hold several fonts."""
    from fontTools.ttLib import TTFont

    with TTFont(path, fontNumber=index, lazy=True) as font:
        return frozenset(font.getBestCmap())


def _package_folder(package: str, *parts: str) -> Path | None:
    """Return a folder inside an installed package, without importing it."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0]).joinpath(*parts)
    return folder if folder.is_dir() else None


def _missing(key: str) -> InputError:
    return InputError([Problem("", None, text(key))])
