"""Features for clustering: meaning and wording, each centred, then drawn a little towards their neighbours."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import ParamSpec, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Passage
from lbc_themes.encoding import load_encoder
from lbc_themes.segmenting import content_words
from lbc_themes.suggest import CodeSuggester
from lbc_themes.text.words import filler_pattern, is_backchannel, simplified, without_stage_notes
from lbc_themes.themes.code_view import CodeView, code_view, risk_marks, to_set_aside

# --- What is clustered: texts with their participants, in an order that does not depend on the input's.

Texts = Sequence[str] | Sequence[Passage]
Rows = NDArray[np.float32]
Labels = NDArray[np.int64]

_FEWEST_CHARACTERS = 2


@dataclass(frozen=True, kw_only=True)
class Material:
    """Texts, who said them, and their vectors, row by row.

    ``groups`` are participants, "" where unknown. ``vectors`` is (n, d) float32. ``passages`` is empty where plain
    texts were given. ``marked`` are the texts that are marked as risk and ``aside`` those that are set aside, shape
    (n,); ``view`` is what a codebook adds, None without one. ``order`` lists the rows that can be clustered, sorted by
    text, participant and vector, so that shuffled input is clustered the same.
    """

    texts: tuple[str, ...]
    groups: tuple[str, ...]
    vectors: Rows
    marked: NDArray[np.bool_]
    aside: NDArray[np.bool_]
    passages: tuple[Passage, ...] = ()
    view: CodeView | None = None

    @cached_property
    def words(self) -> tuple[tuple[str, ...], ...]:
        """The content words of each text; a transcriber's notes such as （笑） hold none."""
        return tuple(tuple(content_words(without_stage_notes(text))) for text in self.texts)

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """The positions of texts that say something, in canonical order."""
        says = [i for i, text in enumerate(self.texts) if not self.aside[i] and _says_something(text, self.words[i])]
        says.sort(key=lambda i: (self.texts[i], self.groups[i], self.vectors[i].tobytes()))
        return np.array(says, np.int64)

    @property
    def different(self) -> int:
        """How many different texts say something."""
        return len({self.texts[i] for i in self.order})

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """The role of each text's speaker, "" where plain texts were given."""
        return tuple(str(passage.role) for passage in self.passages) or ("",) * len(self.texts)

    def __len__(self) -> int:
        return len(self.texts)


def material_of(
    passages_or_texts: Texts,
    vectors: ArrayLike | None,
    groups: Sequence[object] | None,
    encoder: str,
    suggester: CodeSuggester | None = None,
    marked: Sequence[bool] | None = None,
) -> Material:
    """Return the material of passages or texts; with a suggester, beside its codes, and small talk set aside.

    Vectors are made with ``encoder`` where none are given; the groups of passages are their transcripts, and a group
    that is None or not a number is an unknown participant. Texts with words of distress are ``marked`` unless it is
    said which are.
    """
    texts, passages = _texts(passages_or_texts)
    rows = load_encoder(encoder).encode(texts) if vectors is None else _rows(vectors, len(texts))
    marks = risk_marks(texts) if marked is None else np.asarray(list(marked), bool)
    if marks.shape != (len(texts),):
        raise InputError(message("themes.marked_count", given=len(marks), n=len(texts)))
    view = None if suggester is None else code_view(suggester, texts, passages, rows)
    aside = np.zeros(len(texts), bool) if view is None else to_set_aside(view, marks)
    return Material(
        texts=texts, groups=_groups(groups, passages, len(texts)), vectors=rows, passages=passages, marked=marks,
        aside=aside, view=view,
    )  # fmt: skip


def is_whole(value: object) -> bool:
    """Say whether ``value`` is a whole number; True and False are none."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _texts(given: Texts) -> tuple[tuple[str, ...], tuple[Passage, ...]]:
    if isinstance(given, str | Mapping) or hasattr(given, "columns") or not isinstance(given, Iterable):
        kind = message("themes.one_string") if isinstance(given, str) else type(given).__name__
        raise InputError(message("themes.texts_kind", kind=kind))
    items = list(given)
    passages = tuple(item for item in items if isinstance(item, Passage))
    if passages and len(passages) == len(items):
        return tuple(passage.text for passage in passages), passages
    for number, item in enumerate(items):
        if not isinstance(item, str):
            raise InputError(message("themes.item_type", number=number, kind=type(item).__name__))
    return tuple(str(item) for item in items), ()


def _rows(vectors: ArrayLike, n: int) -> Rows:
    try:
        rows = np.ascontiguousarray(vectors, np.float32)
    except (TypeError, ValueError):
        raise InputError(message("themes.vectors_type", n=n)) from None
    if rows.ndim != 2 or len(rows) != n:
        raise InputError(message("themes.vectors_shape", shape=str(rows.shape), n=n))
    bad = np.flatnonzero(~np.isfinite(rows).all(axis=1))
    if len(bad):
        raise InputError(message("themes.vector_not_finite", row=bad[0]))
    return rows


def _groups(groups: Iterable[object] | None, passages: tuple[Passage, ...], n: int) -> tuple[str, ...]:
    if groups is None:
        return tuple(passage.transcript_id for passage in passages) or ("",) * n
    given = [groups] if isinstance(groups, str) else list(groups)
    if len(given) != n:
        raise InputError(message("themes.groups_count", given=len(given), n=n))
    return tuple("" if group is None or group != group else str(group) for group in given)


def _says_something(text: str, words: Sequence[str]) -> bool:
    if sum(map(len, words)) < _FEWEST_CHARACTERS:
        words = content_words(text)
    return sum(map(len, words)) >= _FEWEST_CHARACTERS and not is_backchannel(text)


Features = NDArray[np.float64]

WORDING_DIMENSIONS = 128
NEIGHBOURS = 5
DRAW = 0.5
DRAWN_TIMES = 2
MOST_LOOKED_AT = 5000
"""Rows up to which all are looked at for a row's neighbours and for the directions of wording; of more, so many."""

_RARE_FROM = 50
_SHRINK = 5.0
_BLOCK = 1024


def features_of(material: Material, *, centre_speakers: bool, with_codes: bool = True) -> Features:
    """Return the features of the rows of ``material.order``, shape (rows, dimensions), about unit length.

    Half is the dense vectors less their mean, half the first 128 singular vectors of character 1-3-gram TF-IDF (fillers
    left out); both halves are brought to unit length row by row. Then, twice, every row is drawn half way to the mean
    of its five nearest neighbours. Of more than 5,000 rows, neighbours and singular vectors come from so many at equal
    steps. With ``centre_speakers`` the mean of each participant's rows, shrunk as n / (n + 5), is
    taken off as well: how someone speaks is then not what makes a theme. With ``with_codes`` the code profile and the
    question stand beside them where the material has them (see ``CodeView``). No chance is in any of it.
    """
    texts = [material.texts[i] for i in material.order]
    groups = np.array([material.groups[i] for i in material.order]) if centre_speakers else None
    dense = material.vectors[material.order].astype(np.float64)
    wording = _wording(texts)
    beside = [] if material.view is None or not with_codes else [material.view.features(material.order)]
    return _drawn(np.hstack([_centred(dense, groups), _centred(wording, groups), *beside]))


def _wording(texts: Sequence[str]) -> Features:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    bare = [filler_pattern().sub("", simplified(text)) for text in texts]
    counts = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True).fit_transform(bare)
    common = np.flatnonzero(np.bincount(counts.indices, minlength=counts.shape[1]) > 1)
    if len(texts) >= _RARE_FROM and len(common) > WORDING_DIMENSIONS:
        counts = normalize(counts[:, common])
    dimensions = min(WORDING_DIMENSIONS, min(counts.shape) - 1)
    if dimensions < 1 or len(set(bare)) == 1:
        return np.zeros((len(texts), 1))
    model = TruncatedSVD(dimensions, algorithm="arpack", random_state=0).fit(counts[looked_at(len(texts))])
    rows: Features = model.transform(counts)
    return rows


def looked_at(rows: int) -> NDArray[np.int64]:
    """Return the positions of at most 5,000 of so many rows, at equal steps."""
    return np.unique(np.linspace(0, rows - 1, min(rows, MOST_LOOKED_AT)).astype(np.int64))


def _centred(rows: Features, groups: NDArray[np.str_] | None) -> Features:
    rows = rows - rows.mean(axis=0)
    if groups is not None:
        for group in np.unique(groups):
            own = groups == group
            rows[own] -= rows[own].mean(axis=0) * own.sum() / (own.sum() + _SHRINK)
    return unit(rows)


def unit(rows: Features) -> Features:
    """Return rows of unit length; rows of zeros stay."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Features = rows / np.where(length > 1e-12, length, 1.0)
    return scaled


def _drawn(rows: Features) -> Features:
    neighbours = min(NEIGHBOURS, (len(rows) - 1) // 4)
    if neighbours < 1:
        return unit(rows)
    among = looked_at(len(rows))
    for _ in range(DRAWN_TIMES):
        units, means = unit(rows), np.empty_like(rows)
        for start in range(0, len(rows), _BLOCK):
            near = among[_nearest(units, start, among, neighbours)]
            means[start : start + len(near)] = rows[near].mean(axis=1)
        rows = unit((1 - DRAW) * rows + DRAW * means)
    return rows


def _nearest(units: Features, start: int, among: NDArray[np.int64], neighbours: int) -> NDArray[np.int64]:
    """Return the places in ``among`` of the nearest rows of each row of a block, itself left out."""
    likeness = np.round(units[start : start + _BLOCK] @ units[among].T, 9)
    own = np.searchsorted(among, np.arange(start, start + len(likeness)))
    there = np.flatnonzero(among[np.minimum(own, len(among) - 1)] == np.arange(start, start + len(likeness)))
    likeness[there, own[there]] = -2
    likeness -= 1e-12 * np.arange(len(among))  # of equals the first: the order of the input must not matter
    nearest: NDArray[np.int64] = np.argpartition(-likeness, neighbours - 1, axis=1)[:, :neighbours]
    return np.sort(nearest, axis=1)


# --- Whether everyone was asked the same questions.

_FEWEST_PEOPLE = 5
_SHARE = 0.5


def everyone_was_asked_the_same(material: Material) -> bool:
    """Say whether most passages answer a question, word for word, that half of at least five participants answered."""
    people = set(material.groups)
    if len(people) < _FEWEST_PEOPLE or not material.passages:
        return False
    answered: defaultdict[str, set[str]] = defaultdict(set)
    for passage, group in zip(material.passages, material.groups, strict=True):
        answered[passage.question].add(group)
    common = {question for question, who in answered.items() if question and len(who) >= _SHARE * len(people)}
    return sum(passage.question in common for passage in material.passages) >= _SHARE * len(material)


# --- One thread for the small matrices of a small study.

Given = ParamSpec("Given")
Result = TypeVar("Result")


def on_one_thread(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Return ``function`` with numerical libraries held to one thread while it runs.

    Sums come out the same whatever the number of cores, and where cores are busy, many short parallel steps that wait
    for one another take up to twenty times as long as one thread does.
    """

    @wraps(function)
    def held(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1):
            return function(*args, **kwargs)

    return held
