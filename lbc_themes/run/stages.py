"""The stages of a run: how long each takes, and how far it is."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from lbc_themes.encoding import Advance


@dataclass(kw_only=True)
class Stages:
    """Times stages; the command line gives a subclass that also shows them."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Advance]:
        """Time what happens inside; the value is called with the number of things done."""
        begun = time.perf_counter()
        with self.showing(name, total) as advance:
            yield advance
        self.seconds[name] = round(time.perf_counter() - begun, 3)

    @contextmanager
    def showing(self, name: str, total: int | None) -> Iterator[Advance]:  # noqa: ARG002 (for subclasses)
        """Show a stage; silent here."""
        yield lambda _done: None
