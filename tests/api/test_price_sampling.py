"""``meguri price plan --solver qubo``: what the sampler did stands in the table, the JSON and the page."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from pathlib import Path

import pytest
from click.testing import Result
from price_samples import sample_market, sample_plan
from typer.testing import CliRunner

from api.cli import app
from api.exports.price_report.page import report_page
from api.exports.price_report.report import PriceReport
from api.price_tables import price_tables
from api.price_wording import limit_words
from api.sampling_wording import price_sampling_lines
from pricing.proposal import PricePlan, Sampling

SHORT = ("--horizons", 0, "--lang", "en")


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["price", "plan", *map(str, words)])


def told(**changes: object) -> Sampling:
    """Return what a sampler might have done."""
    fields: dict[str, object] = {
        "sampler": "sa",
        "source": "repair",
        "reads": 40,
        "raw_feasible_rate": 0.25,
        "repaired": True,
        "flips_removed": 2,
        "flips_added": 3,
        "rules_mended": False,
        "unit": "yen",
        "gain": 9000.0,
        "raw_gain": None,
        "random_gain": 7000.0,
        "best_gain": None,
        "worth": 95_000.0,
        "base_worth": 80_000.0,
        "classical_worth": 100_000.0,
        "variables": 1_200,
        "interactions": 34_000,
        "largest_clique": 12,
        "phases": ("2026-12-01",),
        "seed": 1,
        "is_reproducible": True,
        "seconds": 0.5,
    }
    return Sampling.model_validate(fields | changes)


@pytest.fixture
def market_file(tmp_path: Path) -> Path:
    """Return two products of a made-up market on the disk, without rules."""
    whole = sample_market(rules=())
    products = whole.products[:2]
    appeal = {product.id: whole.segments[0].appeal[product.id] for product in products}
    small = whole.model_copy(
        update={
            "products": products,
            "capacities": whole.capacities[:2],
            "segments": (whole.segments[0].model_copy(update={"appeal": appeal}),),
        }
    )
    path = tmp_path / "market.json"
    path.write_text(small.model_dump_json(), encoding="utf-8")
    return path


def test_a_plan_by_a_sampler_tells_so_in_table_and_json(market_file: Path) -> None:
    """The same figures stand in both, beside what classical search earns; no speed-up is claimed."""
    words = (market_file, "--solver", "qubo", "--sampler", "sa", "--reads", 8, "--seed", 2, "--horizons", 0)
    result = run(*words, "--json")
    assert result.exit_code == 0, result.stderr
    plan = PricePlan.model_validate_json(result.stdout)
    sampling = plan.sampling
    assert plan.solver == "qubo"
    assert sampling is not None
    assert (sampling.sampler, sampling.reads, sampling.seed) == ("sa", 8, 2)
    assert sampling.gain > 0
    shown = " ".join(run(*words, "--lang", "en").stdout.split())
    for figure in (sampling.gain, sampling.random_gain, sampling.worth, sampling.classical_worth):
        assert f"¥{figure:,.0f}" in shown
    assert "No speed-up is claimed" in shown


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ["1,200 variables", "10 of them kept", "2 variables taken out, 3 put in", "¥9,000", "¥7,000"]),
        ({}, ["reads without repair: none", "proven best: not proven", "¥100,000 (−5.0%)"]),
        ({"source": "sampler", "raw_gain": 9000.0}, ["as it came, without repair", "reads without repair: ¥9,000"]),
        ({"source": "fallback"}, ["No read was better than today's prices"]),
        ({"random_gain": 9000.0}, ["the sampler adds nothing beyond repair"]),
        ({"rules_mended": True}, ["broke a rule and were moved"]),
        ({"unit": "sales", "gain": 9000.25}, ["9,000.2 sales", "95,000.0 sales"]),
    ],
)
def test_sentences_say_what_happened(changes: dict[str, object], said: list[str]) -> None:
    """Each fact has its sentence, and in Japanese there are as many."""
    lines = list(price_sampling_lines(told(**changes), "en"))
    for words in said:
        assert any(words in line for line in lines), words
    assert len(list(price_sampling_lines(told(**changes), "ja"))) == len(lines)
    assert ("adds nothing" in " ".join(lines)) == (changes.get("random_gain") == 9000.0)


def test_page_and_table_tell_of_a_sampler_only_where_one_was_asked() -> None:
    """Both languages stand on the page; a classical plan says nothing of samplers."""
    classical = PriceReport(sample_market(), sample_plan(sample_market()))
    asked = replace(classical, plan=classical.plan.model_copy(update={"sampling": told(), "solver": "qubo"}))
    page = report_page(asked)
    for language in ("ja", "en"):
        for line in price_sampling_lines(told(), language):
            assert escape(line) in page
    assert len(price_tables(asked, "ja")) == len(price_tables(classical, "ja")) + 1


def test_reads_that_do_not_reproduce_are_not_said_to() -> None:
    """The last line of a plan promises the same again only where the sampler does."""
    plan = sample_plan(sample_market())
    assert "reproduces exactly" in limit_words(plan.model_copy(update={"sampling": told()}), "en")
    shaky = plan.model_copy(update={"sampling": told(is_reproducible=False)})
    assert "do not reproduce" in limit_words(shaky, "en")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--solver", "quantum"), ["--solver", "quantum", "classical, qubo"]),
        (("--sampler", "sa"), ["--sampler", "only with --solver qubo"]),
        (("--reads", 5, "--allow-remote"), ["--reads", "--allow-remote", "only with --solver qubo"]),
        (("--solver", "qubo", "--reads", 0), ["--reads", "1 to 10,000"]),
        (("--solver", "qubo", "--sampler", "annealer-9"), ["no sampler 'annealer-9'", "steepest-descent"]),
    ],
)
def test_what_cannot_be_used_is_told_in_one_message(words: tuple[object, ...], said: list[str]) -> None:
    """Exit code 2, the option and what is accepted; no traceback, and nothing is searched."""
    result = run("echizen-workshops", *words, *SHORT)
    assert result.exit_code == 2
    for part in said:
        assert part in result.stderr
    assert "Traceback" not in result.stderr
