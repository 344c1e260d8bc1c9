"""Score texts against codes before anything has been coded by hand; kernel ridge, by which examples teach it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from lbc_themes.core.records import Codebook, Language
from lbc_themes.encoding import Encoder, mean_removed_by
from lbc_themes.suggest.features import (
    CodeDescription,
    CodeExample,
    Corpus,
    Counts,
    Floats,
    Ints,
    Projection,
    Rows,
    TextRows,
    TextSpace,
    TfIdf,
    code_descriptions,
    code_examples,
    corpus_of,
    counted_grams,
    digest,
    prepared,
    projected_scores,
    without_mean,
)

# --- Ridge regression on a kernel, with the answer it would have given to each text had its group been left out.


@dataclass(frozen=True, kw_only=True)
class KernelRidge:
    """A fitted model: scores of new texts are ``kernel @ weights + mean``.

    ``left_out`` holds, for each fitted text, the scores of the model fitted without the text's group, in closed form:
    for a group G, ``Y_G - inverse(C_GG) @ weights_G`` with ``C = inverse(K + ridge * I)`` (Rifkin & Lippert 2007,
    "Notes on Regularized Least Squares", MIT-CSAIL-TR-2007-025, section 3, for one left out; blocks likewise).
    """

    weights: Floats
    mean: Floats
    left_out: Floats

    def scores(self, kernel: Floats) -> Floats:
        """Return scores of shape ``(n, outputs)`` for a kernel of shape ``(n, fitted)``."""
        scores: Floats = kernel @ self.weights + self.mean
        return scores


def fit_kernel_ridge(
    kernel: Floats, targets: Floats, ridge: float, groups: Sequence[object] | None = None, *, leave_out: bool = True
) -> KernelRidge:
    """Fit ``targets`` of shape ``(n, outputs)`` on a kernel of shape ``(n, n)``.

    ``groups`` names the group of each text (default: each text is its own). The targets' mean is taken off first and is
    not re-estimated without the group. ``leave_out=False`` saves the inverse where the left-out scores are not wanted.
    """
    import scipy.linalg

    mean = targets.mean(axis=0)
    regular = kernel.copy()
    regular[np.diag_indices(len(regular))] += ridge
    if not leave_out:
        factor = scipy.linalg.cho_factor(regular, overwrite_a=True, check_finite=False)
        weights = scipy.linalg.cho_solve(factor, targets - mean, check_finite=False)
        return KernelRidge(weights=weights, mean=mean, left_out=np.zeros((0, targets.shape[1])))
    inverse = scipy.linalg.inv(regular, overwrite_a=True)
    weights = inverse @ (targets - mean)
    left_out = np.empty_like(targets)
    for rows in _rows_of(groups if groups is not None else range(len(targets))):
        left_out[rows] = targets[rows] - np.linalg.solve(inverse[np.ix_(rows, rows)], weights[rows])
    return KernelRidge(weights=weights, mean=mean, left_out=left_out)


def _rows_of(groups: Sequence[object]) -> list[list[int]]:
    rows: dict[object, list[int]] = {}
    for row, group in enumerate(groups):
        rows.setdefault(group, []).append(row)
    return list(rows.values())


# --- What the codebook says before anything is coded, and how likely that makes each code.


@dataclass(frozen=True, kw_only=True)
class Prior:
    """What a codebook says of texts before anything is learned: zero-shot scores of shape ``(n, codes)``.

    ``asked`` is what their questions alone say, of that shape, 0 where there is none; it is in the scores with a fixed
    weight and beside them gets one of its own. ``scale``, shape ``(n, 1)``, is how wide the number of texts made the
    scores (`ZeroShot.prior_scale`).
    """

    scores: Floats
    asked: Floats | None = None
    scale: Floats | float = 1.0


TEMPERATURE = 2.8
"""Set on the invented demonstration interviews: shares there come near to how often the first code is right."""


def zero_shot_logits(scores: Floats, expected: Floats | float = 0.0) -> Floats:
    """Return log-odds whose shares add up to one in each text: softmax over the codes at a fixed temperature.

    ``expected``, shape ``(codes,)`` or that of ``scores``, is the log of how often each code is expected to be used
    (``log_expected_use``), which corrects the shares by Bayes' rule.
    """
    corrected = scores + TEMPERATURE * expected
    raised = np.exp((corrected - corrected.max(axis=1, keepdims=True)) / TEMPERATURE)
    shares = np.clip(raised / raised.sum(axis=1, keepdims=True), 1e-9, 1 - 1e-9)
    logits: Floats = np.log(shares / (1 - shares))
    return logits


# --- Bring the scores of several rows_seen to one scale.

CODE_MEAN_REMOVED = 0.5
"""The share of a code's mean score over the corpus that is taken away. All of it would hide a code often said."""

FEW_TEXTS = 20
"""The number of texts at which half of that share is taken: the mean of a few texts is mostly those texts."""


@dataclass(frozen=True, kw_only=True)
class Standard:
    """What brings scores to one scale: the part of each code's mean that is taken off, and the spread they had."""

    moved_by: Floats
    spread: float

    def applied(self, scores: Floats) -> Floats:
        """Return ``scores`` of shape ``(n, codes)`` centred by code and by text, with a spread of about 1."""
        moved = scores - self.moved_by
        moved = moved - moved.mean(axis=1, keepdims=True)
        result: Floats = moved / self.spread if self.spread > 0 else moved
        return result


def standard_of(scores: Floats, *, centred: bool = True) -> Standard:
    """Return the standard of ``scores`` themselves: applied to them it gives a standard deviation of 1."""
    share = CODE_MEAN_REMOVED * len(scores) / (len(scores) + FEW_TEXTS) if centred else 0.0
    moved_by = share * scores.mean(axis=0)
    moved = Standard(moved_by=moved_by, spread=1.0).applied(scores)
    return Standard(moved_by=moved_by, spread=float(moved.std()))


def standardised(scores: Floats, *, centred: bool = True) -> Floats:
    """Return ``scores`` of shape ``(n, codes)`` by their own standard."""
    return standard_of(scores, centred=centred).applied(scores)


# --- Let the texts of a corpus correct one another's scores where nothing has been coded yet.

SELF_TRAINING_ROUNDS = 3
NEIGHBOUR_RIDGE = 0.6
MANY = 60
"""The number of texts at which what they say of one another counts half of its full weight."""


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """What the teachers say after the last round: answers to be told through similarities, and how they are added."""

    answers: Floats
    mean: Floats
    standard: Standard
    share: float

    def added(self, scores: Floats, told: Floats) -> Floats:
        """Return ``scores`` with what the teachers say: ``told`` is their ``answers`` times the similarities."""
        moved: Floats = scores + self.share * self.standard.applied(told + self.mean)
        return moved


def self_trained(
    scores: Floats, among: Floats, tell: Callable[[Floats], Floats], teachers: Ints, weight: float
) -> tuple[Floats, Neighbours]:
    """Return ``scores`` of shape ``(n, codes)`` with what their neighbours' scores say added, and what was said.

    In each round the scores of the ``teachers`` (positions among the texts) become soft labels, a ridge regression
    learns them (``among`` holds the similarities of the teachers, shape ``(teachers, teachers)``; ``tell`` multiplies
    the similarities of all texts to the teachers by the answers learned), and what it says, standardised, is added with
    ``weight``, less where the texts are few. It is expectation-maximisation with soft labels (Nigam et al. 2000, "Text
    Classification from Labeled and Unlabeled Documents using EM"), with the first scores as the starting point and as a
    part that always stays.
    """
    import scipy.linalg

    share = share_of(len(scores), weight)
    held = among.copy()
    held[np.diag_indices(len(held))] += NEIGHBOUR_RIDGE
    factor = scipy.linalg.cho_factor(held, overwrite_a=True)
    current = scores
    for _ in range(SELF_TRAINING_ROUNDS):
        soft = _softmax(current[teachers])
        mean = soft.mean(axis=0)
        answers = scipy.linalg.cho_solve(factor, soft - mean)
        told = tell(answers)
        standard = standard_of(told + mean, centred=False)
        said = Neighbours(answers=answers, mean=mean, standard=standard, share=share)
        current = said.added(scores, told)
    return current, said


def share_of(texts: int, weight: float) -> float:
    """Return what so many texts say of one another counts beside the first scores."""
    return weight * texts / (texts + MANY)


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares


# --- What scores depend on beside the text itself, learned from one set of texts so that others can be scored by it.


Standards = tuple[Standard, Standard]


@dataclass(frozen=True, kw_only=True)
class Basis:
    """The mean vector that is taken off, shape ``(dimensions,)``, and the weights of n-grams for the lexical view."""

    mean: Floats
    weights: TfIdf


@dataclass(frozen=True, kw_only=True)
class CorpusStatistics:
    """Statistics of the texts of one language: the standards of the three views, and what the texts say together.

    ``projected`` are the neighbours' answers projected on the columns of ``space``, whose texts are the teachers; all
    three are None where the texts were too few to correct one another.
    """

    basis: Basis
    dense: Standard
    lexical: Standard
    example_scores: Standard
    question: Standards | None = None
    neighbours: Neighbours | None = None
    space: TextSpace | None = None
    projected: Projection | None = None

    def without_neighbours(self) -> "CorpusStatistics":
        """Return the standards alone, for texts of a language that the statistics has none of."""
        return replace(self, neighbours=None, space=None, projected=None)


StatisticsByLanguage = dict[Language, CorpusStatistics]


EXAMPLES_RIDGE = 0.8
SECOND_CODE = 0.6
DESCRIPTION_WEIGHT = 0.4
QUESTION_WEIGHT = 0.3
"""What the question counts beside the text before anything is coded; set once, on interviews of two coders."""

NAME_WEIGHT = 0.4
"""What the words of a bare name count beside its vector: a name of few words gives little to count."""

FEWEST_TO_SELF_TRAIN = 10
MOST_TEACHERS = 1500


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Texts compared with the codebook's examples once.

    ``example_scores`` is what the examples say, shape ``(n, codes)``: about 1 for a code that fits, 0 for one that does
    not; ``rows_seen`` are the texts in the examples' space. Without examples the one is zero and the other None.
    """

    corpus: Corpus
    rows_seen: TextRows | None
    example_scores: Floats


class ZeroShot:
    """Scores from a codebook (or bare names) alone.

    Three views, each standardised over the corpus: a ridge regression learned from the codebook's own examples (left
    out for bare names), the dense similarity to each code's description, and the TF-IDF similarity to its words. Then
    the texts correct one another (``self_trained``). Chinese and English texts are scored apart, each against the
    codebook in its language; the examples of both teach the ridge regression.
    """

    def __init__(
        self,
        codebook: Codebook | None,
        names: Sequence[str] | None,
        encoder: Encoder,
        question_weight: float = QUESTION_WEIGHT,
    ) -> None:
        """Remember what the codes are and how to encode; the rest is built when first needed."""
        self.codebook, self.names, self.encoder = codebook, names, encoder
        self.question_weight = question_weight
        self._labels_made: dict[Language, Floats] = {}
        self._grams_made: dict[Language, Counts] = {}
        self._descriptions_made: dict[Language, list[CodeDescription]] = {}

    @cached_property
    def examples(self) -> list[CodeExample]:
        """The examples that the ridge regression learns from."""
        return code_examples(self.codebook)

    @cached_property
    def _learned(self) -> tuple[TextSpace, KernelRidge]:
        texts = [example.text for example in self.examples]
        vectors = self.encoder.encode(texts).astype(np.float64)
        space = TextSpace().fit(corpus_of(texts, vectors, mean_removed=mean_removed_by(self.encoder)))
        found = prepared(self.ridge_key(), ["weights"])
        if found is None:
            return space, fit_kernel_ridge(space.own_kernel(), self.targets(), EXAMPLES_RIDGE, leave_out=False)
        nothing_left_out = np.zeros((0, found[0].shape[1]))
        return space, KernelRidge(weights=found[0], mean=self.targets().mean(axis=0), left_out=nothing_left_out)

    def ridge_key(self) -> str:
        """Return what the weights of the ridge regression are kept under: a digest of all that decides them."""
        examples = [(example.text, example.language, example.codes) for example in self.examples]
        share = mean_removed_by(self.encoder)
        choices = (vars(TextSpace()), share, EXAMPLES_RIDGE, SECOND_CODE, len(self.codebook or ()))
        return digest("ridge", self.encoder.name, choices, examples)

    def ridge_weights(self) -> Floats:
        """Return the weights that the ridge regression learns from the examples, shape ``(examples, codes)``."""
        return self._learned[1].weights

    @cached_property
    def _projection(self) -> Projection:
        space, ridge = self._learned
        return space.project(ridge.weights)

    def targets(self) -> Floats:
        """Return what the examples teach, shape ``(examples, codes)``: 1 for the main code, less for a further one."""
        targets = np.zeros((len(self.examples), len(self.codebook or ())))
        for row, example in enumerate(self.examples):
            for place, code in enumerate(example.codes):
                targets[row, code] = 1 if place == 0 else SECOND_CODE
        return targets

    def compare(self, corpus: Corpus) -> Compared:
        """Return the texts of ``corpus`` compared with the codebook's examples, for the methods below."""
        if not self.examples:
            example_scores = np.zeros((len(corpus.texts), len(self.names or self.codebook or ())))
            return Compared(corpus=corpus, rows_seen=None, example_scores=example_scores)
        space, ridge = self._learned
        rows_seen = space.rows(corpus)
        return Compared(
            corpus=corpus,
            rows_seen=rows_seen,
            example_scores=projected_scores(rows_seen, self._projection) + ridge.mean,
        )

    def similar(self, compared: Compared, rows: Rows, examples: Rows) -> Floats:
        """Return the similarities of the texts at ``rows`` to the examples at these positions, ``(rows, examples)``."""
        if compared.rows_seen is None:
            return np.zeros((len(rows), len(examples)))
        dense, grams = compared.rows_seen
        return self._learned[0].kernel((dense[rows], grams[rows]), examples)

    def scores(self, compared: Compared, statistics: StatisticsByLanguage | None = None) -> Floats:
        """Return scores of shape ``(n, codes)``: comparable within a text and, roughly, between texts of one call.

        With ``statistics`` they depend on nothing but the text; without, the texts of the call are the statistics.
        """
        return self.prior(compared, statistics).scores

    def prior(self, compared: Compared, statistics: StatisticsByLanguage | None = None) -> Prior:
        """Return what is to be learned beside: ``scores``, what the questions alone say, and ``prior_scale``."""
        scores, asked = np.zeros_like(compared.example_scores), np.zeros_like(compared.example_scores)
        for language, rows in compared.corpus.by_language().items():
            whole = len(rows) == len(scores)
            here = compared.corpus if whole else compared.corpus.part(rows)
            example_scores = compared.example_scores[rows]
            if statistics is None:
                _, scores[rows], asked[rows] = self._statistics_and_scores(here, example_scores, language)
            else:
                scores[rows], asked[rows] = self._scores_by(here, example_scores, language, statistics)
        return Prior(scores=scores, asked=asked, scale=self.prior_scale(compared, statistics))

    def prior_scale(self, compared: Compared, statistics: StatisticsByLanguage | None = None) -> Floats:
        """Return about how many times as wide the scores of each text spread for its neighbours: shape ``(n, 1)``.

        What a corpus says is added the more the larger it is, which makes the order better and the scores wider. What
        is learned on the scores of a few texts fits those of a large corpus, or of one text, when divided by this.
        """
        wide = np.ones((len(compared.example_scores), 1))
        for language, rows in compared.corpus.by_language().items():
            wide[rows] += self._share(len(rows)) if statistics is None else _kept_share(statistics, language)
        return wide

    def _share(self, texts: int) -> float:
        return share_of(texts, self._weight()) if texts >= FEWEST_TO_SELF_TRAIN else 0.0

    def _weight(self) -> float:
        return 1.0 if self.examples else 3.0

    def statistics(self, compared: Compared) -> StatisticsByLanguage:
        """Return what is learned from the texts of a call, to score others by; see ``CorpusStatistics``."""
        corpus = compared.corpus
        return {
            language: self._statistics_and_scores(corpus.part(rows), compared.example_scores[rows], language)[0]
            for language, rows in corpus.by_language().items()
        }

    def _statistics_and_scores(
        self, here: Corpus, example_scores: Floats, language: Language
    ) -> tuple[CorpusStatistics, Floats, Floats]:
        basis = self._basis(here, language)
        raw = self._raw(here, example_scores, language, basis)
        dense, lexical = standard_of(raw[0]), standard_of(raw[1])
        asked, question = self._asked(here, language, basis, None)
        statistics = CorpusStatistics(
            basis=basis, dense=dense, lexical=lexical, example_scores=standard_of(example_scores, centred=False),
            question=question,
        )  # fmt: skip
        scores = self._combined(raw, statistics) + self._question_share() * asked
        if len(here.texts) < FEWEST_TO_SELF_TRAIN:
            return statistics, scores, asked
        scores, said, space = self._corrected_by_neighbours(here, scores)
        statistics = replace(statistics, neighbours=said, projected=space.project(said.answers), space=space)
        return statistics, scores, asked

    def _scores_by(
        self, here: Corpus, example_scores: Floats, language: Language, statistics: StatisticsByLanguage
    ) -> tuple[Floats, Floats]:
        fixed = statistics.get(language) or next(iter(statistics.values())).without_neighbours()
        raw = self._raw(here, example_scores, language, fixed.basis)
        asked = self._asked(here, language, fixed.basis, fixed.question)[0]
        scores = self._combined(raw, fixed) + self._question_share() * asked
        if fixed.neighbours is None or fixed.space is None or fixed.projected is None:
            return scores, asked
        return fixed.neighbours.added(scores, projected_scores(fixed.space.rows(here), fixed.projected)), asked

    def _question_share(self) -> float:
        describing = DESCRIPTION_WEIGHT if self.examples else 1 / (1 + self._words_weight())
        return self.question_weight * describing

    def _words_weight(self) -> float:
        return 1.0 if self.codebook else NAME_WEIGHT

    def _asked(
        self, here: Corpus, language: Language, basis: Basis, fixed: Standards | None
    ) -> tuple[Floats, Standards | None]:
        """Return what the questions that the texts answer say of each code, shape ``(n, codes)``, and its standards.

        They are compared with the descriptions alone: a question does not voice a code as an example does. Zero where a
        text has no question.
        """
        nothing = np.zeros((len(here.texts), len(self._described(language))))
        if here.questions is None or here.asked is None or not (here.asked >= 0).any():
            return nothing, fixed
        there = np.flatnonzero(here.asked >= 0)
        dense, lexical, _ = (view[here.asked[there]] for view in self._raw(here.questions, nothing, language, basis))
        standards = fixed or (standard_of(dense), standard_of(lexical))
        nothing[there] = standards[0].applied(dense) + self._words_weight() * standards[1].applied(lexical)
        return nothing, standards

    def _corrected_by_neighbours(self, here: Corpus, scores: Floats) -> tuple[Floats, Neighbours, TextSpace]:
        count = len(here.texts)
        teachers = np.unique(np.linspace(0, count - 1, min(count, MOST_TEACHERS)).astype(np.intp))
        space = TextSpace().fit(here.part(teachers))
        rows_seen = space.rows(here)
        moved, said = self_trained(
            scores, space.own_kernel(), lambda answers: space.scores(rows_seen, answers), teachers, self._weight()
        )
        return moved, said, space

    def _combined(self, raw: tuple[Floats, Floats, Floats], statistics: CorpusStatistics) -> Floats:
        lexical = self._words_weight()
        describing = statistics.dense.applied(raw[0]) + lexical * statistics.lexical.applied(raw[1])
        if not self.examples:
            return describing / (1 + lexical)
        return statistics.example_scores.applied(raw[2]) + DESCRIPTION_WEIGHT * describing

    def _basis(self, here: Corpus, language: Language) -> Basis:
        mean = self._learned[0].means_.get(language) if self.examples else None
        both = self._code_grams(language)
        if not self.examples:
            both = counted_grams([*here.texts, *(code.words for code in self._described(language))])
        return Basis(mean=here.vectors.mean(axis=0) if mean is None else mean, weights=TfIdf().fit(both))

    def _raw(
        self, here: Corpus, example_scores: Floats, language: Language, basis: Basis
    ) -> tuple[Floats, Floats, Floats]:
        labels = self._labels(language)
        share = here.mean_removed
        names = without_mean(labels, labels.mean(axis=0), share)
        dense: Floats = without_mean(here.vectors, basis.mean, share) @ names.T
        codes = basis.weights.transform(self._code_grams(language))
        lexical: Floats = (basis.weights.transform(here.grams) @ codes.T).toarray()
        return dense, lexical, example_scores

    def _labels(self, language: Language) -> Floats:
        if language not in self._labels_made:
            labels = [code.label for code in self._described(language)]
            self._labels_made[language] = self.encoder.encode(labels, "query").astype(np.float64)
        return self._labels_made[language]

    def _code_grams(self, language: Language) -> Counts:
        if language not in self._grams_made:
            self._grams_made[language] = counted_grams([code.words for code in self._described(language)])
        return self._grams_made[language]

    def _described(self, language: Language) -> list[CodeDescription]:
        if language not in self._descriptions_made:
            self._descriptions_made[language] = code_descriptions(self.codebook, self.names, language)
        return self._descriptions_made[language]


def _kept_share(statistics: StatisticsByLanguage, language: Language) -> float:
    held = statistics.get(language)
    return 0.0 if held is None or held.neighbours is None else held.neighbours.share
