"""
The files of the page: its own, the map library's, and the words of the catalogue as a module.

All stand under one folder whose name is a digest of their contents, so that browsers may keep them for good: a file
that changes has another address. Addresses are relative, as a proxy may have put a prefix in front.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import resources
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from string import Template
from typing import TYPE_CHECKING, Final

from api.texts import catalogue, say

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from regional_assets.text import Language

WORDS: Final = "desk_"
"""Sections of the catalogue that the page gets begin so; it is told of them without."""

_PAGE: Final = "index.html"
_LIBRARY: Final = {"map/maplibre-gl.js": "maplibre-gl.js", "map/maplibre-gl.css": "maplibre-gl.css"}
_MEDIA_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class DeskFile:
    """Hold one file: its media type, and its content as it is and packed by gzip."""

    media_type: str
    content: bytes
    packed: bytes


@dataclass(frozen=True, slots=True)
class Desk:
    """
    Hold the page.

    Parameters
    ----------
    digest
        Of everything in ``files``; the folder they stand in.
    files
        By path below that folder.
    """

    digest: str
    files: dict[str, DeskFile]

    def page(self, language: Language) -> str:
        """Return the HTML that all begins with, in the language it is shown in until scripts run."""
        base = f"desk/{self.digest}"
        sheets = [path for path in sorted(self.files) if path.startswith("css/")]
        modules = [path for path in sorted(self.files) if path.startswith("js/")]
        template = Template((resources.files("api.desk") / "static" / _PAGE).read_text(encoding="utf-8"))
        return template.substitute(
            lang=language,
            base=base,
            styles="\n".join(f'<link rel="stylesheet" href="{base}/{path}">' for path in sheets),
            modules="\n".join(f'<link rel="modulepreload" href="{base}/{path}">' for path in modules),
            loading=escape(say("desk_shell.loading", language)),
            skip=escape(say("desk_shell.skip", language)),
            description=escape(say("desk_shell.description", language)),
            no_script=" / ".join(escape(say("desk_shell.no_script", each)) for each in ("ja", "en")),
        )


@cache
def desk() -> Desk:
    """
    Return the page with all its files, read and packed once.

    Raises
    ------
    FileNotFoundError
        If the package of the map library lacks its files.
    """
    contents = dict(sorted(_contents()))
    digest = hashlib.sha256()
    for path, content in contents.items():
        digest.update(f"{path} {len(content)} ".encode())
        digest.update(content)
    files = {
        path: DeskFile(_MEDIA_TYPES[PurePosixPath(path).suffix], content, gzip.compress(content, 9, mtime=0))
        for path, content in contents.items()
    }
    return Desk(digest.hexdigest()[:16], files)


def _contents() -> Iterator[tuple[str, bytes]]:
    yield from _own(resources.files("api.desk") / "static", "")
    yield "js/words.js", _words()
    # The package is not imported: doing so sets up widgets for notebooks, and logs warnings.
    spec = find_spec("maplibre")
    if spec is None or spec.origin is None:
        msg = "the package maplibre is not installed"
        raise FileNotFoundError(msg)
    library = Path(spec.origin).parent / "srcjs"
    for path, name in _LIBRARY.items():
        yield path, (library / name).read_bytes()


def _own(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _own(entry, f"{prefix}{entry.name}/")
        # Editors and file managers leave files of their own beside ours.
        elif PurePosixPath(entry.name).suffix in _MEDIA_TYPES:
            yield prefix + entry.name, entry.read_bytes()


def _words() -> bytes:
    """Return a module with the words of the page, ``[ja, en]`` by section and key."""
    words = {
        key.removeprefix(WORDS): [entry.ja, entry.en] for key, entry in catalogue().items() if key.startswith(WORDS)
    }
    return f"export default {json.dumps(words, ensure_ascii=False, sort_keys=True)};\n".encode()
