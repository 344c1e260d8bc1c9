"""What is coded in the texts of a REFI-QDA project."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lbc_themes.core.records import Bilingual, Coding
from lbc_themes.exchange.guids import read_guid
from lbc_themes.exchange.loss import Loss
from lbc_themes.exchange.notes_in import Note
from lbc_themes.exchange.people_in import author
from lbc_themes.exchange.positions import READINGS, Reading, best, placed, scores, undecided
from lbc_themes.exchange.sources_in import Source
from lbc_themes.exchange.tree import child, children, text_of

if TYPE_CHECKING:
    from lxml.etree import _Element

_DOUBT = Bilingual(
    zh="选段的名称与任何一种读法下的文字都不符，位置存疑",
    en="selections whose name is not the words there under any reading: check where they are",
)
_UNDECIDED = Bilingual(
    zh="选段没有写明文字，位置有不止一种数法（表情符号、换行）：请抽查编码是否对准",
    en="texts whose positions can be counted in several ways (emoji, line ends), with no words in the file to tell: "
    "check that codings are in place",
)
_OUTSIDE = Bilingual(zh="位置不在文本之内的选段", en="selections outside their text")
_UNKNOWN = Bilingual(zh="编码本里没有的编码", en="codings with a code that the codebook lacks")
_TWICE = Bilingual(zh="同一人在同一处重复的编码", en="the same code by the same person on the same words, twice")


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Remark:
    """A slice with words about it and no code."""

    start: int
    end: int
    text: str
    coder: str
    time: str


def readings_of(sources: Sequence[Source], origin: str, losses: list[Loss]) -> dict[str, Reading]:
    """Return the reading of each source: where its own names do not decide, the one that most sources take.

    Where no names decide, the standard's own is taken, but ATLAS.ti counts a line end as one.
    """
    found = {source.guid: scores(source.text, source.marked) for source in sources}
    told = {guid for guid, each in found.items() if any(fit for fit, _ in each.values())}
    decided = Counter(best(found[guid], READINGS[0]) for guid in told)
    first = Reading(line_ends="one") if "atlas" in origin.lower() else READINGS[0]
    usual = decided.most_common(1)[0][0] if decided else first
    unsure = [source.name for source in sources if not decided and undecided(source.text, source.marked)]
    losses += [Loss(topic="undecided", text=_UNDECIDED, where=name) for name in unsure]
    return {guid: best(each, usual) for guid, each in found.items()}


def marks_of(source: Source, transcript_id: str, reading: Reading, known: Context) -> Iterator[Coding | Remark | str]:
    """Yield the codings and remarks of a text, and the GUIDs of cases that its selections are coded with."""
    seen: set[tuple[int, int, str, str]] = set()
    for mark in source.marked:
        where, sure = placed(source.text, mark, reading)
        if where is None:
            known.losses.append(Loss(topic="outside", text=_OUTSIDE, where=f"{transcript_id} {mark.start}-{mark.end}"))
            continue
        if not sure:
            known.losses.append(Loss(topic="doubtful", text=_DOUBT, where=f"{transcript_id} {where[0]}-{where[1]}"))
        yield from _selection(source.selections[mark.key], transcript_id, where, seen, known)
    for element in children(source.element, "Coding"):
        if source.text:
            yield from _codings([element], source.element, transcript_id, (0, len(source.text)), seen, known)


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
                Loss(topic="unknown-code", text=_UNKNOWN, where=f"{transcript_id} {where[0]}-{where[1]}")
            )
            continue
        coder = author(element, known.users, author(selection, known.users, known.unnamed))
        key = (*where, known.codes[guid], coder)
        if key in seen:
            known.losses.append(Loss(topic="twice", text=_TWICE, where=f"{transcript_id} {where[0]}-{where[1]}"))
            continue
        seen.add(key)
        yield Coding(
            transcript_id=transcript_id, start=where[0], end=where[1], code_id=known.codes[guid], coder=coder,
            time=element.get("creationDateTime") or selection.get("creationDateTime") or "",
            memo=_memo(element, selection, known),
        )  # fmt: skip


def _memo(element: "_Element", selection: "_Element", known: Context) -> str:
    notes = [n for each in (element, selection) for n in known.on.get(read_guid(each.get("guid")), ())]
    known.used.update(note.guid for note in notes)
    whole = text_of(selection) if selection.get("startPosition") or selection.get("fromSyncPoint") else ""
    return "\n".join(dict.fromkeys(filter(None, (whole, *(note.text for note in notes)))))
