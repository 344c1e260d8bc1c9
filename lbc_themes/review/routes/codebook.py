"""The codebook as people work on it: all codes, and the changes that make it another one, each with its history."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from starlette.responses import RedirectResponse, Response

from lbc_themes.codebook import write_codebook
from lbc_themes.codebook.draft import is_colour
from lbc_themes.core.errors import InputError
from lbc_themes.core.files import private_temporary_folder
from lbc_themes.core.messages import message
from lbc_themes.core.records import Bilingual, Code, Language, Rule
from lbc_themes.review.page import STORED, PageRequest, download
from lbc_themes.review.quotations import Quotation, quotations_of
from lbc_themes.review.routes.coding import own_page, render_page
from lbc_themes.review.workspace import Workspace
from lbc_themes.study import CodebookEdit, EditConflictError

MOST_PARTS = 9


def page(workspace: Workspace, request: PageRequest) -> Response:
    """List the codes with the number of their quotations."""
    counts = workspace.state.code_counts(request.coder if workspace.blind else None)
    return render_page(workspace, request, "codebook.html", counts=counts)


def code_of(workspace: Workspace, code_id: str) -> Code:
    """Return a code; refuse an id that the codebook has not."""
    if code_id not in workspace.codebook:
        raise InputError(message("review.no_code", code_id=code_id))
    return workspace.codebook[code_id]


def to_code(code_id: str) -> Response:
    """Send the browser to the page of a code."""
    return RedirectResponse(f"quotations?{urlencode({'c': code_id})}", status_code=303)


# --- One code: new, or changed.


def add_code(workspace: Workspace, request: PageRequest) -> Response:
    """Add a code by its name, and show it."""
    name, parent = request.one("name"), request.one("parent") or None
    code_id = workspace.study.codebook.add(name, by=request.coder, parent=parent)
    request.session.say(STORED["code-added"].said(request.session.language).format(name.strip()), undo="undo-edit")
    return to_code(code_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Unstored:
    """What a person wrote of a code and was not stored, because others changed the same meanwhile."""

    code_id: str
    values: dict[str, str]
    refusal: EditConflictError


def edit_code(workspace: Workspace, request: PageRequest) -> Response:
    """Store the name, definition, rules, parent and colour of a code, as far as the person changed them."""
    code, language = code_of(workspace, request.one("c")), request.session.language
    name = Bilingual(zh=request.one("name_zh").strip(), en=request.one("name_en").strip())
    if not name.zh and not name.en:
        raise InputError(message("review.code_without_name"))
    colour, parent = request.one("colour", code.colour), request.one("parent") or None
    if not is_colour(colour) or (parent is not None and parent not in workspace.codebook):
        raise InputError(message("review.colour_or_parent", colour=colour, parent=parent))
    definition = Bilingual(zh=_text(request, "definition_zh"), en=_text(request, "definition_en"))
    parts = {
        "name": Bilingual(zh=name.zh or name.en, en=name.en or name.zh), "definition": definition, "parent": parent,
        "colour": colour, "include": _rules(code.include, _text(request, "include"), language),
        "exclude": _rules(code.exclude, _text(request, "exclude"), language),
    }  # fmt: skip
    if not (code.brief.zh or code.brief.en) and (definition.zh or definition.en):
        parts["brief"] = definition
    before = workspace.study.codebook.version
    try:
        workspace.study.codebook.edit(
            code.id, by=request.coder, why=_text(request, "reason"), since=request.one("since"), **parts
        )
    except EditConflictError as refusal:
        request.session.unstored = Unstored(code_id=code.id, values=dict(request.values), refusal=refusal)
        return to_code(code.id)
    changed = workspace.study.codebook.version != before
    said = STORED["code-stored" if changed else "code-unchanged"].said(language)
    request.session.say(said.format(parts["name"].said(language)), undo="undo-edit" if changed else "")  # type: ignore[union-attr]
    return to_code(code.id)


def _text(request: PageRequest, name: str) -> str:
    return request.one(name).replace("\r\n", "\n").strip()


def rules_by_language(code: Code) -> dict[str, dict[Language, str]]:
    """Return the rules of a code as they are edited: one a line, by part and language."""
    parts = {"include": code.include, "exclude": code.exclude}
    languages: tuple[Language, ...] = ("zh", "en")
    return {n: {k: "\n".join(r.text.said(k) for r in rules) for k in languages} for n, rules in parts.items()}


def _rules(before: Sequence[Rule], lines: str, language: Language) -> tuple[Rule, ...]:
    """Return a rule a line; those whose words in this language stand as they were keep the other language."""
    held = {rule.text.said(language): rule for rule in before}
    said = (line.strip() for line in lines.split("\n"))
    return tuple(held.get(line, Rule(text=Bilingual(zh=line, en=line))) for line in said if line)


def retire_code(workspace: Workspace, request: PageRequest) -> Response:
    """Take a code out of use, where nothing is coded with it."""
    code = code_of(workspace, request.one("c"))
    workspace.study.codebook.retire(code.id, by=request.coder, why=_text(request, "reason"))
    language = request.session.language
    request.session.say(STORED["code-retired"].said(language).format(code.name.said(language)), undo="undo-edit")
    return RedirectResponse("codebook", status_code=303)


# --- Several codes: merged into one, or one split into several.


def merge_codes(workspace: Workspace, request: PageRequest) -> Response:
    """Merge the chosen codes into one of the codebook or into a new one."""
    language, reason = request.session.language, _text(request, "reason")
    chosen = [code_of(workspace, code_id).id for code_id in request.many("code")]
    new, into = request.one("new").strip(), request.one("into")
    if not chosen or not (new or into):
        request.session.say(STORED["merge-none"].said(language))
        return RedirectResponse("codebook", status_code=303)
    if new:
        parents = {workspace.codebook[code_id].parent for code_id in chosen}
        parent = next(iter(parents)) if len(parents) == 1 else None
        into = workspace.study.codebook.add(new, by=request.coder, why=reason, parent=parent)
    merged = [code_id for code_id in chosen if code_id != code_of_study(workspace, into)]
    if not merged:
        request.session.say(STORED["merge-none"].said(language))
        return RedirectResponse("codebook", status_code=303)
    workspace.study.codebook.merge(merged, into, by=request.coder, why=reason)
    names = ("、" if language == "zh" else ", ").join(workspace.codebook[i].name.said(language) for i in merged)
    target = workspace.study.codebook[into].name.said(language)
    request.session.say(STORED["codes-merged"].said(language).format(names, target), undo="undo-edit")
    _relearn(workspace)
    return to_code(into)


def code_of_study(workspace: Workspace, code_id: str) -> str:
    """Return the id of a code that the study has by now; pages may be drawn with the codebook before."""
    return workspace.study.codebook[code_id].id


def _relearn(workspace: Workspace) -> None:
    if workspace.learning:
        workspace.learning.ask([])


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A code into which another is split: one that is there, or a new one. ``token`` names it in the form."""

    token: str
    name: str


def split_page(workspace: Workspace, request: PageRequest) -> Response:
    """List everything coded with a code, each to be sent to a part by one key."""
    code = code_of(workspace, request.one("c"))
    parts = _parts(workspace, request)
    every: dict[str, Quotation] = {}
    for quotation in quotations_of(workspace, code.id, request.coder):
        every.setdefault(quotation.key, quotation)  # what several people coded is one passage to look at
    return render_page(workspace, request, "split.html", code=code, parts=parts, quotations=list(every.values()))


def _parts(workspace: Workspace, request: PageRequest) -> list[Part]:
    language = request.session.language
    held = [code_of(workspace, code_id) for code_id in request.many("part")]
    parts = [Part(token=f"id:{code.id}", name=code.name.said(language)) for code in held]
    lines = (" ".join(line.split()) for each in request.many("new") for line in each.splitlines())
    parts += [Part(token=f"new:{line}", name=line) for line in dict.fromkeys(lines) if line]
    return parts[:MOST_PARTS]


def split_code(workspace: Workspace, request: PageRequest) -> Response:
    """Send the quotations of a code where a person said that each belongs; the others stay."""
    code, language = code_of(workspace, request.one("c")), request.session.language
    reason = _text(request, "reason")
    goes: dict[str, list[str | int]] = {}
    for value in request.many("to"):
        key, _, token = value.partition("|")
        if token:
            goes.setdefault(token, []).append(key[2:] if key.startswith("p:") else int(key[2:]))
    if not goes:
        request.session.say(STORED["none-chosen"].said(language))
        return RedirectResponse(f"split?{urlencode({'c': code.id})}", status_code=303)
    parts: dict[str, list[str | int]] = {}
    for token, keys in goes.items():
        kind, _, name = token.partition(":")
        if kind == "new":
            name = workspace.study.codebook.add(name, by=request.coder, why=reason, parent=code.parent)
        parts[name] = keys
    workspace.study.codebook.split(code.id, parts, by=request.coder, why=reason)
    count = sum(map(len, parts.values()))
    said = STORED["code-split"].said(language).format(code.name.said(language), count, len(parts))
    request.session.say(said, undo="undo-edit")
    _relearn(workspace)
    return to_code(code.id)


# --- The history, and changes taken back.


def undo_edit(workspace: Workspace, request: PageRequest) -> Response:
    """Take back the change named, or the last one, whoever made it: the history says who took it back."""
    language = request.session.language
    done = workspace.study.codebook.undo(by=request.coder, version=request.one("version"))
    said = STORED["undo-nothing" if done is None else "edit-undone"].said(language)
    request.session.say(said.format(done.version if done else ""), redo="redo-edit" if done else "")
    return _after_undo(workspace, request)


def redo_edit(workspace: Workspace, request: PageRequest) -> Response:
    """Do again the change that was taken back last."""
    done = workspace.study.codebook.redo(by=request.coder)
    said = STORED["redo-nothing" if done is None else "edit-redone"].said(request.session.language)
    request.session.say(said.format(done.undoes if done else ""), undo="undo-edit" if done else "")
    return _after_undo(workspace, request)


def _after_undo(workspace: Workspace, request: PageRequest) -> Response:
    _relearn(workspace)
    back = request.one("back", "codebook")
    shown = dict(parse_qsl(back.partition("?")[2])).get("c", "")
    gone = back.partition("?")[0] == "quotations" and shown not in workspace.study.codebook
    return RedirectResponse("codebook" if gone else own_page(back), status_code=303)


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryRow:
    """A change of the codebook, whether it can be taken back, and names of its codes in the version of that time."""

    edit: CodebookEdit
    names: tuple[Bilingual, ...]
    into: Bilingual | None
    renamed: Bilingual | None
    undone: bool


def history(workspace: Workspace, request: PageRequest) -> Response:
    """List every change of the codebook, the newest first."""
    return render_page(workspace, request, "codebook_history.html", rows=history_rows(workspace))


def history_rows(workspace: Workspace, code_id: str = "") -> list[HistoryRow]:
    """Return the changes of the codebook, or those that touched one code, the newest first."""
    edits, books = workspace.study.codebook_history(), workspace.study.codebooks
    undone = {edit.undoes for edit in edits}
    at = {book.version: number for number, book in enumerate(books)}
    found = []
    for edit in reversed(edits):
        if code_id and code_id not in (*edit.code_ids, edit.into):
            continue
        place = at[edit.version]
        near = (books[max(0, place - 1)], books[place])
        names = [next((b[i].name for b in near if i in b), Bilingual(zh=i, en=i)) for i in edit.code_ids]
        into = books[place][edit.into].name if edit.into in books[place] else None
        renamed = books[place][edit.code_ids[0]].name if "name" in edit.parts else None
        found.append(
            HistoryRow(
                edit=edit, names=tuple(names), into=into, renamed=renamed, undone=edit.version in undone
            )
        )  # fmt: skip
    return found


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def export(workspace: Workspace, request: PageRequest) -> Response:
    """Return the codebook as it was in a version, by default the one in use, as a workbook."""
    version = request.one("version")
    books = workspace.study.codebooks
    book = next((book for book in reversed(books) if version in ("", book.version)), None)
    if book is None:
        raise InputError(message("review.no_version", version=version))
    with private_temporary_folder() as folder:
        write_codebook(book, folder / "codebook.xlsx")
        data = (folder / "codebook.xlsx").read_bytes()
    return download(data, f"{workspace.study.path.stem} {book.version}.xlsx", _XLSX)
