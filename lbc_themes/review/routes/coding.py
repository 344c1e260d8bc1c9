"""The page on which people code, and their decisions."""

from urllib.parse import urlencode

from starlette.responses import HTMLResponse, RedirectResponse, Response

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Coding, Decision, Passage, Verdict
from lbc_themes.core.study_log import Memo
from lbc_themes.review.learning import AHEAD
from lbc_themes.review.rendering import STORED
from lbc_themes.review.request import PageError, PageRequest
from lbc_themes.review.state import SpanEntry
from lbc_themes.review.transcript_view import Window, matches_slice, window
from lbc_themes.review.workspace import TOP, Workspace, neighbours
from lbc_themes.safeguards.distress import distress_cues


def to_passage(passage_id: str) -> Response:
    """Send the browser to a passage."""
    return RedirectResponse(f"/code?{urlencode({'p': passage_id})}", status_code=303)


def page(workspace: Workspace, request: PageRequest) -> Response:
    """Show a passage in its interview; without one, the first that is still open."""
    state, passage_id = workspace.state, request.one("p")
    if not state.passages:
        raise PageError(
            zh="研究里还没有段落；请先用 lbc-themes study add 加入文稿",
            en="the study has no passages; add transcripts with lbc-themes study add",
        )
    if not passage_id:
        onward = workspace.next_passages(request.session, -1) or [state.passages[0].id]
        return to_passage(onward[0])
    place = state.place(passage_id)
    if place < 0:
        raise PageError(
            zh=f"研究里没有段落 {passage_id!r}；请回到访谈列表",
            en=f"no passage {passage_id!r} in the study; go back to the list of interviews",
        )
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
        "cues": distress_cues(passage.text),
        "chosen": own.code_ids if own else (),
    }
    return render_page(workspace, request, "code.html", **values)


def render_page(workspace: Workspace, request: PageRequest, name: str, **values: object) -> Response:
    """Return a whole page with the bar that all pages have."""
    language = request.session.language
    words = workspace.renderer.page(
        name,
        language,
        workspace=workspace,
        session=request.session,
        csrf=request.session.csrf,
        remark=request.session.take_message(),
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
    codes = {p.id: d.code_ids for p in inside if (d := state.decision(p.id, request.coder)) is not None}
    spans = [s.coding for s in state.spans(passage.transcript_id) if s.coding.coder == request.coder]
    return window(workspace.transcript(passage.transcript_id), inside, (passage.start, passage.end), codes, spans)


def _others(workspace: Workspace, request: PageRequest, passage_id: str) -> list[Decision]:
    if workspace.blind:
        return []
    return [d for d in workspace.state.decisions_on(passage_id) if d.adjudication or d.coder != request.coder]


def _spans(workspace: Workspace, request: PageRequest, passage: Passage) -> list[SpanEntry]:
    return [s for s in workspace.state.spans_in(passage) if not workspace.blind or s.coding.coder == request.coder]


def decide(workspace: Workspace, request: PageRequest) -> Response:
    """Store what a person decided on a passage and go on to the next."""
    passage_id, action = request.one("passage"), request.one("action", "codes")
    place = workspace.state.place(passage_id)
    if place < 0:
        raise PageError(
            zh=f"研究里没有段落 {passage_id!r}；请重新载入页面",
            en=f"no passage {passage_id!r} in the study; load the page again",
        )
    alone = request.one("only")
    codes = (
        (*(request.many("code") if not alone or request.one("ticked") else ()), alone)
        if alone
        else request.many("code")
    )
    codes = tuple(dict.fromkeys(codes)) if action == "codes" else ()
    if action not in {"codes", "reject", "nothing"}:
        raise InputError(f"action is {action!r}; allowed are codes, reject, nothing")
    if action == "codes" and not codes:
        request.session.message = STORED["none"].said(request.session.language)
        return to_passage(passage_id)
    run = workspace.stored_run(request.one("run"))
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
    workspace.state.catch_up()
    request.session.message = _remark(workspace, request, action, codes)
    ahead = workspace.next_passages(request.session, place, AHEAD)
    if workspace.learning:
        workspace.learning.ask(ahead)
    if not ahead:
        request.session.message += " " + STORED["done"].said(request.session.language)
    return to_passage(ahead[0] if ahead else passage_id)


def _verdict(codes: tuple[str, ...], offered: tuple[str, ...], *, silent: bool) -> Verdict:
    if not codes:
        return Verdict.ACCEPTED if silent else Verdict.REJECTED
    return Verdict.ACCEPTED if set(codes) <= set(offered) else Verdict.CHANGED


def _remark(workspace: Workspace, request: PageRequest, action: str, codes: tuple[str, ...]) -> str:
    language = request.session.language
    names = "、".join(workspace.codebook[code].name.said(language) for code in codes)
    return STORED[action].said(language).format(names)


# --- Undo, memos, and codes on slices that a person selected.


def undo(workspace: Workspace, request: PageRequest) -> Response:
    """Take back the person's last step, or the one named, and show where it was."""
    entry = workspace.study.undo(request.coder, request.whole("entry") if request.one("entry") else None)
    workspace.state.catch_up()
    here = request.one("passage")
    if entry is None:
        return _back(request, "undo-nothing", here)
    record = entry.record
    if isinstance(record, Decision):
        here = record.passage_id
    elif isinstance(record, Memo) and record.about == "passage":
        here = record.about_id
    elif isinstance(record, Coding):
        here = _at(workspace, record, here)
    if workspace.learning:
        workspace.learning.ask([here] if workspace.state.place(here) >= 0 else [])
    return _back(request, "undone", here)


def _at(workspace: Workspace, coding: Coding, here: str) -> str:
    inside = workspace.state.within(coding.transcript_id)
    return next((p.id for p in inside if p.start < coding.end and p.end > coding.start), here)


def memo(workspace: Workspace, request: PageRequest) -> Response:
    """Store a memo about a passage."""
    passage_id = request.one("passage")
    text = request.one("text").replace("\r\n", "\n")
    workspace.study.record_memo(Memo(text=text, coder=request.coder, about="passage", about_id=passage_id))
    return _back(request, "memo", passage_id)


def span(workspace: Workspace, request: PageRequest) -> Response:
    """Put a code on the slice that a person selected, after making sure that it is the one they saw."""
    passage = workspace.study.passage(request.one("passage"))
    transcript = workspace.transcript(passage.transcript_id)
    start, end = request.whole("start"), request.whole("end")
    if not matches_slice(transcript.text, start, end, head=request.one("head"), tail=request.one("tail")):
        raise PageError(
            zh=f"选中的文字与 {transcript.id} 第 {start} 到 {end} 字不符；请重新选择",
            en=f"the selection is not what stands at {start} to {end} of {transcript.id}; select it again",
        )
    codes = request.many("code")
    if not codes:
        return _back(request, "none", passage.id)
    for code_id in codes:
        coding = Coding(transcript_id=transcript.id, start=start, end=end, code_id=code_id, coder=request.coder)
        workspace.study.record_coding(coding)
    names = "、".join(workspace.codebook[code_id].name.said(request.session.language) for code_id in codes)
    return _back(request, "span", passage.id, names)


def _back(request: PageRequest, remark: str, passage_id: str, names: str = "") -> Response:
    request.session.message = STORED[remark].said(request.session.language).format(names)
    return to_passage(passage_id)
