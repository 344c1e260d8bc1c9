"""Whether a codebook is about what the passages are about."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lbc_themes.core.messages import Bilingual, message
from lbc_themes.core.records import Codebook, Suggestion
from lbc_themes.encoding import Encoder
from lbc_themes.suggest.features import Bools, Floats, code_descriptions, language_of
from lbc_themes.text.words import lines_of_file, simplified

LEAST_SHARE = 0.25
"""A codebook does not fit where fewer of the passages than this are closer to a code than to any other topic."""

OTHER_TOPIC = "other-topic"
FEWEST_PASSAGES = 30
FEWEST_CODED = 30
"""From so many passages to which people gave codes, their decisions say what the codes are about."""

SAME_TOPIC = 0.5
_MOST_NAMED = 3
MEASURED_WITH = frozenset({"e5-small-zh.v1"})
"""Encoders on which the bounds were measured (``python -m benchmarks run codebook-fit``); no other is judged."""


@dataclass(frozen=True, kw_only=True)
class CodebookFit:
    """How far passages are about what the codes are about.

    ``share`` is the share of the passages that are closer to a code than to any topic outside the codebook, ``fits``
    says which, ``topics`` are the topics to which most of the others are closest, most frequent first.
    """

    share: float
    fits: tuple[bool, ...]
    topics: tuple[Bilingual, ...]

    @property
    def misfit(self) -> bool:
        """Whether so few passages are about the codes that suggestions would mislead."""
        return self.share < LEAST_SHARE

    def to_options(self) -> dict[str, str]:
        """Return share and topics as options of a stored run."""
        topics = [[topic.zh, topic.en] for topic in self.topics]
        return {"codebook_fit": f"{self.share:.4f}", "other_topics": json.dumps(topics, ensure_ascii=False)}

    @classmethod
    def from_options(cls, options: Mapping[str, str]) -> "CodebookFit | None":
        """Return what `to_options` stored, without ``fits``, or None where nothing was."""
        if "codebook_fit" not in options:
            return None
        topics = json.loads(options.get("other_topics", "[]"))
        return cls(
            share=float(options["codebook_fit"]), fits=(), topics=tuple(Bilingual(zh=zh, en=en) for zh, en in topics)
        )


def codebook_fit(
    codebook: Codebook, encoder: Encoder, texts: Sequence[str], vectors: NDArray[np.floating]
) -> CodebookFit | None:
    """Compare passages with the definitions of the codes and with 44 topics of everyday talk.

    Topics that a code is about are left out. ``vectors`` are those of ``texts``, shape ``(n, dimensions)``. Vectors are
    compared by their cosine after the mean of codes and topics is taken off.

    Returns None where nothing can be said: fewer than 30 Chinese passages, codes without definitions, or an encoder for
    which the bounds were not measured.
    """
    chinese = np.array([language_of(text) == "zh" for text in texts], bool)
    defined = all(code.definition.zh.strip() or code.brief.zh.strip() for code in codebook)
    if encoder.name not in MEASURED_WITH or chinese.sum() < FEWEST_PASSAGES or not defined or not len(codebook):
        return None
    codes = _encoded(encoder, [code.label for code in code_descriptions(codebook, None, "zh")])
    topics = _encoded(encoder, [description for _, description in _topics()])
    mean = np.concatenate([codes, topics]).mean(axis=0)
    codes, topics, passages = (_centred(rows, mean) for rows in (codes, topics, np.asarray(vectors, np.float64)))
    outside = (topics @ codes.T).max(axis=1) < SAME_TOPIC
    names = [name for (name, _), kept in zip(_topics(), outside, strict=True) if kept]
    to_topics = passages @ topics[outside].T
    fits: Bools = ((passages @ codes.T).max(axis=1) > to_topics.max(axis=1)) | ~chinese
    others = Counter(to_topics[~fits].argmax(axis=1).tolist())
    return CodebookFit(
        share=float(fits[chinese].mean()),
        fits=tuple(fits.tolist()),
        topics=tuple(names[topic] for topic, _ in others.most_common()),
    )


def without_misfits(suggestions: Sequence[Suggestion], fit: CodebookFit | None, *, coded: int = 0) -> list[Suggestion]:
    """Return the suggestions; where the codebook does not fit, only those for passages that are about its codes.

    ``coded`` is the number of passages with codes that the suggestions were learned from; from 30 on all are kept.
    """
    if fit is None or not fit.misfit or coded >= FEWEST_CODED:
        return list(suggestions)
    return [
        suggestion if about or not suggestion.codes else replace(suggestion, codes=(), reason=OTHER_TOPIC)
        for suggestion, about in zip(suggestions, fit.fits, strict=True)
    ]


def misfit_message(fit: CodebookFit, book: Bilingual, *, coded: int = 0) -> Bilingual:
    """Return what people are told where the codebook ``book`` does not fit; ``coded`` as for `without_misfits`."""
    topics = fit.topics[:_MOST_NAMED]
    if coded >= FEWEST_CODED:
        return message("suggest.misfit_learned", book=book, share=fit.share, topics=topics)
    return message("suggest.misfit", book=book, share=fit.share, topics=topics)


@cache
def _topics() -> tuple[tuple[Bilingual, str], ...]:
    rows = [line.split("\t") for _, line in lines_of_file(Path(__file__).parent / "data" / "topics.tsv")]
    return tuple((Bilingual(zh=zh, en=en), f"{zh}：{description}") for zh, en, description in rows)


def _encoded(encoder: Encoder, texts: Sequence[str]) -> Floats:
    return encoder.encode([simplified(text) for text in texts]).astype(np.float64)


def _centred(vectors: Floats, mean: Floats) -> Floats:
    moved = vectors - mean
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    unit: Floats = moved / np.where(lengths > 0, lengths, 1.0)
    return unit
