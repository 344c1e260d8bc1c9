"""The texts of a REFI-QDA project, with what is marked in them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Bilingual
from lbc_themes.exchange.guids import read_guid
from lbc_themes.exchange.loss import Loss
from lbc_themes.exchange.package import Package
from lbc_themes.exchange.positions import Marked, unix
from lbc_themes.exchange.tree import child, children, tag_of, text_of
from lbc_themes.text.decoding import decode

if TYPE_CHECKING:
    from lxml.etree import _Element

_MEDIA = {
    "PictureSource": Bilingual(zh="图片及其中的编码", en="pictures and what is coded in them"),
    "PDFSource": Bilingual(zh="没有文本的 PDF 及其中的编码", en="PDFs without a text and what is coded in them"),
    "AudioSource": Bilingual(
        zh="录音及其中的编码（转录文本照读）", en="sound and what is coded in it (transcripts are read)"
    ),
    "VideoSource": Bilingual(
        zh="录像及其中的编码（转录文本照读）", en="video and what is coded in it (transcripts are read)"
    ),
}


@dataclass(frozen=True, kw_only=True)
class Source:
    """One text. ``selections`` are elements by GUID, ``marked`` their positions; ``element`` is the text's own."""

    guid: str
    name: str
    text: str
    element: "_Element"
    marked: tuple[Marked, ...]
    selections: dict[str, "_Element"] = field(default_factory=dict)


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
        losses.append(Loss(topic=tag, text=_MEDIA[tag], where=name))
    for number, each in enumerate(texts, 1):
        called = name if len(texts) == 1 else f"{name} {number}"
        text = _text(each, package)
        if text is None:
            losses.append(Loss(topic="text-missing", text=_MISSING, where=called))
            continue
        yield _source(each, read_guid(element.get("guid")), called, text)
    pages = [s for s in children(element, "PDFSelection") if child(s, "Coding") is not None]
    if pages:
        losses.append(Loss(topic="pdf-areas", text=_AREAS, count=len(pages), where=name))


_MISSING = Bilingual(
    zh="文本不在项目文件里，其中的编码也就没有读取", en="texts that are not in the file, with what is coded in them"
)
_AREAS = Bilingual(zh="PDF 页面上的选框", en="areas marked on pages of PDFs")


def _text(element: "_Element", package: Package) -> str | None:
    inside = child(element, "PlainTextContent")
    if inside is not None:
        return inside.text or ""
    path = element.get("plainTextPath")
    data = package.read(path.rpartition("//")[2]) if path else None
    if data is None:
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            return decode(data)[0]
        except InputError:
            return None


def _source(element: "_Element", guid: str, name: str, text: str) -> Source:
    points = {read_guid(p.get("guid")): p.get("position") or "" for p in children(element, "SyncPoint")}
    marked, selections = [], {}
    for number, selection in enumerate(children(element, "PlainTextSelection", "TranscriptSelection")):
        start = selection.get("startPosition") or points.get(read_guid(selection.get("fromSyncPoint")), "")
        end = selection.get("endPosition") or points.get(read_guid(selection.get("toSyncPoint")), "")
        key = read_guid(selection.get("guid")) or f"selection {number}"
        selections[key] = selection
        marked.append(Marked(key=key, start=_number(start), end=_number(end), words=selection.get("name") or ""))
    return Source(guid=guid, name=name or guid, text=text, element=element, marked=tuple(marked), selections=selections)


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return -1


def note_text(element: "_Element", package: Package) -> str:
    """Return the words of a note, whichever way the file holds them."""
    return unix((_text(element, package) or "").strip())[0] or text_of(element)
