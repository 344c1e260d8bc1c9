"""What an encoder is, and what those that are read from a folder have in common."""

import json
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message

if TYPE_CHECKING:
    from tokenizers import Tokenizer


Vectors = NDArray[np.float32]
TextKind = Literal["passage", "query"]
Advance = Callable[[int], None]


MEAN_REMOVED = 0.75
"""The share of the mean vector that is taken off where an encoder says nothing else: E5's vectors lie in a narrow cone,
and all of the mean is too much where one topic rules a corpus (measured on two data sets, docs/benchmarks.md)."""


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


def mean_removed_by(encoder: Encoder) -> float:
    """Return the share of a corpus's mean vector that is taken off the vectors of ``encoder`` before they are compared.

    It is a trait of an encoder, 0 to 1: its attribute ``mean_removed``, which stands in its card (config.json), or 0.75
    where it has none.
    """
    share = float(getattr(encoder, "mean_removed", MEAN_REMOVED))
    if not 0 <= share <= 1:
        raise InputError(message("encoding.mean_removed_share", name=encoder.name, share=share))
    return share


class ModelFolder:
    """A folder with config.json and tokenizer.json; nothing is read before it is asked for."""

    folder: Path

    @cached_property
    def _config(self) -> dict[str, Any]:
        config: dict[str, Any] = json.loads((self.folder / "config.json").read_text(encoding="utf-8"))
        return config

    @property
    def name(self) -> str:
        """The versioned name, e.g. "e5-small-zh.v1"."""
        return f"{self._config['name']}.{self._config['version']}"

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return int(self._config["dimensions"])

    @property
    def mean_removed(self) -> float:
        """The share of a corpus's mean vector that is taken off before vectors are compared; see `mean_removed_by`."""
        return float(self._config.get("mean_removed", MEAN_REMOVED))

    @cached_property
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        tokenizer: Tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer
