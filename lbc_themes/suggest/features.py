"""Texts as features: counted pieces and TF-IDF, vectors, languages and context, similarities view by view.

What a codebook says of its codes, and what lies ready of it, is made of the same.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.assets import codebook_path
from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Code, Codebook, Language
from lbc_themes.encoding import MEAN_REMOVED, TextKind
from lbc_themes.text.words import cut, simplified

# --- Counted pieces of texts, and their weights by TF-IDF.

# --- How a text becomes counted pieces: n-grams of characters and letters.

Keys = NDArray[np.int64]

_HAN_BLOCKS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF))
_LATIN_PIECE = re.compile(r"[a-z][a-z']*")
_STRINGS = 1 << 62


@lru_cache(maxsize=100_000)
def _key(piece: str) -> int:
    return _STRINGS | int.from_bytes(blake2b(piece.encode("utf-8", "surrogatepass"), digest_size=7).digest(), "little")


def gram_keys(texts: list[str]) -> tuple[Keys, Keys]:
    """Return the position of a text and the number of a piece, for every piece of every text.

    Pieces are the 1- to 3-grams of Chinese characters, traditional ones as their simplified forms (their code points,
    16 bits each, are the number), and of English the words and the 4-grams of ``<word>``. All texts are looked at
    together.
    """
    texts = [simplified(text) for text in texts]
    points = np.frombuffer("\n".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
    owner = np.repeat(np.arange(len(texts)), [len(text) + 1 for text in texts])[: len(points)]
    han = np.zeros(len(points), bool)
    for first, last in _HAN_BLOCKS:
        han |= (points >= first) & (points <= last)
    inside, numbers = han, points
    rows, keys = [owner[inside]], [numbers[inside]]
    for width in (1, 2):
        inside = inside[:-1] & han[width:]
        numbers = numbers[:-1] + (points[width:] << 16 * width)
        rows.append(owner[: len(inside)][inside])
        keys.append(numbers[inside])
    for row, text in enumerate(texts):
        if english := _letters(text):
            rows.append(np.full(len(english), row, np.int64))
            keys.append(np.array([_key(piece) for piece in english], np.int64))
    return np.concatenate(rows), np.concatenate(keys)


def _letters(text: str) -> list[str]:
    found: list[str] = []
    for word in _LATIN_PIECE.findall(text.lower()):
        marked = f"<{word}>"
        found += [word, *(marked[i : i + 4] for i in range(len(marked) - 3))]
    return found


Floats = NDArray[np.float64]
AnyFloats = NDArray[np.float32] | NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]
Sparse = Any
"""A sparse array of scipy, which has no types."""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Counts of shape ``(texts, pieces)``; ``keys`` are the numbers of the pieces, in order, each once."""

    keys: Keys
    matrix: Sparse

    def part(self, rows: Sequence[int] | NDArray[np.intp]) -> "Counts":
        """Return the counts of the texts at ``rows``."""
        return Counts(keys=self.keys, matrix=self.matrix[rows])


def counted_grams(texts: Sequence[str]) -> Counts:
    """Count the n-grams of characters and letters in each text."""
    rows, keys = gram_keys(list(texts))
    return _counted(rows, keys, len(texts))


def counted_words(texts: Sequence[str]) -> Counts:
    """Count the words of each text, traditional characters as their simplified forms."""
    found = [_word_keys(text) for text in texts]
    rows = np.repeat(np.arange(len(found), dtype=np.int64), [len(keys) for keys in found])
    return _counted(rows, np.array([key for keys in found for key in keys], np.int64), len(found))


@lru_cache(maxsize=20_000)
def _word_keys(text: str) -> tuple[int, ...]:
    return tuple(_key(word) for word in cut(simplified(text).lower()))


def _counted(rows: Keys, keys: Keys, texts: int) -> Counts:
    import scipy.sparse

    known, columns = np.unique(keys, return_inverse=True)
    matrix = scipy.sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=(texts, len(known))).tocsr()
    return Counts(keys=known, matrix=matrix)


class TfIdf:
    """Term frequency (one plus its logarithm) times inverse document frequency, rows of unit length.

    The same weights as scikit-learn's TfidfVectorizer with ``sublinear_tf=True``; only counting is shared.
    """

    def fit(self, counts: Counts) -> "TfIdf":
        """Learn the pieces that occur and how rare each is."""
        texts = counts.matrix.shape[0]
        among = np.bincount(counts.matrix.indices, minlength=len(counts.keys))
        self.keys_ = counts.keys[among > 0]
        self.idf_ = np.log((1 + texts) / (1 + among[among > 0])) + 1
        return self

    def transform(self, counts: Counts) -> Sparse:
        """Return weights of shape ``(texts, pieces)``; pieces that were not there in ``fit`` are left out."""
        import scipy.sparse

        at = np.searchsorted(self.keys_, counts.keys)
        known = self.keys_[np.minimum(at, len(self.keys_) - 1)] == counts.keys if len(self.keys_) else at < 0
        columns, matrix = np.where(known, at, -1), counts.matrix
        kept = columns[matrix.indices] >= 0
        indices = columns[matrix.indices][kept]
        data = (1 + np.log(matrix.data[kept])) * self.idf_[indices]
        ends = np.concatenate([[0], np.cumsum(kept)])[matrix.indptr]
        rows = np.repeat(np.arange(matrix.shape[0]), np.diff(ends))
        lengths = np.sqrt(np.bincount(rows, data**2, minlength=matrix.shape[0]))
        data /= lengths[rows]
        return scipy.sparse.csr_array((data, indices, ends), shape=(matrix.shape[0], len(self.keys_)))


# --- How much rows of weights have in common, quickly where some pieces stand in most texts.

OFTEN = 0.1
"""A piece that this share of texts has is multiplied as a full column, the others as sparse ones."""


def overlap(here: Sparse, there: Sparse) -> Floats:
    """Return ``here @ there.T`` of two sparse arrays as a full one, shape ``(len(here), len(there))``."""
    often = np.bincount(there.indices, minlength=there.shape[1]) > OFTEN * there.shape[0]
    if not often.any():
        return np.asarray((here @ there.T).toarray(), np.float64)
    common, rare = _parted(here, often)
    # A product with itself is symmetric, and numpy then makes half of it, where it sees that both are one array.
    others, other_rare = (common, rare) if there is here else _parted(there, often)
    found: Floats = common @ others.T
    found += (rare @ other_rare.T).toarray()
    return found


def _parted(rows: Sparse, often: Bools) -> tuple[Floats, Sparse]:
    """Return the columns of ``rows`` that are ``often`` there as a full array, and the others as a sparse one."""
    import scipy.sparse

    kept = often[rows.indices]
    full = np.zeros((rows.shape[0], int(often.sum())))
    owner = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    full[owner[kept], (np.cumsum(often) - 1)[rows.indices[kept]]] = rows.data[kept]
    ends = np.concatenate([[0], np.cumsum(~kept)])[rows.indptr]
    return full, scipy.sparse.csr_array((rows.data[~kept], rows.indices[~kept], ends), shape=rows.shape)


# --- Which of the two languages a text is in.

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_LATIN_WORD = re.compile(r"[A-Za-z]+")


def language_of(text: str) -> Language:
    """Return "en" where ``text`` has more Latin words than Chinese characters, else "zh".

    >>> language_of("我也不知道 OK"), language_of("I don't know, 奶奶 said")
    ('zh', 'en')
    """
    return "en" if len(_LATIN_WORD.findall(text)) > len(_HAN.findall(text)) else "zh"


# --- Texts made ready for comparison: their vectors, languages and counted pieces, made once for every use.

Rows = Sequence[int] | NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """Texts with their context. ``vectors`` has shape ``(n, dimensions)``; everything has one row or item a text.

    ``questions`` holds the distinct questions that the texts answer and ``asked`` the row of each text's question
    among them, -1 where it has none; both are None where no text has a question. ``speakers`` names who says each
    text ("" where that is not known). ``mean_removed`` is how much of their mean the vectors' encoder wants taken off.
    """

    texts: Sequence[str]
    vectors: Floats
    languages: Sequence[Language]
    grams: Counts
    questions: "Corpus | None" = None
    asked: Ints | None = None
    speakers: Sequence[str] = ()
    mean_removed: float = MEAN_REMOVED

    @cached_property
    def words(self) -> Counts:
        """The counted words of each text; cutting takes time, so it is done when first asked for."""
        return counted_words(self.texts)

    def part(self, rows: Rows) -> "Corpus":
        """Return the texts at ``rows``, in that order."""
        return Corpus(
            texts=[self.texts[i] for i in rows],
            vectors=self.vectors[rows],
            languages=[self.languages[i] for i in rows],
            grams=self.grams.part(rows),
            questions=self.questions,
            asked=None if self.asked is None else self.asked[rows],
            speakers=[self.speakers[i] for i in rows] if self.speakers else (),
            mean_removed=self.mean_removed,
        )

    def by_language(self) -> dict[Language, list[int]]:
        """Return the rows of each language that occurs."""
        rows: dict[Language, list[int]] = {}
        for row, language in enumerate(self.languages):
            rows.setdefault(language, []).append(row)
        return rows


def corpus_of(
    texts: Sequence[str],
    vectors: Floats,
    *,
    questions: Sequence[str] = (),
    question_vectors: Mapping[str, NDArray[Any]] | None = None,
    speakers: Sequence[str] = (),
    mean_removed: float = MEAN_REMOVED,
) -> Corpus:
    """Return ``texts`` with what is counted in them.

    ``questions`` has one question a text, "" for none, and ``question_vectors`` the vector of each that occurs;
    ``speakers`` one name a text. ``mean_removed`` is that of the encoder that made the vectors.
    """
    distinct = [question for question in dict.fromkeys(questions) if question]
    at = {question: row for row, question in enumerate(distinct)}
    held = question_vectors or {}
    vectors_asked = np.array([held[question] for question in distinct])
    return Corpus(
        texts=texts,
        vectors=np.asarray(vectors, np.float64),
        languages=[language_of(text) for text in texts],
        grams=counted_grams(texts),
        questions=corpus_of(distinct, vectors_asked, mean_removed=mean_removed) if distinct else None,
        asked=np.array([at.get(question, -1) for question in questions], np.intp) if distinct else None,
        speakers=list(speakers),
        mean_removed=mean_removed,
    )


# --- One space for texts: dense vectors and character n-grams, joined in a kernel.

OUTPUTS_AT_ONCE = 64

TextRows = tuple[Floats, Sparse]
Projection = tuple[Floats, Floats]
Means = dict[Language, Floats]


def without_mean(vectors: Floats, mean: Floats, share: float) -> Floats:
    """Return ``vectors`` less a ``share`` of ``mean``, of unit length; zero rows stay zero."""
    blank = ~vectors.any(axis=1)
    moved = vectors - share * mean
    moved[blank] = 0
    unit: Floats = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-12)
    return unit


def means_of(corpus: Corpus) -> Means:
    """Return the mean vector of the texts of each language."""
    return {language: corpus.vectors[rows].mean(axis=0) for language, rows in corpus.by_language().items()}


def centred_vectors(corpus: Corpus, means: Means) -> Floats:
    """Return the vectors less a share of their language's mean, of unit length; shape ``(n, dimensions)``."""
    moved = np.zeros_like(corpus.vectors)
    for language, rows in corpus.by_language().items():
        mean = means.get(language, next(iter(means.values())))
        moved[rows] = without_mean(corpus.vectors[rows], mean, corpus.mean_removed)
    return moved


class TextSpace:
    """Learns the weights of pieces and each language's mean vector; gives similarities to the texts it was fitted on.

    The similarity of two texts is ``dense * cosine of vectors + gram * cosine of n-gram TF-IDF``, with sublinear term
    frequency; the weights add up to one, so that a text is 1 to itself.
    """

    def __init__(self, *, dense: float = 0.4, gram: float = 0.6) -> None:
        """Remember the weights of the two views."""
        self.dense, self.gram = dense, gram

    def fit(self, corpus: Corpus) -> "TextSpace":
        """Learn from the texts of ``corpus``."""
        self.means_ = means_of(corpus)
        self.grams_ = TfIdf().fit(corpus.grams)
        self.rows_ = self.rows(corpus)
        return self

    def rows(self, corpus: Corpus) -> TextRows:
        """Return the texts of ``corpus`` as this space sees them, for ``kernel`` and ``scores``."""
        return centred_vectors(corpus, self.means_), self.grams_.transform(corpus.grams)

    def own_kernel(self) -> Floats:
        """Return the similarities of the fitted texts among themselves, shape ``(n, n)``."""
        return self.kernel(self.rows_)

    def kernel(self, rows: TextRows, fitted: Rows | None = None) -> Floats:
        """Return similarities to the fitted texts, or to those at the rows ``fitted``: shape ``(len(rows), n)``."""
        dense, grams = self.rows_ if fitted is None else (self.rows_[0][fitted], self.rows_[1][fitted])
        kernel: Floats = self.dense * (rows[0] @ dense.T)
        kernel += self.gram * overlap(rows[1], grams)
        return kernel

    def scores(self, rows: TextRows, weights: Floats) -> Floats:
        """Return ``kernel(rows) @ weights`` for ``weights`` of shape ``(n, outputs)``, without making the kernel."""
        found = np.zeros((rows[0].shape[0], weights.shape[1]))
        for start in range(0, weights.shape[1], OUTPUTS_AT_ONCE):
            some = slice(start, start + OUTPUTS_AT_ONCE)
            found[:, some] = projected_scores(rows, self.project(weights[:, some]))
        return found

    def project(self, weights: Floats) -> Projection:
        """Return weights of the fitted texts as weights of each view's columns, to be kept where asked for often."""
        return self.dense * (self.rows_[0].T @ weights), self.gram * (self.rows_[1].T @ weights)


def projected_scores(rows: TextRows, projection: Projection) -> Floats:
    """Return what ``TextSpace.scores`` returns, from weights that were projected before."""
    found: Floats = sum(view @ part for view, part in zip(rows, projection, strict=True))
    return found


# --- The views that are learned from apart: what a text means, its characters, its words; its question; its speaker.

TEXT_VIEWS = {"meaning": 0.35, "characters": 0.65}
"""How the similarity of two texts to a reader is made of views; what is learned has weights of its own."""

ViewRows = dict[str, Any]
Kernels = dict[str, Floats]


class ContextViews:
    """Learns how each view sees coded passages; gives similarities to them, view by view.

    The views of the text are "meaning" (cosine of vectors), "characters" (TF-IDF of n-grams) and "words" (TF-IDF of
    words). Where the coded passages answer two or more different questions, "question meaning" and "question
    characters" see these; where two or more speakers are named, "speaker" is 1 for passages of the same. A text is 1
    to itself in each view, or 0 where it has no such context.
    """

    def fit(self, corpus: Corpus) -> "ContextViews":
        """Learn from the passages of ``corpus``."""
        self.means_, self.characters_ = means_of(corpus), TfIdf().fit(corpus.grams)
        self.words_ = TfIdf().fit(corpus.words)
        self.speakers_ = sorted({speaker for speaker in corpus.speakers if speaker})
        self.questions_ = None
        if corpus.questions is not None and corpus.asked is not None and len(set(corpus.asked.tolist()) - {-1}) > 1:
            used = corpus.questions.part(sorted(set(corpus.asked.tolist()) - {-1}))
            self.questions_ = (means_of(used), TfIdf().fit(used.grams))
        self.rows_ = self.rows(corpus)
        return self

    def rows(self, corpus: Corpus) -> ViewRows:
        """Return the texts of ``corpus`` as each view sees them, for ``kernels``."""
        rows: ViewRows = {
            "meaning": centred_vectors(corpus, self.means_),
            "characters": self.characters_.transform(corpus.grams),
            "words": self.words_.transform(corpus.words),
        }
        if self.questions_ is not None:
            rows |= self._question_rows(corpus, *self.questions_)
        if len(self.speakers_) > 1:
            said_by = np.array(corpus.speakers or [""] * len(corpus.texts), object)
            rows["speaker"] = (said_by[:, None] == np.array(self.speakers_, object)).astype(np.float64)
        return rows

    def _question_rows(self, corpus: Corpus, means: Means, characters: TfIdf) -> ViewRows:
        import scipy.sparse

        count, asked = len(corpus.texts), corpus.asked
        if corpus.questions is None or asked is None:
            none = scipy.sparse.csr_array((count, len(characters.keys_)))
            return {"question meaning": np.zeros_like(corpus.vectors), "question characters": none}
        there = np.flatnonzero(asked >= 0)
        chosen = scipy.sparse.csr_array(
            (np.ones(len(there)), (there, asked[there])), shape=(count, len(corpus.questions.texts))
        )
        return {
            "question meaning": chosen @ centred_vectors(corpus.questions, means),
            "question characters": (chosen @ characters.transform(corpus.questions.grams)).tocsr(),
        }

    def extended(self, corpus: Corpus) -> "ContextViews":
        """Return views that hold the passages of ``corpus`` too, with the weights and means learned before."""
        import scipy.sparse

        longer, new = ContextViews(), self.rows(corpus)
        vars(longer).update(vars(self))
        longer.rows_ = {
            name: scipy.sparse.vstack([old, new[name]]).tocsr()
            if scipy.sparse.issparse(old)
            else np.vstack([old, new[name]])
            for name, old in self.rows_.items()
        }
        return longer

    def kernels(self, rows: ViewRows) -> Kernels:
        """Return the similarities of ``rows`` to the passages held, by view: each of shape ``(len(rows), held)``."""
        import scipy.sparse

        return {
            name: overlap(rows[name], held) if scipy.sparse.issparse(held) else rows[name] @ held.T
            for name, held in self.rows_.items()
        }


def text_similarity(kernels: Kernels) -> Floats:
    """Return how alike texts are to a reader, from the kernels of their views: 1 for the same words."""
    alike: Floats = sum((weight * kernels[name] for name, weight in TEXT_VIEWS.items()), np.zeros(1))
    return alike


def nearness(texts: Corpus, others: Corpus) -> Floats:
    """Return how alike each of ``texts`` and each of ``others`` are by all views, shape ``(texts, others)``.

    The mean of the views of the text; where a text answers a question and some of the ``others`` do, what was asked
    counts a quarter.
    """
    views = ContextViews().fit(others)
    kernels = views.kernels(views.rows(texts))
    text = (kernels["meaning"] + kernels["characters"] + kernels["words"]) / 3
    if "question meaning" not in kernels or texts.asked is None:
        return text
    question = (kernels["question meaning"] + kernels["question characters"]) / 2
    alike: Floats = np.where((texts.asked >= 0)[:, None], 0.75 * text + 0.25 * question, text)
    return alike


# --- The codebook's own texts: what describes each code, its examples, and what lies ready of them.


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeDescription:
    """One code in one language: ``label`` for the dense view, ``words`` for the lexical view."""

    label: str
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeExample:
    """An example of codes: positions in the codes, the main one first; none for small talk.

    ``own`` means that it stands in the codebook's entry itself, and may be quoted to a coder as such.
    """

    text: str
    language: Language
    codes: tuple[int, ...]
    own: bool


def code_descriptions(
    codebook: Codebook | None, names: Sequence[str] | None, language: Language
) -> list[CodeDescription]:
    """Return what describes each code in ``language``; a bare name describes itself in both."""
    if codebook is None:
        return [CodeDescription(label=name, words=name) for name in names or ()]
    return [_described(code, language) for code in codebook]


def _described(code: Code, language: Language) -> CodeDescription:
    name, brief, definition = (part.said(language) for part in (code.name, code.brief, code.definition))
    included = [rule.text.said(language) for rule in code.include]
    examples = [example.text.said(language) for example in (*code.typical, *code.atypical)]
    indicators = code.indicators if language == "zh" else ()
    return CodeDescription(
        label=f"{name}：{brief}{definition}",
        words="\n".join([name, name, name, brief, definition, *included, *examples, *indicators]),
    )


def code_examples(codebook: Codebook | None) -> list[CodeExample]:
    """Return every example of the codebook in its language, its entries' own first."""
    if codebook is None:
        return []
    position = {code_id: i for i, code_id in enumerate(codebook.ids)}
    languages: tuple[Language, ...] = ("zh", "en")
    own = [
        CodeExample(text=example.text.said(language), language=language, codes=(position[code.id],), own=True)
        for language in languages
        for code in codebook
        for example in (*code.typical, *code.atypical)
        if language == "zh" or example.text.en != example.text.zh
    ]
    further = [
        CodeExample(text=u.text, language=u.language, codes=tuple(position[i] for i in u.code_ids), own=False)
        for u in codebook.utterances
    ]
    return own + further


def code_ids(codebook: Codebook | None, names: Sequence[str] | None) -> tuple[str, ...]:
    """Return the codes' ids, after checking that one of codebook and names is given, and that no id comes twice."""
    if (codebook is None) == (names is None):
        raise InputError(message("suggest.codebook_or_codes"))
    ids = _names(names) if names is not None else _ids(codebook)
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if len(ids) < 2 or twice:
        raise InputError(message("suggest.two_codes_or_more", count=len(ids), twice=twice))
    return ids


def bare_names(codebook: Codebook | None, names: Sequence[str] | None) -> tuple[str, ...] | None:
    """Return the names that stand in place of a codebook, checked as ``code_ids`` does; None where there is one."""
    ids = code_ids(codebook, names)
    return ids if codebook is None else None


def _ids(codebook: object) -> tuple[str, ...]:
    if not isinstance(codebook, Codebook):
        raise InputError(message("suggest.codebook_type", codebook=codebook))
    return codebook.ids


def _names(names: object) -> tuple[str, ...]:
    if isinstance(names, str | AbstractSet | Mapping) or not isinstance(names, Iterable):
        raise InputError(message("suggest.codes_type", names=names))
    found = tuple(names)
    for place, name in enumerate(found):
        if not isinstance(name, str) or not name.strip():
            raise InputError(message("suggest.code_name", place=place, name=name))
    return tuple(str(name) for name in found)


def texts_to_encode(codebook: Codebook) -> dict[TextKind, list[str]]:
    """Return every text of the codebook that is encoded to rank by it, by kind."""
    languages: tuple[Language, ...] = ("zh", "en")
    labels = [code.label for language in languages for code in code_descriptions(codebook, None, language)]
    return {"query": labels, "passage": [example.text for example in code_examples(codebook)]}


# --- What depends on a codebook alone and travels with the library for its own: words of its codes, what it teaches.
#
# Each part lies under a digest of all that it was made from. A codebook that was changed, or is another, is simply not
# there, and the part is worked out anew.

PREPARED = codebook_path("prepared.v1.npz")

Arrays = dict[str, NDArray[Any]]


def digest(*made_from: object) -> str:
    """Return 32 hexadecimal digits that stand for ``made_from``, which must be of texts, numbers and lists of them."""
    return hashlib.sha256(json.dumps(made_from, ensure_ascii=True).encode()).hexdigest()[:32]


@cache
def _read(path: Path) -> Arrays:
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def prepared(key: str, parts: Sequence[str]) -> list[NDArray[Any]] | None:
    """Return the arrays ``parts`` that were made from what ``key`` stands for, or None where they were not."""
    names = [f"{key}.{part}" for part in parts]
    known = _read(PREPARED) if PREPARED.is_file() else {}
    return [known[name] for name in names] if all(name in known for name in names) else None


def write_prepared(path: Path, parts: dict[str, Arrays]) -> None:
    """Write arrays by name, under the key of what they were made from, as ``prepared`` reads them."""
    arrays: Any = {f"{key}.{name}": part[name] for key, part in sorted(parts.items()) for name in sorted(part)}
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)
