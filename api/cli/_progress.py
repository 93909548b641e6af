"""Progress on standard error, for anything that may take more than a second."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from api.cli._session import console
from api.texts import text
from regional_assets.text import Text

if TYPE_CHECKING:
    from api.cli._session import Session

_Show = Callable[[Text | None, float | None], None]


@contextmanager
def working(session: Session, key: str) -> Iterator[Callable[[float], None]]:
    """
    Show how far one piece of work is; nothing is drawn where standard error is no terminal.

    Parameters
    ----------
    session
        The run.
    key
        Entry of the catalogue that says what is going on.

    Yields
    ------
    progress
        Takes the share done, 0 to 1.
    """
    with _bar(session) as show:
        show(text(key), None)
        yield partial(show, None)


@contextmanager
def stages(session: Session) -> Iterator[tuple[Callable[[Text], None], Callable[[Text, float], None]]]:
    """
    Show work that goes through stages; nothing is drawn where standard error is no terminal.

    Yields
    ------
    tell, tell_share
        Take what is being done now; the second one also the share of it done, 0 to 1.
    """
    with _bar(session) as show:
        yield partial(_show_stage, show), show


def _show_stage(show: _Show, stage: Text) -> None:
    show(stage, None)


@contextmanager
def _bar(session: Session) -> Iterator[_Show]:
    if not sys.stderr.isatty():
        yield _draw_nothing
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(stage: Text | None, share: float | None) -> None:
            if stage is not None:
                bar.update(task, description=stage.in_(session.language))
            # Without a share the bar only moves.
            bar.update(task, completed=share or 0.0, total=None if share is None else 1.0)

        yield show


def _draw_nothing(stage: Text | None, share: float | None) -> None:
    return
