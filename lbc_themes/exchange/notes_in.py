"""Notes of a REFI-QDA project, and what they hang on."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lbc_themes.core.records import Bilingual
from lbc_themes.core.study_log import About, Memo
from lbc_themes.exchange.guids import read_guid
from lbc_themes.exchange.loss import Loss
from lbc_themes.exchange.package import Package
from lbc_themes.exchange.people_in import author
from lbc_themes.exchange.sources_in import note_text
from lbc_themes.exchange.tree import child, children, tag_of, text_of

if TYPE_CHECKING:
    from lxml.etree import _Element

_SPOTS = Bilingual(zh="备忘录里的编码和标记", en="codes and marks inside notes")
_LINKS = Bilingual(zh="选段、编码或来源之间的链接", en="links between selections, codes or sources")


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """A note with its words, writer and time."""

    guid: str
    text: str
    coder: str
    time: str


def notes_of(project: "_Element", package: Package, users: Mapping[str, str], losses: list[Loss]) -> dict[str, Note]:
    """Return the notes by GUID."""
    found = {}
    for element in children(child(project, "Notes"), "Note"):
        text, title = note_text(element, package), (element.get("name") or "").strip()
        if any(child(each, "Coding") is not None for each in children(element, "PlainTextSelection")):
            losses.append(Loss(topic="note-codings", text=_SPOTS, where=title))
        note = Note(
            guid=read_guid(element.get("guid")), text=text or title, coder=author(element, users, "unknown"),
            time=element.get("creationDateTime") or element.get("modifiedDateTime") or "",
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
        strange += not bound
        for note, target in bound:
            if note not in found[target]:
                found[target].append(note)
    if strange:
        losses.append(Loss(topic="links", text=_LINKS, count=strange))
    return found


def memos_of(
    project: "_Element",
    notes: Mapping[str, Note],
    on: Mapping[str, list[Note]],
    things: Mapping[str, tuple[About, str]],
    used: set[str],
) -> list[Memo]:
    """Return notes as memos; ``things`` says what a GUID is. Notes that hang on nothing known are about the study."""
    memos = []
    for guid, listed in on.items():
        about, about_id = things.get(guid, ("study", ""))
        for note in listed if guid in things or guid == "project" else ():
            memos.append(Memo(text=note.text, coder=note.coder, about=about, about_id=about_id, time=note.time))
            used.add(note.guid)
    memos += [
        Memo(text=note.text, coder=note.coder, time=note.time) for note in notes.values() if note.guid not in used
    ]
    described = text_of(project)
    if described:
        memos.append(Memo(text=described, coder="unknown", time=project.get("creationDateTime") or ""))
    return memos
