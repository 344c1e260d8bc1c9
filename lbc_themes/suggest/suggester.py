"""Suggest codes for passages, with the reasons; a person decides."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from lbc_themes.encoding import Advance, Encoder, load_encoder
from lbc_themes.errors import InputError
from lbc_themes.records import Codebook, Passage, RankedCode, Suggestion
from lbc_themes.suggest.code_texts import code_ids
from lbc_themes.suggest.evidence import WordEvidence, evidence, quotable
from lbc_themes.suggest.relevance import NOTHING_FITS, TOO_SHORT, relevant, too_short
from lbc_themes.suggest.standardise import Floats
from lbc_themes.suggest.zero_shot import ZeroShot

TEMPERATURE = 2.8
"""Set on the invented demonstration interviews, where it makes shares come near to how often the first code is right."""


class CodeSuggester:
    """Ranks the codes of a codebook for texts and suggests the best, or says that nothing fits.

    ``codebook`` is a Codebook; ``codes=[...]`` takes bare names or questions in its place. ``encoder`` is an encoder's
    name or an encoder. Without coded data the ranking comes from the codebook alone: a ridge regression on its examples,
    the dense similarity to its definitions and the TF-IDF similarity to its words, each centred over the texts given.
    """

    def __init__(
        self,
        codebook: Codebook | None = None,
        *,
        codes: Sequence[str] | None = None,
        encoder: str | Encoder = "e5-small-zh.v1",
    ) -> None:
        """Remember the choices; nothing is read or learned yet."""
        self.codebook = codebook
        self.codes = codes
        self.encoder = encoder

    @property
    def codes_(self) -> tuple[str, ...]:
        """The code ids, in the order of the columns of every array."""
        return code_ids(self.codebook, self.codes)

    @cached_property
    def _encoder(self) -> Encoder:
        return load_encoder(self.encoder) if isinstance(self.encoder, str) else self.encoder

    @cached_property
    def _zero_shot(self) -> ZeroShot:
        _ = self.codes_
        return ZeroShot(self.codebook, self.codes, self._encoder)

    @cached_property
    def _words(self) -> WordEvidence:
        return WordEvidence(self.codebook, self.codes)

    def rank(self, texts: Sequence[str], vectors: Floats | None = None) -> Floats:
        """Return scores of shape ``(len(texts), len(codes_))``, higher for a code that fits better.

        Scores order the codes of a text. They depend on the other texts of the call, which serve as the corpus that
        scores are centred over. ``vectors`` saves encoding where the texts' vectors are at hand.
        """
        _refuse_no_texts(texts)
        return self._zero_shot.scores(texts, self._vectors(texts, vectors))

    def _vectors(self, texts: Sequence[str], vectors: Floats | None, advance: Advance | None = None) -> Floats:
        found = self._encoder.encode(texts, advance=advance) if vectors is None else vectors
        return found.astype(np.float64)

    def suggest(self, passages: Sequence[Passage], top: int = 3, vectors: Floats | None = None) -> list[Suggestion]:
        """Return one suggestion for each passage: up to ``top`` ranked codes with evidence, or none with the reason.

        The reason is "too-short" or "nothing-fits" (small talk, logistics; told from the codebook's utterances, so it
        needs a codebook that has some). ``probability`` is the share of a code among all, by softmax over the scores;
        it is not calibrated until the suggester has learned from coded passages.
        """
        if top < 1:
            raise InputError(f"top must be 1 or more, not {top}")
        if not passages:
            return []
        texts = [passage.text for passage in passages]
        found = self._vectors(texts, vectors)
        scores = self._zero_shot.scores(texts, found)
        silent = self._reasons(texts, found)
        best = np.argsort(-scores, axis=1, kind="stable")[:, :top]
        similar = self._zero_shot.nearest_examples(texts, found) if self._zero_shot.examples else None
        return [
            Suggestion(passage_id=passage.id, codes=(), reason=silent[row])
            if silent[row]
            else Suggestion(
                passage_id=passage.id,
                codes=self._ranked(passage.text, scores[row], best[row].tolist(), None if similar is None else similar[row]),
            )
            for row, passage in enumerate(passages)
        ]

    def _reasons(self, texts: Sequence[str], vectors: Floats) -> list[str]:
        reasons = [TOO_SHORT if too_short(text) else "" for text in texts]
        if not any(not example.codes for example in self._zero_shot.examples):
            return reasons
        sums = self._zero_shot.example_scores(texts, vectors).sum(axis=1)
        pairs = zip(texts, reasons, sums.tolist(), strict=True)
        return [reason or ("" if relevant(text, total) else NOTHING_FITS) for text, reason, total in pairs]

    def _ranked(self, text: str, scores: Floats, best: list[int], similar: Floats | None) -> tuple[RankedCode, ...]:
        raised = np.exp((scores - scores.max()) / TEMPERATURE)
        shares = raised / raised.sum()
        return tuple(
            RankedCode(
                code_id=self.codes_[code],
                score=float(scores[code]),
                probability=float(shares[code]),
                evidence=evidence(self._words.words(text, code), self._example(text, code, similar), "codebook"),
            )
            for code in best
        )

    def _example(self, text: str, code: int, similar: Floats | None) -> str:
        if similar is None:
            return ""
        shown = self._zero_shot.examples
        rows = [i for i, e in enumerate(shown) if e.own and e.codes[:1] == (code,) and quotable(e.text, text)]
        return shown[max(rows, key=lambda row: float(similar[row]))].text if rows else ""


def _refuse_no_texts(texts: Sequence[str]) -> None:
    if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
        raise InputError("texts must be a list of strings, one for each passage; a single string is not taken")
