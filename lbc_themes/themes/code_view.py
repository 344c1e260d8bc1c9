"""What a codebook adds to passages: code profile, question, and whether there is anything to code."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Codebook, Passage
from lbc_themes.encoding import load_encoder
from lbc_themes.suggest import CodeSuggester
from lbc_themes.text.words import simplified

Floats = NDArray[np.float64]

WITH_EXAMPLES = 1.0
NAMES_ALONE = 0.5
"""What the code profile weighs beside meaning: chosen on halves of interviews-game, psyqa-sample and hlcta-appreviews,
with four utterances a code from the other half, and with bare names."""

QUESTION = 0.25
CODABLE = 0.5


@dataclass(frozen=True, kw_only=True)
class CodeView:
    """Passages beside a codebook, row by row.

    ``shares`` is (n, codes): how likely each code of ``codes`` is beside the others; ``evidence`` is (n, codes): how
    well it fits, each passage by itself; ``codable`` is (n,): how likely anything is to be coded; ``questions`` is
    (n, d): the vector of the question, zeros where there is none. ``weight`` is what the profile counts for.
    """

    codes: tuple[str, ...]
    shares: Floats
    evidence: Floats
    codable: Floats
    questions: Floats
    weight: float

    def __add__(self, other: "CodeView") -> "CodeView":
        """Return the views of both groups of passages, one behind the other."""
        return CodeView(
            codes=self.codes, shares=np.vstack([self.shares, other.shares]),
            evidence=np.vstack([self.evidence, other.evidence]), codable=np.append(self.codable, other.codable),
            questions=np.vstack([self.questions, other.questions]), weight=self.weight,
        )  # fmt: skip

    def features(self, order: NDArray[np.int64]) -> Floats:
        """Return what is set beside the features of meaning, for the rows of ``order``: profile and question.

        The profile is the root of the shares less their mean (so that distances are Hellinger's), of unit length.
        """
        profile = np.sqrt(self.shares[order])
        asked = self.questions[order].copy()
        there = asked.any(axis=1)
        if there.any():
            asked[there] -= asked[there].mean(axis=0)
        return np.hstack([self.weight * _unit(profile - profile.mean(axis=0)), QUESTION * _unit(asked)])


def _unit(rows: Floats) -> Floats:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Floats = rows / np.where(length > 1e-12, length, 1.0)
    return scaled


def suggester_of(codebook: object, encoder: str) -> CodeSuggester:
    """Return a suggester for a codebook, or the one that is given; refuses anything else."""
    if isinstance(codebook, CodeSuggester):
        return codebook
    if isinstance(codebook, Codebook):
        return CodeSuggester(codebook, encoder=encoder)
    raise InputError(message("themes.codebook_kind", kind=type(codebook).__name__))


def code_view(
    suggester: CodeSuggester, texts: Sequence[str], passages: Sequence[Passage], vectors: NDArray[np.float32]
) -> CodeView:
    """Return the passages beside the codes of ``suggester``; ``vectors`` are used where they have its size.

    With ``passages`` (the same as ``texts``) they are read as answers to their questions.
    """
    said: Sequence[str] | Sequence[Passage] = passages or texts
    if not said or not suggester.codes_:
        nothing = np.zeros((len(said), len(suggester.codes_)))
        return CodeView(
            codes=suggester.codes_, shares=nothing, evidence=nothing, codable=np.ones(len(said)),
            questions=np.zeros((len(said), 1)), weight=0.0,
        )  # fmt: skip
    encoder = load_encoder(suggester.encoder) if isinstance(suggester.encoder, str) else suggester.encoder
    rows = vectors.astype(np.float64) if vectors.shape[1] == encoder.dimensions else None
    scores = suggester.rank(said, rows)
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    learned = suggester.coded_ > 0 or bool(suggester.codebook and suggester.codebook.utterances)
    questions = np.zeros((len(said), encoder.dimensions))
    asked = {passage.question: None for passage in passages if passage.question}
    if asked:
        known = dict(zip(asked, encoder.encode([simplified(question) for question in asked]), strict=True))
        for row, passage in enumerate(passages):
            if passage.question:
                questions[row] = known[passage.question]
    return CodeView(
        codes=suggester.codes_, shares=raised / raised.sum(axis=1, keepdims=True),
        evidence=suggester.rank_apart(said, rows), codable=suggester.predict_codable(said, rows),
        questions=questions, weight=WITH_EXAMPLES if learned else NAMES_ALONE,
    )  # fmt: skip


def to_set_aside(view: CodeView, marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which passages are taken to be small talk or logistics; none that is ``marked`` as risk."""
    aside: NDArray[np.bool_] = (view.codable < CODABLE) & ~marked
    return aside


def risk_marks(texts: Sequence[str]) -> NDArray[np.bool_]:
    """Return which texts hold words of distress."""
    from lbc_themes.safeguards.distress import distress_cues

    return np.array([bool(distress_cues(text)) for text in texts], bool)
