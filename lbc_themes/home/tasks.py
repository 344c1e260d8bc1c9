"""What takes minutes: suggestions and themes, one at a time for each study, in a thread behind the page."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lbc_themes.core.errors import InputError, LbcError
from lbc_themes.core.messages import Bilingual, message, word_table
from lbc_themes.pipeline import Stages


@dataclass(kw_only=True)
class Task:
    """One piece of work: ``said`` is how it ended, ``failed`` whether badly; until then ``stage`` is where it is."""

    what: Bilingual
    running: bool = True
    failed: bool = False
    stage: Bilingual = field(default_factory=lambda: Bilingual(zh="", en=""))
    done: int = 0
    total: int = 0
    said: Bilingual = field(default_factory=lambda: Bilingual(zh="", en=""))


@dataclass(kw_only=True)
class TaskStages(Stages):
    """Stages that a page shows."""

    task: Task

    @contextmanager
    def showing(self, name: str, total: int | None) -> Iterator[Callable[[int], None]]:
        """Show a stage."""
        self.task.stage = word_table("words.stages")[name]
        self.task.done, self.task.total = 0, total or 0

        def advance(count: int) -> None:
            self.task.done += count

        yield advance


class Tasks:
    """The work that is under way and how the last work on each study ended."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = threading.Lock()
        self._by_study: dict[Path, Task] = {}

    def start(self, path: Path, what: Bilingual, work: Callable[[Task], Bilingual]) -> None:
        """Start work on a study. Raises InputError while other work on it is under way."""
        with self._lock:
            held = self._by_study.get(path)
            if held is not None and held.running:
                raise InputError(message("home.task_running", what=held.what))
            task = Task(what=what)
            self._by_study[path] = task
        threading.Thread(target=self._run, args=(task, work), name="lbc-home-task", daemon=True).start()

    @staticmethod
    def _run(task: Task, work: Callable[[Task], Bilingual]) -> None:
        try:
            task.said = work(task)
        except LbcError as fault:
            task.failed, task.said = True, Bilingual(zh=fault.said("zh"), en=fault.said("en"))
        except Exception as fault:
            line = f"{type(fault).__name__}: {fault}"
            task.failed, task.said = True, Bilingual(zh=line, en=line)
        finally:
            task.running = False

    def of(self, path: Path) -> Task | None:
        """Return the work on a study that is under way, or that ended last."""
        return self._by_study.get(path)
