"""Settings from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.settings import language_of, prepare_compiler_cache, read_settings
from regional_assets.errors import InputError


def test_home_and_language_come_from_the_environment(tmp_path: Path) -> None:
    """The folder of state is the one that MEGURI_HOME names."""
    settings = read_settings({"MEGURI_HOME": str(tmp_path / "state"), "MEGURI_LANG": "ja"})
    assert settings.regions == tmp_path / "state" / "regions"
    assert settings.language == "ja"


def test_nonsense_is_refused_all_at_once(tmp_path: Path) -> None:
    """Each wrong variable is one problem."""
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(InputError) as refusal:
        read_settings({"MEGURI_HOME": str(file), "MEGURI_LANG": "fr"})
    assert [problem.where for problem in refusal.value.problems] == ["MEGURI_HOME", "MEGURI_LANG"]


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "ja_JP.UTF-8", "MEGURI_LANG": "en"}, "en"),
        ({"LANG": "fr_FR"}, "en"),
    ],
)
def test_the_locale_decides_where_nothing_else_does(environment: dict[str, str], language: str) -> None:
    """MEGURI_LANG goes before the locale, LC_ALL before LANG."""
    assert language_of(environment) == language


def test_compiled_code_goes_to_the_folder_of_state(tmp_path: Path) -> None:
    """A read-only installation still keeps compiled code."""
    environment: dict[str, str] = {}
    prepare_compiler_cache(tmp_path, environment)
    assert environment["NUMBA_CACHE_DIR"] == str(tmp_path / "cache" / "numba")
    assert (tmp_path / "cache" / "numba").is_dir()


def test_a_cache_named_by_the_user_stays() -> None:
    """The environment's own choice is respected."""
    environment = {"NUMBA_CACHE_DIR": "/somewhere"}
    prepare_compiler_cache(Path("/nowhere"), environment)
    assert environment == {"NUMBA_CACHE_DIR": "/somewhere"}
