"""Read the cultural properties of Japan Heritage (日本遺産), a list of the Agency for Cultural Affairs."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from regional_assets.defaults import assumption, default_appeal, default_indoor, default_visit
from regional_assets.errors import InputError, Problem
from regional_assets.model import Asset, Kind, Name, Photo, Source
from regional_assets.readers.municipal import _cells as cells
from regional_assets.readers.municipal._kinds import judge_place
from regional_assets.readers.municipal._positions import position_of, position_warnings
from regional_assets.readers.municipal._table import read_table
from regional_assets.report import ReadResult
from regional_assets.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from regional_assets.model import Assumption
    from regional_assets.readers.municipal._table import Row

PUBLISHER = "文化庁 日本遺産ポータルサイト"
_COLUMNS = ("pidx", "name", "status", "spot", "lat", "lng")
_MUNICIPALITY = re.compile(r"^(?:東京都|北海道|(?:京都|大阪)府|.{2,3}県)?(?P<name>.{1,8}?[市区町村])")
_TREASURE, _NATIONAL = (
    re.compile(r"国宝|特別史跡|特別名勝|特別天然"),
    re.compile(r"国(?:重|史|指定|登録|選定|名勝|天然)|重文"),
)
_INTANGIBLE = re.compile(r"無形|無民|民俗芸能|伝統工芸|制作技術")
_APPEAL_RULE = Name(
    ja="文化財の標準的な魅力度に、国宝・特別史跡等は20、国の指定・登録は10を加えた",
    en="usual appeal of a cultural property, plus 20 for national treasures, 10 for national designation",
)


def read_heritage(
    path: str | Path,
    *,
    prefecture: str | None = None,
    licence: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> ReadResult:
    """
    Read the list of Japan Heritage properties into culture assets.

    Parameters
    ----------
    path
        CSV file with the columns ``pidx, jhno, pno, url, status, name, yomi, spot, lat, lng, image``.
    prefecture
        Only rows that mention it (``福井県`` or ``福井``) are read; the others are no rows, and one
        warning counts them.
    licence
        Licence of the data; kept with every asset.
    progress
        Called with the number of rows read so far.

    Returns
    -------
    result
        ``rows`` = accepted + refused.

    Raises
    ------
    InputError
        If the file cannot be read, lacks columns, or mentions the prefecture nowhere.
    """
    path = Path(path)
    table = read_table(path)
    missing = [column for column in _COLUMNS if column not in table.header]
    if missing:
        names = ", ".join(missing)
        raise InputError(
            [Problem(path.name, missing, Text(ja=f"列がありません: {names}", en=f"lacks columns: {names}"))]
        )
    rows = [row for row in table.rows if not prefecture or prefecture in row.cells.get("spot", "")]
    warnings: list[Problem] = []
    if prefecture and not rows:
        raise InputError(
            [
                Problem(
                    "prefecture",
                    prefecture,
                    Text(ja=f"{prefecture!r} の行がありません", en=f"no row mentions {prefecture!r}"),
                )
            ]
        )
    if len(rows) < len(table.rows):
        left = len(table.rows) - len(rows)
        warnings.append(
            Problem(
                path.name,
                prefecture,
                Text(
                    ja=f"{prefecture}以外の {left} 行は読みませんでした",
                    en=f"{left} rows that do not mention {prefecture} left out",
                ),
            )
        )
    assets: list[Asset] = []
    refused: list[Problem] = []
    seen: set[str] = set()
    for count, row in enumerate(rows, start=1):
        if progress is not None and count % 500 == 0:
            progress(count)
        name = cells.fact(row.cells.get("name"))
        if not name:
            refused.append(Problem(f"{path.name}:{row.line} name", "", Text(ja="名称がありません", en="has no name")))
            continue
        asset = _asset(row, name, path.name, licence, seen, warnings)
        seen.add(asset.id)
        assets.append(asset)
    warnings += position_warnings(assets, path.name)
    assert len(rows) == len(assets) + len(refused), f"{path.name}: rows do not add up"
    return ReadResult(path.name, "japan heritage", len(rows), tuple(assets), tuple(refused), tuple(warnings))


def _asset(row: Row, name: str, file: str, licence: str | None, seen: set[str], warnings: list[Problem]) -> Asset:
    where = f"{file}:{row.line}"
    spot = unicodedata.normalize("NFKC", cells.fact(row.cells.get("spot")))
    status = cells.fact(row.cells.get("status"))
    lon, lat, doubt = position_of(row.cells.get("lat"), row.cells.get("lng"))
    if doubt is not None:
        warnings.append(Problem(f"{where} lat", row.cells.get("lat", ""), doubt))
    category, tags = _category(name, status)
    assumed: list[Assumption] = [assumption("kind"), assumption("visit_minutes"), assumption("appeal", _APPEAL_RULE)]
    indoor = default_indoor(Kind.CULTURE, category)
    if indoor != "unknown":
        assumed.append(assumption("indoor"))
    municipality = _MUNICIPALITY.match(spot)
    return Asset(
        id=_id(row, seen, where, warnings),
        kind=Kind.CULTURE,
        name=Name(ja=name),
        lon=lon,
        lat=lat,
        address=spot or None,
        municipality=municipality["name"] if municipality else None,
        description=Name(
            ja=f"日本遺産の構成文化財（{status}）" if status else "日本遺産の構成文化財", en="Part of Japan Heritage"
        ),
        visit_minutes=default_visit(Kind.CULTURE, category),
        tags=tags,
        appeal=_appeal(category, status),
        indoor=indoor,
        url=cells.fact(row.cells.get("url")) or None,
        photo=_photo(cells.fact(row.cells.get("image"))),
        sources=(Source(name=PUBLISHER, licence=licence, row=where),),
        assumed=tuple(assumed),
    )


def _category(name: str, status: str) -> tuple[str, tuple[str, ...]]:
    judgement = judge_place(name)
    category = judgement.category if judgement.kind is Kind.CULTURE and judgement.category else "heritage"
    intangible = ("intangible",) if _INTANGIBLE.search(status) else ()
    return category, tuple(dict.fromkeys((category, "heritage", "japan_heritage", *intangible)))


def _appeal(category: str, status: str) -> int:
    base = default_appeal(Kind.CULTURE, category)
    if _TREASURE.search(status):
        return base + 20
    return base + 10 if _NATIONAL.search(status) else base


def _id(row: Row, seen: set[str], where: str, warnings: list[Problem]) -> str:
    own = re.sub(r"[^A-Za-z0-9._-]+", "-", cells.fact(row.cells.get("pidx"))).strip("-") or f"line-{row.line}"
    wanted = f"japan-heritage:{own}"
    if wanted not in seen:
        return wanted
    unique = f"{wanted}-line-{row.line}"
    message = Text(ja=f"ID {wanted!r} が前の行にもあります", en=f"the id {wanted!r} occurs before")
    warnings.append(Problem(f"{where} pidx", own, message))
    return unique


def _photo(url: str) -> Photo | None:
    # Some addresses were joined to the portal's own: https://japan-heritage.bunka.go.jphttps://...
    start = url.rfind("http")
    return Photo(url=url[start:]) if start >= 0 else None
