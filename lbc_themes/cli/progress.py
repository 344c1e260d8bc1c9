"""Progress bars on a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

from lbc_themes.core.messages import spoken_language, word_table
from lbc_themes.encoding import Advance
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
