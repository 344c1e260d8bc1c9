"""Score texts against codes before anything has been coded by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lbc_themes.encoding import Encoder
from lbc_themes.records import Codebook, Language
from lbc_themes.suggest.analyzers import grams
from lbc_themes.suggest.code_texts import Shown, described, shown
from lbc_themes.suggest.kernel_ridge import KernelRidge, fit_kernel_ridge
from lbc_themes.suggest.self_training import self_trained
from lbc_themes.suggest.standardise import Floats, standardised
from lbc_themes.suggest.text_language import rows_by_language
from lbc_themes.suggest.text_space import TextSpace, without_mean
from lbc_themes.suggest.weights import weighed

RIDGE = 0.8
SECOND_CODE = 0.6
DESCRIPTION_WEIGHT = 0.4
FEWEST_TO_SELF_TRAIN = 10
MOST_TEACHERS = 1500


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Texts with their vectors, compared with the codebook's examples once: ``similar`` is (n, examples)."""

    texts: Sequence[str]
    vectors: Floats
    similar: Floats


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

    @cached_property
    def examples(self) -> list[Shown]:
        """The examples that the ridge regression learns from."""
        return shown(self.codebook)

    @cached_property
    def _learned(self) -> tuple[TextSpace, KernelRidge]:
        texts = [example.text for example in self.examples]
        space = TextSpace().fit(texts, self.encoder.encode(texts).astype(np.float64))
        return space, fit_kernel_ridge(space.own_kernel(), self._targets(), RIDGE, leave_out=False)

    def _targets(self) -> Floats:
        targets = np.zeros((len(self.examples), len(self.codebook or ())))
        for row, example in enumerate(self.examples):
            for place, code in enumerate(example.codes):
                targets[row, code] = 1 if place == 0 else SECOND_CODE
        return targets

    def compare(self, texts: Sequence[str], vectors: Floats) -> Compared:
        """Return ``texts`` compared with the codebook's examples, for the methods below."""
        similar = self._learned[0].kernel(texts, vectors) if self.examples else np.zeros((len(texts), 0))
        return Compared(texts=texts, vectors=vectors, similar=similar)

    def example_scores(self, compared: Compared) -> Floats:
        """Return what the examples alone say, shape ``(n, codes)``: near 1 for a code that fits, near 0 for others."""
        return self._learned[1].scores(compared.similar)

    def scores(self, compared: Compared) -> Floats:
        """Return scores of shape ``(n, codes)``: comparable within a text and, roughly, between texts of one call."""
        result = np.zeros((len(compared.texts), len(self.names or self.codebook or ())))
        for language, rows in rows_by_language(compared.texts).items():
            here = Compared(
                texts=[compared.texts[i] for i in rows], vectors=compared.vectors[rows], similar=compared.similar[rows]
            )
            found = self._combined(here, language)
            result[rows] = self._told_by_neighbours(here, found) if len(rows) >= FEWEST_TO_SELF_TRAIN else found
        return result

    def _told_by_neighbours(self, here: Compared, scores: Floats) -> Floats:
        count = len(here.texts)
        teachers = np.unique(np.linspace(0, count - 1, min(count, MOST_TEACHERS)).astype(np.intp))
        space = TextSpace().fit([here.texts[i] for i in teachers], here.vectors[teachers])
        kernel = space.kernel(here.texts, here.vectors)
        return self_trained(scores, kernel, teachers, 1.0 if self.examples else 3.0)

    def _combined(self, here: Compared, language: Language) -> Floats:
        dense, lexical = self._dense(here.vectors, language), self._lexical(here.texts, language)
        describing = standardised(dense) + standardised(lexical)
        if not self.examples:
            return describing / 2
        return standardised(self.example_scores(here), centred=False) + DESCRIPTION_WEIGHT * describing

    def _dense(self, vectors: Floats, language: Language) -> Floats:
        labels = self._labels(language)
        mean = self._learned[0].means_.get(language) if self.examples else None
        texts = without_mean(vectors, vectors.mean(axis=0) if mean is None else mean)
        similar: Floats = texts @ without_mean(labels, labels.mean(axis=0)).T
        return similar

    def _labels(self, language: Language) -> Floats:
        labels = [code.label for code in described(self.codebook, self.names, language)]
        return self.encoder.encode(labels, "query").astype(np.float64)

    def _lexical(self, texts: Sequence[str], language: Language) -> Floats:
        codes = [code.words for code in described(self.codebook, self.names, language)]
        counts, _ = weighed(grams, codes if self.examples else [*texts, *codes])
        similar: Floats = (counts.transform(texts) @ counts.transform(codes).T).toarray()
        return similar
