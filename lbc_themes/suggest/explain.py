"""Turn scores into ranked codes with evidence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lbc_themes.records import Codebook, Evidence, RankedCode
from lbc_themes.suggest.code_texts import Shown, code_ids
from lbc_themes.suggest.corpus import Corpus
from lbc_themes.suggest.evidence import WordEvidence, evidence
from lbc_themes.suggest.example_index import carried_by_nearest, columns_by_code, nearest
from lbc_themes.suggest.stacking import Floats, sigmoid


@dataclass(frozen=True, kw_only=True)
class Pools:
    """What a suggestion may point to, with the similarities of all passages to it.

    ``examples`` are the codebook's own and ``similar`` of shape ``(n, examples)``. ``coded`` are the texts coded by
    hand, ``targets`` their codes, and ``alike`` of shape ``(n, coded)``, None where nothing has been coded.
    """

    examples: Sequence[Shown]
    similar: Floats
    coded: Sequence[str] = ()
    targets: Floats | None = None
    alike: Floats | None = None


class Explainer:
    """Knows the words of the codes, and makes ranked codes that say why."""

    def __init__(self, codebook: Codebook | None, names: Sequence[str] | None) -> None:
        """Count the words of the codes."""
        self._codes = code_ids(codebook, names)
        self._words = WordEvidence(codebook, names)

    def ranked(self, corpus: Corpus, logits: Floats, top: int, pools: Pools) -> list[tuple[RankedCode, ...]]:
        """Return the ``top`` codes of each text with evidence, from log-odds of shape ``(n, codes)``."""
        best = np.argsort(-logits, axis=1, kind="stable")[:, :top].tolist()
        reasons = self._reasons(corpus, best, pools)
        probabilities = sigmoid(logits)
        return [
            tuple(
                RankedCode(code_id=self._codes[code], score=score[code], probability=likely[code], evidence=reason)
                for code, reason in zip(codes, why, strict=True)
            )
            for codes, why, score, likely in zip(best, reasons, logits.tolist(), probabilities.tolist(), strict=True)
        ]

    def _reasons(self, corpus: Corpus, best: list[list[int]], pools: Pools) -> list[list[Evidence]]:
        by_example = {
            language: columns_by_code(pools.examples, len(self._codes), language) for language in ("zh", "en")
        }
        by_coded = None
        if pools.alike is not None and pools.targets is not None:
            by_coded = [np.flatnonzero(column) for column in pools.targets.T]
            carried = carried_by_nearest(pools.alike, pools.targets).astype(int).tolist()
        found: list[list[Evidence]] = []
        for row, (text, language) in enumerate(zip(corpus.texts, corpus.languages, strict=True)):
            found.append([])
            for code in best[row]:
                words = self._words.words(text, code)
                if by_coded is not None and pools.alike is not None and carried[row][code]:
                    near = nearest(pools.alike[row], by_coded[code])
                    found[row].append(evidence(words, pools.coded[near or 0], "coded", carried[row][code]))
                    continue
                near = nearest(pools.similar[row], by_example[language][code])
                found[row].append(evidence(words, "" if near is None else pools.examples[near].text, "codebook"))
        return found
