"""Putting pseudonyms for people and places into transcripts, and taking them out again."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lbc_themes.errors import InputError
from lbc_themes.privacy.found import Found, without_overlaps
from lbc_themes.privacy.key import Entry, Key, TranscriptKey
from lbc_themes.privacy.kinds import LABELS, PARTS, Kind
from lbc_themes.privacy.model import Finder, Method, Sight, finder_of
from lbc_themes.privacy.numbers import numbers
from lbc_themes.privacy.people import Dictionary, Known, people
from lbc_themes.privacy.places import places
from lbc_themes.privacy.pseudonyms import Pseudonyms
from lbc_themes.privacy.rewrite import moved, replaced, restored
from lbc_themes.privacy.tables import words_of
from lbc_themes.records import Transcript, Turn
from lbc_themes.segmenting.simplify import simplified

_NAME_KEYS = frozenset({"name", "姓名", "名字", "participant", "受访者", "学生姓名", "教师姓名", "监护人", "nickname", "昵称"})
_PLACE_KEYS = frozenset({"school", "学校", "village", "村", "address", "地址", "住址", "hometown", "籍贯", "county", "县"})
_BIRTH_KEYS = frozenset({"birth", "birthday", "date_of_birth", "dob", "出生日期", "出生年月", "生日"})


def deidentify(
    transcripts: Iterable[Transcript],
    key: Key | None = None,
    *,
    method: Method = "lac",
    keep: Collection[str] | None = None,
) -> tuple[list[Transcript], Key]:
    """Put pseudonyms for people, schools, places below the big cities, numbers and dates of birth into transcripts.

    A person must still read the result: no method finds every name. `privacy_report` says where to look first.

    The same person keeps the same pseudonym through all transcripts of a study, and through later ones if the key is
    given again. Pseudonyms keep the form in which a name was said: 王老师 becomes 江老师, 老王 老江, and 阿强 follows
    the one known name that ends in 强. Kin words and titles stay. Texts, speakers, questions, metadata, notes and ids
    change together, and turns stay slices of the text; ``source`` and ``sha256`` are emptied.

    Args:
        transcripts: Transcripts of one study.
        key: The key of an earlier call, to be carried on.
        method: "lac" finds names with a packaged model (extra ``privacy``); "patterns" uses only forms that names
            have, speakers' labels and name columns, and misses more.
        keep: Places that stay; without it the countries, provinces and big cities of ``data/kept_places.txt``.

    Returns:
        The transcripts in the same order, and the key that `reidentify` needs. Keep the key apart (`write_key`).

    Raises:
        MissingExtraError: the model is not installed.
        InputError: an unknown method, or two transcripts with one id.
    """
    given = list(transcripts)
    _refuse_twins(given)
    kept = words_of("kept_places.txt") if keep is None else frozenset(keep)
    study = _Study.of(given, finder_of(method), kept, key or Key())
    changed = [study.hide(transcript) for transcript in given]
    fresh = {entry.id for _, entry in changed}
    older = [old for old in (key or Key()).transcripts if old.id not in fresh]
    return [new for new, _ in changed], study.key((*older, *(entry for _, entry in changed)))


def reidentify(transcripts: Iterable[Transcript], key: Key) -> list[Transcript]:
    """Return the transcripts as they were before `deidentify`, exactly.

    Raises:
        InputError: a transcript that the key does not know, or whose text or turns were changed since.
    """
    return [_restored(transcript, key.of(transcript.id)) for transcript in transcripts]


def _restored(transcript: Transcript, key: TranscriptKey) -> Transcript:
    if len(transcript.turns) != len(key.speakers):
        raise InputError(
            f"transcript {key.id} has {len(transcript.turns)} turns and the key was made for {len(key.speakers)}; give "
            "the transcript as deidentify returned it"
        )
    text = restored(transcript.text, key)
    turns = tuple(
        replace(turn, start=key.real_offset(turn.start), end=key.real_offset(turn.end), speaker=speaker, question=asked)
        for turn, speaker, asked in zip(transcript.turns, key.speakers, key.questions, strict=True)
    )
    return replace(
        transcript, id=key.real_id, text=text, turns=turns, metadata=dict(key.metadata), source=key.source,
        sha256=key.sha256, notes=key.notes,
    )  # fmt: skip


def _refuse_twins(transcripts: Sequence[Transcript]) -> None:
    ids = [transcript.id for transcript in transcripts]
    twice = sorted({i for i in ids if ids.count(i) > 1}) if len(set(ids)) < len(ids) else []
    if twice:
        raise InputError(f"transcript ids must be unique within a study; these come twice: {', '.join(twice)}")


@dataclass(kw_only=True)
class _Study:
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
    def of(cls, transcripts: Sequence[Transcript], finder: Finder, keep: frozenset[str], key: Key) -> "_Study":
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
        copy = simplified(text)
        if copy not in self.sights:
            self.sights[copy] = self.finder(copy)
        sights = self.sights[copy]
        every = (*numbers(copy), *people(copy, sights, self.dictionary), *places(copy, sights, self.keep))
        return without_overlaps(every)

    def name(self, kind: Kind, real: str) -> str:
        copy = simplified(real)
        if kind is Kind.PERSON:
            pseudonym = self.pseudonyms.person(copy, self.givens, dict(self.by_last))
        elif kind in LABELS:
            pseudonym = self.pseudonyms.number(kind, copy)
        else:
            pseudonym = self.pseudonyms.place(copy)
        self.entries[kind, real] = pseudonym
        return pseudonym

    def plain(self, text: str) -> str:
        return replaced(text, self.found(text), self.name)[0]

    def hide(self, transcript: Transcript) -> tuple[Transcript, TranscriptKey]:
        found = list(_of_pieces(transcript, self.found))
        text, spans = replaced(transcript.text, found, self.name)
        bounds = [offset for turn in transcript.turns for offset in (turn.start, turn.end)]
        places_ = iter(moved(bounds, spans))
        turns = tuple(self._turn(turn, next(places_), next(places_)) for turn in transcript.turns)
        name = self._id(transcript.id)
        notes = tuple(self.plain(note) for note in transcript.notes)
        metadata = {column: self._cell(column, value) for column, value in transcript.metadata.items()}
        new = replace(
            transcript, id=name, text=text, turns=turns, metadata=metadata, source="", sha256="", notes=notes
        )
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
        parts = (Entry(real=r, pseudonym=p, kind=k) for (k, r), p in self.pseudonyms.parts.items())
        whole = (Entry(real=r, pseudonym=p, kind=k) for (k, r), p in self.entries.items())
        return Key(entries=tuple(dict.fromkeys((*whole, *parts))), transcripts=transcripts)


def _pieces(transcript: Transcript) -> Iterator[str]:
    for start, end in _bounds(transcript):
        yield transcript.text[start:end]


def _bounds(transcript: Transcript) -> Iterator[tuple[int, int]]:
    """Yield the slices between which no name may reach: turns, and what stands between them."""
    cuts = sorted({0, len(transcript.text), *(at for turn in transcript.turns for at in (turn.start, turn.end))})
    yield from zip(cuts, cuts[1:], strict=False)


def _of_pieces(transcript: Transcript, find: Callable[[str], list[Found]]) -> Iterator[Found]:
    for start, end in _bounds(transcript):
        for item in find(transcript.text[start:end]):
            yield replace(item, start=item.start + start, end=item.end + start)


def _labels(transcript: Transcript) -> Iterator[str]:
    yield from dict.fromkeys(turn.speaker for turn in transcript.turns)
    for column, value in transcript.metadata.items():
        if column.strip().lower() in _NAME_KEYS:
            yield value
