"""Do candidate themes of small studies agree with what is known, and stay the same? Ours beside topic models.

The features were chosen mostly on the interview answers (interviews-game); the rule for the number of themes, the line
below which no code claims a theme and the number of groups among uncoded passages with psyqa-sample, hlcta-appreviews
and the demonstration interviews in view as well. spoken-l1 was looked at, but decided little. Only new data can confirm
these figures.

Truths: the question an answer belongs to; the help-seeker's question a passage belongs to; the researchers' theme of a
review; the recording a passage comes from (weak: people change the subject).
"""

import csv
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbc_themes.encoding import load_encoder
from lbc_themes.reading import read_transcripts
from lbc_themes.records import Bilingual, Code, Codebook, Role, Transcript, Turn
from lbc_themes.segmenting import content_words, segment
from lbc_themes.suggest import CodeSuggester
from lbc_themes.themes import ThemeModel
from lbc_themes.themes.wording import telling_words

Labels = NDArray[np.int64]
Method = Callable[["Study", int], Labels]

SEEDS = (0, 1, 2)
HIDDEN = 0.25
ROUNDS = 8
FEWEST = 5


@dataclass(frozen=True)
class Study:
    """Texts, the truth of each, who said it, and words for the truths where there are any."""

    texts: tuple[str, ...]
    truth: tuple[str, ...]
    groups: tuple[str, ...]

    @cached_property
    def vectors(self) -> NDArray[np.float32]:
        """The default encoder's vectors, made once."""
        return load_encoder().encode(self.texts)

    @cached_property
    def words(self) -> list[list[str]]:
        """Content words, cut once."""
        return [content_words(text) for text in self.texts]

    def shuffled(self, seed: int) -> tuple["Study", NDArray[np.int64]]:
        """Return the study in another order, and that order."""
        order = np.random.default_rng(seed).permutation(len(self.texts))
        other = Study(*(tuple(own[i] for i in order) for own in (self.texts, self.truth, self.groups)))
        other.__dict__["vectors"] = self.vectors[order]
        other.__dict__["words"] = [self.words[i] for i in order]
        return other, order


def main(data: Path, names: Sequence[str] = ()) -> dict[str, Any]:
    """Return figures for each set (or those in ``names``) and method, and how often hidden codes are found again."""
    results: dict[str, Any] = {}
    for name, read in READERS.items():
        if names and name not in names:
            continue
        study = read(data)
        rows = {label: measured(study, method) for label, method in methods(len(set(study.truth))).items()}
        results[name] = {
            "texts": len(study.texts),
            "truths": len(set(study.truth)),
            "used to choose": CHOSEN_WITH[name],
            "methods": rows,
        }
        if name != "spoken-l1":  # recordings are no codes
            results[name]["hidden codes"] = hidden_codes(study)
    return results


def measured(study: Study, method: Method) -> dict[str, Any]:
    """Return the figures of one method: the mean over seeds, and agreement between seeds and between two orders."""
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    try:
        begin = time.perf_counter()
        runs = [method(study, SEEDS[0])]
        seconds = time.perf_counter() - begin
    except ImportError as fault:
        return {"not run": str(fault)}
    runs += [method(study, seed) for seed in SEEDS[1:]]
    other, order = study.shuffled(7)
    again = method(other, SEEDS[0])
    coherence, diversity = zip(*(wording(study, labels) for labels in runs), strict=True)
    return {
        "nmi": _mean(normalized_mutual_info_score(study.truth, labels) for labels in runs),
        "ari": _mean(adjusted_rand_score(study.truth, labels) for labels in runs),
        "themes": _mean(len(set(labels.tolist()) - {-1}) for labels in runs),
        "outliers": _mean((labels < 0).mean() for labels in runs),
        "npmi": _mean(coherence),
        "diversity": _mean(diversity),
        "same over seeds": _mean(adjusted_rand_score(a, b) for a, b in combinations(runs, 2)),
        "same when shuffled": adjusted_rand_score(runs[0][order], again),
        "seconds": seconds,
    }


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def wording(study: Study, labels: Labels, most: int = 10) -> tuple[float, float]:
    """Return NPMI coherence over passages and the share of different words, of the themes' ten telling words.

    The words of every method are picked by the same rule, so that partitions are compared and not word lists. Bouma
    (2009), "Normalized (pointwise) mutual information in collocation extraction"; Dieng et al. (2020) for diversity.
    """
    found = telling_words(study.words, labels.tolist(), most)
    if not found:
        return 0.0, 0.0
    holders: dict[str, set[int]] = {word: set() for own in found.values() for word in own}
    for at, words in enumerate(study.words):
        for word in set(words) & holders.keys():
            holders[word].add(at)
    pairs = [_npmi(holders[a], holders[b], len(study.texts)) for own in found.values() for a, b in combinations(own, 2)]
    return _mean(pairs) if pairs else 0.0, len(holders) / sum(map(len, found.values()))


def _npmi(a: set[int], b: set[int], n: int) -> float:
    both = len(a & b) / n
    if both == 0:
        return -1.0
    return 1.0 if both == 1 else float(np.log(both * n * n / (len(a) * len(b))) / -np.log(both))


def methods(truths: int) -> dict[str, Method]:
    """Return the methods by name; those that need a number are given the number of truths, ours finds it as well."""
    return {
        "ours, number found": partial(_ours, clusterer="ward.v1", number="auto"),
        "ours, number given": partial(_ours, clusterer="ward.v1", number=truths),
        "ours, kmeans.v1": partial(_ours, clusterer="kmeans.v1", number=truths),
        "ours, hdbscan.v1": partial(_ours, clusterer="hdbscan.v1", number="auto"),
        "ours, bertopic.v1": partial(_ours, clusterer="bertopic.v1", number="auto"),
        "k-means on the same vectors": partial(_kmeans, number=truths),
        "BERTopic as it comes": partial(_bertopic, tuned=False),
        "BERTopic tuned for small data": partial(_bertopic, tuned=True),
        "LDA": partial(_lda, number=truths),
        "turftopic KeyNMF": partial(_turftopic, number=truths, clustering=False),
        "turftopic clustering": partial(_turftopic, number=truths, clustering=True),
    }


def _ours(study: Study, seed: int, *, clusterer: str, number: Any) -> Labels:  # noqa: ANN401 ("auto" or a number)
    model = ThemeModel(n_themes=number, clusterer=clusterer, random_state=seed)
    return model.fit(study.texts, vectors=study.vectors, groups=study.groups).labels_


def _kmeans(study: Study, seed: int, *, number: int) -> Labels:
    from sklearn.cluster import KMeans

    return np.asarray(KMeans(number, n_init=10, random_state=seed).fit_predict(study.vectors), np.int64)


def _bertopic(study: Study, seed: int, *, tuned: bool) -> Labels:
    from bertopic import BERTopic
    from hdbscan import HDBSCAN
    from sklearn.feature_extraction.text import CountVectorizer
    from umap import UMAP

    near, least = (10, 5) if tuned else (15, 10)
    model = BERTopic(
        language="multilingual",
        vectorizer_model=CountVectorizer(analyzer=content_words),
        umap_model=UMAP(n_neighbors=near, n_components=5, min_dist=0.0, metric="cosine", random_state=seed),
        hdbscan_model=HDBSCAN(min_cluster_size=least, min_samples=1 if tuned else None, prediction_data=True),
    )
    topics, _ = model.fit_transform(list(study.texts), embeddings=study.vectors)
    return np.asarray(topics, np.int64)


def _lda(study: Study, seed: int, *, number: int) -> Labels:
    from sklearn.decomposition import LatentDirichletAllocation
    from sklearn.feature_extraction.text import CountVectorizer

    counts = CountVectorizer(analyzer=lambda words: words, min_df=2).fit_transform(study.words)
    mixed = LatentDirichletAllocation(number, max_iter=20, random_state=seed).fit_transform(counts)
    return np.asarray(mixed.argmax(axis=1), np.int64)


def _turftopic(study: Study, seed: int, *, number: int, clustering: bool) -> Labels:
    from sklearn.cluster import KMeans
    from sklearn.decomposition import PCA
    from sklearn.feature_extraction.text import CountVectorizer
    from turftopic import ClusteringTopicModel, KeyNMF  # type: ignore[import-not-found]

    words = CountVectorizer(analyzer=content_words, min_df=2)
    encoder = _TurftopicEncoder()
    if clustering:
        model = ClusteringTopicModel(
            encoder=encoder, vectorizer=words, dimensionality_reduction=PCA(10, random_state=seed),
            clustering=KMeans(number, n_init=10, random_state=seed), feature_importance="c-tf-idf", random_state=seed,
        )  # fmt: skip
    else:
        model = KeyNMF(number, encoder=encoder, vectorizer=words, random_state=seed)
    mixed = np.asarray(model.fit_transform(list(study.texts), embeddings=study.vectors))
    return np.asarray(mixed.argmax(axis=1), np.int64)


class _TurftopicEncoder:
    """The default encoder under the method name that turftopic calls."""

    def encode(self, sentences: Sequence[str], **_: object) -> NDArray[np.float32]:
        return load_encoder().encode(list(sentences))


def hidden_codes(study: Study) -> dict[str, float]:
    """Return how often codes taken out of the codebook come back as candidates; truths are the codes.

    A quarter of the codes with five passages or more is hidden, eight times. A hidden code is found again where it is
    the commonest truth of a theme called new, or of a group among the uncoded passages. ``codings``: people coded with
    what is left of the codebook. ``suggestions``: nobody coded, the suggester ranks what is left by its names.
    """
    model = ThemeModel().fit(study.texts, vectors=study.vectors, groups=study.groups)
    counts = Counter(study.truth)
    chance, often = np.random.default_rng(1), sorted(truth for truth, count in counts.items() if count >= FEWEST)
    found: dict[str, list[bool]] = {"codings": [], "codings, themes alone": [], "suggestions": []}
    alarms: dict[str, list[bool]] = {"codings": [], "suggestions": []}
    for _ in range(ROUNDS):
        hidden = set(chance.choice(often, max(1, round(HIDDEN * len(often))), replace=False).tolist())
        book = _book([truth for truth in sorted(counts) if truth not in hidden])
        by_hand = model.map_to(book, codes=[[] if truth in hidden else [truth] for truth in study.truth])
        by_rank = model.map_to(book, _Given(book, study))
        themes, groups = _commonest(study, model, by_hand.themes), _commonest_by_source(study, by_hand.uncoded)
        for code in hidden:
            found["codings, themes alone"].append(code in themes)
            found["codings"].append(code in themes | groups)
            found["suggestions"].append(code in _commonest(study, model, by_rank.themes))
        for way, mapped in (("codings", by_hand), ("suggestions", by_rank)):
            known = [t for t in mapped.themes if _truth_of(study, model.theme(t.theme_id).passages) not in hidden]
            alarms[way] += [theme.status == "new" for theme in known]
    return {way: _mean(hits) for way, hits in found.items()} | {
        f"false alarms, {w}": _mean(a) for w, a in alarms.items()
    }


class _Given:
    """A suggester of bare names that is handed the vectors of the study."""

    def __init__(self, book: Codebook, study: Study) -> None:
        self.codes_ = book.ids
        self._suggester = CodeSuggester(codes=[code.name.zh for code in book])
        self._at = {text: row for row, text in enumerate(study.texts)}
        self._vectors = study.vectors

    def rank(self, texts: Sequence[str]) -> NDArray[np.float64]:
        vectors = self._vectors[[self._at[text] for text in texts]].astype(np.float64)
        return self._suggester.rank(list(texts), vectors)


def _truth_of(study: Study, passages: Sequence[int]) -> str:
    return Counter(study.truth[i] for i in passages).most_common(1)[0][0]


def _commonest(study: Study, model: ThemeModel, themes: Iterable[Any]) -> set[str]:
    return {_truth_of(study, model.theme(t.theme_id).passages) for t in themes if t.status == "new"}


def _commonest_by_source(study: Study, groups: Iterable[Any]) -> set[str]:
    return {_truth_of(study, [int(i) for i in re.findall(r"\d+", group.draft.source)]) for group in groups}


def _book(names: Sequence[str]) -> Codebook:
    words = {name: Bilingual(zh=name, en=name) for name in names}
    codes = (Code(id=name, name=word, brief=word, definition=word) for name, word in words.items())
    return Codebook(id="left", version="1", name=Bilingual(zh="余下编码", en="what is left"), codes=tuple(codes))


def interview_answers(data: Path) -> Study:
    """Return the answers of interviews-game; the truth is the question."""
    with (data / "interviews-game" / "answers.csv").open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    found = [(said.strip(), head[at], row[0]) for row in rows for at, said in enumerate(row) if at and said.strip()]
    return Study(*(tuple(column) for column in zip(*found, strict=True)))


def help_seekers(data: Path) -> Study:
    """Return the passages of psyqa-sample; the truth is the question they belong to, the group its writer."""
    rows = json.loads((data / "psyqa-sample" / "first50.json").read_text(encoding="utf-8"))
    found = []
    for row in rows:
        for at, text in enumerate([row["description"], *(answer["answer_text"] for answer in row["answers"])]):
            turn = Turn(speaker="-", role=Role.OTHER, start=0, end=len(text))
            whole = Transcript(id=f"{row['questionID']}-{at}", text=text, turns=(turn,))
            found += [(passage.text, row["question"], whole.id) for passage in segment(whole)]
    return Study(*(tuple(column) for column in zip(*found, strict=True)))


def app_reviews(data: Path) -> Study:
    """Return the reviews of hlcta-appreviews; the truth is the first theme that the researchers gave."""
    import pandas as pd

    frame = pd.read_excel(data / "hlcta-appreviews" / "Coded data.xlsx", sheet_name="Sheet1").fillna("")
    found = [
        (str(said).strip(), re.split("[，,、;；]", str(theme).strip())[0], str(app))
        for said, theme, app in zip(frame["Comment"], frame["Theme"], frame["APP"], strict=True)
    ]
    return Study(*(tuple(column) for column in zip(*(row for row in found if row[0] and row[1]), strict=True)))


def spoken_interviews(data: Path) -> Study:
    """Return the passages of spoken-l1; the truth is the recording, which is weak, the group the participant."""
    found = [
        (passage.text, transcript.id, transcript.id.split("-")[0])
        for transcript in read_transcripts(data / "spoken-l1" / "L1-L1 transcripts")
        for passage in segment(transcript)
    ]
    return Study(*(tuple(column) for column in zip(*found, strict=True)))


CHOSEN_WITH = {
    "interviews-game": "features, number of themes, map",
    "psyqa-sample": "number of themes, map",
    "hlcta-appreviews": "number of themes, map",
    "spoken-l1": "looked at",
}
READERS: dict[str, Callable[[Path], Study]] = {
    "interviews-game": interview_answers,
    "psyqa-sample": help_seekers,
    "hlcta-appreviews": app_reviews,
    "spoken-l1": spoken_interviews,
}
