"""A code with every quotation of it: read, filtered, recoded many at once, exported; below, passages alike."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from starlette.responses import RedirectResponse, Response

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Code, Coding, Decision, Passage, Verdict
from lbc_themes.core.study_log import Memo, Refusal, Retraction
from lbc_themes.exchange.code_quotations import KINDS, quotations_file
from lbc_themes.review.page import STORED, PageRequest, download
from lbc_themes.review.quotations import (
    SORTS,
    Chosen,
    Quotation,
    attributes_by_interview,
    filtered,
    ordered,
    quotations_of,
    rows_of,
)
from lbc_themes.review.routes.codebook import (
    Unstored,
    code_of,
    history_rows,
    rules_by_language,
    to_code,
)
from lbc_themes.review.routes.coding import names_of, own_page, render_page
from lbc_themes.review.routes.search import found
from lbc_themes.review.workspace import Workspace

PAGE_SIZE = 100
_MOST_ALIKE = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Alike:
    """A passage that nobody coded and that is like a code. ``share`` is the weight of the suggester, or None."""

    passage: Passage
    share: float | None


def page(workspace: Workspace, request: PageRequest) -> Response:
    """Show a code: its definition, and every quotation that the filters let through."""
    code = code_of(workspace, request.one("c"))
    every = quotations_of(workspace, code.id, request.coder)
    chosen, people = Chosen.of(dict(request.values)), attributes_by_interview(workspace)
    vectors = workspace.vectors() if chosen.sort == "typical" or not workspace.blind else None
    shown = ordered(filtered(every, chosen, people), chosen.sort, vectors)
    number = max(1, request.whole("page") if request.one("page") else 1)
    here = shown[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    unstored = request.session.unstored
    request.session.unstored = None
    own = unstored if isinstance(unstored, Unstored) and unstored.code_id == code.id else None
    beside = {code_id for q in every for code_id in q.codes} - {code.id}
    return render_page(
        workspace, request, "quotations.html", code=code, quotations=here, count=len(shown), every=len(every),
        page=number, pages=-(-len(shown) // PAGE_SIZE), chosen=chosen, sorts=SORTS, kinds=[*KINDS],
        interviews=list(dict.fromkeys(q.passage.transcript_id for q in every)),
        roles=sorted({q.passage.role.value for q in every}), coders=sorted({q.coder for q in every}),
        attributes=_attributes(every, people), beside=[c for c in workspace.codebook if c.id in beside],
        alike=_alike(workspace, request, code, every), rules=rules_by_language(code), sorting=_sorting(chosen, vectors),
        history=history_rows(workspace, code.id), unstored=own, version=workspace.codebook.version,
        mine=sum(q.coder == request.coder for q in shown), memos=_memos(workspace, request, code),
    )  # fmt: skip


def _sorting(chosen: Chosen, vectors: object) -> bool:
    """Say whether the order that was asked for is still being computed."""
    return chosen.sort == "typical" and vectors is None


def _memos(workspace: Workspace, request: PageRequest, code: Code) -> list[object]:
    held = workspace.state.memos(code.id, "code")
    return [each for each in held if not workspace.blind or each.memo.coder == request.coder]


def _attributes(every: Iterable[Quotation], people: dict[str, dict[str, str]]) -> list[str]:
    """Return the attributes of those quoted, as ``name=value``, where they tell some from others."""
    ids = {q.passage.transcript_id for q in every}
    pairs = {pair for i in ids for pair in people.get(i, {}).items() if pair[0] not in {"participant", "role"}}
    names = [name for name, _ in pairs]
    return sorted(f"{name}={value}" for name, value in pairs if names.count(name) > 1)


def _alike(workspace: Workspace, request: PageRequest, code: Code, every: Sequence[Quotation]) -> list[Alike]:
    """Return passages that the person has not worked on and that are like the code: suggested first, then similar."""
    if workspace.blind:
        return []
    state = workspace.state
    out = {*state.worked_on(request.coder), *(q.passage.id for q in every)}
    out |= {r.passage_id for r in state.refusals() if r.code_id == code.id and r.coder == request.coder}
    alike = [
        Alike(passage=state.passages[place], share=share)
        for share, passage_id in workspace.suggested_for(code.id)
        if passage_id not in out and (place := state.place(passage_id)) >= 0
    ][:_MOST_ALIKE]
    vectors = workspace.vectors() if len(alike) < _MOST_ALIKE and every else None
    if vectors is not None:
        out |= {each.passage.id for each in alike}
        near = vectors.nearest({q.passage.id for q in every}, out, _MOST_ALIKE - len(alike))
        alike += [Alike(passage=state.passages[state.place(i)], share=None) for i, _ in near]
    return alike


def export(workspace: Workspace, request: PageRequest) -> Response:
    """Return what the filters let through as a file to keep."""
    code, language = code_of(workspace, request.one("c")), request.session.language
    kind, chosen = request.one("format"), Chosen.of(dict(request.values))
    every = filtered(quotations_of(workspace, code.id, request.coder), chosen, attributes_by_interview(workspace))
    rows = rows_of(workspace, code.id, ordered(every, chosen.sort, workspace.vectors(30.0)), language)
    data = quotations_file(rows, kind, title=code.name.said(language), language=language)
    return download(data, f"{code.name.said(language)}.{kind}", KINDS[kind])


# --- Many at once.


def recode(workspace: Workspace, request: PageRequest) -> Response:
    """Give the person's own codings at the chosen places another code, one more, or none; one step, undone as one."""
    action, language = request.one("action"), request.session.language
    old, new = request.one("c"), request.one("to")
    if action not in {"move", "add", "remove"}:
        raise InputError(message("review.recode_action", action=action))
    target = code_of(workspace, new).id if action != "remove" else ""
    back = own_page(request.one("back", "codebook"))
    keys = _all_mine(workspace, request, back) if request.one("every") == "1" else request.many("at")
    if not keys:
        request.session.say(STORED["none-chosen"].said(language))
        return RedirectResponse(back, status_code=303)
    passages = [key[2:] for key in keys if key.startswith("p:") and workspace.state.place(key[2:]) >= 0]
    decisions, gone = _decisions(workspace, request.coder, passages, (action, old, target))
    spans, count = _spans(workspace, request.coder, {key[2:] for key in keys if key.startswith("s:")}, action, target)
    records = [*decisions, *(Retraction(entry_id=entry_id) for entry_id in gone[1]), *spans]
    if records:
        workspace.study.record_step(records, coder=request.coder)
    workspace.state.catch_up()
    if workspace.learning:
        workspace.learning.ask([])
    words = STORED[f"recoded-{action}"].said(language)
    names = (names_of(workspace, [each], language) if each else "" for each in (old, target))
    request.session.say(words.format(len(decisions) + gone[0] + count, *names), can_undo=bool(records))
    return RedirectResponse(back, status_code=303)


def _all_mine(workspace: Workspace, request: PageRequest, back: str) -> tuple[str, ...]:
    """Return the keys of all that a search found, or of all the person's quotations that pass the filters."""
    one = dict(parse_qsl(back.partition("?")[2]))
    if back.partition("?")[0] == "search":
        passages = workspace.state.passages
        return tuple(f"p:{passages[place].id}" for place in found(workspace, request.coder, one))
    every = quotations_of(workspace, one.get("c", ""), request.coder)
    shown = filtered(every, Chosen.of(one), attributes_by_interview(workspace))
    return tuple(q.key for q in shown if q.coder == request.coder)


def _decisions(
    workspace: Workspace, coder: str, passage_ids: Iterable[str], change: tuple[str, str, str]
) -> tuple[list[Decision], tuple[int, list[int]]]:
    """Return the new decisions, and where none is left: how many passages, and the entries to take back.

    Nobody decided that no code applies where the only code was removed, so that such a passage is open again.
    """
    made, emptied = [], set[str]()
    for passage_id in dict.fromkeys(passage_ids):
        held = workspace.state.decision(passage_id, coder)
        codes = held.code_ids if held else ()
        wanted = _recoded(codes, *change)
        if wanted == codes:
            continue
        if wanted:
            memo = held.memo if held else ""
            made.append(
                Decision(
                    passage_id=passage_id, verdict=Verdict.CHANGED, code_ids=wanted, coder=coder, time="", memo=memo
                )
            )
        else:
            emptied.add(passage_id)
    return made, (len(emptied), workspace.state.entries_of(coder, emptied))


def _recoded(codes: tuple[str, ...], action: str, old: str, target: str) -> tuple[str, ...]:
    if action == "add":
        return tuple(dict.fromkeys((*codes, target)))
    if action == "move":
        return tuple(dict.fromkeys(target if code == old else code for code in codes))
    return tuple(code for code in codes if code != old)


def _spans(
    workspace: Workspace, coder: str, entry_ids: set[str], action: str, target: str
) -> tuple[list[Coding | Retraction], int]:
    """Return what recodes the person's own codes on slices, and how many slices change."""
    own = {
        str(each.entry_id): each.coding
        for transcript in (workspace.study.transcripts if entry_ids else ())
        for each in workspace.state.spans(transcript.id)
        if each.coding.coder == coder
    }
    placed = {(c.transcript_id, c.start, c.end, c.code_id) for c in own.values()}
    records: list[Coding | Retraction] = []
    count = 0
    for entry_id in entry_ids:
        coding = own.get(entry_id)
        if coding is None or coding.code_id == target:
            continue
        count += 1
        if action != "add":
            records.append(Retraction(entry_id=int(entry_id)))
        if target and (coding.transcript_id, coding.start, coding.end, target) not in placed:
            records.append(replace(coding, code_id=target, time=""))
    return records, count


# --- Passages alike: the code is given or refused by one key.


def answer_alike(workspace: Workspace, request: PageRequest) -> Response:
    """Store that a code belongs on a passage, or that it does not."""
    code, passage_id = code_of(workspace, request.one("c")), request.one("passage")
    answer, language = request.one("answer"), request.session.language
    if answer not in {"yes", "no"}:
        raise InputError(message("review.alike_answer", answer=answer))
    if answer == "yes":
        decisions, _ = _decisions(
            workspace, request.coder, [workspace.study.passage(passage_id).id], ("add", "", code.id)
        )
        records: list[Decision | Refusal] = [*decisions]
    else:
        records = [Refusal(passage_id=passage_id, code_id=code.id, coder=request.coder)]
        if any(r.code_id == code.id and r.coder == request.coder for r in workspace.state.refused(passage_id)):
            records = []
    if records:
        workspace.study.record_step(records, coder=request.coder)
    if workspace.learning:
        workspace.learning.ask([])
    name = code.name.said(language)
    request.session.say(STORED[f"alike-{answer}"].said(language).format(name), can_undo=bool(records))
    return to_code(code.id)


def note_code(workspace: Workspace, request: PageRequest) -> Response:
    """Store a memo about a code."""
    code = code_of(workspace, request.one("c"))
    text = request.one("text").replace("\r\n", "\n")
    workspace.study.record_memo(Memo(text=text, coder=request.coder, about="code", about_id=code.id))
    request.session.say(STORED["memo"].said(request.session.language), can_undo=True)
    return to_code(code.id)
