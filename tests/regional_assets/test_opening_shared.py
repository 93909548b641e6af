"""How much of the hours in real municipal files is understood."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

import pytest

from regional_assets.opening import read_hours, understood

pytestmark = pytest.mark.shared_data


def rows(path: Path) -> list[dict[str, str]]:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp932")
    return [{key: value or "" for key, value in row.items() if key} for row in csv.DictReader(io.StringIO(text))]


def test_ishikawa_hours_are_understood(shared: Path) -> None:
    """At least 95 % of the 809 hour texts of Ishikawa are understood; most of them give hours."""
    texts = [
        row["開始時間"] for row in rows(shared / "data/ishikawa/csv/170003_tourism.csv") if row["開始時間"].strip()
    ]
    openings = [read_hours(text) for text in texts]
    kinds = Counter(
        "not understood"
        if not understood(opening)
        else "hours"
        if opening.osm
        else "check-in"
        if opening.check_in or opening.check_out
        else "season or closing days"
        if opening.closed
        else "no closing days"
        if opening.no_closing_days
        else "flowering weeks"
        for opening in openings
    )
    assert len(texts) == 809
    assert kinds["not understood"] <= 0.05 * len(texts), kinds
    assert kinds["hours"] >= 660, kinds
    assert kinds["check-in"] >= 40, kinds
    assert all(opening.text for opening in openings)


@pytest.mark.parametrize(
    ("path", "text_columns", "closed_column", "share"),
    [
        ("ishikawa/csv/michinoeki.csv", ("開館時間",), "休館日", 0.9),
        ("ishikawa/csv/tyokubaisyo.csv", ("営業時間",), "定休日", 0.7),
        ("yamaguchi-ube/csv/kankospot.csv", ("eigyoujikan",), "holiday", 0.8),
        ("yamaguchi-ube/csv/uberamen.csv", ("営業日",), "休業日", 0.9),
        ("yamaguchi-ube/csv/353051_tourism.csv", ("利用可能日時特記事項",), None, 0.6),
        ("yamaguchi-ube/csv/350001_tourism.csv", ("利用可能日時特記事項",), None, 0.6),
    ],
)
def test_other_real_files_are_read(
    shared: Path, path: str, text_columns: tuple[str, ...], closed_column: str | None, share: float
) -> None:
    """Every row of the other files is read without an error, and most rows are understood."""
    openings = [
        read_hours(
            "\n".join(row[column] for column in text_columns if row[column].strip()),
            closed_text=row[closed_column] if closed_column else None,
            weekdays_text=row.get("利用可能曜日"),
            start=row.get("開始時間"),
            end=row.get("終了時間"),
        )
        for row in rows(shared / "data" / path)
    ]
    written = [opening for opening in openings if opening.text]
    assert written
    assert sum(map(understood, written)) >= share * len(written)
