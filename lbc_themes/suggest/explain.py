"""Turn scores into ranked codes with evidence."""

from collections.abc import Sequence

import numpy as np

from lbc_themes.records import Codebook, RankedCode
from lbc_themes.segmenting.words import content_words
from lbc_themes.suggest.code_texts import Shown, code_ids
from lbc_themes.suggest.evidence import WordEvidence, evidence
from lbc_themes.suggest.example_index import nearest, rows_of_examples, rows_of_targets
from lbc_themes.suggest.stacking import Floats, sigmoid
from lbc_themes.suggest.text_language import language_of

NEIGHBOURS = 10


class Explainer:
    """Knows the codes' words, the codebook's examples and the coded passages that a suggestion can point to."""

    def __init__(self, codebook: Codebook | None, names: Sequence[str] | None) -> None:
        """Count the words of the codes."""
        self._codes = code_ids(codebook, names)
        self._words = WordEvidence(codebook, names)

    def see(self, examples: Sequence[Shown], coded: Sequence[str], targets: Floats | None) -> None:
        """Take the examples and coded passages that suggestions may point to from now on."""
        self._examples, self._coded = examples, coded
        self._example_rows = {
            "zh": rows_of_examples(examples, len(self._codes), "zh"),
            "en": rows_of_examples(examples, len(self._codes), "en"),
        }
        self._coded_rows = rows_of_targets(targets) if len(coded) and targets is not None else []

    def ranked(
        self, text: str, logits: Floats, top: int, *, examples: Floats, coded: Floats | None
    ) -> tuple[RankedCode, ...]:
        """Return the ``top`` codes of one text with evidence, from its log-odds and its similarities to both pools."""
        content = frozenset(content_words(text))
        probabilities = sigmoid(logits)
        ten = [] if coded is None else np.argsort(-coded)[:NEIGHBOURS].tolist()
        found = []
        for code in np.argsort(-logits, kind="stable")[:top].tolist():
            words = self._words.words(text, content, code)
            near = None if coded is None else nearest(coded, self._coded_rows[code], ten)
            if near is not None and near.among_ten:
                reason = evidence(words, self._coded[near.row], "coded", near.among_ten)
            else:
                shown = nearest(examples, self._example_rows[language_of(text)][code], [])
                reason = evidence(words, self._examples[shown.row].text if shown else "", "codebook")
            found.append(
                RankedCode(
                    code_id=self._codes[code],
                    score=float(logits[code]),
                    probability=float(probabilities[code]),
                    evidence=reason,
                )
            )
        return tuple(found)
