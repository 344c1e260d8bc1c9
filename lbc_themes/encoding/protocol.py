"""What an encoder is: anything that turns texts into rows."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
TextKind = Literal["passage", "query"]
Advance = Callable[[int], None]


class Encoder(Protocol):
    """Turns texts into unit vectors. ``name`` is versioned ("e5-small-zh.v1") and is what a run records."""

    @property
    def name(self) -> str:
        """The versioned name."""
        ...

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        ...

    def encode(self, texts: Sequence[str], kind: TextKind = "passage", advance: Advance | None = None) -> Vectors:
        """Return float32 rows of shape ``(len(texts), dimensions)``, each of unit length or, for blank text, zero."""
        ...
