"""REFI-QDA codebooks (.qdc), as NVivo, ATLAS.ti, MAXQDA, QualCoder and Taguette exchange them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lbc_themes.codebook.draft import (
    GREY,
    Draft,
    Names,
    Problem,
    colour_of,
    id_of,
    ids_of,
    is_colour,
    is_id,
    names_of,
    warning,
)
from lbc_themes.codebook.fields import code_of, sections_of, wording
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Bilingual, Code
from lbc_themes.text.safe_xml import parse_xml

if TYPE_CHECKING:
    from lxml.etree import _Element

GUID = "refi-qda:"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """A Code element, its number in the file, its parent's number, and the names from the root down to it."""

    number: int
    element: "_Element"
    path: tuple[str, ...]
    parent: int | None
    cells: dict[str, str]

    @property
    def line(self) -> int:
        return int(self.element.sourceline or 0)


def read_qdc(data: bytes, stem: str) -> Draft:
    """Return the codes of a .qdc file; codes inside codes are their children.

    An id is the one that the description states, else the name made into one. The GUID is kept in the code's source
    as ``refi-qda:GUID``. Labelled sections of the description (定义, Include, ...) are read back. Sets are not read.
    """
    root = parse_xml(data, "the codebook")
    if _tag(root) != "CodeBook":
        raise InputError(
            f"the root element is {_tag(root)}; a REFI-QDA codebook has CodeBook, so export it again as .qdc"
        )
    entries: list[_Found] = []
    for codes in _children(root, "Codes"):
        _walk(codes, (), None, entries)
    made = ids_of([entry.path for entry in entries])
    ids = [
        stated if is_id(stated := entry.cells.get("id", "")) else own for entry, own in zip(entries, made, strict=True)
    ]
    names = names_of((code_id, _name(entry)) for code_id, entry in zip(ids, entries, strict=True))
    return Draft(
        id=id_of(stem) or "codebook", name=Bilingual(zh=stem, en=stem), source=root.get("origin") or "",
        codes=tuple(_code(entry, ids, names) for entry in entries),
        lines=tuple({"": entry.line} for entry in entries), problems=(*_sets(root), *_grey(entries, ids)), bare=True,
    )  # fmt: skip


def _code(entry: _Found, ids: list[str], names: Names) -> Code:
    parent = None if entry.parent is None else ids[entry.parent]
    code = code_of(entry.cells, ids[entry.number], parent, names)
    return replace(code, name=_name(entry), colour=_colour(entry), source=_source(entry))


def _tag(element: "_Element") -> str:
    return str(element.tag).rpartition("}")[2]


def _children(element: "_Element", tag: str) -> Iterator["_Element"]:
    return (child for child in element if isinstance(child.tag, str) and _tag(child) == tag)


def _walk(parent: "_Element", path: tuple[str, ...], above: int | None, entries: list[_Found]) -> None:
    for element in _children(parent, "Code"):
        own = (*path, (element.get("name") or "code").strip())
        text = "\n".join(child.text or "" for child in _children(element, "Description"))
        entries.append(_Found(number=len(entries), element=element, path=own, parent=above, cells=sections_of(text)))
        _walk(element, own, len(entries) - 1, entries)


def _name(entry: _Found) -> Bilingual:
    stated = wording(entry.cells, "name")
    return stated if entry.path[-1] in {stated.zh, stated.en} else Bilingual(zh=entry.path[-1], en=entry.path[-1])


def _source(entry: _Found) -> str:
    guid = (entry.element.get("guid") or "").strip("{} ")
    return "; ".join(part for part in (entry.cells.get("source", ""), f"{GUID}{guid}" if guid else "") if part)


def _colour(entry: _Found) -> str:
    colour = colour_of(entry.element.get("color") or "")
    return colour if is_colour(colour) else GREY


def _grey(entries: list[_Found], ids: list[str]) -> Iterator[Problem]:
    for entry, code_id in zip(entries, ids, strict=True):
        written = entry.element.get("color") or ""
        if not is_colour(colour_of(written)):
            zh, en = f"颜色 {written} 读不懂，改用灰色", f"the colour {written} is not understood; grey is taken"
            yield warning(zh, en, code=code_id, line=entry.line)


def _sets(root: "_Element") -> Iterator[Problem]:
    for sets in _children(root, "Sets"):
        names = [each.get("name") or "" for each in _children(sets, "Set")]
        if names:
            zh, en = f"编码组没有读取：{'、'.join(names)}", f"sets of codes are not read: {', '.join(names)}"
            yield warning(zh, en, line=int(sets.sourceline or 0))
