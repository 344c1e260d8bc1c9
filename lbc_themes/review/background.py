"""What takes longer than a page may: figures computed in a thread, themes searched in a process of its own."""

import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar, cast

from lbc_themes.study import Study, StudyThemes

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
PATIENCE = 0.02
"""Seconds for which a page waits: in a small study they are there by then."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BackgroundResult(Generic[T_co]):
    """A result as far as it is known: ``value`` is None before the first, ``current`` says that nothing is newer."""

    value: T_co | None
    current: bool
    fault: str


class BackgroundResults:
    """Computes results one after the other in a thread that ends when there is nothing left to compute."""

    def __init__(self) -> None:
        """Begin without results."""
        self._news = threading.Condition()
        self._held: dict[str, tuple[object, object]] = {}
        self._faults: dict[str, tuple[object, str]] = {}
        self._wanted: dict[str, tuple[object, Callable[[], object]]] = {}
        self._doing: tuple[str, object] | None = None
        self._busy = False

    def get(
        self, name: str, state: object, compute: Callable[[], T], patience: float = PATIENCE
    ) -> BackgroundResult[T]:
        """Return what is known of ``name``, and see that it is computed for ``state``."""
        with self._news:
            if not self._is_known(name, state):
                if self._doing != (name, state):
                    self._wanted[name] = (state, compute)
                if not self._busy:
                    self._busy = True
                    threading.Thread(target=self._work, name="lbc-review-results", daemon=True).start()
                self._news.wait_for(lambda: self._is_known(name, state), patience)
            held, fault = self._held.get(name), self._faults.get(name)
            said = fault[1] if fault is not None and fault[0] == state else ""
            value = cast("T | None", held[1]) if held else None
            return BackgroundResult(value=value, current=held is not None and held[0] == state, fault=said)

    def _is_known(self, name: str, state: object) -> bool:
        return any(kept is not None and kept[0] == state for kept in (self._held.get(name), self._faults.get(name)))

    def _work(self) -> None:
        while True:
            with self._news:
                if not self._wanted:
                    self._busy = False
                    return
                name = next(iter(self._wanted))
                state, compute = self._wanted.pop(name)
                self._doing = (name, state)
            try:
                value: object = compute()
                with self._news:
                    self._held[name] = (state, value)
            except Exception as fault:  # the page says it; coding goes on
                with self._news:
                    self._faults[name] = (state, f"{type(fault).__name__}: {fault}")
            with self._news:
                self._doing = None
                self._news.notify_all()


# --- Themes found behind the page: in a process of its own, once, and kept in the study.

_LONGEST = 300


class ThemeSearch:
    """Starts the search when it is first asked for, and again where there are other passages."""

    def __init__(self, study: Study, *, encoder: str, cache: Path | None, command: Sequence[str] = ()) -> None:
        """Remember the choices; ``command`` stands in for the search in tests."""
        words = ["-m", "lbc_themes.study.themes", str(study.path), encoder, *([str(cache)] if cache else [])]
        self._command = list(command) or [sys.executable, *words]
        self._study = study
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._tried = -1

    def found(self, passages: int) -> tuple[StudyThemes | None, bool, str]:
        """Return the themes kept last, whether a search is under way, and what went wrong; start one where needed."""
        with self._lock:
            themes = self._study.themes()
            child = self._child
            running = child is not None and child.poll() is None
            if not running and self._tried != passages and (themes is None or themes.passages != passages):
                self._tried, running = passages, True
                self._child = subprocess.Popen(  # noqa: S603 (our own interpreter and words)
                    self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
                )
            return themes, running, "" if running else self._fault()

    def _fault(self) -> str:
        child = self._child
        if child is None or child.returncode == 0 or child.stderr is None or child.stderr.closed:
            return self._said if child is not None and child.returncode else ""
        with child.stderr:
            lines = child.stderr.read().decode("utf-8", "replace").strip().splitlines()
        self._said = (lines or ["?"])[-1][:_LONGEST]
        return self._said

    _said = ""

    def stop(self) -> None:
        """End a search that is under way."""
        with self._lock:
            if self._child is not None and self._child.poll() is None:
                self._child.terminate()
                self._child.wait(timeout=10)
