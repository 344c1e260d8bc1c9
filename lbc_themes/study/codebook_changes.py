"""Changes to the codebook of a study while people code: each a row of its own, by whom and why.

A row holds the codes that changed, as a small codebook, and what was done; the version before it gives the rest. So a
new code costs a few hundred bytes, and every version of the codebook can be read.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Bilingual, Code, Codebook
from lbc_themes.core.serialisation import from_json, to_json

_MARK = "codebook-change:"
"""How the source of a row begins that is a change and no whole codebook."""

Action = Literal["add", "edit", "remove"]
_PALETTE = (
    "#f6c9b0", "#f4dd9a", "#d7e6a5", "#b3e0bf", "#a8dede", "#b5cff0", "#cdc3ee", "#ecc0e0", "#e6cdb5", "#c9d3d9",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class CodebookChange:
    """What a person did to the codebook. ``code_ids`` are the codes that were added, edited or removed."""

    action: Action
    code_ids: tuple[str, ...]
    coder: str
    time: str
    reason: str = ""


def new_code(book: Codebook, name: str, *, coder: str, time: str, parent: str | None = None) -> Code:
    """Return a code of that name with an id of its own and no definition yet.

    Raises InputError if the name is empty or a code of the codebook has it, or if there is no code ``parent``.
    """
    said = " ".join(name.split())
    if not said or len(said) > 80:
        raise InputError(
            Bilingual(
                zh=f"编码的名字要有 1 到 80 个字，收到 {len(said)} 个",
                en=f"the name of a code has 1 to 80 characters; it has {len(said)}",
            )
        )
    same = next((code for code in book if said.casefold() in (code.name.zh.casefold(), code.name.en.casefold())), None)
    if same is not None:
        raise InputError(
            Bilingual(
                zh=f"编码本里已经有“{said}”（{same.id}）；请直接用它，或者换个名字",
                en=f"the codebook has “{said}” already ({same.id}); use it, or take another name",
            )
        )
    if parent is not None and parent not in book:
        raise InputError(Bilingual(zh=f"编码本里没有 {parent!r}", en=f"no code {parent!r} in the codebook"))
    number = len(book) + 1
    while f"new-{number}" in book:
        number += 1
    empty = Bilingual(zh="", en="")
    return Code(
        id=f"new-{number}", name=Bilingual(zh=said, en=said), brief=empty, definition=empty, parent=parent,
        colour=_PALETTE[number % len(_PALETTE)], source=f"{coder} {time}",
    )  # fmt: skip


def changed(book: Codebook, codes: Iterable[Code], removed: Iterable[str] = ()) -> Codebook:
    """Return the codebook with ``codes`` in place of those of the same id, or after the others, and without some."""
    given, gone = {code.id: code for code in codes}, set(removed)
    kept = [given.pop(code.id, code) for code in book if code.id not in gone]
    utterances = tuple(u for u in book.utterances if not gone & set(u.code_ids))
    return replace(book, codes=(*kept, *given.values()), utterances=utterances, version=next_version(book.version))


def next_version(version: str) -> str:
    """Return the version that a change of the codebook makes.

    >>> next_version("1.0.0"), next_version("1.0.0+9")
    ('1.0.0+1', '1.0.0+10')
    """
    base, _, count = version.rpartition("+")
    return f"{base}+{int(count) + 1}" if base and count.isdecimal() else f"{version}+1"


def row_of(after: Codebook, change: CodebookChange) -> str:
    """Return the record of a change that led to ``after``: the codes it touches, and those above them."""
    touched = [code_id for code_id in change.code_ids if code_id in after]
    wanted = {*touched, *(above for code_id in touched for above in after.ancestors(code_id))}
    kept = tuple(code for code in after if code.id in wanted)
    return to_json(replace(after, codes=kept, utterances=(), source=_MARK + to_json(change)))


def codebook_after(record: str, before: Codebook | None) -> tuple[Codebook, CodebookChange | None]:
    """Return the version of the codebook that a row stands for, and the change that made it, if one did."""
    book = from_json(Codebook, record)
    if not book.source.startswith(_MARK) or before is None:
        return book, None
    change = from_json(CodebookChange, book.source.removeprefix(_MARK))
    touched = [code for code in book if code.id in change.code_ids]
    gone = change.code_ids if change.action == "remove" else ()
    return replace(changed(before, touched, gone), version=book.version), change
