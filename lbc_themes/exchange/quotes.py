"""Coded words with who said them: what reports, member checks, triangulation and matrices are made of."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from lbc_themes.core.records import Role, Transcript, Turn
from lbc_themes.core.study_log import MACHINE, Contents, Participant, labelled_codings
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
    transcripts = {transcript.id: _Speech(transcript) for transcript in contents.transcripts}
    people = {t: person for person in contents.participants for t in person.transcript_ids}
    wanted: dict[tuple[str, int, int, str], list[str]] = defaultdict(list)
    machine = 1 if coders is not None and MACHINE in coders else 0
    for c in labelled_codings(contents, machine):
        if c.coder in coders if coders is not None else c.coder != MACHINE:
            wanted[c.transcript_id, c.start, c.end, c.code_id].append(c.coder)
    found = []
    for (transcript_id, start, end, code_id), names in wanted.items():
        speech, person = transcripts[transcript_id], people.get(transcript_id)
        turns = speech.turns(start, end)
        found.append(
            Quote(
                participant=person.id if person else transcript_id, role=_role(turns, person),
                transcript_id=transcript_id, start=start, end=end, text=_said(speech.text, turns, start, end),
                code_id=code_id, coders=tuple(names),
            )
        )  # fmt: skip
    return found


class _Speech:
    """A transcript in which the turns of a slice are found at once: turns follow each other and never overlap."""

    def __init__(self, transcript: Transcript) -> None:
        self.text, self._turns = transcript.text, transcript.turns
        self._starts = [turn.start for turn in transcript.turns]
        self._ends = [turn.end for turn in transcript.turns]

    def turns(self, start: int, end: int) -> tuple[Turn, ...]:
        """Return the turns that share characters with a slice."""
        return self._turns[bisect_right(self._ends, start) : bisect_left(self._starts, end)]


def _role(turns: Sequence[Turn], person: Participant | None) -> Role:
    role = next((turn.role for turn in turns if turn.role not in {Role.INTERVIEWER, Role.OTHER}), None)
    return role or (role_of_value(person.attributes.get("role", "")) if person else None) or Role.OTHER


def _said(text: str, turns: Sequence[Turn], start: int, end: int) -> str:
    """Return the participant's words in a slice; what the interviewer says between them is left out, with a mark."""
    theirs = [turn for turn in turns if turn.role is not Role.INTERVIEWER]
    parts = [text[max(start, turn.start) : min(end, turn.end)].strip() for turn in theirs]
    return " …… ".join(filter(None, parts)) or text[start:end].strip()


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


def spread(quotes: Sequence[Quote], many: int = 3) -> tuple[Quote, ...]:
    """Return up to ``many`` quotes, of different people first."""
    first = {quote.participant: quote for quote in reversed(quotes)}
    others = [quote for quote in quotes if quote not in first.values()]
    return tuple(sorted(first.values(), key=lambda q: (q.transcript_id, q.start)) + others)[:many]
