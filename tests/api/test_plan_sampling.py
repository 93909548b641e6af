"""``meguri plan --solver qubo``: what the sampler did stands in table and JSON; bad words are one clear error."""

from __future__ import annotations

import json

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli import app
from regional_assets.model import Region


def plan(*words: object) -> Result:
    """Plan a day in the stored region."""
    line = ["plan", "--region", "testland", "--days", "2026-12-05", "--today", "2026-12-01", "--iterations", "100"]
    return CliRunner().invoke(app, [*line, *(str(word) for word in words)])


def test_the_table_tells_what_the_sampler_did(stored_region: Region) -> None:
    """Reads, repair, random starts and the proven best are told in both languages, and no speed-up is claimed."""
    english = plan("--solver", "qubo", "--sampler", "steepest-descent", "--reads", 7, "--lang", "en")
    assert english.exit_code == 0, english.output
    told = " ".join(english.stdout.split())
    for words in ("steepest-descent (routes) drew 7 reads", "random starts after the same repair", "No speed-up"):
        assert words in told
    japanese = plan("--solver", "qubo", "--reads", 7, "--lang", "ja").stdout
    for words in ("標本 7 個", "乱数を同じように修復", "主張しません"):
        assert words in "".join(japanese.split()) or words in japanese


def test_the_json_holds_the_sampling(stored_region: Region) -> None:
    """Fields of the itinerary; a classical plan has none."""
    answer = json.loads(plan("--solver", "qubo", "--model", "day", "--reads", 5, "--json").stdout)
    assert answer["sampling"]["model"] == "day"
    assert answer["request"]["solver"]["reads"] == 5
    assert json.loads(plan("--json").stdout)["sampling"] is None


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
