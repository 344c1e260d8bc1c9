"""Our themes as a real BERTopic object."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer

from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.core.messages import message
from lbc_themes.encoding import load_encoder
from lbc_themes.segmenting import content_words
from lbc_themes.themes.features import Rows, unit

if TYPE_CHECKING:
    from lbc_themes.themes.model import ThemeModel


# --- BERTopic's methods where Chinese, a small study or a new pandas needs something said first.

NO_THEME = "未归入主题"
_WORDS_IN_LABEL = 3
_OLD_NAME = "applymap"
Topics = Any
"""A BERTopic object, which has no types."""


def with_our_ways(found: Topics) -> Topics:
    """Return the BERTopic object with these of its methods seen to; all take what BERTopic's own take.

    ``update_topics`` cuts words as we do unless it is given a vectorizer: its default cuts at blanks and punctuation,
    which makes whole clauses of Chinese the words of a topic. After it, and after ``merge_topics``, ``reduce_topics``
    and ``delete_topics``, a topic keeps its custom label, and one made of several is labelled by its words: BERTopic
    leaves the labels as they were, so that they stand at other topics. ``topics_over_time`` and
    ``visualize_approximate_distribution`` run with pandas 3, and ``visualize_hierarchical_documents`` with few topics.
    Of the others, ``visualize_topics`` needs three topics and ``visualize_hierarchy`` two.
    """
    found.update_topics = partial(_update_topics, found)
    for name in ("merge_topics", "reduce_topics", "delete_topics"):
        setattr(found, name, partial(_relabelled, found, name))
    found.topics_over_time = partial(_topics_over_time, found)
    found.visualize_approximate_distribution = partial(_visualize_approximate_distribution, found)
    found.visualize_hierarchical_documents = partial(_visualize_hierarchical_documents, found)
    return found


def _given(found: Topics, name: str, arguments: Sequence[object], named: dict[str, object]) -> dict[str, Any]:
    """Return what BERTopic's method ``name`` was called with, by name, its defaults filled in."""
    bound = signature(getattr(type(found), name)).bind(found, *arguments, **named)
    bound.apply_defaults()
    return {key: value for key, value in bound.arguments.items() if key != "self"}


def _update_topics(found: Topics, *arguments: object, **named: object) -> None:
    given = _given(found, "update_topics", arguments, named)
    given["docs"] = list(given["docs"])
    given["vectorizer_model"] = given["vectorizer_model"] or CountVectorizer(
        tokenizer=content_words, token_pattern=None, lowercase=False, ngram_range=given["n_gram_range"] or (1, 1)
    )
    _relabelled(found, "update_topics", **given)


def _relabelled(found: Topics, name: str, *arguments: object, **named: object) -> Topics:
    """Run a method that changes topics, and set the custom labels anew, topic by topic."""
    before, labels = list(found.topics_), found.custom_labels_
    found.custom_labels_ = None
    try:
        done = getattr(type(found), name)(found, *arguments, **named)
    except BaseException:
        found.custom_labels_ = labels
        raise
    if labels is not None:
        old = dict(zip(sorted(set(before)), labels, strict=False))
        found.set_topic_labels(_labels(found, before, old))
    return done


def _labels(found: Topics, before: Sequence[int], old: dict[int, str]) -> dict[int, str]:
    made_of: dict[int, set[int]] = {}
    for was, now in zip(before, found.topics_, strict=True):
        made_of.setdefault(int(now), set()).update({int(was)} - {-1})
    worded = found.generate_topic_labels(nr_words=_WORDS_IN_LABEL, topic_prefix=False, separator="、")
    labels = dict(zip(sorted(made_of), worded, strict=True))
    for now, parts in made_of.items():
        if now == -1:
            labels[now] = old.get(-1, NO_THEME)
        elif len(parts) == 1:
            labels[now] = old.get(min(parts), labels[now])
    return labels


def _topics_over_time(found: Topics, *arguments: object, **named: object) -> Topics:
    import pandas as pd

    given = _given(found, "topics_over_time", arguments, named)
    times = list(given["timestamps"])
    if times and isinstance(times[0], str):
        times = list(pd.to_datetime(times, format=given["datetime_format"]))
    return type(found).topics_over_time(found, **(given | {"timestamps": times}))


def _visualize_approximate_distribution(found: Topics, *arguments: object, **named: object) -> Topics:
    with _old_styler():
        return type(found).visualize_approximate_distribution(found, *arguments, **named)


@contextmanager
def _old_styler() -> Iterator[None]:
    """Give pandas' ``Styler`` the old name of ``map``, which pandas 3 took away and BERTopic calls."""
    from pandas.io.formats.style import Styler

    if hasattr(Styler, _OLD_NAME):
        yield
        return
    setattr(Styler, _OLD_NAME, Styler.map)
    try:
        yield
    finally:
        delattr(Styler, _OLD_NAME)


def _visualize_hierarchical_documents(found: Topics, *arguments: object, **named: object) -> Topics:
    given = _given(found, "visualize_hierarchical_documents", arguments, named)
    given["nr_levels"] = min(given["nr_levels"], max(1, len(given["hierarchical_topics"]) - 1))
    return type(found).visualize_hierarchical_documents(found, **given)


class CentredEncoder:
    """The model's encoder for BERTopic: vectors less the mean of the study, unit length."""

    def __init__(self, name: str, mean: Rows) -> None:
        """Remember the encoder's name and the study's mean vector."""
        self.name = name
        self.mean = mean

    def embed(self, documents: Sequence[str], verbose: bool = False) -> NDArray[np.float32]:  # noqa: ARG002, FBT001, FBT002 (BERTopic's own signature)
        """Return the centred vectors of texts; refuses where the study's own vectors are of another encoder."""
        vectors = load_encoder(self.name).encode(list(documents))
        if vectors.shape[1] != len(self.mean):
            raise InputError(
                message("themes.bertopic_dimensions", own=len(self.mean), name=self.name, given=vectors.shape[1])
            )
        return centred(vectors, self.mean)


def centred(vectors: Rows, mean: Rows) -> NDArray[np.float32]:
    """Return vectors less ``mean``, brought to unit length."""
    return unit(vectors.astype(np.float64) - mean).astype(np.float32)


def bertopic_of(model: "ThemeModel") -> Any:  # noqa: ANN401 (BERTopic has no types)
    """Return a BERTopic object whose topics are the themes, in their order from 0, with our words and names.

    BERTopic is handed labels (manual topic modelling), centred vectors and the word cutter, and keeps our order of
    topics; its language is "multilingual", without which it strips every Chinese character. Its embedding model is the
    encoder of the theme model, and ``with_our_ways`` says which of its methods are seen to. Topic 3 is
    ``model.themes_[3]``; the names are its custom labels. The first call takes about ten seconds, the time that
    importing BERTopic takes.
    """
    if not model.themes_:
        raise InputError(message("themes.none_for_bertopic"))
    mean = model.material_.vectors.mean(axis=0)
    topics = {theme.id: number for number, theme in enumerate(model.themes_)}
    found = _empty(CentredEncoder(model.encoder, mean))
    # BERTopic numbers topics by size in an order of its own where sizes are equal.
    found._sort_mappings_by_frequency = lambda documents: documents
    labels = [topics.get(int(label), -1) for label in model.labels_]
    found.fit(list(model.material_.texts), embeddings=centred(model.material_.vectors, mean), y=labels)
    del found._sort_mappings_by_frequency
    names = {number: theme.name for number, theme in enumerate(model.themes_)}
    found.set_topic_labels(names | ({-1: NO_THEME} if -1 in labels else {}))
    return with_our_ways(found)


def _empty(encoder: CentredEncoder) -> Any:  # noqa: ANN401 (BERTopic has no types)
    try:
        from bertopic import BERTopic
        from bertopic.backend import BaseEmbedder
        from bertopic.cluster import BaseCluster
        from bertopic.dimensionality import BaseDimensionalityReduction
    except ImportError as fault:
        raise MissingExtraError(package="bertopic", extra="bertopic", purpose="to_bertopic()") from fault
    # BERTopic takes only its own class for an encoder, and that class is not there before BERTopic is imported.
    embedder = BaseEmbedder()
    embedder.embed = encoder.embed
    return BERTopic(
        language="multilingual",
        embedding_model=embedder,
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=BaseCluster(),
        vectorizer_model=CountVectorizer(analyzer=content_words),
    )
