"""Turn scores into ranked codes with evidence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lbc_themes.core.records import Codebook, Evidence, RankedCode
from lbc_themes.suggest.code_texts import Shown, code_ids
from lbc_themes.suggest.code_words import code_words
from lbc_themes.suggest.corpus import Corpus
from lbc_themes.suggest.evidence import evidence
from lbc_themes.suggest.example_index import Ints, Similar, carried_by_nearest, columns_by_code, nearest_by_code
from lbc_themes.suggest.first_code import first_probabilities
from lbc_themes.suggest.stacking import Floats, sigmoid
from lbc_themes.suggest.word_evidence import WordEvidence


@dataclass(frozen=True, kw_only=True)
class Pools:
    """What a suggestion may point to.

    ``examples`` are the codebook's; ``similar`` tells how near texts are to some of them. ``coded`` are the texts coded
    by hand, ``targets`` their codes, and ``alike`` the similarities of all texts to them, shape ``(n, coded)``; None
    where nothing has been coded. ``first`` brings the log-odds of a first code to those of being right (`first_line`).
    """

    examples: Sequence[Shown]
    similar: Similar
    coded: Sequence[str] = ()
    targets: Floats | None = None
    alike: Floats | None = None
    first: tuple[float, float] = (1.0, 0.0)


class Explainer:
    """Knows the words of the codes, and makes ranked codes that say why."""

    def __init__(self, codebook: Codebook | None, names: Sequence[str] | None) -> None:
        """Count the words of the codes."""
        self._codes = code_ids(codebook, names)
        indicators = [sorted(code.indicators) for code in codebook] if codebook else [[] for _ in self._codes]
        self._words = WordEvidence(code_words(codebook, names), indicators)

    def ranked(self, corpus: Corpus, logits: Floats, top: int, pools: Pools) -> list[tuple[RankedCode, ...]]:
        """Return the ``top`` codes of each text with evidence, from log-odds of shape ``(n, codes)``."""
        best = np.argsort(-logits, axis=1, kind="stable")[:, :top]
        reasons = self._reasons(corpus, best, pools)
        likely = np.take_along_axis(sigmoid(logits), best, axis=1)
        likely[:, 0] = first_probabilities(logits, pools.first)
        likely = np.minimum(likely, likely[:, :1])
        scores = np.take_along_axis(logits, best, axis=1).tolist()
        return [
            tuple(
                RankedCode(code_id=self._codes[code], score=score, probability=probability, evidence=reason)
                for code, score, probability, reason in zip(*row, strict=True)
            )
            for row in zip(best.tolist(), scores, likely.tolist(), reasons, strict=True)
        ]

    def _reasons(self, corpus: Corpus, best: Ints, pools: Pools) -> list[list[Evidence]]:
        words = [self._words.words(text, codes) for text, codes in zip(corpus.texts, best.tolist(), strict=True)]
        alike, coded = self._coded(best, pools)
        examples = self._examples(corpus, best, pools, alike)
        return [
            [
                evidence(said, pools.coded[near], "coded", count)
                if count
                else evidence(said, pools.examples[example].text if example >= 0 else "", "codebook")
                for said, count, near, example in zip(*row, strict=True)
            ]
            for row in zip(words, alike.tolist(), coded.tolist(), examples.tolist(), strict=True)
        ]

    def _coded(self, best: Ints, pools: Pools) -> tuple[Ints, Ints]:
        """Return for each code suggested how many of the nearest coded passages carry it, and the nearest that does."""
        kernel, targets = pools.alike, pools.targets
        if kernel is None or targets is None:
            return np.zeros_like(best), np.full_like(best, -1)
        alike = np.take_along_axis(carried_by_nearest(kernel, targets), best, axis=1).astype(np.intp)
        carriers = [np.flatnonzero(column) for column in targets.T]
        return alike, nearest_by_code(best, alike > 0, carriers, lambda rows, some: kernel[np.ix_(rows, some)])

    def _examples(self, corpus: Corpus, best: Ints, pools: Pools, alike: Ints) -> Ints:
        found = np.full_like(best, -1)
        for language, rows in corpus.by_language().items():
            asked = np.zeros(best.shape, bool)
            asked[rows] = alike[rows] == 0
            columns = columns_by_code(pools.examples, len(self._codes), language)
            found = np.maximum(found, nearest_by_code(best, asked, columns, pools.similar))
        return found
