"""A transcript as it was read, and its turns as slices of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lbc_themes.errors import InputError


class Role(StrEnum):
    """Who speaks, as far as coding is concerned. Interviewer speech is context and is never coded."""

    INTERVIEWER = "interviewer"
    CHILD = "child"
    TEACHER = "teacher"
    CAREGIVER = "caregiver"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """One speaker's speech, as the half-open slice ``[start, end)`` of the transcript's text.

    ``start`` and ``end`` count Unicode code points, as Python slices do. ``speaker`` is the label as it stands in the
    file ("说话人1", "奶奶"). ``time`` is the seconds from the start of the recording, where the file says.
    ``question`` is the question the turn answers where the file itself says so (a column header).
    """

    speaker: str
    role: Role
    start: int
    end: int
    time: float | None = None
    question: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Transcript:
    """One interview: the text as read, never rewritten, and the turns that are slices of it.

    ``id`` is the file's stem (made unique within one reading). ``form`` names the file form it was read as.
    ``metadata`` holds participant attributes ("participant", "role", "gender", ...) as text. ``source`` is the path
    given and ``sha256`` the checksum of the file's bytes. ``notes`` are remarks of the reader that a person should see.
    """

    id: str
    text: str
    turns: tuple[Turn, ...]
    form: str = "plain"
    metadata: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    sha256: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse turns that are not ordered slices of the text."""
        before = 0
        for number, turn in enumerate(self.turns):
            if not before <= turn.start <= turn.end <= len(self.text):
                raise InputError(
                    f"transcript {self.id}: turn {number} is [{turn.start}, {turn.end}) after offset {before} in a "
                    f"text of {len(self.text)} characters; turns must be ordered slices that do not overlap"
                )
            before = turn.end

    def said(self, turn: Turn) -> str:
        """Return the words of ``turn``."""
        return self.text[turn.start : turn.end]
