"""BERTopic's methods where Chinese, a small study or a new pandas needs something said first."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from inspect import signature
from typing import Any

from sklearn.feature_extraction.text import CountVectorizer

from lbc_themes.segmenting import content_words

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
