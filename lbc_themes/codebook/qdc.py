"""REFI-QDA codebooks (.qdc), as NVivo, ATLAS.ti, MAXQDA, QualCoder and Taguette exchange them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lbc_themes.codebook.draft import (
    GREY,
    Draft,
    Names,
    Problem,
    code_path,
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
from lbc_themes.core.messages import message
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
    as ``refi-qda:GUID``. Labelled sections of the description (定义, Include, ...) are read back. Sets are not
    read, nor that a code is only a heading; the draft's problems say so.
    """
    root = parse_xml(data, "the codebook")
    if _tag(root) != "CodeBook":
        raise InputError(message("codebook.root_element_refi_qda", tag=_tag(root)))
    entries: list[_Found] = []
    for codes in _children(root, "Codes"):
        join_twins(codes)
        _nest_paths(codes)
        _walk(codes, (), None, entries)
    made = ids_of([entry.path for entry in entries])
    ids = [
        stated if is_id(stated := entry.cells.get("id", "")) else own for entry, own in zip(entries, made, strict=True)
    ]
    names = names_of((code_id, _name(entry)) for code_id, entry in zip(ids, entries, strict=True))
    return Draft(
        id=id_of(stem) or "codebook", name=Bilingual(zh=stem, en=stem), source=root.get("origin") or "",
        codes=tuple(_code(entry, ids, names) for entry in entries),
        lines=tuple({"": entry.line} for entry in entries),
        problems=(*_sets(root), *_headings(entries), *_grey(entries, ids)),
    )  # fmt: skip


def _code(entry: _Found, ids: list[str], names: Names) -> Code:
    parent = None if entry.parent is None else ids[entry.parent]
    code = code_of(entry.cells, ids[entry.number], parent, names)
    return replace(code, name=_name(entry), colour=_colour(entry), source=_source(entry))


def _tag(element: "_Element") -> str:
    return str(element.tag).rpartition("}")[2]


def _children(element: "_Element", tag: str) -> Iterator["_Element"]:
    return (child for child in element if isinstance(child.tag, str) and _tag(child) == tag)


def join_twins(codes: "_Element") -> dict[str, str]:
    """Make one code of each heading and code that were one before, and return which GUID now stands for which.

    QualCoder makes of a code with children a category of the same name and description, and puts the code into it.
    The heading takes the code's GUID, colour and children; it stands where it stood.
    """
    taken: dict[str, str] = {}
    for heading in [each for each in codes.iter() if isinstance(each.tag, str) and _tag(each) == "Code"]:
        above = heading.getparent()
        if heading.get("isCodable") not in {"false", "0"} or above is None:
            continue
        near = [*_children(heading, "Code"), *_children(above, "Code")]
        twin = next((each for each in near if each is not heading and _are_twins(heading, each)), None)
        if twin is None:
            continue
        taken[heading.get("guid") or ""] = twin.get("guid") or ""
        for name, value in twin.attrib.items():
            heading.set(name, value)
        described = next(_children(heading, "Description"), None) is not None
        for inner in list(twin):
            if not isinstance(inner.tag, str) or (_tag(inner) == "Description" and described):
                continue
            if _tag(inner) == "Code":
                heading.append(inner)
            else:
                heading.insert(int(_tag(inner) == "NoteRef" and described), inner)
        parent = twin.getparent()
        if parent is not None:
            parent.remove(twin)
    return taken


def _nest_paths(codes: "_Element") -> None:
    """Put codes named by paths (``情绪.想家``, as in Taguette) inside their parents, where nothing is nested yet."""
    listed = list(_children(codes, "Code"))
    names = {(each.get("name") or "").strip(): each for each in reversed(listed)}
    if any(next(_children(each, "Code"), None) is not None for each in listed):
        return
    paths = {name: code_path(name, names) for name in names}
    by_path = {path: names[name] for name, path in paths.items()}
    for element in listed:
        path = paths[(element.get("name") or "").strip()]
        parent = by_path.get(path[:-1])
        if parent is not None and element is not parent:
            parent.append(element)
            element.set("name", path[-1])


def _are_twins(heading: "_Element", code: "_Element") -> bool:
    if code.get("isCodable") in {"false", "0"}:
        return False
    texts = [next((each.text or "" for each in _children(e, "Description")), "").strip() for e in (heading, code)]
    ids = [sections_of(text).get("id", "") for text in texts]
    if ids[0] and ids[0] == ids[1]:
        return True
    named = (heading.get("name") or "").strip() == (code.get("name") or "").strip()
    return named and not any(ids) and (texts[0] == texts[1] or not all(texts))


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
            yield warning(message("codebook.colour_not_understood", written=written), code=code_id, line=entry.line)


def _headings(entries: list[_Found]) -> Iterator[Problem]:
    names = [entry.path[-1] for entry in entries if entry.element.get("isCodable") in {"false", "0"}]
    if names:
        yield warning(message("codebook.headings_not_kept", names=names))


def _sets(root: "_Element") -> Iterator[Problem]:
    for sets in _children(root, "Sets"):
        held = list(_children(sets, "Set"))
        counts = [sum(len(each.attrib) for each in _children(one, "MemberCode")) for one in held]
        described = [any((each.text or "").strip() for each in _children(one, "Description")) for one in held]
        if held:
            names = [one.get("name") or "" for one in held]
            told = list(zip(names, counts, described, strict=True))
            yield warning(
                message("codebook.sets_not_read", sets=[_set(*each) for each in told]), line=int(sets.sourceline or 0)
            )


def _set(name: str, count: int, described: bool) -> Bilingual:  # noqa: FBT001 (one of three parts of a set)
    if described:
        return message("codebook.set_described", name=name, count=count)
    return message("codebook.set_of_codes", name=name, count=count)
