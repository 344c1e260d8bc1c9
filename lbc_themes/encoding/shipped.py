"""Vectors that travel with the library: those of its own codebooks, so that a first run need not make them."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from lbc_themes.core.assets import codebook_path
from lbc_themes.encoding.protocol import Vectors

VECTORS_NAME = "vectors.e5-small-zh.v1.npz"


@cache
def _read(path: Path) -> dict[bytes, Vectors]:
    with np.load(path) as file:
        keys, vectors = file["keys"], file["vectors"]
    return {key.tobytes(): vector for key, vector in zip(keys, vectors, strict=True)}


def shipped_vectors(keys: Sequence[bytes]) -> dict[bytes, Vectors]:
    """Return the vectors that are among ``keys``, by key; a text that was changed since is simply not there."""
    path = codebook_path(VECTORS_NAME)
    if not path.is_file():
        return {}
    known = _read(path)
    return {key: known[key] for key in keys if key in known}


def write_shipped(path: Path, vectors: dict[bytes, Vectors]) -> None:
    """Write vectors as ``shipped_vectors`` reads them, in the order of their keys."""
    ordered = sorted(vectors)
    keys = np.array([np.frombuffer(key, np.uint8) for key in ordered])
    with path.open("wb") as file:
        np.savez(file, keys=keys, vectors=np.stack([vectors[key] for key in ordered]))
