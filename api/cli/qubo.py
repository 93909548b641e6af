"""``meguri qubo``: export models for annealers, sample them, and read samples of any machine back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli._options import AsJson, Lang, Today, help_text
from api.cli._price_options import MOST_READS, Reading, Seed
from api.cli._session import open_session

app = typer.Typer(name="qubo", help=help_text("qubo_group"), no_args_is_help=True)

_MOST_VARIABLES = 5_000
_OBJECTIVES = ("revenue", "visitors", "off-peak", "local-spend")


def _option(key: str, *names: str, **look: Any) -> Any:
    return typer.Option(*names, help=help_text(key), **look)


def _argument(key: str, name: str) -> Any:
    return typer.Argument(help=help_text(key), metavar=name, show_default=False)


Folder = Annotated[Path, _argument("qubo_sidecar", "FOLDER")]


@app.command("export", help=help_text("qubo_export"))
def export(
    source: Annotated[str, _argument("qubo_source", "SOURCE")],
    *,
    out: Annotated[Path, _option("qubo_out", "--out", show_default=False)],
    model: Annotated[str | None, _option("qubo_model", metavar="NAME")] = None,
    form: Annotated[str | None, _option("qubo_format", "--format", metavar="NAME", show_default="coo")] = None,
    region: Annotated[str | None, _option("qubo_region", show_default="echizen")] = None,
    most: Annotated[str | None, _option("qubo_most", metavar="N")] = None,
    objective: Annotated[str | None, _option("qubo_objective", metavar="NAME", show_default="revenue")] = None,
    may_close: Annotated[bool, _option("may_close", "--may-close")] = False,
    seed: Seed = None,
    today: Today = None,
    json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Write a model; the words are in the catalogue."""
    with open_session(as_json=json, language=lang) as session:
        from api.cli._planning import check_folder
        from api.cli._qubo import FORMATS, MODELS, Wish, deliver_model, model_of

        reading = Reading()
        wish = Wish(
            model=reading.choice("--model", model, MODELS, None),
            region=region,
            today=today.date() if today else None,
            most=reading.whole("--most", most, None, least=1, most=_MOST_VARIABLES),
            objective=reading.choice("--objective", objective, _OBJECTIVES, None),
            may_close=may_close,
            seed=reading.whole("--seed", seed, None),
        )
        chosen = reading.choice("--format", form, FORMATS, "coo")
        reading.done()
        check_folder(out)
        deliver_model(session, model_of(session, source, wish), chosen, out)


@app.command("solve", help=help_text("qubo_solve"))
def solve(
    folder: Folder,
    *,
    sampler: Annotated[str, _option("qubo_sampler", metavar="NAME")] = "sa",
    reads: Annotated[str | None, _option("qubo_reads", metavar="N")] = None,
    seed: Annotated[str | None, _option("qubo_seed", metavar="N")] = None,
    allow_remote: Annotated[bool, _option("qubo_allow_remote", "--allow-remote")] = False,
    out: Annotated[Path | None, _option("qubo_solve_out", metavar="FILE", show_default=False)] = None,
    json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Draw samples; the words are in the catalogue."""
    with open_session(as_json=json, language=lang) as session:
        from api.cli._planning import check_file
        from api.cli._qubo import SAMPLES_NAME, sampled, write_samples
        from api.qubo_sidecar import read_sidecar

        reading = Reading()
        count = reading.whole("--reads", reads, None, least=1, most=MOST_READS)
        chance = reading.whole("--seed", seed, None)
        reading.sampler(sampler, allow_remote=allow_remote)
        reading.done()
        sidecar = read_sidecar(folder)
        file = out or (folder if folder.is_dir() else folder.parent) / SAMPLES_NAME
        check_file(file)
        content, told = sampled(
            session,
            sidecar,
            sampler,
            reads=count,
            seed=sidecar.seed if chance is None else chance,
            allow_remote=allow_remote,
        )
        write_samples(file, content)
        session.answer({**told, "file": str(file)}, session.say("qubo.sampled", **told))
        session.note(session.say("cli.wrote", file=file))


@app.command("decode", help=help_text("qubo_decode"))
def decode(
    folder: Folder,
    samples: Annotated[Path, _argument("qubo_samples", "SAMPLES")],
    *,
    out: Annotated[Path | None, _option("qubo_decode_out", show_default=False)] = None,
    json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Read samples back; the words are in the catalogue."""
    with open_session(as_json=json, language=lang) as session:
        from api.cli._planning import check_folder
        from api.cli._qubo import read_samples_file
        from api.qubo_sidecar import MarketSource, read_sidecar

        sidecar = read_sidecar(folder)
        reads = read_samples_file(samples, sidecar).reads
        if out is not None:
            check_folder(out)
        if isinstance(sidecar.source, MarketSource):
            from api.cli._qubo_prices import decode_prices

            decode_prices(session, sidecar, sidecar.source, reads, folder=out)
        else:
            from api.cli._qubo_trips import decode_trip

            decode_trip(session, sidecar, sidecar.source, reads, folder=out)


@app.command("samplers", help=help_text("qubo_samplers"))
def samplers(*, json: AsJson = False, lang: Lang = None) -> None:
    """List samplers; the words are in the catalogue."""
    with open_session(as_json=json, language=lang) as session:
        from dataclasses import asdict
        from warnings import catch_warnings, simplefilter

        from api.qubo_tables import missing_words, sampler_table
        from solvers.qubo.samplers.registry import SamplerNameWarning, sampler_entries

        with catch_warnings(record=True) as taken:
            simplefilter("always", SamplerNameWarning)
            entries = sampler_entries()
        payload = {"samplers": [asdict(entry) for entry in entries]}
        table, missing = sampler_table(entries, session.language), missing_words(entries, session.language)
        session.answer(payload, table, *missing, session.say("qubo.own_samplers"))
        for warning in taken:
            session.warn(session.say("sampler.name_taken", reason=warning.message))
