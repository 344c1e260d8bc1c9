"""Figures that take long, kept until the log has grown."""

import threading
from collections.abc import Callable
from typing import TypeVar, cast

T = TypeVar("T")


class Remembered:
    """Values by name, each with the state that it was reckoned from."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._held: dict[str, tuple[object, object]] = {}

    def value(self, name: str, state: object, reckon: Callable[[], T]) -> T:
        """Return the value of ``name`` at ``state``, reckoned once however many ask at the same time."""
        with self._lock:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            held = self._held.get(name)
            if held is None or held[0] != state:
                held = (state, reckon())
                self._held[name] = held
            return cast("T", held[1])
