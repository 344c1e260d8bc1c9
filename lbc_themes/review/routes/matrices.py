"""Matrices of what people coded; every count is a link to its quotations."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import urlencode

from starlette.responses import Response

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import Bilingual, Language, message, word_table
from lbc_themes.core.records import Passage
from lbc_themes.core.study_log import Contents
from lbc_themes.exchange.code_quotations import KINDS as FILES
from lbc_themes.exchange.code_quotations import table_file
from lbc_themes.exchange.matrices import (
    NOT_STATED,
    RELATIONS,
    Count,
    FacetEvidence,
    Matrix,
    Relation,
    attributes_of,
    code_by_attribute,
    code_by_code,
    code_by_interview,
    facet_by_role,
    facet_evidence,
    facet_name,
    facet_value_name,
    facets_of,
)
from lbc_themes.exchange.quotes import Quote
from lbc_themes.exchange.wording import ATTRIBUTES
from lbc_themes.review.page import PageRequest, download
from lbc_themes.review.routes.coding import render_page
from lbc_themes.review.workspace import Workspace

Kind = Literal["attribute", "interview", "code", "facet"]
KINDS: tuple[Kind, ...] = ("facet", "attribute", "interview", "code")
MOST_SHOWN = 300
MOST_ROWS, MOST_COLUMNS = 100, 60
"""Rows and columns on one page; the file has all of them."""
_PATIENCE = 20.0
"""Seconds for which the page waits: a matrix of 20,000 codings takes about one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """What is asked for, as the address says it."""

    kind: Kind
    attribute: str
    relation: Relation
    distance: int
    facet: str
    coder: str
    count: Count
    below: bool

    def address(self, **more: str) -> dict[str, str]:
        """Return the values of an address that asks for the same, with ``more``."""
        chosen = {
            "kind": self.kind, "attribute": self.attribute, "relation": self.relation, "distance": str(self.distance),
            "facet": self.facet, "coder": self.coder, "count": self.count, "below": "1" if self.below else "",
        }  # fmt: skip
        return {**chosen, **more}


def page(workspace: Workspace, request: PageRequest) -> Response:
    """Show a matrix, and the quotations of a cell where one is named."""
    contents = workspace.study.contents()
    choice = _choice(request, contents)
    coders = _coders(workspace, request, choice)
    matrix, evidence = _computed(workspace, contents, choice, coders)
    row, column = request.one("row"), request.one("column")
    chosen = matrix.quotations(row, column or None) if row else ()
    language = request.session.language
    return render_page(
        workspace, request, "matrices.html", matrix=matrix, evidence=evidence, choice=choice,
        attributes=attributes_of(contents), facets=list(facets_of(contents.codebook)), relations=RELATIONS,
        coders=[] if workspace.blind else workspace.state.coders(), row=row, column=column,
        quotations=chosen[:MOST_SHOWN], rows=_Part.of(request, "rows", matrix.rows, MOST_ROWS),
        columns=_Part.of(request, "columns", matrix.columns, MOST_COLUMNS), link=_links(request, choice),
        chosen=len(chosen), passage_of=_passage_of(workspace), name_row=_row_names(choice, contents, language),
        name_column=_column_names(choice, contents, language), facet_name=facet_name,
        attribute_name=lambda key: ATTRIBUTES.get(key, Bilingual(zh=key, en=key)), not_stated=NOT_STATED,
    )  # fmt: skip


def table(workspace: Workspace, request: PageRequest) -> Response:
    """Return the whole matrix as a file: Excel, or CSV for Excel."""
    contents = workspace.study.contents()
    choice, language = _choice(request, contents), request.session.language
    matrix, _ = _computed(workspace, contents, choice, _coders(workspace, request, choice))
    name_row, name_column = (each(choice, contents, language) for each in (_row_names, _column_names))
    rows: list[Sequence[object]] = [["", "", *(name_column(column) for column in matrix.columns)]]
    rows += [[r, name_row(r), *(matrix.count(r, c, choice.count) for c in matrix.columns)] for r in matrix.rows]
    kind = _one_of(request, "format", [each for each in FILES if each != "docx"][::-1])
    return download(table_file(rows, kind), f"{workspace.study.path.stem}-{choice.kind}.{kind}", FILES[kind])


# --- What of a large matrix is on the page.


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """The rows or columns on this page; ``before`` and ``after`` are where others begin, None where there are none."""

    ids: tuple[str, ...]
    start: int
    count: int
    before: int | None
    after: int | None

    @classmethod
    def of(cls, request: PageRequest, name: str, ids: Sequence[str], most: int) -> "_Part":
        start = min(request.whole(name) if request.one(name) else 0, max(len(ids) - 1, 0)) // most * most
        return cls(
            ids=tuple(ids[start : start + most]), start=start, count=len(ids),
            before=start - most if start else None, after=start + most if start + most < len(ids) else None,
        )  # fmt: skip


def _links(request: PageRequest, choice: Choice) -> Callable[..., str]:
    """Return what makes the address of the same page with other values, such as ``row`` and ``column`` of a cell."""
    here = {name: request.one(name) for name in ("rows", "columns") if request.one(name)}

    def link(**values: object) -> str:
        moved = {name: value for name, value in {**here, **values}.items() if value is not None}
        return f"matrices?{base}&{urlencode(moved)}"

    base = urlencode(choice.address())
    return link


# --- What is asked for.


def _choice(request: PageRequest, contents: Contents) -> Choice:
    facets = list(facets_of(contents.codebook))
    kinds = KINDS if facets else KINDS[1:]
    attributes = attributes_of(contents)
    return Choice(
        kind=cast("Kind", _one_of(request, "kind", kinds)), attribute=_one_of(request, "attribute", attributes),
        relation=cast("Relation", _one_of(request, "relation", RELATIONS)),
        distance=request.whole("distance") if request.one("distance") else 1,
        facet=_one_of(request, "facet", facets) if facets else "", coder=request.one("coder"),
        count=cast("Count", _one_of(request, "count", ("quotations", "participants"))),
        below=request.one("below") == "1",
    )  # fmt: skip


def _one_of(request: PageRequest, name: str, allowed: tuple[str, ...] | list[str]) -> str:
    value = request.one(name) or allowed[0]
    if value not in allowed:
        raise InputError(message("review.allowed", name=name, value=value, allowed=[*allowed]))
    return value


def _coders(workspace: Workspace, request: PageRequest, choice: Choice) -> tuple[str, ...] | None:
    """Return whose codings count: in blind coding the person's own, else those chosen, or everybody's."""
    if workspace.blind:
        return (request.coder,)
    return (choice.coder,) if choice.coder else None


def _computed(
    workspace: Workspace, contents: Contents, choice: Choice, coders: tuple[str, ...] | None
) -> tuple[Matrix, dict[str, FacetEvidence]]:
    state = (workspace.state.catch_up(), contents.codebook.version, len(contents.transcripts), choice, coders)

    def compute() -> tuple[Matrix, dict[str, FacetEvidence]]:
        if choice.kind == "facet":
            evidence = {each.value: each for each in facet_evidence(contents, choice.facet, coders=coders)}
            return facet_by_role(contents, choice.facet, coders=coders), evidence
        if choice.kind == "attribute":
            return code_by_attribute(contents, choice.attribute, coders=coders, below=choice.below), {}
        if choice.kind == "interview":
            return code_by_interview(contents, coders=coders, below=choice.below), {}
        return code_by_code(contents, choice.relation, distance=choice.distance, coders=coders), {}

    # One is kept for each choice of coders: opening its cells costs nothing, and what is kept does not grow.
    result = workspace.results.get(f"matrix {coders}", state, compute, _PATIENCE)
    if result.value is None:
        raise InputError(message("review.matrix_not_computed", fault=result.fault or "…"))
    return result.value


# --- What rows and columns are called, and where a quotation stands.


def _code_names(contents: Contents, language: Language) -> Callable[[str], str]:
    return lambda code_id: contents.codebook[code_id].name.said(language) if code_id in contents.codebook else code_id


def _row_names(choice: Choice, contents: Contents, language: Language) -> Callable[[str], str]:
    if choice.kind == "facet":
        return lambda value: facet_value_name(choice.facet, value).said(language)
    return _code_names(contents, language)


def _column_names(choice: Choice, contents: Contents, language: Language) -> Callable[[str], str]:
    if choice.kind == "code":
        return _code_names(contents, language)
    if choice.kind == "facet" or choice.attribute == "role":
        groups: Mapping[str, Bilingual] = word_table("words.groups")
        return lambda role: groups[role].said(language) if role in groups else role
    return lambda text: text


def _passage_of(workspace: Workspace) -> Callable[[Quote], Passage | None]:
    def passage(quote: Quote) -> Passage | None:
        inside = workspace.state.within(quote.transcript_id)
        return next((p for p in inside if p.start < quote.end and p.end > quote.start), None)

    return passage
