"""What is said while the encoder is tuned, on standard error, in Chinese and English."""

from collections.abc import Iterator
from contextlib import contextmanager

from lbc_themes.encoding import Advance


def announced(seconds: float, texts: int, folds: int, epochs: int) -> None:
    """Say how long it will take."""
    minutes = max(1, round(seconds / 60))
    _say(
        f"调整编码器：{texts:,} 条文本，{folds} 折各 {epochs} 轮，约 {minutes} 分钟；"
        "按 Ctrl-C 可提前结束，已学到的会保留。\n"
        f"Tuning the encoder: {texts:,} texts, {folds} folds of {epochs} epochs, about {minutes} min; "
        "Ctrl-C ends it early and keeps what was learned."
    )


def say_interrupted(done: int, epochs: int) -> None:
    """Say what was kept."""
    if done:
        _say(f"已中断：保留第 {done} 轮（共 {epochs} 轮）。\nInterrupted: epoch {done} of {epochs} is kept.")
    else:
        _say(
            "已中断：第 1 轮尚未完成，不使用调整后的编码器，其余照常学习。\n"
            "Interrupted before the first epoch was done: the encoder stays as it was; everything else is learned."
        )


def _say(line: str) -> None:
    from rich.console import Console

    Console(stderr=True, highlight=False, soft_wrap=True).print(line)


@contextmanager
def bar(steps: int) -> Iterator[Advance]:
    """Show a bar of ``steps`` where standard error is a terminal or a notebook, and nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    shown = console.is_terminal or console.is_jupyter
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not shown) as progress:
        task = progress.add_task("调整编码器 tuning", total=steps)
        yield lambda done: progress.advance(task, done)
