"""The catalogue of words."""

from __future__ import annotations

import re
import string
from pathlib import Path
from typing import get_args

import pytest

import api
from api.texts import catalogue, say, section, text
from regional_assets.model import Kind
from regional_assets.text import Text
from routing.itinerary import Itinerary, ReasonCode
from routing.request import Mode
from solvers.qubo._sample_faults import MESSAGES
from solvers.qubo.samplers._own import OWN

_SOURCES = sorted(Path(api.__file__).parent.rglob("*.py"))


def _placeholders(wording: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(wording) if name}


def test_both_languages_say_the_same_things() -> None:
    """Every entry is worded in both languages, with the same placeholders."""
    for key, entry in catalogue().items():
        assert entry.ja.strip(), key
        assert entry.en.strip(), key
        assert _placeholders(entry.ja) == _placeholders(entry.en), key


@pytest.mark.parametrize("source", _SOURCES, ids=lambda path: path.name)
def test_every_key_named_in_the_code_has_an_entry(source: Path) -> None:
    """No command can stumble over a missing word."""
    code = source.read_text(encoding="utf-8")
    keys = set(re.findall(r"""\b(?:say|text|working)\((?:session, )?"(\w+\.\w+)\"""", code))
    keys |= {f"help.{key}" for key in re.findall(r'\bhelp_text\("(\w+)"\)', code)}
    if source.name == "timetable.py":
        keys |= {f"timetable.{key}" for key in re.findall(r'self\.say\("(\w+)"', code)}
    assert keys <= set(catalogue()), keys - set(catalogue())


def test_the_page_finds_all_its_words() -> None:
    """Every word that the script of the page asks for is in the catalogue."""
    script = (Path(api.__file__).parent / "exports" / "page" / "page.js").read_text(encoding="utf-8")
    assert set(re.findall(r'\bword\("(\w+)"\)', script)) <= set(section("page"))


def test_every_sampler_is_explained() -> None:
    """The list of samplers tells how each of Meguri's own works."""
    assert {f"qubo.method_{name}" for name in OWN} <= set(catalogue())


def test_every_outcome_has_words() -> None:
    """Kinds, modes, statuses and reasons can all be told."""
    statuses = get_args(Itinerary.model_fields["status"].annotation)
    wanted = {f"kind.{kind}" for kind in Kind} | {f"mode.{mode}" for mode in get_args(Mode)}
    wanted |= {f"status.{status}" for status in statuses} | {f"reason.{code}" for code in get_args(ReasonCode)}
    assert wanted <= set(catalogue())


def test_a_bilingual_value_is_filled_in_in_each_language() -> None:
    """A text inside a text keeps its language."""
    filled = text("build.reading", file=Text(ja="表", en="table"))
    assert filled.ja.startswith("表")
    assert filled.en.endswith("table")


def test_an_unfilled_placeholder_is_refused() -> None:
    """A missing value shows at once instead of in front of people."""
    with pytest.raises(KeyError):
        say("build.bad_name", "en", wrong="x")


def test_every_fault_of_a_sample_file_has_the_same_words() -> None:
    """What the reader of samples says in English stands in the catalogue, in both languages."""
    assert {key: entry.en for key, entry in section("samples").items()} == MESSAGES
