"""The codebook of a study, edited while people code: every change is stored with who made it and why.

Each change makes a new version of the codebook; earlier versions stay. A renamed or moved code keeps its id, so that
nothing coded changes. Merging and splitting write new lines of the log for each decision and coding that they touch, in
the name of the coder whose coding it is and ``by`` the person who merged: agreement, exports and the learner follow,
and nothing coded moves without an entry.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import Bilingual, message
from lbc_themes.core.records import Code, Codebook, Coding, Decision
from lbc_themes.core.serialisation import to_json
from lbc_themes.core.study_log import Entry, LogState, Retraction
from lbc_themes.study.codebook_changes import CodebookChange, next_version
from lbc_themes.study.store import add_codebook, now, write_entry

if TYPE_CHECKING:
    import sqlite3

    from lbc_themes.study.study import Study

Action = Literal["add", "rename", "redefine", "move", "merge", "split", "retire", "undo"]
_REDEFINED = (
    "brief", "definition", "include", "exclude", "typical", "atypical", "close", "indicators", "speakers", "facets",
    "colour", "source",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class CodebookEdit:
    """One change of the codebook.

    ``version`` is the version that it made. ``into`` is the code that others were merged into. ``entries`` are the
    lines of the log that it wrote, ``taken_back`` the codings of spans in whose place they stand. ``undoes`` is the
    version whose change this one took back.
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


Recoding = Callable[[Entry, str], str]


@dataclass(frozen=True, kw_only=True, eq=False)
class StudyCodebook(Codebook):
    """The codebook in use, which can be edited: add, rename, redefine, move, merge, split, retire, undo.

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
            new = code_id or _fresh_id(words, book)
            empty = {"brief": Bilingual(zh="", en=""), "definition": Bilingual(zh="", en="")}
            code = Code(id=new, name=words, parent=parent, **{**empty, **definition})
            return replace(book, codes=(*book.codes, code)), (new,)

        return self._edit("add", change, by=by, why=why)[0]

    def rename(self, code_id: str, name: str | Bilingual, *, by: str, why: str = "") -> str:
        """Give a code another name. Its id stays, and with it all that is coded."""
        return self._edit("rename", _changing(code_id, name=_both(name)), by=by, why=why)[0]

    def redefine(self, code_id: str, *, by: str, why: str = "", **definition: Any) -> str:  # noqa: ANN401
        """Change the definition of a code: ``brief``, ``definition``, ``include``, ``exclude``, ``colour``, ..."""
        _refuse_parts(definition)
        return self._edit("redefine", _changing(code_id, **definition), by=by, why=why)[0]

    def move(self, code_id: str, parent: str | None, *, by: str, why: str = "") -> str:
        """Put a code below another one, or at the top (None)."""
        return self._edit("move", _changing(code_id, parent=parent), by=by, why=why)[0]

    def merge(self, code_ids: Sequence[str], into: str, *, by: str, why: str = "") -> str:
        """Merge codes into one that is there. Everything coded with them is then coded with ``into``."""
        merged = tuple(dict.fromkeys(code_ids))

        def change(book: Codebook) -> tuple[Codebook, tuple[str, ...]]:
            for code_id in (*merged, into):
                _ = book[code_id]
            if into in merged or not merged:
                raise InputError(message("study.merge_itself", into=into))
            return _without(book, merged, into), merged

        def recoding(_: Entry, code_id: str) -> str:
            return into if code_id in merged else code_id

        self._edit("merge", change, by=by, why=why, into=into, recoding=recoding)
        return into

    def split(
        self, code_id: str, parts: Mapping[str, Sequence[str | int]], *, by: str, why: str = ""
    ) -> str:  # fmt: skip
        """Send what is coded with a code to others that are there; what is named nowhere stays with it.

        Args:
            code_id: The code that is split.
            parts: By the id of each part what goes to it: ids of passages, for decisions on them, and numbers of
                entries, for codings of spans.
            by: Who splits it.
            why: A reason, for the audit trail.
        """
        goes = {key: part for part, keys in parts.items() for key in keys}

        def change(book: Codebook) -> tuple[Codebook, tuple[str, ...]]:
            for each in (code_id, *parts):
                _ = book[each]
            return book, (code_id, *parts)

        def recoding(entry: Entry, given: str) -> str:
            key = entry.record.passage_id if isinstance(entry.record, Decision) else entry.id
            return goes.get(key, given) if given == code_id else given

        return self._edit("split", change, by=by, why=why, recoding=recoding)[0]

    def retire(self, code_id: str, *, by: str, why: str = "") -> str:
        """Take a code out of use. Refused while anything is coded with it or codes are below it."""

        def change(book: Codebook) -> tuple[Codebook, tuple[str, ...]]:
            below = [code.id for code in book.children(code_id)]
            if below:
                raise InputError(message("study.retire_parent", code=code_id, below=below))
            return _without(book, (code_id,), None), (code_id,)

        return self._edit("retire", change, by=by, why=why)[0]

    def undo(self, *, by: str, why: str = "") -> CodebookEdit | None:
        """Take the last change that was not taken back yet back, with what it recoded; None where there is none."""
        study = self._study()
        changes = study.codebook_history()
        undone = {change.undoes for change in changes}
        last = next((c for c in reversed(changes) if c.action != "undo" and c.version not in undone), None)
        if last is None:
            return None
        versions = [book.version for book in study.codebooks]
        before = study.codebooks[len(versions) - 1 - versions[::-1].index(last.version) - 1]

        def change(book: Codebook) -> tuple[Codebook, tuple[str, ...]]:
            return replace(before, version=book.version), last.code_ids

        self._edit("undo", change, by=by, why=why, undone=last)
        return last

    def _study(self) -> Study:
        study: Study | None = self.__dict__.get("_bound_to")
        if study is None:
            raise InputError(message("study.unbound_codebook"))
        return study

    def _edit(
        self, action: Action, change: Callable[[Codebook], tuple[Codebook, tuple[str, ...]]], *, by: str, why: str,
        into: str = "", recoding: Recoding | None = None, undone: CodebookEdit | None = None,
    ) -> tuple[str, ...]:  # fmt: skip
        """Make a new version of the codebook as it is now, whoever changed it last, and recode what it asks for."""
        study = self._study()
        if not by.strip():
            raise InputError(message("study.edit_by_nobody"))
        with study.editing() as (db, book, state):
            changed, code_ids = change(book)
            version = next_version(book.version)
            entries, taken_back = _recoded(db, state, recoding, by) if recoding else ([], [])
            if undone is not None:
                entries = _put_back(db, state, undone, by)
            _refuse_missing(changed, study)
            made = CodebookEdit(
                action=action, code_ids=code_ids, by=by, why=why, into=into, entries=tuple(entries),
                taken_back=tuple(taken_back), undoes=undone.version if undone else "",
            )  # fmt: skip
            add_codebook(db, replace(changed, version=version), now(), to_json(made))
        return code_ids


def edit_of(change: CodebookChange, version: str) -> CodebookEdit:
    """Return a change that was made on the review page as an edit like the others."""
    actions: dict[str, Action] = {"add": "add", "edit": "redefine", "remove": "retire"}
    return CodebookEdit(
        action=actions[change.action], code_ids=change.code_ids, by=change.coder, why=change.reason, version=version,
        time=change.time,
    )  # fmt: skip


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
    if not words.zh.strip() or not words.en.strip():
        raise InputError(message("study.code_without_name"))
    return words


def _refuse_parts(definition: Mapping[str, object]) -> None:
    unknown = [name for name in definition if name not in _REDEFINED]
    if unknown:
        raise InputError(message("study.code_part", part=unknown[0], allowed=list(_REDEFINED)))


def _fresh_id(name: Bilingual, book: Codebook) -> str:
    stem = re.sub(r"[^\w.]+", "-", name.en.strip().lower()).strip("-") or re.sub(r"\s+", "-", name.zh.strip())
    number, found = 1, stem
    while found in book:
        number += 1
        found = f"{stem}-{number}"
    return found


def _changing(code_id: str, **parts: Any) -> Callable[[Codebook], tuple[Codebook, tuple[str, ...]]]:  # noqa: ANN401
    def change(book: Codebook) -> tuple[Codebook, tuple[str, ...]]:
        new = replace(book[code_id], **parts)
        return replace(book, codes=tuple(new if code.id == code_id else code for code in book)), (code_id,)

    return change


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
    """Write anew what stands and has other codes now; return the new lines and the codings of spans they replace."""
    entries, taken_back = [], []
    for entry in state.standing_entries():
        record = entry.record
        if isinstance(record, Decision):
            codes = tuple(dict.fromkeys(recoding(entry, code_id) for code_id in record.code_ids))
            if codes != record.code_ids:
                new = replace(record, code_ids=codes)
                entries.append(write_entry(db, new, coder=entry.coder, time=now(), run=entry.run, by=by))
        elif isinstance(record, Coding) and (code_id := recoding(entry, record.code_id)) != record.code_id:
            write_entry(db, Retraction(entry_id=entry.id), coder=entry.coder, time=now(), by=by)
            taken_back.append(entry.id)
            entries.append(write_entry(db, replace(record, code_id=code_id), coder=entry.coder, time=now(), by=by))
    return entries, taken_back


def _put_back(db: sqlite3.Connection, state: LogState, undone: CodebookEdit, by: str) -> list[int]:
    entries = []
    for number in undone.entries:
        entry = state.entries_[number]
        if number not in state.retracted_:
            write_entry(db, Retraction(entry_id=number), coder=entry.coder, time=now(), by=by)
    for number in undone.taken_back:
        entry = state.entries_[number]
        entries.append(write_entry(db, entry.record, coder=entry.coder, time=now(), by=by))
    return entries


def _refuse_missing(book: Codebook, study: Study) -> None:
    """Refuse a codebook that lacks a code which something still stands with."""
    used = {coding.code_id for coding in study.codings(machine_top=0)}
    missing = sorted(used - set(book.ids))
    if missing:
        raise InputError(message("study.codes_in_use", codes=missing))
