"""Progress bars on a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from lbc_themes.core.messages import Bilingual, message, spoken_language, word_table
from lbc_themes.encoding import Advance, WorkAhead
from lbc_themes.pipeline import Stages


class ShownStages(Stages):
    """Stages with a bar each, drawn with rich on standard error where that is a terminal."""

    @contextmanager
    def showing(self, name: str, total: int | None) -> Iterator[Advance]:
        """Show one stage until it is done."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, SpinnerColumn, TextColumn
        from rich.progress import TimeRemainingColumn as TimeLeft

        columns: list[ProgressColumn] = [SpinnerColumn(), TextColumn("{task.description}"), BarColumn()]
        counted: list[ProgressColumn] = [MofNCompleteColumn(), TimeLeft()] if total else []
        label = word_table("words.stages")[name].said(spoken_language())
        with Progress(*columns, *counted, console=Console(stderr=True)) as progress:
            task = progress.add_task(label, total=total)
            yield lambda done: progress.advance(task, done)
            progress.update(task, total=total or 1, completed=total or 1)

    def expect(self, encoder: str, ahead: WorkAhead) -> None:
        """Say before a long run how long the encoder will take."""
        if ahead.seconds >= WORTH_SAYING:
            values = {"texts": f"{ahead.texts:,}", "encoder": encoder, "minutes": said_minutes(ahead.seconds)}
            typer.echo(message("encoding.estimate", **values).said(spoken_language()), err=True)


WORTH_SAYING = 20.0
"""Seconds from which on it is said beforehand how long the encoder will take."""


def said_minutes(seconds: float) -> Bilingual:
    """Return a time to expect, in seconds up to two minutes.

    >>> said_minutes(90).en, said_minutes(600).zh
    ('90 s', '10 分钟')
    """
    if seconds <= 120:
        return message("cli.seconds", seconds=seconds)
    return message("cli.minutes", minutes=seconds / 60)
