"""What commands for annealers share: make models, write them, read samples, decode them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli._planning import check_folder, read_text_file, write_whole
from api.cli._progress import working
from api.refusals import model_told
from api.texts import text
from regional_assets.errors import InputError, Problem

if TYPE_CHECKING:
    import datetime as dt

    from api.cli._session import Session
    from api.qubo_models import Model
    from api.qubo_sidecar import FileFormat, ModelName, Sidecar
    from pricing.proposal import Objective
    from solvers.qubo.formats import Samples

MODELS = ("routes", "day", "prices")
FORMATS = ("coo", "bqm", "lp")
SAMPLES_NAME = "samples.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """
    Hold what somebody wants to export; None where it was not said.

    Parameters
    ----------
    model
        Which model.
    region, today, most
        Of a trip; the last one is how many variables there may be.
    objective, may_close
        Of prices.
    seed
        Of everything random.
    """

    model: ModelName | None = None
    region: str | None = None
    today: dt.date | None = None
    most: int | None = None
    objective: Objective | None = None
    may_close: bool = False
    seed: int | None = None


def model_of(session: Session, source: str, wish: Wish) -> Model:
    """
    Return the model that somebody wants.

    Raises
    ------
    InputError
        If the source is none, makes no sense, or leaves nothing to choose.
    """
    content = _content_of(source)
    if "days" in content:
        from api.cli._qubo_trips import exported_trip

        _refuse_strange(wish, "request", ("routes", "day"), objective=wish.objective, may_close=wish.may_close or None)
        return exported_trip(session, content, wish)
    from api.cli._qubo_prices import exported_prices

    _refuse_strange(wish, "market", ("prices",), region=wish.region, today=wish.today, most=wish.most)
    return exported_prices(session, source, wish)


def _content_of(source: str) -> dict[str, Any]:
    """Return the content of a request or of a market in one file; that of other markets is read elsewhere."""
    from api.cli._pricing import BUNDLED
    from api.cli._trip_options import read_request_file

    path = Path(source)
    if source == BUNDLED or path.is_dir():
        return {}
    content = read_request_file(path) if path.exists() else {}
    if not {"days", "products"} & content.keys():
        raise InputError([Problem("SOURCE", source, text("qubo.no_source", bundled=BUNDLED))])
    return content


def _refuse_strange(wish: Wish, kind: str, models: tuple[str, ...], **foreign: object) -> None:
    """Refuse a model that is none of a kind of source, and options that are for the other kind."""
    source = text(f"qubo.of_{kind}")
    problems = [
        Problem(f"--{name.replace('_', '-')}", None, text("qubo.foreign_option", source=source))
        for name, value in foreign.items()
        if value is not None
    ]
    if wish.model is not None and wish.model not in models:
        message = text("qubo.wrong_model", value=wish.model, source=source, accepted=", ".join(models))
        problems.append(Problem("--model", wish.model, message))
    if problems:
        raise InputError(problems)


def deliver_model(session: Session, model: Model, form: FileFormat, folder: Path) -> None:
    """Write a model and its sidecar, and tell its size: before anything is submitted anywhere."""
    from api.qubo_models import HARDWARE_CLIQUE, model_files
    from api.qubo_tables import hardware_words, size_words

    with working(session, "progress.modelling"), model_told("SOURCE"):
        sidecar, contents = model_files(model, form)
        check_folder(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            write_whole(folder / name, content)
    files = [str(folder / name) for name in contents]
    size = sidecar.size
    payload = {
        "model": sidecar.model,
        "format": form,
        **size.model_dump(),
        "hardware_clique": HARDWARE_CLIQUE,
        "may_fit_hardware": size.largest_clique <= HARDWARE_CLIQUE,
        "digest": sidecar.digest,
        "files": files,
        "submitted": False,
    }
    guide = hardware_words(size, HARDWARE_CLIQUE, session.language)
    session.answer(payload, size_words(size, session.language), guide, session.say("qubo.nothing_sent"))
    for file in files:
        session.note(session.say("cli.wrote", file=file))


def read_samples_file(path: Path, sidecar: Sidecar) -> Samples:
    """
    Return the samples of a file; see `api.qubo_sidecar.samples_of`.

    Raises
    ------
    InputError
        If the file cannot be read, and as `samples_of` does.
    """
    from api.qubo_sidecar import samples_of

    return samples_of(read_text_file(path), sidecar, str(path))


def sampled(
    session: Session, sidecar: Sidecar, sampler: str, *, reads: int | None, seed: int, allow_remote: bool
) -> tuple[str, dict[str, Any]]:
    """
    Draw samples of an exported model.

    Returns
    -------
    content, told
        The sample file, and what is to be told of it.

    Raises
    ------
    InputError
        If the sampler cannot be used; nothing is submitted then.
    """
    from api.refusals import sampler_told

    with working(session, "progress.sampling"), sampler_told("--sampler"), model_told("packing"):
        from solvers.qubo.formats import samples_text
        from solvers.qubo.judging import keeps_rules
        from solvers.qubo.samplers.registry import sampler_of
        from solvers.qubo.submission import draw_reads, submission_of

        registered = sampler_of(sampler, allow_remote=allow_remote)
        problem = sidecar.packing.problem()
        submission = submission_of(problem, seed=sidecar.seed)
        scales = _penalty_scales(sidecar.model)
        drawn = draw_reads(submission, registered, reads=reads, seed=seed, penalty_scales=scales)
        kept = int(keeps_rules(problem, drawn.states).sum())
    told = {
        "sampler": drawn.sampler,
        "seed": drawn.seed,
        "is_reproducible": drawn.is_reproducible,
        "reads": len(drawn.states),
        "raw_feasible": kept,
        "seconds": round(drawn.seconds, 3),
    }
    return samples_text(drawn, sidecar.digest), told


def _penalty_scales(model: ModelName) -> tuple[float, ...]:
    """Return at which penalties reads are drawn: those of `meguri plan` and `meguri price plan`."""
    from solvers.qubo.submission import PENALTY_SCALES
    from solvers.qubo.trips import PENALTY_SCALES_OF

    return PENALTY_SCALES if model == "prices" else PENALTY_SCALES_OF[model]


def write_samples(path: Path, content: str) -> None:
    """Write a sample file, and the folder it is to lie in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content)
