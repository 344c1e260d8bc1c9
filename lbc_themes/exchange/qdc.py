"""REFI-QDA codebooks (.qdc), written for NVivo, ATLAS.ti, MAXQDA, QualCoder and Taguette."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lbc_themes.codebook import code_description
from lbc_themes.codebook.colours import is_colour
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Bilingual, Code, Codebook, Language
from lbc_themes.exchange.guids import guid_of, kept_guid, without_guid
from lbc_themes.exchange.loss import Loss
from lbc_themes.exchange.tree import CODEBOOK, below, root, written

if TYPE_CHECKING:
    from lxml.etree import _Element


def write_qdc(codebook: Codebook, path: str | Path, *, language: Language = "zh") -> tuple[Loss, ...]:
    """Write a codebook as .qdc, and return what another program will not see of it.

    Include, exclude and examples go into each code's description as labelled sections, which ``load_codebook`` reads
    back; ``language`` is that of the names. Refuses a codebook without codes, which the standard does not allow.
    """
    file = Path(path)
    if not len(codebook):
        raise InputError(
            f"{file}: the codebook {codebook.id} has no codes, and a .qdc file needs one; add a code first"
        )
    book = root("CodeBook", CODEBOOK, origin="lbc_themes")
    add_codes(book, codebook, language)
    try:
        file.write_bytes(written(book))
    except OSError as fault:
        raise InputError(f"{file}: cannot be written ({fault.strerror}); check the folder") from fault
    return tuple(head_loss(codebook))


def head_loss(codebook: Codebook) -> list[Loss]:
    """Return that a codebook's own id, version and source do not travel."""
    zh = f"编码本的编号、版本、名称和出处（{codebook.id} {codebook.version}）没有地方可放"
    en = f"the codebook's own id, version, name and source ({codebook.id} {codebook.version}) have no place"
    return [Loss(topic="codebook-head", text=Bilingual(zh=zh, en=en))]


def code_guid(codebook: Codebook, code: Code) -> str:
    """Return the GUID of a code: the one it came with, or one made from the ids of codebook and code."""
    return kept_guid(code.source) or guid_of("code", codebook.id, code.id)


def code_name(codebook: Codebook, code: Code, language: Language) -> str:
    """Return the name of a code, with its id where another has the same name: QualCoder keeps one code a name."""
    name = code.name.said(language) or code.id
    twice = sum((each.name.said(language) or each.id) == name for each in codebook) > 1
    return f"{name}（{code.id}）" if twice else name


def add_codes(book: "_Element", codebook: Codebook, language: Language) -> None:
    """Add the codes below ``book``, children inside their parents."""
    codes = below(book, "Codes")
    for code in codebook:
        if code.parent is None:
            _add(codes, code, codebook, language)


def _add(above: "_Element", code: Code, codebook: Codebook, language: Language) -> None:
    element = below(
        above, "Code", guid=code_guid(codebook, code), name=code_name(codebook, code, language), isCodable="true",
        color=code.colour if is_colour(code.colour) else "",
    )  # fmt: skip
    below(element, "Description", code_description(replace(code, source=without_guid(code.source))))
    for inner in codebook.children(code.id):
        _add(element, inner, codebook, language)
