"""The page on which people code, and their decisions."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, RedirectResponse, Response

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.core.records import Coding, Decision, Language, Passage, Transcript, Verdict
from lbc_themes.core.study_log import Entry, Memo, Retraction, is_theme_edit, only_rejected
from lbc_themes.review.online_learner import AHEAD
from lbc_themes.review.page import STORED, PageRequest
from lbc_themes.review.state import AROUND, MemoEntry, SpanEntry, Window, matches_slice, window
from lbc_themes.review.workspace import TOP, Workspace, neighbours
from lbc_themes.study.theme_board import edit_of, keep_code_with_step


def to_passage(passage_id: str) -> Response:
    """Send the browser to a passage."""
    return RedirectResponse(f"code?{urlencode({'p': passage_id})}", status_code=303)


def page(workspace: Workspace, request: PageRequest) -> Response:
    """Show a passage in its interview; without one, the first that is still open."""
    state, passage_id = workspace.state, request.one("p")
    if not state.passages:
        raise InputError(message("review.no_passages"))
    if request.one("n"):
        return to_passage(state.passages[min(max(request.whole("n"), 1), len(state.passages)) - 1].id)
    if not passage_id:
        onward = workspace.next_passages(request.session, -1) or [state.passages[0].id]
        return to_passage(onward[0])
    if request.one("from"):
        request.session.came_from = own_page(request.one("from"))
    place = state.place(passage_id)
    if place < 0:
        raise InputError(message("review.no_passage", passage_id=passage_id))
    passage = state.passages[place]
    ahead = workspace.next_passages(request.session, place, AHEAD)
    shown = workspace.shown(passage_id)
    if workspace.learning:
        workspace.learning.ask([passage_id, *ahead] if shown.suggestion is None else ahead)
    before, after = neighbours(state.passages, place)
    own = state.decision(passage_id, request.coder)
    ranked = shown.suggestion.codes if shown.suggestion else ()
    values = {
        "passage": passage,
        "place": place,
        "own": own,
        "before": before,
        "after": after,
        "onward": ahead[0] if ahead else "",
        "shown": shown,
        "suggested": [code for code in ranked if code.code_id in workspace.codebook][:TOP],
        "window": _window(workspace, request, passage),
        "others": _others(workspace, request, passage_id),
        "memos": [n for n in state.memos(passage_id) if not workspace.blind or n.memo.coder == request.coder],
        "spans": _spans(workspace, request, passage),
        "noted": _noted(workspace, request, passage),
        "cues": workspace.cues(passage),
        "chosen": own.code_ids if own else (),
        "own_action": _action_of(own) if own else "",
        "risky": _look_first(workspace, passage),
    }
    return render_page(workspace, request, "code.html", **values)


def render_page(workspace: Workspace, request: PageRequest, name: str, **values: object) -> Response:
    """Return a whole page with the bar that all pages have."""
    language = request.session.language
    remark, undo_action, redo_action = request.session.take_message()
    words = workspace.renderer.page(
        name,
        language,
        workspace=workspace,
        session=request.session,
        csrf=request.session.csrf,
        remark=remark,
        undo_action=undo_action,
        redo_action=redo_action,
        study_key=workspace.study_key,
        done=workspace.state.count(request.coder),
        total=len(workspace.state.passages),
        code_list=workspace.renderer.code_list(language),
        study=workspace.study.path.stem,
        **values,
    )
    return HTMLResponse(words)


def _window(workspace: Workspace, request: PageRequest, passage: Passage) -> Window:
    state = workspace.state
    inside = state.within(passage.transcript_id)
    decided = {p.id: d for p in inside if (d := state.decision(p.id, request.coder)) is not None}
    spans = [s for s in state.spans(passage.transcript_id) if s.coding.coder == request.coder]
    return window(workspace.transcript(passage.transcript_id), inside, (passage.start, passage.end), decided, spans)


def _look_first(workspace: Workspace, passage: Passage) -> set[str]:
    inside = workspace.state.within(passage.transcript_id)
    near = (p for p in inside if p.start < passage.end + AROUND and p.end > passage.start - AROUND)
    return {p.id for p in near if workspace.look_first(p)}


def _noted(workspace: Workspace, request: PageRequest, passage: Passage) -> set[str]:
    """Return the passages of the interview about which there is a memo that the person may see."""
    memos = workspace.state.memos
    inside = workspace.state.within(passage.transcript_id)
    seen = [
        each.memo for each in memos(passage.transcript_id, "span")
        if not workspace.blind or each.memo.coder == request.coder
    ]  # fmt: skip
    found = {p.id for m in seen for p in inside if p.start < (m.end or 0) and p.end > (m.start or 0)}
    for p in inside:
        if any(not workspace.blind or each.memo.coder == request.coder for each in memos(p.id)):
            found.add(p.id)
    return found


def _others(workspace: Workspace, request: PageRequest, passage_id: str) -> list[Decision]:
    if workspace.blind:
        return []
    return [d for d in workspace.state.decisions_on(passage_id) if d.adjudication or d.coder != request.coder]


@dataclass(frozen=True, kw_only=True, slots=True)
class SpanGroup:
    """All codes of one coder on one slice, and the memos on it."""

    start: int
    end: int
    coder: str
    entries: tuple[SpanEntry, ...]
    memos: tuple[MemoEntry, ...]


def _spans(workspace: Workspace, request: PageRequest, passage: Passage) -> list[SpanGroup]:
    """Return the slices that share words with a passage and have codes or memos, by place and coder."""
    state = workspace.state
    spans = [s for s in state.spans_in(passage) if not workspace.blind or s.coding.coder == request.coder]
    noted = [
        each for each in state.memos(passage.transcript_id, "span")
        if (each.memo.start or 0) < passage.end and (each.memo.end or 0) > passage.start
        and (not workspace.blind or each.memo.coder == request.coder)
    ]  # fmt: skip
    places = {(s.coding.start, s.coding.end, s.coding.coder) for s in spans}
    places |= {(each.memo.start or 0, each.memo.end or 0, each.memo.coder) for each in noted}
    return [
        SpanGroup(
            start=start, end=end, coder=coder,
            entries=tuple(s for s in spans if (s.coding.start, s.coding.end, s.coding.coder) == (start, end, coder)),
            memos=tuple(m for m in noted if (m.memo.start, m.memo.end, m.memo.coder) == (start, end, coder)),
        )
        for start, end, coder in sorted(places)
    ]  # fmt: skip


def decide(workspace: Workspace, request: PageRequest) -> Response:
    """Store what a person decided on a passage, and go on to the next where nothing was decided before.

    Codes that stand already are replaced, which is said; the page stays where it is.
    """
    passage_id, action = request.one("passage"), request.one("action", "codes")
    language, state = request.session.language, workspace.state
    place = state.place(passage_id)
    if place < 0:
        raise InputError(message("review.passage_gone", passage_id=passage_id))
    if action not in {"codes", "reject", "nothing"}:
        raise InputError(message("review.action_allowed_codes_reject", action=action))
    named = request.one("new_code").strip() if action == "codes" else ""
    made = (code_named(workspace, named, request.coder),) if named else ()
    codes = (*_decided_codes(request), *made) if action == "codes" else ()
    if made:
        workspace.catch_up()
    if action == "codes" and not codes:
        request.session.say(STORED["none"].said(language))
        return to_passage(passage_id)
    before = state.decision(passage_id, request.coder)
    if before is not None and (_action_of(before), set(before.code_ids)) == (action, set(codes)):
        request.session.say(STORED["unchanged"].said(language).format(_named(workspace, before, language)))
        return to_passage(passage_id)
    run = workspace.stored_run(request.one("run"), passage_id)
    offered = () if workspace.blind else request.many("offered")
    silent = not offered and bool(run)
    decision = Decision(
        passage_id=passage_id,
        verdict=_verdict(codes, offered, silent=silent and action == "nothing"),
        code_ids=codes,
        coder=request.coder,
        time="",
        no_code=action == "nothing",
    )
    workspace.study.record(decision, run=run)
    state.catch_up()
    ahead = workspace.next_passages(request.session, place, AHEAD)
    if workspace.learning:
        workspace.learning.ask(ahead)
    now = _named(workspace, decision, language)
    new = STORED["new-code"].said(language) if made else ""
    if before is not None:
        was = _named(workspace, before, language)
        request.session.say(new + STORED["replaced"].said(language).format(was, now), can_undo=True)
        return to_passage(passage_id)
    done = "" if ahead else " " + STORED["done"].said(language)
    request.session.say(new + STORED["stored"].said(language).format(now) + done, can_undo=True)
    return to_passage(ahead[0] if ahead else passage_id)


def code_named(workspace: Workspace, name: str, coder: str) -> str:
    """Return the id of the code of that name; where there is none, one is added to the codebook."""
    said = " ".join(name.split()).casefold()
    held = (c.id for c in workspace.study.codebook if said in (c.name.zh.casefold(), c.name.en.casefold()))
    return next(held, "") or workspace.study.codebook.add(name, by=coder)


def _decided_codes(request: PageRequest) -> tuple[str, ...]:
    """Return the ticked codes, or the one whose key was pressed with those that were ticked since the page opened."""
    alone = request.one("only")
    ticked = request.many("code") if not alone or request.one("ticked") else ()
    return tuple(dict.fromkeys((*ticked, alone) if alone else ticked))


def _action_of(decision: Decision) -> str:
    if decision.code_ids:
        return "codes"
    return "reject" if only_rejected(decision) else "nothing"


def _verdict(codes: tuple[str, ...], offered: tuple[str, ...], *, silent: bool) -> Verdict:
    if not codes:
        return Verdict.ACCEPTED if silent else Verdict.REJECTED
    return Verdict.ACCEPTED if set(codes) <= set(offered) else Verdict.CHANGED


def _named(workspace: Workspace, decision: Decision, language: Language) -> str:
    """Return what was decided in words: the names of codes, or that none applies."""
    if not decision.code_ids:
        return STORED[_action_of(decision)].said(language)
    return names_of(workspace, decision.code_ids, language)


def names_of(workspace: Workspace, code_ids: Iterable[str], language: Language) -> str:
    """Return the names of codes, one after the other."""
    book = workspace.codebook
    names = (book[code_id].name.said(language) if code_id in book else code_id for code_id in code_ids)
    return ("、" if language == "zh" else ", ").join(names)


# --- Undo, memos, and codes on slices that a person selected.


def undo(workspace: Workspace, request: PageRequest) -> Response:
    """Take back the person's last step, or the entry named, and show where it was."""
    named = request.whole("entry") if request.one("entry") else None
    with workspace.study.together():
        entry = workspace.study.undo(request.coder, named, adjudication=None if named else False)
        _keep_code(workspace, request, entry)
    return _where(workspace, request, entry, "undone" if entry else "undo-nothing")


def redo(workspace: Workspace, request: PageRequest) -> Response:
    """Do again what was taken back last."""
    with workspace.study.together():
        entry = workspace.study.redo(request.coder, adjudication=False)
        _keep_code(workspace, request, entry)
    return _where(workspace, request, entry, "redone" if entry else "redo-nothing")


def _keep_code(workspace: Workspace, request: PageRequest, entry: Entry | None) -> None:
    """Let a code that was made of a theme go with the step on the board that made it."""
    if entry and isinstance(entry.record, Memo) and is_theme_edit(entry.record):
        keep_code_with_step(workspace.study, edit_of(entry.record), by=request.coder)


def _where(workspace: Workspace, request: PageRequest, entry: Entry | None, remark: str) -> Response:
    workspace.state.catch_up()
    here = request.one("passage")
    record = entry.record if entry else None
    if isinstance(record, Decision):
        here = record.passage_id
    elif isinstance(record, Memo) and record.about == "passage":
        here = record.about_id
    elif isinstance(record, Coding):
        here = _at(workspace, record, here)
    if workspace.learning:
        workspace.learning.ask([here] if workspace.state.place(here) >= 0 else [])
    back = request.one("back")
    again, once_more = remark == "undone", remark == "redone"
    request.session.say(
        STORED[remark].said(request.session.language), can_undo=once_more, redo="redo" if again else ""
    )  # fmt: skip
    return RedirectResponse(own_page(back), status_code=303) if back else to_passage(here)


_OWN_PAGES = {
    "codebook", "quotations", "search", "codebook-history", "split", "memos", "read", "code", "themes", "theme",
}  # fmt: skip


def own_page(back: str) -> str:
    """Return an address to go back to: a page of the codebook, of reading or coding, or the codebook itself."""
    return back if back.partition("?")[0] in _OWN_PAGES else "codebook"


def _at(workspace: Workspace, coding: Coding, here: str) -> str:
    inside = workspace.state.within(coding.transcript_id)
    return next((p.id for p in inside if p.start < coding.end and p.end > coding.start), here)


def memo(workspace: Workspace, request: PageRequest) -> Response:
    """Store a memo about a passage."""
    passage_id = request.one("passage")
    text = request.one("text").replace("\r\n", "\n")
    mine = (each.memo.text for each in workspace.state.memos(passage_id) if each.memo.coder == request.coder)
    if text not in mine:  # it may be sent once more, where the answer was lost
        workspace.study.record_memo(Memo(text=text, coder=request.coder, about="passage", about_id=passage_id))
    return _back(request, "memo", passage_id)


def _selection(workspace: Workspace, request: PageRequest) -> tuple[Passage, Transcript, int, int]:
    """Return the passage, its transcript and the slice that a person selected, once it is the one they saw."""
    passage = workspace.study.passage(request.one("passage"))
    transcript = workspace.transcript(passage.transcript_id)
    start, end = request.whole("start"), request.whole("end")
    if not matches_slice(transcript.text, start, end, head=request.one("head"), tail=request.one("tail")):
        raise InputError(message("review.selection_differs", id=transcript.id, start=start, end=end))
    return passage, transcript, start, end


def span(workspace: Workspace, request: PageRequest) -> Response:
    """Put a code on the slice that a person selected, after making sure that it is the one they saw."""
    passage, transcript, start, end = _selection(workspace, request)
    codes = request.many("code")
    if request.one("new_code").strip():
        codes = (*codes, code_named(workspace, request.one("new_code"), request.coder))
        workspace.catch_up()
    if not codes:
        return _back(request, "none", passage.id)
    names = names_of(workspace, codes, request.session.language)
    if (start, end) == (passage.start, passage.end):  # the whole passage: one decision, and no second coding of it
        stored = _code_whole(workspace, request.coder, passage, codes)
    else:
        codings = (each.coding for each in workspace.state.spans(transcript.id))
        held = {c.code_id for c in codings if (c.start, c.end, c.coder) == (start, end, request.coder)}
        new = [
            Coding(transcript_id=transcript.id, start=start, end=end, code_id=code_id, coder=request.coder)
            for code_id in codes
            if code_id not in held
        ]
        stored = bool(new)
        if new:
            workspace.study.record_step(new, coder=request.coder)
    return _back(request, "span" if stored else "span-unchanged", passage.id, names)


def _code_whole(workspace: Workspace, coder: str, passage: Passage, codes: tuple[str, ...]) -> bool:
    """Add codes to what a person decided on a passage; say whether there was one to add."""
    before = workspace.state.decision(passage.id, coder)
    held = before.code_ids if before else ()
    wanted = tuple(dict.fromkeys((*held, *codes)))
    if wanted != held:
        memo = before.memo if before else ""
        decision = Decision(
            passage_id=passage.id, verdict=Verdict.CHANGED, code_ids=wanted, coder=coder, time="", memo=memo
        )
        workspace.study.record(decision)
    return wanted != held


def move_span(workspace: Workspace, request: PageRequest) -> Response:
    """Give one's own codes on a slice another slice, larger, smaller or elsewhere; memos on it go along."""
    passage, transcript, start, end = _selection(workspace, request)
    wanted = {int(entry) for entry in request.many("entry") if entry.isdecimal()}
    spans = workspace.state.spans(transcript.id)
    own = [s for s in spans if s.entry_id in wanted and s.coding.coder == request.coder]
    there = {
        (s.coding.start, s.coding.end, s.coding.code_id) for s in spans if s.coding.coder == request.coder
    }  # fmt: skip
    moved = [s for s in own if (s.coding.start, s.coding.end) != (start, end)]
    records: list[Retraction | Coding | Memo] = [Retraction(entry_id=s.entry_id) for s in moved]
    records += [
        replace(s.coding, start=start, end=end, time="") for s in moved if (start, end, s.coding.code_id) not in there
    ]
    for held in workspace.state.memos(transcript.id, "span"):
        memo = held.memo
        if memo.coder == request.coder and any((memo.start, memo.end) == (s.coding.start, s.coding.end) for s in moved):
            records += [Retraction(entry_id=held.entry_id), replace(memo, start=start, end=end, time="")]
    if records:
        workspace.study.record_step(records, coder=request.coder)
    names = names_of(workspace, [s.coding.code_id for s in own], request.session.language)
    return _back(request, "span-moved" if records else "span-unchanged", passage.id, names)


def _back(request: PageRequest, remark: str, passage_id: str, names: str = "") -> Response:
    message = STORED[remark].said(request.session.language).format(names)
    request.session.say(message, can_undo=remark in {"memo", "span", "span-moved"})
    return to_passage(passage_id)
