"""The key: the only way back from pseudonyms to people. Keep it apart from the transcripts."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

from lbc_themes.core.errors import InputError
from lbc_themes.privacy.kinds import Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A real string and what stands for it. Parts of names (surname, given_name, place_name) are entries too."""

    real: str
    pseudonym: str
    kind: Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Replaced:
    """The half-open slice ``[start, end)`` of a de-identified text, and what stood there before."""

    start: int
    end: int
    real: str
    kind: Kind


@dataclass(frozen=True, kw_only=True, slots=True)
class TranscriptKey:
    """What one transcript was before: ``id`` is its new id; speakers and questions go by turn."""

    id: str
    real_id: str
    sha256: str
    source: str
    length: int
    spans: tuple[Replaced, ...]
    speakers: tuple[str, ...]
    questions: tuple[str | None, ...]
    metadata: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def real_offset(self, offset: int) -> int:
        """Return where ``offset`` of the de-identified text is in the real one; inside a pseudonym, its start."""
        at = bisect_right(self.spans, offset, key=lambda span: span.start)
        if at == 0:
            return offset
        shift = sum(len(span.real) - (span.end - span.start) for span in self.spans[: at - 1])
        last = self.spans[at - 1]
        return last.start + shift + (len(last.real) + offset - last.end if offset >= last.end else 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """All pseudonyms of a study and the transcripts they stand in."""

    entries: tuple[Entry, ...] = ()
    transcripts: tuple[TranscriptKey, ...] = ()

    def of(self, transcript_id: str) -> TranscriptKey:
        """Return the part of the key for one de-identified transcript."""
        for transcript in self.transcripts:
            if transcript.id == transcript_id:
                return transcript
        names = ", ".join(transcript.id for transcript in self.transcripts[:5]) or "none"
        raise InputError(f"the key has no transcript {transcript_id!r} (it has {names}); give the key made with it")
