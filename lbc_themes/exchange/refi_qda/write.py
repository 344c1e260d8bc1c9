"""REFI-QDA projects and codebooks (.qdc) written, and what another program will not see of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lbc_themes.codebook import code_description
from lbc_themes.codebook.draft import is_colour
from lbc_themes.core.errors import InputError
from lbc_themes.core.files import write_private
from lbc_themes.core.messages import message
from lbc_themes.core.records import Bilingual, Code, Codebook, Coding, Decision, Language, RankedCode, Transcript
from lbc_themes.core.study_log import (
    MACHINE,
    Contents,
    LogState,
    Memo,
    Participant,
    Retraction,
    is_theme_edit,
    labelled_codings,
    latest,
)
from lbc_themes.exchange.losses import Loss
from lbc_themes.exchange.refi_qda.positions import moved, unix
from lbc_themes.exchange.refi_qda.xml import (
    CODEBOOK,
    PROJECT,
    below,
    children,
    guid_of,
    kept_guid,
    legal,
    moment,
    root,
    without_guid,
    written,
)

if TYPE_CHECKING:
    from lxml.etree import _Element


# --- REFI-QDA codebooks (.qdc), written for NVivo, ATLAS.ti, MAXQDA, QualCoder and Taguette.


def write_qdc(codebook: Codebook, path: str | Path, *, language: Language = "zh") -> tuple[Loss, ...]:
    """Write a codebook as .qdc, and return what another program will not see of it.

    Include, exclude and examples go into each code's description as labelled sections, which ``load_codebook`` reads
    back; ``language`` is that of the names. Refuses a codebook without codes, which the standard does not allow.
    """
    file = Path(path)
    if not len(codebook):
        raise InputError(message("exchange.codebook_no_codes_qdc", file=file, id=codebook.id))
    book = root("CodeBook", CODEBOOK, origin="lbc_themes")
    add_codes(book, codebook, language)
    try:
        write_private(file, written(book))
    except OSError as fault:
        raise InputError(
            message("exchange.cannot_written_check_folder_2", file=file, strerror=fault.strerror)
        ) from fault
    return tuple(head_loss(codebook))


def head_loss(codebook: Codebook) -> list[Loss]:
    """Return that a codebook's own id, version and source do not travel."""
    text = message("exchange.lost_codebook_head", id=codebook.id, version=codebook.version)
    return [Loss(topic="codebook-head", text=text)]


def code_guid(codebook: Codebook, code: Code) -> str:
    """Return the GUID of a code: the one it came with, or one made from the ids of codebook and code."""
    return kept_guid(code.source) or guid_of("code", codebook.id, code.id)


def code_name(codebook: Codebook, code: Code, language: Language) -> str:
    """Return the name of a code, with its id where another has the same name: QualCoder keeps one code a name."""
    name = code.name.said(language) or code.id
    twice = sum((each.name.said(language) or each.id) == name for each in codebook) > 1
    return f"{name}（{code.id}）" if twice else name


def add_codes(book: "_Element", codebook: Codebook, language: Language) -> None:
    """Add the codes below ``book``, children inside their parents."""
    codes = below(book, "Codes")
    for code in codebook:
        if code.parent is None:
            _add(codes, code, codebook, language)


def _add(above: "_Element", code: Code, codebook: Codebook, language: Language) -> None:
    element = below(
        above, "Code", guid=code_guid(codebook, code), name=code_name(codebook, code, language), isCodable="true",
        color=code.colour if is_colour(code.colour) else "",
    )  # fmt: skip
    below(element, "Description", code_description(replace(code, source=without_guid(code.source))))
    for inner in codebook.children(code.id):
        _add(element, inner, codebook, language)


# --- Why the machine suggests a code, as text for programs that know no suggestions.


def reason(ranked: RankedCode, rank: int) -> str:
    """Return the reason of one suggested code, a line each in Chinese and English, with its rank and probability."""
    why = ranked.evidence
    lines = [why.why_zh, why.why_en if why.why_en != why.why_zh else ""]
    if why.words:
        lines.append(message("exchange.reason_words", words="、".join(why.words)).in_both(" / "))
    if why.example:
        source = why.example_source or "codebook"
        lines.append(message("exchange.reason_example", source=source, example=why.example).in_both(" / "))
    lines.append(message("exchange.reason_rank", rank=rank, probability=ranked.probability).in_both(" / "))
    return "\n".join(line for line in lines if line)


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
    apart: bool = False
    files: dict[str, str] = field(default_factory=dict)

    def by(self, coder: str) -> str:
        """Return the GUID of a user."""
        return self.users.get(coder, "")


def drafted(contents: Contents, language: Language, time: str, *, apart: bool = False) -> Draft:
    """Gather what the file will say; ``apart`` puts the machine's suggestions on codes of their own."""
    standing = LogState()
    standing.add(contents.entries)
    codings = tuple(labelled_codings(contents, machine_top=None))
    names = {entry.coder for entry in contents.entries} | {coding.coder for coding in codings}
    users = [*sorted(names - {MACHINE}), *[MACHINE] * (MACHINE in names or names == set())]
    return Draft(
        contents=contents, language=language, time=time, users={n: guid_of("user", n) for n in users},
        sources={t.id: kept_guid(t.source) or guid_of("source", t.id, t.text) for t in contents.transcripts},
        reasons=_reasons(contents), memos=tuple(standing.memos()), codings=codings, apart=apart,
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
        book = below(project, "CodeBook")
        add_codes(book, contents.codebook, draft.language)
        if draft.apart:
            _add_suggestion_codes(book[0], draft)
    _add_cases(project, draft)
    if contents.transcripts:
        sources = below(project, "Sources")
        coded = _by_transcript(draft.codings)
        for transcript in contents.transcripts:
            _add_source(sources, transcript, coded[transcript.id], draft)
    _add_notes(project, draft)
    if draft.apart and _suggested(draft):
        _add_suggestion_set(project, draft)
    return project


def _suggested(draft: Draft) -> list[str]:
    """Return the ids of the codes that the machine suggests, in the codebook's order."""
    found = {coding.code_id for coding in draft.codings if coding.coder == MACHINE}
    return [code_id for code_id in draft.contents.codebook.ids if code_id in found]


def _suggestion_guid(code_id: str) -> str:
    return guid_of("suggestion", code_id)


def _add_suggestion_codes(codes: "_Element", draft: Draft) -> None:
    """Add a heading with a code for each that is suggested, so that suggestions can be shown, hidden or deleted."""
    ids, book = _suggested(draft), draft.contents.codebook
    if not ids:
        return
    name = message("exchange.suggestions_heading").said(draft.language)
    heading = below(codes, "Code", guid=_suggestion_guid(""), name=name, isCodable="false")
    for code_id in ids:
        title = message("exchange.suggested_code", name=code_name(book, book[code_id], draft.language))
        colour = book[code_id].colour
        below(
            heading, "Code", guid=_suggestion_guid(code_id), name=title.said(draft.language), isCodable="true",
            color=colour if is_colour(colour) else "",
        )  # fmt: skip


def _add_suggestion_set(project: "_Element", draft: Draft) -> None:
    name = message("exchange.suggestions_heading").said(draft.language)
    sets = below(project, "Sets")
    one = below(sets, "Set", guid=guid_of("set", "suggestions"), name=name)
    for code_id in _suggested(draft):
        below(one, "MemberCode", targetGUID=_suggestion_guid(code_id))
    # The schema's order: sets stand before the references to notes.
    first = next(iter(children(project, "NoteRef")), None)
    if first is not None:
        first.addprevious(sets)


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
            own = code_guid(draft.contents.codebook, draft.contents.codebook[c.code_id])
            apart = draft.apart and c.coder == MACHINE
            below(coding, "CodeRef", targetGUID=_suggestion_guid(c.code_id) if apart else own)
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
    """Add memos on passages and spans as selections without a code: one for each slice and coder, for QualCoder."""
    for (transcript_id, start, end, coder), memos in remarks(draft.contents, draft.memos).items():
        if transcript_id == transcript.id:
            spot = held[0], moved(start, held[1]), moved(end, held[1])
            said = (coder, "\n\n".join(memo.text for memo in memos), memos[-1].time, "memo")
            _add_selection(source, draft.sources[transcript.id], spot, said, draft)


def remarks(contents: Contents, memos: Iterable[Memo]) -> Mapping[tuple[str, int, int, str], list[Memo]]:
    """Return the memos on passages and spans by transcript, slice and coder."""
    passages = {passage.id: passage for passage in contents.passages}
    found: dict[tuple[str, int, int, str], list[Memo]] = defaultdict(list)
    for memo in memos:
        if memo.about == "passage" and memo.about_id in passages:
            p = passages[memo.about_id]
            found[p.transcript_id, p.start, p.end, memo.coder].append(memo)
        elif memo.about == "span" and memo.start is not None and memo.end is not None:
            found[memo.about_id, memo.start, memo.end, memo.coder].append(memo)
    return found


def _add_notes(project: "_Element", draft: Draft) -> None:
    memos = [memo for memo in draft.memos if memo.about not in {"passage", "span"}]
    if not memos:
        return
    notes, links = below(project, "Notes"), []
    for number, memo in enumerate(memos, 1):
        guid = guid_of("note", number, memo.coder, memo.time, memo.text)
        name = f"{guid_of('text', guid)}.txt"
        draft.files[name] = unix(memo.text)[0]
        about = "" if is_theme_edit(memo) else memo.about_id
        below(
            notes, "Note", guid=guid, name=f"{number:03d} {memo.about} {about}".strip(),
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


# --- What another program does not see of a study.


def export_losses(contents: Contents, draft: Draft) -> Iterator[Loss]:
    """Yield what a REFI-QDA project has no place for."""
    turns = sum(len(transcript.turns) for transcript in contents.transcripts)
    if turns:
        yield _loss("turns", turns, message("exchange.lost_turns"))
    if contents.passages:
        yield _loss("passages", len(contents.passages), message("exchange.lost_passages"))
    decisions = [entry.record for entry in contents.entries if isinstance(entry.record, Decision)]
    if decisions:
        yield _loss("decisions", len(decisions), message("exchange.lost_decisions"))
    taken = sum(isinstance(entry.record, Retraction) for entry in contents.entries)
    if taken:
        yield _loss("retractions", taken, message("exchange.lost_retractions"))
    silent = sum(not suggestion.codes for _, suggestion in latest(contents.runs).values())
    if silent:
        yield _loss("no-suggestion", silent, message("exchange.lost_no_suggestion"))
    if len(contents.runs) > 1:
        yield _loss("earlier-runs", len(contents.runs) - 1, message("exchange.lost_earlier_runs"))
    if len(contents.codebooks) > 1:
        yield _loss("codebook-versions", len(contents.codebooks) - 1, message("exchange.lost_codebook_versions"))
    yield from head_loss(contents.codebook)
    unbound = sum(memo.about == "theme" for memo in draft.memos)
    if unbound:
        yield _loss("theme-memos", unbound, message("exchange.lost_theme_memos"))
    joined = sum(len(memos) - 1 for memos in remarks(contents, draft.memos).values())
    if joined:
        yield _loss("memos-joined", joined, message("exchange.memos_joined"))
    ends = [transcript.id for transcript in contents.transcripts if "\r" in transcript.text]
    if ends:
        yield _loss("line-ends", len(ends), message("exchange.line_ends"), ends[0])
    odd = [transcript.id for transcript in contents.transcripts if legal(transcript.text) != transcript.text]
    if odd:
        yield _loss("control-characters", len(odd), message("exchange.lost_control_characters"), odd[0])


def _loss(topic: str, count: int, text: Bilingual, where: str = "") -> Loss:
    return Loss(topic=topic, text=text, count=count, where=where)
