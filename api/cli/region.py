"""``meguri region``: build, check, show and export regions, and give them streets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from api.cli._options import AsJson, Date, KindName, Lang, RegionName, help_text, modes_or_problems, read_modes
from api.cli._session import open_session
from regional_assets.errors import InputError

app = typer.Typer(name="region", help=help_text("region_group"), no_args_is_help=True)

Files = list[Path] | None
OsmFiles = Annotated[Files, typer.Option("--osm", help=help_text("osm"), metavar="FILE")]
EdgeFile = Annotated[Path | None, typer.Option("--edges", help=help_text("edges"), metavar="FILE")]
ModeList = Annotated[
    list[str] | None, typer.Option("--mode", "--modes", help=help_text("modes"), metavar="walk|bicycle|car")
]
Licence = Annotated[str | None, typer.Option("--licence", help=help_text("licence"), metavar="TEXT")]
PlaceName = Annotated[str | None, typer.Option("--place", help=help_text("place"), metavar="NAME")]


@app.command("build", help=help_text("build"))
def build(
    name: Annotated[str, typer.Argument(help=help_text("build_name"), metavar="NAME")],
    *,
    osm: OsmFiles = None,
    csv: Annotated[Files, typer.Option("--csv", help=help_text("csv"), metavar="FILE")] = None,
    geofile: Annotated[Files, typer.Option("--geofile", help=help_text("geofile"), metavar="FILE")] = None,
    heritage: Annotated[Path | None, typer.Option("--heritage", help=help_text("heritage"), metavar="FILE")] = None,
    prefecture: Annotated[str | None, typer.Option("--prefecture", help=help_text("prefecture"))] = None,
    edges: EdgeFile = None,
    gtfs: Annotated[Files, typer.Option("--gtfs", help=help_text("gtfs"), metavar="FILE")] = None,
    place: PlaceName = None,
    modes: Annotated[
        list[str] | None, typer.Option("--modes", "--mode", help=help_text("modes"), metavar="walk|bicycle|car")
    ] = None,
    licence: Licence = None,
    csv_licence: Annotated[
        str | None, typer.Option("--csv-licence", help=help_text("csv_licence"), metavar="TEXT")
    ] = None,
    name_ja: Annotated[str | None, typer.Option("--name-ja", help=help_text("name_ja"))] = None,
    name_en: Annotated[str | None, typer.Option("--name-en", help=help_text("name_en"))] = None,
    force: Annotated[bool, typer.Option("--force", help=help_text("force"))] = False,
    json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Build a region; the words are in the catalogue."""
    with open_session(as_json=json, language=lang) as session:
        from api.cli._progress import stages
        from api.cli._region_words import build_words
        from api.region_building import RegionFiles, build_region

        files = RegionFiles(
            osm=osm or (),
            csv=csv or (),
            geofile=geofile or (),
            heritage=heritage,
            prefecture=prefecture,
            edges=edges,
            gtfs=gtfs or (),
            place=place,
            licence=licence,
            csv_licence=csv_licence,
        )
        wanted, problems = modes_or_problems(modes)
        with stages(session) as (tell, tell_share):
            built = build_region(
                name,
                files,
                target=session.settings.regions / name,
                name_ja=name_ja,
                name_en=name_en,
                modes=wanted,
                modes_are_asked=bool(modes),
                replace=force,
                tell=tell,
                tell_streets=tell_share,
                known_problems=problems,
            )
        session.answer(built.to_json(), *build_words(built, session.language))


@app.command("check", help=help_text("check"))
def check(
    region: RegionName = "echizen",
    *,
    show_all: Annotated[bool, typer.Option("--all", help=help_text("check_all"))] = False,
    json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Check a region; the words are in the catalogue."""
    with open_session(as_json=json, language=lang) as session:
        from api.cli._progress import working
        from api.cli._region_words import check_payload, check_words
        from regional_assets.check import check_region
        from regional_assets.region import find_region

        land = find_region(region, session.settings.home)
        with working(session, "progress.checking") as progress:
            report = check_region(land, progress=lambda done, of: progress(done / of))
        session.answer(check_payload(report), *check_words(report, session.language, show_all=show_all))


@app.command("show", help=help_text("show"))
def show(
    region: RegionName = "echizen",
    *,
    kind: Annotated[KindName | None, typer.Option("--kind", help=help_text("kind"))] = None,
    date: Date = None,
    json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Show a region; the words are in the catalogue."""
    with open_session(as_json=json, language=lang) as session:
        from api.cli._planning import local_today
        from api.cli._region_words import show_payload, show_words
        from regional_assets.region import find_region

        land = find_region(region, session.settings.home)
        day = date.date() if date else local_today(land)
        assets = [asset for asset in land.assets if kind in (None, asset.kind)]
        session.answer(show_payload(land, assets, day), *show_words(land, assets, day, session.language))


@app.command("streets", help=help_text("streets"))
def streets(
    region: RegionName,
    *,
    osm: OsmFiles = None,
    edges: EdgeFile = None,
    place: PlaceName = None,
    modes: Annotated[
        list[str] | None, typer.Option("--mode", "--modes", help=help_text("modes"), metavar="walk|bicycle|car")
    ] = None,
    licence: Licence = None,
    json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Add streets to a region; the words are in the catalogue."""
    with open_session(as_json=json, language=lang) as session:
        from api.cli._progress import stages
        from api.cli._region_words import streets_payload, streets_words
        from api.street_building import StreetFiles, add_streets, build_networks, check_one_input
        from regional_assets.region import find_region

        files = StreetFiles(osm=osm or (), edges=edges, place=place, licence=licence)
        land = find_region(region, session.settings.home)
        check_one_input(files)
        wanted = read_modes(modes)
        with stages(session) as (_, tell):
            networks, notes = build_networks(files, wanted, all_needed=bool(modes), tell=tell)
            if not networks:
                raise InputError(notes)
            land, tiles = add_streets(land, networks, session.settings.regions, osm=files.osm, tell=tell)
        reports = {mode: network.report for mode, network in networks.items()}
        words = streets_words(land, reports, notes, session.language, tiles=tiles)
        session.answer(streets_payload(land, reports, notes, tiles=tiles), *words)


@app.command("export", help=help_text("export"))
def export(
    region: RegionName,
    out: Annotated[Path, typer.Argument(help=help_text("export_out"), metavar="OUT")],
    *,
    form: Annotated[
        Literal["geojson", "gpkg", "parquet", "csv"] | None,
        typer.Option("--format", help=help_text("export_format"), show_default=False),
    ] = None,
    json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Export the places of a region; the words are in the catalogue."""
    with open_session(as_json=json, language=lang) as session:
        from api.exports.region_file import export_region
        from regional_assets.region import find_region

        land = find_region(region, session.settings.home)
        written = export_region(land, out, form)
        payload = {"file": str(out), "format": written, "assets": len(land.assets)}
        session.answer(payload, session.say("region.exported", file=out, count=len(land.assets)))
