"""A REFI-QDA project of any program, read as the contents of a study."""

import codecs
import copy
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from lbc_themes.codebook.checks import errors_of
from lbc_themes.codebook.draft import codebook_of, id_of
from lbc_themes.codebook.qdc import join_twins, read_qdc
from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message, word_table
from lbc_themes.core.records import Bilingual, Codebook, Coding, Passage, Role, Transcript, Turn
from lbc_themes.core.study_log import About, Contents, Entry, Memo, Participant, unlabelled
from lbc_themes.exchange.losses import Loss
from lbc_themes.exchange.refi_qda.package import Package
from lbc_themes.exchange.refi_qda.positions import (
    Marked,
    Measured,
    Reading,
    Ruler,
    decide,
    placed,
    reading_named,
    unix,
)
from lbc_themes.exchange.refi_qda.xml import CODEBOOK, child, children, kept_guid, read_guid, tag_of, text_of, written
from lbc_themes.reading.document import Document
from lbc_themes.reading.formats import read_document
from lbc_themes.reading.participants import attributes
from lbc_themes.reading.roles import assign
from lbc_themes.reading.vocabulary import role_of_value
from lbc_themes.text.decoding import decode
from lbc_themes.text.safe_xml import parse_xml

if TYPE_CHECKING:
    from lxml.etree import _Element

_LOSSES = word_table("exchange.project_losses")


# --- The codebook of a REFI-QDA project.


def codebook_in(project: "_Element", name: str, losses: list[Loss]) -> tuple[Codebook, dict[str, str]]:
    """Return the codebook of a project, and the ids of its codes by GUID."""
    codes = child(child(project, "CodeBook"), "Codes")
    if codes is None or child(codes, "Code") is None:
        return Codebook(id=id_of(name) or "codebook", version="1", name=Bilingual(zh=name, en=name), codes=()), {}
    from lxml import etree

    twins = join_twins(codes)
    book = etree.Element(f"{{{CODEBOOK}}}CodeBook", origin=project.get("origin") or "")
    book.append(copy.deepcopy(codes))
    draft = read_qdc(written(book), name)
    wrong = errors_of(draft)
    if wrong:
        raise InputError(message("exchange.code", code=wrong[0].code, en=wrong[0].message))
    # What is said of the file as a whole (headings) is counted with the other details.
    losses += [Loss(topic="code-colours", text=p.message, where=p.code) for p in draft.problems if p.code]
    codebook = codebook_of(draft)
    ids = {kept_guid(code.source): code.id for code in codebook}
    return codebook, ids | {read_guid(old): ids[read_guid(new)] for old, new in twins.items() if read_guid(new) in ids}


def set_losses(project: "_Element") -> list[Loss]:
    """Return that sets, graphs and links between codings do not come along, with all that is in them."""
    found = []
    for holder, tag, topic in (("Sets", "Set", "sets"), ("Graphs", "Graph", "graphs")):
        held = list(children(child(project, holder), tag))
        if held:
            text = message("exchange.lost_sets") if tag == "Set" else message("exchange.lost_graphs")
            count = sum(map(size_of, held)) - sum("name" in each.attrib for each in held)
            found.append(Loss(topic=topic, text=text, count=count, where=held[0].get("name") or ""))
    return found


_WHO_AND_WHEN = ("creatingUser", "creationDateTime", "modifyingUser", "modifiedDateTime")
_TEXTS = {"TextSource", "Representation", "Transcript", "TextDescription", "Note"}
_SELECTIONS = {"PlainTextSelection", "TranscriptSelection"}


def detail_losses(project: "_Element", known_guids: Collection[str]) -> list[Loss]:
    """Return how many small things of a project have no place in a study, a Loss for each kind.

    Together with what the readers of codes, cases, texts and notes say, this covers every attribute and element of the
    schema that is not kept; a test walks the schema. ``known_guids`` are those of things that notes can be about.
    What only this library's own writer puts there is not counted.
    """
    counts: Counter[str] = Counter({"users": _idle_users(project)})
    note_guids = {read_guid(each.get("guid")) for each in children(child(project, "Notes"), "Note")}
    used = {read_guid(each.get("targetGUID")) for each in project.iter("{*}VariableRef") if _is_value_kept(each)}
    for element in project.iter():
        if isinstance(element.tag, str) and not _in_counted(element):
            counts.update(_details(element, known_guids, note_guids, used))
    ours = (project.get("origin") or "") == "lbc_themes"
    texts = {
        "who-and-when": message("exchange.lost_who_and_when"),
        "users": message("exchange.lost_users"),
        "formatting": message("exchange.lost_formatting"),
        "not-codable": message("exchange.lost_not_codable"),
        "variables": message("exchange.lost_variables"),
        "details": message("exchange.lost_details"),
    }
    return [
        Loss(topic=topic, text=text, count=counts[topic])
        for topic, text in texts.items()
        if counts[topic] and not (ours and topic in {"who-and-when", "users"})
    ]


def _idle_users(project: "_Element") -> int:
    """Return how many users made and changed nothing in a project."""
    named = {read_guid(value) for e in project.iter() for name, value in e.attrib.items() if "User" in name}
    return sum(read_guid(user.get("guid")) not in named for user in children(child(project, "Users"), "User"))


def _is_value_kept(reference: "_Element") -> bool:
    above = [tag_of(each) for each in reference.iterancestors()]
    return not {"Note", "PDFSelection", "PictureSource"} & {*above} or "TextDescription" in above


def _in_counted(element: "_Element") -> bool:
    """Say whether an element is inside something that is counted as a whole: sets, graphs, areas of pictures."""
    above = [tag_of(each) for each in element.iterancestors()]
    if {"Sets", "Graphs", "PDFSelection", "PictureSelection", "AudioSelection", "VideoSelection"} & {*above}:
        return not {"Representation"} & {*above[: above.index("PDFSelection")]} if "PDFSelection" in above else True
    return "Note" in above and tag_of(element) == "Coding"


def _details(
    element: "_Element", known_guids: Collection[str], note_guids: Collection[str], used: Collection[str]
) -> Iterator[str]:
    """Yield the topics of what is lost of one element; ``used`` are the GUIDs of variables that have a value."""
    tag = tag_of(element)
    if tag == "Project":
        unused = ["modifyingUserGUID", "modifiedDateTime", "basePath"]
        unused += [] if text_of(element) else ["creationDateTime"]
        yield from ("who-and-when" for name in unused if element.get(name))
    elif tag == "User" and element.get("id") and element.get("name"):
        yield "details"
    elif tag == "Code" and element.get("isCodable") in {"false", "0"}:
        yield "not-codable"
    elif tag == "Variable":
        lost = (element.get("typeOfVariable") != "Text", text_of(element), read_guid(element.get("guid")) not in used)
        yield from ["variables"] * sum(map(bool, lost))
    elif tag == "Case":
        yield from ["details"] * bool(text_of(element) and not (element.get("name") or "").strip())
    elif tag in _TEXTS:
        yield from ["formatting"] * bool(element.get("richTextPath"))
        own = {"creatingUser", "creationDateTime"} if tag == "Note" else set()
        yield from ("who-and-when" for name in _WHO_AND_WHEN if element.get(name) and name not in own)
        values = sum(size_of(each) for each in children(element, "VariableValue")) if tag == "Note" else 0
        yield from ["details"] * values
        yield from ["details"] * bool(tag not in {"TextSource", "Note"} and element.get("name"))
    elif tag == "PDFSource":
        if child(element, "Representation") is not None:
            yield from ("details" for name in (*_WHO_AND_WHEN, "path", "currentPath") if element.get(name))
    elif tag in _SELECTIONS:
        yield from _selection_details(element)
    elif tag == "NoteRef":
        above = element.getparent()
        held = above is not None and (tag_of(above) == "Project" or read_guid(above.get("guid")) in known_guids)
        yield from ["details"] * (not held)
    elif tag == "Link":
        ends = {read_guid(element.get("originGUID")), read_guid(element.get("targetGUID"))}
        if ends.intersection(note_guids):
            yield from ("details" for name in ("name", "color") if element.get(name))


def _selection_details(element: "_Element") -> Iterator[str]:
    """Yield what is lost of who marked a selection and when: all that its codings or memo do not keep."""
    codings = list(children(element, "Coding"))
    in_note = element.getparent() is not None and tag_of(element.getparent()) == "Note"
    for name in ("creatingUser", "creationDateTime"):
        held = [each.get(name) for each in codings]
        lost = in_note or (held and all(held) and element.get(name) not in held)
        yield from ["who-and-when"] * bool(element.get(name) and lost)
    made = element.get("creatingUser"), element.get("creationDateTime")
    for name, instead in zip(("modifyingUser", "modifiedDateTime"), made, strict=True):
        yield from ["who-and-when"] * bool(element.get(name) and (in_note or instead != element.get(name)))
    if in_note and element.get("name"):
        yield "details"
    if _LABEL_ONLY.fullmatch((element.get("name") or "").strip()):
        yield "details"
    yield from ["details"] * bool(in_note and text_of(element))


# --- Users, participants and variables of a REFI-QDA project.

_ALIAS = {"角色": "role", "身份": "role", "性别": "gender", "sex": "gender", "年龄": "age"}


def users_of(project: "_Element") -> dict[str, str]:
    """Return the names of users by GUID; names that come twice are told apart by a number."""
    named: dict[str, str] = {}
    seen: Counter[str] = Counter()
    for user in children(child(project, "Users"), "User"):
        guid = read_guid(user.get("guid"))
        name = (user.get("name") or user.get("id") or f"user {guid[:8]}").strip()
        seen[name] += 1
        named[guid] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return named


def author(element: "_Element", users: Mapping[str, str], instead: str) -> str:
    """Return who made something, or ``instead`` where the file does not say."""
    for key in ("creatingUser", "modifyingUser"):
        guid = read_guid(element.get(key))
        if guid in users:
            return users[guid]
    return instead


@dataclass(frozen=True, kw_only=True)
class Case:
    """A participant as a project has them: attributes, and the GUIDs of what is theirs (sources or selections)."""

    guid: str
    name: str
    values: Mapping[str, str]
    parts: frozenset[str]
    description: str = ""


def variables_of(project: "_Element") -> dict[str, str]:
    """Return the names of variables by GUID, in the library's own words where they are known."""
    found = children(child(project, "Variables"), "Variable")
    names = {read_guid(v.get("guid")): (v.get("name") or "").rpartition(":")[2].strip() for v in found}
    return {guid: _ALIAS.get(name.lower(), name) for guid, name in names.items() if name}


def values_of(element: "_Element", variables: Mapping[str, str]) -> dict[str, str]:
    """Return the values of the variables of a case or source."""
    found: dict[str, str] = {}
    for held in children(element, "VariableValue"):
        reference = child(held, "VariableRef")
        guid = read_guid(reference.get("targetGUID")) if reference is not None else ""
        value = next((each.text or "" for each in held if tag_of(each).endswith("Value")), "").strip()
        if value and guid in variables:
            found[variables[guid]] = value
    return found


def cases_of(project: "_Element", variables: Mapping[str, str], losses: list[Loss]) -> list[Case]:
    """Return the cases. One without a name holds variables of its source, as MAXQDA writes them."""
    cases = []
    seen: Counter[str] = Counter()
    for element in children(child(project, "Cases"), "Case"):
        called = element.get("name") or ""
        coded = sum(1 for _ in children(element, "CodeRef"))
        if coded:
            losses.append(Loss(topic="case-codes", text=_LOSSES["coded_cases"], count=coded, where=called))
        marked = sum(1 for _ in children(element, "SelectionRef"))
        if marked:
            losses.append(Loss(topic="case-selections", text=_LOSSES["whole_interviews"], count=marked, where=called))
        parts = {read_guid(each.get("targetGUID")) for each in children(element, "SourceRef", "SelectionRef")}
        name = called.strip()
        seen[name] += 1
        # Programs keep cases in folders, where two may have one name.
        cases.append(
            Case(
                guid=read_guid(element.get("guid")), name=f"{name} ({seen[name]})" if name and seen[name] > 1 else name,
                values=values_of(element, variables), parts=frozenset(parts), description=text_of(element),
            )
        )  # fmt: skip
    return cases


# --- The texts of a REFI-QDA project, with what is marked in them.

_MEDIA = word_table("exchange.media_not_read")


@dataclass(frozen=True, kw_only=True)
class Source:
    """One text. ``selections`` are elements by GUID, ``marked`` their positions; ``element`` is the text's own.

    ``outer`` is the PDF, picture or recording that the text belongs to, if any.
    """

    guid: str
    name: str
    text: str
    element: "_Element"
    marked: tuple[Marked, ...]
    bom: bool = False
    selections: dict[str, "_Element"] = field(default_factory=dict)
    outer: "_Element | None" = None

    @property
    def elements(self) -> tuple["_Element", ...]:
        """The elements in which something is said of the text as a whole."""
        return (self.element,) if self.outer is None else (self.element, self.outer)

    @cached_property
    def measured(self) -> Measured:
        """The text with its selections, as positions are decided from."""
        return Measured(text=self.text, marked=self.marked, bom=self.bom)


def sources_of(project: "_Element", package: Package, losses: list[Loss]) -> list[Source]:
    """Return the texts of a project: text sources, the texts of PDFs, and the transcripts of sound and video."""
    found = []
    for element in child(project, "Sources") if child(project, "Sources") is not None else ():  # type: ignore[union-attr]
        if isinstance(element.tag, str):
            found += list(_texts(element, package, losses))
    return found


def _texts(element: "_Element", package: Package, losses: list[Loss]) -> Iterator[Source]:
    tag, name = tag_of(element), element.get("name") or ""
    texts = (
        [element] if tag == "TextSource" else list(children(element, "Representation", "Transcript", "TextDescription"))
    )
    if tag in _MEDIA and (tag != "PDFSource" or not texts):
        losses.append(Loss(topic=tag, text=_MEDIA[tag], count=_media_size(element, texts), where=name))
    for number, each in enumerate(texts, 1):
        called = name if len(texts) == 1 else f"{name} {number}"
        text, bom = _text(each, package)
        if text is None:
            losses.append(Loss(topic="text-missing", text=_LOSSES["missing_texts"], where=called))
            continue
        # What is said of a PDF or a recording as a whole is said of its first text.
        outer = element if each is not element and number == 1 else None
        # The further texts of a recording are known by GUIDs of their own.
        guid = read_guid((element if number == 1 else each).get("guid"))
        yield _source(each, guid or f"{called} {number}", called, text, bom=bom, outer=outer)
    pages = sum(size_of(each) for each in children(element, "PDFSelection"))
    if pages and texts:
        losses.append(Loss(topic="pdf-areas", text=_LOSSES["pdf_areas"], count=pages, where=name))


def size_of(element: "_Element") -> int:
    """Return how many things an element holds: itself, what is inside it, and attributes but for their GUIDs."""
    held = [each for each in element.iter() if isinstance(each.tag, str)]
    return len(held) + sum(name not in {"guid", "targetGUID"} for each in held for name in each.attrib)


def _media_size(element: "_Element", texts: Sequence["_Element"]) -> int:
    """Return 1 for a picture or recording, and as many more as it holds things that are no text and no note."""
    read = {*texts, *(children(element, "NoteRef"))}
    if texts:
        read |= {*children(element, "Coding", "Description", "VariableValue")}
    inside = sum(size_of(each) for each in element if isinstance(each.tag, str) and each not in read)
    stamps = sum(1 for each in texts for point in children(each, "SyncPoint") if int(point.get("timeStamp") or 0))
    return 1 + inside + stamps + sum(name not in {"guid", "name"} for name in element.attrib)


def _text(element: "_Element", package: Package) -> tuple[str | None, bool]:
    """Return the words of a source or note, None where the file lacks them, and whether a byte order mark led them."""
    inside = child(element, "PlainTextContent")
    if inside is not None:
        return inside.text or "", False
    path = element.get("plainTextPath")
    data = package.read(path.rpartition("//")[2]) if path else None
    if data is None:
        return None, False
    try:
        return data.decode("utf-8-sig"), data.startswith(codecs.BOM_UTF8)
    except UnicodeDecodeError:
        try:
            return decode(data)[0], False
        except InputError:
            return None, False


def _source(element: "_Element", guid: str, name: str, text: str, *, bom: bool, outer: "_Element | None") -> Source:
    marked = tuple(marks_in(element))
    found = children(element, "PlainTextSelection", "TranscriptSelection")
    selections = {mark.key: selection for mark, selection in zip(marked, found, strict=True)}
    return Source(
        guid=guid, name=name or guid, text=text, element=element, marked=marked, bom=bom, selections=selections,
        outer=outer,
    )  # fmt: skip


def marks_in(element: "_Element") -> Iterator[Marked]:
    """Yield the positions and names of an element's selections."""
    points = {read_guid(p.get("guid")): p.get("position") or "" for p in children(element, "SyncPoint")}
    for number, selection in enumerate(children(element, "PlainTextSelection", "TranscriptSelection")):
        start = selection.get("startPosition") or points.get(read_guid(selection.get("fromSyncPoint")), "")
        end = selection.get("endPosition") or points.get(read_guid(selection.get("toSyncPoint")), "")
        key = read_guid(selection.get("guid")) or f"selection {number}"
        yield Marked(key=key, start=_number(start), end=_number(end), words=selection.get("name") or "")


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return -1


def note_text(element: "_Element", package: Package) -> str:
    """Return the words of a note, whichever way the file holds them."""
    return unix((_text(element, package)[0] or "").strip())[0]


# --- Notes of a REFI-QDA project, and what they hang on.


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """A note with its words, writer and time. ``title`` is one of our own making, which says what the note is about."""

    guid: str
    text: str
    coder: str
    time: str
    marked: tuple[Marked, ...] = ()
    title: str = ""


_LABEL_ONLY = re.compile(r"\d+\s*[,:–-]\s*\d+|\w+\s+\d+:\d+")
_OWN_TITLE = re.compile(r"\d{3} (study|transcript|passage|code|participant|theme)\b ?(.*)")
UNKNOWN = "unknown"
"""Who is said to have written what a file names nobody for."""


def notes_of(project: "_Element", package: Package, users: Mapping[str, str], losses: list[Loss]) -> dict[str, Note]:
    """Return the notes by GUID."""
    found = {}
    for element in children(child(project, "Notes"), "Note"):
        text, title = note_text(element, package), (element.get("name") or "").strip()
        coded = sum(size_of(each) for each in element.iter("{*}Coding"))
        if coded:
            losses.append(Loss(topic="note-codings", text=_LOSSES["marks_in_notes"], count=coded, where=title))
        said = [part for part in (text, text_of(element)) if part]
        # Titles of our own making only say what a memo is about, which is read from where it hangs.
        titled = [title] if title and not (said and _OWN_TITLE.fullmatch(title)) else []
        note = Note(
            guid=read_guid(element.get("guid")), text="\n".join(dict.fromkeys([*titled, *said])),
            coder=author(element, users, UNKNOWN),
            time=element.get("creationDateTime") or element.get("modifiedDateTime") or "",
            marked=tuple(marks_in(element)), title="" if titled else title,
        )  # fmt: skip
        if note.text:
            found[note.guid] = note
    return found


def hung(project: "_Element", notes: Mapping[str, Note], losses: list[Loss]) -> dict[str, list[Note]]:
    """Return the notes on each thing by the thing's GUID; those of the project as a whole are under "project"."""
    found: dict[str, list[Note]] = defaultdict(list)
    for reference in project.iter("{*}NoteRef"):
        above = reference.getparent()
        note = notes.get(read_guid(reference.get("targetGUID")))
        if note and above is not None:
            found["project" if tag_of(above) == "Project" else read_guid(above.get("guid"))].append(note)
    strange = 0
    for link in children(child(project, "Links"), "Link"):
        ends = [read_guid(link.get("originGUID")), read_guid(link.get("targetGUID"))]
        bound = [(notes[a], b) for a, b in (ends, ends[::-1]) if a in notes and b not in notes]
        strange += 0 if bound else 1 + sum(bool(link.get(name)) for name in ("name", "color", "direction"))
        for note, target in bound:
            if note not in found[target]:
                found[target].append(note)
    if strange:
        losses.append(Loss(topic="links", text=_LOSSES["links"], count=strange))
    return found


def memos_of(
    project: "_Element",
    notes: Mapping[str, Note],
    on: Mapping[str, list[Note]],
    things: Mapping[str, tuple[About, str]],
    known: "Context",
) -> list[Memo]:
    """Return notes as memos; ``things`` says what a GUID is. Notes that hang on nothing known are about the study."""
    memos = []
    for guid, listed in on.items():
        about, about_id = things.get(guid, ("study", ""))
        for note in listed if guid in things or guid == "project" else ():
            if about == "transcript" and note.marked and note.guid in known.used:
                continue  # It marks a place in this text, and is a memo on that place already.
            memos.append(Memo(text=note.text, coder=note.coder, about=about, about_id=about_id, time=note.time))
            known.used.add(note.guid)
    memos += [_titled(note, things) for note in notes.values() if note.guid not in known.used]
    described = text_of(project)
    if described:
        memos.append(Memo(text=described, coder=known.unnamed, time=project.get("creationDateTime") or ""))
    return memos


def _titled(note: Note, things: Mapping[str, tuple[About, str]]) -> Memo:
    """Return a note that hangs on nothing as a memo on what our own title names; QualCoder keeps titles, not links."""
    hit = _OWN_TITLE.fullmatch(note.title)
    place = next((thing for thing in things.values() if hit and thing == (hit[1], hit[2])), ("study", ""))
    return Memo(text=note.text, coder=note.coder, about=place[0], about_id=place[1], time=note.time)


# --- What is coded in the texts of a REFI-QDA project.


@dataclass(frozen=True, kw_only=True)
class Context:
    """What is known when selections are read: users, codes and notes by GUID, and whom to name where no user is."""

    users: Mapping[str, str]
    codes: Mapping[str, str]
    on: Mapping[str, Sequence[Note]]
    cases: frozenset[str]
    unnamed: str
    losses: list[Loss]
    used: set[str] = field(default_factory=set)
    placed: set[str] = field(default_factory=set)
    selection_guids: set[str] = field(default_factory=set)


@dataclass(frozen=True, kw_only=True, slots=True)
class Remark:
    """A slice with words about it and no code."""

    start: int
    end: int
    text: str
    coder: str
    time: str


def readings_of(sources: Sequence[Source], origin: str, positions: str, losses: list[Loss]) -> dict[str, Reading]:
    """Return how the positions of each source are counted: as ``positions`` says, or else as ``decide`` finds."""
    if positions:
        return dict.fromkeys((source.guid for source in sources), reading_named(positions))
    found = decide([source.measured for source in sources], origin)
    for source, counting in zip(sources, found, strict=True):
        if counting.rivals:
            text = message("exchange.positions_undecided", taken=counting.reading, others=counting.rivals)
            losses.append(Loss(topic="undecided", text=text, where=source.name))
    return {source.guid: counting.reading for source, counting in zip(sources, found, strict=True)}


def marks_of(source: Source, transcript_id: str, reading: Reading, known: Context) -> Iterator[Coding | Remark | str]:
    """Yield the codings and remarks of a text, and the GUIDs of cases that its selections are coded with."""
    seen: set[tuple[int, int, str, str]] = set()
    known.selection_guids.update(source.selections)
    known.selection_guids.update(read_guid(each.get("guid")) for each in source.element.iter("{*}Coding"))
    for mark in source.marked:
        where, sure = placed(source.measured, mark, reading)
        if where is None:
            known.losses.append(
                Loss(topic="outside", text=_LOSSES["outside_text"], where=f"{transcript_id} {mark.start}-{mark.end}")
            )
            continue
        if not sure:
            known.losses.append(
                Loss(topic="doubtful", text=_LOSSES["doubtful_places"], where=f"{transcript_id} {where[0]}-{where[1]}")
            )
        yield from _selection(source.selections[mark.key], transcript_id, where, seen, known)
    for whole in source.elements if source.text else ():
        for element in children(whole, "Coding"):
            yield from _codings([element], whole, transcript_id, (0, len(source.text)), seen, known)
    yield from _descriptions(source, known)
    yield from _marked_notes(source, reading, known)


def _descriptions(source: Source, known: Context) -> Iterator[Remark]:
    for whole in source.elements:
        if said := text_of(whole):
            time = whole.get("modifiedDateTime") or whole.get("creationDateTime") or ""
            yield Remark(start=-1, end=-1, text=said, coder=author(whole, known.users, known.unnamed), time=time)


def adopt_notes(notes: Mapping[str, Note], on: dict[str, list[Note]], sources: Sequence[Source]) -> None:
    """Hang notes that mark a place, and of which nothing says in which text, on the only text that has such a place.

    QualCoder names the text of the first annotation alone. Where several texts are long enough, the note stays where
    it is: nothing is guessed.
    """
    held = {note.guid for listed in on.values() for note in listed}
    for note in notes.values():
        if note.marked and note.guid not in held:
            fits = [s for s in sources if all(0 <= m.start < m.end <= len(s.text) for m in note.marked)]
            if len(fits) == 1:
                on.setdefault(fits[0].guid, []).append(note)


def _marked_notes(source: Source, reading: Reading, known: Context) -> Iterator[Remark]:
    """Yield notes that hang on the text and mark a place in it, as QualCoder writes its annotations."""
    ruler = Ruler(source.text, reading)
    for guid in dict.fromkeys(read_guid(each.get("guid")) for each in source.elements):
        for note in known.on.get(guid, ()):
            places = [where for mark in note.marked if (where := ruler.slice(mark.start, mark.end))]
            known.used.update([note.guid] if places else [])
            known.placed.update([note.guid] if places else [])
            for start, end in places:
                yield Remark(start=start, end=end, text=note.text, coder=note.coder, time=note.time)


def _selection(
    selection: "_Element",
    transcript_id: str,
    where: tuple[int, int],
    seen: set[tuple[int, int, str, str]],
    known: Context,
) -> Iterator[Coding | Remark | str]:
    coded = list(children(selection, "Coding"))
    if coded:
        yield from _codings(coded, selection, transcript_id, where, seen, known)
        return
    time = selection.get("creationDateTime") or selection.get("modifiedDateTime") or ""
    if said := text_of(selection):
        coder = author(selection, known.users, known.unnamed)
        yield Remark(start=where[0], end=where[1], text=said, coder=coder, time=time)
    for note in known.on.get(read_guid(selection.get("guid")), ()):
        known.used.add(note.guid)
        yield Remark(start=where[0], end=where[1], text=note.text, coder=note.coder, time=note.time or time)


def _codings(
    coded: Sequence["_Element"],
    selection: "_Element",
    transcript_id: str,
    where: tuple[int, int],
    seen: set[tuple[int, int, str, str]],
    known: Context,
) -> Iterator[Coding | str]:
    for element in coded:
        reference = child(element, "CodeRef")
        guid = read_guid(reference.get("targetGUID")) if reference is not None else ""
        if guid in known.cases:
            yield guid
            continue
        if guid not in known.codes:
            known.losses.append(
                Loss(
                    topic="unknown-code", text=_LOSSES["unknown_codes"], where=f"{transcript_id} {where[0]}-{where[1]}"
                )
            )
            continue
        coder = author(element, known.users, author(selection, known.users, known.unnamed))
        key = (*where, known.codes[guid], coder)
        if key in seen:
            known.losses.append(
                Loss(topic="twice", text=_LOSSES["coded_twice"], where=f"{transcript_id} {where[0]}-{where[1]}")
            )
            continue
        seen.add(key)
        yield unlabelled(Coding(
            transcript_id=transcript_id, start=where[0], end=where[1], code_id=known.codes[guid], coder=coder,
            time=element.get("creationDateTime") or selection.get("creationDateTime") or "",
            memo=_memo(element, selection, known),
        ))  # fmt: skip


def _memo(element: "_Element", selection: "_Element", known: Context) -> str:
    notes = [n for each in (element, selection) for n in known.on.get(read_guid(each.get("guid")), ())]
    known.used.update(note.guid for note in notes)
    whole = text_of(selection) if selection.get("startPosition") or selection.get("fromSyncPoint") else ""
    return "\n".join(dict.fromkeys(filter(None, (whole, *(note.text for note in notes)))))


# --- Turns and roles of a text that came without a file: found as the reader finds them.


def transcript_of(name: str, text: str, rows: Sequence[Mapping[str, str]], source: str) -> Transcript:
    """Return a transcript of ``text``; ``rows`` are the attributes of its participants.

    Where no turns are found, or they are not slices of the text as it stands, all of it is one turn of the participant.
    """
    metadata = {key: value for key, value in attributes(rows).items() if value}
    found = _read(text, rows)
    if found is None:
        role = next((role for row in rows if (role := role_of_value(row.get("role", "")))), Role.OTHER)
        turn = Turn(speaker=metadata.get("participant", ""), role=role, start=0, end=len(text))
        found = ((turn,) if text else (), ("no turns were found: the text is one turn",))
    return Transcript(
        id=name, text=text, turns=found[0], form="refi-qda", metadata=metadata, source=source, notes=found[1]
    )


def _read(text: str, rows: Sequence[Mapping[str, str]]) -> tuple[tuple[Turn, ...], tuple[str, ...]] | None:
    try:
        document = Document(suffix=".txt", text=text)
        form, parsed, _ = read_document(document)
    except InputError:
        return None
    if not parsed.turns or parsed.text != text:
        return None
    roles = assign(parsed, rows, {})
    turns = tuple(
        Turn(
            speaker=turn.speaker, role=roles.by_speaker[turn.speaker], start=turn.start, end=turn.end, time=turn.time,
            question=turn.question,
        )
        for turn in parsed.turns
    )  # fmt: skip
    return turns, (f"turns read as {form.name}", *parsed.notes, *roles.notes)


def contents_of(package: Package, positions: str = "") -> tuple[Contents, list[Loss]]:
    """Return what a project holds, and what of it has no place in a study."""
    try:
        return _contents(package, positions)
    except InputError as fault:
        raise InputError(message("exchange.refused", where=package.where, fault=fault)) from fault


def _contents(package: Package, positions: str) -> tuple[Contents, list[Loss]]:
    project, repaired = _parsed(package.project)
    if tag_of(project) != "Project":
        raise InputError(message("exchange.root_element_refi_qda", tag_of=tag_of(project)))
    losses = [*repaired, *set_losses(project)]
    name = (project.get("name") or package.name).strip()
    users, variables = users_of(project), variables_of(project)
    notes = notes_of(project, package, users, losses)
    on = hung(project, notes, losses)
    codebook, codes = codebook_in(project, name, losses)
    cases = cases_of(project, variables, losses)
    sources = sources_of(project, package, losses)
    if not sources and not len(codebook):
        raise InputError(message("exchange.project_holds_no_text"))
    known = Context(
        users=users, codes=codes, on=on, cases=frozenset(case.guid for case in cases if case.name),
        unnamed=users.get((project.get("creatingUserGUID") or "").strip("{}").lower(), UNKNOWN), losses=losses,
    )  # fmt: skip
    adopt_notes(notes, on, sources)
    ids, readings = _ids(sources), readings_of(sources, project.get("origin") or "", positions, losses)
    marks = {s.guid: list(marks_of(s, ids[s.guid], readings[s.guid], known)) for s in sources}
    coded = {s.guid: {mark for mark in marks[s.guid] if isinstance(mark, str)} for s in sources}
    apart = [c for c in cases if c.name and not any(_takes_part(c, s, coded[s.guid]) for s in sources)]
    if apart and sources:
        losses.append(
            Loss(topic="case-texts", text=message("exchange.lost_case_texts"), count=len(apart), where=apart[0].name)
        )
    transcripts = tuple(_transcript(s, ids[s.guid], _rows(s, cases, variables, coded[s.guid])) for s in sources)
    passages = _passages(transcripts)
    things = _things(sources, ids, codes, cases)
    memos = [*_remarks(marks, ids, passages), *_case_memos(cases, known)]
    memos += memos_of(project, notes, on, things, known)
    codings = [mark for s in sources for mark in marks[s.guid] if isinstance(mark, Coding)]
    losses += [
        Loss(
            topic="note-places",
            text=message("exchange.lost_note_places"),
            count=len(note.marked),
            where=f"{note.text[:20]} {note.marked[0].start}-{note.marked[0].end}",
        )
        for note in notes.values()
        if note.marked and note.guid not in known.placed
    ]
    entries = _entries(codings, memos, codebook)
    losses += detail_losses(project, {*things, *known.selection_guids})
    contents = Contents(
        name=name, transcripts=transcripts, codebooks=(codebook,), passages=passages,
        participants=_participants(cases, sources, ids, coded), entries=entries,
    )  # fmt: skip
    return contents, losses


_WRITTEN = re.compile(
    rb"(<(?:\w+:)?(PlainTextContent|Description|TextValue)(?:\s[^<>]*)?(?<!/)>)(.*?)(</(?:\w+:)?\2\s*>)", re.DOTALL
)
_ATTRIBUTE = re.compile(rb"(\s(?:name|id)=\")([^\"<>]*)(\")")
_BARE_AMPERSAND = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)")


def _parsed(data: bytes) -> tuple["_Element", list[Loss]]:
    """Return the project's root, and that the file had to be repaired: some programs write what is typed unescaped."""
    try:
        return parse_xml(data, "the project"), []
    except InputError:
        mended = _WRITTEN.sub(lambda hit: hit[1] + _escaped(hit[3]) + hit[4], data)
        mended = _ATTRIBUTE.sub(lambda hit: hit[1] + _BARE_AMPERSAND.sub(b"&amp;", hit[2]) + hit[3], mended)
        if mended == data:
            raise
        project = parse_xml(mended, "the project")
        bad = (hit[3] for hit in _WRITTEN.finditer(data) if _escaped(hit[3]) != hit[3])
        where = " ".join(next(bad, b"").decode("utf-8", "replace").split())[:40]
        return project, [Loss(topic="repaired", text=message("exchange.repaired"), where=where)]


def _escaped(text: bytes) -> bytes:
    return _BARE_AMPERSAND.sub(b"&amp;", text).replace(b"<", b"&lt;")


def _ids(sources: Sequence[Source]) -> dict[str, str]:
    taken = {source.name for source in sources}
    used: set[str] = set()
    ids = {}
    for source in sources:
        name, number = source.name, 1
        while name in used or (number > 1 and name in taken):
            number += 1
            name = f"{source.name}-{number}"
        used.add(name)
        ids[source.guid] = name
    return ids


def _rows(source: Source, cases: Sequence[Case], variables: Mapping[str, str], coded: set[str]) -> list[dict[str, str]]:
    mine = [case for case in cases if _takes_part(case, source, coded)]
    own = {name: value for each in source.elements for name, value in values_of(each, variables).items()}
    rows = [{"participant": case.name, **case.values, **own} for case in mine if case.name]
    unnamed = {key: value for case in mine if not case.name for key, value in case.values.items()}
    if unnamed or (own and not rows):
        rows = [{**row, **unnamed} for row in rows] or [{**unnamed, **own}]
    return rows


def _takes_part(case: Case, source: Source, coded: set[str]) -> bool:
    outer = source.element.getparent()  # a case names the recording, not its texts
    guids = {source.guid, read_guid(outer.get("guid")) if outer is not None else ""} - {""}
    return case.guid in coded or bool(case.parts & (guids | source.selections.keys()))


def _transcript(source: Source, name: str, rows: Sequence[Mapping[str, str]]) -> Transcript:
    return transcript_of(name, source.text, rows, f"refi-qda:{source.guid}")


def _case_memos(cases: Sequence[Case], known: Context) -> Iterator[Memo]:
    for case in cases:
        if case.name and case.description:
            yield Memo(text=case.description, coder=known.unnamed, about="participant", about_id=case.name)


def _passages(transcripts: Sequence[Transcript]) -> tuple[Passage, ...]:
    from lbc_themes.segmenting import segment

    return tuple(segment(transcripts))


def _participants(
    cases: Sequence[Case], sources: Sequence[Source], ids: Mapping[str, str], coded: Mapping[str, set[str]]
) -> tuple[Participant, ...]:
    named = {case.name: case for case in cases if case.name}
    return tuple(
        Participant(
            id=name, attributes=dict(case.values),
            transcript_ids=tuple(ids[s.guid] for s in sources if _takes_part(case, s, coded[s.guid])),
        )
        for name, case in named.items()
    )  # fmt: skip


def _things(
    sources: Sequence[Source], ids: Mapping[str, str], codes: Mapping[str, str], cases: Sequence[Case]
) -> dict[str, tuple[About, str]]:
    found: dict[str, tuple[About, str]] = {guid: ("code", code_id) for guid, code_id in codes.items()}
    found |= {source.guid: ("transcript", ids[source.guid]) for source in sources}
    return found | {case.guid: ("participant", case.name) for case in cases if case.name}


def _remarks(marks: Mapping[str, Sequence[object]], ids: Mapping[str, str], passages: Sequence[Passage]) -> list[Memo]:
    """Return remarks on slices as memos on the passage that has those bounds, or else on the slice."""
    bounds = {(p.transcript_id, p.start, p.end): p.id for p in passages}
    memos = []
    for guid, listed in marks.items():
        for mark in listed:
            if not isinstance(mark, Remark):
                continue
            memo = Memo(text=mark.text, coder=mark.coder, about="transcript", about_id=ids[guid], time=mark.time)
            if (passage_id := bounds.get((ids[guid], mark.start, mark.end))) is not None:
                memo = replace(memo, about="passage", about_id=passage_id)
            elif mark.start >= 0:
                memo = replace(memo, about="span", start=mark.start, end=mark.end)
            memos.append(memo)
    return memos


def _entries(codings: Sequence[Coding], memos: Sequence[Memo], codebook: Codebook) -> tuple[Entry, ...]:
    records: list[Coding | Memo] = [*(coding for coding in codings if coding.code_id in codebook), *memos]
    return tuple(
        Entry(id=number, coder=record.coder, time=record.time, record=record)
        for number, record in enumerate(records, 1)
    )
