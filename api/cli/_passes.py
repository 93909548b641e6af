"""Load a pass by its name, and write what was found for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli._planning import write_whole
from api.exports.table import Cell, spreadsheet_csv
from api.texts import text
from regional_assets.errors import InputError, Problem

if TYPE_CHECKING:
    from pricing.pass_model import Pass
    from pricing.pass_plan import PassPlan

BUNDLED = "echizen-pass"
"""Name of the simulated pass that comes with the package."""


def load_named_pass(name: str) -> Pass:
    """
    Return a pass by its bundled name or its path.

    Raises
    ------
    InputError
        With everything that is wrong with it; or if there is no such pass.
    """
    from pricing.pass_model import bundled_pass, load_pass

    if name == BUNDLED:
        return bundled_pass()
    path = Path(name)
    if not path.exists():
        raise InputError([Problem("PASS", name, text("pass.no_pass", value=name, bundled=BUNDLED))])
    return load_pass(path)


def write_pass_files(offered: Pass, plan: PassPlan, folder: Path) -> list[Path]:
    """Write a priced pass as JSON, and its splits as a table for spreadsheets; return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = json.dumps(plan.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n"
    contents = {"pass.json": whole, "splits.csv": splits_csv(offered, plan)}
    for name, content in contents.items():
        write_whole(folder / name, content)
    return [folder / name for name in contents]


def splits_csv(offered: Pass, plan: PassPlan) -> str:
    """Return one row per split and member, with a byte-order mark so that spreadsheets read Japanese."""
    names = {member.id: member.name for member in offered.members}
    columns = ["split", "member", "name_ja", "name_en", "payout_yen", "per_pass_yen", "worth_yen", "is_in_core"]
    rows: list[list[Cell]] = []
    for split in plan.splits:
        for share in split.shares:
            name = names[share.member]
            figures = [share.payout_yen, share.per_pass_yen, round(share.worth_yen)]
            marks = ["yes" if each else "no" for each in (split.is_in_core, plan.simulated)]
            rows.append([split.method, share.member, name.ja, name.en, *figures, *marks])
    return spreadsheet_csv([*columns, "simulated"], rows)
