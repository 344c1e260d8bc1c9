"""What people and the machine say of a passage: codings, suggestions, decisions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, kw_only=True, slots=True)
class Coding:
    """A code on a half-open slice of a transcript, by a coder. The machine is a coder of its own."""

    transcript_id: str
    start: int
    end: int
    code_id: str
    coder: str
    time: str = ""
    memo: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """Why a code is suggested: the words that spoke for it and the nearest example, with a sentence in both languages.

    ``words`` are strings that stand in the passage. ``example`` is the text of the codebook example or of the coded
    passage nearest to it; ``example_source`` says which ("codebook", or the id of the coded passage).
    """

    words: tuple[str, ...] = ()
    example: str = ""
    example_source: str = ""
    why_zh: str = ""
    why_en: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RankedCode:
    """One suggested code. ``score`` orders codes within a passage; ``probability`` is between 0 and 1."""

    code_id: str
    score: float
    probability: float
    evidence: Evidence = field(default_factory=Evidence)


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """Ranked codes for one passage, best first; where ``codes`` is empty, ``reason`` says why. Never a decision."""

    passage_id: str
    codes: tuple[RankedCode, ...]
    reason: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


class Verdict(StrEnum):
    """What a person did with a suggestion."""

    ACCEPTED = "accepted"
    CHANGED = "changed"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """A person's verdict on a suggestion. Decisions are only ever added.

    ``code_ids`` are the codes that the person put on the passage: the accepted ones, the ones put in their place, or
    none where nothing applies.
    """

    passage_id: str
    verdict: Verdict
    code_ids: tuple[str, ...]
    coder: str
    time: str
    memo: str = ""
