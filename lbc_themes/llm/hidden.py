"""Passages with pseudonyms in place of names, for a model on another machine."""

from collections.abc import Sequence
from dataclasses import dataclass

from lbc_themes.core.records import Passage, Role, Transcript, Turn
from lbc_themes.privacy import deidentify


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What is shown to a model: the words of a passage and the question that it answers."""

    text: str
    question: str


def as_said(passages: Sequence[Passage]) -> list[Said]:
    """Return the passages as they are."""
    return [Said(text=passage.text, question=passage.question) for passage in passages]


def pseudonymised(passages: Sequence[Passage]) -> list[Said]:
    """Return the passages with pseudonyms for people, schools, places and numbers, the same ones throughout.

    Refuses where the model that finds names is not installed (extra ``privacy``). No method finds every name.
    """
    hidden, _ = deidentify([_transcript(number, passage) for number, passage in enumerate(passages)], method="lac")
    return [
        Said(text=one.text[one.turns[-1].start : one.turns[-1].end], question=one.text[: one.turns[0].end])
        for one in hidden
    ]


def _transcript(number: int, passage: Passage) -> Transcript:
    asked, begin = len(passage.question), len(passage.question) + 1
    turns = (
        Turn(speaker="", role=Role.INTERVIEWER, start=0, end=asked),
        Turn(speaker=passage.speaker, role=passage.role, start=begin, end=begin + len(passage.text)),
    )
    return Transcript(id=f"passage-{number}", text=f"{passage.question}\n{passage.text}", turns=turns)
