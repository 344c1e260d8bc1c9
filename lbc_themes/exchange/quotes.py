"""Coded words, with who said them: what reports, member checks and triangulation are made of."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from lbc_themes.core.records import Role, Transcript
from lbc_themes.core.study_log import MACHINE, Contents, Participant, contents_codings
from lbc_themes.reading.vocabulary import role_of_value


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """Words of one participant that carry a code. ``coders`` are all who gave it to exactly these words."""

    participant: str
    role: Role
    transcript_id: str
    start: int
    end: int
    text: str
    code_id: str
    coders: tuple[str, ...]


def quotes_of(contents: Contents, coders: Collection[str] | None = None) -> list[Quote]:
    """Return the quotes of ``coders`` (by default all people, not the machine), by transcript and place.

    The same code on the same words comes once. The role is the speaker's, or else the participant's.
    """
    transcripts = {transcript.id: transcript for transcript in contents.transcripts}
    people = {t: person for person in contents.participants for t in person.transcript_ids}
    wanted: dict[tuple[str, int, int, str], list[str]] = defaultdict(list)
    for c in contents_codings(contents):
        if c.coder in coders if coders is not None else c.coder != MACHINE:
            wanted[c.transcript_id, c.start, c.end, c.code_id].append(c.coder)
    found = []
    for (transcript_id, start, end, code_id), names in wanted.items():
        transcript, person = transcripts[transcript_id], people.get(transcript_id)
        found.append(
            Quote(
                participant=person.id if person else transcript_id, role=_role(transcript, start, end, person),
                transcript_id=transcript_id, start=start, end=end, text=_said(transcript, start, end),
                code_id=code_id, coders=tuple(names),
            )
        )  # fmt: skip
    return found


def _role(transcript: Transcript, start: int, end: int, person: Participant | None) -> Role:
    spoken = [turn.role for turn in transcript.turns if turn.start < end and start < turn.end]
    role = next((role for role in spoken if role not in {Role.INTERVIEWER, Role.OTHER}), None)
    stated = role_of_value(person.attributes.get("role", "")) if person else None
    return role or stated or Role.OTHER


def _said(transcript: Transcript, start: int, end: int) -> str:
    """Return the participant's words in a slice; what the interviewer says between them is left out, with a mark."""
    theirs = [t for t in transcript.turns if t.role is not Role.INTERVIEWER and t.start < end and start < t.end]
    parts = [transcript.text[max(start, t.start) : min(end, t.end)].strip() for t in theirs]
    return " …… ".join(filter(None, parts)) or transcript.text[start:end].strip()


def by_code(quotes: Sequence[Quote]) -> Mapping[str, list[Quote]]:
    """Return quotes by code id."""
    found: dict[str, list[Quote]] = defaultdict(list)
    for quote in quotes:
        found[quote.code_id].append(quote)
    return found


def family(contents: Contents, code_id: str) -> tuple[str, ...]:
    """Return a code and every code below it, in codebook order."""
    book = contents.codebook
    return tuple(c.id for c in book if c.id == code_id or code_id in book.ancestors(c.id))
