"""The nouns that flow through the library: frozen records, no behaviour beyond looking things up."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import Bilingual, Language, message

# --- A transcript as it was read, and its turns as slices of it.


class Role(StrEnum):
    """Who speaks, as far as coding is concerned. Interviewer speech is context and is never coded.

    >>> Role("teacher") is Role.TEACHER
    True
    """

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

    >>> text = "奶奶：他乖得很。"
    >>> turn = Turn(speaker="奶奶", role=Role.CAREGIVER, start=3, end=8)
    >>> text[turn.start : turn.end]
    '他乖得很。'
    """

    speaker: str
    role: Role
    start: int
    end: int
    time: float | None = None
    question: str | None = None


class Severity(StrEnum):
    """How much a finding about a reading matters.

    ``serious``: part of the file is very likely read wrong, or not read. ``check``: a person should look. ``note``: for
    the record.
    """

    SERIOUS = "serious"
    CHECK = "check"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something about how a file was read that a person should know.

    ``kind`` is a name of `lbc_themes.reading.audit.KINDS`, which holds the words for it in both languages.
    ``details`` are the words, columns or numbers at stake. ``start`` and ``end`` are the half-open slice of the
    transcript's text where it shows, ``line`` the line of that text, from 1; None where it is about the whole file.
    """

    kind: str
    severity: Severity
    details: str = ""
    start: int | None = None
    end: int | None = None
    line: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Transcript:
    """One interview: the text as read, never rewritten, and the turns that are slices of it.

    ``id`` is the file's stem (made unique within one reading). ``form`` names the file form it was read as.
    ``metadata`` holds participant attributes ("participant", "role", "gender", ...) as text. ``source`` is the path
    given and ``sha256`` the checksum of the file's bytes. ``notes`` are remarks of the reader that a person should see.
    ``findings`` are those of the audit that follows every reading, the most serious first.

    Raises InputError if the turns are not slices of the text in order.

    >>> turn = Turn(speaker="奶奶", role=Role.CAREGIVER, start=3, end=8)
    >>> transcript = Transcript(id="C01", text="奶奶：他乖得很。", turns=(turn,))
    >>> transcript.said(turn)
    '他乖得很。'
    """

    id: str
    text: str
    turns: tuple[Turn, ...]
    form: str = "plain"
    metadata: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    sha256: str = ""
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        """Refuse turns that are not ordered slices of the text."""
        before = 0
        for number, turn in enumerate(self.turns):
            if not before <= turn.start <= turn.end <= len(self.text):
                raise InputError(
                    message(
                        "core.transcript_turn_after_offset",
                        id=self.id,
                        number=number,
                        start=turn.start,
                        end=turn.end,
                        before=before,
                        count=len(self.text),
                    )
                )
            before = turn.end

    def said(self, turn: Turn) -> str:
        """Return the words of ``turn``."""
        return self.text[turn.start : turn.end]


# --- A passage: what a coder codes, traced to exact slices of its transcript.


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """A stretch of one participant's speech of a size that a coder would code.

    ``spans`` are half-open slices ``(start, end)`` of the transcript's text in order, in Unicode code points; there are
    several only where a back-channel of the other speaker (嗯, 对) breaks one stretch of speech. The invariant
    ``"".join(transcript.text[a:b] for a, b in spans) == text`` is kept by the segmenter. ``question`` is the
    interviewer's speech that the passage answers, empty where there is none.

    Raises InputError if the spans are out of order or not as long together as the text.

    >>> passage = Passage(
    ...     id="C01:0001", transcript_id="C01", spans=((3, 8),), text="他乖得很。", speaker="奶奶", role=Role.CAREGIVER
    ... )
    >>> passage.start, passage.end
    (3, 8)
    """

    id: str
    transcript_id: str
    spans: tuple[tuple[int, int], ...]
    text: str
    speaker: str
    role: Role
    question: str = ""

    def __post_init__(self) -> None:
        """Refuse spans that begin before the text, are out of order or do not add up to the text."""
        flat = [offset for span in self.spans for offset in span]
        if not flat or flat[0] < 0 or flat != sorted(flat) or sum(b - a for a, b in self.spans) != len(self.text):
            raise InputError(
                message("core.passage_spans_ordered_slices", id=self.id, spans=self.spans, count=len(self.text))
            )

    @property
    def start(self) -> int:
        """The first offset, in code points."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """The offset after the last character, in code points."""
        return self.spans[-1][1]


# --- A code and a codebook, with everything a coder needs to apply it.


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """When to use a code, or when not to; then ``use`` names the neighbouring code to take instead."""

    text: Bilingual
    use: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """A sentence written for the codebook. ``code`` is the code it really takes."""

    text: Bilingual
    speaker: Role
    code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """One code of a codebook. ``indicators`` are words and turns of phrase that often carry it in speech.

    >>> empty = Bilingual(zh="", en="")
    >>> code = Code(id="longing", name=Bilingual(zh="想念", en="Longing"), brief=empty, definition=empty)
    >>> code.name.said("en")
    'Longing'
    """

    id: str
    name: Bilingual
    brief: Bilingual
    definition: Bilingual
    include: tuple[Rule, ...] = ()
    exclude: tuple[Rule, ...] = ()
    typical: tuple[Example, ...] = ()
    atypical: tuple[Example, ...] = ()
    close: tuple[Example, ...] = ()
    indicators: tuple[str, ...] = ()
    parent: str | None = None
    speakers: tuple[Role, ...] = ()
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    colour: str = "#888888"
    source: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Utterance:
    """One more way in which codes are voiced: a sentence with its codes, the main one first; none means small talk."""

    text: str
    language: Language
    speaker: Role
    code_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Codebook:
    """Codes in their order. Ids are unique and parents form a forest; InputError is raised where they do not.

    ``utterances`` are further invented sentences, kept apart from the codes because there are too many to read while
    coding; the suggester learns from them before anything is coded by hand.

    >>> book = Codebook(id="b", version="1", name=Bilingual(zh="书", en="book"), codes=())
    >>> len(book)
    0
    """

    id: str
    version: str
    name: Bilingual
    codes: tuple[Code, ...]
    source: str = ""
    utterances: tuple[Utterance, ...] = ()

    def __post_init__(self) -> None:
        """Refuse ids that come twice, parents that are missing, and parents that go round in a circle."""
        ids = [code.id for code in self.codes]
        twice = sorted(i for i, count in Counter(ids).items() if count > 1)
        if twice:
            raise InputError(message("core.codebook_code_ids_must", id=self.id, twice=[*twice]))
        for code in self.codes:
            if code.parent is not None and code.parent not in self._by_id:
                raise InputError(
                    message("core.codebook_code_names_parent", id=self.id, id_2=code.id, parent=code.parent)
                )
            self._walk_up(code.id)
        strangers = sorted({i for u in self.utterances for i in u.code_ids if i not in self._by_id})
        if strangers:
            raise InputError(message("core.codebook_utterances_name_codes", id=self.id, strangers=[*strangers]))

    @cached_property
    def _by_id(self) -> dict[str, Code]:
        return {code.id: code for code in self.codes}

    def _walk_up(self, code_id: str) -> list[str]:
        path, parent = [code_id], self._by_id[code_id].parent
        while parent is not None:
            if parent in path:
                circle = " > ".join([*path, parent])
                raise InputError(message("core.codebook_parents_go_round", id=self.id, circle=circle))
            path.append(parent)
            parent = self._by_id[parent].parent
        return path[1:]

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[Code]:
        return iter(self.codes)

    def __contains__(self, code_id: object) -> bool:
        return code_id in self._by_id

    def __getitem__(self, code_id: str) -> Code:
        if code_id not in self._by_id:
            raise InputError(message("core.codebook_no_code_codes", id=self.id, code_id=code_id, by_id=[*self._by_id]))
        return self._by_id[code_id]

    @property
    def ids(self) -> tuple[str, ...]:
        """Code ids in codebook order."""
        return tuple(code.id for code in self.codes)

    def ancestors(self, code_id: str) -> tuple[str, ...]:
        """Return the parent of ``code_id``, its parent, and so on to the root."""
        return tuple(self._walk_up(self[code_id].id))

    def children(self, code_id: str) -> tuple[Code, ...]:
        """Return the codes directly below ``code_id``."""
        return tuple(code for code in self.codes if code.parent == self[code_id].id)

    def subset(self, code_ids: Iterable[str], *, below: bool = True) -> "Codebook":
        """Return a codebook of the named codes and, with ``below``, everything below them, in codebook order."""
        wanted = {self[code_id].id for code_id in code_ids}
        kept = [code for code in self.codes if wanted & {code.id, *(self._walk_up(code.id) if below else ())}]
        ids = {code.id for code in kept}
        codes = tuple(c if c.parent in ids else replace(c, parent=None) for c in kept)
        return replace(self, codes=codes, utterances=tuple(_within(self.utterances, ids)))


def _within(utterances: Iterable[Utterance], ids: set[str]) -> Iterator[Utterance]:
    for utterance in utterances:
        code_ids = tuple(i for i in utterance.code_ids if i in ids)
        if code_ids or not utterance.code_ids:
            yield replace(utterance, code_ids=code_ids)


# --- What people and the machine say of a passage: codings, suggestions, decisions.


@dataclass(frozen=True, kw_only=True, slots=True)
class Coding:
    """A code on a half-open slice of a transcript, by a coder. The machine is a coder of its own.

    ``adjudication`` tells a code given in adjudication from the coder's own, independent coding.

    >>> coding = Coding(transcript_id="C01", start=3, end=8, code_id="longing", coder="li")
    >>> coding.end - coding.start
    5
    """

    transcript_id: str
    start: int
    end: int
    code_id: str
    coder: str
    time: str = ""
    memo: str = ""
    adjudication: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """Why a code is suggested: the words that spoke for it and the nearest example, with a sentence in both languages.

    ``words`` are strings that stand in the passage. ``example`` is the text of the codebook example or of the coded
    passage nearest to it; ``example_source`` says which ("codebook", or the id of the coded passage).

    >>> Evidence(words=("想妈妈",), why_en="it says “想妈妈”").words
    ('想妈妈',)
    """

    words: tuple[str, ...] = ()
    example: str = ""
    example_source: str = ""
    why_zh: str = ""
    why_en: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RankedCode:
    """One suggested code. ``score`` orders codes within a passage; ``probability`` is between 0 and 1.

    >>> RankedCode(code_id="longing", score=1.5, probability=0.7).code_id
    'longing'
    """

    code_id: str
    score: float
    probability: float
    evidence: Evidence = field(default_factory=Evidence)


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """Ranked codes for one passage, best first; where ``codes`` is empty, ``reason`` says why. Never a decision.

    >>> Suggestion(passage_id="C01:0001", codes=(), reason="too-short").codes
    ()
    """

    passage_id: str
    codes: tuple[RankedCode, ...]
    reason: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


LEAST_SHARE = 0.05
"""The share below which a second or further suggestion is not shown: it would be read as advice."""


def shown_codes(suggestion: Suggestion) -> tuple[RankedCode, ...]:
    """Return the codes of a suggestion that are shown: the first, and further ones of 5 % or more."""
    return suggestion.codes[:1] + tuple(code for code in suggestion.codes[1:] if code.probability >= LEAST_SHARE)


def as_shown(suggestion: Suggestion) -> Suggestion:
    """Return ``suggestion`` with the codes that are shown."""
    codes = shown_codes(suggestion)
    return suggestion if codes == suggestion.codes else replace(suggestion, codes=codes)


class Verdict(StrEnum):
    """What a person did with a suggestion.

    >>> Verdict("changed") is Verdict.CHANGED
    True
    """

    ACCEPTED = "accepted"
    CHANGED = "changed"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """A person's verdict on a suggestion. Decisions are only ever added.

    ``code_ids`` are the codes that the person put on the passage: the accepted ones, or the ones put in their place.
    There are none where the person says that no code applies (``no_code`` is true), and where they turned the
    suggestions down and said no more (``verdict`` is "rejected" and ``no_code`` false). A passage that nobody read has
    no decision. ``adjudication`` tells what ``coder`` decided in adjudication from their own, independent coding.

    >>> decision = Decision(
    ...     passage_id="C01:0001", verdict=Verdict.CHANGED, code_ids=("longing",), coder="li", time="2026-05-04T09:00Z"
    ... )
    >>> decision.no_code
    False
    """

    passage_id: str
    verdict: Verdict
    code_ids: tuple[str, ...]
    coder: str
    time: str
    memo: str = ""
    no_code: bool = False
    adjudication: bool = False


# --- A candidate theme: passages that belong together, for a person to judge.


@dataclass(frozen=True, kw_only=True, slots=True)
class Theme:
    """One candidate theme.

    ``id`` is its label in ``ThemeModel.labels_``; ``passages`` are positions in the input to ``fit``; ``keywords`` are
    its most telling words, best first; ``typical`` are the positions of the passages nearest its centre, best first.
    With a codebook ``code`` is the code that it lies in and ``distinct`` are the words that tell it from the other
    themes of that code; None and none without one.

    >>> Theme(id=0, name="想妈妈", passages=(2, 5), keywords=("妈妈",), typical=(5, 2)).passages
    (2, 5)
    """

    id: int
    name: str
    passages: tuple[int, ...]
    keywords: tuple[str, ...]
    typical: tuple[int, ...]
    parent: int | None = None
    stability: float | None = None
    code: str | None = None
    distinct: tuple[str, ...] = ()


__all__ = [
    "Bilingual", "Code", "Codebook", "Coding", "Decision", "Evidence", "Example", "Finding", "Language",
    "Passage",
    "RankedCode", "Role", "Rule", "Severity", "Suggestion", "Theme", "Transcript", "Turn", "Utterance", "Verdict",
]  # fmt: skip
