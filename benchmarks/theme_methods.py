"""Ours and the topic models beside it, each as a function from a study and a seed to labels."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np

from benchmarks.theme_scores import SEEDS, Labels, Method
from benchmarks.theme_studies import Study
from lbc_themes.core.errors import InputError, LbcError
from lbc_themes.encoding import load_encoder
from lbc_themes.segmenting import content_words
from lbc_themes.themes import ThemeModel

PEER = Path(__file__).parent / "turftopic_peer.py"
MODELS = ("KeyNMF", "clustering", "small clustering")
INTERPRETER = "LBC_TURFTOPIC_PYTHON"
USUAL = Path(__file__).parent.parent / "build" / "turftopic" / "bin" / "python"


def methods(truths: int) -> dict[str, Method]:
    """Return the methods by name; those that need a number are given the number of truths, ours finds it as well."""
    return {
        "ours, number found": timed(partial(ours, clusterer="consensus.v1", number="auto")),
        "ours, number given": timed(partial(ours, clusterer="consensus.v1", number=truths)),
        "ours, ward.v1": timed(partial(ours, clusterer="ward.v1", number=truths)),
        "ours, kmeans.v1": timed(partial(ours, clusterer="kmeans.v1", number=truths)),
        "ours, hdbscan.v1": timed(partial(ours, clusterer="hdbscan.v1", number="auto")),
        "ours, bertopic.v1": timed(partial(ours, clusterer="bertopic.v1", number="auto")),
        "BERTopic as it comes": timed(bertopic_as_it_comes),
        "BERTopic tuned for small data": timed(bertopic_tuned),
        "turftopic KeyNMF": partial(turftopic, model="KeyNMF", number=truths),
        "turftopic clustering as it comes": partial(turftopic, model="clustering", number=truths),
        "turftopic clustering tuned for small data": partial(turftopic, model="small clustering", number=truths),
        "LDA": timed(partial(lda, number=truths)),
        "k-means on the same vectors": timed(partial(kmeans, number=truths)),
    }


def timed(method: Callable[[Study, int], Labels]) -> Method:
    """Return ``method`` with the seconds that it took."""

    def run(study: Study, seed: int) -> tuple[Labels, float]:
        begin = time.perf_counter()
        labels = method(study, seed)
        return labels, time.perf_counter() - begin

    return run


def ours(study: Study, seed: int, *, clusterer: str, number: int | Literal["auto"]) -> Labels:
    """Run the library."""
    model = ThemeModel(n_themes=number, clusterer=clusterer, random_state=seed)
    return model.fit(study.texts, vectors=study.vectors, groups=study.groups).labels_


def kmeans(study: Study, seed: int, *, number: int) -> Labels:
    """Run k-means on the encoder's vectors."""
    from sklearn.cluster import KMeans

    return np.asarray(KMeans(number, n_init=10, random_state=seed).fit_predict(study.vectors), np.int64)


def bertopic_as_it_comes(study: Study, seed: int) -> Labels:
    """Run BERTopic with ``language="multilingual"``, the encoder's vectors and a seed; all else is its default."""
    from bertopic import BERTopic
    from umap import UMAP

    reduction = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed)
    topics, _ = BERTopic(language="multilingual", umap_model=reduction).fit_transform(
        list(study.texts), embeddings=study.vectors
    )
    return np.asarray(topics, np.int64)


def bertopic_tuned(study: Study, seed: int) -> Labels:
    """Run BERTopic for small data: 10 neighbours, clusters from 5, ``min_samples`` 1, Chinese words."""
    from bertopic import BERTopic
    from hdbscan import HDBSCAN
    from sklearn.feature_extraction.text import CountVectorizer
    from umap import UMAP

    model = BERTopic(
        language="multilingual",
        vectorizer_model=CountVectorizer(analyzer=content_words),
        umap_model=UMAP(n_neighbors=10, n_components=5, min_dist=0.0, metric="cosine", random_state=seed),
        hdbscan_model=HDBSCAN(min_cluster_size=5, min_samples=1, prediction_data=True),
    )
    topics, _ = model.fit_transform(list(study.texts), embeddings=study.vectors)
    return np.asarray(topics, np.int64)


def lda(study: Study, seed: int, *, number: int) -> Labels:
    """Run latent Dirichlet allocation on content words; a text goes to its largest topic."""
    from sklearn.decomposition import LatentDirichletAllocation
    from sklearn.feature_extraction.text import CountVectorizer

    counts = CountVectorizer(analyzer=lambda words: words, min_df=2).fit_transform(study.words)
    mixed = LatentDirichletAllocation(number, max_iter=20, random_state=seed).fit_transform(counts)
    return np.asarray(mixed.argmax(axis=1), np.int64)


def turftopic(study: Study, seed: int, *, model: str, number: int) -> tuple[Labels, float]:
    """Run a model of turftopic in its own environment, on the same words and vectors; the seconds are of fitting only.

    All models and seeds run in one process the first time that the study is asked for.

    Raises:
        InputError: There is no such environment.
    """
    if "turftopic" not in study.__dict__:
        seeds = SEEDS[:1] if study.reordered else SEEDS
        asked = [{"model": name, "number": number, "seed": each} for name in MODELS for each in seeds]
        study.__dict__["turftopic"] = _answers(_interpreter(), study, asked)
    found = study.__dict__["turftopic"][f"{model} {seed}"]
    return np.asarray(found["labels"], np.int64), found["seconds"]


def _interpreter() -> Path:
    python = Path(os.environ.get(INTERPRETER, USUAL))
    if not python.is_file():
        raise InputError(
            f"turftopic needs an environment of its own: python3.11 -m venv build/turftopic && "
            f"build/turftopic/bin/pip install turftopic==0.28.0; or name another interpreter in {INTERPRETER}"
        )
    return python


def _answers(python: Path, study: Study, asked: Sequence[Mapping[str, object]]) -> dict[str, Any]:
    vocabulary = sorted({word for words in study.words for word in words})
    words = {"asked": asked, "words": study.words, "vocabulary": vocabulary}
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "asked.json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
        np.savez(folder / "vectors.npz", texts=study.vectors, vocabulary=load_encoder().encode(vocabulary))
        ran = subprocess.run([str(python), str(PEER), str(folder)], capture_output=True, text=True, check=False)  # noqa: S603 (our own file)
        if ran.returncode:
            raise LbcError(f"{PEER.name} in {python} ended with {ran.returncode}: {ran.stderr.strip()[-2000:]}")
        found: dict[str, Any] = json.loads((folder / "found.json").read_text(encoding="utf-8"))
    return found
