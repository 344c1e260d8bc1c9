"""Runs of turftopic models, in an environment of its own: ``python turftopic_peer.py FOLDER``.

turftopic pins another Pillow than the rest, so it does not live in the project's environment. FOLDER holds
``asked.json`` (what is asked: model, number, seed; words of each text; vocabulary) and ``vectors.npz`` (of texts, of
the vocabulary); ``found.json`` is written into it.
"""

import importlib
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np


class Known:
    """The vectors that were handed over, under the method name that turftopic calls."""

    def __init__(self, words: Sequence[str], vectors: Any) -> None:  # noqa: ANN401 (numpy of another environment)
        """Remember the vector of each word."""
        self.vectors = dict(zip(words, vectors, strict=True))

    def encode(self, sentences: Sequence[str], **_: object) -> Any:  # noqa: ANN401 (numpy of another environment)
        """Return the vectors of words that are known."""
        return np.stack([self.vectors[word] for word in sentences])


def main(folder: Path) -> None:
    """Run the models that are asked for and write, for each, the labels and the seconds that fitting took."""
    given = json.loads((folder / "asked.json").read_text(encoding="utf-8"))
    with np.load(folder / "vectors.npz") as held:
        texts, vocabulary = held["texts"], held["vocabulary"]
    known = Known(given["vocabulary"], vocabulary)
    said = [" ".join(words) for words in given["words"]]
    found = {
        f"{asked['model']} {asked['seed']}": _answer(_model(asked, known), said, texts) for asked in given["asked"]
    }
    (folder / "found.json").write_text(json.dumps(found), encoding="utf-8")


def _answer(model: Any, said: Sequence[str], texts: Any) -> dict[str, Any]:  # noqa: ANN401 (turftopic has no types here)
    begin = time.perf_counter()
    mixed = np.asarray(model.fit_transform(said, embeddings=texts))
    labels = getattr(model, "labels_", None)
    labels = mixed.argmax(axis=1) if labels is None else np.asarray(labels)
    return {"labels": [int(label) for label in labels], "seconds": time.perf_counter() - begin}


def _model(asked: dict[str, Any], encoder: Known) -> Any:  # noqa: ANN401 (turftopic has no types here)
    turftopic = importlib.import_module("turftopic")
    counting = importlib.import_module("sklearn.feature_extraction.text").CountVectorizer
    words = counting(analyzer=str.split, min_df=2)
    if asked["model"] == "KeyNMF":
        return turftopic.KeyNMF(asked["number"], encoder=encoder, vectorizer=words, random_state=asked["seed"])
    small = importlib.import_module("sklearn.cluster").HDBSCAN(min_cluster_size=5, min_samples=1)
    density = small if asked["model"] == "small clustering" else None
    return turftopic.ClusteringTopicModel(
        encoder=encoder, vectorizer=words, clustering=density, random_state=asked["seed"]
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
