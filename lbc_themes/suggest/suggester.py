"""Suggest codes for passages, learn from a coder's decisions, and say why; a person decides."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Codebook, Coding, Passage, RankedCode, Suggestion
from lbc_themes.encoding import Encoder, load_encoder, mean_removed_by
from lbc_themes.suggest.abstention import NOT_SURE, abstention_reasons, too_short, zero_shot_codable
from lbc_themes.suggest.calibration import MACRO, first_line, sigmoid
from lbc_themes.suggest.explain import Explainer, Pools
from lbc_themes.suggest.features import (
    AnyFloats,
    Bools,
    Corpus,
    Floats,
    Kernels,
    bare_names,
    code_ids,
    corpus_of,
    nearness,
    text_similarity,
)
from lbc_themes.suggest.fine_tuning import TunedView
from lbc_themes.suggest.learner import FEW, LOGISTIC_RIDGE, RIDGE, Learner, leavable
from lbc_themes.suggest.selective import accepted, families
from lbc_themes.suggest.zero_shot import QUESTION_WEIGHT, Compared, Prior, ZeroShot, zero_shot_logits
from lbc_themes.text.words import simplified

if TYPE_CHECKING:
    from lbc_themes.suggest.active_learning import Changes
    from lbc_themes.suggest.disagreements import Disagreements


# --- What callers give, checked and brought to one form.


@dataclass(frozen=True, kw_only=True)
class TextsInContext:
    """Texts that were checked, each with the question it answers and the role of its speaker, "" where not known."""

    texts: list[str]
    questions: list[str]
    speakers: list[str]

    def part(self, rows: slice) -> "TextsInContext":
        """Return the texts at ``rows``."""
        return TextsInContext(texts=self.texts[rows], questions=self.questions[rows], speakers=self.speakers[rows])

    def and_then(self, further: "TextsInContext") -> "TextsInContext":
        """Return these texts and ``further`` ones after them."""
        return TextsInContext(
            texts=self.texts + further.texts,
            questions=self.questions + further.questions,
            speakers=self.speakers + further.speakers,
        )


Texts = Sequence[str] | Sequence[Passage] | TextsInContext
"""What is coded: bare strings, or passages, which bring the question they answer and who speaks."""


def in_context(texts: Texts) -> TextsInContext:
    """Return ``texts`` with their context; bare strings have none.

    A column or a table of one column and an array of one dimension, or of two with one column, are taken too. Raises
    InputError for a single string, a table of several columns, and, by its place, an item that is neither a string nor
    a passage.
    """
    if isinstance(texts, TextsInContext):
        return texts
    if isinstance(texts, str | bytes | Mapping) or not hasattr(texts, "__iter__"):
        raise InputError(message("suggest.texts_type"))
    items = _single_column(texts)
    for place, item in enumerate(items):
        if not isinstance(item, str | Passage):
            raise InputError(
                message("suggest.text_type", plain=message("suggest.texts_type"), place=place, given=_short(item))
            )
    return TextsInContext(
        texts=[item.text if isinstance(item, Passage) else str(item) for item in items],
        questions=[item.question if isinstance(item, Passage) else "" for item in items],
        speakers=[item.role.value if isinstance(item, Passage) else "" for item in items],
    )


def _single_column(texts: Any) -> list[Any]:  # noqa: ANN401 (a list, an array, a column or a table)
    if hasattr(texts, "columns"):
        if len(texts.columns) != 1:
            names = ", ".join(str(name) for name in list(texts.columns)[:5])
            raise InputError(message("suggest.several_columns", plain=message("suggest.texts_type"), names=names))
        return list(texts[texts.columns[0]])
    if isinstance(texts, np.ndarray) and texts.ndim == 2 and texts.shape[1] == 1:
        return list(texts[:, 0])
    return list(texts)


def only_passages(passages: Sequence[Passage]) -> Sequence[Passage]:
    """Return ``passages``. Raises InputError for what is no passage."""
    for place, passage in enumerate(passages):
        if not isinstance(passage, Passage):
            raise InputError(message("suggest.passage_type", place=place, given=_short(passage)))
    return passages


def groups_of(groups: Sequence[object] | None, n_texts: int) -> list[str] | None:
    """Return the group of each text as a string, which a saved suggester has too; None where none are given.

    Refuses another number of groups, and one that is missing (None or not a number).
    """
    if groups is None:
        return None
    if isinstance(groups, str) or not hasattr(groups, "__iter__") or hasattr(groups, "columns"):
        raise InputError(message("suggest.groups_type", given=_short(groups)))
    found = list(groups)
    if len(found) != n_texts:
        raise InputError(message("suggest.groups_count", texts=n_texts, groups=len(found)))
    for place, group in enumerate(found):
        if group is None or group != group:
            raise InputError(message("suggest.group_type", place=place, given=_short(group)))
    return [str(group) for group in found]


def vectors_of(vectors: Any, n_texts: int, dimensions: int) -> Floats:  # noqa: ANN401 (whatever numpy takes)
    """Return vectors of shape ``(n_texts, dimensions)``; refuses any other shape and what is not a finite number."""
    found = np.asarray(vectors)
    if len(found) != n_texts:
        raise InputError(message("suggest.vectors_count", texts=n_texts, vectors=len(found)))
    if found.shape != (n_texts, dimensions) or not np.isfinite(found).all():
        raise InputError(message("suggest.vectors_shape", texts=n_texts, dimensions=dimensions, shape=str(found.shape)))
    return found.astype(np.float64)


def _short(value: object) -> str:
    shown = " ".join(repr(value).split())
    return shown if len(shown) <= 40 else f"{shown[:40]}…"


# --- Coded texts as the suggester takes them: code sets or a 0/1 array, checked and brought to one form.

CodeSets = Sequence[Iterable[str]] | NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class CodedTexts:
    """Coded texts that were checked; ``targets`` have shape ``(n, codes)``, ``vectors`` ``(n, dimensions)``."""

    texts: TextsInContext
    targets: Floats
    groups: list[str] | None
    vectors: Floats

    def part(self, rows: slice) -> "CodedTexts":
        """Return the texts at ``rows``."""
        groups = None if self.groups is None else self.groups[rows]
        return CodedTexts(
            texts=self.texts.part(rows), targets=self.targets[rows], groups=groups, vectors=self.vectors[rows]
        )


def targets_of(code_sets: CodeSets, codes: Sequence[str], n_texts: int) -> Floats:
    """Return 0/1 targets of shape ``(n_texts, codes)``.

    ``code_sets`` is one collection of code ids a text (empty: coded, and nothing applies), or an array of 0 and 1 of
    that shape already, which may be sparse or a table whose columns are named as the codes, in any order. Refuses ids
    that are not codes and any other length.
    """
    if hasattr(code_sets, "columns"):
        return _from_array(_ordered(code_sets, codes), codes, n_texts)
    array = code_sets.toarray() if hasattr(code_sets, "toarray") else code_sets
    if isinstance(array, np.ndarray) and array.ndim == 2:
        return _from_array(array, codes, n_texts)
    if isinstance(array, str | Mapping) or not hasattr(array, "__iter__"):
        raise InputError(message("suggest.code_sets_type", given=array))
    sets = list(array)
    if len(sets) != n_texts:
        raise InputError(message("suggest.code_sets_count", texts=n_texts, sets=len(sets)))
    position = {code: i for i, code in enumerate(codes)}
    targets = np.zeros((n_texts, len(codes)))
    for row, chosen in enumerate(sets):
        targets[row, _places(row, chosen, position)] = 1
    return targets


def _places(row: int, chosen: Any, position: dict[str, int]) -> list[int]:  # noqa: ANN401 (from outside)
    if isinstance(chosen, str):
        raise InputError(message("suggest.code_set_is_string", row=row, given=str(chosen)))
    if not hasattr(chosen, "__iter__"):
        raise InputError(message("suggest.code_set_type", row=row, given=chosen))
    codes = list(chosen)
    for code in codes:
        if not isinstance(code, str) or code not in position:
            known = ", ".join(list(position)[:8])
            array = "" if isinstance(code, str) else "; zeros and ones are given as an array: np.array(code_sets)"
            raise InputError(message("suggest.unknown_code_in_set", row=row, code=code, known=known, array=array))
    return [position[code] for code in codes]


def _ordered(table: Any, codes: Sequence[str]) -> NDArray[Any]:  # noqa: ANN401 (a pandas or polars table)
    if sorted(map(str, table.columns)) != sorted(codes):
        unknown = [str(name) for name in table.columns if name not in codes]
        raise InputError(
            message("suggest.table_of_codes", codes=len(codes), unknown=unknown[:8] or message("core.none"))
        )
    return np.asarray(table[list(codes)])


def _from_array(array: NDArray[Any], codes: Sequence[str], n_texts: int) -> Floats:
    if array.shape != (n_texts, len(codes)) or not np.isin(array, (0, 1)).all():
        raise InputError(message("suggest.array_of_codes", texts=n_texts, codes=len(codes), shape=str(array.shape)))
    return array.astype(np.float64)


GROWTH = 1.1
REMEMBERED_QUESTIONS = 20_000
Tune = Literal["", "encoder"]


class CodeSuggester(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Ranks the codes of a codebook for texts and suggests the best, or says that nothing fits.

    ``codebook`` is a Codebook; ``codes=[...]`` takes bare names or questions in its place. ``encoder`` is an encoder's
    name or an encoder. With nothing coded the ranking comes from the codebook alone: a ridge regression on its
    examples, the dense similarity to its definitions and the TF-IDF similarity to its words. ``fit`` and
    ``partial_fit`` learn from coded passages; with a handful the two are blended, with hundreds the passages lead.

    Wherever texts are taken, passages are taken too, and read as answers: the question that a passage answers and the
    role of its speaker are views beside its text, whose weights are learned from what is coded. Bare strings have no
    context.

    ``ridge`` and ``logistic_ridge`` keep what is learned from each view and from all together close to nothing.
    ``blend`` is the number of coded passages at which they count as much as a codebook whose first code is right as
    often as theirs; one that is right less often counts less, and a code that few passages have keeps more of what it
    says. ``question_weight`` is what the question counts beside
    the text while nothing is coded. ``macro_weight`` is what a point of macro-F1 is worth in points of micro-F1 where
    thresholds for codes are chosen.

    Follows scikit-learn: the constructor stores, ``fit`` learns, what is learned ends in an underscore, ``clone`` and
    ``cross_val_predict`` work (there, give the codes as an array of 0 and 1).

    >>> texts = ["我天天想我妈妈，想得睡不着。", "作业太多了，写到半夜。", "我想我爸爸。", "老师布置的作业写不完。"]
    >>> suggester = CodeSuggester(codes=["想念父母", "作业压力"], encoder="static-zh")
    >>> suggester = suggester.fit(texts, [["想念父母"], ["作业压力"], ["想念父母"], ["作业压力"]])
    >>> suggester.rank(["我好想妈妈"]).argmax(axis=1), suggester.predict_proba(texts).shape
    (array([0]), (4, 2))
    """

    def __init__(
        self,
        codebook: Codebook | None = None,
        *,
        codes: Sequence[str] | None = None,
        encoder: str | Encoder = "e5-small-zh.v1",
        ridge: float = RIDGE,
        logistic_ridge: float = LOGISTIC_RIDGE,
        blend: float = FEW,
        question_weight: float = QUESTION_WEIGHT,
        macro_weight: float = MACRO,
    ) -> None:
        """Remember the choices; nothing is read or learned yet."""
        self.codebook = codebook
        self.codes = codes
        self.encoder = encoder
        self.ridge = ridge
        self.logistic_ridge = logistic_ridge
        self.blend = blend
        self.question_weight = question_weight
        self.macro_weight = macro_weight

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401 (scikit-learn has no types)
        """Say what scikit-learn asks of an estimator: texts come in, several codes a text go out."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.target_tags.multi_output = True
        tags.no_validation = True
        return tags

    def unfitted(self) -> "CodeSuggester":
        """Return a suggester of the same choices that has learned nothing; it shares the encoder with this one."""
        return CodeSuggester(**self.get_params(deep=False))

    @property
    def codes_(self) -> tuple[str, ...]:
        """The code ids, in the order of the columns of every array."""
        return code_ids(self.codebook, self.codes)

    @property
    def classes_(self) -> "NDArray[np.intp]":
        """The columns' numbers, which scikit-learn asks of a multi-label classifier."""
        return np.arange(len(self.codes_))

    @property
    def coded_(self) -> int:
        """The number of coded texts learned from."""
        return len(self.texts_) if hasattr(self, "context_") else 0

    def fit(
        self, texts: Texts, code_sets: CodeSets, groups: Sequence[object] | None = None,
        vectors: AnyFloats | None = None, tune: Tune = "",
    ) -> Self:  # fmt: skip
        """Learn from coded texts, forgetting what was learned before.

        ``code_sets`` is one collection of code ids a text (empty: coded, and nothing applies), or an array of 0 and 1
        of shape ``(n, codes)``. ``groups`` names the participant of each text: calibration and thresholds then come
        from answers of participants left out. ``vectors`` saves encoding where they are at hand.

        ``tune="encoder"`` also trains the upper layers of the library's own encoder on these texts, which takes minutes
        (it says how many) and adds a little where there are many hundreds; needs ``pip install 'lbc_themes[tune]'``.
        Ctrl-C ends it early with what it has. ``partial_fit`` later keeps what was tuned as it is.

        Raises InputError for another ``tune``, for texts, code sets, groups or vectors that do not fit one another, and
        for codes that the codebook lacks.
        """
        if tune not in get_args(Tune):
            raise InputError(message("suggest.tune", tune=tune))
        return self.fit_beside(TunedView() if tune else None, texts, code_sets, groups, vectors)

    def fit_beside(
        self, tuned: TunedView | None, texts: Texts, code_sets: CodeSets, groups: Sequence[object] | None,
        vectors: AnyFloats | None, parts: Sequence[int] = (),
    ) -> Self:  # fmt: skip
        """Learn as ``fit`` does, with a view of a tuned encoder: one yet to be fitted, or one tuned on these texts.

        ``parts`` are the sizes of the parts that the texts came in (`parts_`), to learn as was learned from them.
        """
        taken = self._coded(texts, code_sets, groups, vectors)
        if tuned is not None and not tuned.fitted:
            tuned = (
                tuned if tuned.fit(self._encoder(), taken.texts.texts, taken.targets, leavable(taken.groups)) else None
            )
        self.context_ = TextsInContext(texts=[], questions=[], speakers=[])
        self.targets_ = np.zeros((0, len(self.codes_)))
        self.vectors_ = np.zeros((0, self._encoder().dimensions))
        self.groups_: list[str] | None = []
        self.parts_: list[int] = []
        self.learner_: Learner | None = None
        self.tuned_ = tuned
        self.choices_ = self._choices()
        first, *further = parts or [len(taken.targets)]
        self._learn(taken.part(slice(first)))
        if further:
            rest = taken.part(slice(first, None))
            self._keep(rest)
            self._extend(rest, further)
        return self

    def partial_fit(
        self, texts: Texts, code_sets: CodeSets, groups: Sequence[object] | None = None,
        vectors: AnyFloats | None = None,
    ) -> Self:  # fmt: skip
        """Learn from further coded texts as well, as ``fit`` on all of them would, but at once.

        Until the coded texts have grown by a tenth, their words are weighted and their answers calibrated as before. A
        tuned encoder stays as it is.
        """
        if not hasattr(self, "context_"):
            return self.fit(texts, code_sets, groups, vectors)
        self._refuse_other_choices()
        self._learn(self._coded(texts, code_sets, groups, vectors))
        return self

    @property
    def texts_(self) -> list[str]:
        """The coded texts learned from, without their context."""
        return self.context_.texts

    def _coded(
        self, texts: Texts, code_sets: CodeSets, groups: Sequence[object] | None, vectors: AnyFloats | None
    ) -> CodedTexts:
        found = in_context(texts)
        count = len(found.texts)
        targets = targets_of(code_sets, self.codes_, count)
        said_by = groups_of(groups, count)
        return CodedTexts(texts=found, targets=targets, groups=said_by, vectors=self._vectors(found.texts, vectors))

    def _learn(self, taken: CodedTexts) -> None:
        grouped = self.groups_ is not None
        self._keep(taken)
        near = self.learner_ is not None and self.coded_ <= GROWTH * self.learner_.checked_
        if near and grouped == (self.groups_ is not None):
            self._extend(taken, [len(taken.targets)])
        elif self.texts_:
            self.parts_ = [self.coded_]
            corpus = self._corpus(self.context_, self.vectors_)
            prior = self._prior(self._zero_shot().compare(corpus))
            tuned = None if self.tuned_ is None else self.tuned_.unseen(self._encoder(), self.texts_)
            learner = Learner(
                ridge=self.ridge, logistic_ridge=self.logistic_ridge, blend=self.blend, macro_weight=self.macro_weight
            )
            self.learner_ = learner.fit(corpus, self.targets_, prior, self.groups_, tuned)

    def _keep(self, taken: CodedTexts) -> None:
        known = self.groups_ is not None and taken.groups is not None
        self.groups_ = [*(self.groups_ or []), *(taken.groups or [])] if known else None
        self.context_ = self.context_.and_then(taken.texts)
        self.targets_ = np.vstack([self.targets_, taken.targets])
        self.vectors_ = np.vstack([self.vectors_, taken.vectors])

    def _extend(self, taken: CodedTexts, sizes: Sequence[int]) -> None:
        assert self.learner_ is not None
        ends = np.cumsum([0, *sizes]).tolist()
        parts = [taken.part(slice(start, end)) for start, end in pairwise(ends)]
        self.parts_ = [*self.parts_, *sizes]
        self.learner_ = self.learner_.extended([self._corpus(p.texts, p.vectors) for p in parts], taken.targets)

    def _choices(self) -> tuple[tuple[str, ...], str, int]:
        return self.codes_, self._encoder().name, self._encoder().dimensions

    def _refuse_other_choices(self) -> None:
        if self.coded_ and self.choices_ != self._choices():
            raise InputError(message("suggest.codes_or_encoder_changed"))

    def _encoder(self) -> Encoder:
        if getattr(self, "_encoder_loaded", (None, None))[0] is not self.encoder:
            loaded = load_encoder(self.encoder) if isinstance(self.encoder, str) else self.encoder
            self._encoder_loaded: tuple[object, Encoder] = (self.encoder, loaded)
            self._question_vectors: dict[str, Floats] = {}
        return self._encoder_loaded[1]

    def _zero_shot(self) -> ZeroShot:
        encoder = self._encoder()
        made_from = (self.codebook, self.codes, encoder, self.question_weight)
        if not _same(made_from, getattr(self, "_zero_shot_made", ((), None))[0]):
            names = bare_names(self.codebook, self.codes)
            zero_shot = ZeroShot(self.codebook, names, encoder, self.question_weight)
            self._zero_shot_made: tuple[tuple[object, ...], ZeroShot] = (made_from, zero_shot)
            self.__dict__.pop("corpus_statistics_", None)
        return self._zero_shot_made[1]

    def _explainer(self) -> Explainer:
        made_from = (self.codebook, self.codes)
        if not _same(made_from, getattr(self, "_explainer_made", ((), None))[0]):
            explainer = Explainer(self.codebook, bare_names(self.codebook, self.codes))
            self._explainer_made: tuple[tuple[object, ...], Explainer] = (made_from, explainer)
        return self._explainer_made[1]

    def corpus(self, texts: Texts, vectors: AnyFloats | None = None) -> Corpus:
        """Return texts or passages made ready for ``scored``: encoded, counted, with their questions and speakers."""
        found = in_context(texts)
        return self._corpus(found, self._vectors(found.texts, vectors))

    def _corpus(self, found: TextsInContext, vectors: AnyFloats) -> Corpus:
        self._encoder()
        held = self._question_vectors
        new = [question for question in dict.fromkeys(found.questions) if question and question not in held]
        if new:
            if len(held) + len(new) > REMEMBERED_QUESTIONS:
                held.clear()
                new = [question for question in dict.fromkeys(found.questions) if question]
            made = self._encoder().encode([simplified(question) for question in new])
            held.update(zip(new, np.asarray(made, np.float64), strict=True))
        return corpus_of(
            found.texts, np.asarray(vectors, np.float64),
            questions=found.questions, question_vectors=held, speakers=found.speakers,
            mean_removed=mean_removed_by(self._encoder()),
        )  # fmt: skip

    def _vectors(self, texts: list[str], vectors: AnyFloats | None) -> Floats:
        found = self._encoder().encode([simplified(text) for text in texts]) if vectors is None else vectors
        return vectors_of(found, len(texts), self._encoder().dimensions)

    def _prior(self, compared: Compared) -> Prior:
        return self._zero_shot().prior(compared, getattr(self, "corpus_statistics_", None))

    def fit_corpus(self, texts: Texts, vectors: AnyFloats | None = None) -> Self:
        """Fix what scores depend on beside the text itself (means, spreads, what neighbours say) by these texts.

        From then on the score of a text is the same whatever texts stand beside it, which parts of a large corpus need
        that are scored apart. A thousand to five thousand texts drawn at random from the corpus do. It is not saved.
        Raises InputError where there are no texts.
        """
        found = in_context(texts)
        if not found.texts:
            raise InputError(message("suggest.fit_corpus_empty"))
        self.corpus_statistics_ = self._zero_shot().statistics(self._compared(found, vectors))
        return self

    def settle(self, texts: Texts, vectors: AnyFloats | None = None) -> Self:
        """Do what ``fit_corpus`` does, whose name this was before."""
        return self.fit_corpus(texts, vectors)

    def _logits(self, compared: Compared) -> tuple[Floats, Kernels | None]:
        prior = self._prior(compared)
        learner = getattr(self, "learner_", None)
        if learner is None:
            return zero_shot_logits(prior.scores), None
        kernels = learner.kernels(compared.corpus)
        tuned = None if self.tuned_ is None else self.tuned_.scores(self._encoder(), compared.corpus.texts)
        return learner.logits(kernels, prior, tuned), kernels

    def _compared(self, found: TextsInContext, vectors: AnyFloats | None) -> Compared:
        self._refuse_other_choices()
        return self._zero_shot().compare(self._corpus(found, self._vectors(found.texts, vectors)))

    def rank(self, texts: Texts, vectors: AnyFloats | None = None) -> Floats:
        """Return scores of shape ``(len(texts), len(codes_))``, higher for a code that fits better.

        Scores order the codes of a text. They depend on the other texts of the call, which serve as the corpus that
        zero-shot scores are centred over, unless ``fit_corpus`` was called.
        """
        found = in_context(texts)
        if not found.texts:
            return np.zeros((0, len(self.codes_)))
        return self._logits(self._compared(found, vectors))[0]

    def decision_function(self, texts: Texts) -> Floats:
        """Return what ``rank`` returns, under the name that scikit-learn knows."""
        return self.rank(texts)

    def rank_apart(self, texts: Texts, vectors: AnyFloats | None = None) -> Floats:
        """Return scores as ``rank`` does, but each text by itself where nothing is learned from coded passages yet.

        They rank less well than ``rank`` and tell better whether any code fits at all: a subject that no code is about
        is not drawn to the nearest code by the other texts that speak of it.
        """
        compared = self._compared(in_context(texts), vectors)
        if getattr(self, "learner_", None) is not None:
            return self._logits(compared)[0]
        found = self._zero_shot().statistics(compared)
        apart = {language: statistics.without_neighbours() for language, statistics in found.items()}
        return self._zero_shot().scores(compared, apart)

    def scored(self, corpus: Corpus) -> tuple[Floats, list[str]]:
        """Return log-odds of shape ``(n, codes)`` and why nothing is to be suggested for a text, "" where it may be."""
        compared = self._zero_shot().compare(corpus)
        logits, _ = self._logits(compared)
        return logits, self._abstentions(compared, logits)

    def predict_proba(self, texts: Texts, vectors: AnyFloats | None = None) -> Floats:
        """Return the probability of each code for each text, shape ``(n, codes)``; codes do not exclude one another.

        Calibrated on left-out answers once there are coded texts; with none, the shares of a softmax.
        """
        return sigmoid(self.rank(texts, vectors))

    def predict(self, texts: Texts, vectors: AnyFloats | None = None) -> Bools:
        """Return which codes apply to each text, shape ``(n, codes)``, by thresholds learned on left-out answers.

        No code applies to a text that ``predict_codable`` takes to carry none.
        """
        found = in_context(texts)
        if not found.texts:
            return np.zeros((0, len(self.codes_)), bool)
        learner = getattr(self, "learner_", None)
        logits = self._logits(self._compared(found, vectors))[0]
        chosen: Bools = sigmoid(logits) > (0.5 if learner is None else learner.thresholds_)
        if learner is not None and learner.codable_ is not None:
            likely = learner.codable_.probabilities(found.texts, logits)
            chosen &= (likely >= learner.codable_.threshold)[:, None]
        return chosen

    def predict_codable(self, texts: Texts, vectors: AnyFloats | None = None) -> Floats:
        """Return the probability that any code applies to each text, shape ``(n,)``.

        Calibrated on left-out answers once five texts were coded with nothing and 19 with a code. Before that it orders
        texts by their size and, where the codebook has examples of small talk, by these, is not calibrated, and is no
        less than the probability that what is coded so far gives to the likeliest code.
        """
        found = in_context(texts)
        if not found.texts:
            return np.zeros(0)
        compared, learner = self._compared(found, vectors), getattr(self, "learner_", None)
        logits = None if learner is None else self._logits(compared)[0]
        if learner is None or logits is None or learner.codable_ is None:
            return zero_shot_codable(found.texts, self._zero_shot().examples, compared.example_scores, logits)
        likely: Floats = learner.codable_.probabilities(found.texts, logits)
        return likely

    def score(self, texts: Texts, code_sets: CodeSets) -> float:
        """Return micro-F1 of ``predict`` over all pairs of a text and a code, from 0 to 1.

        It is what ``GridSearchCV`` and ``cross_val_score`` go by unless told otherwise; where every text has one code
        and gets one, it is the share of texts that got the right one.
        """
        chosen = self.predict(texts)
        given = targets_of(code_sets, self.codes_, len(chosen)) > 0
        return float(2 * (given & chosen).sum() / max(given.sum() + chosen.sum(), 1))

    def suggest(
        self,
        passages: Sequence[Passage],
        top: int = 3,
        vectors: AnyFloats | None = None,
        max_error: float | None = None,
        among: int = 0,
    ) -> list[Suggestion]:
        """Return one suggestion for each passage: up to ``top`` ranked codes with evidence, or none with the reason.

        The last ``among`` passages get none: they are there as the corpus that the scores of the others are centred
        over, and are not explained, which takes most of the time.

        A code's probability is that of ``predict_proba``; the first code's, once there are coded passages, that of
        being right where it comes first, and no other is said to be likelier.

        The reason is "too-short", "nothing-fits" (told from the codebook's small talk where it has some, and from
        passages coded with nothing once there are five), or, with ``max_error``, "not-sure": then only those returned
        whose expected error, measured on left-out answers, stays within that rate, and ``options["accepted_share"]``
        says for what share that is. Where no single code is sure enough but one of a parent's family is,
        the parent is returned; it is wrong where neither it nor a code directly below it applies. ``max_error`` needs
        coded passages.

        Raises InputError for a ``top`` below 1, an ``among`` that is no number of the passages, what is no passage, and
        ``max_error`` before anything is learned.
        """
        if top < 1:
            raise InputError(message("suggest.top", top=top))
        if not 0 <= among <= len(passages):
            raise InputError(message("suggest.among", count=len(passages), among=among))
        if not passages:
            return []
        compared = self._compared(in_context(only_passages(passages)), vectors)
        logits, kernels = self._logits(compared)
        silent = self._abstentions(compared, logits)
        if max_error is not None:
            learner = getattr(self, "learner_", None)
            if learner is None:
                raise InputError(message("suggest.max_error_unfitted"))
            targets = learner.targets_[: learner.checked_] > 0
            sure, logits = accepted(logits, learner.left_out_, targets, families(self.codebook), max_error)
            silent = [reason or ("" if certain else NOT_SURE) for reason, certain in zip(silent, sure, strict=True)]
            top = 1
        options = {} if max_error is None else {"accepted_share": f"{silent.count('') / len(silent):.3f}"}
        wanted = passages[: len(passages) - among]
        spoken = [row for row, reason in enumerate(silent[: len(wanted)]) if not reason]
        ranked = dict(zip(spoken, self._ranked(compared, logits, kernels, spoken, top), strict=True))
        return [
            Suggestion(passage_id=passage.id, codes=ranked.get(row, ()), reason=silent[row], options=options)
            for row, passage in enumerate(wanted)
        ]

    def _ranked(
        self, compared: Compared, logits: Floats, kernels: Kernels | None, rows: list[int], top: int
    ) -> list[tuple[RankedCode, ...]]:
        zero_shot, spoken = self._zero_shot(), np.array(rows, np.intp)
        pools = Pools(
            examples=zero_shot.examples,
            similar=lambda some, examples: zero_shot.similar(compared, spoken[some], examples),
            coded=self.texts_ if kernels is not None else (),
            targets=self.targets_ if kernels is not None else None,
            alike=None if kernels is None else text_similarity(kernels)[rows],
            first=(1.0, 0.0) if kernels is None else self._first_line(),
        )
        return self._explainer().ranked(compared.corpus.part(rows), logits[rows], top, pools)

    def _first_line(self) -> tuple[float, float]:
        learner = self.learner_
        assert learner is not None
        return first_line(learner.left_out_, learner.targets_[: learner.checked_] > 0)

    def _abstentions(self, compared: Compared, logits: Floats) -> list[str]:
        learner, examples = getattr(self, "learner_", None), self._zero_shot().examples
        texts, said = compared.corpus.texts, compared.example_scores
        if learner is None:
            return abstention_reasons(texts, examples, said)
        return abstention_reasons(texts, examples, said, logits, learner.codable_)

    def similar(
        self, passage: Passage | str, among: Sequence[Passage], n: int = 10, vectors: AnyFloats | None = None
    ) -> list[tuple[Passage, float]]:
        """Return up to ``n`` passages of ``among`` most like ``passage``, with how alike, the most alike first.

        Meaning, characters and words count, and what was asked where both answer a question; 1 is the same. The passage
        itself is left out. What a page shows as not coded yet, but alike.

        Raises InputError for ``n`` below 1 and for what is no passage.
        """
        if n < 1:
            raise InputError(message("suggest.n", n=n))
        others = [row for row, other in enumerate(only_passages(among)) if other != passage]
        if not others:
            return []
        found = in_context([among[row] for row in others])
        corpus = self._corpus(found, self._vectors(found.texts, None if vectors is None else vectors[others]))
        given: Texts = [passage] if isinstance(passage, Passage) else [str(passage)]
        asked = in_context(given)
        alike = nearness(self._corpus(asked, self._vectors(asked.texts, None)), corpus)[0]
        best = np.argsort(-alike, kind="stable")[:n]
        return [(among[others[at]], float(alike[at])) for at in best]

    def search(
        self, text: str, among: Sequence[Passage], n: int = 10, vectors: AnyFloats | None = None
    ) -> list[tuple[Passage, float]]:
        """Return up to ``n`` passages of ``among`` that speak of what ``text`` says, as ``similar`` does.

        Raises InputError for a blank ``text``.
        """
        if not isinstance(text, str) or not text.strip():
            raise InputError(message("suggest.search_empty"))
        return self.similar(text, among, n, vectors)

    def next_to_code(self, passages: Sequence[Passage], n: int = 20, vectors: AnyFloats | None = None) -> list[Passage]:
        """Return the ``n`` passages whose coding would teach most, most telling first; see ``most_telling``.

        Passages that are too short to carry a code are left out.
        """
        from lbc_themes.suggest.active_learning import most_telling

        spoken = [row for row, passage in enumerate(only_passages(passages)) if not too_short(passage.text)]
        if not spoken:
            return []
        found = in_context([passages[row] for row in spoken])
        compared = self._compared(found, None if vectors is None else vectors[spoken])
        return [passages[spoken[at]] for at in most_telling(self._logits(compared)[0], compared.corpus.vectors, n)]

    def still_changing(
        self, passages: Sequence[Passage], step: int = 20, rounds: int = 3, vectors: AnyFloats | None = None
    ) -> "Changes":
        """Return how much the last coded passages changed the first suggestions for ``passages``; see ``Changes``.

        What was coded last is forgotten, ``step`` passages at a time, and the suggestions compared; this suggester
        stays as it is. Raises InputError if fewer than
        ``step * rounds + 1`` passages are coded.
        """
        from lbc_themes.suggest.active_learning import changes_of

        return changes_of(self, passages, step, rounds, vectors)

    def save(self, path: str | Path) -> None:
        """Write what was learned from to one file, without pickle; see ``load_suggester``.

        The coded texts are in it: keep it as safe as the transcripts.

        Raises InputError if the encoder is an object, which has no name to be found by again.
        """
        from lbc_themes.suggest.storage import write_suggester

        write_suggester(self, Path(path))

    def disagreements(
        self, codings: Sequence[Coding], passages: Sequence[Passage], vectors: AnyFloats | None = None
    ) -> "Disagreements":
        """Return likely slips of the coder and codes that are mixed up, as a worklist; see ``disagreements_of``.

        ``codings`` are one coder's on ``passages``. The suggester is fitted anew to them (this one stays as it is) and
        each answer compared with what the others of its transcript's participants would have led to.

        Raises InputError if ``codings`` are of several coders or of none: each has slips of their own.
        """
        from lbc_themes.suggest.disagreements import coded_sets, disagreements_of

        sets = coded_sets(codings, passages)
        groups = [passage.transcript_id for passage in passages]
        fresh = self.unfitted().fit(passages, sets, groups, vectors)
        return disagreements_of(passages, fresh.codes_, fresh.targets_, fresh.learner_)


def _same(these: tuple[object, ...], those: tuple[object, ...]) -> bool:
    """Tell whether two tuples hold the same objects; equal ones of another identity are not the same."""
    return len(these) == len(those) and all(
        one is other or one == other for one, other in zip(these, those, strict=True)
    )
