"""The versions of a study's codebook, as its file keeps them: a change costs what it changes, not the whole codebook.

The first version is stored whole. Each later one is a row with what differs from the one before and with who made it,
when and why, so that a new code costs a few hundred bytes and every version can be read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from lbc_themes.core.records import Bilingual, Code, Codebook, Utterance
from lbc_themes.core.serialisation import from_json, to_json

Action = Literal["add", "rename", "redefine", "recolour", "move", "merge", "split", "retire", "undo"]
_DELTA = '{"delta":'
"""How a row begins that holds a difference and no whole codebook."""

_FIFTH = "codebook-change:"
"""How the source of a row begins that the review page wrote into a file of version 5."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CodebookEdit:
    """One change of the codebook.

    ``version`` is the version that it made, ``parts`` are the parts of a code that it changed. ``into`` is the code
    that others were merged into. ``entries`` are the lines of the log that it wrote, ``taken_back`` the codings of
    spans in whose place they stand. ``undoes`` is the version whose change this one took back.
    """

    action: Action
    code_ids: tuple[str, ...]
    by: str
    why: str = ""
    into: str = ""
    version: str = ""
    time: str = ""
    entries: tuple[int, ...] = ()
    taken_back: tuple[int, ...] = ()
    undoes: str = ""
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CodebookDelta:
    """What differs from the version before: new and changed codes, the ids of removed ones, and the rest if it changed.

    ``order`` are all ids in order, where new codes do not simply come last. ``voiced`` are the code ids of utterances
    by their place, ``utterances`` all of them where one was added or left out.
    """

    id: str
    version: str
    name: Bilingual
    source: str = ""
    codes: tuple[Code, ...] = ()
    removed: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    voiced: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    utterances: tuple[Utterance, ...] | None = None


def next_version(version: str) -> str:
    """Return the version that a change of the codebook makes.

    >>> next_version("1.0.0"), next_version("1.0.0+9")
    ('1.0.0+1', '1.0.0+10')
    """
    base, _, count = version.rpartition("+")
    return f"{base}+{int(count) + 1}" if base and count.isdecimal() else f"{version}+1"


def delta_between(before: Codebook, after: Codebook) -> CodebookDelta:
    """Return what `after_delta` needs to make ``after`` of ``before``."""
    changed = tuple(code for code in after if code.id not in before or before[code.id] != code)
    removed = tuple(code_id for code_id in before.ids if code_id not in after)
    usual = _usual_order(before, after.ids, removed)
    voiced, utterances = _voiced(before.utterances, after.utterances)
    return CodebookDelta(
        id=after.id, version=after.version, name=after.name, source=after.source, codes=changed, removed=removed,
        order=() if usual == after.ids else after.ids, voiced=voiced, utterances=utterances,
    )  # fmt: skip


def _usual_order(before: Codebook, ids: Iterable[str], removed: Iterable[str]) -> tuple[str, ...]:
    kept = [code_id for code_id in before.ids if code_id not in set(removed)]
    return (*kept, *(code_id for code_id in ids if code_id not in before))


def _voiced(
    before: tuple[Utterance, ...], after: tuple[Utterance, ...]
) -> tuple[dict[str, tuple[str, ...]], tuple[Utterance, ...] | None]:
    if before == after:
        return {}, None
    if len(before) != len(after) or any(
        replace(a, code_ids=b.code_ids) != b for b, a in zip(before, after, strict=True)
    ):
        return {}, after
    pairs = enumerate(zip(before, after, strict=True))
    return {str(place): new.code_ids for place, (old, new) in pairs if old.code_ids != new.code_ids}, None


def after_delta(before: Codebook, delta: CodebookDelta) -> Codebook:
    """Return the version that a difference leads to; codes that did not change are the same objects."""
    given, gone = {code.id: code for code in delta.codes}, set(delta.removed)
    codes = [given.pop(code.id, code) for code in before if code.id not in gone]
    codes += given.values()
    if delta.order:
        place = {code_id: number for number, code_id in enumerate(delta.order)}
        codes.sort(key=lambda code: place.get(code.id, len(place)))
    utterances = before.utterances if delta.utterances is None else delta.utterances
    if delta.voiced:
        utterances = tuple(
            replace(u, code_ids=delta.voiced[str(place)]) if str(place) in delta.voiced else u
            for place, u in enumerate(utterances)
        )
    return Codebook(
        id=delta.id, version=delta.version, name=delta.name, codes=tuple(codes), source=delta.source,
        utterances=utterances,
    )  # fmt: skip


def row_of(codebook: Codebook, before: Codebook | None) -> str:
    """Return a version as its row holds it: whole, or by what differs from the one before."""
    return to_json(codebook) if before is None else f"{_DELTA}{to_json(delta_between(before, codebook))}}}"


def row_names(record: str) -> str:
    """Return the id of the codebook that a row holds a version of; raises ValueError where it cannot be read."""
    if record.startswith(_DELTA):
        return from_json(CodebookDelta, record.removeprefix(_DELTA)[:-1]).id
    return from_json(Codebook, record).id


def version_of_row(record: str, before: Codebook | None) -> tuple[Codebook, CodebookEdit | None]:
    """Return the version that a row holds, and the change that made it where the row itself says so (version 5)."""
    if record.startswith(_DELTA):
        delta = from_json(CodebookDelta, record.removeprefix(_DELTA)[:-1])
        empty = Codebook(id=delta.id, version=delta.version, name=delta.name, codes=())
        return after_delta(before or empty, delta), None
    book = from_json(Codebook, record)
    if not book.source.startswith(_FIFTH) or before is None:
        return book, None
    change = from_json(_FifthChange, book.source.removeprefix(_FIFTH))
    touched = {code.id: code for code in book if code.id in change.code_ids}
    gone = set(change.code_ids) if change.action == "remove" else set()
    codes = [touched.pop(code.id, code) for code in before if code.id not in gone]
    utterances = tuple(u for u in before.utterances if not gone & set(u.code_ids))
    after = replace(before, codes=(*codes, *touched.values()), utterances=utterances, version=book.version)
    return after, change.edit(book.version)


@dataclass(frozen=True, kw_only=True, slots=True)
class _FifthChange:
    """A change as the review page wrote it into a file of version 5."""

    action: Literal["add", "edit", "remove"]
    code_ids: tuple[str, ...]
    coder: str
    time: str
    reason: str = ""

    def edit(self, version: str) -> CodebookEdit:
        actions: dict[str, Action] = {"add": "add", "edit": "redefine", "remove": "retire"}
        return CodebookEdit(
            action=actions[self.action], code_ids=self.code_ids, by=self.coder, why=self.reason, version=version,
            time=self.time,
        )  # fmt: skip


def changed_parts(before: Code, after: Code) -> tuple[str, ...]:
    """Return the names of the parts in which two states of a code differ."""
    return tuple(part for part in PARTS if getattr(before, part) != getattr(after, part))


PARTS = (
    "name", "parent", "brief", "definition", "include", "exclude", "typical", "atypical", "close", "indicators",
    "speakers", "facets", "colour", "source",
)  # fmt: skip
"""The parts of a code that can be changed: all but its id."""
