"""Put a passage to a theme that was found in a sample, by the passage alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lbc_themes.suggest.features import Corpus, Floats, TfIdf

DIMENSIONS = 64
FAR = 0.95
"""The share of the sample that lies within the bound of its theme: a passage farther off than that belongs to none."""


@dataclass(frozen=True, kw_only=True)
class Placer:
    """The centres of themes in two views, half meaning and half wording, as the theme model sees passages.

    ``mean`` is the sample's mean vector; ``wording`` turns n-gram weights into 64 numbers with their mean
    ``wording_mean``; ``centres`` has shape ``(themes, dimensions)`` in the order of ``themes``; ``bounds`` are the
    distances beyond which a passage belongs to none.
    """

    mean: Floats
    weights: TfIdf
    wording: Floats
    wording_mean: Floats
    themes: tuple[int, ...]
    centres: Floats
    bounds: Floats

    def place(self, corpus: Corpus) -> tuple[NDArray[np.int64], Floats]:
        """Return the theme of each text, -1 for none, and the distance to the nearest centre."""
        rows = _rows(corpus, self)
        squares = (rows**2).sum(axis=1)[:, None] + (self.centres**2).sum(axis=1) - 2 * rows @ self.centres.T
        nearest = squares.argmin(axis=1)
        distance = np.sqrt(np.maximum(squares[np.arange(len(rows)), nearest], 0))
        themes = np.array(self.themes, np.int64)[nearest]
        themes[(distance > self.bounds[nearest]) | ~corpus.vectors.any(axis=1)] = -1
        return themes, distance


def fit_placer(corpus: Corpus, labels: Sequence[int] | NDArray[np.int64]) -> Placer:
    """Learn centres and bounds from a sample with the themes of its texts, -1 for none."""
    import scipy.sparse.linalg

    weights = TfIdf().fit(corpus.grams)
    counted = weights.transform(corpus.grams)
    width = min(DIMENSIONS, min(counted.shape) - 1)
    start = np.full(min(counted.shape), 1 / np.sqrt(min(counted.shape)))
    wording = np.zeros((counted.shape[1], 1))
    if width > 0:
        _, _, turned = scipy.sparse.linalg.svds(counted, k=width, v0=start)
        wording = turned.T
    labels = np.asarray(labels)
    themes = tuple(int(theme) for theme in np.unique(labels[labels >= 0]))
    empty = np.zeros((0, corpus.vectors.shape[1] + wording.shape[1]))
    placer = Placer(
        mean=corpus.vectors.mean(axis=0), weights=weights, wording=wording,
        wording_mean=(counted @ wording).mean(axis=0), themes=themes, centres=empty, bounds=np.zeros(0),
    )  # fmt: skip
    rows = _rows(corpus, placer)
    own = [rows[labels == theme] for theme in themes]
    centres = np.stack([some.mean(axis=0) for some in own]) if own else empty
    apart = [np.linalg.norm(some - centre, axis=1) for some, centre in zip(own, centres, strict=True)]
    bounds = np.array([np.quantile(some, FAR) for some in apart])
    return Placer(**(vars(placer) | {"centres": centres, "bounds": bounds}))


def _rows(corpus: Corpus, placer: Placer) -> Floats:
    wording = placer.weights.transform(corpus.grams) @ placer.wording - placer.wording_mean
    rows: Floats = np.hstack([_unit(corpus.vectors - placer.mean), _unit(np.asarray(wording))]) / np.sqrt(2)
    return rows


def _unit(rows: Floats) -> Floats:
    unit: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return unit
