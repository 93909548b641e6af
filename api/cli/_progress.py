"""Progress on standard error, for anything that may take more than a second."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from api.cli._session import console

if TYPE_CHECKING:
    from api.cli._session import Session


@contextmanager
def working(session: Session, key: str, **values: object) -> Iterator[Callable[..., None]]:
    """
    Show that something is going on, with the elapsed time; nothing is drawn where standard error is no terminal.

    Parameters
    ----------
    session
        The run.
    key
        Entry of the catalogue that says what is going on; ``values`` fill it.

    Yields
    ------
    progress
        Takes what the work reports: a share between 0 and 1, or two counts (done, of how many); anything else in
        between only shows that the work goes on.
    """
    if not sys.stderr.isatty():
        yield _ignore
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task(session.say(key, **values), total=None)

        def show(*report: Any) -> None:
            numbers = [float(part) for part in report if isinstance(part, int | float)]
            if len(numbers) >= 2 and numbers[1] > 0:
                bar.update(task, completed=numbers[0], total=numbers[1])
            elif len(numbers) == 1 and 0 <= numbers[0] <= 1:
                bar.update(task, completed=numbers[0], total=1.0)

        yield show


def _ignore(*_report: Any) -> None:
    return
