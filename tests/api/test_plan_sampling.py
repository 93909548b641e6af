"""``meguri plan --solver qubo``: what the sampler did stands in table and JSON; bad words are one clear error."""

from __future__ import annotations

import json

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli import app
from api.sampling_wording import trip_sampling_lines
from regional_assets.model import Region
from routing.itinerary import Sampling


def plan(*words: object) -> Result:
    """Plan a day in the stored region."""
    line = ["plan", "--region", "testland", "--days", "2026-12-05", "--today", "2026-12-01", "--iterations", "100"]
    return CliRunner().invoke(app, [*line, *(str(word) for word in words)])


def test_the_table_tells_what_the_sampler_did(stored_region: Region) -> None:
    """Reads, repair, random starts and the proven best are told in both languages, and no speed-up is claimed."""
    english = plan("--solver", "qubo", "--sampler", "steepest-descent", "--reads", 7, "--lang", "en")
    assert english.exit_code == 0, english.output
    told = " ".join(english.stdout.split())
    for words in ("steepest-descent drew 7 reads", "random starts after the same repair", "No speed-up"):
        assert words in told
    japanese = plan("--solver", "qubo", "--reads", 7, "--lang", "ja").stdout
    for words in ("標本(答えの候補)を7個", "乱数を同じように修復すると", "主張していません"):
        assert words in "".join(japanese.split()) or words in japanese


def test_the_json_holds_the_sampling(stored_region: Region) -> None:
    """Fields of the itinerary; a classical plan has none."""
    answer = json.loads(plan("--solver", "qubo", "--model", "day", "--reads", 5, "--json").stdout)
    assert answer["sampling"]["model"] == "day"
    assert answer["request"]["solver"]["reads"] == 5
    assert json.loads(plan("--json").stdout)["sampling"] is None


def sampled(**changes: object) -> Sampling:
    """Return what a sampler might have done for a trip."""
    fields: dict[str, object] = {
        "sampler": "sa",
        "model": "routes",
        "source": "repair",
        "reads": 1_200,
        "raw_feasible_rate": 0.25,
        "repaired": True,
        "flips_removed": 2,
        "flips_added": 3,
        "energy_raw": -1.0,
        "energy_final": -2.0,
        "points": 90.0,
        "search_points": 89.5,
        "raw_points": None,
        "model_points": 90.0,
        "random_points": 80.0,
        "best_points": None,
        "is_exact": True,
        "variables": 1_200,
        "interactions": 34_000,
        "largest_clique": 12,
        "seed": 1,
        "is_reproducible": True,
        "seconds": 0.5,
    }
    return Sampling.model_validate(fields | changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ["1,200 reads", "300 of them kept", "2 variables taken out, 3 put in", "No speed-up is claimed"]),
        ({}, ["(those of the trip): best read as it came none, after repair 90.0", "proven best not proven"]),
        ({"source": "sampler"}, ["as it came, without repair"]),
        ({"source": "fallback", "points": None}, ["the plan shown is the search's", "plan from the reads none"]),
        ({"random_points": 90.0}, ["the sampler adds nothing beyond repair"]),
        ({"model": "day", "is_exact": False}, ["one for each place and start", "(an estimate)"]),
    ],
)
def test_sentences_say_what_happened(changes: dict[str, object], said: list[str]) -> None:
    """Each fact has its sentence, and in Japanese there are as many."""
    lines = list(trip_sampling_lines(sampled(**changes), "en"))
    for words in said:
        assert any(words in line for line in lines), words
    assert len(list(trip_sampling_lines(sampled(**changes), "ja"))) == len(lines)
    assert ("adds nothing" in " ".join(lines)) == (changes.get("random_points") == 90.0)


def test_everything_wrong_with_a_sampler_is_told_at_once(stored_region: Region) -> None:
    """A model of one day for two, and a sampler nobody knows, in one answer."""
    words = ("--solver", "qubo", "--model", "day", "--sampler", "dice", "--days", "2026-12-06", "--lang", "en")
    told = " ".join(plan(*words).stderr.split())
    assert "--model: day is for trips of one day (there are 2)" in told
    assert "--sampler: there is no sampler 'dice'" in told


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--solver", "qubo", "--sampler", "dice"), "--sampler: there is no sampler 'dice'"),
        (("--sampler", "tabu"), "--sampler: only with the solver.name qubo"),
        (("--solver", "qubo", "--reads", "0"), "--reads: "),
        (("--solver", "qubo", "--model", "week"), "--model: "),
        (("--allow-remote",), "--allow-remote: only with --solver qubo"),
    ],
)
def test_words_that_make_no_sense_are_one_error(stored_region: Region, words: tuple[str, ...], problem: str) -> None:
    """The option is named, and nothing is planned."""
    result = plan(*words, "--lang", "en")
    assert result.exit_code == 2
    assert problem in " ".join(result.stderr.split())
    assert "Traceback" not in result.output
