"""XML and GUIDs of REFI-QDA files."""

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element


PROJECT = "urn:QDA-XML:project:1.0"
CODEBOOK = "urn:QDA-XML:codebook:1.0"
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def root(tag: str, namespace: str, **attributes: str) -> "_Element":
    """Return a new root element."""
    from lxml import etree

    element = etree.Element(f"{{{namespace}}}{tag}", nsmap={None: namespace})
    return _filled(element, attributes)


def below(parent: "_Element", tag: str, text: str | None = None, **attributes: str) -> "_Element":
    """Add an element with the parent's namespace; attributes that are empty are left out."""
    from lxml import etree

    space = str(parent.tag).partition("}")[0]
    element = _filled(etree.SubElement(parent, f"{space}}}{tag}"), attributes)
    if text is not None:
        element.text = legal(text)
    return element


def _filled(element: "_Element", attributes: dict[str, str]) -> "_Element":
    for name, value in attributes.items():
        if value:
            element.set(name, legal(value))
    return element


def written(element: "_Element") -> bytes:
    """Return a tree as UTF-8 without a byte order mark."""
    from lxml import etree

    data: bytes = etree.tostring(element, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return data.replace(b"\r\n", b"\n")


def legal(text: str) -> str:
    """Return ``text`` with the sign for unknown characters where XML allows none of what stood there."""
    return _ILLEGAL.sub("\ufffd", text)


def tag_of(element: "_Element") -> str:
    """Return an element's tag without its namespace."""
    return str(element.tag).rpartition("}")[2]


def children(element: "_Element | None", *tags: str) -> Iterator["_Element"]:
    """Yield the elements directly below ``element`` that have one of ``tags``."""
    for child in element if element is not None else ():
        if isinstance(child.tag, str) and tag_of(child) in tags:
            yield child


def child(element: "_Element | None", tag: str) -> "_Element | None":
    """Return the first element below with ``tag``."""
    return next(children(element, tag), None)


def text_of(element: "_Element | None", tag: str = "Description") -> str:
    """Return the text of the first element below with ``tag``, stripped."""
    found = child(element, tag)
    return (found.text or "").strip() if found is not None else ""


def moment(time: str) -> str:
    """Return a time as XML's dateTime in UTC; times that cannot be read are the beginning of 1970."""
    try:
        read = datetime.fromisoformat(time)
    except ValueError:
        return "1970-01-01T00:00:00Z"
    whole = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    return whole.isoformat(timespec="milliseconds" if whole.microsecond else "seconds").replace("+00:00", "Z")


# --- GUIDs that stay the same: made from what a thing is, or kept from the program it came from.

_OURS = uuid.UUID("6f0d3b52-8f0e-5c0e-9d6f-5b6d0f4f3c11")
_KEPT = re.compile(r"(?:; )?refi-qda:([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})")


def guid_of(*parts: object) -> str:
    """Return the GUID of a thing that is fully named by ``parts``."""
    return str(uuid.uuid5(_OURS, "\x1f".join(map(str, parts))))


def kept_guid(source: str) -> str:
    """Return the GUID that another program gave, which our readers keep in ``source`` as ``refi-qda:GUID``, or "".

    >>> kept_guid("a study; refi-qda:0D62985D-B147-5D01-A9B5-CAE5DCD98342")
    '0d62985d-b147-5d01-a9b5-cae5dcd98342'
    """
    found = _KEPT.search(source)
    return found[1].lower() if found else ""


def without_guid(source: str) -> str:
    """Return ``source`` without the GUID in it."""
    return _KEPT.sub("", source)


def read_guid(text: str | None) -> str:
    """Return a GUID as written by any program (braces, capitals) in one form."""
    return (text or "").strip("{} \n\t").lower()
