"""The codebook of a study, edited while people code: every change is stored with who made it and why.

Each change makes a new version of the codebook; earlier versions stay. A renamed or moved code keeps its id, so that
nothing coded changes. Merging and splitting write new lines of the log for each decision and coding that they touch, in
the name of the coder whose coding it is and ``by`` the person who merged: agreement, exports and the learner follow,
and nothing coded moves without an entry.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import Bilingual, message, word_table
from lbc_themes.core.records import Code, Codebook, Coding, Decision
from lbc_themes.core.serialisation import to_json
from lbc_themes.core.study_log import MACHINE, Entry, Erased, LogState, Retraction
from lbc_themes.study.codebook_versions import PARTS, Action, CodebookEdit, changed_parts, next_version
from lbc_themes.study.store import add_codebook, now, write_entry

if TYPE_CHECKING:
    import sqlite3

    from lbc_themes.study.study import Study

_REDEFINED = tuple(part for part in PARTS if part not in {"name", "parent"})
_LONGEST_NAME = 80
_PALETTE = (
    "#f6c9b0", "#f4dd9a", "#d7e6a5", "#b3e0bf", "#a8dede", "#b5cff0", "#cdc3ee", "#ecc0e0", "#e6cdb5", "#c9d3d9",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict:
    """A part of a code that two people changed: what it was, what ``by`` made of it meanwhile, what is wanted now."""

    part: str
    before: object
    theirs: object
    yours: object
    by: str
    time: str


class EditConflictError(InputError):
    """Somebody changed the same part of a code meanwhile; nothing was stored. ``conflicts`` shows both."""

    def __init__(self, code: Code, conflicts: Sequence[Conflict]) -> None:
        """Name the code, the parts and who changed them."""
        parts = word_table("study.code_parts")
        super().__init__(
            message(
                "study.edit_conflict", code=code.name, by=conflicts[0].by, parts=[parts[c.part] for c in conflicts],
            )
        )  # fmt: skip
        self.code_id, self.conflicts = code.id, tuple(conflicts)


Recoding = Callable[[Entry, str], str]


@dataclass(frozen=True, kw_only=True, eq=False)
class StudyCodebook(Codebook):
    """The codebook in use, which can be edited: add, rename, redefine, recolour, move, merge, split, retire, undo.

    It equals the plain `Codebook` of the same content. Each method returns the id of the code that it made or changed,
    and raises InputError where the codebook would not hold together or something coded would be lost.
    """

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Codebook) and _plain(self) == _plain(other)

    __hash__ = Codebook.__hash__

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to other processes as a plain codebook: the study stays here."""
        return _made, (Codebook, {each.name: getattr(self, each.name) for each in fields(Codebook)})

    def add(
        self, name: str | Bilingual, *, by: str, why: str = "", parent: str | None = None, code_id: str = "",
        **definition: Any,  # noqa: ANN401 (the parts of a Code)
    ) -> str:  # fmt: skip
        """Add a code and return its id. A name is enough; ``definition`` are further parts of a `Code`.

        Args:
            name: In both languages, or one text for both.
            by: Who adds it.
            why: A reason, for the audit trail.
            parent: The code above it.
            code_id: Its id; by default made of the name.
            **definition: ``brief``, ``definition``, ``include``, ``exclude``, ``colour`` and so on.
        """
        words = _both(name)
        _refuse_parts(definition)

        def change(book: Codebook) -> tuple[Codebook, tuple[str, ...]]:
            _refuse_taken(words, book)
            if parent is not None:
                _ = book[parent]
            new = code_id or _fresh_id(words, book)
            empty = Bilingual(zh="", en="")
            parts = {"brief": empty, "definition": empty, "colour": _fresh_colour(book), **definition}
            return replace(book, codes=(*book.codes, Code(id=new, name=words, parent=parent, **parts))), (new,)

        return self._edit("add", change, by=by, why=why)[0]

    def rename(self, code_id: str, name: str | Bilingual, *, by: str, why: str = "", since: str = "") -> str:
        """Give a code another name. Its id stays, and with it all that is coded."""
        return self.edit(code_id, by=by, why=why, since=since, name=_both(name))

    def redefine(self, code_id: str, *, by: str, why: str = "", since: str = "", **definition: Any) -> str:  # noqa: ANN401
        """Change the definition of a code: ``brief``, ``definition``, ``include``, ``exclude``, ``colour``, ..."""
        _refuse_parts(definition)
        return self.edit(code_id, by=by, why=why, since=since, **definition)

    def recolour(self, code_id: str, colour: str, *, by: str, why: str = "", since: str = "") -> str:
        """Give a code another colour, such as ``#b5cff0``."""
        return self.edit(code_id, by=by, why=why, since=since, colour=colour)

    def move(self, code_id: str, parent: str | None, *, by: str, why: str = "", since: str = "") -> str:
        """Put a code below another one, or at the top (None)."""
        return self.edit(code_id, by=by, why=why, since=since, parent=parent)

    def edit(self, code_id: str, *, by: str, why: str = "", since: str = "", **parts: Any) -> str:  # noqa: ANN401
        """Change any parts of a code at once, as one change; nothing is stored where nothing would change.

        Args:
            code_id: The code; its id and all that is coded with it stay.
            by: Who changes it.
            why: A reason, for the audit trail.
            since: The version of the codebook that this person saw. What others changed since stays where this
                person did not change it.
            **parts: ``name``, ``parent``, ``definition``, ``include``, ``exclude``, ``colour`` and so on.

        Raises:
            EditConflictError: since that version somebody else changed the same part to something else.
            InputError: there is no such code or part, the name is taken, or the code would stand below itself.
        """
        _refuse_parts(parts, PARTS)
        study = self._study()
        action: list[Action] = ["redefine"]
        changed: list[str] = []

        def change(book: Codebook) -> tuple[Codebook, tuple[str, ...]]:
            now_ = book[code_id]
            wanted = _wanted(study, since, now_, parts)
            new = replace(now_, **wanted)
            changed.extend(changed_parts(now_, new))
            if "name" in changed:
                _refuse_taken(new.name, book, code_id)
            if new.parent is not None:
                _ = book[new.parent]
            if len(changed) == 1:
                named: dict[str, Action] = {"name": "rename", "parent": "move", "colour": "recolour"}
                action[0] = named.get(changed[0], "redefine")
            codes = tuple(new if code.id == code_id else code for code in book)
            return (replace(book, codes=codes) if changed else book), (code_id,)

        return self._edit(action, change, by=by, why=why, parts=changed)[0]

    def merge(self, code_ids: Sequence[str], into: str, *, by: str, why: str = "") -> str:
        """Merge codes into one that is there. Everything coded with them is then coded with ``into``."""
        return self._merge(code_ids, into, by=by, why=why)

    def _merge(self, code_ids: Sequence[str], into: str, *, by: str, why: str, undoes: str = "") -> str:
        merged = tuple(dict.fromkeys(code_ids))

        def change(book: Codebook) -> tuple[Codebook, tuple[str, ...]]:
            for code_id in (*merged, into):
                _ = book[code_id]
            if into in merged or not merged:
                raise InputError(message("study.merge_itself", into=into))
            return _without(book, merged, into), merged

        def recoding(_: Entry, code_id: str) -> str:
            return into if code_id in merged else code_id

        self._edit("merge", change, by=by, why=why, into=into, recoding=recoding, undoes=undoes)
        return into

    def split(
        self, code_id: str, parts: Mapping[str, Sequence[str | int]], *, by: str, why: str = ""
    ) -> str:  # fmt: skip
        """Send what is coded with a code to others that are there; what is named nowhere stays with it.

        Args:
            code_id: The code that is split.
            parts: By the id of each part what goes to it: ids of passages, for everybody's decisions on them, and
                numbers of entries, for single decisions and codings of spans.
            by: Who splits it.
            why: A reason, for the audit trail.
        """
        return self._split(code_id, parts, by=by, why=why)

    def _split(
        self, code_id: str, parts: Mapping[str, Sequence[str | int]], *, by: str, why: str, undoes: str = ""
    ) -> str:  # fmt: skip
        goes = {key: part for part, keys in parts.items() for key in keys}

        def change(book: Codebook) -> tuple[Codebook, tuple[str, ...]]:
            for each in (code_id, *parts):
                _ = book[each]
            return book, (code_id, *parts)

        def recoding(entry: Entry, given: str) -> str:
            if given != code_id:
                return given
            passage = entry.record.passage_id if isinstance(entry.record, Decision) else entry.id
            return goes.get(entry.id, goes.get(passage, given))

        return self._edit("split", change, by=by, why=why, recoding=recoding, undoes=undoes)[0]

    def retire(self, code_id: str, *, by: str, why: str = "") -> str:
        """Take a code out of use. Refused while anything is coded with it or codes are below it."""

        def change(book: Codebook) -> tuple[Codebook, tuple[str, ...]]:
            below = [code.id for code in book.children(code_id)]
            if below:
                raise InputError(message("study.retire_parent", code=code_id, below=below))
            return _without(book, (code_id,), None), (code_id,)

        return self._edit("retire", change, by=by, why=why)[0]

    def undo(self, *, by: str, why: str = "", version: str = "") -> CodebookEdit | None:
        """Take a change back, with what it recoded, and return it; None where there is none.

        Args:
            by: Who does this.
            why: A reason, for the audit trail.
            version: The version that the change made; by default the last change that still holds.

        Raises:
            InputError: there is no such change, it was taken back already, the codes were changed since, or something
                is coded with a code that would go.
        """
        study = self._study()
        changes = study.codebook_history()
        undone = {change.undoes for change in changes}
        if version and version not in {change.version for change in changes if change.version not in undone}:
            raise InputError(message("study.no_edit_to_undo", version=version))
        back = _takings_back(changes) if not version else set()  # one that is named is taken back like any change
        wanted = (c for c in reversed(changes) if c.version not in undone and c.version not in back)
        last = next((c for c in wanted if version in ("", c.version)), None)
        return self._take_back(last, by=by, why=why) if last is not None else None

    def redo(self, *, by: str, why: str = "") -> CodebookEdit | None:
        """Do again the change that was taken back last, and return the taking back; None where there is none.

        A change made since leaves nothing to do again. Codes are merged or split once more, with what stands by now;
        of other changes the taking back is taken back. `undo` takes back the change once more.

        Raises:
            InputError: the codes were changed since, or something is coded with a code that would go.
        """
        changes = self._study().codebook_history()
        undone, back = {change.undoes for change in changes}, _takings_back(changes)
        for change in reversed(changes):
            if change.version in back and change.version not in undone:
                return self._again(next(c for c in changes if c.version == change.undoes), change, by=by, why=why)
            if not change.undoes:
                return None
        return None

    def _again(self, first: CodebookEdit, back: CodebookEdit, *, by: str, why: str) -> CodebookEdit:
        """Do again the change ``first``, which ``back`` took back."""
        if first.action not in {"merge", "split"}:
            return self._take_back(back, by=by, why=why)
        if first.action == "merge":
            self._merge(first.code_ids, first.into, by=by, why=why, undoes=back.version)
        else:
            parts = _parts_of_split(self._study().history(), first)
            self._split(first.code_ids[0], parts, by=by, why=why, undoes=back.version)
        return back

    def _take_back(self, last: CodebookEdit, *, by: str, why: str) -> CodebookEdit:
        books = self._study().codebooks
        at = max(number for number, book in enumerate(books) if book.version == last.version)

        def change(book: Codebook) -> tuple[Codebook, tuple[str, ...]]:
            return _reverted(book, books[at - 1], books[at]), last.code_ids

        self._edit("undo", change, by=by, why=why, undone=last)
        return last

    def _study(self) -> Study:
        study: Study | None = self.__dict__.get("_bound_to")
        if study is None:
            raise InputError(message("study.unbound_codebook"))
        return study

    def _edit(
        self, action: Action | list[Action], change: Callable[[Codebook], tuple[Codebook, tuple[str, ...]]], *,
        by: str, why: str, into: str = "", recoding: Recoding | None = None, undone: CodebookEdit | None = None,
        parts: Sequence[str] = (), undoes: str = "",
    ) -> tuple[str, ...]:  # fmt: skip
        """Make a new version of the codebook as it is now, whoever changed it last, and recode what it asks for."""
        study = self._study()
        if not by.strip() or by == MACHINE:
            raise InputError(message("study.edit_by_nobody"))
        with study.editing() as (db, book, state):
            changed, code_ids = change(book)
            if changed is book and recoding is None and undone is None:
                return code_ids
            if recoding is None:
                _refuse_missing(set(book.ids) - set(changed.ids), state, undone.entries if undone else ())
            entries, taken_back = _recoded(db, state, recoding, by) if recoding else ([], [])
            if undone is not None:
                entries, taken_back = _put_back(db, state, undone, by)
            made = CodebookEdit(
                action=action[0] if isinstance(action, list) else action, code_ids=code_ids, by=by, why=why, into=into,
                entries=tuple(entries), taken_back=tuple(taken_back), undoes=undone.version if undone else undoes,
                parts=tuple(parts),
            )  # fmt: skip
            add_codebook(db, replace(changed, version=next_version(book.version)), now(), to_json(made), before=book)
        return code_ids


def _takings_back(changes: Iterable[CodebookEdit]) -> set[str]:
    """Return the versions made by taking a change back; one that took back a taking back did the change again."""
    found: set[str] = set()
    for change in changes:
        if change.action == "undo" and change.undoes not in found:
            found.add(change.version)
    return found


def _parts_of_split(log: Sequence[Entry], split: CodebookEdit) -> dict[str, list[str | int]]:
    """Return what went to each part of a code: numbers of all lines about what the split wrote anew."""
    went: dict[tuple[object, ...], str] = {}
    parts, written = split.code_ids[1:], set(split.entries)
    for entry in (entry for entry in log if entry.id in written):
        given = entry.record.code_ids if isinstance(entry.record, Decision) else (getattr(entry.record, "code_id", ""),)
        went |= {_place(entry): part for part in parts if part in given}
    found: dict[str, list[str | int]] = {part: [] for part in parts}
    for entry in log:
        if (part := went.get(_place(entry))) is not None:
            found[part].append(entry.id)
    return found


def _place(entry: Entry) -> tuple[object, ...]:
    """Return whose line it is and on which passage or slice."""
    record = entry.record
    if isinstance(record, Decision):
        return record.passage_id, record.coder, record.adjudication
    if isinstance(record, Coding):
        return record.transcript_id, record.start, record.end, record.coder, record.adjudication
    return (entry.id,)


def bound(book: Codebook, study: Study) -> StudyCodebook:
    """Return a codebook that edits ``study``."""
    made = StudyCodebook(**{each.name: getattr(book, each.name) for each in fields(Codebook)})
    made.__dict__["_bound_to"] = study
    return made


def _made(kind: type[Codebook], parts: dict[str, Any]) -> Codebook:
    return kind(**parts)


def _plain(book: Codebook) -> tuple[object, ...]:
    return tuple(getattr(book, each.name) for each in fields(Codebook))


def _both(name: str | Bilingual) -> Bilingual:
    words = Bilingual(zh=name, en=name) if isinstance(name, str) else name
    words = Bilingual(zh=" ".join(words.zh.split()), en=" ".join(words.en.split()))
    if not words.zh or not words.en:
        raise InputError(message("study.code_without_name"))
    for said in (words.zh, words.en):
        if len(said) > _LONGEST_NAME:
            raise InputError(message("study.code_name_long", most=_LONGEST_NAME, count=len(said)))
    return words


def _refuse_taken(name: Bilingual, book: Codebook, but: str = "") -> None:
    """Refuse a name by which people would take two codes for one."""
    said = name.zh.casefold()
    same = (c for c in book if c.id != but and said in (c.name.zh.casefold(), c.name.en.casefold()))
    if (code := next(same, None)) is not None:
        raise InputError(message("study.code_name_taken", name=name.zh, code=code.id))


def _refuse_parts(given: Mapping[str, object], allowed: Sequence[str] = _REDEFINED) -> None:
    unknown = [name for name in given if name not in allowed]
    if unknown:
        raise InputError(message("study.code_part", part=unknown[0], allowed=list(allowed)))


def _fresh_colour(book: Codebook) -> str:
    """Return the colour of the palette that the fewest codes have."""
    used = Counter(code.colour for code in book)
    return min(_PALETTE, key=lambda colour: used[colour])


def _fresh_id(name: Bilingual, book: Codebook) -> str:
    """Return an id made of an English name, or a number: names in Chinese may be a participant's own words."""
    stem = re.sub(r"[^a-z0-9.]+", "-", name.en.strip().lower()).strip("-") if name.en.isascii() else ""
    if not stem:
        number = len(book) + 1
        while f"new-{number}" in book:
            number += 1
        return f"new-{number}"
    number, found = 1, stem
    while found in book:
        number += 1
        found = f"{stem}-{number}"
    return found


def _wanted(study: Study, since: str, code: Code, parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts that a person changed; raises EditConflictError where somebody else changed them meanwhile."""
    seen = next((book for book in reversed(study.codebooks) if book.version == since), None) if since else None
    if seen is None or code.id not in seen:
        return dict(parts)
    before = seen[code.id]
    mine = {part: value for part, value in parts.items() if value != getattr(before, part)}
    clashing = [p for p, v in mine.items() if getattr(code, p) != getattr(before, p) and getattr(code, p) != v]
    if clashing:
        history = [c for c in study.codebook_history() if code.id in c.code_ids]
        found = []
        for part in clashing:
            last = next((c for c in reversed(history) if part in c.parts), history[-1])
            found.append(
                Conflict(
                    part=part, before=getattr(before, part), theirs=getattr(code, part), yours=mine[part],
                    by=last.by, time=last.time,
                )
            )  # fmt: skip
        raise EditConflictError(code, found)
    return mine


def _reverted(book: Codebook, before: Codebook, after: Codebook) -> Codebook:
    """Return the codebook without what changed between two of its versions; what others changed since stays.

    Raises InputError where a code that the change touched is not as the change left it.
    """
    touched = [c for c in {**dict.fromkeys(before.ids), **dict.fromkeys(after.ids)} if _at(before, c) != _at(after, c)]
    put_back = {code_id: code for code_id in touched if (code := _code_before(book, before, after, code_id))}
    codes = [put_back.pop(code.id, code) for code in book if code.id in before or code.id not in touched]
    codes += put_back.values()
    order = {code_id: number for number, code_id in enumerate(before.ids)}
    if set(order) == {code.id for code in codes}:
        codes.sort(key=lambda code: order[code.id])
    kept = {code.id for code in codes}
    orphans = [code.id for code in codes if code.parent is not None and code.parent not in kept]
    if orphans:
        raise InputError(message("study.edited_since", code=orphans[0]))
    utterances = before.utterances if book.utterances == after.utterances else book.utterances
    return replace(book, codes=tuple(codes), utterances=tuple(u for u in utterances if set(u.code_ids) <= kept))


def _code_before(book: Codebook, before: Codebook, after: Codebook, code_id: str) -> Code | None:
    """Return a code with what a change made of it taken back; None where the change made the code itself."""
    now_, was, became = _at(book, code_id), _at(before, code_id), _at(after, code_id)
    if now_ is None or was is None or became is None:
        if now_ != became:
            raise InputError(message("study.edited_since", code=code_id))
        return was
    parts = changed_parts(was, became)
    if any(getattr(now_, part) != getattr(became, part) for part in parts):
        raise InputError(message("study.edited_since", code=code_id))
    return replace(now_, **{part: getattr(was, part) for part in parts})


def _at(book: Codebook, code_id: str) -> Code | None:
    return book[code_id] if code_id in book else None  # noqa: SIM401 (a codebook has no get)


def _without(book: Codebook, gone: Sequence[str], into: str | None) -> Codebook:
    """Return the codebook without some codes; what pointed at them points at ``into``, or at nothing."""

    def moved(code_id: str | None) -> str | None:
        return into if code_id in gone else code_id

    codes = []
    for code in book:
        if code.id in gone:
            continue
        parts: dict[str, Any] = {
            part: tuple(replace(rule, use=moved(rule.use)) for rule in getattr(code, part))
            for part in ("include", "exclude")
        }
        parts |= {
            part: tuple(replace(example, code=said) for example in getattr(code, part) if (said := moved(example.code)))
            for part in ("typical", "atypical", "close")
        }
        parent = moved(code.parent)
        codes.append(replace(code, parent=None if parent == code.id else parent, **parts))
    utterances = []
    for utterance in book.utterances:
        ids = tuple(dict.fromkeys(said for code_id in utterance.code_ids if (said := moved(code_id))))
        if ids or not utterance.code_ids:
            utterances.append(replace(utterance, code_ids=ids))
    return replace(book, codes=tuple(codes), utterances=tuple(utterances))


def _recoded(db: sqlite3.Connection, state: LogState, recoding: Recoding, by: str) -> tuple[list[int], list[int]]:
    """Write anew what stands and has other codes now; return the new lines and the codings of spans they replace.

    A coding that its coder has on the same slice already is not written a second time.
    """
    entries, taken_back, time = [], [], now()
    there: set[Coding] = set()
    for entry in state.standing_entries():
        record = entry.record
        if isinstance(record, Decision):
            codes = tuple(dict.fromkeys(recoding(entry, code_id) for code_id in record.code_ids))
            if codes != record.code_ids:
                new = replace(record, code_ids=codes)
                entries.append(write_entry(db, new, coder=entry.coder, time=time, run=entry.run, by=by))
        elif isinstance(record, Coding) and (code_id := recoding(entry, record.code_id)) != record.code_id:
            write_entry(db, Retraction(entry_id=entry.id), coder=entry.coder, time=time, by=by)
            taken_back.append(entry.id)
            new_coding = replace(record, code_id=code_id)
            same = replace(new_coding, time="", memo="")
            if same not in there and state.standing_as(new_coding) is None:
                entries.append(write_entry(db, new_coding, coder=entry.coder, time=time, by=by))
            there.add(same)
    return entries, taken_back


def _put_back(
    db: sqlite3.Connection, state: LogState, undone: CodebookEdit, by: str
) -> tuple[list[int], list[int]]:  # fmt: skip
    """Take back what a change recoded, where its coder did not since; what stood there before stands again.

    What a withdrawal has erased since stays erased.
    """
    entries, taken_back, time = [], [], now()
    for number in undone.entries:
        entry = state.entries_[number]
        if number not in state.retracted_ and not isinstance(entry.record, Retraction | Erased):
            write_entry(db, Retraction(entry_id=number), coder=entry.coder, time=time, by=by)
            if isinstance(entry.record, Coding):
                taken_back.append(number)
    for number in undone.taken_back:
        entry = state.entries_[number]
        if not isinstance(entry.record, Coding):
            continue
        renewal = state.retracted_[number].id + 1
        gone_since = renewal in undone.entries and renewal in state.retracted_
        if not gone_since and state.standing_as(entry.record) is None:
            entries.append(write_entry(db, entry.record, coder=entry.coder, time=time, by=by))
    return entries, taken_back


def _refuse_missing(gone: set[str], state: LogState, but: Iterable[int]) -> None:
    """Refuse to lose codes that something still stands with, but for the lines that go with them."""
    if not gone:
        return
    going, used = set(but), set[str]()
    for entry in state.standing_entries():
        if entry.id in going:
            continue
        if isinstance(entry.record, Decision):
            used |= gone.intersection(entry.record.code_ids)
        elif isinstance(entry.record, Coding) and entry.record.code_id in gone:
            used.add(entry.record.code_id)
    if used:
        raise InputError(message("study.codes_in_use", codes=sorted(used)))
