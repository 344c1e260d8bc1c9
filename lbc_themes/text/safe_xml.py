"""XML from strangers: no entities, no network, one clear refusal."""

from typing import TYPE_CHECKING

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message

if TYPE_CHECKING:
    from lxml.etree import _Element


_FORBIDDEN = {
    word: [word.encode(name) for name in ("utf-8", "utf-16-le", "utf-16-be")] for word in ("<!DOCTYPE", "<!ENTITY")
}


def parse_xml(data: bytes, what: str) -> "_Element":
    """Return the root element of ``data``. Document types and entities are refused, and nothing is fetched."""
    from lxml import etree

    refuse_entities(data, what)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as fault:
        raise InputError(message("text.well_formed_xml_save", what=what, msg=fault.msg)) from fault


def refuse_entities(data: bytes, what: str) -> None:
    """Refuse XML that declares a document type or entities, which no transcript needs and which can swell."""
    for word, spellings in _FORBIDDEN.items():
        if any(spelling in data for spelling in spellings):
            raise InputError(message("text.declares_allowed_here_save", what=what, word=word[2:]))
