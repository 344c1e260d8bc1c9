"""Themes found behind the page: in a process of its own, once, and kept in the study."""

import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from lbc_themes.study import Study, StudyThemes

_LONGEST = 300


class Finder:
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
