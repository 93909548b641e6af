"""The files of the planning desk as a server hands them out."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import httpx
import pytest

from api.desk.files import desk
from api.http.routes.desk import policy_of
from api.service_settings import read_service_settings
from api.texts import catalogue
from benchmarks.service.server import Server
from regional_assets.errors import InputError

STATIC = Path(__file__).parents[3] / "api" / "desk" / "static"


def test_the_page_names_its_files_and_allows_no_others(desk_server: Server) -> None:
    """Scripts and styles come from the server alone, none stands in the page, and each named file is there."""
    answer = httpx.get(desk_server.url, headers={"Accept-Language": "ja"})
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert '<html lang="ja">' in answer.text
    assert not re.search(r"<script(?![^>]*src=)|<style| style=| on\w+=", answer.text)
    named = re.findall(r'(?:src|href)="(desk/[^"]+)"', answer.text)
    assert len(named) > 10
    for path in named:
        assert httpx.get(f"{desk_server.url}/{path}").status_code == httpx.codes.OK


def test_files_are_kept_for_good_under_a_name_that_changes(desk_server: Server) -> None:
    """The folder is a digest of everything; under another one nothing is kept; packed and plain are the same."""
    digest = desk().digest
    plain = httpx.get(f"{desk_server.url}/desk/{digest}/js/main.js", headers={"Accept-Encoding": "identity"})
    assert "immutable" in plain.headers["cache-control"]
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
    assert gzip.decompress(desk().files["js/main.js"].packed) == plain.content
    assert httpx.get(f"{desk_server.url}/desk/old/js/main.js").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["js/nothing.js", "../files.py", "js/..%2F..%2Ffiles.py", "index.html", ""])
def test_nothing_else_is_handed_out(desk_server: Server, path: str) -> None:
    """What is no file of the page is not found."""
    assert httpx.get(f"{desk_server.url}/desk/{desk().digest}/{path}").status_code == httpx.codes.NOT_FOUND


def test_every_word_that_scripts_ask_for_is_in_the_catalogue_and_no_other() -> None:
    """Keys are written out in the scripts, ``t("shell.title")``, or begin so, ``t(`shell.theme_${theme}`)``."""
    scripts = "\n".join(file.read_text(encoding="utf-8") for file in STATIC.rglob("*.js"))
    python = (STATIC.parent / "files.py").read_text(encoding="utf-8")
    keys = {key.removeprefix("desk_") for key in catalogue() if key.startswith("desk_")}
    stems = tuple({*re.findall(r"`([a-z]+\.[a-z_]*)\$\{", scripts)})
    sections = {key.partition(".")[0] for key in keys}
    asked = {each for each in re.findall(r'"([a-z]+\.[a-z0-9_]+)"', scripts) if each.partition(".")[0] in sections}
    assert asked - keys == set()
    by_server = set(re.findall(r'"desk_([a-z]+\.[a-z0-9_]+)"', python))
    assert {key for key in keys - asked - by_server if not key.startswith(stems)} == set()


@pytest.mark.parametrize("file", sorted(STATIC.rglob("*.js")), ids=lambda file: file.name)
def test_scripts_write_text_and_never_markup(file: Path) -> None:
    """What data could inject into is not used anywhere."""
    script = file.read_text(encoding="utf-8")
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "setHTML"):
        assert way not in script


def test_a_base_map_of_another_server_enters_the_policy_only_where_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its origin alone; what is no address of tiles, or names nobody to thank, is refused."""
    monkeypatch.setenv("MEGURI_MAP_TILES_URL", "https://tiles.example:8443/{z}/{x}/{y}.png?a=b")
    with pytest.raises(InputError, match="MEGURI_MAP_ATTRIBUTION"):
        read_service_settings()
    monkeypatch.setenv("MEGURI_MAP_ATTRIBUTION", "Example tiles")
    policy = policy_of(read_service_settings())
    assert "img-src 'self' data: blob: https://tiles.example:8443;" in policy
    for wrong in ("https://x; script-src *", "ftp://x/{z}/{x}/{y}", "https://tiles.example/{z}.png"):
        monkeypatch.setenv("MEGURI_MAP_TILES_URL", wrong)
        with pytest.raises(InputError, match="MEGURI_MAP_TILES_URL"):
            read_service_settings()
