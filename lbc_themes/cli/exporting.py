"""What a study can be written as."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from lbc_themes import exchange
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Language
from lbc_themes.core.study_log import contents_codings
from lbc_themes.exchange import Contents, Loss
from lbc_themes.exchange.codings_table import write_codings


@dataclass(frozen=True, kw_only=True, slots=True)
class Export:
    """What is asked for: ``kind`` is one of ``EXPORTS``, no ``coders`` means everybody."""

    kind: str
    out: Path
    coders: tuple[str, ...]
    language: Language
    blind: bool
    force: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kind:
    """How a kind is written, the endings its file may have, and how many coders it can be asked for."""

    write: Callable[[Contents, Export], tuple[Loss, ...] | None]
    endings: tuple[str, ...] = ()
    most_coders: int | None = None


def _sheet(contents: Contents, asked: Export) -> None:
    shown = replace(contents, runs=()) if asked.blind else contents
    exchange.write_sheet(shown, asked.out, coder="".join(asked.coders), language=asked.language)


def _quotations(contents: Contents, asked: Export) -> None:
    exchange.write_quotations(contents, asked.out, coders=asked.coders or None, language=asked.language)


def _members(contents: Contents, asked: Export) -> None:
    paths = exchange.write_member_sheets(contents, asked.out, coders=asked.coders or None, language=asked.language)
    if not paths:
        raise InputError("nobody's words are coded yet, so that there is nothing to ask the participants; code first")


def _triangulation(contents: Contents, asked: Export) -> None:
    rows = exchange.triangulate(contents, coders=asked.coders or None)
    exchange.write_triangulation(rows, contents, asked.out, language=asked.language)


def _structured_text(contents: Contents, asked: Export) -> tuple[Loss, ...]:
    coder = asked.coders[0] if asked.coders else None
    return exchange.write_structured_text(contents, asked.out, coder=coder, language=asked.language)


EXPORTS = {
    "qdpx": _Kind(
        write=lambda c, a: exchange.write_qdpx(c, a.out, language=a.language), endings=(".qdpx",), most_coders=0
    ),
    "qdc": _Kind(
        write=lambda c, a: exchange.write_qdc(c.codebook, a.out, language=a.language), endings=(".qdc",), most_coders=0
    ),
    "xlsx": _Kind(write=_sheet, endings=(".xlsx",), most_coders=1),
    "docx": _Kind(write=_quotations, endings=(".docx",)),
    "members": _Kind(write=_members),
    "triangulation": _Kind(write=_triangulation, endings=(".docx", ".csv")),
    "maxqda": _Kind(write=_structured_text, endings=(".txt",), most_coders=1),
    "label-studio": _Kind(
        write=lambda c, a: exchange.write_label_studio(c, a.out), endings=(".json",), most_coders=0
    ),
    "docbin": _Kind(write=lambda c, a: exchange.write_docbin(c, a.out), endings=(".spacy",), most_coders=0),
    "codings.csv": _Kind(
        write=lambda c, a: write_codings(c, a.out, coders=a.coders or None), endings=(".csv",)
    ),
}  # fmt: skip


def export(contents: Contents, asked: Export) -> tuple[Loss, ...]:
    """Write a study as what is asked for, and return what it has no place for.

    Refuses an unknown kind, a file of another ending, a coder without codings, and a file or a folder of sheets that
    is there already unless ``force`` is given.
    """
    kind = EXPORTS.get(asked.kind)
    if kind is None:
        raise InputError(f"--to is {asked.kind!r}; allowed are {', '.join(EXPORTS)}")
    if kind.endings and asked.out.suffix.lower() not in kind.endings:
        raise InputError(f"{asked.out}: --to {asked.kind} writes {' or '.join(kind.endings)}; name the file so")
    if asked.blind and asked.kind != "xlsx":
        raise InputError("--blind leaves suggestions out of a sheet; it goes with --to xlsx only")
    _refuse_coders(contents, asked, kind)
    _refuse_to_overwrite(asked)
    return kind.write(contents, asked) or ()


def _refuse_coders(contents: Contents, asked: Export, kind: _Kind) -> None:
    if kind.most_coders is not None and len(asked.coders) > kind.most_coders:
        allowed = "no --coder, for everybody's work goes into it" if not kind.most_coders else "one --coder"
        raise InputError(f"--to {asked.kind} takes {allowed}; there are {len(asked.coders)}: {', '.join(asked.coders)}")
    # A sheet is often written for somebody who has not begun.
    known = {coding.coder for coding in contents_codings(contents)}
    unknown = [name for name in asked.coders if name not in known and asked.kind != "xlsx"]
    if unknown:
        raise InputError(f"--coder {unknown[0]}: no codings of theirs; there are {', '.join(sorted(known)) or 'none'}")


def _refuse_to_overwrite(asked: Export) -> None:
    if asked.force:
        return
    beside = asked.out.with_suffix(".xml") if asked.kind == "label-studio" else asked.out
    there = [path for path in (asked.out, beside) if path.is_file()]
    there += sorted(asked.out.glob("*.docx"))[:1] if asked.kind == "members" and asked.out.is_dir() else []
    if there:
        raise InputError(f"{there[0]} is there already; name another or give --force to overwrite it")
