"""Figures that take long: reckoned behind the pages, which show the last ones until new ones are there."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
PATIENCE = 0.02
"""Seconds for which a page waits: in a small study figures are there by then."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure(Generic[T_co]):
    """A figure as far as it is known: ``value`` is None before the first, ``current`` says that nothing is newer."""

    value: T_co | None
    current: bool
    fault: str


class Figures:
    """Reckons figures one after the other in a thread that ends when there is nothing to reckon."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._news = threading.Condition()
        self._held: dict[str, tuple[object, object]] = {}
        self._faults: dict[str, tuple[object, str]] = {}
        self._wanted: dict[str, tuple[object, Callable[[], object]]] = {}
        self._doing: tuple[str, object] | None = None
        self._busy = False

    def get(self, name: str, state: object, reckon: Callable[[], T], patience: float = PATIENCE) -> Figure[T]:
        """Return what is known of ``name``, and see that it is reckoned for ``state``."""
        with self._news:
            if not self._settled(name, state):
                if self._doing != (name, state):
                    self._wanted[name] = (state, reckon)
                if not self._busy:
                    self._busy = True
                    threading.Thread(target=self._work, name="lbc-review-figures", daemon=True).start()
                self._news.wait_for(lambda: self._settled(name, state), patience)
            held, fault = self._held.get(name), self._faults.get(name)
            said = fault[1] if fault is not None and fault[0] == state else ""
            value = cast("T | None", held[1]) if held else None
            return Figure(value=value, current=held is not None and held[0] == state, fault=said)

    def _settled(self, name: str, state: object) -> bool:
        return any(kept is not None and kept[0] == state for kept in (self._held.get(name), self._faults.get(name)))

    def _work(self) -> None:
        while True:
            with self._news:
                if not self._wanted:
                    self._busy = False
                    return
                name = next(iter(self._wanted))
                state, reckon = self._wanted.pop(name)
                self._doing = (name, state)
            try:
                value: object = reckon()
                with self._news:
                    self._held[name] = (state, value)
            except Exception as fault:  # the page says it; coding goes on
                with self._news:
                    self._faults[name] = (state, f"{type(fault).__name__}: {fault}")
            with self._news:
                self._doing = None
                self._news.notify_all()
