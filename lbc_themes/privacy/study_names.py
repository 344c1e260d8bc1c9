"""What is known of the names of a whole study, and how a transcript is put under pseudonyms with it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from lbc_themes.core.records import Transcript, Turn
from lbc_themes.privacy.found import Found, without_overlaps
from lbc_themes.privacy.key import Entry, Key, TranscriptKey
from lbc_themes.privacy.kinds import LABELS, PARTS, Kind
from lbc_themes.privacy.model import Finder, Sight
from lbc_themes.privacy.numbers import numbers
from lbc_themes.privacy.organisations import organisations
from lbc_themes.privacy.people import Dictionary, Known, people
from lbc_themes.privacy.places import places
from lbc_themes.privacy.pseudonyms import Pseudonyms
from lbc_themes.privacy.rewrite import moved, replaced
from lbc_themes.text.simplify import simplified

_NAME_KEYS = frozenset(
    {"name", "姓名", "名字", "participant", "受访者", "学生姓名", "教师姓名", "监护人", "nickname", "昵称"}
)
_PLACE_KEYS = frozenset(
    {"school", "学校", "village", "村", "address", "地址", "住址", "hometown", "籍贯", "county", "县"}
)
_BIRTH_KEYS = frozenset({"birth", "birthday", "date_of_birth", "dob", "出生日期", "出生年月", "生日"})


@dataclass(kw_only=True)
class StudyNames:
    """What is known of a whole study while it is being de-identified."""

    finder: Finder
    keep: frozenset[str]
    dictionary: Dictionary
    givens: frozenset[str]
    by_last: Mapping[str, str]
    pseudonyms: Pseudonyms
    sights: dict[str, list[Sight]]
    entries: dict[tuple[Kind, str], str]
    ids: set[str]

    @classmethod
    def of(cls, transcripts: Sequence[Transcript], finder: Finder, keep: frozenset[str], key: Key) -> "StudyNames":
        """Learn the names of all transcripts, and take over the pseudonyms of ``key``."""
        sights: dict[str, list[Sight]] = {}
        known = Known()
        for entry in key.entries:
            if entry.kind is Kind.PERSON:
                known.learn_label(simplified(entry.real))
        pieces = [simplified(piece) for transcript in transcripts for piece in _pieces(transcript)]
        for transcript in transcripts:
            for label in _labels(transcript):
                known.learn_label(simplified(label))
        for piece in dict.fromkeys(pieces):
            sights[piece] = finder(piece)
            known.learn_sights(piece, sights[piece])
        parts = [(e.kind, e.real, e.pseudonym) for e in key.entries if e.kind in PARTS or e.kind in LABELS]
        surnames = {full[0] for full in {*known.always, *known.fulls, *known.seen}}
        return cls(
            finder=finder, keep=keep, dictionary=known.everywhere(pieces), givens=frozenset(known.givens),
            by_last=known.by_last(), sights=sights, ids={transcript.id for transcript in key.transcripts},
            pseudonyms=Pseudonyms(taken=surnames, texts="\n".join(pieces), known=parts),
            entries={(e.kind, e.real): e.pseudonym for e in key.entries if e.kind not in PARTS},
        )  # fmt: skip

    def found(self, text: str) -> list[Found]:
        """Return what points to a person in ``text``, without overlaps."""
        copy = simplified(text)
        if copy not in self.sights:
            self.sights[copy] = self.finder(copy)
        sights = self.sights[copy]
        of_people = (*numbers(copy), *people(copy, sights, self.dictionary))
        of_places = (*places(copy, sights, self.keep), *organisations(copy, sights, self.keep))
        return without_overlaps((*of_people, *of_places))

    def name(self, kind: Kind, real: str) -> str:
        """Return the pseudonym of ``real`` and remember it for the key."""
        copy = simplified(real)
        if kind is Kind.PERSON:
            pseudonym = self.pseudonyms.person(copy, self.givens, self.by_last)
        elif kind in LABELS:
            pseudonym = self.pseudonyms.number(kind, copy)
        elif kind is Kind.ORGANISATION:
            pseudonym = self.pseudonyms.organisation(copy)
        else:
            pseudonym = self.pseudonyms.place(copy)
        self.entries[kind, real] = pseudonym
        return pseudonym

    def plain(self, text: str) -> str:
        """Return ``text`` under pseudonyms."""
        return replaced(text, self.found(text), self.name)[0]

    def hide(self, transcript: Transcript) -> tuple[Transcript, TranscriptKey]:
        """Return the transcript under pseudonyms and its part of the key."""
        found = list(_of_pieces(transcript, self.found))
        text, spans = replaced(transcript.text, found, self.name)
        bounds = [offset for turn in transcript.turns for offset in (turn.start, turn.end)]
        places_ = iter(moved(bounds, spans))
        turns = tuple(self._turn(turn, next(places_), next(places_)) for turn in transcript.turns)
        name = self._id(transcript.id)
        notes = tuple(self.plain(note) for note in transcript.notes)
        metadata = {column: self._cell(column, value) for column, value in transcript.metadata.items()}
        new = replace(transcript, id=name, text=text, turns=turns, metadata=metadata, source="", sha256="", notes=notes)
        return new, TranscriptKey(
            id=name, real_id=transcript.id, sha256=transcript.sha256, source=transcript.source, length=len(text),
            spans=spans, speakers=tuple(turn.speaker for turn in transcript.turns),
            questions=tuple(turn.question for turn in transcript.turns), metadata=dict(transcript.metadata),
            notes=transcript.notes,
        )  # fmt: skip

    def _turn(self, turn: Turn, start: int, end: int) -> Turn:
        question = None if turn.question is None else self.plain(turn.question)
        return replace(turn, start=start, end=end, speaker=self.plain(turn.speaker), question=question)

    def _id(self, real: str) -> str:
        name = plain = self.plain(real)
        number = 2
        while name in self.ids and name != real:
            name, number = f"{plain}-{number}", number + 1
        self.ids.add(name)
        return name

    def _cell(self, column: str, value: str) -> str:
        key = column.strip().lower()
        if key in _BIRTH_KEYS and value:
            return self.name(Kind.BIRTH_DATE, value)
        hidden = self.plain(value)
        if hidden == value and key in _PLACE_KEYS and len(value) > 1 and simplified(value) not in self.keep:
            return self.name(Kind.PLACE, value)
        return hidden

    def key(self, transcripts: tuple[TranscriptKey, ...]) -> Key:
        """Return the key of all that was named so far."""
        parts = (Entry(real=r, pseudonym=p, kind=k) for (k, r), p in self.pseudonyms.parts.items())
        whole = (Entry(real=r, pseudonym=p, kind=k) for (k, r), p in self.entries.items())
        return Key(entries=tuple(dict.fromkeys((*whole, *parts))), transcripts=transcripts)


def _pieces(transcript: Transcript) -> Iterator[str]:
    for start, end in _bounds(transcript):
        yield transcript.text[start:end]


def _bounds(transcript: Transcript) -> Iterator[tuple[int, int]]:
    """Yield the slices between which no name may reach: turns, and what stands between them."""
    cuts = sorted({0, len(transcript.text), *(at for turn in transcript.turns for at in (turn.start, turn.end))})
    yield from pairwise(cuts)


def _of_pieces(transcript: Transcript, find: Callable[[str], list[Found]]) -> Iterator[Found]:
    for start, end in _bounds(transcript):
        for item in find(transcript.text[start:end]):
            yield replace(item, start=item.start + start, end=item.end + start)


def _labels(transcript: Transcript) -> Iterator[str]:
    yield from dict.fromkeys(turn.speaker for turn in transcript.turns)
    for column, value in transcript.metadata.items():
        if column.strip().lower() in _NAME_KEYS:
            yield value
