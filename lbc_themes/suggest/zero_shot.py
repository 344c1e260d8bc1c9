"""Score texts against codes before anything has been coded by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lbc_themes.encoding import Encoder
from lbc_themes.records import Codebook, Language
from lbc_themes.suggest.code_texts import Described, Shown, described, shown
from lbc_themes.suggest.corpus import Corpus, corpus_of
from lbc_themes.suggest.counts import TfIdf, counted_grams
from lbc_themes.suggest.kernel_ridge import KernelRidge, fit_kernel_ridge
from lbc_themes.suggest.self_training import self_trained
from lbc_themes.suggest.standardise import Floats, standardised
from lbc_themes.suggest.text_space import Spread, TextSpace, Views, told_by, without_mean

RIDGE = 0.8
SECOND_CODE = 0.6
DESCRIPTION_WEIGHT = 0.4
FEWEST_TO_SELF_TRAIN = 10
MOST_TEACHERS = 1500


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Texts compared with the codebook's examples once.

    ``taught`` is what the examples say, shape ``(n, codes)``: about 1 for a code that fits, 0 for one that does not;
    ``views`` are the texts in the examples' space. Without examples the one is zero and the other None.
    """

    corpus: Corpus
    views: Views | None
    taught: Floats


class ZeroShot:
    """Scores from a codebook (or bare names) alone.

    Three views, each standardised over the corpus: a ridge regression learned from the codebook's own examples (left
    out for bare names), the dense similarity to each code's description, and the TF-IDF similarity to its words. Then
    the texts correct one another (``self_trained``). Chinese and English texts are scored apart, each against the
    codebook in its language; the examples of both teach the ridge regression.
    """

    def __init__(self, codebook: Codebook | None, names: Sequence[str] | None, encoder: Encoder) -> None:
        """Remember what the codes are and how to encode; the rest is built when first needed."""
        self.codebook, self.names, self.encoder = codebook, names, encoder
        self._labels_made: dict[Language, Floats] = {}

    @cached_property
    def examples(self) -> list[Shown]:
        """The examples that the ridge regression learns from."""
        return shown(self.codebook)

    @cached_property
    def _learned(self) -> tuple[TextSpace, KernelRidge]:
        texts = [example.text for example in self.examples]
        space = TextSpace().fit(corpus_of(texts, self.encoder.encode(texts).astype(np.float64)))
        return space, fit_kernel_ridge(space.own_kernel(), self._targets(), RIDGE, leave_out=False)

    @cached_property
    def _spread(self) -> Spread:
        space, ridge = self._learned
        return space.spread(ridge.weights)

    def _targets(self) -> Floats:
        targets = np.zeros((len(self.examples), len(self.codebook or ())))
        for row, example in enumerate(self.examples):
            for place, code in enumerate(example.codes):
                targets[row, code] = 1 if place == 0 else SECOND_CODE
        return targets

    def compare(self, corpus: Corpus) -> Compared:
        """Return the texts of ``corpus`` compared with the codebook's examples, for the methods below."""
        if not self.examples:
            taught = np.zeros((len(corpus.texts), len(self.names or self.codebook or ())))
            return Compared(corpus=corpus, views=None, taught=taught)
        space, ridge = self._learned
        views = space.views(corpus)
        return Compared(corpus=corpus, views=views, taught=told_by(views, self._spread) + ridge.mean)

    def similar(self, compared: Compared, examples: Sequence[int]) -> Floats:
        """Return similarities to the examples at these positions, shape ``(n, len(examples))``."""
        if compared.views is None:
            return np.zeros((len(compared.corpus.texts), len(examples)))
        return self._learned[0].kernel(compared.views, examples)

    def scores(self, compared: Compared) -> Floats:
        """Return scores of shape ``(n, codes)``: comparable within a text and, roughly, between texts of one call."""
        result = np.zeros_like(compared.taught)
        for language, rows in compared.corpus.by_language().items():
            whole = len(rows) == len(result)
            here = compared.corpus if whole else compared.corpus.part(rows)
            found = self._combined(here, compared.taught[rows], language)
            result[rows] = self._told_by_neighbours(here, found) if len(rows) >= FEWEST_TO_SELF_TRAIN else found
        return result

    def _told_by_neighbours(self, here: Corpus, scores: Floats) -> Floats:
        count = len(here.texts)
        teachers = np.unique(np.linspace(0, count - 1, min(count, MOST_TEACHERS)).astype(np.intp))
        space = TextSpace().fit(here.part(teachers))
        views = space.views(here)
        weight = 1.0 if self.examples else 3.0
        return self_trained(scores, space.own_kernel(), lambda answers: space.told(views, answers), teachers, weight)

    def _combined(self, here: Corpus, taught: Floats, language: Language) -> Floats:
        describing = standardised(self._dense(here.vectors, language)) + standardised(self._lexical(here, language))
        if not self.examples:
            return describing / 2
        return standardised(taught, centred=False) + DESCRIPTION_WEIGHT * describing

    def _dense(self, vectors: Floats, language: Language) -> Floats:
        labels = self._labels(language)
        mean = self._learned[0].means_.get(language) if self.examples else None
        texts = without_mean(vectors, vectors.mean(axis=0) if mean is None else mean)
        similar: Floats = texts @ without_mean(labels, labels.mean(axis=0)).T
        return similar

    def _labels(self, language: Language) -> Floats:
        if language not in self._labels_made:
            labels = [code.label for code in self._described(language)]
            self._labels_made[language] = self.encoder.encode(labels, "query").astype(np.float64)
        return self._labels_made[language]

    def _described(self, language: Language) -> list[Described]:
        return described(self.codebook, self.names, language)

    def _lexical(self, here: Corpus, language: Language) -> Floats:
        codes = [code.words for code in self._described(language)]
        both = counted_grams(codes) if self.examples else counted_grams([*here.texts, *codes])
        weights = TfIdf().fit(both)
        of_codes = weights.transform(both.part(range(both.matrix.shape[0] - len(codes), both.matrix.shape[0])))
        similar: Floats = (weights.transform(here.grams) @ of_codes.T).toarray()
        return similar
