"""Arrays and packages from strangers: measured before anything is unpacked, so that no file can fill the memory.

A saved suggester or theme model may come by mail. Its parts are read without pickle, each array's declared shape is
held against the bytes that are there, and numbers that are not finite are refused.
"""

import ast
import io
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_BYTES = 1_000_000_000
MOST_TIMES = 100
_FEW_BYTES = 100_000_000
"""Below this, how well a package is packed does not matter."""
_CHUNK = 1 << 20
_KINDS = "biufU"
# What reading a damaged or hostile package can raise besides ValueError; callers say it in one line.
FAULTS = (OSError, KeyError, ValueError, TypeError, EOFError, IndexError, AttributeError, NotImplementedError,
          RuntimeError, RecursionError, MemoryError, zipfile.BadZipFile)  # fmt: skip


def read_part(package: zipfile.ZipFile, name: str, most: int = MOST_BYTES) -> bytes:
    """Return one part of a ZIP package.

    Raises:
        ValueError: it unpacks to more than ``most`` bytes, whatever size it declares.
        KeyError: there is no such part.
    """
    if package.getinfo(name).file_size > most:
        raise ValueError(f"{name} unpacks to more than {most // 1_000_000} MB")
    pieces, size = [], 0
    with package.open(name) as stream:
        while piece := stream.read(_CHUNK):
            size += len(piece)
            if size > most:
                raise ValueError(f"{name} unpacks to more than {most // 1_000_000} MB")
            pieces.append(piece)
    return b"".join(pieces)


def read_arrays(data: bytes) -> "dict[str, NDArray[Any]]":
    """Return the arrays of an .npz file by name.

    Raises:
        ValueError: an array holds objects, declares another size than it has, or holds numbers that are not finite; or
            the arrays together unpack to more than they may (`MOST_BYTES`, and `MOST_TIMES` what they are packed).
    """
    most = min(MOST_BYTES, max(_FEW_BYTES, MOST_TIMES * len(data)))
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        if sum(part.file_size for part in package.infolist()) > most:
            raise ValueError(f"its arrays unpack to more than {most // 1_000_000} MB")
        return {name.removesuffix(".npy"): _array(read_part(package, name), name) for name in package.namelist()}


def _array(data: bytes, name: str) -> "NDArray[Any]":
    import numpy as np

    kind, shape, start = _declared(data, name)
    count = 1
    for length in shape:
        count *= length
    if kind.kind not in _KINDS or count * kind.itemsize != len(data) - start:
        raise ValueError(f"{name} declares {kind} {shape} and holds {len(data) - start} bytes")
    array: NDArray[Any] = np.load(io.BytesIO(data), allow_pickle=False)
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError(f"{name} holds numbers that are not finite")
    return array


def _declared(data: bytes, name: str) -> "tuple[np.dtype[Any], tuple[int, ...], int]":
    """Return what the header of an .npy file says: the kind of its numbers, its shape, and where they begin."""
    import numpy as np

    if data[:6] != b"\x93NUMPY" or data[6:7] not in (b"\x01", b"\x02", b"\x03"):
        raise ValueError(f"{name} is no array")
    wide = 2 if data[6] == 1 else 4
    start = 8 + wide + int.from_bytes(data[8 : 8 + wide], "little")
    header = ast.literal_eval(data[8 + wide : start].decode("latin-1").strip())
    shape = header["shape"]
    if not isinstance(shape, tuple) or any(type(length) is not int or length < 0 for length in shape):
        raise ValueError(f"{name} has a shape that is none")
    return np.dtype(header["descr"]), shape, start
