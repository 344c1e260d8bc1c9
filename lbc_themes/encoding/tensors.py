"""Read a .safetensors file: eight bytes of length, a JSON table of contents, and the numbers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.errors import InputError

_TYPES = {"I8": np.int8, "F16": np.float16, "F32": np.float32}


def read_tensors(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays in ``path`` by name; refuses a file that is cut off or holds another type of number."""
    data = path.read_bytes()
    try:
        start = 8 + int.from_bytes(data[:8], "little")
        contents = {name: entry for name, entry in json.loads(data[8:start]).items() if name != "__metadata__"}
        return {
            name: np.frombuffer(data[start + entry["data_offsets"][0] : start + entry["data_offsets"][1]], _TYPES[kind])
            .reshape(entry["shape"])
            for name, entry in contents.items()
            for kind in [entry["dtype"]]
        }  # fmt: skip
    except (ValueError, KeyError, TypeError) as fault:
        raise InputError(f"{path} is not a whole .safetensors file ({fault}); install lbc_themes again") from fault
