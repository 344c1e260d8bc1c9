"""The codebook of a REFI-QDA project."""

from typing import TYPE_CHECKING

from lbc_themes.codebook.checks import errors_of
from lbc_themes.codebook.draft import codebook_of
from lbc_themes.codebook.naming import id_of
from lbc_themes.codebook.qdc import read_qdc
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Bilingual, Codebook
from lbc_themes.exchange.guids import kept_guid
from lbc_themes.exchange.loss import Loss
from lbc_themes.exchange.tree import CODEBOOK, child, children, written

if TYPE_CHECKING:
    from lxml.etree import _Element


def codebook_in(project: "_Element", name: str, losses: list[Loss]) -> tuple[Codebook, dict[str, str]]:
    """Return the codebook of a project, and the ids of its codes by GUID."""
    codes = child(child(project, "CodeBook"), "Codes")
    if codes is None or child(codes, "Code") is None:
        return Codebook(id=id_of(name) or "codebook", version="1", name=Bilingual(zh=name, en=name), codes=()), {}
    from lxml import etree

    book = etree.Element(f"{{{CODEBOOK}}}CodeBook", origin=project.get("origin") or "")
    # Appending moves an element, and the project is not read for codes again.
    book.append(codes)
    draft = read_qdc(written(book), name)
    wrong = errors_of(draft)
    if wrong:
        raise InputError(f"code {wrong[0].code}: {wrong[0].message.en}")
    losses += [Loss(topic="code-colours", text=problem.message, where=problem.code or "") for problem in draft.problems]
    codebook = codebook_of(draft)
    return codebook, {kept_guid(code.source): code.id for code in codebook}


def set_losses(project: "_Element") -> list[Loss]:
    """Return that sets, graphs and links between codings do not come along."""
    found = []
    sets = [each.get("name") or "" for each in children(child(project, "Sets"), "Set")]
    if sets:
        zh, en = "编码组和文档组", "sets of codes, sources or notes"
        found.append(Loss(topic="sets", text=Bilingual(zh=zh, en=en), count=len(sets), where=sets[0]))
    graphs = [each.get("name") or "" for each in children(child(project, "Graphs"), "Graph")]
    if graphs:
        text = Bilingual(zh="图和网络视图", en="graphs and maps")
        found.append(Loss(topic="graphs", text=text, count=len(graphs), where=graphs[0]))
    return found
