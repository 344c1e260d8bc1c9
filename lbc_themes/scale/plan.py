"""Everything that is learned from a sample, so that each passage of a corpus can then be worked on alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from lbc_themes.codebook import load_codebook
from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Passage, Role
from lbc_themes.encoding import Encoder, load_encoder
from lbc_themes.scale.placing import Placer, fit_placer
from lbc_themes.suggest import CodeSuggester
from lbc_themes.suggest.features import Floats, corpus_of
from lbc_themes.text.words import simplified
from lbc_themes.themes import ThemeModel

if TYPE_CHECKING:
    import pandas as pd

    from lbc_themes.core.records import Theme

FEWEST = 10


@dataclass(frozen=True, kw_only=True)
class Options:
    """The choices of a run: recorded in its manifest, and sent to every machine that takes part.

    ``sample`` is the number of passages that statistics and themes are learned from. At most 5,000: the theme model
    takes time and memory with their square.
    """

    codebook: str = "left-behind-children"
    encoder: str = "static-zh.v1"
    top: int = 3
    sample: int = 3000
    seed: int = 0
    keep_vectors: bool = False

    def __post_init__(self) -> None:
        """Refuse a sample or a number of codes that can't be."""
        if not FEWEST <= self.sample <= 5000:
            raise InputError(message("scale.sample_give_passages_learn", sample=self.sample, fewest=FEWEST))
        if self.top < 1:
            raise InputError(message("scale.top_must_more", top=self.top))


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What was learned from the sample: a settled suggester, and where the themes lie."""

    options: Options
    suggester: CodeSuggester
    placer: Placer
    themes: tuple["Theme", ...]


def passages_of(part: "pd.DataFrame") -> list[Passage]:
    """Return the rows of a part as passages, with the question and the role where it has these columns."""
    count = len(part)
    nothing = [""] * count
    texts, questions, roles = (
        part[name].fillna("").astype(str).tolist() if name in part else nothing for name in ("text", "question", "role")
    )
    known = {role.value: role for role in Role}
    return [
        Passage(
            id=str(row), transcript_id="", spans=((0, len(text)),), text=text, speaker="",
            role=known.get(role, Role.OTHER), question=question,
        )
        for row, (text, question, role) in enumerate(zip(texts, questions, roles, strict=True))
    ]  # fmt: skip


@cache
def encoder_of(name: str) -> Encoder:
    """Return the encoder ``name``, loaded once in a process."""
    return load_encoder(name)


def vectors_of(texts: Sequence[str], encoder: str) -> Floats:
    """Return the vectors of ``texts``, shape ``(n, dimensions)``."""
    return encoder_of(encoder).encode([simplified(text) for text in texts]).astype(np.float64)


def plan_of(sample: "pd.DataFrame", options: Options) -> Plan:
    """Learn from the passages of ``sample`` (columns id and text; transcript_id where it is known).

    The same sample and options give the same plan. Refuses a sample of fewer than ten passages.
    """
    if len(sample) < FEWEST:
        raise InputError(message("scale.passages_too_few_lbc", count=len(sample), fewest=FEWEST))
    texts = sample["text"].tolist()
    vectors = vectors_of(texts, options.encoder)
    groups = sample["transcript_id"].tolist() if "transcript_id" in sample else None
    suggester = CodeSuggester(load_codebook(options.codebook), encoder=options.encoder).fit_corpus(
        passages_of(sample), vectors
    )
    model = ThemeModel(encoder=options.encoder, random_state=options.seed).fit(texts, vectors, groups)
    return Plan(
        options=options, suggester=suggester, placer=fit_placer(corpus_of(texts, vectors), model.labels_),
        themes=model.themes_,
    )  # fmt: skip
