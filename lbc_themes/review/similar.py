"""Passages alike: how typical a quotation is of its code, and which passages nobody coded are nearest to one."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.records import Passage
from lbc_themes.encoding import load_encoder
from lbc_themes.encoding.registry import FAST_ENCODER


class PassageVectors:
    """Unit vectors of all passages of a study, made in seconds by the fast encoder and centred over the study.

    The centre is taken away because all passages of a study share most of their direction (design notes: centring).
    """

    def __init__(self, passages: Sequence[Passage]) -> None:
        """Encode the passages; their order is that of ``rows``."""
        vectors = load_encoder(FAST_ENCODER, None).encode([passage.text for passage in passages])
        centred = vectors - vectors.mean(axis=0, keepdims=True) if len(vectors) > 1 else vectors
        lengths = np.linalg.norm(centred, axis=1, keepdims=True)
        self._rows = np.divide(centred, lengths, out=np.zeros_like(centred), where=lengths > 0).astype(np.float32)
        self._place = {passage.id: number for number, passage in enumerate(passages)}

    def typicality(self, passage_ids: Sequence[str], of: Collection[str]) -> NDArray[np.float32]:
        """Return how near each passage is to the middle of the passages ``of``: a cosine for each, -1 to 1."""
        places = [self._place[i] for i in of if i in self._place]
        if not places:
            return np.zeros(len(passage_ids), np.float32)
        middle = self._rows[places].mean(axis=0)
        length = float(np.linalg.norm(middle))
        wanted = self._rows[[self._place[i] for i in passage_ids]]
        scores: NDArray[np.float32] = wanted @ (middle / length if length else middle)
        return scores

    def nearest(self, of: Collection[str], but: Collection[str], many: int) -> list[tuple[str, float]]:
        """Return the passages nearest to the middle of ``of``, without those in ``of`` and ``but``, nearest first."""
        if not of:
            return []
        out = {*of, *but}
        ids = list(self._place)
        scores = self.typicality(ids, of)
        found: list[tuple[str, float]] = []
        for number in np.argsort(-scores, kind="stable"):
            if ids[number] not in out:
                found.append((ids[number], float(scores[number])))
                if len(found) == many:
                    break
        return found
