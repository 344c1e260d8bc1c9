"""Putting pseudonyms for people and places into transcripts, and taking them out again."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Transcript, Turn
from lbc_themes.safeguards.privacy.candidates import (
    DOTTED_RANK,
    begun_before,
    crosses_words,
    dotted_names,
    is_talk_around,
    nicknames_of,
    numbered_school,
    transliterated_names,
    weighed,
    whole_place,
    wholes,
)
from lbc_themes.safeguards.privacy.entities import (
    LABELS,
    PARTS,
    Finder,
    Found,
    Kind,
    Method,
    Sight,
    finder_of,
    numbers,
    without_overlaps,
)
from lbc_themes.safeguards.privacy.key import Entry, Key, Replaced, TranscriptKey
from lbc_themes.safeguards.privacy.people import Dictionary, Known, people, surname_of
from lbc_themes.safeguards.privacy.places import organisations, places
from lbc_themes.safeguards.privacy.pseudonyms import Pseudonyms
from lbc_themes.safeguards.privacy.tagger import DOUBTED, EDGE, NEVER, SURE, Tagged, agreed, inside, tagged, whole
from lbc_themes.text.names import words_of
from lbc_themes.text.words import simplified

# Putting pseudonyms into a text and taking them out again, with every offset moved along


def replaced(text: str, found: Iterable[Found], name: Callable[[Kind, str], str]) -> tuple[str, tuple[Replaced, ...]]:
    """Return ``text`` with each finding put under its pseudonym, and the spans of the new text that were changed."""
    pieces, spans, at, length = [], [], 0, 0
    for item in found:
        pseudonym = name(item.kind, text[item.start : item.end])
        start = length + item.start - at
        spans.append(
            Replaced(start=start, end=start + len(pseudonym), real=text[item.start : item.end], kind=item.kind)
        )
        pieces += [text[at : item.start], pseudonym]
        at, length = item.end, start + len(pseudonym)
    return "".join([*pieces, text[at:]]), tuple(spans)


def moved(offsets: Sequence[int], spans: Sequence[Replaced]) -> list[int]:
    """Return where ordered ``offsets`` of the real text are in the new one. None may lie inside a replaced slice."""
    gains = list(accumulate((span.end - span.start - len(span.real) for span in spans), initial=0))
    ends = [span.end - gain for span, gain in zip(spans, gains[1:], strict=True)]
    places, at = [], 0
    for offset in offsets:
        while at < len(ends) and ends[at] <= offset:
            at += 1
        places.append(offset + gains[at])
    return places


def restored(text: str, key: TranscriptKey) -> str:
    """Return the real text. Refuses a text that is not the one the key was made with."""
    if len(text) != key.length:
        raise InputError(
            message("safeguards.transcript_characters_key_was", id=key.id, count=len(text), length=key.length)
        )
    pieces, at = [], 0
    for span in key.spans:
        pieces += [text[at : span.start], span.real]
        at = span.end
    return "".join([*pieces, text[at:]])


# What is known of the names of a whole study

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
    given_ids: set[str] = field(default_factory=set)

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
            sights[piece] = _sights(piece, finder)
            known.learn_sights(piece, sights[piece])
            known.learn_patterns(piece, _is_word)
        doubtful = known.doubtful(dict.fromkeys(pieces))
        sure = {
            word
            for word, evidence in weighed(dict.fromkeys(pieces)).items()
            if evidence.sure and not (evidence.reason == "listed" and word in doubtful)
        }
        known.always |= agreed(sure, dict.fromkeys(pieces))
        known.always |= {name for full in known.labelled() for name in nicknames_of(full)}
        parts = [(e.kind, e.real, e.pseudonym) for e in key.entries if e.kind in PARTS or e.kind in LABELS]
        besides = [simplified(words) for transcript in transcripts for words in _besides(transcript)]
        surnames = {full[0] for full in {*known.always, *known.fulls, *known.seen}}
        return cls(
            finder=finder, keep=keep, dictionary=known.everywhere(pieces), givens=frozenset(known.givens),
            by_last=known.by_last(), sights=sights, ids={transcript.id for transcript in key.transcripts},
            pseudonyms=Pseudonyms(taken=surnames, texts="\n".join([*pieces, *besides]), known=parts),
            entries={(e.kind, e.real): e.pseudonym for e in key.entries if e.kind not in PARTS},
        )  # fmt: skip

    def found(self, text: str) -> list[Found]:
        """Return what points to a person in ``text``, without overlaps."""
        copy = simplified(text)
        if copy not in self.sights:
            self.sights[copy] = _sights(copy, self.finder)
        sights = self.sights[copy]
        single = [f for f in people(copy, sights, self.dictionary) if _is_word(copy, f)]
        of_people = (*numbers(copy), *single, *_whole_names(copy, single))
        of_places = [*places(copy, sights, self.keep), *organisations(copy, sights, self.keep)]
        ends = [(found, numbered_school(copy, found.end)) for found in of_places]
        of_places += [
            replace(found, end=end, kind=Kind.SCHOOL, rank=DOTTED_RANK + 1) for found, end in ends if end > found.end
        ]
        begun = ((found, begun_before(copy, found.start, found.end)) for found in (*single, *of_places))
        of_places += [replace(found, start=at, rank=DOTTED_RANK + 1) for found, at in begun if at < found.start]
        longer = (
            (found, whole_place(copy, found.end, place=found.kind is Kind.PLACE)) for found in (*single, *of_places)
        )
        of_places += [
            replace(found, end=end, kind=Kind.PLACE, rank=DOTTED_RANK + 1) for found, end in longer if end > found.end
        ]
        return without_overlaps((*of_people, *of_places, *_whole_by_tags(copy, (*single, *of_places))))

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
        stays = _same_end(pseudonym, copy)
        pseudonym = pseudonym[: len(pseudonym) - stays] + real[len(real) - stays :]
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
        while name in self.given_ids or (name in self.ids and name != real):
            name, number = f"{plain}-{number}", number + 1
        self.given_ids.add(name)
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


def _sights(copy: str, finder: Finder) -> list[Sight]:
    """Return what the model sees, with the edges that the tagger is sure of, and besides what the tagger is sure of."""
    names = [name for name in tagged(copy) if name.sure >= EDGE and name.end - name.start > 1]
    seen = [edged for sight in finder(copy) for edged in _edged(copy, sight, names)]
    taken = {at for start, end, _ in seen for at in range(start, end)}
    surely = (name for name in names if name.sure >= SURE and taken.isdisjoint(range(name.start, name.end)))
    return [*seen, *((name.start, name.end, name.kind) for name in surely)]


def _edged(copy: str, sight: Sight, names: Sequence[Tagged]) -> Iterator[Sight]:
    """Yield what the model saw, with surer edges; nothing where the tagger sees no name, or one across its edge."""
    start, end, what = sight
    pet = copy[start] == copy[end - 1] or copy[start] in "小阿"
    if what == "person" and not pet and max(inside(copy, start, end)) < NEVER:
        return
    for name in names:
        if name.kind != "person" or end <= name.start or name.end <= start:
            continue
        if what == "person":
            left, right = copy[start : name.start], copy[name.end : end]
            surname = bool(left) and surname_of(left) == left and max(inside(copy, start, name.start)) >= NEVER
            first = name.start if not surname and _outside(copy, start, name.start) else min(start, name.start)
            title = right in words_of("titles.txt")
            last = name.end if not title and _outside(copy, name.end, end) else max(end, name.end)
            yield first, last, what
            return
        if name.start < start or end < name.end:
            return
    yield sight


def _outside(copy: str, start: int, end: int) -> bool:
    return start >= end or max(inside(copy, start, end)) < DOUBTED


def _whole_by_tags(copy: str, found: Sequence[Found]) -> Iterator[Found]:
    """Yield the names of which only a part was found, with what the tagger takes for the rest of them."""
    for part in found:
        start, end = whole(copy, part.start, part.end)
        if end - start > part.end - part.start:
            yield Found(start=start, end=end, kind=part.kind, rank=DOTTED_RANK + 1)


def _same_end(one: str, other: str) -> int:
    """Return how many characters two strings end in that are the same: what says the kind, and stays."""
    same = 0
    while same < min(len(one), len(other)) and one[-1 - same] == other[-1 - same]:
        same += 1
    return same


def _is_word(copy: str, found: Found) -> bool:
    return found.sure or not crosses_words(copy, found.start, found.end)


def _whole_names(copy: str, people: Sequence[Found]) -> Iterator[Found]:
    """Yield names with dots, and unknown words in a name's place of which only a part was found."""
    for start, end in dotted_names(copy):
        yield Found(start=start, end=end, kind=Kind.PERSON, rank=DOTTED_RANK)
    for start, end in (*wholes(copy), *transliterated_names(copy)):
        parts = [(f.start, f.end) for f in people if start <= f.start and f.end <= end]
        talk = any(is_talk_around(copy, start, end, name) for name in parts)
        if parts and not talk and min(inside(copy, start, end)) >= NEVER:
            yield Found(start=start, end=end, kind=Kind.PERSON, rank=DOTTED_RANK)


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


def _besides(transcript: Transcript) -> Iterator[str]:
    """Yield what people are told by outside the text: a pseudonym that stands there would be somebody's own name."""
    yield from (transcript.id, *transcript.metadata.values(), *transcript.notes)
    for turn in transcript.turns:
        yield from (turn.speaker, turn.question or "")


def _labels(transcript: Transcript) -> Iterator[str]:
    yield from dict.fromkeys(turn.speaker for turn in transcript.turns)
    for column, value in transcript.metadata.items():
        if column.strip().lower() in _NAME_KEYS:
            yield value


def deidentify(
    transcripts: Iterable[Transcript],
    key: Key | None = None,
    *,
    method: Method = "lac",
    keep: Collection[str] | None = None,
) -> tuple[list[Transcript], Key]:
    """Put pseudonyms for people, schools, employers, offices, small places and numbers into transcripts.

    Small places are those below the big cities; numbers are phones, documents, accounts, plates and dates of birth.

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

    >>> from lbc_themes.core.records import Role, Turn
    >>> turn = Turn(speaker="小林", role=Role.CHILD, start=0, end=14)
    >>> transcript = Transcript(id="C01", text="我跟王老师说过，我想我妈妈。", turns=(turn,))
    >>> (copy,), key = deidentify([transcript], method="patterns")
    >>> copy.text
    '我跟江老师说过，我想我妈妈。'
    """
    given = list(transcripts)
    _refuse_twins(given)
    kept = words_of("kept_places.txt") if keep is None else frozenset(keep)
    study = StudyNames.of(given, finder_of(method), kept, key or Key())
    changed = [study.hide(transcript) for transcript in given]
    fresh = {entry.id for _, entry in changed}
    older = [old for old in (key or Key()).transcripts if old.id not in fresh]
    return [new for new, _ in changed], study.key((*older, *(entry for _, entry in changed)))


def reidentify(transcripts: Iterable[Transcript], key: Key) -> list[Transcript]:
    """Return the transcripts as they were before `deidentify`, exactly.

    Raises:
        InputError: a transcript that the key does not know, or whose text or turns were changed since.

    >>> from lbc_themes.core.records import Role, Turn
    >>> turn = Turn(speaker="小林", role=Role.CHILD, start=0, end=14)
    >>> transcript = Transcript(id="C01", text="我跟王老师说过，我想我妈妈。", turns=(turn,))
    >>> copies, key = deidentify([transcript], method="patterns")
    >>> reidentify(copies, key) == [transcript]
    True
    """
    return [_restored(transcript, key.of(transcript.id)) for transcript in transcripts]


def _restored(transcript: Transcript, key: TranscriptKey) -> Transcript:
    if len(transcript.turns) != len(key.speakers):
        raise InputError(
            message(
                "safeguards.transcript_turns_key_was", id=key.id, count=len(transcript.turns), count_2=len(key.speakers)
            )
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
        raise InputError(message("safeguards.transcript_ids_must_unique", twice=[*twice]))
