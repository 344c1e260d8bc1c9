"""A study as the XML of a REFI-QDA project, with the texts that go beside it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lbc_themes.core.records import Coding, Language, Transcript
from lbc_themes.core.study_log import MACHINE, Contents, LogState, Memo, Participant, contents_codings, latest
from lbc_themes.exchange.guids import guid_of, kept_guid
from lbc_themes.exchange.positions import moved, unix
from lbc_themes.exchange.qdc import add_codes, code_guid
from lbc_themes.exchange.reasons import reason
from lbc_themes.exchange.tree import PROJECT, below, moment, root

if TYPE_CHECKING:
    from lxml.etree import _Element

_Place = tuple[str, int, int, str]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What the parts of the file share: the contents, GUIDs by user and transcript, and the texts to put beside it."""

    contents: Contents
    language: Language
    time: str
    users: Mapping[str, str]
    sources: Mapping[str, str]
    reasons: Mapping[_Place, str]
    memos: tuple[Memo, ...]
    codings: tuple[Coding, ...]
    files: dict[str, str] = field(default_factory=dict)

    def by(self, coder: str) -> str:
        """Return the GUID of a user."""
        return self.users.get(coder, "")


def drafted(contents: Contents, language: Language, time: str) -> Draft:
    """Gather what the file will say."""
    standing = LogState()
    standing.add(contents.entries)
    codings = tuple(contents_codings(contents, machine_top=None))
    names = {entry.coder for entry in contents.entries} | {coding.coder for coding in codings}
    people = sorted(names - {MACHINE})
    return Draft(
        contents=contents, language=language, time=time, users={n: guid_of("user", n) for n in (*people, MACHINE)},
        sources={t.id: kept_guid(t.source) or guid_of("source", t.id, t.text) for t in contents.transcripts},
        reasons=_reasons(contents), memos=tuple(standing.memos()), codings=codings,
    )  # fmt: skip


def _reasons(contents: Contents) -> dict[_Place, str]:
    passages = {passage.id: passage for passage in contents.passages}
    found: dict[_Place, str] = {}
    for passage_id, (_, suggestion) in latest(contents.runs).items():
        p = passages[passage_id]
        for rank, ranked in enumerate(suggestion.codes, 1):
            found[p.transcript_id, p.start, p.end, ranked.code_id] = reason(ranked, rank)
    return found


def project_of(draft: Draft) -> "_Element":
    """Return the project element. Its parts come in the order that the standard fixes."""
    contents, first = draft.contents, next(iter(draft.users.values()))
    project = root(
        "Project", PROJECT, name=contents.name or "study", origin="lbc_themes", creatingUserGUID=first,
        creationDateTime=draft.time,
    )  # fmt: skip
    users = below(project, "Users")
    for name, guid in draft.users.items():
        below(users, "User", guid=guid, name=name)
    if len(contents.codebook):
        add_codes(below(project, "CodeBook"), contents.codebook, draft.language)
    _add_cases(project, draft)
    if contents.transcripts:
        sources = below(project, "Sources")
        coded = _by_transcript(draft.codings)
        for transcript in contents.transcripts:
            _add_source(sources, transcript, coded[transcript.id], draft)
    _add_notes(project, draft)
    return project


def _add_cases(project: "_Element", draft: Draft) -> None:
    people = draft.contents.participants
    names = list(dict.fromkeys(name for person in people for name in person.attributes if name != "participant"))
    if names:
        variables = below(project, "Variables")
        for name in names:
            below(variables, "Variable", guid=guid_of("variable", name), name=name, typeOfVariable="Text")
    if people:
        cases = below(project, "Cases")
        for person in people:
            _add_case(cases, person, draft)


def _add_case(cases: "_Element", person: Participant, draft: Draft) -> None:
    case = below(cases, "Case", guid=guid_of("case", person.id), name=person.id)
    for name, value in person.attributes.items():
        if name != "participant":
            held = below(case, "VariableValue")
            below(held, "VariableRef", targetGUID=guid_of("variable", name))
            below(held, "TextValue", value)
    for transcript_id in person.transcript_ids:
        below(case, "SourceRef", targetGUID=draft.sources[transcript_id])


def _by_transcript(codings: Iterable[Coding]) -> Mapping[str, list[Coding]]:
    found: dict[str, list[Coding]] = defaultdict(list)
    for coding in codings:
        found[coding.transcript_id].append(coding)
    return found


def _add_source(sources: "_Element", transcript: Transcript, codings: list[Coding], draft: Draft) -> None:
    guid = draft.sources[transcript.id]
    text, gone = unix(transcript.text)
    # A text file beside the XML has the same GUID nowhere else: some programs take the two for one thing.
    name = f"{guid_of('text', guid)}.txt"
    draft.files[name] = text
    source = below(
        sources, "TextSource", guid=guid, name=transcript.id, plainTextPath=f"internal://{name}",
        creatingUser=next(iter(draft.users.values())), creationDateTime=draft.time,
    )  # fmt: skip
    groups: dict[tuple[int, int, str, str, str, str], list[Coding]] = defaultdict(list)
    for c in codings:
        alone = c.code_id if c.coder == MACHINE else ""
        groups[c.start, c.end, c.coder, _memo(c, draft), c.time, alone].append(c)
    for (start, end, coder, memo, time, alone), group in groups.items():
        spot = text, moved(start, gone), moved(end, gone)
        selection = _add_selection(source, guid, spot, (coder, memo, time, alone), draft)
        for c in group:
            coding = below(
                selection, "Coding", guid=guid_of("coding", guid, start, end, c.code_id, coder),
                creatingUser=draft.by(coder), creationDateTime=moment(time or draft.time),
            )  # fmt: skip
            below(coding, "CodeRef", targetGUID=code_guid(draft.contents.codebook, draft.contents.codebook[c.code_id]))
    _add_remarks(source, transcript, (text, gone), draft)


def _memo(coding: Coding, draft: Draft) -> str:
    if coding.coder != MACHINE:
        return coding.memo
    return draft.reasons.get((coding.transcript_id, coding.start, coding.end, coding.code_id), coding.memo)


def _add_selection(
    source: "_Element", guid: str, spot: tuple[str, int, int], said: tuple[str, str, str, str], draft: Draft
) -> "_Element":
    (text, start, end), (coder, memo, time, _) = spot, said
    selection = below(
        source, "PlainTextSelection", guid=guid_of("selection", guid, start, end, *said), name=text[start:end],
        startPosition=str(start), endPosition=str(end), creatingUser=draft.by(coder),
        creationDateTime=moment(time or draft.time),
    )  # fmt: skip
    if memo:
        below(selection, "Description", memo)
    return selection


def _add_remarks(source: "_Element", transcript: Transcript, held: tuple[str, list[int]], draft: Draft) -> None:
    """Add memos on passages as selections with a description and no code: one for each coder, as QualCoder allows."""
    passages = {p.id: p for p in draft.contents.passages if p.transcript_id == transcript.id}
    for (passage_id, coder), memos in remarks(draft.memos).items():
        if passage_id in passages:
            p = passages[passage_id]
            spot = held[0], moved(p.start, held[1]), moved(p.end, held[1])
            said = (coder, "\n\n".join(memo.text for memo in memos), memos[-1].time, "memo")
            _add_selection(source, draft.sources[transcript.id], spot, said, draft)


def remarks(memos: Iterable[Memo]) -> Mapping[tuple[str, str], list[Memo]]:
    """Return the memos on passages by passage and coder."""
    found: dict[tuple[str, str], list[Memo]] = defaultdict(list)
    for memo in memos:
        if memo.about == "passage":
            found[memo.about_id, memo.coder].append(memo)
    return found


def _add_notes(project: "_Element", draft: Draft) -> None:
    memos = [memo for memo in draft.memos if memo.about != "passage"]
    if not memos:
        return
    notes, links = below(project, "Notes"), []
    for number, memo in enumerate(memos, 1):
        guid = guid_of("note", number, memo.coder, memo.time, memo.text)
        name = f"{guid_of('text', guid)}.txt"
        draft.files[name] = unix(memo.text)[0]
        below(
            notes, "Note", guid=guid, name=f"{number:03d} {memo.about} {memo.about_id}".strip(),
            plainTextPath=f"internal://{name}", creatingUser=draft.by(memo.coder),
            creationDateTime=moment(memo.time or draft.time),
        )  # fmt: skip
        links.append((guid, _target(memo, draft)))
    bound = [(guid, target) for guid, target in links if target]
    if bound:
        holder = below(project, "Links")
        for guid, target in bound:
            below(holder, "Link", guid=guid_of("link", guid), direction="OneWay", originGUID=guid, targetGUID=target)
    for (guid, _), memo in zip(links, memos, strict=True):
        if memo.about == "study":
            below(project, "NoteRef", targetGUID=guid)


def _target(memo: Memo, draft: Draft) -> str:
    book = draft.contents.codebook
    if memo.about == "code" and memo.about_id in book:
        return code_guid(book, book[memo.about_id])
    if memo.about == "transcript":
        return draft.sources.get(memo.about_id, "")
    return guid_of("case", memo.about_id) if memo.about == "participant" else ""
