"""All that a study holds, as plain records: what is stored in its file and what travels to other programs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from lbc_themes.records import Codebook, Coding, Decision, Passage, Suggestion, Transcript, Verdict

MACHINE = "machine"
SETTLED = "settled:"
"""How the names begin under which settled codes are kept: they belong to nobody's own coding."""

About = Literal["study", "transcript", "passage", "code", "participant", "theme"]


NOTHING = "没有合适的编码 No code applies"
"""The memo of a decision that no code applies, which tells it from suggestions that were merely turned down."""


def turned_down(decision: Decision) -> bool:
    """Say whether suggestions were turned down, and neither another code given nor said that none applies."""
    return decision.verdict is Verdict.REJECTED and not decision.code_ids and decision.memo != NOTHING


def is_settled(coder: str) -> bool:
    """Say whether ``coder`` stands for settled codes.

    >>> is_settled("settled:李")
    True
    """
    return coder.startswith(SETTLED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Memo:
    """A note that a person wrote. ``about`` says of what kind of thing, and ``about_id`` of which one."""

    text: str
    coder: str
    about: About = "study"
    about_id: str = ""
    time: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Participant:
    """Somebody who was interviewed, with attributes (role, gender, age, ...) as text and their transcripts."""

    id: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    transcript_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """What the machine suggested at one time. ``options`` say how, as text."""

    name: str
    time: str
    suggestions: tuple[Suggestion, ...]
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Retraction:
    """The taking back of an entry of the log, by its number."""

    entry_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Erased:
    """What is left of a line whose participant withdrew: its kind, "decision", "coding", "memo" or "retraction"."""

    kind: str


Recorded = Decision | Coding | Memo | Retraction | Erased


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of a study's log, numbered in the order of writing. ``run`` names the run that was shown."""

    id: int
    coder: str
    time: str
    record: Recorded
    run: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """A whole study. The last of ``codebooks`` is the one in use; ``entries`` are in the order of their numbers."""

    name: str
    transcripts: tuple[Transcript, ...]
    codebooks: tuple[Codebook, ...]
    passages: tuple[Passage, ...] = ()
    participants: tuple[Participant, ...] = ()
    runs: tuple[Run, ...] = ()
    entries: tuple[Entry, ...] = ()

    @property
    def codebook(self) -> Codebook:
        """The codebook in use."""
        return self.codebooks[-1]
