"""A random sample of a corpus that is the same however the corpus is cut into parts."""

from collections.abc import Iterable
from functools import reduce
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_DRAWN = "drawn"


def drawn(frame: "pd.DataFrame", size: int, seed: int) -> "pd.DataFrame":
    """Return the ``size`` rows whose ids have the smallest hashes with ``seed``; associative, so parts may be joined.

    Bottom-k sampling (Cohen & Kaplan 2007): every row of the corpus is as likely as any other.
    """
    salt = seed.to_bytes(8, "little", signed=True)
    numbers = [
        int.from_bytes(
            blake2b(row.encode("utf-8", "surrogatepass"), digest_size=8, salt=salt).digest(), "big", signed=True
        )
        for row in frame["id"]
    ]
    return _smallest(frame.assign(**{_DRAWN: numbers}), size)


def _smallest(frame: "pd.DataFrame", size: int) -> "pd.DataFrame":
    return frame.sort_values([_DRAWN, "id"], kind="stable").head(size).reset_index(drop=True)


def joined(parts: Iterable["pd.DataFrame"], size: int) -> "pd.DataFrame":
    """Return the sample of the union of samples made by ``drawn`` with the same seed."""
    import pandas as pd

    return reduce(lambda one, other: _smallest(pd.concat([one, other], ignore_index=True), size), parts)
