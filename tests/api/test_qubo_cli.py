"""`meguri qubo`."""

from __future__ import annotations

import json
import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import dimod
import numpy as np
import pytest
from click.testing import Result
from coo_by_highs import lowest_of
from price_samples import small_market
from typer.testing import CliRunner

from api.cli import app
from api.qubo_sidecar import Size
from api.qubo_tables import hardware_words
from pricing.proposal import PricePlan
from regional_assets.model import Region
from solvers.qubo.samplers import registry


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def told(*words: object) -> Any:
    """Run a command that must succeed, and return what it writes as JSON."""
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def refused(*words: object) -> list[dict[str, Any]]:
    """Run a command that must refuse its input, and return the problems it tells."""
    result = run(*words, "--json")
    assert result.exit_code == 2, result.output
    problems = json.loads(result.stdout)["errors"]
    assert all(problem["message"]["ja"] and problem["message"]["en"] for problem in problems)
    return list(problems)


def message_of(*words: object) -> str:
    """Run a command that must refuse its input for one reason, and return that with its place."""
    (problem,) = refused(*words)
    return f"{problem['where']}: {problem['message']['en']}"


@pytest.fixture(scope="module")
def market_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the small market on the disk."""
    path = tmp_path_factory.mktemp("market") / "market.json"
    path.write_text(small_market().model_dump_json(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def priced(market_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the exported small market."""
    folder = tmp_path_factory.mktemp("prices") / "model"
    assert run("qubo", "export", market_file, "--out", folder).exit_code == 0
    return folder


def sidecar_of(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "sidecar.json").read_text(encoding="utf-8")))


def prices_of(plan: dict[str, Any]) -> dict[str, Any]:
    """Return what a plan says, but for times and names of who drew what."""
    sampling = {
        name: value
        for name, value in plan["sampling"].items()
        if name not in ("seconds", "sampler", "is_reproducible", "reads", "raw_feasible_rate")
    }
    return {**plan, "sampling": sampling, "seconds": 0, "comparison": None}


def test_samplers_are_listed_with_what_they_need() -> None:
    """Names, extras and whether a seed repeats them, in both languages."""
    listed = {each["name"]: each for each in told("qubo", "samplers")["samplers"]}
    assert listed["sa"]["is_reproducible"]
    assert not listed["tabu"]["is_reproducible"]
    assert listed["openjij-sqa"]["extra"] == "openjij"
    assert "simulated quantum annealing" in run("qubo", "samplers", "--lang", "en").stdout
    assert "模擬量子アニーリング" in run("qubo", "samplers", "--lang", "ja").stdout


def test_what_a_sampler_lacks_is_told_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing extra stands in the table, and once below it."""
    monkeypatch.setattr(registry, "find_spec", lambda name: None if name == "openjij" else name)
    shown = run("qubo", "samplers", "--lang", "en").stdout
    assert shown.count("openjij (missing)") == 2
    assert shown.count("pip install 'meguri[openjij]'") == 1


def test_an_export_tells_the_size_before_anything_is_submitted(market_file: Path, tmp_path: Path) -> None:
    """Size, density, clique and the guide to hardware are told; model and sidecar lie in the folder."""
    export = told("qubo", "export", market_file, "--out", tmp_path / "m", "--format", "bqm")
    sidecar = sidecar_of(tmp_path / "m")
    assert sorted(file.name for file in (tmp_path / "m").iterdir()) == ["model.bqm", "sidecar.json"]
    assert {name: export[name] for name in sidecar["size"]} == sidecar["size"]
    assert export["submitted"] is False
    assert export["digest"] == sidecar["digest"]
    printed = " ".join(run("qubo", "export", market_file, "--out", tmp_path / "m", "--format", "lp").stdout.split())
    assert f"{export['variables']} variables" in printed
    assert "about 180" in printed
    assert "Nothing has been submitted" in printed
    assert (tmp_path / "m" / "model.lp").read_text(encoding="utf-8").startswith("Minimize")


def test_the_sidecar_tells_what_each_variable_stands_for(priced: Path) -> None:
    """Products, prices and days in the order of the model; groups name their product."""
    sidecar = sidecar_of(priced)
    products = {product.id: product for product in small_market().products}
    names = [variable["name"] for variable in sidecar["variables"]]
    assert names == [f"x{place}" for place in range(len(names))]
    for variable in sidecar["variables"]:
        meaning = variable["meaning"]
        assert meaning["yen"] in products[meaning["product"]].ladder
        assert meaning["name"]["en"] == "Papermaking"
        assert sidecar["groups"][variable["group"]]["product"] == meaning["product"]
    assert sidecar["source"]["kind"] == "market"


def test_prices_drawn_and_decoded_apart_are_those_of_the_plan(market_file: Path, priced: Path, tmp_path: Path) -> None:
    """Export, solve and decode give what `meguri price plan --solver qubo` gives with the same seed."""
    drawn = told("qubo", "solve", priced, "--reads", 20, "--out", tmp_path / "s.json")
    assert drawn["reads"] == 20
    decoded = told("qubo", "decode", priced, tmp_path / "s.json")
    words = ("price", "plan", market_file, "--solver", "qubo", "--reads", 20, "--horizons", 0)
    planned = told(*words)
    assert prices_of(decoded) == prices_of(planned)
    assert decoded["sampling"]["sampler"] == "sa"
    assert decoded["sampling"]["raw_feasible_rate"] == drawn["raw_feasible"] / 20


def test_prices_solved_by_an_independent_program_are_the_best(priced: Path, tmp_path: Path) -> None:
    """HiGHS, given the coordinate text alone, finds the proven optimum; its sample is decoded without repair."""
    bits = lowest_of((priced / "model.coo").read_text(encoding="utf-8"))
    file = tmp_path / "solved.csv"
    file.write_text(",".join(f"x{i}" for i in range(len(bits))) + "\n" + ",".join(map(str, bits)) + "\n")
    plan = told("qubo", "decode", priced, file, "--out", tmp_path / "plan")
    sampling = plan["sampling"]
    assert sampling["source"] == "sampler"
    assert sampling["repaired"] is False
    assert sampling["raw_feasible_rate"] == 1.0
    assert sampling["gain"] == sampling["best_gain"]
    assert PricePlan.model_validate_json((tmp_path / "plan" / "plan.json").read_bytes()).solver == "qubo"


def test_tampered_samples_are_told_from_good_ones(priced: Path, tmp_path: Path) -> None:
    """Samples that choose everything at once are no answer of the sampler: repair is named."""
    size = len(sidecar_of(priced)["variables"])
    file = tmp_path / "all.csv"
    file.write_text(",".join(map(str, range(size))) + "\n" + ",".join("1" * size) + "\n")
    sampling = told("qubo", "decode", priced, file)["sampling"]
    assert sampling["raw_feasible_rate"] == 0
    assert sampling["source"] in ("repair", "fallback")
    assert sampling["raw_gain"] is None


def samples(folder: Path, **changes: Any) -> str:
    """Return a sample file of zeros for a model, with some fields changed."""
    names = [variable["name"] for variable in sidecar_of(folder)["variables"]]
    plain = {"format": "meguri-samples/1", "vartype": "BINARY", "variables": names, "samples": [[0] * len(names)]}
    return json.dumps({**plain, **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vartype": "SPIN"}, "samples[0][0]: values other than -1, 1 (SPIN)"),
        ({"vartype": "OCTAL"}, "vartype: 'OCTAL' is no vartype"),
        ({"samples": []}, "samples: no samples"),
        ({"samples": [[0, 1]]}, "samples[0]: rows of another length"),
        ({"model": "0123"}, "model: these samples were drawn from another model"),
    ],
)
def test_samples_that_do_not_fit_are_refused(
    priced: Path, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    """One line names the file, the place and what is accepted; no plan is written."""
    file = tmp_path / "samples.json"
    file.write_text(samples(priced, **changes), encoding="utf-8")
    assert message in message_of("qubo", "decode", priced, file, "--out", tmp_path / "plan")
    assert not (tmp_path / "plan").exists()


def test_samples_of_other_variables_are_refused(priced: Path, tmp_path: Path) -> None:
    """What is missing and what is unknown is told at once."""
    file = tmp_path / "samples.csv"
    file.write_text("x0,y\n0,1\n", encoding="utf-8")
    problems = refused("qubo", "decode", priced, file)
    assert [problem["where"] for problem in problems] == [f"{file} variables"] * 2
    assert "missing" in problems[0]["message"]["en"]
    assert "(y)" in problems[1]["message"]["en"]


def test_a_market_that_changed_is_told(market_file: Path, tmp_path: Path) -> None:
    """Samples of the old model are not read as prices of the new market."""
    file, folder = tmp_path / "market.json", tmp_path / "model"
    file.write_text(market_file.read_text(encoding="utf-8"), encoding="utf-8")
    assert run("qubo", "export", file, "--out", folder).exit_code == 0
    assert run("qubo", "solve", folder, "--reads", 2).exit_code == 0
    market = small_market()
    dearer = market.products[0].model_copy(update={"cost": 200})
    file.write_text(
        market.model_copy(update={"products": (dearer, *market.products[1:])}).model_dump_json(), encoding="utf-8"
    )
    message = message_of("qubo", "decode", folder, folder / "samples.json", "--out", tmp_path / "plan")
    assert "the model built anew from the same source is another one" in message
    assert not (tmp_path / "plan").exists()


def test_a_sidecar_changed_by_hand_is_refused(priced: Path, tmp_path: Path) -> None:
    """Its digest covers the problem and what variables stand for."""
    sidecar = sidecar_of(priced)
    for change in ("value", "meaning"):
        changed = json.loads(json.dumps(sidecar))
        if change == "value":
            changed["packing"]["value"][0] += 1
        else:
            changed["variables"][0]["meaning"]["yen"] += 100
        (tmp_path / "sidecar.json").write_text(json.dumps(changed), encoding="utf-8")
        assert "it was changed" in message_of("qubo", "solve", tmp_path)
    changed = json.loads(json.dumps(sidecar))
    changed["packing"]["group"][0] = 99
    (tmp_path / "sidecar.json").write_text(json.dumps(changed), encoding="utf-8")
    assert "packing: does not describe a problem" in message_of("qubo", "solve", tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["sidecar.json"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--sampler", "oracle"), "--sampler: there is no sampler 'oracle'; there are: sa, tabu"),
        (("--reads", "0"), "--reads: '0' cannot be used"),
    ],
)
def test_samplers_that_cannot_be_used_are_refused(
    priced: Path, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    """One line, nothing drawn, nothing written."""
    assert message_of("qubo", "solve", priced, *words, "--out", tmp_path / "s" / "samples.json").startswith(message)
    assert list(tmp_path.iterdir()) == []


def test_all_that_is_wrong_with_a_request_for_samples_is_told_at_once(priced: Path, tmp_path: Path) -> None:
    """Numbers and the sampler, each by its option; a seed of more than 64 bits is told how large it may be."""
    words = ("--reads", "0", "--seed", "9" * 20, "--sampler", "oracle", "--out", tmp_path / "s.json")
    problems = refused("qubo", "solve", priced, *words)
    assert [problem["where"] for problem in problems] == ["--reads", "--seed", "--sampler"]
    assert "from 0 to 9,223,372,036,854,775,807" in problems[1]["message"]["en"]


def test_a_sampler_that_takes_only_small_models_says_so_in_both_languages(tmp_path: Path) -> None:
    """How large the model is, and what would be accepted."""
    assert run("qubo", "export", "echizen-workshops", "--out", tmp_path / "m").exit_code == 0
    (problem,) = refused("qubo", "solve", tmp_path / "m", "--sampler", "exact")
    variables = len(sidecar_of(tmp_path / "m")["variables"])
    assert problem["message"]["en"] == f"the model has {variables} variables; exact takes at most 20"
    assert f"変数は{variables}個" in problem["message"]["ja"]
    assert "20個まで" in problem["message"]["ja"]


def test_samples_are_not_drawn_for_a_file_that_cannot_be_written(priced: Path, tmp_path: Path) -> None:
    """A folder in the place of the file is named, as it was typed."""
    result = run("qubo", "solve", priced, "--out", tmp_path, "--lang", "en")
    assert result.exit_code == 4
    assert f"{tmp_path}: file or connection failed (is a folder, not a file)" in "".join(result.stderr.splitlines())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("variables", "clique", "said"),
    [(180, 180, "is within that"), (181, 180, "only embedding it tells"), (181, 181, "does not fit as it is")],
)
def test_what_hardware_may_take_is_not_promised(variables: int, clique: int, said: str) -> None:
    """More variables than the largest clique hardware holds may fit or not; a larger clique does not."""
    size = Size(variables=variables, interactions=1, density=0.1, largest_clique=clique)
    assert said in hardware_words(size, 180, "en")


def test_a_missing_extra_is_named(priced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line tells what to install."""
    monkeypatch.setitem(sys.modules, "openjij", None)
    message = message_of("qubo", "solve", priced, "--sampler", "openjij-sa", "--out", tmp_path / "s.json")
    assert message.endswith("pip install 'meguri[openjij]'")
    assert list(tmp_path.iterdir()) == []


class Cloud(dimod.RandomSampler):  # type: ignore[misc]
    """Stands for a sampler on another machine."""

    is_remote = True
    calls = 0

    def sample(self, *given: Any, **keywords: Any) -> dimod.SampleSet:
        Cloud.calls += 1
        return super().sample(*given, **keywords)


def test_a_remote_sampler_needs_permission(priced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it nothing is sent; with it the reads come back."""
    points = EntryPoints([EntryPoint("cloud", f"{__name__}:Cloud", registry.ENTRY_POINTS)])
    monkeypatch.setattr(registry, "entry_points", lambda *, group: points.select(group=group))
    monkeypatch.setattr(Cloud, "calls", 0)
    words = ("qubo", "solve", priced, "--sampler", "cloud", "--out", tmp_path / "s.json", "--reads", 4)
    assert "--allow-remote (nothing was sent)" in message_of(*words)
    assert Cloud.calls == 0
    assert list(tmp_path.iterdir()) == []
    assert told(*words, "--allow-remote")["reads"] == 4
    assert Cloud.calls == 2


def test_a_name_that_is_taken_is_told_once_where_samplers_are_listed(
    priced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose sampler goes unused stands below the list; commands that draw keep to theirs."""
    points = EntryPoints([EntryPoint("sa", f"{__name__}:Cloud", registry.ENTRY_POINTS)])
    monkeypatch.setattr(registry, "entry_points", lambda *, group: points.select(group=group))
    listed = run("qubo", "samplers", "--lang", "en")
    assert listed.stderr.count("the name is taken by meguri") == 1
    drawn = run("qubo", "solve", priced, "--reads", 2, "--out", tmp_path / "s.json")
    assert drawn.exit_code == 0
    assert "the name is taken" not in drawn.output


class Silent(dimod.RandomSampler):  # type: ignore[misc]
    """Returns nothing."""

    def sample(self, bqm: dimod.BinaryQuadraticModel, **_keywords: Any) -> dimod.SampleSet:
        return dimod.SampleSet.from_samples_bqm(np.empty((0, bqm.num_variables)), bqm)


def test_a_sampler_that_returns_nothing_is_told(priced: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line instead of a file without samples."""
    points = EntryPoints([EntryPoint("silent", f"{__name__}:Silent", registry.ENTRY_POINTS)])
    monkeypatch.setattr(registry, "entry_points", lambda *, group: points.select(group=group))
    message = message_of("qubo", "solve", priced, "--sampler", "silent", "--out", tmp_path / "s.json")
    assert "what the sampler returned cannot be used" in message
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_is_too_large_is_not_written(
    market_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit is told, and no folder appears."""
    monkeypatch.setattr("solvers.qubo.price_levels.MOST_LEVELS", 3)
    assert "cannot be made a model" in message_of("qubo", "export", market_file, "--out", tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


def test_a_market_with_nothing_to_choose_is_told(tmp_path: Path) -> None:
    """Where only one price is on each ladder there is no model."""
    market = small_market()
    fixed = tuple(product.model_copy(update={"ladder": (product.current,)}) for product in market.products)
    file = tmp_path / "market.json"
    file.write_text(market.model_copy(update={"products": fixed, "rules": ()}).model_dump_json(), encoding="utf-8")
    assert "nothing to choose" in message_of("qubo", "export", file, "--out", tmp_path / "m")
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(
    ("source", "words", "message"),
    [
        ("nowhere", (), "SOURCE: is neither a trip request nor a market"),
        ("echizen-workshops", ("--model", "routes"), "--model: 'routes' is no model of a market; accepted: prices"),
        ("echizen-workshops", ("--model", "qaoa"), "--model: 'qaoa' cannot be used; accepted: routes, day, prices"),
        ("echizen-workshops", ("--most", "9"), "--most: is not for a market"),
        ("echizen-workshops", ("--format", "mps"), "--format: 'mps' cannot be used; accepted: coo, bqm, lp"),
    ],
)
def test_what_cannot_be_exported_is_refused(tmp_path: Path, source: str, words: tuple[str, ...], message: str) -> None:
    """One line, and no folder."""
    assert message_of("qubo", "export", source, *words, "--out", tmp_path / "m").startswith(message)
    assert list(tmp_path.iterdir()) == []


def test_json_that_is_neither_request_nor_market_is_refused(tmp_path: Path) -> None:
    """The message says what is accepted."""
    (tmp_path / "other.json").write_text('{"type": "FeatureCollection"}', encoding="utf-8")
    message = message_of("qubo", "export", tmp_path / "other.json", "--out", tmp_path / "m")
    assert message.startswith("SOURCE: is neither a trip request nor a market; accepted: a JSON file")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "meguri-sidecar/2"}', "\udcff"])
def test_what_is_no_sidecar_is_refused(tmp_path: Path, content: str) -> None:
    """The file is named, never a traceback."""
    (tmp_path / "sidecar.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    for problem in refused("qubo", "solve", tmp_path):
        assert problem["where"].startswith(str(tmp_path / "sidecar.json"))
        assert "b'" not in f"{problem}"
    assert "cannot be read" in message_of("qubo", "solve", tmp_path / "missing")


@pytest.fixture
def trip_file(stored_region: Region, tmp_path: Path) -> Path:
    """Return a request for two days through the small region."""
    days = [{"date": "2026-12-05", "start": {"asset": "station"}}, {"date": "2026-12-06", "end": {"asset": "station"}}]
    return write_request(tmp_path, region=stored_region.id, days=days)


def write_request(folder: Path, **fields: Any) -> Path:
    path = folder / "request.json"
    path.write_text(json.dumps({"solver": {"iterations": 400}, **fields}), encoding="utf-8")
    return path


def stops_of(itinerary: dict[str, Any]) -> list[tuple[str, str]]:
    """Return places visited and when their visits begin, in order."""
    steps = [step for day in itinerary["days"] for step in day["steps"] if step["type"] in ("visit", "meal")]
    return [(step["asset"], step["arrive"][:19]) for step in steps]


def test_a_trip_solved_by_an_independent_program_is_read_back(trip_file: Path, tmp_path: Path) -> None:
    """HiGHS solves the coordinate text alone; places and times of its variables are those of the itinerary."""
    folder = tmp_path / "m"
    told("qubo", "export", trip_file, "--out", folder, "--today", "2026-11-23", "--most", 12)
    sidecar = sidecar_of(folder)
    bits = lowest_of((folder / "model.coo").read_text(encoding="utf-8"))
    chosen = [sidecar["variables"][place]["meaning"] for place, bit in enumerate(bits) if bit]
    assert sorted(meaning["day"] for meaning in chosen) == ["2026-12-05", "2026-12-06"]
    file = tmp_path / "solved.csv"
    file.write_text(",".join(map(str, range(len(bits)))) + "\n" + ",".join(map(str, bits)) + "\n", encoding="utf-8")
    itinerary = told("qubo", "decode", folder, file, "--out", tmp_path / "trip")
    told_of = [(asset["id"], asset["start"]) for meaning in chosen for asset in meaning["assets"]]
    assert stops_of(itinerary) == told_of
    assert itinerary["sampling"]["raw_feasible_rate"] == 1.0
    assert itinerary["sampling"]["raw_points"] == itinerary["sampling"]["best_points"]
    assert itinerary["sampling"]["source"] != "repair"
    assert (tmp_path / "trip" / "map.html").exists()
    told("qubo", "solve", folder)
    assert told("qubo", "decode", folder, folder / "samples.json")["objective"] == itinerary["objective"]


@pytest.mark.parametrize("model", ["routes", "day"])
def test_a_trip_drawn_and_decoded_apart_is_that_of_the_plan(stored_region: Region, tmp_path: Path, model: str) -> None:
    """Export, solve and decode give every word of `meguri plan --solver qubo` with the same seed, flags included."""
    solver = {"name": "qubo", "model": model, "iterations": 400, "reads": 10, "seed": 3}
    request = write_request(tmp_path, region=stored_region.id, days=["2026-12-05"], solver=solver)
    folder = tmp_path / "m"
    export = told("qubo", "export", request, "--out", folder, "--today", "2026-11-23")
    assert export["model"] == model
    told("qubo", "solve", folder, "--reads", 10)
    decoded = told("qubo", "decode", folder, folder / "samples.json")
    planned = told("plan", "--request", request, "--today", "2026-11-23")
    assert timeless(decoded) == timeless(planned)
    assert decoded["sampling"]["reads"] == 10


def timeless(itinerary: dict[str, Any]) -> dict[str, Any]:
    """Return an itinerary without how long anything took."""
    parts = {part: {**itinerary[part], "seconds": 0} for part in ("sampling", "provenance")}
    return {**itinerary, **parts}


def test_a_model_is_written_whatever_sampler_its_request_names(trip_file: Path, tmp_path: Path) -> None:
    """Nobody asks that sampler: the model is for any machine."""
    content = json.loads(trip_file.read_text(encoding="utf-8"))
    content["solver"] |= {"name": "qubo", "sampler": "of-that-machine"}
    trip_file.write_text(json.dumps(content), encoding="utf-8")
    told("qubo", "export", trip_file, "--out", tmp_path / "m", "--today", "2026-11-23", "--most", 4)
    assert message_of("plan", "--request", trip_file, "--today", "2026-11-23").startswith("solver.sampler: ")


def test_a_region_that_changed_is_told(trip_file: Path, tmp_path: Path) -> None:
    """Where hours or points differ from those of the export, nothing is decoded."""
    folder = tmp_path / "m"
    told("qubo", "export", trip_file, "--out", folder, "--today", "2026-11-23", "--most", 12)
    told("qubo", "solve", folder, "--reads", 2)
    assets = tmp_path / "home" / "regions" / "testland" / "assets.geojson"
    assets.write_text(assets.read_text(encoding="utf-8").replace("09:00-16:00", "13:00-14:00"), encoding="utf-8")
    message = message_of("qubo", "decode", folder, folder / "samples.json", "--out", tmp_path / "trip")
    assert "the model built anew from the same source is another one" in message
    assert not (tmp_path / "trip").exists()


def test_a_trip_that_cannot_be_planned_has_no_model(stored_region: Region, tmp_path: Path) -> None:
    """Exit code 3 and the reason, as `meguri plan` gives them; no folder."""
    everything = [asset.id for asset in stored_region.assets if asset.kind != "hub"]
    request = write_request(tmp_path, region=stored_region.id, days=["2026-12-05"], avoid=everything)
    result = run("qubo", "export", request, "--out", tmp_path / "m", "--today", "2026-11-23", "--json")
    assert result.exit_code == 3
    assert "no place can be visited" in json.loads(result.stdout)["errors"][0]["message"]["en"]
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(
    ("fields", "words", "message"),
    [
        ({"days": ["2026-12-05"]}, ("--model", "prices"), "--model: 'prices' is no model of a trip"),
        ({"days": ["2026-12-05", "2026-12-06"]}, ("--model", "day"), "--model: day is for trips of one day"),
        ({"days": ["2026-12-05"], "solver": {"time_limit_s": 1}}, (), "limited in seconds"),
        ({"days": ["2026-12-05"], "must": ["nowhere"]}, (), "must[0]: no asset 'nowhere'"),
        ({"days": ["2026-12-05"]}, ("--may-close",), "--may-close: is not for a trip"),
        ({"days": ["2026-12-05"]}, ("--most", "0"), "--most: '0' cannot be used"),
        ({"days": ["2026-12-05", "2026-12-06"]}, ("--most", "1"), "--most: 1 is fewer than the days of the trip"),
        ({"days": ["2026-12-05"]}, ("--model", "day", "--most", "1"), "model day of at most 1 variables ("),
    ],
)
def test_trips_that_make_no_model_are_refused(
    stored_region: Region, tmp_path: Path, fields: dict[str, Any], words: tuple[str, ...], message: str
) -> None:
    """One line tells the field or option; no folder."""
    request = write_request(tmp_path, region=stored_region.id, **fields)
    assert message in message_of("qubo", "export", request, *words, "--out", tmp_path / "m", "--today", "2026-11-23")
    assert not (tmp_path / "m").exists()
