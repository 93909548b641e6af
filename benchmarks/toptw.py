"""
Scores on the public TOPTW instances against the best known ones, and against other solvers.

Run ``python -m benchmarks.toptw [--instances DIR] [--best CSV] [--tours 1 2 3 4] [--seconds 1] [--threads 1] [--seed 1]
[--json FILE] [--solutions DIR] [--against pyvrp vroom or-tools-routing] [--only NAME …] [--iterations N]``.

Protocol: every solver gets every instance and number of tours once, on one thread unless ours is given more, under the
same limit in seconds, in one process and one after the other, so that all meet the same load. Compiling and loading is
done before and told apart. The gap is the distance to the reference in percent of it; the reference is the largest
score of the columns ``best_known``, ``memory_value`` and ``long_run``. Every answer is replayed from the instance
alone, and checked by ``check_toptw.py`` where that script is found; a refused answer counts as score 0. Times are by
the clock; *CPU %* is the share of them that a processor worked, below 100 where other programs were in the way.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.instances import InstanceError
from benchmarks.instances.toptw import load_toptw
from benchmarks.peers import PEERS
from benchmarks.report import about_run, heading, write_figures
from benchmarks.run_options import (
    DISTRIBUTIONS,
    command_text,
    limit_of,
    load_references,
    options_parser,
    positive_count,
    threads_text,
)
from benchmarks.run_tables import findings, gaps_by_tours_table, summary, summary_table
from benchmarks.runs import (
    OURS,
    Reference,
    Run,
    figures_of,
    gap_percent,
    instance_files,
    refused,
    run_ours,
    run_peer,
    warm_up,
)
from benchmarks.shared_data import shared_folder


class ScriptCheck:
    """
    Check solutions with ``check_toptw.py``.

    Parameters
    ----------
    script
        Where it lies.
    """

    def __init__(self, script: Path) -> None:
        self.script = script

    def errors(self, instance: Path, run: Run, solution: Path) -> tuple[str, ...]:
        """Return what the script holds against a solution file, or against its score as we count it."""
        command = [sys.executable, str(self.script), str(instance), str(run.tours), str(solution)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            said = (done.stdout.strip() or done.stderr.strip()).splitlines()
            return tuple(f"{self.script.name}: {line}" for line in said[-1:])
        counted = re.search(r"\bfeasible score=(\d+)$", done.stdout, re.MULTILINE)
        if counted and int(counted[1]) == run.score:
            return ()
        return (f"{self.script.name} counts otherwise than {run.score}: {done.stdout.strip()}",)


def measure(
    options: argparse.Namespace, files: Sequence[Path], references: dict[tuple[str, int], Reference], scratch: Path
) -> Iterator[Run]:
    """
    Yield the runs of every solver on every instance and number of tours.

    Parameters
    ----------
    options
        As parsed.
    files
        Instances.
    references
        By instance and number of tours.
    scratch
        Where the solutions of peers are written, and ours if nobody asked for them.
    """
    check = ScriptCheck(options.check) if options.check else None
    peers = [name for name in options.against if PEERS[name].is_installed]
    for file in files:
        for tours in options.tours:
            instance = load_toptw(file, tours)
            reference = references.get((instance.name, tours))
            print(f"{instance.name}-{tours}", end="", file=sys.stderr, flush=True)
            runs = [run_ours(instance, limit_of(options), options.seed, reference, options.threads)]
            runs += [run_peer(name, instance, options.seconds, options.seed, reference) for name in peers]
            for run in runs:
                print(f" {run.score}", end="", file=sys.stderr, flush=True)
                keeps = run.solver == OURS and options.solutions
                yield _checked(run, file, check, options.solutions if keeps else scratch)
            print("", file=sys.stderr)


def _checked(run: Run, file: Path, check: ScriptCheck | None, folder: Path) -> Run:
    """Write the solution, and return the run with what the script holds against it."""
    folder.mkdir(parents=True, exist_ok=True)
    solution = folder / f"{run.name}.json"
    solution.write_text(json.dumps(run.routes) + "\n", encoding="utf-8")
    errors = check.errors(file, run, solution) if check and not run.errors else ()
    if not errors:
        return run
    gap = None if run.reference is None else gap_percent(0, run.reference)
    return replace(run, score=0, gap_percent=gap, errors=errors)


def report_text(runs: Sequence[Run], options: argparse.Namespace, opening: str, notes: Sequence[str]) -> str:
    """Return the whole report."""
    parts = [opening, *notes, summary_table(runs), gaps_by_tours_table(runs)]
    return "\n\n".join([*parts, *findings(runs, limit_of(options))])


def notes_of(options: argparse.Namespace, warm_up_s: float) -> list[str]:
    """Return what a reader must know of the run: limit, warm-up, checks, peers and how they were asked."""
    judged = "by the replay and check_toptw.py" if options.check else "by the replay only: check_toptw.py was not found"
    limit = f"Limit {limit_of(options)}, {threads_text(options.threads)}, seed {options.seed}"
    notes = [f"{limit}. Warm-up before: {warm_up_s:.1f} s. Checked {judged}."]
    peers = [PEERS[name] for name in options.against]
    notes += [f"{peer.name}: {peer.stated_as}." for peer in peers if peer.is_installed]
    notes += [f"{peer.name} skipped: {peer.distribution} is not installed." for peer in peers if not peer.is_installed]
    return notes


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options, refusing what does not go together."""
    home = shared_folder() / "benchmarks"
    parser = options_parser("toptw", __doc__, home / "toptw" / "instances")
    parser.add_argument("--best", type=Path, metavar="CSV", help="reference scores (default: DIR/../best_known.csv)")
    parser.add_argument("--tours", type=positive_count, nargs="+", default=[1, 2, 3, 4], help="default: 1 2 3 4")
    parser.add_argument("--solutions", type=Path, metavar="DIR", help="write our tours here, as INSTANCE-TOURS.json")
    parser.add_argument(
        "--check", type=Path, metavar="PATH", help="the check script (default: that of the shared folder)"
    )
    parser.add_argument("--against", nargs="+", default=[], choices=list(PEERS), metavar="PEER", help=", ".join(PEERS))
    options = parser.parse_args(arguments)
    if options.iterations and options.against:
        parser.error("--iterations and --against: other solvers are limited in seconds only")
    options.best = options.best or options.instances.parent / "best_known.csv"
    if not options.best.is_file():
        parser.error(f"no reference scores at {options.best}: name a file with --best")
    if options.check and not options.check.is_file():
        parser.error(f"no check script at {options.check}")
    if options.check is None and (home / "check_toptw.py").is_file():
        options.check = home / "check_toptw.py"
    try:
        options.files = instance_files(options.instances, options.only, ".txt")
        options.references = load_references(options.best)
    except (FileNotFoundError, ValueError) as error:
        parser.error(str(error))
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its tables; 1 if an answer of ours is refused."""
    given = sys.argv[1:] if arguments is None else arguments
    options = parse(given)
    names = [PEERS[name].distribution for name in options.against]
    about = about_run(
        command_text("toptw", given), [*DISTRIBUTIONS, *names], limit=str(limit_of(options)), seed=options.seed
    )
    warm_up_s = warm_up()
    with tempfile.TemporaryDirectory(prefix="meguri-") as folder:
        try:
            runs = list(measure(options, options.files, options.references, Path(folder)))
        except InstanceError as error:
            print(f"toptw: {error}", file=sys.stderr)
            return 2
    notes = notes_of(options, warm_up_s)
    table = report_text(runs, options, heading("TOPTW", about), notes)
    print(table)
    if options.json:
        figures = {**about, "warm_up_seconds": round(warm_up_s, 2), "notes": notes, "summary": summary(runs)}
        write_figures(options.json, {**figures, "runs": [figures_of(run) for run in runs]}, table)
    return 1 if refused(runs) else 0


if __name__ == "__main__":
    raise SystemExit(main())
