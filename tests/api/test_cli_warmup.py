"""``meguri warmup``."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from api.cli import app


def test_warmup_says_how_long_it_took() -> None:
    """The command compiles or loads the solver, and tells the seconds, for people and as JSON."""
    result = CliRunner().invoke(app, ["warmup", "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["seconds"] >= 0
    result = CliRunner().invoke(app, ["warmup", "--lang", "en"])
    assert "The solver is ready" in result.stdout
