"""The fast encoder: a vector for each word, learned from the default encoder and added up; numpy and tokenizers."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.encoding.encoder import Advance, ModelFolder, TextKind, Vectors

BATCH = 2048
UNKNOWN = 0


class StaticEncoder(ModelFolder):
    """Encodes with the static model in ``folder`` (model.safetensors, tokenizer.json, config.json).

    The vector of a text is the sum of its words' vectors, brought to unit length; the order of the words plays no part.
    The folder has the form of the package model2vec, which gives the same vectors. Nothing but the text decides its
    vector, to the last bit. Tulkens & van Dongen (2024), "Model2Vec", doi:10.5281/zenodo.17270888.
    """

    def __init__(self, folder: Path) -> None:
        """Remember the folder; the model is read when the first text is encoded."""
        self.folder = folder

    def __getstate__(self) -> dict[str, Path]:
        """Send only where the model is: another process reads it anew."""
        return {"folder": self.folder}

    @cached_property
    def _words(self) -> Vectors:
        """The vector of each word, shape ``(words, dimensions)``."""
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        path = self.folder / "model.safetensors"
        try:
            tensors = load_file(path)
        except (SafetensorError, OSError) as fault:
            raise InputError(message("encoding.whole_safetensors_file_install", path=path, fault=fault)) from fault
        words: Vectors = tensors["embeddings"].astype(np.float32) * tensors["weights"][:, None]
        return words

    def encode(self, texts: Sequence[str], kind: TextKind = "passage", advance: Advance | None = None) -> Vectors:
        """Return unit vectors of shape ``(len(texts), dimensions)``, float32.

        Blank text gets a zero row. ``kind`` makes no difference here. ``advance`` is called with the number of texts
        done since the last call. Refuses one bare string.
        """
        if isinstance(texts, str):
            raise InputError(message("encoding.texts_must_list_strings"))
        if kind not in ("passage", "query"):
            raise InputError(message("encoding.kind_must_one_passage", kind=kind))
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        for start in range(0, len(texts), BATCH):
            some = list(texts[start : start + BATCH])
            vectors[start : start + len(some)] = self._sums(some)
            if advance:
                advance(len(some))
        return vectors

    def _sums(self, texts: list[str]) -> Vectors:
        pieces = [
            [piece for piece in found.ids if piece != UNKNOWN]
            for found in self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        ]
        counts = np.array([len(some) if text.strip() else 0 for some, text in zip(pieces, texts, strict=True)])
        sums = np.zeros((len(texts), self.dimensions), np.float32)
        said = np.flatnonzero(counts)
        if len(said):
            flat = np.concatenate([np.array(pieces[row], np.intp) for row in said])
            starts = np.concatenate([[0], np.cumsum(counts[said])[:-1]])
            sums[said] = np.add.reduceat(self._words[flat], starts, axis=0)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        lengths[lengths == 0] = 1
        unit: Vectors = (sums / lengths).astype(np.float32)
        return unit
