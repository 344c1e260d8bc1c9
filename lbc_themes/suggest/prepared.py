"""What depends on a codebook alone and travels with the library for its own: the words of its codes, what it teaches.

Each part lies under a digest of all that it was made from. A codebook that was changed, or is another, is simply not
there, and the part is worked out anew.
"""

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.assets import codebook_path

PREPARED_NAME = "prepared.v1.npz"

Arrays = dict[str, NDArray[Any]]


def digest(*made_from: object) -> str:
    """Return 32 hexadecimal digits that stand for ``made_from``, which must be of texts, numbers and lists of them."""
    return hashlib.sha256(json.dumps(made_from, ensure_ascii=True).encode()).hexdigest()[:32]


@cache
def _read(path: Path) -> Arrays:
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def prepared(key: str, parts: Sequence[str]) -> list[NDArray[Any]] | None:
    """Return the arrays ``parts`` that were made from what ``key`` stands for, or None where they were not."""
    path = codebook_path(PREPARED_NAME)
    names = [f"{key}.{part}" for part in parts]
    known = _read(path) if path.is_file() else {}
    return [known[name] for name in names] if all(name in known for name in names) else None


def write_prepared(path: Path, parts: dict[str, Arrays]) -> None:
    """Write arrays by name, under the key of what they were made from, as ``prepared`` reads them."""
    arrays: Any = {f"{key}.{name}": part[name] for key, part in sorted(parts.items()) for name in sorted(part)}
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)
