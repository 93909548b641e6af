"""Bodies: what is read, and what is refused before anything else happens."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api.http.bodies import DEEPEST, is_json, read_json
from api.http.problems import ProblemError


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'{"a": [1, -2, true, null, "x"]}', {"a": [1, -2, True, None, "x"]}),
        ('"越前 🚃"'.encode(), "越前 🚃"),
        (b'"\\ud83d\\ude83"', "🚃"),
        (b"[1.0, 1e3, 0.5, -0.0]", [1, 1000, 0.5, 0]),
        (b'"[[[ {{{ \\" ]"', '[[[ {{{ " ]'),
        (b"9223372036854775807", 2**63 - 1),
        (b'"\\\\u0000"', "\\u0000"),
        (b"[" * DEEPEST + b"]" * DEEPEST, None),
    ],
)
def test_sound_json_is_read(raw: bytes, value: Any) -> None:
    """Whole numbers are integers however they are written; everything else is what it says."""
    read = read_json(raw)
    if value is not None:
        assert read == value
        assert json.dumps(read) == json.dumps(value)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"{", "line 1, column 2"),
        (b"", "line 1, column 1"),
        (b"\xff", "UTF-8"),
        (b"\xef\xbb\xbf{}", "column"),
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', "the key c "),
        (b"NaN", "finite"),
        (b"[-Infinity]", "finite"),
        (b"1e999", "finite"),
        (b"9223372036854775808", "64 bits"),
        (b"1" * 100_000, "64 bits"),
        (b'"\\ud800"', "surrogate"),
        (b'{"\\udfff": 1}', "surrogate"),
        (b'"a\\u0000b"', "NUL"),
        (b'"a\x00b"', "column"),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "64 levels"),
        (b"[" * 1_000_000, "64 levels"),
        (b'{"a":' * 100_000, "64 levels"),
    ],
)
def test_unsound_json_is_refused(raw: bytes, told: str) -> None:
    """What parsers disagree about, or choke on, is a 400 that says what is wrong."""
    with pytest.raises(ProblemError) as caught:
        read_json(raw)
    assert caught.value.status_code == 400
    assert caught.value.code == "malformed-json"
    assert told in caught.value.text.en


@pytest.mark.parametrize(
    ("media_type", "is_so"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("application/geo+json", True),
        ("text/json", False),
        ("application/jsonp", False),
        ("", False),
    ],
)
def test_json_is_told_by_its_media_type(media_type: str, is_so: bool) -> None:
    """``application/json`` and everything built on it."""
    assert is_json(media_type) is is_so
