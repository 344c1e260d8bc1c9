"""Each encoder that travels with the library on each task, and two simpler static ones made from the same weights.

Speed is texts a second by the clock and by processor time, one thread, over 150 interview answers for e5-small-zh and
the same answers twenty times for the static ones, after the model is loaded. "Loading" is the time to the first vector.

Zero-shot: the answers of interviews-game ranked against the 17 questions, 1,000 app reviews against 34 themes, items of
scales against constructs. "Alone" is the cosine of centred vectors; "library" the suggester with that encoder. Learned:
the question of an answer from the other respondents' (six folds, respondents kept apart), by logistic regression on
centred vectors alone and by the suggester; Cohen's kappa. Themes: normalised mutual information with the questions, of
as many themes as questions, by Ward and k-means on centred vectors alone and by the theme model.

"token vectors, weighted" are the model's own input vectors, the two most common directions taken off, weighted
0.001 / (0.001 + p) and averaged: the first static encoder of the design. "model2vec as it comes" is its
``distill`` with its defaults: each piece passed through the model, 256 dimensions, Zipf weights. Both need the float32
weights (``--e5-reference``, see the benchmark "encoder") and ``pip install 'model2vec[distill]'``.

Nothing of these sets was used to train static-zh or to choose its settings: that was done on held-out sentences of the
codebook's own utterances. The constants of suggester and theme model were set with e5-small-zh on some of these sets.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.encoder import reference_folder
from benchmarks.frame.scores import Floats, hits, kappa, order
from benchmarks.zero_shot import Task, interview_answers, items, reviews
from lbc_themes.core.assets import model_folder
from lbc_themes.core.errors import MissingExtraError
from lbc_themes.encoding import Encoder, TextKind, Vectors
from lbc_themes.encoding.encoder import Advance, OnnxEncoder
from lbc_themes.encoding.static import StaticEncoder
from lbc_themes.suggest import CodeSuggester
from lbc_themes.themes import ThemeModel
from lbc_themes.themes.clustering import ward_linkage

NAME = "tiers"
QUESTION = "Which encoder for which task: what does speed cost?"
DATA = ("interviews-game", "hlcta-appreviews", "psych-scales")
SEED = 0
PACKAGES = ("tokenizers", "model2vec", "torch")
NOTE = """
By processor time static-zh encodes about 100 texts for each one of e5-small-zh. It costs little where something is
learned (kappa .80 against .81 in the library) and nothing in themes; ranking codes with nothing coded it loses most:
.74 against .81 of the answers, .33 against .50 of the reviews have their code among the first three. Against model2vec
as it comes, fitting the sums to whole texts pays on the answers everywhere, and not on reviews, whose subject
(software) is far from the sentences it was fitted on. The plain token vectors learn as well or better, and rank worse.
One task has 59 items: differences of one or two items there say nothing. The rates by the clock were taken on a busy
machine; go by processor time.
"""

FOLDS = 6
SPEED_TEXTS, REPEATED = 150, 20


@dataclass(frozen=True, kw_only=True)
class Tier:
    """An encoder with the bytes that it needs on disk."""

    encoder: Encoder
    bytes: int


class Peer:
    """A static encoder by a function, under a name."""

    def __init__(self, name: str, make: Callable[[Sequence[str]], Floats], dimensions: int) -> None:
        """Remember the parts."""
        self.name, self._make, self.dimensions = name, make, dimensions

    def encode(self, texts: Sequence[str], kind: TextKind = "passage", advance: Advance | None = None) -> Vectors:  # noqa: ARG002 (Protocol)
        """Return unit rows."""
        rows = self._make(list(texts))
        unit: Vectors = (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)).astype(np.float32)
        return unit


def main(data: Path) -> dict[str, Any]:
    """Return speed and size, and quality by task."""
    answers = interview_answers(data / "interviews-game")
    tasks = {"answers": answers, "reviews": reviews(data / "hlcta-appreviews"), "items": scale_items(data)}
    tiers = shipped() | peers()
    return {
        "Speed and size": {name: speed(tier, answers.texts) for name, tier in tiers.items()},
        "Zero-shot": {name: zero_shot(tier.encoder, tasks) for name, tier in tiers.items()},
        "Learned, and themes (interviews-game answers)": {
            name: learned(tier.encoder, answers) | themes(tier.encoder, answers) for name, tier in tiers.items()
        },
    }


def scale_items(data: Path) -> Task:
    """Return the items of the scales with their constructs."""
    return items(data / "psych-scales" / "items.tsv", "broad_construct")


def shipped() -> dict[str, Tier]:
    """Return the library's own encoders, one thread each, without any cache."""
    folders = {name: model_folder(name) for name in ("e5-small-zh", "static-zh")}
    made: list[Encoder] = [OnnxEncoder(folders["e5-small-zh"], threads=1), StaticEncoder(folders["static-zh"])]
    sizes = [sum(path.stat().st_size for path in folder.iterdir()) for folder in folders.values()]
    return {encoder.name: Tier(encoder=encoder, bytes=size) for encoder, size in zip(made, sizes, strict=True)}


def peers() -> dict[str, Tier]:
    """Return the simpler static encoders."""
    folder = reference_folder()
    try:
        from model2vec.distill import distill
    except ImportError as error:
        raise MissingExtraError(package="model2vec[distill]", extra="dev", purpose="the benchmark tiers") from error
    model = distill(str(folder), device="cpu")
    plain = Peer("model2vec as it comes", model.encode, model.dim)
    return {
        "token vectors, weighted": Tier(encoder=token_vectors(folder), bytes=0),
        plain.name: Tier(encoder=plain, bytes=model.embedding.nbytes),
    }


def token_vectors(folder: Path) -> Peer:
    """Return the input vectors of the model, two directions off, weighted by how rare a piece is in the demonstration.

    Rarity is the piece's own log probability in the tokenizer, so that no text is needed.
    """
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    table = load_file(folder / "model.safetensors")["embeddings.word_embeddings.weight"].astype(np.float64)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    table -= table.mean(axis=0)
    common = np.linalg.svd(table, full_matrices=False)[2][:2]
    table -= table @ common.T @ common
    shares = np.exp(_log_probabilities(folder))
    weights = 1e-3 / (1e-3 + shares / shares.sum())

    def make(texts: Sequence[str]) -> Floats:
        found = [one.ids for one in tokenizer.encode_batch(list(texts), add_special_tokens=False)]
        rows = [(table[ids] * weights[ids][:, None]).mean(axis=0) if ids else np.zeros(table.shape[1]) for ids in found]
        return np.stack(rows)

    return Peer("token vectors, weighted", make, table.shape[1])


def _log_probabilities(folder: Path) -> Floats:
    import json

    pieces = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    return np.array([score if score < 0 else -30.0 for _, score in pieces])


def speed(tier: Tier, texts: list[str]) -> dict[str, Any]:
    """Return texts a second, how long the first vector takes, and the size."""
    begin = time.perf_counter()
    tier.encoder.encode(texts[:1])
    first = time.perf_counter() - begin
    some = texts[:SPEED_TEXTS] * (1 if isinstance(tier.encoder, OnnxEncoder) else REPEATED)
    rates = []
    for _ in range(3):
        wall, processor = time.perf_counter(), time.process_time()
        tier.encoder.encode(some)
        rates.append((len(some) / (time.perf_counter() - wall), len(some) / (time.process_time() - processor)))
    return {
        "texts a second": float(np.median([rate for rate, _ in rates])),
        "by processor time": float(np.median([rate for _, rate in rates])),
        "loading, seconds": first,
        "MB": tier.bytes / 1e6 if tier.bytes else None,
        "dimensions": tier.encoder.dimensions,
    }


def _centred(rows: Vectors) -> Floats:
    moved = rows.astype(np.float64) - rows.mean(axis=0)
    unit: Floats = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-12)
    return unit


def zero_shot(encoder: Encoder, tasks: dict[str, Task]) -> dict[str, float]:
    """Return the share of texts whose code is among the first three, alone and in the library."""
    row: dict[str, float] = {}
    for name, task in tasks.items():
        vectors = encoder.encode(task.texts)
        alone = _centred(vectors) @ _centred(encoder.encode(task.codes, "query")).T
        alone -= alone.mean(axis=0)
        ranked = CodeSuggester(codes=task.codes, encoder=encoder).rank(task.texts, vectors)
        top = 3 if len(task.codes) > 3 else 1
        row[f"{name}, top-{top}: alone"] = float(hits(order(alone, SEED), task.gold, top).mean())
        row[f"{name}, top-{top}: library"] = float(hits(order(ranked, SEED), task.gold, top).mean())
    return row


def learned(encoder: Encoder, task: Task) -> dict[str, float]:
    """Return kappa of the first code after learning from the other respondents, alone and in the library."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold

    vectors, label = encoder.encode(task.texts), task.gold.argmax(axis=1)
    rows = _centred(vectors)
    alone, ours = np.zeros(len(label), np.intp), np.zeros(len(label), np.intp)
    for train, test in GroupKFold(FOLDS, shuffle=True, random_state=SEED).split(rows, groups=task.units):
        alone[test] = LogisticRegression(C=10, max_iter=1000).fit(rows[train], label[train]).predict(rows[test])
        texts, units = [task.texts[i] for i in train], [task.units[i] for i in train]
        suggester = CodeSuggester(codes=task.codes, encoder=encoder).fit(texts, task.gold[train], units, vectors[train])
        ours[test] = suggester.rank([task.texts[i] for i in test], vectors[test]).argmax(axis=1)
    return {"learned, kappa: alone": kappa(alone, label), "learned, kappa: library": kappa(ours, label)}


def themes(encoder: Encoder, task: Task) -> dict[str, float]:
    """Return how well themes agree with the questions, alone and in the library."""
    from sklearn.metrics import normalized_mutual_info_score as nmi

    from lbc_themes.themes.clustering import cut, settled

    vectors, label, number = encoder.encode(task.texts), task.gold.argmax(axis=1), len(task.codes)
    rows = _centred(vectors)
    alone = settled(rows, cut(ward_linkage(rows), [number])[:, 0])
    model = ThemeModel(n_themes=number, random_state=SEED).fit(task.texts, vectors, task.units)
    return {
        "themes, NMI: alone": float(nmi(label, alone)),
        "themes, NMI: library": float(nmi(label, model.labels_)),
    }
